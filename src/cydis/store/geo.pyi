"""The types of cydis/store/geo.pyx; the documentation stands there."""
from collections.abc import Iterable, Mapping
from typing import Any

from cydis.store.hyperloglogs import HyperloglogMethods
from cydis.store.kinds import Argument, T

class GeoMethods(HyperloglogMethods[T]):
    def geoadd(self, key: Argument,
               places: Mapping[Any, tuple[float, float]] | Iterable[tuple[float, float, Argument]],
               nx: bool = False, xx: bool = False, ch: bool = False) -> int: ...
    def geodist(self, key: Argument, place1: Argument, place2: Argument, unit: str = "m") -> float | None: ...
    def geohash(self, key: Argument, *members: Argument | Iterable[Argument]) -> list[T | None]: ...
    def geopos(self, key: Argument, *members: Argument | Iterable[Argument]) -> list[tuple[float, float] | None]: ...
    def geosearch(self, key: Argument, *, member: Argument | None = None, longitude: float | None = None,
                  latitude: float | None = None, radius: float | None = None, width: float | None = None,
                  height: float | None = None, polygon: Iterable[tuple[float, float]] | None = None,
                  unit: str = "m", sort: str | None = None, count: int | None = None, any: bool = False,
                  withcoord: bool = False, withdist: bool = False, withhash: bool = False) -> list[Any]: ...
    def geosearchstore(self, dest: Argument, src: Argument, *, member: Argument | None = None,
                       longitude: float | None = None, latitude: float | None = None,
                       radius: float | None = None, width: float | None = None,
                       height: float | None = None, polygon: Iterable[tuple[float, float]] | None = None,
                       unit: str = "m", sort: str | None = None, count: int | None = None,
                       any: bool = False, storedist: bool = False) -> int: ...
    def georadius(self, key: Argument, longitude: float, latitude: float, radius: float, unit: str = "m",
                  *, sort: str | None = None, count: int | None = None, any: bool = False,
                  withcoord: bool = False, withdist: bool = False, withhash: bool = False,
                  store: Argument | None = None, store_dist: Argument | None = None) -> list[Any] | int: ...
    def georadius_ro(self, key: Argument, longitude: float, latitude: float, radius: float,
                     unit: str = "m", *, sort: str | None = None, count: int | None = None,
                     any: bool = False, withcoord: bool = False, withdist: bool = False,
                     withhash: bool = False) -> list[Any]: ...
    def georadiusbymember(self, key: Argument, member: Argument, radius: float, unit: str = "m", *,
                          sort: str | None = None, count: int | None = None, any: bool = False,
                          withcoord: bool = False, withdist: bool = False, withhash: bool = False,
                          store: Argument | None = None, store_dist: Argument | None = None) -> list[Any] | int: ...
    def georadiusbymember_ro(self, key: Argument, member: Argument, radius: float, unit: str = "m", *,
                             sort: str | None = None, count: int | None = None, any: bool = False,
                             withcoord: bool = False, withdist: bool = False,
                             withhash: bool = False) -> list[Any]: ...
