"""Hashes: fields, each with a value, in no order.

The record's slot holds a listpack (ENC_LISTPACK) of fields and values in turn while they are few and
short, else a hash table of Fields (ENC_HASHTABLE), or a TimedTable (ENC_TIMED_HASHTABLE) while any of them has a
moment at which it expires. Fields and values go in as slices and come out as ListpackValue, which lie in the hash
and are good until its next change.

An expired field is not there for those who look for it, walk or draw; hash_size counts it until it goes.
"""
from libc.stdint cimport int64_t, uint32_t, uint64_t

from cydis.core.field cimport Field
from cydis.core.hashtable cimport HashtableIter, HashtablePos
from cydis.core.listpack cimport ListpackValue
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.types.context cimport Context
from cydis.types.hash_parts cimport HashVisit


cdef struct HashPlace:                    # where a field stands, or where one would be put; good until the next change
    int64_t expiry                        # when the field expires, or NO_EXPIRY; hash_put gives it what stands here
    uint64_t hash                         # of the field's name, in a hash table
    Field* field                          # NULL: none
    HashtablePos pos
    uint32_t at                           # in a listpack: the place of the value, or LISTPACK_NONE


cdef struct HashWalk:                     # a way through a hash that does not change
    const Record* hash
    bint timed, hiding                    # fields may expire; some have, and are passed over
    uint32_t at
    HashtableIter iter
    const Field* field                    # in a timed table: the one that was read last


# Value of an empty hash: ENC_LISTPACK or ENC_HASHTABLE; NULL: no memory.
cdef void* hash_new(Context* cx, int encoding) noexcept nogil
# The encoding for a new hash of these pairs.
cdef int hash_fit(const Context* cx, const RespArg* pairs, size_t count) noexcept nogil
cdef size_t hash_size(const Record* hash) noexcept nogil
cdef size_t hash_live(const Record* hash) noexcept nogil        # fields that have not expired
cdef bint hash_is_timed(const Record* hash) noexcept nogil      # whether any field has a moment to expire

# One look serves reading and changing: find, then put or take at that place.
cdef bint hash_find(const Record* hash, const RespArg* field, HashPlace* place, ListpackValue* value) noexcept nogil
# 1: a new field, 0: another value for one that was there, -1: no memory, nothing changed. Its moment is place.expiry:
# as find has left it there, or another.
cdef int hash_put(Context* cx, Record* hash, const RespArg* field, const RespArg* value,
                  HashPlace* place) noexcept nogil
# Removes the field that was found. False: no memory, nothing changed.
cdef bint hash_take(Context* cx, Record* hash, HashPlace* place) noexcept nogil

# Gives the field that was found another moment, or NO_EXPIRY. False: no memory, nothing changed.
cdef bint hash_expire(Context* cx, Record* hash, const RespArg* field, HashPlace* place, int64_t at) noexcept nogil
# Removes up to `some` expired fields, the oldest first; how many.
cdef size_t hash_reap(Context* cx, Record* hash, size_t some) noexcept nogil

# Sets `count` pairs of field and value in order; how many fields are new. *done < count: memory was refused there.
# They do not expire any more.
cdef size_t hash_set(Context* cx, Record* hash, const RespArg* pairs, size_t count, size_t* done) noexcept nogil
cdef bint hash_get(const Record* hash, const RespArg* field, ListpackValue* value) noexcept nogil

cdef void hash_walk(const Record* hash, HashWalk* walk) noexcept nogil
cdef void hash_walk_all(const Record* hash, HashWalk* walk) noexcept nogil      # expired ones, too: for copies on disk
cdef bint hash_next(HashWalk* walk, ListpackValue* field, ListpackValue* value) noexcept nogil
cdef int64_t hash_walk_expiry(const HashWalk* walk) noexcept nogil              # of the field that was read last
# Visits some fields and returns the next cursor; 0 begins and ends. See hashtable_scan for the guarantee.
cdef uint64_t hash_scan(const Record* hash, uint64_t cursor, HashVisit visit, void* ctx) noexcept nogil

# For the table of types.
cdef void hash_free(Context* cx, Record* hash) noexcept nogil
cdef bint hash_free_some(Context* cx, Record* hash, size_t some) noexcept nogil
cdef bint hash_copy(Context* cx, const Record* hash, Record* into) noexcept nogil
cdef size_t hash_memory(Context* cx, const Record* hash, size_t samples) noexcept nogil
