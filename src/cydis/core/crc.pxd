"""The checksum of serialised values: csrc/crc.h is the manual."""
from libc.stdint cimport uint64_t


cdef extern from "crc.h" nogil:
    uint64_t crc64_more "crc64"(uint64_t crc, const void* data, size_t size) noexcept
