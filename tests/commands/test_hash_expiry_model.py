"""Hashes whose fields expire: beside a dict while the clock moves, and while the system refuses memory."""
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from refusal import check_refusals

import cydis

NOW = 1_800_000_000_000
NAMES = st.one_of(st.integers(0, 12).map(lambda i: b"f%d" % i),
                  st.sampled_from([b"", b"7", b"n" * 64, b"n" * 252, b"n" * 253, b"n" * 256]))
VALUES = st.one_of(st.binary(max_size=12), st.integers(-99, 99).map(lambda i: b"%d" % i),
                   st.sampled_from([b"v" * 64, b"v" * 65, b"v" * 255, b"v" * 256]))
STEPS = st.integers(-3, 40)
SOME = st.lists(NAMES, min_size=1, max_size=6)
CONDITIONS = st.sampled_from([(), (), (), ("NX",), ("XX",), ("GT",), ("LT",), ("XX", "GT"), ("XX", "LT")])


class HashBesideDict(RuleBasedStateMachine):
    """The hash `h` of a Store, and a dict name -> [value, moment or None], which are told the same things.

    The model keeps what has expired until a turn of the cycle, or another value, as the reference does.
    """

    @initialize(entries=st.sampled_from([3, 512]))
    def start(self, entries):
        self.store, self.model, self.now = cydis.Store(), {}, NOW
        self.store.execute("CONFIG", "SET", "hash-max-listpack-entries", entries)
        self.store.engine.freeze_clock(self.now)

    def do(self, name, *arguments):
        return self.store.execute(name, "h", *arguments)

    def live(self, name):
        entry = self.model.get(name)
        return entry if entry and (entry[1] is None or entry[1] > self.now) else None

    def shown(self):
        return {name: self.model[name][0] for name in self.model if self.live(name)}

    def give(self, name, at):
        """A live field gets this moment, or goes."""
        if at is not None and at <= self.now:
            del self.model[name]
        else:
            self.model[name][1] = at

    @rule(passed=st.integers(0, 30))
    def later(self, passed):
        self.now += passed
        self.store.engine.freeze_clock(self.now)

    @rule()
    def cycle(self):
        while self.store.engine.cron(1_000_000):
            pass
        self.model = {name: entry for name, entry in self.model.items() if self.live(name)}

    @rule(names=SOME, value=VALUES)
    def set(self, names, value):
        new = len({name for name in names if not self.live(name)})
        assert self.do("HSET", *(word for name in names for word in (name, value))) == new
        self.model.update((name, [value, None]) for name in names)

    @rule(name=NAMES, value=VALUES)
    def set_new(self, name, value):
        assert self.do("HSETNX", name, value) == (not self.live(name))
        if not self.live(name):
            self.model[name] = [value, None]

    @rule(names=SOME, value=VALUES, step=st.none() | STEPS, keep=st.booleans(),
          condition=st.sampled_from([None, "FNX", "FXX"]), key=st.sampled_from([None, None, "NX", "XX"]))
    def set_with_moment(self, names, value, step, keep, condition, key):
        at = None if step is None else self.now + step
        words = [word for word in (condition, key) if word]
        words += ["KEEPTTL"] if step is None and keep else [] if step is None else ["PXAT", at]
        done = not ((key == "NX" and self.model) or (key == "XX" and not self.model)
                    or (condition == "FNX" and any(self.live(name) for name in names))
                    or (condition == "FXX" and not all(self.live(name) for name in names)))
        assert self.do("HSETEX", *words, "FIELDS", len(names), *(w for n in names for w in (n, value))) == done
        for name in names if done else ():
            if at is not None and at <= self.now:
                if self.live(name):
                    del self.model[name]
            else:
                was = self.live(name)
                self.model[name] = [value, was[1] if was and step is None and keep else at]

    @rule(names=SOME, step=STEPS, conditions=CONDITIONS)
    def expire(self, names, step, conditions):
        at, expected = self.now + step, []
        for name in names:
            entry = self.live(name)
            if not entry:
                expected.append(-2)
                continue
            has = entry[1]
            if (("NX" in conditions and has is not None) or ("XX" in conditions and has is None)
                    or ("GT" in conditions and (has is None or at <= has))
                    or ("LT" in conditions and has is not None and at >= has)):
                expected.append(0)
                continue
            self.give(name, at)
            expected.append(2 if at <= self.now else 1)
        assert self.do("HPEXPIREAT", at, *conditions, "FIELDS", len(names), *names) == expected

    @rule(names=SOME)
    def persist(self, names):
        expected = []
        for name in names:
            entry = self.live(name)
            expected.append(-2 if not entry else -1 if entry[1] is None else 1)
            if entry:
                entry[1] = None
        assert self.do("HPERSIST", "FIELDS", len(names), *names) == expected

    @rule(names=SOME, step=st.none() | STEPS, persist=st.booleans())
    def get_and_give(self, names, step, persist):
        words = ["PXAT", self.now + step] if step is not None else ["PERSIST"] if persist else []
        expected = []
        for name in names:
            entry = self.live(name)
            expected.append(entry and entry[0])
            if entry and words:
                self.give(name, None if step is None else self.now + step)
        assert self.do("HGETEX", *words, "FIELDS", len(names), *names) == expected

    @rule(names=SOME, get=st.booleans())
    def delete(self, names, get):
        gone = [self.live(name) and self.model.pop(name)[0] for name in names]
        if get:
            assert self.do("HGETDEL", "FIELDS", len(names), *names) == gone
        else:
            assert self.do("HDEL", *names) == len(names) - gone.count(None)

    @rule(name=NAMES, step=st.integers(-99, 99))
    def count(self, name, step):
        value, at = self.live(name) or (b"0", None)
        if value.lstrip(b"-").isdigit() and value == b"%d" % int(value):
            assert self.do("HINCRBY", name, step) == int(value) + step
            self.model[name] = [b"%d" % (int(value) + step), at]

    @rule(count=st.integers(-20, 20))
    def random(self, count):
        shown = self.shown()
        found = self.do("HRANDFIELD", count, "WITHVALUES")
        assert len(found) == (0 if not shown else min(count, len(shown)) if count >= 0 else -count)
        assert all(shown[name] == value for name, value in found)
        assert count < 0 or len({name for name, _ in found}) == len(found)
        assert self.do("HRANDFIELD") in (shown or [None])

    @rule(how=st.sampled_from(["RENAME", "COPY", "MOVE"]))
    def elsewhere(self, how):
        """The hash goes somewhere else and comes back; a copy has left the expired fields behind."""
        if not self.model:
            return
        if how == "MOVE":
            assert self.do("MOVE", 1) == 1
            self.store.execute("SWAPDB", 0, 1)
            return
        self.do(how, "other")
        self.store.execute("RENAME", "other", "h")
        if how == "COPY" and self.shown():
            self.model = {name: entry for name, entry in self.model.items() if self.live(name)}

    @rule(at=STEPS.filter(lambda step: step > 0))
    def whole_key(self, at):
        self.do("PEXPIRE", at + 1000)
        self.do("PERSIST")

    @rule(names=SOME)
    def get(self, names):
        there = [self.live(name) for name in names]
        assert self.do("HMGET", *names) == [entry and entry[0] for entry in there]
        assert self.do("HEXISTS", names[0]) == bool(there[0])
        assert self.do("HSTRLEN", names[0]) == (len(there[0][0]) if there[0] else 0)
        wanted = [-2 if not entry else -1 if entry[1] is None else entry[1] for entry in there]
        assert self.do("HPEXPIRETIME", "FIELDS", len(names), *names) == wanted

    @invariant()
    def same(self):
        if hasattr(self, "model"):
            shown = self.shown()
            assert self.do("HGETALL") == shown
            assert self.do("HLEN") == len(self.model)
            assert sorted(self.do("HKEYS")) == sorted(shown) and sorted(self.do("HVALS")) == sorted(shown.values())
            assert dict(self.store.hscan_iter("h")) == shown
            assert self.store.execute("EXISTS", "h") == bool(self.model)
            assert sum(row[5] for row in self.store.engine.databases()) == any(
                entry[1] is not None for entry in self.model.values())
            assert self.store.engine.check()


TestHashBesideDict = HashBesideDict.TestCase
TestHashBesideDict.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


# ---- refused memory ----

def filled():
    store = cydis.Store(seed=b"0123456789abcdef")
    store.engine.freeze_clock(NOW)
    store.execute("HSET", "small", "a", 1, "b", 2)
    for key, fields in (("timed", 7), ("many", 40)):
        store.execute("HSET", key, *(word for n in range(fields) for word in (f"f{n}", n)))
        store.execute("HPEXPIRE", key, 100, "FIELDS", fields - 1, *(f"f{n}" for n in range(fields - 1)))
    for n in range(1, 7):
        store.execute("COPY", "timed", f"timed{n}")
    return store


def picture(store):
    """All that clients could see."""
    seen = {}
    for database in (0, 1):
        for key in store.execute("KEYS", "*"):
            fields = store.execute("HGETALL", key)
            moments = dict(zip(fields, store.hpexpiretime(key, *fields), strict=True))
            seen[database, key] = fields, moments, store.execute("PEXPIRETIME", key)
        store.execute("SWAPDB", 0, 1)
    return seen


@pytest.mark.parametrize("command", [
    ("HEXPIRE", "small", 10, "FIELDS", 1, "a"), ("HEXPIRE", "timed", 10, "FIELDS", 1, "f6"),
    ("HEXPIRE", "timed", 10, "FIELDS", 1, "f1"), ("HEXPIRE", "many", 10, "FIELDS", 1, "f39"),
    ("HEXPIRE", "small", 0, "FIELDS", 1, "a"), ("HEXPIRE", "timed", 0, "FIELDS", 1, "f1"),
    ("HPERSIST", "timed", "FIELDS", 1, "f1"), ("HGETEX", "small", "EX", 10, "FIELDS", 1, "a"),
    ("HGETEX", "many", "PERSIST", "FIELDS", 1, "f1"), ("HSETEX", "new", "EX", 10, "FIELDS", 1, "a", 1),
    ("HSETEX", "new", "EX", 10, "FIELDS", 1, "a", "v" * 300), ("HSETEX", "new", "FIELDS", 1, "a", 1),
    ("HSETEX", "small", "EX", 10, "FIELDS", 1, "c", 1), ("HSETEX", "small", "EX", 0, "FIELDS", 1, "a", 1),
    ("HSETEX", "timed", "EX", 10, "FIELDS", 1, "f1", "v" * 300), ("HSETEX", "timed", "FIELDS", 1, "f1", 1),
    ("HSETEX", "timed", "KEEPTTL", "FIELDS", 1, "f1", "v" * 300), ("HSETEX", "many", "EX", 9, "FIELDS", 1, "new", 1),
    ("HSET", "timed", "f1", "v" * 30), ("HINCRBY", "timed", "f1", 10**15), ("HDEL", "timed", "f1"),
    ("COPY", "timed", "new"), ("COPY", "many", "small", "REPLACE"), ("RENAME", "timed", "x" * 300),
    ("RENAME", "timed", "many"), ("MOVE", "timed", 1), ("EXPIRE", "timed", 100), ("SUNIONSTORE", "timed", "gone"),
    ("HRANDFIELD", "timed", -5), ("UNLINK", "timed", "many"), ("FLUSHALL", "ASYNC"),
], ids=lambda command: " ".join(str(word)[:10] for word in command))
def test_a_refused_command_changes_nothing_and_loses_nothing(command):
    check_refusals(filled, command, picture, by_chance=command[0] == "HRANDFIELD")


def test_the_cycle_goes_on_while_memory_is_refused():
    store = filled()
    store.engine.freeze_clock(NOW + 100)
    store.engine.fail_allocations(1)
    while store.engine.cron(1_000_000):
        pass
    store.engine.fail_allocations(0)
    assert store.engine.check()
    assert store.execute("HLEN", "many") == store.execute("HLEN", "timed") == 1
