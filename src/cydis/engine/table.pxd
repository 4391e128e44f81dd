"""The table of commands: rows, flags, key positions; registering and looking up.

A family registers its rows when its module is imported; afterwards the table is only read. Rows
written in Python (register_python) stand in the same table: their function takes the
interpreter's lock and calls the handler.
"""
from libc.stdint cimport uint64_t

from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, Command, KeyFinder, Keys, Row

cdef enum:                                # Row.flags, as COMMAND shows them ...
    WRITE = 1
    READ = 2
    DENYOOM = 4                           # refused when memory is over its limit
    ADMIN = 8
    PUBSUB = 16
    NOSCRIPT = 32
    BLOCKING = 64
    LOADING = 128                         # allowed while data is loaded
    STALE = 256                           # allowed on a replica without its primary
    FAST = 512
    NO_AUTH = 1024                        # allowed before authentication
    NO_MULTI = 2048
    MOVABLEKEYS = 4096                    # key positions depend on the arguments
    ALLOW_BUSY = 8192
    SKIP_MONITOR = 16384
    SKIP_SLOWLOG = 32768
    ASKING = 65536
    MAY_REPLICATE = 131072
    NO_ASYNC_LOADING = 262144
    NO_MANDATORY_KEYS = 524288
    SENTINEL = 1048576
    # ... and those of our own
    MODULE = 1 << 21                      # one that elsewhere a module brings: named in upper case, in no category
    CONTAINER = 1 << 24                   # has subcommands
    PYTHON = 1 << 25                      # takes the interpreter's lock
    DANGEROUS = 1 << 26                   # an ACL category that family and flags do not give
    BRIEF = 1 << 28                       # O(1) though not called fast: its time is sampled, not taken each time
    NOT_KEYSPACE = 1 << 27                # the generic family's commands that concern no key
    IN_CONNECTION = 1 << 29               # commands of other families that ACL counts to the connection's
    IN_COLLECTIONS = 1 << 22              # ... to those of lists, sets and sorted sets, all three
    SUBCOMMAND = 1 << 23                  # set by the table for CONTAINER|NAME
    IN_KEYSPACE = 1 << 30                 # and commands of other families that concern all keys

cdef Keys NO_KEYS, KEY1, KEY12, KEYS_ALL, KEYS_PAIRS

cdef int register(const char* family, const Row* rows, int count) except -1
cdef int register_keys(const char* name, KeyFinder find_keys) except -1       # of a command that is there
cdef const Command* lookup(const char* name, size_t size) noexcept nogil
cdef const Command* lookup_sub(const Command* container, const RespArg* name) noexcept nogil
cdef const Command* command_at(int id) noexcept nogil
cdef int command_count() noexcept nogil

# Positions of the keys of a request, at most `room` of them into `out`; how many there are, or -1 for bad arguments.
cdef int key_positions(const Command* command, const RespArg* argv, int argc, int* out, int room) noexcept nogil
