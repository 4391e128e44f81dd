"""Where one encoding ends and the next begins, at every `*-max-*` setting, changed while the server runs.

tests/data/encodings.txt has what Valkey 9.1 and Redis 8.0 answer to OBJECT ENCODING, a line per case:

    setting=value ... | command ; command ... | encoding of the key k in Valkey | in Redis

Of a command's words `ints:5` stands for five integers, `texts:5:64` for five texts of 64 bytes, `pairs:5:64:10` for
five fields of 64 bytes with values of 10, `scores:5:64` for members with scores, `text:64` for one text of 64 bytes.
As a program it writes the file anew: python tests/commands/test_encodings.py valkey-server redis-server
"""
import sys
from pathlib import Path

import pytest
from doors import Door

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from peers import identify

import cydis

RECORD = Path(__file__).parents[1] / "data" / "encodings.txt"


def text(number, size):
    """A text of its own, of exactly this size where that is possible."""
    return f"{number:x}".rjust(size, "m") if size else ""


def expand(word):
    """The words that a word of the record stands for."""
    kind, _, rest = word.partition(":")
    numbers = [int(number) for number in rest.split(":")] if rest.replace(":", "").isdigit() else []
    if kind == "ints" and numbers:
        return [str(number) for number in range(numbers[0])]
    if kind == "texts" and numbers:
        return [text(number, numbers[1]) for number in range(numbers[0])]
    if kind == "text" and numbers:
        return ["x" * numbers[0]]
    if kind == "pairs" and numbers:
        return [word for number in range(numbers[0]) for word in (text(number, numbers[1]), "v" * numbers[2])]
    if kind == "scores" and numbers:
        return [word for number in range(numbers[0]) for word in (str(number), text(number, numbers[1]))]
    return [word]


def commands(settings, steps, key):
    """What a case sends: settings, then its commands on this key."""
    yield from (["CONFIG", "SET", *setting.split("=")] for setting in settings.split())
    for step in steps.split(" ; "):
        words = [other for word in step.split() for other in expand(word)]
        yield [key if word == "k" else word for word in words]


def cases():
    """All lines of the record, without the answers."""
    yield from strings()
    for kind, most in (("hash", 512), ("zset", 128), ("set", 128)):
        yield from packed(kind, most)
    yield from intsets()
    yield from lists()


def strings():
    for key_size in (1, 8, 31, 32, 33, 60, 100):
        key = "k" if key_size == 1 else f"key:{key_size}"
        for size in (*range(20, 140, 9), *range(37, 48), *range(80, 116)):
            yield "", f"SET {key} text:{size}"
            if size % 3 == 0:
                yield "", f"SET {key} text:{size} EX 1000"
    for size in (43, 44, 45, 64, 90, 97, 98, 99, 105, 106, 107, 120):
        for steps in ("SET k text:{} ; EXPIRE k 1000", "SET k text:{} EX 1000 ; PERSIST k", "SETEX k 1000 text:{}",
                      "SET k text:{} ; SET k text:{}", "SET other text:{} ; COPY other k REPLACE",
                      "SET other text:{} ; RENAME other k", "SET k 1 EX 100 ; SET k text:{}", "GETSET k text:{}",
                      "SET k text:{} ; APPEND k x", "APPEND k text:{}", "MSET k text:{}", "SETRANGE k 0 text:{}",
                      "SETNX k text:{}", "RPUSH l text:{} ; SORT l ALPHA STORE k"):
            yield "", steps.format(size, size)
    for number in ("0", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "01", "-0", "1.5"):
        yield "", f"SET k {number}"
        yield "", f"SET k {number} EX 100"
        yield "", f"SET k x ; GETSET k {number}"
        yield "", f"APPEND k {number}"
    for steps in ("SET k 1 ; INCR k", "INCR k", "INCRBYFLOAT k 1", "INCRBYFLOAT k 1.5", "SET k 1 ; APPEND k 2",
                  "SET k 1 ; SETRANGE k 0 2", "SET k 10 ; SETRANGE k 0 2", "SET k 1 ; GETEX k EX 10"):
        yield "", steps


WORDS = {"hash": "HSET k pairs:{}:{}:{}", "zset": "ZADD k scores:{}:{}", "set": "SADD k texts:{}:{}"}
TAKE = {"hash": "HDEL k texts:{}:{}", "zset": "ZREM k texts:{}:{}", "set": "SREM k texts:{}:{}"}


def packed(kind, most):
    words, take = WORDS[kind], TAKE[kind]
    for limit in (0, 1, 4, most):
        for count in {max(limit - 1, 1), max(limit, 1), limit + 1, limit + 2}:
            settings = f"{kind}-max-listpack-entries={limit}"
            yield settings, words.format(count, 8, 8)
            yield settings, f"{words.format(1, 8, 8)} ; {words.format(count, 8, 8)}"
            yield settings, f"{words.format(count, 8, 8)} ; {take.format(count - 1, 8)} ; {words.format(1, 8, 8)}"
    for limit in (0, 1, 20, 64, 200):
        settings = f"{kind}-max-listpack-value={limit}"
        for size in {max(limit - 1, 1), max(limit, 1), limit + 1}:
            yield settings, words.format(3, size, 1)
            yield settings, f"{words.format(2, 1, 1)} ; {words.format(2, size, 1)}"
            if kind == "hash":
                yield settings, words.format(3, 1, size)
                yield settings, f"{words.format(2, 1, 1)} ; HSET k f text:{size}"
    lowered = f"CONFIG SET {kind}-max-listpack-entries 2"
    yield "", f"{words.format(5, 8, 8)} ; {lowered}"
    yield "", f"{words.format(5, 8, 8)} ; {lowered} ; {words.format(5, 8, 8)}"
    yield "", f"{words.format(5, 8, 8)} ; {lowered} ; {words.format(6, 8, 8)}"
    raised = f"{words.format(5, 8, 8)} ; CONFIG SET {kind}-max-listpack-entries 100 ; {words.format(6, 8, 8)}"
    yield f"{kind}-max-listpack-entries=2", raised


def intsets():
    for limit in (0, 1, 4, 100, 512, 600):
        for listpack in (0, 128, 1000):
            settings = f"set-max-intset-entries={limit} set-max-listpack-entries={listpack}"
            for count in {max(limit - 1, 1), max(limit, 1), limit + 1, limit + 200}:
                yield settings, f"SADD k ints:{count}"
                yield settings, f"SADD k 0 ; SADD k ints:{count}"
            yield settings, f"SADD k ints:{max(limit, 1)} ; SADD k text"
            yield settings, f"SADD k ints:{max(limit, 1)} text"
            yield settings, f"SADD k text ints:{max(limit, 1)}"
            yield settings, f"SADD k ints:{max(limit, 1)} ; SADD k text:70"
    yield "", "SADD k ints:10 ; CONFIG SET set-max-intset-entries 4 ; SADD k 100"
    yield "", "SADD a ints:10 ; SADD b 1 2 x ; SINTERSTORE k a b"
    yield "", "SADD a ints:10 ; SADD b 1 2 x ; SUNIONSTORE k a b"
    yield "", "SADD a ints:10 ; SADD b 1 2 x ; SDIFFSTORE k b a"


def lists():
    for limit in (1, 4, 128, -1, -2, -3, -4, -5):
        most = limit if limit > 0 else 4096 << (-limit - 1)
        for size in (2, 100, 1000):
            edge = max(1, limit if limit > 0 else most // (size + 3))
            for count in sorted({1, max(1, edge // 2 - 1), max(1, edge // 2), edge // 2 + 1, max(edge - 1, 1), edge,
                                 edge + 1, edge + 3}):
                if count * size < 200_000:
                    yield f"list-max-listpack-size={limit}", f"RPUSH k texts:{count}:{size}"
                    yield f"list-max-listpack-size={limit}", f"RPUSH k texts:{count}:{size} ; LPUSH k text:{size}"
                    yield (f"list-max-listpack-size={limit}",
                           f"RPUSH k texts:{edge + 4}:{size} ; LTRIM k 0 {max(count - 1, 0)}")
    yield "", "RPUSH k text:9000"
    yield "", "RPUSH k text:9000 a ; LPOP k"
    yield "", "RPUSH k a text:9000 ; LSET k 1 b"
    yield "", "RPUSH k texts:200:100 ; LREM k 0 x"


LINES = RECORD.read_text().splitlines() if RECORD.exists() else []


def ask(do, line, number):
    """The encoding that a case leads to."""
    settings, steps = (part.strip() for part in line.split("|")[:2])
    names = [word for word in steps.split() if word.startswith("key:")]
    key = "k".ljust(int(names[0].removeprefix("key:")), "y") if names else "k"
    do("FLUSHALL")
    for setting in DEFAULTS:
        do("CONFIG", "SET", *setting)
    for words in commands(settings, steps.replace(names[0], "k") if names else steps, key):
        do(*words)
    return do("OBJECT", "ENCODING", key)


DEFAULTS = [
    ("list-max-listpack-size", -2), ("hash-max-listpack-entries", 512), ("hash-max-listpack-value", 64),
    ("set-max-intset-entries", 512), ("set-max-listpack-entries", 128), ("set-max-listpack-value", 64),
    ("zset-max-listpack-entries", 128), ("zset-max-listpack-value", 64),
]


def differing(do, column):
    """Lines of the record which `do` answers otherwise than its column (2: Valkey, 3: Redis)."""
    found = []
    for number, line in enumerate(LINES):
        wanted, got = line.split("|")[column].strip(), bytes(ask(do, line, number) or b"none").decode()
        if got != wanted:
            found.append(f"{line}: {got}")
    return found


def test_encodings_are_those_of_valkey():
    assert LINES
    wrong = differing(Door("execute", cydis.Store()).do, 2)          # some steps take nothing, which is an error
    assert not wrong, "\n".join(wrong[:20])


def test_the_record_is_what_the_peer_answers(best_peer, peer_server):
    if best_peer.label not in ("valkey-9.1", "redis-8.0"):
        pytest.skip("the record has the answers of Valkey 9.1 and Redis 8.0")
    with peer_server.client() as client:
        wrong = differing(client.call, 2 if best_peer.product == "valkey" else 3)
    assert not wrong, "\n".join(wrong[:20])


def record(paths):
    """Ask both peers, and write the record."""
    asked = dict.fromkeys(f"{settings} | {steps}" for settings, steps in cases())
    servers = [identify(path).start() for path in paths]
    clients = [server.client() for server in servers]
    lines = [" | ".join([line, *(bytes(ask(client.call, line, 0) or b"none").decode() for client in clients)])
             for line in asked]
    RECORD.write_text("\n".join(lines) + "\n")
    for server in servers:
        server.stop()


if __name__ == "__main__":
    record(sys.argv[1:])
