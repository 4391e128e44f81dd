"""Vector sets: CPU per VADD and VSIM, recall and bytes per element, cydis beside Redis 8.

    python benchmarks/server_vectors.py [--bin-dir FOLDER] [--elements 20000] [--dimensions 128,300] [--kinds Q8,BIN]

The vectors lie around a hundred centres. Requests are pipelined; the cost is the CPU time of the whole server
process, threads and all, divided by the requests. The recall is that of the ten nearest, against the same server's
own exact search (TRUTH). Redis is asked NOTHREAD as well, which spares it the handing over.
"""

import argparse
import random
import struct

import results
from contestants import (
    add_options,
    contestants,
    core_or_none,
    cpu_seconds,
    send_and_check,
    settled_rss,
    version_of,
)

CENTRES = 100
CHUNK = 200


def encode(words):
    """Return a request's bytes."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


def cloud(count, dimensions, seed):
    """Yield packed vectors around centres; equal seeds give equal vectors."""
    chance = random.Random(dimensions)
    centres = [[chance.gauss(0, 1) for _ in range(dimensions)] for _ in range(CENTRES)]
    chance = random.Random(seed)
    form = struct.Struct(f"<{dimensions}f")
    for _ in range(count):
        yield form.pack(*(x + chance.gauss(0, 0.7) for x in chance.choice(centres)))


def in_chunks(client, requests):
    for start in range(0, len(requests), CHUNK):
        part = requests[start : start + CHUNK]
        send_and_check(client, b"".join(part), len(part))


def cost(server, client, requests):
    """Return microseconds of CPU per request."""
    before = cpu_seconds(server.process.pid)
    in_chunks(client, requests)
    return (cpu_seconds(server.process.pid) - before) / len(requests) * 1e6


def recall(client, queries):
    """The share of the ten nearest that a search finds."""
    hits = 0
    for query in queries:
        near = client.call("VSIM", "v", "FP32", query)
        exact = client.call("VSIM", "v", "FP32", query, "TRUTH")
        hits += len(set(map(bytes, near)) & set(map(bytes, exact)))
    return hits / (10 * len(queries))


def measure(one, elements, queries, kind, core):
    """Return the figures of one contestant, and its version; (None, version) if it has no vector sets."""
    with one.start(core=core) as server, server.client(timeout=300.0) as client:
        version = version_of(server)
        if not client.call("COMMAND", "INFO", "VADD")[0]:
            return None, version
        empty = settled_rss(server.process.pid)
        adds = [
            encode([b"VADD", b"v", b"FP32", vector, b"element:%06d" % number, kind.encode()])
            for number, vector in enumerate(elements)
        ]
        add = cost(server, client, adds)
        size = (settled_rss(server.process.pid) - empty) / len(elements)
        plain = [encode([b"VSIM", b"v", b"FP32", query, b"NOTHREAD"]) for query in queries]
        wide = [encode([b"VSIM", b"v", b"FP32", query, b"EF", b"400", b"NOTHREAD"]) for query in queries]
        figures = {
            "vadd_us": round(add, 1),
            "vsim_us": round(cost(server, client, plain * 4), 1),
            "vsim_ef400_us": round(cost(server, client, wide * 2), 1),
            "bytes": round(size, 1),
            "recall": round(recall(client, queries[:200]), 4),
        }
        return figures, version


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(parser)
    parser.add_argument("--elements", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--dimensions", default="128,300", help="comma separated")
    parser.add_argument("--kinds", default="Q8,NOQUANT,BIN", help="comma separated")
    options = parser.parse_args()
    versions, rows, data = {}, [], []
    for dimensions in map(int, options.dimensions.split(",")):
        elements = list(cloud(options.elements, dimensions, 1))
        queries = list(cloud(options.queries, dimensions, 2))
        for kind in options.kinds.split(","):
            for one in contestants(options):
                figures, version = measure(one, elements, queries, kind, core_or_none(options.server_core))
                if figures is None:
                    continue
                versions[one.name] = version
                print(dimensions, kind, one.name, figures, flush=True)
                rows.append([dimensions, kind, one.name, *figures.values()])
                data.append({"dimensions": dimensions, "kind": kind, "by": one.name, **figures})
    head = ["dimensions", "kind", "", "VADD µs", "VSIM µs", "VSIM EF 400 µs", "bytes/element", "recall@10"]
    text = f"{options.elements:,} elements.\n\n" + results.table(head, rows)
    results.write("server_vectors", "Vector sets", versions, text, {"figures": data}, keep=not options.no_results)


if __name__ == "__main__":
    main()
