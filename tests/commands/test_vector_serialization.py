"""DUMP, RESTORE and digests of vector sets, through every door; all forms, and what is none.

Compared with Redis 8.0 itself: tests/wire/test_vector_exchange.py.
"""
import hashlib
import random
import struct

import payloads
import pytest
import vector_payloads
from commands.test_serialization import BAD
from vector_payloads import floats

import cydis
from cydis.engine.inspect import digest_value

KINDS = ("Q8", "NOQUANT", "BIN")


def digest(store, key):
    store.engine.lock()
    try:
        return digest_value(store.engine, 0, key)
    finally:
        store.engine.unlock()


def fill(store, count, *options, dim=8, reduce=(), key="k", seed=1):
    chance = random.Random(seed)
    for n in range(count):
        vector = struct.pack(f"<{dim}f", *(chance.gauss(0, 1) for _ in range(dim)))
        attributes = ("SETATTR", b'{"n": %d}' % n) if n % 3 == 0 else ()
        store.execute("VADD", key, *reduce, "FP32", vector, f"e{n}" if n % 5 else n, *options, *attributes)
    for n in range(0, count, 7):
        store.execute("VREM", key, f"e{n}")
    return store


def everything(store, key="k"):
    """What commands say of a vector set, but not in which order the nearest of equal distance come."""
    names = sorted(store.execute("VRANDMEMBER", key, store.execute("VCARD", key)))
    return [(name, store.execute("VEMB", key, name, "RAW"), store.execute("VGETATTR", key, name)) for name in names]


def about(store, key="k"):
    info = store.execute("VINFO", key)
    return {name: info[name] for name in info if name not in (b"vset-uid", b"hnsw-max-node-uid")}


@pytest.mark.parametrize("reduce", [(), ("REDUCE", 3)], ids=["whole", "reduced"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [1, 2, 30, 400])
def test_there_and_back(count, kind, reduce):
    store = fill(cydis.Store(), count, kind, "M", 6, reduce=reduce)
    store.execute("VADD", "k", *reduce, "VALUES", 8, *range(8), "last", kind, "M", 6)
    payload = store.execute("DUMP", "k")
    assert store.execute("RESTORE", "copy", 0, payload) == b"OK"
    assert store.engine.check()
    assert everything(store, "copy") == everything(store)
    assert about(store, "copy") == about(store)
    assert digest(store, b"copy") == digest(store, b"k")
    for n in range(50):
        query = floats(*(random.Random(n).gauss(0, 1) for _ in range(8)))
        found = [dict(store.execute("VSIM", key, "FP32", query, "COUNT", 5, "WITHSCORES")) for key in ("k", "copy")]
        assert sorted(found[0].values()) == sorted(found[1].values())
    again = store.execute("DUMP", "copy")
    assert len(again) == len(payload) or count > 1          # numbers are given anew where some had gone
    for n in range(60):
        store.execute("VADD", "copy", *reduce, "VALUES", 8, *range(n, n + 8), f"new{n}", kind, "M", 6)
        store.execute("VREM", "copy", f"e{n}")
    assert store.engine.check()


def test_the_bytes(door):
    while door.do("EXISTS", "k") == 0 or len(door.do("VLINKS", "k", "x")) > 1:          # its level is drawn
        door.do("DEL", "k")
        door.do("VADD", "k", "VALUES", 2, 5, 0, "x")
    door.do("VSETATTR", "k", "x", '{"a":1}')
    assert door.do("DUMP", "k") == payloads.frame(vector_payloads.vectors(
        vector_payloads.head(2, 1, flags=vector_payloads.ATTRIBUTES), vector_payloads.element(
            b"x", b"\x7f\0", 1, attribute=b'{"a":1}', measures=vector_payloads.measured(1, 5))))


@pytest.mark.parametrize("name", [*vector_payloads.VECTORS, *vector_payloads.MENDED])
def test_good_ones(door, name):
    value = (vector_payloads.VECTORS | vector_payloads.MENDED)[name]
    for version in (11, 12):
        assert door.do("RESTORE", "k", 0, payloads.frame(value, version), "REPLACE") == b"OK"
    assert door.do("TYPE", "k") == b"vectorset"
    names = door.do("VRANDMEMBER", "k", 10)
    assert len(names) == door.do("VCARD", "k")
    assert sorted(door.do("VSIM", "k", "ELE", names[0], "COUNT", 10)) == sorted(names)
    assert door.do("RESTORE", "again", 0, door.do("DUMP", "k")) == b"OK"
    assert digest(door.store, b"again") == digest(door.store, b"k")
    assert door.store.engine.check()


@pytest.mark.parametrize("name", vector_payloads.BAD)
def test_bad_ones(door, name):
    door.do("SET", "k", "v")
    before = door.stats()["heap_used"]
    assert door.refused("RESTORE", "k", 0, payloads.frame(vector_payloads.BAD[name]), "REPLACE") == BAD
    assert door.do("GET", "k") == b"v"
    assert door.stats()["heap_used"] == before


def test_every_cut_is_refused():
    store = cydis.Store()
    for name, value in vector_payloads.VECTORS.items():
        for size in range(len(value)):
            with pytest.raises(cydis.CommandError, match="Bad data format"):
                store.execute("RESTORE", "k", 0, payloads.frame(value[:size]))
        assert store.execute("RESTORE", name, 0, payloads.frame(value)) == b"OK"


def test_the_meaning_of_what_came(door):
    restore = {name: payloads.frame(value) for name, value in vector_payloads.VECTORS.items()}
    door.do("RESTORE", "k", 0, restore["floats"])
    assert [float(x) for x in door.do("VEMB", "k", "x")] == pytest.approx([1.5, -2.0])
    door.do("RESTORE", "k", 0, restore["an integer as name"], "REPLACE")
    assert door.do("VISMEMBER", "k", "17") in (1, True)
    door.do("RESTORE", "k", 0, restore["attributes"], "REPLACE")
    assert door.do("VGETATTR", "k", "y") == b'{"a":1}'
    assert door.do("VGETATTR", "k", "x") is None


def test_a_projection_from_elsewhere_goes_on_there(door):
    door.do("RESTORE", "k", 0, payloads.frame(vector_payloads.VECTORS["a projection"]))
    assert door.do("COPY", "k", "copy") == 1
    for key in ("k", "copy"):
        door.do("VADD", key, "REDUCE", 2, "VALUES", 3, 0, 8, 99, "y", "NOQUANT")
        assert [float(x) for x in door.do("VEMB", key, "y")] == [0, 4]
        assert door.do("VSIM", key, "VALUES", 3, 0, 1, 0, "COUNT", 1) == [b"y"]
    assert digest(door.store, b"k") == digest(door.store, b"copy")       # levels are drawn, so dumps may differ
    assert door.do("MEMORY", "USAGE", "k") > 0
    door.do("DEL", "copy")
    assert door.store.engine.check()


def test_a_projection_can_be_beyond_all_floats(door):
    door.do("RESTORE", "k", 0, payloads.frame(vector_payloads.vectors(
        vector_payloads.head(2, 1, vector_payloads.FLOATS, flags=vector_payloads.PROJECTED), vector_payloads.number(1),
        vector_payloads.piece(floats(16, 16)), vector_payloads.element(b"x", floats(1, 0), 1))))
    beyond = door.refused("VADD", "k", "REDUCE", 2, "VALUES", 1, 3e38, "y", "NOQUANT")
    assert beyond == "ERR invalid vector specification"
    assert door.do("VCARD", "k") == 1


def test_refused_memory_makes_nothing():
    source = fill(cydis.Store(), 40, "M", 5, reduce=("REDUCE", 3))
    frames = [source.execute("DUMP", "k"), payloads.frame(vector_payloads.VECTORS["a projection"]),
              payloads.frame(vector_payloads.MENDED["in pieces"])]
    for frame in frames:
        for failing in range(1, 1000):
            store = cydis.Store()
            store.execute("SET", "k", "v")
            before = store.engine.stats()["heap_used"]
            store.engine.fail_allocations(failing)
            try:
                store.execute("RESTORE", "k", 0, frame, "REPLACE")
                break
            except cydis.CommandError as error:
                assert str(error).startswith("OOM ")
            finally:
                store.engine.fail_allocations(0)
            assert store.get("k") == b"v"
            assert store.engine.stats()["heap_used"] == before
        else:
            pytest.fail("1000 allocations and still refused")


def test_links_are_taken_as_they_are():
    """What is restored is searched along the same links, and not found anew."""
    store = fill(cydis.Store(), 300, "M", 5)
    store.execute("RESTORE", "copy", 0, store.execute("DUMP", "k"))
    for name in store.execute("VRANDMEMBER", "k", 50):
        links = [[sorted(level) for level in store.execute("VLINKS", key, name)] for key in ("k", "copy")]
        assert links[0] == links[1]


# ---- digests ----

def mixed(start, *texts):
    for each in texts:
        start = hashlib.sha1(xored(start, hashlib.sha1(each).digest())).digest()
    return start


def xored(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def test_the_digest_is_that_of_the_reference():
    store = cydis.Store()
    store.execute("VADD", "k", "VALUES", 3, 1, 2, 3, "x")
    assert digest(store, b"k") == "6c527133ff19613f10d8f1bbac5999358685b9aa"          # as Redis 8.0.6 says it
    store.execute("VADD", "k", "VALUES", 3, 1, 2, 4, "y")
    assert digest(store, b"k") == "c1a292c84cfcf93540b425782afeb3a10329274b"
    store.execute("VSETATTR", "k", "x", '{"a":1}')
    assert digest(store, b"k") == "bad3aa26cce65e1793750bdd8450fcff4f31aef7"


@pytest.mark.parametrize("kind", KINDS)
def test_the_digest_by_its_description(kind):
    store = fill(cydis.Store(), 20, kind)
    parts = [mixed(bytes(20), str(store.execute("VCARD", "k")).encode(), b"8")]
    for name, vector, attribute in everything(store):
        parts.append(mixed(bytes(20), vector[1], name, *([attribute] if attribute else [])))
    whole = bytes(20)
    for part in parts:
        whole = xored(whole, hashlib.sha1(part).digest())
    value = xored(mixed(bytes(20), struct.pack(">I", 5)), hashlib.sha1(whole).digest())
    assert digest(store, b"k") == value.hex()


def test_the_digest_follows_the_data_and_nothing_else():
    one, other = cydis.Store(), cydis.Store()
    words = [("VADD", "k", "VALUES", 2, n, 1, f"e{n}") for n in range(20)]
    for each in words:
        one.execute(*each)
    for each in reversed(words):
        other.execute(*each)
    assert digest(one, b"k") == digest(other, b"k")
    one.execute("VREM", "k", "e3")
    assert digest(one, b"k") != digest(other, b"k")
    one.execute(*words[3])
    assert digest(one, b"k") == digest(other, b"k")
