"""Examples of the string commands, through every door. The replies are those of Valkey 9.1."""
import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE, Failed

NOW = 1_800_000_000_000
OVERFLOW = "ERR increment or decrement would overflow"
NOT_A_FLOAT = "ERR value is not a valid float"
TOO_LARGE = "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)


def bad_moment(command):
    return f"ERR invalid expire time in '{command}' command"


@pytest.fixture
def frozen(door):
    door.freeze(NOW)
    return door


# ---- SET ----

def test_set_and_get(door):
    assert door.do("GET", "k") is None
    assert door.do("SET", "k", b"\x00\r\n\xff") == b"OK"
    assert door.do("GET", "k") == b"\x00\r\n\xff"
    assert door.do("SET", "", "") == b"OK"
    assert door.do("GET", "") == b""


@pytest.mark.parametrize("size", [0, 1, 100, 4095, 4096, 4097, 100_000])
@pytest.mark.parametrize("before", [None, b"7", b"short", b"x" * 4000, b"x" * 50_000])
def test_set_replaces_a_value_of_any_size(door, before, size):
    if before is not None:
        door.do("SET", "k", before)
    door.do("SET", "k", b"y" * size)
    assert door.do("GET", "k") == b"y" * size
    assert door.do("STRLEN", "k") == size


def test_set_replaces_any_type_and_drops_the_expiry(frozen):
    frozen.do("RPUSH", "l", "a")
    assert frozen.do("SET", "l", "v") == b"OK"
    assert frozen.do("TYPE", "l") == b"string"
    frozen.do("SET", "k", "v", "EX", 100)
    frozen.do("SET", "k", "w")
    assert frozen.do("TTL", "k") == -1


def test_keepttl_keeps_the_expiry(frozen):
    frozen.do("SET", "k", "v", "EX", 100)
    assert frozen.do("SET", "k", "w", "KEEPTTL") == b"OK"
    assert frozen.do("PTTL", "k") == 100_000
    assert frozen.do("SET", "new", "w", "keepttl") == b"OK"
    assert frozen.do("TTL", "new") == -1


@pytest.mark.parametrize("options", [
    "KEEPTTL EX 10", "EX 10 KEEPTTL", "EX 10 PX 10", "EXAT 10 PXAT 10", "EX", "PX", "NX XX", "XX NX", "FOO",
    "IFEQ",
    "IFEQ v NX", "NX IFEQ v", "IFEQ v XX", "IFEQ v IFEQ v", "EX 0 FOO", "EX abc FOO", "PERSIST",
])
def test_set_refuses_options_that_contradict(door, options):
    door.do("SET", "k", "v")
    assert door.refused("SET", "k", "w", *options.split()) == SYNTAX
    assert door.do("GET", "k") == b"v"


def test_set_takes_an_option_twice(frozen):
    assert frozen.do("SET", "k", "v", "EX", 10, "EX", 20) == b"OK"
    assert frozen.do("TTL", "k") == 20
    assert frozen.do("SET", "k", "w", "KEEPTTL", "KEEPTTL", "XX", "xx") == b"OK"
    assert frozen.do("SET", "k", "x", "GET", "GET") == b"w"


def test_set_with_get(door):
    assert door.do("SET", "k", "1", "GET") is None
    assert door.do("SET", "k", "2", "GET") == b"1"
    assert door.do("SET", "k", "3", "NX", "GET") == b"2"
    assert door.do("GET", "k") == b"2"
    assert door.do("SET", "new", "1", "NX", "GET") is None
    assert door.do("GET", "new") == b"1"
    assert door.do("SET", "missing", "1", "XX", "GET") is None
    assert door.do("EXISTS", "missing") == 0
    door.do("RPUSH", "l", "a")
    for options in (["GET"], ["NX", "GET"], ["XX", "GET"], ["IFEQ", "a", "GET"]):
        assert door.refused("SET", "l", "v", *options) == WRONGTYPE


def test_set_under_a_condition(door):
    assert door.do("SET", "k", "v", "XX") is None
    assert door.do("SET", "k", "v", "NX") == b"OK"
    assert door.do("SET", "k", "w", "NX") is None
    assert door.do("SET", "k", "w", "XX") == b"OK"
    assert door.do("GET", "k") == b"w"


def test_set_if_equal(door):
    assert door.do("SET", "k", "v", "IFEQ", "x") is None
    assert door.do("EXISTS", "k") == 0
    door.do("SET", "k", "v")
    assert door.do("SET", "k", "w", "IFEQ", "x") is None
    assert door.do("SET", "k", "w", "IFEQ", "v") == b"OK"
    assert door.do("SET", "k", "x", "IFEQ", "nope", "GET") == b"w"
    assert door.do("SET", "k", "42", "IFEQ", "w", "GET") == b"w"
    assert door.do("SET", "k", "43", "IFEQ", "42") == b"OK"          # a number is compared as text
    assert door.do("GET", "k") == b"43"
    door.do("RPUSH", "l", "a")
    assert door.refused("SET", "l", "v", "IFEQ", "a") == WRONGTYPE


@pytest.mark.parametrize(("unit", "number", "left"), [
    ("EX", 100, 100_000), ("PX", 1500, 1500), ("EXAT", NOW // 1000 + 5, 5000), ("PXAT", NOW + 5, 5),
])
def test_set_with_a_moment(frozen, unit, number, left):
    assert frozen.do("SET", "k", "v", unit, number) == b"OK"
    assert frozen.do("PTTL", "k") == left
    frozen.freeze(NOW + left - 1)
    assert frozen.do("GET", "k") == b"v"
    frozen.freeze(NOW + left + 1)
    assert frozen.do("GET", "k") is None
    assert frozen.do("DBSIZE") == 0


@pytest.mark.parametrize("moment", [
    ("EX", 0), ("EX", -1), ("PX", 0), ("PX", -5), ("EXAT", 0), ("PXAT", -1), ("EX", INT64_MAX),
    ("EX", INT64_MAX // 1000),
    ("PX", INT64_MAX), ("EXAT", INT64_MAX),
])
def test_set_refuses_moments_that_cannot_be(frozen, moment):
    assert frozen.refused("SET", "k", "v", *moment) == bad_moment("set")
    assert frozen.refused("GETEX", "missing", *moment) == bad_moment("getex")
    assert frozen.refused("MSETEX", 1, "k", "v", *moment) == bad_moment("msetex")
    assert frozen.do("DBSIZE") == 0


def test_set_with_a_moment_in_the_past_removes_the_key(frozen):
    frozen.do("SET", "k", "v")
    assert frozen.do("SET", "k", "w", "PXAT", 1, "GET") == b"v"
    assert frozen.do("DBSIZE") == 0
    assert frozen.do("SET", "k", "w", "EXAT", NOW // 1000 - 1) == b"OK"
    assert frozen.do("DBSIZE") == 0
    assert frozen.do("SET", "k", "v", "PXAT", INT64_MAX) == b"OK"
    assert frozen.do("PEXPIRETIME", "k") == INT64_MAX
    assert frozen.refused("SET", "k", "v", "EX", "1.5") == NOT_AN_INTEGER


def test_setex_psetex_setnx(frozen):
    assert frozen.do("SETEX", "k", 10, "v") == b"OK"
    assert frozen.do("TTL", "k") == 10
    assert frozen.do("PSETEX", "k", 1234, "7") == b"OK"
    assert (frozen.do("PTTL", "k"), frozen.do("GET", "k")) == (1234, b"7")
    for command in ("SETEX", "PSETEX"):
        for number in (0, -1, INT64_MAX):
            assert frozen.refused(command, "k", number, "v") == bad_moment(command.lower())
        assert frozen.refused(command, "k", "x", "v") == NOT_AN_INTEGER
    assert frozen.do("SETNX", "k", "w") == 0
    assert frozen.do("SETNX", "n", "w") == 1
    assert (frozen.do("GET", "n"), frozen.do("TTL", "k")) == (b"w", 1)


# ---- reading, and more than that ----

def test_getex(frozen):
    frozen.do("SET", "k", "v", "EX", 100)
    assert frozen.do("GETEX", "k") == b"v"
    assert frozen.do("TTL", "k") == 100
    assert frozen.do("GETEX", "k", "PX", 5000) == b"v"
    assert frozen.do("PTTL", "k") == 5000
    assert frozen.do("GETEX", "k", "PERSIST") == b"v"
    assert frozen.do("TTL", "k") == -1
    assert frozen.do("GETEX", "k", "PERSIST", "persist") == b"v"
    assert frozen.do("GETEX", "k", "PXAT", 1) == b"v"
    assert frozen.do("EXISTS", "k") == 0
    assert frozen.do("GETEX", "k", "EX", 5) is None
    for options in ("FOO", "EX", "EX 1 PERSIST", "PERSIST EX 1", "KEEPTTL", "NX", "GET", "EX 1 PX 1"):
        assert frozen.refused("GETEX", "k", *options.split()) == SYNTAX
    frozen.do("RPUSH", "l", "a")
    assert frozen.refused("GETEX", "l") == WRONGTYPE


def test_getset_and_getdel(frozen):
    assert frozen.do("GETSET", "k", "1") is None
    frozen.do("EXPIRE", "k", 100)
    assert frozen.do("GETSET", "k", "2") == b"1"
    assert frozen.do("TTL", "k") == -1
    assert frozen.do("GETDEL", "k") == b"2"
    assert frozen.do("GETDEL", "k") is None
    frozen.do("RPUSH", "l", "a")
    assert frozen.refused("GETSET", "l", "v") == WRONGTYPE
    assert frozen.refused("GETDEL", "l") == WRONGTYPE
    assert frozen.do("TYPE", "l") == b"list"


def test_delifeq(door):
    assert door.do("DELIFEQ", "k", "v") == 0
    door.do("MSET", "k", "v", "n", 10)
    assert door.do("DELIFEQ", "k", "x") == 0
    assert door.do("DELIFEQ", "k", "v") == 1
    assert door.do("DELIFEQ", "n", "010") == 0
    assert door.do("DELIFEQ", "n", 10) == 1
    assert door.do("DBSIZE") == 0
    door.do("RPUSH", "l", "a")
    assert door.refused("DELIFEQ", "l", "a") == WRONGTYPE


def test_commands_of_many_keys(frozen):
    pairs = [word for i in range(50) for word in (f"key:{i}", f"value:{i}" if i % 3 else i)]
    assert frozen.do("MSET", *pairs) == b"OK"
    frozen.do("RPUSH", "l", "a")
    names = [f"key:{i}" for i in range(50)]
    expected = [b"value:%d" % i if i % 3 else b"%d" % i for i in range(50)]
    assert frozen.do("MGET", "l", *names, "missing", "key:1") == [None, *expected, None, b"value:1"]
    assert frozen.do("MSET", "k", 1, "k", 2) == b"OK"
    assert frozen.do("GET", "k") == b"2"
    frozen.do("EXPIRE", "k", 10)
    frozen.do("MSET", "k", 3, "l", "v")
    assert (frozen.do("TTL", "k"), frozen.do("TYPE", "l")) == (-1, b"string")
    for command in ("MSET", "MSETNX"):
        assert frozen.refused(command, "a", 1,
                              "b") == f"ERR wrong number of arguments for '{command.lower()}' command"
    assert frozen.do("MSETNX", "k", 1, "new", 1) == 0
    assert frozen.do("EXISTS", "new") == 0
    assert frozen.do("MSETNX", "new", 1, "newer", 2, "new", 3) == 1
    assert frozen.do("MGET", "new", "newer") == [b"3", b"2"]


def test_msetex(frozen):
    assert frozen.do("MSETEX", 2, "a", 1, "b", 2, "EX", 10) == 1
    assert [frozen.do("TTL", key) for key in "ab"] == [10, 10]
    assert frozen.do("MSETEX", 1, "a", 3, "KEEPTTL") == 1
    assert (frozen.do("GET", "a"), frozen.do("TTL", "a")) == (b"3", 10)
    assert frozen.do("MSETEX", 1, "a", 1) == 1
    assert frozen.do("TTL", "a") == -1
    assert frozen.do("MSETEX", 2, "a", 1, "c", 1, "NX") == 0
    assert frozen.do("MSETEX", 2, "a", 1, "c", 1, "XX") == 0
    assert frozen.do("EXISTS", "c") == 0
    assert frozen.do("MSETEX", 2, "c", 1, "d", 1, "NX", "PX", 7) == 1
    assert frozen.do("MSETEX", 2, "c", 2, "d", 2, "XX", "KEEPTTL") == 1
    assert frozen.do("PTTL", "d") == 7
    assert frozen.do("MSETEX", 1, "a", 1, "PXAT", 1) == 1
    assert frozen.do("EXISTS", "a") == 0
    for count in (0, -1, "x", 2**31, "99999999999"):
        assert frozen.refused("MSETEX", count, "a", 1) == "ERR invalid numkeys value or out of range"
    for words in ("2 a 1", "2 a 1 b", "1 a 1 b 2", "1 a 1 NX XX", "1 a 1 GET", "1 a 1 IFEQ 1",
                  "1 a 1 KEEPTTL EX 1",
                  "2147483647 a 1"):
        assert frozen.refused("MSETEX", *words.split()) == SYNTAX


# ---- numbers ----

def test_counting(frozen):
    assert frozen.do("INCR", "n") == 1
    assert frozen.do("INCRBY", "n", 41) == 42
    assert frozen.do("DECR", "n") == 41
    assert frozen.do("DECRBY", "n", -1) == 42
    frozen.do("EXPIRE", "n", 100)
    assert frozen.do("INCR", "n") == 43
    assert frozen.do("TTL", "n") == 100
    assert frozen.do("GET", "n") == b"43"


@pytest.mark.parametrize("text", ["", " 1", "1 ", "+1", "01", "-0", "1.0", "0x1", "9223372036854775808", "x"])
def test_integers_have_one_spelling(door, text):
    door.do("SET", "k", text)
    assert door.refused("INCR", "k") == NOT_AN_INTEGER
    assert door.refused("INCRBY", "n", text) == NOT_AN_INTEGER
    assert door.do("GET", "k") == text.encode()
    assert door.do("EXISTS", "n") == 0


def test_counting_ends_at_64_bits(door):
    door.do("MSET", "top", INT64_MAX, "bottom", INT64_MIN)
    assert door.refused("INCR", "top") == OVERFLOW
    assert door.refused("INCRBY", "top", INT64_MAX) == OVERFLOW
    assert door.refused("DECR", "bottom") == OVERFLOW
    assert door.refused("INCRBY", "bottom", INT64_MIN) == OVERFLOW
    assert door.refused("DECRBY", "x", INT64_MIN) == "ERR decrement would overflow"
    assert door.do("INCRBY", "top", INT64_MIN) == -1
    assert door.do("DECRBY", "bottom", INT64_MIN + 1) == -1
    door.do("RPUSH", "l", "a")
    assert door.refused("INCR", "l") == WRONGTYPE
    assert door.refused("INCRBY", "l", "x") == NOT_AN_INTEGER


@pytest.mark.parametrize(("value", "step", "sum"), [
    ("10.5", "0.1", b"10.6"), ("5.0e3", "200", b"5200"), ("3", "1e-20", b"3"), ("0", "0x10", b"16"),
    ("1", "-1.5", b"-0.5"),
    ("0.1", "0.2", b"0.3"), ("1e400", "0", None), ("-1.5", "1.5", b"0"),
])
def test_incrbyfloat_is_exact_to_17_places(frozen, value, step, sum):
    frozen.do("SET", "k", value, "EX", 100)
    reply = frozen.do("INCRBYFLOAT", "k", step)
    assert reply == sum if sum else len(reply) == 401
    assert frozen.do("GET", "k") == reply
    assert frozen.do("TTL", "k") == 100


def test_incrbyfloat_refuses(door):
    door.do("MSET", "k", "1.5", "t", "text")
    door.do("RPUSH", "l", "a")
    for step in ("abc", "nan", "", " 1", "1 ", "1e5000"):
        assert door.refused("INCRBYFLOAT", "k", step) == NOT_A_FLOAT
    assert door.refused("INCRBYFLOAT", "t", 1) == NOT_A_FLOAT
    for step in ("inf", "-inf"):
        assert door.refused("INCRBYFLOAT", "k", step) == "ERR increment would produce NaN or Infinity"
    assert door.refused("INCRBYFLOAT", "l", "abc") == WRONGTYPE
    assert door.do("GET", "k") == b"1.5"


# ---- parts ----

def test_append(frozen):
    assert frozen.do("APPEND", "k", "Hello") == 5
    frozen.do("EXPIRE", "k", 100)
    assert frozen.do("APPEND", "k", " World") == 11
    assert frozen.do("GET", "k") == b"Hello World"
    assert frozen.do("TTL", "k") == 100
    for _ in range(3000):
        frozen.do("APPEND", "long", "0123456789")
    assert frozen.do("GET", "long") == b"0123456789" * 3000
    assert frozen.do("APPEND", "empty", "") == 0
    assert frozen.do("EXISTS", "empty") == 1
    frozen.do("RPUSH", "l", "a")
    assert frozen.refused("APPEND", "l", "x") == WRONGTYPE


def test_encodings_change_with_the_way_a_value_was_made(door):
    def encoding(*command):
        door.do(*command)
        return door.do("OBJECT", "ENCODING", "k")
    assert encoding("SET", "k", 10) == b"int"
    assert encoding("APPEND", "k", 5) == b"raw"
    assert door.do("INCR", "k") == 106
    assert encoding("EXISTS", "k") == b"int"
    assert encoding("SETRANGE", "k", 0, "9") == b"raw"
    assert encoding("SET", "k", "x") == b"embstr"
    assert encoding("SETRANGE", "k", 0, "") == b"embstr"
    assert encoding("APPEND", "k", "") == b"raw"
    assert encoding("GETSET", "k", "1") == b"int"
    assert encoding("INCRBYFLOAT", "k", 1) == b"embstr"
    door.do("DEL", "k")
    assert encoding("APPEND", "k", 7) == b"int"
    door.do("DEL", "k")
    assert encoding("SETRANGE", "k", 0, 7) == b"raw"


@pytest.mark.parametrize(("key", "size"), [(1, 112), (31, 82), (32, 79), (64, 47), (100, 11)])
def test_embstr_ends_where_key_and_value_pass_their_common_size(door, key, size):
    key = "k" * key
    for options, most in (((), size), (("EX", 100), size - 8)):
        for value, name in ((most, b"embstr"), (most + 1, b"raw")):
            door.do("DEL", key)
            if value >= 0:
                door.do("SET", key, "v" * value, *options)
                assert door.do("OBJECT", "ENCODING", key) == name
    door.do("SET", key, "v" * size)
    door.do("EXPIRE", key, 100)
    assert door.do("OBJECT", "ENCODING", key) == b"raw"
    door.do("SET", key, "v" * size)                                  # what it replaces had an expiry
    assert door.do("OBJECT", "ENCODING", key) == b"raw"
    door.do("SET", key, "v" * size)
    assert door.do("OBJECT", "ENCODING", key) == b"embstr"


@pytest.mark.parametrize(("first", "last", "part"), [
    (0, 3, b"This"), (-3, -1, b"ing"), (0, -1, b"This is a string"), (10, 100, b"string"), (5, 3, b""),
    (-1, -5, b""),
    (100, 200, b""), (0, -100, b"T"), (-100, 0, b"T"), (INT64_MIN, INT64_MAX, b"This is a string"),
    (16, 16, b""),
])
def test_getrange(door, first, last, part):
    door.do("SET", "k", "This is a string")
    assert door.do("GETRANGE", "k", first, last) == part
    assert door.do("SUBSTR", "k", first, last) == part


def test_getrange_of_numbers_nothing_and_other_types(door):
    door.do("SET", "n", 12345)
    door.do("RPUSH", "l", "a")
    assert door.do("GETRANGE", "n", 1, 2) == b"23"
    assert door.do("GETRANGE", "missing", 0, -1) == b""
    assert door.refused("GETRANGE", "l", 0, -1) == WRONGTYPE
    assert door.refused("GETRANGE", "l", "x", -1) == NOT_AN_INTEGER
    assert [door.do("STRLEN", key) for key in ("n", "missing")] == [5, 0]
    door.do("SET", "n", INT64_MIN)
    assert door.do("STRLEN", "n") == 20
    assert door.refused("STRLEN", "l") == WRONGTYPE


def test_setrange(frozen):
    frozen.do("SET", "k", "Hello World", "EX", 100)
    assert frozen.do("SETRANGE", "k", 6, "Redis") == 11
    assert frozen.do("GET", "k") == b"Hello Redis"
    assert frozen.do("TTL", "k") == 100
    assert frozen.do("SETRANGE", "new", 3, "x") == 4
    assert frozen.do("GET", "new") == b"\0\0\0x"
    assert frozen.do("SETRANGE", "k", 6000, "far") == 6003
    assert frozen.do("GET", "k") == b"Hello Redis" + bytes(5989) + b"far"
    assert frozen.do("SETRANGE", "missing", 5, "") == 0
    assert frozen.do("EXISTS", "missing") == 0
    assert frozen.do("SETRANGE", "new", 5, "") == 4
    frozen.do("RPUSH", "l", "a")
    assert frozen.refused("SETRANGE", "l", -1, "x") == "ERR offset is out of range"
    assert frozen.refused("SETRANGE", "l", "x", "x") == NOT_AN_INTEGER
    assert frozen.refused("SETRANGE", "l", 1 << 29, "x") == WRONGTYPE
    for offset in ((1 << 29) - 1, 1 << 29, INT64_MAX):
        assert frozen.refused("SETRANGE", "missing", offset, "xx") == TOO_LARGE
    assert frozen.do("EXISTS", "missing") == 0


def test_lcs(door):
    door.do("MSET", "a", "ohmytext", "b", "mynewtext", "n", 12345, "m", 9145)
    assert door.do("LCS", "a", "b") == b"mytext"
    assert door.do("LCS", "a", "b", "LEN") == 6
    assert door.do("LCS", "n", "m") == b"145"
    assert door.do("LCS", "a", "missing") == b""
    assert door.do("LCS", "missing", "a", "LEN") == 0
    matches = [[[4, 7], [5, 8]], [[2, 3], [0, 1]]]
    assert door.pairs(door.do("LCS", "a", "b", "IDX")) == {b"matches": matches, b"len": 6}
    long = door.do("LCS", "a", "b", "IDX", "MINMATCHLEN", 4)
    assert door.pairs(long) == {b"matches": matches[:1], b"len": 6}
    assert door.pairs(door.do("LCS", "a", "b", "IDX", "WITHMATCHLEN")) == {
        b"matches": [[*matches[0], 4], [*matches[1], 2]], b"len": 6}
    assert door.pairs(door.do("LCS", "a", "missing", "IDX", "MINMATCHLEN", -5)) == {b"matches": [], b"len": 0}


def test_lcs_refuses(door):
    door.do("RPUSH", "l", "a")
    door.do("MSET", "a", "x" * 20_000, "b", "x" * 20_000)
    assert door.refused("LCS", "a", "l", "FOO") == "ERR The specified keys must contain string values"
    assert door.refused("LCS", "a", "b", "FOO") == SYNTAX
    assert door.refused("LCS", "a", "b", "MINMATCHLEN") == SYNTAX
    assert door.refused("LCS", "a", "b", "MINMATCHLEN", "x") == NOT_AN_INTEGER
    assert door.refused("LCS", "a", "b", "LEN", "IDX") == (
        "ERR If you want both the length and indexes, please just use IDX.")
    assert door.refused("LCS", "a", "b") == (
        "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")


# ---- what counts as a read, and as a change ----

@pytest.mark.parametrize(("command", "with_key", "without"), [
    ("GET k", (1, 0), (0, 1)), ("STRLEN k", (1, 0), (0, 1)), ("GETRANGE k 0 1", (1, 0), (0, 1)),
    ("MGET k z k", (2, 1), (0, 3)), ("LCS k z", (1, 1), (0, 2)), ("SET k v GET", (1, 0), (0, 1)),
    ("GETSET k v", (1, 0), (0, 1)), ("GETDEL k", (1, 0), (0, 1)), ("GETEX k EX 10", (1, 0), (0, 1)),
    ("SET k v", (0, 0), (0, 0)), ("SET k v NX", (0, 0), (0, 0)), ("APPEND k x", (0, 0), (0, 0)),
    ("DELIFEQ k v", (0, 0), (0, 0)), ("INCR n", (0, 0), (0, 0)),
])
def test_hits_and_misses(door, command, with_key, without):
    def counted():
        before = door.stats()
        assert not isinstance(door.do(*command.split()), Failed)
        return tuple(door.stats()[name] - before[name] for name in ("hits", "misses"))
    assert counted() == without
    door.do("SET", "k", "v")
    assert counted() == with_key


@pytest.mark.parametrize(("command", "changes"), [
    ("GET k", 0), ("SET k v", 1), ("SET k v NX", 0), ("SET new v XX", 0), ("SETNX k v", 0),
    ("MSET a 1 b 2", 2),
    ("MSETNX k 1 b 2", 0), ("GETEX k", 0), ("GETEX k PERSIST", 0), ("GETEX k EX 5", 1), ("SETRANGE k 0 ", 0),
    ("APPEND k x", 1), ("DELIFEQ k x", 0), ("DELIFEQ k v", 1), ("GETDEL new", 0), ("INCR k", 0),
    ("INCR new", 1),
])
def test_only_changes_count_as_changes(door, command, changes):
    door.do("SET", "k", "v")
    before, version = door.stats()["changes"], door.store.engine.version()
    door.do(*command.split(" "))
    assert door.stats()["changes"] - before == changes
    assert (door.store.engine.version() > version) == (changes > 0)
