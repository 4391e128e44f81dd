"""Examples of the commands of lists, through every door, and a list beside Python's.

The replies are those of Valkey 9.1.
"""
import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from wire_client import NULL_ARRAY, NULL_BULK

import cydis

INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
NOT_POSITIVE = "ERR value is out of range, must be positive"
BEYOND_LONG = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"
LARGE = b"x" * 9000


def all_of(door, key="l"):
    return door.do("LRANGE", key, 0, -1)


def encoding(door, key="l"):
    return door.do("OBJECT", "ENCODING", key)


# ---- pushing and popping ----

def test_push_puts_one_after_the_other(door):
    assert door.do("RPUSH", "l", "a", "b") == 2
    assert door.do("LPUSH", "l", "c", "d") == 4
    assert all_of(door) == [b"d", b"c", b"a", b"b"]


def test_any_bytes_and_numbers_come_back_as_they_were(door):
    values = [b"", b"\x00\r\n\xff", b"-0", b"007", b"9223372036854775807", b"-9223372036854775808",
              b"9223372036854775808", b"x" * 63, b"x" * 64, b"x" * 4095, b"x" * 4096, LARGE, b"x" * 100_000]
    door.do("RPUSH", "l", *values)
    assert all_of(door) == values
    assert [door.do("LINDEX", "l", i) for i in range(-len(values), 0)] == values
    assert [door.do("LPOP", "l") for _ in values] == values
    assert door.do("EXISTS", "l") == 0


def test_pushx_only_where_a_list_is(door):
    assert door.do("LPUSHX", "l", "a") == 0
    assert door.do("RPUSHX", "l", "a") == 0
    assert door.do("EXISTS", "l") == 0
    door.do("RPUSH", "l", "a")
    assert door.do("LPUSHX", "l", "b", "c") == 3
    assert door.do("RPUSHX", "l", "d") == 4
    assert all_of(door) == [b"c", b"b", b"a", b"d"]


def test_pop(door):
    door.do("RPUSH", "l", *"abcdefg")
    assert door.do("LPOP", "l") == b"a"
    assert door.do("RPOP", "l") == b"g"
    assert door.do("LPOP", "l", 2) == [b"b", b"c"]
    assert door.do("RPOP", "l", 2) == [b"f", b"e"]
    assert door.do("LPOP", "l", 0) == []
    assert door.do("RPOP", "l", 100) == [b"d"]
    assert door.do("EXISTS", "l") == 0
    assert door.do("LPOP", "l") is None
    assert door.do("LPOP", "l", 1) is None
    assert door.do("LPOP", "l", 0) is None


@pytest.mark.parametrize("door", ["resp2"], indirect=True)         # RESP3 has but one null
def test_pop_of_nothing_says_whether_an_array_was_asked_for(door):
    assert door.client.call("LPOP", "l") == NULL_BULK
    assert door.client.call("RPOP", "l", 1) == NULL_ARRAY
    assert door.client.call("LMPOP", 1, "l", "LEFT") == NULL_ARRAY
    assert door.client.call("LMOVE", "l", "l", "LEFT", "LEFT") == NULL_BULK
    assert door.client.call("LPOS", "l", "a") == NULL_BULK


def test_pop_checks_its_arguments_before_the_key(door):
    door.do("SET", "s", "text")
    for count in ("x", -1, 2**63):
        assert door.refused("LPOP", "s", count) == NOT_POSITIVE
    assert door.refused("RPOP", "s", 1, 1) == "ERR wrong number of arguments for 'rpop' command"
    assert door.refused("LPOP", "s") == WRONGTYPE


@pytest.mark.parametrize("command", [
    "LPUSH k a", "RPUSH k a", "LPUSHX k a", "RPUSHX k a", "LPOP k", "RPOP k 1", "LLEN k", "LINDEX k 0",
    "LRANGE k 0 1", "LSET k 0 a", "LTRIM k 0 1", "LREM k 1 a", "LINSERT k BEFORE a b", "LPOS k a",
    "LMOVE k l LEFT LEFT", "LMOVE l k LEFT LEFT", "RPOPLPUSH k l", "RPOPLPUSH l k", "LMPOP 2 none k LEFT",
])
def test_another_type_is_refused_and_stays(door, command):
    door.do("SET", "k", "text")
    door.do("RPUSH", "l", "element")
    assert door.refused(*command.split()) == WRONGTYPE
    assert door.do("GET", "k") == b"text"
    assert all_of(door) == [b"element"]


# ---- reading ----

def test_range_and_index(door):
    assert door.do("LRANGE", "l", 0, -1) == []
    assert door.do("LLEN", "l") == 0
    assert door.do("LINDEX", "l", 0) is None
    door.do("RPUSH", "l", *range(10))
    numbers = [b"%d" % i for i in range(10)]
    for start in (*range(-12, 12), INT64_MIN, INT64_MAX):
        for stop in (*range(-12, 12), INT64_MIN, INT64_MAX):
            first, last = (i + 10 if i < 0 else i for i in (start, stop))
            assert door.do("LRANGE", "l", start, stop) == numbers[max(first, 0):max(last + 1, 0)]
    assert [door.do("LINDEX", "l", i) for i in (0, 9, 10, -1, -10, -11, INT64_MAX, INT64_MIN)] == [
        b"0", b"9", None, b"9", b"0", None, None, None]


def test_reading_checks_numbers(door):
    door.do("RPUSH", "l", "a")
    assert door.refused("LRANGE", "missing", "x", 0) == NOT_AN_INTEGER
    assert door.refused("LRANGE", "l", 0, "1.0") == NOT_AN_INTEGER
    assert door.refused("LINDEX", "l", "x") == NOT_AN_INTEGER
    assert door.do("LINDEX", "missing", "x") is None


# ---- the middle ----

def test_set(door):
    assert door.refused("LSET", "l", 0, "a") == "ERR no such key"
    assert door.refused("LSET", "l", "x", "a") == "ERR no such key"
    door.do("RPUSH", "l", "a", "b", "c")
    assert door.do("LSET", "l", 1, LARGE) == b"OK"
    assert door.do("LSET", "l", -1, "7") == b"OK"
    assert all_of(door) == [b"a", LARGE, b"7"]
    assert door.do("LSET", "l", 1, "") == b"OK"
    assert all_of(door) == [b"a", b"", b"7"]
    assert door.refused("LSET", "l", 3, "a") == "ERR index out of range"
    assert door.refused("LSET", "l", -4, "a") == "ERR index out of range"
    assert door.refused("LSET", "l", "x", "a") == NOT_AN_INTEGER


def test_trim(door):
    assert door.do("LTRIM", "l", 0, 1) == b"OK"
    for start, stop, rest in ((1, -2, b"bcd"), (0, -1, b"abcde"), (-2, 100, b"de"), (3, 1, b""), (5, 9, b"")):
        door.do("DEL", "l")
        door.do("RPUSH", "l", *"abcde")
        assert door.do("LTRIM", "l", start, stop) == b"OK"
        assert b"".join(all_of(door)) == rest
        assert door.do("EXISTS", "l") == bool(rest)
    assert door.refused("LTRIM", "missing", 0, "x") == NOT_AN_INTEGER


def test_rem(door):
    assert door.do("LREM", "l", 0, "a") == 0
    for count, went, rest in ((0, 3, b"xyz"), (2, 2, b"xyza"), (-2, 2, b"axyz"), (100, 3, b"xyz"),
                              (-1, 1, b"axayz")):
        door.do("DEL", "l")
        door.do("RPUSH", "l", *"axayza")
        assert door.do("LREM", "l", count, "a") == went
        assert b"".join(all_of(door)) == rest
        assert door.do("LREM", "l", count, "none") == 0
    door.do("DEL", "l")
    door.do("RPUSH", "l", 5, "5", "05")
    assert door.do("LREM", "l", 0, 5) == 2
    assert door.do("LREM", "l", 0, "05") == 1
    assert door.do("EXISTS", "l") == 0
    assert door.refused("LREM", "l", "x", "a") == NOT_AN_INTEGER
    assert door.refused("LREM", "l", INT64_MIN, "a") == BEYOND_LONG


def test_insert(door):
    assert door.do("LINSERT", "l", "BEFORE", "a", "b") == 0
    door.do("RPUSH", "l", "a", "b", "a")
    assert door.do("LINSERT", "l", "before", "a", "first") == 4
    assert door.do("LINSERT", "l", "AFTER", "a", LARGE) == 5
    assert door.do("LINSERT", "l", "AFTER", "b", 7) == 6
    assert door.do("LINSERT", "l", "AFTER", "missing", "x") == -1
    assert all_of(door) == [b"first", b"a", LARGE, b"b", b"7", b"a"]
    assert door.refused("LINSERT", "l", "BESIDE", "a", "b") == SYNTAX


# ---- searching ----

def test_pos(door):
    door.do("RPUSH", "l", *"abcabca", 7)
    assert door.do("LPOS", "l", "a") == 0
    assert door.do("LPOS", "l", "7") == 7
    assert door.do("LPOS", "l", "z") is None
    assert door.do("LPOS", "l", "a", "RANK", 2) == 3
    assert door.do("LPOS", "l", "a", "RANK", -1) == 6
    assert door.do("LPOS", "l", "a", "RANK", -3) == 0
    assert door.do("LPOS", "l", "a", "RANK", -4) is None
    assert door.do("LPOS", "l", "a", "COUNT", 0) == [0, 3, 6]
    assert door.do("LPOS", "l", "a", "COUNT", 2, "RANK", -1) == [6, 3]
    assert door.do("LPOS", "l", "a", "COUNT", 0, "MAXLEN", 4) == [0, 3]
    assert door.do("LPOS", "l", "a", "COUNT", 0, "MAXLEN", 2, "RANK", -1) == [6]
    assert door.do("LPOS", "l", "z", "COUNT", 0) == []
    assert door.do("LPOS", "missing", "a") is None
    assert door.do("LPOS", "missing", "a", "COUNT", 1) == []


@pytest.mark.parametrize(("options", "error"), [
    ("RANK 0", "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use "
               "negative to start from the end of the list"),
    (f"RANK {INT64_MIN}", BEYOND_LONG), ("RANK x", NOT_AN_INTEGER), ("RANK", SYNTAX), ("FOO 1", SYNTAX),
    ("COUNT -1", "ERR COUNT can't be negative"), ("COUNT x", "ERR COUNT can't be negative"),
    ("MAXLEN -1", "ERR MAXLEN can't be negative"),
    ("COUNT 1 RANK 0 FOO", "ERR RANK can't be zero: use 1 to start "
     "from the first match, 2 from the second ... or use negative to start from the end of the list"),
])
def test_pos_checks_its_options_before_the_key(door, options, error):
    door.do("SET", "s", "text")
    assert door.refused("LPOS", "s", "a", *options.split()) == error


# ---- moving ----

def test_move_between_lists(door):
    door.do("RPUSH", "a", "1", "2", "3")
    assert door.do("LMOVE", "a", "b", "LEFT", "RIGHT") == b"1"
    assert door.do("LMOVE", "a", "b", "right", "left") == b"3"
    assert (all_of(door, "a"), all_of(door, "b")) == ([b"2"], [b"3", b"1"])
    assert door.do("RPOPLPUSH", "a", "b") == b"2"
    assert door.do("EXISTS", "a") == 0
    assert all_of(door, "b") == [b"2", b"3", b"1"]
    assert door.do("RPOPLPUSH", "a", "b") is None
    assert door.refused("LMOVE", "none", "b", "UP", "LEFT") == SYNTAX
    assert door.refused("LMOVE", "none", "b", "LEFT", "DOWN") == SYNTAX


@pytest.mark.parametrize("element", [b"e", b"12345", b"y" * 600, LARGE])
def test_move_within_one_list(door, element):
    door.do("RPUSH", "l", element, "b")
    assert door.do("LMOVE", "l", "l", "LEFT", "RIGHT") == element
    assert all_of(door) == [b"b", element]
    assert door.do("RPOPLPUSH", "l", "l") == element
    assert all_of(door) == [element, b"b"]
    assert door.do("LMOVE", "l", "l", "LEFT", "LEFT") == element
    assert door.do("LMOVE", "l", "l", "RIGHT", "RIGHT") == b"b"
    assert all_of(door) == [element, b"b"]
    door.do("LTRIM", "l", 0, 0)
    assert door.do("LMOVE", "l", "l", "LEFT", "RIGHT") == element
    assert all_of(door) == [element]


def test_move_keeps_the_expiry_of_both(door):
    door.freeze(1_800_000_000_000)
    door.do("RPUSH", "a", "1", "2")
    door.do("RPUSH", "b", "3")
    door.do("EXPIRE", "a", 100)
    door.do("EXPIRE", "b", 50)
    door.do("LMOVE", "a", "b", "LEFT", "LEFT")
    assert (door.do("TTL", "a"), door.do("TTL", "b")) == (100, 50)


def test_move_meets_an_expired_target(door):
    door.freeze(1_800_000_000_000)
    door.do("RPUSH", "b", "old")
    door.do("EXPIRE", "b", 1)
    door.do("RPUSH", "a", "1")
    door.freeze(1_800_000_002_000)
    assert door.do("RPOPLPUSH", "a", "b") == b"1"
    assert (door.do("EXISTS", "a"), all_of(door, "b"), door.do("TTL", "b")) == (0, [b"1"], -1)


def test_mpop(door):
    assert door.do("LMPOP", 2, "none", "other", "LEFT") is None
    door.do("RPUSH", "l", *"abcd")
    assert door.do("LMPOP", 2, "none", "l", "LEFT") == [b"l", [b"a"]]
    assert door.do("LMPOP", 2, "l", "none", "right", "count", 2) == [b"l", [b"d", b"c"]]
    assert door.do("LMPOP", 1, "l", "LEFT", "COUNT", 10) == [b"l", [b"b"]]
    assert door.do("EXISTS", "l") == 0


@pytest.mark.parametrize(("arguments", "error"), [
    ("0 l LEFT", "ERR numkeys should be greater than 0"),
    ("x l LEFT", "ERR numkeys should be greater than 0"),
    ("2 l LEFT", SYNTAX), ("1 l MIDDLE", SYNTAX), ("1 l LEFT COUNT", SYNTAX), ("1 l LEFT FOO 1", SYNTAX),
    ("1 l LEFT COUNT 0", "ERR count should be greater than 0"),
    ("1 l LEFT COUNT x", "ERR count should be greater than 0"),
    ("1 l LEFT COUNT 1 COUNT 1", SYNTAX), ("99999999999 l LEFT", SYNTAX),
])
def test_mpop_checks_its_arguments(door, arguments, error):
    assert door.refused("LMPOP", *arguments.split()) == error


# ---- encodings ----

def test_a_list_is_a_listpack_up_to_8_kb_and_again_at_half(door):
    door.do("RPUSH", "l", *["x" * 100] * 79)
    assert encoding(door) == b"listpack"
    door.do("RPUSH", "l", "x" * 100)
    assert encoding(door) == b"quicklist"
    door.do("RPOP", "l")
    assert encoding(door) == b"quicklist"
    door.do("RPOP", "l", 39)
    assert encoding(door) == b"quicklist"
    door.do("RPOP", "l")
    assert (encoding(door), door.do("LLEN", "l")) == (b"listpack", 39)


@pytest.mark.parametrize("shrink", [
    ("LTRIM", "l", 0, 1), ("LREM", "l", 1, LARGE), ("RPOP", "l"), ("LSET", "m", 0, "small"),
    ("LMPOP", 1, "l", "RIGHT"), ("LMOVE", "l", "n", "RIGHT", "LEFT"),
])
def test_what_makes_a_list_small_makes_it_a_listpack(door, shrink):
    door.do("RPUSH", "l", "a", "b", LARGE)
    door.do("RPUSH", "m", LARGE)
    key = shrink[1] if shrink[0] != "LMPOP" else "l"
    assert encoding(door, key) == b"quicklist"
    door.do(*shrink)
    assert encoding(door, key) == b"listpack"


def test_long_lists(door):
    door.do("RPUSH", "l", *range(20_000))
    assert door.do("LLEN", "l") == 20_000
    assert [door.do("LINDEX", "l", i) for i in (0, 9999, 19_999, -20_000, 20_000)] == [
        b"0", b"9999", b"19999", b"0", None]
    assert door.do("LRANGE", "l", 9_990, 9_992) == [b"9990", b"9991", b"9992"]
    assert door.do("LPOS", "l", 19_000) == 19_000
    assert door.do("LPOP", "l", 10_000) == [b"%d" % i for i in range(10_000)]
    assert door.do("COPY", "l", "copy") == 1
    door.do("LTRIM", "l", 5_000, -1)
    assert door.do("LRANGE", "l", 0, 1) == [b"15000", b"15001"]
    assert door.do("LLEN", "copy") == 10_000
    assert door.do("MEMORY", "USAGE", "copy") > 20_000


# ---- beside Python's list ----

ELEMENTS = (st.integers(-(2**63),
                        2**63 - 1).map(lambda n: b"%d" % n) | st.sampled_from([b"a", b"b", b"", b"7"])
            | st.sampled_from([60, 200, 3000, 8170, 8190, 9000]).map(lambda n: b"x" * n))
INDEXES = st.integers(-60, 60)


class ListMachine(RuleBasedStateMachine):
    """Lists of every encoding: elements of up to 9000 bytes bring a list over the border and back."""

    @initialize(values=st.lists(ELEMENTS, max_size=60))
    def begin(self, values):
        self.store = cydis.Store()
        self.oracle = []
        if values:
            self.rpush(values)

    def do(self, *arguments):
        return self.store.execute(*arguments)

    @rule(values=st.lists(ELEMENTS, min_size=1, max_size=6))
    def rpush(self, values):
        self.oracle += values
        assert self.do("RPUSH", "l", *values) == len(self.oracle)

    @rule(values=st.lists(ELEMENTS, min_size=1, max_size=6))
    def lpush(self, values):
        self.oracle[:0] = values[::-1]
        assert self.do("LPUSH", "l", *values) == len(self.oracle)

    @precondition(lambda self: self.oracle)
    @rule(head=st.booleans(), count=st.integers(0, 30))
    def pop(self, head, count):
        taken = self.oracle[:count] if head else self.oracle[::-1][:count]
        self.oracle = self.oracle[count:] if head else self.oracle[:max(len(self.oracle) - count, 0)]
        assert self.do("LPOP" if head else "RPOP", "l", count) == taken

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), value=ELEMENTS)
    def lset(self, data, value):
        index = data.draw(st.integers(-len(self.oracle), len(self.oracle) - 1))
        self.oracle[index] = value
        assert self.do("LSET", "l", index, value) == b"OK"

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), value=ELEMENTS, after=st.booleans())
    def linsert(self, data, value, after):
        pivot = data.draw(st.sampled_from(self.oracle))
        self.oracle.insert(self.oracle.index(pivot) + after, value)
        assert self.do("LINSERT", "l", "AFTER" if after else "BEFORE", pivot, value) == len(self.oracle)

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), count=st.integers(-3, 3))
    def lrem(self, data, count):
        value = data.draw(st.sampled_from(self.oracle))
        places = [i for i, each in enumerate(self.oracle) if each == value]
        places = places[count:] if count < 0 else places[:count or None]
        assert self.do("LREM", "l", count, value) == len(places)
        self.oracle = [each for i, each in enumerate(self.oracle) if i not in places]

    @rule(start=INDEXES, stop=INDEXES)
    def lrange(self, start, stop):
        assert self.do("LRANGE", "l", start, stop) == self.slice(start, stop)

    @rule(start=INDEXES, stop=INDEXES)
    def ltrim(self, start, stop):
        self.oracle = self.slice(start, stop)
        assert self.do("LTRIM", "l", start, stop) == b"OK"

    def slice(self, start, stop):
        first, last = (i + len(self.oracle) if i < 0 else i for i in (start, stop))
        return self.oracle[max(first, 0):max(last + 1, 0)]

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), back=st.booleans())
    def lpos(self, data, back):
        value = data.draw(st.sampled_from(self.oracle))
        places = [i for i, each in enumerate(self.oracle) if each == value]
        assert self.do("LPOS", "l", value, "COUNT", 0, "RANK", -1 if back else 1) == (
            places[::-1] if back else places)

    @precondition(lambda self: self.oracle)
    @rule(from_head=st.booleans(), to_head=st.booleans())
    def lmove(self, from_head, to_head):
        value = self.oracle.pop(0 if from_head else -1)
        self.oracle.insert(0 if to_head else len(self.oracle), value)
        assert self.do("LMOVE", "l", "l",
                       *("LEFT" if end else "RIGHT" for end in (from_head, to_head))) == value

    @invariant()
    def same(self):
        assert self.do("LRANGE", "l", 0, -1) == self.oracle
        assert self.do("EXISTS", "l") == bool(self.oracle)
        size = sum(map(len, self.oracle))
        if size > 8192:
            assert self.do("OBJECT", "ENCODING", "l") == b"quicklist"

    def teardown(self):
        self.store.execute("FLUSHALL", "SYNC")
        assert self.store.engine.stats()["heap_used"] <= 16_384            # the table's first lines


TestListMachine = ListMachine.TestCase
TestListMachine.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)


# ---- refused memory ----

REFUSED = [
    ("RPUSH", "new", "a", "b" * 300), ("LPUSH", "l", "a" * 500, "b" * 500), ("RPUSH", "l", LARGE, LARGE),
    ("RPUSH", "q", *["a" * 900] * 20), ("LSET", "l", 1, LARGE), ("LSET", "q", 5, LARGE),
    ("LINSERT", "l", "BEFORE", "m", LARGE), ("LINSERT", "q", "AFTER", "30" * 100, "x" * 8000),
    ("LPOP", "l", 20), ("RPOP", "q"), ("RPOP", "q", 60), ("LTRIM", "q", 3, 40),
    ("LREM", "q", 1, "40" * 100), ("LMOVE", "l", "new", "LEFT", "LEFT"),
    ("LMOVE", "q", "l", "RIGHT", "LEFT"), ("RPOPLPUSH", "q", "q"),
    ("LMPOP", 2, "new", "q", "LEFT", "COUNT", 30),
]


def lists_of(store):
    return [store.execute("LRANGE", key, 0, -1) for key in ("l", "q", "new")]


@pytest.mark.parametrize("command", REFUSED, ids=lambda words: " ".join(map(str, words))[:30])
def test_refused_memory_changes_nothing_and_loses_nothing(command):
    for failing in range(1, 60):
        store = cydis.Store(seed=b"0123456789abcdef")
        store.execute("RPUSH", "l", *range(40), "m", *range(1000, 1040))
        store.execute("RPUSH", "q", *(str(i) * 100 for i in range(100)))
        before = lists_of(store)
        store.engine.fail_allocations(failing)
        try:
            store.execute(*command)
        except cydis.CommandError as error:
            refused = str(error)
        else:
            refused = ""
        store.engine.fail_allocations(0)
        assert store.engine.check()
        if "nothing was changed" in refused:
            assert lists_of(store) == before
            assert store.execute("EXISTS", "new") == 0
        store.execute("FLUSHALL", "SYNC")
        assert store.engine.stats()["heap_used"] <= 16_384             # the table's first lines
        if not refused:
            return
        assert refused.startswith("OOM ")
    pytest.fail("the command never had enough memory")


@given(st.lists(ELEMENTS, min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_a_copy_stands_alone(values):
    store = cydis.Store()
    store.execute("RPUSH", "l", *values)
    store.execute("COPY", "l", "copy")
    store.execute("DEL", "l")
    assert store.execute("LRANGE", "copy", 0, -1) == values
