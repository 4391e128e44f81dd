"""A hash as a mapping of fields and values."""
from __future__ import annotations

from array import array
from collections.abc import ItemsView, Iterable, Iterator, Mapping, MutableMapping, ValuesView
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from cydis.store.kinds import Argument, Pairs, T
from cydis.store.numbers import hgetall_numbers, hmget_numbers, hset_numbers
from cydis.store.views.view import View, as_list, as_numpy

if TYPE_CHECKING:
    from typing_extensions import Buffer

D = TypeVar("D")


class HashView(View[T], MutableMapping[T, T]):
    """The hash under a key, as a dict: ``h[field]``, ``in``, ``len``, ``update``, ``pop`` and so on.

    Fields have no order. Iteration is by scan; `copy` gives all of it at once, as it is at one moment.
    """

    __slots__ = ()

    def __getitem__(self, field: Argument, /) -> T:
        value = self._store.hget(self._key, field)
        if value is None:
            raise KeyError(field)
        return value

    def __setitem__(self, field: Argument, value: Argument, /) -> None:
        self._store.hset(self._key, field, value)

    def __delitem__(self, field: Argument, /) -> None:
        if not self._store.hdel(self._key, field):
            raise KeyError(field)

    def __contains__(self, field: object, /) -> bool:
        return self._store.hexists(self._key, field)  # type: ignore[arg-type]

    def __len__(self) -> int:
        return self._store.hlen(self._key)

    def __iter__(self) -> Iterator[T]:
        for field, _ in self._store.hscan_iter(self._key):
            yield field

    def __eq__(self, other: object) -> bool:
        if self._beside(other):
            return bool(self.copy() == other.copy())
        if not isinstance(other, Mapping):
            return NotImplemented
        try:
            plain = {self._stored(field): self._stored(value) for field, value in other.items()}
        except TypeError:
            return False
        return self.copy() == plain

    __hash__ = None  # type: ignore[assignment]

    def items(self) -> ItemsView[T, T]:
        """The (field, value) pairs, live."""
        return _Items(self)

    def values(self) -> ValuesView[T]:
        """The values, live."""
        return _Values(self)

    def copy(self) -> dict[T, T]:
        """All fields and values as a dict, as they are at one moment. O(fields)."""
        return self._store.hgetall(self._key)

    @overload
    def get(self, field: Argument, default: None = None, /) -> T | None: ...
    @overload
    def get(self, field: Argument, default: T, /) -> T: ...
    @overload
    def get(self, field: Argument, default: D, /) -> T | D: ...

    def get(self, field: Argument, default: Any = None, /) -> Any:
        """The value of a field, or `default`. O(1)."""
        value = self._store.hget(self._key, field)
        return default if value is None else value

    @overload
    def pop(self, field: Argument, /) -> T: ...
    @overload
    def pop(self, field: Argument, default: T, /) -> T: ...
    @overload
    def pop(self, field: Argument, default: D, /) -> T | D: ...

    def pop(self, field: Argument, /, *default: Any) -> Any:
        """Removes a field and answers its value, or `default`; KeyError where none is given. O(1)."""
        if len(default) > 1:
            raise TypeError("pop takes a field and at most one default")
        value = self._store.pipeline().hget(self._key, field).hdel(self._key, field).run()[0]
        if value is not None:
            return value
        if default:
            return default[0]
        raise KeyError(field)

    def popitem(self) -> tuple[T, T]:
        """Removes any field and answers it with its value; KeyError when there is none. Alone. O(1)."""
        with self._alone():
            for field, value in self._store.hrandfield(self._key, 1, True):
                self._store.hdel(self._key, field)
                return field, value
        raise KeyError("popitem(): the hash is empty")

    def setdefault(self, field: Argument, default: Argument, /) -> T:
        """The value of a field; where there is none, `default` is stored first. O(1)."""
        found: T = self._store.pipeline().hsetnx(self._key, field, default).hget(self._key, field).run()[1]
        return found

    def update(self, other: Pairs | HashView[Any] = (), /, **fields: Argument) -> None:  # type: ignore[override]
        """Sets all fields of a mapping, or of an iterable of pairs, at once. O(fields)."""
        pairs: dict[Any, Any] = other.copy() if isinstance(other, HashView) else \
            dict(other.items() if isinstance(other, Mapping) else other)
        pairs.update(fields)
        if pairs:
            self._store.hset(self._key, mapping=pairs)

    def __ior__(self, other: Pairs | HashView[Any]) -> HashView[T]:
        self.update(other)
        return self

    def incr(self, field: Argument, by: float = 1) -> float:
        """Adds to the number of a field, 0 if it is new; the new value. An int stays an int. O(1)."""
        if isinstance(by, int):
            return self._store.hincrby(self._key, field, by)
        return self._store.hincrbyfloat(self._key, field, by)

    def clear(self) -> None:
        """Removes the hash. Alone. O(1): large values are freed later, in slices."""
        with self._alone():
            if self._store.hlen(self._key):
                self._store.unlink(self._key)

    @overload
    def numbers(self, fields: Iterable[Argument], code: str = "d", *,
                numpy: Literal[False] = False) -> array[Any]: ...
    @overload
    def numbers(self, fields: Iterable[Argument], code: str = "d", *, numpy: Literal[True]) -> Any: ...

    def numbers(self, fields: Iterable[Argument], code: str = "d", *, numpy: bool = False) -> Any:
        """The values of some fields as an array without an object for each. O(fields).

        Args:
            code: "d" for float64, nan where there is no such field; "q" for int64, where each must be there.
                ValueError when a value is no such number.
            numpy: answer a NumPy array.
        """
        wanted = as_list(fields)
        found: array[Any] = hmget_numbers(self._store, self._key, wanted, code) if wanted else array(code)
        return as_numpy(found) if numpy else found

    @overload
    def columns(self, code: str = "d", *, numpy: Literal[False] = False) -> tuple[list[T], array[Any]]: ...
    @overload
    def columns(self, code: str = "d", *, numpy: Literal[True]) -> tuple[list[T], Any]: ...

    def columns(self, code: str = "d", *, numpy: bool = False) -> tuple[list[T], Any]:
        """All fields and their values: (list, array). O(fields)."""
        fields, found = hgetall_numbers(self._store, self._key, code)
        return fields, as_numpy(found) if numpy else found

    def update_from(self, fields: Buffer | Iterable[Argument], values: Buffer | Iterable[float]) -> int:
        """Sets many fields at once, their values from a buffer of float64 or int64; how many are new. O(fields).

        Args:
            fields: as many as there are values; a buffer of int64 stands for their decimal texts.
        """
        return hset_numbers(self._store, self._key, fields, values)

    def _some(self) -> Iterator[Any]:
        return (field for field, _ in self._store.hscan_iter(self._key))


class _Items(ItemsView[T, T]):
    """The pairs of a hash: one scan, not a look-up per field."""

    _mapping: HashView[T]

    def __iter__(self) -> Iterator[tuple[T, T]]:
        return self._mapping.store.hscan_iter(self._mapping.key)

    def __contains__(self, item: object) -> bool:
        field, value = cast(tuple[Any, Any], item)
        return self._mapping.get(field) == self._mapping._stored(value)


class _Values(ValuesView[T]):
    """The values of a hash: one scan."""

    _mapping: HashView[T]

    def __iter__(self) -> Iterator[T]:
        return (value for _, value in self._mapping.store.hscan_iter(self._mapping.key))

    def __contains__(self, value: object) -> bool:
        stored = self._mapping._stored(value)
        return any(each == stored for each in self)
