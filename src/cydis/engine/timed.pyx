"""The index of hashes whose fields expire. See timed.pxd for the contract."""
from libc.stdint cimport uint32_t
from libc.string cimport memset

from cydis.core.deadlines cimport (
    DEADLINES_NOWHERE, deadlines_add, deadlines_change, deadlines_check, deadlines_clear, deadlines_remove,
    deadlines_reserve,
)
from cydis.core.hashtable cimport HashtableIter, hashtable_next
from cydis.types.timed cimport timed_end, timed_of, timed_whole


cdef void note_place(void* record, uint32_t place) noexcept nogil:
    timed_of(<Record*>record).place = place


cdef bint timed_reserve(Db* db) noexcept nogil:
    return deadlines_reserve(&db.timed, db.engine.context.heap)


cdef void timed_settle(Db* db, Record* record) noexcept nogil:
    """O(log n). Without memory, which who adds a hash has reserved, it stays out until its next change."""
    cdef uint32_t place = timed_of(record).place
    if timed_of(record).times.count == 0:
        timed_leave(db, record)
        timed_end(&db.engine.context, record)
    elif place != DEADLINES_NOWHERE:
        deadlines_change(&db.timed, place, timed_of(record).times.heap.at, note_place)
    elif timed_reserve(db):
        deadlines_add(&db.timed, timed_of(record).times.heap.at, record, note_place)


cdef void timed_moved(Db* db, Record* record) noexcept nogil:
    if timed_of(record).place != DEADLINES_NOWHERE:
        db.timed.heap[timed_of(record).place].item = record


cdef void timed_leave(Db* db, Record* record) noexcept nogil:
    if timed_of(record).place != DEADLINES_NOWHERE:
        deadlines_remove(&db.timed, db.engine.context.heap, timed_of(record).place, note_place)
        timed_of(record).place = DEADLINES_NOWHERE


cdef void timed_leave_all(Db* db) noexcept nogil:
    """Their values are freed with the table of keys and are not asked any more."""
    deadlines_clear(&db.timed, db.engine.context.heap)


cdef bint timed_check(Db* db) noexcept nogil:
    cdef HashtableIter iter
    cdef Record* record
    cdef size_t met = 0
    memset(&iter, 0, sizeof(HashtableIter))
    record = <Record*>hashtable_next(&db.keys, &iter)
    while record != NULL:
        if is_timed(record) and timed_of(record).times.count:
            met += 1
            if timed_of(record).place >= db.timed.count or db.timed.heap[timed_of(record).place].item != record:
                return False
            if db.timed.heap[timed_of(record).place].at != timed_of(record).times.heap.at:
                return False
            if not timed_whole(timed_of(record)):
                return False
        record = <Record*>hashtable_next(&db.keys, &iter)
    return met == db.timed.count and deadlines_check(&db.timed)
