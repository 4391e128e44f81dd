"""Examples of DUMP and RESTORE, through every door; all forms of values, and what is no value; round trips.

The replies are those of Valkey 9.1.
"""
from pathlib import Path

import payloads
import pytest
from doors import NOT_AN_INTEGER, SYNTAX
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cydis

BUSY = "BUSYKEY Target key name already exists."
BAD = "ERR Bad data format"
WRONG_FRAME = "ERR DUMP payload version or checksum are wrong"
BAD_TTL = "ERR Invalid TTL value, must be >= 0"
BAD_IDLE = "ERR Invalid IDLETIME value, must be >= 0"
BAD_FREQ = "ERR Invalid FREQ value, must be >= 0 and <= 255"
INT64_MAX = 2**63 - 1
NOW = 1_800_000_000_000

GOOD = payloads.frame(payloads.value(payloads.STRING, payloads.text(b"a")))
JUNK = b"junk"
READ = {b"string": ("GET",), b"list": ("LRANGE", 0, -1), b"set": ("SMEMBERS",), b"hash": ("HGETALL",),
        b"zset": ("ZRANGE", 0, -1, "WITHSCORES"), b"none": ("GET",)}


def contents(store, key):
    """What a key of any type holds, and its type; order counts where it means something."""
    kind = store.execute("TYPE", key)
    command, *arguments = READ[kind]
    return kind, store.execute(command, key, *arguments)


def read(door, key="k"):
    """The same through any door: a value of payloads.VALUES."""
    kind = door.do("TYPE", key)
    command, *arguments = READ[kind]
    reply = door.do(command, key, *arguments)
    if kind == b"set":
        return set(reply)
    if kind == b"hash":
        return door.pairs(reply)
    if kind == b"zset" and reply and not isinstance(reply[0], list):
        reply = zip(reply[::2], reply[1::2], strict=True)
    return [(member, float(score)) for member, score in reply] if kind == b"zset" else reply


def test_dump_of_nothing(door):
    assert door.do("DUMP", "gone") is None
    assert door.refused("DUMP") == "ERR wrong number of arguments for 'dump' command"
    assert door.refused("RESTORE", "k", 0) == "ERR wrong number of arguments for 'restore' command"


@pytest.mark.parametrize(("words", "value"), [
    (("SET", "k", "hello"), payloads.value(payloads.STRING, payloads.text(b"hello"))),
    (("SET", "k", "-129"), payloads.value(payloads.STRING, payloads.integer(-129))),
    (("SET", "k", 2**31), payloads.value(payloads.STRING, payloads.text(b"2147483648"))),
    (("APPEND", "k", "12"), payloads.value(payloads.STRING, payloads.integer(12))),
    (("RPUSH", "k", "a", 1), payloads.many(payloads.LIST_QUICKLIST_2, payloads.length(payloads.PACKED)
                                           + payloads.text(payloads.listpack(b"a", 1)))),
    (("SADD", "k", 1, 70000), payloads.value(payloads.SET_INTSET, payloads.text(payloads.intset(4, 1, 70000)))),
    (("SADD", "k", "a", 1), payloads.value(payloads.SET_LISTPACK, payloads.text(payloads.listpack(b"a", 1)))),
    (("ZADD", "k", 1.5, "b", 1, "a"), payloads.value(payloads.ZSET_LISTPACK, payloads.text(
        payloads.listpack(b"a", 1, b"b", b"1.5")))),
    (("HSET", "k", "a", 1), payloads.value(payloads.HASH_LISTPACK, payloads.text(payloads.listpack(b"a", 1)))),
])
def test_the_bytes_of_dump(door, words, value):
    """Byte for byte what Valkey 9.1 writes, but for the version; how well a long text is compressed is free."""
    door.do(*words)
    assert door.do("DUMP", "k") == payloads.frame(value)


def test_dump_keeps_no_key_and_no_expiry(door):
    door.do("SET", "k", "v", "EX", 100)
    payload = door.do("DUMP", "k")
    assert door.do("RESTORE", "other", 0, payload) == b"OK"
    assert door.do("GET", "other") == b"v"
    assert door.do("TTL", "other") == -1


# ---- forms ----

@pytest.mark.parametrize("name", payloads.VALUES)
def test_every_form_is_read(door, name):
    value, encoding, meaning = payloads.VALUES[name]
    for version in (1, 6, 9, 10, 11, 12, 80):
        assert door.do("RESTORE", "k", 0, payloads.frame(value, version), "REPLACE") == b"OK"
        assert read(door) == meaning
        assert door.do("OBJECT", "ENCODING", "k") == encoding.encode()
    assert door.do("RESTORE", "again", 0, door.do("DUMP", "k")) == b"OK"
    assert read(door, "again") == meaning
    assert door.do("DUMP", "again") == door.do("DUMP", "k")


@pytest.mark.parametrize("name", [*payloads.WRONG, *payloads.WRONG_TO_US])
def test_what_is_no_value_is_refused(door, name):
    value = {**payloads.WRONG, **payloads.WRONG_TO_US}[name]
    door.do("SET", "k", "kept", "EX", 1000)
    for version in (1, 11, 12, 80):
        assert door.refused("RESTORE", "k", 5, payloads.frame(value, version), "REPLACE") == BAD
    assert door.do("GET", "k") == b"kept"
    assert door.do("TTL", "k") == 1000
    assert door.do("DBSIZE") == 1
    door.store.engine.check()


def test_bytes_behind_a_value_are_passed_over(door):
    assert door.do("RESTORE", "k", 0, payloads.frame(payloads.value(payloads.STRING, payloads.text(b"a"), b"more")))
    assert door.do("GET", "k") == b"a"


@pytest.mark.parametrize("version", [0, 13, 79, 81, 65535])
def test_other_versions_are_refused(door, version):
    value = payloads.value(payloads.STRING, payloads.text(b"a"))
    assert door.refused("RESTORE", "k", 0, payloads.frame(value, version)) == WRONG_FRAME


def test_damage_is_found(door):
    for place in range(len(GOOD)):
        damaged = bytearray(GOOD)
        damaged[place] ^= 16
        assert door.refused("RESTORE", "k", 0, bytes(damaged)) == WRONG_FRAME
        assert door.refused("RESTORE", "k", 0, GOOD[:place]) == WRONG_FRAME
    assert door.do("EXISTS", "k") == 0


def test_the_kept_payloads_are_those_of_the_builder():
    kept = Path(__file__).parents[1] / "data" / "payloads.txt"
    assert kept.read_text(encoding="ascii").splitlines() == payloads.kept()


LIMITS = {
    "hash-max-listpack-entries": ("hash", "hashtable"), "set-max-listpack-entries": ("set", "hashtable"),
    "set-max-intset-entries": ("ints", "hashtable"), "zset-max-listpack-entries": ("zset", "skiplist"),
    "list-max-listpack-size": ("list", "quicklist"),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_limits_decide_the_encoding(limit):
    """A packed form beyond the limit of entries is unpacked; a large form within it is packed."""
    key, large = LIMITS[limit]
    store = cydis.Store()
    for name, words in {"hash": ("HSET", "hash", "a", 1, "b", 2), "set": ("SADD", "set", "a", "b"),
                        "ints": ("SADD", "ints", 1, 2), "zset": ("ZADD", "zset", 1, "a", 2, "b"),
                        "list": ("RPUSH", "list", "a", "b")}.items():
        store.execute(*words)
        assert name == words[1]
    small, before = store.object_encoding(key), contents(store, key)
    packed = store.dump(key)
    default = {"list-max-listpack-size": -2, "zset-max-listpack-entries": 128, "set-max-listpack-entries": 128}
    store.engine.set_setting(limit, 1)
    store.restore(key, 0, packed, replace=True)
    assert store.object_encoding(key) == large
    assert contents(store, key) == before
    unpacked = store.dump(key)
    store.engine.set_setting(limit, default.get(limit, 512))
    store.restore(key, 0, unpacked, replace=True)
    assert store.object_encoding(key) == small
    assert contents(store, key) == before
    assert store.engine.check()


def test_without_compression_texts_stand_plain():
    store = cydis.Store()
    store.set("k", "x" * 1000)
    assert len(store.dump("k")) < 50
    store.engine.set_setting("rdbcompression", 0)
    assert store.dump("k") == payloads.frame(payloads.value(payloads.STRING, payloads.text(b"x" * 1000)))


# ---- options and errors ----

def test_errors_in_their_order(door):
    door.do("SET", "e", 1)
    assert door.refused("RESTORE", "e", "x", JUNK, "FOO") == SYNTAX
    assert door.refused("RESTORE", "e", "x", JUNK, "IDLETIME", -1) == BAD_IDLE
    assert door.refused("RESTORE", "e", "x", JUNK) == BUSY
    assert door.refused("RESTORE", "e", -1, JUNK) == BUSY
    assert door.refused("RESTORE", "k", "x", JUNK) == NOT_AN_INTEGER
    assert door.refused("RESTORE", "k", -1, JUNK) == BAD_TTL
    assert door.refused("RESTORE", "k", -1, GOOD, "ABSTTL") == BAD_TTL
    assert door.refused("RESTORE", "k", 0, JUNK) == WRONG_FRAME
    assert door.refused("RESTORE", "k", 1, payloads.frame(b"\xff"), "ABSTTL") == BAD
    assert door.refused("RESTORE", "e", "x", JUNK, "REPLACE") == NOT_AN_INTEGER
    assert door.do("GET", "e") == b"1"


@pytest.mark.parametrize(("options", "error"), [
    (("IDLETIME",), SYNTAX), (("FREQ",), SYNTAX), (("REPLACE", "x"), SYNTAX),
    (("IDLETIME", 1, "FREQ", 1), SYNTAX), (("FREQ", 1, "IDLETIME", 1), SYNTAX),
    (("IDLETIME", "x"), NOT_AN_INTEGER), (("IDLETIME", -1, "x"), BAD_IDLE), (("IDLETIME", 2**63), NOT_AN_INTEGER),
    (("FREQ", "x"), NOT_AN_INTEGER), (("FREQ", -1), BAD_FREQ), (("FREQ", 256, "x"), BAD_FREQ),
])
def test_options_that_cannot_be(door, options, error):
    assert door.refused("RESTORE", "k", 0, GOOD, *options) == error
    assert door.do("EXISTS", "k") == 0


def test_options_may_be_said_twice_and_in_any_case(door):
    options = "replace", "REPLACE", "absttl", "ABSTTL", "idletime", 1, "IdleTime", 2
    assert door.do("RESTORE", "k", 0, GOOD, *options) == b"OK"
    assert door.do("RESTORE", "k", 0, GOOD, "freq", 1, "FREQ", 2, "REPLACE") == b"OK"


def test_an_existing_key_needs_replace(door):
    door.do("RPUSH", "k", "x")
    door.do("EXPIRE", "k", 100)
    assert door.refused("RESTORE", "k", 0, GOOD) == BUSY
    assert door.do("RESTORE", "k", 0, GOOD, "REPLACE") == b"OK"
    assert door.do("GET", "k") == b"a"
    assert door.do("TTL", "k") == -1


def test_an_expired_key_is_none(door):
    door.freeze(NOW)
    door.do("SET", "k", "v", "PX", 10)
    door.freeze(NOW + 20)
    assert door.do("RESTORE", "k", 0, GOOD) == b"OK"


def test_time_to_live(door):
    door.freeze(NOW)
    for name in payloads.VALUES:
        payload = payloads.frame(payloads.VALUES[name][0])
        assert door.do("RESTORE", "k", 5000, payload, "REPLACE") == b"OK"
        assert door.do("PEXPIRETIME", "k") == NOW + 5000
        assert door.do("RESTORE", "k", NOW + 7, payload, "REPLACE", "ABSTTL") == b"OK"
        assert door.do("PEXPIRETIME", "k") == NOW + 7
        assert door.do("RESTORE", "k", 0, payload, "REPLACE", "ABSTTL") == b"OK"
        assert door.do("PEXPIRETIME", "k") == -1
    assert door.do("RESTORE", "k", INT64_MAX, GOOD, "REPLACE", "ABSTTL") == b"OK"
    assert door.do("PEXPIRETIME", "k") == INT64_MAX
    door.do("FLUSHALL")
    door.do("RESTORE", "k", 100, GOOD)
    door.freeze(NOW + 100)
    assert door.do("EXISTS", "k") == 0


@pytest.mark.parametrize("moment", [(1, "ABSTTL"), (NOW, "ABSTTL"), (INT64_MAX,), (INT64_MAX - 1000,)])
def test_a_time_that_is_over_stores_nothing(door, moment):
    door.freeze(NOW)
    ttl, *options = moment
    large = payloads.frame(payloads.VALUES["a set with a long member"][0])
    for payload in (GOOD, large):
        assert door.do("RESTORE", "k", ttl, payload, *options) == b"OK"
        assert door.do("EXISTS", "k") == 0
        door.do("SET", "k", "old")
        assert door.refused("RESTORE", "k", ttl, payload, *options) == BUSY
        assert door.do("RESTORE", "k", ttl, payload, "REPLACE", *options) == b"OK"
        assert door.do("DBSIZE") == 0


def test_idle_time(door):
    for seconds, shown in ((0, 0), (1000, 1000), (2**24, 0), (INT64_MAX, 2**24 - 1)):
        assert door.do("RESTORE", "k", 0, GOOD, "REPLACE", "IDLETIME", seconds) == b"OK"
        assert door.do("OBJECT", "IDLETIME", "k") in (shown, shown + 1)
    assert door.do("RESTORE", "k", 0, GOOD, "REPLACE", "FREQ", 200) == b"OK"
    assert door.do("OBJECT", "IDLETIME", "k") in (0, 1)


def test_access_counter(door):
    door.store.engine.set_setting("lfu", 1)
    assert door.do("RESTORE", "k", 0, GOOD, "FREQ", 77) == b"OK"
    assert door.do("OBJECT", "FREQ", "k") == 77
    assert door.do("RESTORE", "k", 0, GOOD, "REPLACE", "IDLETIME", 77) == b"OK"
    assert door.do("OBJECT", "FREQ", "k") == 5


@pytest.mark.parametrize(("size", "ttl", "encoding"), [
    (104, 100_000, b"embstr"), (105, 100_000, b"raw"), (106, 0, b"embstr"), (110, 0, b"embstr"), (120, 0, b"raw"),
])
def test_strings_are_called_as_if_they_were_set(door, size, ttl, encoding):
    payload = payloads.frame(payloads.value(payloads.STRING, payloads.text(b"x" * size)))
    for before in (("DEL", "k"), ("SET", "k", "v"), ("SET", "k", "v", "EX", 100), ("RPUSH", "k", "v")):
        door.do("DEL", "k")
        door.do(*before)
        assert door.do("RESTORE", "k", ttl, payload, "REPLACE") == b"OK"
        assert door.do("OBJECT", "ENCODING", "k") == encoding


def test_hits_and_misses(door):
    door.do("SET", "k", "v")
    before = door.stats()
    door.do("DUMP", "k")
    door.do("DUMP", "gone")
    door.do("RESTORE", "k", 0, GOOD, "REPLACE")
    door.do("RESTORE", "new", 0, GOOD)
    after = door.stats()
    assert after["hits"] - before["hits"] == 1
    assert after["misses"] - before["misses"] == 1


def test_restore_asking_is_restore(door):
    assert door.do("RESTORE-ASKING", "k", 0, GOOD) == b"OK"
    assert door.refused("RESTORE-ASKING", "k", 0, GOOD) == BUSY


def test_a_store_that_decodes_still_dumps_bytes():
    store = cydis.Store(decode=True)
    store.set("k", "x")
    assert store.dump("k") == payloads.frame(payloads.value(payloads.STRING, payloads.text(b"x")))
    store.restore("other", 0, store.dump("k"))
    assert store.get("other") == "x"


# ---- round trips ----

TEXTS = st.one_of(
    st.binary(max_size=12), st.integers(-(2**63), 2**63 - 1).map(lambda n: b"%d" % n),
    st.integers(0, 3).map(lambda n: b"%d" % n), st.sampled_from([b"", b"-0", b"007", b"x" * 63, b"x" * 64, b"xy" * 33]),
    st.integers(60, 300).flatmap(lambda n: st.sampled_from([b"a" * n, bytes(range(60)) * (n // 60)])),
    st.sampled_from([b"x" * 4095, b"x" * 9000, bytes(range(256)) * 40]),
)
SCORES = st.floats(allow_nan=False) | st.integers(-(2**53), 2**53).map(float)


@st.composite
def commands(draw):
    """What makes the key `k` one of any type."""
    kind = draw(st.sampled_from(["SET", "APPEND", "RPUSH", "SADD", "ZADD", "HSET"]))
    if kind in ("SET", "APPEND"):
        return [(kind, "k", draw(TEXTS))]
    number = draw(st.sampled_from([1, 2, 3, 10, 140, 600]))
    if kind == "SADD" and draw(st.booleans()):
        items = draw(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=number))
    elif kind == "ZADD":
        pairs = draw(st.lists(st.tuples(SCORES, TEXTS), min_size=1, max_size=number))
        return [("ZADD", "k", score, member) for score, member in pairs]
    else:
        items = draw(st.lists(TEXTS, min_size=1, max_size=number))
    if number > 100:                      # more than generating would give
        items += [b"n%d" % n for n in range(number)]
    if kind == "HSET":
        return [(kind, "k", item, items[-1 - place]) for place, item in enumerate(items)]
    return [(kind, "k", item) for item in items]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(filling=commands(), fill=st.sampled_from([-2, -1, 1, 3]), compress=st.booleans())
def test_what_was_dumped_is_restored(filling, fill, compress):
    store = cydis.Store()
    store.engine.set_setting("list-max-listpack-size", fill)
    store.engine.set_setting("rdbcompression", compress)
    for words in filling:
        store.execute(*words)
    payload = store.dump("k")
    store.restore("again", 0, payload)
    assert contents(store, "again") == contents(store, "k")
    # a value that grew may be held in a larger encoding than one that is made at once; not the other way round
    store.restore("third", 0, store.dump("again"))
    assert store.object_encoding("third") == store.object_encoding("again")
    assert contents(store, "third") == contents(store, "k")
    assert store.engine.check()
    store.execute("DEL", "k", "again", "third")
    while store.engine.cron(1_000_000):
        pass
    assert store.engine.stats()["heap_used"] <= 16_384


# ---- refused memory ----

@pytest.mark.parametrize("name", payloads.VALUES)
@pytest.mark.parametrize("there", [False, True])
def test_refused_memory_changes_nothing_and_loses_nothing(name, there):
    value, _, _ = payloads.VALUES[name]
    for failing in range(1, 60):
        store = cydis.Store(seed=b"0123456789abcdef")
        if there:
            store.execute("RPUSH", "k", "before")
        before = contents(store, "k")
        store.engine.fail_allocations(failing)
        try:
            store.restore("k", 100_000, payloads.frame(value), replace=True)
            refused = False
        except cydis.CommandError as error:
            assert str(error).startswith("OOM ")
            refused = True
        store.engine.fail_allocations(0)
        assert (contents(store, "k") == before) is refused
        assert store.engine.check()
        store.execute("FLUSHALL", "SYNC")
        assert store.engine.stats()["heap_used"] <= 16_384
        if not refused:
            break
    else:
        pytest.fail("59 allocations and still refused")
