"""A list as a sequence."""
from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from cydis.engine.door import CommandError
from cydis.store.kinds import Argument, T
from cydis.store.numbers import lrange_numbers, rpush_numbers
from cydis.store.views.view import View, as_list, as_numpy, place, span

if TYPE_CHECKING:
    from typing_extensions import Buffer

NOWHERE = ("ERR index out of range", "ERR no such key")
NEAR = 1 << 62                            # indices below it are good as they are


def token() -> bytes:
    """An element that no list has: it marks a position, as LREM and LINSERT know elements only."""
    return os.urandom(16)


class ListView(View[T], MutableSequence[T]):
    """The list under a key: indices, slices, ``+=``, ``in``, ``insert``, ``del`` and so on.

    Both ends are cheap: O(1). A position costs its distance from the nearer end, as in LINDEX, and so does inserting
    and removing there; `in`, index, count and remove are O(length). Reading a slice is one command of any step.
    Iteration gives the elements as they are when it begins (``for x in l: l.remove(x)`` meets each of them) and so
    takes the time and the memory of a whole reply at once: ``l[a:b]`` reads a part.
    """

    __slots__ = ()

    @overload
    def __getitem__(self, at: int, /) -> T: ...
    @overload
    def __getitem__(self, at: slice, /) -> list[T]: ...

    def __getitem__(self, at: int | slice, /) -> T | list[T]:
        if isinstance(at, slice):
            first, last, step = span(at)
            found = self._store.lrange(self._key, first, last)
            return found if step == 1 else found[::step]
        element = self._store.lindex(self._key, at if type(at) is int and -NEAR < at < NEAR else place(at))
        if element is None:
            raise IndexError("list index out of range")
        return element

    @overload
    def __setitem__(self, at: int, value: Argument, /) -> None: ...
    @overload
    def __setitem__(self, at: slice, value: Iterable[Argument], /) -> None: ...

    def __setitem__(self, at: int | slice, value: Any, /) -> None:
        if isinstance(at, slice):
            self._assign(at, [self._stored(each) for each in as_list(value)])
            return
        try:
            self._store.lset(self._key, place(at), value)
        except CommandError as error:
            if str(error) in NOWHERE:
                raise IndexError("list assignment index out of range") from None
            raise

    def __delitem__(self, at: int | slice, /) -> None:
        if not isinstance(at, slice):
            self._take(place(at))
            return
        with self._alone():
            size = self._store.llen(self._key)
            places = range(*at.indices(size))
            if abs(places.step) == 1 and places:
                self._splice(min(places[0], places[-1]), max(places[0], places[-1]) + 1, [], size)
            elif places:
                gone = token()
                batch = self._store.pipeline()
                for number in places:
                    batch.lset(self._key, number, gone)
                batch.lrem(self._key, 0, gone).run()

    def __len__(self) -> int:
        return self._store.llen(self._key)

    def __contains__(self, value: object, /) -> bool:
        return self._store.lpos(self._key, cast(Argument, value)) is not None

    def __iter__(self) -> Iterator[T]:
        return iter(self._store.lrange(self._key, 0, -1))

    def __reversed__(self) -> Iterator[T]:
        return reversed(self._store.lrange(self._key, 0, -1))

    def __eq__(self, other: object) -> bool:
        if self._beside(other):
            return bool(self.copy() == other.copy())
        if not isinstance(other, Sequence) or isinstance(other, (str, bytes, bytearray, memoryview)):
            return NotImplemented
        try:
            plain = [self._stored(each) for each in other]
        except TypeError:
            return False
        return self.copy() == plain

    __hash__ = None  # type: ignore[assignment]

    def copy(self) -> list[T]:
        """All elements as a list, as they are at one moment; the same as ``l[:]``. O(length)."""
        return self._store.lrange(self._key, 0, -1)

    def index(self, value: Argument, start: int = 0, stop: int | None = None) -> int:
        """The first position of an element, from `start` on and before `stop`; ValueError when there is none."""
        if start == 0 and stop is None:
            found = self._store.lpos(self._key, value)
            if found is not None:
                return int(found)
        else:
            with self._alone():
                places = range(*slice(start, stop).indices(self._store.llen(self._key)))
                for number in self._store.lpos(self._key, value, count=0):
                    if number in places:
                        return int(number)
        raise ValueError(f"{value!r} is not in the list")

    def count(self, value: Argument) -> int:
        """How often an element is there. O(length)."""
        return len(self._store.lpos(self._key, value, count=0))

    def append(self, value: Argument) -> None:
        """Adds an element at the end. O(1)."""
        self._store.rpush(self._key, value)

    def extend(self, values: Iterable[Argument]) -> None:
        """Adds all elements at the end, at once. O(elements)."""
        elements = as_list(values)
        if elements:
            self._store.rpush(self._key, *elements)

    def __iadd__(self, values: Iterable[Argument]) -> ListView[T]:
        self.extend(values)
        return self

    def insert(self, index: int, value: Argument) -> None:
        """Puts an element before the position `index`; alone, in the middle. O(distance from the nearer end)."""
        at = place(index)
        if at == 0:
            self._store.lpush(self._key, value)
            return
        value = self._stored(value)
        with self._alone():
            size = self._store.llen(self._key)
            at = max(0, at + size) if at < 0 else at
            if at >= size:
                self._store.rpush(self._key, value)
            elif at == 0:
                self._store.lpush(self._key, value)
            else:
                self._insert_inside(at, value)

    def _insert_inside(self, at: int, value: Argument) -> None:
        old = self._store.lindex(self._key, at)
        mark = token()
        assert old is not None
        self._store.lset(self._key, at, mark)
        try:
            self._store.linsert(self._key, "BEFORE", mark, value)
            at += 1
        finally:
            self._store.lset(self._key, at, old)

    def _take(self, at: int) -> T:
        mark = token()
        batch = self._store.pipeline().lindex(self._key, at).lset(self._key, at, mark)
        element, done, _ = batch.lrem(self._key, 1 if at >= 0 else -1, mark).run(raise_on_error=False)
        if isinstance(done, CommandError):
            if str(done) in NOWHERE:
                raise IndexError("list index out of range")
            raise done
        taken: T = element
        return taken

    def pop(self, index: int = -1) -> T:
        """Removes the element at a position and answers it; IndexError when there is none. O(1) at both ends."""
        at = place(index)
        if at not in (0, -1):
            return self._take(at)
        element: T | None = self._store.rpop(self._key) if at else self._store.lpop(self._key)
        if element is None:
            raise IndexError("pop from empty list")
        return element

    def remove(self, value: Argument) -> None:
        """Removes the first element equal to `value`; ValueError when there is none. O(length)."""
        if not self._store.lrem(self._key, 1, value):
            raise ValueError(f"{value!r} is not in the list")

    def reverse(self) -> None:
        """Turns the order of the elements. Alone. O(length)."""
        with self._alone():
            elements = self.copy()
            if len(elements) > 1:
                self._splice(0, len(elements), elements[::-1], len(elements))

    def clear(self) -> None:
        """Removes all elements, and the key with them. O(length)."""
        self._store.ltrim(self._key, 1, 0)

    @overload
    def numbers(self, code: str = "d", start: int = 0, stop: int | None = None, *,
                numpy: Literal[False] = False) -> array[Any]: ...
    @overload
    def numbers(self, code: str = "d", start: int = 0, stop: int | None = None, *, numpy: Literal[True]) -> Any: ...

    def numbers(self, code: str = "d", start: int = 0, stop: int | None = None, *, numpy: bool = False) -> Any:
        """The elements from `start` to before `stop` as an array without an object for each. O(elements).

        Args:
            code: "d" for float64, "q" for int64; ValueError when an element is no such number.
            numpy: answer a NumPy array.
        """
        first, last, _ = span(slice(start, stop))
        found = lrange_numbers(self._store, self._key, first, last, code)
        return as_numpy(found) if numpy else found

    def extend_from(self, numbers: Buffer | Iterable[float]) -> None:
        """Adds all numbers of a buffer of float64 or int64 at the end, at once. O(numbers)."""
        rpush_numbers(self._store, self._key, numbers)

    def _assign(self, part: slice, new: list[T]) -> None:
        """Puts `new` in the place of a slice."""
        with self._alone():
            size = self._store.llen(self._key)
            places = range(*part.indices(size))
            if places.step == 1 and len(places) != len(new):
                self._splice(places.start, max(places.start, places.stop), new, size)
                return
            if len(places) != len(new):
                raise ValueError(f"attempt to assign {len(new)} elements to an extended slice of {len(places)}")
            batch = self._store.pipeline()
            for number, value in zip(places, new, strict=True):
                batch.lset(self._key, number, value)
            batch.run()

    def _splice(self, start: int, stop: int, new: list[T], size: int) -> None:
        """Puts `new` in the place of [start, stop), by moving what stands on the shorter side of it.

        The list never becomes empty on the way, so that the key keeps its time to live.
        """
        store, key = self._store, self._key
        if start == 0 and stop == size:
            if new:
                store.rpush(key, *new)
            store.ltrim(key, size, -1)
        elif size - stop <= start:
            moved = new + store.lrange(key, stop, -1)
            store.ltrim(key, 0, start - 1)
            if moved:
                store.rpush(key, *moved)
        else:
            moved = (store.lrange(key, 0, start - 1) if start else []) + new
            store.ltrim(key, stop, -1)
            if moved:
                store.lpush(key, *moved[::-1])

    def _some(self) -> Iterator[Any]:
        return iter(self[:5])
