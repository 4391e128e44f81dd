"""Packed short sequences: csrc/listpack.h is the manual, for costs and ownership too.

Types cimport the functions below and call them without the GIL. ListPack, the class for Python, owns
a heap and one listpack.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.heap cimport Heap

cdef extern from "listpack.h" nogil:
    const uint32_t LISTPACK_NONE          # as a place: no such entry
    const uint32_t LISTPACK_EMPTY_BYTES
    const uint32_t LISTPACK_MAX_BYTES
    enum:
        LISTPACK_INT_DIGITS               # room for listpack_format; a constant expression

    ctypedef enum ListpackState:
        LISTPACK_BROKEN, LISTPACK_WHOLE
        LISTPACK_PLAIN                    # canonical, without a further look

    ctypedef struct ListpackValue:
        const uint8_t* text               # NULL for an integer that was read
        int64_t number
        uint32_t size                     # of text
        bint integer

    ListpackValue listpack_text(const void* text, size_t size) noexcept
    ListpackValue listpack_number(int64_t number) noexcept
    uint32_t listpack_format(int64_t number, char* buffer) noexcept
    bint listpack_equal(const ListpackValue* a, const ListpackValue* b) noexcept

    # the block
    uint8_t* listpack_new(Heap* heap) noexcept                          # NULL: no memory
    uint8_t* listpack_new_one_way(Heap* heap) noexcept                  # a byte less per entry, read from the front
    uint8_t* listpack_copy(Heap* heap, const uint8_t* lp) noexcept
    void listpack_free(Heap* heap, uint8_t* lp) noexcept
    uint32_t listpack_bytes(const uint8_t* lp) noexcept
    size_t listpack_memory(const uint8_t* lp) noexcept
    uint32_t listpack_count(const uint8_t* lp) noexcept
    size_t listpack_entry_bytes(const ListpackValue* value) noexcept

    # walking; a place is an offset from the start of the block
    uint32_t listpack_first(const uint8_t* lp) noexcept
    uint32_t listpack_last(const uint8_t* lp) noexcept
    uint32_t listpack_next(const uint8_t* lp, uint32_t at) noexcept
    uint32_t listpack_prev(const uint8_t* lp, uint32_t at) noexcept
    uint32_t listpack_seek(const uint8_t* lp, int64_t index) noexcept
    ListpackValue listpack_get(const uint8_t* lp, uint32_t at) noexcept
    uint32_t listpack_step(const uint8_t* lp, uint32_t at, ListpackValue* value) noexcept
    uint32_t listpack_find(const uint8_t* lp, uint32_t at, const ListpackValue* needle, uint32_t skip) noexcept

    # changing; false: no memory or too large, and nothing changed
    bint listpack_append(Heap* heap, uint8_t** lp, const ListpackValue* value) noexcept
    bint listpack_append_many(Heap* heap, uint8_t** lp, const ListpackValue* values, size_t n) noexcept
    bint listpack_insert_many(Heap* heap, uint8_t** lp, uint32_t at, const ListpackValue* values, size_t n) noexcept
    void listpack_rotate(uint8_t* lp, uint32_t first, uint32_t middle, uint32_t end) noexcept
    bint listpack_prepend(Heap* heap, uint8_t** lp, const ListpackValue* value) noexcept
    bint listpack_insert_before(Heap* heap, uint8_t** lp, uint32_t* at, const ListpackValue* value) noexcept
    bint listpack_insert_after(Heap* heap, uint8_t** lp, uint32_t* at, const ListpackValue* value) noexcept
    bint listpack_replace(Heap* heap, uint8_t** lp, uint32_t at, const ListpackValue* value) noexcept
    bint listpack_delete(Heap* heap, uint8_t** lp, uint32_t* at) noexcept
    bint listpack_delete_range(Heap* heap, uint8_t** lp, uint32_t* at, uint32_t n) noexcept
    bint listpack_merge(Heap* heap, uint8_t** into, uint8_t* source) noexcept
    bint listpack_split(Heap* heap, uint8_t** lp, uint32_t at, uint8_t** tail) noexcept

    # bytes from outside
    bint listpack_validate(const uint8_t* data, size_t size, bint deep) noexcept
    ListpackState listpack_state(const uint8_t* data, size_t size) noexcept
    bint listpack_canonical(const uint8_t* lp) noexcept
    uint8_t* listpack_rewrite(Heap* heap, const uint8_t* lp, bint one_way) noexcept     # NULL: no memory
    size_t listpack_published_bytes(const uint8_t* lp) noexcept
    void listpack_publish(const uint8_t* lp, uint8_t* out) noexcept
    int listpack_distinct(Heap* heap, const uint64_t* seed, const uint8_t* lp, uint32_t skip) noexcept   # -1: no memory


cdef inline const uint8_t* listpack_value_text(const ListpackValue* value, char* scratch, size_t* size) noexcept nogil:
    """The value as text; an integer that was read is written to scratch[LISTPACK_INT_DIGITS]."""
    if value.text != NULL:
        size[0] = value.size
        return value.text
    size[0] = listpack_format(value.number, scratch)
    return <const uint8_t*>scratch


cdef class ListPack:
    cdef Heap* heap
    cdef uint8_t* lp

    @staticmethod
    cdef ListpackValue value_of(item) except *        # borrows the item's bytes

    @staticmethod
    cdef bytes bytes_of(const ListpackValue* value)

    cdef uint32_t place(self, Py_ssize_t index) except 0
