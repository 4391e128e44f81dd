"""What clones get wrong, point by point: lists (30 to 32, 37, 38), sets, hashes, sorted sets (40 to 47, 51, 52).

See test_semantics_strings_keys.py.
"""
import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE, Failed
from semantics import valkey_or_own_door
from wire_client import NULL, NULL_ARRAY, NULL_BULK

door = pytest.fixture(params=["resp2", "resp3", "execute", "valkey2", "valkey3"])(valkey_or_own_door)

INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
NOT_POSITIVE = "ERR value is out of range, must be positive"
LOWEST = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"


def numbered(count):
    return [f"m{i:04}" for i in range(count)]


def scored(members, score=1):
    return [word for member in members for word in (score, member)]


def valued(fields):
    return [word for field in fields for word in (field, 1)]


# ---- lists ----

def test_point_30_pops_of_nothing(door):
    door.do("RPUSH", "l", "a")
    assert door.do("LPOP", "l", 0) == [] and door.do("LPOP", "none", 0) is None
    assert door.refused("LPOP", "l", -1) == NOT_POSITIVE
    assert door.do("LPOP", "l") == b"a" and door.do("EXISTS", "l") == 0


def test_point_31_lpos(door):
    door.do("RPUSH", "l", *"abcab")
    assert door.refused("LPOS", "l", "a", "RANK", 0).startswith("ERR RANK can't be zero")
    assert door.do("LPOS", "l", "a", "RANK", -1) == 3
    assert door.do("LPOS", "l", "a", "COUNT", 0) == [0, 3]
    assert door.do("LPOS", "l", "x") is None and door.do("LPOS", "l", "x", "COUNT", 1) == []
    assert isinstance(door.do("LPOS", "l", "a", "RANK", INT64_MIN), Failed)


def test_point_32_lmpop_linsert_lset(door):
    assert door.refused("LMPOP", 0, "l", "LEFT") == "ERR numkeys should be greater than 0"
    assert door.refused("LMPOP", 1, "l", "LEFT", "COUNT", 0) == "ERR count should be greater than 0"
    assert door.do("LINSERT", "l", "BEFORE", "a", "b") == 0
    assert door.refused("LSET", "l", 0, "x") == "ERR no such key"
    door.do("RPUSH", "l", "a")
    assert door.do("LINSERT", "l", "BEFORE", "x", "b") == -1
    assert door.refused("LSET", "l", 5, "x") == "ERR index out of range"


def test_point_38_timeouts_and_nulls(door):
    door.do("RPUSH", "l", "a")
    for timeout, text in [("-1", "is negative"), ("nan", "is not a float or out of range"),
                          ("inf", "is out of range"), ("1e16", "is out of range")]:
        for words in (["BLPOP", "l", timeout], ["BLMOVE", "l", "m", "LEFT", "LEFT", timeout],
                      ["BLMPOP", timeout, 1, "l", "LEFT"]):
            assert door.refused(*words) == f"ERR timeout {text}"
    if door.client is None:
        return
    array, bulk = (NULL, NULL) if door.kind.endswith("3") else (NULL_ARRAY, NULL_BULK)
    for words in ("BLPOP n 0.01", "BLMOVE n m LEFT LEFT 0.01", "BRPOPLPUSH n m 0.01", "BLMPOP 0.01 1 n LEFT",
                  "LMPOP 1 n LEFT", "LPOP n 1"):
        assert door.client.call(*words.split()) == array, words
    for words in ("LPOP n", "SET n v XX", "LPOS n a", "ZADD n XX INCR 1 a"):
        assert door.client.call(*words.split()) == bulk, words


# ---- sets ----

def test_point_40_sintercard(door):
    door.do("SADD", "s", "a", "b", "c")
    door.do("SADD", "t", "b", "c", "d")
    assert door.do("SINTERCARD", 2, "s", "t") == door.do("SINTERCARD", 2, "s", "t", "LIMIT", 0) == 2
    assert door.do("SINTERCARD", 2, "s", "t", "LIMIT", 1) == 1
    assert door.refused("SINTERCARD", 2, "s", "t", "LIMIT", -1) == "ERR LIMIT can't be negative"
    assert door.refused("SINTERCARD", 0, "s") == "ERR numkeys should be greater than 0"
    assert door.refused("SINTERCARD", 3, "s", "t") == "ERR Number of keys can't be greater than number of args"


def test_point_41_counts_of_draws(door):
    door.do("SADD", "s", *"abc")
    door.do("HSET", "h", *"aabbcc")
    assert len(door.do("SRANDMEMBER", "s", -10)) == len(door.do("HRANDFIELD", "h", -10)) == 10
    for words in (["SRANDMEMBER", "s", 10], ["HRANDFIELD", "h", 10]):
        assert sorted(door.do(*words)) == [b"a", b"b", b"c"]
    assert door.refused("HRANDFIELD", "h", INT64_MIN, "WITHVALUES") == LOWEST
    assert door.refused("SPOP", "s", -1) == NOT_POSITIVE
    for command in ("SRANDMEMBER", "HRANDFIELD", "SPOP"):
        assert door.do(command, "none") is None
        assert not door.do(command, "none", 3) and door.do(command, "none", 3) is not None


# ---- sorted sets ----

def test_point_42_zadd(door):
    incompatible = "ERR GT, LT, and/or NX options at the same time are not compatible"
    for options in ("GT LT", "NX GT", "NX LT"):
        assert door.refused("ZADD", "z", *options.split(), 1, "a") == incompatible
    assert door.refused("ZADD", "z", "NX", "XX", 1, "a") == "ERR XX and NX options at the same time are not compatible"
    assert door.do("ZADD", "z", "GT", 5, "a") == 1
    assert door.do("ZADD", "z", "GT", "CH", 3, "a", 1, "b") == 1
    assert door.do("ZADD", "z", "LT", "CH", 3, "a", 9, "b") == 1
    assert door.refused("ZADD", "z", "INCR", 1, "a", 2, "b") == (
        "ERR INCR option supports a single increment-element pair")
    assert door.do("ZADD", "z", "NX", "INCR", 1, "a") is None
    assert door.refused("ZADD", "z", "nan", "a") == "ERR value is not a valid float"
    door.do("ZADD", "z", "inf", "top")
    assert door.refused("ZINCRBY", "z", "-inf", "top") == "ERR resulting score is not a number (NaN)"


def test_point_43_zrange(door):
    door.do("ZADD", "z", 1, "a", 2, "b", 3, "c")
    assert door.do("ZRANGE", "z", 3, 2, "BYSCORE", "REV") == [b"c", b"b"]
    assert door.do("ZRANGE", "z", 0, 1, "REV") == [b"c", b"b"]
    assert door.refused("ZRANGE", "z", 0, 1, "LIMIT", 0, 1).startswith("ERR syntax error, LIMIT is only supported")
    assert door.do("ZRANGE", "z", 1, 3, "BYSCORE", "LIMIT", -1, 2) == []
    assert door.do("ZRANGE", "z", 1, 3, "BYSCORE", "LIMIT", 1, -7) == [b"b", b"c"]
    assert door.refused("ZRANGE", "z", "-", "+", "BYLEX", "WITHSCORES").startswith(
        "ERR syntax error, WITHSCORES not supported in combination with BYLEX")


def test_point_44_equal_scores_are_in_order_of_bytes(door):
    members = [b"", b"\x00", b"A", b"B", b"a", b"a\x00", b"aa", b"\x7f", b"\x80", b"\xff"]
    door.do("ZADD", "z", *scored(members[::-1]))
    assert door.do("ZRANGE", "z", 0, -1) == sorted(members)
    assert door.do("ZRANGE", "z", "[a", "(\x7f", "BYLEX") == [b"a", b"a\x00", b"aa"]


def test_point_45_nothing_of_sorted_sets(door):
    door.do("ZADD", "z", 1, "a")
    assert door.do("ZMSCORE", "none", "a", "b") == [None, None]
    assert door.do("ZPOPMIN", "z", 0) == []
    assert door.refused("ZPOPMIN", "z", -1) == NOT_POSITIVE
    if door.client is not None:
        wanted = NULL if door.kind.endswith("3") else NULL_ARRAY
        assert door.client.call("ZRANK", "z", "x", "WITHSCORE") == wanted


def test_point_46_shapes_of_zpopmin(door):
    door.do("ZADD", "z", 1, "a", 2, "b")
    assert door.do("ZPOPMIN", "z") in ([b"a", 1.0], [b"a", b"1"])
    assert door.do("ZPOPMIN", "z", 1) in ([[b"b", 2.0]], [b"b", b"2"])


def test_point_47_sort(door):
    door.do("RPUSH", "l", 3, 1, 2)
    door.do("ZADD", "z", 1, "b", 2, "a")
    door.do("HSET", "h1", "f", "x")
    assert door.do("SORT", "l", "LIMIT", -5, 2) == [b"1", b"2"]
    assert door.do("SORT", "l", "GET", "#", "GET", "h*->f") == [b"1", b"x", b"2", None, b"3", None]
    assert door.do("SORT", "z", "BY", "nosort", "DESC") == [b"a", b"b"]
    assert door.refused("SORT", "z") == "ERR One or more scores can't be converted into double"
    assert door.do("SORT", "l", "GET", "h*->f", "STORE", "d") == 3
    assert door.do("LRANGE", "d", 0, -1) == [b"x", b"", b""]
    assert door.do("SORT", "none", "STORE", "d") == 0 and door.do("EXISTS", "d") == 0


# ---- encodings ----

ENCODINGS = [
    # command, arguments, encoding
    ("SET", [1], "int"), ("SET", [INT64_MAX], "int"), ("SET", [INT64_MIN], "int"), ("SET", [INT64_MAX + 1], "embstr"),
    ("SET", ["01"], "embstr"), ("SET", [""], "embstr"), ("SET", ["x" * 65], "embstr"), ("SET", ["x" * 150], "raw"),
    ("APPEND", [1], "int"), ("SETRANGE", [1, "a"], "raw"), ("INCRBYFLOAT", ["1.5"], "embstr"),
    ("SADD", range(512), "intset"), ("SADD", range(513), "hashtable"), ("SADD", ["a"], "listpack"),
    ("SADD", numbered(128), "listpack"), ("SADD", numbered(129), "hashtable"), ("SADD", ["x" * 64], "listpack"),
    ("SADD", ["x" * 65], "hashtable"), ("SADD", [*range(100), "a"], "listpack"),
    ("SADD", [*range(200), "a"], "hashtable"),
    ("HSET", valued(numbered(512)), "listpack"), ("HSET", valued(numbered(513)), "hashtable"),
    ("HSET", ["f", "x" * 64], "listpack"), ("HSET", ["f", "x" * 65], "hashtable"),
    ("HSET", ["x" * 65, "v"], "hashtable"),
    ("ZADD", scored(numbered(128)), "listpack"), ("ZADD", scored(numbered(129)), "skiplist"),
    ("ZADD", [1, "x" * 64], "listpack"), ("ZADD", [1, "x" * 65], "skiplist"),
    ("RPUSH", ["a"], "listpack"), ("RPUSH", ["x" * 8000], "listpack"), ("RPUSH", ["x" * 100] * 90, "quicklist"),
]


@pytest.mark.parametrize("command, words, encoding", ENCODINGS, ids=lambda value: str(value)[:16])
def test_point_51_names_of_encodings(door, command, words, encoding):
    door.do(command, "k", *words)
    assert door.do("OBJECT", "ENCODING", "k") == encoding.encode()


def test_point_51_only_lists_convert_back(door):
    door.do("SADD", "s", *numbered(129))
    door.do("SREM", "s", *numbered(129)[1:])
    door.do("ZADD", "z", *scored(numbered(129)))
    door.do("ZREM", "z", *numbered(129)[1:])
    door.do("RPUSH", "l", *["x" * 100] * 90)
    door.do("LTRIM", "l", 0, 1)
    assert [door.do("OBJECT", "ENCODING", key) for key in "szl"] == [b"hashtable", b"skiplist", b"listpack"]


def test_point_52_hmset_and_hincrby(door):
    assert door.do("HMSET", "h", "f", 1, "g", "text") == b"OK"
    assert door.do("HSET", "h", "f", 2, "new", 1) == 1
    assert door.refused("HINCRBY", "h", "g", 1) == "ERR hash value is not an integer"
    assert door.refused("HINCRBY", "h", "f", "x") == NOT_AN_INTEGER
    assert door.refused("HMSET", "h", "f").startswith("ERR wrong number of arguments")
    door.do("SET", "s", "v")
    assert door.refused("HSET", "s", "f", 1) == WRONGTYPE
    assert door.refused("HSCAN", "h", 0, "JUNK") == SYNTAX
