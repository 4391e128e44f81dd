"""Cost per command against the size of the collection, and the longest pauses while one grows: cydis beside peers.

    python benchmarks/growth_curves.py [--quick] [--bin-dir FOLDER] [--curves ZRANK] [--rounds 3]

Curves: server CPU per request (as in server_families.py, whose load and collections these are) at 10, 100, … 1,000,000
members. What grows is told from the last three decades: the factor by which the cost at 1,000,000 exceeds that at
1,000, ours beside the peer's with the smallest factor. A command whose factor is above 4 and above 1.5 times that
of the peer, while it costs more than there, grows in another order: «**worse**».

Pauses: see pauses.py. The chart is written beside the results as SVG.
"""

import argparse
import tempfile
from dataclasses import replace

import pauses
import plot
import results
from contestants import add_options, contestants, core_or_none, median, version_of
from family_cells import HASHES, LISTS, SETS, SORTING, ZSETS
from server_families import Families

SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
MEMBERS = 20_000  # of all collections of a size together, at least one
WANTED = {
    LISTS: ("LINDEX", "LRANGE 0 9", "LRANGE middle 10", "LSET", "LPUSH + RPOP"),
    HASHES: ("HGET", "HSET there", "HSCAN", "HRANDFIELD", "HDEL + HSET"),
    SETS: ("SISMEMBER", "SSCAN", "SRANDMEMBER", "SINTER with small", "SREM + SADD"),
    ZSETS: (
        "ZSCORE", "ZRANK", "ZRANGE 0 9", "ZRANGE middle 10", "ZRANGEBYSCORE LIMIT 10", "ZCOUNT", "ZADD elsewhere",
        "ZREM + ZADD",
    ),
    SORTING: ("SORT LIMIT 10", "SORT BY nosort GET"),
}  # fmt: skip
MOST_SORTED = 100_000


class Curves(Families):
    """The same servers and load at more sizes."""

    def keys(self, family, size):
        return max(1, MEMBERS // size)

    def run(self, wanted):
        for family, names in WANTED.items():
            names = [name for name in names if not wanted or name in wanted]
            if not names:
                continue
            self.prepare(family, SIZES)
            for cell in family.cells:
                if cell.name in names:
                    for size in SIZES:
                        if size <= MOST_SORTED or cell.name != "SORT LIMIT 10":
                            self.run_cell(family, replace(cell, sizes=SIZES), size)


def curves_of(measured):
    """Return {command: {contestant: [(size, µs)]}}."""
    found = {}
    for (_, name, size), by_who in measured.items():
        for who, rounds in by_who.items():
            cost = median([one["cpu_us"] for one in rounds])
            found.setdefault(name, {}).setdefault(who, []).append((size, cost))
    return found


def growth(line):
    """Return the factor from 1,000 members to the largest size."""
    costs = dict(line)
    return line[-1][1] / costs[1_000]


def curve_rows(curves, who):
    """Return a row per command: costs of ours, growth of ours and of the slowest growing peer, the verdict."""
    rows = []
    for name, lines in curves.items():
        ours = lines["cydis"]
        peers = [lines[peer] for peer in who if peer in lines and peer != "cydis"]
        best = min(map(growth, peers), default=None)
        least = min((line[-1][1] for line in peers), default=None)
        worse = best is not None and growth(ours) > max(4, 1.5 * best) and ours[-1][1] > least
        costs = [f"{cost:.2f}" for _, cost in ours] + [""] * (len(SIZES) - len(ours))
        rows.append(
            [name, *costs, f"{growth(ours):.1f}", f"{best:.1f}" if best else "-", "**worse**" if worse else "as good"]
        )
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(parser)
    parser.add_argument("--curves", help="comma separated names of commands; with it, no pauses")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--blocks", type=int, default=512)
    parser.add_argument("--quick", action="store_true", help="one short round, pauses up to 100,000")
    options = parser.parse_args()
    count = 1_000_000
    if options.quick:
        options.rounds, options.seconds, options.blocks, count = 1, 0.1, 256, 100_000
    servers = {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            for one in contestants(options):
                servers[one.name] = one.start(core=core_or_none(options.server_core), nice=options.nice)
            versions = {who: version_of(server) for who, server in servers.items()}
            curves = Curves(options, servers, folder)
            curves.run(options.curves.split(",") if options.curves else ())
            paused = {} if options.curves else pauses.measure(servers, count)
        finally:
            for server in servers.values():
                server.stop()
    lines = curves_of(curves.measured)
    head = ["command", *(f"{size:,}" for size in SIZES), "growth", "of the best peer", ""]
    text = f"CPU µs per request of cydis by size.\n\n{results.table(head, curve_rows(lines, servers))}"
    if paused:
        head = ["pause, µs", *servers, "ratio to the best peer"]
        text += f"\n\n## Pauses ({count:,} members)\n\n{results.table(head, pauses.rows(paused, servers))}"
    if curves.notes:
        text += "\n\n" + "\n".join(f"- {note}" for note in curves.notes)
    data = {"curves": lines, "pauses": paused}
    path = results.write("growth_curves", "Cost against size", versions, text, data, keep=not options.no_results)
    if path:
        path.with_suffix(".svg").write_text(plot.chart(lines, list(servers), "µs"))


if __name__ == "__main__":
    main()
