"""Sends the same random commands to two servers and compares every reply, then all their data, its digest as well.

A run is cut into epochs. Each starts from empty servers and new connections' state with its own seed
«seed:epoch», so a failure is replayed by its epoch alone; it is then reduced to few commands by removing
all that are not needed. Commands travel in pipelines over a RESP2 and a RESP3 connection in turn.

A peer that ends of its own flaw is started again and the run goes on with the next epoch; its last commands
are reported. That cydis ends is always a difference.

As a program:

    python tests/wire/differential.py --left /usr/bin/valkey-server --right cydis --commands 200000
        --seed 1 --families strings,keys

A server is `cydis`, the path of a peer's program, or label:port of a running one, for example
valkey-9.1:6379 (its data is deleted).
Exit code 0: no unexplained difference; 1: differences, each printed with its shortest replay.
"""
import argparse
import contextlib
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from peers import DEBUGGED, identify, start_cydis
from wire.comparison import read, same, show
from wire.explained import avoider, explainer
from wire.families import FAMILIES
from wire.generator import Generator
from wire.values import Values
from wire_client import Aggregate, Error, Map, WireClient, encode

BATCH = 200
EPOCH = 10_000
SHORT_LIVED_EVERY = 20
DATABASES = range(16)
CONTENTS = {
    b"string": (b"GET",), b"list": (b"LRANGE", b"0", b"-1"), b"set": (b"SMEMBERS",), b"hash": (b"HGETALL",),
    b"zset": (b"ZRANGE", b"0", b"-1", b"WITHSCORES"), b"vectorset": (b"VRANDMEMBER", b"100000"),
}
WAIT = (None, ())
SPARSE = ("CONFIG", "SET", "hll-sparse-max-bytes", "3000")              # the one directive that families set
DIGEST = (b"DEBUG", b"DIGEST")
MAX_REPLAYS = 400
LAST_WORDS = re.compile(r"(ASSERTION FAILED[^\n]*\n[^\n]*)|(crashed by signal[^\n]*)")
CONTEXT = {b"SELECT", b"HELLO", b"RESET", b"SWAPDB", b"FLUSHALL", b"FLUSHDB", b"CLIENT"}


@dataclass
class Difference:
    """Two replies to one command. `replay` holds (protocol, words) of the commands that lead to it."""

    epoch: str
    protocol: int
    words: tuple
    left: object
    right: object
    replay: list = field(default_factory=list)

    def kind(self):
        """Equal for differences that are probably the same."""
        return self.words[0].upper(), type(self.left), type(self.right)

    def __str__(self):
        lines = [f"{line(self.words)}   (RESP{self.protocol}, epoch {self.epoch})",
                 f"    left:  {show(self.left)}", f"    right: {show(self.right)}"]
        if self.replay:
            lines.append(f"    after {len(self.replay)} commands, the last of them:")
            lines += [f"      {protocol or '-'}  {line(words) if words else '(wait until it has expired)'}"
                      for protocol, words in self.replay[-12:]]
        return "\n".join(lines)


def line(words):
    """The command as one would type it."""
    return " ".join(text if (text := repr(word)[2:-1]) and not set(text) & set(" \\'\"") else f'"{text}"'
                    for word in words)


class Side:
    """One server: its connections by protocol. `label` decides which explanations are in force.

    `process` is its ServerProcess where it may be started again.
    """

    def __init__(self, label, port, process=None):
        self.label, self.process = label, process
        self.connect(port)

    def connect(self, port):
        self.clients = {protocol: WireClient(port, timeout=20.0, protocol=protocol) for protocol in (2, 3)}

    def revive(self):
        """Start a peer that has ended again; return what it said at its end, or None where it still runs."""
        if self.label == "cydis" or self.process is None or not self.process.has_ended():
            return None
        found = LAST_WORDS.search(self.process.read_log())
        said = found[0] if found else f"ended with {self.process.process.returncode}"
        self.close()
        self.process.start_again()
        self.connect(self.process.port)
        return said

    def reset(self):
        """Bring the server and both connections to their first state."""
        self.clients[2].pipeline([("RESET",), ("FLUSHALL",), SPARSE])
        self.clients[3].pipeline([("RESET",), ("HELLO", "3")])

    def clock(self):
        """The server's time in microseconds."""
        reply = self.clients[2].call("TIME")
        return int(reply[0]) * 1_000_000 + int(reply[1])

    def close(self):
        for client in self.clients.values():
            client.close()


class Differential:
    """Compares two servers, each (label, port) or (label, port, its ServerProcess).

    `differences` collects what nothing explains, `ended` where a peer ended by itself and was started again.
    """

    def __init__(self, left, right, families=None, max_differences=5):
        self.left, self.right = Side(*left), Side(*right)
        self.families = families
        self.max_differences = max_differences
        self.ends, self.lost = (None, None), False
        self.avoid = avoider(left[0], right[0])
        self.explain = explainer(left[0], right[0])
        self.differences, self.ended, self.explained, self.sent = [], [], Counter(), 0
        self.commands, self.errors = Counter(), Counter()
        self.log, self.epoch = [], ""
        self.digests = not any(isinstance(side.clients[2].call(*DIGEST), Error) for side in (self.left, self.right))

    def close(self):
        self.left.close()
        self.right.close()

    def run(self, commands, seed):
        """Send about this many commands; stop early after `max_differences` different commands differ."""
        target, number = self.sent + commands, 0
        while self.sent < target and len(self.differences) < self.max_differences and not self.lost:
            self.run_epoch(f"{seed}:{number}", min(EPOCH, target - self.sent))
            number += 1

    def run_epoch(self, epoch, commands):
        """Run one epoch from empty servers; return whether it found no difference."""
        self.begin(epoch)
        generator = Generator(epoch, self.families, self.avoid)
        chance = random.Random(f"protocols of {epoch}")
        for number in range(-(-commands // BATCH)):
            protocol = chance.choice((2, 3))
            brief = generator.short_lived() if number % SHORT_LIVED_EVERY == SHORT_LIVED_EVERY - 1 else []
            found = self.exchange(protocol, generator.batch(min(BATCH, commands)))
            if brief:
                found = found or self.expire(protocol, brief, generator)
            if found:
                return self.keep(found)
        found = self.compare_data() or self.compare_digests()
        return self.keep(found) if found else True

    def begin(self, epoch):
        self.epoch, self.log = epoch, []
        self.left.reset()
        self.right.reset()

    def expire(self, protocol, brief, generator):
        """Let keys expire, use them while it is open who has removed them, then have them all removed."""
        found = self.exchange(protocol, brief)
        if found:
            return found
        self.wait()
        after = generator.batch(BATCH, without=(b"DBSIZE", b"MEMORY", b"DEBUG"))
        remove = (b"EXISTS", *Values.ALL_KEYS)
        return self.exchange(protocol, after) or self.sweep(protocol, remove)

    def sweep(self, protocol, remove):
        """Send one command in all databases."""
        sweep = [words for database in DATABASES for words in ((b"SELECT", b"%d" % database), remove)]
        return self.exchange(protocol, [*sweep, (b"SELECT", b"0")])

    def wait(self):
        """Wait until both clocks have passed the keys of one millisecond."""
        self.log.append(WAIT)
        for side in (self.left, self.right):
            start = side.clock()
            while side.clock() < start + 2000:
                pass

    def exchange(self, protocol, commands):
        """Send the commands to both, compare the replies; return the first unexplained Difference or None."""
        data = b"".join(map(encode, commands))
        left, right = self.left.clients[protocol], self.right.clients[protocol]
        for client in (left, right):
            with contextlib.suppress(OSError, EOFError):          # then its replies end too, which is noticed below
                client.send_while_reading(data)
        left_replies, left_end = self.replies(left, len(commands))
        right_replies, right_end = self.replies(right, len(commands))
        self.ends = (left_end, right_end)
        self.lost = bool(left_end or right_end)
        self.sent += len(commands)
        answered = zip(commands, left_replies, right_replies, strict=False)
        for place, (words, left_raw, right_raw) in enumerate(answered):
            if left_raw == right_raw:
                continue
            left_reply, right_reply = read(left_raw), read(right_raw)
            if same(words, left_reply, right_reply):
                continue
            if reason := self.explain(words, left_reply, right_reply):
                self.explained[reason] += 1
                continue
            self.log.extend((protocol, words) for words in commands[:place + 1])
            return Difference(self.epoch, protocol, words, left_reply, right_reply)
        if left_end or right_end:
            place = min(len(left_replies), len(right_replies))
            self.log.extend((protocol, words) for words in commands[:place + 1])
            return Difference(self.epoch, protocol, commands[place], left_end, right_end)
        self.log.extend((protocol, words) for words in commands)
        return None

    @staticmethod
    def replies(client, count):
        """Return the raw replies that came, and what kept the others from coming (None: nothing)."""
        replies = []
        try:
            for _ in range(count):
                replies += client.raw_replies(1)
        except (OSError, EOFError) as reason:
            return replies, f"no reply: {reason or type(reason).__name__}"
        return replies, None

    def compare_data(self):
        """Compare all databases: names, types, encodings, times to live, contents."""
        for database in DATABASES:
            found = self.exchange(2, [(b"SELECT", b"%d" % database), (b"KEYS", b"*"), (b"DBSIZE",)])
            if found:
                return found
            keys = self.left.clients[2].call("KEYS", "*")
            if not isinstance(keys, Aggregate):
                continue
            types = self.left.clients[2].pipeline([("TYPE", key) for key in keys])
            probes = []
            for key, kind in zip(keys, types, strict=True):
                probes += [(b"TYPE", key), (b"OBJECT", b"ENCODING", key), (b"PTTL", key)]
                if words := CONTENTS.get(bytes(kind)):
                    probes.append((words[0], key, *words[1:]))
                if bytes(kind) == b"vectorset" and self.digests and self.rounded(key):
                    probes.append((b"DEBUG", b"DIGEST-VALUE", key))
            found = probes and self.exchange(2, probes)
            if found:
                return found
        return None

    def rounded(self, key):
        """Whether a vector set holds bytes or bits and is not projected: then its digest is the same elsewhere."""
        info = self.left.clients[2].call(b"VINFO", key)
        pairs = info if isinstance(info, Map) else zip(info[::2], info[1::2], strict=True)
        about = {bytes(name): value for name, value in pairs}
        return bytes(about[b"quant-type"]) in (b"int8", b"bin") and about[b"projection-input-dim"] == 0

    def compare_digests(self):
        """Compare DEBUG DIGEST where both offer it.

        Redis counts in when fields expire, and vectors that are not rounded are equal only nearly: what counts so is
        taken away first.
        """
        if not self.digests:
            return None
        found = self.sweep(2, (b"EXISTS", *Values.ALL_KEYS))
        if not found and "redis" in self.left.label + self.right.label:
            found = self.take_away_what_counts_otherwise()
        return found or self.exchange(2, [DIGEST])

    def take_away_what_counts_otherwise(self):
        """Make all fields last and remove vector sets that are not rounded.

        Return a Difference of the replies or None.
        """
        ask = self.left.clients[2]
        for database in DATABASES:
            found = self.exchange(2, [(b"SELECT", b"%d" % database)])
            keys = ask.call("KEYS", "*")
            kinds = dict(zip(keys, ask.pipeline([("TYPE", key) for key in keys]), strict=True))
            plain = [(b"DEL", key) for key, kind in kinds.items()
                     if bytes(kind) == b"vectorset" and not self.rounded(key)]
            for key in (key for key, kind in kinds.items() if bytes(kind) == b"hash"):
                fields = ask.call("HKEYS", key)
                plain += [(b"HPERSIST", key, b"FIELDS", b"%d" % len(fields), *fields)] if fields else []
            plain = [words for words in plain if not self.avoid(words)]
            if found := found or (plain and self.exchange(2, plain)):
                return found
        return self.exchange(2, [(b"SELECT", b"0")])

    def keep(self, found):
        """Reduce a difference to its shortest replay and keep it; a kind known already is not kept again."""
        log = list(self.log)
        if self.lost:
            found.replay = log[-12:]
            said = self.revive()
            if said and (found.left, found.right) == self.ends:
                self.ended.append((said, found))
                return True
        elif found.kind() not in [known.kind() for known in self.differences]:
            found.replay = self.reduce(log, found)
        self.differences.append(found)
        return False

    def revive(self):
        """Start a peer that has ended again, if the other has not; return what it said."""
        left, right = self.ends
        said = None if left and right else (self.left if left else self.right).revive()
        self.lost = said is None
        return said

    def differs(self, log, found):
        """Does this replay still end in a difference of its last command?"""
        self.begin(found.epoch)
        place = 0
        while place < len(log):
            protocol = log[place][0]
            if protocol is None:
                self.wait()
                place += 1
                continue
            end = place
            while end < len(log) and log[end][0] == protocol:
                end += 1
            difference = self.exchange(protocol, [words for _, words in log[place:end]])
            if self.lost:
                self.revive()
                return False
            if difference:
                if end == len(log) and difference.words is log[-1][1]:
                    found.left, found.right = difference.left, difference.right
                    return True
                return False
            place = end
        return False

    def reduce(self, log, found):
        """Remove from the log what the difference does not need (delta debugging, bounded)."""
        replays, sent = 0, self.sent
        last, rest = log[-1], log[:-1]
        key = set(last[1][1:])
        related = [entry for entry in rest
                   if entry[0] is None or key & set(entry[1][1:]) or entry[1][0].upper() in CONTEXT]
        if self.differs([*related, last], found):
            rest = related
        elif not self.differs([*rest, last], found):
            return log[-12:]
        chunk = max(1, len(rest) // 2)
        while replays < MAX_REPLAYS:
            start, removed = 0, False
            while start < len(rest) and replays < MAX_REPLAYS:
                fewer = rest[:start] + rest[start + chunk:]
                replays += 1
                if self.differs([*fewer, last], found):
                    rest, removed = fewer, True
                else:
                    start += chunk
            if chunk == 1 and not removed:
                break
            chunk = max(1, chunk // 2)
        self.sent = sent
        return [*rest, last]

    def report(self):
        """Return what was found as text."""
        lines = [f"{self.sent} commands, {len(self.differences)} unexplained differences"]
        lines += [f"  {number} times: {reason}" for reason, number in self.explained.most_common()]
        lines += [f"a peer ended: {said}\n{found}" for said, found in self.ended]
        kinds = Counter(found.kind() for found in self.differences)
        for found in self.differences:
            if number := kinds.pop(found.kind(), 0):
                lines.append(str(found) + (f"\n    and {number - 1} more of this kind" if number > 1 else ""))
        return "\n".join(lines)


def start(server):
    """Return (label, port, what to stop) of a server named on the command line."""
    label, _, port = server.rpartition(":")
    if port.isdigit():
        return label or "running", int(port), None
    process = start_cydis(*DEBUGGED) if server == "cydis" else None
    if process is None:
        peer = identify(server)
        if peer is None:
            raise SystemExit(f"{server}: no Valkey or Redis server, port or «cydis»")
        process = peer.start(*DEBUGGED)
    return process.label, process.port, process


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--left", required=True)
    parser.add_argument("--right", required=True)
    parser.add_argument("--commands", type=int, default=100_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--epoch", help="replay one epoch, as printed: seed:number")
    parser.add_argument("--families", help=f"comma separated, of: {', '.join(FAMILIES)}")
    parser.add_argument("--max-differences", type=int, default=5)
    options = parser.parse_args()
    families = options.families.split(",") if options.families else None
    left, right = start(options.left), start(options.right)
    try:
        differential = Differential(left, right, families, options.max_differences)
        begun = time.perf_counter()
        if options.epoch:
            differential.run_epoch(options.epoch, EPOCH)
        else:
            differential.run(options.commands, options.seed)
        seconds = time.perf_counter() - begun
        print(differential.report())
        print(f"{differential.sent / seconds:,.0f} commands/s")
        return 1 if differential.differences else 0
    finally:
        for _, _, process in (left, right):
            if process:
                process.stop()


if __name__ == "__main__":
    sys.exit(main())
