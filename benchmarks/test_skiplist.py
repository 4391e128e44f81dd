"""The skiplist beside sortedcontainers, through Python: members of 16 bytes, scores in random order.

    make bench ARGS="benchmarks/test_skiplist.py"

Both sides pay for Python's calls and objects. SkipList is given (member, score) each time and makes an
element of it; in the engine the hash table has the element already. docs/skiplist.md has the kernel alone.
"""
import random

import pytest
from sortedcontainers import SortedList

from cydis.core.skiplist import SkipList

N = 200_000
PROBES = 10_000


class Sorted:
    """SortedList of (score, member) behind the methods of SkipList that are measured."""

    def __init__(self):
        self.pairs = SortedList()

    def add(self, member, score):
        self.pairs.add((score, member))

    def update(self, member, score, new_score):
        self.pairs.remove((score, member))
        self.pairs.add((new_score, member))

    def rank(self, member, score):
        return self.pairs.index((score, member))

    def at(self, rank):
        return self.pairs[rank]

    def range_by_score(self, low, high):
        return list(self.pairs.irange((low,), (high, b"\xff")))

    def count_by_score(self, low, high):
        return self.pairs.bisect_right((high, b"\xff")) - self.pairs.bisect_left((low,))

    def __iter__(self):
        return iter(self.pairs)


@pytest.fixture(params=[SkipList, Sorted], ids=["cydis", "sortedcontainers"])
def make(request):
    return request.param


@pytest.fixture(scope="module")
def pairs():
    chance = random.Random(1)
    return [(b"member:%09d" % i, float(chance.randrange(2**30))) for i in range(N)]


@pytest.fixture
def full(make, pairs):
    made = make()
    for member, score in pairs:
        made.add(member, score)
    return made


@pytest.fixture
def probes(pairs):
    return random.Random(2).sample(pairs, PROBES)


def test_add(benchmark, make, pairs):
    def fill():
        made = make()
        for member, score in pairs:
            made.add(member, score)

    benchmark.pedantic(fill, rounds=3)


def test_update(benchmark, full, probes):
    def there_and_back():
        for member, score in probes:
            full.update(member, score, score + 1e6)
        for member, score in probes:
            full.update(member, score + 1e6, score)

    benchmark.pedantic(there_and_back, rounds=5)


def test_rank(benchmark, full, probes):
    benchmark.pedantic(lambda: [full.rank(*probe) for probe in probes], rounds=5)


def test_at(benchmark, full):
    ranks = random.Random(3).choices(range(N), k=PROBES)
    benchmark.pedantic(lambda: [full.at(rank) for rank in ranks], rounds=5)


def test_range_of_ten(benchmark, full, probes):
    width = 10 * 2**30 / N

    def read():
        for _, score in probes:
            full.range_by_score(score, score + width)

    benchmark.pedantic(read, rounds=5)


def test_count(benchmark, full, probes):
    benchmark.pedantic(lambda: [full.count_by_score(score, score * 2) for _, score in probes], rounds=5)


def test_walk(benchmark, full):
    benchmark.pedantic(lambda: sum(1 for _ in full), rounds=5)
