"""The methods of methods of keys of any type, for those which stand on them."""
from cydis.engine.call cimport Command
from cydis.store.door cimport Door


cdef class KeyMethods(Door):
    cdef object expire_if(self, const Command* command, key, when, bint nx, bint xx, bint gt, bint lt)
