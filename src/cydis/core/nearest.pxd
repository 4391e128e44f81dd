"""Cython's view of csrc/nearest.h; the header is the manual."""
from libc.stdint cimport int64_t, uint8_t

from cydis.core.heap cimport Heap


cdef extern from "nearest.h" nogil:
    ctypedef struct Near:
        double distance
        double score
        const uint8_t* text               # NULL: the member is a number
        int64_t number                    # that, or the size of the text

    ctypedef struct Nearest:              # large, and never moved
        Near* items
        size_t count

    void nearest_open(Nearest* list, Heap* heap) noexcept
    void nearest_close(Nearest* list) noexcept
    bint nearest_add(Nearest* list, const Near* item) noexcept       # false: no memory
    bint nearest_order(Nearest* list, bint farthest) noexcept
    void nearest_order_first(Nearest* list, size_t k, bint farthest) noexcept
