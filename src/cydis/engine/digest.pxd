"""Digests of data: 20 bytes that are equal where data are, whatever the encodings. The reference's, byte for byte.

    key      mix key, type, value; and xor "!!expire!!" if it expires
    value    a string or the elements of a list: mixed one after the other; members, fields with their values,
             members with their scores: each mixed apart from nothing, and xored, for they are in no order
    data     mix the number of each database that has keys, and xor all its keys

where to xor a text is to xor its SHA-1, and to mix it is to xor it and to take the SHA-1 of the result. When
fields of a hash expire is not in it.
"""
from libc.stdint cimport uint8_t

from cydis.core.record cimport Record
from cydis.engine.database cimport Engine


# Both add to a digest, which begins as zeros. O(bytes).
cdef void digest_value(Engine* engine, const Record* record, uint8_t* digest) noexcept nogil
cdef void digest_data(Engine* engine, uint8_t* digest) noexcept nogil
