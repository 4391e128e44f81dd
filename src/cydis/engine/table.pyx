"""The table of commands. Filled while the families are imported, read-only afterwards.

Names are found through an open hash table of 2048 places keyed by the lower-cased name. A request
costs one look here at most: pipelines mostly repeat, and the doors remember the last command.
"""
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy, strlen

from cydis.core.number cimport number_parse_int
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Command, KeyFinder, Keys, Row
from cydis.engine.database cimport MAX_COMMANDS

NO_KEYS = Keys(0, 0, 0, 0, 0)
KEY1 = Keys(1, 1, 1, 0, 0)
KEY12 = Keys(1, 2, 1, 0, 0)
KEYS_ALL = Keys(1, -1, 1, 0, 0)
KEYS_PAIRS = Keys(1, -1, 2, 0, 0)

cdef enum:
    PLACES = 2048                         # > 3 * MAX_COMMANDS, a power of two

cdef Command[MAX_COMMANDS] COMMANDS
cdef int COUNT = 0
cdef short[PLACES] INDEX                  # 1 + id, 0: free

# ACL categories by flag and family; the order is that of ACL CAT.
CATEGORIES = (
    "keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog", "geo",
    "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection", "transaction", "scripting",
)
_FAMILY_CATEGORY = {
    "generic": "keyspace", "set": "set", "sorted-set": "sortedset", "list": "list", "hash": "hash", "string": "string",
    "bitmap": "bitmap", "hyperloglog": "hyperloglog", "geo": "geo", "stream": "stream", "pubsub": "pubsub",
    "connection": "connection", "transactions": "transaction", "scripting": "scripting",
}
_FLAG_NAMES = (
    (WRITE, "write"), (READ, "readonly"), (DENYOOM, "denyoom"), (ADMIN, "admin"), (PUBSUB, "pubsub"),
    (NOSCRIPT, "noscript"), (BLOCKING, "blocking"), (LOADING, "loading"), (STALE, "stale"),
    (SKIP_MONITOR, "skip_monitor"), (SKIP_SLOWLOG, "skip_commandlog"), (ASKING, "asking"), (FAST, "fast"),
    (NO_AUTH, "no_auth"), (MAY_REPLICATE, "may_replicate"), (MOVABLEKEYS, "movablekeys"),
    (NO_MANDATORY_KEYS, "no_mandatory_keys"), (ALLOW_BUSY, "allow_busy"), (NO_ASYNC_LOADING, "no_async_loading"),
    (NO_MULTI, "no_multi"), (MODULE, "module"),
)


cdef inline uint64_t place_of(const uint8_t* name, size_t size) noexcept nogil:
    cdef uint64_t h = size
    cdef size_t i
    for i in range(size):
        h = (h ^ (name[i] | 0x20)) * <uint64_t>0x100000001B3
    return (h ^ (h >> 32)) & (PLACES - 1)


cdef inline uint8_t lowered(uint8_t c) noexcept nogil:
    return c | 0x20 if 65 <= c <= 90 else c


cdef inline bint same_name(const Command* command, const uint8_t* name, size_t size) noexcept nogil:
    cdef size_t i
    cdef uint8_t c
    if <size_t>command.name_size != size:
        return False
    for i in range(size):
        c = lowered(name[i])
        if c != lowered(command.name[i]):
            return False
    return True


cdef const Command* lookup(const char* name, size_t size) noexcept nogil:
    """The command of this name (any case; a subcommand as container|name), or NULL. O(length of the name)."""
    cdef uint64_t place = place_of(<const uint8_t*>name, size)
    while INDEX[place]:
        if same_name(&COMMANDS[INDEX[place] - 1], <const uint8_t*>name, size):
            return &COMMANDS[INDEX[place] - 1]
        place = (place + 1) & (PLACES - 1)
    return NULL


cdef const Command* lookup_sub(const Command* container, const RespArg* name) noexcept nogil:
    """The subcommand of a container, or NULL."""
    cdef char[80] full
    if name.size > 36 or container.name_size + 1 + name.size > sizeof(full):
        return NULL
    memcpy(full, container.name, container.name_size)
    full[container.name_size] = b"|"
    memcpy(full + container.name_size + 1, name.data, name.size)
    return lookup(full, container.name_size + 1 + name.size)


cdef const Command* command_at(int id) noexcept nogil:
    return &COMMANDS[id]


cdef int command_count() noexcept nogil:
    return COUNT


def _categories(family, flags):
    names = set()
    if flags & MODULE:
        return 0
    if family in _FAMILY_CATEGORY and not flags & (NOT_KEYSPACE | CONTAINER):
        names.add(_FAMILY_CATEGORY[family])
    if flags & IN_CONNECTION:
        names.add("connection")
    if flags & IN_KEYSPACE:
        names.add("keyspace")
    if flags & IN_COLLECTIONS:
        names |= {"list", "set", "sortedset"}
    if flags & WRITE:
        names.add("write")
    if flags & READ and family not in ("scripting",):
        names.add("read")
    if flags & ADMIN:
        names |= {"admin", "dangerous"}
    if flags & DANGEROUS:
        names.add("dangerous")
    if flags & PUBSUB:
        names.add("pubsub")
    if flags & BLOCKING:
        names.add("blocking")
    names.add("fast" if flags & FAST else "slow")
    bits = 0
    for i, name in enumerate(CATEGORIES):
        if name in names:
            bits |= 1 << i
    return bits


cdef int register_one(const char* family, const Row* row) except -1:
    global COUNT
    cdef size_t size = strlen(row.name)
    cdef Command* command
    cdef uint64_t place
    if COUNT == MAX_COMMANDS or size >= sizeof(command.name):
        raise ValueError(f"the table of commands cannot take {row.name}")
    if lookup(row.name, size) != NULL:
        raise ValueError(f"the command {row.name} is registered already")
    lower = (<bytes>row.name).lower()
    command = &COMMANDS[COUNT]
    command.row = row[0]
    command.id = COUNT
    command.family = family
    command.find_keys = NULL
    command.categories = _categories(family.decode(), row.flags)
    memcpy(command.name, row.name if row.flags & MODULE else <const char*>lower, size + 1)
    command.name_size = <int>size
    command.subcommands = 0
    place = place_of(<const uint8_t*>command.name, size)
    while INDEX[place]:
        place = (place + 1) & (PLACES - 1)
    COUNT += 1
    INDEX[place] = COUNT
    if b"|" in lower:
        container, _, _ = lower.partition(b"|")
        (<Command*>lookup(container, len(container))).subcommands += 1
        command.row.flags |= SUBCOMMAND
    return COUNT - 1


cdef int register(const char* family, const Row* rows, int count) except -1:
    """Puts a family's rows into the table. A container must stand before its subcommands.

    Raises ValueError for a name that is there already.
    """
    for i in range(count):
        register_one(family, &rows[i])
    return 0


cdef int register_keys(const char* name, KeyFinder find_keys) except -1:
    """Has the keys of a command found by a function of its family."""
    cdef Command* command = <Command*>lookup(name, strlen(name))
    if command == NULL:
        raise ValueError(f"the command {name} is not registered")
    command.find_keys = find_keys
    return 0


cdef int put(int* out, int room, int n, int position) noexcept nogil:
    if n < room:
        out[n] = position
    return n + 1


cdef int key_positions(const Command* command, const RespArg* argv, int argc, int* out, int room) noexcept nogil:
    """Positions of a request's keys: how many there are (the first `room` of them in `out`), or -1.

    -1 says that the arguments are too few, or that the number of keys cannot be read from them. O(keys).
    """
    cdef const Keys* keys = &command.row.keys
    cdef int n = 0, i, last
    cdef int64_t count
    if command.find_keys != NULL:
        return command.find_keys(argv, argc, out, room)
    if keys.also:
        if keys.also >= argc:
            return -1
        n = put(out, room, n, keys.also)
    if keys.count_at:
        if keys.count_at >= argc or not number_parse_int(argv[keys.count_at].data, argv[keys.count_at].size, &count):
            return -1
        if count < (keys.also > 0) or count > argc or keys.first + (count - 1) * keys.step >= argc:
            return -1
        for i in range(<int>count):
            n = put(out, room, n, keys.first + i * keys.step)
        return n
    if keys.first == 0:
        return n
    last = keys.last if keys.last >= 0 else argc + keys.last
    if last >= argc:
        return -1
    i = keys.first
    while i <= last:
        n = put(out, room, n, i)
        i += keys.step
    return n


# ---- Python's face ----

def flag_names(flags):
    """Names of the flags set in `flags`, as COMMAND shows them."""
    return [name for bit, name in _FLAG_NAMES if flags & bit]


def flag_bits(names):
    """The bits of flags given by name, "dangerous" and "connection" (ACL categories) included. KeyError for another."""
    known = {name: bit for bit, name in _FLAG_NAMES} | {"dangerous": DANGEROUS, "connection": IN_CONNECTION}
    bits = 0
    for name in names.split() if isinstance(names, str) else names:
        bits |= known[name]
    return bits


def describe(name):
    """What the table knows of a command: a dict, or None for an unknown name.

    Args:
        name: bytes or str, any case; a subcommand as ``container|name``.
    """
    cdef bytes raw = name.encode() if isinstance(name, str) else bytes(name)
    cdef const Command* c = lookup(raw, len(raw))
    if c == NULL:
        return None
    keys = c.row.keys
    return {
        "name": (<bytes>c.name).decode(), "id": c.id, "arity": c.row.arity, "flags": flag_names(c.row.flags),
        "first_key": keys.first, "last_key": keys.last, "step": keys.step, "count_at": keys.count_at,
        "also": keys.also, "family": (<bytes>c.family).decode(), "python": bool(c.row.flags & PYTHON),
        "categories": [name for i, name in enumerate(CATEGORIES) if c.categories >> i & 1],
        "subcommands": c.subcommands,
    }


def names():
    """Names of all commands and subcommands, lower case, in the order in which they were registered.

    What a command is called towards clients is describe(name)["name"]: a module's is upper case.
    """
    return [(<bytes>COMMANDS[i].name).decode().lower() for i in range(COUNT)]


def positions_of_keys(args):
    """Positions of the keys in a request given as a list of bytes; None for an unknown command or bad arguments."""
    cdef list held = [bytes(a) for a in args]
    cdef RespArg[1024] argv
    cdef int[1024] out
    cdef const Command* c
    cdef int i, n
    if not held or len(held) > 1024:
        return None
    for i in range(len(held)):
        argv[i].data = <const uint8_t*><const char*><bytes>held[i]
        argv[i].size = len(<bytes>held[i])
    c = lookup(<const char*>argv[0].data, argv[0].size)
    if c != NULL and c.row.flags & CONTAINER and len(held) > 1:
        c = lookup_sub(c, &argv[1])
    if c == NULL:
        return None
    n = key_positions(c, argv, <int>len(held), out, 1024)
    return None if n < 0 else [out[i] for i in range(n)]
