"""From Python values to a command's arguments, which are slices of memory that the caller keeps still.

A slice points into the caller's own bytes or str; only a number is written out, into TEXT bytes that the
caller gives.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_CheckExact
from libc.stdint cimport uint8_t

from cydis.core.resp cimport RespArg

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    void* PyUnicode_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)

cdef enum:
    TEXT = 40                             # bytes that a number needs when written out

cdef object encode_other(value, RespArg* arg, char* text)

# What an option's moment or duration means in whole seconds (per_second 1) or milliseconds (1000).
cdef object duration(value, int per_second)
cdef object moment(value, int per_second)

cdef int add_expiry(list arguments, ex, px, exat, pxat, bint keepttl, bint persist) except -1
cdef list flat(pairs)                     # a mapping, or an iterable of pairs, as [key, value, key, value ...]
cdef list words(tuple given)              # *arguments as a list; a lone list, tuple, set or generator is opened
cdef list scan_words(key, cursor, match, count)


cdef inline object encode(value, RespArg* arg, char* text):
    """Points `arg` at the bytes of `value`. Returns an object that must outlive the call (often `value`)."""
    if PyUnicode_CheckExact(value) and PyUnicode_IS_COMPACT_ASCII(value):
        arg.data = <const uint8_t*>PyUnicode_DATA(value)
        arg.size = <size_t>PyUnicode_GET_LENGTH(value)
        return value
    if PyBytes_CheckExact(value):
        arg.data = <const uint8_t*>PyBytes_AS_STRING(value)
        arg.size = <size_t>PyBytes_GET_SIZE(value)
        return value
    return encode_other(value, arg, text)
