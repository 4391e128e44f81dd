"""IntSet beside sortedcontainers.SortedSet, and bytes from outside."""
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sortedcontainers import SortedSet

from cydis.core.intset import IntSet

SMALL = st.integers(-100, 100)
EDGES = st.sampled_from(
    [n + d for n in (-(2**31), -(2**15), 0, 2**15, 2**31) for d in (-1, 0, 1)] + [-(2**63), 2**63 - 1]
)
NUMBERS = SMALL | EDGES | st.integers(-(2**63), 2**63 - 1)


def width(number):
    return next(w for w in (2, 4, 8) if -(1 << 8 * w - 1) <= number < 1 << 8 * w - 1)


class Machine(RuleBasedStateMachine):
    @initialize(numbers=st.lists(SMALL, max_size=50))
    def fill(self, numbers):
        self.set = IntSet(numbers)
        self.oracle = SortedSet(numbers)
        self.width = 2

    @rule(number=SMALL | NUMBERS)
    def add(self, number):
        assert self.set.add(number) is (number not in self.oracle)
        self.oracle.add(number)
        self.width = max(self.width, width(number))

    @rule(number=NUMBERS)
    def discard(self, number):
        assert self.set.discard(number) is (number in self.oracle)
        self.oracle.discard(number)

    @precondition(lambda self: self.oracle)
    @rule(data=st.data())
    def remove_member(self, data):
        number = data.draw(st.sampled_from(list(self.oracle)))
        assert self.set.index(number) == self.oracle.index(number)
        assert self.set.discard(number)
        assert number not in self.set
        self.oracle.remove(number)

    @precondition(lambda self: self.oracle)
    @rule(chance=st.integers(0, 2**64 - 1))
    def random(self, chance):
        assert self.set.random(chance) in self.oracle

    @rule()
    def through_bytes(self):
        assert list(IntSet.from_bytes(bytes(self.set))) == list(self.oracle)

    @invariant()
    def same(self):
        assert list(self.set) == list(self.oracle)
        assert len(self.set) == len(self.oracle)
        assert all(number in self.set for number in self.oracle)
        assert self.set.width == self.width
        assert len(bytes(self.set)) == 8 + self.width * len(self.oracle)
        if self.oracle:
            assert (self.set[0], self.set[-1]) == (self.oracle[0], self.oracle[-1])


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@given(members=st.lists(NUMBERS, max_size=6), place=st.integers(0, 100), byte=st.integers(0, 255))
def test_what_is_accepted_is_a_sorted_set(members, place, byte):
    data = bytearray(bytes(IntSet(members)))
    data[place % len(data)] = byte
    data = bytes(data)
    if IntSet.validate(data):
        numbers = IntSet.from_bytes(data).tolist()
        assert numbers == sorted(set(numbers))
    else:
        with pytest.raises(ValueError):
            IntSet.from_bytes(data)


def test_every_member_can_be_the_random_one():
    numbers = IntSet(range(5))
    assert [numbers.random(i * 2**64 // 5 + 2**32) for i in range(5)] == [0, 1, 2, 3, 4]


def test_names_what_is_missing():
    numbers = IntSet([7])
    for rank in (1, -2):
        with pytest.raises(IndexError):
            numbers[rank]
    with pytest.raises(ValueError):
        numbers.index(8)
    with pytest.raises(IndexError):
        IntSet().random(0)
    with pytest.raises(OverflowError):
        numbers.add(2**63)
    with pytest.raises(TypeError):
        numbers.add(b"8")
    assert list(numbers) == [7]
