"""Examples of the commands of keys, expiry and databases, through every door; as Valkey 9.1 replies."""
import pytest
from doors import NOT_AN_INTEGER, SYNTAX

NOW = 1_800_000_000_000
INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
NO_SUCH_KEY = "ERR no such key"
SAME = "ERR source and destination objects are the same"
NO_SUCH_DB = "ERR DB index is out of range"
NOT_AN_INT32 = "ERR value is out of range, value must between -2147483648 and 2147483647"
NOT_TOGETHER = "ERR NX and XX, GT or LT options at the same time are not compatible"


@pytest.fixture
def frozen(door):
    door.freeze(NOW)
    return door


def fill(door, count, prefix="key:"):
    door.do("MSET", *(word for i in range(count) for word in (f"{prefix}{i}", i)))
    return {b"%s%d" % (prefix.encode(), i) for i in range(count)}


# ---- being there or not ----

def test_del_unlink_exists_touch(door):
    fill(door, 40)
    names = [f"key:{i}" for i in range(40)]
    assert door.do("EXISTS", *names, "key:1", "key:1", "missing") == 42
    assert door.do("TOUCH", *names, "missing") == 40
    assert door.do("DEL", *names[:20], "key:1", "missing") == 20
    assert door.do("UNLINK", *names) == 20
    assert door.do("UNLINK", *names) == 0
    assert door.do("DBSIZE") == 0
    for command in ("DEL", "UNLINK", "EXISTS", "TOUCH"):
        assert door.refused(command) == f"ERR wrong number of arguments for '{command.lower()}' command"


def test_type(door):
    door.do("SET", "s", "v")
    door.do("RPUSH", "l", "a")
    door.do("SADD", "set", "a")
    types = [door.do("TYPE", key) for key in ("s", "l", "set", "missing")]
    assert types == [b"string", b"list", b"set", b"none"]


def test_large_values_are_freed_whichever_way(door):
    before = door.stats()["heap_used"]
    for command in ("DEL", "UNLINK"):
        door.do("RPUSH", "l", *range(5000))
        door.do("SET", "s", "x" * 100_000)
        assert door.do(command, "l", "s") == 2
    door.do("RPUSH", "l", *range(5000))
    door.do("FLUSHALL", "ASYNC")
    door.store.engine.lock()
    while door.store.engine.cron(10_000):
        pass
    door.store.engine.unlock()
    assert door.stats()["lazy_pending"] == 0
    assert door.stats()["heap_used"] <= before + 4096                # the table's first segment may stay


# ---- names ----

def test_rename(frozen):
    frozen.do("SET", "a", "v", "EX", 100)
    frozen.do("SET", "b", "w", "EX", 5)
    assert frozen.do("RENAME", "a", "b") == b"OK"
    assert (frozen.do("GET", "b"), frozen.do("TTL", "b"), frozen.do("EXISTS", "a")) == (b"v", 100, 0)
    assert frozen.do("RENAME", "b", "b") == b"OK"
    frozen.do("SET", "c", "no expiry")
    frozen.do("RENAME", "c", "b")
    assert frozen.do("TTL", "b") == -1
    for command in ("RENAME", "RENAMENX"):
        assert frozen.refused(command, "missing", "x") == NO_SUCH_KEY
        assert frozen.refused(command, "missing", "missing") == NO_SUCH_KEY
    assert frozen.do("DBSIZE") == 1


def test_renamenx(door):
    door.do("MSET", "a", 1, "b", 2)
    assert door.do("RENAMENX", "a", "b") == 0
    assert door.do("RENAMENX", "a", "a") == 0
    assert door.do("RENAMENX", "a", "c") == 1
    assert door.do("MGET", "a", "b", "c") == [None, b"2", b"1"]


@pytest.mark.parametrize("value", ["7", "short", "x" * 200, "x" * 9000])
def test_values_of_all_kinds_move_and_are_copied(frozen, value):
    frozen.do("SET", "a", value, "EX", 100)
    assert frozen.do("COPY", "a", "k" * 300) == 1
    assert frozen.do("RENAME", "k" * 300, "b") == b"OK"
    assert frozen.do("MOVE", "b", 1) == 1
    assert frozen.do("COPY", "a", "b", "DB", 1) == 0
    frozen.do("APPEND", "a", "!")
    frozen.do("RPUSH", "l", "x", "y")
    assert frozen.do("COPY", "l", "m") == 1
    frozen.do("RPUSH", "m", "z")
    assert (frozen.do("LLEN", "l"), frozen.do("LLEN", "m")) == (2, 3)
    frozen.do("COPY", "a", "c", "DB", 1)
    assert frozen.do("RENAME", "m", "a") == b"OK"
    assert frozen.do("TYPE", "a") == b"list"
    if frozen.client is not None:
        frozen.do("SELECT", 1)
        assert frozen.do("MGET", "b", "c") == [value.encode(), value.encode() + b"!"]
        assert [frozen.do("TTL", key) for key in "bc"] == [100, 100]


def test_raw_stays_raw_and_embstr_is_judged_anew_when_the_key_changes(door):
    encoding = lambda key: door.do("OBJECT", "ENCODING", key)         # noqa: E731
    door.do("SET", "short", "v" * 110)
    door.do("RENAME", "short", "s" * 40)
    assert encoding("s" * 40) == b"raw"
    door.do("RENAME", "s" * 40, "short")
    assert encoding("short") == b"raw"
    door.do("APPEND", "a", "x")
    door.do("APPEND", "a", "y")
    door.do("COPY", "a", "b")
    door.do("EXPIRE", "b", 100)
    door.do("RENAME", "b", "c")
    assert encoding("c") == b"raw"
    door.do("SET", "i", 10)
    door.do("RENAME", "i", "i" * 300)
    assert encoding("i" * 300) == b"int"


def test_copy(frozen):
    frozen.do("MSET", "a", 1, "b", 2)
    frozen.do("EXPIRE", "a", 100)
    assert frozen.do("COPY", "a", "b") == 0
    assert frozen.do("COPY", "a", "b", "REPLACE") == 1
    assert (frozen.do("GET", "b"), frozen.do("TTL", "b")) == (b"1", 100)
    assert frozen.do("COPY", "missing", "c") == 0
    assert frozen.do("COPY", "a", "a", "DB", 1) == 1
    assert frozen.do("COPY", "a", "x", "DB", 1, "DB", 2, "REPLACE", "replace") == 1
    for words in (["a", "a"], ["missing", "missing"], ["a", "a", "DB", 0]):
        assert frozen.refused("COPY", *words) == SAME
    for number, error in ((99, NO_SUCH_DB), (-1, NO_SUCH_DB), ("x", NOT_AN_INTEGER), (2**40, NOT_AN_INT32)):
        assert frozen.refused("COPY", "a", "b", "DB", number) == error
        assert frozen.refused("MOVE", "a", number) == error
    for words in (["DB"], ["FOO"], ["REPLACE", "DB"]):
        assert frozen.refused("COPY", "a", "b", *words) == SYNTAX


def test_move(frozen):
    frozen.do("SET", "a", 1, "EX", 100)
    assert frozen.refused("MOVE", "a", 0) == SAME
    assert frozen.refused("MOVE", "missing", 0) == SAME
    assert frozen.do("MOVE", "missing", 1) == 0
    assert frozen.do("MOVE", "a", 1) == 1
    assert frozen.do("EXISTS", "a") == 0
    frozen.do("SET", "a", 2)
    assert frozen.do("MOVE", "a", 1) == 0
    frozen.do("SWAPDB", 0, 1)
    assert (frozen.do("GET", "a"), frozen.do("TTL", "a")) == (b"1", 100)


# ---- finding ----

@pytest.mark.parametrize(("pattern", "expected"), [
    ("*", "hello hallo hxllo hllo [ h\\llo"), ("h?llo", "hello hallo hxllo h\\llo"),
    ("h*llo", "hello hallo hxllo hllo h\\llo"),
    ("h[ae]llo", "hello hallo"), ("h[^e]llo", "hallo hxllo h\\llo"), ("h[a-b]llo", "hallo"),
    ("h[f-a]llo", "hello hallo"),
    ("h[ae", ""), ("hell[ab", ""), ("hell[op", "hello"), ("[", ""), ("\\[", "["), ("h\\\\llo", "h\\llo"),
    ("hello", "hello"),
    ("", ""), ("HELLO", ""), ("**o", "hello hallo hxllo hllo h\\llo"),
])
def test_patterns(door, pattern, expected):
    for key in ("hello", "hallo", "hxllo", "hllo", "[", "h\\llo"):
        door.do("SET", key, 1)
    assert {key.decode() for key in door.do("KEYS", pattern)} == set(expected.split())
    assert {key.decode() for key in door.scan_all("MATCH", pattern)} == set(expected.split())


def test_the_empty_key_is_found_by_one_star_only(door):
    door.do("SET", "", 1)
    assert [door.do("KEYS", pattern) for pattern in ("*", "**", "", "?")] == [[b""], [], [b""], []]


def test_scan_returns_everything_in_parts(door):
    names = fill(door, 1000)
    cursor, part = door.do("SCAN", 0)
    assert cursor != b"0" and 10 <= len(part) < 100
    for count in (1, 7, 100, 5000, INT64_MAX):
        assert set(door.scan_all("COUNT", count)) == names
    door.do("RPUSH", "list", "a")
    assert door.scan_all("TYPE", "LIST") == [b"list"]
    matched = set(door.scan_all("TYPE", "string", "MATCH", "key:99*"))
    assert matched == {b"key:99", *(b"key:99%d" % i for i in range(10))}
    assert door.scan_all("TYPE", "stream") == []


def test_scan_counts_what_it_looks_at(door):
    """COUNT limits the work of a call, not what it finds: a pattern that matches nothing takes as many calls."""
    for i in range(1000):
        door.do("SET", f"key:{i}", i)
    calls, cursor = 0, None
    while cursor != b"0":
        cursor, part = door.do("SCAN", cursor or 0, "MATCH", "nothing*", "COUNT", 100)
        assert part == []
        calls += 1
    assert 8 <= calls <= 12


def test_scan_keeps_its_promise_while_the_table_grows_and_shrinks(door):
    names = fill(door, 300)
    def grow(i):
        fill(door, 1500, f"new:{i}:")

    def shrink(i):
        door.do("DEL", *door.do("KEYS", f"new:{i}:*"), "x")

    for change in (grow, shrink):
        cursor, found, step = b"0", set(), 0
        while True:
            cursor, part = door.do("SCAN", cursor, "COUNT", 40)
            found.update(part)
            if cursor == b"0":
                break
            if step < 6:
                change(step)
            step += 1
        assert names <= found


def test_scan_refuses(door):
    for cursor in ("x", "-1", "18446744073709551616", "", "1.5", "1x"):
        assert door.refused("SCAN", cursor, "FOO") == "ERR invalid cursor"
    for options in ("COUNT", "COUNT 0", "COUNT -1", "MATCH", "TYPE", "FOO", "TYPE string FOO"):
        assert door.refused("SCAN", 0, *options.split()) == SYNTAX
    assert door.refused("SCAN", 0, "COUNT", "x") == NOT_AN_INTEGER
    assert door.refused("SCAN", 0, "TYPE", "nosuch") == "ERR unknown type name 'nosuch'"
    assert door.refused("SCAN", 0, "NOVALUES") == "ERR NOVALUES option can only be used in HSCAN"
    for cursor in ("18446744073709551615", "00", "+0"):
        assert door.do("SCAN", cursor) == [b"0", []]


def test_randomkey(door):
    assert door.do("RANDOMKEY") is None
    names = fill(door, 20)
    drawn = {door.do("RANDOMKEY") for _ in range(1000)}
    assert drawn == names


def test_expired_keys_are_invisible_at_once_and_reaped_when_met(frozen):
    frozen.store.engine.set_setting("active-expire", 0)
    names = fill(frozen, 30)
    for i in range(200):
        frozen.do("SET", f"brief:{i}", 1, "PX", 10)
    frozen.freeze(NOW + 11)
    assert frozen.do("DBSIZE") == 230
    assert frozen.do("EXISTS", "brief:0") == 0
    assert frozen.do("TYPE", "brief:1") == b"none"
    assert frozen.do("TTL", "brief:2") == -2
    assert frozen.do("OBJECT", "ENCODING", "brief:3") is None
    assert frozen.do("GET", "brief:4") is None
    assert frozen.do("DEL", "brief:5") == 0
    assert frozen.do("DBSIZE") == 224
    assert set(frozen.do("KEYS", "*")) == names
    assert frozen.do("DBSIZE") == 224
    assert {frozen.do("RANDOMKEY") for _ in range(20)} <= names
    assert set(frozen.scan_all("COUNT", 50)) == names
    assert frozen.do("DBSIZE") == 30
    assert frozen.stats()["expired"] == 200


def test_the_cycle_removes_what_nobody_asks_for(frozen):
    fill(frozen, 100)
    frozen.do("MSETEX", 1000, *(word for i in range(1000) for word in (f"brief:{i}", 1)), "PX", 10)
    frozen.freeze(NOW + 11)
    frozen.store.engine.lock()
    while frozen.store.engine.cron(10_000):
        pass
    frozen.store.engine.unlock()
    assert frozen.do("DBSIZE") == 100


# ---- expiry ----

@pytest.mark.parametrize(("command", "number", "left"), [
    ("EXPIRE", 10, 10_000), ("PEXPIRE", 1499, 1499), ("EXPIREAT", NOW // 1000 + 7, 7000),
    ("PEXPIREAT", NOW + 1500, 1500),
])
def test_expire(frozen, command, number, left):
    assert frozen.do(command, "k", number) == 0
    frozen.do("SET", "k", "v")
    assert frozen.do(command, "k", number) == 1
    assert frozen.do("PTTL", "k") == left
    assert frozen.do("TTL", "k") == (left + 500) // 1000
    assert frozen.do("PEXPIRETIME", "k") == NOW + left
    assert frozen.do("EXPIRETIME", "k") == (NOW + left + 500) // 1000
    frozen.do("RPUSH", "l", "a")
    assert frozen.do(command, "l", number) == 1
    frozen.freeze(NOW + left + 1)
    assert frozen.do("EXISTS", "k", "l") == 0


def test_questions_about_time(frozen):
    frozen.do("SET", "k", "v")
    for command in ("TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"):
        assert frozen.do(command, "k") == -1
        assert frozen.do(command, "missing") == -2


def test_persist(frozen):
    frozen.do("SET", "k", "v", "EX", 10)
    assert [frozen.do("PERSIST", key) for key in ("k", "k", "missing")] == [1, 0, 0]
    assert frozen.do("TTL", "k") == -1


@pytest.mark.parametrize(("has", "options", "outcomes"), [
    (None, "NX", "set set"), (100, "NX", "kept kept"), (None, "XX", "kept kept"), (100, "XX", "set set"),
    (None, "GT", "kept kept"), (100, "GT", "kept set"), (None, "LT", "set set"), (100, "LT", "set kept"),
    (100, "XX GT", "kept set"), (None, "XX LT", "kept kept"), (100, "xx lt", "set kept"),
    (None, "NX NX", "set set"),
])
def test_conditions_of_expire(frozen, has, options, outcomes):
    for seconds, outcome in zip((50, 200), outcomes.split(), strict=True):
        frozen.do("SET", "k", "v", *(("EX", has) if has else ()))
        assert frozen.do("EXPIRE", "k", seconds, *options.split()) == (outcome == "set")
        assert frozen.do("TTL", "k") == (seconds if outcome == "set" else has or -1)
    frozen.do("SET", "k", "v", "EX", 100)
    assert frozen.do("EXPIRE", "k", 100, "GT") == frozen.do("EXPIRE", "k", 100, "LT") == 0


def test_expire_refuses(frozen):
    frozen.do("SET", "k", "v")
    for options in ("NX XX", "NX GT", "NX LT", "XX NX"):
        assert frozen.refused("EXPIRE", "missing", "x", *options.split()) == NOT_TOGETHER
    assert frozen.refused("EXPIRE", "k", 1, "GT",
                          "LT") == "ERR GT and LT options at the same time are not compatible"
    assert frozen.refused("EXPIRE", "k", "x", "FOO") == "ERR Unsupported option FOO"
    assert frozen.refused("EXPIRE", "missing", "x", "NX") == NOT_AN_INTEGER
    for command, number in (("EXPIRE", INT64_MAX), ("EXPIRE", INT64_MIN), ("EXPIRE", INT64_MAX // 1000),
                            ("EXPIREAT", INT64_MAX), ("PEXPIRE", INT64_MAX)):
        assert frozen.refused(command, "k",
                              number) == f"ERR invalid expire time in '{command.lower()}' command"
    assert frozen.do("TTL", "k") == -1
    assert frozen.do("PEXPIREAT", "k", INT64_MAX) == 1
    assert frozen.do("PTTL", "k") == INT64_MAX - NOW


@pytest.mark.parametrize("command", [
    ("EXPIRE", "k", -1), ("EXPIRE", "k", 0), ("PEXPIRE", "k", -INT64_MAX), ("EXPIREAT", "k", 0),
    ("PEXPIREAT", "k", NOW),
])
def test_a_moment_in_the_past_deletes(frozen, command):
    frozen.do("SET", "k", "v")
    before = frozen.stats()["expired"]
    assert frozen.do(*command, "GT") == 0
    assert frozen.do(*command) == 1
    assert frozen.do("DBSIZE") == 0
    assert frozen.do(*command) == 0
    assert frozen.stats()["expired"] == before + 1


def test_expiry_survives_changes_of_the_value(frozen):
    frozen.do("SET", "n", 1, "EX", 100)
    for command in (("INCR", "n"), ("INCRBYFLOAT", "n", "0.5"), ("APPEND", "n", 0), ("SETRANGE", "n", 0, 2),
                    ("APPEND", "n", "x" * 5000)):
        frozen.do(*command)
        assert frozen.do("TTL", "n") == 100
    frozen.do("RPUSH", "l", "a", "b", "c")
    frozen.do("EXPIRE", "l", 100)
    frozen.do("LPUSH", "l", *range(3000))
    frozen.do("LPOP", "l", 2000)
    assert frozen.do("TTL", "l") == 100


# ---- what the engine knows of a value ----

def test_object(frozen):
    frozen.do("SET", "k", "v")
    assert frozen.do("OBJECT", "ENCODING", "k") == b"embstr"
    assert frozen.do("OBJECT", "REFCOUNT", "k") == 1
    frozen.freeze(NOW + 15_000)
    assert frozen.do("OBJECT", "IDLETIME", "k") == 15
    for command in ("TYPE", "TTL", "EXISTS"):
        frozen.do(command, "k")
    assert frozen.do("OBJECT", "IDLETIME", "k") == 15                # none of these is a use
    frozen.do("TOUCH", "k")
    assert frozen.do("OBJECT", "IDLETIME", "k") == 0
    for name in ("ENCODING", "FREQ", "IDLETIME", "REFCOUNT"):
        assert frozen.do("OBJECT", name, "missing") is None
        assert frozen.refused("OBJECT",
                              name) == f"ERR wrong number of arguments for 'object|{name.lower()}' command"
    assert frozen.refused("OBJECT", "FREQ", "k").startswith("ERR An LFU maxmemory policy is not selected, ")
    assert frozen.refused("OBJECT") == "ERR wrong number of arguments for 'object' command"
    assert frozen.refused("OBJECT", "FOO") == "ERR unknown subcommand 'FOO'. Try OBJECT HELP."
    assert frozen.do("OBJECT", "HELP")[0].startswith(b"OBJECT <subcommand> ")


def test_frequency_under_an_lfu_policy(frozen):
    frozen.store.engine.set_setting("lfu", 1)
    frozen.do("SET", "k", "v")
    assert frozen.do("OBJECT", "FREQ", "k") == 5
    for _ in range(200):
        frozen.do("GET", "k")
    grown = frozen.do("OBJECT", "FREQ", "k")
    assert 5 < grown < 60
    frozen.freeze(NOW + 3 * 60_000)
    assert frozen.do("OBJECT", "FREQ", "k") == grown - 3
    assert frozen.refused("OBJECT", "IDLETIME", "k").startswith("ERR An LFU maxmemory policy is selected, ")


def test_no_touch_leaves_the_clock_alone_except_for_touch(frozen):
    if frozen.client is None:
        pytest.skip("NO-TOUCH belongs to a connection")
    frozen.do("SET", "k", "v")
    frozen.do("CLIENT", "NO-TOUCH", "ON")
    frozen.freeze(NOW + 9000)
    frozen.do("GET", "k")
    frozen.do("APPEND", "k", "x")
    assert frozen.do("OBJECT", "IDLETIME", "k") == 9
    assert frozen.do("TOUCH", "k") == 1
    assert frozen.do("OBJECT", "IDLETIME", "k") == 0


def test_memory_usage(door):
    door.do("MSET", "k", "v", "long", "x" * 10_000)
    assert 10 <= door.do("MEMORY", "USAGE", "k") <= 64
    assert 10_000 <= door.do("MEMORY", "USAGE", "long", "SAMPLES", 0) <= 12_500
    assert door.do("MEMORY", "USAGE", "missing") is None
    for options in ("SAMPLES", "SAMPLES -1", "FOO"):
        assert door.refused("MEMORY", "USAGE", "missing", *options.split()) == SYNTAX
    assert door.refused("MEMORY", "USAGE", "k", "SAMPLES", "x") == NOT_AN_INTEGER
    assert door.refused("MEMORY", "FOO") == "ERR unknown subcommand 'FOO'. Try MEMORY HELP."
    assert door.do("MEMORY", "HELP")[0].startswith(b"MEMORY <subcommand> ")


# ---- databases ----

@pytest.mark.parametrize("how", [(), ("ASYNC",), ("sync",)])
def test_flush(door, how):
    fill(door, 100)
    door.do("COPY", "key:1", "key:1", "DB", 5)
    before = door.stats()["changes"]
    assert door.do("FLUSHDB", *how) == b"OK"
    assert door.do("DBSIZE") == 0
    assert door.stats()["changes"] - before == 100
    door.do("SWAPDB", 0, 5)
    assert door.do("DBSIZE") == 1
    door.do("SET", "k", "v")
    assert door.do("FLUSHALL", *how) == b"OK"
    assert [database for database in door.store.engine.databases() if database[1]] == []


def test_flush_refuses(door):
    for command in ("FLUSHDB", "FLUSHALL"):
        for words in (["FOO"], ["SYNC", "ASYNC"]):
            assert door.refused(command, *words) == SYNTAX


def test_swapdb(frozen):
    frozen.do("SET", "a", 1, "EX", 100)
    version = frozen.store.engine.version(0), frozen.store.engine.version(1)
    assert frozen.do("SWAPDB", 0, 1) == b"OK"
    assert frozen.do("GET", "a") is None
    assert frozen.store.engine.version(0) > version[0] and frozen.store.engine.version(1) > version[1]
    frozen.do("SET", "b", 2)
    assert frozen.do("SWAPDB", 1, 0) == b"OK"
    assert (frozen.do("GET", "a"), frozen.do("GET", "b"), frozen.do("TTL", "a")) == (b"1", None, 100)
    assert frozen.do("SWAPDB", 0, 0) == b"OK"
    for numbers in ((0, 99), (99, 0), (-1, 0), (0, -1)):
        assert frozen.refused("SWAPDB", *numbers) == NO_SUCH_DB
    assert frozen.refused("SWAPDB", "x", 0) == "ERR invalid first DB index"
    assert frozen.refused("SWAPDB", 0, 2**40) == "ERR invalid second DB index"


# ---- what counts as a read, and as a change ----

@pytest.mark.parametrize(("command", "with_key", "without"), [
    ("EXISTS k z k", (2, 1), (0, 3)), ("TYPE k", (1, 0), (0, 1)), ("TOUCH k z", (1, 1), (0, 2)),
    ("TTL k", (1, 0), (0, 1)),
    ("EXPIRETIME k", (1, 0), (0, 1)), ("OBJECT ENCODING k", (1, 0), (0, 1)), ("COPY k y", (1, 0), (0, 1)),
    ("DEL k z", (0, 0), (0, 0)), ("MOVE k 3", (0, 0), (0, 0)), ("RENAME k y", (0, 0), (0, 0)),
    ("KEYS *", (0, 0), (0, 0)),
    ("SCAN 0", (0, 0), (0, 0)), ("RANDOMKEY", (0, 0), (0, 0)), ("EXPIRE k 10", (0, 0), (0, 0)),
    ("PERSIST k", (0, 0), (0, 0)),
    ("MEMORY USAGE k", (0, 0), (0, 0)),
])
def test_hits_and_misses(door, command, with_key, without):
    def counted():
        before = door.stats()
        door.do(*command.split())
        return tuple(door.stats()[name] - before[name] for name in ("hits", "misses"))
    assert counted() == without
    door.do("SET", "k", "v")
    assert counted() == with_key


@pytest.mark.parametrize(("command", "changes"), [
    ("DEL z", 0), ("DEL k z n", 2), ("COPY k n", 0), ("COPY k y", 1), ("MOVE z 1", 0), ("MOVE k 1", 1),
    ("RENAME k k", 0),
    ("RENAME k n", 1), ("RENAMENX k n", 0), ("EXPIRE k 10 XX", 0), ("EXPIRE k 10", 1), ("EXPIRE k -1", 1),
    ("PERSIST k", 0),
    ("TOUCH k", 0), ("SCAN 0", 0), ("FLUSHALL", 2), ("SWAPDB 0 1", 1),
])
def test_only_changes_count_as_changes(door, command, changes):
    door.do("MSET", "k", "v", "n", 1)
    before, version = door.stats()["changes"], door.store.engine.version()
    door.do(*command.split())
    assert door.stats()["changes"] - before == changes
    assert (door.store.engine.version() > version) == (changes > 0)
