"""Hashing keys, and asking for their memory before it is needed: what a pipeline does for its next requests, and a
command for its next keys."""
from libc.stdint cimport uint64_t

from cydis.core.hashtable cimport hashtable_hash
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call
from cydis.engine.database cimport Db

cdef enum:
    KEY_GROUP = 16                        # keys of one command that are on their way from memory at once


cdef inline uint64_t hash_of(Call* call, int arg) noexcept nogil:
    """The hash of a key; of the first one the door may have it already."""
    if call.hashed and arg == call.command.row.keys.first:
        return call.hash
    return hashtable_hash(&call.db.keys, call.argv[arg].data, call.argv[arg].size)


cdef uint64_t key_hash(Db* db, const RespArg* key) noexcept nogil
cdef void prefetch_bucket(Db* db, uint64_t hash) noexcept nogil
cdef void prefetch_record(Db* db, uint64_t hash) noexcept nogil

# Hashes up to KEY_GROUP keys argv[first], argv[first + step] ... before `end` and prefetches them; how many it took.
cdef int hash_group(Call* call, int first, int step, int end, uint64_t* hashes) noexcept nogil
