"""Requests per second and server CPU per request: cydis beside every peer found, interleaved.

    python benchmarks/server_throughput.py [--quick] [--bin-dir FOLDER] [--cells get,set] [--pipelines 1,16]

All contestants run at the same time, idle but for the one being measured; each cell (command, pipeline) goes
round all of them `--rounds` times, starting with another one each round. The load comes from
valkey-benchmark or redis-benchmark on one core, the server runs on another. Cost is the CPU time of the
server's process over the run, divided by the number of requests. The keyspace holds 1,000,000 keys
for GET, SET, INCR and MSET; the collections start empty.

A goal is met when the median over the rounds of (our CPU per request / the better peer's) is at most the
figure wanted. «rps» compares medians in the same way. Differences below 10 % mean nothing.
"""

import argparse
import csv
import io
import subprocess
from dataclasses import dataclass

import results
from contestants import (
    KeptAwake,
    add_options,
    at,
    benchmark_program,
    contestants,
    core_or_none,
    cpu_seconds,
    fill,
    median,
    request_template,
    rotated,
    set_template,
    version_of,
)

KEYS = 1_000_000
CLIENTS = 50


@dataclass(frozen=True)
class Cell:
    """One command: the load generator's arguments, thousands of requests a second by pipeline, goals."""

    name: str
    arguments: tuple
    rates: tuple
    goals: tuple
    data: str = "keys16"
    empties: str = ""


SMALL = (0.85, 0.65, 0.45)
COLLECTION = (0.95, 0.85, 0.75)
CELLS = {
    cell.name: cell
    for cell in (
        Cell("GET", ("-t", "get", "-d", "16"), (60, 700, 1300), SMALL),
        Cell("SET", ("-t", "set", "-d", "16"), (60, 500, 800), SMALL),
        Cell("INCR", ("-t", "incr"), (60, 700, 1300), SMALL),
        Cell("PING", ("-t", "ping_mbulk"), (60, 800, 2300), (1.00, 0.80, 0.45)),
        Cell("LPUSH", ("-t", "lpush", "-d", "16"), (60, 700, 1200), COLLECTION, empties="mylist"),
        Cell("SADD", ("-t", "sadd"), (60, 500, 700), COLLECTION, empties="myset"),
        Cell("HSET", ("-t", "hset", "-d", "16"), (60, 500, 700), COLLECTION, empties="myhash"),
        Cell("ZADD", ("-t", "zadd"), (60, 300, 400), COLLECTION, empties="myzset"),
        Cell("MSET", ("-t", "mset", "-d", "16"), (55, 140, 160), COLLECTION),
        Cell("LRANGE_100", ("LRANGE", "range", "0", "99"), (50, 100, 90), COLLECTION, data="range"),
        Cell("SET_1K", ("-t", "set", "-d", "1024"), (55, 400, 350), (0.90, 0.65, 0.45), data="keys1024"),
        Cell("GET_1K", ("-t", "get", "-d", "1024"), (55, 500, 550), (0.90, 0.75, 0.80), data="keys1024"),
    )
}
PIPELINES = (1, 16, 128)


class Throughput:
    """The running servers, and one list of measurements per (cell, pipeline, contestant)."""

    def __init__(self, options, servers):
        self.options = options
        self.servers = servers
        self.program = benchmark_program(options)
        self.client_core = core_or_none(options.client_core)
        self.prepared = ""
        self.measured = {}

    def prepare(self, data):
        """Fill all servers with what the next cells need, unless they hold it already."""
        if data == self.prepared:
            return
        for server in self.servers.values():
            with server.client(timeout=120.0) as client:
                client.call("FLUSHALL")
            if data.startswith("keys"):
                size = int(data.removeprefix("keys"))
                fill(server, set_template(b"key:", size), range(self.options.keys))
                if size == 16:
                    words = [(3, b"SET"), (20, b"counter:%012d"), (1, b"7")]
                    fill(server, request_template(words), range(self.options.keys))
            else:
                fill(
                    server,
                    request_template([(5, b"RPUSH"), (5, b"range"), (16, b"val:%012d")]),
                    range(10_000),
                )
        self.prepared = data

    def command(self, server, cell, pipeline, requests):
        line = [self.program, "-n", requests, "-c", CLIENTS, "-P", pipeline, "-r", self.options.keys, "--csv"]
        line += ["-s", server.unixsocket] if server.unixsocket else ["-h", "127.0.0.1", "-p", server.port]
        return [str(word) for word in [*at(self.client_core, self.options.nice), *line, *cell.arguments]]

    def measure(self, who, cell, pipeline):
        """Run the load once; return the measurement."""
        server = self.servers[who]
        if cell.empties:
            with server.client() as client:
                client.call("DEL", cell.empties)
        rate = 1000 * cell.rates[PIPELINES.index(pipeline)]
        requests = max(10_000, int(rate * self.options.seconds))
        before = cpu_seconds(server.process.pid)
        ran = subprocess.run(
            self.command(server, cell, pipeline, requests),
            capture_output=True,
            text=True,
            timeout=60 + 40 * self.options.seconds,
        )
        spent = cpu_seconds(server.process.pid) - before
        rows = [row for row in csv.DictReader(io.StringIO(ran.stdout)) if row.get("rps")]
        if ran.returncode or len(rows) != 1:
            raise SystemExit(f"{who}, {cell.name}: the load generator failed\n{ran.stdout}{ran.stderr}")
        row = rows[0]
        return {
            "rps": float(row["rps"]),
            "cpu_us": spent / requests * 1e6,
            "p50_ms": float(row["p50_latency_ms"]),
            "p99_ms": float(row["p99_latency_ms"]),
        }

    def run(self, cells, pipelines):
        for cell in sorted(cells, key=lambda cell: list(CELLS).index(cell.name)):
            self.prepare(cell.data)
            for pipeline in pipelines:
                for number in range(self.options.rounds):
                    for who in rotated(list(self.servers), number):
                        found = self.measure(who, cell, pipeline)
                        self.measured.setdefault((cell.name, pipeline), {}).setdefault(who, []).append(found)
                print(
                    f"{cell.name} P={pipeline}: "
                    + "  ".join(
                        f"{who} {median([one['cpu_us'] for one in rounds]):.3f} µs"
                        for who, rounds in self.measured[cell.name, pipeline].items()
                    ),
                    flush=True,
                )


def ratios(ours, peers, field, better):
    """Return (the better peer, median over the rounds of ours / its); `better`: min or max of medians."""
    best = better(peers, key=lambda who: median([one[field] for one in peers[who]]))
    return best, median([mine[field] / its[field] for mine, its in zip(ours, peers[best], strict=True)])


def report(measured):
    """Return the tables: all figures, then the goals."""
    figures, goals, met = [], [], []
    for (name, pipeline), by_who in measured.items():
        for who, rounds in by_who.items():
            cpu = [one["cpu_us"] for one in rounds]
            figures.append(
                [
                    name,
                    pipeline,
                    who,
                    f"{median([one['rps'] for one in rounds]):,.0f}",
                    f"{median(cpu):.3f}",
                    f"{min(cpu):.3f}",
                    f"{median([one['p50_ms'] for one in rounds]):.3f}",
                    f"{median([one['p99_ms'] for one in rounds]):.3f}",
                ]
            )
        peers = {who: rounds for who, rounds in by_who.items() if who != "cydis"}
        if "cydis" not in by_who or not peers:
            continue
        ours = by_who["cydis"]
        best, cpu_ratio = ratios(ours, peers, "cpu_us", min)
        least = min(one["cpu_us"] for one in ours) / min(one["cpu_us"] for one in peers[best])
        best_rps, rps_ratio = ratios(ours, peers, "rps", max)
        goal = CELLS[name].goals[PIPELINES.index(pipeline)]
        met.append(cpu_ratio <= goal)
        goals.append(
            [
                name,
                pipeline,
                best,
                f"{cpu_ratio:.2f}",
                f"{least:.2f}",
                f"≤ {goal:.2f}",
                "met" if met[-1] else "**missed**",
                f"{rps_ratio:.2f} ({best_rps})",
                "" if rps_ratio >= 0.9 else "**fewer**",
            ]
        )
    head = ["command", "P", "server", "requests/s", "CPU µs/request", "(min)", "p50 ms", "p99 ms"]
    text = results.table(head, figures)
    if goals:
        text += f"\n\n## Goals: {sum(met)} of {len(met)} met\n\n" + results.table(
            ["command", "P", "better peer", "CPU ratio", "(of minima)", "goal", "", "rps ratio", ""], goals
        )
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(parser)
    parser.add_argument("--cells", help=f"comma separated, of: {', '.join(CELLS)}")
    parser.add_argument("--pipelines", default="1,16,128")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of one measurement, roughly")
    parser.add_argument("--keys", type=int, default=KEYS)
    parser.add_argument("--unixsocket", action="store_true", help="over a unix socket instead of TCP")
    parser.add_argument("--keep-awake", action="store_true", help="idle-priority loops on both cores")
    parser.add_argument("--quick", action="store_true", help="GET, SET and PING only, two short rounds")
    options = parser.parse_args()
    if options.quick:
        options.cells, options.rounds, options.seconds = options.cells or "GET,SET,PING", 2, 0.4
    names = options.cells.upper().split(",") if options.cells else list(CELLS)
    if unknown := [name for name in names if name not in CELLS]:
        raise SystemExit(f"no such cell: {', '.join(unknown)}; there are: {', '.join(CELLS)}")
    pipelines = [int(pipeline) for pipeline in options.pipelines.split(",")]
    if not set(pipelines) <= set(PIPELINES):
        raise SystemExit(f"pipelines have goals only for {', '.join(map(str, PIPELINES))}")
    server_core = core_or_none(options.server_core)
    servers, awake = {}, [options.server_core, options.client_core] if options.keep_awake else []
    try:
        for one in contestants(options):
            servers[one.name] = one.start(core=server_core, nice=options.nice, unixsocket=options.unixsocket)
        versions = {who: version_of(server) for who, server in servers.items()}
        throughput = Throughput(options, servers)
        with KeptAwake(awake):
            throughput.run([CELLS[name] for name in names], pipelines)
    finally:
        for server in servers.values():
            server.stop()
    data = {
        "rounds": [
            {"command": name, "pipeline": pipeline, "by": by_who}
            for (name, pipeline), by_who in throughput.measured.items()
        ]
    }
    results.write(
        "server_throughput",
        "Throughput and cost per request",
        versions,
        report(throughput.measured),
        data,
        keep=not options.no_results,
    )


if __name__ == "__main__":
    main()
