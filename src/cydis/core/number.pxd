"""Cython's view of csrc/number.h; the header is the manual."""
from libc.stdint cimport int64_t, uint64_t


cdef extern from "number.h" nogil:
    const int NUMBER_INT_MAX, NUMBER_DOUBLE_MAX, NUMBER_LONG_DOUBLE_MAX

    bint number_parse_int(const void* text, size_t n, int64_t* out) noexcept
    bint number_parse_uint(const void* text, size_t n, uint64_t* out) noexcept
    size_t number_format_int(int64_t v, char* out) noexcept
    size_t number_format_uint(uint64_t v, char* out) noexcept
    unsigned number_digits(uint64_t v) noexcept
    bint number_parse_double(const void* text, size_t n, double* out) noexcept
    size_t number_format_double(double v, char* out) noexcept
    bint number_parse_long_double(const void* text, size_t n, long double* out) noexcept
    size_t number_format_long_double(long double v, char* out) noexcept
