"""The methods of methods of hashes, for those which stand on them."""
from cydis.store.sets cimport SetMethods


cdef class HashMethods(SetMethods):
    pass
