"""The methods of bitmaps, for those which stand on them."""
from cydis.store.zsets cimport SortedSetMethods


cdef class BitmapMethods(SortedSetMethods):
    cdef object run_fields(self, list arguments)
