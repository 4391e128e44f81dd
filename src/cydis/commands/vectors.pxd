"""What the commands of vector sets share: vectors among the arguments."""
from libc.stdint cimport uint32_t

from cydis.core.hnsw cimport HnswNode
from cydis.engine.call cimport Call
from cydis.types.vectors cimport VectorSet


cdef struct Given:                        # a vector among the arguments
    float* values
    uint32_t dim
    int next                              # the argument behind it


# Reads FP32 blob, or VALUES n x ...; or false and an error. given_drop gives its memory back.
cdef bint given_read(Call* call, int at, Given* given) noexcept nogil
cdef void given_drop(Call* call, Given* given) noexcept nogil

# Projects it as the set does; or false and an error, and it is gone.
cdef bint given_project(Call* call, Given* given, const VectorSet* vset) noexcept nogil

cdef double similarity(float distance) noexcept nogil                    # as clients see it, from 0 to 1
cdef void reply_name(Call* call, const HnswNode* node) noexcept nogil
cdef void reply_attribute(Call* call, const HnswNode* node) noexcept nogil    # null for none
cdef void reply_dimensions(Call* call, size_t got, uint32_t has) noexcept nogil
cdef void reply_input_dimensions(Call* call, size_t got, uint32_t expected) noexcept nogil
