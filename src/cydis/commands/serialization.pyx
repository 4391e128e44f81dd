"""Values as bytes that another server can read: the published form of Redis and Valkey, see docs/serialization.md.

DUMP key
    The value in serialised form, without key and expiry, or null. O(size of the value). Since 2.6.0.
RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ counter]
    Creates a key with a value that was serialised, by this server or another one. It lives for `ttl` milliseconds,
    for ever with 0; with ABSTTL the ttl is the moment at which it expires. REPLACE: whatever the key holds. IDLETIME
    and FREQ: as if it had been used so long ago, or so often. The payload is not trusted: whatever it says, the
    key then holds what commands could have made, or there is an error. O(size of the value), and O(n log n) for
    a sorted set that does not come in order. Since 2.6.0.
RESTORE-ASKING key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ counter]
    RESTORE, as servers of a cluster send it to each other. O(size of the value). Since 3.0.0.
"""
from libc.stdint cimport INT64_MAX, int64_t, uint32_t, uint64_t

from cydis.core.rdb cimport RdbReader, rdb_open_frame, rdb_read_byte
from cydis.core.record cimport Record
from cydis.engine.access cimport first_touch, restore_counter, restore_idle
from cydis.engine.call cimport Call, Row, arg_int, arg_is
from cydis.engine.keyspace cimport NO_EXPIRY, Ref, changed, key_find, key_read, ref_delete, ref_for_write
from cydis.engine.reply cimport (
    NO_MEMORY, NOT_SERIALISED, reply_bulk_at, reply_error, reply_mark, reply_null, reply_ok, reply_syntax,
)
from cydis.engine.saved cimport Saved, saved_drop, saved_dump, saved_read, saved_store
from cydis.engine.table cimport ASKING, DANGEROUS, DENYOOM, IN_KEYSPACE, KEY1, READ, WRITE, register
from cydis.types.saving cimport LOAD_NO_MEMORY, LOAD_OK

cdef Row[2] ROWS = [
    #   name            function   arity  flags                                             keys
    Row(b"DUMP",        dump,      2,     READ,                                             KEY1),
    Row(b"RESTORE",     restore,   -4,    WRITE | DENYOOM | DANGEROUS,                      KEY1),
]
register(b"generic", ROWS, 2)

cdef Row[1] FOR_CLUSTERS = [
    Row(b"RESTORE-ASKING", restore, -4,   WRITE | DENYOOM | DANGEROUS | ASKING | IN_KEYSPACE, KEY1),
]
register(b"server", FOR_CLUSTERS, 1)

cdef enum:
    UNSAID = -1                           # an option that was not given
    COUNTER_MAX = 255


cdef void dump(Call* call) noexcept nogil:
    """Written straight into the reply; the header, whose size is known last, moves the bytes once."""
    cdef Record* record = key_read(call, 1)
    cdef size_t mark = reply_mark(call)
    if record == NULL:
        reply_null(call)
    elif saved_dump(call.engine, record, call.out):
        reply_bulk_at(call, mark)
    else:
        reply_error(call, NOT_SERIALISED)


cdef struct Options:
    bint replace, absolute
    int64_t idle                          # seconds
    int64_t counter


cdef bint read_options(Call* call, Options* options) noexcept nogil:
    cdef int i = 4
    options.replace = options.absolute = False
    options.idle = options.counter = UNSAID
    while i < call.argc:
        if arg_is(call, i, b"REPLACE"):
            options.replace = True
        elif arg_is(call, i, b"ABSTTL"):
            options.absolute = True
        elif arg_is(call, i, b"IDLETIME") and i + 1 < call.argc and options.counter == UNSAID:
            i += 1
            if not arg_int(call, i, &options.idle):
                return False
            if options.idle < 0:
                reply_error(call, b"ERR Invalid IDLETIME value, must be >= 0")
                return False
        elif arg_is(call, i, b"FREQ") and i + 1 < call.argc and options.idle == UNSAID:
            i += 1
            if not arg_int(call, i, &options.counter):
                return False
            if options.counter < 0 or options.counter > COUNTER_MAX:
                reply_error(call, b"ERR Invalid FREQ value, must be >= 0 and <= 255")
                return False
        else:
            reply_syntax(call)
            return False
        i += 1
    return True


cdef bint read_payload(Call* call, Saved* saved) noexcept nogil:
    cdef RdbReader reader
    cdef unsigned int version = 0
    cdef unsigned char kind
    cdef int outcome = 0
    if not rdb_open_frame(call.argv[3].data, call.argv[3].size, &reader, &version):
        reply_error(call, b"ERR DUMP payload version or checksum are wrong")
        return False
    if rdb_read_byte(&reader, &kind):
        outcome = saved_read(call.engine, kind, version, &reader, saved)
    if outcome == LOAD_NO_MEMORY:
        reply_error(call, NO_MEMORY)
    elif outcome != LOAD_OK:
        reply_error(call, b"ERR Bad data format")
    return outcome == LOAD_OK


cdef bint read_expiry(Call* call, bint absolute, int64_t* expiry) noexcept nogil:
    """A moment beyond all that can be said is over, as with the reference."""
    if not arg_int(call, 2, expiry):
        return False
    if expiry[0] < 0:
        reply_error(call, b"ERR Invalid TTL value, must be >= 0")
        return False
    if expiry[0] == 0:
        expiry[0] = NO_EXPIRY
    elif not absolute:
        expiry[0] = expiry[0] + call.engine.now if expiry[0] <= INT64_MAX - call.engine.now else 0
    return True


cdef void restore(Call* call) noexcept nogil:
    cdef Options options
    cdef int64_t expiry
    cdef Saved saved
    cdef Ref ref
    if not read_options(call, &options):
        return
    if key_find(call, 1, &ref) != NULL and not options.replace:
        reply_error(call, b"BUSYKEY Target key name already exists.")
        return
    if not read_expiry(call, options.absolute, &expiry) or not read_payload(call, &saved):
        return
    if expiry != NO_EXPIRY and expiry <= call.engine.now:
        saved_drop(call.engine, &saved)
        if ref.record != NULL:
            ref_delete(&ref, call.engine.settings.lazy_server_del)
            changed(call, 1)
        reply_ok(call)
        return
    ref_for_write(&ref)
    if not saved_store(&ref, &saved, expiry):
        reply_error(call, NO_MEMORY)
        return
    first_touch(call.engine, ref.record)
    if call.engine.settings.lfu:
        if options.counter != UNSAID:
            restore_counter(call.engine, ref.record, <uint32_t>options.counter)
    elif options.idle != UNSAID:
        restore_idle(call.engine, ref.record, <uint64_t>options.idle)
    changed(call, 1)
    reply_ok(call)
