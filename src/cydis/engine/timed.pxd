"""A database's hashes whose fields expire, in the order of their first field's moment.

db.timed holds the records of exactly those keys whose value is a timed hash (types/timed.pxd) with a field that
expires; each hash knows its place in it. So the expiry cycle finds what is due without a look at any other key, and a turn in which nothing is due
costs one comparison per database.

keyspace.pyx keeps the index right as records come, go and move: it alone removes a record from the index, before
the record or its value is freed. A moment in the index may be too early where a command has not told of a change
(the cycle looks, and puts it right), never too late.

Costs: 16 to 20 bytes per such hash; O(log n) for a change, O(1) for a record that moves.
"""
from cydis.core.record cimport Record
from cydis.engine.database cimport Db
from cydis.types.encodings cimport ENC_TIMED_HASHTABLE


cdef inline bint is_timed(const Record* record) noexcept nogil:
    """Whether the record stands in the index. No other type has this encoding."""
    return record.encoding == ENC_TIMED_HASHTABLE


# Room in the index for one more hash. False: no memory.
cdef bint timed_reserve(Db* db) noexcept nogil
# A timed hash was added, or its moments changed: it takes its place, or leaves and becomes a plain one.
cdef void timed_settle(Db* db, Record* record) noexcept nogil
# The value of the record in the index stands in this record now.
cdef void timed_moved(Db* db, Record* record) noexcept nogil
# The record is about to leave the database.
cdef void timed_leave(Db* db, Record* record) noexcept nogil
cdef void timed_leave_all(Db* db) noexcept nogil
# Whether the index holds exactly the timed hashes, each at its place, and each of those is whole. O(everything).
cdef bint timed_check(Db* db) noexcept nogil
