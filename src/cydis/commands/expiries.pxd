"""What the expiries of keys share with those of hash fields."""
from libc.stdint cimport int64_t

from cydis.engine.call cimport Call

# NX, XX, GT and LT among the arguments from `first` to before `end`; or false and an error.
cdef bint read_conditions(Call* call, int first, int end, int* conditions) noexcept nogil
# Whether they let `at` replace `has`, the moment there is, or NO_EXPIRY.
cdef bint conditions_met(int conditions, int64_t has, int64_t at) noexcept nogil
# A count of seconds or milliseconds as milliseconds since 1970; or false and an error.
cdef bint read_moment(Call* call, int arg, bint seconds, int64_t start, int64_t* at) noexcept nogil


cdef inline int64_t rounded(int64_t ms) noexcept nogil:
    """Milliseconds as seconds; no sum that could overflow."""
    return ms // 1000 + (ms % 1000 >= 500)
