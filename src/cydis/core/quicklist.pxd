"""Long lists of chunks: csrc/quicklist.h is the manual, for costs and ownership too.

Types cimport the functions below and call them without the GIL. QuickList, the class for Python, owns
a heap and one quicklist.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.heap cimport Heap
from cydis.core.listpack cimport ListpackValue

cdef extern from "quicklist.h" nogil:
    const int QUICKLIST_DEFAULT_FILL

    ctypedef struct QuicklistChunk:
        uint8_t* bytes                    # a listpack; plain: the text of the one element
        uint32_t size                     # of bytes
        uint32_t count
        bint plain

    ctypedef struct Quicklist:
        int fill

    ctypedef struct QuicklistPlace:
        uint32_t chunk
        uint32_t offset                   # 0: no such element

    bint quicklist_exceeds(int fill, size_t size, size_t count) noexcept

    # the list; NULL and false mean no memory and nothing changed, where not said otherwise
    Quicklist* quicklist_new(Heap* heap, int fill) noexcept
    void quicklist_free(Heap* heap, Quicklist* list) noexcept
    bint quicklist_free_some(Heap* heap, Quicklist* list, uint32_t chunks) noexcept   # true: it is gone
    Quicklist* quicklist_copy(Heap* heap, const Quicklist* list) noexcept
    Quicklist* quicklist_from_listpack(Heap* heap, uint8_t* lp, int fill) noexcept    # takes lp
    const uint8_t* quicklist_only_listpack(const Quicklist* list) noexcept            # NULL: not just one
    uint8_t* quicklist_to_listpack(Heap* heap, Quicklist* list) noexcept              # NULL: not just one
    bint quicklist_append_listpack(Heap* heap, Quicklist* list, uint8_t* lp) noexcept  # takes lp
    uint64_t quicklist_count(const Quicklist* list) noexcept
    uint32_t quicklist_chunks(const Quicklist* list) noexcept
    size_t quicklist_memory(const Quicklist* list) noexcept
    const QuicklistChunk* quicklist_chunk(const Quicklist* list, uint32_t* slot) noexcept
    bint quicklist_check(const Quicklist* list) noexcept

    # walking
    QuicklistPlace quicklist_first(const Quicklist* list) noexcept
    QuicklistPlace quicklist_last(const Quicklist* list) noexcept
    QuicklistPlace quicklist_index(const Quicklist* list, int64_t index) noexcept
    ListpackValue quicklist_get(const Quicklist* list, QuicklistPlace at) noexcept
    bint quicklist_step(const Quicklist* list, QuicklistPlace* at, ListpackValue* value) noexcept
    bint quicklist_step_back(const Quicklist* list, QuicklistPlace* at, ListpackValue* value) noexcept

    # changing
    bint quicklist_push_head(Heap* heap, Quicklist* list, const ListpackValue* value) noexcept
    bint quicklist_push_tail(Heap* heap, Quicklist* list, const ListpackValue* value) noexcept
    bint quicklist_drop_head(Heap* heap, Quicklist* list) noexcept
    bint quicklist_drop_tail(Heap* heap, Quicklist* list) noexcept
    bint quicklist_insert_before(Heap* heap, Quicklist* list, QuicklistPlace* at,
                                 const ListpackValue* value) noexcept
    bint quicklist_insert_after(Heap* heap, Quicklist* list, QuicklistPlace* at,
                                const ListpackValue* value) noexcept
    bint quicklist_replace(Heap* heap, Quicklist* list, QuicklistPlace* at, const ListpackValue* value) noexcept
    bint quicklist_delete(Heap* heap, Quicklist* list, QuicklistPlace* at, bint back) noexcept
    bint quicklist_delete_range(Heap* heap, Quicklist* list, uint64_t start, uint64_t n) noexcept


cdef class QuickList:
    cdef Heap* heap
    cdef Quicklist* list

    cdef QuicklistPlace place(self, Py_ssize_t index) except *
    cdef take(self, bint tail)
