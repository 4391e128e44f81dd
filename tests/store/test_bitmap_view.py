"""store.bitmap(key): the bits of a string, live."""
import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import cydis

PLACE = st.integers(0, 40)
NEGATIVE = st.integers(-50, -1)
SLICE = st.builds(slice, st.none() | st.integers(-50, 50), st.none() | st.integers(-50, 50),
                  st.none() | st.sampled_from([1, 2, 7, -1, -3]))
DATA = st.binary(max_size=6)


def bits(data):
    return [int(bit) for byte in data for bit in f"{byte:08b}"]


class LikeBits(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.model = []
        self.view = cydis.Store().bitmap("b")

    def grow(self, size):
        self.model += [0] * (-(-size // 8) * 8 - len(self.model))

    @rule(at=PLACE, bit=st.booleans())
    def put(self, at, bit):
        self.view[at] = bit
        self.grow(at + 1)
        self.model[at] = int(bit)

    @rule(at=PLACE)
    def read(self, at):
        assert self.view[at] == (self.model[at] if at < len(self.model) else 0)

    @rule(at=NEGATIVE)
    def from_the_end(self, at):
        if at >= -len(self.model):
            assert self.view[at] == self.model[at]
            self.view[at] = self.model[at] = 1
        else:
            for use in (lambda: self.view[at], lambda: self.view.__setitem__(at, 1)):
                with pytest.raises(IndexError):
                    use()

    @rule(part=SLICE)
    def slices(self, part):
        assert self.view[part] == self.model[part]

    @rule(data=DATA, at=st.integers(0, 4))
    def write(self, data, at):
        self.view.write(data, at)
        if data:
            self.grow((at + len(data)) * 8)
            self.model[at * 8:(at + len(data)) * 8] = bits(data)

    @rule(bit=st.integers(0, 1), start=st.integers(-50, 50), stop=st.none() | st.integers(-50, 50))
    def look(self, bit, start, stop):
        part = self.model[slice(start, stop)]
        assert self.view.count(bit, start, stop) == part.count(bit)
        first = range(len(self.model))[slice(start, stop)].start
        expected = first + part.index(bit) if bit in part else -1
        if bit == 0 and stop is None and expected < 0:
            expected = max(start, len(self.model))
        assert self.view.find(bit, start, stop) == expected
        if expected >= 0:
            assert self.view.index(bit, start, stop) == expected
        else:
            with pytest.raises(ValueError):
                self.view.index(bit, start, stop)

    @rule()
    def clear(self):
        self.view.clear()
        self.model.clear()

    @invariant()
    def same(self):
        assert list(self.view) == self.model
        assert list(self.view.ones()) == [at for at, bit in enumerate(self.model) if bit]
        assert len(self.view) == len(self.model)
        assert bits(bytes(self.view)) == self.model


TestLikeBits = LikeBits.TestCase
TestLikeBits.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


@settings(max_examples=60, deadline=None)
@given(one=DATA, two=DATA, plain=st.booleans(), decode=st.booleans())
def test_operators(one, two, plain, decode):
    store = cydis.Store(decode=decode)
    a, b, c = store.bitmap("a"), store.bitmap("b"), store.bitmap("c")
    a.write(one)
    b.write(two)
    size = max(len(one), len(two))
    wide, other = one.ljust(size, b"\0"), two.ljust(size, b"\0")
    for way, in_place, target in ((operator.and_, operator.iand, "store_and"), (operator.or_, operator.ior, "store_or"),
                                  (operator.xor, operator.ixor, "store_xor")):
        expected = bytes(map(way, wide, other))
        operand = two if plain else b
        assert way(a, operand) == way(operand, a) == expected
        assert getattr(c, target)(a, b) == size
        assert c == expected
        c.clear()
        c.write(one)
        assert in_place(c, operand) is c
        assert c == expected
        c.clear()
    assert ~a == bytes(255 - byte for byte in one)
    assert c.store_not(a) == len(one) and c == ~a
    assert bytes(a) == one and a.read(1, -1) == one[1:-1] and (a == one) and (a != b) == (one != two)


def test_in_place_keeps_the_time_to_live():
    store = cydis.Store()
    a, b = store.bitmap("a"), store.bitmap("b")
    a[3] = b[5] = 1
    store.expire("a", 100)
    a |= b
    a ^= b"\x01"
    a.store_or(a, b)
    assert 0 < store.ttl("a") <= 100 and a[:] == [0, 0, 0, 1, 0, 1, 0, 1]


def test_what_is_no_bitmap():
    store = cydis.Store()
    view = store.bitmap("b")
    assert not view and view[10**6] == 0 and list(view) == [] and bytes(view) == b"" and view.find() == -1
    assert view.find(0) == 0 and view.find(0, 5) == 5 and "b" not in store
    with pytest.raises(TypeError):
        view[0:8] = [1]
    with pytest.raises(TypeError):
        view["1"]
    with pytest.raises(TypeError, match="same Store"):
        view.store_and(cydis.Store().bitmap("b"))
    with pytest.raises(TypeError, match="unhashable"):
        hash(view)
    with pytest.raises(cydis.CommandError, match="bit is not an integer"):
        view[0] = 2
    with pytest.raises(cydis.CommandError, match="bit offset"):
        view[1 << 40] = 1
    store.list("b").append(1)
    for use in (len, list, bytes, lambda v: v[0], lambda v: v[1:2], lambda v: v.count(), lambda v: v | b"1",
                lambda v: v.clear(), lambda v: v.write(b"1"), lambda v: v.__setitem__(0, 1)):
        with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
            use(view)
    assert repr(view) == "<cydis BitmapView 'b' WRONGTYPE>"
    store["b"] = b"\x01\x02\x03\x04\x05"
    assert repr(view) == "<cydis BitmapView 'b' len=40 [01 02 03 04 ...]>"


def test_long_bitmaps_and_numpy():
    view = cydis.Store().bitmap("b")
    places = [0, 7, 65535, 65536, 65543, 200_000]
    for at in places:
        view[at] = 1
    walk = view.ones()
    assert next(walk) == 0
    view[1], view[199_999] = 1, 1
    assert list(walk) == [*places[1:-1], 199_999, 200_000]
    assert sum(view) == view.count() == 8
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    found = numpy.unpackbits(numpy.frombuffer(bytes(view), numpy.uint8))
    assert found.tolist() == list(view)
    view.write(numpy.packbits(found[::-1]))
    assert list(view) == found[::-1].tolist()
