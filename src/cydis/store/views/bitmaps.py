"""A string as a row of bits."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import and_, or_, xor
from typing import TYPE_CHECKING, Any, overload

from cydis.store.kinds import Argument, T
from cydis.store.views.view import View, place, span

if TYPE_CHECKING:
    from typing_extensions import Buffer

PAGE = 8192                               # bytes that an iteration reads at once


def bits_of(data: bytes) -> list[int]:
    """The bits of some bytes, the highest of each first."""
    return [byte >> shift & 1 for byte in data for shift in range(7, -1, -1)]


class BitmapView(View[T]):
    """The bits of the string under a key: ``b[n]``, ``b[n] = 1``, count, find; bit 0 is the highest of the first byte.

    The string grows with the bits that are written, and what was never written is 0: ``b[n]`` knows no end and no
    IndexError but that of a negative index before the beginning. ``len(b)`` is the number of bits stored, a multiple
    of 8. A slice is a list of the stored bits in it.

    ``a & b``, ``|``, ``^`` and ``~a`` answer bytes; in place (``a &= b``) and into a target (`store_and`, ...) the
    server combines strings, the shorter ones filled up with zeros. An operand may be any bytes as well, except into a
    target.
    """

    __slots__ = ()

    # -- bits

    @overload
    def __getitem__(self, at: int, /) -> int: ...
    @overload
    def __getitem__(self, at: slice, /) -> list[int]: ...

    def __getitem__(self, at: int | slice, /) -> int | list[int]:
        if isinstance(at, slice):
            return self._slice(at)
        return self._store.getbit(self._key, at if type(at) is int and at >= 0 else self._place(at))

    def __setitem__(self, at: int, bit: int, /) -> None:
        if isinstance(at, slice):
            raise TypeError("bits are written one by one, or as bytes by write()")
        self._store.setbit(self._key, at if type(at) is int and at >= 0 else self._place(at), int(bit))

    def _place(self, at: object) -> int:
        """A negative index as one from the beginning."""
        number = place(at)
        if number < 0:
            number += len(self)
            if number < 0:
                raise IndexError("bitmap index out of range")
        return number

    def _slice(self, part: slice) -> list[int]:
        if (part.start or 0) < 0 or (part.stop or 0) < 0 or (part.step or 1) < 0:
            return bits_of(bytes(self))[part]
        first, last, step = span(part)
        end = -1 if last < 0 else last // 8
        found = bits_of(self.read(first // 8, None if end < 0 else end + 1))
        skipped = first // 8 * 8
        return found[first - skipped:None if last < 0 else last + 1 - skipped:step]

    def __len__(self) -> int:
        return 8 * self._store.strlen(self._key)

    def __iter__(self) -> Iterator[int]:
        for page in self._pages():
            yield from bits_of(page)

    def ones(self) -> Iterator[int]:
        """The places of all bits that are set, in order. Pages of 64 Kbit are read as the iteration needs them."""
        for number, page in enumerate(self._pages()):
            for at, byte in enumerate(page):
                if byte:
                    first = (number * PAGE + at) * 8
                    yield from (first + bit for bit in range(8) if byte & 128 >> bit)

    def _pages(self) -> Iterator[bytes]:
        at = 0
        while page := self.read(at, at + PAGE):
            yield page
            at += PAGE

    def count(self, bit: int = 1, start: int = 0, stop: int | None = None) -> int:
        """How many of the stored bits from `start` to before `stop` are 1, or 0. O(bytes)."""
        first, last, _ = span(slice(start, stop))
        if bit:
            return self._store.bitcount(self._key, first, last, "BIT")
        with self._alone():
            stored = len(range(*slice(start, stop).indices(len(self))))
            return stored - self._store.bitcount(self._key, first, last, "BIT")

    def find(self, bit: int = 1, start: int = 0, stop: int | None = None) -> int:
        """The place of the first bit that is 1, or 0, from `start` to before `stop`; -1 when there is none. O(bytes).

        Without `stop` the zeros behind what is stored count as well.
        """
        if not bit:
            return self._find_zero(start, stop)
        first, last, _ = span(slice(start, stop))
        return self._store.bitpos(self._key, 1, first, last, "BIT")

    def _find_zero(self, start: int, stop: int | None) -> int:
        with self._alone():
            size = len(self)
            places = range(*slice(start, stop).indices(size))
            found = self._store.bitpos(self._key, 0, places[0], places[-1], "BIT") if places else -1
            if found < 0 and stop is None:
                found = max(start, size)
            return found

    def index(self, bit: int = 1, start: int = 0, stop: int | None = None) -> int:
        """As find; ValueError when there is none."""
        found = self.find(bit, start, stop)
        if found < 0:
            raise ValueError(f"no bit is {bit}")
        return found

    # -- bytes

    def __bytes__(self) -> bytes:
        return self._raw(self._store.get(self._key))

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes from byte `start` to before byte `stop`. O(bytes)."""
        first, last, _ = span(slice(start, stop))
        return self._raw(self._store.getrange(self._key, first, last))

    def write(self, data: Buffer, at: int = 0) -> None:
        """Puts bytes over those from byte `at` on; the string grows as needed. O(bytes)."""
        self._store.setrange(self._key, at, bytes(data))

    def clear(self) -> None:
        """Removes the string. Alone. O(1)."""
        with self._alone():
            if self._store.strlen(self._key):
                self._store.unlink(self._key)

    @staticmethod
    def _raw(text: bytes | str | None) -> bytes:
        """A string's bytes, of a store that decodes as well."""
        if text is None:
            return b""
        return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (BitmapView, bytes, bytearray, memoryview)):
            return bytes(self) == bytes(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    # -- with others

    def _numbers(self, other: BitmapView[Any] | Buffer) -> tuple[int, int, int]:
        """Both strings as whole numbers, and the length in bytes that holds both."""
        if self._beside(other):
            mine, theirs = map(self._raw, self._store.mget(self._key, other._key))
        else:
            mine, theirs = bytes(self), bytes(other)
        size = max(len(mine), len(theirs))
        return (int.from_bytes(mine.ljust(size, b"\0"), "big"), int.from_bytes(theirs.ljust(size, b"\0"), "big"), size)

    def __and__(self, other: BitmapView[Any] | Buffer) -> bytes:
        mine, theirs, size = self._numbers(other)
        return (mine & theirs).to_bytes(size, "big")

    def __or__(self, other: BitmapView[Any] | Buffer) -> bytes:
        mine, theirs, size = self._numbers(other)
        return (mine | theirs).to_bytes(size, "big")

    def __xor__(self, other: BitmapView[Any] | Buffer) -> bytes:
        mine, theirs, size = self._numbers(other)
        return (mine ^ theirs).to_bytes(size, "big")

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> bytes:
        data = bytes(self)
        return (~int.from_bytes(data, "big") & (1 << 8 * len(data)) - 1).to_bytes(len(data), "big")

    def _store_here(self, operation: str, keys: list[Argument]) -> int:
        """BITOP with this key as the target; it would forget the time to live, a change does not."""
        with self._alone():
            until = self._store.pexpiretime(self._key)
            size = self._store.bitop(operation, self._key, *keys)
            if until > 0:
                self._store.pexpireat(self._key, until)
            return size

    def _change(self, operation: str, other: BitmapView[Any] | Buffer,
                combine: Callable[[BitmapView[T], bytes], bytes]) -> BitmapView[T]:
        if self._beside(other):
            self._store_here(operation, [self._key, other._key])
            return self
        data = bytes(other)
        with self._alone():
            combined = combine(self, data)
            if combined:
                self._store.set(self._key, combined, keepttl=True)
        return self

    def __iand__(self, other: BitmapView[Any] | Buffer) -> BitmapView[T]:
        return self._change("AND", other, and_)

    def __ior__(self, other: BitmapView[Any] | Buffer) -> BitmapView[T]:
        return self._change("OR", other, or_)

    def __ixor__(self, other: BitmapView[Any] | Buffer) -> BitmapView[T]:
        return self._change("XOR", other, xor)

    def store_and(self, *others: BitmapView[T]) -> int:
        """Lets this one be the others combined by AND; its length in bytes. O(bytes of all)."""
        return self._store_here("AND", self._keys(others))

    def store_or(self, *others: BitmapView[T]) -> int:
        """Lets this one be the others combined by OR; its length in bytes. O(bytes of all)."""
        return self._store_here("OR", self._keys(others))

    def store_xor(self, *others: BitmapView[T]) -> int:
        """Lets this one be the others combined by XOR; its length in bytes. O(bytes of all)."""
        return self._store_here("XOR", self._keys(others))

    def store_not(self, other: BitmapView[T]) -> int:
        """Lets this one be the other one with every bit turned; its length in bytes. O(bytes)."""
        return self._store_here("NOT", self._keys((other,)))

    def _keys(self, others: tuple[BitmapView[T], ...]) -> list[Argument]:
        if not others or not all(self._beside(other) for other in others):
            raise TypeError("bitmaps of the same Store are needed")
        return [other._key for other in others]

    def _shown(self) -> str:
        return self.read(0, 4).hex(" ") + (" ..." if self._store.strlen(self._key) > 4 else "")
