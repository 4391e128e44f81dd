"""Numbers as text, exactly as a client sees them; see docs/number.md.

Plain doors to the kernel, for tests and curious users. All parsers take the whole text as the number,
raise ValueError for anything else, and are O(length).
"""
from libc.math cimport isinf, isnan


cdef object refused(str kind, bytes text):
    return ValueError(f"not {kind}: {text[:64]!r}")


def parse_int(bytes text not None):
    """The int64 that `text` spells: no sign but a minus, no leading zero, no space. Raises ValueError."""
    cdef int64_t value
    if not number_parse_int(<const char*> text, len(text), &value):
        raise refused("an integer", text)
    return value


def format_int(int64_t value):
    """The decimal text of `value`. Raises OverflowError beyond int64."""
    cdef char[NUMBER_INT_MAX] out
    return out[:number_format_int(value, out)]


def parse_double(bytes text not None):
    """The float nearest to the decimal number `text`, or an infinity spelled out.

    Raises ValueError for nan, hexadecimal, and numbers too large or too small for a double.
    """
    cdef double value
    if not number_parse_double(<const char*> text, len(text), &value):
        raise refused("a double", text)
    return value


def format_double(double value):
    """The text of a score: whole numbers up to 2**62 in full, others with 17 digits at most. O(1)."""
    cdef char[NUMBER_DOUBLE_MAX] out
    return out[:number_format_double(value, out)]


def format_digits(double value):
    """The same with 17 significant digits, as C's %.17g. O(1)."""
    cdef char[NUMBER_DOUBLE_MAX] out
    return out[:number_format_digits(value, out)]


def format_long_double(bytes text not None):
    """`text` read as a long double and written as INCRBYFLOAT writes it: 17 places, no trailing zeros.

    Raises ValueError if it is no long double.
    """
    cdef char[NUMBER_LONG_DOUBLE_MAX] out
    cdef long double value
    if not number_parse_long_double(<const char*> text, len(text), &value):
        raise refused("a long double", text)
    return out[:number_format_long_double(value, out)]


def add_long_double(bytes value not None, bytes step not None):
    """The sum of two long doubles as INCRBYFLOAT computes and writes it.

    Raises ValueError if one is no long double, OverflowError if the sum is no finite number.
    """
    cdef char[NUMBER_LONG_DOUBLE_MAX] out
    cdef long double a, b
    if not number_parse_long_double(<const char*> value, len(value), &a):
        raise refused("a long double", value)
    if not number_parse_long_double(<const char*> step, len(step), &b):
        raise refused("a long double", step)
    a = a + b
    if isnan(a) or isinf(a):
        raise OverflowError("the sum is not a finite number")
    return out[:number_format_long_double(a, out)]
