"""What clones get wrong, point by point: strings and numbers (1 to 14), keys, expiry and walks (17 to 29).

The numbers are those of a list of a hundred such points. Each runs through every door and, where a Valkey 9.1 is
installed, on that server too: what is expected here is what it answers.
"""
import re

import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE
from semantics import GONE_BY, has_expired, later, valkey_or_own_door

door = pytest.fixture(params=["resp2", "resp3", "execute", "valkey2", "valkey3"])(valkey_or_own_door)

INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
INVALID_EXPIRE = "ERR invalid expire time in '{}' command"
NO_FLOAT = "ERR value is not a valid float"


# ---- strings and numbers ----

def test_point_01_set_drops_the_expiry_and_replaces_any_type(door):
    door.do("SET", "k", "v", "EX", 100)
    assert door.do("SET", "k", "v") == b"OK" and door.do("TTL", "k") == -1
    door.do("SET", "k", "v", "EX", 100)
    assert door.do("SET", "k", "w", "KEEPTTL") == b"OK" and door.do("TTL", "k") in (99, 100)
    door.do("RPUSH", "l", "a")
    assert door.do("SET", "l", "v") == b"OK" and door.do("TYPE", "l") == b"string"
    for options in ("KEEPTTL EX 10", "EX 10 PX 10", "EX 10 EXAT 10", "PX 10 PXAT 10", "EXAT 10 KEEPTTL"):
        assert door.refused("SET", "k", "v", *options.split()) == SYNTAX


def test_point_02_set_get_with_conditions(door):
    assert door.do("SET", "k", "new", "NX", "GET") is None
    assert door.do("GET", "k") == b"new"
    assert door.do("SET", "k", "other", "NX", "GET") == b"new"
    assert door.do("GET", "k") == b"new"
    assert door.do("SET", "none", "v", "XX", "GET") is None
    assert door.do("EXISTS", "none") == 0
    door.do("RPUSH", "l", "a")
    for condition in ([], ["NX"], ["XX"]):
        assert door.refused("SET", "l", "v", *condition, "GET") == WRONGTYPE


def test_point_03_set_ifeq(door):
    door.do("SET", "k", "a")
    assert door.do("SET", "k", "b", "IFEQ", "x") is None
    assert door.do("SET", "k", "b", "IFEQ", "a") == b"OK"
    assert door.do("SET", "k", "c", "IFEQ", "x", "GET") == b"b"
    assert door.do("SET", "k", "c", "IFEQ", "b", "GET") == b"b"
    assert door.do("GET", "k") == b"c"
    assert door.do("SET", "none", "v", "IFEQ", "") is None
    for condition in ("NX", "XX"):
        assert door.refused("SET", "k", "v", "IFEQ", "c", condition) == SYNTAX
        assert door.refused("SET", "k", "v", condition, "IFEQ", "c") == SYNTAX


def test_point_04_expiries_of_set(door):
    for option in ("EX", "PX", "EXAT", "PXAT"):
        for time in (0, -1, INT64_MIN):
            assert door.refused("SET", "k", "v", option, time) == INVALID_EXPIRE.format("set")
    assert door.refused("SETEX", "k", 0, "v") == INVALID_EXPIRE.format("setex")
    assert door.refused("PSETEX", "k", -1, "v") == INVALID_EXPIRE.format("psetex")
    door.do("SET", "k", "v")
    assert door.do("SET", "k", "w", "PXAT", 1) == b"OK"
    assert door.do("EXISTS", "k") == 0


def test_point_05_getex(door):
    door.do("SET", "k", "v", "EX", 100)
    assert door.do("GETEX", "k") == b"v" and door.do("TTL", "k") in (99, 100)
    assert door.do("GETEX", "k", "PERSIST") == b"v" and door.do("TTL", "k") == -1
    assert door.do("GETEX", "k", "PXAT", 1) == b"v" and door.do("EXISTS", "k") == 0
    assert door.refused("GETEX", "none", "EX", 0) == INVALID_EXPIRE.format("getex")


def test_point_06_what_keeps_an_expiry_and_what_loses_it(door):
    def timed(*words):
        door.do("DEL", "k")
        door.do(*words)
        door.do("EXPIRE", "k", 100)

    for words in (["INCR", "k"], ["INCRBYFLOAT", "k", "1.5"], ["APPEND", "k", "1"], ["SETRANGE", "k", 0, "9"]):
        timed("SET", "k", 1)
        door.do(*words)
        assert door.do("TTL", "k") in (99, 100), words
    for words in (["LPUSH", "k", "b"], ["LPOP", "k"]):
        timed("RPUSH", "k", "a", "b")
        door.do(*words)
        assert door.do("TTL", "k") in (99, 100), words
    for words in (["HSET", "k", "g", 1], ["HDEL", "k", "f"]):
        timed("HSET", "k", "f", 1, "h", 1)
        door.do(*words)
        assert door.do("TTL", "k") in (99, 100), words
    timed("SET", "k", 1)
    door.do("SET", "new", 2, "EX", 5000)
    door.do("RENAME", "k", "new")
    assert door.do("TTL", "new") in (99, 100)
    door.do("RPUSH", "l", 2, 1)
    door.do("SADD", "s", "a")
    for words in (["SET", "k", "v"], ["GETSET", "k", "v"], ["MSET", "k", "v"], ["SUNIONSTORE", "k", "s"],
                  ["SORT", "l", "STORE", "k"]):
        timed("SET", "k", 1)
        door.do(*words)
        assert door.do("TTL", "k") == -1, words


def test_point_07_integers_are_strict(door):
    for text in (" 1", "01", "+1", "1 ", "1.0", "", "-0", "0x1", "1e1", INT64_MAX + 1, INT64_MIN - 1, b"1\0"):
        door.do("SET", "k", text)
        assert door.refused("INCR", "k") == NOT_AN_INTEGER, text
        assert door.refused("INCRBY", "n", text) == NOT_AN_INTEGER, text
    door.do("SET", "k", INT64_MAX)
    assert door.refused("INCR", "k") == "ERR increment or decrement would overflow"
    door.do("SET", "k", INT64_MIN)
    assert door.refused("DECR", "k") == "ERR increment or decrement would overflow"
    assert door.refused("DECRBY", "k", INT64_MIN) == "ERR decrement would overflow"


def test_point_08_incrbyfloat_computes_in_long_double(door):
    for start, step, total in [("10.5", "0.1", b"10.6"), ("5.0e3", "200", b"5200"), ("3", "1e-20", b"3")]:
        door.do("SET", "k", start)
        assert door.do("INCRBYFLOAT", "k", step) == total
    assert len(door.do("INCRBYFLOAT", "huge", "1e400")) == 401
    for step in ("nan", "abc", " 1", "1 ", ""):
        assert door.refused("INCRBYFLOAT", "k", step) == NO_FLOAT
    for step in ("inf", "-inf"):
        assert door.refused("INCRBYFLOAT", "k", step) == "ERR increment would produce NaN or Infinity"


def test_point_09_sums_of_hashes_and_of_scores_differ(door):
    door.do("HINCRBYFLOAT", "h", "f", "0.1")
    assert door.do("HINCRBYFLOAT", "h", "f", "0.2") == b"0.3"
    door.do("ZINCRBY", "z", "0.1", "m")
    assert float(door.do("ZINCRBY", "z", "0.2", "m")) == 0.1 + 0.2 != 0.3


def test_point_10_doubles_are_printed_shortest(door):
    for score, shown in [("0.1", b"0.1"), ("3.0", b"3"), ("1e20", b"1e+20"), ("1e17", b"100000000000000000"),
                         ("0.0000001", b"1e-7"), ("inf", b"inf"), ("-inf", b"-inf")]:
        door.do("ZADD", "z", score, "m")
        reply = door.do("ZSCORE", "z", "m")
        assert reply == shown if isinstance(reply, bytes) else reply == float(shown)
    door.do("DEL", "z")
    door.do("ZADD", "z", "-0", "m")
    assert door.do("ZRANGE", "z", 0, 0, "WITHSCORES") in ([b"m", b"0"], [[b"m", 0.0]])
    door.do("ZADD", "z", 1, "x" * 100)
    door.do("ZADD", "z", "-0", "n")
    reply = door.do("ZSCORE", "z", "n")
    assert reply == b"-0" if isinstance(reply, bytes) else str(reply) == "-0.0"


def test_point_11_hexadecimal_numbers_are_no_scores(door):
    for score in ("0x10", "0x1p3", "-0x1"):
        assert door.refused("ZADD", "z", score, "m") == NO_FLOAT
    assert door.do("EXISTS", "z") == 0


def test_point_12_append_and_setrange(door):
    door.do("SET", "k", 1)
    assert door.do("OBJECT", "ENCODING", "k") == b"int"
    assert door.do("APPEND", "k", "2") == 2
    assert door.do("OBJECT", "ENCODING", "k") == b"raw" and door.do("GET", "k") == b"12"
    assert door.refused("SETRANGE", "k", 512 * 2**20, "x") == (
        "ERR string exceeds maximum allowed size (proto-max-bulk-len)")
    assert door.do("SETRANGE", "none", 5, "") == 0
    assert door.do("EXISTS", "none") == 0


def test_point_13_empty_ranges_are_empty_texts(door):
    door.do("SET", "k", "hello")
    for start, end in ((3, 1), (5, 9), (-1, -3), (INT64_MAX, INT64_MAX)):
        assert door.do("GETRANGE", "k", start, end) == b""
    assert door.do("GETRANGE", "none", 0, -1) == b""
    assert door.do("SUBSTR", "k", 1, -2) == b"ell"


def test_point_14_lcs(door):
    door.do("MSET", "a", "ohmytext", "b", "mynewtext")
    assert door.do("LCS", "a", "b") == b"mytext"
    assert door.do("LCS", "a", "none") == b"" and door.do("LCS", "a", "none", "LEN") == 0
    assert door.refused("LCS", "a", "b", "LEN", "IDX").startswith("ERR If you want both the length and indexes")
    reply = door.do("LCS", "a", "b", "IDX")
    if isinstance(reply, list):
        assert reply[::2] == [b"matches", b"len"]
        reply = dict(zip(reply[::2], reply[1::2], strict=True))
    assert reply == {b"matches": [[[4, 7], [5, 8]], [[2, 3], [0, 1]]], b"len": 6}


# ---- keys, expiry, walks ----

def test_point_17_expire(door):
    for words in (["EXPIRE", "k", -1], ["PEXPIRE", "k", INT64_MIN], ["EXPIREAT", "k", 1], ["PEXPIREAT", "k", 1]):
        door.do("SET", "k", "v")
        if words[2] != INT64_MIN:
            assert door.do(*words) == 1
            assert door.do("EXISTS", "k") == 0
    door.do("SET", "k", "v")
    assert door.refused("EXPIRE", "k", INT64_MAX) == INVALID_EXPIRE.format("expire")
    for options in ("NX XX", "NX GT", "NX LT"):
        assert door.refused("EXPIRE", "k", 1, *options.split()) == (
            "ERR NX and XX, GT or LT options at the same time are not compatible")
    assert door.refused("EXPIRE", "k", 1, "GT", "LT") == "ERR GT and LT options at the same time are not compatible"
    assert door.do("EXPIRE", "k", 100, "GT") == 0 and door.do("TTL", "k") == -1
    assert door.do("EXPIRE", "k", 100, "LT") == 1


def counted(door, *words):
    """(keys that expired, changes) of a command, as INFO counts them."""
    counts = []
    for _ in range(2):
        text = door.do("INFO", "everything").decode()
        counts.append([int(re.search(rf"^{name}:(\d+)", text, re.MULTILINE)[1])
                       for name in ("expired_keys", "rdb_changes_since_last_save")])
        if len(counts) == 1:
            door.do(*words)
    return tuple(after - before for before, after in zip(*counts, strict=True))


def test_point_18_a_time_in_the_past_is_an_expiry_and_no_deletion(door):
    """What it is told as (`expired`, UNLINK) is not to be seen yet; that it counts as expired is."""
    for words in (["EXPIRE", "k", -1], ["EXPIRE", "k", 0], ["PEXPIRE", "k", -5], ["EXPIREAT", "k", 1],
                  ["PEXPIREAT", "k", 1], ["GETEX", "k", "PXAT", 1]):
        door.do("SET", "k", "v")
        assert counted(door, *words) == (1, 1), words
        assert door.do("EXISTS", "k") == 0
    door.do("SET", "k", "v")
    assert counted(door, "DEL", "k") == (0, 1)


def test_point_21_what_is_a_change_to_who_watches(door):
    """A WATCH goes by what counts as a change: the same value again does, a member that is there already does not."""
    door.do("SET", "k", "same")
    door.do("SADD", "s", "a")
    for words, changes in ((["SET", "k", "same"], 1), (["EXPIRE", "k", 100], 1), (["PERSIST", "k"], 1),
                           (["PERSIST", "k"], 0), (["SADD", "s", "a"], 0), (["SREM", "s", "b"], 0), (["GET", "k"], 0),
                           (["HDEL", "none", "f"], 0), (["EXPIRE", "none", 100], 0), (["SWAPDB", 0, 1], 1),
                           (["SWAPDB", 0, 1], 1), (["FLUSHALL"], 2), (["FLUSHALL"], 0)):
        assert counted(door, *words) == (0, changes), words


def test_point_19_expired_keys_are_counted_until_they_go(door):
    door.do("SET", "kept", "v")
    has_expired(door, "k", "l")
    assert door.do("DBSIZE") in (1, 3)                               # who was not asked for may go by himself
    assert door.do("GET", "k") is None and door.do("LRANGE", "l", 0, -1) == []
    assert door.do("DBSIZE") == 1


def test_point_20_ttl_is_rounded(door):
    assert door.do("TTL", "none") == door.do("PTTL", "none") == -2
    door.do("SET", "k", "v")
    assert door.do("TTL", "k") == door.do("PTTL", "k") == -1
    for ms, seconds in ((100_400, 100), (100_900, 101)):
        door.do("PEXPIRE", "k", ms)
        assert door.do("TTL", "k") == seconds


def test_point_22_scan(door):
    door.do("HSET", "h", *[word for i in range(100) for word in (f"f{i}", i)])
    cursor, found = door.do("HSCAN", "h", 0, "COUNT", 1)
    assert cursor == b"0" and len(found) in (100, 200)
    assert door.refused("SCAN", 0, "COUNT", 0) == SYNTAX
    for cursor in ("x", "", -1, 2**64, "1.5"):
        assert door.refused("SCAN", cursor) == "ERR invalid cursor", cursor
    assert len(door.do("SCAN", 2**64 - 1)) == 2
    assert door.refused("SCAN", 0, "TYPE", "nosuch") == "ERR unknown type name 'nosuch'"


def test_point_22_what_stays_is_returned_though_the_table_grows_and_shrinks(door):
    kept = {f"kept:{i}".encode() for i in range(300)}
    door.do("MSET", *[word for key in kept for word in (key, "v")])
    found, cursor, turn = set(), b"0", 0
    while True:
        cursor, part = door.do("SCAN", cursor, "COUNT", 7)
        found.update(part)
        if cursor == b"0":
            break
        if turn < 30:                                                # it grows fivefold, then shrinks
            door.do("MSET", *[word for i in range(40) for word in (f"more:{turn}:{i}", "v")])
        elif turn < 60:
            door.do("DEL", *[f"more:{turn - 30}:{i}" for i in range(40)])
        turn += 1
    assert kept <= found
    for command, key, fill in (("SSCAN", "s", "SADD"), ("HSCAN", "h", "HSET"), ("ZSCAN", "z", "ZADD")):
        walk_while_it_changes(door, command, key, fill)


def walk_while_it_changes(door, command, key, fill):
    def put(names):
        door.do(fill, key, *[word for name in names for word in {
            "SADD": (name,), "HSET": (name, "1"), "ZADD": ("1", name)}[fill]])

    remove = {"SADD": "SREM", "HSET": "HDEL", "ZADD": "ZREM"}[fill]
    kept = {f"kept:{i}" for i in range(600)}
    put(kept)
    found, cursor, turn = set(), b"0", 0
    while True:
        cursor, part = door.do(command, key, cursor, "COUNT", 7)
        found.update(part if fill == "SADD" else part[::2])
        if cursor == b"0":
            break
        names = [f"more:{turn % 40}:{i}" for i in range(60)]
        if turn < 40:
            put(names)
        elif turn < 80:
            door.do(remove, key, *names)
        turn += 1
    assert {name.encode() for name in kept} <= found


def test_point_23_hscan_novalues_and_missing_keys(door):
    door.do("HSET", "h", "f", "v")
    assert door.do("HSCAN", "h", 0) == [b"0", [b"f", b"v"]]
    assert door.do("HSCAN", "h", 0, "NOVALUES") == [b"0", [b"f"]]
    for command in ("SSCAN", "ZSCAN"):
        assert door.do(command, "none", 0, "NOVALUES") == [b"0", []]
        assert door.do(command, "none", 0, "JUNK") == [b"0", []]


def test_point_24_globs(door):
    door.do("MSET", *[word for key in ("a", "b", "c", "ab", "[ab", "a*", "[") for word in (key, 1)])
    for pattern, found in [("[^a]", "b c ["), ("[a-c]", "a b c"), ("[c-a]", "a b c"), ("a\\*", "a*"), ("[ab", "a b"),
                           ("[", ""), ("?b", "ab"), ("", "")]:
        assert sorted(door.do("KEYS", pattern)) == sorted(key.encode() for key in found.split()), pattern


def test_point_25_copy_rename_exists_move(door):
    door.do("SET", "k", "v", "EX", 100)
    door.do("SET", "other", "w")
    same = "ERR source and destination objects are the same"
    assert door.refused("COPY", "k", "k") == same
    assert door.do("COPY", "k", "k", "DB", 1) == 1
    assert door.do("COPY", "k", "other") == 0 and door.do("GET", "other") == b"w"
    assert door.do("COPY", "k", "other", "REPLACE") == 1 and door.do("TTL", "other") in (99, 100)
    assert door.do("RENAME", "k", "k") == b"OK"
    assert door.refused("RENAME", "none", "none") == "ERR no such key"
    assert door.do("EXISTS", "k", "k", "none", "k") == 3
    assert door.refused("MOVE", "k", 0) == same


def test_point_27_freq_and_idletime_need_their_policies(door):
    door.do("SET", "k", "v")
    assert door.refused("OBJECT", "FREQ", "k").startswith("ERR An LFU maxmemory policy is not selected")
    assert door.do("OBJECT", "IDLETIME", "k") == 0
    door.do("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    try:
        assert isinstance(door.do("OBJECT", "FREQ", "k"), int)
        assert door.refused("OBJECT", "IDLETIME", "k").startswith("ERR An LFU maxmemory policy is selected")
        door.do("SET", "new", "v")
        assert door.do("OBJECT", "FREQ", "new") == 5
    finally:
        door.do("CONFIG", "SET", "maxmemory-policy", "noeviction")
    assert door.do("OBJECT", "FREQ", "none") is None and door.do("OBJECT", "IDLETIME", "none") is None


def test_point_28_no_touch(door):
    door.do("SET", "k", 7)
    assert door.do("OBJECT", "REFCOUNT", "k") == 1
    later(door, 3_000)
    for words in ("TYPE k", "OBJECT ENCODING k", "EXISTS k", "TTL k"):
        door.do(*words.split())
    assert door.do("OBJECT", "IDLETIME", "k") >= 2
    door.do("CLIENT", "NO-TOUCH", "ON")
    door.do("GET", "k")
    assert door.do("OBJECT", "IDLETIME", "k") >= 2
    door.do("TOUCH", "k")
    assert door.do("OBJECT", "IDLETIME", "k") == 0
    door.do("CLIENT", "NO-TOUCH", "OFF")


def test_point_29_expired_keys_are_met_by_nobody(door):
    has_expired(door, "k", "l")
    assert door.do("EXISTS", "k") == 0 and door.do("TYPE", "k") == b"none"
    assert door.do("OBJECT", "ENCODING", "l") is None
    has_expired(door, "k", "l")
    assert door.do("RANDOMKEY") is None
    assert door.do("KEYS", "*") == [] and door.do("SCAN", 0) == [b"0", []]
    assert door.do("DBSIZE") == 0


def test_the_moments_above_are_long_past():
    assert GONE_BY < 1_000 and re.fullmatch(r"\d+", str(GONE_BY))
