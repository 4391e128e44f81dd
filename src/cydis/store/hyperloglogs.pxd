"""The methods of HyperLogLogs, for those which stand on them."""
from cydis.store.bitmaps cimport BitmapMethods


cdef class HyperloglogMethods(BitmapMethods):
    pass
