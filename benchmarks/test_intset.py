"""IntSet beside sortedcontainers.SortedSet and set, through Python: 512 members, the default limit.

    make bench ARGS="benchmarks/test_intset.py"
"""
import pytest
from sortedcontainers import SortedSet

from cydis.core.intset import IntSet

NUMBERS = [i * 7919 % 100_003 for i in range(512)]


@pytest.fixture(params=[IntSet, SortedSet, set], ids=["cydis", "sortedcontainers", "set"])
def make(request):
    return request.param


def test_fill(benchmark, make):
    def fill():
        made = make()
        for number in NUMBERS:
            made.add(number)

    benchmark(fill)


def test_contains(benchmark, make):
    full = make(NUMBERS)
    benchmark(lambda: [number in full for number in range(0, 100_000, 1000)])


def test_add_and_discard(benchmark, make):
    full = make(NUMBERS)

    def there_and_back():
        full.add(50_001)
        full.discard(50_001)

    benchmark(there_and_back)


def test_walk(benchmark, make):
    full = make(NUMBERS)
    benchmark(lambda: list(full))
