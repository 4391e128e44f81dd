"""Cython's view of csrc/sha1.h; the header is the manual."""
from libc.stdint cimport uint8_t


cdef extern from "sha1.h" nogil:
    enum:
        SHA1_BYTES

    ctypedef struct Sha1:
        pass

    void sha1_begin(Sha1* sha) noexcept
    void sha1_add(Sha1* sha, const void* data, size_t size) noexcept
    void sha1_end(Sha1* sha, uint8_t* digest) noexcept
    void sha1_of(const void* data, size_t size, uint8_t* digest) noexcept
