"""Server CPU per request for the most used commands of every family, at three sizes: cydis beside every peer found.

    python benchmarks/server_families.py [--quick] [--bin-dir FOLDER] [--families lists,sets] [--sizes 10,1000]
                                         [--cells ZRANK] [--rounds 3]

Collections of 10, 1,000 and 1,000,000 members (strings and bitmaps: bytes; keys: keys of the database); the commands
stand in family_cells.py. The load (load.c) sends prebuilt pipelines of 16 over 16 sockets. All contestants run at
the same time, idle but for the one being measured; each cell goes round all of them `--rounds` times. Cost is the
CPU time of the server's process over the run, divided by the number of requests. A ratio is the median over the
rounds of (our CPU per request / that of the better peer); the goal is at most 0.8, and none above 1.0. The worst
cells come first. A cell whose command a server does not know is left out for that server, and listed.
"""

import argparse
import os
import struct
import subprocess
import tempfile
from pathlib import Path

import results
from contestants import (
    KeptAwake,
    add_options,
    at,
    contestants,
    core_or_none,
    cpu_seconds,
    median,
    rotated,
    send_and_check,
    version_of,
)
from family_cells import ALL, FAMILIES, Draw

GOAL = 0.8
PIPELINE = 16
SOCKETS = 16
BLOCKS = 1024
KEYS = (10_000, 100, 1)  # collections of each size
QUICK_KEYS = (1_000, 20, 1)
DUMP = "{dump}"
LONG = 200  # characters from which a command is long, and sent in fewer different pipelines
DATABASES = {size: number for number, size in enumerate(ALL)}


def encode(words):
    """Return a request's bytes."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word.encode() if type(word) is str else word
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


def build_load(folder):
    """Compile load.c; return the program's path."""
    program = Path(folder, "load")
    source = Path(__file__).with_name("load.c")
    subprocess.run([os.environ.get("CC", "cc").split()[-1], "-O2", source, "-o", program], check=True)
    return program


def block(requests):
    body = b"".join(requests)
    return struct.pack("=II", len(body), len(requests)) + body


def turn_of(cell, words):
    """Return the commands of one turn as tuples of words."""
    return [tuple(words_of(command, words)) for command in cell.commands]


def words_of(command, words):
    for word in command.split(" "):
        if word == DUMP:
            yield words["dump"]
        else:
            yield from word.format_map(words).split(" ")


class Families:
    """The running servers, and one list of measurements per (family, cell, size, contestant)."""

    def __init__(self, options, servers, folder):
        self.options, self.servers = options, servers
        self.program = build_load(folder)
        self.file = Path(folder, "blocks")
        self.client_core = core_or_none(options.client_core)
        self.measured, self.notes, self.dumps = {}, [], {}

    def keys(self, family, size):
        if family.databases:
            return size
        return (family.keys or (QUICK_KEYS if self.options.quick else KEYS))[ALL.index(size)]

    def draw(self, family, size):
        return Draw(family, size, self.keys(family, size), self.dumps.get((family.name, size), b""))

    def prepare(self, family, sizes):
        """Fill all servers with the family's collections."""
        for server in self.servers.values():
            with server.client(timeout=120.0) as client:
                client.call("FLUSHALL")
        for size in sizes:
            draw = self.draw(family, size)
            head = [encode(("SELECT", str(DATABASES[size])))] if family.databases else []
            batch = list(head)
            each = 1 if family.databases else size
            for number in range(self.keys(family, size)):
                batch += map(encode, family.fill(each, draw.key(number)))
                if len(batch) >= 1000:
                    self.send(batch)
                    batch = list(head)
            self.send(batch)
            self.save(family, size, draw.key(0))

    def save(self, family, size, key):
        """Keep a collection as one server, ours if it takes part, serialises it: all restore the same bytes."""
        if any(size in cell.sizes and DUMP in words for cell in family.cells for words in cell.commands):
            with self.servers.get("cydis", next(iter(self.servers.values()))).client() as client:
                self.dumps[family.name, size] = bytes(client.call("DUMP", key))

    def not_filling(self, family):
        """Return the servers that do not know the command which makes the family's collections."""
        command = next(iter(family.fill(1, "one")))[0]
        unknown = []
        for who, server in self.servers.items():
            with server.client() as client:
                if not isinstance(client.call("COMMAND", "INFO", command)[0], list):
                    unknown.append(who)
        return unknown

    def send(self, requests):
        body = b"".join(requests)
        for server in self.servers.values():
            with server.client(timeout=120.0) as client:
                send_and_check(client, body, len(requests))

    def knows(self, who, family, cell, size):
        """Whether the server knows the commands; any other error of theirs ends the program."""
        with self.servers[who].client(timeout=60.0) as client:
            if family.databases:
                client.call("SELECT", str(DATABASES[size]))
            for command in turn_of(cell, self.draw(family, size).turn()):
                reply = client.call(*command)
                if type(reply).__name__.endswith("Error"):
                    if "unknown command" in str(reply).lower():
                        return False
                    raise SystemExit(f"{who}: {' '.join(map(str, command))[:LONG]}: {reply}")
        return True

    def write_blocks(self, family, cell, size):
        """Write the file of the load."""
        draw = self.draw(family, size)
        turns = PIPELINE // len(cell.commands)
        blocks = 64 if len(cell.commands[0]) > LONG or DUMP in cell.commands[0] else self.options.blocks
        with open(self.file, "wb") as file:
            file.write(block([encode(("SELECT", str(DATABASES[size] if family.databases else 0)))]))
            for _ in range(blocks):
                turn = [turn_of(cell, draw.turn()) for _ in range(turns)]
                file.write(block([encode(command) for commands in turn for command in commands]))

    def measure(self, who):
        """Run the load once; return the measurement."""
        server = self.servers[who]
        control, ours = os.pipe()
        line = [self.program, server.port, SOCKETS, int(self.options.seconds * 1000)]
        line = [str(word) for word in [*at(self.client_core, self.options.nice), *line]]
        with open(self.file, "rb") as blocks:
            load = subprocess.Popen(
                ["sh", "-c", f'exec "$@" 3<&{control}', "sh", *line],
                stdin=blocks,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=(control,),
            )
        os.close(control)
        try:
            load.stdout.readline()
            before = cpu_seconds(server.process.pid)
            os.write(ours, b"g")
            words = load.stdout.readline().split(" ", 5)
            spent = cpu_seconds(server.process.pid) - before
        finally:
            os.close(ours)
            load.wait(30)
        if len(words) < 6:
            raise SystemExit(f"{who}: the load failed")
        requests, errors, seconds, _, p99 = map(float, words[:5])
        return {
            "rps": requests / seconds,
            "cpu_us": spent / requests * 1e6,
            "p99_ms": p99 / 1000,
            "errors": int(errors),
            "error": words[5].strip(),
        }

    def run(self, families, sizes, wanted):
        for family in families:
            if unknown := self.not_filling(family):
                self.notes.append(f"{family.name}: the command that fills is not known to {', '.join(unknown)}")
                continue
            self.prepare(family, sizes)
            for cell in family.cells:
                for size in sizes:
                    if size in cell.sizes and (not wanted or any(word in cell.name for word in wanted)):
                        self.run_cell(family, cell, size)

    def run_cell(self, family, cell, size):
        known = [who for who in self.servers if self.knows(who, family, cell, size)]
        if missing := [who for who in self.servers if who not in known]:
            self.notes.append(f"{family.name}, {cell.name}: not known to {', '.join(missing)}")
        if "cydis" in missing:
            return
        self.write_blocks(family, cell, size)
        by_who = self.measured.setdefault((family.name, cell.name, size), {})
        for number in range(self.options.rounds):
            for who in rotated(known, number):
                found = self.measure(who)
                by_who.setdefault(who, []).append(found)
                if found["errors"] and number == 0:
                    self.notes.append(f"{family.name}, {cell.name}, {size}: {who} answers {found['error']}")
        print(
            f"{family.name:12} {cell.name:26} {size:>9,}  "
            + "  ".join(f"{median([one['cpu_us'] for one in rounds]):8.3f}" for rounds in by_who.values()),
            flush=True,
        )


def compared(by_who):
    """Return (ratio of CPU, the better peer, ratio of requests/s, ours and the peer's p99), or None."""
    peers = {who: rounds for who, rounds in by_who.items() if who != "cydis"}
    if not peers or "cydis" not in by_who:
        return None
    best = min(peers, key=lambda who: median([one["cpu_us"] for one in peers[who]]))
    pairs = list(zip(by_who["cydis"], peers[best], strict=True))
    return (
        median([ours["cpu_us"] / theirs["cpu_us"] for ours, theirs in pairs]),
        best,
        median([ours["rps"] / theirs["rps"] for ours, theirs in pairs]),
        median([ours["p99_ms"] for ours, _ in pairs]),
        median([theirs["p99_ms"] for _, theirs in pairs]),
    )


def report(measured, notes):
    """Return the tables: goals by family, then all cells, the worst first."""
    found = [(key, by_who, compared(by_who)) for key, by_who in measured.items()]
    found = sorted((one for one in found if one[2]), key=lambda one: -one[2][0])
    rows, counts = [], {}
    for (family, name, size), by_who, (ratio, best, rps, p99, peer_p99) in found:
        verdict = "met" if ratio <= GOAL else "above" if ratio <= 1 else "**slower**"
        counts.setdefault(family, []).append(ratio)
        costs = [
            f"{median([one['cpu_us'] for one in by_who[who]]):.3f}" if who in by_who else "-" for who in heads(measured)
        ]
        rows.append(
            [family, name, f"{size:,}", f"{ratio:.2f}", verdict, *costs, best, f"{rps:.2f}", f"{p99:.2f}",
             f"{peer_p99:.2f}"]
        )  # fmt: skip
    head = ["family", "command", "size", "ratio", "goal ≤ 0.8", *(f"{who} µs" for who in heads(measured)),
            "better peer", "rps ratio", "p99 ms", "its p99 ms"]  # fmt: skip
    families = [
        [name, len(ratios), sum(ratio <= GOAL for ratio in ratios), sum(ratio > 1 for ratio in ratios),
         f"{median(ratios):.2f}", f"{max(ratios):.2f}"]
        for name, ratios in counts.items()
    ]  # fmt: skip
    text = results.table(["family", "cells", "met", "slower", "median ratio", "worst"], families)
    text += "\n\n" + results.table(head, rows)
    if notes:
        text += "\n\nLeft out or answered with an error:\n\n" + "\n".join(f"- {note}" for note in notes)
    return text


def heads(measured):
    """Return the contestants in the order of the first cell that has all of them."""
    return list(max(measured.values(), key=len))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(parser)
    parser.add_argument("--families", help=f"comma separated, of: {', '.join(FAMILIES)}")
    parser.add_argument("--sizes", default=",".join(map(str, ALL)))
    parser.add_argument("--cells", help="comma separated parts of the names of cells")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.4, help="of one measurement")
    parser.add_argument("--blocks", type=int, default=BLOCKS, help="different pipelines of one measurement")
    parser.add_argument("--keep-awake", action="store_true", help="idle-priority loops on both cores")
    parser.add_argument("--quick", action="store_true", help="one short round, fewer collections")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.blocks = 1, 0.1, 128
    names = options.families.split(",") if options.families else list(FAMILIES)
    if unknown := [name for name in names if name not in FAMILIES]:
        raise SystemExit(f"no such family: {', '.join(unknown)}; there are: {', '.join(FAMILIES)}")
    sizes = [int(size) for size in options.sizes.split(",")]
    if not set(sizes) <= set(ALL):
        raise SystemExit(f"sizes are {', '.join(map(str, ALL))}")
    servers, awake = {}, [options.server_core, options.client_core] if options.keep_awake else []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for one in contestants(options):
                servers[one.name] = one.start(core=core_or_none(options.server_core), nice=options.nice)
            versions = {who: version_of(server) for who, server in servers.items()}
            families = Families(options, servers, folder)
            with KeptAwake(awake):
                wanted = options.cells.split(",") if options.cells else ()
                families.run([FAMILIES[name] for name in names], sizes, wanted)
        finally:
            for server in servers.values():
                server.stop()
    if not families.measured:
        raise SystemExit("nothing measured: " + "; ".join(families.notes))
    data = {
        "cells": [
            {"family": family, "command": name, "size": size, "by": by_who}
            for (family, name, size), by_who in families.measured.items()
        ]
    }
    text = report(families.measured, families.notes)
    results.write("server_families", "Cost of commands by family and size", versions, text, data,
                  keep=not options.no_results)  # fmt: skip


if __name__ == "__main__":
    main()
