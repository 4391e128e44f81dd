"""QuickList beside collections.deque and list, through Python: elements of 11 bytes.

    make bench ARGS="benchmarks/test_quicklist.py"

QuickList keeps 13 bytes per element where the others keep a pointer to a bytes object of 44.
"""
from collections import deque

import pytest

from cydis.core.quicklist import QuickList

N = 200_000
VALUES = [b"element:%03d" % (i % 1000) for i in range(N)]


@pytest.fixture(params=[QuickList, deque, list], ids=["cydis", "deque", "list"])
def make(request):
    return request.param


def test_append(benchmark, make):
    def fill():
        made = make()
        for value in VALUES:
            made.append(value)

    benchmark.pedantic(fill, rounds=5)


def test_queue(benchmark, make):
    if make is list:
        pytest.skip("list has no popleft")
    full = make(VALUES)

    def turn():
        for value in VALUES[:10_000]:
            full.append(value)
            full.popleft()

    benchmark.pedantic(turn, rounds=5)


def test_index_in_the_middle(benchmark, make):
    full = make(VALUES)
    benchmark.pedantic(lambda: [full[i] for i in range(N // 2, N // 2 + 1000)], rounds=5)


def test_insert_in_the_middle(benchmark, make):
    full = make(VALUES)
    benchmark.pedantic(lambda: [full.insert(N // 2, b"inserted") for _ in range(100)], rounds=5)


def test_walk(benchmark, make):
    full = make(VALUES)
    benchmark.pedantic(lambda: sum(1 for _ in full), rounds=5)
