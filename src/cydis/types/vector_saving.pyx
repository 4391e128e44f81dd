"""Vector sets as bytes that Redis 8 reads, and what it writes; docs/serialization.md draws the form.

    module and version | head | element | element | ... | end       each number and text with its kind before it

Elements stand in the order of their numbers, which their links name: links can only be followed when all elements
are there. So they are read twice: first names, vectors and attributes, then links.

Links are no more than a hint. Where they keep what the index promises (hnsw.h), they are taken as they are, which
is O(bytes); else they are found anew, as VADD does, up to RELINK_MOST elements.
"""
from libc.math cimport fabsf, isfinite
from libc.stdint cimport UINT32_MAX, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cydis.core.buffer cimport Buffer, buffer_close, buffer_init, buffer_reserve
from cydis.core.hashtable cimport HashtablePos, hashtable_find_with, hashtable_hash, hashtable_insert
from cydis.core.heap cimport heap_alloc, heap_free
from cydis.core.hnsw cimport (
    HNSW_LEVELS, HNSW_MAX_M, HNSW_MIN_M, QUANT_BIT, QUANT_BYTE, Hnsw, HnswNode, QuantKind, hnsw_at, hnsw_claim,
    hnsw_degree, hnsw_distance, hnsw_expect, hnsw_judge, hnsw_links, hnsw_most, hnsw_name, hnsw_node_free,
    hnsw_node_load, hnsw_place, hnsw_query, hnsw_relink, quantise_bytes, quantise_load, quantise_projection_row,
    quantise_save, quantise_saved_bytes,
)
from cydis.core.rdb cimport (
    RDB_MODULE_2, RdbReader, RdbText, RdbWriter, rdb_read_length, rdb_read_text, rdb_text_bytes, rdb_write_length,
    rdb_write_text,
)
from cydis.core.record cimport Record, record_set_pointer
from cydis.core.resp cimport RespArg
from cydis.types.context cimport Context
from cydis.types.saving cimport LOAD_BAD, LOAD_NO_MEMORY, LOAD_OK
from cydis.types.vectors cimport (
    VectorSet, vectors_attribute, vectors_free, vectors_new, vectors_of, vectors_set_attribute,
)

cdef enum:                                # what stands before each number or text of a module
    PIECE_END = 0
    PIECE_NUMBER = 2
    PIECE_TEXT = 5

cdef enum:
    WITH_PROJECTION = 1                   # in the head
    WITH_ATTRIBUTES = 2
    LEVEL_BITS = 16
    LINKS_FORM = 1 << 24                  # of a node's numbers, above its level
    OF_NODE = 3                           # numbers of a node: its own, its level, length and range
    OF_LEVEL = 3                          # and of a level: how many links, how many at most, the farthest
    LEAST = 22                            # bytes of the shortest element
    PROJECTED_MOST = 1 << 30              # numbers of a projection, as VADD has it
    FACTOR_MOST = 16                      # in a projection
    RELINK_MOST = 1 << 16
    RELINK_EF = 200
    LEVELS_SPARE = 64                     # with it, levels above 0 are at most as many as elements

# "vectorset" in nine letters of six bits, above ten bits for the version, 0.
cdef uint64_t MODULE = 0xBDE72DA2BB1EB400


# ---- writing ----

cdef inline void write_number(RdbWriter* w, uint64_t number) noexcept nogil:
    rdb_write_length(w, PIECE_NUMBER)
    rdb_write_length(w, number)


cdef inline void write_text(RdbWriter* w, const void* text, size_t size) noexcept nogil:
    rdb_write_length(w, PIECE_TEXT)
    rdb_write_text(w, text, size)


cdef inline uint64_t pair(float high, uint32_t low) noexcept nogil:
    cdef uint32_t bits
    memcpy(&bits, &high, 4)
    return <uint64_t>bits << 32 | low


cdef void save_projection(const VectorSet* vset, RdbWriter* w) noexcept nogil:
    cdef size_t row_bytes = vset.input_dim * sizeof(float)
    cdef uint32_t row
    cdef Buffer matrix
    write_number(w, vset.input_dim)
    if vset.matrix != NULL:
        write_text(w, vset.matrix, vset.index.dim * row_bytes)
        return
    buffer_init(&matrix, NULL, 0)
    if buffer_reserve(&matrix, vset.index.dim * row_bytes):
        for row in range(vset.index.dim):
            quantise_projection_row(row, vset.input_dim, <float*>(matrix.data + row * row_bytes))
        write_text(w, matrix.data, vset.index.dim * row_bytes)
    else:
        w.out.failed = True
    buffer_close(&matrix)


cdef void save_vector(const Hnsw* h, const HnswNode* node, RdbWriter* w) noexcept nogil:
    """Not compressed: it hardly ever would save anything."""
    cdef size_t size = quantise_saved_bytes(<QuantKind>h.kind, h.dim)
    rdb_write_length(w, PIECE_TEXT)
    rdb_write_length(w, size)
    if buffer_reserve(w.out, size):
        quantise_save(<QuantKind>h.kind, &node.vector[0], h.dim, w.out.data + w.out.used)
        w.out.used += size


cdef void save_level(const Hnsw* h, const HnswNode* node, unsigned int level, RdbWriter* w) noexcept nogil:
    """The links of a level, and which of them is the farthest, how far."""
    cdef const uint32_t* links = hnsw_links(h, node, level)
    cdef unsigned int degree = hnsw_degree(h, node, level), i
    cdef float far = 0, distance
    cdef uint32_t farthest = 0
    write_number(w, degree)
    write_number(w, hnsw_most(h, level))
    for i in range(degree):
        write_number(w, links[i] + 1)
        distance = hnsw_distance(h, hnsw_query(node), hnsw_at(h, links[i]))
        if distance > far:
            far = distance
            farthest = i
    write_number(w, pair(far, farthest))


cdef void save_node(const Hnsw* h, const HnswNode* node, bint attributes, RdbWriter* w) noexcept nogil:
    cdef size_t size
    cdef const uint8_t* name = hnsw_name(node, &size)
    cdef uint64_t numbers = OF_NODE
    cdef unsigned int level
    cdef uint32_t length
    cdef RespArg text
    write_text(w, name, size)
    if attributes:
        if not vectors_attribute(node, &text):
            text.size = 0
        write_text(w, text.data if text.size else name, text.size)
    save_vector(h, node, w)
    for level in range(<unsigned int>node.level + 1):
        numbers += OF_LEVEL + hnsw_degree(h, node, level)
    write_number(w, numbers)
    write_number(w, <uint64_t>node.slot + 1)
    write_number(w, LINKS_FORM | node.level)
    for level in range(<unsigned int>node.level + 1):
        save_level(h, node, level, w)
    memcpy(&length, &node.length, 4)
    write_number(w, pair(node.range, length))


cdef int vectors_kind(const Record* record) noexcept nogil:
    return RDB_MODULE_2


cdef void vectors_save(const Record* record, RdbWriter* w) noexcept nogil:
    """O(bytes), and a distance per link. The last that came stands first, as with Redis."""
    cdef const VectorSet* vset = vectors_of(record)
    cdef const Hnsw* h = &vset.index
    cdef uint32_t slot = h.used
    rdb_write_length(w, MODULE)
    write_number(w, h.dim)
    write_number(w, h.size)
    write_number(w, <uint64_t>h.m << 8 | h.kind)
    write_number(w, (WITH_PROJECTION if vset.input_dim else 0) | (WITH_ATTRIBUTES if vset.attributes else 0))
    if vset.input_dim:
        save_projection(vset, w)
    while slot:
        slot -= 1
        if hnsw_at(h, slot) != NULL:
            save_node(h, hnsw_at(h, slot), vset.attributes > 0, w)
    rdb_write_length(w, PIECE_END)


# ---- reading ----

cdef struct Place:                        # of an element, in the order in which they come
    uint64_t number                       # by which links name it
    const uint8_t* links                  # where those of its level 0 begin


cdef struct Loading:
    Context* cx
    RdbReader* reader
    VectorSet* vset
    Place* places
    uint64_t count, flags, levels, last   # the greatest number
    Buffer name, attribute, vector        # scratch


cdef inline bint read_number(RdbReader* r, uint64_t* number) noexcept nogil:
    cdef uint64_t kind
    return rdb_read_length(r, &kind) and kind == PIECE_NUMBER and rdb_read_length(r, number)


cdef int read_text(RdbReader* r, Buffer* scratch, RespArg* text) noexcept nogil:
    cdef RdbText found
    cdef uint64_t kind
    if not rdb_read_length(r, &kind) or kind != PIECE_TEXT or not rdb_read_text(r, &found) or found.size > UINT32_MAX:
        return LOAD_BAD
    text.size = found.size
    return rdb_text_bytes(&found, scratch, &text.data)


cdef int load_projection(Loading* loading, uint64_t input_dim) noexcept nogil:
    """A matrix that is our own is not kept."""
    cdef VectorSet* vset = loading.vset
    cdef size_t row_bytes = input_dim * sizeof(float), i
    cdef bint own = True
    cdef RespArg text
    cdef uint32_t row
    cdef float* ours
    cdef int outcome = read_text(loading.reader, &loading.vector, &text)
    if outcome != LOAD_OK:
        return outcome
    if text.size != vset.index.dim * row_bytes:
        return LOAD_BAD
    vset.matrix = <float*>heap_alloc(loading.cx.heap, text.size)
    ours = <float*>heap_alloc(loading.cx.heap, row_bytes)
    if vset.matrix != NULL and ours != NULL:
        memcpy(vset.matrix, text.data, text.size)
        for row in range(vset.index.dim):
            quantise_projection_row(row, vset.input_dim, ours)
            for i in range(input_dim):
                if not fabsf(vset.matrix[row * input_dim + i]) <= FACTOR_MOST:
                    outcome = LOAD_BAD
                own &= vset.matrix[row * input_dim + i] == ours[i]
        if own:
            heap_free(loading.cx.heap, vset.matrix, text.size)
            vset.matrix = NULL
    else:
        outcome = LOAD_NO_MEMORY
    heap_free(loading.cx.heap, ours, row_bytes)
    return outcome


cdef int load_head(Loading* loading, Record* into) noexcept nogil:
    """Makes the set, into the record, whose it is from then on."""
    cdef RdbReader* r = loading.reader
    cdef uint64_t module, dim, shape, input_dim = 0
    if not (rdb_read_length(r, &module) and module == MODULE and read_number(r, &dim)
            and read_number(r, &loading.count) and read_number(r, &shape) and read_number(r, &loading.flags)):
        return LOAD_BAD
    if dim == 0 or dim > UINT32_MAX or shape & 255 > QUANT_BIT or not HNSW_MIN_M <= shape >> 8 <= HNSW_MAX_M or \
            loading.flags & ~<uint64_t>(WITH_PROJECTION | WITH_ATTRIBUTES):
        return LOAD_BAD
    if loading.count == 0 or loading.count > <uint64_t>(r.end - r.at) // LEAST:
        return LOAD_BAD
    if loading.flags & WITH_PROJECTION and (
            not read_number(r, &input_dim) or input_dim == 0 or input_dim > PROJECTED_MOST // dim):
        return LOAD_BAD
    loading.vset = vectors_new(loading.cx, <uint32_t>dim, <uint32_t>input_dim, <unsigned int>(shape >> 8),
                               <QuantKind>(shape & 255))
    if loading.vset == NULL:
        return LOAD_NO_MEMORY
    record_set_pointer(into, loading.vset)
    return load_projection(loading, input_dim) if input_dim else LOAD_OK


cdef bint pass_links(Loading* loading, uint64_t numbers, uint64_t* level, Place* place) noexcept nogil:
    """Reads an element's numbers as far as its level, and over its links."""
    cdef RdbReader* r = loading.reader
    cdef uint64_t form, links, levels, passed = OF_NODE, other
    if not read_number(r, &place.number) or not read_number(r, &form) or form >> LEVEL_BITS != LINKS_FORM >> LEVEL_BITS:
        return False
    loading.last = max(loading.last, place.number)
    level[0] = form & ((1 << LEVEL_BITS) - 1)
    loading.levels += level[0]
    if level[0] >= HNSW_LEVELS or loading.levels > loading.count + LEVELS_SPARE:
        return False
    place.links = r.at
    levels = level[0] + 1
    while levels:
        if not read_number(r, &links) or links > numbers:
            return False
        passed += links + OF_LEVEL
        links += OF_LEVEL - 1             # how many may be there, and the farthest
        while links:
            if not read_number(r, &other):
                return False
            links -= 1
        levels -= 1
    return passed == numbers


cdef int load_vector(Loading* loading, uint64_t numbers, const RespArg* name, const RespArg* vector,
                     HnswNode** node, Place* place) noexcept nogil:
    """An element's node, its numbers being read."""
    cdef Hnsw* h = &loading.vset.index
    cdef QuantKind kind = <QuantKind>h.kind
    cdef size_t room = quantise_bytes(kind, h.dim)
    cdef uint64_t level, measures
    cdef uint32_t bits
    cdef float length, reach = 0
    cdef void* stored
    cdef int outcome = LOAD_BAD
    if not pass_links(loading, numbers, &level, place) or not read_number(loading.reader, &measures):
        return LOAD_BAD
    bits = <uint32_t>measures
    memcpy(&length, &bits, 4)
    bits = <uint32_t>(measures >> 32)
    if kind == QUANT_BYTE:                # elsewhere it means nothing, and may be anything
        memcpy(&reach, &bits, 4)
    if not (length > 0 and isfinite(length)):
        return LOAD_BAD
    stored = heap_alloc(loading.cx.heap, room)
    if stored == NULL:
        return LOAD_NO_MEMORY
    if quantise_load(kind, vector.data, h.dim, reach, stored):
        node[0] = hnsw_node_load(h, stored, length, reach, name.data, <uint32_t>name.size, <unsigned int>level)
        outcome = LOAD_OK if node[0] != NULL else LOAD_NO_MEMORY
    heap_free(loading.cx.heap, stored, room)
    return outcome


cdef int enter(Loading* loading, HnswNode* node, const RespArg* attribute) noexcept nogil:
    """Gives a node its name and its place; it is gone where that fails."""
    cdef VectorSet* vset = loading.vset
    cdef HashtablePos pos
    cdef size_t size
    cdef const uint8_t* name = hnsw_name(node, &size)
    cdef uint64_t hash = hashtable_hash(&vset.names, name, size)
    cdef int outcome = LOAD_OK
    if hashtable_find_with(&vset.names, hash, name, size, &pos, hnsw_name) != NULL:
        outcome = LOAD_BAD
    elif not hashtable_insert(&vset.names, hash, node, False):
        outcome = LOAD_NO_MEMORY
    if outcome != LOAD_OK:
        hnsw_node_free(&vset.index, node)
        return outcome
    hnsw_place(&vset.index, node)
    return LOAD_OK if vectors_set_attribute(loading.cx, vset, node, attribute) else LOAD_NO_MEMORY


cdef int load_element(Loading* loading, Place* place) noexcept nogil:
    cdef RdbReader* r = loading.reader
    cdef const Hnsw* h = &loading.vset.index
    cdef RespArg name, attribute, vector
    cdef HnswNode* node
    cdef uint64_t numbers
    cdef int outcome = read_text(r, &loading.name, &name)
    attribute.size = 0
    if outcome == LOAD_OK and loading.flags & WITH_ATTRIBUTES:
        outcome = read_text(r, &loading.attribute, &attribute)
    if outcome == LOAD_OK:
        outcome = read_text(r, &loading.vector, &vector)
    if outcome != LOAD_OK:
        return outcome
    if vector.size != quantise_saved_bytes(<QuantKind>h.kind, h.dim) or not read_number(r, &numbers):
        return LOAD_BAD
    outcome = load_vector(loading, numbers, &name, &vector, &node, place)
    return enter(loading, node, &attribute) if outcome == LOAD_OK else outcome


# ---- links ----

cdef bint in_order(const Place* places, uint64_t count) noexcept nogil:
    """Numbers only fall, or only rise: then one is found by halving, and none is there twice."""
    cdef bint falls = count > 1 and places[0].number > places[1].number
    cdef uint64_t i
    for i in range(1, count):
        if places[i - 1].number == places[i].number or (places[i - 1].number > places[i].number) != falls:
            return False
    return True


cdef uint64_t slot_of(const Place* places, uint64_t count, uint64_t number) noexcept nogil:
    """Where the element of a number is; `count`: nowhere."""
    cdef bint falls = count > 1 and places[0].number > places[1].number
    cdef uint64_t low = 0, high = count, middle
    while low < high:
        middle = (low + high) // 2
        if places[middle].number == number:
            return middle
        if (places[middle].number > number) == falls:
            low = middle + 1
        else:
            high = middle
    return count


cdef bint claim_links(Loading* loading, uint32_t slot) noexcept nogil:
    """The links of an element, which were passed over once: what stands there can be read."""
    cdef Hnsw* h = &loading.vset.index
    cdef HnswNode* node = hnsw_at(h, slot)
    cdef RdbReader r
    cdef uint64_t links = 0, number = 0, found
    cdef unsigned int level
    r.at = loading.places[slot].links
    r.end = loading.reader.end
    for level in range(<unsigned int>node.level + 1):
        read_number(&r, &links)
        read_number(&r, &number)
        while links:
            read_number(&r, &number)
            found = slot_of(loading.places, loading.count, number)
            if found == loading.count or not hnsw_claim(h, node, level, <uint32_t>found):
                return False
            links -= 1
        read_number(&r, &number)
    return True


cdef int link(Loading* loading) noexcept nogil:
    cdef Hnsw* h = &loading.vset.index
    cdef bint claimed = in_order(loading.places, loading.count)
    cdef uint32_t slot = 0
    cdef int judged = 0
    while claimed and slot < h.used:
        claimed = claim_links(loading, slot)
        slot += 1
    if claimed:
        judged = hnsw_judge(h)
    if judged:
        return LOAD_OK if judged > 0 else LOAD_NO_MEMORY
    if loading.count > RELINK_MOST:
        return LOAD_BAD
    return LOAD_OK if hnsw_relink(h, RELINK_EF) else LOAD_NO_MEMORY


cdef int load_elements(Loading* loading) noexcept nogil:
    cdef size_t room = loading.count * sizeof(Place)
    cdef uint64_t end, i = 0
    cdef int outcome = LOAD_OK
    if loading.count >= UINT32_MAX:
        return LOAD_BAD
    loading.places = <Place*>heap_alloc(loading.cx.heap, room)
    if loading.places == NULL:
        return LOAD_NO_MEMORY
    if not hnsw_expect(&loading.vset.index, <uint32_t>loading.count):
        outcome = LOAD_NO_MEMORY
    while outcome == LOAD_OK and i < loading.count:
        outcome = load_element(loading, &loading.places[i])
        i += 1
    if outcome == LOAD_OK and not (rdb_read_length(loading.reader, &end) and end == PIECE_END):
        outcome = LOAD_BAD
    if outcome == LOAD_OK:
        outcome = link(loading)
    heap_free(loading.cx.heap, loading.places, room)
    return outcome


cdef int vectors_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    """O(bytes), where the links can be taken."""
    cdef Loading loading
    cdef int outcome
    loading.cx = cx
    loading.reader = r
    loading.vset = NULL
    loading.levels = loading.last = 0
    buffer_init(&loading.name, NULL, 0)
    buffer_init(&loading.attribute, NULL, 0)
    buffer_init(&loading.vector, NULL, 0)
    outcome = load_head(&loading, into)
    if outcome == LOAD_OK:
        outcome = load_elements(&loading)
    if outcome == LOAD_OK:
        loading.vset.added = loading.last
    elif loading.vset != NULL:
        vectors_free(cx, into)
        record_set_pointer(into, NULL)
    buffer_close(&loading.name)
    buffer_close(&loading.attribute)
    buffer_close(&loading.vector)
    return outcome
