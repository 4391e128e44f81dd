"""The methods of methods about the engine, for those which stand on them."""
from cydis.store.bitmaps cimport BitmapMethods


cdef class ServerMethods(BitmapMethods):
    pass
