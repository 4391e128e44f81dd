"""Published holes in lists, sets and hashes of other servers, and in time, each as a test by its number."""
import pytest

import cydis
from cydis.core.listpack import ListPack

EDGES = [0, 1, -1, 2**15 - 1, 2**15, -(2**15) - 1, 2**31 - 1, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63)]
COUNTS = [0, 1, -1, 2**31 - 1, 2**31, 2**32, 2**53, 2**62, 2**63 - 1, 2**63, -(2**63), 2**64, "", " 1", "nan"]
FLOATS = ["nan", "-nan", "inf", "-inf", "1e400", "1e5000", "9" * 6000, "0." + "9" * 6000, "1" + "0" * 5000]
HOUR = 3_600_000


@pytest.fixture
def store():
    store = cydis.Store()
    yield store
    assert store.engine.check()
    store.flushall(asynchronous=False)
    assert store.engine.stats()["heap_used"] <= 16_384


@pytest.mark.parametrize("limit", [2**31, 2**32 + 1, 2**61, 2**62, 2**63 - 1])
def test_cve_2021_29478_and_32687_an_intset_may_grow_without_limit(store, limit):
    """With a limit near the end of the integers, a set of integers grows and widens without a size that wraps."""
    store.execute("CONFIG", "SET", "set-max-intset-entries", limit)
    numbers = list(range(-3000, 3000))
    for edge in EDGES:
        numbers.append(edge)
        store.sadd("s", edge, *numbers)
    assert store.execute("OBJECT", "ENCODING", "s") == b"intset"
    assert sorted(map(int, store.smembers("s"))) == sorted(set(numbers))


@pytest.mark.parametrize("limit", [-1, 2**63, 2**64, "", "1gb"])
def test_cve_2021_29478_and_32687_no_limit_is_beyond_the_integers(store, limit):
    with pytest.raises(cydis.CommandError, match="CONFIG SET failed"):
        store.execute("CONFIG", "SET", "set-max-intset-entries", limit)


def test_cve_2021_32627_and_32628_no_packed_form_outgrows_its_sizes():
    """A listpack holds a gibibyte, whatever the limits of its owner say: what would pass that is refused whole."""
    pack, piece = ListPack(), b"x" * (1 << 26)
    for _ in range(15):
        pack.append(piece)
    with pytest.raises((MemoryError, OverflowError)):
        pack.append(piece)
    assert len(pack) == 15 and pack[14] == piece


@pytest.mark.parametrize("name", ["hash-max-listpack-value", "zset-max-listpack-value", "set-max-listpack-value",
                                  "list-max-listpack-size"])
def test_cve_2021_32627_and_32628_limits_that_were_raised(store, name):
    """Entries of megabytes, all of which the raised limits call small."""
    big = "9223372036854775807" if name != "list-max-listpack-size" else "2147483647"
    store.execute("CONFIG", "SET", name, big)
    large = [bytes([65 + n]) * 3_000_000 for n in range(4)]
    store.hset("h", mapping={text: text for text in large})
    store.zadd("z", {text: n for n, text in enumerate(large)})
    store.sadd("s", *large)
    store.rpush("l", *large)
    assert store.hmget("h", *large) == large
    assert store.zrange("z", 0, -1) == large == store.lrange("l", 0, -1)
    assert set(store.smembers("s")) == set(large)


@pytest.mark.parametrize("text", FLOATS, ids=lambda text: text[:12])
def test_cve_2023_28856_no_infinity_and_no_nan_stays_in_a_hash(store, text):
    """What HINCRBYFLOAT leaves can be read as a number again, so that no later command meets what it cannot read."""
    store.hset("h", mapping={"f": "1.5", "big": "1e4900", "text": text})
    for key in ("f", "big"):
        for times in (1, 2):
            before = store.hget("h", key)
            try:
                store.execute("HINCRBYFLOAT", "h", key, text)
            except cydis.CommandError as error:
                assert str(error).startswith("ERR ") and store.hget("h", key) == before, times
            else:
                after = store.hget("h", key)
                assert after.lstrip(b"-").replace(b".", b"", 1).isdigit()
                assert store.execute("HINCRBYFLOAT", "h", key, 0) == after
    with pytest.raises(cydis.CommandError):
        store.execute("HINCRBYFLOAT", "h", "new", "nan")
    assert store.execute("HEXISTS", "h", "new") == 0
    for command in (("HINCRBYFLOAT", "h", "text", "1"), ("HINCRBY", "h", "text", "1")):
        try:
            store.execute(*command)
        except cydis.CommandError as error:
            assert str(error).startswith("ERR ")


@pytest.mark.parametrize(("name", "start"), [("INCRBYFLOAT", "1e4900"), ("ZINCRBY", "1e308")])
def test_cve_2023_28856_sums_that_leave_the_numbers(store, name, start):
    if name == "INCRBYFLOAT":
        store.set("k", start)
        with pytest.raises(cydis.CommandError, match=r"NaN or Infinity|not a valid float"):
            for _ in range(100_000):
                store.execute(name, "k", store.get("k"))
    else:
        store.execute("ZADD", "k", start, "m")
        assert store.execute(name, "k", start, "m") == float("inf")
        with pytest.raises(cydis.CommandError, match="resulting score is not a number"):
            store.execute(name, "k", "-inf", "m")
        assert store.zscore("k", "m") == float("inf")


@pytest.mark.parametrize("count", COUNTS)
def test_dragonfly_8130_pops_of_any_count(store, count):
    """LMPOP and LPOP of any number of elements, also one that no memory holds."""
    store.rpush("l", *range(10))
    good = isinstance(count, int) and 0 < count < 2**63
    if good:
        assert len(store.execute("LMPOP", 1, "l", "LEFT", "COUNT", count)[1]) == min(count, 10)
        store.rpush("l", *range(10))
        assert len(store.execute("LPOP", "l", count)) == min(count, 10 + (9 if count == 1 else 0))
    else:
        with pytest.raises(cydis.CommandError, match="count should be greater than 0"):
            store.execute("LMPOP", 1, "l", "LEFT", "COUNT", count)
        if count != 0:
            with pytest.raises(cydis.CommandError, match="value is out of range"):
                store.execute("LPOP", "l", count)
    for number in ([] if good else [count]):
        with pytest.raises(cydis.CommandError, match="numkeys should be greater than 0"):
            store.execute("LMPOP", number, "l", "LEFT")


@pytest.mark.parametrize("jumps", [(HOUR,), (-HOUR,), (-HOUR, HOUR), (0, 0, 0), (HOUR, -2 * HOUR, 3 * HOUR)], ids=str)
def test_no_id_4346_a_clock_that_jumps_or_stands_still(store, jumps):
    """Expiry goes by the clock as it is, whichever way it jumped, and nothing waits for it to come back."""
    now = start = 1_900_000_000_000
    store.engine.freeze_clock(start)
    store.execute("SET", "key", "v", "PXAT", start + HOUR // 2)
    store.execute("HSETEX", "hash", "PXAT", start + HOUR // 2, "FIELDS", 1, "f", "v")
    for jump in jumps:
        now += jump
        store.engine.freeze_clock(now)
        store.execute("SET", "other", "v", "PX", 1000)
        assert store.execute("PTTL", "other") == 1000
    there = max(start, *(start + sum(jumps[:end]) for end in range(1, len(jumps) + 1))) < start + HOUR // 2
    assert (store.get("key") == b"v") is there
    assert (store.hget("hash", "f") == b"v") is (now < start + HOUR // 2)
    store.engine.freeze_clock(now + 10 * HOUR)
    assert store.get("key") is None and store.get("other") is None and store.hget("hash", "f") is None
