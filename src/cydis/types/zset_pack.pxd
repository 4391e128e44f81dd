"""Small sorted sets: a listpack of members and scores in turn, in order of (score, bytes of the member).

A score stands there as the reference writes it: an integer where it is whole and within 2^62, else its
shortest text; so -0 becomes 0. Places are those of members. False: no memory, nothing changed.
"""
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cydis.core.heap cimport Heap
from cydis.core.listpack cimport ListpackValue
from cydis.core.resp cimport RespArg
from cydis.core.scoreboard cimport ScoreItem
from cydis.core.skiplist cimport SkipRange


cdef enum:
    PAIR_MORE = 64                        # bytes that a pair takes beyond its member, at most

cdef uint32_t pack_find(const uint8_t* pack, const RespArg* member) noexcept nogil        # LISTPACK_NONE: not there
cdef double pack_score(const uint8_t* pack, uint32_t at) noexcept nogil
cdef uint64_t pack_rank(const uint8_t* pack, uint32_t at) noexcept nogil

# Reads the pair at `at` and returns the place of the next one, upwards or back; LISTPACK_NONE at the end.
cdef uint32_t pack_step(const uint8_t* pack, uint32_t at, bint back, ListpackValue* member,
                        double* score) noexcept nogil
cdef void pack_range(const uint8_t* pack, const SkipRange* range, uint64_t* start, uint64_t* end) noexcept nogil

# Whether what came from outside, in pairs, has a number at every second place and is in order.
cdef bint pack_in_order(const uint8_t* pack) noexcept nogil

# A pair above all others.
cdef bint pack_push(Heap* heap, uint8_t** pack, const ListpackValue* member, double score) noexcept nogil
cdef bint pack_insert(Heap* heap, uint8_t** pack, const RespArg* member, double score) noexcept nogil
cdef bint pack_update(Heap* heap, uint8_t** pack, uint32_t at, const RespArg* member, double score) noexcept nogil
# Adds `count` members that are above all those there, in order. What was added before memory was refused stays.
cdef bint pack_append(Heap* heap, uint8_t** pack, const ScoreItem* items, size_t count) noexcept nogil
