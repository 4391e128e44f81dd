"""Keys that move to another server. See docs/decisions/0018-migrate-waits.md.

MIGRATE host port key|"" destination-db timeout [COPY] [REPLACE] [AUTH password|AUTH2 username password] [KEYS key ...]
    Sends keys with their expiry to another server (of cydis, Valkey or Redis), and removes each here once that
    has said OK to it; with COPY none. OK, or NOKEY where there is none of them. The target's refusal is repeated,
    and what it refused is still here. REPLACE: whatever the target holds. AUTH, AUTH2: to log in there. KEYS:
    several keys, with "" in the place of the one. `timeout` in milliseconds, for connecting and then for each step; 0
    or less: a second. Everybody waits meanwhile. O(size of the values), and the way there and back. Since 2.6.0.
"""
from libc.stdint cimport int64_t, uint8_t
from libc.stdio cimport snprintf
from libc.string cimport memcmp

from cydis.core.buffer cimport Buffer, buffer_append, buffer_close, buffer_init
from cydis.core.clock cimport clock_ms
from cydis.core.outbound cimport (
    OUTBOUND_OPEN, OUTBOUND_REFUSED, Outbound, OutboundState, outbound_close, outbound_line, outbound_open,
    outbound_send,
)
from cydis.core.record cimport RECORD_EXPIRES, Record, record_expiry
from cydis.core.resp cimport RespArg, resp_bulk, resp_bulk_integer, resp_insert_header, resp_request
from cydis.engine.call cimport Call, Keys, Row, arg_int, word_is
from cydis.engine.keyspace cimport Ref, changed, key_peek, key_read, ref_delete
from cydis.engine.reply cimport (
    NOT_SERIALISED, NO_MEMORY, NO_MEMORY_PARTLY, reply_error, reply_error_size, reply_ok, reply_status, reply_syntax,
)
from cydis.engine.saved cimport saved_dump
from cydis.engine.table cimport DANGEROUS, MOVABLEKEYS, WRITE, register, register_keys

cdef enum:
    HOST = 1                              # arguments
    PORT = 2
    KEY = 3
    DB = 4
    TIMEOUT = 5
    OPTIONS = 6
    SECOND = 1000                         # ms
    ROUND_KEYS = 256                      # keys that are sent before their answers are read,
    ROUND_BYTES = 1 << 20                 # or so many bytes
    PORT_MAX = 65535
    ERROR_ROOM = 5000                     # a line of the target's, and what is said before it

cdef Row[1] ROWS = [
    #   name         function  arity  flags                            keys
    Row(b"MIGRATE",  migrate,  -6,    WRITE | DANGEROUS | MOVABLEKEYS, Keys(KEY, KEY, 1, 0, 0)),
]
register(b"generic", ROWS, 1)
register_keys(b"MIGRATE", migrate_keys)


# ---- options ----

cdef struct Options:
    bint copy, replace
    int username, password                # arguments; 0: not given
    int first, count                      # of the keys


cdef inline int option_size(const RespArg* argv, int argc, int i, Options* options) noexcept nogil:
    """Takes note of the option at i. How many arguments it has, or 0 when it is none."""
    if word_is(&argv[i], b"COPY"):
        options.copy = True
    elif word_is(&argv[i], b"REPLACE"):
        options.replace = True
    elif word_is(&argv[i], b"AUTH") and i + 1 < argc:
        options.password = i + 1
        return 2
    elif word_is(&argv[i], b"AUTH2") and i + 2 < argc:
        options.username = i + 1
        options.password = i + 2
        return 3
    elif word_is(&argv[i], b"KEYS"):
        options.first = i + 1
        options.count = argc - i - 1
        return argc - i
    else:
        return 0
    return 1


cdef inline void options_begin(Options* options) noexcept nogil:
    options.copy = options.replace = False
    options.username = options.password = 0
    options.first = KEY
    options.count = 1


cdef int migrate_keys(const RespArg* argv, int argc, int* out, int room) noexcept nogil:
    """The key, or those behind KEYS; with KEYS and nothing behind it the empty one, as the reference has it."""
    cdef Options options
    cdef int i = OPTIONS
    if argc < OPTIONS:
        return -1
    options_begin(&options)
    while i < argc:
        i += max(option_size(argv, argc, i, &options), 1)
    if options.first != KEY and argv[KEY].size:
        return -1
    if options.count == 0:
        options_begin(&options)
    for i in range(min(options.count, room)):
        out[i] = options.first + i
    return options.count


cdef bint read_options(Call* call, Options* options) noexcept nogil:
    cdef int i = OPTIONS, size
    options_begin(options)
    while i < call.argc:
        size = option_size(call.argv, call.argc, i, options)
        if size == 0:
            reply_syntax(call)
            return False
        i += size
    if options.first != KEY and call.argv[KEY].size:
        reply_error(call, b"ERR When using MIGRATE KEYS option, the key argument must be set to the empty string")
        return False
    return True


cdef unsigned int port_of(const RespArg* arg) noexcept nogil:
    """The digits that a port begins with; 0 for none, above PORT_MAX for what is no port."""
    cdef unsigned int port = 0
    cdef size_t i = 0
    while i < arg.size and arg.data[i] == 32:
        i += 1
    if i < arg.size and arg.data[i] == 45:
        return PORT_MAX + 1
    while i < arg.size and 48 <= arg.data[i] <= 57 and port <= PORT_MAX:
        port = port * 10 + (arg.data[i] - 48)
        i += 1
    return port


# ---- the target ----

cdef struct Move:
    Options options
    Outbound target
    Buffer request
    int[ROUND_KEYS] sent                  # arguments: the keys whose answers are to come
    int waiting
    bint told                             # an error was replied; the first one counts


cdef void tell(Call* call, Move* move, const char* text) noexcept nogil:
    if not move.told:
        reply_error(call, text)
    move.told = True


cdef void repeat_error(Call* call, Move* move, const uint8_t* line, size_t size) noexcept nogil:
    cdef char[ERROR_ROOM] text
    cdef int n
    if not move.told:
        n = snprintf(text, ERROR_ROOM, b"ERR Target instance replied with error: %.*s", <int>size, <const char*>line)
        reply_error_size(call, text, n)
    move.told = True


cdef bint flush(Call* call, Move* move) noexcept nogil:
    """Sends what was written. False: it went wrong, and the client was told."""
    cdef bint done = False
    if move.request.failed:
        tell(call, move, NO_MEMORY_PARTLY if call.changes else NO_MEMORY)
    elif outbound_send(&move.target, move.request.data, move.request.used):
        done = True
    else:
        tell(call, move, b"IOERR error or timeout writing to target instance")
    move.request.used = 0
    return done


cdef int answer(Call* call, Move* move) noexcept nogil:
    """The next answer: 1 OK, 0 an error, -1 none, or something else. All but OK was told."""
    cdef const uint8_t* line
    cdef size_t size
    if outbound_line(&move.target, &line, &size):
        if size == 3 and memcmp(line, b"+OK", 3) == 0:
            return 1
        if size and line[0] == b"-":
            repeat_error(call, move, line + 1, size - 1)
            return 0
    tell(call, move, b"IOERR error or timeout reading to target instance")
    return -1


cdef bint log_in(Call* call, Move* move, int64_t db) noexcept nogil:
    """Nothing is sent before the target has said OK: it must not store into another database, or as another user."""
    cdef const Options* options = &move.options
    cdef Buffer* out = &move.request
    cdef int answers = 0
    if options.password:
        resp_request(out, 3 if options.username else 2)
        resp_bulk(out, b"AUTH", 4)
        if options.username:
            resp_bulk(out, call.argv[options.username].data, call.argv[options.username].size)
        resp_bulk(out, call.argv[options.password].data, call.argv[options.password].size)
        answers += 1
    if db:                                # which a new connection has selected
        resp_request(out, 2)
        resp_bulk(out, b"SELECT", 6)
        resp_bulk_integer(out, db)
        answers += 1
    if answers == 0:
        return True
    if not flush(call, move):
        return False
    while answers and answer(call, move) == 1:
        answers -= 1
    return answers == 0


cdef bint connect(Call* call, Move* move, int64_t timeout) noexcept nogil:
    cdef const RespArg* host = &call.argv[HOST]
    cdef OutboundState state = outbound_open(&move.target, host.data, host.size, port_of(&call.argv[PORT]), timeout)
    if state == OUTBOUND_OPEN:
        return True
    if state == OUTBOUND_REFUSED:         # the reference learns of it as it writes
        tell(call, move, b"IOERR error or timeout writing to target instance")
    else:
        tell(call, move, b"IOERR error or timeout connecting to the client")
    return False


# ---- the keys ----

cdef bint write_key(Call* call, Move* move, int arg, const Record* record) noexcept nogil:
    """Writes the RESTORE of a key. False: its type has no form in which it could be sent."""
    cdef Buffer* out = &move.request
    cdef int64_t ttl = 0
    cdef size_t mark
    if record.flags & RECORD_EXPIRES:
        ttl = max(record_expiry(record) - clock_ms(&call.engine.clock), 1)
    resp_request(out, 5 if move.options.replace else 4)
    resp_bulk(out, b"RESTORE", 7)
    resp_bulk(out, call.argv[arg].data, call.argv[arg].size)
    resp_bulk_integer(out, ttl)
    mark = out.used
    if not saved_dump(call.engine, record, out):
        return False
    resp_insert_header(out, mark, b"$", out.used - mark)
    buffer_append(out, b"\r\n", 2)
    if move.options.replace:
        resp_bulk(out, b"REPLACE", 7)
    return True


cdef bint write_round(Call* call, Move* move, int* arg) noexcept nogil:
    """The next keys from `arg` on. False: one cannot be sent, and none of the round was."""
    cdef int end = move.options.first + move.options.count
    cdef Record* record
    cdef Ref ref
    while arg[0] < end and move.waiting < ROUND_KEYS and move.request.used < ROUND_BYTES:
        record = key_peek(call, arg[0], &ref)
        if record != NULL:
            if not write_key(call, move, arg[0], record):
                tell(call, move, NOT_SERIALISED)
                return False
            move.sent[move.waiting] = arg[0]
            move.waiting += 1
        arg[0] += 1
    return True


cdef bint read_round(Call* call, Move* move) noexcept nogil:
    """Removes what the target has taken. False: it does not answer any more."""
    cdef Ref ref
    cdef int i, outcome
    for i in range(move.waiting):
        outcome = answer(call, move)
        if outcome < 0:
            return False
        if outcome and not move.options.copy and key_peek(call, move.sent[i], &ref) != NULL:
            ref_delete(&ref, call.engine.settings.lazy_server_del)
            changed(call, move.sent[i])
    move.waiting = 0
    return True


cdef void move_keys(Call* call, Move* move) noexcept nogil:
    cdef int arg = move.options.first, end = arg + move.options.count
    while arg < end:
        if not write_round(call, move, &arg) or not flush(call, move) or not read_round(call, move):
            return
    if not move.told:
        reply_ok(call)


cdef bint any_key(Call* call, const Options* options) noexcept nogil:
    """Looks for all of them: each is counted as hit or miss."""
    cdef bint found = False
    cdef int i
    for i in range(options.first, options.first + options.count):
        found |= key_read(call, i) != NULL
    return found


cdef void migrate(Call* call) noexcept nogil:
    cdef Move move
    cdef int64_t db, timeout
    if not read_options(call, &move.options) or not arg_int(call, TIMEOUT, &timeout) or not arg_int(call, DB, &db):
        return
    if not any_key(call, &move.options):
        reply_status(call, b"NOKEY")
        return
    move.waiting = 0
    move.told = False
    buffer_init(&move.request, NULL, 0)
    if connect(call, &move, timeout if timeout > 0 else SECOND) and log_in(call, &move, db):
        move_keys(call, &move)
    outbound_close(&move.target)
    buffer_close(&move.request)
