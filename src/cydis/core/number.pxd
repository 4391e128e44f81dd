"""Numbers as text, exactly as a client sees them: csrc/number.h is the manual.

The formatters write no final NUL and return the length; the parsers say false for what is no number.
"""
from libc.stdint cimport int64_t, uint64_t


cdef extern from "number.h" nogil:
    enum:
        NUMBER_INT_MAX                    # bytes of room that each formatter needs
        NUMBER_DOUBLE_MAX
        NUMBER_LONG_DOUBLE_MAX

    bint number_parse_int(const void* text, size_t n, int64_t* out) noexcept
    bint number_parse_uint(const void* text, size_t n, uint64_t* out) noexcept
    bint number_parse_double(const void* text, size_t n, double* out) noexcept
    bint number_parse_long_double(const void* text, size_t n, long double* out) noexcept
    size_t number_format_int(int64_t v, char* out) noexcept
    size_t number_format_uint(uint64_t v, char* out) noexcept
    size_t number_format_double(double v, char* out) noexcept
    size_t number_format_shortest(double v, char* out) noexcept
    size_t number_format_digits(double v, char* out) noexcept
    size_t number_format_long_double(long double v, char* out) noexcept      # 0: nan
    size_t number_format_places(double v, int places, char* out) noexcept
    unsigned number_digits(uint64_t v) noexcept
