"""Examples of the commands of field expiry, through every door, with a clock that stands still.

The replies are those of Valkey 9.1.
"""
import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE

NOW = 1_800_000_000_500
INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
NUMFIELDS = "ERR numfields should be greater than 0 and match the provided number of fields"
NX_AND = "ERR NX and XX, GT or LT options at the same time are not compatible"
GT_AND_LT = "ERR GT and LT options at the same time are not compatible"
SETTERS = ["HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT"]
ASKERS = ["HTTL", "HPTTL", "HEXPIRETIME", "HPEXPIRETIME"]
ARGUMENTS = {**dict.fromkeys(SETTERS, (10,)), **dict.fromkeys([*ASKERS, "HPERSIST", "HGETDEL", "HGETEX"], ()),
             "HSETEX": ()}


def bad_moment(command):
    return f"ERR invalid expire time in '{command.lower()}' command"


def fields_of(door, key="h"):
    return door.pairs(door.do("HGETALL", key))


def expiries(door, *fields, key="h"):
    return door.do("HPEXPIRETIME", key, "FIELDS", len(fields), *fields)


def volatile(door):
    """In how many hashes fields expire, database by database."""
    return {row[0]: row[5] for row in door.store.engine.databases() if row[5]}


def cron(door):
    """Turn after turn of the expiry cycle, until nothing waits."""
    door.store.engine.lock()
    try:
        while door.store.engine.cron(1_000_000):
            pass
        assert door.store.engine.check()
    finally:
        door.store.engine.unlock()


@pytest.fixture
def hash3(door):
    """A hash of three fields, the clock at NOW."""
    door.freeze(NOW)
    door.do("HSET", "h", "a", 1, "b", 2, "c", 3)
    return door


@pytest.fixture
def late(hash3):
    """The same later: `a` and `b` have expired and nobody has removed them, `c` lives for ever."""
    hash3.store.execute("DEBUG", "SET-ACTIVE-EXPIRE", 0)
    assert hash3.do("HPEXPIRE", "h", 100, "FIELDS", 2, "a", "b") == [1, 1]
    hash3.freeze(NOW + 100)
    return hash3


# ---- setting moments ----

@pytest.mark.parametrize(("command", "moment", "at"), [
    ("HEXPIRE", 10, NOW + 10_000), ("HPEXPIRE", 10, NOW + 10), ("HEXPIREAT", 1_900_000_000, 1_900_000_000_000),
    ("HPEXPIREAT", 1_900_000_000_001, 1_900_000_000_001), ("HPEXPIREAT", INT64_MAX, INT64_MAX),
    ("HPEXPIRE", INT64_MAX - NOW, INT64_MAX), ("HEXPIREAT", INT64_MAX // 1000, INT64_MAX // 1000 * 1000),
])
def test_a_moment_is_set_in_each_unit(hash3, command, moment, at):
    assert hash3.do(command, "h", moment, "FIELDS", 2, "a", "gone") == [1, -2]
    assert expiries(hash3, "a", "b", "gone") == [at, -1, -2]
    assert fields_of(hash3) == {b"a": b"1", b"b": b"2", b"c": b"3"}
    assert hash3.do("OBJECT", "ENCODING", "h") == b"hashtable"


@pytest.mark.parametrize(("command", "moment"), [
    ("HEXPIRE", 0), ("HPEXPIRE", 0), ("HEXPIREAT", 0), ("HPEXPIREAT", 0), ("HEXPIREAT", 1_700_000_000),
    ("HPEXPIREAT", NOW),
])
def test_a_moment_that_is_over_removes_the_field(hash3, command, moment):
    assert hash3.do(command, "h", moment, "FIELDS", 4, "a", "a", "gone", "b") == [2, -2, -2, 2]
    assert fields_of(hash3) == {b"c": b"3"}
    assert hash3.do(command, "h", moment, "FIELDS", 1, "c") == [2]
    assert hash3.do("EXISTS", "h") == 0
    assert volatile(hash3) == {}


@pytest.mark.parametrize("command", SETTERS)
def test_moments_out_of_range(hash3, command):
    assert hash3.refused(command, "h", -1, "FIELDS", 1, "a") == bad_moment(command)
    assert hash3.refused(command, "h", INT64_MIN, "FIELDS", 1, "a") == bad_moment(command)
    assert hash3.refused(command, "gone", -1, "FIELDS", 1, "a") == bad_moment(command)
    if command != "HPEXPIREAT":
        assert hash3.refused(command, "h", INT64_MAX, "FIELDS", 1, "a") == bad_moment(command)
    if command.startswith("HEXPIRE"):
        assert hash3.refused(command, "h", INT64_MAX // 1000 + 1, "FIELDS", 1, "a") == bad_moment(command)
    for text in ("", "x", " 1", "1.0", 2**63):
        assert hash3.refused(command, "h", text, "FIELDS", 1, "a") == NOT_AN_INTEGER
    assert expiries(hash3, "a") == [-1]


def test_relative_moments_do_not_overflow(hash3):
    assert hash3.refused("HPEXPIRE", "h", INT64_MAX - NOW + 1, "FIELDS", 1, "a") == bad_moment("HPEXPIRE")
    assert hash3.refused("HEXPIRE", "h", INT64_MAX // 1000, "FIELDS", 1, "a") == bad_moment("HEXPIRE")
    assert hash3.refused("HGETEX", "h", "PX", INT64_MAX - NOW + 1, "FIELDS", 1, "a") == bad_moment("HGETEX")


def test_conditions(hash3):
    def at(moment, *rest):
        return hash3.do("HPEXPIREAT", "h", NOW + moment, *rest)

    assert at(10, "NX", "FIELDS", 1, "a") == [1]
    assert at(11, "NX", "FIELDS", 2, "a", "b") == [0, 1]
    assert at(12, "XX", "FIELDS", 4, "a", "b", "c", "gone") == [1, 1, 0, -2]
    assert at(12, "GT", "FIELDS", 3, "a", "b", "c") == [0, 0, 0]
    assert at(13, "gt", "xx", "FIELDS", 2, "a", "c") == [1, 0]
    assert at(13, "LT", "FIELDS", 3, "a", "b", "c") == [0, 0, 1]
    assert at(5, "LT", "XX", "FIELDS", 3, "a", "b", "c") == [1, 1, 1]
    assert at(6, "NX", "NX", "FIELDS", 2, "a", "a") == [0, 0]
    assert expiries(hash3, "a", "b", "c") == [NOW + 5] * 3


def test_conditions_stand_before_the_moment_that_is_over(hash3):
    hash3.do("HPEXPIREAT", "h", NOW + 10, "FIELDS", 1, "a")
    assert hash3.do("HPEXPIREAT", "h", 1, "GT", "FIELDS", 2, "a", "b") == [0, 0]
    assert hash3.do("HPEXPIREAT", "h", 1, "NX", "FIELDS", 2, "a", "b") == [0, 2]
    assert hash3.do("HPEXPIREAT", "h", 1, "XX", "FIELDS", 2, "a", "c") == [2, 0]
    assert hash3.do("HPEXPIREAT", "h", 1, "LT", "FIELDS", 1, "c") == [2]


@pytest.mark.parametrize("command", SETTERS)
def test_the_order_of_the_errors(hash3, command):
    hash3.do("SET", "s", 1)
    for words, error in [
        ((10, "BAD", "a", "b", "c"), NUMFIELDS), ((10, "BAD", "NX", "FIELDS"), NUMFIELDS),
        (("x", "BAD", "FIELDS", "x"), "ERR Unsupported option BAD"), ((10, "NX", "GT", "FIELDS", 2, "a"), NX_AND),
        ((10, "XX", "NX", "FIELDS", "x", "a"), NX_AND), ((10, "GT", "LT", "FIELDS", "x", "a"), GT_AND_LT),
        (("x", "FIELDS", "x", "a"), NOT_AN_INTEGER), (("x", "FIELDS", 2, "a"), NUMFIELDS),
        ((-1, "FIELDS", 0, "a"), NUMFIELDS), (("x", "FIELDS", 1, "a"), NOT_AN_INTEGER),
        ((-1, "FIELDS", 1, "a"), bad_moment(command)), ((10, "FIELDS", 1, "a"), WRONGTYPE),
    ]:
        assert hash3.refused(command, "s", *words) == error
    assert hash3.refused(command, "h", 10, "FIELDS", 1) == f"ERR wrong number of arguments for '{command.lower()}' command"


def test_words_may_be_fields(hash3):
    hash3.do("HSET", "h", "FIELDS", 4)
    assert hash3.do("HEXPIRE", "h", 10, "nx", "fields", 1, "FIELDS") == [1]
    assert hash3.refused("HEXPIRE", "h", 10, "FIELDS", "FIELDS", 1, "a") == NOT_AN_INTEGER


# ---- the number of fields ----

@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_wrong_number_of_fields(hash3, command):
    error = SYNTAX if command in ASKERS else NUMFIELDS
    for count in (0, -1, 3, 2**31, 2**31 + 1, 2**32 + 2, 2**53, 2**62, INT64_MAX, INT64_MIN):
        assert hash3.refused(command, "h", *ARGUMENTS[command], "FIELDS", count, "a", "b") == error
        assert hash3.refused(command, "gone", *ARGUMENTS[command], "FIELDS", count, "a", "b") == error
    for count in ("", " 1", "1 ", "+1", "0x1", "1e0", "1.0", "nan", 2**63, -(2**63) - 1, "FIELDS"):
        assert hash3.refused(command, "h", *ARGUMENTS[command], "FIELDS", count, "a", "b") == NOT_AN_INTEGER
    assert fields_of(hash3) == {b"a": b"1", b"b": b"2", b"c": b"3"}


@pytest.mark.parametrize("command", [*ASKERS, "HPERSIST"])
def test_nothing_but_fields(hash3, command):
    for words in [("FIELD", 1, "a"), ("NX", "FIELDS", 1, "a"), (1, "a", "b")]:
        assert hash3.refused(command, "h", *words) == SYNTAX


# ---- asking and taking away ----

def test_asking(hash3):
    hash3.do("HPEXPIREAT", "h", NOW + 1499, "FIELDS", 1, "a")
    hash3.do("HPEXPIREAT", "h", NOW + 1500, "FIELDS", 1, "b")
    three = ("FIELDS", 4, "a", "b", "c", "gone")
    assert hash3.do("HTTL", "h", *three) == [1, 2, -1, -2]
    assert hash3.do("HPTTL", "h", *three) == [1499, 1500, -1, -2]
    assert hash3.do("HEXPIRETIME", "h", *three) == [1_800_000_002, 1_800_000_002, -1, -2]
    assert hash3.do("HPEXPIRETIME", "h", *three) == [NOW + 1499, NOW + 1500, -1, -2]
    hash3.do("SET", "s", 1)
    for command in ASKERS:
        assert hash3.do(command, "gone", *three) == [-2] * 4
        assert hash3.refused(command, "s", "FIELDS", 1, "a") == WRONGTYPE


def test_hpersist(hash3):
    hash3.do("HEXPIRE", "h", 10, "FIELDS", 2, "a", "b")
    assert volatile(hash3) == {0: 1}
    assert hash3.do("HPERSIST", "h", "FIELDS", 4, "a", "a", "c", "gone") == [1, -1, -1, -2]
    assert expiries(hash3, "a", "b") == [-1, NOW + 10_000]
    assert hash3.do("HPERSIST", "h", "FIELDS", 1, "b") == [1]
    assert volatile(hash3) == {}
    assert hash3.do("HPERSIST", "gone", "FIELDS", 2, "a", "b") == [-2, -2]
    hash3.do("SET", "s", 1)
    assert hash3.refused("HPERSIST", "s", "FIELDS", 1, "a") == WRONGTYPE


# ---- HGETEX ----

def test_hgetex(hash3):
    assert hash3.do("HGETEX", "h", "FIELDS", 3, "a", "gone", "b") == [b"1", None, b"2"]
    assert expiries(hash3, "a") == [-1]
    for words, at in [(("EX", 10), NOW + 10_000), (("px", 7), NOW + 7), (("EXAT", 1_900_000_000), 1_900_000_000_000),
                      (("PXAT", NOW + 9), NOW + 9), ((), NOW + 9), (("PERSIST",), -1), (("EX", 1, "EX", 2), NOW + 2000)]:
        assert hash3.do("HGETEX", "h", *words, "FIELDS", 2, "a", "gone") == [b"1", None]
        assert expiries(hash3, "a", "b", "gone") == [at, -1, -2]
    assert hash3.do("HGETEX", "gone", "EX", 10, "FIELDS", 2, "a", "b") == [None, None]
    assert hash3.do("EXISTS", "gone") == 0


def test_hgetex_with_a_moment_that_is_over(hash3):
    assert hash3.do("HGETEX", "h", "EX", 0, "FIELDS", 3, "a", "a", "b") == [b"1", None, b"2"]
    assert fields_of(hash3) == {b"c": b"3"}
    assert hash3.do("HGETEX", "h", "PXAT", 1, "FIELDS", 1, "c") == [b"3"]
    assert hash3.do("EXISTS", "h") == 0


def test_hgetex_errors(hash3):
    hash3.do("SET", "s", 1)
    for words, error in [
        (("EX", 10, "a", "b"), NUMFIELDS), (("EX", 10, 20), NUMFIELDS), (("EX", "FIELDS", 1, "a"), SYNTAX),
        (("EX", 10, "PX", 10, "FIELDS", 1, "a"), SYNTAX), (("PERSIST", "EX", 10, "FIELDS", "x", "a"), SYNTAX),
        (("KEEPTTL", "FIELDS", 1, "a"), SYNTAX), (("NX", "FIELDS", 1, "a"), SYNTAX), (("FNX", "FIELDS", 1), SYNTAX),
        (("EX", "x", "FIELDS", "x", "a"), NOT_AN_INTEGER), (("EX", "x", "FIELDS", 2, "a"), NUMFIELDS),
        (("EX", "x", "FIELDS", 1, "a"), WRONGTYPE), (("EX", -1, "FIELDS", 1, "a"), WRONGTYPE),
    ]:
        assert hash3.refused("HGETEX", "s", *words) == error
    for key in ("h", "gone"):
        assert hash3.refused("HGETEX", key, "EX", "x", "FIELDS", 1, "a") == NOT_AN_INTEGER
        assert hash3.refused("HGETEX", key, "EX", -1, "FIELDS", 1, "a") == bad_moment("HGETEX")


# ---- HSETEX ----

def test_hsetex(hash3):
    for words, at in [(("EX", 10), NOW + 10_000), (("px", 7), NOW + 7), (("EXAT", 1_900_000_000), 1_900_000_000_000),
                      (("PXAT", NOW + 9), NOW + 9), (("KEEPTTL",), NOW + 9), ((), -1), (("PXAT", INT64_MAX), INT64_MAX)]:
        assert hash3.do("HSETEX", "h", *words, "FIELDS", 1, "a", f"after {words}") == 1
        assert expiries(hash3, "a", "b") == [at, -1]
        assert hash3.do("HGET", "h", "a") == f"after {words}".encode()
    assert hash3.do("HSETEX", "h", "KEEPTTL", "FIELDS", 2, "a", 5, "d", 6) == 1
    assert expiries(hash3, "a", "d") == [INT64_MAX, -1]
    assert hash3.do("HSETEX", "new", "EX", 10, "FIELDS", 2, "a", 5, "a", 6) == 1
    assert fields_of(hash3, "new") == {b"a": b"6"}
    assert hash3.do("HSETEX", "plain", "FIELDS", 1, "a", 5) == 1
    assert hash3.do("OBJECT", "ENCODING", "plain") == b"listpack"


def test_hsetex_with_a_moment_that_is_over(hash3):
    assert hash3.do("HSETEX", "h", "EX", 0, "FIELDS", 3, "a", 5, "new", 6, "a", 7) == 1
    assert fields_of(hash3) == {b"b": b"2", b"c": b"3"}
    assert hash3.do("HSETEX", "gone", "PXAT", 1, "FIELDS", 1, "a", 5) == 1
    assert hash3.do("HSETEX", "h", "PXAT", 1, "FIELDS", 2, "b", 5, "c", 5) == 1
    assert hash3.do("EXISTS", "gone", "h") == 0
    assert hash3.store.engine.stats()["expired_fields"] == 6


def test_hsetex_conditions(hash3):
    def setex(key, *words):
        return hash3.do("HSETEX", key, *words)

    assert setex("h", "FNX", "FIELDS", 2, "d", 4, "a", 9) == 0
    assert setex("h", "FXX", "FIELDS", 2, "a", 9, "d", 4) == 0
    assert setex("gone", "FXX", "FIELDS", 1, "a", 9) == 0
    assert setex("gone", "XX", "EX", "x", "FIELDS", 1, "a", 9) == 0
    assert setex("h", "NX", "EX", -1, "FIELDS", 1, "d", 9) == 0
    assert fields_of(hash3) == {b"a": b"1", b"b": b"2", b"c": b"3"} and hash3.do("EXISTS", "gone") == 0
    assert setex("h", "fnx", "xx", "FIELDS", 2, "d", 4, "d", 5) == 1
    assert setex("h", "FXX", "FXX", "EX", 10, "FIELDS", 2, "a", 9, "d", 6) == 1
    assert setex("new", "NX", "NX", "FIELDS", 1, "a", 9) == 1
    assert fields_of(hash3) == {b"a": b"9", b"b": b"2", b"c": b"3", b"d": b"6"}
    assert expiries(hash3, "a", "d") == [NOW + 10_000] * 2


def test_hsetex_errors(hash3):
    hash3.do("SET", "s", 1)
    for words, error in [
        (("NX", "XX", "a", "b", "c"), NUMFIELDS), (("BAD", "FIELDS", 1, "a"), SYNTAX),
        (("NX", "XX", "FIELDS", 1, "a", 1), SYNTAX), (("FNX", "FXX", "FIELDS", 1, "a", 1), SYNTAX),
        (("EX", 10, "KEEPTTL", "FIELDS", 1, "a", 1), SYNTAX), (("KEEPTTL", "EX", 10, "FIELDS", 1, "a", 1), SYNTAX),
        (("PERSIST", "FIELDS", 1, "a", 1), SYNTAX), (("GET", "FIELDS", 1, "a", 1), SYNTAX),
        (("EX", "FIELDS", 1, "a", 1), SYNTAX), (("EX", "x", "FIELDS", "x", "a", 1), NOT_AN_INTEGER),
        (("EX", "x", "FIELDS", 1, "a", 1, "b"), NUMFIELDS), (("EX", "x", "FIELDS", 1, "a", 1, "b", 2), NUMFIELDS),
        (("NX", "EX", "x", "FIELDS", 1, "a", 1), WRONGTYPE),
    ]:
        assert hash3.refused("HSETEX", "s", *words) == error
    assert hash3.refused("HSETEX", "h", "FNX", "EX", -1, "FIELDS", 1, "a", 1) == bad_moment("HSETEX")
    assert hash3.refused("HSETEX", "h", "EX", "x", "FIELDS", 1, "a", 1) == NOT_AN_INTEGER


# ---- what expired fields are to the other commands ----

def test_expired_fields_are_hidden_but_counted(late):
    assert late.do("HLEN", "h") == 3
    assert late.do("HMGET", "h", "a", "b", "c") == [None, None, b"3"]
    assert late.do("HGET", "h", "a") is None
    assert late.do("HEXISTS", "h", "a") == late.do("HSTRLEN", "h", "a") == 0
    assert fields_of(late) == {b"c": b"3"}
    assert late.do("HKEYS", "h") == [b"c"] and late.do("HVALS", "h") == [b"3"]
    assert late.do("HSCAN", "h", 0) == [b"0", [b"c", b"3"]]
    assert late.do("HRANDFIELD", "h") == b"c"
    assert late.do("HRANDFIELD", "h", 3) == [b"c"] and late.do("HRANDFIELD", "h", -3) == [b"c"] * 3
    for command in ASKERS:
        assert late.do(command, "h", "FIELDS", 2, "a", "c") == [-2, -1]
    assert late.do("HPERSIST", "h", "FIELDS", 1, "a") == [-2]
    assert late.do("HEXPIRE", "h", 100, "FIELDS", 2, "a", "b") == [-2, -2]
    assert late.do("HEXPIRE", "h", 0, "FIELDS", 1, "a") == [-2]
    assert late.do("HGETEX", "h", "PERSIST", "FIELDS", 1, "a") == [None]
    assert late.do("HSETEX", "h", "FXX", "FIELDS", 1, "a", 5) == 0
    assert late.do("HDEL", "h", "a") == 0 and late.do("HGETDEL", "h", "FIELDS", 1, "b") == [None]
    assert late.do("HLEN", "h") == 3


def test_expired_fields_are_replaced_as_if_they_were_not_there(late):
    assert late.do("HSET", "h", "a", 5) == 1
    assert late.do("HSETNX", "h", "b", 6) == 1
    assert late.do("HLEN", "h") == 3 and expiries(late, "a", "b") == [-1, -1]
    assert fields_of(late) == {b"a": b"5", b"b": b"6", b"c": b"3"}
    assert late.store.engine.stats()["expired_fields"] == 2
    assert volatile(late) == {}


def test_expired_numbers_begin_again_at_zero(late):
    assert late.do("HINCRBY", "h", "a", 5) == 5
    assert late.do("HINCRBYFLOAT", "h", "b", "1.5") in (b"1.5", 1.5)
    assert expiries(late, "a", "b") == [-1, -1]


@pytest.mark.parametrize("words", [("KEEPTTL",), ("FNX",), ("XX",), ("EX", 10), ("FNX", "PX", 10)])
def test_hsetex_over_an_expired_field(late, words):
    assert late.do("HSETEX", "h", *words, "FIELDS", 1, "a", 5) == 1
    assert late.do("HGET", "h", "a") == b"5" and late.do("HLEN", "h") == 3
    assert expiries(late, "a") != [NOW + 100]


def test_a_hash_whose_fields_have_all_expired(late):
    late.do("HDEL", "h", "c")
    assert late.do("EXISTS", "h") == 1 and late.do("HLEN", "h") == 2 and late.do("TYPE", "h") == b"hash"
    assert fields_of(late) == {} and late.do("HKEYS", "h") == []
    assert late.do("HRANDFIELD", "h") is None
    for count in (5, -5):
        assert late.do("HRANDFIELD", "h", count) == late.do("HRANDFIELD", "h", count, "WITHVALUES") == []
    assert late.do("HSCAN", "h", 0) == [b"0", []]
    assert late.do("COPY", "h", "copy") == 1 and late.do("EXISTS", "copy") == 1
    assert fields_of(late, "copy") == {}
    late.store.execute("DEBUG", "SET-ACTIVE-EXPIRE", 1)
    cron(late)
    assert late.do("EXISTS", "h", "copy") == 0


def test_setting_drops_the_moment_and_adding_keeps_it(hash3):
    hash3.do("HEXPIRE", "h", 10, "FIELDS", 3, "a", "b", "c")
    assert hash3.do("HINCRBY", "h", "a", 1) == 2
    assert hash3.do("HINCRBYFLOAT", "h", "b", "0.5") in (b"2.5", 2.5)
    assert hash3.do("HSETNX", "h", "c", 9) == 0
    assert expiries(hash3, "a", "b", "c") == [NOW + 10_000] * 3
    assert hash3.do("HSET", "h", "a", 1, "b", 2) == 0 and hash3.do("HMSET", "h", "c", "x" * 300) is not None
    assert expiries(hash3, "a", "b", "c") == [-1] * 3
    assert volatile(hash3) == {}


# ---- keys whose fields expire ----

@pytest.fixture
def timed(hash3):
    """The hash of three, `a` and `b` with moments."""
    hash3.do("HPEXPIRE", "h", 100, "FIELDS", 1, "a")
    hash3.do("HPEXPIRE", "h", 200, "FIELDS", 1, "b")
    assert volatile(hash3) == {0: 1}
    return hash3


def test_the_cycle_removes_what_has_expired(timed):
    timed.freeze(NOW + 100)
    cron(timed)
    assert timed.do("HLEN", "h") == 2 and volatile(timed) == {0: 1}
    timed.freeze(NOW + 200)
    cron(timed)
    assert timed.do("HLEN", "h") == 1 and volatile(timed) == {}
    assert timed.store.engine.stats()["expired_fields"] == 2
    timed.do("HPEXPIRE", "h", 5, "FIELDS", 1, "c")
    timed.freeze(NOW + 205)
    cron(timed)
    assert timed.do("EXISTS", "h") == 0 and volatile(timed) == {}


@pytest.mark.parametrize(("words", "places"), [
    (("RENAME", "h", "other"), [(0, b"other")]), (("RENAME", "h", "taken"), [(0, b"taken")]),
    (("RENAME", "h", "timed"), [(0, b"timed")]), (("RENAMENX", "h", "other"), [(0, b"other")]),
    (("COPY", "h", "other"), [(0, b"h"), (0, b"other")]), (("COPY", "h", "timed", "REPLACE"), [(0, b"h"), (0, b"timed")]),
    (("COPY", "h", "taken", "REPLACE"), [(0, b"h"), (0, b"taken")]), (("MOVE", "h", 1), [(1, b"h")]),
    (("COPY", "h", "x", "DB", 1), [(0, b"h"), (1, b"x")]), (("EXPIRE", "h", 1000), [(0, b"h")]),
    (("SWAPDB", 0, 1), [(1, b"h")]), (("SET", "timed", 1), [(0, b"h")]), (("DEL", "timed"), [(0, b"h")]),
], ids=str)
def test_moments_go_with_the_hash(timed, words, places):
    timed.do("SET", "taken", 1)
    timed.do("HSET", "timed", "f", 1)
    timed.do("HPEXPIRE", "timed", 150, "FIELDS", 1, "f")
    timed.do(*words)
    cron(timed)
    found = []
    for database in (0, 1):
        for key in timed.store.execute("KEYS", "*"):
            if timed.store.execute("TYPE", key) == b"hash" and timed.store.execute("HEXISTS", key, "c"):
                found.append((database, key))
                assert timed.store.hpexpiretime(key, "a", "b", "c") == [NOW + 100, NOW + 200, -1]
        timed.store.execute("SWAPDB", 0, 1)
    assert sorted(found) == places
    timed.freeze(NOW + 250)
    cron(timed)
    assert volatile(timed) == {}


@pytest.mark.parametrize("words", [
    ("DEL", "h"), ("UNLINK", "h"), ("SET", "h", 1), ("FLUSHALL",), ("FLUSHALL", "ASYNC"), ("FLUSHDB", "SYNC"),
    ("RENAME", "taken", "h"), ("COPY", "taken", "h", "REPLACE"), ("SUNIONSTORE", "h", "set"), ("HDEL", "h", "a", "b"),
    ("HDEL", "h", "a", "b", "c"), ("HSET", "h", "a", 1, "b", 1), ("HPERSIST", "h", "FIELDS", 2, "a", "b"),
    ("HGETDEL", "h", "FIELDS", 2, "a", "b"), ("HSETEX", "h", "FIELDS", 2, "a", 1, "b", 2), ("EXPIRE", "h", 0),
    ("HGETEX", "h", "PERSIST", "FIELDS", 2, "b", "a"), ("HEXPIRE", "h", 0, "FIELDS", 2, "a", "b"),
], ids=str)
def test_a_key_that_goes_leaves_the_index(timed, words):
    timed.do("SET", "taken", 1)
    timed.do("SADD", "set", 1)
    timed.do(*words)
    assert volatile(timed) == {}
    timed.freeze(NOW + 1000)
    cron(timed)


def test_a_key_that_expires_takes_its_fields_with_it(timed):
    timed.do("PEXPIRE", "h", 50)
    timed.freeze(NOW + 150)
    cron(timed)
    assert timed.do("EXISTS", "h") == 0 and volatile(timed) == {}


def test_many_hashes_and_many_fields(door):
    door.freeze(NOW)
    for i in range(300):
        door.do("HSET", f"h{i}", "stays", 1, *(word for n in range(i % 7) for word in (f"f{n}", n)))
        for n in range(i % 7):
            door.do("HPEXPIRE", f"h{i}", 10 + (i * 7 + n) % 50, "FIELDS", 1, f"f{n}")
    assert volatile(door) == {0: sum(i % 7 > 0 for i in range(300))}
    for passed in (20, 40, 60):
        door.freeze(NOW + passed)
        cron(door)
        left = [sum(10 + (i * 7 + n) % 50 > passed for n in range(i % 7)) for i in range(300)]
        assert [door.do("HLEN", f"h{i}") for i in range(300)] == [1 + n for n in left]
        assert volatile(door).get(0, 0) == sum(n > 0 for n in left)


def test_one_turn_of_the_cycle_is_bounded(hash3):
    names = [f"f{n}" for n in range(20_000)]
    for at in range(0, len(names), 1000):
        hash3.store.hsetex("big", mapping=dict.fromkeys(names[at:at + 1000], 1), px=10)
    hash3.freeze(NOW + 10)
    hash3.store.engine.lock()
    more = hash3.store.engine.cron(1)
    left = hash3.store.engine.stats()["expired_fields"]
    hash3.store.engine.unlock()
    assert more and 0 < left < 20_000
    cron(hash3)
    assert hash3.do("EXISTS", "big") == 0


def test_memory_usage_counts_the_moments(hash3):
    hash3.do("HSET", "h", *(word for n in range(1000) for word in (n, n)))
    before = hash3.do("MEMORY", "USAGE", "h", "SAMPLES", 0)
    hash3.do("HEXPIRE", "h", 10, "FIELDS", 1000, *range(1000))
    assert before + 16_000 <= hash3.do("MEMORY", "USAGE", "h", "SAMPLES", 0) <= before + 32_000
    hash3.do("HPERSIST", "h", "FIELDS", 1000, *range(1000))
    hash3.do("HDEL", "h", "a", "b", "c")
    assert hash3.do("MEMORY", "USAGE", "h", "SAMPLES", 0) <= before
