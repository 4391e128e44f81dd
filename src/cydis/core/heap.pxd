"""Cython's view of csrc/heap.h; the header is the manual."""
from libc.stdint cimport uint64_t


cdef extern from "heap.h" nogil:
    ctypedef struct Heap:
        pass

    Heap* heap_open() noexcept
    void heap_close(Heap* heap) noexcept
    void* heap_alloc(Heap* heap, size_t n) noexcept
    void heap_free(Heap* heap, void* p, size_t n) noexcept
    void* heap_realloc(Heap* heap, void* p, size_t old, size_t n) noexcept
    size_t heap_good_size(size_t n) noexcept
    size_t heap_used(const Heap* heap) noexcept
    size_t heap_reserved(const Heap* heap) noexcept
    void heap_be_patient(Heap* heap) noexcept
    bint heap_give_back(Heap* heap) noexcept
    bint heap_waits(const Heap* heap) noexcept
    void heap_fail_at(Heap* heap, uint64_t n) noexcept
    bint heap_check(const Heap* heap) noexcept
