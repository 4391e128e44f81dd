"""Cython's view of csrc/field.h; the header is the manual."""
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cydis.core.hashtable cimport Hashtable, HashtablePos
from cydis.core.heap cimport Heap


cdef extern from "field.h" nogil:
    ctypedef struct Field:
        pass

    size_t field_bytes(size_t name_size, size_t value_size, bint timed) noexcept
    const uint8_t* field_name(const Field* f, size_t* size) noexcept
    const uint8_t* field_value(const Field* f, size_t* size) noexcept
    bint field_is_timed(const Field* f) noexcept
    uint32_t field_place(const Field* f) noexcept
    void field_set_place(void* field, uint32_t place) noexcept
    size_t field_size(const Field* f) noexcept
    Field* field_new(Heap* heap, const void* name, size_t name_size, const void* value, size_t value_size,
                     bint timed) noexcept
    Field* field_set(Heap* heap, Field* f, const void* value, size_t value_size, bint timed) noexcept
    Field* field_retime(Heap* heap, Field* f, bint timed) noexcept
    void field_free(Heap* heap, Field* f) noexcept
    void field_drop(void* heap, void* entry) noexcept
    const uint8_t* field_key(const void* entry, size_t* size) noexcept
    Field* field_find(const Hashtable* t, uint64_t hash, const void* name, size_t size, HashtablePos* pos) noexcept
