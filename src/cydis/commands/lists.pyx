"""Lists: elements in order, put and taken at both ends.

n is the number of elements; a list of many stands in chunks of some 8 KiB, c is their number (n / 500 for
16-byte elements). Indexes begin with 0, negative ones count from the end: -1 is the last element. A list
which becomes empty is deleted. list_moves.pyx has what moves elements from list to list.

LPUSH key element [element ...]
RPUSH key element [element ...]
    Puts elements at the head (LPUSH; the last one given is then the first) or at the tail. Creates the list.
    The new length. O(1) per element. Since 1.0.0.
LPUSHX key element [element ...]
RPUSHX key element [element ...]
    The same, but only if the list is there; 0 if it is not. O(1) per element. Since 2.2.0.
LPOP key [count]
RPOP key [count]
    Takes the first (last) element, or an array of at most `count`. Null without a list. O(1) per element.
    Since 1.0.0.
LLEN key
    Number of elements, 0 without a list. O(1). Since 1.0.0.
LINDEX key index
    The element, or null. O(c), and O(elements of a chunk). Since 1.0.0.
LRANGE key start stop
    The elements from start to stop, both included; what lies outside is left out. O(c + elements). Since 1.0.0.
LSET key index element
    Replaces an element. Errors for a missing key and for an index outside. O(c). Since 1.0.0.
LTRIM key start stop
    Keeps the elements from start to stop and removes all others. O(c). Since 1.0.0.
LREM key count element
    Removes the first `count` elements that are equal (count < 0: the last ones; 0: all). How many went. O(n).
    Since 1.0.0.
LINSERT key BEFORE|AFTER pivot element
    Puts an element next to the first one equal to pivot. The new length; 0 without a list, -1 without pivot. O(n).
    Since 2.2.0.
LPOS key element [RANK rank] [COUNT count] [MAXLEN length]
    Index of the first element that is equal, or null; with COUNT an array of so many (0: all). RANK begins with
    that match, -1 searching from the tail. MAXLEN looks at so many elements only. O(n). Since 6.0.6.
"""
from libc.stdint cimport INT64_MAX, UINT32_MAX, int64_t, uint64_t

from cydis.core.listpack cimport ListpackValue, listpack_equal, listpack_text
from cydis.core.record cimport Record
from cydis.engine.call cimport Call, Row, arg_int, arg_is, arg_range
from cydis.engine.keyspace cimport (
    Ref, changed, key_peek, read_typed, ref_create, ref_delete, ref_delete_if_empty, write_typed,
)
from cydis.engine.reply cimport (
    INDEX_OUT_OF_RANGE, NO_MEMORY, NO_MEMORY_PARTLY, NO_SUCH_KEY, reply_array, reply_array_at, reply_element,
    reply_error, reply_int, reply_mark, reply_null, reply_null_array, reply_ok, reply_syntax,
)
from cydis.engine.table cimport DENYOOM, FAST, KEY1, READ, WRITE, register
from cydis.engine.value cimport ENC_LISTPACK, TYPE_LIST
from cydis.types.context cimport Context
from cydis.types.holder cimport Holder, holder_open
from cydis.types.lists cimport (
    ListWalk, list_back, list_drop, list_drop_range, list_end, list_expect, list_free, list_insert, list_length,
    list_new, list_next, list_push, list_remove, list_replace, list_settle, list_walk,
)

cdef Row[14] ROWS = [
    #   name        function  arity  flags                   keys
    Row(b"LPUSH",   lpush,    -3,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"RPUSH",   rpush,    -3,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"LPUSHX",  lpushx,   -3,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"RPUSHX",  rpushx,   -3,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"LPOP",    lpop,     -2,    WRITE | FAST,           KEY1),
    Row(b"RPOP",    rpop,     -2,    WRITE | FAST,           KEY1),
    Row(b"LLEN",    llen,     2,     READ | FAST,            KEY1),
    Row(b"LINDEX",  lindex,   3,     READ,                   KEY1),
    Row(b"LRANGE",  lrange,   4,     READ,                   KEY1),
    Row(b"LSET",    lset,     4,     WRITE | DENYOOM,        KEY1),
    Row(b"LTRIM",   ltrim,    4,     WRITE,                  KEY1),
    Row(b"LREM",    lrem,     4,     WRITE,                  KEY1),
    Row(b"LINSERT", linsert,  5,     WRITE | DENYOOM,        KEY1),
    Row(b"LPOS",    lpos,     -3,    READ,                   KEY1),
]
register(b"list", ROWS, 14)


# ---- what several of them need ----

cdef inline bint read_element(Call* call, int i, ListpackValue* value) noexcept nogil:
    """Argument i as an element; false and an error where no list can hold one so large."""
    if call.argv[i].size > UINT32_MAX:
        reply_error(call, NO_MEMORY)
        return False
    value[0] = listpack_text(call.argv[i].data, call.argv[i].size)
    return True


cdef bint arg_symmetric(Call* call, int i, int64_t* out) noexcept nogil:
    """Argument i as an integer whose negative is one as well."""
    return arg_int(call, i, out) and arg_range(
        call, i, -INT64_MAX, INT64_MAX, out,
        b"ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")


cdef inline bint clamp_range(int64_t* start, int64_t* stop, int64_t length) noexcept nogil:
    """Makes start and stop the first and last index of a range as users give it; false: nothing is in it."""
    if start[0] < 0:
        start[0] = start[0] + length if start[0] + length > 0 else 0
    if stop[0] < 0:
        stop[0] += length
    if stop[0] >= length:
        stop[0] = length - 1
    return start[0] <= stop[0]


cdef Record* list_create(Call* call, Ref* ref) noexcept nogil:
    """An empty list for a missing key, or NULL and an error."""
    cdef Context* cx = &call.engine.context
    cdef Holder holder
    cdef Record* empty = holder_open(&holder, ENC_LISTPACK, list_new(cx))
    if holder.slot != NULL:
        if ref_create(ref, TYPE_LIST, ENC_LISTPACK, holder.slot) != NULL:
            return ref.record
        list_free(cx, empty)
    reply_error(call, NO_MEMORY)
    return NULL


cdef bint list_take(Call* call, int arg, Ref* ref, bint head, int64_t count) noexcept nogil:
    """Replies an array of at most `count` elements from an end and removes them, and the list with the last one.

    The Ref must be as a look-up has left it. False: no memory, nothing changed; what stands in the reply is void.
    """
    cdef Record* list = ref.record
    cdef ListWalk walk
    cdef ListpackValue value
    cdef int64_t length = list_length(list), left
    if count > length:
        count = length
    left = count
    reply_array(call, count)
    list_walk(list, 0 if head else -1, &walk)
    while left and (list_next(&walk, &value) if head else list_back(&walk, &value)):
        reply_element(call, &value)
        left -= 1
    if count == length:
        ref_delete(ref, False)
    elif not list_drop_range(&call.engine.context, list, 0 if head else length - count, count):
        return False
    if count:
        changed(call, arg)
    return True


# ---- pushing ----

cdef void push(Call* call, bint head, bint must_exist) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef Ref ref
    cdef ListpackValue value
    cdef Record* list
    cdef size_t bytes = 0
    cdef int i
    cdef int found = write_typed(call, 1, TYPE_LIST, &ref)
    if found < 0:
        return
    if not found and must_exist:
        reply_int(call, 0)
        return
    list = ref.record if found else list_create(call, &ref)
    if list == NULL:
        return
    for i in range(2, call.argc):
        bytes += call.argv[i].size
    if not list_expect(cx, list, bytes, call.argc - 2):
        undo_push(call, &ref, head, 0)
        return
    for i in range(2, call.argc):
        value = listpack_text(call.argv[i].data, call.argv[i].size)
        if call.argv[i].size > UINT32_MAX or not list_push(cx, list, &value, head):
            undo_push(call, &ref, head, i - 2)
            return
    changed(call, 1)
    reply_int(call, list_length(list))


cdef void undo_push(Call* call, Ref* ref, bint head, size_t pushed) noexcept nogil:
    """Memory ran out after so many elements: they go again, unless even the smaller block for that is refused."""
    cdef Ref anew
    if pushed == list_length(ref.record):
        key_peek(call, 1, &anew)          # a Ref that has created its key does not know where it stands
        ref_delete(&anew, False)
        pushed = 0
    while pushed and list_drop(&call.engine.context, ref.record, head):
        pushed -= 1
    if pushed:
        changed(call, 1)
    reply_error(call, NO_MEMORY_PARTLY if pushed else NO_MEMORY)


cdef void lpush(Call* call) noexcept nogil:
    push(call, True, False)


cdef void rpush(Call* call) noexcept nogil:
    push(call, False, False)


cdef void lpushx(Call* call) noexcept nogil:
    push(call, True, True)


cdef void rpushx(Call* call) noexcept nogil:
    push(call, False, True)


# ---- popping ----

cdef bint pop_one(Call* call, int arg, Ref* ref, bint head) noexcept nogil:
    """Replies the element at an end and removes it, and the list with the last one.

    The Ref must be as a look-up has left it. False: no memory, nothing changed; what stands in the reply is void.
    """
    cdef ListpackValue value
    list_end(ref.record, head, &value)
    reply_element(call, &value)           # before it goes: the value lies in the list
    if list_length(ref.record) == 1:
        ref_delete(ref, False)
    elif not list_drop(&call.engine.context, ref.record, head):
        return False
    changed(call, arg)
    return True


cdef void pop(Call* call, bint head, const char* too_many) noexcept nogil:
    cdef Ref ref
    cdef size_t mark = reply_mark(call)
    cdef int64_t count = 1
    cdef int found
    if call.argc > 3:
        reply_error(call, too_many)
        return
    if call.argc == 3 and not arg_range(call, 2, 0, INT64_MAX, &count, b"ERR value is out of range, must be positive"):
        return
    found = write_typed(call, 1, TYPE_LIST, &ref)
    if found < 0:
        return
    if call.argc == 2:
        if not found:
            reply_null(call)
        elif not pop_one(call, 1, &ref, head):
            call.out.used = mark
            reply_error(call, NO_MEMORY)
    elif not found:
        reply_null_array(call)
    elif not list_take(call, 1, &ref, head, count):
        call.out.used = mark
        reply_error(call, NO_MEMORY)


cdef void lpop(Call* call) noexcept nogil:
    pop(call, True, b"ERR wrong number of arguments for 'lpop' command")


cdef void rpop(Call* call) noexcept nogil:
    pop(call, False, b"ERR wrong number of arguments for 'rpop' command")


# ---- reading ----

cdef void llen(Call* call) noexcept nogil:
    cdef Record* list
    cdef int found = read_typed(call, 1, TYPE_LIST, &list)
    if found >= 0:
        reply_int(call, list_length(list) if found else 0)


cdef void lindex(Call* call) noexcept nogil:
    cdef Record* list
    cdef ListWalk walk
    cdef ListpackValue value
    cdef int64_t index
    cdef int found = read_typed(call, 1, TYPE_LIST, &list)
    if found == 0:
        reply_null(call)
    if found <= 0 or not arg_int(call, 2, &index):
        return
    list_walk(list, index, &walk)
    if list_next(&walk, &value):
        reply_element(call, &value)
    else:
        reply_null(call)


cdef void lrange(Call* call) noexcept nogil:
    cdef Record* list
    cdef ListWalk walk
    cdef ListpackValue value
    cdef int64_t start, stop, left
    cdef int found
    if not arg_int(call, 2, &start) or not arg_int(call, 3, &stop):
        return
    found = read_typed(call, 1, TYPE_LIST, &list)
    if found < 0:
        return
    if not found or not clamp_range(&start, &stop, list_length(list)):
        reply_array(call, 0)
        return
    left = stop - start + 1
    reply_array(call, left)
    list_walk(list, start, &walk)
    while left and list_next(&walk, &value):
        reply_element(call, &value)
        left -= 1


# ---- changing the middle ----

cdef void lset(Call* call) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef Ref ref
    cdef ListpackValue value
    cdef int64_t index
    cdef int found = write_typed(call, 1, TYPE_LIST, &ref)
    if found == 0:
        reply_error(call, NO_SUCH_KEY)
    if found <= 0 or not arg_int(call, 2, &index) or not read_element(call, 3, &value):
        return
    if list_expect(cx, ref.record, value.size, 1):
        found = list_replace(cx, ref.record, index, &value)
    else:
        found = -1
    if found == 1:
        changed(call, 1)
        reply_ok(call)
    else:
        reply_error(call, NO_MEMORY if found < 0 else INDEX_OUT_OF_RANGE)


cdef void ltrim(Call* call) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef Ref ref
    cdef int64_t start, stop, length
    cdef bint done
    cdef int found
    if not arg_int(call, 2, &start) or not arg_int(call, 3, &stop):
        return
    found = write_typed(call, 1, TYPE_LIST, &ref)
    if found < 0:
        return
    if found:
        length = list_length(ref.record)
        if not clamp_range(&start, &stop, length):
            ref_delete(&ref, False)
            done = True
        else:
            done = list_drop_range(cx, ref.record, stop + 1, length - stop - 1) and (
                list_drop_range(cx, ref.record, 0, start))
            list_settle(cx, ref.record)
        if ref.record == NULL or <int64_t>list_length(ref.record) < length:
            changed(call, 1)
        if not done:
            reply_error(call, NO_MEMORY_PARTLY if call.changes else NO_MEMORY)
            return
    reply_ok(call)


cdef void lrem(Call* call) noexcept nogil:
    cdef Ref ref
    cdef ListpackValue value
    cdef int64_t count, removed
    cdef uint64_t most
    cdef int found
    if not arg_symmetric(call, 2, &count) or not read_element(call, 3, &value):
        return
    found = write_typed(call, 1, TYPE_LIST, &ref)
    if found == 0:
        reply_int(call, 0)
    if found <= 0:
        return
    most = <uint64_t>count if count > 0 else 0 - <uint64_t>count
    removed = list_remove(&call.engine.context, ref.record, &value, most if count else <uint64_t>-1, count < 0)
    if removed < 0:
        reply_error(call, NO_MEMORY)
        return
    if removed:
        changed(call, 1)
        ref_delete_if_empty(&ref)
    reply_int(call, removed)


cdef void linsert(Call* call) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef Ref ref
    cdef ListpackValue pivot, value
    cdef bint after = arg_is(call, 2, b"AFTER")
    cdef int found
    if not after and not arg_is(call, 2, b"BEFORE"):
        reply_syntax(call)
        return
    if not read_element(call, 3, &pivot) or not read_element(call, 4, &value):
        return
    found = write_typed(call, 1, TYPE_LIST, &ref)
    if found == 0:
        reply_int(call, 0)
    if found <= 0:
        return
    if list_expect(cx, ref.record, value.size, 1):
        found = list_insert(cx, ref.record, &pivot, &value, after)
    else:
        found = -1
    if found == 1:
        changed(call, 1)
        reply_int(call, list_length(ref.record))
    elif found == 0:
        reply_int(call, -1)
    else:
        reply_error(call, NO_MEMORY)


# ---- searching ----

cdef struct Search:
    int64_t rank                          # 1: first match, -1: last one
    int64_t count                         # matches wanted, 0: all, -1: COUNT was not given
    int64_t length                        # elements to look at, 0: all


cdef bint read_search(Call* call, Search* search) noexcept nogil:
    cdef int i = 3
    search.rank = 1
    search.count = -1
    search.length = 0
    while i < call.argc:
        if i + 1 == call.argc:
            reply_syntax(call)
            return False
        if arg_is(call, i, b"RANK"):
            if not arg_symmetric(call, i + 1, &search.rank):
                return False
            if search.rank == 0:
                reply_error(call, b"ERR RANK can't be zero: use 1 to start from the first match, 2 from the second "
                                  b"... or use negative to start from the end of the list")
                return False
        elif arg_is(call, i, b"COUNT"):
            if not arg_range(call, i + 1, 0, INT64_MAX, &search.count, b"ERR COUNT can't be negative"):
                return False
        elif arg_is(call, i, b"MAXLEN"):
            if not arg_range(call, i + 1, 0, INT64_MAX, &search.length, b"ERR MAXLEN can't be negative"):
                return False
        else:
            reply_syntax(call)
            return False
        i += 2
    return True


cdef int64_t reply_positions(Call* call, const Record* list, const ListpackValue* wanted,
                             const Search* search) noexcept nogil:
    """Replies the index of each match; how many there were."""
    cdef ListWalk walk
    cdef ListpackValue value
    cdef bint back = search.rank < 0
    cdef int64_t skip = (-search.rank if back else search.rank) - 1
    cdef int64_t most = 1 if search.count < 0 else search.count
    cdef int64_t length = list_length(list), seen = 0, matches = 0
    list_walk(list, -1 if back else 0, &walk)
    while (search.length == 0 or seen < search.length) and (
            list_back(&walk, &value) if back else list_next(&walk, &value)):
        seen += 1
        if not listpack_equal(&value, wanted):
            continue
        if skip:
            skip -= 1
            continue
        reply_int(call, length - seen if back else seen - 1)
        matches += 1
        if matches == most:
            break
    return matches


cdef void lpos(Call* call) noexcept nogil:
    cdef Record* list
    cdef Search search
    cdef ListpackValue wanted
    cdef size_t mark = reply_mark(call)
    cdef int64_t matches
    cdef int found
    if not read_search(call, &search) or not read_element(call, 2, &wanted):
        return
    found = read_typed(call, 1, TYPE_LIST, &list)
    if found < 0:
        return
    matches = reply_positions(call, list, &wanted, &search) if found else 0
    if search.count >= 0:
        reply_array_at(call, mark, matches)
    elif not matches:
        reply_null(call)
