"""Cython's view of csrc/buffer.h; the header is the manual."""
from libc.stdint cimport uint8_t


cdef extern from "buffer.h" nogil:
    ctypedef struct Buffer:
        uint8_t* data
        size_t used
        size_t size
        uint8_t* home                     # the owner's memory, or NULL
        size_t home_size
        bint failed                       # an allocation was refused: the content is incomplete

    void buffer_init(Buffer* b, void* home, size_t home_size) noexcept
    void buffer_close(Buffer* b) noexcept
    void buffer_reset(Buffer* b, size_t keep) noexcept
    void buffer_shrink(Buffer* b) noexcept
    bint buffer_reserve(Buffer* b, size_t extra) noexcept           # false: memory refused
    void buffer_append(Buffer* b, const void* p, size_t n) noexcept
    void buffer_take_front(Buffer* b, size_t n) noexcept
    size_t buffer_memory(const Buffer* b) noexcept
