"""The methods of methods of strings, for those which stand on them."""
from cydis.store.keys cimport KeyMethods


cdef class StringMethods(KeyMethods):
    pass
