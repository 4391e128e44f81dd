"""One request, wherever it came from, and what it asks for.

A Call lives on the stack of the door which made it. Its arguments are slices of memory that the
door keeps still until the command is done: nothing is copied before a value is stored.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.buffer cimport Buffer
from cydis.core.resp cimport RespArg
from cydis.engine.database cimport Client, Db, Engine

cdef struct Call


cdef struct Keys:                         # which arguments are keys
    short first, last, step               # positions in argv; last < 0 counts from the end; first 0: none
    short count_at                        # > 0: argv[count_at] says how many keys stand from `first` on
    short also                            # > 0: one more key at this position (the target of a *STORE)


cdef struct Row:                          # one command, as its family writes it
    const char* name                      # upper case; a subcommand is CONTAINER|NAME
    void (*run)(Call*) noexcept nogil     # NULL for a container of subcommands
    int arity                             # exact, or -n for "at least n", name included
    uint64_t flags
    Keys keys


# Positions of a request's keys where five numbers cannot say them: how many, the first `room` of them in `out`; -1 for
# bad arguments. The command finds its keys by the same function.
ctypedef int (*KeyFinder)(const RespArg* argv, int argc, int* out, int room) noexcept nogil


cdef struct Command:                      # a row in the table
    Row row
    int id
    const char* family
    KeyFinder find_keys                   # NULL: row.keys says it all
    uint64_t categories                   # ACL, from family and flags
    char[40] name                         # as errors and COMMAND say it: lower case, but a module's upper
    int name_size
    int subcommands                       # how many, for a container


cdef struct Call:
    Engine* engine
    Client* client
    Db* db
    const Command* command
    const RespArg* argv                   # argv[0] is the command's name
    int argc
    bint hashed                           # `hash` is that of the first key
    uint64_t hash
    Buffer* out                           # where the reply goes
    int resp                              # protocol of the reply, 2 or 3
    bint failed                           # an error was replied
    uint64_t changes                      # what changed; 0: nothing to log or to replicate


# Arguments. Where one cannot be read the error has been replied and false is returned.
cdef bint arg_is(const Call* call, int i, const char* word) noexcept nogil       # case-insensitive
cdef bint word_is(const RespArg* arg, const char* word) noexcept nogil           # the same without a Call
cdef bint arg_int(Call* call, int i, int64_t* out) noexcept nogil
cdef bint arg_int_or(Call* call, int i, int64_t* out, const char* error) noexcept nogil
cdef bint arg_range(Call* call, int i, int64_t low, int64_t high, int64_t* out, const char* error) noexcept nogil
cdef bint arg_db(Call* call, int i, int* number) noexcept nogil                  # of a database that is there
cdef bint arg_double(Call* call, int i, double* out) noexcept nogil
cdef bint arg_double_or(Call* call, int i, double* out, const char* error) noexcept nogil
cdef bint arg_cursor(Call* call, int i, uint64_t* out) noexcept nogil

# A moment to come, from a count of seconds or milliseconds, since now or since 1970 (`absolute`): ms into *at.
cdef bint arg_moment(Call* call, int i, bint seconds, bint absolute, int64_t* at) noexcept nogil


cdef inline void call_begin(Call* call, Client* client, const RespArg* argv, int argc, Buffer* out) noexcept nogil:
    """Fills a Call for one request. The arguments and `out` stay the door's."""
    call.engine = client.engine
    call.client = client
    call.db = &client.engine.dbs[client.db]
    call.command = NULL
    call.argv = argv
    call.argc = argc
    call.hashed = False
    call.out = out
    call.resp = client.resp
    call.failed = False
    call.changes = 0
