"""Values exchanged with every peer that is installed: what we dump they restore, what they dump we restore.

Each type in each of its encodings, which small limits force. Compared is what the commands answer, on both sides.
"""
import random

import payloads
import pytest
from peers import find_peers
from wire_client import Status

import cydis

SMALL = {"list-max-listpack-size": 1, "hash-max-listpack-entries": 1, "hash-max-listpack-value": 1,
         "set-max-intset-entries": 1, "set-max-listpack-entries": 1, "set-max-listpack-value": 1,
         "zset-max-listpack-entries": 1, "zset-max-listpack-value": 1}
DEFAULT = {"list-max-listpack-size": -2, "hash-max-listpack-entries": 512, "hash-max-listpack-value": 64,
           "set-max-intset-entries": 512, "set-max-listpack-entries": 128, "set-max-listpack-value": 64,
           "zset-max-listpack-entries": 128, "zset-max-listpack-value": 64}
LARGE = {name: 100_000 for name in DEFAULT}
LIMITS = {"small": SMALL, "default": DEFAULT, "large": LARGE}
READ = {b"string": ("GET",), b"list": ("LRANGE", 0, -1), b"set": ("SMEMBERS",), b"hash": ("HGETALL",),
        b"zset": ("ZRANGE", 0, -1, "WITHSCORES")}
WRITES_VERSION_11 = {"redis": (7, 2), "valkey": (7, 2)}


def peers():
    return [peer for peer in find_peers() if peer.release >= WRITES_VERSION_11[peer.product]]


@pytest.fixture(scope="module", params=peers() or [None], ids=lambda peer: peer.label if peer else "none")
def peer(request):
    if request.param is None:
        pytest.skip("no peer server that reads version 11 of the form: Valkey, or Redis from 7.2 on")
    with request.param.start() as server, server.client() as client:
        yield client


def texts():
    """Texts and numbers near every border of every form."""
    numbers = [0, 1, -1, 12, 13, 127, 128, -128, -129, 4095, -4096, 4096, 32767, 32768, -32768, -32769, 2**23 - 1,
               2**23, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, -(2**63)]
    words = [b"", b"-0", b"007", b"9223372036854775808", bytes(range(256))]
    words += [bytes([65 + n % 50]) * n for n in (1, 20, 21, 62, 63, 64, 65, 126, 127, 254, 255, 300, 4094, 4096, 9000)]
    return [b"%d" % number for number in numbers] + words


def values():
    """(name, the commands that make the key `k`)."""
    many, chance = texts(), random.Random(5)
    for text in many:
        yield "string", [("SET", "k", text)]
    yield "appended", [("APPEND", "k", "12"), ("APPEND", "k", "3")]
    for size in (1, 2, 5, len(many)):
        some = chance.sample(many, size)
        yield f"list of {size}", [("RPUSH", "k", *some)]
        yield f"set of {size}", [("SADD", "k", *some)]
        yield f"hash of {size}", [("HSET", "k", *(word for text in some for word in (text, chance.choice(many))))]
        scores = [chance.choice([n, n / 8, -n, "inf", "-inf", 0.1 * n, 1e300, 5e-324, 2**53 + 2 * n])
                  for n in range(size)]
        yield f"zset of {size}", [("ZADD", "k", *(word for pair in zip(scores, some, strict=True) for word in pair))]
    yield "long list", [("RPUSH", "k", *range(3000)), ("RPUSH", "k", *[b"y" * 700] * 40)]
    for numbers in ((1, 2, 3), (-5, 40_000), (2**40, -1), range(-300, 300)):
        yield "integers", [("SADD", "k", *numbers)]
    yield "long hash", [("HSET", "k", *(b"n%d" % n for n in range(3000)))]
    yield "long set", [("SADD", "k", *(b"n%d" % n for n in range(3000)))]
    yield "long zset", [("ZADD", "k", *(word for n in range(3000) for word in (n % 100 / 4, b"n%d" % n)))]


def plainly(kind, reply):
    """A reply of either door as one value."""
    if kind == b"set":
        return set(reply)
    if kind == b"hash":
        return reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2], strict=True))
    if kind == b"zset":
        pairs = reply if reply and isinstance(reply[0], list) else zip(reply[::2], reply[1::2], strict=True)
        return [(bytes(member), float(score)) for member, score in pairs]
    return list(reply) if kind == b"list" else bytes(reply)


def held(ask):
    """What a server, asked by this function, holds at `k`."""
    kind = bytes(ask("TYPE", "k"))
    command, *arguments = READ[kind]
    return kind, plainly(kind, ask(command, "k", *map(str, arguments)))


def limit(store, peer, name):
    for directive, number in LIMITS[name].items():
        store.engine.set_setting(directive, number)
        peer.call("CONFIG", "SET", directive, str(number))


def make(ask, commands):
    ask("DEL", "k")
    for words in commands:
        ask(*(word if isinstance(word, bytes) else str(word) for word in words))


@pytest.mark.parametrize("compressed", [0, 1])
@pytest.mark.parametrize("made_with", LIMITS)
def test_ours_is_theirs_and_theirs_is_ours(peer, made_with, compressed):
    store = cydis.Store()
    store.engine.set_setting("rdbcompression", compressed)
    peer.call("CONFIG", "SET", "rdbcompression", "yes" if compressed else "no")
    for name, commands in values():
        limit(store, peer, made_with)
        make(store.execute, commands)
        make(peer.call, commands)
        ours, theirs, meaning = store.execute("DUMP", "k"), peer.call("DUMP", "k"), held(store.execute)
        assert held(peer.call) == meaning, name
        for read_with in LIMITS:
            limit(store, peer, read_with)
            assert peer.call("RESTORE", "k", "0", ours, "REPLACE") == Status(b"OK"), name
            assert held(peer.call) == meaning, name
            assert store.execute("RESTORE", "k", 0, theirs, "REPLACE") == b"OK"
            assert held(store.execute) == meaning, name
            encoding = store.execute("OBJECT", "ENCODING", "k")
            peer.call("RESTORE", "k", "0", theirs, "REPLACE")
            if name not in ("string", "appended"):
                assert peer.call("OBJECT", "ENCODING", "k") == encoding, (name, read_with)
        assert store.engine.check()


def test_hand_made_values_mean_the_same_there(peer):
    peer.call("CONFIG", "SET", "sanitize-dump-payload", "yes")
    for name, number in DEFAULT.items():
        peer.call("CONFIG", "SET", name, str(number))
    for name, (value, encoding, meaning) in payloads.VALUES.items():
        peer.call("RESTORE", "k", "0", payloads.frame(value), "REPLACE")
        assert held(peer.call)[1] == meaning, name
        if not isinstance(meaning, bytes):
            assert peer.call("OBJECT", "ENCODING", "k") == encoding.encode(), name
    for name, value in payloads.WRONG.items():
        assert bytes(peer.call("RESTORE", "k", "0", payloads.frame(value), "REPLACE")) == b"ERR Bad data format", name
