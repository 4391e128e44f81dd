"""Cython's view of csrc/sort.h; the header is the manual."""
from libc.stdint cimport int64_t, uint8_t, uint64_t


cdef extern from "sort.h" nogil:
    ctypedef union SortKey "__typeof__(((SortItem *)0)->key)":
        double number
        uint64_t prefix

    ctypedef struct SortItem:
        SortKey key
        const uint8_t* text               # NULL: the decimal form of number
        int64_t number                    # size of a text
        uint64_t tie

    uint64_t sort_prefix(const void* text, size_t size) noexcept
    void sort_items(SortItem* items, size_t n, size_t first, size_t end, bint by_text) noexcept
