"""A set as a set."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableSet
from collections.abc import Set as AbstractSet
from typing import Any

from cydis.store.kinds import Argument, T
from cydis.store.views.view import View, as_list


class SetView(View[T], MutableSet[T]):
    """The set under a key: operators, methods of Python's set, `in`, `len`.

    ``a | b``, ``&``, ``-`` and ``^`` answer a Python set. When the other side is a view of the same Store the server
    does the work, also for ``<=``, ``isdisjoint`` and in place (``a &= b`` is SINTERSTORE, and keeps the time to live
    of `a`); any other set is taken as arguments, so that "x" and b"x" are the same member.
    """

    __slots__ = ()

    # -- one member

    def __contains__(self, member: object, /) -> bool:
        return self._store.sismember(self._key, member)  # type: ignore[arg-type]

    def __len__(self) -> int:
        return self._store.scard(self._key)

    def __iter__(self) -> Iterator[T]:
        return self._store.sscan_iter(self._key)

    def add(self, member: Argument) -> None:
        """Adds a member. O(1)."""
        self._store.sadd(self._key, member)

    def discard(self, member: Argument) -> None:
        """Removes a member if it is there. O(1)."""
        self._store.srem(self._key, member)

    def remove(self, member: Argument) -> None:
        """Removes a member; KeyError if it is not there. O(1)."""
        if not self._store.srem(self._key, member):
            raise KeyError(member)

    def pop(self) -> T:
        """Removes a random member and answers it; KeyError when there is none. O(1)."""
        member = self._store.spop(self._key)
        if member is None:
            raise KeyError("pop from an empty set")
        popped: T = member
        return popped

    def clear(self) -> None:
        """Removes all members, and the key with them. Alone. O(1): large sets are freed later, in slices."""
        with self._alone():
            if self._store.scard(self._key):
                self._store.unlink(self._key)

    def copy(self) -> set[T]:
        """All members as a set, as they are at one moment. O(members)."""
        return self._store.smembers(self._key)

    # -- with other sets: a Python set

    def _plain(self, other: Iterable[Any]) -> set[T]:
        """The members of another set as they come back from this store."""
        if isinstance(other, SetView) and other._store is self._store:
            return other.copy()
        return {self._stored(member) for member in other}

    def _settled(self, other: Iterable[Any]) -> SetView[T] | set[T]:
        """Another set as something that may be asked while alone: nobody's code, and no other engine's lock."""
        return other if self._beside(other) else self._plain(other)

    def _keys(self, others: tuple[Iterable[Any], ...]) -> list[Argument] | None:
        """The keys of all others, or None when one of them is no view of this store."""
        keys = [other._key for other in others if self._beside(other)]
        return keys if len(keys) == len(others) else None

    def _with(self, command: Callable[..., set[T]], others: tuple[Iterable[Any], ...],
              plain: Callable[..., set[T]]) -> set[T]:
        keys = self._keys(others)
        if keys is not None:
            return command(self._key, *keys)
        return plain(self.copy(), *[self._plain(other) for other in others])

    def union(self, *others: Iterable[Any]) -> set[T]:
        """The members of this or any other one. O(members of all)."""
        return self._with(self._store.sunion, others, set.union)

    def intersection(self, *others: Iterable[Any]) -> set[T]:
        """The members of this and all others. O(smallest set * sets)."""
        return self._with(self._store.sinter, others, set.intersection)

    def difference(self, *others: Iterable[Any]) -> set[T]:
        """The members of this one that no other has. O(members of all)."""
        return self._with(self._store.sdiff, others, set.difference)

    def symmetric_difference(self, other: Iterable[Any]) -> set[T]:
        """The members that are in one of both only. O(members)."""
        if self._beside(other):
            mine, theirs = self._key, other._key
            either, both = self._store.pipeline().sunion(mine, theirs).sinter(mine, theirs).run()
            different: set[T] = either - both
            return different
        return self.copy() ^ self._plain(other)

    def issubset(self, other: Iterable[Any]) -> bool:
        """Whether all members are in the other one as well. O(members)."""
        if self._beside(other):
            mine, theirs = self._key, other._key
            size, shared = self._store.pipeline().scard(mine).sintercard(mine, theirs).run()
            return bool(size == shared)
        return self.copy() <= self._plain(other)

    def issuperset(self, other: Iterable[Any]) -> bool:
        """Whether all members of the other one are here as well. O(members of the other one)."""
        if self._beside(other):
            return other.issubset(self)
        members = self._plain(other)
        return not members or all(self._store.smismember(self._key, members))

    def isdisjoint(self, other: Iterable[Any]) -> bool:
        """Whether there is no member in both. O(members of the smaller one)."""
        if self._beside(other):
            return not self._store.sintercard(self._key, other._key, limit=1)
        members = self._plain(other)
        return not members or not any(self._store.smismember(self._key, members))

    def __and__(self, other: AbstractSet[Any]) -> set[T]:
        return self.intersection(other) if isinstance(other, AbstractSet) else NotImplemented

    def __or__(self, other: AbstractSet[Any]) -> set[T]:
        return self.union(other) if isinstance(other, AbstractSet) else NotImplemented

    def __sub__(self, other: AbstractSet[Any]) -> set[T]:
        return self.difference(other) if isinstance(other, AbstractSet) else NotImplemented

    def __xor__(self, other: AbstractSet[Any]) -> set[T]:
        return self.symmetric_difference(other) if isinstance(other, AbstractSet) else NotImplemented

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __rsub__(self, other: AbstractSet[Any]) -> set[T]:
        return self._plain(other) - self.copy() if isinstance(other, AbstractSet) else NotImplemented

    def __le__(self, other: AbstractSet[Any]) -> bool:
        return self.issubset(other) if isinstance(other, AbstractSet) else NotImplemented

    def __ge__(self, other: AbstractSet[Any]) -> bool:
        return self.issuperset(other) if isinstance(other, AbstractSet) else NotImplemented

    def __lt__(self, other: AbstractSet[Any]) -> bool:
        if not isinstance(other, AbstractSet):
            return NotImplemented
        settled = self._settled(other)
        with self._alone():
            return len(self) < len(settled) and self.issubset(settled)

    def __gt__(self, other: AbstractSet[Any]) -> bool:
        if not isinstance(other, AbstractSet):
            return NotImplemented
        settled = self._settled(other)
        with self._alone():
            return len(self) > len(settled) and self.issuperset(settled)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AbstractSet):
            return NotImplemented
        try:
            settled = self._settled(other)
        except TypeError:                 # a member that no set here can have
            return False
        with self._alone():
            return len(self) == len(settled) and self.issubset(settled)

    __hash__ = None  # type: ignore[assignment]

    # -- with other sets, in place

    def _store_here(self, command: Callable[..., int], others: tuple[Iterable[Any], ...]) -> bool:
        """Runs a command that stores its result, here; whether the others are all views of this store.

        Such a command forgets the time to live, a change does not.
        """
        keys = self._keys(others)
        if not keys:
            return False
        with self._alone():
            until = self._store.pexpiretime(self._key)
            command(self._key, self._key, *keys)
            if until > 0:
                self._store.pexpireat(self._key, until)
        return True

    def update(self, *others: Iterable[Any]) -> None:
        """Adds the members of all others. O(members of the others)."""
        if self._store_here(self._store.sunionstore, others):
            return
        members = [member for other in others for member in as_list(other)]
        if members:
            self._store.sadd(self._key, *members)

    def intersection_update(self, *others: Iterable[Any]) -> None:
        """Keeps only the members that all others have, too. O(members); alone."""
        if self._store_here(self._store.sinterstore, others):
            return
        settled = [self._settled(other) for other in others]
        with self._alone():
            self._drop(self.difference(self.intersection(*settled)))

    def difference_update(self, *others: Iterable[Any]) -> None:
        """Removes the members of all others. O(members)."""
        if self._store_here(self._store.sdiffstore, others):
            return
        self._drop([member for other in others for member in other])

    def symmetric_difference_update(self, other: Iterable[Any]) -> None:
        """Removes the members that the other one has, too, and adds those that only it has. O(members); alone."""
        settled = self._settled(other)
        with self._alone():
            members = self._plain(settled)
            shared = self.intersection(members)
            if members - shared:
                self._store.sadd(self._key, *members - shared)
            self._drop(shared)

    def _drop(self, members: Iterable[Any]) -> None:
        gone = as_list(members)
        if gone:
            self._store.srem(self._key, *gone)

    def __ior__(self, other: AbstractSet[Any]) -> SetView[T]:
        if not isinstance(other, AbstractSet):
            return NotImplemented
        self.update(other)
        return self

    def __iand__(self, other: AbstractSet[Any]) -> SetView[T]:
        if not isinstance(other, AbstractSet):
            return NotImplemented
        self.intersection_update(other)
        return self

    def __isub__(self, other: AbstractSet[Any]) -> SetView[T]:
        if not isinstance(other, AbstractSet):
            return NotImplemented
        self.difference_update(other)
        return self

    def __ixor__(self, other: AbstractSet[Any]) -> SetView[T]:
        if not isinstance(other, AbstractSet):
            return NotImplemented
        self.symmetric_difference_update(other)
        return self

    def _some(self) -> Iterator[Any]:
        return iter(self)
