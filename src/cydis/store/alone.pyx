# cython: binding=False, embedsignature.format=clinic
"""Several calls of a Store with nobody in between, where what the later ones say depends on what the earlier answered.

A Pipeline is the way for calls that are known beforehand. This is for the few that are not (insert into the middle of a
list, replace a slice): it takes the engine's lock and lets this thread's own calls through, as those of a command that
is written in Python. Other threads and all clients wait meanwhile, also while another thread has the interpreter: what
happens inside must be short and must not wait for anybody.
"""
from cydis.core.lock cimport lock_release
from cydis.engine.door cimport engine_enter
from cydis.store.database cimport Store

cdef extern from "Python.h" nogil:
    unsigned long PyThread_get_thread_ident()


cdef class Alone:
    """``with Alone(store): ...``: all calls of this thread inside are one step for everybody else. May be nested."""
    cdef Store store
    cdef unsigned long outer              # what the engine knew as its Python thread before
    cdef bint nested                      # the lock was ours already

    def __cinit__(self, Store store not None):
        self.store = store

    def __init__(self, store):
        """The argument is read by __cinit__, so that there is none without a Store."""

    def __enter__(self):
        cdef Store store = self.store
        self.nested = engine_enter(store.engine.engine)
        self.outer = store.engine.engine.handler_thread
        store.engine.engine.handler_thread = PyThread_get_thread_ident()
        return self

    def __exit__(self, *error):
        cdef Store store = self.store
        store.engine.engine.handler_thread = self.outer
        if not self.nested:
            lock_release(&store.engine.engine.lock)
