"""The server: what needs no Python to answer.

TIME
    The wall clock: seconds since 1970, and the microseconds of the second that runs. O(1). Since 2.6.0.

Everything else about the server (INFO, CONFIG, COMMAND, DEBUG, SHUTDOWN ...) is policy, and written in Python.
"""
from libc.stdint cimport int64_t

from cydis.core.clock cimport clock_us
from cydis.core.number cimport number_format_int
from cydis.engine.call cimport Call, Row
from cydis.engine.reply cimport reply_array, reply_bulk
from cydis.engine.table cimport FAST, LOADING, NO_KEYS, STALE, register

cdef Row[1] ROWS = [
    #   name     function  arity  flags                   keys
    Row(b"TIME", time_,    1,     LOADING | STALE | FAST, NO_KEYS),
]
register(b"server", ROWS, 1)


cdef void time_(Call* call) noexcept nogil:
    cdef int64_t now = clock_us(&call.engine.clock)
    cdef char[24] text
    reply_array(call, 2)
    reply_bulk(call, text, number_format_int(now // 1000000, text))
    reply_bulk(call, text, number_format_int(now % 1000000, text))
