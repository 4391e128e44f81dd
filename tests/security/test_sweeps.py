"""Every command with arguments that nobody means: numbers at the edges of their range, keys of every type, keys given
twice, requests cut short. Made from the published grammar, so that a new command is swept the day it is registered.

What has to hold: a reply or an error in one line, the memory and the tables whole, a bystander's data untouched. The
names say which published holes of servers of this kind a sweep covers.
"""
import array
import re

import pytest
from command_grammar import FACTS, KEYS, Word, examples

import cydis
from cydis.engine import table

DATA = {"string", "bitmap", "list", "set", "hash", "sorted-set", "hyperloglog", "geo", "generic", "stream", "module"}
COMMANDS = [name for name in map(str.lower, table.names()) if "subcommands" not in FACTS[name]]
DATA_COMMANDS = [name for name in COMMANDS if FACTS[name]["group"] in DATA]

EDGES = [
    *(b"%d" % number for number in (
        0, 1, -1, 2**31 - 1, 2**31, 2**31 + 1, -2**31, -2**31 - 1, 2**32 - 1, 2**32, 2**32 + 1, 2**53 - 1, 2**53 + 1,
        2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64 - 1, 2**64, 2**64 + 1)),
    b"", b" 1", b"1 ", b"+1", b"-", b"0x1", b"1e3", b"nan", b"inf", b"-inf", b"1e308", b"1e-400", b"9" * 5000, b"#1",
    b"#9223372036854775807", b"(1", b"[", b"\x00", b"\r\n",
]

KINDS = {
    "missing": [],
    "integer": [("SET", "key", 7)],
    "text": [("SET", "key", "some text")],
    "large text": [("SETRANGE", "key", 9000, "text")],
    "expiring": [("SET", "key", "text", "EXAT", 33000000000)],
    "list": [("RPUSH", "key", "text", 1, 2, "2")],
    "large list": [("RPUSH", "key", *range(6000))],
    "integers": [("SADD", "key", *range(10))],
    "set": [("SADD", "key", "text", 1, 2)],
    "large set": [("SADD", "key", "text", *range(600))],
    "hash": [("HSET", "key", "text", 1, "other", "2")],
    "large hash": [("HSET", "key", *(word for n in range(600) for word in (f"field {n}", n)))],
    "sorted set": [("ZADD", "key", 1, "text", 2, "other", "inf", "last")],
    "fields with an expiry": [("HSETEX", "key", "EXAT", 33000000000, "FIELDS", 1, "text", 1), ("HSET", "key", "a", 1)],
    "places": [("GEOADD", "key", 13.361389, 38.115556, "text", 15.087269, 37.502669, "other")],
    "counter": [("PFADD", "key", *range(3))],
    "vector set": [("VADD", "key", "VALUES", 2, 1, 0.5, "text"), ("VADD", "key", "VALUES", 2, 3, 4, "other")],
    "large sorted set": [("ZADD", "key", *(word for n in range(300) for word in (n, f"member {n}")))],
}
SMALL = ("missing", "integer", "list", "integers", "set", "hash", "sorted set", "fields with an expiry", "vector set")
BYSTANDER = [("RPUSH", "bystander", *"abc"), ("EXPIREAT", "bystander", 33000000000)]


class Swept:
    """A store with two keys of a kind and a bystander."""

    def __init__(self):
        self.store = cydis.Store(seed=b"0123456789abcdef")
        self.store.execute("CONFIG", "SET", "proto-max-bulk-len", 2**20)      # what a wrong offset may cost

    def fill(self, kind):
        self.store.execute("FLUSHALL", "SYNC")
        for name, key, *words in (*KINDS[kind], *BYSTANDER):
            for each in KEYS[:2] if key == "key" else [key]:
                self.store.execute(name, each, *words)

    def send(self, words):
        """Send a request; an error must be one line with its kind in front.

        MIGRATE may call nobody: its target is this machine's port 0, at which none can listen.
        """
        if words[0] in ("MIGRATE", b"MIGRATE"):
            words = [words[0], *(b"127.0.0.1", b"0")[:len(words) - 1], *words[3:]]
        try:
            self.store.execute(*words)
        except cydis.CommandError as error:
            assert re.fullmatch(r"[A-Z]+ [^\r\n]*", str(error)), (words, str(error))

    def look(self, words):
        """Whatever was sent: the process is there, its structures are whole, others' data is as it was."""
        store = self.store
        assert store.execute("PING") == b"PONG", words
        assert store.execute("LRANGE", "bystander", 0, -1) == [b"a", b"b", b"c"], words
        assert store.execute("EXPIRETIME", "bystander") == 33000000000, words
        assert store.engine.check(), words


@pytest.fixture(scope="module")
def swept():
    return Swept()


def texts(words):
    return [word.text for word in words]


@pytest.mark.parametrize("name", DATA_COMMANDS)
def test_cve_2018_12453_every_command_meets_every_type_of_key(swept, name):
    """CVE-2018-12453 (class): a command on a key of another type. Only WRONGTYPE or a success comes back."""
    for kind in KINDS:
        for words in examples(name, together=2):
            swept.fill(kind)
            swept.send(texts(words))
        swept.look(kind)


@pytest.mark.parametrize("name", DATA_COMMANDS)
def test_every_argument_takes_the_edges(swept, name):
    """CVE-2022-35977, CVE-2023-22458, CVE-2023-25155, CVE-2023-28856, CVE-2021-32761, CVE-2022-35951 (classes): sizes,
    offsets, counts, times and scores at the ends of 32, 53 and 64 bits, and what is no number at all.
    """
    for kind in SMALL:
        swept.fill(kind)
        for words in examples(name):
            for place, word in enumerate(words):
                if word.kind in ("name", "token", "key"):
                    continue
                for edge in EDGES:
                    swept.send([*texts(words[:place]), edge, *texts(words[place + 1:])])
        swept.look(kind)


@pytest.mark.parametrize("name", DATA_COMMANDS)
def test_cve_2023_28425_keys_may_be_given_twice(swept, name):
    """CVE-2023-28425 (class): the same key in several places of one request."""
    for kind in SMALL:
        for words in examples(name):
            repeated = []
            for word in words:
                counts = word.name in ("numkeys", "numfields")
                if word.kind == "key":
                    repeated += 3 * [Word(b"key", word.kind, word.name)]
                elif word.name in ("field", "member", "element"):
                    repeated += 3 * [word]
                else:
                    repeated.append(Word(b"3", word.kind, word.name) if counts else word)
            swept.fill(kind)
            swept.send(texts(repeated))
        swept.look(kind)


@pytest.mark.parametrize("name", COMMANDS)
def test_cve_2023_36824_key_positions_of_requests_cut_short(swept, name):
    """Key positions are asked for with every prefix of the arguments and with wrong counts of keys."""
    for words in examples(name):
        for end in range(1, len(words) + 1):
            for count in (b"0", b"1", b"-1", b"2", b"2147483647", b"9223372036854775807", b"x"):
                request = [count if word.name == "numkeys" else word.text for word in words[:end]]
                for ask in ("GETKEYS", "GETKEYSANDFLAGS"):
                    swept.send(["COMMAND", ask, *request])


@pytest.mark.parametrize("command", ["SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER"])
def test_cve_2023_22458_and_25155_random_counts(swept, command):
    """A reply that no memory could hold is refused, not begun."""
    kind = {"S": "set", "H": "hash", "Z": "sorted set"}[command[0]]
    options = {"S": [()], "H": [(), ("WITHVALUES",)], "Z": [(), ("WITHSCORES",)]}[command[0]]
    for count in (-2**63, -2**63 + 1, -2**62, -2**53, -2**33, -2**31, 2**31, 2**62, 2**63 - 1):
        for words in options:
            swept.fill(kind)
            swept.send([command, "key", count, *words])
            if count > 0 and not (words and count > 2**62 - 1):
                assert len(swept.store.execute(command, "key", count)) > 0
    swept.look(command)


def test_cve_2025_67733_errors_are_one_line(swept):
    """No byte of a request can end an error early and forge the reply behind it."""
    for byte in range(256):
        bad = b"a" + bytes([byte]) + b"b\r\n+forged"
        for words in ([bad], ["SET", "key", "v", bad], ["OBJECT", bad], ["OBJECT", bad, "key"], ["GET", bad, bad],
                      ["CONFIG", bad], ["CONFIG", "SET", bad, bad], ["CLIENT", "KILL", bad, bad],
                      ["COMMAND", "GETKEYS", bad]):
            swept.send(words)


def test_arguments_may_be_any_buffer(swept):
    """A buffer that is no bytes object is read whole, and none of it twice."""
    swept.fill("missing")
    for value in (bytearray(b"text"), memoryview(b"text"), array.array("B", b"text")):
        swept.store.execute("SET", "key", value)
        assert swept.store.execute("GET", "key") == b"text"
