"""A HyperLogLog as a set of which only the size is known."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cydis.store.kinds import Argument, T
from cydis.store.views.view import View, as_list


class HyperLogLogView(View[T]):
    """How many different elements were added, within about 0.8 %, in at most 12 KiB: add, ``len``, ``|=``.

    It cannot tell which elements: there is no ``in`` and no iteration.
    """

    __slots__ = ()

    def add(self, element: Argument) -> bool:
        """Counts an element; whether the estimate may have changed. O(1)."""
        return self._store.pfadd(self._key, [element])

    def update(self, elements: Iterable[Argument]) -> bool:
        """Counts all elements at once; whether the estimate may have changed. O(elements)."""
        counted = as_list(elements)
        return bool(counted) and self._store.pfadd(self._key, counted)

    def __len__(self) -> int:
        return self._store.pfcount(self._key)

    def count(self, *others: HyperLogLogView[T]) -> int:
        """How many different elements this one and the others have seen together. O(1) for one, O(others)."""
        return self._store.pfcount(self._key, *self._keys(others))

    def merge(self, *others: HyperLogLogView[T]) -> None:
        """Lets this one count what the others have seen, too. O(others)."""
        self._store.pfmerge(self._key, *self._keys(others))

    def __ior__(self, other: HyperLogLogView[T] | Iterable[Any]) -> HyperLogLogView[T]:
        if self._beside(other):
            self.merge(other)
        elif isinstance(other, View):
            return NotImplemented
        else:
            self.update(other)
        return self

    def clear(self) -> None:
        """Forgets everything. Alone. O(1)."""
        with self._alone():
            if self._store.pfcount(self._key):
                self._store.unlink(self._key)

    def _keys(self, others: tuple[HyperLogLogView[T], ...]) -> list[Argument]:
        if not all(self._beside(other) for other in others):
            raise TypeError("HyperLogLogs of the same Store are needed")
        return [other._key for other in others]

    def _shown(self) -> None:
        return None
