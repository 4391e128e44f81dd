"""store.zset(key): members and scores in order, live."""
from collections.abc import MutableMapping

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import cydis

MEMBER = st.sampled_from([b"a", b"b", b"c", b"d", b"", b"\xff"]) | st.binary(max_size=2)
SCORE = st.sampled_from([0.0, 1.0, -1.5, 1e300, float("inf"), float("-inf")]) | st.floats(allow_nan=False)
PLACE = st.none() | st.integers(-8, 8)
SLICE = st.builds(slice, PLACE, PLACE, st.sampled_from([None, 1, 2, 3, -1, -2, -3]))


class InOrder(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        store = cydis.Store()
        store.config_set("zset-max-listpack-entries", 5)
        self.model, self.view = {}, store.zset("z")

    def pairs(self):
        return sorted(self.model.items(), key=lambda pair: (pair[1], pair[0]))

    @rule(member=MEMBER, score=SCORE)
    def put(self, member, score):
        self.view[member] = self.model[member] = score

    @rule(member=MEMBER)
    def read(self, member):
        assert (member in self.view) == (member in self.model)
        assert self.view.get(member) == self.model.get(member)
        assert self.view.get(member, 5) == self.model.get(member, 5)
        if member in self.model:
            assert self.view[member] == self.model[member]
            at = self.pairs().index((member, self.model[member]))
            assert self.view.rank(member) == at
            assert self.view.rank(member, desc=True) == len(self.model) - 1 - at
        else:
            for use in (self.view.__getitem__, self.view.rank, self.view.__delitem__):
                with pytest.raises(KeyError):
                    use(member)

    @rule(member=MEMBER, fallback=st.booleans(), way=st.booleans())
    def remove(self, member, fallback, way):
        if way and member in self.model:
            del self.view[member], self.model[member]
        elif member in self.model or fallback:
            assert self.view.pop(member, *[None] * fallback) == self.model.pop(member, None)
        else:
            with pytest.raises(KeyError):
                self.view.pop(member)

    @rule(part=SLICE, keep=st.booleans())
    def by_rank(self, part, keep):
        pairs = self.pairs()
        assert self.view[part] == pairs[part]
        if not keep:
            del self.view[part]
            for member, _ in pairs[part]:
                del self.model[member]

    @rule(lo=SCORE, hi=SCORE, offset=st.integers(0, 2), count=st.none() | st.integers(0, 3), desc=st.booleans())
    def by_score(self, lo, hi, offset, count, desc):
        expected = [pair for pair in self.pairs() if lo <= pair[1] <= hi]
        assert self.view.count(lo, hi) == len(expected)
        expected = expected[::-1] if desc else expected
        expected = expected[offset:][:count]
        assert self.view.by_score(lo, hi, desc=desc, offset=offset, count=count) == expected

    @rule(last=st.booleans(), count=st.none() | st.integers(0, 3))
    def pop_ends(self, last, count):
        pairs = self.pairs()[::-1] if last else self.pairs()
        pop = self.view.pop_max if last else self.view.pop_min
        if count is not None:
            assert pop(count) == pairs[:count]
        elif pairs:
            assert (pop() if len(pairs) % 2 else self.view.popitem(last)) == pairs[0]
        else:
            with pytest.raises(KeyError):
                pop()
        for member, _ in pairs[:1 if count is None else count]:
            del self.model[member]

    @rule(member=MEMBER, score=SCORE)
    def setdefault(self, member, score):
        assert self.view.setdefault(member, score) == self.model.setdefault(member, score)

    @rule(scores=st.dictionaries(MEMBER, SCORE, max_size=6), by=st.booleans())
    def update(self, scores, by):
        self.model.update(scores)
        if by:
            self.view |= scores
        else:
            self.view.update(list(scores.items()))

    @rule()
    def clear(self):
        self.model.clear()
        self.view.clear()

    @invariant()
    def same(self):
        pairs = self.pairs()
        assert list(self.view.items()) == list(self.view.copy().items()) == pairs == self.view[:]
        assert list(self.view) == [member for member, _ in pairs] == list(self.view.keys())
        assert list(self.view.values()) == [score for _, score in pairs]
        assert list(reversed(self.view.items())) == pairs[::-1]
        assert list(reversed(self.view)) == [member for member, _ in pairs[::-1]]
        assert list(reversed(self.view.values())) == [score for _, score in pairs[::-1]]
        assert self.view == self.model == dict(self.view)
        assert len(self.view) == len(self.model)


TestInOrder = InOrder.TestCase
TestInOrder.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_what_goes_in_is_an_argument_and_what_comes_out_is_bytes_or_text():
    store = cydis.Store()
    view = store.zset("z")
    view.update({"ann": 1, 5: 2.5}, bob=0)
    assert isinstance(view, MutableMapping)
    assert view == {"ann": 1, "5": 2.5, b"bob": 0} and view[5] == 2.5 and view != {"ann": 1} and view != {None: 1}
    assert ("ann", 1) in view.items() and ("ann", 2) not in view.items() and 2.5 in view.values()
    text = cydis.Store(engine=store.engine, decode=True).zset("z")
    assert list(text) == ["bob", "ann", "5"] and text == view and text[:1] == [("bob", 0.0)]
    assert view.incr("ann") == 2.0 and view.incr("new", -1.5) == -1.5
    assert view.by_score("(0", "+inf") == [(b"ann", 2.0), (b"5", 2.5)] and view.count("(0", 2) == 1
    assert view.remove_by_score("-inf", "(0") == 1
    assert repr(view) == "<cydis ZSetView 'z' len=3 [(b'bob', 0.0), (b'ann', 2.0), (b'5', 2.5)]>"
    with pytest.raises(cydis.CommandError, match="not a valid float"):
        view["x"] = "much"
    with pytest.raises(TypeError, match="unhashable"):
        hash(view)


def test_by_lex():
    view = cydis.Store(decode=True).zset("z")
    view.update(dict.fromkeys("abcde", 0))
    assert view.by_lex() == list("abcde")
    assert view.by_lex("[b", "(d") == ["b", "c"]
    assert view.by_lex("[b", desc=True, offset=1, count=2) == ["d", "c"]


def test_a_key_of_another_type_and_none():
    store = cydis.Store()
    view = store.zset("z")
    assert not view and view[:] == [] and list(view) == [] and view.pop_min(3) == [] and view == {}
    store["z"] = "text"
    for use in (len, list, lambda v: v["a"], lambda v: v[0:1], lambda v: v.update(a=1), lambda v: v.clear(),
                lambda v: v.pop("a"), lambda v: v.popitem(), lambda v: "a" in v, lambda v: v.rank("a"),
                lambda v: v.__delitem__(slice(0, 1)), lambda v: v.incr("a"), lambda v: v.setdefault("a", 1)):
        with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
            use(view)
    assert store["z"] == b"text"


@pytest.mark.parametrize("size", [10, 3000])
def test_iterating_while_the_set_changes(size):
    """Each member that stays comes once, whatever becomes of the scores; the loop ends."""
    view = cydis.Store().zset("z")
    kept = [b"%06d" % n for n in range(size)]
    view.update({member: n for n, member in enumerate(kept)})
    view.update({f"old{n}": n + 0.5 for n in range(size)})
    met = []
    for turn, (member, score) in enumerate(view.items()):
        met.append(member)
        if member.isdigit():
            view[member] = score + 2 if turn % 2 else score - 1e9
        view.pop(f"old{turn}", None)
        view[f"new{turn}"] = score + 0.1
    assert len(set(met)) == len(met)
    assert set(met) >= set(kept)
    walk = iter(view)
    next(walk)
    view.clear()
    assert len(list(walk)) < 128
    view.update({"a": 0, "b": 1e15})
    for member in view:
        view.incr(member)
    assert view == {"a": 1, "b": 1e15 + 1}


def test_a_look_at_the_first_reads_no_more():
    store = cydis.Store()
    view = store.zset("z")
    view.update({n: n for n in range(100_000)})
    assert next(iter(view)) == b"0" and next(reversed(view.items())) == (b"99999", 99999.0)
    assert store.engine.command_stats()["zrange"][0] == 2
