"""What the expiries of fields share with the other commands of hashes."""
from cydis.engine.call cimport Call
from cydis.engine.keyspace cimport Ref

cdef extern from * nogil:
    """
    #define CYDIS_NUMFIELDS "ERR numfields should be greater than 0 and match the provided number of fields"
    """
    const char* NUMFIELDS "CYDIS_NUMFIELDS"

# An empty hash for a missing key; or false and an error.
cdef bint create_hash(Call* call, Ref* ref, int encoding) noexcept nogil
# After fields were set, or had their moments changed.
cdef void hash_changed(Call* call, Ref* ref) noexcept nogil
# After `removed` > 0 fields were removed: an empty hash goes.
cdef void hash_reduced(Call* call, Ref* ref) noexcept nogil
