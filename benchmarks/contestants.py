"""Who takes part in the server benchmarks, how they are started, filled and measured.

Every contestant runs on loopback, without persistence, pinned to a core of its own choice, in a temporary
folder. Cost is read from the kernel's accounting of the whole process (all threads): it does not depend
on how fast the client is. RSS is read from /proc, so these benchmarks need Linux.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # the servers are run by the same code that the tests use

from peers import Peer, find_peers, identify, start_cydis  # noqa: E402

PEER_PROGRAMS = ("valkey-server", "redis8-server", "redis-server")
BENCHMARK_PROGRAMS = ("valkey-benchmark", "redis8-benchmark", "redis-benchmark")
CHUNK = 1000


@dataclass(frozen=True)
class Contestant:
    """A server that can be started: cydis when `peer` is None."""

    name: str
    peer: Peer | None

    def start(self, *arguments, core=None, nice=0, unixsocket=False):
        """Return the running ServerProcess, pinned to `core` and of this niceness."""
        prefix = at(core, nice)
        begin = self.peer.start if self.peer else start_cydis
        return begin(*arguments, prefix=prefix, unixsocket=unixsocket)


def add_options(parser):
    """Give the parser the options that all server benchmarks share."""
    parser.add_argument("--bin-dir", action="append", default=[], help="folder with peers and their tools")
    parser.add_argument("--contestants", help="comma separated names; default: cydis and every peer found")
    parser.add_argument("--server-core", type=int, default=0, help="-1: not pinned")
    parser.add_argument("--client-core", type=int, default=1, help="-1: not pinned")
    parser.add_argument(
        "--nice", type=int, default=0, help="niceness of server and load, e.g. -10 (needs rights)"
    )
    parser.add_argument("--no-results", action="store_true", help="print, but write nothing to results/")


def at(core, nice):
    """Return the words that start a program on a core (None: any) with a niceness."""
    return (
        *(("nice", "-n", str(nice)) if nice else ()),
        *(("taskset", "-c", str(core)) if core is not None else ()),
    )


def core_or_none(core):
    return core if core >= 0 and shutil.which("taskset") else None


def contestants(options):
    """Return the contestants the options ask for, cydis first, then peers, best first."""
    peers = find_peers()
    for folder in options.bin_dir:
        for program in PEER_PROGRAMS:
            peer = identify(str(Path(folder, program)))
            if peer and peer.name not in [known.name for known in peers]:
                peers.append(peer)
    peers.sort(key=lambda peer: (peer.product == "valkey", peer.release), reverse=True)
    found = [Contestant("cydis", None), *(Contestant(peer.name, peer) for peer in peers)]
    if options.contestants is None:
        return found
    wanted = options.contestants.split(",")
    chosen = [one for one in found if any(one.name.startswith(name) for name in wanted)]
    missing = [name for name in wanted if not any(one.name.startswith(name) for one in found)]
    if missing:
        raise SystemExit(f"not found: {', '.join(missing)}; there are {', '.join(one.name for one in found)}")
    return chosen


def benchmark_program(options):
    """Return the path of the load generator: valkey-benchmark if there is one, else redis-benchmark."""
    for program in BENCHMARK_PROGRAMS:
        for folder in options.bin_dir:
            if Path(folder, program).exists():
                return str(Path(folder, program))
        if path := shutil.which(program):
            return path
    raise SystemExit(f"none of {', '.join(BENCHMARK_PROGRAMS)} is on PATH; give its folder with --bin-dir")


def version_of(server):
    """Return what the running server calls itself, from INFO."""
    with server.client() as client:
        lines = bytes(client.call("INFO", "server")).decode().splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    for name in ("cydis", "valkey", "redis"):
        if version := fields.get(f"{name}_version"):
            return f"{name} {version}"
    return "unknown"


# ---- what the kernel says about a process


def cpu_seconds(pid):
    """CPU time of all threads of the process, in seconds, to the nanosecond."""
    total = 0
    for task in os.scandir(f"/proc/{pid}/task"):
        try:
            with open(f"{task.path}/schedstat") as file:
                total += int(file.read().split()[0])
        except OSError:
            continue
    return total / 1e9


def rss_bytes(pid):
    """Resident memory of the process."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def settled_rss(pid, seconds=15.0):
    """Resident memory once it stands still for half a second: tables may grow on after the load."""
    deadline, last, since = time.monotonic() + seconds, rss_bytes(pid), time.monotonic()
    while time.monotonic() < deadline:
        time.sleep(0.1)
        now = rss_bytes(pid)
        if abs(now - last) > 64 << 10:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > 0.5:
            break
    return rss_bytes(pid)


def pin(core):
    """Pin this process (and the children it starts) to a core; None: leave it."""
    if core is not None:
        os.sched_setaffinity(0, {core})


class KeptAwake:
    """Loops of the lowest priority on the given cores, so that a halted core's wake-up is not measured."""

    LOOP = """
import os
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while os.getppid() == {}:
    pass
"""

    def __init__(self, cores):
        self.cores, self.processes = cores, []

    def __enter__(self):
        code = self.LOOP.format(os.getpid())
        for core in self.cores:
            self.processes.append(subprocess.Popen(["taskset", "-c", str(core), sys.executable, "-c", code]))

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()


# ---- filling


def send_and_check(client, request, count):
    """Send one pipeline of `count` commands; raise SystemExit on the first error reply."""
    client.send_while_reading(request)
    for raw in client.raw_replies(count):
        if raw[:1] == b"-":
            raise SystemExit(f"the server refused to be filled: {raw.decode(errors='replace').strip()}")


def fill(server, template, numbers, chunk_size=CHUNK):
    """Send `template` (request bytes with %-fields) for every number in the range, in pipelines.

    All fields of the template get the number. Linear; about half a million keys per second.
    """
    fields = template.count(b"%012d")
    with server.client(timeout=60.0) as client:
        for start in range(numbers.start, numbers.stop, chunk_size):
            chunk = range(start, min(start + chunk_size, numbers.stop))
            if fields == 1:
                request = b"".join([template % number for number in chunk])
            else:
                request = b"".join([template % ((number,) * fields) for number in chunk])
            send_and_check(client, request, len(chunk))


def set_template(prefix, value_size, options=()):
    """Return the request `SET <prefix><12 digits> <value> …` as a template for `fill`; values >= 16 bytes."""
    value = b"val:%012d" + b"x" * (value_size - 16)
    words = [(3, b"SET"), (len(prefix) + 12, prefix + b"%012d"), (value_size, value)]
    words += [(len(option), option) for option in options]
    return request_template(words)


def request_template(words):
    """Return the request made of (length when filled in, bytes with %012d fields)."""
    parts = [b"$" + str(length).encode() + b"\r\n" + word + b"\r\n" for length, word in words]
    return b"*" + str(len(words)).encode() + b"\r\n" + b"".join(parts)


# ---- statistics


def percentile(ordered, share):
    """The value below which `share` (0…1) of the ordered values lie."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def rotated(items, by):
    """The items in order, starting elsewhere each round, so that nobody is always first."""
    by %= len(items) or 1
    return [*items[by:], *items[:by]]
