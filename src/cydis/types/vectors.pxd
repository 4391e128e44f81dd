"""Vector sets: elements with a vector each, found by nearness. An element may have an attribute, a text.

The record's slot holds a VectorSet: the nodes stand in the graph of an Hnsw and, by name, in a hash table.
Each node's `attribute` is a Member or NULL. All vectors of a set have `index.dim` dimensions; with
`input_dim` they came with so many and were projected.

Vectors go in as floats with their length (quantise_length), which says that they are finite.
"""
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cydis.core.hashtable cimport Hashtable, HashtableVisit
from cydis.core.hnsw cimport Hnsw, HnswNode, QuantKind
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.types.context cimport Context


cdef struct VectorSet:
    Hnsw index
    Hashtable names
    uint32_t input_dim                    # 0: vectors are not projected
    float* matrix                         # by which they are, if it came with the set from elsewhere; or NULL
    uint64_t number                       # of the set among all of this engine
    uint64_t added                        # vectors that were ever put in
    size_t attributes                     # elements that have one
    size_t attribute_bytes


cdef enum:                                # what became of an element
    VECTORS_NO_MEMORY = -1                # nothing changed
    VECTORS_UPDATED = 0
    VECTORS_ADDED = 1


# An empty set; NULL: no memory.
cdef VectorSet* vectors_new(Context* cx, uint32_t dim, uint32_t input_dim, unsigned int m,
                            QuantKind kind) noexcept nogil
cdef VectorSet* vectors_of(const Record* record) noexcept nogil

cdef HnswNode* vectors_find(const VectorSet* set, const RespArg* name) noexcept nogil
# Gives an element its vector, of index.dim floats. `attribute`: NULL leaves what it has, an empty
# one takes it away, but a new element keeps it as it is.
cdef int vectors_put(Context* cx, VectorSet* set, const RespArg* name, const float* vector, float length, size_t ef,
                     const RespArg* attribute) noexcept nogil
# Projects a vector of input_dim floats to index.dim of them.
cdef void vectors_project(const VectorSet* set, const float* vector, float* into) noexcept nogil
# 1: removed, 0: it was not there, -1: no memory, nothing changed
cdef int vectors_remove(Context* cx, VectorSet* set, const RespArg* name) noexcept nogil

# Sets, or with an empty text takes away, an attribute. False: no memory, nothing changed.
cdef bint vectors_set_attribute(Context* cx, VectorSet* set, HnswNode* node, const RespArg* text) noexcept nogil
cdef bint vectors_attribute(const HnswNode* node, RespArg* text) noexcept nogil      # false: none

# One of the elements of a set that is not empty, each nearly as likely as the others.
cdef HnswNode* vectors_random(Context* cx, const VectorSet* set) noexcept nogil
# `count` different elements, at most as many as there are, to visit. False: no memory, none was visited.
cdef bint vectors_sample(Context* cx, const VectorSet* set, size_t count, HashtableVisit visit,
                         void* ctx) noexcept nogil

# For the table of types.
cdef void vectors_free(Context* cx, Record* record) noexcept nogil
cdef bint vectors_free_some(Context* cx, Record* record, size_t some) noexcept nogil
cdef bint vectors_copy(Context* cx, const Record* record, Record* into) noexcept nogil
cdef size_t vectors_memory(Context* cx, const Record* record, size_t samples) noexcept nogil
cdef size_t vectors_size(const Record* record) noexcept nogil
