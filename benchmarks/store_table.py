"""A table of what one call costs through the embedded door and elsewhere, and whether the goals are met.

    python benchmarks/store_table.py

All contestants are open at the same time and take turns, round after round, so that a slow moment of the machine
meets them alike. A turn is a pass over the keys that is not timed and one that is (the slow ones, whom a warm cache
does not help, go without the first); the figure is the median over the turns, the cost of the loop subtracted. The
goals were set on a machine where a look-up in a dict of 10,000 keys takes 45 ns, so those in ns are scaled by what
it takes here.
"""

import argparse
import time
from contextlib import ExitStack

from contestants import median
from results import table, write
from store_contestants import CALLS, CONTESTANTS, KEYS, PIPELINE, VALUE, fill, loop_of

REFERENCE = 45.0                          # ns of dict.get where the goals were set
GOALS = {"get": 110.0, "set": 110.0, "incr": 130.0}
FACTORS = {"fakeredis": 400, "redis-py to cydis, loopback": 1000, "redis-py to a peer, loopback": 1000}
SLOW = 1000                               # keys of a round for those that take a thousand times as long


def timed(loop):
    start = time.perf_counter_ns()
    loop()
    return time.perf_counter_ns() - start


def measure(opened, call, rounds):
    """Return name -> ns per call."""
    loops = {}
    for name, contestant in opened.items():
        keys = KEYS if "redis" not in name else KEYS[::len(KEYS) // SLOW]
        loop = loop_of(contestant, call, keys)
        if loop is not None:
            loops[name] = loop, len(keys)
            loop()

    def empty():
        for _ in KEYS:
            pass

    samples, idle = {name: [] for name in loops}, []
    for turn in range(rounds):
        idle.append(timed(empty) / len(KEYS))
        for name, (loop, count) in loops.items():
            if count == len(KEYS):
                loop()                    # the others' data have driven this one's out of the nearest cache
            if count == len(KEYS) or turn < 5:
                samples[name].append(timed(loop) / count)
    return {name: median(values) - median(idle) for name, values in samples.items()}


def shown(ns):
    return f"{ns:,.1f}" if ns < 1000 else f"{ns:,.0f}"


def times(costs, name):
    return f"{costs[name] / costs['cydis.Store']:,.2f}" if name in costs else "-"


def goals(costs):
    """Return rows: what was asked, what was reached, and whether that is enough."""
    rows, scale = [], costs["get"]["dict"] / REFERENCE
    for call, goal in GOALS.items():
        reached = costs[call]["cydis.Store"]
        rows.append([f"`{call}` at most {goal:.0f} ns where dict.get takes {REFERENCE:.0f}",
                     f"{goal * scale:.1f} ns here", f"{reached:.1f} ns ({reached / scale:.0f} ns there)",
                     "yes" if reached <= goal * scale else "no"])
    for name, factor in FACTORS.items():
        for call in ("get", "set"):
            if name in costs[call]:
                reached = costs[call][name] / costs[call]["cydis.Store"]
                rows.append([f"`{call}` at least {factor} times faster than {name}", f"{factor} times",
                             f"{reached:,.0f} times", "yes" if reached >= factor else "no"])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--no-results", action="store_true", help="print, but write nothing to results/")
    options = parser.parse_args()
    with ExitStack() as stack:
        opened = {name: stack.enter_context(make()) for name, make in CONTESTANTS.items()}
        opened = {name: contestant for name, contestant in opened.items() if contestant is not None}
        for contestant in opened.values():
            fill(contestant)
        if opened["cydis.Store"].client.get(KEYS[0]) != VALUE:
            raise SystemExit("the store does not hold what was put in")
        costs = {call: measure(opened, call, options.rounds) for call in CALLS}
    rows = [[name, *(shown(costs[call][name]) if name in costs[call] else "-" for call in CALLS)] for name in opened]
    ours = [["times cydis.Store: " + name, *(times(costs[call], name) for call in CALLS)]
            for name in opened if name != "cydis.Store"]
    text = "\n\n".join([
        f"ns per call; `pipeline` is one `get` in a pipeline of {PIPELINE}.",
        table(["", *CALLS], rows + ours),
        "## Goals", table(["goal", "that is", "reached", "met"], goals(costs)),
    ])
    import cydis
    write("store", "The embedded door beside others", {"cydis": cydis.__version__}, text, costs, not options.no_results)


if __name__ == "__main__":
    main()
