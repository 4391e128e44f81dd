"""The methods of vector sets, for those which stand on them."""
from cydis.store.bitmaps cimport BitmapMethods


cdef class VectorMethods(BitmapMethods):
    pass
