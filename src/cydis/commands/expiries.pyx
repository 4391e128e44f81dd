"""The time that keys have: setting, asking, taking away.

Moments are milliseconds of the wall clock inside; commands in seconds round to the nearest when they answer.
A moment that is over already removes the key at once. Of the conditions NX wants a key without an expiry, XX
one with an expiry, GT a later and LT an earlier moment than the key has; a key without an expiry counts as
one that lives for ever. XX goes with GT or LT; no other two go together.

EXPIRE key seconds [NX | XX | GT | LT]
    From now on; 1, or 0 if there is no such key or the condition is not met. O(1). Since 1.0.0.
EXPIREAT key moment [NX | XX | GT | LT]
    Until this second since 1970. O(1). Since 1.2.0.
EXPIRETIME key
    The second at which the key expires; -1 without an expiry, -2 without a key. O(1). Since 7.0.0.
PERSIST key
    Take the expiry away: 1; 0 if there was none. O(1). Since 2.2.0.
PEXPIRE key milliseconds [NX | XX | GT | LT]
    EXPIRE in milliseconds. O(1). Since 2.6.0.
PEXPIREAT key moment [NX | XX | GT | LT]
    EXPIREAT in milliseconds. O(1). Since 2.6.0.
PEXPIRETIME key
    EXPIRETIME in milliseconds. O(1). Since 7.0.0.
PTTL key
    TTL in milliseconds. O(1). Since 2.6.0.
TTL key
    Seconds that the key has left; -1 without an expiry, -2 without a key. O(1). Since 1.0.0.
"""
from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t
from libc.stdio cimport snprintf

from cydis.core.record cimport RECORD_EXPIRES, Record, record_expiry
from cydis.engine.call cimport Call, Row, arg_int, arg_is
from cydis.engine.keyspace cimport (
    NO_EXPIRY, Ref, changed, key_find, key_inspect, ref_expire, ref_for_write, ref_set_expiry,
)
from cydis.engine.reply cimport NO_MEMORY, reply_bad_moment, reply_error, reply_error_size, reply_int
from cydis.engine.table cimport FAST, KEY1, READ, WRITE, register

cdef enum:
    MS = 1000

cdef Row[9] ROWS = [
    #   name             function     arity  flags         keys
    Row(b"EXPIRE",       expire,      -3,    WRITE | FAST, KEY1),
    Row(b"EXPIREAT",     expireat,    -3,    WRITE | FAST, KEY1),
    Row(b"EXPIRETIME",   expiretime,  2,     READ | FAST,  KEY1),
    Row(b"PERSIST",      persist,     2,     WRITE | FAST, KEY1),
    Row(b"PEXPIRE",      pexpire,     -3,    WRITE | FAST, KEY1),
    Row(b"PEXPIREAT",    pexpireat,   -3,    WRITE | FAST, KEY1),
    Row(b"PEXPIRETIME",  pexpiretime, 2,     READ | FAST,  KEY1),
    Row(b"PTTL",         pttl,        2,     READ | FAST,  KEY1),
    Row(b"TTL",          ttl,         2,     READ | FAST,  KEY1),
]
register(b"generic", ROWS, 9)

cdef enum:                                # conditions
    NX = 1
    XX = 2
    GT = 4
    LT = 8


cdef bint read_conditions(Call* call, int first, int end, int* conditions) noexcept nogil:
    cdef char[256] text
    cdef int i, c = 0
    for i in range(first, end):
        if arg_is(call, i, b"NX"):
            c |= NX
        elif arg_is(call, i, b"XX"):
            c |= XX
        elif arg_is(call, i, b"GT"):
            c |= GT
        elif arg_is(call, i, b"LT"):
            c |= LT
        else:
            reply_error_size(call, text, snprintf(text, sizeof(text), b"ERR Unsupported option %.*s",
                                                  <int>min(call.argv[i].size, <size_t>200), call.argv[i].data))
            return False
    if c & NX and c & (XX | GT | LT):
        reply_error(call, b"ERR NX and XX, GT or LT options at the same time are not compatible")
        return False
    if c & GT and c & LT:
        reply_error(call, b"ERR GT and LT options at the same time are not compatible")
        return False
    conditions[0] = c
    return True


cdef bint conditions_met(int conditions, int64_t has, int64_t at) noexcept nogil:
    if conditions == 0:
        return True
    if conditions & NX and has != NO_EXPIRY:
        return False
    if conditions & XX and has == NO_EXPIRY:
        return False
    if conditions & GT and (has == NO_EXPIRY or at <= has):
        return False
    return not (conditions & LT and has != NO_EXPIRY and at >= has)


cdef bint read_moment(Call* call, int arg, bint seconds, int64_t start, int64_t* at) noexcept nogil:
    cdef int64_t n
    if not arg_int(call, arg, &n):
        return False
    if seconds and (n > INT64_MAX // MS or n < INT64_MIN // MS):
        reply_bad_moment(call)
        return False
    if seconds:
        n *= MS
    if n > INT64_MAX - start:
        reply_bad_moment(call)
        return False
    at[0] = n + start
    return True


cdef void expire_at(Call* call, bint seconds, int64_t start) noexcept nogil:
    """The four EXPIRE commands. `start`: the moment from which the argument counts."""
    cdef int64_t at
    cdef int conditions
    cdef Ref ref
    if not read_conditions(call, 3, call.argc, &conditions) or not read_moment(call, 2, seconds, start, &at):
        return
    if key_find(call, 1, &ref) == NULL or not conditions_met(conditions, record_expiry(ref.record), at):
        reply_int(call, 0)
        return
    if at <= call.engine.now:
        ref_expire(&ref)
    else:
        ref_for_write(&ref)
        if not ref_set_expiry(&ref, at):
            reply_error(call, NO_MEMORY)
            return
    changed(call, 1)
    reply_int(call, 1)


cdef void expire(Call* call) noexcept nogil:
    expire_at(call, True, call.engine.now)


cdef void expireat(Call* call) noexcept nogil:
    expire_at(call, True, 0)


cdef void reply_expiry(Call* call, bint seconds, int64_t start) noexcept nogil:
    """The four that ask: the key's expiry, counted from `start`."""
    cdef Record* record = key_inspect(call, 1)
    cdef int64_t left
    if record == NULL:
        reply_int(call, -2)
    elif not record.flags & RECORD_EXPIRES:
        reply_int(call, -1)
    else:
        left = record_expiry(record) - start
        reply_int(call, rounded(left) if seconds else left)


cdef void expiretime(Call* call) noexcept nogil:
    reply_expiry(call, True, 0)


cdef void persist(Call* call) noexcept nogil:
    cdef Ref ref
    if key_find(call, 1, &ref) == NULL or not ref.record.flags & RECORD_EXPIRES:
        reply_int(call, 0)
        return
    ref_for_write(&ref)
    if not ref_set_expiry(&ref, NO_EXPIRY):
        reply_error(call, NO_MEMORY)
        return
    changed(call, 1)
    reply_int(call, 1)


cdef void pexpire(Call* call) noexcept nogil:
    expire_at(call, False, call.engine.now)


cdef void pexpireat(Call* call) noexcept nogil:
    expire_at(call, False, 0)


cdef void pexpiretime(Call* call) noexcept nogil:
    reply_expiry(call, False, 0)


cdef void pttl(Call* call) noexcept nogil:
    reply_expiry(call, False, call.engine.now)


cdef void ttl(Call* call) noexcept nogil:
    reply_expiry(call, True, call.engine.now)
