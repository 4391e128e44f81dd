"""Cython's view of csrc/clock.h; the header is the manual."""
from libc.stdint cimport int64_t, uint64_t


cdef extern from "clock.h" nogil:
    ctypedef struct Clock:
        int64_t frozen            # ms shown by a stopped clock; -1: the clock runs

    int64_t clock_us(const Clock* c) noexcept
    int64_t clock_ms(const Clock* c) noexcept
    int64_t clock_coarse_ms(const Clock* c) noexcept
    int64_t clock_monotonic_ns() noexcept
    uint64_t clock_ticks() noexcept
