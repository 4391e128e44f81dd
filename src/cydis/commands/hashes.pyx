"""Hashes: fields, each with a value, in no order.

n is the number of fields. A hash that loses its last field is deleted. A field whose time is over (hash_expiries.pyx)
is not there for any of these commands but HLEN, which counts it until the expiry cycle takes it.

HSET key field value [field value ...]
    Sets fields, which then do not expire, creating the hash. How many are new. O(1) per field. Since 2.0.0.
HSETNX key field value
    Sets a field that is not there yet: 1, else 0. O(1). Since 2.0.0.
HMSET key field value [field value ...]
    As HSET, but answers OK. O(1) per field. Since 2.0.0.
HGET key field
    The value of a field, or null. O(1). Since 2.0.0.
HMGET key field [field ...]
    The same for each, as an array. O(1) per field. Since 2.0.0.
HGETALL key
    All fields with their values, as a map. O(n). Since 2.0.0.
HDEL key field [field ...]
    Removes fields. How many were there. O(1) per field. Since 2.0.0.
HGETDEL key FIELDS numfields field [field ...]
    The values of fields, null for those not there, which are then removed. O(1) per field. Since 9.1.0.
HLEN key
    How many fields. O(1). Since 2.0.0.
HEXISTS key field
    1 if there is such a field, else 0. O(1). Since 2.0.0.
HSTRLEN key field
    The size of a field's value in bytes; 0 without one. O(1). Since 3.2.0.
HKEYS key
    All fields, without their values. O(n). Since 2.0.0.
HVALS key
    All values, without their fields. O(n). Since 2.0.0.
HINCRBY key field increment
    Adds to the integer in a field, which counts as 0 where there is none and keeps its expiry. The sum. O(1). Since 2.0.0.
HINCRBYFLOAT key field increment
    The same in floating point. The sum as text. O(1). Since 2.6.0.
HRANDFIELD key [count [WITHVALUES]]
    A random field, or null. count > 0: an array of at most so many, each once; count < 0: exactly -count, which
    may repeat. O(|count|), O(n) where count is a large part of n. Since 6.2.0.
HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]
    Some fields with their values, and the cursor for the next call; a walk begins and ends with cursor 0. What is
    in the hash from its beginning to its end comes at least once. O(1) per call, O(n) altogether. Since 2.8.0.
"""
from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t, uint8_t, uint64_t

from cydis.core.listpack cimport LISTPACK_INT_DIGITS, ListpackValue, listpack_value_text
from cydis.core.number cimport (
    NUMBER_INT_MAX, NUMBER_LONG_DOUBLE_MAX, number_format_int, number_format_long_double, number_parse_int,
    number_parse_long_double,
)
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, Row, arg_cursor, arg_int, arg_is, arg_range
from cydis.engine.keyspace cimport (
    Ref, changed, read_typed, ref_create, ref_delete, ref_delete_if_empty, ref_timed, write_typed,
)
from cydis.engine.reply cimport (
    NAN_OR_INFINITY, NOT_A_FLOAT, NO_MEMORY, NO_MEMORY_PARTLY, OUT_OF_RANGE, OVERFLOW, reply_array, reply_bad_arity,
    reply_bulk, reply_element, reply_error, reply_int, reply_map, reply_mark, reply_null, reply_ok, reply_room,
    reply_syntax,
)
from cydis.engine.scan cimport SCAN_FIELDS, Scan, scan_add, scan_begin, scan_end, scan_goes_on, scan_wants
from cydis.engine.table cimport DENYOOM, FAST, KEY1, READ, WRITE, register
from cydis.engine.value cimport ENC_LISTPACK, TYPE_HASH
from cydis.types.context cimport Context
from cydis.types.hash_chance cimport (
    HashDraw, hash_draw, hash_draw_begin, hash_draw_end, hash_random, hash_sample,
)
from cydis.types.hashes cimport (
    HashPlace, HashWalk, hash_find, hash_fit, hash_free, hash_get, hash_live, hash_new, hash_next, hash_put, hash_scan,
    hash_set, hash_size, hash_take, hash_walk,
)
from cydis.types.holder cimport Holder, holder_open

cdef Row[17] ROWS = [
    #   name             function      arity  flags                   keys
    Row(b"HSET",         hset,         -4,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"HSETNX",       hsetnx,       4,     WRITE | DENYOOM | FAST, KEY1),
    Row(b"HMSET",        hmset,        -4,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"HGET",         hget,         3,     READ | FAST,            KEY1),
    Row(b"HMGET",        hmget,        -3,    READ | FAST,            KEY1),
    Row(b"HGETALL",      hgetall,      2,     READ,                   KEY1),
    Row(b"HDEL",         hdel,         -3,    WRITE | FAST,           KEY1),
    Row(b"HGETDEL",      hgetdel,      -5,    WRITE | FAST,           KEY1),
    Row(b"HLEN",         hlen,         2,     READ | FAST,            KEY1),
    Row(b"HEXISTS",      hexists,      3,     READ | FAST,            KEY1),
    Row(b"HSTRLEN",      hstrlen,      3,     READ | FAST,            KEY1),
    Row(b"HKEYS",        hkeys,        2,     READ,                   KEY1),
    Row(b"HVALS",        hvals,        2,     READ,                   KEY1),
    Row(b"HINCRBY",      hincrby,      4,     WRITE | DENYOOM | FAST, KEY1),
    Row(b"HINCRBYFLOAT", hincrbyfloat, 4,     WRITE | DENYOOM | FAST, KEY1),
    Row(b"HRANDFIELD",   hrandfield,   -2,    READ,                   KEY1),
    Row(b"HSCAN",        hscan,        -3,    READ,                   KEY1),
]
register(b"hash", ROWS, 17)


# ---- what several of them need ----

cdef bint create_hash(Call* call, Ref* ref, int encoding) noexcept nogil:
    """An empty hash for a missing key; or false and an error."""
    cdef Context* cx = &call.engine.context
    cdef Holder holder
    cdef void* value = hash_new(cx, encoding)
    if value != NULL:
        if ref_create(ref, TYPE_HASH, encoding, value) != NULL:
            return True
        hash_free(cx, holder_open(&holder, encoding, value))
    reply_error(call, NO_MEMORY)
    return False


cdef void hash_changed(Call* call, Ref* ref) noexcept nogil:
    ref_timed(ref)
    changed(call, 1)


cdef void hash_reduced(Call* call, Ref* ref) noexcept nogil:
    if hash_size(ref.record) == 0:
        ref_delete(ref, False)
        changed(call, 1)
    else:
        hash_changed(call, ref)


cdef bint open_field(Call* call, Ref* ref, HashPlace* place, ListpackValue* value, bint* there) noexcept nogil:
    """The hash of argument 1, made if missing, and the field of argument 2; or false and an error."""
    cdef int found = write_typed(call, 1, TYPE_HASH, ref)
    if found < 0 or (found == 0 and not create_hash(call, ref, ENC_LISTPACK)):
        return False
    there[0] = hash_find(ref.record, &call.argv[2], place, value)
    return True


cdef bint put_field(Call* call, Ref* ref, HashPlace* place, const void* data, size_t size) noexcept nogil:
    """Stores a value at that place; or false and an error."""
    cdef RespArg value = RespArg(<const uint8_t*>data, size)
    if hash_put(&call.engine.context, ref.record, &call.argv[2], &value, place) < 0:
        ref_delete_if_empty(ref)
        reply_error(call, NO_MEMORY)
        return False
    hash_changed(call, ref)
    return True


cdef void reply_all(Call* call, const Record* hash, bint fields, bint values) noexcept nogil:
    cdef HashWalk walk
    cdef ListpackValue field, value
    hash_walk(hash, &walk)
    while hash_next(&walk, &field, &value):
        if fields:
            reply_element(call, &field)
        if values:
            reply_element(call, &value)


# ---- setting ----

cdef bint set_pairs(Call* call, size_t* created) noexcept nogil:
    """Sets the fields of the arguments; or false and an error."""
    cdef Context* cx = &call.engine.context
    cdef Ref ref
    cdef const RespArg* pairs = call.argv + 2
    cdef size_t count = <size_t>(call.argc - 2) // 2, done
    cdef int found
    if call.argc % 2:
        reply_bad_arity(call)
        return False
    found = write_typed(call, 1, TYPE_HASH, &ref)
    if found < 0 or (found == 0 and not create_hash(call, &ref, hash_fit(cx, pairs, count))):
        return False
    created[0] = hash_set(cx, ref.record, pairs, count, &done)
    if done:
        hash_changed(call, &ref)
    if done == count:
        return True
    ref_delete_if_empty(&ref)
    reply_error(call, NO_MEMORY_PARTLY if done else NO_MEMORY)
    return False


cdef void hset(Call* call) noexcept nogil:
    cdef size_t created
    if set_pairs(call, &created):
        reply_int(call, created)


cdef void hsetnx(Call* call) noexcept nogil:
    cdef Ref ref
    cdef HashPlace place
    cdef ListpackValue value
    cdef bint there
    if not open_field(call, &ref, &place, &value, &there):
        return
    if there:
        reply_int(call, 0)
    elif put_field(call, &ref, &place, call.argv[3].data, call.argv[3].size):
        reply_int(call, 1)


cdef void hmset(Call* call) noexcept nogil:
    cdef size_t created
    if set_pairs(call, &created):
        reply_ok(call)


# ---- reading ----

cdef void hget(Call* call) noexcept nogil:
    cdef Record* hash
    cdef ListpackValue value
    cdef int found = read_typed(call, 1, TYPE_HASH, &hash)
    if found < 0:
        return
    if found and hash_get(hash, &call.argv[2], &value):
        reply_element(call, &value)
    else:
        reply_null(call)


cdef void hmget(Call* call) noexcept nogil:
    cdef Record* hash
    cdef ListpackValue value
    cdef int i
    cdef int found = read_typed(call, 1, TYPE_HASH, &hash)
    if found < 0:
        return
    reply_array(call, call.argc - 2)
    for i in range(2, call.argc):
        if found and hash_get(hash, &call.argv[i], &value):
            reply_element(call, &value)
        else:
            reply_null(call)


cdef void hgetall(Call* call) noexcept nogil:
    cdef Record* hash
    cdef int found = read_typed(call, 1, TYPE_HASH, &hash)
    if found < 0:
        return
    reply_map(call, hash_live(hash) if found else 0)
    if found:
        reply_all(call, hash, True, True)


# ---- removing ----

cdef void hdel(Call* call) noexcept nogil:
    cdef Ref ref
    cdef HashPlace place
    cdef ListpackValue value
    cdef int64_t removed = 0
    cdef int i
    cdef bint refused = False
    cdef int found = write_typed(call, 1, TYPE_HASH, &ref)
    if found == 0:
        reply_int(call, 0)
    if found <= 0:
        return
    for i in range(2, call.argc):
        if hash_find(ref.record, &call.argv[i], &place, &value):
            if not hash_take(&call.engine.context, ref.record, &place):
                refused = True
                break
            removed += 1
    if removed:
        hash_reduced(call, &ref)
    if refused:
        reply_error(call, NO_MEMORY_PARTLY if removed else NO_MEMORY)
    else:
        reply_int(call, removed)


cdef void hgetdel(Call* call) noexcept nogil:
    cdef Ref ref
    cdef HashPlace place
    cdef ListpackValue value
    cdef int64_t count, removed = 0
    cdef size_t mark = reply_mark(call)
    cdef int i, found
    if not arg_is(call, 2, b"FIELDS"):
        reply_syntax(call)
        return
    if not arg_int(call, 3, &count):
        return
    if count < 1 or count != call.argc - 4:
        reply_error(call, NUMFIELDS)
        return
    found = write_typed(call, 1, TYPE_HASH, &ref)
    if found < 0:
        return
    reply_array(call, count)
    for i in range(4, call.argc):
        if not found or not hash_find(ref.record, &call.argv[i], &place, &value):
            reply_null(call)
            continue
        reply_element(call, &value)
        if not hash_take(&call.engine.context, ref.record, &place):
            call.out.used = mark
            reply_error(call, NO_MEMORY_PARTLY if removed else NO_MEMORY)
            break
        removed += 1
    if removed:
        hash_reduced(call, &ref)


# ---- looking around ----

cdef void hlen(Call* call) noexcept nogil:
    cdef Record* hash
    cdef int found = read_typed(call, 1, TYPE_HASH, &hash)
    if found >= 0:
        reply_int(call, hash_size(hash) if found else 0)


cdef void hexists(Call* call) noexcept nogil:
    cdef Record* hash
    cdef ListpackValue value
    cdef int found = read_typed(call, 1, TYPE_HASH, &hash)
    if found >= 0:
        reply_int(call, found and hash_get(hash, &call.argv[2], &value))


cdef void hstrlen(Call* call) noexcept nogil:
    cdef Record* hash
    cdef ListpackValue value
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef size_t size = 0
    cdef int found = read_typed(call, 1, TYPE_HASH, &hash)
    if found < 0:
        return
    if found and hash_get(hash, &call.argv[2], &value):
        listpack_value_text(&value, digits, &size)
    reply_int(call, size)


cdef void reply_half(Call* call, bint fields) noexcept nogil:
    cdef Record* hash
    cdef int found = read_typed(call, 1, TYPE_HASH, &hash)
    if found < 0:
        return
    reply_array(call, hash_live(hash) if found else 0)
    if found:
        reply_all(call, hash, fields, not fields)


cdef void hkeys(Call* call) noexcept nogil:
    reply_half(call, True)


cdef void hvals(Call* call) noexcept nogil:
    reply_half(call, False)


# ---- counting ----

cdef void hincrby(Call* call) noexcept nogil:
    cdef Ref ref
    cdef HashPlace place
    cdef ListpackValue value
    cdef bint there
    cdef int64_t step, number = 0
    cdef char[NUMBER_INT_MAX] text
    if not arg_int(call, 3, &step) or not open_field(call, &ref, &place, &value, &there):
        return
    if there:
        if value.text == NULL:
            number = value.number
        elif not number_parse_int(value.text, value.size, &number):
            reply_error(call, b"ERR hash value is not an integer")
            return
    if (step > 0 and number > INT64_MAX - step) or (step < 0 and number < INT64_MIN - step):
        reply_error(call, OVERFLOW)
        return
    number += step
    if put_field(call, &ref, &place, text, number_format_int(number, text)):
        reply_int(call, number)


cdef inline bint finite(long double x) noexcept nogil:
    return x - x == 0


cdef void hincrbyfloat(Call* call) noexcept nogil:
    cdef Ref ref
    cdef HashPlace place
    cdef ListpackValue value
    cdef bint there
    cdef long double step, number = 0
    cdef char[NUMBER_LONG_DOUBLE_MAX] text
    cdef size_t size
    if not number_parse_long_double(call.argv[3].data, call.argv[3].size, &step):
        reply_error(call, NOT_A_FLOAT)
        return
    if not finite(step):
        reply_error(call, b"ERR value is NaN or Infinity")
        return
    if not open_field(call, &ref, &place, &value, &there):
        return
    if there:
        if value.text == NULL:
            number = value.number
        elif not number_parse_long_double(value.text, value.size, &number):
            reply_error(call, b"ERR hash value is not a float")
            return
    number += step
    if not finite(number):
        reply_error(call, NAN_OR_INFINITY)
        return
    size = number_format_long_double(number, text)
    if put_field(call, &ref, &place, text, size):
        reply_bulk(call, text, size)


# ---- chance ----

cdef inline void reply_field(Call* call, const ListpackValue* field, const ListpackValue* value,
                             bint values) noexcept nogil:
    if values and call.resp > 2:
        reply_array(call, 2)
    reply_element(call, field)
    if values:
        reply_element(call, value)


cdef void visit_field(void* ctx, const ListpackValue* field, const ListpackValue* value) noexcept nogil:
    reply_field(<Call*>ctx, field, value, False)


cdef void visit_pair(void* ctx, const ListpackValue* field, const ListpackValue* value) noexcept nogil:
    reply_field(<Call*>ctx, field, value, True)


cdef inline void reply_header(Call* call, uint64_t count, bint values) noexcept nogil:
    reply_array(call, 2 * count if values and call.resp == 2 else count)


cdef void random_many(Call* call, const Record* hash, int64_t count, bint values) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef size_t mark = reply_mark(call), size = hash_live(hash)
    cdef ListpackValue field, value
    cdef HashWalk walk
    cdef HashDraw draw
    if count < 0 and size:
        if not hash_draw_begin(cx, hash, &draw):
            reply_error(call, NO_MEMORY)
            return
        reply_header(call, -count, values)
        while count and reply_room(call, mark, -count):
            hash_draw(cx, &draw, &field, &value)
            reply_field(call, &field, &value, values)
            count += 1
        hash_draw_end(cx, &draw)
        return
    if <uint64_t>count >= size:
        reply_header(call, size, values)
        hash_walk(hash, &walk)
        while hash_next(&walk, &field, &value):
            reply_field(call, &field, &value, values)
        return
    reply_header(call, count, values)
    if not hash_sample(cx, hash, count, visit_pair if values else visit_field, call):
        call.out.used = mark
        reply_error(call, NO_MEMORY)


cdef void hrandfield(Call* call) noexcept nogil:
    cdef Record* hash
    cdef ListpackValue field, value
    cdef int64_t count = 0
    cdef int found
    if call.argc > 2 and (not arg_int(call, 2, &count) or not arg_range(
            call, 2, -INT64_MAX, INT64_MAX, &count,
            b"ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")):
        return
    if call.argc > 4 or (call.argc == 4 and not arg_is(call, 3, b"WITHVALUES")):
        reply_syntax(call)
        return
    if call.argc == 4 and (count > INT64_MAX // 2 or count < -(INT64_MAX // 2)):
        reply_error(call, OUT_OF_RANGE)
        return
    found = read_typed(call, 1, TYPE_HASH, &hash)
    if found < 0:
        return
    if call.argc > 2:
        if found:
            random_many(call, hash, count, call.argc == 4)
        else:
            reply_array(call, 0)
    elif found and hash_random(&call.engine.context, hash, &field, &value):
        reply_element(call, &field)
    else:
        reply_null(call)


# ---- HSCAN ----

cdef void scan_field(void* ctx, const ListpackValue* field, const ListpackValue* value) noexcept nogil:
    cdef Scan* scan = <Scan*>ctx
    if scan_wants(scan, field):
        scan_add(scan, field)
        if not scan.keys_only:
            scan_add(scan, value)


cdef void hscan(Call* call) noexcept nogil:
    cdef Record* hash
    cdef Scan scan
    cdef uint64_t cursor
    cdef int found
    if not arg_cursor(call, 2, &cursor):
        return
    found = read_typed(call, 1, TYPE_HASH, &hash)
    if found < 0:
        return
    # options of a missing hash are not looked at
    if not scan_begin(&scan, call, 3 if found else call.argc, SCAN_FIELDS):
        return
    if found:
        cursor = hash_scan(hash, cursor, scan_field, &scan)
        while scan_goes_on(&scan, cursor):
            cursor = hash_scan(hash, cursor, scan_field, &scan)
    scan_end(&scan, cursor if found else 0)
