"""The methods of methods of lists, for those which stand on them."""
from cydis.store.strings cimport StringMethods


cdef class ListMethods(StringMethods):
    pass
