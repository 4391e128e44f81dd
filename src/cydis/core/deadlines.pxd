"""Cython's view of csrc/deadlines.h; the header is the manual."""
from libc.stdint cimport int64_t, uint32_t

from cydis.core.heap cimport Heap


cdef extern from "deadlines.h" nogil:
    const uint32_t DEADLINES_NOWHERE

    ctypedef struct Deadline:
        int64_t at
        void* item

    ctypedef struct Deadlines:            # filled with zeros: empty
        Deadline* heap                    # the first one in front
        uint32_t count

    ctypedef void (*DeadlineMoved)(void* item, uint32_t place) noexcept nogil

    bint deadlines_reserve(Deadlines* d, Heap* heap) noexcept
    void deadlines_add(Deadlines* d, int64_t at, void* item, DeadlineMoved moved) noexcept
    void deadlines_change(Deadlines* d, uint32_t place, int64_t at, DeadlineMoved moved) noexcept
    void deadlines_remove(Deadlines* d, Heap* heap, uint32_t place, DeadlineMoved moved) noexcept
    void deadlines_clear(Deadlines* d, Heap* heap) noexcept
    size_t deadlines_due(const Deadlines* d, int64_t now) noexcept
    bint deadlines_any_due(const Deadlines* d, int64_t now) noexcept
    bint deadlines_check(const Deadlines* d) noexcept
    size_t deadlines_memory(const Deadlines* d) noexcept
