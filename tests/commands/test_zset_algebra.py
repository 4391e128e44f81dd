"""Examples of what combines sorted sets, stores ranges of them and takes members from several, through every door.

The replies are those of Valkey 9.1. Behind them: the algebra beside plain dicts, and refused memory.
"""
import math

import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
from refusal import check_refusals

import cydis

NUMKEYS = "ERR numkeys should be greater than 0"
NO_WEIGHT = "ERR weight value is not a float"
COUNT = "ERR count should be greater than 0"
LIMIT_ALONE = "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
LONG = b"x" * 65


def number(reply):
    return None if reply is None else float(reply)


def couples(reply):
    """Members with scores, whichever way the protocol writes pairs, as a list of tuples."""
    if not reply or not isinstance(reply[0], list):
        reply = list(zip(reply[::2], reply[1::2], strict=True))
    return [(member, number(score)) for member, score in reply]


def scored(door, *arguments):
    return couples(door.do(*arguments, "WITHSCORES"))


def all_of(door, key):
    return scored(door, "ZRANGE", key, 0, -1)


@pytest.fixture(params=["small", "large"])
def sets(request, door):
    """`a` and `b`, once in the small encoding and once in the large one, and a plain set."""
    for key in "ab":
        if request.param == "large":
            door.do("ZADD", key, 0, LONG)
    door.do("ZADD", "a", 1, "x", 2, "y", 3, "7")
    door.do("ZADD", "b", 10, "y", 20, "z", 30, "7")
    door.do("SADD", "s", "x", "z", 7)
    for key in "ab":
        door.do("ZREM", key, LONG)
    return door


# ---- unions, intersections, differences ----

def test_union(sets):
    assert sets.do("ZUNION", 2, "a", "b") == [b"x", b"y", b"z", b"7"]
    assert scored(sets, "ZUNION", 2, "a", "b") == [(b"x", 1), (b"y", 12), (b"z", 20), (b"7", 33)]
    assert scored(sets, "ZUNION", 3, "a", "missing", "s") == [(b"z", 1), (b"x", 2), (b"y", 2), (b"7", 4)]
    assert scored(sets, "ZUNION", 1, "s") == [(b"7", 1), (b"x", 1), (b"z", 1)]
    assert sets.do("ZUNION", 1, "missing") == []


def test_intersection(sets):
    assert scored(sets, "ZINTER", 2, "a", "b") == [(b"y", 12), (b"7", 33)]
    assert scored(sets, "ZINTER", 3, "b", "s", "a") == [(b"7", 34)]
    assert scored(sets, "ZINTER", 2, "a", "a") == [(b"x", 2), (b"y", 4), (b"7", 6)]
    assert sets.do("ZINTER", 2, "a", "missing") == []
    assert sets.do("ZINTERCARD", 2, "a", "b") == 2
    assert sets.do("ZINTERCARD", 2, "a", "b", "LIMIT", 0) == 2
    assert sets.do("ZINTERCARD", 2, "a", "b", "LIMIT", 9, "LIMIT", 1) == 1


def test_difference(sets):
    assert scored(sets, "ZDIFF", 2, "a", "b") == [(b"x", 1)]
    assert scored(sets, "ZDIFF", 2, "b", "missing") == [(b"y", 10), (b"z", 20), (b"7", 30)]
    assert scored(sets, "ZDIFF", 2, "s", "b") == [(b"x", 1)]
    assert sets.do("ZDIFF", 2, "missing", "a") == []
    assert sets.do("ZDIFF", 3, "a", "b", "a") == []


def test_weights_and_aggregates(sets):
    both = ("ZUNION", 2, "a", "b", "WEIGHTS", 2, -1)
    assert scored(sets, *both) == [(b"7", -24), (b"z", -20), (b"y", -6), (b"x", 2)]
    assert scored(sets, *both, "AGGREGATE", "min") == [(b"7", -30), (b"z", -20), (b"y", -10), (b"x", 2)]
    assert scored(sets, *both, "AGGREGATE", "MAX") == [(b"z", -20), (b"x", 2), (b"y", 4), (b"7", 6)]
    assert scored(sets, "ZINTER", 2, "a", "s", "WEIGHTS", 1, 0.5) == [(b"x", 1.5), (b"7", 3.5)]
    assert scored(sets, "ZUNION", 1, "a", "WEIGHTS", 9, "WEIGHTS", 2) == [(b"x", 2), (b"y", 4), (b"7", 6)]


def test_semantics_46_what_is_no_number_is_zero(door):
    door.do("ZADD", "i", "inf", "p", "-inf", "m", 0, "z", 5, "f")
    door.do("ZADD", "j", "-inf", "p", "inf", "m", 0, "z", "inf", "f")
    assert scored(door, "ZUNION", 1, "i", "WEIGHTS", 0) == [(b"f", 0), (b"m", 0), (b"p", 0), (b"z", 0)]
    assert scored(door, "ZUNION", 2, "i", "j") == [(b"m", 0), (b"p", 0), (b"z", 0), (b"f", math.inf)]
    assert scored(door, "ZINTER", 2, "i", "j") == [(b"m", 0), (b"p", 0), (b"z", 0), (b"f", math.inf)]
    door.do("ZADD", "five", 5, "x")
    door.do("ZADD", "zero", 0, "x", 1, "y")
    assert scored(door, "ZUNION", 2, "five", "zero", "WEIGHTS", 1, "inf") == [(b"x", 5), (b"y", math.inf)]
    assert scored(door, "ZINTER", 2, "five", "zero", "WEIGHTS", 1, "inf") == [(b"x", 0)]
    assert scored(door, "ZINTER", 2, "five", "zero", "WEIGHTS", 1, "inf", "AGGREGATE", "MIN") == [(b"x", 5)]


def test_storing(sets):
    assert sets.do("ZUNIONSTORE", "d", 2, "a", "b", "WEIGHTS", 1, 1, "AGGREGATE", "SUM") == 4
    assert all_of(sets, "d") == [(b"x", 1), (b"y", 12), (b"z", 20), (b"7", 33)]
    assert sets.do("ZINTERSTORE", "d", 2, "a", "d") == 3
    assert all_of(sets, "d") == [(b"x", 2), (b"y", 14), (b"7", 36)]
    assert sets.do("ZDIFFSTORE", "d", 2, "d", "b") == 1
    assert all_of(sets, "d") == [(b"x", 2)]
    sets.do("SET", "text", "v", "EX", 100)
    assert sets.do("ZUNIONSTORE", "text", 1, "s") == 3
    assert (sets.do("TYPE", "text"), sets.do("TTL", "text")) == (b"zset", -1)
    assert sets.do("ZINTERSTORE", "text", 2, "a", "missing") == 0
    assert sets.do("EXISTS", "text") == 0
    assert sets.do("ZUNIONSTORE", "a", 2, "a", "a") == 3
    assert all_of(sets, "a") == [(b"x", 2), (b"y", 4), (b"7", 6)]


@pytest.mark.parametrize(("count", "long", "encoding"),
                         [(128, False, b"listpack"), (129, False, b"skiplist"), (3, True, b"skiplist")])
def test_what_is_stored_has_the_encoding_of_its_members(door, count, long, encoding):
    members = [LONG] * long + [b"m%03d" % i for i in range(count - long)]
    door.do("ZADD", "a", *(word for i, member in enumerate(members) for word in (i, member)))
    for command in (("ZUNIONSTORE", "d", 1, "a"), ("ZINTERSTORE", "d", 2, "a", "a"),
                    ("ZDIFFSTORE", "d", 2, "a", "missing"),
                    ("ZRANGESTORE", "d", "a", 0, -1), ("ZRANGESTORE", "d", "a", "-inf", "inf", "BYSCORE")):
        assert door.do(*command) == count
        assert door.do("OBJECT", "ENCODING", "d") == encoding
        assert door.do("ZRANGE", "d", 0, -1) == members
        assert door.do("ZRANK", "d", members[-1]) == count - 1


def test_algebra_refuses(sets):
    door = sets
    door.do("SET", "text", "v")
    for name in ("ZUNION", "ZINTER", "ZDIFF", "ZINTERCARD"):
        none = f"ERR at least 1 input key is needed for '{name.lower()}' command"
        assert door.refused(name, 0, "a") == none
        assert door.refused(name, -1, "text") == none
        assert door.refused(name, "x", "a") == NOT_AN_INTEGER
        assert door.refused(name, 3, "a", "b") == SYNTAX
        assert door.refused(name, 1, "text", "junk") == WRONGTYPE
        assert door.refused(name, 1, "a", "junk") == SYNTAX
    for name in ("ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE"):
        none = f"ERR at least 1 input key is needed for '{name.lower()}' command"
        assert door.refused(name, "d", 0, "a") == none
        assert door.refused(name, "d", 2, "a") == SYNTAX
        assert door.refused(name, "d", 1, "a", "WITHSCORES") == SYNTAX
        assert door.refused(name, "d", 1, "text") == WRONGTYPE
    for wrong in (["WEIGHTS", 1], ["AGGREGATE"], ["AGGREGATE", "AVG"], ["LIMIT", 1], ["WEIGHTS", 1, 2, 3]):
        assert door.refused("ZUNION", 2, "a", "b", *wrong) == SYNTAX
    for weight in ("x", "nan", "", " 1", "0x10", "1e400"):
        assert door.refused("ZUNION", 1, "a", "WEIGHTS", weight) == NO_WEIGHT
    assert door.refused("ZDIFF", 1, "a", "WEIGHTS", 1) == SYNTAX
    assert door.refused("ZINTERCARD", 1, "a", "WITHSCORES") == SYNTAX
    for limit in (-1, "x"):
        assert door.refused("ZINTERCARD", 1, "a", "LIMIT", limit) == "ERR LIMIT can't be negative"


# ---- ZRANGESTORE ----

def test_ranges_are_stored(sets):
    assert sets.do("ZRANGESTORE", "d", "b", 0, 1) == 2
    assert all_of(sets, "d") == [(b"y", 10), (b"z", 20)]
    assert sets.do("ZRANGESTORE", "d", "b", 0, 1, "REV") == 2
    assert all_of(sets, "d") == [(b"z", 20), (b"7", 30)]
    assert sets.do("ZRANGESTORE", "d", "b", "+inf", "-inf", "BYSCORE", "REV", "LIMIT", 1, 1) == 1
    assert all_of(sets, "d") == [(b"z", 20)]
    assert sets.do("ZRANGESTORE", "d", "b", "(10", 30, "BYSCORE", "LIMIT", 1, -1) == 1
    assert all_of(sets, "d") == [(b"7", 30)]
    assert sets.do("ZRANGESTORE", "b", "b", 0, 0) == 1
    assert all_of(sets, "b") == [(b"y", 10)]
    assert sets.do("ZRANGESTORE", "b", "missing", 0, -1) == 0
    assert sets.do("EXISTS", "b") == 0
    assert sets.do("ZRANGESTORE", "a", "a", 5, 4, "BYSCORE") == 0
    assert sets.do("EXISTS", "a") == 0


def test_rangestore_refuses(sets):
    assert sets.refused("ZRANGESTORE", "d", "a", 0, 1, "WITHSCORES") == SYNTAX
    assert sets.refused("ZRANGESTORE", "d", "s", 0, "x", "junk") == SYNTAX
    assert sets.refused("ZRANGESTORE", "d", "s", 0, "x") == NOT_AN_INTEGER
    assert sets.refused("ZRANGESTORE", "d", "s", 0, 1) == WRONGTYPE
    assert sets.refused("ZRANGESTORE", "d", "a", 0, 1, "LIMIT", 0, 1) == LIMIT_ALONE
    assert sets.refused("ZRANGESTORE", "d", "a", "x", 1, "BYSCORE") == "ERR min or max is not a float"


# ---- from the first of several ----

def test_zmpop(sets):
    key, taken = sets.do("ZMPOP", 3, "missing", "a", "b", "MIN")
    assert (key, couples(taken)) == (b"a", [(b"x", 1)])
    key, taken = sets.do("ZMPOP", 2, "a", "b", "max", "COUNT", 2**63 - 1)
    assert (key, couples(taken)) == (b"a", [(b"7", 3), (b"y", 2)])
    assert sets.do("EXISTS", "a") == 0
    assert sets.do("ZMPOP", 1, "a", "MIN", "COUNT", 5) is None


def test_zmpop_refuses(sets):
    for keys in (0, -1, "x", 2**63):
        assert sets.refused("ZMPOP", keys, "a", "MIN") == NUMKEYS
    for count in (0, -1, "x", 2**63):
        assert sets.refused("ZMPOP", 1, "a", "MIN", "COUNT", count) == COUNT
    for wrong in ([1, "a", "MID"], [2, "a", "MIN"], [2**63 - 1, "a", "MIN"], [1, "a", "MIN", "COUNT"],
                  [1, "a", "MIN", "COUNT", 1, "COUNT", 1], [1, "a", "MIN", 1]):
        assert sets.refused("ZMPOP", *wrong) == SYNTAX
    assert sets.refused("ZMPOP", 2, "missing", "s", "MIN") == WRONGTYPE


def test_waiting_pops_serve_what_is_there(sets):
    key, member, score = sets.do("BZPOPMIN", "missing", "a", "b", 0)
    assert (key, member, number(score)) == (b"a", b"x", 1)
    key, member, score = sets.do("BZPOPMAX", "b", 0.5)
    assert (key, member, number(score)) == (b"b", b"7", 30)
    key, taken = sets.do("BZMPOP", 0, 2, "missing", "b", "MIN", "COUNT", 9)
    assert (key, couples(taken)) == (b"b", [(b"y", 10), (b"z", 20)])


def test_waiting_pops_of_nothing(sets):
    assert sets.do("BZPOPMIN", "missing", 0.01) is None
    assert sets.do("BZPOPMAX", "missing", "none", 0.01) is None
    assert sets.do("BZMPOP", 0.01, 1, "missing", "MAX") is None


def test_semantics_38_timeouts(sets):
    waits = (lambda timeout: ("BZPOPMIN", "s", timeout), lambda timeout: ("BZMPOP", timeout, 1, "s", "MIN"))
    for wait in waits:
        for timeout in (-1, -1.5, "-inf", "-1e400"):
            assert sets.refused(*wait(timeout)) == "ERR timeout is negative"
        for timeout in ("nan", "x", "", " 1", "1 ", "1e5000"):
            assert sets.refused(*wait(timeout)) == "ERR timeout is not a float or out of range"
        for timeout in ("inf", "1e300", 2**63, 9223372036854775):
            assert sets.refused(*wait(timeout)) == "ERR timeout is out of range"
        assert sets.refused(*wait(1)) == WRONGTYPE
    assert sets.refused("BZMPOP", "x", 0, "s", "MIN") == NUMKEYS
    assert sets.refused("BZMPOP", "x", 1, "s", "MIN", "COUNT", 0) == COUNT
    assert sets.refused("BZMPOP", "x", 1, "s", "MIDDLE") == SYNTAX


# ---- keys ----

@pytest.mark.parametrize(("command", "keys"), [
    ("ZUNION 2 a b WEIGHTS 1 1", "a b"), ("ZINTERCARD 1 a LIMIT 1", "a"), ("ZDIFF 2 a b", "a b"),
    ("ZUNIONSTORE d 2 a b AGGREGATE MIN", "d a b"), ("ZINTERSTORE d 1 a", "d a"), ("ZDIFFSTORE d 1 a", "d a"),
    ("ZRANGESTORE d a 0 -1", "d a"), ("ZMPOP 2 a b MIN", "a b"), ("BZMPOP 1 2 a b MIN", "a b"),
    ("BZPOPMIN a b 1", "a b"), ("BZPOPMAX a 1", "a"),
])
def test_key_positions(door, command, keys):
    assert door.do("COMMAND", "GETKEYS", *command.split()) == [key.encode() for key in keys.split()]


# ---- beside plain dicts ----

MEMBERS = st.one_of(st.integers(0, 30).map(lambda i: b"m%d" % i), st.integers(-9, 20).map(lambda i: b"%d" % i))
SCORES = st.one_of(st.integers(-5, 5).map(float), st.sampled_from([math.inf, -math.inf, 0.1]))
ZSETS = st.dictionaries(MEMBERS, SCORES, max_size=40)
PLAIN = st.sets(MEMBERS, max_size=40).map(lambda members: dict.fromkeys(members, 1.0))


def no_nan(score):
    return 0.0 if math.isnan(score) else score


def united(sets, weights, how):
    result = {}
    for members, weight in sorted(zip(sets, weights, strict=True), key=lambda each: len(each[0])):
        for member, score in members.items():
            weighted = no_nan(score * weight)
            result[member] = no_nan(how(result[member], weighted)) if member in result else weighted
    return result


HOW = {"SUM": lambda a, b: a + b, "MIN": lambda a, b: min(a, b), "MAX": lambda a, b: max(a, b)}


@settings(max_examples=150, deadline=None)
@given(sets=st.lists(st.tuples(st.booleans(), ZSETS, PLAIN), min_size=1, max_size=6), data=st.data(),
       how=st.sampled_from(list(HOW)), entries=st.sampled_from([0, 8, 128]))
def test_algebra_beside_dicts(sets, data, how, entries):
    store = cydis.Store()
    store.config_set("zset-max-listpack-entries", entries)
    store.config_set("set-max-listpack-entries", entries)
    chosen = []
    for i, (plain, scores, members) in enumerate(sets):
        chosen.append(members if plain else scores)
        if chosen[-1]:
            store.sadd(i, *members) if plain else store.zadd(i, scores)
    keys = range(len(chosen))
    weights = data.draw(st.lists(st.integers(-2, 3), min_size=len(chosen), max_size=len(chosen)))

    def in_order(result):
        return sorted(result.items(), key=lambda pair: (pair[1], pair[0]))

    union = united(chosen, weights, HOW[how])
    common = set.intersection(*map(set, chosen))
    both = {member: score for member, score in
            united([{m: each[m] for m in common} for each in chosen], weights, HOW[how]).items()}
    left = {member: score for member, score in chosen[0].items() if not any(member in o for o in chosen[1:])}
    options = {"weights": weights, "aggregate": how}
    assert store.zunion(*keys, **options, withscores=True) == in_order(union)
    found = dict(store.zinter(*keys, **options, withscores=True))
    assert set(found) == common
    if all(abs(score) < math.inf for each in chosen for score in each.values()) and how != "SUM":
        assert found == both
    assert store.zintercard(*keys) == len(common)
    assert store.zintercard(*keys, limit=3) == min(3, len(common))
    assert store.zdiff(*keys, withscores=True) == in_order(left)
    for stored, result in ((store.zunionstore("d", *keys, **options), union), (store.zdiffstore("d", *keys), left)):
        assert stored == len(result)
    assert store.zrange("d", 0, -1, withscores=True) == in_order(left)
    assert store.engine.check()


def test_large_sets_of_every_kind(door):
    """More members than go together in a block, in skiplists and in hash tables, in other orders."""
    low, high = range(3000), range(1500, 4500)
    door.do("ZADD", "low", *(word for i in low for word in (i * 7 % 3001, f"m{i}")))
    door.do("ZADD", "high", *(word for i in high for word in (-i, f"m{i}")))
    door.do("SADD", "plain", *(f"m{i}" for i in range(1000, 2000)))
    union = {f"m{i}".encode(): (i * 7 % 3001 if i in low else 0) - (i if i in high else 0) for i in range(4500)}
    assert scored(door, "ZUNION", 2, "low", "high") == sorted(union.items(), key=lambda p: (p[1], p[0]))
    assert door.do("ZUNIONSTORE", "d", 2, "low", "high") == 4500
    assert all_of(door, "d") == sorted(union.items(), key=lambda p: (p[1], p[0]))
    assert door.do("ZINTERCARD", 3, "low", "high", "plain") == 500
    assert door.do("ZINTERCARD", 2, "low", "high", "LIMIT", 77) == 77
    assert dict(scored(door, "ZDIFF", 3, "low", "high", "plain")) == {
        b"m%d" % i: i * 7 % 3001 for i in range(1000)}
    assert door.do("ZDIFFSTORE", "d", 6, "low", *["high"] * 5) == 1500
    assert door.do("ZRANGESTORE", "e", "low", 100, 2099) == 2000
    assert door.do("ZRANGE", "e", 0, -1) == door.do("ZRANGE", "low", 100, 2099)


# ---- refused memory ----

def filled():
    store = cydis.Store(seed=b"0123456789abcdef")
    store.execute("ZADD", "a", *(word for i in range(20) for word in (i, i)))
    store.execute("ZADD", "b", *(word for i in range(200) for word in (-i, i)))
    store.execute("SADD", "s", *(f"m{i}" for i in range(100)))
    store.execute("SET", "text", "v")
    return store


def picture(store):
    return {key: store.execute("ZRANGE", key, 0, -1, "WITHSCORES") if store.type(key) == "zset" else key
            for key in store.execute("KEYS", "*")}


@pytest.mark.parametrize("command", [
    "ZUNION 2 a b", "ZINTER 2 a b", "ZDIFF 2 b a", "ZDIFF 5 b a a a a", "ZINTERCARD 2 a b", "ZUNION 2 b s",
    "ZUNIONSTORE d 2 a b", "ZUNIONSTORE text 2 a s", "ZUNIONSTORE b 2 a b", "ZINTERSTORE d 2 a b",
    "ZDIFFSTORE d 2 b a", "ZRANGESTORE d a 0 -1", "ZRANGESTORE text b 0 -1", "ZMPOP 1 a MIN COUNT 15",
    "ZMPOP 1 b MAX COUNT 15", "BZPOPMIN a 1",
])
def test_a_refused_command_changes_nothing_and_loses_nothing(command):
    check_refusals(filled, command.split(), picture)
