"""Bit offsets and ranges at the ends of integers: refused or right, and never outside of the string."""
import pytest

import cydis

EDGES = sorted({sign * (1 << bits) + step for bits in (0, 3, 15, 28, 29, 31, 32, 33, 35, 57, 60, 61, 62, 63, 64, 65)
                for sign in (1, -1) for step in (-1, 0, 1)})
LIMIT = 1 << 16                                                     # bytes that a string may have here


@pytest.fixture
def store():
    store = cydis.Store()
    store.engine.set_setting("proto-max-bulk-len", LIMIT)
    store.set("guard", "x" * 5000)
    store.setbit("k", 30, 1)
    yield store
    assert store.get("guard") == b"x" * 5000
    assert store.engine.check()
    store.flushall(asynchronous=False)
    assert store.engine.stats()["heap_used"] <= 16_384


def tried(call, *arguments):
    """The reply, or None for an error of the command."""
    try:
        return call(*arguments)
    except cydis.CommandError as error:
        assert str(error).startswith("ERR ")
        return None


def test_cve_2021_32761_bit_offsets(store):
    for place in EDGES:
        allowed = 0 <= place < LIMIT * 8
        assert (tried(store.getbit, "k", place) is not None) == allowed, place
        assert (tried(store.setbit, "k", place, 0) is not None) == allowed, place
        assert (tried(store.bitfield("k").set("i64", place, -1).run) is not None) == allowed, place
        assert store.strlen("k") <= LIMIT + 8


def test_cve_2021_32761_ranges(store):
    for first in EDGES:
        if not -(1 << 63) <= first < 1 << 63:
            assert tried(store.bitcount, "k", first) is None
            continue
        for last in EDGES:
            for mode in ("BYTE", "BIT"):
                count = tried(store.bitcount, "k", first, last, mode)
                place = tried(store.bitpos, "k", 1, first, last, mode)
                if -(1 << 63) <= last < 1 << 63:
                    assert count in (0, 1)
                    assert place in (-1, 30)
                else:
                    assert count is place is None


@pytest.mark.parametrize("width", [1, 2, 3, 7, 8, 31, 32, 33, 62, 63, 64])
def test_no_id_15433_multiplied_bitfield_offsets(store, width):
    """`#n` times the width must not wrap around to a place that is allowed."""
    field = f"i{width}"
    wrapping = [((1 << 64) + place) // width + step for place in (0, 8, 1024) for step in (0, 1)]
    for n in [*EDGES, *wrapping, (1 << 63) // width, (1 << 63) // width + 1, LIMIT * 8 // width]:
        allowed = 0 <= n * width < LIMIT * 8 and n >= 0
        assert (tried(store.bitfield_ro, "k", field, f"#{n}") is not None) == allowed, n
        assert (tried(store.bitfield("k").set(field, f"#{n}", -1).run) is not None) == allowed, n
        assert store.strlen("k") <= LIMIT + 8
