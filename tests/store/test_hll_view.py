"""store.hll(key): a set of which only the size is known, live."""
import pytest

import cydis


def test_counting():
    store = cydis.Store()
    a, b = store.hll("a"), store.hll("b")
    assert not a and len(a) == 0 and a.update([]) is False and "a" not in store
    assert a.add("x") is True and a.add("x") is False
    assert a.update(range(100)) is True and a.update([1, "2", b"3"]) is False
    assert 99 <= len(a) <= 103
    b |= ["x", "y"]
    assert len(b) == 2 and b.count(a) == a.count(b) == len(a) + 1
    before = len(a)
    a |= b
    assert len(a) == before + 1
    a.merge(b, b)
    assert repr(b) == "<cydis HyperLogLogView 'b' len=2>"
    b.clear()
    assert not b and "b" not in store
    with pytest.raises(TypeError, match="same Store"):
        a.merge(cydis.Store().hll("a"))
    with pytest.raises(TypeError):
        a |= cydis.Store().hll("a")
    with pytest.raises(TypeError):
        iter(a)
    store["a"] = "text"
    for use in (len, lambda v: v.add(1), lambda v: v.count(b), lambda v: v.merge(b), lambda v: v.clear()):
        with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
            use(a)
