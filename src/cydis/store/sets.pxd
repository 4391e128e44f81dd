"""The methods of methods of sets, for those which stand on them."""
from cydis.store.lists cimport ListMethods


cdef class SetMethods(ListMethods):
    pass
