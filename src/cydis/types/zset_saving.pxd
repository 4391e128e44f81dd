"""Sorted sets in the published byte form: a listpack, or a count and so many members with their scores."""
from cydis.core.rdb cimport RdbReader, RdbWriter
from cydis.core.record cimport Record
from cydis.types.context cimport Context

# For the table of types; see saving.pxd.
cdef int zset_kind(const Record* zset) noexcept nogil
cdef void zset_save(const Record* zset, RdbWriter* w) noexcept nogil
cdef int zset_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil
