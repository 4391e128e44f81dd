"""Strings, set and read whole: one key, one run of bytes of up to proto-max-bulk-len.

A value that is the canonical text of a 64-bit integer is kept as that integer; nobody sees a difference
but OBJECT ENCODING and memory. Where a moment is set, EX and PX count seconds and milliseconds from now,
EXAT and PXAT from 1970; a count below 1 is an error, a moment that is over already removes the key. Setting
a value drops the expiry that the key had and replaces a value of any type, except where stated.

DELIFEQ key value
    Remove the key if it holds exactly this value: 1, or 0. How a lock is given back by its owner
    alone. O(size of the value). Since 9.0.0.
GET key
    The value, or null. O(size). Since 1.0.0.
GETDEL key
    The value, or null; the key is gone afterwards. O(size). Since 6.2.0.
GETEX key [EX seconds | PX milliseconds | EXAT moment | PXAT moment | PERSIST]
    The value, or null; then the key's expiry is set, or taken away (PERSIST), or left alone. O(size).
    Since 6.2.0.
GETSET key value
    Set the value and reply the one that was there, or null. SET with GET does the same. O(size).
    Since 1.0.0.
MGET key [key ...]
    The values in the order of the keys; null where there is no key or no string. O(keys). Since 1.0.0.
MSET key value [key value ...]
    Set all, in one step; the last one counts where a key is repeated. O(keys). Since 1.0.1.
MSETEX numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds | EXAT moment | PXAT moment | KEEPTTL]
    Set all with one expiry, or with the expiry each key has (KEEPTTL): 1. With NX only if none of the keys
    exists, with XX only if all do, else 0 and nothing is set. O(keys). Since 9.1.0.
MSETNX key value [key value ...]
    Set all if none of the keys exists: 1, else 0. O(keys). Since 1.0.1.
PSETEX key milliseconds value
    SET with PX. O(size). Since 2.6.0.
SET key value [NX | XX | IFEQ value] [GET] [EX seconds | PX milliseconds | EXAT moment | PXAT moment | KEEPTTL]
    Set the value: OK. With NX only a missing key, with XX only an existing one, with IFEQ only one that
    holds that value; null if the condition is not met. KEEPTTL keeps the expiry. With GET the reply is the value
    from before, or null, whether the condition was met or not. O(size). Since 1.0.0.
SETEX key seconds value
    SET with EX. O(size). Since 2.0.0.
SETNX key value
    SET with NX: 1, or 0. O(size). Since 1.0.0.
"""
from libc.stdint cimport INT32_MAX, int64_t, uint8_t, uint64_t
from libc.string cimport memcmp

from cydis.core.number cimport number_parse_int
from cydis.core.record cimport RECORD_EXPIRES, RECORD_INLINE, Record, record_expiry, record_value
from cydis.core.resp cimport RespArg
from cydis.engine.ahead cimport KEY_GROUP, hash_group
from cydis.engine.call cimport Call, Keys, Row, arg_is, arg_moment, arg_range
from cydis.engine.keyspace cimport (
    NO_EXPIRY, Ref, changed, key_find, key_read, key_read_hashed, key_read_ref,
    key_write, record_string, ref_delete, ref_expire, ref_find_hashed, ref_for_write, ref_set_expiry,
    ref_store_bytes, ref_store_int,
)
from cydis.engine.reply cimport (
    NO_MEMORY, NO_MEMORY_PARTLY, WRONGTYPE, reply_array, reply_bad_arity, reply_bulk, reply_error, reply_int,
    reply_null, reply_ok, reply_syntax,
)
from cydis.engine.table cimport (
    BRIEF, DENYOOM, FAST, KEY1, KEYS_ALL, KEYS_PAIRS, MOVABLEKEYS, READ, WRITE, register,
)
from cydis.types.encodings cimport TYPE_STRING

cdef enum:
    INT_TEXT = 20                         # longest text of an int64

cdef Keys COUNTED_PAIRS = Keys(2, 0, 2, 1, 0)

cdef Row[13] ROWS = [
    #   name         function  arity  flags                          keys
    Row(b"DELIFEQ",  delifeq,  3,     WRITE | FAST,                  KEY1),
    Row(b"GET",      get,      2,     READ | FAST,                   KEY1),
    Row(b"GETDEL",   getdel,   2,     WRITE | FAST,                  KEY1),
    Row(b"GETEX",    getex,    -2,    WRITE | FAST,                  KEY1),
    Row(b"GETSET",   getset,   3,     WRITE | DENYOOM | FAST,        KEY1),
    Row(b"MGET",     mget,     -2,    READ | FAST,                   KEYS_ALL),
    Row(b"MSET",     mset,     -3,    WRITE | DENYOOM,               KEYS_PAIRS),
    Row(b"MSETEX",   msetex,   -4,    WRITE | DENYOOM | MOVABLEKEYS, COUNTED_PAIRS),
    Row(b"MSETNX",   msetnx,   -3,    WRITE | DENYOOM,               KEYS_PAIRS),
    Row(b"PSETEX",   psetex,   4,     WRITE | DENYOOM | BRIEF,       KEY1),
    Row(b"SET",      set_,     -3,    WRITE | DENYOOM | BRIEF,       KEY1),
    Row(b"SETEX",    setex,    4,     WRITE | DENYOOM | BRIEF,       KEY1),
    Row(b"SETNX",    setnx,    3,     WRITE | DENYOOM | FAST,        KEY1),
]
register(b"string", ROWS, 13)


# ---- replying and storing a value ----

cdef inline void reply_value(Call* call, const Record* record) noexcept nogil:
    cdef char[24] scratch
    cdef const uint8_t* data
    cdef size_t size
    if record.flags & RECORD_INLINE:
        reply_bulk(call, record_value(record), record.value_size)
        return
    record_string(record, scratch, &data, &size)
    reply_bulk(call, data, size)


cdef inline bint reply_value_or_null(Call* call, const Record* record) noexcept nogil:
    """False: the key holds another type, and the client has been told."""
    if record == NULL:
        reply_null(call)
    elif record.type == TYPE_STRING:
        reply_value(call, record)
    else:
        reply_error(call, WRONGTYPE)
        return False
    return True


cdef bint holds(const Record* record, const RespArg* value) noexcept nogil:
    cdef char[24] scratch
    cdef const uint8_t* data
    cdef size_t size
    record_string(record, scratch, &data, &size)
    return size == value.size and memcmp(data, value.data, size) == 0


cdef inline bint store(Ref* ref, const RespArg* value, int64_t expiry) noexcept nogil:
    cdef int64_t n
    if value.size <= INT_TEXT and number_parse_int(value.data, value.size, &n):
        return ref_store_int(ref, n, expiry)
    return ref_store_bytes(ref, value.data, value.size, expiry)


cdef void refuse_memory(Call* call, size_t start) noexcept nogil:
    """Takes back what was replied since `start`."""
    call.out.used = start
    reply_error(call, NO_MEMORY)


cdef inline int64_t expiry_of(const Record* record) noexcept nogil:
    return NO_EXPIRY if record == NULL else record_expiry(record)


cdef bint set_until(Call* call, Ref* ref, const RespArg* value, int64_t at) noexcept nogil:
    """Sets a value with the expiry `at`; if that is over already the key goes instead. False: no memory."""
    if 0 <= at <= call.engine.now:
        if ref.record != NULL:
            ref_expire(ref)
            changed(call, 1)
        return True
    ref_for_write(ref)
    if not store(ref, value, at):
        return False
    changed(call, 1)
    return True


# ---- options ----

cdef int unit_of(Call* call, int i) noexcept nogil:
    if arg_is(call, i, b"EX"):
        return EX
    if arg_is(call, i, b"PX"):
        return PX
    if arg_is(call, i, b"EXAT"):
        return EXAT
    return PXAT if arg_is(call, i, b"PXAT") else 0


cdef bint read_options(Call* call, int i, int end, int allowed, Options* o) noexcept nogil:
    cdef bint more
    cdef int unit
    o.unit = o.moment = o.equal = 0
    o.nx = o.xx = o.get = o.keep = o.drop = o.fnx = o.fxx = False
    while i < end:
        more = i + 1 < end
        if allowed & CONDITIONS and arg_is(call, i, b"NX") and not o.xx and not o.equal:
            o.nx = True
        elif allowed & CONDITIONS and arg_is(call, i, b"XX") and not o.nx and not o.equal:
            o.xx = True
        elif allowed & FIELD_CONDITIONS and arg_is(call, i, b"FNX") and not o.fxx:
            o.fnx = True
        elif allowed & FIELD_CONDITIONS and arg_is(call, i, b"FXX") and not o.fnx:
            o.fxx = True
        elif allowed & COMPARE and arg_is(call, i, b"IFEQ") and more and not (o.nx or o.xx or o.equal):
            i += 1
            o.equal = i
        elif allowed & COMPARE and arg_is(call, i, b"GET"):
            o.get = True
        elif allowed & KEEP and arg_is(call, i, b"KEEPTTL") and not o.unit:
            o.keep = True
        elif allowed & DROP and arg_is(call, i, b"PERSIST") and not o.unit:
            o.drop = True
        else:
            unit = unit_of(call, i)
            if not unit or not more or o.keep or o.drop or (o.unit and o.unit != unit):
                reply_syntax(call)
                return False
            i += 1
            o.unit = unit
            o.moment = i
        i += 1
    return True


cdef bint read_moment(Call* call, const Options* o, int64_t* at) noexcept nogil:
    at[0] = NO_EXPIRY
    return o.unit == 0 or arg_moment(call, o.moment, o.unit == EX or o.unit == EXAT, o.unit >= EXAT, at)


# ---- the commands ----

cdef void delifeq(Call* call) noexcept nogil:
    cdef Ref ref
    if key_find(call, 1, &ref) == NULL:
        reply_int(call, 0)
    elif ref.record.type != TYPE_STRING:
        reply_error(call, WRONGTYPE)
    elif holds(ref.record, &call.argv[2]):
        ref_delete(&ref, call.engine.settings.lazy_user_del)
        changed(call, 1)
        reply_int(call, 1)
    else:
        reply_int(call, 0)


cdef void get(Call* call) noexcept nogil:
    reply_value_or_null(call, key_read(call, 1))


cdef void getdel(Call* call) noexcept nogil:
    cdef Ref ref
    key_read_ref(call, 1, &ref)
    if reply_value_or_null(call, ref.record) and ref.record != NULL:
        ref_delete(&ref, call.engine.settings.lazy_user_del)
        changed(call, 1)


cdef void getex(Call* call) noexcept nogil:
    cdef Options o
    cdef int64_t at
    cdef Ref ref
    cdef size_t start = call.out.used
    if not read_options(call, 2, call.argc, DROP, &o) or not read_moment(call, &o, &at):
        return
    key_read_ref(call, 1, &ref)
    if not reply_value_or_null(call, ref.record) or ref.record == NULL:
        return
    if 0 <= at <= call.engine.now:
        ref_expire(&ref)
    elif o.unit or (o.drop and ref.record.flags & RECORD_EXPIRES):
        ref_for_write(&ref)
        if not ref_set_expiry(&ref, at):
            refuse_memory(call, start)
            return
    else:
        return
    changed(call, 1)


cdef void getset(Call* call) noexcept nogil:
    cdef Ref ref
    cdef size_t start = call.out.used
    key_read_ref(call, 1, &ref)
    if not reply_value_or_null(call, ref.record):
        return
    ref_for_write(&ref)
    if not store(&ref, &call.argv[2], NO_EXPIRY):
        refuse_memory(call, start)
        return
    changed(call, 1)


cdef void mget(Call* call) noexcept nogil:
    cdef uint64_t[KEY_GROUP] hashes
    cdef int i = 1, n, k
    cdef Record* record
    reply_array(call, call.argc - 1)
    while i < call.argc:
        n = hash_group(call, i, 1, call.argc, hashes)
        for k in range(n):
            record = key_read_hashed(call, i + k, hashes[k])
            if record != NULL and record.type == TYPE_STRING:
                reply_value(call, record)
            else:
                reply_null(call)
        i += n


cdef bint set_pairs(Call* call, int first, int end, int64_t at, bint keep) noexcept nogil:
    """Sets keys argv[first], argv[first + 2] ... before `end`. False: no memory; the keys before are set.

    A moment that is over is stored like any other (the reference does so here, and not in SET): nobody sees the
    keys, DBSIZE counts them until they are met.
    """
    cdef uint64_t[KEY_GROUP] hashes
    cdef Ref ref
    cdef const RespArg* pair
    cdef int i = first, n, k
    while i < end:
        n = hash_group(call, i, 2, end, hashes)
        for k in range(n):
            pair = &call.argv[i + 2 * k]
            ref_find_hashed(&ref, call.db, pair.data, pair.size, hashes[k])
            ref_for_write(&ref)
            if not store(&ref, pair + 1, expiry_of(ref.record) if keep else at):
                reply_error(call, NO_MEMORY_PARTLY)
                return False
            changed(call, i + 2 * k)
        i += 2 * n
    return True


cdef bint all_are(Call* call, int first, int end, bint there) noexcept nogil:
    """Whether each of the keys exists (or, with `there` false, none does)."""
    cdef uint64_t[KEY_GROUP] hashes
    cdef Ref ref
    cdef const RespArg* key
    cdef int i = first, n, k
    while i < end:
        n = hash_group(call, i, 2, end, hashes)
        for k in range(n):
            key = &call.argv[i + 2 * k]
            if (ref_find_hashed(&ref, call.db, key.data, key.size, hashes[k]) != NULL) != there:
                return False
        i += 2 * n
    return True


cdef bint in_pairs(Call* call) noexcept nogil:
    if call.argc & 1:
        return True
    reply_bad_arity(call)
    return False


cdef void mset(Call* call) noexcept nogil:
    if in_pairs(call) and set_pairs(call, 1, call.argc, NO_EXPIRY, False):
        reply_ok(call)


cdef void msetex(Call* call) noexcept nogil:
    cdef int64_t count, at
    cdef int end
    cdef Options o
    if not arg_range(call, 1, 1, INT32_MAX, &count, b"ERR invalid numkeys value or out of range"):
        return
    if count > (call.argc - 2) // 2:
        reply_syntax(call)
        return
    end = 2 + 2 * <int>count
    if not read_options(call, end, call.argc, CONDITIONS | KEEP, &o) or not read_moment(call, &o, &at):
        return
    if (o.nx and not all_are(call, 2, end, False)) or (o.xx and not all_are(call, 2, end, True)):
        reply_int(call, 0)
    elif set_pairs(call, 2, end, at, o.keep):
        reply_int(call, 1)


cdef void msetnx(Call* call) noexcept nogil:
    if not in_pairs(call):
        return
    if not all_are(call, 1, call.argc, False):
        reply_int(call, 0)
    elif set_pairs(call, 1, call.argc, NO_EXPIRY, False):
        reply_int(call, 1)


cdef void set_with_moment(Call* call, bint seconds) noexcept nogil:
    cdef int64_t at
    cdef Ref ref
    if not arg_moment(call, 2, seconds, False, &at):
        return
    key_write(call, 1, &ref)
    if not store(&ref, &call.argv[3], at):
        reply_error(call, NO_MEMORY)
        return
    changed(call, 1)
    reply_ok(call)


cdef void psetex(Call* call) noexcept nogil:
    set_with_moment(call, False)


cdef void set_(Call* call) noexcept nogil:
    cdef Ref ref
    if call.argc > 3:
        set_with_options(call)
        return
    key_write(call, 1, &ref)
    if not store(&ref, &call.argv[2], NO_EXPIRY):
        reply_error(call, NO_MEMORY)
        return
    changed(call, 1)
    reply_ok(call)


cdef void set_with_options(Call* call) noexcept nogil:
    cdef Options o
    cdef int64_t at
    cdef Ref ref
    cdef size_t start = call.out.used
    cdef bint met = True
    if not read_options(call, 3, call.argc, CONDITIONS | COMPARE | KEEP, &o) or not read_moment(call, &o, &at):
        return
    if o.get:
        key_read_ref(call, 1, &ref)
        if not reply_value_or_null(call, ref.record):
            return
    else:
        key_find(call, 1, &ref)
    if o.nx:
        met = ref.record == NULL
    elif o.xx:
        met = ref.record != NULL
    elif o.equal:
        if ref.record != NULL and ref.record.type != TYPE_STRING:
            reply_error(call, WRONGTYPE)
            return
        met = ref.record != NULL and holds(ref.record, &call.argv[o.equal])
    if met and not set_until(call, &ref, &call.argv[2], expiry_of(ref.record) if o.keep else at):
        refuse_memory(call, start)
    elif not o.get:
        if met:
            reply_ok(call)
        else:
            reply_null(call)


cdef void setex(Call* call) noexcept nogil:
    set_with_moment(call, True)


cdef void setnx(Call* call) noexcept nogil:
    cdef Ref ref
    if key_find(call, 1, &ref) != NULL:
        reply_int(call, 0)
        return
    ref_for_write(&ref)
    if not store(&ref, &call.argv[2], NO_EXPIRY):
        reply_error(call, NO_MEMORY)
        return
    changed(call, 1)
    reply_int(call, 1)
