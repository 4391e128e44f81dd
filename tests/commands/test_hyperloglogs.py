"""Examples of the HyperLogLog commands, through every door. The replies are those of Valkey 9.1."""
import pytest
from doors import WRONGTYPE

from cydis.core.hyperloglog import HyperLogLog

NOW = 1_800_000_000_000
NOT_ONE = "WRONGTYPE Key is not a valid HyperLogLog string value."
CORRUPT = "INVALIDOBJ Corrupted HLL object detected"
STALE = b"\0" * 7 + b"\x80"                                         # a remembered estimate that is no longer right
SPARSE = b"HYLL\x01\0\0\0"
EMPTY = SPARSE + STALE + b"\x7f\xff"
DENSE_BYTES = 12_304


def elements(count, prefix="e"):
    return [f"{prefix}{i}" for i in range(count)]


# ---- PFADD, PFCOUNT ----

def test_pfadd_makes_the_key(door):
    assert door.do("PFADD", "h") == 1
    assert door.do("GET", "h") == EMPTY
    assert door.do("PFADD", "h") == 0
    assert door.do("PFADD", "h", "a") == 1
    assert door.do("PFADD", "h", "a", "a") == 0
    assert door.do("GET", "h") == SPARSE + STALE + b"\x71\xa6\x84\x4e\x57"
    assert door.do("OBJECT", "ENCODING", "h") == b"raw"
    assert door.do("PFADD", "g", *"abcdefg") == 1
    assert door.do("GET", "g") == SPARSE + STALE + bytes.fromhex(
        "466d80560c80443c843880 50b184498c8042 6d80425a")
    assert door.do("PFCOUNT", "g") == 7


def test_pfcount_remembers(door):
    assert door.do("PFCOUNT", "missing") == 0
    assert door.do("EXISTS", "missing") == 0
    door.do("PFADD", "h", *elements(300))
    stale = door.do("GET", "h")
    count = door.do("PFCOUNT", "h")
    assert abs(count - 300) <= 6
    assert door.do("GET", "h") == stale[:8] + count.to_bytes(8, "little") + stale[16:]
    assert door.do("PFADD", "h", *elements(300)) == 0               # nothing new: still right
    assert door.do("GET", "h")[15] == 0
    door.do("SETRANGE", "h", 8, (12345).to_bytes(8, "little"))      # what is remembered is believed
    assert door.do("PFCOUNT", "h") == 12345
    assert door.do("PFCOUNT", "h", "missing") == count              # but not for several
    door.do("PFADD", "h", *elements(300, "f"))
    assert door.do("GET", "h")[15] == 0x80
    assert abs(door.do("PFCOUNT", "h") - 600) <= 12


def test_pfcount_of_several(door):
    door.do("PFADD", "a", *elements(100))
    door.do("PFADD", "b", *elements(150))
    door.do("PFADD", "c", *elements(2000, "c"))
    assert door.do("PFDEBUG", "ENCODING", "a") == b"sparse"
    door.do("PFDEBUG", "TODENSE", "c")
    before = [door.do("GET", key) for key in "abc"]
    assert door.do("PFCOUNT", "a", "b", "missing", "a") == door.do("PFCOUNT", "b", "b")
    assert abs(door.do("PFCOUNT", "a", "b", "c") - 2150) <= 60
    assert [door.do("GET", key) for key in "abc"] == before         # the union is remembered nowhere


def test_it_becomes_dense(door):
    door.do("PFADD", "h", *elements(500))
    assert door.do("PFDEBUG", "ENCODING", "h") == b"sparse"
    door.do("PFADD", "h", *elements(5000))
    assert door.do("PFDEBUG", "ENCODING", "h") == b"dense"
    assert door.do("STRLEN", "h") == DENSE_BYTES
    assert door.do("MEMORY", "USAGE", "h") < DENSE_BYTES * 1.2
    assert abs(door.do("PFCOUNT", "h") - 5000) <= 150
    model = HyperLogLog(element.encode() for element in elements(5000))
    model.count()
    assert door.do("GET", "h") == bytes(model)


def test_a_limit_for_the_sparse_form(door):
    for limit, size in ((0, DENSE_BYTES), (20, DENSE_BYTES), (21, 21), (3000, 21)):
        door.store.engine.set_setting("hll-sparse-max-bytes", limit)
        door.do("DEL", "h")
        assert door.do("PFADD", "h", "a") == 1
        assert door.do("STRLEN", "h") == size
        assert door.do("PFCOUNT", "h") == 1
        assert door.do("PFMERGE", "m", "h") == b"OK"
        assert door.do("STRLEN", "m") == size
        door.do("DEL", "m")


def test_the_key_keeps_its_expiry(door):
    door.freeze(NOW)
    door.do("PFADD", "h", "a")
    door.do("PFADD", "other", "b")
    door.do("EXPIRE", "h", 100)
    door.do("PFADD", "h", "b")
    door.do("PFCOUNT", "h")
    door.do("PFMERGE", "h", "other")
    door.do("PFDEBUG", "TODENSE", "h")
    assert door.do("PTTL", "h") == 100_000


@pytest.mark.parametrize("expires", [False, True])
def test_one_that_was_set_whole(door, expires):
    """A string that stands in its record, called embstr or int before, becomes raw where it is."""
    door.do("PFADD", "h", *elements(200))
    value, options = door.do("GET", "h"), ["EX", 100] if expires else []
    for command in (("PFCOUNT", "k"), ("PFADD", "k", "e0"), ("PFADD", "k", "new"), ("PFMERGE", "k", "h"),
                    ("PFDEBUG", "TODENSE", "k")):
        door.do("SET", "k", value, *options)
        expected = door.do("PFCOUNT", "h")
        door.do(*command)
        assert door.do("OBJECT", "ENCODING", "k") == b"raw"
        assert abs(door.do("PFCOUNT", "k") - expected) <= 1
        assert (door.do("TTL", "k") > 0) == expires
    door.do("SET", "k", EMPTY, *options)
    assert door.do("OBJECT", "ENCODING", "k") == b"embstr"
    door.do("PFADD", "k")
    assert door.do("OBJECT", "ENCODING", "k") == b"raw"


# ---- PFMERGE ----

def test_pfmerge(door):
    assert door.do("PFMERGE", "d") == b"OK"
    assert door.do("GET", "d") == EMPTY
    door.do("PFADD", "a", *elements(100))
    door.do("PFADD", "b", *elements(130))
    assert door.do("PFMERGE", "d", "a", "missing", "b") == b"OK"
    assert door.do("GET", "d") == door.do("GET", "b")
    assert door.do("PFMERGE", "a", "b") == b"OK"                    # what was there counts as well
    assert door.do("GET", "a") == door.do("GET", "b")
    door.do("PFADD", "c", *elements(4000, "c"))
    assert door.do("PFMERGE", "d", "c") == b"OK"
    assert door.do("PFDEBUG", "ENCODING", "d") == b"dense"
    assert door.do("PFCOUNT", "d") == door.do("PFCOUNT", "b", "c")
    assert door.do("PFMERGE", "c") == b"OK"
    assert door.do("GET", "c")[15] == 0x80                          # forgotten even where nothing changed


def test_merging_many_small_ones_makes_a_dense_one(door):
    for part in range(30):
        door.do("PFADD", f"p{part}", *elements(100, f"p{part}:"))
    assert door.do("PFMERGE", "d", *[f"p{part}" for part in range(30)]) == b"OK"
    assert door.do("STRLEN", "d") == DENSE_BYTES
    assert abs(door.do("PFCOUNT", "d") - 3000) <= 80


# ---- what is refused ----

def test_other_values_are_refused(door):
    door.do("RPUSH", "list", "x")
    for command in (("PFADD", "list"), ("PFCOUNT", "list"), ("PFCOUNT", "missing", "list"), ("PFMERGE", "list"),
                    ("PFMERGE", "new", "list"), ("PFDEBUG", "junk", "list")):
        assert door.refused(*command) == WRONGTYPE
    for value in (b"", b"10", b"HYLL", EMPTY[:15], b"hyll" + EMPTY[4:], b"HYLL\x02" + EMPTY[5:],
                  b"HYLL\x00" + EMPTY[5:], b"x" * DENSE_BYTES):
        door.do("SET", "k", value)
        for command in (("PFADD", "k", "a"), ("PFCOUNT", "k"), ("PFCOUNT", "k", "k"), ("PFMERGE", "k"),
                        ("PFMERGE", "new", "k"), ("PFDEBUG", "GETREG", "k")):
            assert door.refused(*command) == NOT_ONE
        assert door.do("GET", "k") == value
    assert door.do("EXISTS", "new") == 0


@pytest.mark.parametrize("opcodes", [
    b"", b"\x7f", b"\x7f\xfe", b"\x7f\xff\x80", b"\x7f\xff\x7f\xff", b"\x3f" * 255, b"\x80",
])
def test_damaged_registers_are_refused(door, opcodes):
    value = SPARSE + STALE + opcodes
    door.do("SET", "k", value)
    for command in (("PFCOUNT", "k"), ("PFCOUNT", "k", "k"), ("PFMERGE", "k"), ("PFMERGE", "new", "k"),
                    ("PFDEBUG", "TODENSE", "k"), ("PFDEBUG", "GETREG", "k")):
        assert door.refused(*command) == CORRUPT
    assert door.do("GET", "k") == value
    assert door.do("EXISTS", "new") == 0
    if opcodes[:2] not in (b"\x7f\xff", b"\x7f\xfe", b"\x3f\x3f"):  # else the damage lies behind the register
        assert door.refused("PFADD", "k", "a") == CORRUPT
        assert door.do("GET", "k") == value
    door.do("SET", "k", SPARSE + b"\x05" + b"\0" * 7 + opcodes)     # a remembered estimate needs no registers
    assert door.do("PFCOUNT", "k") == 5


# ---- PFDEBUG, PFSELFTEST ----

def test_pfdebug(door):
    door.do("PFADD", "h", *"abcdefg")
    assert door.do("PFDEBUG", "encoding", "h") == b"sparse"
    assert door.do("PFDEBUG", "DECODE", "h") == (
        b"Z:1646 v:1,1 Z:5645 v:1,1 Z:1085 v:2,1 z:57 v:1,1 Z:4274 v:2,1 Z:2445 v:1,1 Z:622 v:1,1 Z:603")
    registers = door.do("PFDEBUG", "GETREG", "h")
    assert len(registers) == 1 << 14
    assert {i: value for i, value in enumerate(registers) if value} == {
        1646: 1, 7292: 1, 8378: 2, 8436: 1, 12711: 2, 15157: 1, 15780: 1}
    assert door.do("PFDEBUG", "ENCODING", "h") == b"dense"          # from looking at them
    assert door.do("PFDEBUG", "GETREG", "h") == registers
    assert door.refused("PFDEBUG", "DECODE", "h") == "ERR HLL encoding is not sparse"
    assert door.do("PFDEBUG", "TODENSE", "h") == 0
    door.do("PFADD", "g", "a")
    assert door.do("PFDEBUG", "TODENSE", "g") == 1
    assert door.do("PFCOUNT", "g") == 1
    assert door.refused("PFDEBUG", "junk", "h") == "ERR Unknown PFDEBUG subcommand 'junk'"
    assert door.refused("PFDEBUG", "GETREG", "missing") == "ERR The specified key does not exist"
    door.do("SET", "empty", SPARSE + STALE)
    assert door.do("PFDEBUG", "DECODE", "empty") == b""


def test_without_wide_registers_all_is_the_same(door):
    door.do("PFADD", "a", *elements(3000))
    door.do("PFADD", "b", *elements(3000, "b"))
    assert door.do("PFDEBUG", "SIMD", "ON") in (b"enabled", b"disabled")
    door.do("PFMERGE", "wide", "a", "b")
    assert door.do("PFDEBUG", "SIMD", "off") == b"disabled"
    door.do("PFMERGE", "narrow", "a", "b")
    assert door.do("GET", "wide") == door.do("GET", "narrow")
    assert door.do("PFCOUNT", "a", "b") == door.do("PFCOUNT", "wide")
    assert door.refused("PFDEBUG", "SIMD", "foo") == "ERR Argument must be ON or OFF"


def test_pfselftest(door):
    assert door.do("PFSELFTEST") == b"OK"


# ---- methods ----

def test_the_methods(door):
    store = door.store
    assert store.pfadd("a", "x", "y") is True
    assert store.pfadd("a", ["x", "y"]) is False
    assert store.pfadd("b", "z") is True
    assert store.pfcount("a") == 2
    assert store.pfcount("a", "b") == store.pfcount(["a", "b"]) == 3
    assert store.pfmerge("c", "a", "b") is None
    assert store.pfcount("c") == 3
    assert store.pfdebug("ENCODING", "c") == b"sparse"
    assert store.pfselftest() is None
    with store.pipeline() as pipe:
        assert pipe.pfadd("c", "new").pfmerge("d", "c").pfcount("d").run() == [True, None, 4]
