"""What the engine knows of a value: its encoding, its use, its memory. None of these counts as a use of the key.

MEMORY HELP
    What the subcommands are. O(1). Since 4.0.0.
MEMORY USAGE key [SAMPLES count]
    The bytes that key and value occupy, or null. The elements of a collection are extrapolated from `count` of
    them (5; 0 looks at all). O(count). Since 4.0.0.
OBJECT ENCODING key
    In which form the value is kept, or null. O(1). Since 2.2.3.
OBJECT FREQ key
    How often the key is used, on a logarithmic scale that decays with time; only with an LFU maxmemory-policy.
    O(1). Since 4.0.0.
OBJECT HELP
    What the subcommands are. O(1). Since 6.2.0.
OBJECT IDLETIME key
    Seconds since the key was used; not with an LFU maxmemory-policy. O(1). Since 2.2.3.
OBJECT REFCOUNT key
    Always 1: values are never shared. O(1). Since 2.2.3.
"""
from libc.stdint cimport int64_t

from cydis.core.heap cimport heap_good_size
from cydis.core.record cimport Record, record_size
from cydis.engine.access cimport lfu_counter
from cydis.engine.call cimport Call, Keys, Row, arg_int, arg_is
from cydis.engine.keyspace cimport Ref, key_inspect, key_peek
from cydis.engine.reply cimport (
    reply_array, reply_error, reply_int, reply_null, reply_status, reply_syntax, reply_text,
)
from cydis.engine.table cimport CONTAINER, LOADING, NO_KEYS, NOT_KEYSPACE, READ, STALE, register
from cydis.engine.value cimport encoding_name, type_row

cdef enum:
    SAMPLES = 5

cdef Keys KEY2 = Keys(2, 2, 1, 0, 0)

cdef Row[6] OBJECT = [
    #   name                 function       arity  flags                     keys
    Row(b"OBJECT",           NULL,          -2,    CONTAINER | NOT_KEYSPACE, NO_KEYS),
    Row(b"OBJECT|ENCODING",  encoding,      3,     READ,                     KEY2),
    Row(b"OBJECT|FREQ",      freq,          3,     READ,                     KEY2),
    Row(b"OBJECT|HELP",      object_help,   2,     LOADING | STALE,          NO_KEYS),
    Row(b"OBJECT|IDLETIME",  idletime,      3,     READ,                     KEY2),
    Row(b"OBJECT|REFCOUNT",  refcount,      3,     READ,                     KEY2),
]
register(b"generic", OBJECT, 6)

cdef Row[3] MEMORY = [
    #   name                 function       arity  flags                     keys
    Row(b"MEMORY",           NULL,          -2,    CONTAINER,                NO_KEYS),
    Row(b"MEMORY|HELP",      memory_help,   2,     LOADING | STALE,          NO_KEYS),
    Row(b"MEMORY|USAGE",     usage,         -3,    READ,                     KEY2),
]
register(b"server", MEMORY, 3)


cdef void encoding(Call* call) noexcept nogil:
    cdef Record* record = key_inspect(call, 2)
    if record == NULL:
        reply_null(call)
    else:
        reply_text(call, encoding_name(record))


cdef void freq(Call* call) noexcept nogil:
    cdef Record* record = key_inspect(call, 2)
    if record == NULL:
        reply_null(call)
    elif not call.engine.settings.lfu:
        reply_error(call, b"ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note "
                          b"that when switching between policies at runtime LRU and LFU data will take some time to "
                          b"adjust.")
    else:
        reply_int(call, lfu_counter(call.engine, record))


cdef void object_help(Call* call) noexcept nogil:
    reply_array(call, 11)
    reply_status(call, b"OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
    reply_status(call, b"ENCODING <key>")
    reply_status(call, b"    The form in which the value is kept in memory.")
    reply_status(call, b"FREQ <key>")
    reply_status(call, b"    How often the key is used, on a logarithmic scale.")
    reply_status(call, b"IDLETIME <key>")
    reply_status(call, b"    Seconds since the key was last used.")
    reply_status(call, b"REFCOUNT <key>")
    reply_status(call, b"    How many keys share the value: one.")
    reply_status(call, b"HELP")
    reply_status(call, b"    This text.")


cdef void idletime(Call* call) noexcept nogil:
    cdef Record* record = key_inspect(call, 2)
    if record == NULL:
        reply_null(call)
    elif call.engine.settings.lfu:
        reply_error(call, b"ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "
                          b"switching between policies at runtime LRU and LFU data will take some time to adjust.")
    else:
        reply_int(call, (call.engine.lru_now - record.clock) & 0xFFFFFF)


cdef void refcount(Call* call) noexcept nogil:
    if key_inspect(call, 2) == NULL:
        reply_null(call)
    else:
        reply_int(call, 1)


cdef void memory_help(Call* call) noexcept nogil:
    reply_array(call, 5)
    reply_status(call, b"MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
    reply_status(call, b"USAGE <key> [SAMPLES <count>]")
    reply_status(call, b"    Bytes that a key and its value occupy, extrapolated from <count> elements (5; 0: all).")
    reply_status(call, b"HELP")
    reply_status(call, b"    This text.")


cdef void usage(Call* call) noexcept nogil:
    cdef int64_t samples = SAMPLES
    cdef int i = 3
    cdef Record* record
    cdef Ref ref
    while i < call.argc:
        if not arg_is(call, i, b"SAMPLES") or i + 1 == call.argc:
            reply_syntax(call)
            return
        if not arg_int(call, i + 1, &samples):
            return
        if samples < 0:
            reply_syntax(call)
            return
        i += 2
    record = key_peek(call, 2, &ref)
    if record == NULL:
        reply_null(call)
    else:
        reply_int(call, heap_good_size(record_size(record))
                  + type_row(record.type).memory(&call.engine.context, record, samples))
