"""Latency felt by one client while 5,000,000 keys are inserted by another: cydis beside every peer found.

    python benchmarks/server_growth.py [--bin-dir FOLDER] [--keys 5000000] [--rate 2000]

An open-loop probe sends GET of existing keys at fixed times, whatever the answers do; latency counts from
the time a request was due, so a stalled server is charged for every request it kept waiting. The probe is a
process of its own and, where that is permitted, of real-time priority. «late» says how late the probe itself
was to send (p99.9): the floor of what can be seen. A second process inserts the keys in pipelines. The
phase «idle» comes before the insertion, with the probe alone.
"""

import argparse
import contextlib
import multiprocessing
import os
import random
import select
import time

import results
from contestants import (
    add_options,
    contestants,
    core_or_none,
    fill,
    percentile,
    pin,
    rotated,
    set_template,
    version_of,
)

EXISTING = 10_000
IDLE_SECONDS = 3.0
LIMIT_SECONDS = 300.0
REPLY = b"$16\r\nval:%012d\r\n"


def probe(port_of, rate, core, stop, results_pipe):
    """Send GETs at the rate until `stop` is set; send back [(due, latency, lateness)] in seconds."""
    pin(core)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    chance, measured, waiting, late = random.Random(1), [], [], []
    answered = taken = 0
    with port_of() as client:
        connection = client.socket
        connection.setblocking(False)
        size = len(REPLY % 0)
        due = time.perf_counter()
        deadline = due + LIMIT_SECONDS
        while not stop.is_set() or answered < len(waiting):
            now = time.perf_counter()
            if now > deadline:
                break
            if now >= due and not stop.is_set():
                connection.send(b"*2\r\n$3\r\nGET\r\n$16\r\nkey:%012d\r\n" % chance.randrange(EXISTING))
                waiting.append(due)
                late.append(now - due)
                due += 1 / rate
                continue
            readable, _, _ = select.select([connection], [], [], max(0.0, min(due - now, 0.01)))
            if readable:
                taken += len(connection.recv(1 << 16))
                now = time.perf_counter()
                while taken >= size:
                    taken -= size
                    measured.append((waiting[answered], now - waiting[answered], late[answered]))
                    answered += 1
    results_pipe.send(measured)


def insert(server, keys, core):
    pin(core)
    fill(server, set_template(b"key:", 16), range(EXISTING, EXISTING + keys), 100)


def run(one, options):
    """Return {phase: [(latency, lateness)]} in seconds, the keys inserted per second, and the version."""
    context = multiprocessing.get_context("fork")
    client_core = core_or_none(options.client_core)
    with one.start(core=core_or_none(options.server_core), nice=options.nice) as server:
        version = version_of(server)
        fill(server, set_template(b"key:", 16), range(EXISTING))
        stop, (receiver, sender) = context.Event(), context.Pipe(duplex=False)
        prober = context.Process(target=probe, args=(server.client, options.rate, client_core, stop, sender))
        prober.start()
        time.sleep(IDLE_SECONDS)  # the idle phase is a measurement of so many seconds
        inserter = context.Process(target=insert, args=(server, options.keys, client_core))
        begun = time.perf_counter()
        inserter.start()
        inserter.join(LIMIT_SECONDS)
        ended = time.perf_counter()
        failed = inserter.exitcode
        if inserter.is_alive():
            inserter.kill()
        stop.set()
        measured = receiver.recv() if receiver.poll(30) else []
        prober.join(30)
        prober.kill()
    if failed or not measured:
        raise SystemExit(f"{one.name}: the insertion or the probe failed")
    phases = {"idle": [], "insert": []}
    for due, latency, late in measured:
        phases["insert" if begun <= due <= ended else "idle"].append((latency, late))
    return phases, options.keys / (ended - begun), version


def summary(samples):
    latencies = sorted(latency for latency, _ in samples)
    lates = sorted(late for _, late in samples)
    figures = {f"p{share * 100:g}": percentile(latencies, share) * 1e3 for share in (0.5, 0.99, 0.999)}
    return {**figures, "max": latencies[-1] * 1e3, "late": percentile(lates, 0.999) * 1e3, "n": len(samples)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(parser)
    parser.add_argument("--keys", type=int, default=5_000_000)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    who = contestants(options)
    versions, data, rows, worst = {}, [], [], {}
    for number in range(options.rounds):
        for one in rotated(who, number):
            phases, speed, versions[one.name] = run(one, options)
            for phase, samples in phases.items():
                found = summary(samples)
                data.append({"server": one.name, "round": number, "phase": phase, **found})
                figures = [f"{found[name]:.3f}" for name in ("p50", "p99", "p99.9", "max", "late")]
                inserted = f"{speed:,.0f}" if phase == "insert" else ""
                rows.append([one.name, phase, *figures, found["n"], inserted])
                if phase == "insert":
                    worst.setdefault(one.name, []).append(found["p99.9"])
                print(rows[-1], flush=True)
    head = [
        "server",
        "phase",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "max ms",
        "late ms",
        "requests",
        "keys/s inserted",
    ]
    text = results.table(head, rows)
    valkey = next((name for name in worst if name.startswith("valkey")), None)
    if valkey and "cydis" in worst:
        ours, theirs = min(worst["cydis"]), min(worst[valkey])
        verdict = "met" if ours <= theirs else "**missed**"
        text += f"\n\nGoal: p99.9 at most Valkey's: {ours:.3f} against {theirs:.3f} ms, {verdict}."
    title = f"Latency of a {options.rate:,}/s probe while {options.keys:,} keys are inserted"
    results.write("server_growth", title, versions, text, {"phases": data}, keep=not options.no_results)


if __name__ == "__main__":
    main()
