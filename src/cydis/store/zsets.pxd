"""The methods of methods of sorted sets, for those which stand on them."""
from cydis.engine.call cimport Command
from cydis.store.hashes cimport HashMethods


cdef class SortedSetMethods(HashMethods):
    cdef object run_range(self, const Command* command, list arguments, offset, num, bint withscores)
    cdef object run_algebra(self, const Command* command, list arguments, bint withscores)
