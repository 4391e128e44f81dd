"""Vector sets: a graph of nodes and a table of their names. See vectors.pxd for the contract.

A new vector for an element is a new node: it comes in before the old one goes, so that memory which is refused
leaves the set as it was. Where the stored vector would be the same, the node stays.
"""
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset

from cydis.core.hashtable cimport (
    HashtableIter, HashtablePos, HashtableVisit, hashtable_clear, hashtable_clear_some, hashtable_find_with,
    hashtable_hash, hashtable_init, hashtable_insert, hashtable_memory, hashtable_next, hashtable_random,
    hashtable_remove_at, hashtable_replace, hashtable_size,
)
from cydis.core.heap cimport heap_alloc, heap_free, heap_good_size
from cydis.core.hnsw cimport (
    HnswNode, hnsw_at, hnsw_close, hnsw_copy, hnsw_init, hnsw_insert, hnsw_level, hnsw_memory, hnsw_name,
    hnsw_node_free, hnsw_node_new, hnsw_remove, hnsw_remove_room, hnsw_remove_with, quantise_bytes,
    quantise_project, quantise_project_by,
)
from cydis.core.member cimport Member, member_bytes, member_free, member_new, member_text
from cydis.core.record cimport Record, record_pointer, record_set_pointer
from cydis.types.context cimport Context, context_random
from cydis.types.draw cimport SPARSE, draw_entries, random_below


cdef VectorSet* vectors_of(const Record* record) noexcept nogil:
    return <VectorSet*>record_pointer(record)


cdef VectorSet* vectors_new(Context* cx, uint32_t dim, uint32_t input_dim, unsigned int m,
                            QuantKind kind) noexcept nogil:
    cdef VectorSet* vset = <VectorSet*>heap_alloc(cx.heap, sizeof(VectorSet))
    if vset == NULL:
        return NULL
    memset(vset, 0, sizeof(VectorSet))
    hnsw_init(&vset.index, cx.heap, dim, m, kind)
    hashtable_init(&vset.names, cx.heap, cx.seed, hnsw_name)
    vset.input_dim = input_dim
    vset.number = cx.vector_sets
    cx.vector_sets += 1
    return vset


cdef inline HnswNode* find(const VectorSet* vset, uint64_t hash, const RespArg* name, HashtablePos* pos) noexcept nogil:
    return <HnswNode*>hashtable_find_with(&vset.names, hash, name.data, name.size, pos, hnsw_name)


cdef HnswNode* vectors_find(const VectorSet* vset, const RespArg* name) noexcept nogil:
    """O(1)."""
    return find(vset, hashtable_hash(&vset.names, name.data, name.size), name, NULL)


cdef void vectors_project(const VectorSet* vset, const float* vector, float* into) noexcept nogil:
    """O(dimensions before and after, multiplied)."""
    if vset.matrix != NULL:
        quantise_project_by(vset.matrix, vector, vset.input_dim, into, vset.index.dim)
    else:
        quantise_project(vector, vset.input_dim, into, vset.index.dim)


# ---- attributes ----

cdef bint vectors_attribute(const HnswNode* node, RespArg* text) noexcept nogil:
    if node.attribute == NULL:
        return False
    text.data = member_text(<Member*>node.attribute, &text.size)
    return True


cdef void drop_attribute(Context* cx, VectorSet* vset, HnswNode* node) noexcept nogil:
    cdef RespArg text
    if vectors_attribute(node, &text):
        vset.attributes -= 1
        vset.attribute_bytes -= heap_good_size(member_bytes(text.size))
        member_free(cx.heap, <Member*>node.attribute)
        node.attribute = NULL


cdef bint keep_attribute(Context* cx, VectorSet* vset, HnswNode* node, const RespArg* text) noexcept nogil:
    """Sets an attribute, an empty one too. False: no memory, nothing changed."""
    cdef Member* attribute = member_new(cx.heap, text.data, text.size)
    if attribute == NULL:
        return False
    drop_attribute(cx, vset, node)
    vset.attributes += 1
    vset.attribute_bytes += heap_good_size(member_bytes(text.size))
    node.attribute = attribute
    return True


cdef bint vectors_set_attribute(Context* cx, VectorSet* vset, HnswNode* node, const RespArg* text) noexcept nogil:
    if text.size:
        return keep_attribute(cx, vset, node, text)
    drop_attribute(cx, vset, node)
    return True


# ---- elements ----

cdef bint enter(VectorSet* vset, uint64_t hash, HnswNode* node, size_t ef) noexcept nogil:
    """Puts a new element's node into the table and the graph. False: no memory, it is in neither."""
    cdef HashtablePos pos
    cdef size_t size
    cdef const uint8_t* name = hnsw_name(node, &size)
    if not hashtable_insert(&vset.names, hash, node, False):
        return False
    if hnsw_insert(&vset.index, node, ef):
        return True
    hashtable_find_with(&vset.names, hash, name, size, &pos, hnsw_name)
    hashtable_remove_at(&vset.names, hash, &pos)
    return False


cdef bint replace(Context* cx, VectorSet* vset, HashtablePos* pos, HnswNode* old, HnswNode* node,
                  size_t ef) noexcept nogil:
    """Puts a node where another of the same name was. False: no memory, nothing changed."""
    cdef size_t room = hnsw_remove_room(&vset.index, old) + 1      # the new node may become a neighbour
    cdef uint32_t* left = <uint32_t*>heap_alloc(cx.heap, room * sizeof(uint32_t))
    if left == NULL:
        return False
    if not hnsw_insert(&vset.index, node, ef):
        heap_free(cx.heap, left, room * sizeof(uint32_t))
        return False
    hashtable_replace(&vset.names, pos, node, False)
    hnsw_remove_with(&vset.index, old, left)
    heap_free(cx.heap, left, room * sizeof(uint32_t))
    node.attribute = old.attribute
    hnsw_node_free(&vset.index, old)
    return True


cdef inline bint same_vector(const VectorSet* vset, const HnswNode* a, const HnswNode* b) noexcept nogil:
    return a.length == b.length and a.range == b.range and memcmp(
        &a.vector[0], &b.vector[0], quantise_bytes(<QuantKind>vset.index.kind, vset.index.dim)) == 0


cdef int vectors_put(Context* cx, VectorSet* vset, const RespArg* name, const float* vector, float length, size_t ef,
                     const RespArg* attribute) noexcept nogil:
    """O(ef log n) distances."""
    cdef uint64_t hash = hashtable_hash(&vset.names, name.data, name.size)
    cdef HashtablePos pos
    cdef HnswNode* old = find(vset, hash, name, &pos)
    cdef HnswNode* node
    cdef HnswNode probe                   # holds the attribute until the element is in
    cdef int outcome = VECTORS_ADDED if old == NULL else VECTORS_UPDATED
    cdef bint done = True
    probe.attribute = NULL
    if name.size > <uint32_t>-1 // 2:
        return VECTORS_NO_MEMORY
    if attribute != NULL and (attribute.size or old == NULL) and not keep_attribute(cx, vset, &probe, attribute):
        return VECTORS_NO_MEMORY
    node = hnsw_node_new(&vset.index, vector, length, name.data, <uint32_t>name.size,
                         hnsw_level(&vset.index, context_random(cx)))
    if node == NULL:
        done = False
    elif old == NULL:
        done = enter(vset, hash, node, ef)
    elif same_vector(vset, old, node):
        hnsw_node_free(&vset.index, node)
        node = old
    else:
        done = replace(cx, vset, &pos, old, node, ef)
    if not done:
        if node != NULL:
            hnsw_node_free(&vset.index, node)
        drop_attribute(cx, vset, &probe)
        return VECTORS_NO_MEMORY
    vset.added += 1
    if attribute != NULL:
        drop_attribute(cx, vset, node)
        node.attribute = probe.attribute
    return outcome


cdef int vectors_remove(Context* cx, VectorSet* vset, const RespArg* name) noexcept nogil:
    """O(m^2) distances per level."""
    cdef uint64_t hash = hashtable_hash(&vset.names, name.data, name.size)
    cdef HashtablePos pos
    cdef HnswNode* node = find(vset, hash, name, &pos)
    if node == NULL:
        return 0
    if not hnsw_remove(&vset.index, node):
        return -1
    hashtable_remove_at(&vset.names, hash, &pos)
    drop_attribute(cx, vset, node)
    hnsw_node_free(&vset.index, node)
    return 1


# ---- chance ----

cdef HnswNode* vectors_random(Context* cx, const VectorSet* vset) noexcept nogil:
    return <HnswNode*>hashtable_random(&vset.names, context_random(cx))


cdef bint vectors_sample(Context* cx, const VectorSet* vset, size_t count, HashtableVisit visit,
                         void* ctx) noexcept nogil:
    """O(count); O(n) where a third or more is wanted, each then being asked in turn."""
    cdef HashtableIter iter
    cdef size_t left = hashtable_size(&vset.names)
    cdef void* entry
    if count < left // SPARSE:
        return draw_entries(cx, &vset.names, count, visit, NULL, ctx)
    memset(&iter, 0, sizeof(HashtableIter))
    while count:
        entry = hashtable_next(&vset.names, &iter)
        if random_below(cx, left) < count:
            visit(ctx, entry)
            count -= 1
        left -= 1
    return True


# ---- for the table of types ----

cdef struct Dropping:
    Context* cx
    VectorSet* vset


cdef void drop_node(void* ctx, void* entry) noexcept nogil:
    """The node leaves the table; nobody walks the graph any more."""
    cdef Dropping* dropping = <Dropping*>ctx
    drop_attribute(dropping.cx, dropping.vset, <HnswNode*>entry)
    hnsw_node_free(&dropping.vset.index, <HnswNode*>entry)


cdef inline size_t matrix_bytes(const VectorSet* vset) noexcept nogil:
    return <size_t>vset.index.dim * vset.input_dim * sizeof(float) if vset.matrix != NULL else 0


cdef void close(Context* cx, VectorSet* vset) noexcept nogil:
    hnsw_close(&vset.index)
    heap_free(cx.heap, vset.matrix, matrix_bytes(vset))
    heap_free(cx.heap, vset, sizeof(VectorSet))


cdef void vectors_free(Context* cx, Record* record) noexcept nogil:
    cdef Dropping dropping = Dropping(cx, vectors_of(record))
    hashtable_clear(&dropping.vset.names, drop_node, &dropping)
    close(cx, dropping.vset)


cdef bint vectors_free_some(Context* cx, Record* record, size_t some) noexcept nogil:
    cdef Dropping dropping = Dropping(cx, vectors_of(record))
    if not hashtable_clear_some(&dropping.vset.names, some, drop_node, &dropping):
        return False
    close(cx, dropping.vset)
    return True


cdef bint adopt(Context* cx, VectorSet* copy, const HnswNode* original, HnswNode* node) noexcept nogil:
    """Gives a copied node its name in the table and its attribute. False: no memory, it has not both."""
    cdef RespArg text
    cdef size_t size
    cdef const uint8_t* name = hnsw_name(node, &size)
    if not hashtable_insert(&copy.names, hashtable_hash(&copy.names, name, size), node, False):
        return False
    return not vectors_attribute(original, &text) or keep_attribute(cx, copy, node, &text)


cdef bint vectors_copy(Context* cx, const Record* record, Record* into) noexcept nogil:
    """O(n)."""
    cdef VectorSet* vset = vectors_of(record)
    cdef VectorSet* copy = vectors_new(cx, vset.index.dim, vset.input_dim, vset.index.m, <QuantKind>vset.index.kind)
    cdef uint32_t slot
    cdef HnswNode* node
    cdef bint done = True
    if copy == NULL:
        return False
    if vset.matrix != NULL:
        copy.matrix = <float*>heap_alloc(cx.heap, matrix_bytes(vset))
        if copy.matrix == NULL:
            close(cx, copy)
            return False
        memcpy(copy.matrix, vset.matrix, matrix_bytes(vset))
    if not hnsw_copy(&vset.index, &copy.index):
        close(cx, copy)
        return False
    copy.added = vset.added
    for slot in range(copy.index.used):
        node = hnsw_at(&copy.index, slot)
        if node != NULL and done:
            done = adopt(cx, copy, hnsw_at(&vset.index, slot), node)
    if done:
        record_set_pointer(into, copy)
        return True
    hashtable_clear(&copy.names, NULL, NULL)
    for slot in range(copy.index.used):
        node = hnsw_at(&copy.index, slot)
        if node != NULL:
            drop_attribute(cx, copy, node)
            hnsw_node_free(&copy.index, node)
    close(cx, copy)
    return False


cdef size_t vectors_memory(Context* cx, const Record* record, size_t samples) noexcept nogil:
    """O(1)."""
    cdef VectorSet* vset = vectors_of(record)
    return heap_good_size(sizeof(VectorSet)) + hnsw_memory(&vset.index) + hashtable_memory(&vset.names) \
        + vset.attribute_bytes + (heap_good_size(matrix_bytes(vset)) if vset.matrix != NULL else 0)


cdef size_t vectors_size(const Record* record) noexcept nogil:
    return vectors_of(record).index.size
