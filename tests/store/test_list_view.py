"""store.list(key): a list, live."""
import threading
from collections.abc import MutableSequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import cydis

VALUE = st.sampled_from([b"a", b"b", b"c", b"", b"7"]) | st.binary(max_size=5)
VALUES = st.lists(VALUE, max_size=5)
PLACE = st.integers(-12, 12)
SLICE = st.builds(slice, st.none() | PLACE, st.none() | PLACE, st.none() | st.sampled_from([1, 2, 3, -1, -2, -3]))


def same_for(model, view, use):
    """Both do the same, or raise the same."""
    try:
        expected = use(model)
    except (IndexError, ValueError) as error:
        with pytest.raises(type(error)):
            use(view)
    else:
        assert use(view) == expected


class LikeAList(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        store = cydis.Store()
        store.config_set("list-max-listpack-size", 4)
        self.model, self.view = [], store.list("l")

    @rule(at=PLACE | SLICE)
    def read(self, at):
        same_for(self.model, self.view, lambda s: s[at])

    @rule(at=PLACE, value=VALUE)
    def put(self, at, value):
        same_for(self.model, self.view, lambda s: s.__setitem__(at, value))

    @rule(at=SLICE, values=VALUES, fit=st.booleans())
    def put_slice(self, at, values, fit):
        if fit:
            values = (values * 30)[:len(self.model[at])]
        same_for(self.model, self.view, lambda s: s.__setitem__(at, iter(values)))

    @rule(at=PLACE | SLICE)
    def remove_at(self, at):
        same_for(self.model, self.view, lambda s: s.__delitem__(at))

    @rule(at=PLACE, value=VALUE)
    def insert(self, at, value):
        same_for(self.model, self.view, lambda s: s.insert(at, value))

    @rule(at=st.none() | PLACE)
    def pop(self, at):
        same_for(self.model, self.view, lambda s: s.pop() if at is None else s.pop(at))

    @rule(value=VALUE, start=st.none() | PLACE, stop=st.none() | PLACE)
    def find(self, value, start, stop):
        same_for(self.model, self.view, lambda s: s.index(value))
        same_for(self.model, self.view, lambda s: s.index(value, start or 0, 100 if stop is None else stop))
        same_for(self.model, self.view, lambda s: (s.count(value), value in s))

    @rule(value=VALUE)
    def remove(self, value):
        same_for(self.model, self.view, lambda s: s.remove(value))

    @rule(values=VALUES, by=st.booleans())
    def extend(self, values, by):
        self.model += values
        if by:
            self.view += values
        else:
            self.view.extend(iter(values))

    @rule(value=VALUE)
    def append(self, value):
        self.model.append(value)
        self.view.append(value)

    @rule()
    def reverse(self):
        self.model.reverse()
        self.view.reverse()

    @invariant()
    def same(self):
        assert len(self.view) == len(self.model)
        assert list(self.view) == self.view[:] == self.view.copy() == self.model == self.view
        assert list(reversed(self.view)) == self.model[::-1]
        assert ("l" in self.view.store) == bool(self.view) == bool(self.model)


TestLikeAList = LikeAList.TestCase
TestLikeAList.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_what_goes_in_is_an_argument_and_what_comes_out_is_bytes_or_text():
    view = cydis.Store().list("l")
    view += ["a", 1, 2.5]
    assert isinstance(view, MutableSequence)
    assert view[:] == [b"a", b"1", b"2.5"] and view == ["a", 1, 2.5]
    assert "a" in view and 1 in view and view.index(2.5) == 2 and view.count("1") == 1
    assert view != ["a"] and view != [None] and view != "a" and view != 5
    view[1:2] = ["x", 7]
    text = cydis.Store(engine=view.store.engine, decode=True).list("l")
    assert list(text) == ["a", "x", "7", "2.5"] and text.pop() == "2.5" and text[-1] == "7"
    text += text
    assert view == ["a", "x", 7] * 2 == text
    with pytest.raises(TypeError, match="bytes, str, int or float"):
        view[1:3] = ["new", None]
    assert len(view) == 6
    with pytest.raises(TypeError):
        view["1"]
    with pytest.raises(ValueError, match="slice step cannot be zero"):
        view[::0]
    assert repr(view) == "<cydis ListView 'l' len=6 [b'a', b'x', b'7', b'a', ...]>"


@pytest.mark.parametrize("far", [2**62, 2**63 - 1, 2**63, 10**30])
def test_far_away(far):
    view = cydis.Store().list("l")
    view += "abc"
    for at in (far, -far):
        for use in (lambda v, at=at: v[at], lambda v, at=at: v.pop(at), lambda v, at=at: v.__setitem__(at, 1),
                    lambda v, at=at: v.__delitem__(at)):
            with pytest.raises(IndexError):
                use(view)
    assert view[-far:far] == [b"a", b"b", b"c"] and view[far:] == [] and view[far::-1] == [b"c", b"b", b"a"]


def test_a_key_of_another_type_and_none():
    store = cydis.Store()
    view = store.list("l")
    assert not view and list(view) == [] and view[:] == [] == view and 1 not in view and view.count(1) == 0
    for use in (lambda: view[0], lambda: view.pop(), lambda: view.pop(3), lambda: view.__setitem__(0, 1),
                lambda: view.__delitem__(0)):
        with pytest.raises(IndexError):
            use()
    store["l"] = "text"
    for use in (len, list, lambda v: v[0], lambda v: v[1:2], lambda v: v.append(1), lambda v: v.clear(),
                lambda v: v.pop(), lambda v: v.pop(2), lambda v: v.insert(2, 1), lambda v: v.__setitem__(0, 1),
                lambda v: v.__delitem__(slice(0, 1)), lambda v: v.reverse(), lambda v: 1 in v, lambda v: v == [],
                lambda v: v.__setitem__(slice(0, 1), [1, 2])):
        with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
            use(view)
    assert store["l"] == b"text"


def test_changes_keep_the_time_to_live():
    store = cydis.Store()
    view = store.list("l")
    view += range(10)
    store.expire("l", 100)
    view[:] = range(5)
    view[0:2] = "abc"
    view[4:] = "x"
    view[1:3] = []
    view.insert(2, "new")
    view.reverse()
    del view[0], view[1:2], view[::2]
    assert 0 < store.ttl("l") <= 100
    assert view


@pytest.mark.parametrize("size", [10, 3000])
def test_iterating_while_the_list_changes(size):
    """The elements are those of the moment in which the iteration begins."""
    view = cydis.Store().list("l")
    view += range(size)
    met = []
    for element in view:
        met.append(int(element))
        view.remove(element)
        view += [1, 2]
    assert met == list(range(size))
    before = view[:]
    walk = reversed(view)
    next(walk)
    view.clear()
    assert list(walk) == before[-2::-1]


def test_what_is_alone_is_one_step_for_others():
    """Every element is there whenever somebody looks, while others insert, turn and replace."""
    store = cydis.Store()
    store.list("l").extend(range(50))
    kept = set(store.list("l"))
    stop = threading.Event()
    wrong = []

    def look():
        view = store.list("l")
        while not stop.is_set():
            if not kept <= set(view[:]):
                wrong.append(view[:])

    def change(name):
        view = store.list("l")
        for turn in range(100):
            view.insert(25, f"{name}{turn}")
            view.reverse()
            view.remove(f"{name}{turn}")

    watcher = threading.Thread(target=look)
    changers = [threading.Thread(target=change, args=(name,)) for name in "ab"]
    for thread in (watcher, *changers):
        thread.start()
    for thread in changers:
        thread.join()
    stop.set()
    watcher.join()
    assert not wrong
    assert store.list("l") == list(range(50))


def test_alone_may_be_nested_and_ends_with_an_error():
    from cydis.store.alone import Alone
    store = cydis.Store()
    with pytest.raises(ZeroDivisionError), Alone(store), Alone(store):
        store.incr("n")
        store.pipeline().incr("n").run()
        store.config_get("maxclients")
        raise ZeroDivisionError
    done = threading.Thread(target=store.incr, args=("n",))
    done.start()
    done.join(60)
    assert store["n"] == b"3"
