"""From Python values to a command's arguments: the less common kinds. See arguments.pxd.

    bytes, str          as they are; str in UTF-8, and bytes that decode=True could not read come back as they were
    int                 in decimal, of any size
    float               the shortest text that reads back as the same number
    bytearray, ...      the bytes of any buffer: memoryview, array, ndarray; and integers of other libraries as int
    None, bool          refused: Redis has neither, and which of "", "0" or "None" was meant is a guess
"""
from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_Check
from cpython.long cimport PyLong_AsLongLongAndOverflow, PyLong_Check
from libc.stdint cimport int64_t

import datetime
from operator import index

from cydis.core.number cimport number_format_double, number_format_int

cdef extern from "Python.h":
    int PyObject_CheckBuffer(object o)


cdef object encode_other(value, RespArg* arg, char* text):
    cdef int overflow = 0
    cdef int64_t n
    if PyLong_Check(value) and value is not True and value is not False:
        n = PyLong_AsLongLongAndOverflow(value, &overflow)
        if not overflow:
            arg.size = number_format_int(n, text)
            arg.data = <const uint8_t*>text
            return value
    elif PyFloat_Check(value):
        arg.size = number_format_double(PyFloat_AS_DOUBLE(value), text)
        arg.data = <const uint8_t*>text
        return value
    value = as_bytes(value)
    arg.data = <const uint8_t*>PyBytes_AS_STRING(value)
    arg.size = PyBytes_GET_SIZE(value)
    return value


cdef bytes as_bytes(value):
    """The bytes of a value of any other kind; TypeError where there are none."""
    if isinstance(value, str):
        return str.encode(value, "utf-8", "surrogateescape")
    if isinstance(value, bool) or value is None:
        raise TypeError(f"an argument is {value!r}; bytes, str, int or float is needed")
    if isinstance(value, (int, bytes)):
        return b"%d" % value if isinstance(value, int) else bytes(value)
    if PyObject_CheckBuffer(value):
        view = memoryview(value)
        if view.ndim:                     # a number of another library shows its raw memory, which nobody wants stored
            return view.tobytes()
    if hasattr(type(value), "__index__") and not hasattr(type(value), "__len__"):
        return b"%d" % index(value)
    raise TypeError(f"an argument is of type {type(value).__name__}; bytes, str, int or float is needed")


cdef object duration(value, int per_second):
    """A timedelta in seconds or milliseconds; anything else as it is."""
    if isinstance(value, datetime.timedelta):
        return value // datetime.timedelta(milliseconds=1000 // per_second)
    return value


cdef object moment(value, int per_second):
    """A datetime as a Unix time in seconds or milliseconds; anything else as it is."""
    if isinstance(value, datetime.datetime):
        return int(value.timestamp()) if per_second == 1 else round(value.timestamp() * per_second)
    return value


cdef int add_expiry(list arguments, ex, px, exat, pxat, bint keepttl, bint persist) except -1:
    """The options of a lifetime, as SET has them."""
    if ex is not None:
        arguments += ["EX", duration(ex, 1)]
    if px is not None:
        arguments += ["PX", duration(px, 1000)]
    if exat is not None:
        arguments += ["EXAT", moment(exat, 1)]
    if pxat is not None:
        arguments += ["PXAT", moment(pxat, 1000)]
    if keepttl:
        arguments.append("KEEPTTL")
    if persist:
        arguments.append("PERSIST")
    return 0


cdef list flat(pairs):
    cdef list result = []
    for key, value in (pairs.items() if hasattr(pairs, "items") else pairs):
        result.append(key)
        result.append(value)
    return result


cdef list words(tuple given):
    if len(given) == 1 and not isinstance(given[0], (str, bytes, int, float)) and hasattr(given[0], "__iter__") \
            and not PyObject_CheckBuffer(given[0]):
        return list(given[0])
    return list(given)


cdef list scan_words(key, cursor, match, count):
    cdef list arguments = [key, cursor]
    if match is not None:
        arguments += ["MATCH", match]
    if count is not None:
        arguments += ["COUNT", count]
    return arguments
