"""Large values are freed in slices: whoever lets go of one waits for nothing, and garbage cannot pile up."""

import contextlib
import itertools
import os
import socket

import pytest

import cydis

COUNT = 20_000
LARGE = 64 << 20  # a string that its block is given back slowly of


def members(text, count=COUNT):
    return [f"{text}:{i:06d}" for i in range(count)]


FILL = {
    "list": lambda key, n: ("RPUSH", key, *members("item" * 20, n)),
    "set": lambda key, n: ("SADD", key, *members("member", n)),
    "hash": lambda key, n: ("HSET", key, *[word for name in members("field", n) for word in (name, "value")]),
    "zset": lambda key, n: ("ZADD", key, *[x for i, name in enumerate(members("m", n)) for x in (i * 7919 % n, name)]),
}

LET_GO = {
    "DEL": [("DEL", "large")],
    "UNLINK": [("UNLINK", "large")],
    "SET": [("SET", "large", "small")],
    "RENAME": [("SET", "other", "x"), ("RENAME", "other", "large")],
    "COPY": [("SET", "other", "x"), ("COPY", "other", "large", "REPLACE")],
    "SUNIONSTORE": [("SADD", "other", "x"), ("SUNIONSTORE", "large", "other")],
    "ZUNIONSTORE": [("ZADD", "other", 1, "x"), ("ZUNIONSTORE", "large", 1, "other")],
    "SINTERSTORE of nothing": [("SINTERSTORE", "large", "missing")],
    "ZRANGESTORE of nothing": [("ZRANGESTORE", "large", "missing", 0, -1)],
    "SORT STORE": [("RPUSH", "other", 1), ("SORT", "other", "STORE", "large")],
    "BITOP": [("SET", "other", "x"), ("BITOP", "NOT", "large", "other")],
    "EXPIRE in the past": [("EXPIRE", "large", -1)],
    "PEXPIRE": [("PEXPIRE", "large", 1), ("EXISTS", "large")],
    "MOVE and DEL": [("MOVE", "large", 1), ("SELECT", 1), ("DEL", "large")],
    "FLUSHDB": [("FLUSHDB",)],
    "FLUSHALL ASYNC": [("FLUSHALL", "ASYNC")],
}


@pytest.fixture
def store():
    """A store that frees nothing by itself, on a stopped clock."""
    store = cydis.Store()
    store.engine.freeze_clock(1_000_000)
    store.engine.set_setting("cron-paused", True)
    return store


@contextlib.contextmanager
def working(store):
    """Periodic work is allowed here, under the engine's lock."""
    store.engine.set_setting("cron-paused", False)
    store.engine.lock()
    try:
        yield
    finally:
        store.engine.unlock()
        store.engine.set_setting("cron-paused", True)


def used(store):
    return store.engine.stats()["heap_used"]


def steps(store):
    """Free all that waits in turns that have no time; return the bytes in use before and after each of them."""
    seen = [used(store)]
    with working(store):
        while store.engine.cron(0):
            seen.append(used(store))
        seen.append(used(store))
    return seen


@pytest.mark.parametrize("kind", FILL)
@pytest.mark.parametrize("way", LET_GO)
def test_a_large_value_goes_in_many_small_steps_whoever_lets_go_of_it(store, way, kind):
    empty = used(store)
    store.execute(*FILL[kind]("large", COUNT))
    full = used(store) - empty
    for command in LET_GO[way]:
        store.execute(*command)
        store.engine.freeze_clock(store.engine.now_ms() + 2)
    assert used(store) - empty > full * 0.95  # nothing of it is freed by the command
    seen = steps(store)
    dropped = [before - after for before, after in itertools.pairwise(seen)]
    assert min(dropped) >= 0 and max(dropped) < full / 10
    assert sum(one > 0 for one in dropped) >= 10
    assert used(store) - empty < 4096
    assert store.engine.stats()["lazy_pending"] == 0 and store.engine.check()


@pytest.mark.parametrize("kind", FILL)
def test_a_small_value_goes_at_once(store, kind):
    store.execute("SET", "another", "key")
    before = used(store)
    store.execute(*FILL[kind]("small", 64))
    store.execute("DEL", "small")
    assert used(store) <= before and store.engine.stats()["lazy_pending"] == 0


@pytest.mark.parametrize(
    "setting, command",
    [
        ("lazyfree-lazy-user-del", ("DEL", "large")),
        ("lazyfree-lazy-user-flush", ("FLUSHALL",)),
        ("lazyfree-lazy-server-del", ("SET", "large", "small")),
    ],
)
def test_who_wants_to_wait_may(store, setting, command):
    empty = used(store)
    store.engine.set_setting(setting, False)
    store.execute(*FILL["set"]("large", COUNT))
    store.execute(*command)
    assert used(store) - empty < 4096 and store.engine.stats()["lazy_pending"] == 0


def test_flushall_sync_waits(store):
    empty = used(store)
    store.execute(*FILL["hash"]("large", COUNT))
    store.execute("FLUSHALL", "SYNC")
    assert used(store) == empty and store.engine.stats()["lazy_pending"] == 0


def test_keys_of_a_table_are_counted_as_the_reference_counts_them(store):
    for i in range(100):
        store.execute("SET", f"k{i}", i)
    store.execute(*FILL["set"]("large", COUNT))
    store.execute("FLUSHALL")
    assert store.engine.stats()["lazy_pending"] == 101 and store.engine.stats()["lazy_freed"] == 0
    steps(store)
    assert store.engine.stats()["lazy_pending"] == 0 and store.engine.stats()["lazy_freed"] == 101


def test_large_values_within_a_table_wait_too(store):
    empty = used(store)
    for kind, fill in FILL.items():
        for i in range(3):
            store.execute(*fill(f"{kind}{i}", COUNT // 4))
    full = used(store) - empty
    store.execute("FLUSHALL")
    seen = steps(store)
    assert max(before - after for before, after in itertools.pairwise(seen)) < full / 20
    assert used(store) == empty and store.engine.check()


def test_the_memory_of_a_large_string_goes_back_piece_by_piece(store):
    reserved = store.engine.stats()["heap_reserved"]
    store.execute("SETRANGE", "s", LARGE - 1, "x")
    assert store.engine.stats()["heap_reserved"] >= reserved + LARGE
    before = used(store)
    store.execute("SET", "s", "small")
    assert used(store) <= before - LARGE  # for users it is gone ...
    assert len(steps(store)) > LARGE >> 20  # ... and the system gets it in turns
    assert store.engine.stats()["heap_reserved"] <= reserved + (2 << 20) and store.engine.check()


@pytest.mark.skipif("asan" in os.environ.get("LD_PRELOAD", ""),
                    reason="under the sanitizer every block is asked of the system, and given back, by itself")
def test_what_is_empty_serves_new_values_before_it_goes_back(store):
    store.execute(*FILL["list"]("large", COUNT * 5))
    store.execute("DEL", "large")
    with working(store):
        while store.engine.stats()["lazy_pending"]:
            store.engine.cron(0)
    reserved = store.engine.stats()["heap_reserved"]
    store.execute(*FILL["list"]("large", COUNT * 4))
    assert store.engine.stats()["heap_reserved"] <= reserved and store.engine.check()


def test_expiry_goes_on_where_a_turn_ended(store):
    for i in range(5000):
        store.execute("SET", f"k{i}", i, "PX", 10)
    store.engine.freeze_clock(store.engine.now_ms() + 20)
    with working(store):
        turns = 1
        while store.engine.cron(0):
            turns += 1
    assert store.engine.stats()["expired"] == 5000 and store.dbsize() == 0
    assert turns >= 20 and store.engine.stats()["expired_time_caps"] >= 20


def test_a_cycle_ends_where_nothing_has_expired(store):
    for i in range(30_000):
        store.execute("SET", f"k{i}", i, "EX", 1000)
    with working(store):
        turns = 1
        while store.engine.cron(0):
            turns += 1
    assert turns < 200


# ---- who does it ----


def test_calls_of_an_embedded_store_free_what_waits():
    store = cydis.Store()
    empty = used(store)
    store.execute(*FILL["set"]("large", COUNT * 10))
    store.execute("DEL", "large")
    for _ in range(100_000):
        if not store.engine.stats()["lazy_pending"]:
            break
        store.execute("GET", "k")
    assert used(store) - empty < 4096


@pytest.mark.parametrize("pipelined", [False, True])
def test_garbage_does_not_pile_up_while_large_values_come_and_go(pipelined):
    store = cydis.Store()
    store.execute(*FILL["zset"]("large", COUNT))
    one = used(store)
    for _ in range(50):
        if pipelined:
            with store.pipeline() as p:
                p.copy("large", "copy").delete("copy").run()
        else:
            store.execute("COPY", "large", "copy")
            store.execute("DEL", "copy")
        assert used(store) < 8 * one


def test_a_server_polls_its_clients_between_slices():
    store = cydis.Store()
    store.execute(*FILL["zset"]("large", COUNT * 10))
    with store.serve(port=0) as service:
        with socket.create_connection(("127.0.0.1", service.port), timeout=30) as client:
            before = store.engine.stats()["loop_cycles"]
            client.sendall(b"DEL large\r\n")
            assert client.recv(100) == b":1\r\n"
            while store.engine.stats()["lazy_pending"]:
                client.sendall(b"PING\r\n")
                assert client.recv(100) == b"+PONG\r\n"
            assert store.engine.stats()["loop_cycles"] > before + 5
        for _ in range(1000):  # ... and what is empty goes back
            if store.engine.stats()["heap_reserved"] < 8 << 20:
                break
            store.execute("GET", "k")
        assert store.engine.stats()["heap_reserved"] < 8 << 20
