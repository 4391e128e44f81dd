"""Examples of SORT and SORT_RO, through every door, and SORT beside Python's sorted().

The replies are those of Valkey 9.1.
"""
import random

import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE
from hypothesis import given, settings
from hypothesis import strategies as st

import cydis

NO_NUMBERS = "ERR One or more scores can't be converted into double"
INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)


@pytest.fixture
def numbers(door):
    """A list, and keys that weigh its elements."""
    door.do("RPUSH", "l", 3, 1, 2, 10)
    door.do("MSET", "w_1", 3, "w_2", 1, "w_3", 2, "w_10", "abc")
    door.do("HSET", "h_1", "f", 3, "g", "x")
    door.do("HSET", "h_2", "f", 1)
    door.do("HSET", "h_3", "f", 2)
    return door


def words(text):
    return [word.encode() for word in text.split()]


# ---- order ----

def test_numbers_and_texts(numbers):
    assert numbers.do("SORT", "l") == words("1 2 3 10")
    assert numbers.do("SORT", "l", "DESC") == words("10 3 2 1")
    assert numbers.do("SORT", "l", "ALPHA") == words("1 10 2 3")
    assert numbers.do("SORT", "l", "ALPHA", "DESC") == words("3 2 10 1")
    assert numbers.do("SORT", "l", "DESC", "ASC") == words("1 2 3 10")
    assert numbers.do("SORT_RO", "l") == words("1 2 3 10")


def test_every_collection(door):
    door.do("SADD", "numbers", 3, 1, 2, 10)
    door.do("SADD", "texts", "b", "a", "c")
    door.do("ZADD", "z", 1, "b", 2, "a", 3, "c")
    assert door.do("SORT", "numbers") == words("1 2 3 10")
    assert door.do("SORT", "texts", "ALPHA") == words("a b c")
    assert door.do("SORT", "z", "ALPHA", "DESC") == words("c b a")
    assert door.refused("SORT", "texts") == NO_NUMBERS
    assert door.refused("SORT", "z") == NO_NUMBERS


def test_what_is_not_there_and_what_is_no_collection(door):
    door.do("SET", "s", "text")
    door.do("HSET", "h", "f", "v")
    assert door.do("SORT", "none") == []
    assert door.do("SORT_RO", "none") == []
    for key in "sh":
        assert door.refused("SORT", key) == WRONGTYPE
        assert door.refused("SORT", key, "STORE", "d") == WRONGTYPE


def test_equal_numbers_are_in_order_of_their_texts(door):
    door.do("RPUSH", "l", "1", "1.0", "01", "+1", "1e0")
    assert door.do("SORT", "l") == words("+1 01 1 1.0 1e0")
    assert door.do("SORT", "l", "DESC") == words("1e0 1.0 1 01 +1")
    door.do("RPUSH", "m", "1.5", "1.25", "-0", "0", "0.0")
    assert door.do("SORT", "m") == words("-0 0 0.0 1.25 1.5")


def test_what_is_a_number(door):
    door.do("RPUSH", "l", "inf", "-inf", "1", "infinity", "5.", ".5", "+3", "2e5")
    assert door.do("SORT", "l") == words("-inf .5 1 +3 5. 2e5 inf infinity")
    door.do("RPUSH", "n", 5, b"1\0", b"3\0x")                             # as the reference has it
    assert door.do("SORT", "n") == [b"1\0", b"3\0x", b"5"]
    for text in ("nan", " 1", "1 ", "", "1e400", "-1e400", "1e-400", "0x10", "1e", "abc", b"\0", b" 1\0"):
        door.do("DEL", "m")
        door.do("RPUSH", "m", 2, text)
        assert door.refused("SORT", "m") == NO_NUMBERS, text
        assert door.refused("SORT", "m", "LIMIT", 0, 0) == NO_NUMBERS, text


def test_texts_are_any_bytes(door):
    texts = [b"a", b"B", b"A", b"b", b"", b"\xc3\xa9", b"a b", b"abcdefgh", b"abcdefghi", b"abcdefg", b"\xff",
             b"a\0b", b"a\0c", b"a\0", b"12", b"-3", b"0", b"9223372036854775807", b"12345678", b"123456789"]
    door.do("RPUSH", "l", *texts)
    assert door.do("SORT", "l", "ALPHA") == sorted(texts)
    assert door.do("SORT", "l", "ALPHA", "DESC") == sorted(texts, reverse=True)


# ---- LIMIT ----

def test_limit(numbers):
    for offset, count, left in [
        (1, 2, "2 3"), (-1, 2, "1 2"), (0, -1, "1 2 3 10"), (2, -1, "3 10"), (2, -5, "3 10"), (10, 1, ""),
        (0, 0, ""), (4, 1, ""), (3, 1, "10"),
    ]:
        assert numbers.do("SORT", "l", "LIMIT", offset, count) == words(left)
        assert numbers.do("SORT", "l", "DESC", "LIMIT", offset, count) == (
            words("10 3 2 1")[max(offset, 0):][:None if count < 0 else count])
    assert numbers.do("SORT", "l", "LIMIT", 0, 1, "LIMIT", 1, 2) == words("2 3")


def test_limit_is_checked(numbers):
    for words_ in (["LIMIT"], ["LIMIT", "1"], ["BY"], ["GET"], ["STORE"], ["FOO"], [""]):
        assert numbers.refused("SORT", "l", *words_) == SYNTAX
        assert numbers.refused("SORT", "none", *words_) == SYNTAX
        assert numbers.refused("SORT", "w_1", *words_) == SYNTAX
    for offset, count in (("x", 1), (1, "x"), (2**63, 1), (1, 2**63), ("", "")):
        assert numbers.refused("SORT", "none", "LIMIT", offset, count) == NOT_AN_INTEGER


# ---- BY and GET ----

def test_by_other_keys(numbers):
    assert numbers.refused("SORT", "l", "BY", "w_*") == NO_NUMBERS
    assert numbers.do("SORT", "l", "BY", "w_*", "ALPHA") == words("2 3 1 10")
    assert numbers.do("SORT", "l", "BY", "h_*->f") == words("10 2 3 1")      # what has no weight weighs 0
    assert numbers.do("SORT", "l", "BY", "w_*", "BY", "h_*->f", "DESC") == words("1 3 2 10")
    for pattern in ("none_*", "*", "h_*", "w_*->f", "h_*->none", "h_*->"):   # all weigh 0
        assert numbers.do("SORT", "l", "BY", pattern) == words("1 10 2 3")
    numbers.do("RPUSH", "w_1", "x")
    numbers.do("SET", "w_10", "5")
    assert numbers.do("SORT", "l", "BY", "w_*") == words("2 3 1 10")


def test_weights_that_are_missing_go_before_empty_ones(door):
    door.do("RPUSH", "l", "c", "a", "d", "b")
    door.do("MSET", "w_a", "", "w_b", "x")
    assert door.do("SORT", "l", "BY", "w_*", "ALPHA") == words("c d a b")
    assert door.do("SORT", "l", "BY", "w_*", "ALPHA", "DESC") == words("b a d c")
    assert door.refused("SORT", "l", "BY", "w_*") == NO_NUMBERS              # an empty text is no number


def test_get(numbers):
    assert numbers.do("SORT", "l", "BY", "h_*->f", "GET", "#", "GET", "h_*->f", "GET", "h_*->none", "GET", "w_*") == [
        b"10", None, None, b"abc", b"2", b"1", None, b"1", b"3", b"2", None, b"2", b"1", b"3", None, b"3"]
    for pattern in ("none", "none*", "*", "*x*", "h_*->", "h_*->f->g", "h_*-f", "h_->f*", "", "##", "w_*->f", "h_*"):
        assert numbers.do("SORT", "l", "GET", pattern) == [None] * 4, pattern
    many = [word for _ in range(20) for word in ("GET", "#")]
    assert numbers.do("SORT", "l", "LIMIT", 0, 2, *many) == [b"1"] * 20 + [b"2"] * 20


def test_the_first_star_and_the_first_arrow_after_it_count(door):
    door.do("RPUSH", "l", "a")
    door.do("MSET", "x_a_*", 1, "h->f_a", 2, "k_a->", 3, "long" * 200 + "a" + "er" * 200, 4)
    door.do("HSET", "h_a", "f->g", 5, ">", 6, "*", 7)
    for pattern, value in [("x_*_*", b"1"), ("h->f_*", b"2"), ("k_*->", b"3"), ("long" * 200 + "*" + "er" * 200, b"4"),
                           ("h_*->f->g", b"5"), ("h_*->>", b"6"), ("h_*->*", b"7")]:
        assert door.do("SORT", "l", "ALPHA", "GET", pattern) == [value], pattern


# ---- without sorting ----

def test_nosort_keeps_the_order(numbers):
    numbers.do("ZADD", "z", 1, "b", 2, "a", 3, "c")
    assert numbers.do("SORT", "l", "BY", "nosort") == words("3 1 2 10")
    assert numbers.do("SORT", "l", "BY", "") == words("3 1 2 10")
    assert numbers.do("SORT", "l", "BY", "nosort", "DESC") == words("10 2 1 3")
    assert numbers.do("SORT", "l", "BY", "nosort", "DESC", "LIMIT", 1, 2) == words("2 1")
    assert numbers.do("SORT", "l", "BY", "nosort", "LIMIT", 1, 2, "GET", "w_*") == words("3 1")
    for options, left in [("", "b a c"), ("DESC", "c a b"), ("DESC LIMIT 1 1", "a"), ("LIMIT 1 -1", "a c"),
                          ("LIMIT -1 2", "b a"), ("LIMIT 5 1", ""), ("LIMIT 0 0", ""), ("DESC LIMIT 2 9", "b")]:
        assert numbers.do("SORT", "z", "BY", "nosort", *options.split()) == words(left), options
    numbers.do("ZADD", "big", *[word for i in range(300) for word in (i, f"m{i:03}")])
    assert numbers.do("SORT", "big", "BY", "nosort", "DESC", "LIMIT", 10, 2) == words("m289 m288")


def test_a_set_that_is_stored_unsorted_is_sorted_by_bytes(door):
    door.do("SADD", "s", "c", "a", "b", "10", "9")
    assert sorted(door.do("SORT", "s", "BY", "nosort")) == words("10 9 a b c")
    assert len(door.do("SORT", "s", "BY", "nosort", "LIMIT", 1, 2)) == 2
    door.do("SORT", "s", "BY", "nosort", "STORE", "d")
    assert door.do("LRANGE", "d", 0, -1) == words("10 9 a b c")
    door.do("SORT", "s", "BY", "nosort", "DESC", "LIMIT", 0, 2, "STORE", "d")
    assert door.do("LRANGE", "d", 0, -1) == words("c b")


# ---- STORE ----

def test_store(numbers):
    assert numbers.do("SORT", "l", "STORE", "d") == 4
    assert numbers.do("TYPE", "d") == b"list"
    assert numbers.do("LRANGE", "d", 0, -1) == words("1 2 3 10")
    assert numbers.do("SORT", "l", "STORE", "d", "GET", "w_*", "GET", "#") == 8
    assert numbers.do("LRANGE", "d", 0, -1) == words("3 1 1 2 2 3 abc 10")
    assert numbers.do("SORT", "l", "STORE", "d", "GET", "none_*") == 4
    assert numbers.do("LRANGE", "d", 0, -1) == [b""] * 4
    assert numbers.do("SORT", "l", "STORE", "l", "GET", "#", "GET", "#") == 8
    assert numbers.do("LRANGE", "l", 0, -1) == words("1 1 2 2 3 3 10 10")
    assert numbers.refused("SORT_RO", "l", "STORE", "d") == SYNTAX


def test_store_replaces_any_type_and_its_expiry(numbers):
    numbers.do("SET", "d", "text", "EX", 100)
    assert numbers.do("SORT", "l", "STORE", "d") == 4
    assert numbers.do("TTL", "d") == -1
    assert numbers.do("OBJECT", "ENCODING", "d") == b"listpack"
    numbers.do("RPUSH", "long", *range(10_000))
    numbers.do("SORT", "long", "STORE", "d")
    assert numbers.do("OBJECT", "ENCODING", "d") == b"quicklist"


def test_storing_nothing_deletes(numbers):
    for words_ in (["none"], ["l", "LIMIT", 10, 1], ["l", "BY", "nosort", "LIMIT", 0, 0]):
        numbers.do("SET", "d", "text")
        assert numbers.do("SORT", *words_, "STORE", "d") == 0
        assert numbers.do("EXISTS", "d") == 0
    numbers.do("SET", "d", "text")
    numbers.do("RPUSH", "l", "x")
    assert numbers.refused("SORT", "l", "STORE", "d") == NO_NUMBERS
    assert numbers.do("GET", "d") == b"text"


def test_what_is_read_counts_as_used(door):
    door.do("RPUSH", "l", 1, 2)
    door.do("SET", "w_1", 1)
    before = door.stats()
    door.do("SORT", "l", "BY", "w_*", "GET", "x_*")
    assert door.stats()["hits"] - before["hits"] == 2                   # l, w_1
    assert door.stats()["misses"] - before["misses"] == 3


def test_keys_that_have_expired_are_not_found(door):
    door.freeze(1_000_000_000_000)
    door.do("RPUSH", "l", 1, 2)
    door.do("MSET", "w_1", 9, "w_2", 5)
    door.do("PEXPIRE", "w_1", 10)
    assert door.do("SORT", "l", "BY", "w_*") == words("2 1")
    door.freeze(1_000_000_000_100)
    assert door.do("SORT", "l", "BY", "w_*") == words("1 2")
    assert door.do("DBSIZE") == 2


# ---- beside a model ----

@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-50, 50) | st.integers(INT64_MIN, INT64_MAX) | st.floats(allow_nan=False), max_size=60),
       st.integers(-2, 70), st.integers(-2, 70), st.booleans(), st.booleans())
def test_sort_is_sorted(elements, offset, count, desc, alpha):
    store = cydis.Store()
    texts = [repr(element).encode() for element in elements]
    if texts:
        store.rpush("l", *texts)
    expected = sorted(texts, key=lambda text: (b"" if alpha else float(text), text), reverse=desc)
    start = max(offset, 0)
    expected = expected[start:] if count < 0 else expected[start:start + count]
    assert store.sort("l", start=offset, num=count, desc=desc, alpha=alpha) == expected


def test_many():
    store, chance = cydis.Store(), random.Random(5)
    numbers = [chance.randrange(-10**6, 10**6) for _ in range(30_000)]
    store.rpush("l", *numbers)
    expected = [b"%d" % number for number in sorted(numbers)]
    got = store.sort("l")
    assert list(map(int, got)) == sorted(numbers)
    assert store.sort("l", start=29_000, num=10) == [b"%d" % n for n in sorted(numbers)[29_000:29_010]]
    assert store.sort("l", start=5, num=7, desc=True) == expected[::-1][5:12]
    assert store.sort("l", alpha=True) == sorted(b"%d" % number for number in numbers)
    assert store.sort("l", start=0, num=3, get="#") == expected[:3]
