"""The longest pauses while a collection grows, changes its encoding, or goes: cydis beside its peers.

    python benchmarks/pauses.py [--quick] [--bin-dir FOLDER] [--times 5]

- Conversion: CPU time of the command that makes a collection change its encoding, at the usual thresholds and where
  CONFIG has put them far higher. The least of all times.
- Growth: CPU time of the dearest of all pipelines of a hundred commands while a collection grows. Of each pipeline the
  least of all times counts, so that only what happens at the same size every time is seen, which is what a pause of
  the structure does and other work of the machine does not.
- One large command: CPU time of one command that brings 100,000 members.
- Deletion: the longest time for which a second client waits for one of fifty PINGs after a collection was let go of.
  The shortest of all times, since this one is wall-clock time.

CPU time is read from the clock of the server's process, all threads, while it may be running; peers' threads in the
background have nothing to do in the first three.
"""

import argparse
import time

import results
from contestants import add_options, contestants, core_or_none, version_of
from family_cells import member
from server_families import encode

PINGS = 50
WIDE = 5_000  # members of a listpack that CONFIG has allowed
LONG = "x" * 60

# (name, the limit to set before, and after, the commands that come close, the one that converts)
CONVERSIONS = (
    ("hash to table", None, [("HSET", "k", member(i), "v" * 20) for i in range(512)], ("HSET", "k", "one", "more")),
    ("set of texts to table", None, [("SADD", "k", member(i)) for i in range(128)], ("SADD", "k", "one more")),
    ("set of integers to table", None, [("SADD", "k", str(i)) for i in range(512)], ("SADD", "k", "100000")),
    ("integer set to texts", None, [("SADD", "k", str(i)) for i in range(127)], ("SADD", "k", "text")),
    ("sorted set to skiplist", None, [("ZADD", "k", str(i), member(i)) for i in range(128)],
     ("ZADD", "k", "5.5", "more")),
    ("list to quicklist", None, [("RPUSH", "k", LONG) for _ in range(129)], ("RPUSH", "k", LONG)),
    ("list back to listpack", None, [("RPUSH", "k", *[LONG] * 140), ("LTRIM", "k", "0", "60")],
     ("LTRIM", "k", "0", "55")),
    (f"hash of {WIDE:,} to table", "hash-max-listpack-entries",
     [("HSET", "k", *[x for i in range(WIDE) for x in (member(i), "v" * 20)])], ("HSET", "k", "one", "more")),
    (f"set of {WIDE:,} texts to table", "set-max-listpack-entries",
     [("SADD", "k", *[member(i) for i in range(WIDE)])], ("SADD", "k", "one more")),
    ("set of 100,000 integers to table", "set-max-intset-entries",
     [("SADD", "k", *map(str, range(100_000)))], ("SADD", "k", "100000000")),
    ("set of 100,000 integers to texts", "set-max-intset-entries",
     [("SADD", "k", *map(str, range(100_000)))], ("SADD", "k", "text")),
    (f"sorted set of {WIDE:,} to skiplist", "zset-max-listpack-entries",
     [("ZADD", "k", *[x for i in range(WIDE) for x in (str(i), member(i))])], ("ZADD", "k", "5.5", "more")),
)  # fmt: skip
GROWING = (
    ("hash", lambda i: ("HSET", "grown", member(i), "value")),
    ("set", lambda i: ("SADD", "grown", member(i))),
    ("set of integers", lambda i: ("SADD", "grown", str(i))),
    ("sorted set", lambda i: ("ZADD", "grown", str(i * 7_919 % 1_000_003), member(i))),
    ("sorted set, ascending", lambda i: ("ZADD", "grown", str(i), member(i))),
    ("list, at the tail", lambda i: ("RPUSH", "grown", f"item:{i:06d}")),
    ("list, at the head", lambda i: ("LPUSH", "grown", f"item:{i:06d}")),
    ("keyspace", lambda i: ("SET", member(i), "value")),
)
GOING = {"hash": 0, "set": 1, "sorted set": 3, "list": 5}
LETTING_GO = {
    "DEL": ("DEL", "grown"),
    "UNLINK": ("UNLINK", "grown"),
    "SET over": ("SET", "grown", "small"),
    "FLUSHALL with": ("FLUSHALL",),
}
LARGE = 200 << 20  # of a string, bytes


def process_clock(server):
    """Return a function that answers the CPU time of the server's process so far, in microseconds."""
    clock = ~server.process.pid << 3 | 2  # what clock_getcpuclockid answers
    return lambda: time.clock_gettime_ns(clock) / 1e3


def conversion(server, limit, before, command, times):
    """Return the least CPU time of the command that converts."""
    clock, least = process_clock(server), float("inf")
    with server.client(timeout=60.0) as client:
        usual = client.call("CONFIG", "GET", limit) if limit else ()
        if limit and not usual:
            return float("nan")  # a peer without this encoding
        for _ in range(times):
            client.call("DEL", "k")
            if limit:
                client.call("CONFIG", "SET", limit, "1000000")
            client.send_while_reading(b"".join(map(encode, before)))
            for _ in client.raw_replies(len(before)):
                pass
            if limit:
                client.call("CONFIG", "SET", limit, bytes(usual[1]))
            begun = clock()
            client.call(*command)
            least = min(least, clock() - begun)
        client.call("DEL", "k")
    return least


def settle(client):
    """Wait until what was let go of is freed, so that no thread of a peer works."""
    while b"lazyfree_pending_objects:0" not in bytes(client.call("INFO", "memory")):
        time.sleep(0.01)


def growing(server, words, count, times):
    """Return the CPU time of the dearest pipeline of a hundred while `count` members come."""
    clock, least = process_clock(server), {}
    with server.client(timeout=120.0) as client:
        for _ in range(times):
            client.call("FLUSHALL")
            settle(client)
            for start in range(0, count, 100):
                request = b"".join([encode(words(i)) for i in range(start, start + 100)])
                begun = clock()
                client.send_raw(request)
                for _ in client.raw_replies(100):
                    pass
                least[start] = min(least.get(start, float("inf")), clock() - begun)
        client.call("FLUSHALL")
    return max(least.values())


def at_once(server, words, times):
    """Return the CPU time of one command with 100,000 members."""
    clock, least = process_clock(server), float("inf")
    every = [words(i) for i in range(100_000)]
    request = encode((*every[0][:2], *[word for one in every for word in one[2:]]))
    with server.client(timeout=120.0) as client:
        for _ in range(times):
            client.call("FLUSHALL")
            settle(client)
            begun = clock()
            client.send_while_reading(request)
            for _ in client.raw_replies(1):
                pass
            least = min(least, clock() - begun)
        client.call("FLUSHALL")
    return least


def waiting(server, fill, command, times):
    """Return for how long another client waits for a PING at most, once `command` has let go of what `fill` makes."""
    least = float("inf")
    with server.client(timeout=120.0) as client, server.client(timeout=60.0) as other:
        for _ in range(times):
            fill(client)
            settle(client)
            other.call("PING")
            longest, sent = 0.0, time.perf_counter()
            client.send(*command)
            for _ in range(PINGS):
                other.call("PING")
                now = time.perf_counter()
                longest, sent = max(longest, now - sent), now
            client.read()
            least = min(least, longest)
    return least * 1e6


def collection(words, count):
    """Return a function that makes "grown", as a copy where there is one to copy."""

    def fill(client):
        if not client.call("EXISTS", "source"):
            for start in range(0, count, 1000):
                client.send_while_reading(b"".join([encode(words(i)) for i in range(start, start + 1000)]))
                for _ in client.raw_replies(1000):
                    pass
            client.call("RENAME", "grown", "source")
        client.call("COPY", "source", "grown", "REPLACE")

    return fill


def deletions(server, count, times):
    """Yield (name, µs)."""
    for kind, index in GOING.items():
        fill = collection(GROWING[index][1], count)
        for name, command in LETTING_GO.items():
            yield f"{name} {kind}", waiting(server, fill, command, times)
    for name in ("UNLINK", "SET over"):
        fill = lambda client: client.call("SETRANGE", "grown", str(LARGE - 1), "x")  # noqa: E731
        yield f"{name} string of {LARGE >> 20} MiB", waiting(server, fill, LETTING_GO[name], times)


def measure(servers, count, times=5):
    """Return {name: {contestant: µs}}."""
    found = {}
    for who, server in servers.items():
        with server.client() as client:
            client.call("FLUSHALL")
        for name, *steps in CONVERSIONS:
            found.setdefault(name, {})[who] = conversion(server, *steps, 3 * times)
        for name, words in GROWING:
            found.setdefault(f"growing {name}", {})[who] = growing(server, words, count, times)
        for name, words in GROWING[:-1]:
            found.setdefault(f"100,000 at once: {name}", {})[who] = at_once(server, words, times)
        for name, pause in deletions(server, count, 2 * times):
            found.setdefault(name, {})[who] = pause
        print(who, {name: round(by_who[who], 1) for name, by_who in found.items()}, flush=True)
    return found


def rows(found, who):
    """Return a table's rows: the pauses of all, and ours beside the best peer's."""
    table = []
    for name, by_who in found.items():
        peers = [by_who[peer] for peer in who if peer != "cydis" and by_who[peer] == by_who[peer]]
        ratio = f"{by_who['cydis'] / min(peers):.2f}" if peers else "-"
        table.append([name, *(f"{by_who[one]:.0f}" for one in who), ratio])
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(parser)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="up to 100,000 members instead of a million")
    options = parser.parse_args()
    count = 100_000 if options.quick else 1_000_000
    servers = {}
    try:
        for one in contestants(options):
            servers[one.name] = one.start(core=core_or_none(options.server_core), nice=options.nice)
        versions = {who: version_of(server) for who, server in servers.items()}
        found = measure(servers, count, options.times)
    finally:
        for server in servers.values():
            server.stop()
    head = ["pause, µs", *servers, "ratio to the best peer"]
    text = f"{count:,} members.\n\n{results.table(head, rows(found, servers))}"
    results.write("pauses", "Pauses", versions, text, {"pauses": found}, keep=not options.no_results)


if __name__ == "__main__":
    main()
