"""redis.asyncio as its users use it: many tasks over one pool, pipelines, cursors, cancellation, errors."""
import asyncio
import os
import signal

import pytest

redis = pytest.importorskip("redis.asyncio")
parsers = pytest.importorskip("redis._parsers")

PARSERS = {
    "resp2": (2, parsers._AsyncRESP2Parser),
    "resp3": (3, parsers._AsyncRESP3Parser),
    "resp2-hiredis": (2, parsers._AsyncHiredisParser),
    "resp3-hiredis": (3, parsers._AsyncHiredisParser),
}
SECONDS = 60
Retry = pytest.importorskip("redis.asyncio.retry").Retry
NoBackoff = pytest.importorskip("redis.backoff").NoBackoff


@pytest.fixture(params=PARSERS)
def talk(request, cydis_server, wire):
    """Run `conversation(client)` in a loop of its own, with a client that uses this protocol and parser."""
    if request.param.endswith("hiredis"):
        pytest.importorskip("hiredis")
    protocol, parser = PARSERS[request.param]

    def run(conversation, port=cydis_server.port, **options):
        async def connected():
            pool = redis.BlockingConnectionPool(
                host="127.0.0.1", port=port, protocol=protocol, parser_class=parser, timeout=20, **options)
            async with redis.Redis.from_pool(pool) as client:
                await asyncio.wait_for(conversation(client), SECONDS)

        asyncio.run(connected())

    return run


def test_every_type(talk):
    async def conversation(client):
        assert await client.ping() is True
        assert await client.set("k", "v", ex=100) is True
        assert await client.get("k") == b"v"
        assert await client.mget("k", "nokey") == [b"v", None]
        assert await client.rpush("l", 1, 2) == 2
        assert await client.lrange("l", 0, -1) == [b"1", b"2"]
        assert await client.hset("h", mapping={"a": 1, "b": 2}) == 2
        assert await client.hgetall("h") == {b"a": b"1", b"b": b"2"}
        assert await client.sadd("s", "m") == 1
        assert await client.smembers("s") == {b"m"}
        assert await client.zadd("z", {"one": 1, "two": 2.5}) == 2
        assert await client.zscore("z", "two") == 2.5
        assert (await client.info("server"))["redis_mode"] == "standalone"

    talk(conversation)


def test_tasks_share_a_pool(talk):
    async def conversation(client):
        async def work(name):
            for number in range(20):
                await client.set(f"{name}:{number}", f"{name}-{number}")
                assert await client.get(f"{name}:{number}") == f"{name}-{number}".encode()
                await client.incr("total")

        await asyncio.gather(*(work(f"task{number}") for number in range(50)))
        assert await client.get("total") == b"1000"

    talk(conversation, max_connections=8)


def test_pipelines_and_cursors(talk):
    async def conversation(client):
        async with client.pipeline(transaction=False) as pipe:
            for number in range(3000):
                pipe.set(f"key:{number}", number)
            assert await pipe.execute() == [True] * 3000
            pipe.incr("key:1").lpush("key:1", 1).get("key:1")
            replies = await pipe.execute(raise_on_error=False)
        assert replies[0] == 2 and str(replies[1]).startswith("WRONGTYPE") and replies[2] == b"2"
        assert len({key async for key in client.scan_iter(match="key:*", count=200)}) == 3000

    talk(conversation)


def test_errors(talk):
    async def conversation(client):
        await client.set("k", "text")
        with pytest.raises(redis.ResponseError, match="not an integer"):
            await client.incr("k")
        with pytest.raises(redis.ResponseError, match="unknown command"):
            await client.execute_command("NOSUCH")
        assert await client.get("k") == b"text"

    talk(conversation)


def test_reconnects_after_a_kill(talk, wire):
    async def conversation(client):
        victim = await client.client_id()
        assert wire.call("CLIENT", "KILL", "ID", victim) == 1
        assert await client.set("k", "v") is True
        assert await client.client_id() != victim

    talk(conversation, max_connections=1, retry=Retry(NoBackoff(), 1))


def test_cancelled_call_leaves_no_late_reply(talk, cydis_with):
    server = cydis_with()
    with server.client() as filling:
        filling.pipeline([("SET", "a", "late"), ("SET", "b", "right")])

    async def conversation(client):
        assert await client.get("a") == b"late"
        server.process.send_signal(signal.SIGSTOP)
        assert os.WIFSTOPPED(os.waitpid(server.process.pid, os.WUNTRACED)[1])
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.get("a"), 0.05)      # nobody can answer: cancelled while it waits
        server.process.send_signal(signal.SIGCONT)
        assert await client.get("b") == b"right"

    talk(conversation, port=server.port, max_connections=1)


def test_unix_socket(cydis_with):
    server = cydis_with(unixsocket=True)

    async def conversation():
        async with redis.from_url(f"unix://{server.unixsocket}?db=3", decode_responses=True) as client:
            assert await client.set("k", "ü") is True
            assert await client.get("k") == "ü"

    asyncio.run(conversation())
