"""Beginning a call, and reading its arguments."""
from libc.stdint cimport INT32_MAX, INT32_MIN, INT64_MAX, UINT64_MAX, int64_t, uint8_t, uint64_t
from libc.string cimport memchr

from cydis.core.number cimport number_parse_double, number_parse_int
from cydis.engine.reply cimport (
    DB_OUT_OF_RANGE, INVALID_CURSOR, NOT_A_FLOAT, NOT_AN_INT32, NOT_AN_INTEGER, reply_bad_moment, reply_error,
)

cdef enum:
    MS = 1000


cdef bint word_is(const RespArg* arg, const char* word) noexcept nogil:
    """Whether an argument is this word (given in upper case), in any case of letters."""
    cdef const uint8_t* p = arg.data
    cdef size_t n = arg.size, k
    cdef uint8_t c
    for k in range(n):
        c = p[k]
        if c >= 97 and c <= 122:
            c -= 32
        if word[k] == 0 or c != <uint8_t>word[k]:
            return False
    return word[n] == 0


cdef bint arg_is(const Call* call, int i, const char* word) noexcept nogil:
    return word_is(&call.argv[i], word)


cdef bint arg_int_or(Call* call, int i, int64_t* out, const char* error) noexcept nogil:
    if number_parse_int(call.argv[i].data, call.argv[i].size, out):
        return True
    reply_error(call, error)
    return False


cdef bint arg_int(Call* call, int i, int64_t* out) noexcept nogil:
    return arg_int_or(call, i, out, NOT_AN_INTEGER)


cdef bint arg_range(Call* call, int i, int64_t low, int64_t high, int64_t* out, const char* error) noexcept nogil:
    if number_parse_int(call.argv[i].data, call.argv[i].size, out) and low <= out[0] <= high:
        return True
    reply_error(call, error)
    return False


cdef bint arg_db(Call* call, int i, int* number) noexcept nogil:
    cdef int64_t n
    if not arg_int(call, i, &n):
        return False
    if n < INT32_MIN or n > INT32_MAX:
        reply_error(call, NOT_AN_INT32)
        return False
    if n < 0 or n >= call.engine.db_count:
        reply_error(call, DB_OUT_OF_RANGE)
        return False
    number[0] = <int>n
    return True


cdef bint arg_double_or(Call* call, int i, double* out, const char* error) noexcept nogil:
    if number_parse_double(call.argv[i].data, call.argv[i].size, out):
        return True
    reply_error(call, error)
    return False


cdef bint arg_double(Call* call, int i, double* out) noexcept nogil:
    return arg_double_or(call, i, out, NOT_A_FLOAT)


cdef inline bint parse_cursor(const uint8_t* p, size_t n, uint64_t* out) noexcept nogil:
    """A cursor as the reference reads it: after space and sign, up to a NUL; what is below int64 wraps around."""
    cdef size_t i = 0
    cdef uint64_t value = 0
    cdef unsigned int digit
    cdef bint negative
    cdef int64_t strict
    if memchr(p, 0, n) != NULL:
        n = <const uint8_t*>memchr(p, 0, n) - p
    if number_parse_int(p, n, &strict):
        out[0] = strict
        return strict >= 0
    while i < n and (p[i] == 32 or 9 <= p[i] <= 13):
        i += 1
    negative = i < n and p[i] == 45
    if i < n and (p[i] == 45 or p[i] == 43):
        i += 1
    if i == n:
        return False
    while i < n:
        digit = <unsigned int>p[i] - 48
        if digit > 9 or value > (UINT64_MAX - digit) // 10:
            return False
        value = value * 10 + digit
        i += 1
    out[0] = 0 - value if negative else value
    return True


cdef bint arg_cursor(Call* call, int i, uint64_t* out) noexcept nogil:
    """A scan cursor: an unsigned 64-bit decimal."""
    if parse_cursor(call.argv[i].data, call.argv[i].size, out):
        return True
    reply_error(call, INVALID_CURSOR)
    return False


cdef bint arg_moment(Call* call, int i, bint seconds, bint absolute, int64_t* at) noexcept nogil:
    """Reads argument i as a positive count; an absolute moment may lie in the past all the same."""
    cdef int64_t n, now = call.engine.now
    if not arg_int(call, i, &n):
        return False
    if n <= 0 or (seconds and n > INT64_MAX // MS):
        reply_bad_moment(call)
        return False
    if seconds:
        n *= MS
    if not absolute:
        if n > INT64_MAX - now:
            reply_bad_moment(call)
            return False
        n += now
    at[0] = n
    return True
