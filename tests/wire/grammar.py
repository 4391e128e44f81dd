"""Sends every command in every form that its grammar has, with every argument at its edges, to two servers.

Random commands (differential.py) meet the common ways again and again; this walk meets each rare one once: option by
option, two options together, each argument in turn replaced by what it should not be, on keys of every type. Before
each request the keys are made anew, so that one difference hides no other.

    python tests/wire/grammar.py --left /usr/bin/valkey-server --right cydis [--commands zadd,set]
"""
import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from command_grammar import FACTS, KEYS, examples
from wire.differential import Differential, start

DATA = ("string", "bitmap", "list", "set", "hash", "sorted-set", "hyperloglog", "geo", "generic", "module")
CHANCE = {"spop", "srandmember", "hrandfield", "zrandmember", "randomkey", "vrandmember"}
"""Commands whose reply is drawn, or which then leave other data on each side."""
WAITING = {"wait", "waitaof", "blpop", "brpop", "blmove", "blmpop", "brpoplpush", "bzpopmin", "bzpopmax", "bzmpop"}
"""Commands that may wait: only what is refused, or served at once, can be compared."""
ELSEWHERE = {"migrate", "restore-asking", "object|help"}

EDGES = [
    *(b"%d" % number for number in (
        0, 1, -1, 3, 2**31 - 1, 2**31, -2**31 - 1, 2**32, 2**53 + 1, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64)),
    b"", b" 1", b"1 ", b"+1", b"-0", b"01", b"1.5", b"0x1", b"1e3", b"nan", b"inf", b"-inf", b"1e400", b"(1", b"[a",
    b"-", b"+", b"#1", b"i64", b"u64", b"junk", b"a\r\nb", b"9" * 400,
]

KINDS = {
    "missing": [],
    "string": [("SET", "17")],
    "list": [("RPUSH", "text", "1", "2", "2")],
    "set": [("SADD", "text", "1")],
    "hash": [("HSET", "text", "1", "other", "2")],
    "zset": [("ZADD", "1", "text", "1.5", "1", "inf", "last")],
    "geo": [("GEOADD", "13.361389", "38.115556", "text", "15.087269", "37.502669", "other")],
    "hll": [("PFADD", "text", "other", "1")],
}
"""What the keys hold before each request: (command, arguments after the key)."""
OWN_KINDS = {
    "string": ("string", "list"), "bitmap": ("string", "hash"), "list": ("list", "string"), "set": ("set", "string"),
    "hash": ("hash", "string"), "sorted-set": ("zset", "set"), "hyperloglog": ("hll", "string"), "geo": ("geo", "list"),
    "generic": tuple(KINDS), "module": ("missing", "string"),
}
"""On which of them the edges are tried, by the command's group; the forms without edges are tried on all."""


def requests(name):
    """Yield (kind of the keys, request) for a command."""
    group = FACTS[name]["group"]
    for words in examples(name, together=2):
        for kind in KINDS:
            yield kind, tuple(word.text for word in words)
    for words in examples(name):
        for place, word in enumerate(words):
            if word.kind in ("name", "key"):
                continue
            for kind in ("missing", *OWN_KINDS[group]):
                for edge in EDGES:
                    yield kind, tuple(edge if at == place else one.text for at, one in enumerate(words))
        for kind in OWN_KINDS[group]:
            for end in range(1, len(words)):
                yield kind, tuple(word.text for word in words[:end])
            yield kind, (*(word.text for word in words), b"junk")


class Walk(Differential):
    """Compares two servers request by request. `found` holds every difference, not only the first."""

    def __init__(self, left, right):
        """Each of the two is (label, port) or (label, port, its ServerProcess); their data is deleted."""
        super().__init__(left, right)
        self.found = []
        self.limit()
        names = [{bytes(row[0]).lower() for row in side.clients[2].call("COMMAND")} for side in (self.left, self.right)]
        self.known = {name.decode() for name in names[0] & names[1]}
        """Commands that both serve."""
        self.kinds = {kind: fill for kind, fill in KINDS.items()
                      if all(name.lower() in self.known for name, *_ in fill)}

    def limit(self):
        for side in (self.left, self.right):
            side.clients[2].call("CONFIG", "SET", "proto-max-bulk-len", "1mb")        # what a large offset may cost

    def prepare(self, kind):
        return [(b"FLUSHALL", b"SYNC"), *(
            (name.encode(), key, *(word.encode() for word in words)) for name, *words in KINDS[kind]
            for key in KEYS[:2])]

    def command(self, name):
        """Compare all requests of one command over both protocols, and what they leave."""
        for number, (kind, words) in enumerate(requests(name)):
            if kind not in self.kinds or self.avoid(words) or self.lost:
                continue
            protocol = 2 + number % 2
            leaves = [(b"TYPE", key) for key in KEYS] + [(b"PEXPIRETIME", key) for key in KEYS]
            batch = [*self.prepare(kind), words, *leaves]
            self.begin_quietly(name)
            found = self.exchange(protocol, batch)
            if found:
                found.replay = [(protocol, (kind.encode(), *words))]
                self.found += self.settle(found)

    def begin_quietly(self, name):
        self.epoch, self.log = name, []

    def settle(self, found):
        """After a difference: both connections as they were at first. Return what nothing explains."""
        said = self.revive() if self.lost else None
        if said:
            self.limit()
            if (found.left, found.right) == self.ends:
                self.ended.append((said, found))
                return []
        if not self.lost:
            self.left.reset()
            self.right.reset()
        return [found]


def commands(of=None):
    """The commands of the walk."""
    left_out = CHANCE | WAITING | ELSEWHERE
    names = [name for name, row in FACTS.items() if row["group"] in DATA and "subcommands" not in row]
    return [name for name in names if name not in left_out and (of is None or name in of)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--left", required=True)
    parser.add_argument("--right", required=True)
    parser.add_argument("--commands", help="comma separated; default: all that concern data and both servers know")
    options = parser.parse_args()
    left, right = start(options.left), start(options.right)
    try:
        walk = Walk(left, right)
        for name in commands(options.commands.split(",") if options.commands else None):
            if name.split("|")[0] in walk.known:
                before = len(walk.found)
                walk.command(name)
                for found in walk.found[before:before + 6]:
                    print(found, flush=True)
                if len(walk.found) > before:
                    print(f"== {name}: {len(walk.found) - before} differences", flush=True)
        print(f"{walk.sent} commands, {len(walk.found)} unexplained differences")
        for said, found in walk.ended:
            print(f"a peer ended: {said}\n{found}")
        for reason, number in walk.explained.most_common():
            print(f"  {number} times: {reason}")
        return 1 if walk.found else 0
    finally:
        for _, _, process in (left, right):
            if process:
                process.stop()


if __name__ == "__main__":
    sys.exit(main())
