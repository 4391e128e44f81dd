"""What a Python program may keep its data in, made alike: the embedded Store and what would be used instead.

Each contestant has get, set, incr, hset, zadd and pipeline, as far as it can do them.
"""

import importlib
import sys
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from peers import find_peers

KEYS = [f"key:{number:012d}" for number in range(10_000)]
VALUE = b"val:000000000000"
CALLS = ("get", "set", "incr", "hset", "zadd", "pipeline")
PIPELINE = 100


class Contestant:
    """What can be called: each method returns a loop that makes the call once per key, or None.

    The loops are written as a program would have it, `store.get(key)`: calling what was bound beforehand is another
    path through the interpreter.
    """

    def get(self, keys):
        return None

    set = incr = hset = zadd = pipeline = get


class Mapping(Contestant):
    """A dict or a cache: strings and counters; `fields`: a dict of dicts beside it."""

    def __init__(self, data, fields=None):
        self.data, self.fields = data, fields

    def get(self, keys):
        data = self.data

        def loop():
            for key in keys:
                data.get(key)
        return loop

    def set(self, keys):
        data, value = self.data, VALUE

        def loop():
            for key in keys:
                data[key] = value
        return loop

    def incr(self, keys):
        data, keys = self.data, counters(keys)

        def loop():
            for key in keys:
                data[key] = data.get(key, 0) + 1
        return loop

    def hset(self, keys):
        fields, value = self.fields, VALUE
        if fields is None:
            return None
        fields["hash"] = {}

        def loop():
            for key in keys:
                fields["hash"][key] = value
        return loop


class Ranking(Contestant):
    """A sorted set as one builds it from sortedcontainers: scores by member, and (score, member) in order."""

    def __init__(self, order):
        self.scores, self.order = {}, order

    def zadd(self, keys):
        scores, order, pairs = self.scores, self.order, ranked(keys)

        def loop():
            for pair in pairs:
                for member, score in pair.items():
                    old = scores.get(member)
                    if old is not None:
                        order.remove((old, member))
                    scores[member] = score
                    order.add((score, member))
        return loop


class Client(Contestant):
    """A Store, or a client with the methods of redis-py."""

    def __init__(self, client):
        self.client = client

    def get(self, keys):
        client = self.client

        def loop():
            for key in keys:
                client.get(key)
        return loop

    def set(self, keys):
        client, value = self.client, VALUE

        def loop():
            for key in keys:
                client.set(key, value)
        return loop

    def incr(self, keys):
        client, keys = self.client, counters(keys)

        def loop():
            for key in keys:
                client.incr(key)
        return loop

    def hset(self, keys):
        client, value = self.client, VALUE

        def loop():
            for key in keys:
                client.hset("hash", key, value)
        return loop

    def zadd(self, keys):
        client, pairs = self.client, ranked(keys)

        def loop():
            for pair in pairs:
                client.zadd("ranking", pair)
        return loop

    def queue(self):
        """Return a pipeline and the method that runs it."""
        p = self.client.pipeline(transaction=False)
        return p, p.execute

    def pipeline(self, keys):
        def loop():
            for start in range(0, len(keys), PIPELINE):
                p, run = self.queue()
                for key in keys[start:start + PIPELINE]:
                    p.get(key)
                run()
        return loop


class Embedded(Client):
    def queue(self):
        p = self.client.pipeline()
        return p, p.run


def counters(keys):
    return ["counter:" + key for key in keys]


def ranked(keys):
    return [{key: number * 7919 % 10_007} for number, key in enumerate(keys)]


def available(name):
    """Import the module, or return None."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


@contextmanager
def store():
    yield Embedded(importlib.import_module("cydis").Store())


@contextmanager
def served_store():
    """A Store whose data a network loop serves as well."""
    opened = importlib.import_module("cydis").Store()
    with opened.serve(port=0):
        yield Embedded(opened)


@contextmanager
def plain_dict():
    yield Mapping({}, {})


@contextmanager
def sorted_list():
    module = available("sortedcontainers")
    yield Ranking(module.SortedList()) if module else None


@contextmanager
def lru_cache():
    module = available("cachetools")
    yield Mapping(module.LRUCache(1_000_000)) if module else None


@contextmanager
def ttl_cache():
    module = available("cachetools")
    yield Mapping(module.TTLCache(1_000_000, 3600)) if module else None


@contextmanager
def fakeredis():
    module = available("fakeredis")
    yield Client(module.FakeRedis()) if module else None


@contextmanager
def redis_py_to_cydis():
    module = available("redis")
    if module is None:
        yield None
        return
    opened = importlib.import_module("cydis").Store()
    with opened.serve(port=0) as service, module.Redis(port=service.port) as client:
        yield Client(client)


@contextmanager
def redis_py_to_a_peer():
    module, peers = available("redis"), find_peers()
    if module is None or not peers:
        yield None
        return
    with peers[0].start() as server, module.Redis(port=server.port) as client:
        yield Client(client)


CONTESTANTS = {
    "cydis.Store": store,
    "cydis.Store, served": served_store,
    "dict": plain_dict,
    "sortedcontainers": sorted_list,
    "cachetools.LRUCache": lru_cache,
    "cachetools.TTLCache": ttl_cache,
    "fakeredis": fakeredis,
    "redis-py to cydis, loopback": redis_py_to_cydis,
    "redis-py to a peer, loopback": redis_py_to_a_peer,
}


def loop_of(contestant, call, keys):
    """Return a function that makes the call once per key, or None when the thing cannot do it."""
    return getattr(contestant, call)(keys)


def fill(contestant):
    """Give it the keys that `get` will find."""
    loop = contestant.set(KEYS)
    if loop is not None:
        loop()
