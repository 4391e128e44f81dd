"""ListPack beside a list, its bytes beside those of a live server, and bytes from outside."""
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cydis.core.listpack import ListPack

BORDERS = [0, 1, 127, 128, 4095, 4096, 32767, 32768, 2**23 - 1, 2**23, 2**31 - 1, 2**31, 2**63 - 1]
NUMBERS = st.sampled_from([*BORDERS, *(-n for n in BORDERS), *(-n - 1 for n in BORDERS)]) | st.integers(
    -(2**63), 2**63 - 1
)
TEXTS = (
    st.binary(max_size=8)
    | st.sampled_from([b"", b"-", b"-0", b"00", b"+1", b" 1", b"9223372036854775808"])
    | st.sampled_from([62, 63, 64, 126, 127, 128, 4095, 4096, 16378, 16379]).map(lambda n: b"x" * n)
)
VALUES = NUMBERS | TEXTS | NUMBERS.map(lambda n: b"%d" % n)


def text(value):
    return value if isinstance(value, bytes) else b"%d" % value


def stored(item):
    """What a canonical int64 becomes."""
    try:
        number = int(item)
    except ValueError:
        return item
    return number if b"%d" % number == item and -(2**63) <= number < 2**63 else item


class Machine(RuleBasedStateMachine):
    @initialize(values=st.lists(VALUES, max_size=30))
    def fill(self, values):
        self.pack = ListPack(values)
        self.oracle = [text(value) for value in values]

    def place(self, data):
        n = len(self.oracle)
        return data.draw(st.integers(-n, n - 1))

    @rule(value=VALUES)
    def append(self, value):
        self.pack.append(value)
        self.oracle.append(text(value))

    @rule(values=st.lists(VALUES, max_size=5))
    def extend(self, values):
        self.pack.extend(values)
        self.oracle.extend(map(text, values))

    @rule(index=st.integers(-40, 40), value=VALUES)
    def insert(self, index, value):
        self.pack.insert(index, value)
        self.oracle.insert(index, text(value))

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), value=VALUES)
    def insert_after(self, data, value):
        index = self.place(data)
        self.pack.insert_after(index, value)
        self.oracle.insert(index % len(self.oracle) + 1, text(value))

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), value=VALUES)
    def replace(self, data, value):
        index = self.place(data)
        self.pack[index] = value
        self.oracle[index] = text(value)

    @precondition(lambda self: self.oracle)
    @rule(data=st.data())
    def remove(self, data):
        index = self.place(data)
        del self.pack[index]
        del self.oracle[index]

    @precondition(lambda self: self.oracle)
    @rule(data=st.data(), n=st.integers(0, 8))
    def delete(self, data, n):
        start = self.place(data) % len(self.oracle)
        self.pack.delete(start, n)
        del self.oracle[start : start + n]

    @rule(data=st.data(), skip=st.integers(0, 2))
    def find(self, data, skip):
        value = data.draw(st.sampled_from(self.oracle) if self.oracle else VALUES)
        places = range(0, len(self.oracle), skip + 1)
        expected = next((i for i in places if self.oracle[i] == text(value)), None)
        assert self.pack.find(value, skip=skip) == expected
        assert (value in self.pack) is (text(value) in self.oracle)

    @rule()
    def through_bytes(self):
        assert list(ListPack.from_bytes(bytes(self.pack))) == self.oracle

    @invariant()
    def same(self):
        assert len(self.pack) == len(self.oracle)
        assert list(self.pack) == self.oracle
        assert list(reversed(self.pack)) == self.oracle[::-1]
        kept = [self.pack.stored(i) for i in range(len(self.oracle))]
        assert kept == [stored(item) for item in self.oracle]
        assert ListPack.validate(bytes(self.pack))


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)


@settings(max_examples=300, deadline=None)
@given(
    values=st.lists(VALUES, max_size=6),
    edits=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4),
    cut=st.integers(0, 10),
)
def test_what_is_accepted_can_be_read(values, edits, cut):
    data = bytearray(bytes(ListPack(values)))
    for place, byte in edits:
        data[place % len(data)] = byte
    data = bytes(data[: len(data) - cut] if cut else data)
    if ListPack.validate(data):
        pack = ListPack.from_bytes(data)
        assert len(list(pack)) == len(pack) == len(list(reversed(pack)))
    else:
        with pytest.raises(ValueError):
            ListPack.from_bytes(data)


def test_refuses_what_is_no_element():
    pack = ListPack([1])
    for wrong, error in (("text", TypeError), (None, TypeError), (1.5, TypeError), (2**63, OverflowError)):
        with pytest.raises(error):
            pack.append(wrong)
        with pytest.raises(error):
            pack.extend([b"good", wrong])
    assert list(pack) == [b"1"]


def test_names_what_is_missing():
    pack = ListPack([b"a", b"b"])
    for index in (2, -3):
        for act in (
            lambda i: pack[i],
            lambda i: pack.stored(i),
            lambda i: pack.insert_after(i, b"c"),
            lambda i: pack.delete(i, 1),
            lambda i: pack.__setitem__(i, b"c"),
            lambda i: pack.__delitem__(i),
        ):
            with pytest.raises(IndexError):
                act(index)
    assert pack.find(b"c") is None
    assert list(pack) == [b"a", b"b"]


def test_costs_the_bytes_in_use():
    pack = ListPack(b"hello world" for _ in range(100))
    assert len(bytes(pack)) == 7 + 100 * 13
    assert len(bytes(pack)) <= pack.memory() <= len(bytes(pack)) * 9 // 8 + 8
    pack.delete(0, 100)
    assert bytes(pack) == b"\x07\x00\x00\x00\x00\x00\xff"
    assert pack.memory() == 8
