"""A sorted set as a mapping of members to scores that is kept in order."""
from __future__ import annotations

from array import array
from collections.abc import ItemsView, Iterable, Iterator, Mapping, MutableMapping, ValuesView
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from cydis.store.kinds import Argument, T
from cydis.store.numbers import zadd_numbers, zmscore_numbers, zrange_scores
from cydis.store.views.view import View, as_list, as_numpy, span

if TYPE_CHECKING:
    from typing_extensions import Buffer

AT_ONCE = 128                             # members that an iteration reads first
Scores = Mapping[Any, float] | Iterable[tuple[Any, float]]
D = TypeVar("D")


class ZSetView(View[T], MutableMapping[T, float]):
    """The sorted set under a key: ``z[member]`` is a score, the order is that of (score, member).

    A slice goes by rank and gives (member, score) pairs: ``z[0:10]``, ``z[-3:]``, ``z[::-1]``; ``del z[10:]`` keeps the
    first ten. `rank` is the way from a member to its place. Iterating gives members in order, `items` pairs, and
    `reversed` works on both; each member comes once, in the order of two moments (see cydis.store.views).
    """

    __slots__ = ()

    # -- a mapping

    @overload
    def __getitem__(self, member: slice, /) -> list[tuple[T, float]]: ...
    @overload
    def __getitem__(self, member: Argument, /) -> float: ...

    def __getitem__(self, member: Any, /) -> float | list[tuple[T, float]]:
        if type(member) is slice:
            first, last, step = span(member)
            pairs = self._store.zrange(self._key, first, last, withscores=True)
            return pairs if step == 1 else pairs[::step]
        score = self._store.zscore(self._key, member)
        if score is None:
            raise KeyError(member)
        return score

    def __setitem__(self, member: Argument, score: float, /) -> None:
        self._store.zadd(self._key, {member: score})

    def __delitem__(self, member: Argument | slice, /) -> None:
        if not isinstance(member, slice):
            if not self._store.zrem(self._key, member):
                raise KeyError(member)
            return
        first, last, step = span(member)
        if abs(step) == 1:
            self._store.zremrangebyrank(self._key, first, last)
            return
        with self._alone():
            gone = [each for each, _ in self[member]]
            if gone:
                self._store.zrem(self._key, *gone)

    def __contains__(self, member: object, /) -> bool:
        return self._store.zscore(self._key, member) is not None  # type: ignore[arg-type]

    def __len__(self) -> int:
        return self._store.zcard(self._key)

    def _walk(self, desc: bool = False) -> Iterator[tuple[T, float]]:
        """All pairs: a few at first, as many look at no more; then the others in one picture."""
        pairs = self._store.zrange(self._key, 0, AT_ONCE - 1, desc, withscores=True)
        yield from pairs
        if len(pairs) == AT_ONCE:
            given = {member for member, _ in pairs}
            for pair in self._store.zrange(self._key, 0, -1, desc, withscores=True):
                if pair[0] not in given:
                    yield pair

    def __iter__(self) -> Iterator[T]:
        return (member for member, _ in self._walk())

    def __reversed__(self) -> Iterator[T]:
        return (member for member, _ in self._walk(desc=True))

    def __eq__(self, other: object) -> bool:
        if self._beside(other):
            return bool(self.copy() == other.copy())
        if not isinstance(other, Mapping):
            return NotImplemented
        try:
            return self.copy() == {self._stored(member): score for member, score in other.items()}
        except TypeError:
            return False

    __hash__ = None  # type: ignore[assignment]

    def items(self) -> ItemsView[T, float]:
        """The (member, score) pairs, live and in order."""
        return _Items(self)

    def values(self) -> ValuesView[float]:
        """The scores, live and in order."""
        return _Values(self)

    def copy(self) -> dict[T, float]:
        """All members and scores as a dict in their order, as they are at one moment. O(members)."""
        return dict(self._store.zrange(self._key, 0, -1, withscores=True))

    @overload
    def get(self, member: Argument, default: None = None, /) -> float | None: ...
    @overload
    def get(self, member: Argument, default: float, /) -> float: ...
    @overload
    def get(self, member: Argument, default: D, /) -> float | D: ...

    def get(self, member: Argument, default: Any = None, /) -> Any:
        """The score of a member, or `default`. O(1)."""
        score = self._store.zscore(self._key, member)
        return default if score is None else score

    @overload
    def pop(self, member: Argument, /) -> float: ...
    @overload
    def pop(self, member: Argument, default: float, /) -> float: ...
    @overload
    def pop(self, member: Argument, default: D, /) -> float | D: ...

    def pop(self, member: Argument, /, *default: Any) -> Any:
        """Removes a member and answers its score, or `default`; KeyError where none is given. O(log n)."""
        if len(default) > 1:
            raise TypeError("pop takes a member and at most one default")
        score = self._store.pipeline().zscore(self._key, member).zrem(self._key, member).run()[0]
        if score is not None:
            return score
        if default:
            return default[0]
        raise KeyError(member)

    def popitem(self, last: bool = True) -> tuple[T, float]:
        """Removes the last pair, or the first; KeyError when there is none. O(log n)."""
        return self.pop_max() if last else self.pop_min()

    def setdefault(self, member: Argument, default: float = 0.0, /) -> float:
        """The score of a member; one that is not there is added with `default` first. O(log n)."""
        batch = self._store.pipeline().zadd(self._key, {member: default}, nx=True)
        score: float = batch.zscore(self._key, member).run()[1]
        return score

    def update(self, other: Scores | ZSetView[Any] = (), /, **scores: float) -> None:  # type: ignore[override]
        """Sets the scores of a mapping, or of (member, score) pairs, at once. O(log n) per member."""
        pairs: dict[Any, float] = other.copy() if isinstance(other, ZSetView) else \
            dict(other.items() if isinstance(other, Mapping) else other)
        pairs.update(scores)
        if pairs:
            self._store.zadd(self._key, pairs)

    def __ior__(self, other: Scores | ZSetView[Any]) -> ZSetView[T]:
        self.update(other)
        return self

    def clear(self) -> None:
        """Removes all members, and the key with them. O(members)."""
        self._store.zremrangebyrank(self._key, 0, -1)

    # -- an order

    def rank(self, member: Argument, desc: bool = False) -> int:
        """The position of a member from the lowest score, or the highest; KeyError if it is not there. O(log n)."""
        at = self._store.zrevrank(self._key, member) if desc else self._store.zrank(self._key, member)
        if at is None:
            raise KeyError(member)
        return at

    def incr(self, member: Argument, by: float = 1.0) -> float:
        """Adds to the score of a member, 0 if it is new; the new score. O(log n)."""
        return self._store.zincrby(self._key, by, member)

    @overload
    def pop_min(self, count: None = None) -> tuple[T, float]: ...
    @overload
    def pop_min(self, count: int) -> list[tuple[T, float]]: ...

    def pop_min(self, count: int | None = None) -> tuple[T, float] | list[tuple[T, float]]:
        """Removes the pair of the lowest score, KeyError when there is none; with `count` a list of up to so many."""
        pairs = self._store.zpopmin(self._key, 1 if count is None else count)
        return self._popped(pairs) if count is None else pairs

    @overload
    def pop_max(self, count: None = None) -> tuple[T, float]: ...
    @overload
    def pop_max(self, count: int) -> list[tuple[T, float]]: ...

    def pop_max(self, count: int | None = None) -> tuple[T, float] | list[tuple[T, float]]:
        """Removes the pair of the highest score, KeyError when there is none; with `count` a list of up to so many."""
        pairs = self._store.zpopmax(self._key, 1 if count is None else count)
        return self._popped(pairs) if count is None else pairs

    @staticmethod
    def _popped(pairs: list[tuple[T, float]]) -> tuple[T, float]:
        if not pairs:
            raise KeyError("the sorted set is empty")
        return pairs[0]

    def by_score(self, lo: Argument = "-inf", hi: Argument = "+inf", *, desc: bool = False, offset: int = 0,
                 count: int | None = None) -> list[tuple[T, float]]:
        """The (member, score) pairs with a score from `lo` to `hi`. O(log n + pairs).

        Args:
            lo, hi: numbers, both included, or text as in ZRANGEBYSCORE: "(5" leaves 5 out.
            desc: highest first.
            offset, count: of those leave out so many, and answer at most so many.
        """
        first, last = (hi, lo) if desc else (lo, hi)
        return self._store.zrange(self._key, first, last, desc, withscores=True, byscore=True, offset=offset, num=count)

    def by_lex(self, lo: Argument = "-", hi: Argument = "+", *, desc: bool = False, offset: int = 0,
               count: int | None = None) -> list[T]:
        """The members from `lo` to `hi` in the order of their bytes; all scores must be the same. O(log n + members).

        Args:
            lo, hi: "-", "+", "[text" with this member or "(text" without.
            desc, offset, count: as in by_score.
        """
        first, last = (hi, lo) if desc else (lo, hi)
        return self._store.zrange(self._key, first, last, desc, bylex=True, offset=offset, num=count)

    def count(self, lo: Argument = "-inf", hi: Argument = "+inf") -> int:
        """How many members have a score from `lo` to `hi`; borders as in by_score. O(log n)."""
        return self._store.zcount(self._key, lo, hi)

    def remove_by_score(self, lo: Argument, hi: Argument) -> int:
        """Removes the members with a score from `lo` to `hi`; how many. O(log n + members)."""
        return self._store.zremrangebyscore(self._key, lo, hi)

    # -- many numbers, without an object for each

    @overload
    def scores(self, start: int = 0, stop: int | None = None, *, desc: bool = False,
               numpy: Literal[False] = False) -> array[float]: ...
    @overload
    def scores(self, start: int = 0, stop: int | None = None, *, desc: bool = False, numpy: Literal[True]) -> Any: ...

    def scores(self, start: int = 0, stop: int | None = None, *, desc: bool = False, numpy: bool = False) -> Any:
        """The scores from rank `start` to before `stop` as array("d"), or as a NumPy array. O(log n + scores)."""
        first, last, _ = span(slice(start, stop))
        found = zrange_scores(self._store, self._key, first, last, desc)
        return as_numpy(found) if numpy else found

    @overload
    def columns(self, start: int = 0, stop: int | None = None, *, desc: bool = False,
                numpy: Literal[False] = False) -> tuple[list[T], array[float]]: ...
    @overload
    def columns(self, start: int = 0, stop: int | None = None, *, desc: bool = False,
                numpy: Literal[True]) -> tuple[list[T], Any]: ...

    def columns(self, start: int = 0, stop: int | None = None, *, desc: bool = False,
                numpy: bool = False) -> tuple[list[T], Any]:
        """The same with their members: (list of members, array of scores)."""
        first, last, _ = span(slice(start, stop))
        members, found = zrange_scores(self._store, self._key, first, last, desc, members=True)
        return members, as_numpy(found) if numpy else found

    @overload
    def scores_of(self, members: Iterable[Argument], *, numpy: Literal[False] = False) -> array[float]: ...
    @overload
    def scores_of(self, members: Iterable[Argument], *, numpy: Literal[True]) -> Any: ...

    def scores_of(self, members: Iterable[Argument], *, numpy: bool = False) -> Any:
        """The scores of some members as array("d"), nan where one is not there. O(members)."""
        wanted = as_list(members)
        found = zmscore_numbers(self._store, self._key, wanted) if wanted else array("d")
        return as_numpy(found) if numpy else found

    def update_from(self, members: Buffer | Iterable[Argument], scores: Buffer | Iterable[float]) -> int:
        """Sets the scores of many members at once; how many are new. O(log n) per member.

        Args:
            members: as many as there are scores; a buffer of int64 stands for their decimal texts.
            scores: a buffer of float64 (array, memoryview, NumPy array) or of int64, or numbers.
        """
        return zadd_numbers(self._store, self._key, members, scores)

    def _some(self) -> Iterator[Any]:
        return self._walk()


class _Items(ItemsView[T, float]):
    """The pairs in order."""

    _mapping: ZSetView[T]

    def __iter__(self) -> Iterator[tuple[T, float]]:
        return self._mapping._walk()

    def __reversed__(self) -> Iterator[tuple[T, float]]:
        return self._mapping._walk(desc=True)

    def __contains__(self, item: object) -> bool:
        member, score = cast(tuple[Any, Any], item)
        return bool(self._mapping.get(member) == score)


class _Values(ValuesView[float]):
    """The scores in order."""

    _mapping: ZSetView[Any]

    def __iter__(self) -> Iterator[float]:
        return (score for _, score in self._mapping._walk())

    def __reversed__(self) -> Iterator[float]:
        return (score for _, score in self._mapping._walk(desc=True))
