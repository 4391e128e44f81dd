"""How long a command that waits may wait. See timeout.pxd for the contract."""
from libc.stdint cimport INT64_MAX, int64_t

from cydis.core.number cimport number_parse_long_double
from cydis.engine.call cimport Call, arg_int_or
from cydis.engine.reply cimport reply_error

cdef enum:
    MS = 1000


cdef bint refuse(Call* call, const char* error) noexcept nogil:
    reply_error(call, error)
    return False


cdef bint moment(Call* call, int64_t ms, int64_t* at) noexcept nogil:
    if ms < 0:
        return refuse(call, b"ERR timeout is negative")
    if ms > INT64_MAX - call.engine.now:
        return refuse(call, b"ERR timeout is out of range")
    at[0] = ms + call.engine.now if ms else 0
    return True


cdef bint arg_timeout(Call* call, int i, int64_t* at) noexcept nogil:
    """Parts of a millisecond count as a whole one; what is negative by less than one is none at all: never."""
    cdef long double ms
    cdef int64_t whole
    if not number_parse_long_double(call.argv[i].data, call.argv[i].size, &ms):
        return refuse(call, b"ERR timeout is not a float or out of range")
    ms *= MS
    if ms >= <long double>INT64_MAX:
        return refuse(call, b"ERR timeout is out of range")
    whole = <int64_t>ms if ms > -1 else -1
    return moment(call, whole + (whole < ms and ms > 0), at)


cdef bint arg_timeout_ms(Call* call, int i, int64_t* at) noexcept nogil:
    cdef int64_t ms
    return arg_int_or(call, i, &ms, b"ERR timeout is not an integer or out of range") and moment(call, ms, at)
