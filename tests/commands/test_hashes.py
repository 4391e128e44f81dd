"""Examples of the commands of hashes, through every door, and a hash beside a dict.

The replies are those of Valkey 9.1.
"""
import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from refusal import check_refusals

import cydis

INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
BEYOND_LONG = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"
NUMFIELDS = "ERR numfields should be greater than 0 and match the provided number of fields"
OVERFLOW = "ERR increment or decrement would overflow"
NO_NUMBER = "ERR increment would produce NaN or Infinity"
NOT_A_FLOAT = "ERR value is not a valid float"
LONG = b"x" * 65


def all_of(door, key="h"):
    return door.pairs(door.do("HGETALL", key))


def encoding(door, key="h"):
    return door.do("OBJECT", "ENCODING", key)


def flat(mapping):
    return [word for item in mapping.items() for word in item]


def couples(reply):
    """Fields with values, whichever way the protocol writes pairs, as a list of tuples."""
    if reply and isinstance(reply[0], list):
        return [tuple(pair) for pair in reply]
    return list(zip(reply[::2], reply[1::2], strict=True))


@pytest.fixture(params=["small", "large"])
def hash_of(request, door):
    """Make `h` of these fields, once in the small encoding and once in the large one."""
    def make(**fields):
        if request.param == "large":
            door.do("HSET", "h", "a long value", LONG)
            door.do("HSET", "h", *flat(fields))
            door.do("HDEL", "h", "a long value")
        else:
            door.do("HSET", "h", *flat(fields))
        assert encoding(door) == {"small": b"listpack", "large": b"hashtable"}[request.param]
        return door

    return make


# ---- setting and reading ----

def test_hset_counts_new_fields(door):
    assert door.do("HSET", "h", "a", 1, "b", 2) == 2
    assert door.do("HSET", "h", "b", 3, "c", 4, "c", 5) == 1
    assert all_of(door) == {b"a": b"1", b"b": b"3", b"c": b"5"}
    assert door.do("TYPE", "h") == b"hash"


def test_hmset_says_ok(door):
    assert door.do("HMSET", "h", "a", 1, "a", 2) == b"OK"
    assert all_of(door) == {b"a": b"2"}


@pytest.mark.parametrize("command", ["HSET", "HMSET"])
def test_pairs_come_in_pairs(door, command):
    door.do("SET", "s", "v")
    wrong = f"ERR wrong number of arguments for '{command.lower()}' command"
    assert door.refused(command, "h", "a") == wrong
    assert door.refused(command, "h", "a", 1, "b") == wrong
    assert door.refused(command, "s", "a", 1, "b") == wrong
    assert door.refused(command, "s", "a", 1) == WRONGTYPE
    assert door.do("EXISTS", "h") == 0


def test_any_bytes_and_numbers_come_back_as_they_were(door):
    values = [b"", b"\x00\r\n\xff", b"-0", b"007", b"9223372036854775807", b"-9223372036854775808",
              b"9223372036854775808", b"x" * 63, b"x" * 64, b"x" * 65, b"x" * 254, b"x" * 255, b"x" * 256,
              b"x" * 300, b"x" * 100_000]
    want = {}
    for name in values:
        for value in values:
            want[name] = value
            assert door.do("HSET", "h", name, value) == (1 if value == values[0] else 0)
            assert door.do("HGET", "h", name) == value
            assert door.do("HSTRLEN", "h", name) == len(value)
    assert all_of(door) == want


def test_hsetnx(hash_of):
    door = hash_of(a="1")
    assert door.do("HSETNX", "h", "a", "2") == 0
    assert door.do("HSETNX", "h", "b", "2") == 1
    assert door.do("HSETNX", "new", "b", "2") == 1
    assert all_of(door) == {b"a": b"1", b"b": b"2"}


def test_reading(hash_of):
    door = hash_of(a="1", b="two")
    assert [door.do("HGET", "h", name) for name in ("a", "b", "c")] == [b"1", b"two", None]
    assert door.do("HMGET", "h", "b", "c", "a", "a") == [b"two", None, b"1", b"1"]
    assert [door.do("HEXISTS", "h", name) for name in ("a", "c")] == [1, 0]
    assert [door.do("HSTRLEN", "h", name) for name in ("a", "b", "c")] == [1, 3, 0]
    assert door.do("HLEN", "h") == 2
    keys, values = door.do("HKEYS", "h"), door.do("HVALS", "h")
    assert dict(zip(keys, values, strict=True)) == all_of(door) == {b"a": b"1", b"b": b"two"}


def test_a_missing_hash(door):
    assert door.do("HGET", "h", "a") is None
    assert door.do("HMGET", "h", "a", "b") == [None, None]
    assert all_of(door) == {}
    assert door.do("HKEYS", "h") == door.do("HVALS", "h") == []
    for command in ("HDEL", "HEXISTS", "HSTRLEN"):
        assert door.do(command, "h", "a") == 0
    assert door.do("HLEN", "h") == 0
    assert door.do("HGETDEL", "h", "FIELDS", 2, "a", "b") == [None, None]
    assert door.do("HRANDFIELD", "h") is None
    assert door.do("HRANDFIELD", "h", 3, "WITHVALUES") == []
    assert door.do("HSCAN", "h", 7, "nonsense") == [b"0", []]
    assert door.do("EXISTS", "h") == 0


def test_other_types_are_refused(door):
    door.do("SET", "s", "v")
    for command in ("HGET a", "HMGET a", "HSETNX a 1", "HDEL a", "HGETDEL FIELDS 1 a", "HLEN", "HEXISTS a",
                    "HSTRLEN a", "HKEYS", "HVALS", "HGETALL", "HINCRBY a 1", "HINCRBYFLOAT a 1", "HRANDFIELD",
                    "HRANDFIELD 1", "HSCAN 0 nonsense"):
        name, *rest = command.split()
        assert door.refused(name, "s", *rest) == WRONGTYPE, command
    door.do("HSET", "h", "a", 1)
    assert door.refused("GET", "h") == WRONGTYPE


# ---- removing ----

def test_hdel(hash_of):
    door = hash_of(a="1", b="2", c="3")
    assert door.do("HDEL", "h", "a", "x", "a", "b") == 2
    assert all_of(door) == {b"c": b"3"}
    assert door.do("HDEL", "h", "c") == 1
    assert door.do("EXISTS", "h") == 0


def test_hgetdel(hash_of):
    door = hash_of(a="1", b="2", c="3")
    assert door.do("HGETDEL", "h", "FIELDS", 3, "a", "x", "a") == [b"1", None, None]
    assert all_of(door) == {b"b": b"2", b"c": b"3"}
    assert door.do("HGETDEL", "h", "fields", 2, "c", "b") == [b"3", b"2"]
    assert door.do("EXISTS", "h") == 0


def test_hgetdel_reads_its_arguments_first(door):
    door.do("SET", "s", "v")
    assert door.refused("HGETDEL", "s", "x", 1, "a") == SYNTAX
    for count in (0, -1, 2):
        assert door.refused("HGETDEL", "s", "FIELDS", count, "a") == NUMFIELDS
    assert door.refused("HGETDEL", "s", "FIELDS", 1, "a", "b") == NUMFIELDS
    for count in ("x", INT64_MAX + 1):
        assert door.refused("HGETDEL", "s", "FIELDS", count, "a") == NOT_AN_INTEGER


# ---- counting ----

def test_hincrby(hash_of):
    door = hash_of(n="10", text="x", almost="010")
    assert door.do("HINCRBY", "h", "n", 5) == 15
    assert door.do("HINCRBY", "h", "new", -3) == -3
    assert door.do("HINCRBY", "missing", "f", INT64_MIN) == INT64_MIN
    assert door.do("HGET", "h", "n") == b"15"
    for name in ("text", "almost"):
        assert door.refused("HINCRBY", "h", name, 1) == "ERR hash value is not an integer"
    assert door.refused("HINCRBY", "h", "n", "x") == NOT_AN_INTEGER
    assert door.refused("HINCRBY", "h", "n", INT64_MAX) == OVERFLOW
    assert door.do("HINCRBY", "h", "n", INT64_MAX - 15) == INT64_MAX
    assert door.refused("HINCRBY", "h", "n", 1) == OVERFLOW
    assert door.do("HINCRBY", "h", "n", INT64_MIN) == -1


def test_hincrbyfloat(hash_of):
    door = hash_of(n="10.5", text="x", huge="1e4932")
    assert door.do("HINCRBYFLOAT", "h", "n", "0.1") == b"10.6"
    assert door.do("HINCRBYFLOAT", "h", "n", "-10.6") == b"0"
    assert door.do("HINCRBYFLOAT", "h", "new", "5.0e3") == b"5000"
    assert door.do("HINCRBYFLOAT", "h", "f", "0.1") == b"0.1"
    assert door.do("HINCRBYFLOAT", "h", "f", "0.2") == b"0.3"
    assert door.do("HINCRBY", "h", "new", 1) == 5001
    assert door.refused("HINCRBYFLOAT", "h", "text", 1) == "ERR hash value is not a float"
    for step in ("x", "nan", "", " 1"):
        assert door.refused("HINCRBYFLOAT", "h", "n", step) == NOT_A_FLOAT
    for step in ("inf", "-inf"):
        assert door.refused("HINCRBYFLOAT", "missing", "n", step) == "ERR value is NaN or Infinity"
    assert door.refused("HINCRBYFLOAT", "h", "huge", "1e4932") == NO_NUMBER
    assert door.do("EXISTS", "missing") == 0


# ---- chance ----

def test_hrandfield(hash_of):
    fields = {f"f{i}": str(i) for i in range(30)}
    door = hash_of(**fields)
    names = {name.encode() for name in fields}
    assert door.do("HRANDFIELD", "h") in names
    for count in (0, 1, 3, 29, 30, 31, INT64_MAX):
        found = door.do("HRANDFIELD", "h", count)
        assert len(found) == len(set(found)) == min(count, 30)
        assert names.issuperset(found)
    assert len(door.do("HRANDFIELD", "h", -50)) == 50
    for count in (3, 30, -50):
        found = couples(door.do("HRANDFIELD", "h", count, "withvalues"))
        assert len(found) == min(abs(count), 30) or count < 0
        assert all(fields[name.decode()].encode() == value for name, value in found)


def test_every_field_comes_in_time(hash_of):
    door = hash_of(**{f"f{i}": str(i) for i in range(12)})
    for count in (1, 2, 6, 11, -1):
        met = set()
        for _ in range(400):
            met.update(door.do("HRANDFIELD", "h", count))
            if len(met) == 12:
                break
        assert len(met) == 12, count


def test_hrandfield_reads_its_arguments_first(door):
    door.do("SET", "s", "v")
    assert door.refused("HRANDFIELD", "s", "x", "WITHVALUES") == NOT_AN_INTEGER
    assert door.refused("HRANDFIELD", "s", INT64_MIN) == BEYOND_LONG
    assert door.refused("HRANDFIELD", "s", 1, "WITHVALUE") == SYNTAX
    assert door.refused("HRANDFIELD", "s", 1, "WITHVALUES", "x") == SYNTAX
    for count in (INT64_MIN + 1, -(2**62), 2**62, INT64_MAX):
        assert door.refused("HRANDFIELD", "missing", count, "WITHVALUES") == "ERR value is out of range"


# ---- HSCAN ----

def test_hscan_returns_a_small_hash_at_once(door):
    door.do("HSET", "h", *(word for i in range(100) for word in (f"f{i}", i)))
    cursor, found = door.do("HSCAN", "h", 12345, "COUNT", 1)
    assert cursor == b"0"
    assert dict(couples(found)) == {b"f%d" % i: b"%d" % i for i in range(100)}


def test_hscan_of_a_large_hash(door):
    want = {b"f%d" % i: b"%d" % i for i in range(2000)}
    door.do("HSET", "h", *flat(want))
    assert door.do("HSCAN", "h", 0, "COUNT", 10)[0] != b"0"
    assert dict(couples(door.scan_all(command=("HSCAN", "h")))) == want
    assert set(door.scan_all("NOVALUES", command=("HSCAN", "h"))) == set(want)
    some = door.scan_all("COUNT", 100, "MATCH", "f1?9", "MATCH", "f19*", command=("HSCAN", "h"))
    assert set(some[::2]) == {name for name in want if name.startswith(b"f19")}


def test_hscan_misses_nothing_while_the_hash_grows_and_shrinks(door):
    door.do("HSET", "h", *(word for i in range(600) for word in (f"f{i}", i)))
    cursor, found = door.do("HSCAN", "h", 0)
    door.do("HSET", "h", *(word for i in range(600, 4000) for word in (f"f{i}", i)))
    while cursor != b"0":
        cursor, part = door.do("HSCAN", "h", cursor, "COUNT", 50)
        found += part
        if len(found) > 4000 and door.do("HEXISTS", "h", "f3999"):
            door.do("HDEL", "h", *(f"f{i}" for i in range(600, 4000)))
    assert {b"f%d" % i for i in range(600)}.issubset(found[::2])


def test_hscan_options(door):
    door.do("HSET", "h", "a", 1)
    for cursor in ("x", -1, 2**64, ""):
        assert door.refused("HSCAN", "missing", cursor) == "ERR invalid cursor"
    for options in (["COUNT", 0], ["COUNT", -1], ["COUNT"], ["MATCH"], ["TYPE", "hash"]):
        assert door.refused("HSCAN", "h", 0, *options) == SYNTAX
    assert door.refused("HSCAN", "h", 0, "COUNT", "x") == NOT_AN_INTEGER
    assert door.do("HSCAN", "h", 2**64 - 1, "NOVALUES", "COUNT", 5, "MATCH", "*") == [b"0", [b"a"]]


# ---- encodings ----

def test_encoding_by_number_of_fields(door):
    door.do("HSET", "h", *(word for i in range(512) for word in (i, i)))
    assert encoding(door) == b"listpack"
    door.do("HSET", "h", 5, "other")
    assert encoding(door) == b"listpack"
    door.do("HSET", "h", "one more", 1)
    assert encoding(door) == b"hashtable"
    door.do("HDEL", "h", *range(511))
    assert encoding(door) == b"hashtable"
    door.do("HSET", "same", *(["f", "v"] * 513))
    assert (encoding(door, "same"), door.do("HLEN", "same")) == (b"hashtable", 1)


def test_encoding_by_size(door):
    door.do("HSET", "h", "f", b"x" * 64, b"x" * 64, "v")
    assert encoding(door) == b"listpack"
    door.do("HSETNX", "h", "f", LONG)
    assert encoding(door) == b"listpack"
    door.do("HSET", "h", "f", LONG)
    assert encoding(door) == b"hashtable"
    for number, command in enumerate((["HSET", LONG, 1], ["HSET", "a", 1, LONG, 1], ["HSETNX", "f", LONG],
                                      ["HINCRBY", LONG, 1], ["HINCRBYFLOAT", LONG, 1])):
        name, *rest = command
        door.do(name, f"h{number}", *rest)
        assert encoding(door, f"h{number}") == b"hashtable", command


def test_memory_and_copies(hash_of):
    fields = {f"f{i}": str(i) for i in range(40)}
    door = hash_of(**fields)
    door.do("HSET", "h", "n", 5)
    assert door.do("COPY", "h", "copy") == 1
    door.do("HSET", "h", "n", 6)
    assert door.do("HGET", "copy", "n") == b"5"
    assert all_of(door, "copy") == {**all_of(door), b"n": b"5"}
    used = door.do("MEMORY", "USAGE", "copy", "SAMPLES", 0)
    before = door.stats()["heap_used"]
    door.do("DEL", "copy")
    assert abs(before - door.stats()["heap_used"] - used) < 100


# ---- refused memory ----

def filled():
    store = cydis.Store(seed=b"0123456789abcdef")
    small = [word for i in range(20) for word in (f"f{i}", i)]
    store.execute("HSET", "small", "n", 1, *small)
    store.execute("HSET", "large", "n", 1, "long", LONG, *small)
    store.execute("HSET", "full", *(word for i in range(512) for word in (i, i)))
    return store


def picture(store):
    """All that clients could see."""
    return {key: store.execute("HGETALL", key) for key in store.execute("KEYS", "*")}


@pytest.mark.parametrize("command", [
    ("HSET", "small", "new", "v" * 60), ("HSET", "small", "f1", "v" * 60), ("HSET", "small", "new", "v" * 65),
    ("HSET", "full", "one more", "v"), ("HSET", "large", "new", "v"), ("HSET", "large", "f1", "v" * 300),
    ("HSET", "new", "f", "v"), ("HSET", "new", "f", LONG), ("HSETNX", "small", "new", LONG),
    ("HSETNX", "new", "f", "v"),
    ("HINCRBY", "small", "n", 2**40), ("HINCRBY", "large", "n", 2**60), ("HINCRBY", "new", "f", 1),
    ("HINCRBYFLOAT", "large", "n", "1e300"), ("HDEL", "small", "f1"), ("HDEL", "large", "f1"),
    ("HGETDEL", "small", "FIELDS", 1, "f1"), ("HGETDEL", "large", "FIELDS", 1, "f1"),
    ("COPY", "small", "new"), ("COPY", "large", "new"), ("HRANDFIELD", "large", 3), ("HGETALL", "large"),
], ids=lambda command: " ".join(str(word)[:10] for word in command))
def test_a_refused_command_changes_nothing_and_loses_nothing(command):
    check_refusals(filled, command, picture)


# ---- beside a dict ----

NAMES = st.one_of(st.integers(0, 30).map(lambda i: b"f%d" % i),
                  st.integers(-200, 200).map(lambda i: b"%d" % i),
                  st.sampled_from([b"", b"\x00", b"x" * 64, b"n" * 254, b"n" * 255]))
VALUES = st.one_of(st.binary(max_size=20), st.integers(INT64_MIN, INT64_MAX).map(lambda i: b"%d" % i),
                   st.sampled_from([b"x" * 64]))
LONG_VALUES = st.integers(60, 600).map(lambda n: b"y" * n)


class HashBesideDict(RuleBasedStateMachine):
    """A hash of one Store and a dict are told the same things and say the same."""

    @initialize(large=st.booleans(), entries=st.sampled_from([4, 16, 512]))
    def start(self, large, entries):
        self.store, self.model = cydis.Store(), {}
        self.store.execute("CONFIG", "SET", "hash-max-listpack-entries", entries)
        self.values = VALUES | LONG_VALUES if large else VALUES

    def do(self, name, *arguments):
        return self.store.execute(name, "h", *arguments)

    @rule(data=st.data(), names=st.lists(NAMES, min_size=1, max_size=30))
    def set(self, data, names):
        fields = [(name, data.draw(self.values)) for name in names]
        new = len(set(names) - self.model.keys())
        assert self.do("HSET", *(word for field in fields for word in field)) == new
        self.model.update(fields)

    @rule(data=st.data(), name=NAMES)
    def set_new(self, data, name):
        value = data.draw(self.values)
        assert self.do("HSETNX", name, value) == (name not in self.model)
        self.model.setdefault(name, value)

    @rule(names=st.lists(NAMES, min_size=1, max_size=30))
    def delete(self, names):
        there = [self.model.pop(name) for name in dict.fromkeys(names) if name in self.model]
        assert self.do("HDEL", *names) == len(there)

    @rule(names=st.lists(NAMES, min_size=1, max_size=5))
    def get_and_delete(self, names):
        gone = [self.model.pop(name, None) for name in names]
        assert self.do("HGETDEL", "FIELDS", len(names), *names) == gone

    @rule(name=NAMES, step=st.integers(-1000, 1000))
    def count(self, name, step):
        value = self.model.get(name, b"0")
        if value.lstrip(b"-").isdigit() and value == b"%d" % int(value) and abs(int(value)) < 2**62:
            assert self.do("HINCRBY", name, step) == int(value) + step
            self.model[name] = b"%d" % (int(value) + step)

    @rule(names=st.lists(NAMES, min_size=1, max_size=5))
    def get(self, names):
        assert self.do("HMGET", *names) == [self.model.get(name) for name in names]
        assert self.do("HEXISTS", names[0]) == (names[0] in self.model)
        assert self.do("HSTRLEN", names[0]) == len(self.model.get(names[0], b""))

    @precondition(lambda self: self.model)
    @rule(count=st.integers(-40, 80))
    def random(self, count):
        found = self.do("HRANDFIELD", count, "WITHVALUES")
        assert len(found) == (min(count, len(self.model)) if count > 0 else -count)
        assert all(self.model[name] == value for name, value in found)
        if count > 0:
            assert len({name for name, _ in found}) == len(found)

    @rule()
    def copy(self):
        assert self.store.execute("COPY", "h", "copy") == bool(self.model)
        assert self.store.execute("HGETALL", "copy") == self.model
        self.store.execute("RENAME" if self.model else "DEL", "copy", "h")

    @invariant()
    def same(self):
        if hasattr(self, "model"):
            assert self.do("HGETALL") == self.model
            assert self.do("HLEN") == len(self.model)
            assert self.store.execute("EXISTS", "h") == bool(self.model)


TestHashBesideDict = HashBesideDict.TestCase
TestHashBesideDict.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@settings(max_examples=20, deadline=None)
@given(fields=st.dictionaries(NAMES, VALUES | LONG_VALUES, min_size=1), before=st.dictionaries(NAMES, VALUES))
def test_many_at_once_are_as_one_by_one(fields, before):
    store = cydis.Store()
    if before:
        store.execute("HSET", "h", *flat(before))
    assert store.execute("HSET", "h", *flat(fields)) == len(fields.keys() - before.keys())
    assert store.execute("HGETALL", "h") == {**before, **fields}
