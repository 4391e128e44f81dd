"""What a type needs from the engine it lives in: memory, seed, chance, thresholds.

A type's functions get a pointer to a Context and the Record whose slot holds the value; they
know nothing else of the engine, no key and no client.
"""
from libc.stdint cimport int64_t, uint64_t

from cydis.core.heap cimport Heap


cdef struct Limits:                       # the *-max-* settings, changeable at run time
    int64_t list_max_listpack_size        # entries when positive, -1..-5: 4..64 KiB
    int64_t hash_max_listpack_entries
    int64_t hash_max_listpack_value       # bytes
    int64_t set_max_intset_entries
    int64_t set_max_listpack_entries
    int64_t set_max_listpack_value        # bytes
    int64_t zset_max_listpack_entries
    int64_t zset_max_listpack_value       # bytes
    int64_t hll_sparse_max_bytes


cdef struct Context:
    Heap* heap
    uint64_t[2] seed                      # of every hash table of this engine
    uint64_t chance                       # state of the engine's random numbers
    int64_t now                           # ms of the wall clock: this batch's, or this embedded call's, moment
    uint64_t fields_expired               # of hashes, since the counters began
    uint64_t vector_sets                  # made so far: they are numbered
    Limits limits


cdef inline uint64_t context_random(Context* cx) noexcept nogil:
    """The next of the engine's random numbers (SplitMix64: Steele, Lea and Flood 2014)."""
    cx.chance += <uint64_t>0x9E3779B97F4A7C15
    cdef uint64_t z = cx.chance
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)
