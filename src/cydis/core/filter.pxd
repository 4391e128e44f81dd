"""Cython's view of csrc/vectors/filter.h; the header is the manual."""
from libc.stdint cimport uint8_t

from cydis.core.heap cimport Heap


cdef extern from "vectors/filter.h" nogil:
    ctypedef struct Filter:
        pass

    ctypedef enum FilterResult:
        FILTER_OK, FILTER_BAD, FILTER_NO_MEMORY

    # The text is borrowed as long as the filter; error is where the bad token is.
    FilterResult filter_compile(Heap* heap, const char* text, size_t size, Filter** filter, size_t* error) noexcept
    void filter_free(Filter* filter) noexcept
    bint filter_passes(Filter* filter, const uint8_t* json, size_t size) noexcept
