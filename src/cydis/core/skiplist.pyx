"""SkipList: (member, score) pairs in order of score, then member; see docs/skiplist.md.

The class is a plain door to the kernel, for tests, benchmarks and curious users: it has no table from
member to score, so a pair is named by both, and a member may stand at several scores. It is not
thread-safe: callers share a SkipList between threads under a lock of their own.
"""
from libc.math cimport isnan
from libc.stdint cimport UINT32_MAX, int64_t, uint32_t, uint64_t

from cydis.core.heap cimport heap_close, heap_open


cdef inline tuple pair(const SkipElement* element):
    return (<const char*> element.member)[:element.size], element.score


cdef double number(score) except? -1.0:
    cdef double value = score
    if isnan(value):
        raise ValueError("a score is not a number")
    return value


cdef uint32_t length(bytes member) except? 0:
    if len(member) > UINT32_MAX:
        raise OverflowError("a member is at most 4 GiB - 1 long")
    return <uint32_t> len(member)


cdef SkipRange score_range(min, max, bint min_open, bint max_open) except *:
    cdef SkipRange range
    range.min = skip_bound_score(number(min), min_open)
    range.max = skip_bound_score(number(max), max_open)
    return range


cdef SkipRange lex_range(bytes min, bytes max, bint min_open, bint max_open) except *:
    """The members are borrowed: they must outlive the range."""
    cdef SkipRange range
    range.min, range.max = skip_bound_end(False), skip_bound_end(True)
    if min is not None:
        range.min = skip_bound_member(<const char*> min, length(min), min_open)
    if max is not None:
        range.max = skip_bound_member(<const char*> max, length(max), max_open)
    return range


cdef class SkipList:
    """SkipList(seed=1): an empty list; the seed decides the heights of its nodes.

    Raises MemoryError, here and wherever a pair is added or moved; the list is then as it was.
    """

    def __cinit__(self, uint64_t seed=1):
        self.heap = heap_open()
        if self.heap != NULL:
            self.list = skiplist_new(self.heap, seed)
        if self.list == NULL:
            raise MemoryError

    def __dealloc__(self):
        if self.list != NULL:
            skiplist_free(self.list, skip_element_drop, self.heap)
        if self.heap != NULL:
            heap_close(self.heap)

    cdef SkipElement* find(self, member, double score) except? NULL:
        """The element in the list, or NULL without an exception. O(log n)."""
        cdef SkipPos pos
        cdef bytes name = member
        cdef SkipElement* probe = skip_element_new(self.heap, score, <const char*> name, length(name))
        if probe == NULL:
            raise MemoryError
        cdef uint64_t rank = skiplist_rank(self.list, probe)
        skip_element_free(self.heap, probe)
        return skiplist_get(pos) if skiplist_at(self.list, rank, &pos) else NULL

    cdef list collect(self, uint64_t start, uint64_t end, bint reverse):
        """The pairs of ranks start <= rank < end, in order or from the last to the first."""
        cdef list pairs = []
        cdef SkipPos pos
        if end > skiplist_size(self.list):
            end = skiplist_size(self.list)
        if start >= end:
            return pairs
        cdef uint64_t left = end - start
        skiplist_at(self.list, end - 1 if reverse else start, &pos)
        while left:
            pairs.append(pair(skiplist_get(pos)))
            if reverse:
                skiplist_prev(&pos)
            else:
                skiplist_next(&pos)
            left -= 1
        return pairs

    def add(self, bytes member not None, score):
        """Add a pair. True if it is new, False if it was there. ValueError for NaN. O(log n), and O(1)
        amortised where it is above all others."""
        cdef double value = number(score)
        if self.find(member, value) != NULL:
            return False
        cdef SkipElement* element = skip_element_new(self.heap, value, <const char*> member, length(member))
        if element == NULL:
            raise MemoryError
        if not skiplist_insert(self.list, element):
            skip_element_free(self.heap, element)
            raise MemoryError
        self.changes += 1
        return True

    def remove(self, bytes member not None, score):
        """Remove a pair. False if it was not there. O(log n)."""
        cdef SkipElement* element = self.find(member, number(score))
        if element == NULL:
            return False
        skiplist_remove(self.list, element)
        skip_element_free(self.heap, element)
        self.changes += 1
        return True

    def update(self, bytes member not None, score, new_score):
        """Give a pair a new score. KeyError if it is not there, ValueError if the new pair is there already or
        for NaN. O(log n)."""
        cdef double value = number(new_score)
        cdef SkipElement* element = self.find(member, number(score))
        if element == NULL:
            raise KeyError((member, score))
        cdef SkipElement* taken = self.find(member, value)
        if taken != NULL and taken != element:
            raise ValueError("the pair is there already")
        if not skiplist_update(self.list, element, value):
            raise MemoryError
        self.changes += 1

    def rank(self, bytes member not None, score):
        """How many pairs are before this one, or None if it is not there. O(log n)."""
        cdef SkipElement* element = self.find(member, number(score))
        return None if element == NULL else skiplist_rank(self.list, element)

    def at(self, int64_t rank):
        """The pair of a rank; negative ranks count from the end. IndexError outside. O(log n)."""
        cdef SkipPos pos
        if rank < 0:
            rank += <int64_t> skiplist_size(self.list)
        if rank < 0 or not skiplist_at(self.list, rank, &pos):
            raise IndexError("rank out of range")
        return pair(skiplist_get(pos))

    def range_by_rank(self, uint64_t start, uint64_t end, bint reverse=False):
        """The pairs of ranks start <= rank < end as a list. O(log n + k)."""
        return self.collect(start, end, reverse)

    def range_by_score(self, min, max, bint min_open=False, bint max_open=False, bint reverse=False):
        """The pairs with min <= score <= max as a list; an open end excludes its score. O(log n + k)."""
        cdef SkipRange range = score_range(min, max, min_open, max_open)
        cdef uint64_t start, end
        skiplist_range_ranks(self.list, &range, &start, &end)
        return self.collect(start, end, reverse)

    def range_by_lex(self, bytes min, bytes max, bint min_open=False, bint max_open=False, bint reverse=False):
        """The pairs with min <= member <= max as a list; None is the end of the list. Has a meaning where all
        scores are equal. O(log n + k)."""
        cdef SkipRange range = lex_range(min, max, min_open, max_open)
        cdef uint64_t start, end
        skiplist_range_ranks(self.list, &range, &start, &end)
        return self.collect(start, end, reverse)

    def first_by_score(self, min, max, bint min_open=False, bint max_open=False):
        """(rank, member, score) of the first pair inside, or None. O(log n)."""
        cdef SkipRange range = score_range(min, max, min_open, max_open)
        cdef SkipPos pos
        cdef uint64_t rank
        if not skiplist_first_in_range(self.list, &range, &pos, &rank):
            return None
        return (rank, *pair(skiplist_get(pos)))

    def last_by_score(self, min, max, bint min_open=False, bint max_open=False):
        """(rank, member, score) of the last pair inside, or None. O(log n)."""
        cdef SkipRange range = score_range(min, max, min_open, max_open)
        cdef SkipPos pos
        cdef uint64_t rank
        if not skiplist_last_in_range(self.list, &range, &pos, &rank):
            return None
        return (rank, *pair(skiplist_get(pos)))

    def count_by_score(self, min, max, bint min_open=False, bint max_open=False):
        """How many pairs range_by_score would give. O(log n)."""
        cdef SkipRange range = score_range(min, max, min_open, max_open)
        return skiplist_count_range(self.list, &range)

    def count_by_lex(self, bytes min, bytes max, bint min_open=False, bint max_open=False):
        """How many pairs range_by_lex would give. O(log n)."""
        cdef SkipRange range = lex_range(min, max, min_open, max_open)
        return skiplist_count_range(self.list, &range)

    def remove_range(self, uint64_t start, uint64_t end):
        """Remove the pairs of ranks start <= rank < end; return how many they were. O(log n + k)."""
        self.changes += 1
        return skiplist_remove_range_by_rank(self.list, start, end, skip_element_drop, self.heap)

    def pop_first(self):
        """Remove and return the first pair. IndexError from an empty list. O(log n)."""
        return self.pop(skiplist_pop_first(self.list))

    def pop_last(self):
        """Remove and return the last pair. IndexError from an empty list. O(log n)."""
        return self.pop(skiplist_pop_last(self.list))

    cdef pop(self, SkipElement* element):
        if element == NULL:
            raise IndexError("pop from an empty SkipList")
        cdef tuple result = pair(element)
        skip_element_free(self.heap, element)
        self.changes += 1
        return result

    def __len__(self):
        return skiplist_size(self.list)

    def __contains__(self, item):
        member, score = item
        return self.find(member, number(score)) != NULL

    def __iter__(self):
        """Pairs in order. RuntimeError if the list changes meanwhile."""
        cdef SkipPos pos
        cdef uint64_t changes = self.changes
        cdef bint more = skiplist_first(self.list, &pos)
        while more:
            yield pair(skiplist_get(pos))
            if changes != self.changes:
                raise RuntimeError("SkipList changed during iteration")
            more = skiplist_next(&pos)

    def __reversed__(self):
        """Pairs from the last to the first. RuntimeError if the list changes meanwhile."""
        cdef SkipPos pos
        cdef uint64_t changes = self.changes
        cdef bint more = skiplist_last(self.list, &pos)
        while more:
            yield pair(skiplist_get(pos))
            if changes != self.changes:
                raise RuntimeError("SkipList changed during iteration")
            more = skiplist_prev(&pos)

    def memory(self):
        """Bytes of the ordered structure, without the elements. O(1)."""
        return skiplist_memory(self.list)

    def check(self):
        """True if every invariant holds; the first broken one is named on standard error. O(n)."""
        return skiplist_check(self.list)
