"""What list_moves and list_waits share with lists."""
from libc.stdint cimport int64_t

from cydis.core.record cimport Record
from cydis.engine.call cimport Call
from cydis.engine.keyspace cimport Ref

cdef Record* list_create(Call* call, Ref* ref) noexcept nogil
cdef bint list_take(Call* call, int arg, Ref* ref, bint head, int64_t count) noexcept nogil
cdef bint pop_one(Call* call, int arg, Ref* ref, bint head) noexcept nogil
