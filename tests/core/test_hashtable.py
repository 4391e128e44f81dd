"""HashTable beside dict, and the promise of its scan under growth and shrinking."""
import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cydis.core.hashtable import HashTable

SEED = bytes(range(16))
KEYS = st.binary(max_size=20) | st.integers(0, 500).map(b"key:%d".__mod__)
VALUES = st.binary(max_size=30) | st.integers(0, 40000).map(lambda n: b"v" * n)


class Machine(RuleBasedStateMachine):
    @initialize(seed=st.binary(min_size=16, max_size=16), n=st.sampled_from([0, 1, 8, 50, 400, 3000]))
    def fill(self, seed, n):
        self.table = HashTable(seed)
        self.oracle = {}
        self.scanning = None
        for i in range(n):
            self.put(b"key:%d" % i, b"%d" % i)

    def put(self, key, value):
        self.table[key] = value
        self.oracle[key] = value

    def drop(self, key):
        del self.table[key]
        del self.oracle[key]
        if self.scanning:
            self.scanning[1].discard(key)

    def some(self, data):
        return data.draw(st.sampled_from(sorted(self.oracle)))

    @rule(key=KEYS, value=VALUES)
    def set(self, key, value):
        self.put(key, value)

    @rule(start=st.integers(0, 2000), n=st.integers(1, 600))
    def set_many(self, start, n):
        for i in range(start, start + n):
            self.put(b"many:%d" % i, b"")

    @rule(share=st.floats(0.2, 1.0), seed=st.integers(0, 9))
    def drop_many(self, share, seed):
        for key in random.Random(seed).sample(sorted(self.oracle), int(len(self.oracle) * share)):
            self.drop(key)

    @rule(key=KEYS, default=st.sampled_from([None, b"else"]))
    def look(self, key, default):
        assert self.table.get(key, default) == self.oracle.get(key, default)
        assert (key in self.table) == (key in self.oracle)
        if key not in self.oracle:
            for failing in (self.table.__getitem__, self.table.__delitem__, self.table.pop):
                with pytest.raises(KeyError):
                    failing(key)
            assert self.table.pop(key, default) is default

    @precondition(lambda self: self.oracle)
    @rule(data=st.data())
    def pop(self, data):
        key = self.some(data)
        assert self.table[key] == self.oracle[key]
        assert self.table.pop(key) == self.oracle.pop(key)
        if self.scanning:
            self.scanning[1].discard(key)

    @precondition(lambda self: self.oracle)
    @rule(chance=st.integers(0, 2**64 - 1))
    def draw(self, chance):
        assert self.table.random(chance) in self.oracle

    @rule()
    def clear(self):
        self.table.clear()
        self.oracle.clear()
        self.scanning = None
        assert self.table.memory() == (0, 0)

    @rule()
    def begin_scan(self):
        self.scanning = (0, set(self.oracle), set())

    @precondition(lambda self: self.scanning)
    @rule(steps=st.integers(1, 100))
    def step_scan(self, steps):
        cursor, must, seen = self.scanning
        for _ in range(steps):
            cursor, keys = self.table.scan(cursor)
            assert all(key in self.oracle for key in keys)
            seen.update(keys)
            if cursor == 0:
                assert must <= seen
                self.scanning = None
                return
        self.scanning = (cursor, must, seen)

    @rule()
    def all_items(self):
        assert dict(self.table.items()) == self.oracle
        assert sorted(self.table) == sorted(self.oracle)

    @invariant()
    def whole(self):
        if hasattr(self, "table"):
            assert len(self.table) == len(self.oracle)
            assert self.table.check()


Machine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestMachine = Machine.TestCase


@pytest.mark.parametrize("n", [1, 7, 100, 2500])
@pytest.mark.parametrize("change", [1, 5, 50])
def test_scan_returns_what_stays(n, change):
    """Between steps the table grows to many times its size, or comes down from there."""
    stay = {b"stay:%d" % i for i in range(n)}
    for growing in (True, False):
        table = HashTable(SEED)
        for key in stay:
            table[key] = b""
        coming = [b"guest:%d" % i for i in range(20 * n)]
        if not growing:
            for key in coming:
                table[key] = b""
        cursor, seen = 0, set()
        while True:
            cursor, keys = table.scan(cursor)
            seen.update(keys)
            for _ in range(min(change, len(coming))):
                if growing:
                    table[coming.pop()] = b""
                else:
                    del table[coming.pop()]
            if cursor == 0:
                break
        assert stay <= seen
        assert table.check()


def test_scan_of_a_table_at_rest_returns_every_key_once():
    table = HashTable(SEED)
    for i in range(1000):
        table[b"%d" % i] = b""
    cursor, keys = table.scan()
    while cursor:
        cursor, more = table.scan(cursor)
        keys += more
    assert sorted(keys) == sorted(table)


def test_any_number_is_a_cursor():
    table = HashTable(SEED)
    assert table.scan(2**64 - 1) == (0, [])
    for i in range(300):
        table[b"%d" % i] = b""
    for cursor in (1, 12345, 2**63, 2**64 - 1):
        table.scan(cursor)


def test_memory_per_entry_is_even_at_any_size():
    """Fifteen bytes of table per entry, wherever growth has come to."""
    table = HashTable(SEED)
    for i in range(40_000):
        table[b"%d" % i] = b""
        if i % 1000 == 999:
            assert table.memory()[0] <= 16 * len(table) + 4096
    for i in range(39_000):
        del table[b"%d" % i]
    assert table.memory()[0] <= 24 * len(table)


def test_iteration_notices_changes():
    table = HashTable(SEED)
    table[b"a"] = table[b"b"] = b"1"
    iterator = iter(table)
    next(iterator)
    table[b"c"] = b""
    with pytest.raises(RuntimeError):
        next(iterator)


def test_wrong_arguments():
    with pytest.raises(ValueError):
        HashTable(b"short")
    table = HashTable()
    for wrong in ("text", 1, None):
        with pytest.raises(TypeError):
            table[wrong]
        with pytest.raises(TypeError):
            table[b"key"] = wrong
    with pytest.raises(TypeError):
        table.pop(b"key", 1, 2)
    assert len(table) == 0 and table.random(1) is None


def test_random_reaches_every_key():
    table = HashTable(SEED)
    keys = {b"%d" % i for i in range(50)}
    for key in keys:
        table[key] = b""
    chance = random.Random(3)
    assert {table.random(chance.getrandbits(64)) for _ in range(2000)} == keys
