"""What a busy Python thread does to the RESP clients of a Store that serves in the same process.

    python benchmarks/server_beside_python.py [--seconds 10] [--rounds 3]

A process opens a Store and serves it; the probe (probe.py) sends 2,000 GET a second from outside. In turn the
process's own Python thread sleeps, or computes without a pause and so holds the GIL. The loop never takes the
GIL, so the two must not differ by more than noise, as long as the machine has a core for each of the three:
loop, busy thread and probe. With fewer, the scheduler's share is measured as well.
"""

import argparse
import os
import subprocess
import sys
import time

import probe
import results
from contestants import ROOT, core_or_none, median, set_template
from wire_client import WireClient

SERVING = """
import sys, threading
import cydis

store = cydis.Store()
busy = threading.Event()

def compute():
    while True:
        busy.wait()
        for number in range(100_000):
            number * number

threading.Thread(target=compute, daemon=True).start()
with store.serve("127.0.0.1", 0) as service:
    print(service.port, flush=True)
    for line in sys.stdin:
        busy.set() if line.strip() == "busy" else busy.clear()
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--client-core", type=int, default=1)
    parser.add_argument("--no-results", action="store_true")
    options = parser.parse_args()
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    serving = subprocess.Popen([sys.executable, "-c", SERVING], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               env=env, text=True)
    rows, data, tails = [], [], {"idle": [], "busy": []}
    try:
        port = int(serving.stdout.readline())

        def client():
            return WireClient(port)

        with client() as filling:
            template = set_template(b"key:", 16)
            numbers = range(probe.EXISTING)
            filling.send_while_reading(b"".join([template % (number, number) for number in numbers]))
            filling.raw_replies(probe.EXISTING)
        for number in range(options.rounds):
            for state in ("idle", "busy"):
                print(state, file=serving.stdin, flush=True)
                probing = probe.Probe(client, options.rate, core_or_none(options.client_core))
                time.sleep(options.seconds)  # a measurement of so many seconds
                found = probe.summary(probing.stop())
                tails[state].append(found["p99"])
                data.append({"python": state, "round": number, **found})
                rows.append([state, *probe.cells(found)])
                print(rows[-1], flush=True)
    finally:
        serving.stdin.close()
        serving.terminate()
        serving.wait(10)
    idle, busy = (median(tails[state]) for state in ("idle", "busy"))
    text = results.table(["Python thread", *probe.HEADS], rows)
    text += f"\n\np99 with a busy Python thread {busy:.3f} ms, without {idle:.3f} ms (medians of the rounds)."
    title = "A busy Python thread beside a serving Store"
    versions = {"cydis": "this checkout"}
    keep = not options.no_results
    results.write("server_beside_python", title, versions, text, {"phases": data}, keep=keep)


if __name__ == "__main__":
    main()
