"""Vector sets in the published byte form: that of a module of Redis 8, which brings them there."""
from cydis.core.rdb cimport RdbReader, RdbWriter
from cydis.core.record cimport Record
from cydis.types.context cimport Context

# For the table of types; see saving.pxd.
cdef int vectors_kind(const Record* record) noexcept nogil
cdef void vectors_save(const Record* record, RdbWriter* w) noexcept nogil
cdef int vectors_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil
