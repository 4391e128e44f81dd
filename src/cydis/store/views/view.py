"""What all views share: their place, their words about themselves, and slices as positions."""
from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from operator import index
from typing import TYPE_CHECKING, Any, Generic, Self, TypeGuard

from cydis.engine.door import CommandError
from cydis.store.alone import Alone
from cydis.store.kinds import Argument, T

if TYPE_CHECKING:
    from cydis.store.database import Store

SHOWN = 4                                 # elements that repr() shows
NEAR = 1 << 62                            # numbers within are good as they are
EMPTY = (1, 0)                            # borders between which there is nothing


class View(Generic[T]):
    """The collection under a key of a Store; see cydis.store.views."""

    __slots__ = ("_key", "_store")

    _store: Store[T]
    _key: Argument

    def __init__(self, store: Store[T], key: Argument) -> None:
        self._store = store
        self._key = key if type(key) is str or type(key) is bytes else store.echo(key)

    @property
    def key(self) -> Argument:
        """The key."""
        return self._key

    @property
    def store(self) -> Store[T]:
        """The Store."""
        return self._store

    def _alone(self) -> Alone:
        return Alone(self._store)

    def _stored(self, value: Any) -> T:
        """A value as it comes back from the store."""
        return self._store.echo(value)

    def _beside(self, other: object) -> TypeGuard[Self]:
        """Whether `other` is a view of the same kind in the same store: then the server can work on both."""
        return type(other) is type(self) and isinstance(other, View) and other._store is self._store

    def _some(self) -> Iterator[Any]:
        """The first elements, for repr(); none where `_shown` says that it shows nothing."""
        return iter(())

    def _shown(self) -> str | None:
        """What repr() shows of the content; None: nothing."""
        some = list(islice(self._some(), SHOWN + 1))
        return ", ".join([repr(each) for each in some[:SHOWN]] + ["..."] * (len(some) > SHOWN))

    def __repr__(self) -> str:
        name = f"cydis {type(self).__name__} {self._key!r}"
        try:
            shown = self._shown()
            size = self.__len__()  # type: ignore[attr-defined]
            return f"<{name} len={size}>" if shown is None else f"<{name} len={size} [{shown}]>"
        except CommandError as error:
            return f"<{name} {error.kind}>"


def place(number: object) -> int:
    """An index as the server takes it: 64 bits. IndexError beyond, TypeError for what is no integer."""
    if type(number) is int and -NEAR < number < NEAR:
        return number
    n = index(number)  # type: ignore[arg-type]
    if not -sys.maxsize <= n <= sys.maxsize:
        raise IndexError("index out of range")
    return n


def border(number: object) -> int:
    """One end of a slice, cut to what the server takes."""
    if type(number) is int and -NEAR < number < NEAR:
        return number
    return max(-sys.maxsize, min(index(number), sys.maxsize))  # type: ignore[arg-type]


def span(part: slice) -> tuple[int, int, int]:
    """A slice as (first, last, step): positions as LRANGE has them, both included; of these [::step] is the slice.

    No length is needed, so that a slice is one command.
    """
    step = 1 if part.step is None else index(part.step)
    if step == 0:
        raise ValueError("slice step cannot be zero")
    if step > 0:
        first = 0 if part.start is None else border(part.start)
        last = -1 if part.stop is None else border(part.stop) - 1
        return (*EMPTY, step) if last == -1 and part.stop is not None else (first, last, step)
    last = -1 if part.start is None else border(part.start)
    first = 0 if part.stop is None else border(part.stop) + 1
    return (*EMPTY, step) if first == 0 and part.stop is not None else (first, last, step)


def as_numpy(numbers: array[Any]) -> Any:
    """The NumPy array on the same memory."""
    return import_module("numpy").asarray(numbers)


def as_list(values: Iterable[Any]) -> list[Any]:
    """The values of any iterable; of text or raw bytes as well, as a list() of them has it."""
    return values if type(values) is list else list(values)
