"""ListPack: short texts and integers in one block of bytes; see docs/listpack.md.

The class is a plain door to the kernel, for tests, benchmarks and curious users. Elements go in as
bytes or int and come out as bytes; the text of an int64 is stored as the integer. It is not
thread-safe: callers share a ListPack between threads under a lock of their own.
"""
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport UINT32_MAX, uint8_t, uint32_t
from libc.stdlib cimport free, malloc

from cydis.core.heap cimport heap_close, heap_open


cdef class ListPack:
    """ListPack(values=()): a listpack of these values.

    Raises MemoryError, here and wherever it grows or shrinks, if there is no memory or if it would pass
    1 GiB; it is then as it was. Raises TypeError for values that are neither bytes nor int, and
    OverflowError for an int outside int64.
    """

    def __cinit__(self, values=()):
        self.heap = heap_open()
        if self.heap != NULL:
            self.lp = listpack_new(self.heap)
        if self.lp == NULL:
            raise MemoryError
        self.extend(values)

    def __dealloc__(self):
        if self.lp != NULL:
            listpack_free(self.heap, self.lp)
        if self.heap != NULL:
            heap_close(self.heap)

    @staticmethod
    cdef ListpackValue value_of(item) except *:
        if isinstance(item, int):
            return listpack_number(item)
        cdef bytes text = item
        if text is None:
            raise TypeError("bytes or int expected, not None")
        if len(text) > UINT32_MAX:
            raise OverflowError("an element is at most 4 GiB - 1 long")
        return listpack_text(<const char*> text, len(text))

    @staticmethod
    cdef bytes bytes_of(const ListpackValue* value):
        cdef char[LISTPACK_INT_DIGITS] digits
        if value.integer:
            return PyBytes_FromStringAndSize(digits, listpack_format(value.number, digits))
        return PyBytes_FromStringAndSize(<const char*> value.text, value.size)

    cdef uint32_t place(self, Py_ssize_t index) except 0:
        cdef uint32_t at = listpack_seek(self.lp, index)
        if at == LISTPACK_NONE:
            raise IndexError("no such element")
        return at

    # ---- bytes

    @staticmethod
    def validate(bytes data, bint deep=True) -> bool:
        """Whether the bytes are a listpack; without `deep` only the frame is checked. O(n)."""
        return listpack_validate(<const uint8_t*> <const char*> data, len(data), deep)

    @classmethod
    def from_bytes(cls, bytes data):
        """The listpack that the bytes are. Raises ValueError if they are none. O(n)."""
        if not cls.validate(data):
            raise ValueError("not a listpack")
        cdef ListPack made = cls()
        cdef uint8_t* lp = listpack_copy(made.heap, <const uint8_t*> <const char*> data)
        if lp == NULL:
            raise MemoryError
        listpack_free(made.heap, made.lp)
        made.lp = lp
        return made

    def __bytes__(self):
        """The bytes as DUMP and RDB files hold them. O(n)."""
        return PyBytes_FromStringAndSize(<const char*> self.lp, listpack_bytes(self.lp))

    def memory(self) -> int:
        """Bytes that the block occupies. O(1)."""
        return listpack_memory(self.lp)

    # ---- reading

    def __len__(self):
        """O(1) below 65535 elements, else O(n)."""
        return listpack_count(self.lp)

    def __getitem__(self, Py_ssize_t index):
        """The element as bytes. Raises IndexError. O(n), from the nearer end."""
        cdef ListpackValue value = listpack_get(self.lp, self.place(index))
        return ListPack.bytes_of(&value)

    def stored(self, Py_ssize_t index):
        """The element as it is stored: bytes or int. Raises IndexError. O(n)."""
        cdef ListpackValue value = listpack_get(self.lp, self.place(index))
        return value.number if value.integer else ListPack.bytes_of(&value)

    def tolist(self) -> list:
        """All elements as bytes. O(n)."""
        cdef list values = []
        cdef ListpackValue value
        cdef uint32_t at = listpack_first(self.lp)
        while at != LISTPACK_NONE:
            at = listpack_step(self.lp, at, &value)
            values.append(ListPack.bytes_of(&value))
        return values

    def __iter__(self):
        """Over the elements as they are now. O(n)."""
        return iter(self.tolist())

    def __reversed__(self):
        """Over the elements as they are now, last first. O(n)."""
        cdef list values = []
        cdef ListpackValue value
        cdef uint32_t at = listpack_last(self.lp)
        while at != LISTPACK_NONE:
            value = listpack_get(self.lp, at)
            values.append(ListPack.bytes_of(&value))
            at = listpack_prev(self.lp, at)
        return iter(values)

    def find(self, value, Py_ssize_t start=0, uint32_t skip=0):
        """Index of the first element from `start` on that equals the value, or None. After each comparison
        `skip` elements are passed over. O(n)."""
        cdef ListpackValue needle = ListPack.value_of(value)
        cdef uint32_t found = listpack_find(self.lp, listpack_seek(self.lp, start), &needle, skip)
        cdef uint32_t at = listpack_first(self.lp)
        cdef Py_ssize_t index = 0
        if found == LISTPACK_NONE:
            return None
        while at != found:
            at = listpack_next(self.lp, at)
            index += 1
        return index

    def __contains__(self, value):
        """O(n)."""
        return self.find(value) is not None

    # ---- changing

    def append(self, value):
        """Puts the value at the end. O(1), O(n) where the block must move."""
        cdef ListpackValue new = ListPack.value_of(value)
        if not listpack_append(self.heap, &self.lp, &new):
            raise MemoryError

    def extend(self, values):
        """Puts all values at the end, or none. O(n)."""
        cdef list kept = list(values)
        cdef size_t n = len(kept), i
        cdef ListpackValue* new = <ListpackValue*> malloc((n + 1) * sizeof(ListpackValue))
        if new == NULL:
            raise MemoryError
        try:
            for i in range(n):
                new[i] = ListPack.value_of(kept[i])
            if not listpack_append_many(self.heap, &self.lp, new, n):
                raise MemoryError
        finally:
            free(new)

    def insert(self, Py_ssize_t index, value):
        """Puts the value before that index, as list.insert does. O(n)."""
        cdef ListpackValue new = ListPack.value_of(value)
        cdef uint32_t at = listpack_seek(self.lp, index)
        cdef bint done
        if at != LISTPACK_NONE:
            done = listpack_insert_before(self.heap, &self.lp, &at, &new)
        elif index < 0:
            done = listpack_prepend(self.heap, &self.lp, &new)
        else:
            done = listpack_append(self.heap, &self.lp, &new)
        if not done:
            raise MemoryError

    def insert_after(self, Py_ssize_t index, value):
        """Puts the value behind the element of that index. Raises IndexError. O(n)."""
        cdef ListpackValue new = ListPack.value_of(value)
        cdef uint32_t at = self.place(index)
        if not listpack_insert_after(self.heap, &self.lp, &at, &new):
            raise MemoryError

    def __setitem__(self, Py_ssize_t index, value):
        """Raises IndexError. O(n)."""
        cdef ListpackValue new = ListPack.value_of(value)
        if not listpack_replace(self.heap, &self.lp, self.place(index), &new):
            raise MemoryError

    def __delitem__(self, Py_ssize_t index):
        """Raises IndexError. O(n)."""
        cdef uint32_t at = self.place(index)
        if not listpack_delete(self.heap, &self.lp, &at):
            raise MemoryError

    def delete(self, Py_ssize_t start, uint32_t n):
        """Removes up to n elements from that index on. Raises IndexError. O(n)."""
        cdef uint32_t at = self.place(start)
        if not listpack_delete_range(self.heap, &self.lp, &at, n):
            raise MemoryError
