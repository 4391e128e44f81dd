"""Latency felt by one client while 5,000,000 keys are inserted by another: cydis beside every peer found.

    python benchmarks/server_growth.py [--bin-dir FOLDER] [--keys 5000000] [--rate 2000] [--rounds 1]

The probe (probe.py) sends 2,000 GET a second; a second process inserts the keys in pipelines of a hundred as
fast as the server takes them. The phase «idle» comes before the insertion, with the probe alone. The goal is
judged by the best of the rounds on both sides.
"""

import argparse
import multiprocessing
import time

import probe
import results
from contestants import add_options, contestants, core_or_none, fill, pin, rotated, set_template, version_of

IDLE_SECONDS = 3.0
TEMPLATE = set_template(b"key:", 16)


def insert(server, keys, core):
    pin(core)
    fill(server, TEMPLATE, range(probe.EXISTING, probe.EXISTING + keys), 100)


def run(one, options):
    """Return {phase: samples} of one contestant, the keys inserted per second, and the version."""
    client_core = core_or_none(options.client_core)
    with one.start(core=core_or_none(options.server_core), nice=options.nice) as server:
        version = version_of(server)
        fill(server, TEMPLATE, range(probe.EXISTING))
        probing = probe.Probe(server.client, options.rate, client_core)
        time.sleep(IDLE_SECONDS)  # the idle phase is a measurement of so many seconds
        context = multiprocessing.get_context("fork")
        inserting = context.Process(target=insert, args=(server, options.keys, client_core))
        begun = time.perf_counter()
        inserting.start()
        inserting.join(probe.LIMIT_SECONDS - IDLE_SECONDS)
        ended = time.perf_counter()
        failed = inserting.exitcode != 0
        inserting.kill()
        measured = probing.stop()
    if failed or not measured:
        raise SystemExit(f"{one.name}: the insertion or the probe failed")
    phases = {"idle": [], "insert": []}
    for sample in measured:
        phases["insert" if begun <= sample[0] <= ended else "idle"].append(sample)
    return phases, options.keys / (ended - begun), version


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(parser)
    parser.add_argument("--keys", type=int, default=5_000_000)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    who = contestants(options)
    versions, data, rows, tails = {}, [], [], {}
    for number in range(options.rounds):
        for one in rotated(who, number):
            phases, speed, versions[one.name] = run(one, options)
            for phase, samples in phases.items():
                found = probe.summary(samples)
                data.append({"server": one.name, "round": number, "phase": phase, **found})
                inserted = f"{speed:,.0f}" if phase == "insert" else ""
                rows.append([one.name, phase, *probe.cells(found), inserted])
                print(rows[-1], flush=True)
                if phase == "insert":
                    tails.setdefault(one.name, []).append(found["p99.9"])
    text = results.table(["server", "phase", *probe.HEADS, "keys/s"], rows)
    valkey = next((name for name in tails if name.startswith("valkey")), None)
    if valkey and "cydis" in tails:
        ours, theirs = min(tails["cydis"]), min(tails[valkey])
        verdict = "met" if ours <= theirs else "**missed**"
        text += f"\n\nGoal: p99.9 at most Valkey's: {ours:.3f} against {theirs:.3f} ms, {verdict}."
    title = f"Latency of a {options.rate:,}/s probe while {options.keys:,} keys are inserted"
    results.write("server_growth", title, versions, text, {"phases": data}, keep=not options.no_results)


if __name__ == "__main__":
    main()
