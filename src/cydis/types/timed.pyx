"""Hash tables of fields some of which expire. See timed.pxd for the contract."""
from libc.stdint cimport uint8_t
from libc.string cimport memset

from cydis.core.deadlines cimport (
    DEADLINES_NOWHERE, deadlines_add, deadlines_change, deadlines_check, deadlines_clear, deadlines_due,
    deadlines_remove, deadlines_reserve,
)
from cydis.core.field cimport (
    field_find, field_free, field_name, field_new, field_retime, field_set, field_set_place,
)
from cydis.core.hashtable cimport (
    HashtableIter, hashtable_check, hashtable_hash, hashtable_insert, hashtable_next, hashtable_remove_at,
    hashtable_replace,
)
from cydis.core.heap cimport heap_realloc
from cydis.core.record cimport record_set_pointer
from cydis.types.encodings cimport ENC_HASHTABLE, ENC_TIMED_HASHTABLE


cdef bint timed_begin(Context* cx, Record* hash) noexcept nogil:
    cdef TimedTable* t = <TimedTable*>heap_realloc(cx.heap, record_pointer(hash), sizeof(Hashtable), sizeof(TimedTable))
    if t == NULL:
        return False
    memset(&t.times, 0, sizeof(Deadlines))
    t.cx = cx
    t.place = DEADLINES_NOWHERE
    record_set_pointer(hash, t)
    hash.encoding = ENC_TIMED_HASHTABLE
    return True


cdef bint timed_end(Context* cx, Record* hash) noexcept nogil:
    cdef void* table
    deadlines_clear(&timed_of(hash).times, cx.heap)
    table = heap_realloc(cx.heap, timed_of(hash), sizeof(TimedTable), sizeof(Hashtable))
    if table == NULL:
        return False
    record_set_pointer(hash, table)
    hash.encoding = ENC_HASHTABLE
    return True


cdef inline void drop_time(Context* cx, TimedTable* t, uint32_t place) noexcept nogil:
    deadlines_remove(&t.times, cx.heap, place, field_set_place)


cdef inline void take_place(TimedTable* t, Field* field, int64_t at) noexcept nogil:
    """A timed field that kept its place, but may be another block, has this moment from now on."""
    t.times.heap[field_place(field)].item = field
    deadlines_change(&t.times, field_place(field), at, field_set_place)


cdef bint put_new(Context* cx, TimedTable* t, const RespArg* field, const RespArg* value, uint64_t hash,
                  int64_t at) noexcept nogil:
    cdef bint timed = at != NO_EXPIRY
    cdef Field* fresh
    if timed and not deadlines_reserve(&t.times, cx.heap):
        return False
    fresh = field_new(cx.heap, field.data, field.size, value.data, value.size, timed)
    if fresh == NULL:
        return False
    if timed:
        field_set_place(fresh, DEADLINES_NOWHERE)
    if not hashtable_insert(&t.table, hash, fresh, False):
        field_free(cx.heap, fresh)
        return False
    if timed:
        deadlines_add(&t.times, at, fresh, field_set_place)
    return True


cdef bint timed_put(Context* cx, TimedTable* t, const RespArg* field, const RespArg* value, uint64_t hash, Field* old,
                    HashtablePos* pos, int64_t at) noexcept nogil:
    cdef bint timed = at != NO_EXPIRY, was_timed
    cdef uint32_t place
    cdef Field* other
    if old == NULL:
        return put_new(cx, t, field, value, hash, at)
    was_timed = field_is_timed(old)
    place = field_place(old) if was_timed else DEADLINES_NOWHERE
    if timed and not was_timed and not deadlines_reserve(&t.times, cx.heap):
        return False
    other = field_set(cx.heap, old, value.data, value.size, timed)
    if other == NULL:
        return False
    if other != old:
        hashtable_replace(&t.table, pos, other, False)
    if timed and was_timed:
        take_place(t, other, at)
    elif timed:
        deadlines_add(&t.times, at, other, field_set_place)
    elif was_timed:
        drop_time(cx, t, place)
    return True


cdef bint timed_set(Context* cx, TimedTable* t, Field** field, HashtablePos* pos, int64_t at) noexcept nogil:
    cdef bint timed = at != NO_EXPIRY, was_timed = field_is_timed(field[0])
    cdef uint32_t place
    cdef Field* other
    if timed == was_timed:
        if timed:
            deadlines_change(&t.times, field_place(field[0]), at, field_set_place)
        return True
    if timed and not deadlines_reserve(&t.times, cx.heap):
        return False
    place = field_place(field[0]) if was_timed else DEADLINES_NOWHERE
    other = field_retime(cx.heap, field[0], timed)
    if other == NULL:
        return False
    hashtable_replace(&t.table, pos, other, False)
    field[0] = other
    if timed:
        deadlines_add(&t.times, at, other, field_set_place)
    else:
        drop_time(cx, t, place)
    return True


cdef void timed_forget(Context* cx, TimedTable* t, const Field* field) noexcept nogil:
    if field_is_timed(field):
        drop_time(cx, t, field_place(field))


cdef size_t timed_expired_count(const TimedTable* t) noexcept nogil:
    """O(number of them)."""
    return deadlines_due(&t.times, t.cx.now)


cdef size_t timed_reap(Context* cx, TimedTable* t, size_t some) noexcept nogil:
    """O(log n) for each."""
    cdef HashtablePos pos
    cdef Field* field
    cdef const uint8_t* name
    cdef size_t size, n = 0
    cdef uint64_t hash
    while n < some and timed_due(t):
        field = <Field*>t.times.heap[0].item
        name = field_name(field, &size)
        hash = hashtable_hash(&t.table, name, size)
        field_find(&t.table, hash, name, size, &pos)
        hashtable_remove_at(&t.table, hash, &pos)
        drop_time(cx, t, 0)
        field_free(cx.heap, field)
        n += 1
    return n


cdef bint timed_whole(const TimedTable* t) noexcept nogil:
    cdef HashtableIter iter
    cdef Field* field
    cdef size_t timed = 0
    memset(&iter, 0, sizeof(HashtableIter))
    field = <Field*>hashtable_next(&t.table, &iter)
    while field != NULL:
        if field_is_timed(field):
            timed += 1
            if field_place(field) >= t.times.count or t.times.heap[field_place(field)].item != field:
                return False
        field = <Field*>hashtable_next(&t.table, &iter)
    return timed == t.times.count and deadlines_check(&t.times) and hashtable_check(&t.table)
