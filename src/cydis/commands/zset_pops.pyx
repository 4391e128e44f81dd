"""Sorted sets: what takes members from the ends; zsets.pyx has the rest.

n is the number of members. A set that becomes empty is deleted. Timeouts are seconds with a fraction.

ZPOPMIN key [count]
    Takes the member of the lowest score, or at most count of them, with their scores. O(log n) per member.
    Since 5.0.0.
ZPOPMAX key [count]
    The same from the other end. O(log n) per member. Since 5.0.0.
ZMPOP numkeys key [key ...] MIN|MAX [COUNT count]
    Takes at most count members (1) of the first of the sets which is there: its key and an array of pairs, or null.
    O(keys) + O(log n) per member. Since 7.0.0.
BZPOPMIN key [key ...] timeout
    Takes the member of the lowest score of the first of the sets which is there: key, member, score. Null where none
    is there. O(log n). Since 5.0.0.
BZPOPMAX key [key ...] timeout
    The same from the other end. O(log n). Since 5.0.0.
BZMPOP timeout numkeys key [key ...] MIN|MAX [COUNT count]
    As ZMPOP. O(keys) + O(log n) per member. Since 7.0.0.
"""
from libc.stdint cimport INT64_MAX, int64_t

from cydis.core.listpack cimport ListpackValue
from cydis.engine.call cimport Call, Keys, Row, arg_is, arg_range
from cydis.engine.keyspace cimport Ref, changed, key_find, ref_delete, ref_for_write, write_typed
from cydis.engine.reply cimport (
    NO_MEMORY, WRONGTYPE, reply_array, reply_bulk, reply_double, reply_element, reply_error, reply_mark,
    reply_null_array, reply_syntax,
)
from cydis.engine.table cimport BLOCKING, FAST, KEY1, MOVABLEKEYS, WRITE, register
from cydis.engine.timeout cimport arg_timeout
from cydis.engine.value cimport TYPE_ZSET
from cydis.types.zsets cimport ZsetWalk, zset_next, zset_remove_ranks, zset_size, zset_walk

cdef Keys COUNTED = Keys(2, 0, 1, 1, 0)
cdef Keys COUNTED_LATER = Keys(3, 0, 1, 2, 0)
cdef Keys BUT_LAST = Keys(1, -2, 1, 0, 0)

cdef Row[6] ROWS = [
    #   name         function  arity  flags                           keys
    Row(b"ZPOPMIN",  zpopmin,  -2,    WRITE | FAST,                   KEY1),
    Row(b"ZPOPMAX",  zpopmax,  -2,    WRITE | FAST,                   KEY1),
    Row(b"ZMPOP",    zmpop,    -4,    WRITE | MOVABLEKEYS,            COUNTED),
    Row(b"BZPOPMIN", bzpopmin, -3,    WRITE | BLOCKING | FAST,        BUT_LAST),
    Row(b"BZPOPMAX", bzpopmax, -3,    WRITE | BLOCKING | FAST,        BUT_LAST),
    Row(b"BZMPOP",   bzmpop,   -5,    WRITE | BLOCKING | MOVABLEKEYS, COUNTED_LATER),
]
register(b"sorted-set", ROWS, 6)


cdef bint take(Call* call, int arg, Ref* ref, bint back, int64_t count, bint nested, size_t mark) noexcept nogil:
    """Replies count > 0 members of one end, which are there, with their scores, and removes them.

    False: no memory, the set is as it was, and an error stands in the reply from `mark` on.
    """
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef double score
    cdef int64_t size = zset_size(ref.record), _
    zset_walk(ref.record, size - 1 if back else 0, back, &walk)
    for _ in range(count):
        zset_next(&walk, &member, &score)
        if nested:
            reply_array(call, 2)
        reply_element(call, &member)
        reply_double(call, score)
    if count == size:
        ref_delete(ref, call.engine.settings.lazy_server_del)
    elif not zset_remove_ranks(&call.engine.context, ref.record, size - count if back else 0, size if back else count):
        call.out.used = mark
        reply_error(call, NO_MEMORY)
        return False
    changed(call, arg)
    return True


cdef inline int64_t at_most(int64_t count, const Ref* ref) noexcept nogil:
    cdef int64_t size = zset_size(ref.record)
    return count if count < size else size


cdef void pop(Call* call, bint back) noexcept nogil:
    cdef Ref ref
    cdef int64_t count = 1
    cdef bint nested = call.argc == 3 and call.resp > 2
    cdef size_t mark = reply_mark(call)
    cdef int found
    if call.argc > 3:
        reply_syntax(call)
        return
    if call.argc == 3 and not arg_range(call, 2, 0, INT64_MAX, &count, b"ERR value is out of range, must be positive"):
        return
    found = write_typed(call, 1, TYPE_ZSET, &ref)
    if found < 0:
        return
    count = at_most(count, &ref) if found else 0
    reply_array(call, count if nested else 2 * count)
    if count:
        take(call, 1, &ref, back, count, nested, mark)


cdef void zpopmin(Call* call) noexcept nogil:
    pop(call, False)


cdef void zpopmax(Call* call) noexcept nogil:
    pop(call, True)


# ---- from the first of several ----

cdef int find_first(Call* call, int first, int end, Ref* ref) noexcept nogil:
    """The argument whose set is there first, for a change; 0: there is none, -1: another type, the error replied."""
    cdef int i
    for i in range(first, end):
        if key_find(call, i, ref) == NULL:
            continue
        if <int>ref.record.type != TYPE_ZSET:
            reply_error(call, WRONGTYPE)
            return -1
        ref_for_write(ref)
        return i
    return 0


cdef bint read_end(Call* call, int i, bint* back) noexcept nogil:
    back[0] = arg_is(call, i, b"MAX")
    if back[0] or arg_is(call, i, b"MIN"):
        return True
    reply_syntax(call)
    return False


cdef bint read_count(Call* call, int i, int64_t* count) noexcept nogil:
    """COUNT may stand at i, once and as the last. From left to right, as the reference reads."""
    if call.argc == i:
        return True
    if call.argc == i + 1 or not arg_is(call, i, b"COUNT"):
        reply_syntax(call)
        return False
    if not arg_range(call, i + 1, 1, INT64_MAX, count, b"ERR count should be greater than 0"):
        return False
    if call.argc > i + 2:
        reply_syntax(call)
        return False
    return True


cdef void pop_some(Call* call, int counted_at, bint waits) noexcept nogil:
    cdef Ref ref
    cdef size_t mark
    cdef int64_t keys, at, count = 1
    cdef int first = counted_at + 1, end, found
    cdef bint back
    if not arg_range(call, counted_at, 1, INT64_MAX, &keys, b"ERR numkeys should be greater than 0"):
        return
    if keys > call.argc - first - 1:
        reply_syntax(call)
        return
    end = first + <int>keys
    if not read_end(call, end, &back) or not read_count(call, end + 1, &count):
        return
    if waits and not arg_timeout(call, 1, &at):
        return
    found = find_first(call, first, end, &ref)
    if found == 0:
        reply_null_array(call)
    if found <= 0:
        return
    mark = reply_mark(call)
    count = at_most(count, &ref)
    reply_array(call, 2)
    reply_bulk(call, call.argv[found].data, call.argv[found].size)
    reply_array(call, count)
    take(call, found, &ref, back, count, True, mark)


cdef void zmpop(Call* call) noexcept nogil:
    pop_some(call, 1, False)


cdef void bzmpop(Call* call) noexcept nogil:
    pop_some(call, 2, True)


cdef void pop_one(Call* call, bint back) noexcept nogil:
    cdef Ref ref
    cdef size_t mark
    cdef int64_t at
    cdef int found
    if not arg_timeout(call, call.argc - 1, &at):
        return
    found = find_first(call, 1, call.argc - 1, &ref)
    if found == 0:
        reply_null_array(call)
    if found <= 0:
        return
    mark = reply_mark(call)
    reply_array(call, 3)
    reply_bulk(call, call.argv[found].data, call.argv[found].size)
    take(call, found, &ref, back, 1, False, mark)


cdef void bzpopmin(Call* call) noexcept nogil:
    pop_one(call, False)


cdef void bzpopmax(Call* call) noexcept nogil:
    pop_one(call, True)
