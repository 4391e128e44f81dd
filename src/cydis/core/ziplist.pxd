"""Cython's view of csrc/ziplist.h; the header is the manual."""
from libc.stdint cimport uint8_t

from cydis.core.heap cimport Heap


cdef extern from "ziplist.h" nogil:
    bint ziplist_validate(const uint8_t* data, size_t size) noexcept
    uint8_t* ziplist_to_listpack(Heap* heap, const uint8_t* data) noexcept      # NULL: no memory, or too large
    bint zipmap_validate(const uint8_t* data, size_t size) noexcept
    uint8_t* zipmap_to_listpack(Heap* heap, const uint8_t* data) noexcept
