"""Vector sets: elements with a vector each, which are found by nearness (VSIM: see vector_search).

n is the number of elements, d of dimensions. A set is a graph of near neighbours; `ef` is how many candidates a
walk through it keeps. A set that loses its last element is deleted. Redis 8 has these commands as a module: their
names are upper case wherever they are answered.

VADD key [REDUCE dim] <FP32 vector | VALUES count number [number ...]> element [option ...]
    Adds an element with its vector, or gives it another vector; true if it is new. The first one decides the
    set's dimensions, how vectors are kept (Q8: a byte per dimension; NOQUANT: floats; BIN: signs), how many links
    a node has, and whether vectors are projected to fewer dimensions (REDUCE). Options: NOQUANT, Q8, BIN; M links;
    EF ef; SETATTR attributes; CAS is accepted and means nothing. O(ef d log n). Since 8.0.0.
VREM key element
    Removes an element; true if it was there. O(d M^2). Since 8.0.0.
VCARD key
    How many elements. O(1). Since 8.0.0.
VDIM key
    How many dimensions the vectors have; an error for a missing key. O(1). Since 8.0.0.
VEMB key element [RAW]
    The vector of an element, as near as it was kept, or null. RAW: how it is kept, the bytes of the vector of length
    1, the length, and with Q8 the largest component. O(d). Since 8.0.0.
VINFO key
    What the set is like, as a map; null for a missing key. O(1). Since 8.0.0.
VLINKS key element [WITHSCORES]
    The neighbours of an element in the graph, one array per level, the highest first; null without it. With
    WITHSCORES one map per level, to similarities. O(d M). Since 8.0.0.
VRANDMEMBER key [count]
    A random element, or null. count > 0: an array of at most so many, each once; count < 0: exactly -count, which may
    repeat. O(|count|). Since 8.0.0.
VISMEMBER key element
    True if there is such an element. O(1). Since 8.0.0.
VSETATTR key element attributes
    Sets an element's attributes, which VSIM's FILTER reads as JSON; "" takes them away. True if there is such an
    element. O(1). Since 8.0.0.
VGETATTR key element
    An element's attributes, or null. O(1). Since 8.0.0.
"""
from libc.stdint cimport INT64_MAX, int64_t, uint8_t, uint32_t
from libc.stdio cimport snprintf
from libc.string cimport memcpy

from cydis.core.heap cimport heap_alloc, heap_free
from cydis.core.hnsw cimport (
    HNSW_MAX_M, HNSW_MIN_M, QUANT_BIT, QUANT_BYTE, QUANT_FLOAT, Hnsw, HnswNode, QuantKind, hnsw_at, hnsw_degree,
    hnsw_distance, hnsw_links, hnsw_name, hnsw_query, quantise_back, quantise_bytes, quantise_length,
)
from cydis.core.number cimport number_parse_double, number_parse_int, number_parse_long_double
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, Row, arg_is, arg_range
from cydis.engine.keyspace cimport Ref, changed, read_typed, ref_create, ref_delete, ref_delete_if_empty, write_typed
from cydis.engine.reply cimport (
    NO_MEMORY, reply_array, reply_bad_arity, reply_bool, reply_bulk, reply_double, reply_error, reply_error_size,
    reply_int, reply_map, reply_mark, reply_null, reply_null_array, reply_room, reply_status,
)
from cydis.engine.table cimport DENYOOM, FAST, KEY1, MODULE, READ, WRITE, register
from cydis.engine.value cimport ENC_RAW, TYPE_VECTORSET
from cydis.types.context cimport Context
from cydis.types.holder cimport Holder, holder_open
from cydis.types.vectors cimport (
    VECTORS_ADDED, VECTORS_NO_MEMORY, VectorSet, vectors_attribute, vectors_find, vectors_free, vectors_new, vectors_of,
    vectors_project, vectors_put, vectors_random, vectors_remove, vectors_sample, vectors_set_attribute,
    vectors_size,
)

cdef Row[11] ROWS = [
    #   name            function     arity  flags                     keys
    Row(b"VADD",        vadd,        -1,    WRITE | DENYOOM | MODULE, KEY1),
    Row(b"VREM",        vrem,        -1,    WRITE | MODULE,           KEY1),
    Row(b"VCARD",       vcard,       -1,    READ | FAST | MODULE,     KEY1),
    Row(b"VDIM",        vdim,        -1,    READ | FAST | MODULE,     KEY1),
    Row(b"VEMB",        vemb,        -1,    READ | FAST | MODULE,     KEY1),
    Row(b"VINFO",       vinfo,       -1,    READ | FAST | MODULE,     KEY1),
    Row(b"VLINKS",      vlinks,      -1,    READ | FAST | MODULE,     KEY1),
    Row(b"VRANDMEMBER", vrandmember, -1,    READ | MODULE,            KEY1),
    Row(b"VISMEMBER",   vismember,   -1,    READ | MODULE,            KEY1),
    Row(b"VSETATTR",    vsetattr,    -1,    WRITE | FAST | MODULE,    KEY1),
    Row(b"VGETATTR",    vgetattr,    -1,    READ | FAST | MODULE,     KEY1),
]
register(b"module", ROWS, 11)

cdef enum:
    DEFAULT_M = 16
    DEFAULT_EF = 200
    MAX_EF = 1000000
    MAX_REDUCE = 1 << 20                  # dimensions that a projection may make
    MAX_PROJECTION = 1 << 30              # and additions that one may cost: some 0.5 s


# ---- what several of them need ----

cdef inline bint right_arity(Call* call, int least, int most) noexcept nogil:
    """Whether there are so many arguments, the name among them; or false and an error."""
    if least <= call.argc <= most:
        return True
    reply_bad_arity(call)
    return False


cdef inline void bad_vector(Call* call) noexcept nogil:
    reply_error(call, b"ERR invalid vector specification")


cdef void reply_dimensions(Call* call, size_t got, uint32_t has) noexcept nogil:
    cdef char[128] text
    reply_error_size(call, text, snprintf(
        text, sizeof(text), b"ERR Vector dimension mismatch - got %zu but set has %u", got, has))


cdef void reply_input_dimensions(Call* call, size_t got, uint32_t expected) noexcept nogil:
    cdef char[128] text
    reply_error_size(call, text, snprintf(
        text, sizeof(text), b"ERR Input dimension mismatch for projection - got %zu but projection expects %u",
        got, expected))


cdef double similarity(float distance) noexcept nogil:
    return 1.0 - <double>distance / 2


cdef void reply_name(Call* call, const HnswNode* node) noexcept nogil:
    cdef size_t size
    cdef const uint8_t* name = hnsw_name(node, &size)
    reply_bulk(call, name, size)


cdef void reply_attribute(Call* call, const HnswNode* node) noexcept nogil:
    cdef RespArg text
    if vectors_attribute(node, &text):
        reply_bulk(call, text.data, text.size)
    else:
        reply_null(call)


cdef int read_set(Call* call, VectorSet** vset) noexcept nogil:
    """1 found, 0 missing, -1 another type (the error has been replied)."""
    cdef Record* record
    cdef int found = read_typed(call, 1, TYPE_VECTORSET, &record)
    if found > 0:
        vset[0] = vectors_of(record)
    return found


cdef HnswNode* read_element(Call* call, VectorSet** vset) noexcept nogil:
    """The element of argument 2 in the set of argument 1, or NULL: then null, or an error, has been replied."""
    cdef HnswNode* node = NULL
    cdef int found = read_set(call, vset)
    if found > 0:
        node = vectors_find(vset[0], &call.argv[2])
    if found >= 0 and node == NULL:
        reply_null(call)
    return node


# ---- a vector among the arguments ----

cdef bint room_for(Call* call, Given* given, size_t dim) noexcept nogil:
    given.dim = <uint32_t>dim
    given.values = <float*>heap_alloc(call.engine.context.heap, dim * sizeof(float))
    if given.values == NULL:
        reply_error(call, NO_MEMORY)
    return given.values != NULL


cdef void given_drop(Call* call, Given* given) noexcept nogil:
    heap_free(call.engine.context.heap, given.values, given.dim * sizeof(float))


cdef bint read_numbers(Call* call, int at, Given* given) noexcept nogil:
    cdef uint32_t i
    cdef double number
    cdef long double wide
    cdef const RespArg* arg
    for i in range(given.dim):
        arg = &call.argv[at + i]
        if not number_parse_double(arg.data, arg.size, &number):
            if not number_parse_long_double(arg.data, arg.size, &wide):      # hexadecimal
                return False
            number = <double>wide
            if number == 0 and wide != 0:
                return False
        given.values[i] = <float>number
    return True


cdef bint given_read(Call* call, int at, Given* given) noexcept nogil:
    cdef float length
    cdef int64_t count
    cdef size_t size
    if at + 1 < call.argc and arg_is(call, at, b"FP32"):
        size = call.argv[at + 1].size
        if size == 0 or size % sizeof(float) or size // sizeof(float) > <uint32_t>-1:
            bad_vector(call)
            return False
        if not room_for(call, given, size // sizeof(float)):
            return False
        memcpy(given.values, call.argv[at + 1].data, size)
        given.next = at + 2
    elif at + 1 < call.argc and arg_is(call, at, b"VALUES"):
        if (not number_parse_int(call.argv[at + 1].data, call.argv[at + 1].size, &count) or count < 1
                or count > call.argc - at - 2):
            bad_vector(call)
            return False
        if not room_for(call, given, count):
            return False
        if not read_numbers(call, at + 2, given):
            given_drop(call, given)
            bad_vector(call)
            return False
        given.next = at + 2 + <int>count
    else:
        bad_vector(call)
        return False
    if not quantise_length(given.values, given.dim, &length):
        given_drop(call, given)
        bad_vector(call)
        return False
    return True


cdef bint given_project(Call* call, Given* given, const VectorSet* vset) noexcept nogil:
    cdef Given projected
    cdef bint there = room_for(call, &projected, vset.index.dim)
    projected.next = given.next
    if there:
        vectors_project(vset, given.values, projected.values)
    given_drop(call, given)
    given[0] = projected
    return there


# ---- VADD ----

cdef struct Wish:                         # the options of a VADD
    uint32_t reduce                       # 0: none
    QuantKind kind
    int64_t m
    int64_t ef
    const RespArg* attribute


cdef bint read_options(Call* call, int at, Wish* wish) noexcept nogil:
    while at < call.argc:
        if arg_is(call, at, b"CAS"):
            pass                          # adding is never done in the background here
        elif arg_is(call, at, b"NOQUANT"):
            wish.kind = QUANT_FLOAT
        elif arg_is(call, at, b"Q8"):
            wish.kind = QUANT_BYTE
        elif arg_is(call, at, b"BIN"):
            wish.kind = QUANT_BIT
        elif at + 1 < call.argc and arg_is(call, at, b"EF"):
            at += 1
            if not arg_range(call, at, 1, MAX_EF, &wish.ef, b"ERR invalid EF"):
                return False
        elif at + 1 < call.argc and arg_is(call, at, b"M"):
            at += 1
            if not arg_range(call, at, HNSW_MIN_M, HNSW_MAX_M, &wish.m, b"ERR invalid M"):
                return False
        elif at + 1 < call.argc and arg_is(call, at, b"SETATTR"):
            at += 1
            wish.attribute = &call.argv[at]
        else:
            reply_error(call, b"ERR invalid option after element")
            return False
        at += 1
    return True


cdef bint create(Call* call, Ref* ref, const Given* given, const Wish* wish) noexcept nogil:
    """An empty set for a missing key; or false and an error."""
    cdef Context* cx = &call.engine.context
    cdef Holder holder
    cdef VectorSet* vset = vectors_new(cx, wish.reduce if wish.reduce else given.dim, given.dim if wish.reduce else 0,
                                       <unsigned int>wish.m, wish.kind)
    if vset != NULL:
        if ref_create(ref, TYPE_VECTORSET, ENC_RAW, vset) != NULL:
            return True
        vectors_free(cx, holder_open(&holder, ENC_RAW, vset))
    reply_error(call, NO_MEMORY)
    return False


cdef bint fits(Call* call, const VectorSet* vset, const Given* given, const Wish* wish) noexcept nogil:
    """Whether a set that is there can take the vector as it is wished; or false and an error."""
    if vset.index.kind != wish.kind:
        reply_error(call, b"ERR asked quantization mismatch with existing vector set")
    elif vset.index.m != wish.m:
        reply_error(call, b"ERR asked M value mismatch with existing vector set")
    elif vset.input_dim:
        if wish.reduce != vset.index.dim:
            reply_dimensions(call, given.dim, vset.index.dim)
        elif given.dim != vset.input_dim:
            reply_input_dimensions(call, given.dim, vset.input_dim)
        else:
            return True
    elif given.dim != vset.index.dim:
        reply_dimensions(call, given.dim, vset.index.dim)
    elif wish.reduce:
        reply_error(call, b"ERR cannot add projection to existing set without projection")
    else:
        return True
    return False


cdef void add(Call* call, Given* given, const Wish* wish) noexcept nogil:
    """Adds the element that stands behind the vector."""
    cdef Ref ref
    cdef float length
    cdef int outcome
    cdef int found = write_typed(call, 1, TYPE_VECTORSET, &ref)
    if found < 0 or (found and not fits(call, vectors_of(ref.record), given, wish)) or (
            not found and not create(call, &ref, given, wish)):
        return
    if wish.reduce and not given_project(call, given, vectors_of(ref.record)):
        ref_delete_if_empty(&ref)
        return
    if not quantise_length(given.values, given.dim, &length):      # a projection may be beyond all floats
        ref_delete_if_empty(&ref)
        bad_vector(call)
        return
    outcome = vectors_put(&call.engine.context, vectors_of(ref.record), &call.argv[given.next], given.values,
                          length, wish.ef, wish.attribute)
    if outcome == VECTORS_NO_MEMORY:
        ref_delete_if_empty(&ref)
        reply_error(call, NO_MEMORY)
        return
    changed(call, 1)
    reply_bool(call, outcome == VECTORS_ADDED)


cdef void vadd(Call* call) noexcept nogil:
    cdef Given given
    cdef Wish wish = Wish(0, QUANT_BYTE, DEFAULT_M, DEFAULT_EF, NULL)
    cdef int64_t reduce = 0
    cdef int at = 2
    if call.argc < 5:
        reply_bad_arity(call)
        return
    if arg_is(call, 2, b"REDUCE"):
        if not arg_range(call, 3, 1, MAX_REDUCE, &reduce, b"ERR invalid vector specification"):
            return
        at = 4
    if not given_read(call, at, &given):
        return
    wish.reduce = <uint32_t>reduce
    if given.next >= call.argc:
        reply_bad_arity(call)
    elif reduce * given.dim > MAX_PROJECTION:
        bad_vector(call)
    elif read_options(call, given.next + 1, &wish):
        add(call, &given, &wish)
    given_drop(call, &given)


# ---- removing and counting ----

cdef void vrem(Call* call) noexcept nogil:
    cdef Ref ref
    cdef int found, removed
    if not right_arity(call, 3, 3):
        return
    found = write_typed(call, 1, TYPE_VECTORSET, &ref)
    if found < 0:
        return
    removed = vectors_remove(&call.engine.context, vectors_of(ref.record), &call.argv[2]) if found else 0
    if removed < 0:
        reply_error(call, NO_MEMORY)
        return
    if removed:
        changed(call, 1)
        if vectors_size(ref.record) == 0:
            ref_delete(&ref, False)
    reply_bool(call, removed)


cdef void vcard(Call* call) noexcept nogil:
    cdef VectorSet* vset
    cdef int found
    if not right_arity(call, 2, 2):
        return
    found = read_set(call, &vset)
    if found >= 0:
        reply_int(call, vset.index.size if found else 0)


cdef void vdim(Call* call) noexcept nogil:
    cdef VectorSet* vset
    cdef int found
    if not right_arity(call, 2, 2):
        return
    found = read_set(call, &vset)
    if found > 0:
        reply_int(call, vset.index.dim)
    elif found == 0:
        reply_error(call, b"ERR key does not exist")


cdef void vismember(Call* call) noexcept nogil:
    cdef VectorSet* vset
    cdef int found
    if not right_arity(call, 3, 3):
        return
    found = read_set(call, &vset)
    if found >= 0:
        reply_bool(call, found and vectors_find(vset, &call.argv[2]) != NULL)


# ---- looking inside ----

cdef const char* kind_name(const Hnsw* index) noexcept nogil:
    if index.kind == QUANT_BYTE:
        return b"int8"
    return b"f32" if index.kind == QUANT_FLOAT else b"bin"


cdef void reply_raw(Call* call, const VectorSet* vset, const HnswNode* node) noexcept nogil:
    cdef bint bytewise = vset.index.kind == QUANT_BYTE
    reply_array(call, 4 if bytewise else 3)
    reply_status(call, kind_name(&vset.index))
    reply_bulk(call, &node.vector[0],
               vset.index.dim if bytewise else quantise_bytes(<QuantKind>vset.index.kind, vset.index.dim))
    reply_double(call, node.length)
    if bytewise:
        reply_double(call, node.range)


cdef void vemb(Call* call) noexcept nogil:
    cdef VectorSet* vset
    cdef HnswNode* node
    cdef Given out
    cdef uint32_t i
    cdef int option
    if call.argc < 3:
        reply_bad_arity(call)
        return
    for option in range(3, call.argc):
        if not arg_is(call, option, b"RAW"):
            reply_error(call, b"ERR invalid option")
            return
    node = read_element(call, &vset)
    if node == NULL:
        return
    if call.argc > 3:
        reply_raw(call, vset, node)
        return
    if not room_for(call, &out, vset.index.dim):
        return
    quantise_back(<QuantKind>vset.index.kind, &node.vector[0], out.dim, node.range, node.length, out.values)
    reply_array(call, out.dim)
    for i in range(out.dim):
        reply_double(call, out.values[i])
    given_drop(call, &out)


cdef inline void reply_field(Call* call, const char* name, int64_t value) noexcept nogil:
    reply_status(call, name)
    reply_int(call, value)


cdef void vinfo(Call* call) noexcept nogil:
    cdef VectorSet* vset
    cdef int found
    if not right_arity(call, 2, 2):
        return
    found = read_set(call, &vset)
    if found < 0:
        return
    if found == 0:
        reply_null_array(call)
        return
    reply_map(call, 9)
    reply_status(call, b"quant-type")
    reply_status(call, kind_name(&vset.index))
    reply_field(call, b"hnsw-m", vset.index.m)
    reply_field(call, b"vector-dim", vset.index.dim)
    reply_field(call, b"projection-input-dim", vset.input_dim)
    reply_field(call, b"size", vset.index.size)
    reply_field(call, b"max-level", vset.index.top)
    reply_field(call, b"attributes-count", vset.attributes)
    reply_field(call, b"vset-uid", vset.number)
    reply_field(call, b"hnsw-max-node-uid", vset.added)


cdef void reply_links(Call* call, const Hnsw* index, const HnswNode* node, unsigned int level,
                      bint scores) noexcept nogil:
    cdef const uint32_t* links = hnsw_links(index, node, level)
    cdef unsigned int degree = hnsw_degree(index, node, level), i
    cdef const HnswNode* other
    if scores:
        reply_map(call, degree)
    else:
        reply_array(call, degree)
    for i in range(degree):
        other = hnsw_at(index, links[i])
        reply_name(call, other)
        if scores:
            reply_double(call, similarity(hnsw_distance(index, hnsw_query(node), other)))


cdef void vlinks(Call* call) noexcept nogil:
    cdef VectorSet* vset
    cdef HnswNode* node
    cdef int level
    if not right_arity(call, 3, 4):
        return
    if call.argc == 4 and not arg_is(call, 3, b"WITHSCORES"):
        reply_bad_arity(call)
        return
    node = read_element(call, &vset)
    if node == NULL:
        return
    reply_array(call, node.level + 1)
    for level in range(node.level, -1, -1):
        reply_links(call, &vset.index, node, level, call.argc == 4)


# ---- chance ----

cdef void visit_name(void* ctx, void* entry) noexcept nogil:
    reply_name(<Call*>ctx, <HnswNode*>entry)


cdef void random_many(Call* call, const VectorSet* vset, int64_t count) noexcept nogil:
    cdef size_t mark = reply_mark(call)
    if count < 0:
        reply_array(call, -count)
        while count and reply_room(call, mark, -count):
            reply_name(call, vectors_random(&call.engine.context, vset))
            count += 1
        return
    if count > vset.index.size:
        count = vset.index.size
    reply_array(call, count)
    if not vectors_sample(&call.engine.context, vset, count, visit_name, call):
        call.out.used = mark
        reply_error(call, NO_MEMORY)


cdef void vrandmember(Call* call) noexcept nogil:
    cdef VectorSet* vset
    cdef int64_t count = 0
    cdef int found
    if not right_arity(call, 2, 3):
        return
    if call.argc == 3 and not arg_range(call, 2, -INT64_MAX, INT64_MAX, &count,
                                        b"ERR COUNT value is not an integer"):
        return
    if call.argc == 3 and count == 0:                    # whatever the key holds
        reply_array(call, 0)
        return
    found = read_set(call, &vset)
    if found < 0:
        return
    if call.argc == 3:
        if found:
            random_many(call, vset, count)
        else:
            reply_array(call, 0)
    elif found:
        reply_name(call, vectors_random(&call.engine.context, vset))
    else:
        reply_null(call)


# ---- attributes ----

cdef void vsetattr(Call* call) noexcept nogil:
    cdef Ref ref
    cdef HnswNode* node = NULL
    cdef int found
    if not right_arity(call, 4, 4):
        return
    found = write_typed(call, 1, TYPE_VECTORSET, &ref)
    if found < 0:
        return
    if found:
        node = vectors_find(vectors_of(ref.record), &call.argv[2])
    if node == NULL:
        reply_bool(call, False)
    elif vectors_set_attribute(&call.engine.context, vectors_of(ref.record), node, &call.argv[3]):
        changed(call, 1)
        reply_bool(call, True)
    else:
        reply_error(call, NO_MEMORY)


cdef void vgetattr(Call* call) noexcept nogil:
    cdef VectorSet* vset
    cdef HnswNode* node
    if not right_arity(call, 3, 3):
        return
    node = read_element(call, &vset)
    if node != NULL:
        reply_attribute(call, node)
