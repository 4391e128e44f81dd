"""The methods of methods about the engine, for those which stand on them."""
from cydis.store.hyperloglogs cimport HyperloglogMethods


cdef class ServerMethods(HyperloglogMethods):
    pass
