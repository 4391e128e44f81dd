"""Cython's view of csrc/lock.h; the header is the manual."""


cdef extern from "lock.h" nogil:
    ctypedef struct Lock:
        pass

    void lock_init(Lock* l) noexcept
    void lock_destroy(Lock* l) noexcept
    bint lock_try(Lock* l) noexcept
    void lock_wait(Lock* l) noexcept
    void lock_release(Lock* l) noexcept
    void lock_yield(Lock* l) noexcept
