"""Commands while the system refuses memory: an error, nothing half done, nothing lost."""
import pytest
from refusal import check_refusals

import cydis

NOW = 1_800_000_000_000
KEYS = ["number", "short", "raw", "long", "list", "brief", "new", "other"]
LONG_KEY = "k" * 300

COMMANDS = [
    ("SET", "new", "v" * 5000), ("SET", "new", "v"), ("SET", "new", 7), ("SET", "short", "v" * 5000),
    ("SET", "long", "v"), ("SET", "long", 7), ("SET", "number", "text"), ("SET", "list", "v"), ("SET", "list", 7),
    ("SET", "short", "w" * 100, "EX", 10, "GET"), ("SET", "long", "w" * 9000, "KEEPTTL", "GET"),
    ("GETSET", "short", "v" * 300), ("GETEX", "short", "EX", 10), ("GETEX", "brief", "PERSIST"), ("GETDEL", "long"),
    ("SETNX", "new", "v"), ("INCR", "new"), ("INCR", "number"), ("INCRBYFLOAT", "number", "0.5"),
    ("APPEND", "short", "x" * 200), ("APPEND", "long", "x" * 9000), ("APPEND", "number", "1"), ("APPEND", "new", "x"),
    ("SETRANGE", "short", 100, "x"), ("SETRANGE", "new", 100, "x"), ("SETRANGE", "long", 20_000, "x"),
    ("EXPIRE", "short", 100), ("EXPIRE", "long", 100), ("EXPIRE", "list", 100), ("PERSIST", "brief"),
    ("RENAME", "long", LONG_KEY), ("RENAME", "list", "short"), ("RENAME", "brief", "new"), ("RENAME", "number", "list"),
    ("COPY", "long", LONG_KEY), ("COPY", "list", "new"), ("COPY", "list", "long", "REPLACE"), ("COPY", "brief", "new"),
    ("SETBIT", "new", 100, 1), ("SETBIT", "number", 3, 0), ("SETBIT", "short", 3, 1), ("SETBIT", "long", 99_999, 1),
    ("BITFIELD", "new", "SET", "u8", 0, 1), ("BITFIELD", "short", "SET", "u8", 999, 1, "INCRBY", "u8", 0, 1),
    ("BITOP", "OR", "new", "long", "short"), ("BITOP", "AND", "brief", "short", "number"),
    ("BITOP", "NOT", "raw", "long"), ("BITOP", "XOR", "long", "short", "long"), ("BITOP", "OR", "list", "long"),
    ("PFADD", "new", "a"), ("PFADD", "seen", "a"), ("PFADD", "full", "a"), ("PFADD", "set whole", "a"),
    ("PFCOUNT", "seen"), ("PFMERGE", "new", "seen"), ("PFMERGE", "seen", "full"), ("PFMERGE", "set whole", "seen"),
    ("PFDEBUG", "TODENSE", "seen"), ("PFDEBUG", "GETREG", "set whole"),
    ("MOVE", "list", 1), ("MOVE", "brief", 1), ("DEL", *KEYS), ("UNLINK", *KEYS), ("FLUSHALL", "ASYNC"),
    ("SORT", "list", "DESC"), ("SORT", "list", "STORE", "new"), ("SORT", "list", "STORE", "list", "GET", "#"),
    ("SORT", "list", "BY", LONG_KEY + "*", "ALPHA", "STORE", "long", "GET", "brief*"),
    ("SORT", "list", *["GET", "#"] * 20), ("SORT", "list", "LIMIT", 300, 1, "STORE", "long"),
    ("BLPOP", "list", 0), ("BLMPOP", 0, 1, "list", "LEFT", "COUNT", 200), ("BLMOVE", "list", "new", "LEFT", "LEFT", 0),
]


def filled():
    store = cydis.Store(seed=b"0123456789abcdef")
    store.engine.freeze_clock(NOW)
    store.execute("MSET", "number", 1, "short", "abc", "long", "x" * 9000)
    store.execute("APPEND", "raw", "a")
    store.execute("APPEND", "raw", "b")
    store.execute("RPUSH", "list", *range(300))
    store.execute("SET", "brief", "v", "EX", 100)
    store.execute("PFADD", "seen", *range(20))
    store.execute("SET", "set whole", store.execute("GET", "seen"), "EX", 100)
    store.execute("PFADD", "full", *range(100))
    store.engine.set_setting("hll-sparse-max-bytes", store.execute("STRLEN", "full"))
    return store


def picture(store):
    """All that clients could see."""
    keys = {}
    for database in (0, 1):
        for key in store.execute("KEYS", "*"):
            kind = store.execute("TYPE", key)
            value = store.execute("LRANGE", key, 0, -1) if kind == b"list" else store.execute("GET", key)
            keys[database, key] = kind, value, store.execute("PEXPIRETIME", key)
        store.execute("SWAPDB", 0, 1)
    return keys


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(str(word)[:10] for word in command))
def test_a_refused_command_changes_nothing_and_loses_nothing(command):
    check_refusals(filled, command, picture)
