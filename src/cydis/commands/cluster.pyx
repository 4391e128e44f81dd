"""What clients say to a server that may belong to a cluster; this one never does.

READONLY
    Answers OK: nothing is refused or redirected here that it could allow. Programs say it before they only read.
    O(1). Since 3.0.0.
READWRITE
    Takes READONLY back. O(1). Since 3.0.0.
"""
from cydis.engine.call cimport Call, Row
from cydis.engine.reply cimport reply_ok
from cydis.engine.table cimport FAST, IN_CONNECTION, LOADING, NO_KEYS, STALE, register

cdef Row[2] ROWS = [
    #   name           function   arity  flags                                   keys
    Row(b"READONLY",   readonly,  1,     FAST | LOADING | STALE | IN_CONNECTION, NO_KEYS),
    Row(b"READWRITE",  readwrite, 1,     FAST | LOADING | STALE | IN_CONNECTION, NO_KEYS),
]
register(b"cluster", ROWS, 2)


cdef void readonly(Call* call) noexcept nogil:
    reply_ok(call)


cdef void readwrite(Call* call) noexcept nogil:
    reply_ok(call)
