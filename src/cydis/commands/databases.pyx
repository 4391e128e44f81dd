"""Whole databases: counting, emptying, exchanging them.

DBSIZE
    How many keys the client's database holds, among them those whose time is over and which nobody has met yet.
    O(1). Since 1.0.0.
FLUSHALL [ASYNC | SYNC]
    Remove all keys of all databases. ASYNC gives the memory back in slices afterwards; without either word
    lazyfree-lazy-user-flush decides. O(databases) or O(keys). Since 1.0.0.
FLUSHDB [ASYNC | SYNC]
    The same for the client's database. O(1) or O(keys). Since 1.0.0.
SWAPDB number number
    Exchange two databases under the feet of their clients. O(1). Since 4.0.0.
"""
from libc.stdint cimport INT32_MAX, INT32_MIN, int64_t

from cydis.core.hashtable cimport hashtable_size
from cydis.engine.call cimport Call, Row, arg_is, arg_range
from cydis.engine.database cimport Db
from cydis.engine.keyspace cimport db_flush, db_swap
from cydis.engine.reply cimport DB_OUT_OF_RANGE, reply_error, reply_int, reply_ok, reply_syntax
from cydis.engine.table cimport DANGEROUS, FAST, IN_KEYSPACE, NO_KEYS, READ, WRITE, register

cdef Row[4] ROWS = [
    #   name          function  arity  flags                                   keys
    Row(b"DBSIZE",    dbsize,   1,     READ | FAST | IN_KEYSPACE,              NO_KEYS),
    Row(b"FLUSHALL",  flushall, -1,    WRITE | DANGEROUS | IN_KEYSPACE,        NO_KEYS),
    Row(b"FLUSHDB",   flushdb,  -1,    WRITE | DANGEROUS | IN_KEYSPACE,        NO_KEYS),
    Row(b"SWAPDB",    swapdb,   3,     WRITE | FAST | DANGEROUS | IN_KEYSPACE, NO_KEYS),
]
register(b"server", ROWS, 4)


cdef void dbsize(Call* call) noexcept nogil:
    reply_int(call, hashtable_size(&call.db.keys))


cdef bint read_lazy(Call* call, bint* lazy) noexcept nogil:
    lazy[0] = call.engine.settings.lazy_user_flush
    if call.argc == 1:
        return True
    if call.argc == 2 and arg_is(call, 1, b"ASYNC"):
        lazy[0] = True
    elif call.argc == 2 and arg_is(call, 1, b"SYNC"):
        lazy[0] = False
    else:
        reply_syntax(call)
        return False
    return True


cdef inline void flush(Call* call, Db* db, bint lazy) noexcept nogil:
    call.changes += hashtable_size(&db.keys)
    db_flush(db, lazy)


cdef void flushall(Call* call) noexcept nogil:
    cdef bint lazy
    cdef int i
    if not read_lazy(call, &lazy):
        return
    for i in range(call.engine.db_count):
        flush(call, &call.engine.dbs[i], lazy)
    reply_ok(call)


cdef void flushdb(Call* call) noexcept nogil:
    cdef bint lazy
    if read_lazy(call, &lazy):
        flush(call, call.db, lazy)
        reply_ok(call)


cdef bint read_number(Call* call, int i, int64_t* n, const char* error) noexcept nogil:
    return arg_range(call, i, INT32_MIN, INT32_MAX, n, error)


cdef void swapdb(Call* call) noexcept nogil:
    cdef int64_t a, b
    if not read_number(call, 1, &a, b"ERR invalid first DB index") or (
            not read_number(call, 2, &b, b"ERR invalid second DB index")):
        return
    if a < 0 or b < 0 or a >= call.engine.db_count or b >= call.engine.db_count:
        reply_error(call, DB_OUT_OF_RANGE)
        return
    if a != b:
        db_swap(&call.engine.dbs[a], &call.engine.dbs[b])
    call.changes += 1
    reply_ok(call)
