"""Waiting until writes are safe elsewhere: with replicas, on disks. There are neither yet, so nothing is waited for.

WAIT numreplicas timeout
    How many replicas have all writes of this client, after waiting for so many of them. `timeout` in
    milliseconds, 0: for ever. O(1). Since 3.0.0.
WAITAOF numlocal numreplicas timeout
    The same for writes that stand in an append-only file on disk: here (0 or 1), and at how many replicas.
    O(1). Since 7.2.0.
"""
from libc.stdint cimport INT64_MAX, int64_t

from cydis.engine.call cimport Call, Row, arg_int, arg_range
from cydis.engine.reply cimport reply_array, reply_error, reply_int
from cydis.engine.table cimport BLOCKING, IN_CONNECTION, NO_KEYS, NOT_KEYSPACE, register
from cydis.engine.timeout cimport arg_timeout_ms

cdef Row[2] ROWS = [
    #   name         function  arity  flags                                     keys
    Row(b"WAIT",     wait,     3,     BLOCKING | NOT_KEYSPACE | IN_CONNECTION,  NO_KEYS),
    Row(b"WAITAOF",  waitaof,  4,     BLOCKING | NOT_KEYSPACE | IN_CONNECTION,  NO_KEYS),
]
register(b"generic", ROWS, 2)


cdef void wait(Call* call) noexcept nogil:
    cdef int64_t replicas, until
    if arg_int(call, 1, &replicas) and arg_timeout_ms(call, 2, &until):
        reply_int(call, 0)


cdef void waitaof(Call* call) noexcept nogil:
    cdef int64_t local, replicas, until
    if not (arg_int(call, 1, &local)
            and arg_range(call, 1, 0, 1, &local, b"ERR value is out of range, value must between 0 and 1")
            and arg_range(call, 2, 0, INT64_MAX, &replicas, b"ERR value is out of range, must be positive")
            and arg_timeout_ms(call, 3, &until)):
        return
    if local:
        reply_error(call, b"ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
        return
    reply_array(call, 2)
    reply_int(call, 0)
    reply_int(call, 0)
