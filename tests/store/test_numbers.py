"""Many numbers in and out of a Store as arrays and buffers, without an object for each; and with NumPy where it is."""
import math
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cydis

DOUBLE = st.floats(allow_nan=False)
INTEGER = st.integers(-(1 << 63), (1 << 63) - 1)


@settings(max_examples=60, deadline=None)
@given(scores=st.lists(DOUBLE, max_size=200), ids=st.booleans())
def test_scores_there_and_back(scores, ids):
    view = cydis.Store().zset("z")
    members = array("q", range(len(scores))) if ids else [b"%d" % n for n in range(len(scores))]
    assert view.update_from(members, array("d", scores)) == len(scores)
    pairs = view[:]
    assert sorted(score for _, score in pairs) == sorted(scores)
    assert {int(member): score for member, score in pairs} == dict(enumerate(scores))
    found = view.scores()
    assert type(found) is array and found.typecode == "d"
    assert list(found) == [score for _, score in pairs]
    assert view.columns() == ([member for member, _ in pairs], found)
    assert list(view.scores(1, -1)) == list(found[1:-1]) and list(view.scores(-3, desc=True)) == list(found[::-1][-3:])
    assert view.scores_of(members) == array("d", scores)


def test_scores_of_some():
    view = cydis.Store(decode=True).zset("z")
    assert view.scores() == array("d") and view.columns() == ([], array("d")) and view.update_from([], []) == 0
    assert view.scores_of([]) == array("d")
    view.update_from(["a", 2, 3.5, "\u00e9", bytearray(b"x")], memoryview(array("q", [1, 2, 3, 4, 5])))
    assert view == {"a": 1, "2": 2, "3.5": 3, "\u00e9": 4, "x": 5}
    one, none = view.scores_of(iter(["a", "gone"]))
    assert one == 1.0 and math.isnan(none)
    assert view.columns(-2) == (["\u00e9", "x"], array("d", [4, 5]))
    assert view.columns(0, 1, desc=True) == (["x"], array("d", [5]))
    assert math.isnan(cydis.Store().zset("gone").scores_of(["a"])[0])


@pytest.mark.parametrize(("members", "scores", "error"), [
    (["a"], [1, 2], ValueError), (["a"], array("f", [1]), TypeError), (["a"], b"12345678", TypeError),
    (["a"], "1", TypeError), ([None], [1], TypeError), (["a", "b"], memoryview(array("d", range(4)))[::2], BufferError),
    (["a"], [float("nan")], cydis.CommandError), (b"ab", [1], ValueError), (array("i", [1]), [1], TypeError),
])
def test_what_is_no_column(members, scores, error):
    view = cydis.Store().zset("z")
    with pytest.raises(error):
        view.update_from(members, scores)
    assert not view


@settings(max_examples=60, deadline=None)
@given(doubles=st.lists(DOUBLE, max_size=100), integers=st.lists(INTEGER, max_size=100))
def test_lists_of_numbers(doubles, integers):
    store = cydis.Store()
    view, whole = store.list("d"), store.list("q")
    view.extend_from(array("d", doubles))
    whole.extend_from(array("q", integers))
    assert list(view.numbers()) == doubles and list(whole.numbers("q")) == integers
    assert list(whole.numbers()) == [float(n) for n in integers]
    assert list(whole.numbers("q", 2, -1)) == integers[2:-1]
    assert [float(text) for text in view] == doubles


@settings(max_examples=60, deadline=None)
@given(values=st.dictionaries(st.binary(max_size=5), INTEGER, max_size=600))
def test_hashes_of_numbers(values):
    view = cydis.Store().hash("h")
    assert view.update_from(list(values), array("q", values.values())) == len(values)
    fields, numbers = view.columns("q")
    assert dict(zip(fields, numbers, strict=True)) == values
    assert list(view.numbers(values, "q")) == list(values.values())
    assert list(view.numbers(values)) == [float(n) for n in values.values()]


def test_elements_that_are_no_numbers():
    store = cydis.Store()
    store.list("l").extend(["1", "2.5", "x"])
    store.hash("h").update(a=1, b="x\xff")
    with pytest.raises(ValueError, match=r"element 2 is b'x', no number"):
        store.list("l").numbers()
    with pytest.raises(ValueError, match=r"element 1 is b'2.5', no 64-bit integer"):
        store.list("l").numbers("q")
    assert store.list("l").numbers("d", 0, 2) == array("d", [1, 2.5])
    with pytest.raises(ValueError, match=r"element 1 is b'x\\xc3\\xbf', no number"):
        store.hash("h").columns()
    with pytest.raises(ValueError, match="a missing value, no 64-bit integer"):
        store.hash("h").numbers(["a", "gone"], "q")
    assert math.isnan(store.hash("h").numbers(["gone"])[0])
    with pytest.raises(ValueError, match="float64"):
        store.list("l").numbers("f")
    with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
        store.list("h").numbers()
    with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
        store.zset("h").update_from(["a"], [1.0])


def test_large_columns():
    """More than a reply on the stack, and more than what runs without letting the interpreter go."""
    count = 50_000
    view = cydis.Store().zset("z")
    assert view.update_from(array("q", range(count)), array("d", range(count))) == count
    assert view.scores() == array("d", range(count))
    members, scores = view.columns()
    assert [int(member) for member in members] == list(scores)


def test_buffers_are_strings():
    store = cydis.Store()
    numbers = array("d", [1.5, -2.5])
    for value in (numbers, memoryview(numbers), memoryview(bytes(numbers)).cast("d")):
        store["raw"] = value
        assert store["raw"] == numbers.tobytes()
    assert memoryview(store["raw"]).cast("d").tolist() == [1.5, -2.5]

    class Whole:
        def __index__(self):
            return 7

    store["n"] = Whole()
    assert store["n"] == b"7"
    with pytest.raises(TypeError, match="bytes, str, int or float"):
        store["n"] = memoryview(b"12345678").cast("d", shape=[])       # as a number of another library shows itself


def test_with_numpy():
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    store = cydis.Store()
    view = store.zset("z")
    view.update_from(numpy.arange(100), numpy.linspace(0, 1, 100))
    scores = view.scores(numpy=True)
    assert scores.dtype == numpy.float64 and numpy.array_equal(scores, numpy.linspace(0, 1, 100))
    assert numpy.shares_memory(numpy.asarray(found := view.scores()), numpy.asarray(found))
    assert view.scores(5, 5, numpy=True).shape == (0,)
    members, scores = view.columns(0, 2, numpy=True)
    assert members == [b"0", b"1"] and scores.tolist() == [0.0, 1 / 99]
    assert view.scores_of([3], numpy=True)[0] == scores[1] * 3
    store.list("l").extend_from(numpy.arange(5))
    assert store.list("l").numbers("q", numpy=True).tolist() == [0, 1, 2, 3, 4]
    store.hash("h").update_from(["a", "b"], numpy.array([1.5, 2.5]))
    assert store.hash("h").columns(numpy=True)[1].sum() == 4.0
    assert store.hash("h").numbers(["b"], numpy=True)[0] == 2.5
    store["raw"] = numpy.array([1.0, 2.0])
    assert numpy.frombuffer(store["raw"]).tolist() == [1.0, 2.0]
    store["n"] = numpy.int64(5)
    store["x"] = numpy.float64(2.5)
    assert (store["n"], store["x"]) == (b"5", b"2.5")
    for odd in (numpy.float32(0.1), numpy.bool_(True)):
        with pytest.raises(TypeError):
            store["odd"] = odd
