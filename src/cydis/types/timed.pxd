"""Hash tables of fields some of which expire: what a hash becomes with its first expiry.

    TimedTable   table   fields, as in a hash without expiries; those that expire are timed (csrc/field.h)
                 times   the timed ones by the moment at which they expire, the first one in front
                 place   where the database's index of such hashes has this one

A moment that is over makes a field expired. Expired fields are hidden from all who look, but stay until somebody
reaps them, or puts another value in their place. Whether there are any at all is one look at the first moment: as
long as none is due, no field is asked.

Invariants: times has exactly the timed fields of table, each of which knows its place there.

Costs: 5 bytes in the field and 16 to 20 in times for each that expires; O(log n) to set, change or drop a moment.
"""
from libc.stdint cimport int64_t, uint32_t, uint64_t

from cydis.core.deadlines cimport Deadlines, deadlines_any_due
from cydis.core.field cimport Field, field_is_timed, field_place
from cydis.core.hashtable cimport Hashtable, HashtablePos
from cydis.core.record cimport Record, record_pointer
from cydis.core.resp cimport RespArg
from cydis.types.context cimport Context

cdef enum:
    NO_EXPIRY = -1


cdef struct TimedTable:
    Hashtable table                       # first: an address of the one is an address of the other
    Deadlines times
    const Context* cx                     # whose clock tells what has expired
    uint32_t place                        # in the index of the database, or DEADLINES_NOWHERE; the index owns it


cdef inline TimedTable* timed_of(const Record* hash) noexcept nogil:
    return <TimedTable*>record_pointer(hash)


cdef inline bint timed_due(const TimedTable* t) noexcept nogil:
    """Whether any field has expired."""
    return deadlines_any_due(&t.times, t.cx.now)


cdef inline int64_t timed_expiry(const TimedTable* t, const Field* field) noexcept nogil:
    """The moment at which a field expires, or NO_EXPIRY."""
    return t.times.heap[field_place(field)].at if field_is_timed(field) else NO_EXPIRY


cdef inline bint timed_expired(const TimedTable* t, const Field* field) noexcept nogil:
    return timed_due(t) and field_is_timed(field) and t.times.heap[field_place(field)].at <= t.cx.now


# Makes the hash table of a hash a timed one, and back when no field is timed any more. False: no memory, as before.
cdef bint timed_begin(Context* cx, Record* hash) noexcept nogil
cdef bint timed_end(Context* cx, Record* hash) noexcept nogil

# Puts a value at the place of `old` (NULL: a new field), to expire at `at` or never. False: no memory, as before.
cdef bint timed_put(Context* cx, TimedTable* t, const RespArg* field, const RespArg* value, uint64_t hash, Field* old,
                    HashtablePos* pos, int64_t at) noexcept nogil
# Gives a field, which may become another one, another moment or none. False: no memory, as before.
cdef bint timed_set(Context* cx, TimedTable* t, Field** field, HashtablePos* pos, int64_t at) noexcept nogil
# Takes a field out of `times`, before it goes.
cdef void timed_forget(Context* cx, TimedTable* t, const Field* field) noexcept nogil
cdef size_t timed_expired_count(const TimedTable* t) noexcept nogil
# Removes up to `some` expired fields, the oldest first; how many.
cdef size_t timed_reap(Context* cx, TimedTable* t, size_t some) noexcept nogil
# Whether all invariants hold; false on the first broken one. O(n).
cdef bint timed_whole(const TimedTable* t) noexcept nogil
