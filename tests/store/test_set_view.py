"""store.members(key): a set, live."""
import operator
from collections.abc import MutableSet

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import cydis

MEMBER = st.sampled_from([b"a", b"b", b"c", b"1", b"22", b""])
MEMBERS = st.frozensets(MEMBER)
WHICH = st.sampled_from(["x", "y", "z"])
MIXED = st.lists(WHICH | MEMBERS, max_size=3)

OPERATORS = [operator.and_, operator.or_, operator.sub, operator.xor, operator.le, operator.lt, operator.ge,
             operator.gt, operator.eq, operator.ne]
IN_PLACE = [operator.iand, operator.ior, operator.isub, operator.ixor]
METHODS = ["union", "intersection", "difference"]
CHANGES = ["update", "intersection_update", "difference_update"]
PAIRWISE = ["symmetric_difference", "issubset", "issuperset", "isdisjoint"]


class LikeSets(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.store = cydis.Store()
        self.model = {name: set() for name in "xyz"}
        self.view = {name: self.store.members(name) for name in "xyz"}

    def both(self, other):
        """An operand as the model and as the view have it."""
        return (self.model[other], self.view[other]) if isinstance(other, str) else (set(other), set(other))

    @rule(name=WHICH, member=MEMBER)
    def one_member(self, name, member):
        model, view = self.model[name], self.view[name]
        assert (member in view) == (member in model)
        if member in model:
            view.remove(member)
            model.remove(member)
        else:
            with pytest.raises(KeyError):
                view.remove(member)
            view.add(member)
            model.add(member)
        view.discard(b"gone")

    @rule(name=WHICH)
    def pop(self, name):
        if self.model[name]:
            self.model[name].remove(self.view[name].pop())
        else:
            with pytest.raises(KeyError):
                self.view[name].pop()

    @rule(name=WHICH)
    def clear(self, name):
        self.model[name].clear()
        self.view[name].clear()

    @rule(name=WHICH, other=WHICH | MEMBERS, way=st.sampled_from(OPERATORS))
    def operate(self, name, other, way):
        model, view = self.both(other)
        assert way(self.view[name], view) == way(self.model[name], model)
        assert way(view, self.view[name]) == way(model, self.model[name])

    @rule(name=WHICH, other=WHICH | MEMBERS, way=st.sampled_from(IN_PLACE))
    def operate_in_place(self, name, other, way):
        model, view = self.both(other)
        assert way(self.view[name], view) is self.view[name]
        if other != name:
            way(self.model[name], model)
        elif way in (operator.isub, operator.ixor):
            self.model[name].clear()

    @rule(name=WHICH, others=MIXED, which=st.integers(0, 2), change=st.booleans())
    def many(self, name, others, which, change):
        models, views = zip(*map(self.both, others), strict=True) if others else ((), ())
        method = (CHANGES if change else METHODS)[which]
        expected = getattr(self.model[name], method)(*map(set, models))
        assert getattr(self.view[name], method)(*views) == expected

    @rule(name=WHICH, other=WHICH | MEMBERS, method=st.sampled_from(PAIRWISE))
    def pairwise(self, name, other, method):
        model, view = self.both(other)
        assert getattr(self.view[name], method)(view) == getattr(self.model[name], method)(model)

    @invariant()
    def same(self):
        for name, model in self.model.items():
            view = self.view[name]
            assert set(view) == view.copy() == model == view
            assert len(view) == len(model)
            assert (name in self.store) == bool(view) == bool(model)


TestLikeSets = LikeSets.TestCase
TestLikeSets.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)


def test_what_goes_in_is_an_argument_and_what_comes_out_is_bytes_or_text():
    store = cydis.Store()
    view = store.members("s")
    view |= {"a", 1, b"b"}
    assert isinstance(view, MutableSet)
    assert view == {"a", "1", "b"} == view and view & {"a", 1} == {b"a", b"1"} == {"a", 1} & view
    assert {"a", "x"} - view == {b"x"} and {"x"} | view == {b"a", b"1", b"b", b"x"} and {"a"} <= view
    assert {"a", "x"} ^ view == {b"x", b"1", b"b"}
    assert view != {None} and view != [1] and view != {"a"}
    for way in OPERATORS[:8]:
        with pytest.raises(TypeError):
            way(view, ["a"])
    for way in IN_PLACE:
        with pytest.raises(TypeError):
            way(view, ["a"])
    assert view.union(["x"], iter("yz")) == {b"a", b"1", b"b", b"x", b"y", b"z"}
    text = cydis.Store(engine=store.engine, decode=True).members("s")
    assert text == view and text.union(view) == {"a", "1", "b"} and text & {b"a"} == {"a"}
    assert repr(cydis.Store().members("s")) == "<cydis SetView 's' len=0 []>"
    with pytest.raises(TypeError, match="unhashable"):
        hash(view)


def test_between_two_stores():
    one, two = cydis.Store().members("s"), cydis.Store().members("s")
    one |= {1, 2, 3}
    two |= {2, 3, 4}
    assert one & two == {b"2", b"3"} and one - two == {b"1"} and one != two and not one <= two
    two &= one
    assert two == {2, 3} and two < one and one > two
    one ^= two
    assert one == {1}


def test_views_of_one_store_run_one_command():
    store = cydis.Store()
    a, b = store.members("a"), store.members("b")
    a |= {1, 2}
    b |= {2, 3}
    store.expire("a", 100)
    store.config_resetstat()
    assert a & b == {b"2"} and a.isdisjoint(b) is False
    a |= b
    a &= b
    a -= b
    assert not a
    calls = {name: stats[0] for name, stats in store.engine.command_stats().items()}
    assert {name: count for name, count in calls.items() if name[:2] in ("si", "su", "sd", "sm", "sa", "sr")} == {
        "sinter": 1, "sintercard": 1, "sunionstore": 1, "sinterstore": 1, "sdiffstore": 1}
    a |= {1, 2}
    store.expire("a", 100)
    a |= b
    a &= b
    a.symmetric_difference_update({9})
    assert 0 < store.ttl("a") <= 100 and a == {2, 3, 9}


def test_a_key_of_another_type():
    store = cydis.Store()
    view = store.members("s")
    store["s"] = "text"
    for use in (len, list, lambda v: v.pop(), lambda v: v.add(1), lambda v: v.clear(), lambda v: 1 in v,
                lambda v: v & {1}, lambda v: v.update(v), lambda v: v == {1}, lambda v: v.remove(1)):
        with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
            use(view)
    assert store["s"] == b"text"


@pytest.mark.parametrize("size", [10, 3000])
def test_iterating_while_the_set_changes(size):
    view = cydis.Store().members("s")
    kept = {b"%d" % n for n in range(size)}
    view |= kept
    view |= {f"old{n}" for n in range(size)}
    seen = set()
    for turn, member in enumerate(view):
        seen.add(member)
        view.discard(f"old{turn}")
        view.add(f"new{turn}")
        assert turn < 20 * size, "does not end"
    assert seen >= kept
    for member in view:
        view.remove(member)
    assert not view
