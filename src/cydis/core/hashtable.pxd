"""Cython's view of csrc/hashtable.h; the header is the manual."""
from libc.stdint cimport int64_t, uint8_t, uint64_t
from cydis.core.heap cimport Heap

cdef extern from "hashtable.h" nogil:
    ctypedef const uint8_t* (*HashtableKey)(const void* entry, size_t* size) noexcept
    ctypedef struct Hashtable:
        pass
    ctypedef struct HashtablePos:
        pass
    ctypedef struct HashtableIter:
        pass
    bint hashtable_init(Hashtable* t, Heap* h, const uint64_t* seed, HashtableKey key) noexcept
    uint64_t hashtable_hash(const Hashtable* t, const void* key, size_t n) noexcept
    void hashtable_prefetch_bucket(const Hashtable* t, uint64_t h) noexcept
    void hashtable_prefetch_entry(const Hashtable* t, uint64_t h) noexcept
    void* hashtable_find(const Hashtable* t, uint64_t h, const void* key, size_t n, HashtablePos* pos) noexcept
    bint hashtable_insert(Hashtable* t, uint64_t h, void* e, bint mark) noexcept
    void hashtable_replace(Hashtable* t, HashtablePos* p, void* e, bint mark) noexcept
    void* hashtable_remove_at(Hashtable* t, uint64_t h, HashtablePos* p) noexcept
    void* hashtable_remove(Hashtable* t, uint64_t h, const void* key, size_t n) noexcept
    uint64_t hashtable_scan(const Hashtable* t, uint64_t c, void (*v)(void*, void*) noexcept nogil, void* x) noexcept
    uint64_t hashtable_scan_marked(const Hashtable* t, uint64_t c, void (*v)(void*, void*) noexcept nogil, void* x) noexcept
    void* hashtable_random(const Hashtable* t, uint64_t r) noexcept
    void* hashtable_next(const Hashtable* t, HashtableIter* i) noexcept
    size_t hashtable_size(const Hashtable* t) noexcept
    size_t hashtable_memory(const Hashtable* t) noexcept
    void hashtable_clear(Hashtable* t, void (*drop)(void*, void*) noexcept nogil, void* x) noexcept
    bint hashtable_clear_some(Hashtable* t, size_t n, void (*drop)(void*, void*) noexcept nogil, void* x) noexcept
