"""The methods of methods about the engine, for those which stand on them."""
from cydis.store.vectors cimport VectorMethods


cdef class ServerMethods(VectorMethods):
    pass
