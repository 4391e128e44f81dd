"""Lists in the published byte form: a count of nodes, each a listpack or one plain element."""
from cydis.core.rdb cimport RdbReader, RdbWriter
from cydis.core.record cimport Record
from cydis.types.context cimport Context

# For the table of types; see saving.pxd.
cdef int list_kind(const Record* list) noexcept nogil
cdef void list_save(const Record* list, RdbWriter* w) noexcept nogil
cdef int list_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil
