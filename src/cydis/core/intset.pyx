"""IntSet: a sorted set of int64 in one block of bytes; see docs/intset.md.

The class is a plain door to the kernel, for tests, benchmarks and curious users. It is not
thread-safe: callers share an IntSet between threads under a lock of their own.
"""
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.heap cimport heap_close, heap_open


cdef class IntSet:
    """IntSet(numbers=()): a set of these numbers.

    Raises MemoryError, here and wherever it grows or shrinks, if there is no memory or if it would pass
    1 GiB; it is then as it was. Raises OverflowError for an int outside int64.
    """

    def __cinit__(self, numbers=()):
        self.heap = heap_open()
        if self.heap != NULL:
            self.members = intset_new(self.heap)
        if self.members == NULL:
            raise MemoryError
        for number in numbers:
            self.add(number)

    def __dealloc__(self):
        if self.members != NULL:
            intset_free(self.heap, self.members)
        if self.heap != NULL:
            heap_close(self.heap)

    # ---- bytes

    @staticmethod
    def validate(bytes data, bint deep=True) -> bool:
        """Whether the bytes are an intset; without `deep` the order is not checked. O(n)."""
        return intset_validate(<const uint8_t*> <const char*> data, len(data), deep)

    @classmethod
    def from_bytes(cls, bytes data):
        """The intset that the bytes are. Raises ValueError if they are none. O(n)."""
        if not cls.validate(data):
            raise ValueError("not an intset")
        cdef IntSet made = cls()
        cdef uint8_t* members = intset_copy(made.heap, <const uint8_t*> <const char*> data)
        if members == NULL:
            raise MemoryError
        intset_free(made.heap, made.members)
        made.members = members
        return made

    def __bytes__(self):
        """The bytes as DUMP and RDB files hold them. O(n)."""
        return PyBytes_FromStringAndSize(<const char*> self.members, intset_bytes(self.members))

    @property
    def width(self) -> int:
        """Bytes per member: 2, 4 or 8. O(1)."""
        return intset_width(self.members)

    def memory(self) -> int:
        """Bytes that the block occupies. O(1)."""
        return intset_memory(self.members)

    # ---- reading

    def __len__(self):
        """O(1)."""
        return intset_count(self.members)

    def __contains__(self, int64_t number):
        """O(log n)."""
        return intset_find(self.members, number) >= 0

    def __getitem__(self, Py_ssize_t rank):
        """The member of that rank; negative from the end. Raises IndexError. O(1)."""
        cdef Py_ssize_t n = intset_count(self.members)
        if rank < 0:
            rank += n
        if rank < 0 or rank >= n:
            raise IndexError("no such rank")
        return intset_get(self.members, <uint32_t> rank)

    def index(self, int64_t number) -> int:
        """Rank of the member. Raises ValueError if it is none. O(log n)."""
        cdef int64_t rank = intset_find(self.members, number)
        if rank < 0:
            raise ValueError("not a member")
        return rank

    def random(self, uint64_t chance) -> int:
        """A member chosen by 64 random bits. Raises IndexError if there is none. O(1)."""
        if intset_count(self.members) == 0:
            raise IndexError("no members")
        return intset_random(self.members, chance)

    def tolist(self) -> list:
        """All members in ascending order. O(n)."""
        cdef uint32_t rank
        return [intset_get(self.members, rank) for rank in range(intset_count(self.members))]

    def __iter__(self):
        """Over the members as they are now, ascending. O(n)."""
        return iter(self.tolist())

    # ---- changing

    def add(self, int64_t number) -> bool:
        """True if the number was not there. O(n), O(log n) for a new maximum."""
        cdef IntsetChange done = intset_add(self.heap, &self.members, number)
        if done == INTSET_FAILED:
            raise MemoryError
        return done == INTSET_CHANGED

    def discard(self, int64_t number) -> bool:
        """True if the number was there. O(n)."""
        cdef IntsetChange done = intset_remove(self.heap, &self.members, number)
        if done == INTSET_FAILED:
            raise MemoryError
        return done == INTSET_CHANGED
