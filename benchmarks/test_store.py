"""The embedded door beside what a Python program would use instead: get, set and incr.

    python -m pytest benchmarks/test_store.py --benchmark-only --benchmark-group-by=func

dict is the floor, cachetools and fakeredis live in the process, redis-py crosses loopback to a peer. Every
benchmark makes 1,000 calls per round over keys of 16 characters that the caller holds; the figures of the
table divided by 1,000 are the cost per call, loop included.
"""

import sys
from pathlib import Path

import pytest

import cydis

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from peers import find_peers

KEYS = [f"key:{number:012d}" for number in range(10_000)]
CALLED = KEYS[::10]
VALUE = b"val:000000000000"


class Dict:
    """A dict with the methods of a store."""

    def __init__(self, data):
        self.data = data
        self.get = data.get
        self.set = data.__setitem__

    def incr(self, key):
        value = self.data[key] = self.data.get(key, 0) + 1
        return value


def cydis_store():
    yield cydis.Store()


def plain_dict():
    yield Dict({})


def cachetools_lru():
    yield Dict(pytest.importorskip("cachetools", reason="cachetools is not installed").LRUCache(1_000_000))


def fakeredis_client():
    yield pytest.importorskip("fakeredis", reason="fakeredis is not installed").FakeRedis()


def redis_py_over_loopback():
    redis = pytest.importorskip("redis", reason="redis-py is not installed")
    peers = find_peers()
    if not peers:
        pytest.skip("no peer server: neither on PATH nor in CYDIS_PEERS")
    with peers[0].start() as server, redis.Redis(port=server.port) as client:
        yield client


STORES = [cydis_store, plain_dict, cachetools_lru, fakeredis_client, redis_py_over_loopback]


@pytest.fixture(params=STORES, ids=lambda make: make.__name__)
def store(request):
    made = request.param()
    opened = next(made)
    for key in KEYS:
        opened.set(key, VALUE)
    yield opened
    next(made, None)


@pytest.mark.benchmark(group="get")
def test_get(benchmark, store):
    def thousand(get=store.get, keys=CALLED):
        for key in keys:
            get(key)

    assert store.get(KEYS[0]) == VALUE
    benchmark(thousand)


@pytest.mark.benchmark(group="set")
def test_set(benchmark, store):
    def thousand(put=store.set, keys=CALLED, value=VALUE):
        for key in keys:
            put(key, value)

    benchmark(thousand)
    assert store.get(KEYS[0]) == VALUE


@pytest.mark.benchmark(group="incr")
def test_incr(benchmark, store):
    def thousand(incr=store.incr):
        for _ in range(1000):
            incr("counter")

    benchmark(thousand)
    assert int(store.get("counter")) >= 1000
