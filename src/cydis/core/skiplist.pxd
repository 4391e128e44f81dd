"""The ordered half of a sorted set: csrc/skiplist.h is the manual, for costs and ownership too.

Types cimport the functions below and call them without the GIL. SkipList, the class for Python, owns
a heap and its elements; the engine's sorted sets share theirs with a hash table.
"""
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cydis.core.heap cimport Heap

cdef extern from "skiplist.h" nogil:
    const uint64_t SKIPLIST_NO_RANK

    ctypedef struct SkipElement:
        double score                      # changed by skiplist_update only, while in a list
        uint32_t size
        uint8_t* member                   # size bytes, in the same allocation

    ctypedef struct Skiplist:
        pass

    ctypedef struct SkipNode:
        pass

    ctypedef struct SkipPos:              # invalid after any change of the list
        SkipNode* node                    # NULL: no place
        uint64_t index

    ctypedef void (*SkipDrop)(void* ctx, SkipElement* element) noexcept nogil

    # elements: allocated and freed by the caller
    SkipElement* skip_element_new(Heap* heap, double score, const void* member, uint32_t size) noexcept
    void skip_element_free(Heap* heap, SkipElement* element) noexcept
    void skip_element_drop(void* heap, SkipElement* element) noexcept
    const uint8_t* skip_element_key(const void* element, size_t* size) noexcept
    size_t skip_element_size(uint32_t size) noexcept

    # the list; false means no memory and nothing changed, where not said otherwise
    Skiplist* skiplist_new(Heap* heap, uint64_t seed) noexcept
    void skiplist_free(Skiplist* list, SkipDrop drop, void* ctx) noexcept
    bint skiplist_free_some(Skiplist* list, size_t max, SkipDrop drop, void* ctx) noexcept
    bint skiplist_insert(Skiplist* list, SkipElement* element) noexcept
    bint skiplist_append(Skiplist* list, SkipElement* element) noexcept
    bint skiplist_remove(Skiplist* list, const SkipElement* element) noexcept       # false: not there
    bint skiplist_update(Skiplist* list, SkipElement* element, double score) noexcept
    SkipElement* skiplist_pop_first(Skiplist* list) noexcept
    SkipElement* skiplist_pop_last(Skiplist* list) noexcept
    uint64_t skiplist_remove_range_by_rank(Skiplist* list, uint64_t start, uint64_t end,
                                           SkipDrop drop, void* ctx) noexcept
    uint64_t skiplist_size(const Skiplist* list) noexcept
    size_t skiplist_memory(const Skiplist* list) noexcept
    bint skiplist_check(const Skiplist* list) noexcept

    # places; false: none, and an empty place
    uint64_t skiplist_rank(const Skiplist* list, const SkipElement* element) noexcept
    bint skiplist_at(const Skiplist* list, uint64_t rank, SkipPos* pos) noexcept
    bint skiplist_first(const Skiplist* list, SkipPos* pos) noexcept
    bint skiplist_last(const Skiplist* list, SkipPos* pos) noexcept
    SkipElement* skiplist_get(SkipPos pos) noexcept
    void skiplist_look_ahead(SkipPos pos, bint back) noexcept
    bint skiplist_next(SkipPos* pos) noexcept
    bint skiplist_prev(SkipPos* pos) noexcept

    # ranges
    ctypedef enum SkipBoundKind:
        SKIP_LOWEST, SKIP_HIGHEST, SKIP_SCORE, SKIP_MEMBER

    ctypedef struct SkipBound:
        SkipBoundKind kind
        bint open                         # the bound itself is outside
        double score
        const uint8_t* member
        uint32_t size

    ctypedef struct SkipRange:
        SkipBound min
        SkipBound max

    SkipBound skip_bound_score(double score, bint open) noexcept
    SkipBound skip_bound_member(const void* member, uint32_t size, bint open) noexcept
    SkipBound skip_bound_end(bint highest) noexcept
    bint skiplist_first_in_range(const Skiplist* list, const SkipRange* range,
                                 SkipPos* pos, uint64_t* rank) noexcept
    bint skiplist_last_in_range(const Skiplist* list, const SkipRange* range,
                                SkipPos* pos, uint64_t* rank) noexcept
    uint64_t skiplist_range_ranks(const Skiplist* list, const SkipRange* range,
                                  uint64_t* start, uint64_t* end) noexcept
    uint64_t skiplist_count_range(const Skiplist* list, const SkipRange* range) noexcept
    bint skip_range_holds(const SkipRange* range, const SkipElement* element) noexcept


cdef class SkipList:
    cdef Heap* heap
    cdef Skiplist* list
    cdef uint64_t changes                 # iterators notice by it that their place is gone

    cdef SkipElement* find(self, member, double score) except? NULL
    cdef list collect(self, uint64_t start, uint64_t end, bint reverse)
    cdef pop(self, SkipElement* element)
