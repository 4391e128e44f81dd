"""Making sorted sets at once. See zset_build.pxd for the contract.

Knows the two encodings of types/zsets and builds them bottom up: a listpack by appending, a skiplist by
appending too, which fills its nodes whole, and a hash table whose lines are fetched some members ahead.
"""
from libc.stdint cimport uint8_t, uint64_t

from cydis.core.hashtable cimport (
    hash_bytes, hashtable_insert, hashtable_prefetch_bucket, hashtable_remove,
)
from cydis.core.listpack cimport LISTPACK_MAX_BYTES, listpack_free, listpack_new
from cydis.core.scoreboard cimport ScoreItem
from cydis.core.skiplist cimport SkipElement, skip_element_free, skip_element_new, skiplist_append
from cydis.types.context cimport Context
from cydis.types.encodings cimport ENC_LISTPACK, ENC_SKIPLIST
from cydis.types.holder cimport Holder, holder_open
from cydis.types.zset_pack cimport PAIR_MORE, pack_append
from cydis.types.zsets cimport Zset, zset_fit, zset_free, zset_new

cdef enum:
    AHEAD = 8                             # members whose lines are fetched together


cdef void* build_pack(Context* cx, const ScoreItem* items, size_t count) noexcept nogil:
    cdef uint8_t* pack = listpack_new(cx.heap)
    if pack != NULL and not pack_append(cx.heap, &pack, items, count):
        listpack_free(cx.heap, pack)
        return NULL
    return pack


cdef bint append(Context* cx, Zset* z, const ScoreItem* item, uint64_t hash) noexcept nogil:
    cdef SkipElement* element = skip_element_new(cx.heap, item.score, item.member, item.size)
    if element == NULL:
        return False
    if hashtable_insert(&z.table, hash, element, False):
        if skiplist_append(z.list, element):
            return True
        hashtable_remove(&z.table, hash, item.member, item.size)
    skip_element_free(cx.heap, element)
    return False


cdef void* build_skiplist(Context* cx, const ScoreItem* items, size_t count, bint hashed) noexcept nogil:
    cdef Zset* z = <Zset*>zset_new(cx, ENC_SKIPLIST)
    cdef uint64_t[AHEAD] hashes
    cdef Holder holder
    cdef size_t i, n
    if z == NULL:
        return NULL
    while count:
        n = count if count < AHEAD else AHEAD
        for i in range(n):
            hashes[i] = items[i].hash if hashed else hash_bytes(cx.seed, items[i].member, items[i].size)
            hashtable_prefetch_bucket(&z.table, hashes[i])
        for i in range(n):
            if not append(cx, z, &items[i], hashes[i]):
                zset_free(cx, holder_open(&holder, ENC_SKIPLIST, z))
                return NULL
        items += n
        count -= n
    return z


cdef void* zset_build(Context* cx, const ScoreItem* items, size_t count, bint hashed, int* encoding) noexcept nogil:
    cdef uint64_t bytes = 0
    cdef size_t longest = 0, i
    for i in range(count):
        bytes += items[i].size
        if items[i].size > longest:
            longest = items[i].size
    encoding[0] = zset_fit(cx, count, longest)
    if encoding[0] == ENC_LISTPACK and bytes + <uint64_t>count * PAIR_MORE > LISTPACK_MAX_BYTES:
        encoding[0] = ENC_SKIPLIST
    if encoding[0] == ENC_LISTPACK:
        return build_pack(cx, items, count)
    return build_skiplist(cx, items, count, hashed)
