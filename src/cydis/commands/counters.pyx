"""Numbers kept in strings: counting up and down in one step.

The value must be the text of a signed 64-bit integer in its one canonical spelling (no plus, no space, no
leading zero); a missing key counts as 0. The key keeps its expiry. What would leave the range is an error and
changes nothing. INCRBYFLOAT takes any decimal number and computes in long double.

DECR key
    Subtract one; the new value. O(1). Since 1.0.0.
DECRBY key decrement
    Subtract a number; the new value. O(1). Since 1.0.0.
INCR key
    Add one; the new value. O(1). Since 1.0.0.
INCRBY key increment
    Add a number; the new value. O(1). Since 1.0.0.
INCRBYFLOAT key increment
    Add a fraction; the new value as text with at most 17 digits behind the point, never with an
    exponent. O(1). Since 2.6.0.
"""
from libc.math cimport isinf, isnan
from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t, uint8_t

from cydis.core.number cimport (
    number_format_long_double, number_parse_int, number_parse_long_double,
)
from cydis.core.record cimport record_expiry, record_int
from cydis.engine.call cimport Call, Row, arg_int
from cydis.engine.keyspace cimport (
    NO_EXPIRY, Ref, changed, key_find, record_string, ref_for_write, ref_store_bytes, ref_store_int,
)
from cydis.engine.reply cimport (
    NAN_OR_INFINITY, NO_MEMORY, NOT_A_FLOAT, NOT_AN_INTEGER, OVERFLOW, WRONGTYPE, reply_bulk, reply_error, reply_int,
)
from cydis.engine.table cimport DENYOOM, FAST, KEY1, WRITE, register
from cydis.types.encodings cimport ENC_INT, TYPE_STRING

cdef Row[5] ROWS = [
    #   name             function     arity  flags                   keys
    Row(b"DECR",         decr,        2,     WRITE | DENYOOM | FAST, KEY1),
    Row(b"DECRBY",       decrby,      3,     WRITE | DENYOOM | FAST, KEY1),
    Row(b"INCR",         incr,        2,     WRITE | DENYOOM | FAST, KEY1),
    Row(b"INCRBY",       incrby,      3,     WRITE | DENYOOM | FAST, KEY1),
    Row(b"INCRBYFLOAT",  incrbyfloat, 3,     WRITE | DENYOOM | FAST, KEY1),
]
register(b"string", ROWS, 5)


cdef inline bint find_number(Call* call, Ref* ref) noexcept nogil:
    """The key, which is missing or holds a string. False: WRONGTYPE has been replied."""
    if key_find(call, 1, ref) != NULL and ref.record.type != TYPE_STRING:
        reply_error(call, WRONGTYPE)
        return False
    return True


cdef inline bint read_int(Ref* ref, int64_t* value) noexcept nogil:
    cdef char[24] scratch
    cdef const uint8_t* data
    cdef size_t size
    if ref.record == NULL:
        value[0] = 0
        return True
    if ref.record.encoding == ENC_INT:
        value[0] = record_int(ref.record)
        return True
    record_string(ref.record, scratch, &data, &size)
    return number_parse_int(data, size, value)


cdef inline int64_t expiry_of(Ref* ref) noexcept nogil:
    return NO_EXPIRY if ref.record == NULL else record_expiry(ref.record)


cdef void add(Call* call, int64_t step) noexcept nogil:
    cdef Ref ref
    cdef int64_t value
    if not find_number(call, &ref):
        return
    if not read_int(&ref, &value):
        reply_error(call, NOT_AN_INTEGER)
        return
    if (step > 0 and value > INT64_MAX - step) or (step < 0 and value < INT64_MIN - step):
        reply_error(call, OVERFLOW)
        return
    ref_for_write(&ref)
    if not ref_store_int(&ref, value + step, expiry_of(&ref)):
        reply_error(call, NO_MEMORY)
        return
    changed(call, 1)
    reply_int(call, value + step)


cdef void decr(Call* call) noexcept nogil:
    add(call, -1)


cdef void decrby(Call* call) noexcept nogil:
    cdef int64_t step
    if not arg_int(call, 2, &step):
        return
    if step == INT64_MIN:                 # has no opposite
        reply_error(call, b"ERR decrement would overflow")
        return
    add(call, -step)


cdef void incr(Call* call) noexcept nogil:
    add(call, 1)


cdef void incrby(Call* call) noexcept nogil:
    cdef int64_t step
    if arg_int(call, 2, &step):
        add(call, step)


cdef bint read_fraction(Ref* ref, long double* value) noexcept nogil:
    cdef char[24] scratch
    cdef const uint8_t* data
    cdef size_t size
    if ref.record == NULL:
        value[0] = 0
        return True
    record_string(ref.record, scratch, &data, &size)
    return number_parse_long_double(data, size, value)


cdef void incrbyfloat(Call* call) noexcept nogil:
    cdef Ref ref
    cdef long double value, step
    cdef char[5120] text                  # NUMBER_LONG_DOUBLE_MAX
    cdef size_t size
    if not find_number(call, &ref):
        return
    if not read_fraction(&ref, &value) or not number_parse_long_double(call.argv[2].data, call.argv[2].size, &step):
        reply_error(call, NOT_A_FLOAT)
        return
    value += step
    if isnan(value) or isinf(value):
        reply_error(call, NAN_OR_INFINITY)
        return
    size = number_format_long_double(value, text)
    ref_for_write(&ref)
    if not ref_store_bytes(&ref, <const uint8_t*>text, size, expiry_of(&ref)):
        reply_error(call, NO_MEMORY)
        return
    changed(call, 1)
    reply_bulk(call, text, size)
