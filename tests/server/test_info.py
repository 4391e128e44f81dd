"""INFO, as monitors and client libraries read it."""
import re

import pytest
from wire_client import Verbatim

DEFAULT = ["Server", "Clients", "Memory", "Persistence", "Stats", "Replication", "CPU", "Modules",
           "Errorstats", "Cluster", "Keyspace"]
ALL = [*DEFAULT[:8], "Commandstats", *DEFAULT[8:]]


def text(client, *sections):
    return bytes(client.call("INFO", *sections)).removeprefix(b"txt:").decode()


def titles(told):
    return re.findall(r"^# (\w+)\r$", told, re.MULTILINE)


def fields(client, *sections):
    return dict(line.split(":", 1) for line in text(client, *sections).splitlines() if ":" in line)


def test_sections(wire, wire3):
    assert titles(text(wire)) == titles(text(wire, "default")) == DEFAULT
    assert titles(text(wire, "all")) == titles(text(wire, "EVERYTHING")) == ALL
    assert titles(text(wire, "keyspace", "no-such", "CPU")) == ["CPU", "Keyspace"]
    assert text(wire, "no-such") == ""
    assert titles(text(wire, "commandstats", "default")) == ALL
    assert isinstance(wire3.call("INFO", "server"), Verbatim)
    assert wire3.call("INFO", "server").startswith(b"txt:# Server\r\n")
    assert re.fullmatch(r"(# \w+\r\n([^:\r\n]+:[^\r\n]*\r\n)*(\r\n(?=#))?)+", text(wire, "all"))


def test_identity(wire, cydis_server):
    told = fields(wire, "server")
    assert told["redis_version"].startswith("7.4.") and told["redis_mode"] == "standalone"
    assert told["server_name"] == "cydis" and told["cydis_version"]
    assert told["tcp_port"] == str(cydis_server.port)
    assert told["process_id"] == str(cydis_server.process.pid)
    assert re.fullmatch("[0-9a-f]{40}", told["run_id"])
    assert told["multiplexing_api"] in ("epoll", "kqueue")
    assert fields(wire)["loading"] == "0"
    assert fields(wire, "replication")["role"] == "master"
    assert fields(wire, "cluster") == {"cluster_enabled": "0"}


@pytest.mark.parametrize("section", ["clients", "memory", "persistence", "stats", "replication", "cpu"])
def test_every_field_that_both_servers_have_is_there(wire, peer_server, section):
    with peer_server.client() as peer:
        expected = set(fields(peer, section))
    newer = {name for name in expected if re.search(
        "slot|paused|psync|io_threaded|replicas_repl|tls_cert|access_denied_db|"
        "active_time|active_defrag_running", name)}
    assert expected - newer <= set(fields(wire, section))


def test_memory_is_measured(wire):
    before = fields(wire, "memory")
    wire.call("SET", "big", b"x" * 1_000_000)
    after = fields(wire, "memory")
    wire.call("DEL", "big")
    assert int(after["used_memory"]) >= int(before["used_memory"]) + 1_000_000
    assert int(after["used_memory_peak"]) >= int(after["used_memory"])
    assert int(after["used_memory_rss"]) > 1_000_000
    assert re.fullmatch(r"[\d.]+[BKMGT]", after["used_memory_human"])
    assert after["maxmemory_policy"] == "noeviction"


def test_counters_and_resetstat(wire):
    wire.call("CONFIG", "RESETSTAT")
    for _ in range(3):
        wire.call("ECHO", "x")
    wire.call("ECHO")
    wire.call("SELECT", "x")
    told = fields(wire, "all")
    assert told["cmdstat_echo"].startswith("calls=3,usec=")
    assert told["cmdstat_echo"].endswith(",rejected_calls=1,failed_calls=0")
    assert "calls=1," in told["cmdstat_select"] and "failed_calls=1" in told["cmdstat_select"]
    assert told["cmdstat_config|resetstat"]
    assert told["errorstat_ERR"] == "count=2" and told["total_error_replies"] == "2"
    assert wire.call("CONFIG", "RESETSTAT")
    told = fields(wire, "all")
    assert "cmdstat_echo" not in told and "errorstat_ERR" not in told
    assert told["total_commands_processed"] == "1"     # this INFO


def test_keyspace_lists_databases_in_use(wire):
    wire.call("SET", "a", 1)
    wire.call("SELECT", 3)
    wire.call("SET", "b", 1, "EX", 1000)
    told = fields(wire, "keyspace")
    assert told["db0"] == "keys=1,expires=0,avg_ttl=0,keys_with_volatile_items=0"
    assert told["db3"].startswith("keys=1,expires=1,avg_ttl=")


def test_clients_are_counted(wire, cydis_server):
    before = int(fields(wire, "clients")["connected_clients"])
    with cydis_server.client() as other:
        other.call("PING")
        assert int(fields(wire, "clients")["connected_clients"]) == before + 1
