"""valkey-benchmark and redis-benchmark: every default test, alone and in pipelines, ends well."""
import csv

import pytest
from clients.programs import each, run
from wire_client import Status

REQUESTS = 2000
NAMES = ("ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,"
         "lrange_100,lrange_300,lrange_500,lrange_600,mset,mget")
TESTS = [
    "PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "LPUSH", "RPUSH", "LPOP", "RPOP", "SADD", "HSET",
    "SPOP", "ZADD", "ZPOPMIN", "LPUSH (needed to benchmark LRANGE)", "LRANGE_100 (first 100 elements)",
    "LRANGE_300 (first 300 elements)", "LRANGE_500 (first 500 elements)", "LRANGE_600 (first 600 elements)",
    "MSET (10 keys)",
]
NEWER = ["MGET (10 keys)"]                     # known to valkey-benchmark 9
NOT_YET = ("XADD", "FUNCTION", "FCALL")        # streams and functions come later, and their tests with them


def names_of(output):
    """The names of the tests in the CSV that the generator prints."""
    return [row[0] for row in csv.reader(output.splitlines()) if len(row) > 2 and row[0] != "test"]


@each("benchmark")
@pytest.mark.parametrize("pipeline", [1, 16])
def test_default_tests(program, cydis_server, wire, pipeline):
    done = run(program, cydis_server.port, "-n", REQUESTS, "-P", pipeline, "-r", 1000, "--csv", "-t", NAMES)
    assert done.returncode == 0, done.stdout
    assert [name for name in names_of(done.stdout) if name not in NEWER] == TESTS
    assert "Error" not in done.stdout and "WARNING" not in done.stdout


@each("benchmark")
def test_what_the_default_list_asks_for(program, cydis_server, wire):
    """Without -t: all tests run up to the first that needs a command we do not have, and no other stops it."""
    done = run(program, cydis_server.port, "-n", 100, "--csv")
    names = names_of(done.stdout)
    assert [name for name in names[:len(TESTS) + 1] if name not in NEWER] == TESTS
    if done.returncode:
        refused = [line for line in done.stdout.splitlines() if line.startswith("Error from server: ")]
        assert len(refused) == 1
        assert any(f"ERR unknown command '{name}'" in refused[0] for name in NOT_YET)
    assert wire.call("PING") == Status(b"PONG")


@each("benchmark")
def test_other_switches(program, cydis_with):
    server = cydis_with(unixsocket=True)
    for arguments in (["-k", "0", "-c", "5"], ["-3", "-d", "1000"], ["-s", str(server.unixsocket)],
                      ["--dbnum", "3"], ["--threads", "2"]):
        done = run(program, server.port, "-n", 200, "--csv", "-t", "set,get", *arguments)
        assert (done.returncode, names_of(done.stdout)) == (0, ["SET", "GET"]), (arguments, done.stdout)
    done = run(program, server.port, "-n", 500, "-r", 50, "-q", "set", "key:__rand_int__", "__rand_int__")
    assert done.returncode == 0 and "requests per second" in done.stdout
    with server.client() as client:
        assert client.call("DBSIZE") > 10
