"""The connection itself: who the client is, which protocol and which database it uses.

PING [message]
    Answers PONG, or the message. O(1). Since 1.0.0.
ECHO message
    Answers the message. O(1). Since 1.0.0.
AUTH [username] password
    Logs the connection in; without a name as the default user. O(size of the password). Since 1.0.0.
HELLO [protover [AUTH username password] [SETNAME clientname]]
    Chooses the protocol (2 or 3), may log in and name the connection, and tells what the server is. O(1). Since 6.0.0.
SELECT index
    Makes a numbered database the connection's own. O(1). Since 1.0.0.
QUIT
    Answers OK; then the connection is closed. O(1). Since 1.0.0.
RESET
    Brings the connection back to what it was when it was new: database 0, RESP2, no name, nobody logged in.
    O(1). Since 6.2.0.

What others may know of a client, and CLIENT, is in `clients`.
"""
from libc.stdint cimport int64_t, uint8_t
from libc.stdio cimport snprintf
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memcpy

from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, Row, arg_db, arg_int_or, arg_is
from cydis.engine.database cimport (
    CLIENT_AUTHENTICATED, CLIENT_CLOSE_AFTER_REPLY, CLIENT_EMBEDDED, CLIENT_NO_EVICT, CLIENT_NO_TOUCH,
    CLIENT_REPLY_OFF, CLIENT_REPLY_SKIP, CLIENT_REPLY_SKIP_NEXT, Client, Engine,
)
from cydis.engine.reply cimport (
    NO_MEMORY, WRONGPASS, reply_array, reply_bulk, reply_error, reply_error_size, reply_int, reply_map,
    reply_ok, reply_status, reply_syntax, reply_text,
)
from cydis.engine.table cimport ALLOW_BUSY, FAST, LOADING, NO_AUTH, NO_KEYS, NOSCRIPT, STALE, register
from cydis.version import REDIS_VERSION

cdef extern from * nogil:
    """
    #define CYDIS_NO_PASSWORD "ERR AUTH <password> called without any password configured for the default user. " \
        "Are you sure your configuration is correct?"
    #define CYDIS_HELLO_NOAUTH "NOAUTH HELLO must be called with the client already authenticated, otherwise the " \
        "HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP " \
        "protocol version at the same time"
    """
    const char* NO_PASSWORD "CYDIS_NO_PASSWORD"
    const char* HELLO_NOAUTH "CYDIS_HELLO_NOAUTH"

cdef enum:
    ANYTIME = LOADING | STALE
    LOGIN = NOSCRIPT | LOADING | STALE | FAST | NO_AUTH | ALLOW_BUSY

cdef char[16] VERSION                     # what HELLO says; filled at import, read-only afterwards
cdef bytes _version = REDIS_VERSION.encode()
memcpy(VERSION, <const char*>_version, len(_version) + 1)

cdef Row[7] ROWS = [
    #   name       function  arity  flags                        keys
    Row(b"PING",   ping,     -1,    FAST,                        NO_KEYS),
    Row(b"ECHO",   echo,     2,     FAST | ANYTIME,              NO_KEYS),
    Row(b"AUTH",   auth,     -2,    LOGIN,                       NO_KEYS),
    Row(b"HELLO",  hello,    -1,    LOGIN,                       NO_KEYS),
    Row(b"SELECT", select,   2,     FAST | ANYTIME | ALLOW_BUSY, NO_KEYS),
    Row(b"QUIT",   quit_,    -1,    LOGIN,                       NO_KEYS),
    Row(b"RESET",  reset,    1,     LOGIN,                       NO_KEYS),
]
register(b"connection", ROWS, 7)


cdef void ping(Call* call) noexcept nogil:
    cdef char[64] text
    if call.argc == 1:
        reply_status(call, b"PONG")
    elif call.argc == 2:
        reply_bulk(call, call.argv[1].data, call.argv[1].size)
    else:
        reply_error_size(call, text, snprintf(text, sizeof(text),
                                              b"ERR wrong number of arguments for 'ping' command"))


cdef void echo(Call* call) noexcept nogil:
    reply_bulk(call, call.argv[1].data, call.argv[1].size)


cdef bint password_is(const Engine* e, const RespArg* given) noexcept nogil:
    """Compares in a time that tells nothing but the length of what was given."""
    cdef size_t i
    cdef size_t differs = given.size ^ e.password_size
    for i in range(given.size):
        differs |= given.data[i] ^ <uint8_t>e.password[i % e.password_size]
    return differs == 0


cdef bint log_in(Call* call, const RespArg* user, const RespArg* password) noexcept nogil:
    """True: the client is that user now. False: it has been refused, and is who it was. `user` NULL: the default."""
    cdef Engine* e = call.engine
    cdef bint known = user == NULL or (user.size == 7 and memcmp(user.data, b"default", 7) == 0)
    if e.password_required and not password_is(e, password):
        known = False
    if not known:
        e.stats.auth_denied += 1
        reply_error(call, WRONGPASS)
        return False
    call.client.flags |= CLIENT_AUTHENTICATED
    return True


cdef void auth(Call* call) noexcept nogil:
    cdef bint named = call.argc == 3
    if call.argc > 3:
        reply_syntax(call)
    elif not named and not call.engine.password_required:
        reply_error(call, NO_PASSWORD)
    elif log_in(call, &call.argv[1] if named else NULL, &call.argv[call.argc - 1]):
        reply_ok(call)


cdef bint name_is_plain(const RespArg* text) noexcept nogil:
    """Printable ASCII without spaces: what CLIENT LIST can show on its line."""
    cdef size_t i
    for i in range(text.size):
        if text.data[i] < 33 or text.data[i] > 126:
            return False
    return True


cdef bint keep_text(Call* call, char** place, const RespArg* text) noexcept nogil:
    """Puts a copy of a text in the place of another (empty: none). False: no memory, the client was told."""
    cdef char* copy = NULL
    if text.size:
        copy = <char*>malloc(text.size + 1)
        if copy == NULL:
            reply_error(call, NO_MEMORY)
            return False
        memcpy(copy, text.data, text.size)
        copy[text.size] = 0
    free(place[0])
    place[0] = copy
    return True


cdef void refuse_option(Call* call, int i) noexcept nogil:
    cdef char[200] text
    cdef int n = snprintf(text, sizeof(text), b"ERR Syntax error in HELLO option '%.*s'",
                          <int>min(call.argv[i].size, <size_t>128), <const char*>call.argv[i].data)
    reply_error_size(call, text, n)


cdef void hello(Call* call) noexcept nogil:
    cdef int64_t version = call.client.resp
    cdef const RespArg* login = NULL
    cdef const RespArg* name = NULL
    cdef int i = 2
    if call.argc > 1:
        if not arg_int_or(call, 1, &version, b"ERR Protocol version is not an integer or out of range"):
            return
        if version != 2 and version != 3:
            reply_error(call, b"NOPROTO unsupported protocol version")
            return
    while i < call.argc:
        if arg_is(call, i, b"AUTH") and i + 2 < call.argc:
            login = &call.argv[i + 1]
            i += 3
        elif arg_is(call, i, b"SETNAME") and i + 1 < call.argc:
            name = &call.argv[i + 1]
            if not name_is_plain(name):
                reply_error(call, b"ERR Client names cannot contain spaces, newlines or special characters.")
                return
            i += 2
        else:
            refuse_option(call, i)
            return
    if login != NULL and not log_in(call, login, login + 1):
        return
    if call.engine.password_required and not call.client.flags & CLIENT_AUTHENTICATED:
        reply_error(call, HELLO_NOAUTH)
        return
    if name != NULL and not keep_text(call, &call.client.name, name):
        return
    call.client.resp = call.resp = <int>version
    introduce(call)


cdef void introduce(Call* call) noexcept nogil:
    """What the server is. Clients choose features by `server` and `version`, so both are those of the reference."""
    reply_map(call, 7)
    reply_text(call, b"server")
    reply_text(call, b"redis")
    reply_text(call, b"version")
    reply_text(call, VERSION)
    reply_text(call, b"proto")
    reply_int(call, call.resp)
    reply_text(call, b"id")
    reply_int(call, <int64_t>call.client.id)
    reply_text(call, b"mode")
    reply_text(call, b"standalone")
    reply_text(call, b"role")
    reply_text(call, b"master")
    reply_text(call, b"modules")
    reply_array(call, 0)


cdef void select(Call* call) noexcept nogil:
    cdef int number
    if arg_db(call, 1, &number):
        call.client.db = number
        reply_ok(call)


cdef void quit_(Call* call) noexcept nogil:
    call.client.flags |= CLIENT_CLOSE_AFTER_REPLY
    reply_ok(call)


cdef void reset(Call* call) noexcept nogil:
    cdef Client* client = call.client
    client.flags &= ~<unsigned int>(CLIENT_REPLY_OFF | CLIENT_REPLY_SKIP | CLIENT_REPLY_SKIP_NEXT | CLIENT_NO_TOUCH
                                    | CLIENT_NO_EVICT)
    if call.engine.password_required and not client.flags & CLIENT_EMBEDDED:
        client.flags &= ~<unsigned int>CLIENT_AUTHENTICATED
    client.db = 0
    client.resp = call.resp = 2
    free(client.name)
    client.name = NULL
    reply_status(call, b"RESET")
