"""The first words of well-known clients, byte for byte in kind: what each says before its user says anything.

Recorded from the clients, or read in their source. `OK` stands for any reply that is no error; REFUSED for an
error which the client expects from a server without the feature, and keeps to itself.
"""
import re

import pytest
from wire_client import Array, Error, Map, Verbatim, plain

OK, REFUSED = "ok", "refused"


def setinfo(name, version):
    return [(OK, f"CLIENT SETINFO LIB-NAME {name}"), (OK, f"CLIENT SETINFO LIB-VER {version}")]


def maintenance(endpoint):
    return (REFUSED, f"CLIENT MAINT_NOTIFICATIONS ON moving-endpoint-type {endpoint}")


HANDSHAKES = {
    "redis-py 8.1": [(OK, "HELLO 3"), maintenance("internal-fqdn"), *setinfo("redis-py", "8.1.0"), (OK, "SELECT 2")],
    "redis-py 7.4": [*setinfo("redis-py", "7.4.1"), (OK, "SELECT 2")],
    "redis-py with a password": [(OK, "HELLO 3 AUTH default secret"), *setinfo("redis-py(x_v1)", "8.1.0")],
    "valkey-py 6.2": setinfo("valkey-py", "6.2.0"),
    "coredis 6.9": [(OK, "HELLO 3"), *setinfo("coredis", "6.9.0")],
    "ioredis 6.0": [(OK, "hello 3"), (OK, "client SETINFO LIB-NAME ioredis"), (OK, "client SETINFO LIB-VER 6.0.0"),
                    (OK, "info"), (OK, "select 2"), (OK, "client setname worker"), (OK, "quit")],
    "node-redis 6.3": [(OK, "HELLO 3"), *setinfo("node-redis", "6.3.1"), maintenance("external-ip")],
    "BullMQ 6.7": [(OK, "hello 3"), (OK, "client setname bull:cXVldWU="), (OK, "info")],
    "valkey-glide 2.5": [(OK, "HELLO 3"), *setinfo("GlidePy", "2.5.0"), (OK, "INFO REPLICATION")],
    "go-redis 9": [(OK, "HELLO 3 SETNAME worker"), (OK, "SELECT 2"), (OK, "READONLY"), (OK, "CLIENT SETNAME worker"),
                   *setinfo("go-redis(,go1.23.0)", "9.7.0"), maintenance("internal-ip")],
    "jedis 5": [(OK, "HELLO 3"), (OK, "CLIENT SETNAME worker"), *setinfo("jedis", "5.2.0"), (OK, "SELECT 2")],
    "jedis, RESP2": [(OK, "CLIENT SETNAME worker"), *setinfo("jedis(spring-data)", "5.2.0"), (OK, "PING")],
    "lettuce 6": [(OK, "HELLO 3 SETNAME worker"), *setinfo("Lettuce", "6.5.0"), (OK, "PING")],
    "RQ 3.0": [(OK, "INFO server"), (OK, "CLIENT SETNAME rq:worker:1"), (OK, "CLIENT INFO")],
    "an old client": [(OK, "PING"), (OK, "SELECT 0"), (OK, "CLIENT GETNAME")],
}

READ_BY_CLIENTS = {                          # field of INFO: what it must look like
    "redis_version": r"7\.4\.\d+", "loading": "0", "role": "master", "maxmemory_policy": r"[a-z-]+",
    "redis_mode": "standalone", "process_id": r"\d+", "tcp_port": r"\d+", "uptime_in_seconds": r"\d+",
    "connected_clients": r"\d+", "used_memory": r"\d+", "maxmemory": r"\d+", "instantaneous_ops_per_sec": r"\d+",
    "used_cpu_sys": r"\d+\.\d+", "connected_slaves": "0", "run_id": "[0-9a-f]{40}",
    "keyspace_hits": r"\d+", "total_commands_processed": r"\d+", "cluster_enabled": "0",
}


def check(expected, line, reply):
    assert isinstance(reply, Error) == (expected is REFUSED), (line, reply)


@pytest.mark.parametrize("client", HANDSHAKES)
def test_one_by_one(cydis_server, client):
    with cydis_server.client() as connection:
        for expected, line in HANDSHAKES[client]:
            check(expected, line, connection.call(*line.split()))
        if "quit" in HANDSHAKES[client][-1][1]:
            assert connection.closed_by_server() == b""
        else:
            assert not isinstance(connection.call("GET", "k"), Error)


@pytest.mark.parametrize("client", HANDSHAKES)
def test_all_in_one_packet(cydis_server, client):
    with cydis_server.client() as connection:
        replies = connection.pipeline(line.split() for _, line in HANDSHAKES[client])
        for (expected, line), reply in zip(HANDSHAKES[client], replies, strict=True):
            check(expected, line, reply)


def test_hello_says_what_clients_decide_by(cydis_server):
    with cydis_server.client() as connection:
        two, three = connection.call("HELLO", 2), connection.call("HELLO", 3)
    assert isinstance(two, Array) and isinstance(three, Map)
    said = plain(three)
    assert (said[b"server"], said[b"proto"], said[b"mode"], said[b"role"], said[b"modules"]) == (
        b"redis", 3, b"standalone", b"master", [])
    assert tuple(map(int, said[b"version"].split(b"."))) >= (7, 4)
    assert two[two.index(b"proto") + 1] == 2


@pytest.mark.parametrize("protocol", [2, 3])
def test_info_has_what_clients_read(cydis_server, protocol):
    with cydis_server.client(protocol=protocol) as connection:
        reply = connection.call("INFO")
    assert isinstance(reply, Verbatim if protocol == 3 else bytes)
    text = bytes(reply).decode().removeprefix("txt:")
    fields = dict(line.split(":", 1) for line in text.split("\r\n") if ":" in line)
    for name, form in READ_BY_CLIENTS.items():
        assert re.fullmatch(form, fields[name]), (name, fields.get(name))


def test_what_a_client_tells_of_itself_is_listed(cydis_server):
    with cydis_server.client() as connection:
        for expected, line in HANDSHAKES["go-redis 9"]:
            check(expected, line, connection.call(*line.split()))
        own = dict(pair.split("=", 1) for pair in plain(connection.call("CLIENT", "INFO"))[4:].decode().split())
    assert (own["lib-name"], own["lib-ver"], own["name"], own["db"], own["resp"]) == (
        "go-redis(,go1.23.0)", "9.7.0", "worker", "2", "3")


def test_unknown_attribute_is_an_error_and_no_more(cydis_server):
    with cydis_server.client() as connection:
        assert connection.call("CLIENT", "SETINFO", "LIB-COLOUR", "red") == Error(
            b"ERR Unrecognized option 'LIB-COLOUR'")
        assert not isinstance(connection.call("CLIENT", "INFO"), Error)


def test_exporter_and_browsers(cydis_server):
    """What a scrape of redis_exporter and the first page of a browser of keys ask for, as far as it exists."""
    with cydis_server.client() as connection:
        for line in ("CLIENT SETNAME redis_exporter", "CONFIG GET *", "INFO ALL", "INFO everything", "CLIENT LIST",
                     "CONFIG GET databases", "COMMAND", "COMMAND DOCS", "DBSIZE", "MEMORY USAGE nokey",
                     "SCAN 0 COUNT 1000 TYPE hash", "TIME", "OBJECT FREQ nokey"):
            assert not isinstance(connection.call(*line.split()), Error), line
        settings = plain(connection.call("CONFIG", "GET", "*"))
    settings = dict(zip(settings[::2], settings[1::2], strict=True))
    assert len(settings) > 150 and settings[b"databases"] == b"16" and b"requirepass" in settings
