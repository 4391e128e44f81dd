"""Examples of the commands of vector sets, through every door, and a set beside brute force.

The replies are those of Redis 8.0.
"""
import array
import json
import math
import random
import struct

import pytest
from doors import WRONGTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from refusal import check_refusals

import cydis

SPECIFICATION = "ERR invalid vector specification"
OPTION = "ERR invalid option after element"
QUANTIZATION = "ERR asked quantization mismatch with existing vector set"
LINKS = "ERR asked M value mismatch with existing vector set"
KINDS = ["NOQUANT", "Q8", "BIN"]


def packed(*numbers):
    return struct.pack(f"<{len(numbers)}f", *numbers)


def arity(command):
    return f"ERR wrong number of arguments for '{command}' command"


def numbers(reply):
    """Doubles, which RESP2 writes as text."""
    return [float(number) for number in reply]


def scores(reply):
    """WITHSCORES as a list of (element, similarity), whichever way the protocol writes it."""
    flat = list(reply.items()) if isinstance(reply, dict) else list(zip(reply[::2], reply[1::2], strict=True))
    return [(element, float(score)) for element, score in flat]


def add(door, key, element, *vector, options=()):
    return door.do("VADD", key, "VALUES", len(vector), *vector, element, *options)


@pytest.fixture
def compass(door):
    """Five directions, two of them with attributes."""
    add(door, "k", "east", 1, 0, options=["SETATTR", '{"year": 1980, "tags": ["warm", "dry"]}'])
    add(door, "k", "north-east", 2, 2, options=["SETATTR", '{"year": 1990, "name": "n\\u00e9"}'])
    add(door, "k", "north", 0, 3)
    add(door, "k", "west", -1, 0)
    add(door, "k", "nowhere", 0, 0)
    return door


# ---- adding ----

def test_vadd_says_whether_an_element_is_new(door):
    assert add(door, "k", "a", 1, 2, 3) == 1
    assert add(door, "k", "a", 3, 2, 1) == 0
    assert door.do("VADD", "k", "FP32", packed(1, 1, 1), "b") == 1
    assert door.do("VADD", "k", "fp32", packed(1, 1, 1), "b", "cas", "q8", "ef", 10, "m", 16) == 0
    assert (door.do("VCARD", "k"), door.do("VDIM", "k"), door.do("TYPE", "k")) == (2, 3, b"vectorset")
    assert door.do("OBJECT", "ENCODING", "k") == b"raw"


@pytest.mark.parametrize("words", [
    ("VALUES", 0, "e"), ("VALUES", -1, "e"), ("VALUES", "x", "e"), ("VALUES", "+2", 1, 1, "e"),
    ("VALUES", "02", 1, 1, "e"), ("VALUES", 2, 1, "x", "e"), ("VALUES", 2, 1, " 1", "e"), ("VALUES", 2, 1, "", "e"),
    ("VALUES", 2, 1, "nan", "e"), ("VALUES", 2, "1e400", 1, "e"), ("VALUES", 3, 1, 1, "e"),
    ("VALUES", 2**63 - 1, 1, "e"), ("VALUES", 2**32 + 1, 1, "e"),
    ("FP32", "", "e"), ("FP32", "abc", "e"), ("FP32", "abcde", "e"), ("nothing", 1, "e"), ("CAS", "VALUES", 1, 1, "e"),
    ("REDUCE", 0, "VALUES", 1, 1, "e"), ("REDUCE", -1, "VALUES", 1, 1, "e"), ("REDUCE", "x", "VALUES", 1, 1, "e"),
    ("REDUCE", 1, "REDUCE", 1, "VALUES", 1, 1, "e"), ("REDUCE", 2**40, "VALUES", 1, 1, "e"),
    ("VALUES", 2, "inf", 1, "e"), ("FP32", packed(math.nan, 1), "e"), ("FP32", packed(1, -math.inf), "e"),
    ("FP32", packed(3e38, 3e38), "e"),
], ids=str)
def test_vadd_refuses_what_is_no_vector(door, words):
    assert door.refused("VADD", "k", *words) == SPECIFICATION
    assert door.do("EXISTS", "k") == 0


def test_vadd_options(door):
    for words in (["M"], ["EF"], ["SETATTR"], ["junk"], ["CAS", "junk"], ["M", 16, "junk"]):
        assert door.refused("VADD", "k", "VALUES", 1, 1, "e", *words) == OPTION
    for m in (3, 4097, "x", "4.0"):
        assert door.refused("VADD", "k", "VALUES", 1, 1, "e", "M", m) == "ERR invalid M"
    for ef in (0, -1, 1_000_001, "x"):
        assert door.refused("VADD", "k", "VALUES", 1, 1, "e", "EF", ef) == "ERR invalid EF"
    assert door.refused("VADD", "k", "VALUES", 1, 1, "e", "EF", 0, "M", 0) == "ERR invalid EF"
    assert door.do("EXISTS", "k") == 0
    assert add(door, "k", "e", 1, options=["M", 4096, "EF", 1_000_000]) == 1
    assert add(door, "q", "e", 1, options=["NOQUANT", "BIN", "Q8"]) == 1
    assert door.pairs(door.do("VINFO", "q"))[b"quant-type"] == b"int8"


@pytest.mark.parametrize("words", [(), ("k",), ("k", "VALUES"), ("k", "VALUES", 3), ("k", "VALUES", 2, 1, 2),
                                   ("k", "REDUCE", 2), ("k", "REDUCE", 2, "VALUES", 1, 1),
                                   ("k", "FP32", "abcd")], ids=str)
def test_vadd_wants_an_element(door, words):
    assert door.refused("VADD", *words) == arity("VADD")


def test_vadd_into_a_set_that_is_otherwise(door):
    add(door, "k", "a", 1, 2)
    add(door, "n", "a", 1, 2, options=["NOQUANT"])
    add(door, "m", "a", 1, 2, options=["M", 8])
    mismatch = "ERR Vector dimension mismatch - got 3 but set has 2"
    assert door.refused("VADD", "k", "VALUES", 3, 1, 2, 3, "b") == mismatch
    assert door.refused("VADD", "k", "REDUCE", 2, "VALUES", 3, 1, 2, 3, "b") == mismatch
    assert door.refused("VADD", "k", "REDUCE", 2, "VALUES", 2, 1, 2, "b") == (
        "ERR cannot add projection to existing set without projection")
    for words in (["NOQUANT"], ["BIN"], ["BIN", "M", 8]):
        assert door.refused("VADD", "k", "VALUES", 3, 1, 2, 3, "b", *words) == QUANTIZATION
    assert door.refused("VADD", "n", "VALUES", 2, 1, 2, "b") == QUANTIZATION
    assert door.refused("VADD", "k", "VALUES", 3, 1, 2, 3, "b", "M", 5) == LINKS
    assert door.refused("VADD", "m", "VALUES", 2, 1, 2, "b") == LINKS
    assert [door.do("VCARD", key) for key in "knm"] == [1, 1, 1]


def test_vadd_projects(door):
    assert door.do("VADD", "r", "REDUCE", 2, "VALUES", 3, 1, 2, 4, "a") == 1
    assert door.do("VADD", "r", "REDUCE", 2, "FP32", packed(1, 2, 4), "b") == 1
    assert door.do("VDIM", "r") == 2
    assert door.pairs(door.do("VINFO", "r"))[b"projection-input-dim"] == 3
    mismatch = "ERR Vector dimension mismatch - got {} but set has 2"
    for n in (2, 3, 4):
        assert door.refused("VADD", "r", "VALUES", n, *range(n), "c") == mismatch.format(n)
    assert door.refused("VADD", "r", "REDUCE", 3, "VALUES", 4, 1, 2, 3, 4, "c") == mismatch.format(4)
    foreign = "ERR Input dimension mismatch for projection - got 4 but projection expects 3"
    assert door.refused("VADD", "r", "REDUCE", 2, "VALUES", 4, 1, 2, 3, 4, "c") == foreign
    assert door.refused("VSIM", "r", "VALUES", 4, 1, 2, 3, 4) == foreign
    assert sorted(door.do("VSIM", "r", "VALUES", 3, 1, 2, 4)) == [b"a", b"b"]
    assert sorted(door.do("VSIM", "r", "VALUES", 2, 1, 2)) == [b"a", b"b"]
    assert scores(door.do("VSIM", "r", "ELE", "a", "WITHSCORES"))[0][1] == pytest.approx(1, abs=1e-3)


def test_a_projection_keeps_distances(door):
    door.do("VADD", "r", "REDUCE", 512, "FP32", packed(*([1] * 64 + [0] * 64)), "a", "NOQUANT")
    door.do("VADD", "r", "REDUCE", 512, "FP32", packed(*([0] * 64 + [1] * 64)), "b", "NOQUANT")
    door.do("VADD", "r", "REDUCE", 512, "FP32", packed(*([1] * 96 + [0] * 32)), "c", "NOQUANT")
    near = dict(scores(door.do("VSIM", "r", "ELE", "a", "WITHSCORES")))
    assert near[b"b"] == pytest.approx(0.5, abs=0.1)
    assert near[b"c"] == pytest.approx(0.5 + 64 / math.sqrt(64 * 96) / 2, abs=0.1)


# ---- removing ----

def test_vrem(compass):
    assert compass.do("VREM", "k", "west") == 1
    assert compass.do("VREM", "k", "west") == 0
    assert compass.do("VREM", "missing", "west") == 0
    for element in ("east", "north", "north-east", "nowhere"):
        assert compass.do("VREM", "k", element) == 1
    assert compass.do("EXISTS", "k") == 0


def test_another_type(door):
    door.do("SET", "s", "v")
    for command in (("VADD", "s", "VALUES", 1, 1, "e"), ("VADD", "s", "VALUES", 1, 1, "e", "BIN"), ("VREM", "s", "e"),
                    ("VCARD", "s"), ("VDIM", "s"), ("VEMB", "s", "e"), ("VINFO", "s"), ("VLINKS", "s", "e"),
                    ("VRANDMEMBER", "s"), ("VISMEMBER", "s", "e"), ("VSETATTR", "s", "e", "x"), ("VGETATTR", "s", "e"),
                    ("VSIM", "s", "ELE", "e"), ("VSIM", "s", "junk", "e"), ("VSIM", "s", "ELE", "e", "COUNT", "x")):
        assert door.refused(*command) == WRONGTYPE, command
    assert door.refused("VADD", "s", "VALUES", 1, "x", "e") == SPECIFICATION
    assert door.refused("VADD", "s", "VALUES", 1, 1, "e", "M", 0) == "ERR invalid M"
    assert door.refused("VEMB", "s", "e", "junk") == "ERR invalid option"
    assert door.refused("VRANDMEMBER", "s", "x") == "ERR COUNT value is not an integer"
    assert door.do("VRANDMEMBER", "s", 0) == []
    add(door, "k", "e", 1)
    assert door.refused("GET", "k") == WRONGTYPE
    assert door.refused("LPUSH", "k", "x") == WRONGTYPE


def test_a_missing_key(door):
    for command, reply in ((("VREM", "k", "e"), 0), (("VCARD", "k"), 0), (("VEMB", "k", "e"), None),
                           (("VINFO", "k"), None), (("VLINKS", "k", "e"), None), (("VRANDMEMBER", "k"), None),
                           (("VRANDMEMBER", "k", 5), []), (("VISMEMBER", "k", "e"), 0),
                           (("VSETATTR", "k", "e", "x"), 0),
                           (("VGETATTR", "k", "e"), None), (("VSIM", "k", "ELE", "e"), []),
                           (("VSIM", "k", "junk", "e"), []), (("VSIM", "k", "ELE", "e", "WITHSCORES"), [])):
        assert door.do(*command) == reply, command
    assert door.refused("VDIM", "k") == "ERR key does not exist"


@pytest.mark.parametrize(("command", "least", "most"), [
    ("VREM", 2, 2), ("VCARD", 1, 1), ("VDIM", 1, 1), ("VEMB", 2, 9), ("VINFO", 1, 1), ("VLINKS", 2, 3),
    ("VRANDMEMBER", 1, 2), ("VISMEMBER", 2, 2), ("VSETATTR", 3, 3), ("VGETATTR", 2, 2), ("VSIM", 3, 99),
])
def test_numbers_of_arguments(door, command, least, most):
    for count in range(least):
        assert door.refused(command, *["x"] * count) == arity(command)
    if most < 9:
        assert door.refused(command, *["x"] * (most + 1)) == arity(command)


# ---- looking inside ----

def test_vemb(compass):
    assert numbers(compass.do("VEMB", "k", "north-east")) == pytest.approx([2, 2], abs=0.02)
    assert numbers(compass.do("VEMB", "k", "nowhere")) == [0, 0]
    assert compass.do("VEMB", "k", "missing") is None
    assert compass.refused("VEMB", "k", "north", "junk") == "ERR invalid option"
    kind, vector, length, largest = compass.do("VEMB", "k", "north-east", "RAW", "raw")
    assert (kind, vector) == (b"int8", b"\x7f\x7f")
    assert float(length) == pytest.approx(math.sqrt(8))
    assert float(largest) == pytest.approx(math.sqrt(0.5))


def test_vemb_of_the_other_kinds(door):
    add(door, "f", "e", 1, -2, 3, options=["NOQUANT"])
    add(door, "b", "e", 1, -2, 3, options=["BIN"])
    assert numbers(door.do("VEMB", "f", "e")) == [1, -2, 3]
    assert numbers(door.do("VEMB", "b", "e")) == [1, -1, 1]
    kind, vector, length = door.do("VEMB", "f", "e", "RAW")
    assert kind == b"f32"
    assert struct.unpack("<3f", vector) == pytest.approx([1 / math.sqrt(14), -2 / math.sqrt(14), 3 / math.sqrt(14)])
    assert float(length) == pytest.approx(math.sqrt(14))
    kind, vector, length = door.do("VEMB", "b", "e", "RAW")
    assert (kind, vector) == (b"bin", b"\x05" + b"\0" * 7)
    assert float(length) == pytest.approx(math.sqrt(14))


def test_what_quantising_takes_is_what_the_reference_takes(door):
    add(door, "k", "e", 1, 2, 3)
    assert [repr(number) for number in numbers(door.do("VEMB", "k", "e"))] == [
        "0.992125928401947", "2.007874011993408", "3.0"]
    _, vector, length, largest = door.do("VEMB", "k", "e", "RAW")
    assert (vector, float(length), float(largest)) == (b"*U\x7f", 3.7416574954986572, 0.8017836809158325)


def test_vinfo(compass):
    info = compass.pairs(compass.do("VINFO", "k"))
    assert info.pop(b"max-level") in range(16)
    assert info == {b"quant-type": b"int8", b"hnsw-m": 16, b"vector-dim": 2, b"projection-input-dim": 0, b"size": 5,
                    b"attributes-count": 2, b"vset-uid": 0, b"hnsw-max-node-uid": 5}
    add(compass, "k", "north", 0, 5)
    add(compass, "b", "e", 1, options=["BIN", "M", 20])
    info = compass.pairs(compass.do("VINFO", "k"))
    assert (info[b"size"], info[b"hnsw-max-node-uid"]) == (5, 6)
    info = compass.pairs(compass.do("VINFO", "b"))
    assert (info[b"quant-type"], info[b"hnsw-m"], info[b"vset-uid"]) == (b"bin", 20, 1)


def test_vlinks(compass):
    levels = compass.do("VLINKS", "k", "east")
    assert sorted(levels[-1]) == [b"north", b"north-east", b"nowhere", b"west"]
    scored = compass.do("VLINKS", "k", "east", "withscores")
    assert len(scored) == len(levels)
    found = dict(scores(scored[-1]))
    assert found == {b"north": 0.5, b"nowhere": 0.5, b"west": 0.0, b"north-east": pytest.approx(0.8536, abs=1e-3)}
    assert compass.do("VLINKS", "k", "missing") is None
    assert compass.refused("VLINKS", "k", "east", "junk") == arity("VLINKS")


def test_vrandmember(compass):
    everyone = {b"east", b"north-east", b"north", b"west", b"nowhere"}
    assert compass.do("VRANDMEMBER", "k") in everyone
    assert set(compass.do("VRANDMEMBER", "k", 99)) == everyone
    assert compass.do("VRANDMEMBER", "k", 0) == []
    some = compass.do("VRANDMEMBER", "k", 3)
    assert len(some) == len(set(some)) == 3
    many = compass.do("VRANDMEMBER", "k", -200)
    assert len(many) == 200
    assert set(many) == everyone
    for count in ("x", "", "+1", "01", 2**63, -(2**63)):
        assert compass.refused("VRANDMEMBER", "k", count) == "ERR COUNT value is not an integer"


def test_vismember(compass):
    assert compass.do("VISMEMBER", "k", "east") == 1
    assert compass.do("VISMEMBER", "k", "East") == 0


def test_attributes(compass):
    assert compass.do("VGETATTR", "k", "east") == b'{"year": 1980, "tags": ["warm", "dry"]}'
    assert compass.do("VGETATTR", "k", "north") is None
    assert compass.do("VSETATTR", "k", "north", "no JSON") == 1
    assert compass.do("VGETATTR", "k", "north") == b"no JSON"
    assert compass.do("VSETATTR", "k", "missing", "x") == 0
    add(compass, "k", "north", 0, 7)
    assert compass.do("VGETATTR", "k", "north") == b"no JSON"
    add(compass, "k", "north", 0, 7, options=["SETATTR", "other"])
    assert compass.do("VGETATTR", "k", "north") == b"other"
    assert compass.do("VSETATTR", "k", "north", "") == 1
    assert compass.do("VGETATTR", "k", "north") is None
    add(compass, "k", "east", 1, 1, options=["SETATTR", ""])
    assert compass.do("VGETATTR", "k", "east") is None
    add(compass, "new", "e", 1, options=["SETATTR", ""])
    assert compass.do("VGETATTR", "new", "e") == b""
    assert compass.do("VSIM", "new", "ELE", "e", "FILTER", "1") == [b"e"]
    assert compass.pairs(compass.do("VINFO", "k"))[b"attributes-count"] == 1


# ---- searching ----

def test_vsim(compass):
    assert compass.do("VSIM", "k", "VALUES", 2, 5, 1)[:2] == [b"east", b"north-east"]
    assert compass.do("VSIM", "k", "FP32", packed(5, 1), "COUNT", 2) == [b"east", b"north-east"]
    assert compass.do("VSIM", "k", "ELE", "north", "COUNT", 2) == [b"north", b"north-east"]
    found = scores(compass.do("VSIM", "k", "VALUES", 2, 1, 0, "WITHSCORES"))
    assert found[0] == (b"east", 1.0)
    assert found[-1] == (b"west", 0.0)
    assert dict(found)[b"nowhere"] == 0.5
    assert dict(found)[b"north-east"] == pytest.approx(0.8536, abs=1e-3)
    assert len(compass.do("VSIM", "k", "ELE", "west", "COUNT", 2**62, "EF", 2**62)) == 5
    assert compass.do("VSIM", "k", "ELE", "east", "NOTHREAD", "TRUTH", "COUNT", 1) == [b"east"]


def test_vsim_with_attributes(compass):
    one = ["VSIM", "k", "ELE", "east", "COUNT", 1]
    text = b'{"year": 1980, "tags": ["warm", "dry"]}'
    assert compass.pairs(compass.do(*one, "WITHATTRIBS")) == {b"east": text}
    both = compass.do(*one, "WITHATTRIBS", "WITHSCORES")
    assert both in ({b"east": [1.0, text]}, [b"east", b"1", text])
    assert compass.pairs(compass.do("VSIM", "k", "ELE", "north", "COUNT", 1, "WITHATTRIBS")) == {b"north": None}


def test_vsim_epsilon(compass):
    def near(epsilon):
        return set(compass.do("VSIM", "k", "VALUES", 2, 1, 0, "EPSILON", epsilon, "TRUTH"))

    assert near(0.1) == {b"east"}
    assert near("0.2") == {b"east", b"north-east"}
    assert near(0.5) == {b"east", b"north-east", b"north", b"nowhere"}
    assert len(near(1)) == len(near("inf")) == len(near("0x1")) == 5


@pytest.mark.parametrize(("words", "error"), [
    (["junk"], "ERR syntax error in VSIM command"), (["COUNT"], "ERR syntax error in VSIM command"),
    (["EF"], "ERR syntax error in VSIM command"), (["FILTER"], "ERR syntax error in VSIM command"),
    (["COUNT", 0], "ERR invalid COUNT"), (["COUNT", -1], "ERR invalid COUNT"), (["COUNT", "1.5"], "ERR invalid COUNT"),
    (["EF", 0], "ERR invalid EF"), (["EF", "x"], "ERR invalid EF"), (["FILTER-EF", 0], "ERR invalid FILTER-EF"),
    (["EPSILON", 0], "ERR invalid EPSILON"), (["EPSILON", -1], "ERR invalid EPSILON"),
    (["EPSILON", "nan"], "ERR invalid EPSILON"), (["EPSILON", "x"], "ERR invalid EPSILON"),
    (["COUNT", 0, "FILTER", "("], "ERR invalid COUNT"),
    (["FILTER", "(", "COUNT", 0], "ERR syntax error in FILTER expression near: ("),
    (["FILTER", ""], "ERR syntax error in FILTER expression near: "),
    (["FILTER", "\0"], "ERR syntax error in FILTER expression near: "),
    (["FILTER", "(1\0)"], "ERR syntax error in FILTER expression near: (1"),
    (["FILTER", ".a @ 1"], "ERR syntax error in FILTER expression near: @ 1"),
    (["FILTER", "1 foo\r\n2"], "ERR syntax error in FILTER expression near:   2"),
], ids=str)
def test_vsim_errors(compass, words, error):
    assert compass.refused("VSIM", "k", "ELE", "east", *words) == error


def test_vsim_vectors(compass):
    assert compass.refused("VSIM", "k", "ELE", "missing", "COUNT", 0) == "ERR element not found in set"
    for words in (["junk", "east"], ["FP32", ""], ["FP32", "abc"], ["VALUES", 0], ["VALUES", 4, 1, 2],
                  ["VALUES", 2, 1, "x"], ["VALUES", 2, 1, "nan", "COUNT", 0], ["VALUES", 2**63 - 1, 1]):
        assert compass.refused("VSIM", "k", *words, *["x"] * (2 - len(words))) == SPECIFICATION
    assert compass.refused("VSIM", "k", "VALUES", 3, 1, 1, 1, "COUNT", 0) == (
        "ERR Vector dimension mismatch - got 3 but set has 2")


@pytest.mark.parametrize(("expression", "found"), [
    (".year > 1985", {b"north-east"}), (".year < 1985 or .year == 1990", {b"east", b"north-east"}),
    ('"dry" in .tags', {b"east"}), (".name == 'né'", {b"north-east"}), ("1", {b"east", b"north-east"}), ("0", set()),
    ("not (.year % 4 == 0)", {b"north-east"}), (".missing or 1", set()), (".year in [1970, 1980] and .tags", {b"east"}),
])
def test_vsim_filter(compass, expression, found):
    for more in ([], ["TRUTH"], ["FILTER-EF", 1000], ["EF", 1, "COUNT", 5]):
        assert set(compass.do("VSIM", "k", "ELE", "west", "FILTER", expression, *more)) == found
    assert set(compass.do("VSIM", "k", "ELE", "west", "FILTER", "0", "FILTER", expression)) == found


def test_filter_effort_bounds_the_walk(door):
    for i in range(300):
        add(door, "k", f"e{i}", math.cos(i / 100), math.sin(i / 100), options=["SETATTR", f'{{"i":{i}}}'])
    assert door.do("VSIM", "k", "ELE", "e0", "FILTER", ".i == 299", "FILTER-EF", 5) == []
    assert door.do("VSIM", "k", "ELE", "e0", "FILTER", ".i == 299", "FILTER-EF", 1000) == [b"e299"]


# ---- keys ----

@pytest.mark.parametrize("kind", KINDS)
def test_copies_and_memory(door, kind):
    for i in range(200):
        add(door, "k", f"e{i}", math.cos(i), math.sin(i), options=[kind, *(["SETATTR", f"[{i}]"] if i % 3 else [])])
    for i in range(0, 200, 4):
        door.do("VREM", "k", f"e{i}")
    assert door.do("COPY", "k", "copy") == 1
    for i in range(200):
        assert door.do("VEMB", "copy", f"e{i}", "RAW") == door.do("VEMB", "k", f"e{i}", "RAW")
        assert door.do("VGETATTR", "copy", f"e{i}") == door.do("VGETATTR", "k", f"e{i}")
    add(door, "copy", "e1", 5, 5, options=[kind])
    near = ["ELE", "e2", "COUNT", 5, "TRUTH"]
    assert door.do("VSIM", "copy", *near) == door.do("VSIM", "k", *near)
    used = door.do("MEMORY", "USAGE", "copy")
    before = door.stats()["heap_used"]
    door.do("DEL", "copy")
    while door.store.engine.cron(1_000_000):
        pass
    assert abs(before - door.stats()["heap_used"] - used) < 200
    assert door.do("SCAN", 0, "TYPE", "vectorset") == [b"0", [b"k"]]


def test_large_sets_are_freed_in_slices(door):
    for i in range(3000):
        add(door, "k", f"e{i}", i, 1, options=["SETATTR", "x" * 50, "EF", 5])
    used = door.stats()["heap_used"]
    door.do("UNLINK", "k")
    assert door.do("EXISTS", "k") == 0
    store = door.store
    while store.engine.cron(1_000_000):
        pass
    assert store.engine.stats()["heap_used"] < used / 10


# ---- the Store's methods ----

def test_vectors_of_all_sorts():
    store = cydis.Store()
    vector = [1.0, -2.5, 3.0]
    doubles, floats = array.array("d", vector), array.array("f", vector)
    for i, same in enumerate([vector, tuple(vector), iter(vector), doubles, floats, memoryview(floats),
                              memoryview(doubles), packed(*vector), bytearray(packed(*vector)),
                              memoryview(array.array("f", [1, 0, -2.5, 0, 3, 0]))[::2],
                              memoryview(array.array("d", [3, -2.5, 1]))[::-1]]):
        assert store.vadd("v", same, f"e{i}", quantization="NOQUANT") is True
        assert store.vemb("v", f"e{i}") == pytest.approx(vector)
    assert store.vadd("i", array.array("i", [1, 2, 3]), "e") is True
    assert store.vadd("i", [1, 2, 3], "e") is False
    for wrong, error in (("123", TypeError), ([1, "x"], TypeError), (5, TypeError), ([None], TypeError)):
        with pytest.raises(error):
            store.vadd("v", wrong, "e")
    with pytest.raises(cydis.CommandError, match="specification"):
        store.vadd("v", [], "e")


def test_methods():
    store = cydis.Store(decode=True)
    assert store.vadd("k", [1, 0], "a", attributes={"n": 1}, ef=50, cas=True, numlinks=8) is True
    assert store.vadd("k", [0, 1], "b", attributes='{"n": 2}', quantization="Q8", numlinks=8) is True
    assert store.vsim("k", "a") == ["a", "b"]
    assert store.vsim("k", [0, 2], count=1) == ["b"]
    assert store.vsim("k", "a", with_scores=True) == {"a": 1.0, "b": 0.5}
    assert store.vsim("k", "a", with_attribs=True, count=1) == {"a": '{"n": 1}'}
    assert store.vsim("k", "a", with_attribs=True, with_scores=True, count=1) == {"a": [1.0, '{"n": 1}']}
    assert store.vsim("k", "a", filter=".n > 1", filter_ef=10, ef=5, truth=True, no_thread=True) == ["b"]
    assert store.vsim("k", "a", epsilon=0.25) == ["a"]
    assert (store.vcard("k"), store.vdim("k")) == (2, 2)
    assert (store.vismember("k", "a"), store.vismember("k", "x")) == (True, False)
    assert store.vemb("k", "a") == [1.0, 0.0]
    assert store.vemb("k", "a", raw=True) == [b"int8", b"\x7f\0", 1.0, 1.0]
    info = store.vinfo("k")
    assert (info["size"], info["quant-type"], info["attributes-count"]) == (2, "int8", 2)
    assert store.vinfo("missing") is None
    assert store.vlinks("k", "a")[-1] == ["b"]
    assert store.vlinks("k", "a", with_scores=True)[-1] == {"b": 0.5}
    assert store.vrandmember("k") in ("a", "b")
    assert sorted(store.vrandmember("k", 5)) == ["a", "b"]
    assert store.vsetattr("k", "a", {"n": [1]}) is True
    assert json.loads(store.vgetattr("k", "a")) == {"n": [1]}
    assert store.vrem("k", "a") is True
    assert store.vrem("k", "a") is False
    with store.pipeline() as pipe:
        pipe.vadd("p", [1], "x", reduce_dim=4).vdim("p").vcard("p")
        assert pipe.run() == [True, 4, 1]


# ---- beside brute force ----

ELEMENTS = st.integers(0, 12).map(lambda i: b"e%d" % i)
VECTORS = st.lists(st.integers(-3, 3), min_size=3, max_size=3)


def cosine(a, b):
    product = math.sqrt(sum(x * x for x in a) * sum(x * x for x in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / product if product else 0


class VectorsBesideDict(RuleBasedStateMachine):
    """A vector set of floats and a dict are told the same things and find the same."""

    @initialize(m=st.sampled_from([4, 5, 16]))
    def start(self, m):
        self.store, self.model, self.m = cydis.Store(), {}, m

    @rule(element=ELEMENTS, vector=VECTORS, attribute=st.none() | st.integers(0, 3))
    def add(self, element, vector, attribute):
        new = self.store.vadd("v", vector, element, quantization="NOQUANT", numlinks=self.m, attributes=attribute)
        assert new == (element not in self.model)
        kept = self.model.get(element, (None, None))[1]
        self.model[element] = vector, kept if attribute is None else attribute

    @rule(element=ELEMENTS)
    def remove(self, element):
        assert self.store.vrem("v", element) == (self.model.pop(element, None) is not None)

    @precondition(lambda self: self.model)
    @rule(vector=VECTORS, truth=st.booleans())
    def search(self, vector, truth):
        found = self.store.vsim("v", vector, with_scores=True, count=100, truth=truth)
        assert found.keys() == self.model.keys()
        for element, score in found.items():
            assert score == pytest.approx((1 + cosine(vector, self.model[element][0])) / 2, abs=1e-5)
        assert list(found.values()) == sorted(found.values(), reverse=True)

    @precondition(lambda self: self.model)
    @rule()
    def copy(self):
        self.store.copy("v", "w")
        self.store.rename("w", "v")

    @invariant()
    def same(self):
        if not hasattr(self, "model"):
            return
        assert self.store.vcard("v") == len(self.model)
        for element, (vector, attribute) in self.model.items():
            assert self.store.vemb("v", element) == pytest.approx(vector, abs=1e-5)
            said = self.store.vgetattr("v", element)
            assert said == (None if attribute is None else b"%d" % attribute)


TestVectorsBesideDict = VectorsBesideDict.TestCase
TestVectorsBesideDict.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), kind=st.sampled_from(KINDS))
def test_recall(seed, kind):
    chance = random.Random(seed)
    store = cydis.Store()
    for i in range(400):
        store.vadd("v", [chance.gauss(0, 1) for _ in range(24)], f"e{i}", quantization=kind)
    for i in range(0, 400, 3):
        store.vrem("v", f"e{i}")
    hits = 0
    for _ in range(20):
        vector = [chance.gauss(0, 1) for _ in range(24)]
        near, exact = (list(store.vsim("v", vector, truth=truth, with_scores=True).values()) for truth in (False, True))
        hits += sum(score >= exact[-1] for score in near)
    assert hits >= 190


# ---- refused memory ----

def filled():
    store = cydis.Store(seed=b"0123456789abcdef")
    for i in range(30):
        store.execute("VADD", "v", "VALUES", 3, i, 1, -i, f"e{i}", "M", 4, "EF", 10, "SETATTR", f'{{"i":{i}}}')
    return store


def picture(store):
    """All that clients could see."""
    return {key: {element: (store.execute("VEMB", key, element), store.execute("VGETATTR", key, element))
                  for element in store.execute("VRANDMEMBER", key, 10_000)} for key in store.execute("KEYS", "*")}


@pytest.mark.parametrize("command", [
    ("VADD", "v", "VALUES", 3, 7, 8, 9, "new", "M", 4),
    ("VADD", "v", "VALUES", 3, 7, 8, 9, "e3", "M", 4, "SETATTR", "x"),
    ("VADD", "new", "REDUCE", 5, "VALUES", 3, 7, 8, 9, "e"), ("VADD", "new", "VALUES", 1, 7, "e", "SETATTR", "x"),
    ("VREM", "v", "e5"), ("VSETATTR", "v", "e5", "y" * 300), ("VEMB", "v", "e5"), ("COPY", "v", "w"),
    ("VSIM", "v", "ELE", "e1", "FILTER", ".i in [1,2,3] or .i > 20"), ("VSIM", "v", "VALUES", 3, 1, 2, 3, "TRUTH"),
    ("VRANDMEMBER", "v", 5), ("VLINKS", "v", "e7", "WITHSCORES"),
], ids=lambda command: " ".join(str(word)[:10] for word in command))
def test_a_refused_command_changes_nothing_and_loses_nothing(command):
    check_refusals(filled, command, picture)
