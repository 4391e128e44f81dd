"""Random entries of a hash table, for the types that are made of one."""
from libc.stdint cimport uint64_t

from cydis.core.hashtable cimport Hashtable, HashtableVisit
from cydis.types.context cimport Context, context_random


cdef enum:
    SPARSE = 3                            # a sample of less than 1/3 is drawn; above, each entry is asked in turn


cdef inline uint64_t random_below(Context* cx, uint64_t n) noexcept nogil:
    """A random number smaller than n <= 2^32."""
    return (context_random(cx) >> 32) * n >> 32


# Whether an entry is none of those that may be drawn.
ctypedef bint (*DrawSkip)(void* ctx, void* entry) noexcept nogil

# `count` different entries, at most a third of all, to visit, none of those that `skip` (or NULL) does not want; of all
# at least half must be wanted. False: no memory, none was visited.
cdef bint draw_entries(Context* cx, const Hashtable* table, size_t count, HashtableVisit visit,
                       DrawSkip skip, void* ctx) noexcept nogil
