"""QuickList: a long list of short texts and integers in chunks; see docs/quicklist.md.

The class is a plain door to the kernel, for tests, benchmarks and curious users. Elements go in as
bytes or int and come out as bytes. It is not thread-safe: callers share a QuickList between threads
under a lock of their own.
"""
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cydis.core.heap cimport heap_close, heap_open
from cydis.core.listpack cimport ListPack, ListpackValue, listpack_bytes, listpack_copy, listpack_equal, listpack_free


cdef class QuickList:
    """QuickList(values=(), fill=-2): a list of these values.

    fill -1 .. -5: chunks of 4, 8, 16, 32, 64 KiB; fill > 0: of so many elements, and 8 KiB.
    Raises MemoryError, here and wherever it grows or shrinks; the elements are then as they were. Raises
    TypeError for values that are neither bytes nor int, and OverflowError for an int outside int64.
    """

    def __cinit__(self, values=(), int fill=QUICKLIST_DEFAULT_FILL):
        self.heap = heap_open()
        if self.heap != NULL:
            self.list = quicklist_new(self.heap, fill)
        if self.list == NULL:
            raise MemoryError
        for value in values:
            self.append(value)

    def __dealloc__(self):
        if self.list != NULL:
            quicklist_free(self.heap, self.list)
        if self.heap != NULL:
            heap_close(self.heap)

    cdef QuicklistPlace place(self, Py_ssize_t index) except *:
        cdef QuicklistPlace at = quicklist_index(self.list, index)
        if at.offset == 0:
            raise IndexError("no such element")
        return at

    cdef take(self, bint tail):
        cdef QuicklistPlace at = quicklist_last(self.list) if tail else quicklist_first(self.list)
        cdef ListpackValue value
        if at.offset == 0:
            raise IndexError("the list is empty")
        value = quicklist_get(self.list, at)
        cdef bytes taken = ListPack.bytes_of(&value)
        if not (quicklist_drop_tail(self.heap, self.list) if tail else quicklist_drop_head(self.heap, self.list)):
            raise MemoryError
        return taken

    # ---- listpacks

    @classmethod
    def from_listpack(cls, bytes data, int fill=QUICKLIST_DEFAULT_FILL):
        """A list with this listpack as its first chunk. Raises ValueError if it is none. O(n)."""
        if not ListPack.validate(data):
            raise ValueError("not a listpack")
        cdef QuickList made = cls(fill=fill)
        cdef uint8_t* lp = listpack_copy(made.heap, <const uint8_t*> <const char*> data)
        if lp == NULL:
            raise MemoryError
        cdef Quicklist* list = quicklist_from_listpack(made.heap, lp, fill)
        if list == NULL:
            listpack_free(made.heap, lp)
            raise MemoryError
        quicklist_free(made.heap, made.list)
        made.list = list
        return made

    def only_listpack(self):
        """The bytes of the listpack if the list is exactly one, else None. O(n)."""
        cdef const uint8_t* lp = quicklist_only_listpack(self.list)
        return None if lp == NULL else PyBytes_FromStringAndSize(<const char*> lp, listpack_bytes(lp))

    # ---- reading

    def __len__(self):
        """O(1)."""
        return quicklist_count(self.list)

    def chunks(self) -> list:
        """(count, bytes, plain) of each chunk. O(chunks)."""
        cdef list found = []
        cdef uint32_t slot = 0
        cdef const QuicklistChunk* chunk = quicklist_chunk(self.list, &slot)
        while chunk != NULL:
            found.append((chunk.count, chunk.size, bool(chunk.plain)))
            chunk = quicklist_chunk(self.list, &slot)
        return found

    def memory(self) -> int:
        """Bytes that the list occupies. O(chunks)."""
        return quicklist_memory(self.list)

    def check(self) -> bool:
        """Whether every invariant of the structure holds; for tests. O(n)."""
        return quicklist_check(self.list)

    def __getitem__(self, Py_ssize_t index):
        """The element as bytes. Raises IndexError. O(chunks)."""
        cdef ListpackValue value = quicklist_get(self.list, self.place(index))
        return ListPack.bytes_of(&value)

    def range(self, Py_ssize_t start, Py_ssize_t n) -> list:
        """Up to n elements from that index on, as bytes. O(chunks + n)."""
        cdef list values = []
        cdef ListpackValue value
        cdef QuicklistPlace at = quicklist_index(self.list, start)
        while n > 0 and quicklist_step(self.list, &at, &value):
            values.append(ListPack.bytes_of(&value))
            n -= 1
        return values

    def __iter__(self):
        """Over the elements as they are now. O(n)."""
        return iter(self.range(0, len(self)))

    def __reversed__(self):
        """Over the elements as they are now, last first. O(n)."""
        cdef list values = []
        cdef ListpackValue value
        cdef QuicklistPlace at = quicklist_last(self.list)
        while quicklist_step_back(self.list, &at, &value):
            values.append(ListPack.bytes_of(&value))
        return iter(values)

    # ---- changing

    def append(self, value):
        """Puts the value at the end. O(1)."""
        cdef ListpackValue new = ListPack.value_of(value)
        if not quicklist_push_tail(self.heap, self.list, &new):
            raise MemoryError

    def appendleft(self, value):
        """Puts the value at the head. O(1)."""
        cdef ListpackValue new = ListPack.value_of(value)
        if not quicklist_push_head(self.heap, self.list, &new):
            raise MemoryError

    def pop(self) -> bytes:
        """Removes and returns the last element. Raises IndexError. O(1)."""
        return self.take(True)

    def popleft(self) -> bytes:
        """Removes and returns the first element. Raises IndexError. O(1)."""
        return self.take(False)

    def insert(self, Py_ssize_t index, value):
        """Puts the value before the element of that index. Raises IndexError. O(chunks)."""
        cdef ListpackValue new = ListPack.value_of(value)
        cdef QuicklistPlace at = self.place(index)
        if not quicklist_insert_before(self.heap, self.list, &at, &new):
            raise MemoryError

    def insert_after(self, Py_ssize_t index, value):
        """Puts the value behind the element of that index. Raises IndexError. O(chunks)."""
        cdef ListpackValue new = ListPack.value_of(value)
        cdef QuicklistPlace at = self.place(index)
        if not quicklist_insert_after(self.heap, self.list, &at, &new):
            raise MemoryError

    def __setitem__(self, Py_ssize_t index, value):
        """Raises IndexError. O(chunks)."""
        cdef ListpackValue new = ListPack.value_of(value)
        cdef QuicklistPlace at = self.place(index)
        if not quicklist_replace(self.heap, self.list, &at, &new):
            raise MemoryError

    def __delitem__(self, Py_ssize_t index):
        """Raises IndexError. O(chunks)."""
        cdef QuicklistPlace at = self.place(index)
        if not quicklist_delete(self.heap, self.list, &at, False):
            raise MemoryError

    def delete(self, uint64_t start, uint64_t n):
        """Removes up to n elements from that index on. O(chunks)."""
        if not quicklist_delete_range(self.heap, self.list, start, n):
            raise MemoryError

    def remove(self, value, bint back=False) -> int:
        """Removes every element that equals the value, walking from the head or back from the tail; returns
        their number. O(n)."""
        cdef ListpackValue unwanted = ListPack.value_of(value), found
        cdef QuicklistPlace at = quicklist_last(self.list) if back else quicklist_first(self.list)
        cdef QuicklistPlace here = at
        cdef uint64_t removed = 0
        while at.offset != 0:
            here = at
            if back:
                quicklist_step_back(self.list, &at, &found)
            else:
                quicklist_step(self.list, &at, &found)
            if listpack_equal(&found, &unwanted):
                if not quicklist_delete(self.heap, self.list, &here, back):
                    raise MemoryError
                at = here
                removed += 1
        return removed
