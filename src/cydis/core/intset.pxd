"""Sorted sets of integers in one block: csrc/intset.h is the manual, for costs and ownership too.

Types cimport the functions below and call them without the GIL. IntSet, the class for Python, owns a
heap and one intset.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.heap cimport Heap

cdef extern from "intset.h" nogil:
    ctypedef enum IntsetChange:
        INTSET_FAILED                     # no memory or too large; nothing changed
        INTSET_SAME                       # was there already, or was not there
        INTSET_CHANGED

    uint8_t* intset_new(Heap* heap) noexcept                            # NULL: no memory
    uint8_t* intset_copy(Heap* heap, const uint8_t* members) noexcept
    void intset_free(Heap* heap, uint8_t* members) noexcept
    uint32_t intset_width(const uint8_t* members) noexcept
    uint32_t intset_count(const uint8_t* members) noexcept
    size_t intset_bytes(const uint8_t* members) noexcept
    size_t intset_memory(const uint8_t* members) noexcept

    int64_t intset_find(const uint8_t* members, int64_t number) noexcept    # rank or -1
    int64_t intset_get(const uint8_t* members, uint32_t rank) noexcept
    int64_t intset_min(const uint8_t* members) noexcept                     # not for empty ones
    int64_t intset_max(const uint8_t* members) noexcept
    int64_t intset_random(const uint8_t* members, uint64_t chance) noexcept

    IntsetChange intset_add(Heap* heap, uint8_t** members, int64_t number) noexcept
    IntsetChange intset_remove(Heap* heap, uint8_t** members, int64_t number) noexcept

    bint intset_validate(const uint8_t* data, size_t size, bint deep) noexcept


cdef class IntSet:
    cdef Heap* heap
    cdef uint8_t* members
