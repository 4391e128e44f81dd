"""A sorted set of places as a mapping of members to (longitude, latitude)."""
from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, TypeVar, overload

from cydis.store.kinds import Argument, T
from cydis.store.views.view import View

Place = tuple[float, float]
D = TypeVar("D")
PAGE = 256                                # members whose places an iteration asks for at once


class GeoView(View[T], MutableMapping[T, Place]):
    """The places under a key: ``g[member]`` is (longitude, latitude) in degrees, as exact as the grid: to 0.6 m.

    It is a sorted set, so that ``store.zset(key)`` sees the same members. Iteration is by scan. Units of distances are
    "m", "km", "ft" and "mi".
    """

    __slots__ = ()

    def __getitem__(self, member: Argument, /) -> Place:
        place = self._store.geopos(self._key, [member])[0]
        if place is None:
            raise KeyError(member)
        return place

    def __setitem__(self, member: Argument, place: Place, /) -> None:
        longitude, latitude = place
        self._store.geoadd(self._key, [(longitude, latitude, member)])

    def __delitem__(self, member: Argument, /) -> None:
        if not self._store.zrem(self._key, member):
            raise KeyError(member)

    def __contains__(self, member: object, /) -> bool:
        return self._store.zscore(self._key, member) is not None  # type: ignore[arg-type]

    def __len__(self) -> int:
        return self._store.zcard(self._key)

    def __iter__(self) -> Iterator[T]:
        return (member for member, _ in self._store.zscan_iter(self._key))

    def items(self) -> ItemsView[T, Place]:
        """The (member, (longitude, latitude)) pairs, live."""
        return _Items(self)

    def copy(self) -> dict[T, Place]:
        """All members and places as a dict, as they are at one moment. Alone. O(members)."""
        with self._alone():
            members = self._store.zrange(self._key, 0, -1)
            places = self._store.geopos(self._key, members) if members else []
        return {member: place for member, place in zip(members, places, strict=True) if place is not None}

    @overload
    def get(self, member: Argument, default: None = None, /) -> Place | None: ...
    @overload
    def get(self, member: Argument, default: Place, /) -> Place: ...
    @overload
    def get(self, member: Argument, default: D, /) -> Place | D: ...

    def get(self, member: Argument, default: Any = None, /) -> Any:
        """The place of a member, or `default`. O(1)."""
        place = self._store.geopos(self._key, [member])[0]
        return default if place is None else place

    @overload
    def pop(self, member: Argument, /) -> Place: ...
    @overload
    def pop(self, member: Argument, default: Place, /) -> Place: ...
    @overload
    def pop(self, member: Argument, default: D, /) -> Place | D: ...

    def pop(self, member: Argument, /, *default: Any) -> Any:
        """Removes a member and answers its place, or `default`; KeyError where none is given. O(log n)."""
        if len(default) > 1:
            raise TypeError("pop takes a member and at most one default")
        [place], _ = self._store.pipeline().geopos(self._key, [member]).zrem(self._key, member).run()
        if place is not None:
            return place
        if default:
            return default[0]
        raise KeyError(member)

    def popitem(self) -> tuple[T, Place]:
        """Removes any member and answers it with its place; KeyError when there is none. Alone. O(log n)."""
        with self._alone():
            for member in self._store.zrange(self._key, 0, 0):
                return member, self.pop(member)
        raise KeyError("popitem(): there are no places")

    def setdefault(self, member: Argument, default: Place, /) -> Place:
        """The place of a member; one that is not there is put to `default` first. O(log n)."""
        places = [(default[0], default[1], member)]
        place: Place = self._store.pipeline().geoadd(self._key, places, nx=True).geopos(self._key, [member]).run()[1][0]
        return place

    def update(self, other: Mapping[Any, Place] | Iterable[tuple[Any, Place]] = (), /,  # type: ignore[override]
               **places: Place) -> None:
        """Sets the places of a mapping, or of (member, place) pairs, at once. O(log n) per member."""
        pairs: dict[Any, Place] = other.copy() if isinstance(other, GeoView) else \
            dict(other.items() if isinstance(other, Mapping) else other)
        pairs.update(places)
        if pairs:
            self._store.geoadd(self._key, pairs)

    def __ior__(self, other: Mapping[Any, Place] | Iterable[tuple[Any, Place]]) -> GeoView[T]:
        self.update(other)
        return self

    def clear(self) -> None:
        """Removes all places, and the key with them. O(members)."""
        self._store.zremrangebyrank(self._key, 0, -1)

    def distance(self, one: Argument, other: Argument, unit: str = "m") -> float:
        """How far two members are from each other; KeyError when one is not there. O(1)."""
        distance = self._store.geodist(self._key, one, other, unit)
        if distance is None:
            raise KeyError(one if one not in self else other)
        return distance

    def hash_of(self, member: Argument) -> T:
        """The geohash of a member as text; KeyError when it is not there. O(1)."""
        text = self._store.geohash(self._key, [member])[0]
        if text is None:
            raise KeyError(member)
        return text

    def near(self, around: Argument | Place, radius: float | None = None, *, width: float | None = None,
             height: float | None = None, unit: str = "m", count: int | None = None) -> list[tuple[T, float]]:
        """The (member, distance) pairs in a circle or a box, nearest first. O(log n + members near it).

        Args:
            around: a member (CommandError when it is not there), or a place.
            radius: of a circle, in `unit`.
            width, height: of a box, in place of a radius.
            unit: of all distances.
            count: so many at most.
        """
        member: Argument | None = None
        longitude = latitude = None
        if isinstance(around, tuple):
            longitude, latitude = around
        else:
            member = around
        return self._store.geosearch(self._key, member=member, longitude=longitude, latitude=latitude, radius=radius,
                                     width=width, height=height, unit=unit, sort="ASC", count=count, withdist=True)

    def _some(self) -> Iterator[Any]:
        return iter(self)


class _Items(ItemsView[T, Place]):
    """The pairs: the members of a page of the scan, then their places."""

    _mapping: GeoView[T]

    def __iter__(self) -> Iterator[tuple[T, Place]]:
        view, cursor = self._mapping, 0
        while True:
            cursor, page = view.store.zscan(view.key, cursor, count=PAGE)
            members = [member for member, _ in page]
            if members:
                for member, place in zip(members, view.store.geopos(view.key, members), strict=True):
                    if place is not None:
                        yield member, place
            if cursor == 0:
                return
