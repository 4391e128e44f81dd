"""Resident memory per key (or element): cydis beside every peer found, at 1.0 and at 1.5 million.

    python benchmarks/server_memory.py [--bin-dir FOLDER] [--sets strings16,ttl16] [--counts 1000000,1500000]

Every figure comes from a new server: RSS when the data is in and memory stands still, minus RSS of the empty
server, divided by the number of items. Two sizes, since tables that double look best just before they do.
"""

import argparse
import os
from dataclasses import dataclass

import results
from contestants import (
    add_options,
    contestants,
    core_or_none,
    fill,
    request_template,
    send_and_check,
    set_template,
    settled_rss,
    version_of,
)

COUNTS = "1000000,1500000"
FAR_FUTURE = b"4000000000"
KEY = "key:000000000000"


@dataclass(frozen=True)
class DataSet:
    """`load(server, numbers)` stores the items of these numbers; `goal` is in bytes per item.

    `check` is a command that answers a positive integer if the server has kept what it was given.
    """

    name: str
    item: str
    load: object
    goal: float | None = None
    check: tuple = ()


def simple(template):
    """A loader that sends one request per item."""
    return lambda server, numbers: fill(server, template, numbers)


def grouped(name, size, words):
    """A loader of collections: `words(number)` makes the arguments of one item, `size` items share a key."""

    def load(server, numbers):
        with server.client(timeout=120.0) as client:
            requests = []
            for start in range(numbers.start, numbers.stop, size):
                items = [word for number in range(start, start + size) for word in words(number)]
                arguments = [name, b"key:%012d" % start, *items]
                body = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in arguments)
                requests.append(b"*%d\r\n%b" % (len(arguments), body))
                if len(requests) == 100:
                    send_and_check(client, b"".join(requests), len(requests))
                    requests.clear()
            if requests:
                send_and_check(client, b"".join(requests), len(requests))

    return load


def one_key(name, *words):
    """A loader of one large collection, `words` being (length, template) of one item."""
    return simple(request_template([(len(name), name), (3, b"big"), *words]))


MEMBER = (16, b"mem:%012d")
SETS = {
    one.name: one
    for one in (
        DataSet("strings16", "key", simple(set_template(b"key:", 16)), 58, ("STRLEN", KEY)),
        DataSet("ttl16", "key", simple(set_template(b"key:", 16, (b"EXAT", FAR_FUTURE))), 68, ("TTL", KEY)),
        DataSet("strings100", "key", simple(set_template(b"key:", 100)), 146, ("STRLEN", KEY)),
        DataSet("hashes10", "field", grouped(b"HSET", 10, lambda n: (b"field:%d" % (n % 10), b"%010d" % n)), 26),
        DataSet("sets20", "member", grouped(b"SADD", 20, lambda n: (b"%d" % n,)), 8.0),
        DataSet("zsets20", "member", grouped(b"ZADD", 20, lambda n: (b"%d" % n, b"member:%07d" % n)), 25.7),
        DataSet("lists100", "element", grouped(b"RPUSH", 100, lambda n: (b"item:%06d" % (n % 1_000_000),)), 14),
        DataSet("one-hash", "field", one_key(b"HSET", MEMBER, (16, b"val:%012d")), 58),
        DataSet("one-set", "member", one_key(b"SADD", MEMBER), 40),
        DataSet("one-zset", "member", one_key(b"ZADD", (12, b"%012d"), MEMBER), 60),
    )
}
DEFAULT_SETS = "strings16,ttl16,strings100"


def measure(one, data, counts, core):
    """Return {count: bytes per item} of one contestant with one data set, and its version."""
    found = {}
    with one.start(core=core) as server:
        version = version_of(server)
        empty, filled = settled_rss(server.process.pid), 0
        for count in counts:
            data.load(server, range(filled, count))
            filled = count
            with server.client() as client:
                kept = client.call(*data.check) if data.check else 1
            if type(kept) is not int or kept <= 0:
                raise SystemExit(f"{one.name} did not keep {data.name}: {data.check[0]} answers {kept!r}")
            found[count] = (settled_rss(server.process.pid) - empty) / count
    return found, version


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(parser)
    parser.add_argument("--sets", default=DEFAULT_SETS, help=f"comma separated, of: {', '.join(SETS)}")
    parser.add_argument("--counts", default=COUNTS, help="comma separated, growing")
    options = parser.parse_args()
    counts = [int(count) for count in options.counts.split(",")]
    names = list(SETS) if options.sets == "all" else options.sets.split(",")
    if unknown := [name for name in names if name not in SETS]:
        raise SystemExit(f"no such data set: {', '.join(unknown)}; there are: all, {', '.join(SETS)}")
    who = contestants(options)
    versions, measured = {}, {}
    for name in names:
        for one in who:
            found, versions[one.name] = measure(one, SETS[name], counts, core_or_none(options.server_core))
            for count, size in found.items():
                measured.setdefault((name, count), {})[one.name] = round(size, 2)
            print(name, one.name, found, flush=True)
    rows = []
    for (name, count), sizes in measured.items():
        goal, ours = SETS[name].goal, sizes.get("cydis")
        verdict = "" if goal is None or ours is None else "met" if ours <= goal else "**missed**"
        wanted = f"≤ {goal}" if goal else ""
        rows.append(
            [
                name,
                f"{count:,}",
                SETS[name].item,
                *(f"{size:.1f}" for size in sizes.values()),
                wanted,
                verdict,
            ]
        )
    head = ["data set", "items", "bytes per", *(one.name for one in who), "goal", ""]
    data = {
        "page_size": os.sysconf("SC_PAGE_SIZE"),
        "bytes_per_item": [
            {"set": name, "items": count, "by": sizes} for (name, count), sizes in measured.items()
        ],
    }
    text = results.table(head, rows)
    results.write("server_memory", "Memory per item", versions, text, data, keep=not options.no_results)


if __name__ == "__main__":
    main()
