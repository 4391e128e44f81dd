"""How a command answers, and all error texts.

A reply is written straight into call.out in the protocol of the client (call.resp): RESP2 or RESP3.
The embedded door reads RESP3 from the same buffer (docs/decisions/0002). A command that cannot
know a length beforehand marks the place and closes it afterwards.
"""
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport strlen

from cydis.core.buffer cimport buffer_append
from cydis.core.listpack cimport ListpackValue
from cydis.core.resp cimport (
    resp_array, resp_bool, resp_bulk, resp_bulk_integer, resp_double, resp_double_text, resp_insert_header,
    resp_insert_map, resp_integer, resp_map, resp_mark, resp_null, resp_null_array, resp_ok, resp_push, resp_set,
    resp_set_type, resp_status, resp_verbatim,
)
from cydis.engine.call cimport Call

cdef extern from * nogil:
    """
    #define CYDIS_WRONGTYPE "WRONGTYPE Operation against a key holding the wrong kind of value"
    #define CYDIS_SYNTAX "ERR syntax error"
    #define CYDIS_NOT_AN_INTEGER "ERR value is not an integer or out of range"
    #define CYDIS_NOT_A_FLOAT "ERR value is not a valid float"
    #define CYDIS_OUT_OF_RANGE "ERR value is out of range"
    #define CYDIS_NOT_AN_INT32 "ERR value is out of range, value must between -2147483648 and 2147483647"
    #define CYDIS_INDEX_OUT_OF_RANGE "ERR index out of range"
    #define CYDIS_NO_SUCH_KEY "ERR no such key"
    #define CYDIS_SAME_OBJECT "ERR source and destination objects are the same"
    #define CYDIS_INVALID_CURSOR "ERR invalid cursor"
    #define CYDIS_DB_OUT_OF_RANGE "ERR DB index is out of range"
    #define CYDIS_TOO_LARGE "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
    #define CYDIS_NO_MEMORY "OOM the system refused memory for this command; nothing was changed"
    #define CYDIS_NO_MEMORY_PARTLY "OOM the system refused memory for this command; a part of it was done"
    #define CYDIS_NOAUTH "NOAUTH Authentication required."
    #define CYDIS_WRONGPASS "WRONGPASS invalid username-password pair or user is disabled."
    #define CYDIS_NAN_SCORE "ERR resulting score is not a number (NaN)"
    #define CYDIS_NAN_OR_INFINITY "ERR increment would produce NaN or Infinity"
    #define CYDIS_OVERFLOW "ERR increment or decrement would overflow"
    #define CYDIS_NOT_SERIALISED "ERR values of this type cannot be serialised"
    #define CYDIS_REPLY_TOO_LARGE "ERR the reply to so many repetitions would be larger than 1 GiB"
    """
    const char* WRONGTYPE "CYDIS_WRONGTYPE"
    const char* SYNTAX "CYDIS_SYNTAX"
    const char* NOT_AN_INTEGER "CYDIS_NOT_AN_INTEGER"
    const char* NOT_A_FLOAT "CYDIS_NOT_A_FLOAT"
    const char* OUT_OF_RANGE "CYDIS_OUT_OF_RANGE"
    const char* NOT_AN_INT32 "CYDIS_NOT_AN_INT32"
    const char* INDEX_OUT_OF_RANGE "CYDIS_INDEX_OUT_OF_RANGE"
    const char* NO_SUCH_KEY "CYDIS_NO_SUCH_KEY"
    const char* SAME_OBJECT "CYDIS_SAME_OBJECT"
    const char* INVALID_CURSOR "CYDIS_INVALID_CURSOR"
    const char* DB_OUT_OF_RANGE "CYDIS_DB_OUT_OF_RANGE"
    const char* TOO_LARGE "CYDIS_TOO_LARGE"
    const char* NO_MEMORY "CYDIS_NO_MEMORY"
    const char* NO_MEMORY_PARTLY "CYDIS_NO_MEMORY_PARTLY"
    const char* NOAUTH "CYDIS_NOAUTH"
    const char* WRONGPASS "CYDIS_WRONGPASS"
    const char* NAN_SCORE "CYDIS_NAN_SCORE"
    const char* NAN_OR_INFINITY "CYDIS_NAN_OR_INFINITY"
    const char* OVERFLOW "CYDIS_OVERFLOW"
    const char* NOT_SERIALISED "CYDIS_NOT_SERIALISED"
    const char* REPLY_TOO_LARGE "CYDIS_REPLY_TOO_LARGE"

cdef enum:
    REPLY_DRAWN_MAX = 1 << 30             # bytes of a reply whose length the client alone decides
    REPLY_BULK_MIN = 6                    # bytes of the shortest bulk string

# Errors: the text with its kind as first word and without the leading '-'. CR and LF in it become spaces; those at its
# end are dropped.
cdef void reply_error_size(Call* call, const char* text, size_t size) noexcept nogil
cdef void reply_error(Call* call, const char* text) noexcept nogil
cdef void reply_bad_arity(Call* call) noexcept nogil       # these two name the command
cdef void reply_bad_moment(Call* call) noexcept nogil


cdef inline void reply_syntax(Call* call) noexcept nogil:
    reply_error(call, SYNTAX)


cdef inline void reply_status_size(Call* call, const char* text, size_t size) noexcept nogil:
    resp_status(call.out, text, size)


cdef inline void reply_status(Call* call, const char* text) noexcept nogil:
    resp_status(call.out, text, strlen(text))


cdef inline void reply_ok(Call* call) noexcept nogil:
    resp_ok(call.out)


cdef inline void reply_int(Call* call, int64_t n) noexcept nogil:
    resp_integer(call.out, n)


cdef inline void reply_bulk(Call* call, const void* data, size_t size) noexcept nogil:
    resp_bulk(call.out, data, size)


cdef inline void reply_text(Call* call, const char* text) noexcept nogil:
    """A bulk string from a C string."""
    resp_bulk(call.out, text, strlen(text))


cdef inline void reply_element(Call* call, const ListpackValue* value) noexcept nogil:
    """An element of a collection as a bulk string."""
    if value.text != NULL:
        resp_bulk(call.out, value.text, value.size)
    else:
        resp_bulk_integer(call.out, value.number)


cdef inline void reply_null(Call* call) noexcept nogil:
    resp_null(call.out, call.resp)


cdef inline void reply_null_array(Call* call) noexcept nogil:
    resp_null_array(call.out, call.resp)


cdef inline void reply_array(Call* call, size_t count) noexcept nogil:
    resp_array(call.out, count)


cdef inline void reply_map(Call* call, size_t pairs) noexcept nogil:
    """The header of a map; in RESP2 an array of twice as many. Keys and values follow."""
    resp_map(call.out, pairs, call.resp)


cdef inline void reply_set(Call* call, size_t count) noexcept nogil:
    resp_set(call.out, count, call.resp)


cdef inline void reply_push(Call* call, size_t count) noexcept nogil:
    resp_push(call.out, count, call.resp)


cdef inline void reply_double(Call* call, double value) noexcept nogil:
    resp_double(call.out, value, call.resp)


cdef inline void reply_double_text(Call* call, const char* digits, size_t size) noexcept nogil:
    """A double whose digits are the command's own."""
    resp_double_text(call.out, digits, size, call.resp)


cdef inline void reply_bool(Call* call, bint value) noexcept nogil:
    """true/false; in RESP2 the integers 1 and 0."""
    resp_bool(call.out, value, call.resp)


cdef inline void reply_verbatim(Call* call, const char* format, const char* text, size_t size) noexcept nogil:
    resp_verbatim(call.out, format, text, size, call.resp)


cdef inline size_t reply_mark(Call* call) noexcept nogil:
    """Begins an array whose length is not known yet; what is replied from here on are its elements."""
    return resp_mark(call.out)


cdef inline void reply_array_at(Call* call, size_t mark, size_t count) noexcept nogil:
    """Ends it: `count` elements were written since the mark."""
    resp_insert_header(call.out, mark, b"*", count)


cdef inline void reply_bulk_at(Call* call, size_t mark) noexcept nogil:
    """A bulk string of what was written since the mark."""
    resp_insert_header(call.out, mark, b"$", call.out.used - mark)
    buffer_append(call.out, b"\r\n", 2)


cdef inline void reply_map_at(Call* call, size_t mark, size_t pairs) noexcept nogil:
    resp_insert_map(call.out, mark, pairs, call.resp)


cdef inline void reply_set_at(Call* call, size_t mark, size_t count) noexcept nogil:
    resp_insert_header(call.out, mark, resp_set_type(call.resp), count)


cdef inline bint reply_room(Call* call, size_t mark, uint64_t elements) noexcept nogil:
    """Whether so many more elements can stand in a reply begun at `mark`; else it is taken back for an error.

    For elements drawn with repetition: any other reply is bounded by the data that it shows.
    """
    if call.out.failed:
        return False
    if elements <= REPLY_DRAWN_MAX and call.out.used - mark + REPLY_BULK_MIN * elements <= REPLY_DRAWN_MAX:
        return True
    call.out.used = mark
    reply_error(call, REPLY_TOO_LARGE)
    return False
