"""What clones get wrong, point by point: bits (15, 16), stored ranges and unions (43, 46), field expiry (48 to 50).

See test_semantics_strings_keys.py.
"""
import pytest
from doors import SYNTAX, Door, Failed
from semantics import GONE_BY, LIFE, later, valkey_or_own_door

door = pytest.fixture(params=["resp2", "resp3", "execute", "valkey2", "valkey3"])(valkey_or_own_door)


# ---- bits ----

def test_point_15_bitfield(door):
    assert door.refused("BITFIELD", "k", "GET", "u64", 0).startswith("ERR Invalid bitfield type. Use something")
    assert door.do("BITFIELD", "k", "SET", "u8", "#1", 255, "GET", "u8", 8) == [0, 255]
    assert door.do("BITFIELD", "k", "SET", "u8", "#1", 300, "GET", "u8", "#1") == [255, 44]
    assert door.do("BITFIELD", "k", "INCRBY", "u8", 8, 250, "OVERFLOW", "SAT", "INCRBY", "u8", 8, 250) == [38, 255]
    assert door.do("BITFIELD", "k", "OVERFLOW", "FAIL", "INCRBY", "u8", 8, 1) == [None]
    assert door.do("BITFIELD", "new", "OVERFLOW", "FAIL", "INCRBY", "u2", 0, 9) == [None]
    assert door.do("EXISTS", "new") == 1                              # an operation that fails has made its key
    assert door.do("BITFIELD", "k", "OVERFLOW", "FAIL") == []
    assert door.do("BITFIELD_RO", "k", "GET", "u8", 8) == [255]
    assert door.refused("BITFIELD_RO", "k", "SET", "u8", 0, 1).startswith("ERR BITFIELD_RO only supports the GET")


def test_point_16_bitpos_bitcount_setbit_bitop(door):
    door.do("SET", "k", b"\xff\xff")
    assert door.do("BITPOS", "k", 0) == door.do("BITPOS", "k", 0, 0) == 16
    assert door.do("BITPOS", "k", 0, 0, -1) == -1
    assert door.do("BITPOS", "none", 1) == -1 and door.do("BITPOS", "none", 0) == 0
    assert door.do("BITCOUNT", "k", 0) == 16 and door.do("BITCOUNT", "k", 1) == 8
    assert door.refused("SETBIT", "k", 2**32, 1) == "ERR bit offset is not an integer or out of range"
    door.do("SET", "d", "text")
    assert door.do("BITOP", "AND", "d", "none", "nothing") == 0
    assert door.do("EXISTS", "d") == 0


def test_point_06_bitop_loses_the_expiry_and_setbit_keeps_it(door):
    door.do("SET", "k", "a", "EX", 100)
    door.do("SETBIT", "k", 7, 1)
    assert door.do("TTL", "k") in (99, 100)
    door.do("BITOP", "NOT", "k", "k")
    assert door.do("TTL", "k") == -1


# ---- sorted sets ----

def test_point_43_zrangestore_keeps_the_natural_order(door):
    door.do("ZADD", "z", 1, "a", 2, "b", 3, "c")
    assert door.do("ZRANGESTORE", "d", "z", 0, 1, "REV") == 2
    assert door.do("ZRANGE", "d", 0, -1) == [b"b", b"c"]
    assert door.do("ZRANGESTORE", "d", "none", 0, -1) == 0
    assert door.do("EXISTS", "d") == 0


def test_point_46_zero_times_infinity_is_zero(door):
    door.do("ZADD", "z", 0, "a")
    reply = door.do("ZUNION", 1, "z", "WEIGHTS", "inf", "WITHSCORES")
    assert reply in ([b"a", b"0"], [[b"a", 0.0]])


def test_point_41_zrandmember(door):
    door.do("ZADD", "z", 1, "a", 2, "b")
    assert len(door.do("ZRANDMEMBER", "z", -7)) == 7
    assert sorted(door.do("ZRANDMEMBER", "z", 7)) == [b"a", b"b"]
    assert isinstance(door.do("ZRANDMEMBER", "z", -(2**63), "WITHSCORES"), Failed)
    assert door.do("ZRANDMEMBER", "none") is None and door.do("ZRANDMEMBER", "none", 1) == []


# ---- fields that expire ----

def test_point_48_codes_of_field_expiry(door):
    assert door.do("HEXPIRE", "none", 10, "FIELDS", 1, "f") == [-2]
    door.do("HSET", "h", "f", "v", "g", "w", "n", 5)
    assert door.do("HEXPIRE", "h", 100, "FIELDS", 2, "f", "x") == [1, -2]
    assert door.do("HEXPIRE", "h", 100, "NX", "FIELDS", 1, "f") == [0]
    assert door.do("HTTL", "h", "FIELDS", 2, "g", "x") == [-1, -2]
    door.do("HSET", "h", "f", "again")
    assert door.do("HTTL", "h", "FIELDS", 1, "f") == [-1]
    door.do("HEXPIRE", "h", 100, "FIELDS", 1, "n")
    door.do("HINCRBY", "h", "n", 1)
    assert door.do("HTTL", "h", "FIELDS", 1, "n") in ([99], [100])
    assert door.do("HEXPIRE", "h", 0, "FIELDS", 1, "f") == [2]
    assert door.do("HEXISTS", "h", "f") == 0
    assert isinstance(door.do("HEXPIRE", "h", -1, "FIELDS", 1, "g"), Failed)
    assert door.do("HEXPIRE", "h", 0, "FIELDS", 2, "g", "n") == [2, 2]
    assert door.do("EXISTS", "h") == 0


def test_point_49_expired_fields_are_hidden(door):
    door.do("HSET", "h", "f", "v", "g", "w")
    door.do("HPEXPIRE", "h", LIFE, "FIELDS", 1, "f")
    assert door.do("OBJECT", "ENCODING", "h") == b"hashtable"
    later(door, GONE_BY)
    assert door.do("HGET", "h", "f") is None and door.do("HEXISTS", "h", "f") == 0
    assert Door.pairs(door.do("HGETALL", "h")) == {b"g": b"w"}
    assert door.do("HRANDFIELD", "h", 5) == [b"g"] and door.do("HSCAN", "h", 0)[1] == [b"g", b"w"]
    assert door.do("HLEN", "h") in (1, 2)                             # until somebody removes it


def test_point_50_hsetex_hgetdel_hgetex(door):
    door.do("HSET", "h", "f", "v")
    assert door.do("HSETEX", "h", "FNX", "FIELDS", 2, "f", "x", "g", "y") == 0
    assert door.do("HGET", "h", "g") is None
    assert door.do("HSETEX", "h", "FXX", "FIELDS", 2, "f", "x", "g", "y") == 0
    assert door.do("HSETEX", "h", "FXX", "EX", 100, "FIELDS", 1, "f", "x") == 1
    assert door.do("HTTL", "h", "FIELDS", 1, "f") in ([99], [100])
    assert door.do("HSETEX", "h", "NX", "FIELDS", 1, "f", "z") == 0
    assert door.do("HGETEX", "h", "PERSIST", "FIELDS", 2, "f", "none") == [b"x", None]
    assert door.do("HTTL", "h", "FIELDS", 1, "f") == [-1]
    assert door.do("HGETDEL", "h", "FIELDS", 2, "f", "none") == [b"x", None]
    assert door.do("EXISTS", "h") == 0
    assert door.do("HSETEX", "h", "FIELDS", 1, "f") == Failed(SYNTAX) or isinstance(
        door.do("HSETEX", "h", "FIELDS", 1, "f"), Failed)
