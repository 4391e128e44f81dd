"""The methods of vector sets, for those which stand on them."""
from cydis.store.geo cimport GeoMethods


cdef class VectorMethods(GeoMethods):
    pass
