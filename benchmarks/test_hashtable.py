"""The hash table beside dict, through Python: keys and values of 16 bytes.

    make bench ARGS="benchmarks/test_hashtable.py"

Both sides pay for Python's calls. HashTable also copies keys and values, and hashes with a keyed hash each
time, where dict keeps the hash in the key object; docs/hashtable.md has the kernel alone.
"""
import random

import pytest

from cydis.core.hashtable import HashTable

N = 200_000
PROBES = 10_000
KEYS = [b"key:%012d" % i for i in range(N)]
VALUE = b"v" * 16


def filled(kind):
    table = kind()
    for key in KEYS:
        table[key] = VALUE
    return table


@pytest.fixture(scope="module", params=[HashTable, dict], ids=["HashTable", "dict"])
def table(request):
    return filled(request.param)


@pytest.fixture(scope="module")
def probes():
    chance = random.Random(1)
    return [bytes(bytearray(chance.choice(KEYS))) for _ in range(PROBES)]


def test_get(benchmark, table, probes):
    def run():
        get = table.get
        for key in probes:
            get(key)
    benchmark(run)


def test_miss(benchmark, table):
    absent = [b"none:%011d" % i for i in range(PROBES)]

    def run():
        get = table.get
        for key in absent:
            get(key)
    benchmark(run)


def test_set_existing(benchmark, table, probes):
    def run():
        for key in probes:
            table[key] = VALUE
    benchmark(run)


@pytest.mark.parametrize("kind", [HashTable, dict], ids=["HashTable", "dict"])
def test_fill(benchmark, kind):
    benchmark.pedantic(filled, (kind,), rounds=5, warmup_rounds=1)


def test_iterate(benchmark, table):
    benchmark(lambda: sum(1 for _ in table))
