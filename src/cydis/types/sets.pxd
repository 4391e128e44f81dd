"""Sets: different members in no order.

The record's slot holds an intset (ENC_INTSET) while all members are integers and few, a listpack
(ENC_LISTPACK) while they are few and short, else a hash table of Members (ENC_HASHTABLE). Members go in
and come out as listpack_text or listpack_number makes them; one that comes out lies in the set and is
good until its next change.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.hashtable cimport HashtableIter
from cydis.core.listpack cimport ListpackValue
from cydis.core.record cimport Record
from cydis.types.context cimport Context


cdef enum:
    SET_BATCH = 8


cdef struct SetWalk:                      # a way through a set that does not change
    const Record* set
    uint32_t at                           # rank in an intset, offset in a listpack
    HashtableIter iter

# What a function that goes through members is called with, once per member.
ctypedef void (*SetVisit)(void* ctx, const ListpackValue* member) noexcept nogil


# Value of an empty set fit for `expected` members of which `first` is one; NULL: no memory.
cdef void* set_new(Context* cx, const ListpackValue* first, size_t expected, int* encoding) noexcept nogil
# Makes it a hash table already now if `expected` more members would not fit otherwise. False: no memory.
cdef bint set_expect(Context* cx, Record* set, size_t expected) noexcept nogil

cdef size_t set_size(const Record* set) noexcept nogil
cdef bint set_has(const Record* set, const ListpackValue* member) noexcept nogil
# Which of up to SET_BATCH members whose bits are set in `asked` it has, a bit for each: a large table is asked for all
# of them at a time, so that they wait for memory together.
cdef uint32_t set_has_which(const Record* set, const ListpackValue* members, uint32_t asked) noexcept nogil

# 1: changed, 0: it was there (was not there), -1: no memory, nothing changed
cdef int set_add(Context* cx, Record* set, const ListpackValue* member) noexcept nogil
cdef int set_add_new(Context* cx, Record* set, const ListpackValue* member) noexcept nogil    # known to be absent
cdef int set_remove(Context* cx, Record* set, const ListpackValue* member) noexcept nogil

# One of the members of a set that is not empty, each as likely as the others.
cdef void set_random(Context* cx, const Record* set, ListpackValue* member) noexcept nogil
# `count` different members, fewer than there are, to visit. False: no memory, none was visited.
cdef bint set_sample(Context* cx, const Record* set, size_t count, SetVisit visit, void* ctx) noexcept nogil
# Removes all but `kept` random members, giving those that go to visit. False: no memory, nothing happened.
cdef bint set_keep_few(Context* cx, Record* set, size_t kept, SetVisit visit, void* ctx) noexcept nogil

cdef void set_walk(const Record* set, SetWalk* walk) noexcept nogil
cdef bint set_next(SetWalk* walk, ListpackValue* member) noexcept nogil
# Visits some members and returns the next cursor; 0 begins and ends. See hashtable_scan for the guarantee.
cdef uint64_t set_scan(const Record* set, uint64_t cursor, SetVisit visit, void* ctx) noexcept nogil

# For the table of types.
cdef void set_free(Context* cx, Record* set) noexcept nogil
cdef bint set_free_some(Context* cx, Record* set, size_t some) noexcept nogil
cdef bint set_copy(Context* cx, const Record* set, Record* into) noexcept nogil
cdef size_t set_memory(Context* cx, const Record* set, size_t samples) noexcept nogil
