"""Resident memory per idle connection: cydis beside every peer found.

    python benchmarks/server_connections.py [--bin-dir FOLDER] [--connections 10000]

RSS does not contain what the kernel holds for a socket, so this is the server's own part. Two figures: for
connections that never said anything, and after each has had one PING answered (buffers have been used once).
"""

import argparse
import resource
import socket

import results
from contestants import add_options, contestants, core_or_none, settled_rss, version_of

GOAL = 2048
PING = b"*1\r\n$4\r\nPING\r\n"


def allow_files(count):
    """Raise the limit of open files of this process and its children."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise SystemExit(f"{count} open files are needed, the hard limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))


def measure(one, count, core):
    """Return bytes per connection when silent and after a PING, and the version."""
    with one.start("--maxclients", count + 100, core=core) as server:
        version, pid = version_of(server), server.process.pid
        empty = settled_rss(pid)
        connections = []
        try:
            for _ in range(count):
                connections.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            with server.client() as client:  # answered after all have been accepted
                client.call("PING")
            silent = (settled_rss(pid) - empty) / count
            for connection in connections:
                connection.sendall(PING)
            for connection in connections:
                if connection.recv(64) != b"+PONG\r\n":
                    raise SystemExit(f"{one.name}: a connection was refused")
            return silent, (settled_rss(pid) - empty) / count, version
        finally:
            for connection in connections:
                connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    add_options(parser)
    parser.add_argument("--connections", type=int, default=10_000)
    options = parser.parse_args()
    allow_files(options.connections + 200)
    versions, rows, data = {}, [], {}
    for one in contestants(options):
        silent, used, versions[one.name] = measure(
            one, options.connections, core_or_none(options.server_core)
        )
        verdict = ("met" if max(silent, used) <= GOAL else "**missed**") if one.peer is None else ""
        rows.append(
            [one.name, f"{silent:,.0f}", f"{used:,.0f}", f"≤ {GOAL}" if one.peer is None else "", verdict]
        )
        data[one.name] = {"silent": silent, "after_ping": used}
    text = f"{options.connections:,} idle connections, bytes of RSS per connection:\n\n" + results.table(
        ["server", "silent", "after one PING", "goal", ""], rows
    )
    results.write(
        "server_connections",
        "Memory per idle connection",
        versions,
        text,
        {"connections": options.connections, "bytes_per_connection": data},
        keep=not options.no_results,
    )


if __name__ == "__main__":
    main()
