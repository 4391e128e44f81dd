"""Lists: elements in order, taken and put at both ends.

The record's slot holds a listpack (ENC_LISTPACK) while the list is small, else a quicklist. Elements go
in and come out as ListpackValue; one that comes out lies in the list and is good until its next change.
False or -1 says that memory was refused, and that the list is as it was where nothing else is said.
"""
from libc.stdint cimport int64_t, uint8_t, uint64_t

from cydis.core.listpack cimport ListpackValue
from cydis.core.quicklist cimport Quicklist, QuicklistPlace
from cydis.core.record cimport Record
from cydis.types.context cimport Context


cdef struct ListWalk:                     # a way through a list that does not change
    const uint8_t* pack                   # NULL: a quicklist
    const Quicklist* chunks
    QuicklistPlace at                     # of the element that comes next; in a listpack the offset alone


cdef void* list_new(Context* cx) noexcept nogil                        # value of an empty list: ENC_LISTPACK
cdef size_t list_length(const Record* list) noexcept nogil

# Says that so many elements with so many bytes of text come: a listpack too small for them becomes a quicklist.
cdef bint list_expect(Context* cx, Record* list, size_t bytes, size_t count) noexcept nogil
# Makes a quicklist that has become small a listpack again. The functions that remove do it themselves.
cdef void list_settle(Context* cx, Record* list) noexcept nogil

cdef bint list_push(Context* cx, Record* list, const ListpackValue* value, bint head) noexcept nogil
cdef bint list_end(const Record* list, bint head, ListpackValue* value) noexcept nogil    # false: it is empty
cdef bint list_drop(Context* cx, Record* list, bint head) noexcept nogil
cdef bint list_drop_range(Context* cx, Record* list, uint64_t start, uint64_t count) noexcept nogil

# Walking. Where there is no element with this index, the walk is over at once.
cdef void list_walk(const Record* list, int64_t index, ListWalk* walk) noexcept nogil
cdef bint list_next(ListWalk* walk, ListpackValue* value) noexcept nogil
cdef bint list_back(ListWalk* walk, ListpackValue* value) noexcept nogil

# 1: done, 0: no such index, or no such pivot
cdef int list_replace(Context* cx, Record* list, int64_t index, const ListpackValue* value) noexcept nogil
cdef int list_insert(Context* cx, Record* list, const ListpackValue* pivot, const ListpackValue* value,
                     bint after) noexcept nogil
# Removes the first `most` elements that are equal to value (back: the last ones); how many went.
cdef int64_t list_remove(Context* cx, Record* list, const ListpackValue* value, uint64_t most, bint back) noexcept nogil

# For the table of types.
cdef void list_free(Context* cx, Record* list) noexcept nogil
cdef bint list_free_some(Context* cx, Record* list, size_t some) noexcept nogil
cdef bint list_copy(Context* cx, const Record* list, Record* into) noexcept nogil
cdef size_t list_memory(Context* cx, const Record* list, size_t samples) noexcept nogil
