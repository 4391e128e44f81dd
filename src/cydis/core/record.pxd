"""Cython's view of csrc/record.h; the header is the manual."""
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from cydis.core.hashtable cimport Hashtable, HashtablePos
from cydis.core.heap cimport Heap


cdef extern from "record.h" nogil:
    const int RECORD_EXPIRES, RECORD_LONGKEY, RECORD_INLINE
    const int RECORD_INLINE_MAX

    ctypedef struct Record:
        unsigned int clock        # 24 bits
        unsigned int type         # 4 bits
        unsigned int encoding     # 4 bits
        uint8_t flags
        uint8_t key_size
        uint16_t value_size

    ctypedef struct Blob:
        uint64_t size
        uint64_t capacity
        uint8_t* data

    void* record_pointer(const Record* r) noexcept
    void record_set_pointer(Record* r, void* p) noexcept
    void** record_slot(Record* r) noexcept
    int64_t record_int(const Record* r) noexcept
    void record_set_int(Record* r, int64_t n) noexcept
    int64_t record_expiry(const Record* r) noexcept
    const uint8_t* record_key(const Record* r, size_t* size) noexcept
    const uint8_t* record_hashtable_key(const void* entry, size_t* size) noexcept
    Record* record_find(const Hashtable* t, uint64_t hash, const void* key, size_t size,
                        HashtablePos* pos) noexcept
    uint8_t* record_value(const Record* r) noexcept
    size_t record_bytes(size_t key_size, bint expires, bint inlined, size_t value_size) noexcept
    size_t record_size(const Record* r) noexcept
    void record_free(Heap* heap, Record* r) noexcept
    Record* record_new(Heap* heap, const void* key, size_t key_size, int64_t expiry, bint inlined,
                       size_t value_size) noexcept
    Record* record_reshape(Heap* heap, Record* r, int64_t expiry, bint inlined, size_t value_size) noexcept
