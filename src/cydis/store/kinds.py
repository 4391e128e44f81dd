"""What the methods of a Store take and answer, for annotations.

`T` is what texts come back as: bytes, or str with ``decode=True``.
"""
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

T = TypeVar("T", bytes, str)
Argument = bytes | bytearray | memoryview | str | int | float
Pairs = Mapping[Any, Argument] | Iterable[tuple[Argument, Argument]]
