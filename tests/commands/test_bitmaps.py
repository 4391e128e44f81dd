"""Examples of the bitmap commands, through every door. The replies are those of Valkey 9.1."""
import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE, Failed

NOW = 1_800_000_000_000
BAD_PLACE = "ERR bit offset is not an integer or out of range"
BAD_BIT = "ERR bit is not an integer or out of range"
BAD_FIELD = ("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)


def encoding(door, key):
    return door.do("OBJECT", "ENCODING", key)


# ---- SETBIT, GETBIT ----

def test_setbit_and_getbit(door):
    assert door.do("GETBIT", "k", 4_294_967_295) == 0
    assert door.do("SETBIT", "k", 7, 1) == 0
    assert door.do("SETBIT", "k", 7, 1) == 1
    assert door.do("GET", "k") == b"\x01"
    assert door.do("SETBIT", "k", 20, 0) == 0                       # lengthens even with a zero
    assert door.do("GET", "k") == b"\x01\x00\x00"
    assert [door.do("GETBIT", "k", place) for place in (6, 7, 8, 24, 4_294_967_295)] == [0, 1, 0, 0, 0]
    assert door.do("SETBIT", "k", 7, 0) == 1
    assert door.do("GET", "k") == b"\x00\x00\x00"


def test_places_and_bits_that_are_none(door):
    for place in (-1, "abc", "", "01", "+1", "#1", 4_294_967_296, 2**63, "1.5"):
        assert door.refused("SETBIT", "k", place, 1) == BAD_PLACE
        assert door.refused("GETBIT", "k", place) == BAD_PLACE
    for bit in (2, -1, "x", "", "01", 2**32):
        assert door.refused("SETBIT", "k", 1, bit) == BAD_BIT
    assert door.refused("SETBIT", "k", "abc", 2) == BAD_PLACE       # the place is read first
    assert door.do("EXISTS", "k") == 0


def test_places_end_where_strings_do(door):
    door.store.engine.set_setting("proto-max-bulk-len", 1 << 20)
    assert door.do("SETBIT", "k", (1 << 23) - 1, 1) == 0
    assert door.do("STRLEN", "k") == 1 << 20
    assert door.refused("SETBIT", "k", 1 << 23, 1) == BAD_PLACE
    assert door.refused("GETBIT", "k", 1 << 23) == BAD_PLACE
    assert door.do("BITFIELD", "k", "SET", "u8", (1 << 23) - 1, 255) == [128]
    assert door.do("STRLEN", "k") == (1 << 20) + 1                  # a field may reach over the limit


@pytest.mark.parametrize(("value", "before"), [
    (b"10", b"int"), (b"hello", b"embstr"), (b"x" * 300, b"raw"), (b"x" * 5000, b"raw"),
])
def test_what_was_written_to_is_raw(door, value, before):
    for place, bit in ((0, 0), (1, value[0] >> 6 & 1), (9, 1), (9, 0), (len(value) * 8 + 3, 1)):
        door.do("SET", "k", value)
        assert encoding(door, "k") == before
        there = (value + b"\0")[place // 8] >> 7 - place % 8 & 1
        assert door.do("GETBIT", "k", place) == there
        assert encoding(door, "k") == before
        door.do("SETBIT", "k", place, bit)
        assert encoding(door, "k") == b"raw"
        wanted = bytearray(value + b"\0" * (place // 8 >= len(value)))
        wanted[place // 8] = wanted[place // 8] & ~(128 >> place % 8) | bit << 7 - place % 8
        assert door.do("GET", "k") == bytes(wanted)


def test_setbit_keeps_the_expiry(door):
    door.freeze(NOW)
    door.do("SET", "k", "7", "EX", 100)
    door.do("SETBIT", "k", 1, 1)
    door.do("SETBIT", "k", 100, 1)
    door.do("BITFIELD", "k", "SET", "u8", 200, 1)
    assert door.do("PTTL", "k") == 100_000


# ---- BITCOUNT, BITPOS ----

def test_bitcount(door):
    assert door.do("BITCOUNT", "missing") == 0
    door.do("SET", "k", "foobar")
    assert door.do("BITCOUNT", "k") == 26
    for range_, count in (("0", 26), ("1", 22), ("0 0", 4), ("1 1", 6), ("1 1 BYTE", 6), ("5 30 BIT", 17),
                          ("-2 -1 bit", 1), ("-1 -2", 0), ("4 1", 0), ("100 200", 0), ("-10 -20", 0), ("-20 -10", 4),
                          (f"{INT64_MIN} {INT64_MAX}", 26), (f"{INT64_MIN} {INT64_MAX} BIT", 26), ("0 -1 BIT", 26)):
        assert door.do("BITCOUNT", "k", *range_.split()) == count, range_
    door.do("SET", "n", 10)
    assert door.do("BITCOUNT", "n") == 5


def test_bitcount_refuses(door):
    door.do("RPUSH", "l", "a")
    door.do("SET", "k", "v")
    assert door.refused("BITCOUNT", "l") == WRONGTYPE
    for key in ("l", "k", "missing"):                               # arguments are read before the key
        assert door.refused("BITCOUNT", key, "x") == NOT_AN_INTEGER
        assert door.refused("BITCOUNT", key, 0, "x") == NOT_AN_INTEGER
        assert door.refused("BITCOUNT", key, 0, 1, "foo") == SYNTAX
        assert door.refused("BITCOUNT", key, 0, "x", "foo") == SYNTAX
        assert door.refused("BITCOUNT", key, "x", 1, "foo") == NOT_AN_INTEGER
        assert door.refused("BITCOUNT", key, "x", 1, "BIT", "y") == SYNTAX


def test_bitpos(door):
    door.do("SET", "k", b"\x00\x0f\xff")
    for arguments, place in (("1", 12), ("0", 0), ("0 1", 8), ("0 2", 24), ("0 2 -1", -1), ("1 0 0", -1), ("1 2", 16),
                             ("1 -1", 16), ("1 9", -1), ("0 9", -1), ("1 13 -1 BIT", 13), ("0 13 -1 BIT", -1),
                             ("0 4 11 bit", 4), ("1 4 11 bit", -1), ("1 2 1", -1), ("0 -20 -10", 0),
                             ("0 -10 -20", 0), (f"1 {INT64_MIN} {INT64_MAX} BIT", 12)):
        assert door.do("BITPOS", "k", *arguments.split()) == place, arguments
    door.do("SET", "ones", b"\xff" * 100)
    assert door.do("BITPOS", "ones", 0) == 800
    assert door.do("BITPOS", "ones", 0, 50) == 800
    assert door.do("BITPOS", "ones", 0, 0, -1) == -1
    assert door.do("BITPOS", "ones", 0, 100) == -1


def test_bitpos_of_nothing(door):
    assert door.do("BITPOS", "missing", 1) == -1
    assert door.do("BITPOS", "missing", 0) == 0
    assert door.do("BITPOS", "missing", 0, 5, 2) == 0
    door.do("SET", "empty", "")
    assert door.do("BITPOS", "empty", 0) == -1
    assert door.do("BITPOS", "empty", 1) == -1
    assert door.do("BITCOUNT", "empty") == 0


def test_bitpos_refuses(door):
    door.do("RPUSH", "l", "a")
    door.do("SET", "k", "v")
    assert door.refused("BITPOS", "l", 1) == WRONGTYPE
    for key in ("l", "k", "missing"):
        assert door.refused("BITPOS", key, "x") == NOT_AN_INTEGER
        for bit in (2, -1):
            assert door.refused("BITPOS", key, bit, "x") == "ERR The bit argument must be 1 or 0."
        assert door.refused("BITPOS", key, 1, "x") == NOT_AN_INTEGER
        assert door.refused("BITPOS", key, 1, 0, "BIT") == NOT_AN_INTEGER
        assert door.refused("BITPOS", key, 1, 0, 1, "foo") == SYNTAX
        assert door.refused("BITPOS", key, 1, "x", "y", "bit", "z") == SYNTAX


# ---- BITOP ----

@pytest.mark.parametrize("size", [1, 3, 255, 256, 257, 5000, 20_000])
def test_bitop(door, size):
    a, b = bytes(i * 7 & 255 for i in range(size)), bytes(i * 13 & 255 for i in range(size // 2 + 1))
    padded = b + b"\0" * (size - len(b))
    door.do("MSET", "a", a, "b", b)
    for operation, expected in (("AND", bytes(x & y for x, y in zip(a, padded, strict=True))),
                                ("or", bytes(x | y for x, y in zip(a, padded, strict=True))),
                                ("Xor", bytes(x ^ y for x, y in zip(a, padded, strict=True)))):
        for sources in (("a", "b"), ("b", "a"), ("a", "b", "a", "a")):
            assert door.do("BITOP", operation, "d", *sources) == size
            assert door.do("GET", "d") == expected
    assert encoding(door, "d") == b"raw"
    assert door.do("BITOP", "NOT", "d", "a") == size
    assert door.do("GET", "d") == bytes(~x & 255 for x in a)
    assert door.do("BITOP", "OR", "d", *["a", "b"] * 20) == size


@pytest.mark.parametrize("size", [10, 300, 9000])
def test_the_destination_may_be_a_source(door, size):
    def filled():
        door.do("MSET", "a", b"\x0f" * size, "b", b"\xff" * (size - 1))
        door.do("APPEND", "a", b"\xf0")

    tail = b"\x0f\xf0"
    filled()
    assert door.do("BITOP", "XOR", "a", "a", "b") == size + 1
    assert door.do("GET", "a") == b"\xf0" * (size - 1) + tail
    filled()
    door.do("BITOP", "XOR", "a", "b", "a")
    assert door.do("GET", "a") == b"\xf0" * (size - 1) + tail
    filled()
    door.do("BITOP", "XOR", "a", "b", "a", "a")
    assert door.do("GET", "a") == b"\xff" * (size - 1) + b"\0\0"
    filled()
    door.do("BITOP", "NOT", "a", "a")
    assert door.do("GET", "a") == b"\xf0" * size + b"\x0f"
    filled()
    door.do("BITOP", "AND", "a", "b", "missing", "a")
    assert door.do("GET", "a") == b"\0" * (size + 1)
    filled()
    assert door.do("BITOP", "OR", "b", "a", "b") == size + 1
    assert door.do("GET", "b") == b"\xff" * (size - 1) + tail


def test_bitop_of_nothing_deletes_and_any_result_drops_the_expiry(door):
    door.freeze(NOW)
    door.do("RPUSH", "l", "a")
    assert door.do("BITOP", "AND", "l", "missing", "gone") == 0
    assert door.do("EXISTS", "l") == 0
    assert door.do("BITOP", "NOT", "l", "missing") == 0
    for size in (10, 9000):
        door.do("RPUSH", "l2", "a")
        door.do("SET", "k", b"\x01" * size)
        assert door.do("BITOP", "OR", "l2", "k") == size
        assert door.do("TYPE", "l2") == b"string"
        door.do("EXPIRE", "k", 100)
        assert door.do("BITOP", "OR", "k", "k") == size
        assert door.do("TTL", "k") == -1
        door.do("DEL", "l2")
    door.do("SET", "empty", "")
    assert door.do("BITOP", "OR", "k", "empty", "missing") == 0
    assert door.do("EXISTS", "k") == 0
    door.do("SET", "n", 10)
    assert door.do("BITOP", "OR", "d", "n") == 2
    assert door.do("GET", "d") == b"10"
    assert encoding(door, "d") == b"raw"


def test_bitop_refuses(door):
    door.do("RPUSH", "l", "a")
    door.do("SET", "k", "v")
    assert door.refused("BITOP", "FOO", "d", "l") == SYNTAX
    assert door.refused("BITOP", "DIFF", "d", "k", "k") == SYNTAX
    assert door.refused("BITOP", "NOT", "d", "l", "k") == "ERR BITOP NOT must be called with a single source key."
    assert door.refused("BITOP", "AND", "d", "k", "l") == WRONGTYPE
    assert door.refused("BITOP", "AND", "d", *["k"] * 30, "l") == WRONGTYPE
    assert door.do("EXISTS", "d") == 0


# ---- BITFIELD ----

def test_bitfield_reads_and_writes(door):
    assert door.do("BITFIELD", "k") == []
    assert door.do("BITFIELD", "k", "GET", "u8", 0, "GET", "i64", 4_294_967_295) == [0, 0]
    assert door.do("BITFIELD", "k", "OVERFLOW", "FAIL") == []
    assert door.do("EXISTS", "k") == 0
    assert door.do("BITFIELD", "k", "SET", "i8", "#1", -2, "get", "u8", 8, "INCRBY", "u4", "#2", 1) == [0, 254, 0]
    assert door.do("GET", "k") == b"\x00\x0e"
    assert encoding(door, "k") == b"raw"
    assert door.do("BITFIELD", "k", "SET", "i64", 1, INT64_MIN, "GET", "i64", 1) == [14 << 49, INT64_MIN]
    assert door.do("BITFIELD", "k", "SET", "u63", 5, INT64_MAX, "GET", "u63", 5) == [0, INT64_MAX]


def test_bitfield_overflow(door):
    def run(*arguments):
        return door.do("BITFIELD", "k", *" ".join(arguments).split())

    assert run("SET u8 0 300 GET u8 0") == [0, 44]
    assert run("OVERFLOW SAT SET u8 0 300 GET u8 0") == [44, 255]
    assert run("OVERFLOW SAT SET u8 0 -5 GET u8 0") == [255, 255]
    assert run("OVERFLOW FAIL SET u8 0 300 SET u8 0 -1 INCRBY u8 0 1 INCRBY u8 0 -1") == [None, None, None, 254]
    assert run("INCRBY u8 0 3 OVERFLOW SAT INCRBY u8 0 -2 INCRBY u8 0 999") == [1, 0, 255]
    assert run("OVERFLOW WRAP INCRBY u8 0 1") == [0]
    assert run("OVERFLOW SAT SET i8 0 300 GET i8 0 SET i8 0 -300 GET i8 0") == [0, 127, 127, -128]
    assert run("INCRBY i8 0 -1 OVERFLOW FAIL INCRBY i8 0 1 OVERFLOW wrap INCRBY i8 0 1") == [127, None, -128]
    assert run(f"SET i64 0 {INT64_MIN} OVERFLOW SAT INCRBY i64 0 -1 INCRBY i64 0 {INT64_MAX}") == [
        INT64_MIN, INT64_MIN, -1]
    assert run(f"SET u63 0 {INT64_MAX} INCRBY u63 0 6 INCRBY u63 0 {INT64_MIN}")[1:] == [5, 5]


def test_a_failing_operation_still_makes_the_key(door):
    assert door.do("BITFIELD", "k", "OVERFLOW", "FAIL", "INCRBY", "u8", 0, 300) == [None]
    assert door.do("GET", "k") == b"\x00"
    door.do("SET", "n", 10)
    assert door.do("BITFIELD", "n", "OVERFLOW", "FAIL", "INCRBY", "u8", 8, 300) == [None]
    assert encoding(door, "n") == b"raw"
    assert door.do("GET", "n") == b"10"


def test_bitfield_refuses_before_it_begins(door):
    for arguments, error in (
        ("GET", SYNTAX), ("GET u8", SYNTAX), ("SET u8 0", SYNTAX), ("INCRBY u8 0", SYNTAX), ("OVERFLOW", SYNTAX),
        ("FOO u8 0", SYNTAX), ("OVERFLOW foo", "ERR Invalid OVERFLOW type specified"), ("GET u64 0", BAD_FIELD),
        ("GET i65 0", BAD_FIELD), ("GET u0 0", BAD_FIELD), ("GET u 0", BAD_FIELD), ("GET U8 0", BAD_FIELD),
        ("GET u+8 0", BAD_FIELD), ("GET u08 0", BAD_FIELD), ("GET x8 0", BAD_FIELD), ("GET u8 -1", BAD_PLACE),
        ("GET u8 x", BAD_PLACE), ("GET u8 #", BAD_PLACE), ("GET u8 #-1", BAD_PLACE), ("GET u8 #x", BAD_PLACE),
        ("GET u8 4294967296", BAD_PLACE), ("GET u8 #536870912", BAD_PLACE), ("SET u8 0 x", NOT_AN_INTEGER),
        ("SET u8 0 9223372036854775808", NOT_AN_INTEGER), ("GET u64 x", BAD_FIELD), ("SET u8 x x", BAD_PLACE),
    ):
        assert door.refused("BITFIELD", "k", "SET", "u8", 0, 1, *arguments.split()) == error, arguments
        assert door.refused("BITFIELD_RO", "k", *arguments.split()) == error, arguments
    assert door.do("EXISTS", "k") == 0
    door.do("RPUSH", "l", "a")
    for arguments in ("", "GET u8 0", "SET u8 0 1"):
        assert door.refused("BITFIELD", "l", *arguments.split()) == WRONGTYPE
    assert door.refused("BITFIELD", "l", "GET", "u8", "x") == BAD_PLACE


def test_bitfield_ro(door):
    only_get = "ERR BITFIELD_RO only supports the GET subcommand"
    door.do("SET", "n", 10)
    several = ["GET", "u8", "0", "OVERFLOW", "SAT", "GET", "i4", "#1", "GET", "u16", "8"]
    assert door.do("BITFIELD_RO", "n", *several) == [49, 1, 12288]
    assert encoding(door, "n") == b"int"
    assert door.do("BITFIELD_RO", "missing", "GET", "u8", 0) == [0]
    assert door.do("BITFIELD_RO", "n") == []
    assert door.refused("BITFIELD_RO", "n", "SET", "u8", 0, 1) == only_get
    assert door.refused("BITFIELD_RO", "n", "GET", "u8", 0, "INCRBY", "u8", 0, 1) == only_get
    door.do("RPUSH", "l", "a")
    assert door.refused("BITFIELD_RO", "l", "SET", "u8", 0, 1) == only_get
    assert door.do("BITFIELD_RO", "l") == Failed(WRONGTYPE)


# ---- methods ----

def test_the_methods(door):
    store = door.store
    assert store.setbit("k", 7, 1) == 0
    assert store.getbit("k", 7) == 1
    assert store.bitcount("k") == 1
    assert store.bitcount("k", 0, 6, "BIT") == store.bitcount("k", 1) == store.bitcount("k", end=6, mode="BIT") == 0
    assert store.bitcount("k", mode="BIT") == 1
    assert store.bitpos("k", 1) == 7
    assert store.bitpos("k", 1, 0, 6, "BIT") == -1
    assert store.bitop("NOT", "d", "k") == store.bitop("or", "e", ["k", "d"]) == 1
    assert store.get("e") == b"\xff"
    fields = store.bitfield("f", overflow="SAT").set("u8", "#1", 300).get("u8", 8).incrby("i4", 0, 9)
    assert fields.incrby("i4", 0, overflow="FAIL").run() == [0, 255, 7, None]
    assert store.bitfield_ro("f", "u8", "#1", "i4", 0) == [255, 7]
    with store.pipeline() as pipe:
        pipe.setbit("k", 0, 1).bitfield("f").get("u8", 8).run().getbit("k", 0)
        assert pipe.run() == [0, [255], 1]
    with pytest.raises(TypeError):
        store.bitfield_ro("f", "u8", 0, "u8")
