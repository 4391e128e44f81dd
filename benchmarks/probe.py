"""An open-loop probe: GET of existing keys at fixed times, whatever the answers do.

Latency counts from the time a request was due, so a stalled server is charged for every request it kept
waiting. The probe runs in a process of its own and, where that is permitted, at real-time priority. «late»
says how late the probe itself was to send: the floor of what can be seen.
"""

import contextlib
import multiprocessing
import os
import random
import select
import time

from contestants import percentile, pin

EXISTING = 10_000
LIMIT_SECONDS = 300.0
REQUEST = b"*2\r\n$3\r\nGET\r\n$16\r\nkey:%012d\r\n"
REPLY_BYTES = len(b"$16\r\nval:000000000000\r\n")


class Probe:
    """A running probe: `client` makes a WireClient to a server that holds key:0…9999 with 16-byte values."""

    def __init__(self, client, rate, core):
        context = multiprocessing.get_context("fork")
        self.stopping = context.Event()
        self.receiver, sender = context.Pipe(duplex=False)
        arguments = (client, rate, core, self.stopping, sender)
        self.process = context.Process(target=run, args=arguments, daemon=True)
        self.process.start()

    def stop(self):
        """End the probe; return [(due, latency, lateness)] in seconds of time.perf_counter()."""
        self.stopping.set()
        measured = self.receiver.recv() if self.receiver.poll(30) else []
        self.process.join(30)
        self.process.kill()
        return measured


def run(client, rate, core, stopping, sender):
    """What the probe's process does."""
    pin(core)
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    chance, measured, waiting, late = random.Random(1), [], [], []
    answered = taken = 0
    with client() as opened:
        connection = opened.socket
        connection.setblocking(False)
        due = time.perf_counter()
        deadline = due + LIMIT_SECONDS
        while not stopping.is_set() or answered < len(waiting):
            now = time.perf_counter()
            if now > deadline:
                break
            if now >= due and not stopping.is_set():
                connection.send(REQUEST % chance.randrange(EXISTING))
                waiting.append(due)
                late.append(now - due)
                due += 1 / rate
                continue
            readable, _, _ = select.select([connection], [], [], max(0.0, min(due - now, 0.01)))
            if readable:
                taken += len(connection.recv(1 << 16))
                now = time.perf_counter()
                while taken >= REPLY_BYTES:
                    taken -= REPLY_BYTES
                    measured.append((waiting[answered], now - waiting[answered], late[answered]))
                    answered += 1
    sender.send(measured)


def summary(samples):
    """Return the figures of some samples in milliseconds."""
    latencies = sorted(latency for _, latency, _ in samples)
    lates = sorted(lateness for _, _, lateness in samples)
    figures = {f"p{share * 100:g}": percentile(latencies, share) * 1e3 for share in (0.5, 0.99, 0.999)}
    return {**figures, "max": latencies[-1] * 1e3, "late": percentile(lates, 0.999) * 1e3, "n": len(samples)}


FIGURES = ("p50", "p99", "p99.9", "max", "late")
HEADS = ["p50 ms", "p99 ms", "p99.9 ms", "max ms", "late ms", "requests"]


def cells(found):
    """Return a summary as the cells under HEADS."""
    return [*(f"{found[name]:.3f}" for name in FIGURES), found["n"]]
