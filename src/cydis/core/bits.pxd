"""Runs of bits, and fields in them: csrc/bits.h is the manual, for costs and conventions too."""
from libc.stdint cimport int64_t, uint8_t, uint64_t


cdef extern from "bits.h" nogil:
    ctypedef enum BitsOperation:
        BITS_AND, BITS_OR, BITS_XOR, BITS_NOT

    ctypedef struct BitsSource:
        const uint8_t* data
        size_t size

    ctypedef enum BitsOverflow:
        BITS_WRAP, BITS_SATURATE, BITS_FAIL

    ctypedef struct BitsField:
        bint is_signed
        uint8_t width

    uint64_t bits_count(const uint8_t* data, size_t size) noexcept
    uint64_t bits_count_range(const uint8_t* data, uint64_t first, uint64_t last) noexcept
    int64_t bits_find(const uint8_t* data, bint bit, uint64_t first, uint64_t last) noexcept      # -1: nowhere
    void bits_combine(BitsOperation operation, uint8_t* out, size_t size, const BitsSource* sources,
                      size_t n) noexcept
    int bits_get(const uint8_t* data, size_t size, uint64_t place) noexcept
    void bits_set(uint8_t* data, uint64_t place, int bit) noexcept

    int64_t bits_field_get(const uint8_t* data, size_t size, uint64_t place, BitsField field) noexcept
    void bits_field_set(uint8_t* data, uint64_t place, BitsField field, int64_t number) noexcept
    uint64_t bits_field_end(uint64_t place, BitsField field) noexcept
    bint bits_field_fit(BitsField field, int64_t number, BitsOverflow mode, int64_t* out) noexcept
    bint bits_field_add(BitsField field, int64_t number, int64_t step, BitsOverflow mode, int64_t* out) noexcept
    bint bits_field_parse(const void* text, size_t size, BitsField* out) noexcept
    bint bits_place_parse(const void* text, size_t size, unsigned int width, uint64_t* out) noexcept
