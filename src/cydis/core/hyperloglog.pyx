"""HyperLogLog: an estimate of how many different elements were seen; see docs/hyperloglog.md.

The class is a plain door to the kernel, for tests, benchmarks and curious users. It is not thread-safe: callers share
one between threads under a lock of their own.
"""
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.string cimport memcpy, memset

from cydis.core.heap cimport heap_alloc, heap_close, heap_free, heap_open, heap_realloc


cdef class HyperLogLog:
    """HyperLogLog(elements=(), sparse_max=3000): the bytes elements seen so far.

    It begins sparse and becomes dense, 12304 bytes, when it would pass `sparse_max` bytes. Raises MemoryError, here and
    wherever it grows, if there is no memory; it is then as it was.
    """

    def __cinit__(self, elements=(), size_t sparse_max=3000):
        self.heap = heap_open()
        self.limit = sparse_max
        if self.heap != NULL:
            self.hll = <uint8_t*>heap_alloc(self.heap, HLL_EMPTY_BYTES)
        if self.hll == NULL:
            raise MemoryError
        self.size = self.room = HLL_EMPTY_BYTES
        hll_begin(self.hll)
        for element in elements:
            self.add(element)

    def __dealloc__(self):
        if self.hll != NULL:
            heap_free(self.heap, self.hll, self.room)
        if self.heap != NULL:
            heap_close(self.heap)

    # ---- bytes

    @staticmethod
    def validate(bytes data not None) -> bool:
        """Whether the bytes are one, registers included. O(n)."""
        cdef const uint8_t* p = <const uint8_t*><const char*>data
        cdef uint64_t count
        return hll_valid(p, len(data)) and hll_count(p, len(data), &count)

    @classmethod
    def from_bytes(cls, bytes data not None, size_t sparse_max=3000):
        """The one that the bytes are, damaged registers and all. Raises ValueError without its header. O(n)."""
        if not hll_valid(<const char*>data, len(data)):
            raise ValueError("not a HyperLogLog")
        cdef HyperLogLog made = cls(sparse_max=sparse_max)
        made.grow(len(data))
        memcpy(made.hll, <const char*>data, len(data))
        made.size = len(data)
        return made

    def __bytes__(self):
        """The bytes as the server's strings hold them. O(n)."""
        return PyBytes_FromStringAndSize(<const char*>self.hll, self.size)

    @property
    def dense(self) -> bool:
        """Whether it has become dense. O(1)."""
        return hll_encoding(self.hll) == HLL_DENSE

    cdef int grow(self, size_t room) except -1:
        """Makes room for so many bytes. Raises MemoryError."""
        cdef void* p
        if room > self.room:
            p = heap_realloc(self.heap, self.hll, self.room, room)
            if p == NULL:
                raise MemoryError
            self.hll = <uint8_t*>p
            self.room = room
        return 0

    # ---- reading

    def count(self) -> int:
        """How many different elements, about. Raises ValueError for damaged registers. O(n), O(1) if unchanged."""
        cdef uint64_t count
        if not hll_remembered(self.hll, &count):
            if not hll_count(self.hll, self.size, &count):
                raise ValueError("damaged registers")
            hll_remember(self.hll, count)
        return count

    def registers(self, bint wide=True) -> bytes:
        """All 16384 registers. Raises ValueError for damaged ones. O(n)."""
        cdef bytes made = bytes(HLL_REGISTERS)
        if not hll_merge(<uint8_t*><char*>made, self.hll, self.size, wide):
            raise ValueError("damaged registers")
        return made

    # ---- changing

    def add(self, bytes element not None) -> bool:
        """Whether the element raised a register, and so may be a new one. O(1) when dense."""
        cdef HllCursor cursor
        memset(&cursor, 0, sizeof(HllCursor))
        return self.raise_register(hll_hit(<const char*>element, len(element)), &cursor)

    cdef int raise_register(self, HllHit hit, HllCursor* cursor) except -1:
        """1: raised. Raises ValueError for damaged registers."""
        cdef bytes registers
        cdef HllChange done = hll_raise(self.hll, &self.size, self.room, self.limit, hit, cursor)
        if done == HLL_ROOM:
            self.grow(self.size + self.size // 8 + HLL_GROWTH)
            done = hll_raise(self.hll, &self.size, self.room, self.limit, hit, cursor)
        elif done == HLL_TOO_LARGE:
            registers = self.registers()
            self.make_dense(<const uint8_t*><const char*>registers)
            done = hll_raise(self.hll, &self.size, self.room, self.limit, hit, cursor)
        if done == HLL_CORRUPT:
            raise ValueError("damaged registers")
        return done == HLL_CHANGED

    cdef int make_dense(self, const uint8_t* registers) except -1:
        self.grow(HLL_DENSE_BYTES)
        self.size = HLL_DENSE_BYTES
        hll_pack(self.hll, registers, True)
        return 0

    def update(self, HyperLogLog other not None, bint wide=True):
        """Becomes the union of both, and dense. Raises ValueError for damaged registers. O(registers)."""
        cdef bytes union = self.registers(wide)
        if not hll_merge(<uint8_t*><char*>union, other.hll, other.size, wide):
            raise ValueError("damaged registers")
        self.make_dense(<const uint8_t*><const char*>union)
        hll_forget(self.hll)
