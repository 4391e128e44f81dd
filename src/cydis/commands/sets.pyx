"""Sets: different members in no order. set_algebra.pyx has unions, intersections and differences.

n is the number of members. A set that becomes empty is deleted.

SADD key member [member ...]
    Adds members, creating the set. How many are new. O(1) per member. Since 1.0.0.
SREM key member [member ...]
    Removes members. How many were there. O(1) per member. Since 1.0.0.
SPOP key [count]
    Takes a random member, null without a set; with count at most so many, as a set. O(1) per member. Since 1.0.0.
SRANDMEMBER key [count]
    A random member, or null. count > 0: an array of at most so many, each once; count < 0: exactly -count, which
    may repeat. O(|count|), O(n) where count is a large part of n. Since 1.0.0.
SISMEMBER key member
    1 for a member, else 0. O(1). Since 1.0.0.
SMISMEMBER key member [member ...]
    The same for each, as an array. O(1) per member. Since 6.2.0.
SMEMBERS key
    All members. O(n). Since 1.0.0.
SCARD key
    How many members. O(1). Since 1.0.0.
SMOVE source destination member
    Moves a member to another set: 1, or 0 where source has none such. O(1). Since 1.0.0.
SSCAN key cursor [MATCH pattern] [COUNT count]
    Some members, and the cursor for the next call; a walk begins and ends with cursor 0. What is in the set from
    its beginning to its end comes at least once. O(1) per call, O(n) altogether. Since 2.8.0.
"""
from libc.stdint cimport INT64_MAX, UINT32_MAX, int64_t, uint32_t, uint64_t

from cydis.core.listpack cimport ListpackValue, listpack_text
from cydis.core.record cimport Record
from cydis.engine.call cimport Call, Row, arg_cursor, arg_int, arg_range
from cydis.engine.keyspace cimport (
    Ref, changed, key_find, read_typed, ref_create, ref_delete, ref_delete_if_empty, ref_for_write, write_typed,
)
from cydis.engine.reply cimport (
    NO_MEMORY, NO_MEMORY_PARTLY, WRONGTYPE, reply_array, reply_element, reply_error, reply_int, reply_mark, reply_null,
    reply_room, reply_set, reply_syntax,
)
from cydis.engine.scan cimport SCAN_MEMBERS, Scan, scan_add, scan_begin, scan_end, scan_goes_on, scan_wants
from cydis.engine.table cimport DENYOOM, FAST, KEY1, KEY12, READ, WRITE, register
from cydis.engine.value cimport TYPE_SET
from cydis.types.context cimport Context
from cydis.types.holder cimport Holder, holder_open
from cydis.types.sets cimport (
    SET_BATCH, SetWalk, set_add, set_expect, set_free, set_has, set_has_which, set_keep_few, set_new, set_next,
    set_random, set_remove, set_sample, set_scan, set_size, set_walk,
)

cdef enum:
    MOSTLY_GONE = 5                       # a pop that takes over 5/6 of a set rather builds what stays

cdef Row[10] ROWS = [
    #   name            function     arity  flags                   keys
    Row(b"SADD",        sadd,        -3,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"SREM",        srem,        -3,    WRITE | FAST,           KEY1),
    Row(b"SPOP",        spop,        -2,    WRITE | FAST,           KEY1),
    Row(b"SRANDMEMBER", srandmember, -2,    READ,                   KEY1),
    Row(b"SISMEMBER",   sismember,   3,     READ | FAST,            KEY1),
    Row(b"SMISMEMBER",  smismember,  -3,    READ | FAST,            KEY1),
    Row(b"SMEMBERS",    smembers,    2,     READ,                   KEY1),
    Row(b"SCARD",       scard,       2,     READ | FAST,            KEY1),
    Row(b"SMOVE",       smove,       4,     WRITE | FAST,           KEY12),
    Row(b"SSCAN",       sscan,       -3,    READ,                   KEY1),
]
register(b"set", ROWS, 10)


# ---- what several of them need ----

cdef inline ListpackValue member_at(Call* call, int i) noexcept nogil:
    """Argument i as a member. One of 4 GiB or more is cut short here; who stores it must refuse it before."""
    return listpack_text(call.argv[i].data, call.argv[i].size)


cdef Record* create(Call* call, Ref* ref, const ListpackValue* first, size_t expected) noexcept nogil:
    """An empty set for a missing key, fit for what comes; or NULL and an error."""
    cdef Context* cx = &call.engine.context
    cdef Holder holder
    cdef int encoding
    cdef void* value = set_new(cx, first, expected, &encoding)
    if value != NULL:
        if ref_create(ref, TYPE_SET, encoding, value) != NULL:
            return ref.record
        set_free(cx, holder_open(&holder, encoding, value))
    reply_error(call, NO_MEMORY)
    return NULL


cdef void reply_visited(void* ctx, const ListpackValue* member) noexcept nogil:
    reply_element(<Call*>ctx, member)


cdef void reply_all(Call* call, const Record* set) noexcept nogil:
    cdef SetWalk walk
    cdef ListpackValue member
    set_walk(set, &walk)
    while set_next(&walk, &member):
        reply_element(call, &member)


# ---- adding and removing ----

cdef void sadd(Call* call) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef Ref ref
    cdef ListpackValue member = member_at(call, 2)
    cdef Record* set
    cdef int64_t added = 0
    cdef int i, done = 0
    cdef int found = write_typed(call, 1, TYPE_SET, &ref)
    if found < 0:
        return
    set = ref.record if found else create(call, &ref, &member, call.argc - 2)
    if set == NULL:
        return
    if found and not set_expect(cx, set, call.argc - 2):
        reply_error(call, NO_MEMORY)
        return
    for i in range(2, call.argc):
        member = member_at(call, i)
        done = -1 if call.argv[i].size > UINT32_MAX else set_add(cx, set, &member)
        if done < 0:
            break
        added += done
    if added:
        changed(call, 1)
    if done < 0:
        ref_delete_if_empty(&ref)
        reply_error(call, NO_MEMORY_PARTLY if added else NO_MEMORY)
    else:
        reply_int(call, added)


cdef void srem(Call* call) noexcept nogil:
    cdef Ref ref
    cdef ListpackValue member
    cdef int64_t removed = 0
    cdef int i, done = 0
    cdef int found = write_typed(call, 1, TYPE_SET, &ref)
    if found == 0:
        reply_int(call, 0)
    if found <= 0:
        return
    for i in range(2, call.argc):
        member = member_at(call, i)
        done = set_remove(&call.engine.context, ref.record, &member)
        if done < 0:
            break
        removed += done
    if removed:
        changed(call, 1)
        if set_size(ref.record) == 0:
            ref_delete(&ref, False)
    if done < 0:
        reply_error(call, NO_MEMORY_PARTLY if removed else NO_MEMORY)
    else:
        reply_int(call, removed)


# ---- chance ----

cdef bint pop_one(Call* call, Ref* ref) noexcept nogil:
    """Replies a member and removes it; false: no memory."""
    cdef ListpackValue member
    set_random(&call.engine.context, ref.record, &member)
    reply_element(call, &member)
    return set_remove(&call.engine.context, ref.record, &member) > 0


cdef bint pop_many(Call* call, Ref* ref, size_t count) noexcept nogil:
    """Replies fewer members than there are and removes them; false: no memory, `count` of them did not come."""
    cdef size_t kept = set_size(ref.record) - count
    if kept * MOSTLY_GONE <= count and set_keep_few(&call.engine.context, ref.record, kept, reply_visited, call):
        return True
    while count:
        if not pop_one(call, ref):
            return False
        count -= 1
    return True


cdef void pop_count(Call* call, Ref* ref, size_t count) noexcept nogil:
    cdef size_t mark = reply_mark(call), size = set_size(ref.record)
    if count > size:
        count = size
    reply_set(call, count)
    if count == size:
        reply_all(call, ref.record)
        ref_delete(ref, False)
    elif not pop_many(call, ref, count):
        call.out.used = mark
        reply_error(call, NO_MEMORY_PARTLY if set_size(ref.record) < size else NO_MEMORY)
    if ref.record == NULL or set_size(ref.record) < size:
        changed(call, 1)


cdef void spop(Call* call) noexcept nogil:
    cdef Ref ref
    cdef size_t mark = reply_mark(call)
    cdef int64_t count
    cdef int found
    if call.argc > 3:
        reply_syntax(call)
        return
    if call.argc == 3 and not arg_range(call, 2, 0, INT64_MAX, &count, b"ERR value is out of range, must be positive"):
        return
    found = write_typed(call, 1, TYPE_SET, &ref)
    if found < 0:
        return
    if call.argc == 3:
        if found:
            pop_count(call, &ref, count)
        else:
            reply_set(call, 0)
    elif not found:
        reply_null(call)
    elif pop_one(call, &ref):
        changed(call, 1)
        if set_size(ref.record) == 0:
            ref_delete(&ref, False)
    else:
        call.out.used = mark
        reply_error(call, NO_MEMORY)


cdef void random_many(Call* call, const Record* set, int64_t count) noexcept nogil:
    cdef size_t mark = reply_mark(call), size = set_size(set)
    cdef ListpackValue member
    if count < 0:
        reply_array(call, -count)
        while count and reply_room(call, mark, -count):
            set_random(&call.engine.context, set, &member)
            reply_element(call, &member)
            count += 1
        return
    if <uint64_t>count >= size:
        reply_array(call, size)
        reply_all(call, set)
        return
    reply_array(call, count)
    if not set_sample(&call.engine.context, set, count, reply_visited, call):
        call.out.used = mark
        reply_error(call, NO_MEMORY)


cdef void srandmember(Call* call) noexcept nogil:
    cdef Record* set
    cdef ListpackValue member
    cdef int64_t count
    cdef int found
    if call.argc > 3:
        reply_syntax(call)
        return
    if call.argc == 3 and (not arg_int(call, 2, &count) or not arg_range(
            call, 2, -INT64_MAX, INT64_MAX, &count,
            b"ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")):
        return
    found = read_typed(call, 1, TYPE_SET, &set)
    if found < 0:
        return
    if call.argc == 3:
        if found:
            random_many(call, set, count)
        else:
            reply_array(call, 0)
    elif found:
        set_random(&call.engine.context, set, &member)
        reply_element(call, &member)
    else:
        reply_null(call)


# ---- reading ----

cdef void sismember(Call* call) noexcept nogil:
    cdef Record* set
    cdef ListpackValue member = member_at(call, 2)
    cdef int found = read_typed(call, 1, TYPE_SET, &set)
    if found >= 0:
        reply_int(call, found and set_has(set, &member))


cdef void smismember(Call* call) noexcept nogil:
    cdef Record* set
    cdef ListpackValue[SET_BATCH] members
    cdef uint32_t which = 0
    cdef int i = 2, k, n
    cdef int found = read_typed(call, 1, TYPE_SET, &set)
    if found < 0:
        return
    reply_array(call, call.argc - 2)
    while i < call.argc:
        n = min(<int>SET_BATCH, call.argc - i)
        for k in range(n):
            members[k] = member_at(call, i + k)
        if found:
            which = set_has_which(set, members, (<uint32_t>1 << n) - 1)
        for k in range(n):
            reply_int(call, which >> k & 1)
        i += n


cdef void smembers(Call* call) noexcept nogil:
    cdef Record* set
    cdef int found = read_typed(call, 1, TYPE_SET, &set)
    if found < 0:
        return
    reply_set(call, set_size(set) if found else 0)
    if found:
        reply_all(call, set)


cdef void scard(Call* call) noexcept nogil:
    cdef Record* set
    cdef int found = read_typed(call, 1, TYPE_SET, &set)
    if found >= 0:
        reply_int(call, set_size(set) if found else 0)


# ---- moving ----

cdef int carry(Call* call, Record* source, Record* target, const ListpackValue* member) noexcept nogil:
    """The member is put into target before it leaves source, so that refused memory cannot lose it.

    1: done, 0: memory was refused and nothing happened, -1: both have it now.
    """
    cdef Context* cx = &call.engine.context
    cdef int added = set_add(cx, target, member)
    if added < 0:
        return 0
    if set_remove(cx, source, member) > 0:
        return 1
    return 0 if not added or set_remove(cx, target, member) > 0 else -1


cdef void smove(Call* call) noexcept nogil:
    cdef Ref source, target
    cdef ListpackValue member = member_at(call, 3)
    cdef int done
    if key_find(call, 1, &source) == NULL:
        reply_int(call, 0)
        return
    key_find(call, 2, &target)
    if <int>source.record.type != TYPE_SET or (target.record != NULL and <int>target.record.type != TYPE_SET):
        reply_error(call, WRONGTYPE)
        return
    if not set_has(source.record, &member) or source.record == target.record:
        reply_int(call, set_has(source.record, &member))
        return
    ref_for_write(&source)
    ref_for_write(&target)
    if target.record == NULL and create(call, &target, &member, 1) == NULL:
        return
    done = carry(call, source.record, target.record, &member)
    if done:
        changed(call, 1)
        changed(call, 2)
    if done == 1:
        reply_int(call, 1)
    else:
        reply_error(call, NO_MEMORY_PARTLY if done else NO_MEMORY)
        ref_delete_if_empty(&target)
    ref_delete_if_empty(&source)          # it looks for the place anew: the second look-up may have moved it


# ---- SSCAN ----

cdef void scan_member(void* ctx, const ListpackValue* member) noexcept nogil:
    if scan_wants(<Scan*>ctx, member):
        scan_add(<Scan*>ctx, member)


cdef void sscan(Call* call) noexcept nogil:
    cdef Record* set
    cdef Scan scan
    cdef uint64_t cursor
    cdef int found
    if not arg_cursor(call, 2, &cursor):
        return
    found = read_typed(call, 1, TYPE_SET, &set)
    if found < 0:
        return
    # options of a missing set are not looked at
    if not scan_begin(&scan, call, 3 if found else call.argc, SCAN_MEMBERS):
        return
    if found:
        cursor = set_scan(set, cursor, scan_member, &scan)
        while scan_goes_on(&scan, cursor):
            cursor = set_scan(set, cursor, scan_member, &scan)
    scan_end(&scan, cursor if found else 0)
