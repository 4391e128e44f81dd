"""Examples of the commands of sorted sets, through every door, and a sorted set beside sortedcontainers.

The replies are those of Valkey 9.1.
"""
import math

import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from refusal import check_refusals
from sortedcontainers import SortedList

import cydis

INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
BEYOND_LONG = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"
NOT_POSITIVE = "ERR value is out of range, must be positive"
NOT_A_FLOAT = "ERR value is not a valid float"
NOT_A_BOUND = "ERR min or max is not a float"
NOT_A_MEMBER = "ERR min or max not valid string range item"
NX_AND_XX = "ERR XX and NX options at the same time are not compatible"
GT_LT_NX = "ERR GT, LT, and/or NX options at the same time are not compatible"
ONE_PAIR = "ERR INCR option supports a single increment-element pair"
LIMIT_ALONE = "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
SCORES_OF_LEX = "ERR syntax error, WITHSCORES not supported in combination with BYLEX"
NAN = "ERR resulting score is not a number (NaN)"
LONG = b"x" * 65


def number(reply):
    """A score: a bulk string in RESP2, a double elsewhere."""
    return None if reply is None else float(reply)


def couples(reply):
    """Members with scores, whichever way the protocol writes pairs, as a list of tuples."""
    if not reply or not isinstance(reply[0], list):
        reply = list(zip(reply[::2], reply[1::2], strict=True))
    return [(member, number(score)) for member, score in reply]


def all_of(door, key="z"):
    return couples(door.do("ZRANGE", key, 0, -1, "WITHSCORES"))


def encoding(door, key="z"):
    return door.do("OBJECT", "ENCODING", key)


@pytest.fixture(params=["small", "large"])
def zset_of(request, door):
    """Make `z` of these scores and members, once in the small encoding and once in the large one."""
    def make(*pairs):
        if request.param == "large":
            door.do("ZADD", "z", 0, LONG)
        door.do("ZADD", "z", *pairs)
        if request.param == "large":
            door.do("ZREM", "z", LONG)
        assert encoding(door) == {"small": b"listpack", "large": b"skiplist"}[request.param]
        return door

    return make


@pytest.fixture
def letters(zset_of):
    return zset_of(1, "a", 2, "b", 3, "c", 4, "d", 5, "e")


@pytest.fixture
def equals(zset_of):
    return zset_of(*(word for member in "gfedcba" for word in (0, member)))


# ---- adding ----

def test_zadd_keeps_order(zset_of):
    door = zset_of(3, "c", 1, "b", 1, "a", 2, "d", "-inf", "low", "+inf", "high", 1, "aa",
                   1, "", 1, "10", 1, "9")
    assert all_of(door) == [(b"low", -math.inf), (b"", 1), (b"10", 1), (b"9", 1), (b"a", 1), (b"aa", 1),
                            (b"b", 1), (b"d", 2), (b"c", 3), (b"high", math.inf)]
    assert door.do("ZCARD", "z") == 10
    assert door.do("TYPE", "z") == b"zset"


def test_zadd_counts(letters):
    door = letters
    assert door.do("ZADD", "z", 1, "a", 9, "b", 6, "f") == 1
    assert door.do("ZADD", "z", "CH", 1, "a", 8, "b", 7, "g") == 2
    assert door.do("ZADD", "z", "CH", 5, "q", 5, "q", 6, "q") == 2
    assert [number(door.do("ZSCORE", "z", member)) for member in "abfgq"] == [1, 8, 6, 7, 6]


def test_zadd_conditions(letters):
    door = letters
    assert door.do("ZADD", "z", "NX", 9, "a", 6, "f") == 1
    assert door.do("ZADD", "z", "XX", "CH", 9, "a", 7, "g") == 1
    assert door.do("ZADD", "z", "GT", "CH", 8, "a", 10, "b", 1, "n") == 2
    assert door.do("ZADD", "z", "LT", "CH", 8, "a", 11, "b", 1, "m") == 2
    assert door.do("ZADD", "z", "XX", "GT", "CH", 100, "a", 100, "none") == 1
    assert all_of(door) == [(b"m", 1), (b"n", 1), (b"c", 3), (b"d", 4), (b"e", 5), (b"f", 6),
                            (b"b", 10), (b"a", 100)]
    assert door.do("ZADD", "missing", "XX", 1, "a") == 0
    assert door.do("ZADD", "missing", "XX", "INCR", 1, "a") is None
    assert door.do("EXISTS", "missing") == 0


def test_zadd_incr(letters):
    door = letters
    assert number(door.do("ZADD", "z", "INCR", 2, "a")) == 3
    assert number(door.do("ZADD", "z", "INCR", 0, "a")) == 3
    assert number(door.do("ZADD", "z", "INCR", 7, "new")) == 7
    assert door.do("ZADD", "z", "NX", "INCR", 1, "a") is None
    assert door.do("ZADD", "z", "XX", "INCR", 1, "none") is None
    assert door.do("ZADD", "z", "GT", "INCR", -1, "a") is None
    assert door.do("ZADD", "z", "LT", "INCR", 1, "a") is None
    assert number(door.do("ZADD", "z", "LT", "INCR", -1, "a")) == 2


def test_zadd_refuses(door):
    door.do("SET", "s", "v")
    for arguments in ([1, "a", 2], ["NX", 1], ["NX", "XX"], ["CH", "NX"], ["FOO", "a", "b"]):
        assert door.refused("ZADD", "s", *arguments) == SYNTAX, arguments
    assert door.refused("ZADD", "s", "NX", "XX", "GT", "LT", "x", "a") == NX_AND_XX
    for pair in (("GT", "LT"), ("NX", "GT"), ("LT", "NX")):
        assert door.refused("ZADD", "s", *pair, "x", "a") == GT_LT_NX
    assert door.refused("ZADD", "s", "INCR", "x", "a", 1, "b") == ONE_PAIR
    for score in ("x", "nan", "", " 1", "0x10", "1e400", "1e-400", "1_0"):
        assert door.refused("ZADD", "s", score, "a") == NOT_A_FLOAT
    assert door.refused("ZADD", "s", 1, "a") == WRONGTYPE
    assert door.refused("ZADD", "z", 1, "a", "x", "b") == NOT_A_FLOAT
    assert door.do("EXISTS", "z") == 0
    assert door.do("ZADD", "z", 1, "nx", "INF", "xx") == 2


def test_zincrby(letters):
    door = letters
    assert number(door.do("ZINCRBY", "z", "2.5", "a")) == 3.5
    assert number(door.do("ZINCRBY", "z", -1, "new")) == -1
    assert number(door.do("ZINCRBY", "other", "inf", "a")) == math.inf
    assert door.refused("ZINCRBY", "other", "-inf", "a") == NAN
    assert door.refused("ZADD", "other", "INCR", "-inf", "a") == NAN
    assert door.refused("ZINCRBY", "z", "x", "a") == NOT_A_FLOAT
    assert number(door.do("ZSCORE", "other", "a")) == math.inf
    door.do("ZINCRBY", "f", "0.1", "m")
    assert number(door.do("ZINCRBY", "f", "0.2", "m")) == 0.30000000000000004


def test_scores_move_members(zset_of):
    door = zset_of(*(word for i in range(40) for word in (i, f"m{i:02}")))
    order = [f"m{i:02}".encode() for i in range(40)]
    moves = ((b"m05", 30.5, 30), (b"m39", -1, 0), (b"m20", 20.5, 20), (b"m00", 1e300, 39))
    for member, score, place in moves:
        door.do("ZADD", "z", score, member)
        order.remove(member)
        order.insert(place, member)
        assert [name for name, _ in all_of(door)] == order
        assert door.do("ZRANK", "z", member) == place


# ---- looking and removing ----

def test_scores(letters):
    door = letters
    assert [number(reply) for reply in door.do("ZMSCORE", "z", "a", "none", "e")] == [1, None, 5]
    assert door.do("ZSCORE", "z", "none") is None
    assert door.do("ZMSCORE", "missing", "a", "b") == [None, None]
    door.do("ZADD", "z", "1e20", "big", "0.1", "tenth", 2**53 + 1, "whole", "-1.5e-300", "tiny")
    for member, score in (("big", 1e20), ("tenth", 0.1), ("whole", 2.0**53), ("tiny", -1.5e-300)):
        assert number(door.do("ZSCORE", "z", member)) == score


def test_ranks(letters):
    door = letters
    assert [door.do("ZRANK", "z", member) for member in "ace"] == [0, 2, 4]
    assert [door.do("ZREVRANK", "z", member) for member in "ace"] == [4, 2, 0]
    for command, rank in (("ZRANK", 1), ("ZREVRANK", 3)):
        found, score = door.do(command, "z", "b", "withscore")
        assert (found, number(score)) == (rank, 2)
        assert door.do(command, "z", "none") is None
        assert door.do(command, "z", "none", "WITHSCORE") is None
        assert door.do(command, "missing", "a", "WITHSCORE") is None
        assert door.refused(command, "missing", "a", "x") == SYNTAX
        wrong = f"ERR wrong number of arguments for '{command.lower()}' command"
        assert door.refused(command, "z", "a", "WITHSCORE", "x") == wrong


def test_zrem(letters):
    door = letters
    assert door.do("ZREM", "z", "a", "none", "a", "e") == 2
    assert all_of(door) == [(b"b", 2), (b"c", 3), (b"d", 4)]
    assert door.do("ZREM", "z", "b", "c", "d") == 3
    assert door.do("EXISTS", "z") == 0
    assert door.do("ZREM", "z", "a") == 0


def test_other_types_are_refused(door):
    door.do("SET", "s", "v")
    for command in ("ZADD 1 a", "ZINCRBY 1 a", "ZREM a", "ZSCORE a", "ZMSCORE a", "ZCARD", "ZRANK a",
                    "ZREVRANK a", "ZPOPMIN", "ZPOPMAX 0", "ZRANDMEMBER", "ZRANDMEMBER 1", "ZSCAN 0 nonsense",
                    "ZCOUNT 1 2",
                    "ZLEXCOUNT - +", "ZRANGE 0 1", "ZRANGE 0 1 BYSCORE", "ZREVRANGE 0 1", "ZRANGEBYSCORE 0 1",
                    "ZREVRANGEBYSCORE 0 1", "ZRANGEBYLEX - +", "ZREVRANGEBYLEX + -", "ZREMRANGEBYRANK 0 1",
                    "ZREMRANGEBYSCORE 0 1", "ZREMRANGEBYLEX - +"):
        name, *rest = command.split()
        assert door.refused(name, "s", *rest) == WRONGTYPE, command


# ---- popping ----

def test_pop(letters):
    door = letters
    assert couples(door.do("ZPOPMIN", "z")) == [(b"a", 1)]
    assert couples(door.do("ZPOPMAX", "z")) == [(b"e", 5)]
    assert door.do("ZPOPMIN", "z", 0) == []
    assert couples(door.do("ZPOPMAX", "z", 2)) == [(b"d", 4), (b"c", 3)]
    assert couples(door.do("ZPOPMIN", "z", 10)) == [(b"b", 2)]
    assert door.do("EXISTS", "z") == 0
    assert door.do("ZPOPMIN", "z") == door.do("ZPOPMAX", "z", 5) == []


def test_pops_in_resp3_are_pairs_with_a_count_only(letters):
    if letters.kind == "resp2":
        assert letters.do("ZPOPMIN", "z", 2) == [b"a", b"1", b"b", b"2"]
    else:
        assert letters.do("ZPOPMIN", "z") == [b"a", 1.0]
        assert letters.do("ZPOPMIN", "z", 1) == [[b"b", 2.0]]


def test_pop_reads_its_arguments_first(door):
    door.do("SET", "s", "v")
    for command in ("ZPOPMIN", "ZPOPMAX"):
        for count in ("x", -1, INT64_MAX + 1):
            assert door.refused(command, "s", count) == NOT_POSITIVE
        assert door.refused(command, "s", 1, 2) == SYNTAX


# ---- ranges ----

def names(reply):
    return b"".join(reply).decode()


@pytest.mark.parametrize(("arguments", "found"), [
    ("0 -1", "abcde"), ("1 2", "bc"), ("-2 -1", "de"), ("-100 0", "a"), ("3 100", "de"), ("3 2", ""),
    ("5 9", ""), ("-1 -100", ""), ("0 1 REV", "ed"), ("-2 -1 REV", "ba"), ("1 4 LIMIT 0 -1", "bcde"),
    ("2 4 BYSCORE", "bcd"), ("(2 (4 BYSCORE", "c"), ("-inf +inf BYSCORE", "abcde"), ("(5 inf BYSCORE", ""),
    ("4 2 BYSCORE", ""), ("4 2 BYSCORE REV", "dcb"), ("2 4 BYSCORE REV", ""), ("(4 2 REV BYSCORE", "cb"),
    ("1 5 BYSCORE LIMIT 1 2", "bc"), ("5 1 BYSCORE REV LIMIT 1 2", "dc"), ("1 5 LIMIT 1 -1 BYSCORE", "bcde"),
    ("1 5 BYSCORE LIMIT 1 -7", "bcde"), ("1 5 BYSCORE LIMIT 1 0", ""), ("1 5 BYSCORE LIMIT 5 1", ""),
    ("1 5 BYSCORE LIMIT -1 2", ""), ("1 5 BYSCORE LIMIT 3 1 LIMIT 0 1", "a"),
    ("1e-400 1e400 BYSCORE", "abcde"), ("( 1.5 BYSCORE", "a"), ("2.5 2.9 BYSCORE", ""),
])
def test_zrange(letters, arguments, found):
    words = arguments.split()
    assert names(letters.do("ZRANGE", "z", *words)) == found
    scored = couples(letters.do("ZRANGE", "z", *words, "WITHSCORES"))
    assert scored == [(member.encode(), ord(member) - ord("a") + 1) for member in found]


@pytest.mark.parametrize(("low", "high", "found"), [
    ("-", "+", "abcdefg"), ("[b", "[d", "bcd"), ("(b", "(d", "c"), ("[b", "(b", ""), ("+", "-", ""),
    ("[bb", "[ez", "cde"),
    ("[", "[a", "a"), ("(", "(a", ""), ("[zz", "+", ""), ("(f", "+", "g"), ("-", "[", ""), ("[d", "[b", ""),
])
def test_ranges_by_member(equals, low, high, found):
    door = equals
    assert names(door.do("ZRANGE", "z", low, high, "BYLEX")) == found
    assert names(door.do("ZRANGE", "z", high, low, "BYLEX", "REV")) == found[::-1]
    assert names(door.do("ZRANGEBYLEX", "z", low, high)) == found
    assert names(door.do("ZREVRANGEBYLEX", "z", high, low)) == found[::-1]
    assert names(door.do("ZRANGEBYLEX", "z", low, high, "LIMIT", 1, 2)) == found[1:3]
    assert names(door.do("ZREVRANGEBYLEX", "z", high, low, "LIMIT", 1, -1)) == found[::-1][1:]
    assert door.do("ZLEXCOUNT", "z", low, high) == len(found)
    assert door.do("ZREMRANGEBYLEX", "z", low, high) == len(found)
    left = "".join(member for member in "abcdefg" if member not in found)
    assert names(door.do("ZRANGE", "z", 0, -1)) == left


def test_the_older_commands(letters):
    door = letters
    assert names(door.do("ZREVRANGE", "z", 0, 1)) == "ed"
    assert couples(door.do("ZREVRANGE", "z", -2, -1, "WITHSCORES")) == [(b"b", 2), (b"a", 1)]
    assert names(door.do("ZRANGEBYSCORE", "z", "(1", 3)) == "bc"
    assert couples(door.do("ZRANGEBYSCORE", "z", "-inf", "inf", "LIMIT", 1, 1, "WITHSCORES")) == [(b"b", 2)]
    assert names(door.do("ZREVRANGEBYSCORE", "z", 3, "(1")) == "cb"
    assert couples(door.do("ZREVRANGEBYSCORE", "z", "inf", 0, "WITHSCORES", "LIMIT", 4, 9)) == [(b"a", 1)]
    assert door.do("ZCOUNT", "z", "(1", "+inf") == 4
    assert door.do("ZCOUNT", "z", 7, 9) == 0


def test_ranges_of_nothing(door):
    for command in ("ZRANGE 0 -1 WITHSCORES", "ZRANGE 0 1 BYSCORE", "ZRANGE - + BYLEX", "ZREVRANGE 0 1",
                    "ZRANGEBYSCORE 0 1", "ZREVRANGEBYSCORE 0 1", "ZRANGEBYLEX - +", "ZREVRANGEBYLEX + -"):
        name, *rest = command.split()
        assert door.do(name, "z", *rest) == []
    for command in ("ZCOUNT 0 1", "ZLEXCOUNT - +", "ZREMRANGEBYRANK 0 1", "ZREMRANGEBYSCORE 0 1",
                    "ZREMRANGEBYLEX - +"):
        name, *rest = command.split()
        assert door.do(name, "z", *rest) == 0


@pytest.mark.parametrize(("command", "error"), [
    ("ZRANGE x 1", NOT_AN_INTEGER), ("ZRANGE 0 1.5", NOT_AN_INTEGER), ("ZRANGE x y FOO", SYNTAX),
    ("ZRANGE x y BYSCORE", NOT_A_BOUND), ("ZRANGE [1 2 BYSCORE", NOT_A_BOUND),
    ("ZRANGE ((1 2 BYSCORE", NOT_A_BOUND),
    ("ZRANGE nan 2 BYSCORE", NOT_A_BOUND), ("ZRANGE 0x1 2 BYSCORE", NOT_A_BOUND),
    ("ZRANGE a b BYLEX", NOT_A_MEMBER), ("ZRANGE -a + BYLEX", NOT_A_MEMBER),
    ("ZRANGE - ++ BYLEX", NOT_A_MEMBER),
    ("ZRANGE x y LIMIT x 1", NOT_AN_INTEGER), ("ZRANGE x y LIMIT 1", SYNTAX), ("ZRANGE 0 1 REV REV", SYNTAX),
    ("ZRANGE 0 1 BYLEX BYSCORE", SYNTAX),
    ("ZRANGE x y LIMIT 0 1", LIMIT_ALONE),
    ("ZRANGE x y BYLEX WITHSCORES", SCORES_OF_LEX),
    ("ZREVRANGE 0 1 REV", SYNTAX), ("ZREVRANGE 0 1 BYSCORE", SYNTAX), ("ZRANGEBYSCORE 0 1 REV", SYNTAX),
    ("ZRANGEBYSCORE 0 1 BYSCORE", SYNTAX), ("ZRANGEBYSCORE 0 x", NOT_A_BOUND), ("ZCOUNT x 1", NOT_A_BOUND),
    ("ZLEXCOUNT a +", NOT_A_MEMBER), ("ZREMRANGEBYRANK 0 x", NOT_AN_INTEGER),
    ("ZREMRANGEBYSCORE 0 x", NOT_A_BOUND), ("ZREMRANGEBYLEX - x", NOT_A_MEMBER),
    ("ZRANGEBYLEX - + WITHSCORES", SCORES_OF_LEX),
])
def test_ranges_read_their_arguments_first(door, command, error):
    door.do("SET", "s", "v")
    name, *rest = command.split()
    assert door.refused(name, "s", *rest) == error


def test_removing_ranges(letters):
    door = letters
    assert door.do("ZREMRANGEBYRANK", "z", 1, 1) == 1
    assert door.do("ZREMRANGEBYRANK", "z", -1, -1) == 1
    assert door.do("ZREMRANGEBYSCORE", "z", "(1", 3) == 1
    assert all_of(door) == [(b"a", 1), (b"d", 4)]
    assert door.do("ZREMRANGEBYSCORE", "z", "-inf", "inf") == 2
    assert door.do("EXISTS", "z") == 0


# ---- chance ----

def test_zrandmember(zset_of):
    scores = {f"m{i}".encode(): float(i) for i in range(30)}
    door = zset_of(*(word for member, score in scores.items() for word in (score, member)))
    assert door.do("ZRANDMEMBER", "z") in scores
    for count in (0, 1, 3, 29, 30, 31, INT64_MAX):
        found = door.do("ZRANDMEMBER", "z", count)
        assert len(found) == len(set(found)) == min(count, 30)
        assert scores.keys() >= set(found)
    assert len(door.do("ZRANDMEMBER", "z", -50)) == 50
    for count in (3, 30, -50):
        found = couples(door.do("ZRANDMEMBER", "z", count, "withscores"))
        assert len(found) == min(abs(count), 30) or count < 0
        assert all(scores[member] == score for member, score in found)
    met = set()
    for _ in range(1000):
        met.update(door.do("ZRANDMEMBER", "z", 2))
        if len(met) == 30:
            break
    assert len(met) == 30
    assert door.do("ZRANDMEMBER", "missing") is None
    assert door.do("ZRANDMEMBER", "missing", -3, "WITHSCORES") == []


def test_zrandmember_reads_its_arguments_first(door):
    door.do("SET", "s", "v")
    assert door.refused("ZRANDMEMBER", "s", "x", "WITHSCORES") == NOT_AN_INTEGER
    assert door.refused("ZRANDMEMBER", "s", INT64_MIN) == BEYOND_LONG
    assert door.refused("ZRANDMEMBER", "s", 1, "WITHSCORE") == SYNTAX
    assert door.refused("ZRANDMEMBER", "s", 1, "WITHSCORES", "WITHSCORES") == SYNTAX
    for count in (INT64_MIN + 1, -(2**62), 2**62):
        assert door.refused("ZRANDMEMBER", "missing", count, "WITHSCORES") == "ERR value is out of range"


# ---- ZSCAN ----

def test_zscan(door):
    small = [(b"m%d" % i, float(i)) for i in range(100)]
    door.do("ZADD", "z", *(word for member, score in small for word in (score, member)))
    cursor, found = door.do("ZSCAN", "z", 12345, "COUNT", 1)
    assert (cursor, couples(found)) == (b"0", small)
    door.do("ZADD", "z", *(word for i in range(100, 2000) for word in (i, f"m{i}")))
    assert door.do("ZSCAN", "z", 0)[0] != b"0"
    found = couples(door.scan_all("COUNT", 50, command=("ZSCAN", "z")))
    assert dict(found) == {b"m%d" % i: float(i) for i in range(2000)}
    some = door.scan_all("MATCH", "m7?", command=("ZSCAN", "z"))
    assert set(some[::2]) == {b"m%d" % i for i in range(70, 80)}
    assert door.refused("ZSCAN", "z", 0, "NOVALUES") == "ERR NOVALUES option can only be used in HSCAN"
    assert door.refused("ZSCAN", "missing", "x") == "ERR invalid cursor"
    assert door.do("ZSCAN", "missing", 0, "nonsense") == [b"0", []]


def test_zscan_without_scores(door):
    door.do("ZADD", "z", 1, "a", 2, "b")
    assert door.do("ZSCAN", "z", 0, "noscores") == [b"0", [b"a", b"b"]]
    assert door.do("ZSCAN", "z", 0, "NOSCORES", "MATCH", "b") == [b"0", [b"b"]]
    door.do("SADD", "s", "a")
    assert door.refused("SSCAN", "s", 0, "NOSCORES") == "ERR NOSCORES option can only be used in ZSCAN"
    assert door.refused("SCAN", 0, "NOSCORES") == "ERR NOSCORES option can only be used in ZSCAN"


def test_zscan_shows_scores_as_they_are_held(zset_of):
    door = zset_of("0.1", "a", "1e17", "b", "-0", "c")
    found = door.do("ZSCAN", "z", 0)[1]
    shown = dict(zip(found[::2], found[1::2], strict=True))
    if encoding(door) == b"listpack":
        assert shown == {b"a": b"0.1", b"b": b"100000000000000000", b"c": b"0"}
    else:
        assert shown == {b"a": b"0.10000000000000001", b"b": b"1e+17", b"c": b"-0"}


# ---- encodings ----

def test_encoding_by_number_of_members(door):
    door.do("ZADD", "z", *(word for i in range(128) for word in (i, i)))
    assert encoding(door) == b"listpack"
    door.do("ZADD", "z", 1000, 5)
    assert encoding(door) == b"listpack"
    door.do("ZADD", "z", 1, "one more")
    assert encoding(door) == b"skiplist"
    door.do("ZREMRANGEBYRANK", "z", 5, -1)
    assert encoding(door) == b"skiplist"
    door.do("ZADD", "same", *([1, "m"] * 129))
    assert (encoding(door, "same"), door.do("ZCARD", "same")) == (b"skiplist", 1)


def test_encoding_by_size(door):
    door.do("ZADD", "z", 1, b"x" * 64)
    assert encoding(door) == b"listpack"
    door.do("ZADD", "z", "XX", 1, LONG)
    assert (encoding(door), door.do("ZCARD", "z")) == (b"skiplist", 1)
    door.do("ZINCRBY", "other", 1, LONG)
    assert encoding(door, "other") == b"skiplist"


def test_minus_zero(zset_of):
    door = zset_of("-0", "a", 0, "b")
    if door.kind == "resp2":
        assert door.do("ZSCORE", "z", "a") == (b"-0" if encoding(door) == b"skiplist" else b"0")
    assert door.do("ZADD", "z", "CH", 0, "a", "-0", "b") == 0
    assert [member for member, _ in all_of(door)] == [b"a", b"b"]


def test_memory_and_copies(zset_of):
    door = zset_of(*(word for i in range(50) for word in (i, f"member {i}")))
    assert door.do("COPY", "z", "copy") == 1
    door.do("ZADD", "z", 1, "only here")
    assert door.do("ZCARD", "copy") == 50
    assert all_of(door, "copy") == [(b"member %d" % i, i) for i in range(50)]
    used = door.do("MEMORY", "USAGE", "copy", "SAMPLES", 0)
    before = door.stats()["heap_used"]
    door.do("DEL", "copy")
    assert abs(before - door.stats()["heap_used"] - used) < 100


def test_a_large_set_is_freed_in_slices(door):
    before = door.stats()["heap_used"]
    for key in ("z", "y"):
        door.do("ZADD", key, *(word for i in range(5000) for word in (i % 77, f"m{i}")))
    door.do("HSET", "h", *(word for i in range(5000) for word in (f"m{i}", i)))
    assert door.do("UNLINK", "z", "h") == 2
    assert len(couples(door.do("ZPOPMIN", "y", 5000))) == 5000
    door.store.engine.lock()
    while door.store.engine.cron(10_000):
        pass
    door.store.engine.unlock()
    assert door.stats()["lazy_pending"] == 0
    assert door.stats()["heap_used"] <= before + 4096                # the table's first segment may stay


# ---- refused memory ----

def filled():
    store = cydis.Store(seed=b"0123456789abcdef")
    small = [word for i in range(20) for word in (i, f"m{i}")]
    store.execute("ZADD", "small", *small)
    store.execute("ZADD", "large", 1, LONG, *small)
    store.execute("ZADD", "full", *(word for i in range(128) for word in (i, i)))
    return store


def picture(store):
    """All that clients could see."""
    return {key: (store.execute("ZRANGE", key, 0, -1, "WITHSCORES"), store.execute("ZSCORE", key, "m1"))
            for key in store.execute("KEYS", "*")}


@pytest.mark.parametrize("command", [
    ("ZADD", "small", 1, "new"), ("ZADD", "small", 1.25, "m1"), ("ZADD", "small", 100, "m1"),
    ("ZADD", "small", 1, LONG),
    ("ZADD", "full", 1, "one more"), ("ZADD", "large", 1, "new"), ("ZADD", "large", 100, "m1"),
    ("ZADD", "new", 1, "a"),
    ("ZADD", "new", 1, LONG), ("ZINCRBY", "small", 0.125, "m1"), ("ZINCRBY", "new", 1, "a"),
    ("ZREM", "small", "m1"),
    ("ZREM", "large", "m1"), ("ZPOPMIN", "small"), ("ZPOPMIN", "small", 15), ("ZPOPMAX", "large", 15),
    ("ZREMRANGEBYRANK", "small", 5, 15), ("ZREMRANGEBYSCORE", "large", 3, 9), ("COPY", "small", "new"),
    ("COPY", "large", "new"), ("ZRANDMEMBER", "large", 3), ("ZRANGE", "large", 0, -1),
], ids=lambda command: " ".join(str(word)[:10] for word in command))
def test_a_refused_command_changes_nothing_and_loses_nothing(command):
    check_refusals(filled, command, picture)


# ---- beside sortedcontainers ----

MEMBERS = st.one_of(st.integers(0, 40).map(lambda i: b"m%d" % i),
                    st.integers(-60, 60).map(lambda i: b"%d" % i),
                    st.sampled_from([b"", b"\x00", b"x" * 64, b"x" * 65, b"y" * 300]))
SHORT = MEMBERS.filter(lambda member: len(member) <= 64)
SCORES = st.one_of(st.integers(-5, 5).map(float), st.floats(allow_nan=False),
                   st.sampled_from([math.inf, -math.inf]))


class ZsetBesideModel(RuleBasedStateMachine):
    """A sorted set of one Store, and a dict with a SortedList, are told the same things and say the same."""

    @initialize(long=st.booleans(), entries=st.sampled_from([0, 8, 128]))
    def start(self, long, entries):
        self.store, self.scores, self.order = cydis.Store(), {}, SortedList()
        self.store.execute("CONFIG", "SET", "zset-max-listpack-entries", entries)
        self.members = MEMBERS if long else SHORT

    def do(self, name, *arguments):
        return self.store.execute(name, "z", *arguments)

    def put(self, member, score):
        if member in self.scores:
            self.order.remove((self.scores[member], member))
        self.scores[member] = score
        self.order.add((score, member))

    def drop(self, member):
        self.order.remove((self.scores.pop(member), member))

    def shown(self, pairs):
        return [[member, score] for score, member in pairs]

    @rule(data=st.data(), scores=st.lists(SCORES, min_size=1, max_size=30),
          condition=st.sampled_from([None, None, "NX", "XX", "GT", "LT"]))
    def add(self, data, scores, condition):
        added = updated = 0
        pairs = [(score, data.draw(self.members)) for score in scores]
        for score, member in pairs:
            old = self.scores.get(member)
            if old is None:
                if condition != "XX":
                    self.put(member, score)
                    added += 1
            elif condition != "NX" and score != old and not (condition == "GT" and score < old) and not (
                    condition == "LT" and score > old):
                self.put(member, score)
                updated += 1
        options = ["CH"] if condition is None else ["CH", condition]
        assert self.do("ZADD", *options, *(word for pair in pairs for word in pair)) == added + updated

    @rule(data=st.data(), step=SCORES)
    def increment(self, data, step):
        member = data.draw(self.members)
        score = self.scores.get(member, 0.0) + step
        if math.isnan(score):
            with pytest.raises(cydis.CommandError, match="NaN"):
                self.do("ZINCRBY", step, member)
        else:
            assert self.do("ZINCRBY", step, member) == score
            self.put(member, score)

    @rule(members=st.lists(MEMBERS, min_size=1, max_size=20))
    def remove(self, members):
        there = {member for member in members if member in self.scores}
        for member in there:
            self.drop(member)
        assert self.do("ZREM", *members) == len(there)

    @rule(member=MEMBERS)
    def look(self, member):
        score = self.scores.get(member)
        rank = None if score is None else self.order.index((score, member))
        assert self.do("ZSCORE", member) == score
        assert self.do("ZRANK", member) == rank
        assert self.do("ZREVRANK", member) == (None if rank is None else len(self.order) - 1 - rank)

    @rule(count=st.integers(0, 30), back=st.booleans())
    def pop(self, count, back):
        taken = (list(self.order)[::-1] if back else list(self.order))[:count]
        assert self.do("ZPOPMAX" if back else "ZPOPMIN", count) == self.shown(taken)
        for _, member in taken:
            self.drop(member)

    @rule(start=st.integers(-60, 60), stop=st.integers(-60, 60), remove=st.booleans())
    def by_rank(self, start, stop, remove):
        whole = list(self.order)
        first = max(0, start + len(whole)) if start < 0 else start
        behind = max(0, stop + len(whole) + 1) if stop < 0 else stop + 1
        found = whole[first:behind]
        assert self.do("ZRANGE", start, stop, "WITHSCORES") == self.shown(found)
        assert self.do("ZRANGE", start, stop, "WITHSCORES", "REV") == self.shown(whole[::-1][first:behind])
        if remove:
            assert self.do("ZREMRANGEBYRANK", start, stop) == len(found)
            for _, member in found:
                self.drop(member)

    @rule(low=SCORES, high=SCORES, open_low=st.booleans(), open_high=st.booleans(), remove=st.booleans(),
          offset=st.integers(0, 4), count=st.integers(-1, 9))
    def by_score(self, low, high, open_low, open_high, remove, offset, count):
        found = [(score, member) for score, member in self.order
                 if low <= score <= high and not (open_low and score == low)
                 and not (open_high and score == high)]
        ends = ["(" * open_low + repr(low), "(" * open_high + repr(high)]
        until = None if count < 0 else offset + count
        assert self.do("ZCOUNT", *ends) == len(found)
        options = ["BYSCORE", "WITHSCORES", "LIMIT", offset, count]
        assert self.do("ZRANGE", *ends, *options) == self.shown(found[offset:until])
        assert self.do("ZRANGE", *ends[::-1], "REV", *options) == self.shown(found[::-1][offset:until])
        if remove:
            assert self.do("ZREMRANGEBYSCORE", *ends) == len(found)
            for _, member in found:
                self.drop(member)

    @precondition(lambda self: self.scores)
    @rule(count=st.integers(-40, 60))
    def random(self, count):
        found = self.do("ZRANDMEMBER", count, "WITHSCORES")
        assert len(found) == (min(count, len(self.scores)) if count > 0 else -count)
        assert all(self.scores[member] == score for member, score in found)

    @rule()
    def copy(self):
        assert self.store.execute("COPY", "z", "copy") == bool(self.scores)
        assert self.store.execute("ZRANGE", "copy", 0, -1, "WITHSCORES") == self.shown(self.order)
        self.store.execute("RENAME" if self.scores else "DEL", "copy", "z")

    @invariant()
    def same(self):
        if hasattr(self, "scores"):
            assert self.do("ZRANGE", 0, -1, "WITHSCORES") == self.shown(self.order)
            assert self.do("ZCARD") == len(self.scores)
            assert self.store.execute("EXISTS", "z") == bool(self.scores)


TestZsetBesideModel = ZsetBesideModel.TestCase
TestZsetBesideModel.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
