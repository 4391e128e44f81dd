"""The gate. See gate.pxd.

Order of the guards, each of which may end the request with an error: subcommand, authentication,
existence, arity. Places for those to come, in this order: access rules, cluster slot, memory,
loading and stale data, a transaction's queue. Nothing may look into the arguments before arity
is known to be right.
"""
from libc.stdint cimport uint8_t, uint64_t
from libc.stdio cimport snprintf
from libc.string cimport memcmp

from cydis.core.clock cimport clock_ticks
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, Command
from cydis.engine.database cimport (
    CLIENT_AUTHENTICATED, CLIENT_REPLY_OFF, CLIENT_REPLY_SKIP, CLIENT_REPLY_SKIP_NEXT, Client, CommandStat, Engine,
)
from cydis.engine.reply cimport NOAUTH, reply_bad_arity, reply_error, reply_error_size
from cydis.engine.table cimport BRIEF, CONTAINER, FAST, NO_AUTH, SUBCOMMAND, lookup, lookup_sub

cdef enum:
    SAMPLE = 16                           # of O(1) commands every so many'th is timed, and counts for all of them
    QUOTED = 128                          # bytes of the arguments that an error about an unknown command repeats


cdef const Command* find_command(const Call* call, const Command* hint) noexcept nogil:
    """The command that a request names, or NULL. `hint`: the last one found; pipelines mostly repeat."""
    cdef const RespArg* name = &call.argv[0]
    cdef const Command* command
    if hint != NULL and <size_t>hint.name_size == name.size and (
            memcmp(hint.name, name.data, name.size) == 0 or memcmp(hint.row.name, name.data, name.size) == 0
            ) and not hint.row.flags & (CONTAINER | SUBCOMMAND):
        return hint
    command = lookup(<const char*>name.data, name.size)
    if command == NULL or command.row.flags & SUBCOMMAND:
        return NULL                       # a subcommand is named by two words
    if command.row.flags & CONTAINER and call.argc > 1:
        return sub_or_container(command, &call.argv[1])
    return command


cdef const Command* sub_or_container(const Command* container, const RespArg* name) noexcept nogil:
    cdef const Command* sub = lookup_sub(container, name)
    return container if sub == NULL else sub


cdef int printable(char* out, int room, const uint8_t* data, size_t size) noexcept nogil:
    """Copies as much as fits, up to a NUL as the reference does; what would break the line becomes a space."""
    cdef int n = 0
    while n < room and <size_t>n < size and data[n] != 0:
        out[n] = b" " if data[n] == 10 or data[n] == 13 else data[n]
        n += 1
    return n


cdef void refuse_unknown(Call* call) noexcept nogil:
    cdef char[600] text
    cdef int n, i, start
    cdef size_t shown
    n = snprintf(text, sizeof(text), b"ERR unknown command '")
    n += printable(text + n, QUOTED, call.argv[0].data, call.argv[0].size)
    n += snprintf(text + n, sizeof(text) - n, b"', with args beginning with: ")
    start = n
    for i in range(1, call.argc):
        if n - start >= QUOTED:
            break
        shown = QUOTED - (n - start)
        text[n] = b"'"
        n += 1
        n += printable(text + n, <int>shown, call.argv[i].data, call.argv[i].size)
        text[n] = b"'"
        text[n + 1] = b" "
        n += 2
    reply_error_size(call, text, n)


cdef void refuse_subcommand(Call* call, const Command* container) noexcept nogil:
    cdef char[300] text
    cdef int n = snprintf(text, sizeof(text), b"ERR unknown subcommand '")
    n += printable(text + n, QUOTED, call.argv[1].data, call.argv[1].size)
    n += snprintf(text + n, sizeof(text) - n, b"'. Try %s HELP.", container.row.name)
    reply_error_size(call, text, n)


cdef inline bint admitted(Call* call, const Command* command) noexcept nogil:
    """Every guard, in order; false: refused, and the client has been told."""
    cdef int arity
    if command == NULL or not call.client.flags & CLIENT_AUTHENTICATED:
        if call.engine.password_required and not call.client.flags & CLIENT_AUTHENTICATED and (
                command == NULL or not command.row.flags & NO_AUTH):
            reply_error(call, NOAUTH)
            return False
        if command == NULL:
            refuse_unknown(call)
            return False
    arity = command.row.arity
    if (arity > 0 and call.argc != arity) or call.argc < -arity:
        reply_bad_arity(call)
        return False
    if command.row.run == NULL:
        refuse_subcommand(call, command)
        return False
    return True


cdef void execute(Call* call, const Command* command) noexcept nogil:
    """Runs one request: guards, the command, counters. `command`: as find_command gave it."""
    cdef Client* client = call.client
    cdef Engine* engine = call.engine
    cdef size_t start = call.out.used
    cdef CommandStat* stat
    cdef uint64_t began
    call.command = command
    if admitted(call, command):
        stat = &engine.command_stats[command.id]
        client.last = command.id
        client.commands += 1
        engine.stats.commands += 1
        if command.row.flags & (FAST | BRIEF) and stat.calls % SAMPLE:
            command.row.run(call)
        else:
            began = clock_ticks()
            command.row.run(call)
            began = clock_ticks() - began
            stat.ticks += began * SAMPLE if command.row.flags & (FAST | BRIEF) else began
        stat.calls += 1
        stat.failed += call.failed
        engine.changes += call.changes
    elif command != NULL:
        engine.command_stats[command.id].rejected += 1
    if client.flags & (CLIENT_REPLY_OFF | CLIENT_REPLY_SKIP | CLIENT_REPLY_SKIP_NEXT):
        hold_back(call, start)


cdef void hold_back(Call* call, size_t start) noexcept nogil:
    """CLIENT REPLY OFF and SKIP: takes the reply away again."""
    cdef Client* client = call.client
    if client.flags & (CLIENT_REPLY_OFF | CLIENT_REPLY_SKIP) or client.flags & CLIENT_REPLY_SKIP_NEXT:
        call.out.used = start
    client.flags &= ~<unsigned int>CLIENT_REPLY_SKIP
    if client.flags & CLIENT_REPLY_SKIP_NEXT:
        client.flags = (client.flags & ~<unsigned int>CLIENT_REPLY_SKIP_NEXT) | CLIENT_REPLY_SKIP
