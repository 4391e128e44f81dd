"""Bits of bytes: counting, finding, combining, and numbers of any width at any bit; see docs/bits.md.

Plain doors to the kernel, for tests, benchmarks and curious users. Bit 0 is the highest of the first byte; what lies
behind the bytes reads as zeros. A field is named as BITFIELD names it: b"u8", b"i64".
"""
from libc.stdlib cimport free, malloc

_OPERATIONS = {"and": BITS_AND, "or": BITS_OR, "xor": BITS_XOR, "not": BITS_NOT}
_OVERFLOWS = {"wrap": BITS_WRAP, "sat": BITS_SATURATE, "fail": BITS_FAIL}


cdef int check_range(Py_ssize_t size, int64_t first, int64_t last) except -1:
    if first < 0 or last < first or last >= size * 8:
        raise IndexError(f"no bits from {first} to {last} in {size} bytes")
    return 0


cdef int read_field(bytes name, BitsField* field) except -1:
    if not bits_field_parse(<const char*>name, len(name), field):
        raise ValueError(f"not a field: {name!r}")
    return 0


def count(bytes data not None, first=None, last=None):
    """How many bits are set, from bit `first` to bit `last`, both included. Raises IndexError. O(bytes)."""
    cdef const char* p = data
    if first is None and last is None:
        return bits_count(<const uint8_t*>p, len(data))
    last = len(data) * 8 - 1 if last is None else last
    check_range(len(data), first or 0, last)
    return bits_count_range(<const uint8_t*>p, first or 0, last)


def find(bytes data not None, bint bit, first=0, last=None):
    """The first place of `bit` from bit `first` to bit `last`, or -1. Raises IndexError. O(bytes)."""
    cdef const char* p = data
    last = len(data) * 8 - 1 if last is None else last
    check_range(len(data), first, last)
    return bits_find(<const uint8_t*>p, bit, first, last)


def combine(str operation not None, *sources):
    """The bytes of "and", "or", "xor" of sources, or "not" of one; shorter ones go on with zeros. O(bytes of all).

    Raises ValueError for another operation, or a number of sources that it does not take.
    """
    cdef bytes each, out
    cdef char* p
    cdef BitsSource* made
    if operation not in _OPERATIONS or not sources or (operation == "not" and len(sources) > 1):
        raise ValueError(f"{operation!r} of {len(sources)} sources")
    size = max([len(each) for each in sources])
    out = bytes(size)
    p = out
    made = <BitsSource*>malloc(len(sources) * sizeof(BitsSource))
    if made == NULL:
        raise MemoryError
    for i, each in enumerate(sources):
        made[i].data = <const uint8_t*><const char*>each
        made[i].size = len(each)
    bits_combine(_OPERATIONS[operation], <uint8_t*>p, size, made, len(sources))
    free(made)
    return out


def get(bytes data not None, uint64_t place, bytes field not None=b"u1"):
    """The number in a field at bit `place`. Raises ValueError for no field. O(1)."""
    cdef BitsField f
    read_field(field, &f)
    return bits_field_get(<const uint8_t*><const char*>data, len(data), place, f)


def put(bytearray data not None, uint64_t place, bytes field not None, int64_t number):
    """Writes a number into a field, its low bits if it does not fit, and lengthens the data as needed. O(1).

    Raises ValueError for no field, OverflowError for a place beyond 2**62.
    """
    cdef BitsField f
    read_field(field, &f)
    if place >> 62:
        raise OverflowError("a place beyond 2**62")
    end = bits_field_end(place, f)
    if end > len(data):
        data.extend(bytes(end - len(data)))
    bits_field_fit(f, number, BITS_WRAP, &number)
    bits_field_set(<uint8_t*><char*>data, place, f, number)


def add(bytes field not None, int64_t number, int64_t step, str overflow not None="wrap"):
    """number + step as a field can hold it, for "wrap" or "sat"; None for "fail" where it does not fit. O(1)."""
    cdef BitsField f
    cdef int64_t result
    read_field(field, &f)
    fits = bits_field_add(f, number, step, _OVERFLOWS[overflow], &result)
    return result if fits or overflow != "fail" else None
