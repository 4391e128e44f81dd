"""CLIENT: what the server knows of its clients, and what they ask it to do for them.

CLIENT ID
    The connection's number; numbers only grow. O(1). Since 5.0.0.
CLIENT GETNAME
    The connection's name, or null. O(1). Since 2.6.9.
CLIENT SETNAME connection-name
    Names the connection; an empty name takes the name away. O(1). Since 2.6.9.
CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>
    Says which client library this is. O(1). Since 7.2.0.
CLIENT CAPA capability [capability ...]
    Says what the client can do; REDIRECT is known, all others are ignored. O(1). Since 8.0.0.
CLIENT LIST [filter value ...]
    One line of name=value pairs for each connection that passes all filters. O(clients). Since 2.4.0.
CLIENT INFO
    This connection's line. O(1). Since 6.2.0.
CLIENT KILL ip:port | filter value [filter value ...]
    Closes one connection by its address, or all that pass the filters (then answers how many; one's own only with
    SKIPME no). O(clients). Since 2.4.0.
CLIENT REPLY <ON | OFF | SKIP>
    OFF: no more replies; SKIP: none to the next command; ON: replies again. O(1). Since 3.2.0.
CLIENT NO-EVICT <ON | OFF>
    Protects the connection from being closed when clients use too much memory. O(1). Since 7.0.0.
CLIENT NO-TOUCH <ON | OFF>
    Keys that this connection reads do not count as recently used. O(1). Since 7.2.0.
CLIENT HELP
    Lists the subcommands. O(1). Since 5.0.0.

Takes the rules for names from `connection`. The filters are in `client_filters`.
"""
from libc.stdint cimport int64_t, uint32_t
from libc.stdio cimport snprintf
from libc.string cimport memcmp, strlen

from cydis.commands.client_filters cimport Filter, filter_close, filter_open, filter_passes, flag_letters
from cydis.commands.connection cimport keep_text, name_is_plain
from cydis.core.buffer cimport Buffer, buffer_append, buffer_close, buffer_init
from cydis.engine.call cimport Call, Row, arg_is
from cydis.engine.database cimport (
    CLIENT_CAPA_REDIRECT, CLIENT_CLOSE_AFTER_REPLY, CLIENT_CLOSE_NOW, CLIENT_LIBRARY, CLIENT_NO_EVICT,
    CLIENT_NO_TOUCH, CLIENT_REPLY_OFF, CLIENT_REPLY_SKIP, CLIENT_REPLY_SKIP_NEXT, Client,
)
from cydis.engine.reply cimport (
    NO_MEMORY, reply_array, reply_error, reply_error_size, reply_int, reply_null, reply_ok, reply_status, reply_syntax,
    reply_text, reply_verbatim,
)
from cydis.engine.table cimport (
    ADMIN, ALLOW_BUSY, CONTAINER, LOADING, NO_KEYS, NO_MULTI, NOSCRIPT, STALE, command_at, register,
)

cdef enum:
    HELPFUL = LOADING | STALE
    INFORM = NOSCRIPT | LOADING | STALE
    ORDER = NOSCRIPT | LOADING | STALE | ALLOW_BUSY
    LINE = 1024                           # bytes of one client's line, its name and library apart

cdef Row[13] ROWS = [
    #   name                 function  arity  flags                  keys
    Row(b"CLIENT",           NULL,     -2,    CONTAINER,             NO_KEYS),
    Row(b"CLIENT|ID",        id_,      2,     ORDER,                 NO_KEYS),
    Row(b"CLIENT|GETNAME",   getname,  2,     ORDER,                 NO_KEYS),
    Row(b"CLIENT|SETNAME",   setname,  3,     ORDER,                 NO_KEYS),
    Row(b"CLIENT|SETINFO",   setinfo,  4,     ORDER,                 NO_KEYS),
    Row(b"CLIENT|CAPA",      capa,     -3,    ORDER,                 NO_KEYS),
    Row(b"CLIENT|LIST",      list_,    -2,    INFORM | ADMIN,        NO_KEYS),
    Row(b"CLIENT|INFO",      info,     2,     INFORM,                NO_KEYS),
    Row(b"CLIENT|KILL",      kill,     -3,    INFORM | ADMIN,        NO_KEYS),
    Row(b"CLIENT|REPLY",     reply,    3,     ORDER | NO_MULTI,      NO_KEYS),
    Row(b"CLIENT|NO-EVICT",  no_evict, 3,     ORDER | ADMIN,         NO_KEYS),
    Row(b"CLIENT|NO-TOUCH",  no_touch, 3,     ORDER,                 NO_KEYS),
    Row(b"CLIENT|HELP",      help_,    2,     HELPFUL,               NO_KEYS),
]
register(b"connection", ROWS, 13)


cdef void id_(Call* call) noexcept nogil:
    reply_int(call, <int64_t>call.client.id)


cdef void getname(Call* call) noexcept nogil:
    if call.client.name == NULL:
        reply_null(call)
    else:
        reply_text(call, call.client.name)


cdef void setname(Call* call) noexcept nogil:
    if not name_is_plain(&call.argv[2]):
        reply_error(call, b"ERR Client names cannot contain spaces, newlines or special characters.")
    elif keep_text(call, &call.client.name, &call.argv[2]):
        reply_ok(call)


cdef void refuse_quoting(Call* call, const char* form, int arg) noexcept nogil:
    """An error that repeats an argument; `form` has one %.*s."""
    cdef char[256] text
    cdef int size = <int>min(call.argv[arg].size, <size_t>128)
    reply_error_size(call, text, snprintf(text, sizeof(text), form, size, <const char*>call.argv[arg].data))


cdef void setinfo(Call* call) noexcept nogil:
    cdef bint name = arg_is(call, 2, b"LIB-NAME")
    if not name and not arg_is(call, 2, b"LIB-VER"):
        refuse_quoting(call, b"ERR Unrecognized option '%.*s'", 2)
    elif not name_is_plain(&call.argv[3]):
        refuse_quoting(call, b"ERR %.*s cannot contain spaces, newlines or special characters.", 2)
    elif keep_text(call, &call.client.lib_name if name else &call.client.lib_ver, &call.argv[3]):
        call.client.flags |= CLIENT_LIBRARY
        reply_ok(call)


cdef void capa(Call* call) noexcept nogil:
    cdef int i
    for i in range(2, call.argc):
        if arg_is(call, i, b"REDIRECT"):
            call.client.flags |= CLIENT_CAPA_REDIRECT
    reply_ok(call)


# ---- lines ----

cdef void put_text(Buffer* out, const char* label, const char* text) noexcept nogil:
    buffer_append(out, label, strlen(label))
    if text != NULL:
        buffer_append(out, text, strlen(text))


cdef void put_line(Buffer* out, const Call* call, const Client* c) noexcept nogil:
    """One client. Fields that nothing here has a value for yet show what the reference shows when they are idle."""
    cdef char[LINE] text
    cdef char[32] flags
    cdef int64_t now = call.engine.now
    cdef size_t held = c.input_size + c.output_used
    cdef const char* last = b"NULL"
    if c.last >= 0:
        last = &command_at(c.last).name[0]
    flag_letters(c.flags, flags)
    buffer_append(out, text, snprintf(text, LINE, b"id=%llu addr=%s laddr=%s fd=%d", <unsigned long long>c.id, c.addr,
                                      c.laddr, c.fd))
    put_text(out, b" name=", c.name)
    buffer_append(out, text, snprintf(
        text, LINE, b" age=%lld idle=%lld flags=%s capa=%s db=%d sub=0 psub=0 ssub=0 multi=-1 watch=0",
        <long long>((now - c.created_ms) // 1000), <long long>((now - c.seen_ms) // 1000), flags,
        b"r" if c.flags & CLIENT_CAPA_REDIRECT else b"", c.db))
    buffer_append(out, text, snprintf(
        text, LINE, b" qbuf=%zu qbuf-free=%zu argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=%d omem=%zu tot-mem=%zu",
        c.input_used, c.input_size - c.input_used, c.output_used > 0, c.output_used, sizeof(Client) + held))
    buffer_append(out, text, snprintf(
        text, LINE, b" events=%s cmd=%s user=default redir=-1 resp=%d", b"w" if c.output_used else b"r",
        last, c.resp))
    put_text(out, b" lib-name=", c.lib_name)
    put_text(out, b" lib-ver=", c.lib_ver)
    buffer_append(out, text, snprintf(
        text, LINE, b" tot-net-in=%llu tot-net-out=%llu tot-cmds=%llu\n", <unsigned long long>c.net_in,
        <unsigned long long>c.net_out, <unsigned long long>(c.commands - (c == call.client))))


cdef void reply_lines(Call* call, Buffer* lines) noexcept nogil:
    if lines.failed:
        reply_error(call, NO_MEMORY)
    else:
        reply_verbatim(call, b"txt", <const char*>lines.data, lines.used)
    buffer_close(lines)


cdef void list_(Call* call) noexcept nogil:
    cdef Filter f
    cdef Buffer lines
    cdef Client* client = call.engine.clients
    if not filter_open(&f, call, False):
        return
    buffer_init(&lines, NULL, 0)
    while client != NULL:
        if filter_passes(&f, call, client):
            put_line(&lines, call, client)
        client = client.next
    filter_close(&f)
    reply_lines(call, &lines)


cdef void info(Call* call) noexcept nogil:
    cdef Buffer line
    buffer_init(&line, NULL, 0)
    put_line(&line, call, call.client)
    reply_lines(call, &line)


# ---- orders ----

cdef void end(Call* call, Client* client) noexcept nogil:
    """Oneself is closed behind the reply; another by the network, once this request is done: nothing is freed here."""
    if client == call.client:
        client.flags |= CLIENT_CLOSE_AFTER_REPLY
        return
    client.flags |= CLIENT_CLOSE_NOW
    if call.engine.hooks.close_client != NULL:
        call.engine.hooks.close_client(client.connection)


cdef void kill(Call* call) noexcept nogil:
    cdef Filter f
    cdef Client* client = call.engine.clients
    cdef int64_t killed = 0
    cdef bint by_address = call.argc == 3
    if not by_address and not filter_open(&f, call, True):
        return
    while client != NULL:
        if not client.flags & CLIENT_CLOSE_NOW and (
                at_address(call, client) if by_address else filter_passes(&f, call, client)):
            killed += 1
            end(call, client)
        client = client.next
    if not by_address:
        filter_close(&f)
        reply_int(call, killed)
    elif killed:
        reply_ok(call)
    else:
        reply_error(call, b"ERR No such client")


cdef bint at_address(const Call* call, const Client* client) noexcept nogil:
    cdef size_t size = strlen(client.addr)
    return size == call.argv[2].size and memcmp(client.addr, call.argv[2].data, size) == 0


cdef void reply(Call* call) noexcept nogil:
    cdef Client* client = call.client
    if arg_is(call, 2, b"ON"):
        client.flags &= ~<unsigned int>(CLIENT_REPLY_OFF | CLIENT_REPLY_SKIP)
        reply_ok(call)
    elif arg_is(call, 2, b"OFF"):
        client.flags |= CLIENT_REPLY_OFF
    elif arg_is(call, 2, b"SKIP"):
        if not client.flags & CLIENT_REPLY_OFF:
            client.flags |= CLIENT_REPLY_SKIP_NEXT
    else:
        reply_syntax(call)


cdef void switch_flag(Call* call, uint32_t flag) noexcept nogil:
    if arg_is(call, 2, b"ON"):
        call.client.flags |= flag
    elif arg_is(call, 2, b"OFF"):
        call.client.flags &= ~flag
    else:
        reply_syntax(call)
        return
    reply_ok(call)


cdef void no_evict(Call* call) noexcept nogil:
    switch_flag(call, CLIENT_NO_EVICT)


cdef void no_touch(Call* call) noexcept nogil:
    switch_flag(call, CLIENT_NO_TOUCH)


cdef enum:
    HELP_LINES = 29

ctypedef const char* Text
cdef Text[HELP_LINES] HELP
HELP[:] = [
    b"CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    b"CAPA <capability> [<capability> ...]",
    b"    Say what this client can do; REDIRECT is known.",
    b"GETNAME",
    b"    The name of this connection.",
    b"ID",
    b"    The number of this connection.",
    b"INFO",
    b"    What CLIENT LIST shows of this connection.",
    b"KILL <ip:port>",
    b"    Close the connection that comes from this address.",
    b"KILL <filter> <value> [<filter> <value> ...]",
    b"    Close the connections that pass all filters, oneself only with SKIPME no.",
    b"LIST [<filter> <value> ...]",
    b"    One line for each connection that passes all filters. They are: ID <id> [<id> ...], TYPE, USER, ADDR,",
    b"    LADDR, IP, NAME, LIB-NAME, LIB-VER, FLAGS, CAPA, DB; each of these also as NOT-<filter>;",
    b"    MAXAGE <seconds>, IDLE <seconds>, SKIPME (YES|NO).",
    b"NO-EVICT (ON|OFF)",
    b"    Keep this connection when clients use too much memory.",
    b"NO-TOUCH (ON|OFF)",
    b"    Leave the access times of keys alone.",
    b"REPLY (ON|OFF|SKIP)",
    b"    Replies on, off, or off for one command.",
    b"SETINFO (LIB-NAME|LIB-VER) <value>",
    b"    Say which client library this is.",
    b"SETNAME <name>",
    b"    Name this connection.",
    b"HELP",
    b"    This text.",
]


cdef void help_(Call* call) noexcept nogil:
    cdef int i
    reply_array(call, HELP_LINES)
    for i in range(HELP_LINES):
        reply_status(call, HELP[i])
