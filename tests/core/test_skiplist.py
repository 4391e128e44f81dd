"""SkipList beside sortedcontainers.SortedList of (score, member)."""
import math

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sortedcontainers import SortedList

from cydis.core.skiplist import SkipList

MEMBERS = st.binary(max_size=3) | st.sampled_from([b"member:%d" % i for i in range(300)])
SCORES = (
    st.integers(-3, 3).map(float)
    | st.floats(allow_nan=False)
    | st.sampled_from([-math.inf, math.inf, -0.0, 0.0, 5e-324, 1.7e9, 1.7e9 + 2**-22])
)
BITS = st.booleans()


class Machine(RuleBasedStateMachine):
    """The oracle holds (score, member); scores of zero compare equal there too."""

    @initialize(
        seed=st.integers(0, 2**64 - 1), spread=st.sampled_from([0, 1, 7, 10**9]), n=st.integers(0, 400)
    )
    def fill(self, seed, spread, n):
        self.list = SkipList(seed)
        self.oracle = SortedList()
        for i in range(n):
            score = float((i * 7919) % spread) if spread else 0.0
            self.list.add(b"%d" % i, score)
            self.oracle.add((score, b"%d" % i))

    def some(self, data):
        return self.oracle[data.draw(st.integers(0, len(self.oracle) - 1))]

    def pairs(self, found):
        return [(score, member) for member, score in found]

    @rule(member=MEMBERS, score=SCORES)
    def add(self, member, score):
        new = (score, member) not in self.oracle
        assert self.list.add(member, score) is new
        if new:
            self.oracle.add((score, member))

    @rule(data=st.data(), n=st.integers(1, 200), step=st.sampled_from([-1.0, 0.0, 0.5, 1e-9]))
    def add_many(self, data, n, step):
        score = data.draw(SCORES)
        for i in range(n):
            self.add(b"many:%d" % i, score + i * step)

    @precondition(lambda self: self.oracle)
    @rule(data=st.data())
    def remove(self, data):
        score, member = self.some(data)
        assert self.list.remove(member, score)
        assert not self.list.remove(member, score)
        self.oracle.remove((score, member))

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), score=SCORES, near=BITS)
    def update(self, data, score, near):
        old, member = self.some(data)
        score = old + 1 if near else score
        if (score, member) in self.oracle and score != old:
            with pytest.raises(ValueError):
                self.list.update(member, old, score)
            return
        self.list.update(member, old, score)
        self.oracle.remove((old, member))
        self.oracle.add((score, member))

    @precondition(lambda self: self.oracle)
    @rule(last=BITS)
    def pop(self, last):
        member, score = self.list.pop_last() if last else self.list.pop_first()
        assert self.oracle.pop(-1 if last else 0) == (score, member)

    @rule(data=st.data())
    def remove_range(self, data):
        start = data.draw(st.integers(0, len(self.oracle) + 2))
        end = data.draw(st.integers(0, len(self.oracle) + 2))
        expected = len(self.oracle[start:end])
        del self.oracle[start:end]
        assert self.list.remove_range(start, end) == expected

    @precondition(lambda self: self.oracle)
    @rule(data=st.data())
    def ranks(self, data):
        rank = data.draw(st.integers(-len(self.oracle), len(self.oracle) - 1))
        score, member = self.oracle[rank]
        assert self.list.at(rank) == (member, score)
        assert self.list.rank(member, score) == rank % len(self.oracle)
        assert (member, score) in self.list

    @rule(data=st.data(), min_open=BITS, max_open=BITS)
    def by_score(self, data, min_open, max_open):
        bounds = SCORES if not self.oracle else SCORES | st.sampled_from([score for score, _ in self.oracle])
        low, high = data.draw(bounds), data.draw(bounds)
        expected = [
            (rank, member, score)
            for rank, (score, member) in enumerate(self.oracle)
            if (low < score if min_open else low <= score) and (score < high if max_open else score <= high)
        ]
        opens = min_open, max_open
        pairs = [(member, score) for _, member, score in expected]
        assert self.list.range_by_score(low, high, *opens) == pairs
        assert self.list.range_by_score(low, high, *opens, reverse=True) == pairs[::-1]
        assert self.list.count_by_score(low, high, *opens) == len(pairs)
        assert self.list.first_by_score(low, high, *opens) == (expected[0] if expected else None)
        assert self.list.last_by_score(low, high, *opens) == (expected[-1] if expected else None)

    @rule(low=MEMBERS | st.none(), high=MEMBERS | st.none(), min_open=BITS, max_open=BITS, data=st.data())
    def by_lex(self, low, high, min_open, max_open, data):
        """On a copy whose scores are all equal: only there the order is that of the members."""
        copy, score = SkipList(), data.draw(SCORES)
        members = sorted({member for _, member in self.oracle})
        for member in data.draw(st.permutations(members)) if len(members) < 50 else reversed(members):
            copy.add(member, score)
        expected = [
            (member, score)
            for member in members
            if (low is None or (low < member if min_open else low <= member))
            and (high is None or (member < high if max_open else member <= high))
        ]
        assert copy.range_by_lex(low, high, min_open, max_open) == expected
        assert copy.range_by_lex(low, high, min_open, max_open, reverse=True) == expected[::-1]
        assert copy.count_by_lex(low, high, min_open, max_open) == len(expected)
        assert copy.check()

    @rule(start=st.integers(0, 500), n=st.integers(0, 500))
    def by_rank(self, start, n):
        expected = list(self.oracle[start:start + n])
        assert self.pairs(self.list.range_by_rank(start, start + n)) == expected
        assert self.pairs(self.list.range_by_rank(start, start + n, reverse=True)) == expected[::-1]

    @invariant()
    def same(self):
        if not hasattr(self, "list"):
            return
        assert self.list.check()
        assert len(self.list) == len(self.oracle)
        assert self.pairs(self.list) == list(self.oracle)
        assert self.pairs(reversed(self.list)) == list(reversed(self.oracle))


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_refuses_what_has_no_order():
    pairs = SkipList()
    for act in (
        lambda: pairs.add(b"a", math.nan),
        lambda: pairs.range_by_score(math.nan, 1),
        lambda: pairs.count_by_score(0, math.nan),
    ):
        with pytest.raises(ValueError):
            act()
    assert len(pairs) == 0


def test_names_what_is_missing():
    pairs = SkipList()
    pairs.add(b"a", 1)
    assert pairs.rank(b"a", 2) is None
    assert pairs.rank(b"b", 1) is None
    with pytest.raises(KeyError):
        pairs.update(b"b", 1, 2)
    for rank in (1, -2):
        with pytest.raises(IndexError):
            pairs.at(rank)
    assert pairs.pop_last() == (b"a", 1.0)
    with pytest.raises(IndexError):
        pairs.pop_first()
    with pytest.raises(TypeError):
        pairs.add("text", 1)


def test_a_change_ends_an_iteration():
    pairs = SkipList()
    for i in range(200):
        pairs.add(b"%d" % i, i)
    for walk in (iter(pairs), reversed(pairs)):
        next(walk)
        pairs.update(b"7", pairs.at(7)[1], pairs.at(7)[1])
        with pytest.raises(RuntimeError):
            next(walk)


def test_sorted_input_fills_nodes_and_random_input_most_of_them():
    ascending, scattered = SkipList(), SkipList()
    n = 50_000
    for i in range(n):
        ascending.add(b"%d" % i, i)
        scattered.add(b"%d" % i, i * 40503 % 65536)
    assert ascending.memory() / n < 9
    assert scattered.memory() / n < 12
    assert ascending.check() and scattered.check()
