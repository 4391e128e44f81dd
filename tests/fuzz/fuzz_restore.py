"""Mutated payloads for RESTORE: none may crash, none may lose memory, and what is accepted must be a whole value.

The checksum is right after every mutation, so each one reaches the loader. An accepted value is asked for everything
that commands can ask of its type, dumped and restored once more, changed, emptied and deleted; then the engine checks
all its invariants. A seed gives the same inputs every time.

    python tests/fuzz/fuzz_restore.py --inputs 1000000 --seconds 600 --seed 1

Stops at whichever comes first; the last line says how many inputs there were. To see reads outside, run it in the
copy of the tree that `make asan` builds, with the environment that it uses.
"""
import argparse
import random
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import payloads
import vector_payloads

import cydis
from cydis.core.crc import crc64

READS = {
    b"string": [("GET",), ("STRLEN",), ("GETRANGE", 1, -2)],
    b"list": [("LRANGE", 0, -1), ("LLEN",), ("LINDEX", 0), ("LINDEX", -1), ("LPOS", "a"), ("LPOS", "12", "RANK", -1)],
    b"set": [("SMEMBERS",), ("SCARD",), ("SISMEMBER", "a"), ("SMISMEMBER", "1", "12", "b"), ("SRANDMEMBER",),
             ("SRANDMEMBER", 3), ("SRANDMEMBER", -5), ("SSCAN", 0, "COUNT", 1000)],
    b"zset": [("ZRANGE", 0, -1, "WITHSCORES"), ("ZREVRANGE", 0, -1), ("ZCARD",), ("ZSCORE", "a"), ("ZRANK", "b"),
              ("ZREVRANK", "a"), ("ZCOUNT", "-inf", "+inf"), ("ZRANGEBYSCORE", "(1", "2"), ("ZLEXCOUNT", "-", "+"),
              ("ZRANDMEMBER", 3), ("ZSCAN", 0, "COUNT", 1000)],
    b"hash": [("HGETALL",), ("HLEN",), ("HGET", "a"), ("HKEYS",), ("HVALS",), ("HSTRLEN", "b"), ("HEXISTS", "12"),
              ("HRANDFIELD", 3, "WITHVALUES"), ("HRANDFIELD", -5), ("HSCAN", 0, "COUNT", 1000),
              ("HPEXPIRETIME", "FIELDS", 3, "a", "b", "12")],
    b"vectorset": [("VCARD",), ("VDIM",), ("VINFO",), ("VRANDMEMBER",), ("VRANDMEMBER", 5), ("VRANDMEMBER", -5),
                   ("VEMB", "x"), ("VEMB", "x", "RAW"), ("VLINKS", "x", "WITHSCORES"), ("VGETATTR", "x"),
                   ("VSIM", "ELE", "x", "WITHSCORES"), ("VSIM", "ELE", "e1", "FILTER", ".n > 3"),
                   ("VSIM", "VALUES", 2, 1, 1, "TRUTH"), ("VISMEMBER", "y")],
}
ANY = [("TYPE",), ("TTL",), ("MEMORY", "USAGE"), ("OBJECT", "ENCODING"), ("OBJECT", "IDLETIME")]
CHANGES = {
    b"string": [("APPEND", "x"), ("SETRANGE", 3, "yy")],
    b"list": [("LINSERT", "BEFORE", "a", "new"), ("LSET", 0, "first"), ("LREM", 0, "1"), ("RPUSH", "x" * 100),
              ("LPUSH", 5), ("LTRIM", 1, -2)],
    b"set": [("SADD", "a", 12, "x" * 70), ("SREM", "a"), ("SPOP",), ("SREM", "12", "1")],
    b"zset": [("ZADD", 1.5, "a", 7, "new"), ("ZINCRBY", 2, "b"), ("ZREM", "a"),
              ("ZREMRANGEBYRANK", 0, 0), ("ZPOPMAX",)],
    b"hash": [("HSET", "a", "x" * 70, "new", 1), ("HDEL", "b"), ("HINCRBY", "counter", 1),
              ("HPEXPIRE", 1_000_000, "FIELDS", 2, "a", "c"), ("HPERSIST", "FIELDS", 1, "a"), ("HDEL", "a", "new")],
    b"vectorset": [("VADD", "VALUES", 2, 1, 3, "new"), ("VADD", "VALUES", 2, 3, 1, "x", "NOQUANT"),
                   ("VADD", "REDUCE", 2, "VALUES", 3, 3, 1, 1, "p", "NOQUANT"), ("VADD", "VALUES", 4, 1, 2, 3, 4, "e4"),
                   ("VADD", "VALUES", 4, 1, 2, 3, 4, "e5", "BIN"), ("VSETATTR", "x", "{}"), ("VREM", "x"),
                   ("VREM", "e1"), ("VREM", "e2")],
}
SAME = {b"string": ("GET",), b"list": ("LRANGE", 0, -1), b"set": ("SMEMBERS",), b"hash": ("HGETALL",),
        b"zset": ("ZRANGE", 0, -1, "WITHSCORES"), b"vectorset": ("VRANDMEMBER", 100_000)}
COUNTED = {b"list": "LLEN", b"set": "SCARD", b"zset": "ZCARD", b"vectorset": "VCARD"}
CHECK_EVERY = 64
NOW = 1_800_000_000_000


class Target:
    """An engine to restore into. `accepted` counts the payloads that it took."""

    def __init__(self):
        self.store = cydis.Store()
        self.store.engine.freeze_clock(NOW)
        self.accepted = self.tried = 0
        self.rest = self.held()

    def held(self):
        """Bytes of the engine's heap when nothing is stored."""
        self.store.execute("FLUSHALL", "SYNC")
        while self.store.engine.cron(1_000_000):
            pass
        return self.store.engine.stats()["heap_used"]

    def ask(self, key, words):
        """One command about a key; an error of a type or a number is an answer too."""
        place = 2 if words[0] in ("MEMORY", "OBJECT") else 1
        try:
            return self.store.execute(*words[:place], key, *words[place:])
        except cydis.CommandError as error:
            return str(error)

    def try_frame(self, payload):
        """Whether RESTORE takes this payload, and whether all is well afterwards (AssertionError: it is not)."""
        self.tried += 1
        try:
            self.store.execute("RESTORE", "k", 0, payload)
        except cydis.CommandError as error:
            if "OOM" not in str(error):
                assert str(error) in ("ERR Bad data format", "ERR DUMP payload version or checksum are wrong"), error
            assert self.store.execute("EXISTS", "k") == 0
            if self.tried % CHECK_EVERY == 0:
                self.check()
            return False
        self.accepted += 1
        self.use()
        if self.accepted % CHECK_EVERY == 0:
            self.check()
        return True

    def check(self):
        assert self.store.engine.check()
        assert self.held() <= self.rest + 4096, "memory is lost"

    def use(self):
        kind = self.store.execute("TYPE", "k")
        for words in ANY + READS[kind]:
            self.ask("k", words)
        assert self.store.engine.check()
        whole = self.ask("k", SAME[kind])
        if kind == b"hash":               # fields that have expired may still be counted
            assert self.ask("k", ("HLEN",)) >= len(whole)
        elif kind in COUNTED:
            assert self.ask("k", (COUNTED[kind],)) == len(whole) > 0
        if kind == b"set":
            assert all(self.store.execute("SMISMEMBER", "k", *whole))
        elif kind == b"hash" and whole:
            assert self.store.execute("HMGET", "k", *whole) == list(whole.values())
        elif kind == b"zset":
            assert len({member for member, _ in whole}) == len(whole)
            assert self.store.execute("ZMSCORE", "k", *(member for member, _ in whole)) == [each for _, each in whole]
            assert self.store.execute("ZRANK", "k", whole[-1][0]) == len(whole) - 1
        self.store.execute("RESTORE", "again", 0, self.store.execute("DUMP", "k"))
        again = self.ask("again", SAME[kind])
        assert sorted(again) == sorted(whole) if kind == b"vectorset" else again == whole
        for words in CHANGES[kind]:
            self.ask("again", words)
        assert self.store.engine.check()
        self.store.execute("DEL", "k", "again")


class Mutator:
    """Payloads from a seed: good ones, changed in one to four ways."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.values = [value for value, _, _ in payloads.VALUES.values()]
        self.values += [value for value, *_ in payloads.EXPIRING.values()]
        self.values += [value for value, _ in payloads.WRONG_EXPIRING.values()]
        self.values += [*vector_payloads.VECTORS.values(), *vector_payloads.MENDED.values()]
        self.values += [*vector_payloads.BAD.values(), *self.grown_vectors()]
        self.values += [*payloads.WRONG.values(), *payloads.WRONG_TO_US.values(), *self.grown()]
        self.values = [value for value in self.values if value]

    def grown(self):
        """Values as this server writes them, small and large, with and without compression."""
        store = cydis.Store()
        for compress in (0, 1):
            store.engine.set_setting("rdbcompression", compress)
            for size in (3, 40, 700):
                names = [b"n%d" % n for n in range(size)]
                for words in (("RPUSH", "k", *names, *range(size)), ("SADD", "k", *names), ("SADD", "k", *range(size)),
                              ("ZADD", "k", *(word for n, name in enumerate(names) for word in (n % 7 / 4, name))),
                              ("HSET", "k", *(word for name in names for word in (name, name * 3))),
                              ("SET", "k", b"text" * size)):
                    store.execute("DEL", "k")
                    store.execute(*words)
                    yield store.execute("DUMP", "k")[:-10]

    def grown_vectors(self):
        store = cydis.Store()
        for kind in ("Q8", "NOQUANT", "BIN"):
            for reduce in ((), ("REDUCE", 2)):
                store.execute("DEL", "k")
                for n in range(12):
                    store.execute("VADD", "k", *reduce, "VALUES", 4, 1, n, n % 3, -n, f"e{n}", kind, "M", 4,
                                  *(("SETATTR", f'{{"n": {n}}}') if n % 2 else ()))
                yield store.execute("DUMP", "k")[:-10]

    def payload(self):
        """The next one, framed."""
        chance = self.random
        value = bytearray(chance.choice(self.values))
        if len(value) > 2000 and chance.random() < 0.9:
            value = bytearray(chance.choice(self.values[:100]))
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
            self.mutate(value)
        version = chance.choice((11, 11, 12, 80, 9, 6, 1))
        framed = bytes(value) + struct.pack("<H", version)
        return framed + struct.pack("<Q", crc64(framed))

    def mutate(self, value):
        chance = self.random
        if not value:
            value.append(chance.randrange(26))
        place, way = chance.randrange(len(value)), chance.randrange(10)
        if way == 0:
            value[place] ^= 1 << chance.randrange(8)
        elif way == 1:
            value[place] = chance.choice((0, 1, 2, 3, 0x7F, 0x80, 0x81, 0xC0, 0xC3, 0xF0, 0xF4, 0xFE, 0xFF))
        elif way == 2:
            value[place] = (value[place] + chance.choice((-2, -1, 1, 2))) % 256
        elif way == 3:
            del value[place:place + chance.choice((1, 1, 2, 4, 9))]
        elif way == 4:
            value[place:place] = chance.randbytes(chance.choice((1, 1, 2, 5, 9)))
        elif way == 5:
            piece = value[place:place + chance.choice((2, 4, 8, 30))]
            at = chance.randrange(len(value))
            value[at:at] = piece
        elif way == 6:
            value[0] = chance.randrange(27)
        elif way == 7:
            size = chance.choice((2, 4, 8))
            edge = chance.choice((0, 1, 2**15, 2**16 - 1, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1)) % (1 << 8 * size)
            value[place:place + size] = edge.to_bytes(size, chance.choice(("little", "big")))
        elif way == 8:
            other = chance.choice(self.values[:100])
            value[place:] = other[chance.randrange(len(other)):]
        else:
            value[place] = chance.randrange(256)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    target, mutator = Target(), Mutator(options.seed)
    end = time.monotonic() + options.seconds
    while target.tried < options.inputs and (target.tried % 256 or time.monotonic() < end):
        payload = mutator.payload()
        try:
            target.try_frame(payload)
        except BaseException:
            print(f"after {target.tried} inputs: {payload.hex()}", flush=True)
            raise
    target.check()
    print(f"{target.accepted} accepted")
    print(f"fuzz_restore: {target.tried} inputs")


if __name__ == "__main__":
    main()
