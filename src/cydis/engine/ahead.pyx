"""Asking for memory ahead. See ahead.pxd for the contract."""
from libc.stdint cimport uint64_t

from cydis.core.hashtable cimport hashtable_prefetch_bucket, hashtable_prefetch_entry


cdef uint64_t key_hash(Db* db, const RespArg* key) noexcept nogil:
    return hashtable_hash(&db.keys, key.data, key.size)


cdef void prefetch_bucket(Db* db, uint64_t hash) noexcept nogil:
    hashtable_prefetch_bucket(&db.keys, hash)


cdef void prefetch_record(Db* db, uint64_t hash) noexcept nogil:
    hashtable_prefetch_entry(&db.keys, hash)


cdef int hash_group(Call* call, int first, int step, int end, uint64_t* hashes) noexcept nogil:
    """Buckets of the whole group are asked for before the first record is: the waits overlap. O(bytes of the keys)."""
    cdef int n = 0, k
    while n < KEY_GROUP and first < end:
        hashes[n] = hash_of(call, first)
        prefetch_bucket(call.db, hashes[n])
        n += 1
        first += step
    if n > 1:
        for k in range(n):
            prefetch_record(call.db, hashes[k])
    return n
