"""HyperLogLogs: csrc/hyperloglog.h is the manual, for the bytes, costs and ownership too.

Commands cimport the functions below and call them without the GIL. HyperLogLog, the class for Python, owns a heap and
one of them.
"""
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cydis.core.heap cimport Heap

cdef extern from "hyperloglog.h" nogil:
    const int HLL_REGISTERS, HLL_HEADER, HLL_EMPTY_BYTES, HLL_DENSE_BYTES, HLL_GROWTH, HLL_MADE_BYTES

    ctypedef enum HllEncoding:
        HLL_DENSE, HLL_SPARSE

    ctypedef enum HllChange:
        HLL_CORRUPT                       # the opcodes are damaged
        HLL_SAME                          # the register holds as much already
        HLL_CHANGED
        HLL_ROOM                          # not done: more room is needed
        HLL_TOO_LARGE                     # not done: the sparse form cannot hold it

    ctypedef struct HllHit:
        uint32_t index
        uint8_t value

    ctypedef struct HllCursor:
        size_t at
        uint32_t first

    ctypedef struct HllRun:
        uint32_t length
        uint8_t value                     # of all its registers
        bint two_bytes                    # an XZERO

    ctypedef enum HllUnionOf:             # what a union is of
        HLL_NONE, HLL_ALL_SPARSE, HLL_SOME_DENSE

    ctypedef struct HllUnion:
        HllUnionOf of

    HllHit hll_hit(const void* element, size_t size) noexcept
    bint hll_valid(const void* data, size_t size) noexcept
    void hll_begin(uint8_t* hll) noexcept
    HllEncoding hll_encoding(const uint8_t* hll) noexcept
    bint hll_remembered(const uint8_t* hll, uint64_t* count) noexcept
    void hll_remember(uint8_t* hll, uint64_t count) noexcept
    void hll_forget(uint8_t* hll) noexcept
    HllChange hll_look(const uint8_t* hll, size_t size, HllHit hit, HllCursor* cursor) noexcept
    HllChange hll_raise(uint8_t* hll, size_t* size, size_t room, size_t limit, HllHit hit,
                        HllCursor* cursor) noexcept
    bint hll_wide_exists() noexcept
    bint hll_merge(uint8_t* registers, const uint8_t* hll, size_t size, bint wide) noexcept     # false: corrupt
    void hll_pack(uint8_t* hll, const uint8_t* registers, bint wide) noexcept
    bint hll_count(const uint8_t* hll, size_t size, uint64_t* count) noexcept                   # false: corrupt
    uint64_t hll_count_registers(const uint8_t* registers) noexcept
    void hll_union_begin(HllUnion* seen) noexcept
    bint hll_union_add(HllUnion* seen, const uint8_t* hll, size_t size, bint wide) noexcept     # false: corrupt
    const uint8_t* hll_union_registers(HllUnion* seen) noexcept
    uint64_t hll_union_count(const HllUnion* seen) noexcept
    HllChange hll_raise_all(uint8_t* hll, size_t* size, size_t room, size_t limit, const uint8_t* before,
                            const uint8_t* registers) noexcept
    HllChange hll_make(uint8_t* hll, size_t* size, size_t limit, const uint8_t* registers) noexcept
    bint hll_next_run(const uint8_t* hll, size_t size, size_t* at, HllRun* run) noexcept        # false: the end


cdef class HyperLogLog:
    cdef Heap* heap
    cdef uint8_t* hll
    cdef size_t size, room, limit

    cdef int grow(self, size_t room) except -1
    cdef int raise_register(self, HllHit hit, HllCursor* cursor) except -1
    cdef int make_dense(self, const uint8_t* registers) except -1
