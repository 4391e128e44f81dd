"""Sets in the published byte form: an intset, a listpack, or a count and so many members."""
from cydis.core.rdb cimport RdbReader, RdbWriter
from cydis.core.record cimport Record
from cydis.types.context cimport Context

# For the table of types; see saving.pxd.
cdef int set_kind(const Record* set) noexcept nogil
cdef void set_save(const Record* set, RdbWriter* w) noexcept nogil
cdef int set_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil
