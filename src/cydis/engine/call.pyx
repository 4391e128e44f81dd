"""Beginning a call, and reading its arguments."""
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport strlen

from cydis.core.number cimport number_parse_double, number_parse_int
from cydis.core.resp cimport RespArg
from cydis.engine.database cimport Client
from cydis.engine.reply cimport INVALID_CURSOR, NOT_A_FLOAT, NOT_AN_INTEGER, reply_error


cdef void call_begin(Call* call, Client* client, const RespArg* argv, int argc, Buffer* out) noexcept nogil:
    """Fills a Call for one request. The arguments and `out` stay the door's."""
    call.engine = client.engine
    call.client = client
    call.db = &client.engine.dbs[client.db]
    call.command = NULL
    call.argv = argv
    call.argc = argc
    call.hashed = False
    call.out = out
    call.resp = client.resp
    call.failed = False
    call.changes = 0


cdef bint arg_is(const Call* call, int i, const char* word) noexcept nogil:
    """Whether argument i is this word (given in upper case), in any case of letters."""
    cdef const uint8_t* p = call.argv[i].data
    cdef size_t n = call.argv[i].size, k
    cdef uint8_t c
    for k in range(n):
        c = p[k]
        if c >= 97 and c <= 122:
            c -= 32
        if word[k] == 0 or c != <uint8_t>word[k]:
            return False
    return word[n] == 0


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


cdef bint arg_double_or(Call* call, int i, double* out, const char* error) noexcept nogil:
    if number_parse_double(call.argv[i].data, call.argv[i].size, out):
        return True
    reply_error(call, error)
    return False


cdef bint arg_double(Call* call, int i, double* out) noexcept nogil:
    return arg_double_or(call, i, out, NOT_A_FLOAT)


cdef bint arg_cursor(Call* call, int i, uint64_t* out) noexcept nogil:
    """A scan cursor: an unsigned 64-bit decimal."""
    cdef const uint8_t* p = call.argv[i].data
    cdef size_t n = call.argv[i].size, k
    cdef uint64_t value = 0
    cdef unsigned int digit
    if n == 0 or n > 20:
        reply_error(call, INVALID_CURSOR)
        return False
    for k in range(n):
        digit = <unsigned int>p[k] - 48
        if digit > 9 or value > (<uint64_t>-1 - digit) // 10:
            reply_error(call, INVALID_CURSOR)
            return False
        value = value * 10 + digit
    out[0] = value
    return True
