"""The engine below the commands: its clock, versions, several at once, expiry in the background, memory given back."""
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cydis

WRITES = [
    ("SET", "k", "1"), ("APPEND", "k", "2"), ("INCR", "k"), ("EXPIRE", "k", 100), ("PERSIST", "k"),
    ("RENAME", "k", "k2"), ("COPY", "k2", "k"), ("DEL", "k2"), ("LPUSH", "l", "a"), ("SADD", "s", "a"),
    ("HSET", "h", "f", "v"),
    ("ZADD", "z", 1, "m"), ("MSET", "a", 1, "b", 2), ("FLUSHDB",),
]
READS = [
    ("GET", "k"), ("EXISTS", "k"), ("TTL", "k"), ("TYPE", "k"), ("LRANGE", "l", 0, -1), ("SMEMBERS", "s"),
    ("HGETALL", "h"), ("ZRANGE", "z", 0, -1), ("SCAN", 0), ("KEYS", "*"), ("DBSIZE",),
    ("OBJECT", "ENCODING", "k"), ("RANDOMKEY",),
]


@pytest.fixture
def store():
    return cydis.Store()


def test_every_write_raises_the_version_before_anyone_can_see_it(store):
    for write in WRITES:
        before = store.engine.version()
        store.execute(*write)
        assert store.engine.version() > before, write


def test_reads_leave_the_version_alone(store):
    for write in WRITES[:-1]:
        store.execute(*write)
    before = store.engine.version()
    for read in READS:
        store.execute(*read)
    assert store.engine.version() == before


def test_versions_count_for_each_database(store):
    store.execute("SELECT", 3)
    store.execute("SET", "k", "v")
    assert store.engine.version(3) > 0 and store.engine.version(0) == 0


def test_a_stopped_clock_decides_what_has_expired(store):
    store.engine.freeze_clock(1_000_000)
    store.execute("SET", "k", "v", "PX", 500)
    store.engine.freeze_clock(1_000_499)
    assert store.execute("PTTL", "k") == 1
    store.engine.freeze_clock(1_000_501)
    assert store.execute("GET", "k") is None and store.execute("DBSIZE") == 0


def test_the_cycle_removes_what_nobody_asks_for(store):
    store.engine.freeze_clock(1_000_000)
    for i in range(20_000):
        store.execute("SET", f"gone:{i}", "v", "PX", 10)
        store.execute("SET", f"stays:{i}", "v")
    store.engine.freeze_clock(1_000_020)
    for _ in range(1000):
        if not store.engine.cron(10_000) and store.execute("DBSIZE") == 20_000:
            break
    assert store.execute("DBSIZE") == 20_000
    assert store.engine.stats()["expired"] == 20_000
    assert all(key.startswith(b"stays") for key in store.execute("KEYS", "*"))


def test_an_idle_server_expires_too(store):
    with store.serve(port=0):
        store.execute("SET", "k", "v", "PX", 1)
        done = threading.Event()
        for _ in range(200):
            if store.engine.stats()["expired"]:
                break
            done.wait(0.02)
        assert store.engine.stats()["expired"] == 1


def test_memory_comes_back(store):
    empty = store.engine.stats()["heap_used"]
    for i in range(3000):
        store.execute("SET", f"s{i}", "x" * (i % 5000))
        store.execute("RPUSH", f"l{i % 7}", "y" * (i % 300))
        store.execute("HSET", f"h{i % 5}", f"f{i}", i)
        store.execute("SADD", f"t{i % 3}", i)
        store.execute("ZADD", f"z{i % 3}", i, f"m{i}")
    assert store.engine.stats()["heap_used"] > empty + 5_000_000
    store.execute("FLUSHALL", "ASYNC")
    while store.engine.cron(100_000):
        continue
    assert store.engine.stats()["lazy_pending"] == 0
    assert store.engine.stats()["heap_used"] == empty


def test_deleting_one_by_one_gives_all_back_too(store):
    empty = store.engine.stats()["heap_used"]
    for i in range(5000):
        store.execute("SET", f"k{i}", "v" * (i % 90))
    for i in range(5000):
        store.execute("DEL" if i % 2 else "UNLINK", f"k{i}")
    assert store.engine.stats()["heap_used"] == empty


def test_the_same_seed_gives_the_same_chance():
    def drawn(seed):
        store = cydis.Store(seed=seed)
        store.execute("SADD", "s", *range(600), "not a number")
        return [store.execute("SRANDMEMBER", "s") for _ in range(20)]
    assert drawn(b"0123456789abcdef") == drawn(b"0123456789abcdef") != drawn(b"fedcba9876543210")


def test_engines_do_not_know_each_other():
    one, two = cydis.Store(), cydis.Store()
    one.execute("SET", "k", "v")
    one.engine.freeze_clock(5_000)
    assert two.execute("GET", "k") is None and two.engine.now_ms() != 5_000
    assert two.engine.stats()["changes"] == 0


def test_error_kinds_are_counted(store):
    for _ in range(3):
        with pytest.raises(cydis.CommandError):
            store.execute("NOSUCH")
    store.execute("LPUSH", "l", "a")
    with pytest.raises(cydis.CommandError, match=r"^WRONGTYPE"):
        store.execute("GET", "l")
    assert store.engine.error_stats() == {"ERR": 3, "WRONGTYPE": 1}


def test_commands_are_counted_and_timed(store):
    for _ in range(100):
        store.execute("PING")
    with pytest.raises(cydis.CommandError):
        store.execute("GET")
    stats = store.engine.command_stats()
    assert stats["ping"][0] == 100 and stats["ping"][1] > 0 and stats["get"][2] == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 50)), max_size=200), st.integers(0, 60))
def test_expiry_agrees_with_a_dictionary(entries, passed):
    """Whatever order keys come in and are replaced, after some time exactly the right ones are left."""
    store = cydis.Store()
    store.engine.freeze_clock(1_000)
    model = {}
    for key, ttl in entries:
        if ttl % 7 == 0:
            store.execute("SET", key, "v")
            model[key] = None
        else:
            store.execute("SET", key, "v", "PX", ttl)
            model[key] = 1_000 + ttl
    store.engine.freeze_clock(1_000 + passed)
    left = {str(key).encode() for key, at in model.items() if at is None or at > 1_000 + passed}
    assert set(store.execute("KEYS", "*")) == left
