"""Cython's view of csrc/member.h; the header is the manual."""
from libc.stdint cimport uint8_t, uint64_t

from cydis.core.hashtable cimport Hashtable, HashtablePos
from cydis.core.heap cimport Heap


cdef extern from "member.h" nogil:
    ctypedef struct Member:
        pass

    size_t member_bytes(size_t size) noexcept
    const uint8_t* member_text(const Member* m, size_t* size) noexcept
    Member* member_new(Heap* heap, const void* text, size_t size) noexcept
    void member_free(Heap* heap, Member* m) noexcept
    void member_drop(void* heap, void* entry) noexcept
    const uint8_t* member_key(const void* entry, size_t* size) noexcept
    Member* member_find(const Hashtable* t, uint64_t hash, const void* text, size_t size, HashtablePos* pos) noexcept
