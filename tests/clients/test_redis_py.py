"""redis-py as its users use it: both protocols, both parsers, pools, pipelines, cursors, and what goes wrong.

Replies are asserted as redis-py gives them to its caller: a shape that redis-py cannot read would show here
and nowhere in the tests of the wire.
"""
import os
import signal
import threading
import time

import pytest
from peers import free_port

redis = pytest.importorskip("redis")
parsers = pytest.importorskip("redis._parsers")

PARSERS = {
    "resp2": (2, parsers._RESP2Parser),
    "resp3": (3, parsers._RESP3Parser),
    "resp2-hiredis": (2, parsers._HiredisParser),
    "resp3-hiredis": (3, parsers._HiredisParser),
}


def choose(name):
    """The keyword arguments that choose a protocol and a parser."""
    if name.endswith("hiredis"):
        pytest.importorskip("hiredis")
    protocol, parser = PARSERS[name]
    return {"protocol": protocol, "parser_class": parser}


@pytest.fixture(params=PARSERS)
def options(request, wire):
    return choose(request.param)


def connected(port, options, **more):
    """A client with a pool of its own; only a pool takes a parser."""
    return redis.Redis.from_pool(redis.ConnectionPool(host="127.0.0.1", port=port, **options, **more))


@pytest.fixture
def client(options, cydis_server):
    with connected(cydis_server.port, options) as client:
        yield client


@pytest.fixture
def text(options, cydis_server):
    """A client that answers with str."""
    with connected(cydis_server.port, options, decode_responses=True) as client:
        yield client


def test_plain_client_with_its_own_defaults(cydis_server, wire):
    with redis.Redis(port=cydis_server.port) as client:
        assert client.ping() is True
        assert client.set("k", "v") is True
        assert client.get("k") == b"v"


# ---- families ----

def test_strings(client):
    assert client.set(b"\x00bin\xff", b"\r\n\x00") is True
    assert client.get(b"\x00bin\xff") == b"\r\n\x00"
    assert client.set("k", 1, nx=True, ex=100) is True
    assert client.set("k", 2, nx=True) is None
    assert client.set("k", 3, xx=True, keepttl=True, get=True) == b"1"
    assert 0 < client.ttl("k") <= 100
    assert client.mset({"a": 1, "b": "two"}) is True
    assert client.mget("a", "missing", "b") == [b"1", None, b"two"]
    assert client.incr("a", 41) == 42
    assert client.incrbyfloat("a", 0.5) == 42.5
    assert client.append("b", "!") == 4
    assert client.getrange("b", 1, -1) == b"wo!"
    assert client.setrange("b", 6, "x") == 7
    assert client.getdel("b") == b"two!\x00\x00x"
    assert client.getex("a", persist=True) == b"42.5"
    assert client.msetnx({"a": 0, "z": 0}) is False
    assert client.strlen("a") == 4
    assert client.get("missing") is None


def test_keys(client):
    client.mset({f"key:{number}": number for number in range(5)})
    assert client.exists("key:0", "key:1", "nokey") == 2
    assert client.expire("key:0", 100) is True
    assert client.persist("key:0") is True
    assert client.ttl("key:0") == -1
    assert client.pexpire("key:1", 50_000, nx=True) is True
    assert 0 < client.pttl("key:1") <= 50_000
    assert client.type("key:0") == b"string"
    assert client.rename("key:0", "renamed") is True
    assert client.renamenx("renamed", "key:1") is False
    assert client.copy("renamed", "copied") is True
    assert client.move("copied", 9) is True
    assert client.object("encoding", "renamed") == b"int"
    assert client.touch("renamed", "nokey") == 1
    assert client.unlink("renamed", "nokey") == 1
    assert sorted(client.keys("key:*")) == [b"key:1", b"key:2", b"key:3", b"key:4"]
    assert client.randomkey().startswith(b"key:")
    assert client.dbsize() == 4
    assert client.memory_usage("key:1") > 0
    assert client.delete("key:1", "key:2") == 2
    assert client.swapdb(0, 9) is True
    assert client.flushall() is True


def test_lists(client):
    assert client.rpush("l", "a", "b", "c") == 3
    assert client.lpush("l", 0) == 4
    assert client.lrange("l", 0, -1) == [b"0", b"a", b"b", b"c"]
    assert client.lindex("l", -1) == b"c"
    assert client.lset("l", 0, "z") is True
    assert client.linsert("l", "before", "a", "y") == 5
    assert client.lrem("l", 0, "y") == 1
    assert client.ltrim("l", 0, 2) is True
    assert client.lpop("l") == b"z"
    assert client.rpop("l", 2) == [b"b", b"a"]
    assert client.lpop("l") is None


def test_sets(client):
    assert client.sadd("s", 1, 2, "three") == 3
    assert client.smembers("s") == {b"1", b"2", b"three"}
    assert client.sismember("s", 1) in (True, 1)
    assert client.smismember("s", ["1", "x"]) == [1, 0]
    assert client.scard("s") == 3
    assert client.srem("s", 1) == 1
    assert client.spop("s") in {b"2", b"three"}
    assert client.srandmember("s", 5) != []


def test_hashes(client):
    assert client.hset("h", mapping={"a": 1, "b": "two"}) == 2
    assert client.hset("h", "c", 3.5) == 1
    assert client.hget("h", "b") == b"two"
    assert client.hgetall("h") == {b"a": b"1", b"b": b"two", b"c": b"3.5"}
    assert client.hmget("h", "a", "missing") == [b"1", None]
    assert client.hincrby("h", "a", 4) == 5
    assert client.hincrbyfloat("h", "c", 0.25) == 3.75
    assert client.hexists("h", "a") is True
    assert client.hdel("h", "a", "missing") == 1
    assert (client.hlen("h"), sorted(client.hkeys("h")), sorted(client.hvals("h"))) == (
        2, [b"b", b"c"], [b"3.75", b"two"])
    assert client.hsetnx("h", "b", 1) in (0, False)
    assert dict(client.hscan_iter("h")) == {b"b": b"two", b"c": b"3.75"}


def test_sorted_sets(client):
    assert client.zadd("z", {"one": 1, "two": 2, "half": 0.5, "inf": float("inf")}) == 4
    assert client.zadd("z", {"one": 1.5}, xx=True, ch=True) == 1
    assert client.zscore("z", "one") == 1.5
    assert client.zscore("z", "missing") is None
    assert client.zincrby("z", 0.25, "half") == 0.75
    assert client.zrange("z", 0, 1) == [b"half", b"one"]
    assert [tuple(pair) for pair in client.zrange("z", 0, -1, withscores=True)] == [
        (b"half", 0.75), (b"one", 1.5), (b"two", 2.0), (b"inf", float("inf"))]
    assert client.zrevrank("z", "one") == 2
    assert client.zrangebyscore("z", 1, "(2") == [b"one"]
    assert client.zcount("z", "-inf", 2) == 3
    assert client.zcard("z") == 4
    assert [tuple(pair) for pair in client.zpopmin("z", 2)] == [(b"half", 0.75), (b"one", 1.5)]
    assert client.zrem("z", "two", "missing") == 1
    assert [tuple(pair) for pair in client.zscan_iter("z")] == [(b"inf", float("inf"))]


def test_text_in_and_out(text):
    assert text.set("ключ", "значение") is True
    assert text.get("ключ") == "значение"
    text.rpush("l", "a", "ü")
    assert text.lrange("l", 0, -1) == ["a", "ü"]
    assert text.keys() == ["l", "ключ"] or text.keys() == ["ключ", "l"]
    assert text.type("l") == "list"
    assert list(text.scan_iter(_type="list")) == ["l"]


# ---- what the server tells of itself ----

def test_server_information(client, cydis_server):
    port = cydis_server.port
    info = client.info()
    assert info["redis_version"].startswith("7.4")
    assert isinstance(info["connected_clients"], int) and info["loading"] == 0
    client.set("k", 1, ex=1000)
    assert client.info("keyspace")["db0"]["keys"] == 1
    seconds, micros = client.time()
    assert abs(seconds - time.time()) < 3600 and 0 <= micros < 1_000_000
    assert client.config_get("maxclients")["maxclients"] == "10000"
    assert client.config_set("maxmemory-samples", 7) is True
    assert client.config_get("maxmemory-samples", "port") == {"maxmemory-samples": "7", "port": str(port)}
    assert client.config_set("maxmemory-samples", 5) is True
    assert client.config_resetstat() is True
    assert client.command_count() == len(client.command())
    assert client.command_getkeys("MSET", "a", 1, "b", 2) == [b"a", b"b"] or \
        client.command_getkeys("MSET", "a", 1, "b", 2) == ["a", "b"]
    row = client.command()["get"]
    assert (row["name"], row["arity"], row["first_key_pos"]) == ("get", 2, 1)


def test_connection_information(client):
    assert client.client_setname("worker-7") is True
    assert client.client_getname() in (b"worker-7", "worker-7")
    own = client.client_info()
    assert own["name"] == "worker-7" and own["lib-name"] != "" and int(own["id"]) == client.client_id()
    assert str(own["id"]) in {str(row["id"]) for row in client.client_list()}
    assert client.client_no_evict("ON") in (True, b"OK", "OK")
    assert client.client_no_touch("OFF") in (True, b"OK", "OK")
    assert client.echo("x") == b"x"


# ---- cursors ----

def test_cursors_see_every_key(client):
    names = {b"key:%d" % number for number in range(3000)}
    pipe = client.pipeline(transaction=False)
    for name in names:
        pipe.set(name, 1)
    pipe.sadd("members", *range(2000))
    pipe.execute()
    assert set(client.scan_iter(match="key:*", count=100)) == names
    assert set(client.scan_iter(_type="set")) == {b"members"}
    assert {int(member) for member in client.sscan_iter("members", count=50)} == set(range(2000))


# ---- pipelines ----

def test_pipeline_of_many(client):
    with client.pipeline(transaction=False) as pipe:
        for number in range(5000):
            pipe.set(f"k{number}", number).get(f"k{number}")
        replies = pipe.execute()
    assert replies[::2] == [True] * 5000
    assert [int(reply) for reply in replies[1::2]] == list(range(5000))


def test_errors_inside_a_pipeline(client):
    pipe = client.pipeline(transaction=False)
    pipe.set("k", "text").incr("k").rpush("k", 1).get("k")
    replies = pipe.execute(raise_on_error=False)
    assert [type(reply) for reply in replies] == [bool, redis.ResponseError, redis.ResponseError, bytes]
    assert str(replies[1]) == "value is not an integer or out of range" or "not an integer" in str(replies[1])
    assert str(replies[2]).startswith("WRONGTYPE Operation against a key")
    pipe.incr("k")
    with pytest.raises(redis.ResponseError, match="Command # 1 "):
        pipe.execute()
    assert client.get("k") == b"text"


# ---- pools and threads ----

def test_threads_share_a_pool(options, cydis_server):
    pool = redis.BlockingConnectionPool(
        max_connections=4, timeout=20, host="127.0.0.1", port=cydis_server.port, **options)
    client = redis.Redis(connection_pool=pool)
    wrong = []

    def work(name):
        for number in range(100):
            client.set(f"{name}:{number}", f"{name}-{number}")
            client.incr("total")
            if client.get(f"{name}:{number}") != f"{name}-{number}".encode():
                wrong.append((name, number))

    threads = [threading.Thread(target=work, args=(f"thread{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert client.get("total") == b"800"
    pool.disconnect()


def test_pool_recovers_from_a_killed_connection(client, wire):
    victim = client.client_id()
    assert wire.call("CLIENT", "KILL", "ID", victim) == 1
    assert client.set("k", "v") is True                 # redis-py connects again by itself
    assert client.client_id() != victim


def test_every_connection_selects_its_database(options, cydis_server, wire):
    with connected(cydis_server.port, options, db=5, client_name="five") as five:
        five.set("k", "in five")
        assert five.client_info()["name"] == "five"
    assert wire.call("EXISTS", "k") == 0
    wire.call("SELECT", 5)
    assert wire.call("GET", "k") == b"in five"


def test_health_check(options, cydis_server):
    with connected(cydis_server.port, options, health_check_interval=1e-9) as client:
        assert [client.set("k", number) for number in range(3)] == [True] * 3


# ---- addresses ----

@pytest.mark.parametrize("protocol", [2, 3])
def test_urls(cydis_with, protocol):
    server = cydis_with(unixsocket=True)
    with redis.from_url(f"redis://127.0.0.1:{server.port}/2?protocol={protocol}") as tcp, \
            redis.from_url(f"unix://{server.unixsocket}?db=2&protocol={protocol}") as unix:
        tcp.set("k", "over tcp")
        assert unix.get("k") == b"over tcp"
        assert str(server.unixsocket) in unix.client_info()["addr"]


@pytest.mark.parametrize("protocol", [2, 3])
def test_embedded_store_is_the_same_data(protocol, tmp_path):
    import cydis
    store = cydis.Store()
    with store.serve(port=0, unixsocket=str(tmp_path / "s")) as service:
        with redis.from_url(service.url, protocol=protocol) as client:
            store.set("from inside", 1)
            assert client.incr("from inside") == 2
            assert store.get("from inside") == b"2"
        with redis.Redis(unix_socket_path=str(tmp_path / "s"), protocol=protocol) as client:
            assert client.get("from inside") == b"2"
    with pytest.raises(redis.ConnectionError):
        redis.from_url(service.url, socket_timeout=5, retry=None).ping()


# ---- what goes wrong ----

def test_wrong_use_raises_and_the_connection_goes_on(client):
    client.set("text", "abc")
    for call, error in (
            (lambda: client.lpush("text", 1), "WRONGTYPE"),
            (lambda: client.incr("text"), "value is not an integer or out of range"),
            (lambda: client.execute_command("NOSUCH", "a"), "unknown command 'NOSUCH'"),
            (lambda: client.execute_command("GET"), "wrong number of arguments for 'get' command"),
            (lambda: client.execute_command("CONFIG", "NOSUCH"), "unknown subcommand"),
            (lambda: client.config_set("nosuch", 1), "Unknown option or number of arguments"),
            (lambda: client.expire("text", 2**63 - 1), "invalid expire time in 'expire' command"),
            (lambda: client.execute_command("SELECT", 99), "DB index is out of range"),
    ):
        with pytest.raises(redis.ResponseError, match=error):
            call()
        assert client.get("text") == b"abc"
    with pytest.raises(redis.DataError):
        client.set("k", None)


def test_passwords(cydis_with, options):
    server = cydis_with()
    with connected(server.port, options) as client:
        client.config_set("requirepass", "secret")
    with connected(server.port, options, password="secret") as client:
        assert client.ping() is True
    with connected(server.port, options, username="default", password="secret") as client:
        assert client.ping() is True
    for password in ("wrong", None):
        with connected(server.port, options, password=password) as client, \
                pytest.raises(redis.AuthenticationError):
            client.ping()


def test_nobody_listens():
    with pytest.raises(redis.ConnectionError, match="refused"):
        redis.Redis(port=free_port(), retry=None).ping()


@pytest.mark.parametrize("protocol", [2, 3])
def test_silent_server_is_a_timeout_and_no_wrong_reply(cydis_with, protocol):
    server = cydis_with()
    with redis.Redis(port=server.port, protocol=protocol, socket_timeout=1, retry=None) as client:
        client.mset({"k": "right", "other": "wrong"})
        server.process.send_signal(signal.SIGSTOP)
        assert os.WIFSTOPPED(os.waitpid(server.process.pid, os.WUNTRACED)[1])
        with pytest.raises(redis.TimeoutError):
            client.get("other")
        server.process.send_signal(signal.SIGCONT)
        assert client.get("k") == b"right"              # the late reply went with the old connection


def test_too_many_clients(cydis_with):
    server = cydis_with("--maxclients", 3)
    clients = [redis.Redis(port=server.port, single_connection_client=True) for _ in range(3)]
    with pytest.raises(redis.ConnectionError, match="max number of clients reached"):
        redis.Redis(port=server.port, retry=None).ping()
    clients.pop().close()
    while True:                                         # the server sees the end of it in its own time
        try:
            assert redis.Redis(port=server.port, retry=None).ping() is True
            break
        except redis.ConnectionError:
            continue
    for client in clients:
        client.close()


def test_server_that_restarts(cydis_with):
    server = cydis_with()
    client = redis.Redis(port=server.port, retry=None)
    assert client.ping() is True
    server.stop()
    with pytest.raises(redis.ConnectionError):
        client.ping()


def test_shutdown_over_the_wire(cydis_with, options):
    server = cydis_with()
    with connected(server.port, options) as client:
        client.set("k", 1)
        client.shutdown(nosave=True)
    assert server.process.wait(20) == 0
    assert "bye bye" in server.read_log()
