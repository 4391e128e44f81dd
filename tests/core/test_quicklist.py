"""QuickList beside a list, with chunks of every kind of limit."""
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cydis.core.listpack import ListPack
from cydis.core.quicklist import QuickList

SIZES = st.sampled_from([0, 1, 20, 63, 64, 1000, 4085, 4090, 8180, 8190, 9000])
VALUES = st.integers(-5, 5) | st.builds(lambda n, c: bytes([c]) * n, SIZES, st.sampled_from(b"xyz"))
FILLS = st.sampled_from([-1, -2, 1, 2, 3, 10])


def text(value):
    return value if isinstance(value, bytes) else b"%d" % value


class Machine(RuleBasedStateMachine):
    @initialize(fill=FILLS, n=st.integers(0, 60), value=VALUES)
    def fill(self, fill, n, value):
        values = [value if i % 3 else i for i in range(n)]
        self.list = QuickList(values, fill=fill)
        self.oracle = [text(each) for each in values]

    def place(self, data):
        n = len(self.oracle)
        return data.draw(st.integers(-n, n - 1))

    @rule(value=VALUES)
    def append(self, value):
        self.list.append(value)
        self.oracle.append(text(value))

    @rule(value=VALUES)
    def appendleft(self, value):
        self.list.appendleft(value)
        self.oracle.insert(0, text(value))

    @precondition(lambda self: self.oracle)
    @rule(left=st.booleans())
    def pop(self, left):
        assert (self.list.popleft() if left else self.list.pop()) == self.oracle.pop(0 if left else -1)

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), value=VALUES, after=st.booleans())
    def insert(self, data, value, after):
        index = self.place(data)
        (self.list.insert_after if after else self.list.insert)(index, value)
        self.oracle.insert(index % len(self.oracle) + after, text(value))

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), value=VALUES)
    def replace(self, data, value):
        index = self.place(data)
        self.list[index] = value
        self.oracle[index] = text(value)

    @precondition(lambda self: self.oracle)
    @rule(data=st.data())
    def remove_one(self, data):
        index = self.place(data)
        del self.list[index]
        del self.oracle[index]

    @rule(start=st.integers(0, 70), n=st.integers(0, 30))
    def delete(self, start, n):
        self.list.delete(start, n)
        del self.oracle[start : start + n]

    @rule(value=VALUES, back=st.booleans())
    def remove(self, value, back):
        assert self.list.remove(value, back) == self.oracle.count(text(value))
        self.oracle = [item for item in self.oracle if item != text(value)]

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), n=st.integers(0, 70))
    def range(self, data, n):
        start = self.place(data) % len(self.oracle)
        assert self.list.range(start, n) == self.oracle[start : start + n]
        assert self.list[start] == self.list[start - len(self.oracle)] == self.oracle[start]

    @invariant()
    def same(self):
        assert self.list.check()
        assert len(self.list) == len(self.oracle)
        assert list(self.list) == self.oracle
        assert list(reversed(self.list)) == self.oracle[::-1]
        assert sum(count for count, _, _ in self.list.chunks()) == len(self.oracle)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize(
    ("fill", "most", "count"), [(-1, 4096, 10**6), (-5, 65536, 10**6), (7, 8192, 7), (0, 8192, 1)]
)
def test_chunks_keep_to_the_fill(fill, most, count):
    values = QuickList((b"element:%d" % i for i in range(20_000)), fill=fill)
    chunks = values.chunks()
    assert all(size <= most and n <= count and not plain for n, size, plain in chunks)
    assert all(n == count or size > most - 20 for n, size, _ in chunks[:-1])


def test_large_elements_stand_alone():
    values = QuickList([b"a", b"x" * 8192, b"b", b"x" * 8178])
    assert [plain for _, _, plain in values.chunks()] == [False, True, False, False]
    values[1] = b"small again"
    assert [n for n, _, _ in values.chunks()] == [1, 2, 1]              # it joins the next chunk only
    assert list(values) == [b"a", b"small again", b"b", b"x" * 8178]


def test_from_a_listpack_and_back():
    data = bytes(ListPack([b"a", 1]))
    values = QuickList.from_listpack(data)
    assert list(values) == [b"a", b"1"]
    assert values.only_listpack() == data
    values.append(b"x" * 9000)
    assert values.only_listpack() is None
    values.pop()
    assert values.only_listpack() == data
    assert QuickList().only_listpack() is None
    with pytest.raises(ValueError):
        QuickList.from_listpack(data[:-1])


def test_a_long_list_costs_little_more_than_its_elements():
    values = QuickList(b"hello world" for _ in range(100_000))
    assert values.memory() / len(values) < 14


def test_names_what_is_missing():
    values = QuickList([b"a"])
    for index in (1, -2):
        for act in (
            lambda i: values[i],
            lambda i: values.insert(i, b"c"),
            lambda i: values.insert_after(i, b"c"),
            lambda i: values.__setitem__(i, b"c"),
            lambda i: values.__delitem__(i),
        ):
            with pytest.raises(IndexError):
                act(index)
    values.pop()
    for act in (values.pop, values.popleft):
        with pytest.raises(IndexError):
            act()
    with pytest.raises(TypeError):
        values.append("text")
