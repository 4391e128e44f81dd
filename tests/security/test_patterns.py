"""Published holes in matching, walking and counting keys of other servers, each as a test by its number."""
import pytest

import cydis

MEBIBYTE = 1 << 20
ENDLESS = {
    "stars": b"a*" * 30 + b"b",
    "a mebibyte of stars": b"*" * MEBIBYTE + b"b",
    "a mebibyte of stars and letters": b"*a" * (MEBIBYTE // 2) + b"b",
    "a mebibyte of classes": b"[a-z]" * (MEBIBYTE // 5),
    "a mebibyte of an open class": b"[" + b"a" * MEBIBYTE,
    "a mebibyte of escapes": b"\\" * MEBIBYTE,
    "stars between classes": b"*[a-b]?" * 2000 + b"c",
}
COUNTS = [0, -1, 2**31 - 1, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, "", "+1",
          " 1", "0x1"]


@pytest.fixture
def store():
    store = cydis.Store()
    name = b"a" * 20_000
    store.set(name, "1")
    store.sadd("set", name)
    store.hset("hash", name, "1")
    store.zadd("zset", {name: 1})
    yield store
    assert store.engine.check()
    assert store.dbsize() == 4


@pytest.mark.parametrize("pattern", ENDLESS.values(), ids=ENDLESS)
def test_cve_2022_36021_and_2024_31228_patterns_end(store, pattern):
    """Neither do stars multiply, nor is a step of the stack taken for each part of a pattern.

    Were a star tried at every place of the rest by each star before it, this would not end in a lifetime.
    """
    assert store.execute("KEYS", pattern) == []
    assert store.execute("SCAN", 0, "MATCH", pattern, "COUNT", 1000) == [b"0", []]
    for command, key in (("SSCAN", "set"), ("HSCAN", "hash"), ("ZSCAN", "zset")):
        assert store.execute(command, key, 0, "MATCH", pattern, "COUNT", 1000) == [b"0", []]
    assert not store.execute("CONFIG", "GET", pattern)


@pytest.mark.parametrize("words", [("SCAN",), ("SSCAN", "set"), ("HSCAN", "hash"), ("ZSCAN", "zset")],
                         ids=lambda words: words[0])
def test_dragonfly_4466_cursors_beyond_what_a_walk_gives(store, words):
    for cursor in (1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1):
        following, found = store.execute(*words, cursor)
        assert following.isdigit() and len(found) <= 4
    for cursor in (2**64, 2**64 + 1, 10**40, -1, -(2**63), -(2**64), "", "1 ", "0x1", "1e3", "nan", b"\x00"):
        with pytest.raises(cydis.CommandError, match=r"^ERR invalid cursor$"):
            store.execute(*words, cursor)


@pytest.mark.parametrize("words", [("SCAN",), ("SSCAN", "set"), ("HSCAN", "hash"), ("ZSCAN", "zset")],
                         ids=lambda words: words[0])
@pytest.mark.parametrize("count", COUNTS)
def test_no_id_14982_the_count_of_a_walk_does_not_overflow(store, words, count):
    """However many are asked for, everything is found once, and no step takes longer than there are entries."""
    if isinstance(count, int) and 0 < count < 2**63:
        cursor, found = store.execute(*words, 0, "COUNT", count)
        assert cursor == b"0" and 1 <= len(found) <= 4
    else:
        with pytest.raises(cydis.CommandError, match=r"^ERR (syntax error|value is not an integer or out of range)$"):
            store.execute(*words, 0, "COUNT", count)
