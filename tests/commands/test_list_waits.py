"""Examples of what waits for a list's elements, and of WAIT, through every door.

The replies are those of Valkey 9.1. Nobody is made to wait yet: an empty list answers as when time has run out.
"""
import pytest
from doors import SYNTAX, WRONGTYPE
from wire_client import NULL, NULL_ARRAY

NO_FLOAT = "ERR timeout is not a float or out of range"
NEGATIVE = "ERR timeout is negative"
TOO_LONG = "ERR timeout is out of range"
NO_INTEGER = "ERR timeout is not an integer or out of range"
FORMS = [
    ("BLPOP", "l", None), ("BRPOP", "l", None), ("BLMOVE", "l", "m", "LEFT", "RIGHT", None),
    ("BRPOPLPUSH", "l", "m", None), ("BLMPOP", None, 1, "l", "LEFT"),
]


def waiting(form, timeout, key="l"):
    return [timeout if word is None else key if word == "l" else word for word in form]


def test_what_is_there_is_served_at_once(door):
    door.do("RPUSH", "l", *"abcdefgh")
    assert door.do("BLPOP", "none", "l", 0) == [b"l", b"a"]
    assert door.do("BRPOP", "l", "none", 0) == [b"l", b"h"]
    assert door.do("BLMOVE", "l", "m", "LEFT", "RIGHT", 0) == b"b"
    assert door.do("BRPOPLPUSH", "l", "m", 0) == b"g"
    assert door.do("LRANGE", "m", 0, -1) == [b"g", b"b"]
    assert door.do("BLMPOP", 0, 2, "none", "l", "RIGHT", "COUNT", 2) == [b"l", [b"f", b"e"]]
    assert door.do("BLMPOP", 0, 1, "l", "LEFT") == [b"l", [b"c"]]
    assert door.do("BLPOP", "l", 0) == [b"l", b"d"]
    assert door.do("EXISTS", "l") == 0


def test_a_list_turns(door):
    door.do("RPUSH", "l", *"abc")
    assert door.do("BLMOVE", "l", "l", "LEFT", "RIGHT", 1) == b"a"
    assert door.do("BRPOPLPUSH", "l", "l", 1) == b"a"
    assert door.do("LRANGE", "l", 0, -1) == [b"a", b"b", b"c"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_nothing_there_answers_null(door, form):
    assert door.do(*waiting(form, "0.001")) is None
    assert door.do("EXISTS", "l", "m") == 0
    if door.client is not None:
        null = NULL if door.kind == "resp3" else NULL_ARRAY
        assert door.client.call(*waiting(form, "0.001")) == null


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_timeouts(door, form):
    door.do("RPUSH", "l", *range(40))
    for timeout in ("x", "", " 1", "1 ", "nan", "1,5", "3.1.1", b"1\0", "infin"):
        assert door.refused(*waiting(form, timeout)) == NO_FLOAT, timeout
    for timeout in ("-1", "-inf", "-1e400", "-0.0011"):
        assert door.refused(*waiting(form, timeout)) == NEGATIVE, timeout
    for timeout in ("inf", "1e400", "1e18", "9223372036854775807", "9223372036854774", "9223372036854775.807"):
        assert door.refused(*waiting(form, timeout)) == TOO_LONG, timeout
    assert door.do("LLEN", "l") == 40
    for timeout in ("0", "-0", "0x1p3", "1e-400", ".5", "5.", "+1", "1e15", "9223365000000000"):
        assert door.do(*waiting(form, timeout)) is not None, timeout


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_the_timeout_is_read_before_the_key(door, form):
    door.do("SET", "s", "text")
    assert door.refused(*waiting(form, "x", "s")) == NO_FLOAT
    assert door.refused(*waiting(form, "0", "s")) == WRONGTYPE


def test_a_key_of_another_type_ends_the_search(door):
    door.do("SET", "s", "text")
    door.do("RPUSH", "l", "a", "b", "c")
    assert door.refused("BLPOP", "none", "s", "l", 0) == WRONGTYPE
    assert door.do("BLPOP", "l", "s", 0) == [b"l", b"a"]
    assert door.refused("BLMPOP", 0, 2, "s", "l", "LEFT") == WRONGTYPE
    assert door.refused("BLMOVE", "l", "s", "LEFT", "LEFT", 0) == WRONGTYPE
    assert door.do("BLMOVE", "none", "s", "LEFT", "LEFT", "0.001") is None


def test_ends_and_counts_are_checked_before_the_timeout(door):
    assert door.refused("BLMOVE", "l", "m", "MIDDLE", "LEFT", "x") == SYNTAX
    assert door.refused("BLMOVE", "l", "m", "LEFT", "MIDDLE", "-1") == SYNTAX
    for numkeys in ("0", "-1", "x", "9223372036854775808"):
        assert door.refused("BLMPOP", "x", numkeys, "l", "LEFT") == "ERR numkeys should be greater than 0"
    for words in (["2", "l", "LEFT"], ["1", "l", "UP"], ["1", "l", "LEFT", "COUNT"], ["1", "l", "LEFT", "RIGHT"],
                  ["1", "l", "LEFT", "COUNT", "1", "COUNT", "1"]):
        assert door.refused("BLMPOP", "x", *words) == SYNTAX
    for count in ("0", "-1", "x", "9223372036854775808"):
        assert door.refused("BLMPOP", "x", 1, "l", "LEFT", "COUNT", count) == "ERR count should be greater than 0"


def test_keys_of_the_request(door):
    assert door.do("COMMAND", "GETKEYS", "BLPOP", "a", "b", "0") == [b"a", b"b"]
    assert door.do("COMMAND", "GETKEYS", "BLMPOP", "0", "2", "a", "b", "LEFT") == [b"a", b"b"]
    assert door.do("COMMAND", "GETKEYS", "BLMOVE", "a", "b", "LEFT", "LEFT", "0") == [b"a", b"b"]


# ---- replicas ----

def test_wait_without_replicas_answers_at_once(door):
    assert door.do("WAIT", 0, 0) == 0
    assert door.do("WAIT", -1, 0) == 0
    assert door.do("WAIT", 99999999999, 10) == 0
    assert door.refused("WAIT", "x", "x") == "ERR value is not an integer or out of range"
    for timeout in ("x", "1.5", "99999999999999999999"):
        assert door.refused("WAIT", 0, timeout) == NO_INTEGER
    assert door.refused("WAIT", 0, -1) == NEGATIVE
    assert door.refused("WAIT", 0, 2**63 - 1) == TOO_LONG


def test_waitaof_without_replicas_answers_at_once(door):
    assert door.do("WAITAOF", 0, 0, 0) == [0, 0]
    assert door.do("WAITAOF", 0, 2**63 - 1, 10) == [0, 0]
    assert door.refused("WAITAOF", 1, 0, 0) == (
        "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
    assert door.refused("WAITAOF", "x", "x", "x") == "ERR value is not an integer or out of range"
    for local in (-1, 2):
        assert door.refused("WAITAOF", local, "x", "x") == "ERR value is out of range, value must between 0 and 1"
    for replicas in (-1, "x", 2**63):
        assert door.refused("WAITAOF", 1, replicas, "x") == "ERR value is out of range, must be positive"
    assert door.refused("WAITAOF", 1, 0, "x") == NO_INTEGER
    assert door.refused("WAITAOF", 0, 0, -1) == NEGATIVE
