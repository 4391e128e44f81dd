"""The methods of methods about the engine, for those which stand on them."""
from cydis.store.geo cimport GeoMethods


cdef class ServerMethods(GeoMethods):
    pass
