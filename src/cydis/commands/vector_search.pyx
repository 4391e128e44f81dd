"""The search through vector sets.

VSIM key <ELE element | FP32 vector | VALUES count number [number ...]> [option ...]
    The elements whose vectors are most similar to that of an element, or to the one given, best first: as an array,
    or, WITHSCORES and WITHATTRIBS, as a map to similarities, from 1 (one direction) to 0 (opposite), and attributes.
    Options: COUNT n: at most so many, 10 by itself. EPSILON delta: none less similar than 1 - delta. EF ef: how many
    candidates are kept on the way, 100 by itself. FILTER expression: only those whose attributes pass
    (csrc/vectors/filter.h has the grammar); FILTER-EF n: after so many elements no more are looked at, 100 per element
    wanted by itself. TRUTH: look at all. NOTHREAD is accepted and means nothing. O(ef d log n), TRUTH: O(d n). Since
    8.0.0.
"""
from libc.stdint cimport INT64_MAX, int64_t, uint8_t, uint64_t
from libc.stdio cimport snprintf
from libc.string cimport memchr, memcpy

from cydis.commands.vectors cimport (
    Given, given_drop, given_project, given_read, reply_attribute, reply_dimensions, reply_input_dimensions,
    reply_name, similarity,
)
from cydis.core.filter cimport (
    FILTER_BAD, FILTER_OK, Filter, filter_compile, filter_free, filter_passes,
)
from cydis.core.heap cimport heap_alloc, heap_free
from cydis.core.hnsw cimport (
    HnswHit, HnswNode, HnswQuery, HnswWants, QuantKind, hnsw_hit_distance, hnsw_hit_node, hnsw_scan, hnsw_search,
    quantise, quantise_back, quantise_bytes, quantise_length,
)
from cydis.core.number cimport number_parse_double, number_parse_long_double
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, Row, arg_is, arg_range
from cydis.engine.keyspace cimport read_typed
from cydis.engine.reply cimport (
    NO_MEMORY, reply_array, reply_bad_arity, reply_double, reply_error, reply_error_size, reply_map,
)
from cydis.engine.table cimport KEY1, MODULE, READ, register
from cydis.engine.value cimport TYPE_VECTORSET
from cydis.types.vectors cimport VectorSet, vectors_attribute, vectors_find, vectors_of

cdef Row[1] ROWS = [
    #   name     function  arity  flags          keys
    Row(b"VSIM", vsim,     -1,    READ | MODULE, KEY1),
]
register(b"module", ROWS, 1)

cdef enum:
    DEFAULT_COUNT = 10
    DEFAULT_EF = 100
    EFFORT_PER_HIT = 100
    SHOWN = 200                           # bytes of a bad FILTER that its error shows


cdef struct Search:                       # a VSIM
    VectorSet* vset
    HnswQuery query                       # its vector is of the heap
    Filter* filter                        # NULL: none
    int64_t count, ef, effort             # ef, effort 0: by themselves
    double epsilon                        # distances above are left out; < 0: none
    bint scores, attributes, truth


# ---- what is looked for ----

cdef bint look_for(Call* call, Search* search, const float* vector) noexcept nogil:
    """Stores the vector as those of the set are; or false and an error."""
    cdef VectorSet* vset = search.vset
    cdef float length
    cdef void* stored = heap_alloc(call.engine.context.heap,
                                   quantise_bytes(<QuantKind>vset.index.kind, vset.index.dim))
    if stored == NULL or not quantise_length(vector, vset.index.dim, &length):
        heap_free(call.engine.context.heap, stored, quantise_bytes(<QuantKind>vset.index.kind, vset.index.dim))
        reply_error(call, NO_MEMORY)
        return False
    quantise(<QuantKind>vset.index.kind, vector, vset.index.dim, length, stored, &search.query.range)
    search.query.vector = stored
    return True


cdef bint look_for_element(Call* call, Search* search) noexcept nogil:
    """The vector of argument 3, as it is known: read back and stored anew, which makes its length exact."""
    cdef VectorSet* vset = search.vset
    cdef HnswNode* node = vectors_find(vset, &call.argv[3])
    cdef size_t bytes = vset.index.dim * sizeof(float)
    cdef float* vector
    cdef bint found
    if node == NULL:
        reply_error(call, b"ERR element not found in set")
        return False
    vector = <float*>heap_alloc(call.engine.context.heap, bytes)
    if vector == NULL:
        reply_error(call, NO_MEMORY)
        return False
    quantise_back(<QuantKind>vset.index.kind, &node.vector[0], vset.index.dim, node.range, 1, vector)
    found = look_for(call, search, vector)
    heap_free(call.engine.context.heap, vector, bytes)
    return found


cdef bint look_for_given(Call* call, Search* search, int* next) noexcept nogil:
    """The vector that stands among the arguments, from the third on."""
    cdef VectorSet* vset = search.vset
    cdef Given given
    cdef bint found = False
    if not given_read(call, 2, &given):
        return False
    next[0] = given.next
    if given.dim == vset.index.dim:
        found = look_for(call, search, given.values)
    elif vset.input_dim == 0:
        reply_dimensions(call, given.dim, vset.index.dim)
    elif given.dim != vset.input_dim:
        reply_input_dimensions(call, given.dim, vset.input_dim)
    elif given_project(call, &given, vset):
        found = look_for(call, search, given.values)
    given_drop(call, &given)
    return found


cdef void forget(Call* call, Search* search) noexcept nogil:
    heap_free(call.engine.context.heap, <void*>search.query.vector,
              quantise_bytes(<QuantKind>search.vset.index.kind, search.vset.index.dim))
    if search.filter != NULL:
        filter_free(search.filter)


# ---- options ----

cdef bint read_filter(Call* call, Search* search, const RespArg* text) noexcept nogil:
    """An expression ends at a NUL, as with the reference."""
    cdef char[SHOWN + 64] error
    cdef const uint8_t* end = <const uint8_t*>memchr(text.data, 0, text.size)
    cdef size_t whole = text.size if end == NULL else end - text.data
    cdef size_t place, size
    cdef int result
    if search.filter != NULL:
        filter_free(search.filter)
        search.filter = NULL
    result = filter_compile(call.engine.context.heap, <const char*>text.data, whole, &search.filter, &place)
    if result == FILTER_OK:
        return True
    if result != FILTER_BAD:
        reply_error(call, NO_MEMORY)
        return False
    size = snprintf(error, sizeof(error), b"ERR syntax error in FILTER expression near: ")
    memcpy(error + size, text.data + place, min(whole - place, <size_t>SHOWN))
    reply_error_size(call, error, size + min(whole - place, <size_t>SHOWN))
    return False


cdef bint read_epsilon(Call* call, Search* search, const RespArg* text) noexcept nogil:
    cdef long double wide
    if not number_parse_double(text.data, text.size, &search.epsilon):
        search.epsilon = <double>wide if number_parse_long_double(text.data, text.size, &wide) else -1
    if search.epsilon > 0:
        return True
    reply_error(call, b"ERR invalid EPSILON")
    return False


cdef bint read_options(Call* call, int at, Search* search) noexcept nogil:
    cdef bint good
    while at < call.argc:
        good = True
        if arg_is(call, at, b"WITHSCORES"):
            search.scores = True
        elif arg_is(call, at, b"WITHATTRIBS"):
            search.attributes = True
        elif arg_is(call, at, b"TRUTH"):
            search.truth = True
        elif arg_is(call, at, b"NOTHREAD"):
            pass                          # no search runs in a thread of its own here
        elif at + 1 == call.argc:
            good = False
            reply_error(call, b"ERR syntax error in VSIM command")
        elif arg_is(call, at, b"COUNT"):
            good = arg_range(call, at + 1, 1, INT64_MAX, &search.count, b"ERR invalid COUNT")
            at += 1
        elif arg_is(call, at, b"EPSILON"):
            good = read_epsilon(call, search, &call.argv[at + 1])
            at += 1
        elif arg_is(call, at, b"EF"):
            good = arg_range(call, at + 1, 1, INT64_MAX, &search.ef, b"ERR invalid EF")
            at += 1
        elif arg_is(call, at, b"FILTER"):
            good = read_filter(call, search, &call.argv[at + 1])
            at += 1
        elif arg_is(call, at, b"FILTER-EF"):
            good = arg_range(call, at + 1, 1, INT64_MAX, &search.effort, b"ERR invalid FILTER-EF")
            at += 1
        else:
            good = False
            reply_error(call, b"ERR syntax error in VSIM command")
        if not good:
            return False
        at += 1
    return True


# ---- the search ----

cdef bint passes(void* ctx, const HnswNode* node) noexcept nogil:
    cdef RespArg json
    return vectors_attribute(node, &json) and filter_passes(<Filter*>ctx, json.data, json.size)


cdef void show(Call* call, const Search* search, const HnswHit* hits, int64_t count) noexcept nogil:
    cdef const HnswNode* node
    cdef int64_t i
    cdef bint both = search.scores and search.attributes
    if search.scores or search.attributes:
        if both and call.resp == 2:
            reply_array(call, 3 * count)
        else:
            reply_map(call, count)
    else:
        reply_array(call, count)
    for i in range(count):
        node = hnsw_hit_node(&search.vset.index, hits[i])
        reply_name(call, node)
        if both and call.resp > 2:
            reply_array(call, 2)
        if search.scores:
            reply_double(call, similarity(hnsw_hit_distance(hits[i])))
        if search.attributes:
            reply_attribute(call, node)


cdef void run(Call* call, Search* search) noexcept nogil:
    cdef VectorSet* vset = search.vset
    cdef size_t count = min(<uint64_t>search.count, <uint64_t>vset.index.size)
    cdef HnswHit* hits = <HnswHit*>heap_alloc(call.engine.context.heap, count * sizeof(HnswHit))
    cdef HnswWants wants = NULL
    cdef size_t effort = 0                # no limit
    cdef int64_t found = -1
    if search.filter != NULL:
        wants = passes
        effort = search.effort if search.effort else EFFORT_PER_HIT * count
    if hits != NULL and search.truth:
        found = hnsw_scan(&vset.index, search.query, count, wants, search.filter, hits)
    elif hits != NULL:
        found = hnsw_search(&vset.index, search.query, search.ef if search.ef else DEFAULT_EF, count, wants,
                            search.filter, effort, hits)
    if found < 0:
        reply_error(call, NO_MEMORY)
    else:
        while search.epsilon >= 0 and found > 0 and hnsw_hit_distance(hits[found - 1]) > 2 * search.epsilon:
            found -= 1
        show(call, search, hits, found)
    heap_free(call.engine.context.heap, hits, count * sizeof(HnswHit))


cdef void vsim(Call* call) noexcept nogil:
    cdef Search search
    cdef Record* record
    cdef int next = 4
    cdef int found
    if call.argc < 4:
        reply_bad_arity(call)
        return
    found = read_typed(call, 1, TYPE_VECTORSET, &record)
    if found == 0:
        reply_array(call, 0)
    if found <= 0:
        return
    search.vset = vectors_of(record)
    search.filter = NULL
    search.count = DEFAULT_COUNT
    search.ef = search.effort = 0
    search.epsilon = -1
    search.scores = search.attributes = search.truth = False
    if not (look_for_element(call, &search) if arg_is(call, 2, b"ELE") else look_for_given(call, &search, &next)):
        return
    if read_options(call, next, &search):
        run(call, &search)
    forget(call, &search)
