"""Examples of the commands of sets, through every door, and sets beside Python's.

The replies are those of Valkey 9.1.
"""
import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from wire_client import Array, Set

import cydis

INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
NOT_POSITIVE = "ERR value is out of range, must be positive"
BEYOND_LONG = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"


def texts(*members):
    return {member if isinstance(member, bytes) else str(member).encode() for member in members}


def members(door, key="s"):
    found = door.do("SMEMBERS", key)
    assert len(found) == len(set(found)) == door.do("SCARD", key)
    return set(found)


def encoding(door, key="s"):
    return door.do("OBJECT", "ENCODING", key)


# One set of each encoding, by the first members put into it.
KINDS = {b"intset": range(20), b"listpack": [*range(10), "a", "b"],
         b"hashtable": ["x" * 65, *range(600), "a", "b"]}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.decode())
def filled(door, request):
    """A door behind which `s` is a set of one of the encodings, and its members."""
    door.do("SADD", "s", *KINDS[request.param])
    assert encoding(door) == request.param
    return door, texts(*KINDS[request.param])


# ---- adding, removing, asking ----

def test_add_and_remove(filled):
    door, before = filled
    assert door.do("SADD", "s", 3, 3, 4) == 0
    assert door.do("SADD", "s", 70_000, 70_000, 3, -1) == 2
    assert members(door) == before | texts(70_000, -1)
    assert door.do("SREM", "s", 3, 3, "none", 70_000) == 2
    assert members(door) == before - texts(3) | texts(-1)
    assert door.do("SREM", "s", *members(door)) == len(before)
    assert door.do("EXISTS", "s") == 0
    assert door.do("SREM", "s", "a") == 0


def test_any_bytes_come_back_as_they_were(door):
    strange = [b"", b"\x00\r\n\xff", b"-0", b"007", b"9223372036854775807", b"-9223372036854775808",
               b"9223372036854775808", b"x" * 64, b"x" * 254, b"x" * 255, b"x" * 100_000]
    for part in (strange[:8], strange):
        door.do("SADD", "s", *part)
        assert members(door) == set(part)
        assert door.do("SMISMEMBER", "s", *part) == [1] * len(part)


def test_is_member(filled):
    door, _ = filled
    assert [door.do("SISMEMBER", "s", member) for member in (3, "3", "03", "none", -1)] == [1, 1, 0, 0, 0]
    assert door.do("SMISMEMBER", "s", 3, "none", 5) == [1, 0, 1]
    assert door.do("SISMEMBER", "missing", 3) == 0
    assert door.do("SMISMEMBER", "missing", 3, 4) == [0, 0]
    assert door.do("SCARD", "missing") == 0
    assert members(door, "missing") == set()


@pytest.mark.parametrize("command", [
    "SADD k a", "SREM k a", "SPOP k", "SPOP k 1", "SRANDMEMBER k", "SRANDMEMBER k 1", "SISMEMBER k a",
    "SMISMEMBER k a",
    "SMEMBERS k", "SCARD k", "SMOVE k s a", "SMOVE s k a", "SMOVE s k none", "SSCAN k 0", "SINTER k",
    "SINTER none k",
    "SINTERCARD 2 none k", "SINTERSTORE d none k", "SUNION s k", "SUNIONSTORE d s k", "SDIFF none k",
    "SDIFFSTORE d s k",
])
def test_another_type_is_refused_and_stays(door, command):
    door.do("SET", "k", "text")
    door.do("SADD", "s", "a")
    assert door.refused(*command.split()) == WRONGTYPE
    assert (door.do("GET", "k"), members(door), door.do("EXISTS", "d")) == (b"text", {b"a"}, 0)


@pytest.mark.parametrize("door", ["resp2", "resp3"], indirect=True)
def test_what_is_a_set_on_the_wire(door):
    door.do("SADD", "s", "a")
    sets = ("SMEMBERS s", "SMEMBERS none", "SINTER s", "SINTER none", "SUNION s s", "SDIFF s", "SPOP s 0",
            "SPOP none 1")
    for command in sets:
        assert type(door.client.call(*command.split())) is (Array if door.kind == "resp2" else Set)
    for command in ("SRANDMEMBER s 1", "SRANDMEMBER none 1", "SMISMEMBER s a"):
        assert type(door.client.call(*command.split())) is Array


# ---- chance ----

def test_pop(filled):
    door, before = filled
    one = door.do("SPOP", "s")
    assert one in before
    few = set(door.do("SPOP", "s", 3))
    assert len(few) == 3 and few < before - {one}
    assert door.do("SPOP", "s", 0) in ([], set())
    most = set(door.do("SPOP", "s", len(before) - 6))
    assert most | members(door) | few | {one} == before
    assert door.do("SCARD", "s") == 2
    rest = members(door)
    assert set(door.do("SPOP", "s", 100)) == rest
    assert door.do("EXISTS", "s") == 0
    assert door.do("SPOP", "s") is None
    door.do("SADD", "s", "last")
    assert door.do("SPOP", "s") == b"last"
    assert door.do("EXISTS", "s") == 0


def test_pop_of_most_of_a_large_set_leaves_a_small_one(door):
    door.do("SADD", "s", *range(1000))
    assert len(set(door.do("SPOP", "s", 500))) == 500
    assert encoding(door) == b"hashtable"
    assert len(set(door.do("SPOP", "s", 490))) == 490
    assert (encoding(door), door.do("SCARD", "s")) == (b"listpack", 10)
    assert door.do("SADD", "s", *members(door)) == 0


def test_pop_checks_its_count_before_the_key(door):
    door.do("SET", "k", "text")
    for count in ("x", -1, 2**63):
        assert door.refused("SPOP", "k", count) == NOT_POSITIVE
    assert door.refused("SPOP", "k", 1, 2) == SYNTAX


def test_random_members(filled):
    door, before = filled
    assert door.do("SRANDMEMBER", "s") in before
    for count in (1, 5, len(before) // 2, len(before) - 1, len(before), 10_000, INT64_MAX):
        some = door.do("SRANDMEMBER", "s", count)
        assert len(some) == len(set(some)) == min(count, len(before))
        assert set(some) <= before
    many = door.do("SRANDMEMBER", "s", -5000)
    assert len(many) == 5000
    assert set(many) <= before
    assert door.do("SRANDMEMBER", "s", 0) == []
    assert members(door) == before
    assert door.do("SRANDMEMBER", "missing") is None
    assert door.do("SRANDMEMBER", "missing", 3) == []
    assert door.refused("SRANDMEMBER", "missing", "x") == NOT_AN_INTEGER
    assert door.refused("SRANDMEMBER", "missing", INT64_MIN) == BEYOND_LONG
    assert door.refused("SRANDMEMBER", "s", 1, 2) == SYNTAX


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.decode())
@pytest.mark.parametrize("count", [None, 1, 2, -1])
def test_every_member_has_its_chance(kind, count):
    """4000 draws from 20 members: each comes 200 times on average, and 100 to 320 times as good as always."""
    store = cydis.Store(seed=b"0123456789abcdef")
    store.execute("SADD", "s", *range(20) if kind == b"intset" else [f"m{i}" for i in range(20)])
    if kind == b"hashtable":
        store.execute("SADD", "s", "x" * 65)
        store.execute("SREM", "s", "x" * 65)
    assert store.execute("OBJECT", "ENCODING", "s") == kind
    drawn = dict.fromkeys(store.execute("SMEMBERS", "s"), 0)
    for _ in range(4000 // abs(count or 1)):
        found = store.execute("SRANDMEMBER", "s", *([] if count is None else [count]))
        for member in [found] if count is None else found:
            drawn[member] += 1
    assert sum(drawn.values()) == 4000
    assert all(100 <= times <= 320 for times in drawn.values()), drawn


# ---- moving ----

@pytest.mark.parametrize("target", [[], [1, 2], ["b"], ["y" * 100]])
def test_move(filled, target):
    door, before = filled
    if target:
        door.do("SADD", "t", *target)
    assert door.do("SMOVE", "s", "t", "none") == 0
    assert door.do("EXISTS", "t") == bool(target)
    assert door.do("SMOVE", "s", "t", 3) == 1
    assert (members(door), members(door, "t")) == (before - {b"3"}, texts(3, *target))
    assert door.do("SMOVE", "s", "s", 4) == 1
    assert door.do("SMOVE", "s", "s", 3) == 0
    assert members(door) == before - {b"3"}
    assert door.do("SMOVE", "missing", "t", 3) == 0


def test_move_of_the_last_member(door):
    door.do("SADD", "s", "a")
    door.do("SADD", "t", "a")
    assert door.do("SMOVE", "s", "t", "a") == 1
    assert (door.do("EXISTS", "s"), members(door, "t")) == (0, {b"a"})
    door.do("SET", "k", "text")
    assert door.do("SMOVE", "missing", "k", "a") == 0


def test_move_meets_an_expired_target(door):
    door.freeze(1_800_000_000_000)
    door.do("SADD", "t", "old")
    door.do("EXPIRE", "t", 1)
    door.do("SADD", "s", "a")
    door.freeze(1_800_000_002_000)
    assert door.do("SMOVE", "s", "t", "a") == 1
    assert (door.do("EXISTS", "s"), members(door, "t"), door.do("TTL", "t")) == (0, {b"a"}, -1)


# ---- algebra ----

SETS = {
    "ints": set(range(30)), "more": set(range(20, 900)), "few": {"a", "b", 3, 25},
    "texts": {f"m{i}" for i in range(300)},
    "both": {"a", *range(10, 400), *(f"m{i}" for i in range(100))}, "none": set(),
}


@pytest.fixture
def algebra(door):
    for key, some in SETS.items():
        if some:
            door.do("SADD", key, *some)
    return door


def results(keys):
    first, *others = (texts(*SETS[key]) for key in keys)
    return {"SINTER": first.intersection(*others), "SUNION": first.union(*others),
            "SDIFF": first.difference(*others)}


@pytest.mark.parametrize("keys", [
    "ints", "none", "ints more", "more ints", "few both", "both few", "texts both", "both texts more",
    "ints ints",
    "none ints", "ints none", "few ints more texts both", "both few few ints texts",
    "more few few few few few few",
])
def test_union_intersection_difference(algebra, keys):
    keys = keys.split()
    for command, expected in results(keys).items():
        found = algebra.do(command, *keys)
        assert len(found) == len(expected)
        assert set(found) == expected
    assert algebra.do("SINTERCARD", len(keys), *keys) == len(results(keys)["SINTER"])


@pytest.mark.parametrize("keys",
                         ["ints more", "few both", "texts both", "both few", "ints none", "none ints"])
@pytest.mark.parametrize("target", ["new", "text", "ints", "both", "none"])
def test_storing_the_result(algebra, keys, target):
    algebra.do("SET", "text", "text", "EX", 100)
    for command, expected in results(keys.split()).items():
        sources = []
        for key in keys.split():              # copies, so that each command finds the same sets
            algebra.do("COPY", key, "copy-" + key, "REPLACE")
            sources.append("copy-" + key)
        algebra.do("COPY", target, "copy-" + target, "REPLACE")
        assert algebra.do(command + "STORE", "copy-" + target, *sources) == len(expected)
        assert members(algebra, "copy-" + target) == expected
        assert algebra.do("EXISTS", "copy-" + target) == bool(expected)
        if expected:
            assert algebra.do("TTL", "copy-" + target) == -1
        algebra.do("DEL", *(f"copy-{key}" for key in (target, *keys.split())))


def test_many_sets(door):
    keys = [f"key:{i}" for i in range(100)]
    for i, key in enumerate(keys):
        door.do("SADD", key, "all", i, i // 2)
    assert set(door.do("SINTER", *keys)) == {b"all"}
    assert set(door.do("SUNION", *keys)) == texts("all", *range(100))
    assert set(door.do("SDIFF", *keys)) == set()
    door.do("SADD", "large", *range(50, 1000))
    assert set(door.do("SDIFF", "large", *keys)) == texts(*range(100, 1000))
    assert door.do("SUNIONSTORE", *keys) == 101
    assert door.refused("SINTERCARD", 101, *keys) == "ERR Number of keys can't be greater than number of args"


def test_intercard(algebra):
    assert algebra.do("SINTERCARD", 2, "ints", "more", "LIMIT", 4) == 4
    assert algebra.do("SINTERCARD", 2, "ints", "more", "LIMIT", 0) == 10
    assert algebra.do("SINTERCARD", 2, "ints", "more", "limit", 11) == 10
    assert algebra.do("SINTERCARD", 2, "ints", "more", "LIMIT", 4, "LIMIT", 3) == 3
    assert algebra.do("SINTERCARD", 1, "none") == 0


@pytest.mark.parametrize(("arguments", "error"), [
    ("0 s", "ERR numkeys should be greater than 0"), ("x s", "ERR numkeys should be greater than 0"),
    ("2 s", "ERR Number of keys can't be greater than number of args"), ("1 s LIMIT", SYNTAX),
    ("1 s FOO 1", SYNTAX),
    ("1 s LIMIT -1", "ERR LIMIT can't be negative"), ("1 s LIMIT x", "ERR LIMIT can't be negative"),
])
def test_intercard_checks_its_arguments(door, arguments, error):
    assert door.refused("SINTERCARD", *arguments.split()) == error


# ---- encodings ----

@pytest.mark.parametrize(("first", "then", "expected"), [
    (range(512), [], b"intset"), (range(512), [-1], b"hashtable"), (range(513), [], b"hashtable"),
    (range(127), ["a"], b"listpack"), (range(128), ["a"], b"hashtable"), ([1], ["x" * 65], b"hashtable"),
    (["a"], range(127), b"listpack"), (["a"], range(128), b"hashtable"), (["x" * 64], [], b"listpack"),
    (["x" * 65], [], b"hashtable"), (["a"] * 200, [], b"hashtable"), ([1] * 600, [], b"hashtable"),
    ([1], [1] * 600, b"hashtable"), ([1], range(130), b"intset"), (["a", *range(300)], [], b"hashtable"),
    ([*range(130), "a"], [], b"hashtable"), ([*range(100), "a"], [], b"listpack"),
])
def test_borders_between_encodings(door, first, then, expected):
    door.do("SADD", "s", *first)
    if then:
        door.do("SADD", "s", *then)
    assert encoding(door) == expected
    assert members(door) == texts(*first, *then)


def test_encodings_of_stored_results(algebra):
    for command, keys, expected in [
        ("SINTERSTORE", ["ints", "more"], b"intset"), ("SINTERSTORE", ["few", "both"], b"listpack"),
        ("SINTERSTORE", ["more", "both"], b"intset"), ("SINTERSTORE", ["both", "texts"], b"listpack"),
        ("SUNIONSTORE", ["ints", "few"], b"listpack"), ("SUNIONSTORE", ["texts"], b"hashtable"),
        ("SDIFFSTORE", ["few", "texts"], b"listpack"), ("SDIFFSTORE", ["more", "both"], b"intset"),
    ]:
        assert algebra.do(command, "d", *keys) > 0
        assert encoding(algebra, "d") == expected, (command, keys)


# ---- SSCAN ----

def test_scan(filled):
    door, before = filled
    assert set(door.scan_all(command=("SSCAN", "s"))) == before
    assert set(door.scan_all("COUNT", 1, command=("SSCAN", "s"))) == before
    assert set(door.scan_all("MATCH", "*1*", command=("SSCAN", "s"))) == {m for m in before if b"1" in m}
    assert door.do("SSCAN", "missing", 0) == [b"0", []]
    assert door.do("SSCAN", "missing", 7, "FOO") == [b"0", []]


@pytest.mark.parametrize(("arguments", "error"), [
    ("s x", "ERR invalid cursor"), ("s -1", "ERR invalid cursor"), ("s 0 FOO", SYNTAX),
    ("s 0 COUNT 0", SYNTAX),
    ("s 0 COUNT", SYNTAX), ("s 0 COUNT x", NOT_AN_INTEGER), ("s 0 MATCH", SYNTAX), ("s 0 TYPE set", SYNTAX),
    ("s 0 NOVALUES", "ERR NOVALUES option can only be used in HSCAN"),
])
def test_scan_checks_its_options(door, arguments, error):
    door.do("SADD", "s", "a")
    assert door.refused("SSCAN", *arguments.split()) == error


def test_scan_meets_all_that_stays_while_others_come_and_go(door):
    stay = {f"stay:{i}" for i in range(300)}
    door.do("SADD", "s", *stay)
    cursor, seen, turn = b"0", [], 0
    while True:
        cursor, part = door.do("SSCAN", "s", cursor, "COUNT", 7)
        seen += part
        if cursor == b"0":
            break
        if turn % 8 < 4:
            door.do("SADD", "s", *(f"come:{turn}:{i}" for i in range(400)))
        else:
            door.do("SREM", "s", *(f"come:{turn - 4}:{i}" for i in range(400)))
        turn += 1
    assert texts(*stay) <= set(seen)
    assert turn < 1000


# ---- beside Python's set ----

MEMBERS = (st.integers(-300, 300).map(lambda n: b"%d" % n) | st.integers(0, 60).map(lambda n: b"m%d" % n)
           | st.sampled_from([b"", b"007", b"x" * 64, b"x" * 65, b"%d" % INT64_MIN, b"%d" % INT64_MAX]))
KEYS = st.sampled_from(["a", "b", "c"])


class SetMachine(RuleBasedStateMachine):
    """Three sets which grow from intset to hash table, or straight to listpack."""

    @initialize()
    def begin(self):
        self.store = cydis.Store()
        self.oracle = {"a": set(), "b": set(), "c": set()}

    def do(self, *arguments):
        return self.store.execute(*arguments)

    @rule(key=KEYS, some=st.lists(MEMBERS, min_size=1, max_size=8))
    def sadd(self, key, some):
        new = set(some) - self.oracle[key]
        self.oracle[key] |= new
        assert self.do("SADD", key, *some) == len(new)

    @rule(key=KEYS, start=st.integers(-1000, 1000), count=st.integers(1, 300))
    def sadd_range(self, key, start, count):
        self.sadd(key, [b"%d" % i for i in range(start, start + count)])

    @rule(key=KEYS, some=st.lists(MEMBERS, min_size=1, max_size=8))
    def srem(self, key, some):
        gone = set(some) & self.oracle[key]
        self.oracle[key] -= gone
        assert self.do("SREM", key, *some) == len(gone)

    @rule(key=KEYS, count=st.integers(0, 700))
    def spop(self, key, count):
        popped = self.do("SPOP", key, count)
        assert len(popped) == len(set(popped)) == min(count, len(self.oracle[key]))
        assert set(popped) <= self.oracle[key]
        self.oracle[key] -= set(popped)

    @rule(key=KEYS, other=KEYS, member=MEMBERS)
    def smove(self, key, other, member):
        there = member in self.oracle[key]
        if there:
            self.oracle[key].discard(member)
            self.oracle[other].add(member)
        assert self.do("SMOVE", key, other, member) == there

    @rule(key=KEYS, count=st.integers(1, 700))
    def srandmember(self, key, count):
        some = self.do("SRANDMEMBER", key, count)
        assert len(some) == len(set(some)) == min(count, len(self.oracle[key]))
        assert set(some) <= self.oracle[key]

    @rule(key=KEYS, some=st.lists(MEMBERS, min_size=1, max_size=8))
    def smismember(self, key, some):
        assert self.do("SMISMEMBER", key, *some) == [member in self.oracle[key] for member in some]

    @rule(into=KEYS, keys=st.lists(KEYS, min_size=1, max_size=4),
          operation=st.sampled_from(["SINTER", "SUNION", "SDIFF"]), stored=st.booleans())
    def algebra(self, into, keys, operation, stored):
        first, *others = (self.oracle[key] for key in keys)
        result = {"SINTER": first.intersection, "SUNION": first.union,
                  "SDIFF": first.difference}[operation](*others)
        if not stored:
            assert set(self.do(operation, *keys)) == result
            return
        assert self.do(operation + "STORE", into, *keys) == len(result)
        self.oracle[into] = result

    @rule(key=KEYS, other=KEYS)
    def copy(self, key, other):
        if key != other and self.oracle[key]:
            assert self.do("COPY", key, other, "REPLACE") == 1
            self.oracle[other] = set(self.oracle[key])

    @invariant()
    def same(self):
        for key, expected in self.oracle.items():
            assert self.do("SCARD", key) == len(expected)
            assert self.do("EXISTS", key) == bool(expected)
            assert set(self.do("SMEMBERS", key)) == expected

    def teardown(self):
        assert self.store.engine.check()
        self.do("FLUSHALL", "SYNC")
        while self.store.engine.cron(1_000_000):
            pass
        assert self.store.engine.stats()["heap_used"] <= 16_384            # the table's first lines


TestSetMachine = SetMachine.TestCase
TestSetMachine.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)


# ---- refused memory ----

REFUSED = [
    ("SADD", "new", "a"), ("SADD", "new", "x" * 100, 1), ("SADD", "ints", -5, 900),
    ("SADD", "ints", "text"), ("SADD", "pack", "x" * 65), ("SADD", "pack", *range(200)),
    ("SADD", "table", "a", "b", "c"), ("SREM", "ints", *range(60)), ("SREM", "pack", *range(60)),
    ("SPOP", "ints"), ("SPOP", "pack", 40), ("SPOP", "table", 590), ("SPOP", "table", 10),
    ("SRANDMEMBER", "table", 20), ("SMOVE", "ints", "new", 3), ("SMOVE", "pack", "ints", "word"),
    ("SMOVE", "table", "pack", 3), ("SUNION", "ints", "pack", "table"),
    ("SUNIONSTORE", "new", "pack", "table"), ("SINTERSTORE", "table", "ints", "pack"),
    ("SDIFFSTORE", "ints", "table", "ints"), ("SDIFF", "table", "ints", "pack", "few", "few", "few"),
    ("COPY", "table", "new"),
]


def sets_of(store):
    return [set(store.execute("SMEMBERS", key)) for key in ("ints", "pack", "table", "few", "new")]


@pytest.mark.parametrize("command", REFUSED, ids=lambda words: " ".join(map(str, words))[:30])
def test_refused_memory_changes_nothing_and_loses_nothing(command):
    for failing in (*range(1, 40), *range(40, 1000, 37), *range(1000, 20_000, 997)):
        store = cydis.Store(seed=b"0123456789abcdef")
        store.execute("SADD", "ints", *range(500))
        store.execute("SADD", "pack", *range(60), "word")
        store.execute("SADD", "table", *range(600))
        store.execute("SADD", "few", "x")
        before = sets_of(store)
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
            assert sets_of(store) == before
            assert store.execute("EXISTS", "new") == 0
        store.execute("FLUSHALL", "SYNC")
        while store.engine.cron(1_000_000):
            pass
        assert store.engine.stats()["heap_used"] <= 16_384             # the table's first lines
        if not refused:
            return
        assert refused.startswith("OOM ")
    pytest.fail("the command never had enough memory")
