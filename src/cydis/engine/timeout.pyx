"""How long a command that waits may wait. See timeout.pxd for the contract."""
from libc.stdint cimport INT64_MAX, int64_t

from cydis.core.number cimport number_parse_long_double
from cydis.engine.call cimport Call
from cydis.engine.reply cimport reply_error

cdef enum:
    MS = 1000


cdef bint arg_timeout(Call* call, int i, int64_t* at) noexcept nogil:
    """Parts of a millisecond count as a whole one; what is negative by less than one is none at all: never."""
    cdef long double ms
    cdef int64_t n
    if not number_parse_long_double(call.argv[i].data, call.argv[i].size, &ms):
        reply_error(call, b"ERR timeout is not a float or out of range")
        return False
    ms *= MS
    if ms <= -1:
        reply_error(call, b"ERR timeout is negative")
        return False
    if ms <= <long double>INT64_MAX:
        n = <int64_t>ms
        n += <long double>n < ms
        if n <= INT64_MAX - call.engine.now:
            at[0] = n + call.engine.now if n else 0
            return True
    reply_error(call, b"ERR timeout is out of range")
    return False
