"""Hashes in the published byte form: a listpack, or a count and so many fields with their values."""
from cydis.core.rdb cimport RdbReader, RdbWriter
from cydis.core.record cimport Record
from cydis.types.context cimport Context

# For the table of types; see saving.pxd.
cdef int hash_kind(const Record* hash) noexcept nogil
cdef void hash_save(const Record* hash, RdbWriter* w) noexcept nogil
cdef int hash_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil
