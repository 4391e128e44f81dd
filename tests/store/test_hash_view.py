"""store.hash(key): a dict, live."""
from collections.abc import MutableMapping

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import cydis

FIELD = st.sampled_from([b"a", b"b", b"c", b"\xff", b""]) | st.binary(max_size=3)
VALUE = st.binary(max_size=8) | st.just(b"x" * 100)


class LikeADict(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.model = {}
        self.view = cydis.Store().hash("h")

    @rule(field=FIELD, value=VALUE)
    def put(self, field, value):
        self.view[field] = self.model[field] = value

    @rule(field=FIELD)
    def read(self, field):
        assert (field in self.view) == (field in self.model)
        assert self.view.get(field) == self.model.get(field)
        assert self.view.get(field, 5) == self.model.get(field, 5)
        if field in self.model:
            assert self.view[field] == self.model[field]
        else:
            with pytest.raises(KeyError):
                self.view[field]

    @rule(field=FIELD)
    def remove(self, field):
        if field in self.model:
            del self.view[field], self.model[field]
        else:
            with pytest.raises(KeyError):
                del self.view[field]

    @rule(field=FIELD, fallback=st.booleans())
    def pop(self, field, fallback):
        if field in self.model or fallback:
            assert self.view.pop(field, *[None] * fallback) == self.model.pop(field, None)
        else:
            with pytest.raises(KeyError):
                self.view.pop(field)

    @rule()
    def popitem(self):
        if self.model:
            field, value = self.view.popitem()
            assert self.model.pop(field) == value
        else:
            with pytest.raises(KeyError):
                self.view.popitem()

    @rule(field=FIELD, value=VALUE)
    def setdefault(self, field, value):
        assert self.view.setdefault(field, value) == self.model.setdefault(field, value)

    @rule(pairs=st.dictionaries(FIELD, VALUE, max_size=4), by=st.booleans())
    def update(self, pairs, by):
        self.model.update(pairs)
        if by:
            self.view |= pairs
        else:
            self.view.update(list(pairs.items()))

    @rule()
    def clear(self):
        self.model.clear()
        self.view.clear()

    @invariant()
    def same(self):
        assert len(self.view) == len(self.model)
        assert dict(self.view) == dict(self.view.items()) == self.view.copy() == self.model == self.view
        assert sorted(self.view.keys()) == sorted(self.model)
        assert sorted(self.view.values()) == sorted(self.model.values())
        assert bool(self.view) == bool(self.model) == ("h" in self.view.store)


TestLikeADict = LikeADict.TestCase
TestLikeADict.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_what_goes_in_is_an_argument_and_what_comes_out_is_bytes_or_text():
    view = cydis.Store().hash("h")
    view.update({"name": "Ada", 1: 2.5}, logins=1)
    assert view == {"name": "Ada", 1: 2.5, b"logins": "1"} == view
    assert view != {"name": "Ada"} and view != {"name": None} and view != 5 and view != [1]
    assert view["name"] == b"Ada" and view[1] == b"2.5"
    assert ("name", "Ada") in view.items() and ("name", "Bob") not in view.items()
    assert "Ada" in view.values() and 2.5 in view.values() and "Bob" not in view.values()
    assert isinstance(view, MutableMapping)
    text = cydis.Store(decode=True).hash("h")
    text["n"] = 1
    assert text["n"] == "1" and list(text) == ["n"] and text.copy() == {"n": "1"}
    assert view.copy() == cydis.Store(engine=view.store.engine).hash(b"h")
    with pytest.raises(TypeError, match="bytes, str, int or float"):
        view["x"] = None
    with pytest.raises(TypeError, match="unhashable"):
        hash(view)


def test_numbers():
    view = cydis.Store().hash("h")
    assert view.incr("n") == 1 and view.incr("n", 10) == 11
    assert view.incr("n", 0.5) == 11.5 and type(view.incr("x", 2.0)) is float
    with pytest.raises(cydis.CommandError, match="hash value is not an integer"):
        view.incr("n")


def test_a_view_is_a_store_and_a_key():
    store = cydis.Store()
    view, same = store.hash("h"), store.hash(bytearray(b"h"))
    assert (view.key, same.key) == ("h", b"h") and view.store is store
    assert not view and len(view) == 0 and list(view) == [] and view == {}
    same["f"] = 1
    assert view == same == {"f": 1}
    store.delete("h")
    assert not view
    store["h"] = "text"
    for use in (len, list, repr, lambda v: v["f"], lambda v: v.update(f=1), lambda v: v.clear(), lambda v: v.pop("f"),
                lambda v: v.popitem(), lambda v: "f" in v, lambda v: v == {}, lambda v: v.setdefault("f", 1)):
        if use is repr:
            assert repr(view) == "<cydis HashView 'h' WRONGTYPE>"
            continue
        with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
            use(view)
    assert store["h"] == b"text"
    with pytest.raises(TypeError, match="bytes, str, int or float"):
        store.hash(None)
    with pytest.raises(TypeError, match="at most one default"):
        view.pop("f", 1, 2)
    with pytest.raises(AttributeError):
        view.other = 1


def test_repr_shows_some():
    view = cydis.Store().hash("h")
    assert repr(view) == "<cydis HashView 'h' len=0 []>"
    view["f"] = 1
    assert repr(view) == "<cydis HashView 'h' len=1 [b'f']>"
    view.update({n: n for n in range(1000)})
    assert repr(view).endswith(", ...]>") and "len=1001" in repr(view)


@pytest.mark.parametrize("size", [10, 2000])
def test_iterating_while_the_hash_changes(size):
    view = cydis.Store().hash("h")
    kept = {b"kept%d" % n: b"%d" % n for n in range(size)}
    view.update(kept)
    view.update({f"old{n}": n for n in range(size)})
    seen = set()
    for turn, field in enumerate(view):
        seen.add(field)
        view.pop(f"old{turn}", None)
        view[f"new{turn}"] = turn
        assert turn < 20 * size, "does not end"
    assert seen >= kept.keys()
    found = {}
    for turn, (field, value) in enumerate(view.items()):
        found[field] = value
        if not field.startswith(b"kept"):
            del view[field]
        assert turn < 20 * size, "does not end"
    assert found.items() >= kept.items()
    walk = iter(view)
    next(walk)
    view.clear()
    assert len(list(walk)) <= size
    assert list(view.values()) == []
