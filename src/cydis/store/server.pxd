"""The methods of methods about the engine, for those which stand on them."""
from cydis.store.zsets cimport SortedSetMethods


cdef class ServerMethods(SortedSetMethods):
    pass
