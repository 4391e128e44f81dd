"""HyperLogLogs that somebody made by hand: refused or counted, and nothing outside of them read or written."""
import random
from pathlib import Path

import pytest

import cydis

HEADER = b"HYLL\x01\0\0\0" + b"\0" * 7 + b"\x80"
COMMANDS = [
    ("PFADD", "k", "a", "b", "c"), ("PFCOUNT", "k"), ("PFCOUNT", "k", "good", "k"), ("PFMERGE", "k", "good"),
    ("PFMERGE", "new", "good", "k"), ("PFDEBUG", "DECODE", "k"), ("PFDEBUG", "GETREG", "k"),
    ("PFDEBUG", "TODENSE", "k"), ("PFDEBUG", "ENCODING", "k"), ("GET", "k"), ("STRLEN", "k"),
]


@pytest.fixture
def store():
    store = cydis.Store()
    store.pfadd("good", *range(100))
    store.set("guard", "x" * 5000)
    before = store.get("good")
    yield store
    assert store.get("guard") == b"x" * 5000
    assert store.get("good")[16:] == before[16:]
    assert store.engine.check()
    store.flushall(asynchronous=False)
    assert store.engine.stats()["heap_used"] <= 16_384


def run_all(store, value):
    """Every command on the value; the texts of the errors."""
    errors = set()
    for command in COMMANDS:
        store.set("k", value)
        try:
            store.execute(*command)
        except cydis.CommandError as error:
            errors.add(str(error).split()[0])
    store.delete("new")
    return errors


def free_memory():
    """GiB that a process may still take, 0 where the system does not say."""
    told = Path("/proc/meminfo")
    lines = told.read_text(encoding="ascii").splitlines() if told.exists() else []
    return sum(int(line.split()[1]) >> 20 for line in lines if line.startswith("MemAvailable"))


def run(length, kind="x"):
    """An opcode for a run of zeros, long (x) or short."""
    return bytes([0x40 | length - 1 >> 8, length - 1 & 255]) if kind == "x" else bytes([length - 1])


def test_cve_2019_10192_sparse_with_bad_lengths(store):
    for opcodes in (b"", b"\x7f", run(16383), run(16384) + b"\x80", run(16384) * 2, run(16380) + b"\x83" * 2,
                    b"\x83" * 4096 + b"\x80", run(16384) * 1000, b"\xff" * 9000, b"\x40\x00" * 16385):
        assert "INVALIDOBJ" in run_all(store, HEADER + opcodes)


def test_cve_2019_10193_dense_of_another_size(store):
    dense = b"HYLL\0\0\0\0" + b"\0" * 7 + b"\x80"
    for size in (0, 1, 12_287, 12_289, 16_384):
        assert run_all(store, dense + b"\xff" * size) == {"WRONGTYPE"}
    assert run_all(store, dense + b"\xff" * 12_288) == {"ERR"}      # registers beyond what a hash gives; not sparse
    store.set("k", dense + b"\xff" * 12_288)
    assert store.pfcount("k") == store.pfcount("k", "k")


def test_cve_2025_32023_runs_that_pass_the_end(store):
    """Runs that add up to more registers than there are, so that an index might wrap around."""
    for beyond in (*range(1, 70), 255, 256, 4096, 16383, 16384):
        for before in (0, 1, 64, 16383):
            opcodes = (run(before) if before else b"") + b"\xfc" + run(16384 - before - 1 + beyond if
                                                                     16384 - before - 1 + beyond <= 16384 else 16384)
            errors = run_all(store, HEADER + opcodes + b"\xfc")
            assert errors == {"INVALIDOBJ"}, (beyond, before)
    long = run(16384) * 140_000                                     # 2 ** 31 registers and more
    assert run_all(store, HEADER + long + b"\xfc") == {"INVALIDOBJ"}


def test_cve_2019_10192_and_32023_damage_by_chance(store):
    chance = random.Random(32023)
    good = store.get("good")
    for _ in range(1500):
        value = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(16, len(value)) if chance.random() < 0.9 else chance.randrange(len(value))
            value[at:at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 3))
            if len(value) < 18:
                break
        assert run_all(store, bytes(value)) <= {"INVALIDOBJ", "WRONGTYPE", "ERR"}


@pytest.mark.parametrize("limit", [0, 24, 32, 3000])
def test_no_id_short_ones_beyond_the_limit(store, limit):
    """Opcodes replaced by others as long, in a string too short to have a size of its own: the peers end of it."""
    store.execute("CONFIG", "SET", "hll-sparse-max-bytes", limit)
    for command in (("PFMERGE", "k", "other"), ("PFADD", "k", *range(50)), ("PFMERGE", "k", "k", "other", "good")):
        store.set("k", HEADER + b"\x88\x00@@\x03\xfd\x7f\xb6")
        store.set("other", HEADER + b"\xfe?\x84?\x89\x00?A+\x85\x82\x8a;@\x02@@A+S\x87h\xd0")
        expected = store.pfcount(*(key for key in dict.fromkeys(command[1:]) if isinstance(key, str)))
        store.execute(*command)
        assert store.pfcount("k") >= expected if command[0] == "PFADD" else store.pfcount("k") == expected
        assert store.engine.check()


@pytest.mark.skipif(free_memory() < 12, reason="needs 12 GiB of memory")
def test_no_id_a_string_beyond_two_gigabytes():
    """Sizes are 64 bits wide everywhere: a sparse one of 2 GiB and more is walked no further than its registers."""
    store = cydis.Store()
    store.engine.set_setting("proto-max-bulk-len", 4 << 30)
    size = (1 << 31) + 100
    store.set("k", HEADER + run(16384))
    store.setrange("k", size, b"\x80")
    assert store.strlen("k") == size + 1
    for command in (("PFADD", "k", "a"), ("PFCOUNT", "k"), ("PFMERGE", "k"), ("PFDEBUG", "TODENSE", "k")):
        with pytest.raises(cydis.CommandError, match="INVALIDOBJ"):
            store.execute(*command)
