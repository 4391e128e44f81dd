"""How long a command that waits may wait."""
from libc.stdint cimport int64_t

from cydis.engine.call cimport Call

# Reads argument i, seconds with a fraction: the moment in ms since 1970 at which the time is over, 0: never.
# Where it cannot be read the error has been replied and false is returned.
cdef bint arg_timeout(Call* call, int i, int64_t* at) noexcept nogil
cdef bint arg_timeout_ms(Call* call, int i, int64_t* at) noexcept nogil         # whole milliseconds
