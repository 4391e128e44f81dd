"""The keyspace's table, and that of large hashes and sets: csrc/hashtable.h is the manual.

The engine and types cimport the functions below and call them without the GIL; they own their entries
and embed a Hashtable in their structs. HashTable, the class for Python, owns a heap and its entries.
"""
from libc.stdint cimport uint8_t, uint64_t

from cydis.core.heap cimport Heap

cdef extern from "hash.h" nogil:
    uint64_t hash_bytes(const uint64_t* seed, const void* data, size_t size) noexcept

cdef extern from "hashtable.h" nogil:
    ctypedef const uint8_t* (*HashtableKey)(const void* entry, size_t* size) noexcept nogil
    ctypedef void (*HashtableVisit)(void* ctx, void* entry) noexcept nogil

    ctypedef struct Hashtable:            # may be moved, never copied
        pass

    ctypedef struct HashtablePos:         # good until the next insert or remove
        pass

    ctypedef struct HashtableIter:        # zeroed at the start
        pass

    ctypedef struct HashtableStats:
        size_t size                       # entries
        size_t buckets
        size_t chained                    # lines beyond the buckets
        size_t first_line                 # entries in the first line of their chain
        size_t longest                    # entries of the fullest bucket
        size_t[16] filled                 # buckets with 0, 1, … entries; the last: 15 and more

    # entries are 8-byte aligned, allocated and freed by the caller
    bint hashtable_init(Hashtable* t, Heap* heap, const uint64_t* seed, HashtableKey key) noexcept
    uint64_t hashtable_hash(const Hashtable* t, const void* key, size_t size) noexcept
    void hashtable_prefetch_bucket(const Hashtable* t, uint64_t hash) noexcept
    void hashtable_prefetch_entry(const Hashtable* t, uint64_t hash) noexcept

    # pos may be NULL; the second form inlines a constant key function
    void* hashtable_find(const Hashtable* t, uint64_t hash, const void* key, size_t size,
                         HashtablePos* pos) noexcept
    void* hashtable_find_with(const Hashtable* t, uint64_t hash, const void* key, size_t size,
                              HashtablePos* pos, HashtableKey keyfn) noexcept
    void hashtable_expect(Hashtable* t, size_t entries) noexcept     # buckets for so many, in an empty table
    bint hashtable_insert(Hashtable* t, uint64_t hash, void* entry, bint mark) noexcept   # false: no memory
    void hashtable_replace(Hashtable* t, HashtablePos* pos, void* entry, bint mark) noexcept
    bint hashtable_mark(const HashtablePos* pos) noexcept
    void hashtable_set_mark(HashtablePos* pos, bint mark) noexcept
    void* hashtable_remove_at(Hashtable* t, uint64_t hash, HashtablePos* pos) noexcept
    void* hashtable_remove(Hashtable* t, uint64_t hash, const void* key, size_t size) noexcept

    uint64_t hashtable_scan(const Hashtable* t, uint64_t cursor, HashtableVisit visit, void* ctx) noexcept
    void hashtable_pause(Hashtable* t) noexcept                      # no growing and shrinking until it
    void hashtable_resume(Hashtable* t, size_t removed) noexcept     # is taken up again, after removals
    uint64_t hashtable_scan_marked(const Hashtable* t, uint64_t cursor, HashtableVisit visit,
                                   void* ctx) noexcept
    void* hashtable_random(const Hashtable* t, uint64_t random) noexcept
    void* hashtable_next(const Hashtable* t, HashtableIter* iter) noexcept

    size_t hashtable_size(const Hashtable* t) noexcept
    size_t hashtable_memory(const Hashtable* t) noexcept
    void hashtable_clear(Hashtable* t, HashtableVisit drop, void* ctx) noexcept
    bint hashtable_clear_some(Hashtable* t, size_t max_entries, HashtableVisit drop, void* ctx) noexcept
    bint hashtable_check(const Hashtable* t) noexcept
    void hashtable_stats(const Hashtable* t, HashtableStats* stats) noexcept


cdef class HashTable:
    cdef Heap* heap
    cdef Hashtable table
    cdef uint64_t changes                 # every change of keys; iterators compare it
