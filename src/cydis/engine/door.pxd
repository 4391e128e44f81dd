"""Python's face of an engine, for the Store, the server's shell and rows written in Python."""
from cydis.engine.database cimport Client, Engine


cdef class EngineObject:
    cdef Engine* engine
    cdef readonly object shell            # what stands above: the server's or the Store's shell object, or None
    cdef object __weakref__

cdef void client_begin(Client* client, Engine* engine) noexcept nogil
cdef void client_end(Client* client) noexcept nogil
cdef bint engine_enter(Engine* engine) noexcept nogil
