"""Cython's view of csrc/vectors/hnsw.h and quantise.h; the headers are the manual."""
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from cydis.core.heap cimport Heap


cdef extern from "vectors/quantise.h" nogil:
    ctypedef enum QuantKind:
        QUANT_FLOAT, QUANT_BYTE, QUANT_BIT

    size_t quantise_bytes(QuantKind kind, uint32_t dim) noexcept
    bint quantise_length(const float* vector, uint32_t dim, float* length) noexcept    # false: not finite
    void quantise(QuantKind kind, const float* vector, uint32_t dim, float length, void* into, float* range) noexcept
    void quantise_back(QuantKind kind, const void* stored, uint32_t dim, float range, float length,
                       float* vector) noexcept
    void quantise_project(const float* vector, uint32_t dim, float* into, uint32_t to) noexcept
    void quantise_project_by(const float* matrix, const float* vector, uint32_t dim, float* into, uint32_t to) noexcept
    void quantise_projection_row(uint32_t row, uint32_t dim, float* numbers) noexcept
    size_t quantise_saved_bytes(QuantKind kind, uint32_t dim) noexcept
    void quantise_save(QuantKind kind, const void* stored, uint32_t dim, uint8_t* out) noexcept
    bint quantise_load(QuantKind kind, const uint8_t* saved, uint32_t dim, float range, void* into) noexcept


cdef extern from "vectors/hnsw.h" nogil:
    enum:
        HNSW_MIN_M, HNSW_MAX_M, HNSW_LEVELS

    ctypedef struct HnswNode:
        void* attribute                   # the owner's
        float length
        float range
        uint32_t slot
        uint32_t name_size
        uint8_t level
        uint8_t* vector

    ctypedef struct Hnsw:
        uint32_t dim
        uint16_t m
        uint8_t kind
        uint8_t top
        uint32_t size
        uint32_t used

    ctypedef struct HnswQuery:
        const void* vector
        float range

    ctypedef uint64_t HnswHit
    ctypedef bint (*HnswWants)(void* ctx, const HnswNode* node) noexcept nogil

    void hnsw_init(Hnsw* h, Heap* heap, uint32_t dim, unsigned int m, QuantKind kind) noexcept
    void hnsw_close(Hnsw* h) noexcept
    unsigned int hnsw_level(const Hnsw* h, uint64_t random) noexcept
    HnswNode* hnsw_node_new(Hnsw* h, const float* vector, float length, const void* name, uint32_t size,
                            unsigned int level) noexcept
    void hnsw_node_free(Hnsw* h, HnswNode* node) noexcept
    bint hnsw_insert(Hnsw* h, HnswNode* node, size_t ef) noexcept                      # false: no memory
    bint hnsw_remove(Hnsw* h, HnswNode* node) noexcept                                 # false: no memory
    size_t hnsw_remove_room(const Hnsw* h, const HnswNode* node) noexcept
    void hnsw_remove_with(Hnsw* h, HnswNode* node, uint32_t* left) noexcept
    int64_t hnsw_search(Hnsw* h, HnswQuery query, size_t ef, size_t count, HnswWants wants, void* ctx, size_t effort,
                        HnswHit* hits) noexcept                                        # -1: no memory
    int64_t hnsw_scan(Hnsw* h, HnswQuery query, size_t count, HnswWants wants, void* ctx, HnswHit* hits) noexcept
    HnswNode* hnsw_node_load(Hnsw* h, const void* vector, float length, float range, const void* name, uint32_t size,
                             unsigned int level) noexcept
    bint hnsw_expect(Hnsw* h, uint32_t count) noexcept                                 # false: no memory
    void hnsw_place(Hnsw* h, HnswNode* node) noexcept
    bint hnsw_claim(Hnsw* h, HnswNode* node, unsigned int level, uint32_t slot) noexcept
    int hnsw_judge(Hnsw* h) noexcept                                                   # -1: no memory
    bint hnsw_relink(Hnsw* h, size_t ef) noexcept                                      # false: no memory
    bint hnsw_copy(const Hnsw* h, Hnsw* into) noexcept
    bint hnsw_check(Hnsw* h) noexcept
    size_t hnsw_memory(const Hnsw* h) noexcept
    HnswNode* hnsw_at(const Hnsw* h, uint32_t slot) noexcept                           # NULL: a free slot
    HnswNode* hnsw_hit_node(const Hnsw* h, HnswHit hit) noexcept
    float hnsw_hit_distance(HnswHit hit) noexcept
    const uint8_t* hnsw_name(const void* node, size_t* size) noexcept
    uint32_t* hnsw_links(const Hnsw* h, const HnswNode* node, unsigned int level) noexcept
    unsigned int hnsw_most(const Hnsw* h, unsigned int level) noexcept
    unsigned int hnsw_degree(const Hnsw* h, const HnswNode* node, unsigned int level) noexcept
    HnswQuery hnsw_query(const HnswNode* node) noexcept
    float hnsw_distance(const Hnsw* h, HnswQuery query, const HnswNode* node) noexcept
