"""Sets: intersections, unions and differences, replied or stored. sets.pyx has the rest.

A missing key is an empty set. N is the number of members of all sets together, the smallest has s. What is
stored replaces the destination, whatever it was, or deletes it if the result is empty; destination may be one
of the sets. The reply is then the size of the result.

SINTER key [key ...]
SINTERSTORE destination key [key ...]
    Members that all sets have. O(s * keys). Since 1.0.0.
SINTERCARD numkeys key [key ...] [LIMIT limit]
    How many they are; with a limit other than 0, counting ends there. O(s * keys). Since 7.0.0.
SUNION key [key ...]
SUNIONSTORE destination key [key ...]
    Members that any set has. O(N). Since 1.0.0.
SDIFF key [key ...]
SDIFFSTORE destination key [key ...]
    Members of the first set that no other has. O(N), or O(members of the first * keys) where that is less.
    Since 1.0.0.
"""
from libc.stdint cimport INT64_MAX, int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, qsort

from cydis.core.listpack cimport ListpackValue, listpack_number
from cydis.core.record cimport Record, record_pointer
from cydis.engine.call cimport Call, Keys, Row, arg_is, arg_range
from cydis.engine.keyspace cimport Ref, changed, key_peek, key_write, read_typed, ref_delete, ref_store_value
from cydis.engine.reply cimport (
    NO_MEMORY, reply_element, reply_error, reply_int, reply_mark, reply_set_at, reply_syntax,
)
from cydis.engine.table cimport DENYOOM, KEYS_ALL, MOVABLEKEYS, READ, WRITE, register
from cydis.engine.value cimport TYPE_SET
from cydis.types.context cimport Context
from cydis.types.holder cimport Holder, holder_open
from cydis.types.sets cimport (
    SET_BATCH, SetWalk, set_add, set_add_new, set_free, set_has_which, set_new, set_next, set_size, set_walk,
)

cdef enum:
    FEW = 32                              # keys for which there is room on the stack
    ASKED = 4                             # sets whose union is replied by asking those before, not built

cdef Keys COUNTED = Keys(2, 0, 1, 1, 0)

cdef Row[7] ROWS = [
    #   name            function     arity  flags               keys
    Row(b"SINTER",      sinter,      -2,    READ,               KEYS_ALL),
    Row(b"SINTERSTORE", sinterstore, -3,    WRITE | DENYOOM,    KEYS_ALL),
    Row(b"SINTERCARD",  sintercard,  -3,    READ | MOVABLEKEYS, COUNTED),
    Row(b"SUNION",      sunion,      -2,    READ,               KEYS_ALL),
    Row(b"SUNIONSTORE", sunionstore, -3,    WRITE | DENYOOM,    KEYS_ALL),
    Row(b"SDIFF",       sdiff,       -2,    READ,               KEYS_ALL),
    Row(b"SDIFFSTORE",  sdiffstore,  -3,    WRITE | DENYOOM,    KEYS_ALL),
]
register(b"set", ROWS, 7)


# ---- the sets that take part ----

ctypedef const Record* Source

cdef struct Sources:
    Source* items                         # in the order of the arguments; NULL: no such key
    int count
    int missing
    Source[FEW] home


cdef bint sources_open(Sources* sources, Call* call, int first, int end) noexcept nogil:
    """Looks up the keys of a range of arguments. False: the error has been replied, and there is nothing to close."""
    cdef Record* set
    cdef int i, found
    sources.count = end - first
    sources.missing = 0
    sources.items = sources.home
    if sources.count > FEW:
        sources.items = <Source*>malloc(sources.count * sizeof(Source))
        if sources.items == NULL:
            reply_error(call, NO_MEMORY)
            return False
    for i in range(first, end):
        found = read_typed(call, i, TYPE_SET, &set)
        if found < 0:
            sources_close(sources)
            return False
        sources.items[i - first] = set
        sources.missing += not found
    return True


cdef void sources_close(Sources* sources) noexcept nogil:
    if sources.items != sources.home:
        free(sources.items)


cdef inline size_t size_of(Source set) noexcept nogil:
    return set_size(set) if set != NULL else 0


cdef int smaller_first(const void* a, const void* b) noexcept nogil:
    cdef size_t x = size_of((<Source*>a)[0]), y = size_of((<Source*>b)[0])
    return (x > y) - (x < y)


cdef int larger_first(const void* a, const void* b) noexcept nogil:
    return smaller_first(b, a)


# ---- where the result goes ----

cdef struct Sink:
    Call* call
    Record* into                          # the set which takes it; NULL: the reply
    bint silent                           # or nobody: it is only counted
    bint distinct                         # no member comes twice
    uint64_t count
    uint64_t limit                        # 0: none
    bint failed                           # no memory


cdef inline Sink sink_to(Call* call, Record* into) noexcept nogil:
    return Sink(call, into, False, True, 0, 0, False)


cdef inline bint take(Sink* sink, const ListpackValue* member) noexcept nogil:
    """Gives a member to the sink; false: it wants no more."""
    cdef int added = 1
    if sink.into != NULL:
        if sink.distinct:
            added = set_add_new(&sink.call.engine.context, sink.into, member)
        else:
            added = set_add(&sink.call.engine.context, sink.into, member)
        if added < 0:
            sink.failed = True
            return False
    elif not sink.silent:
        reply_element(sink.call, member)
    sink.count += added
    return sink.limit == 0 or sink.count < sink.limit


cdef int next_few(const Sink* sink, SetWalk* walk, ListpackValue* members) noexcept nogil:
    """Reads as many members as are asked for together, or as the sink may still take; returns how many."""
    cdef uint64_t most = SET_BATCH
    cdef int n = 0
    if sink.limit and sink.limit - sink.count < most:
        most = sink.limit - sink.count
    while <uint64_t>n < most and set_next(walk, &members[n]):
        n += 1
    return n


cdef bint take_few(Sink* sink, const ListpackValue* members, uint32_t which) noexcept nogil:
    """Gives those whose bit is set to the sink; false: it wants no more."""
    while which:
        if which & 1 and not take(sink, members):
            return False
        which >>= 1
        members += 1
    return True


cdef void take_all(Sink* sink, Source set) noexcept nogil:
    cdef SetWalk walk
    cdef ListpackValue member
    if set == NULL:
        return
    set_walk(set, &walk)
    while set_next(&walk, &member) and take(sink, &member):
        pass


cdef Record* result_open(Call* call, Holder* holder, size_t least) noexcept nogil:
    """An empty set outside the keyspace for at least so many members. It becomes what they ask for, but is at once
    what they will ask for whatever they are. NULL: no memory.
    """
    cdef Context* cx = &call.engine.context
    cdef ListpackValue zero = listpack_number(0)
    cdef int encoding
    cdef void* value
    if <int64_t>least <= cx.limits.set_max_intset_entries or <int64_t>least <= cx.limits.set_max_listpack_entries:
        least = 0
    value = set_new(cx, &zero, least, &encoding)
    return holder_open(holder, encoding, value) if value != NULL else NULL


# ---- the operations ----

ctypedef void (*Operation)(Sources*, Sink*) noexcept nogil


cdef void intersect(Sources* sources, Sink* sink) noexcept nogil:
    """Asks all others for each member of the smallest, the next smallest first."""
    cdef SetWalk walk
    cdef ListpackValue[SET_BATCH] members
    cdef uint32_t kept
    cdef int i, n
    if sources.missing:
        return
    qsort(sources.items, sources.count, sizeof(Source), smaller_first)
    set_walk(sources.items[0], &walk)
    while True:
        n = next_few(sink, &walk, members)
        if n == 0:
            return
        kept = (<uint32_t>1 << n) - 1
        for i in range(1, sources.count):
            if kept:
                kept = set_has_which(sources.items[i], members, kept)
        if not take_few(sink, members, kept):
            return


cdef void unite(Sources* sources, Sink* sink) noexcept nogil:
    """Only into a set, which keeps members from coming twice; those of the largest set come first, unasked."""
    cdef int i
    qsort(sources.items, sources.count, sizeof(Source), larger_first)
    for i in range(sources.count):
        sink.distinct = i == 0
        take_all(sink, sources.items[i])
        if sink.failed:
            return


cdef void take_absent(Sink* sink, Source set, Source* others, int count) noexcept nogil:
    """Gives the members that none of the others has to the sink."""
    cdef SetWalk walk
    cdef ListpackValue[SET_BATCH] members
    cdef uint32_t kept
    cdef int i, n
    if set == NULL:
        return
    set_walk(set, &walk)
    while True:
        n = next_few(sink, &walk, members)
        if n == 0:
            return
        kept = (<uint32_t>1 << n) - 1
        for i in range(count):
            if kept and others[i] != NULL:
                kept &= ~set_has_which(others[i], members, kept)
        if not take_few(sink, members, kept):
            return


cdef void unite_few(Sources* sources, Sink* sink) noexcept nogil:
    """Asks for each member of a set whether a larger one had it: nothing is built."""
    cdef int i
    qsort(sources.items, sources.count, sizeof(Source), larger_first)
    for i in range(sources.count):
        take_absent(sink, sources.items[i], sources.items, i)


cdef size_t largest(Sources* sources) noexcept nogil:
    cdef size_t most = 0
    cdef int i
    for i in range(sources.count):
        most = max(most, size_of(sources.items[i]))
    return most


cdef void subtract(Sources* sources, Sink* sink) noexcept nogil:
    """Asks all others for each member of the first; where they are many and small, asks their union instead."""
    cdef Source first = sources.items[0]
    cdef Source* others = sources.items + 1
    cdef Source all_others
    cdef int count = sources.count - 1, i
    cdef Holder holder
    cdef Sources rest
    cdef Sink union_sink
    cdef Record* united = NULL
    cdef double questions, members = 0
    if first == NULL:
        return
    for i in range(count):
        members += size_of(others[i])
    questions = <double>set_size(first) * count / 2
    if count > 2 and questions > members + set_size(first):
        rest.items = others
        rest.count = count
        united = result_open(sink.call, &holder, largest(&rest))
        if united == NULL:
            sink.failed = True
            return
        union_sink = sink_to(sink.call, united)
        unite(&rest, &union_sink)
        sink.failed = union_sink.failed
        all_others = united
        others = &all_others
        count = 1
    else:
        qsort(others, count, sizeof(Source), larger_first)
    if not sink.failed:
        take_absent(sink, first, others, count)
    if united != NULL:
        set_free(&sink.call.engine.context, united)


# ---- replying and storing ----

cdef void reply_result(Call* call, Operation operation) noexcept nogil:
    """The members come straight from the sets."""
    cdef Sources sources
    cdef Sink sink = sink_to(call, NULL)
    cdef size_t mark = reply_mark(call)
    if not sources_open(&sources, call, 1, call.argc):
        return
    operation(&sources, &sink)
    sources_close(&sources)
    if sink.failed:
        call.out.used = mark
        reply_error(call, NO_MEMORY)
    else:
        reply_set_at(call, mark, sink.count)


cdef void store_result(Call* call, Operation operation) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef Sources sources
    cdef Holder holder
    cdef Ref ref
    cdef Sink sink
    cdef Record* result
    if not sources_open(&sources, call, 2, call.argc):
        return
    result = result_open(call, &holder, largest(&sources) if operation == unite else 0)
    sink = sink_to(call, result)
    if result != NULL:
        operation(&sources, &sink)
    sources_close(&sources)
    if result == NULL or sink.failed:
        reply_error(call, NO_MEMORY)
    elif sink.count == 0:
        if key_peek(call, 1, &ref) != NULL:
            ref_delete(&ref, call.engine.settings.lazy_server_del)
            changed(call, 1)
        reply_int(call, 0)
    else:
        key_write(call, 1, &ref)
        if ref_store_value(&ref, TYPE_SET, result.encoding, record_pointer(result)):
            result = NULL                 # the keyspace has it now
            changed(call, 1)
            reply_int(call, sink.count)
        else:
            reply_error(call, NO_MEMORY)
    if result != NULL:
        set_free(cx, result)


cdef void sinter(Call* call) noexcept nogil:
    reply_result(call, intersect)


cdef void sinterstore(Call* call) noexcept nogil:
    store_result(call, intersect)


cdef void sintercard(Call* call) noexcept nogil:
    cdef Sources sources
    cdef Sink sink = sink_to(call, NULL)
    cdef int64_t keys, limit = 0
    cdef int i
    if not arg_range(call, 1, 1, INT64_MAX, &keys, b"ERR numkeys should be greater than 0"):
        return
    if keys > call.argc - 2:
        reply_error(call, b"ERR Number of keys can't be greater than number of args")
        return
    for i in range(2 + <int>keys, call.argc, 2):
        if not arg_is(call, i, b"LIMIT") or i + 1 == call.argc:
            reply_syntax(call)
            return
        if not arg_range(call, i + 1, 0, INT64_MAX, &limit, b"ERR LIMIT can't be negative"):
            return
    if not sources_open(&sources, call, 2, 2 + <int>keys):
        return
    sink.silent = True
    sink.limit = limit
    intersect(&sources, &sink)
    sources_close(&sources)
    reply_int(call, sink.count)


cdef void sunion(Call* call) noexcept nogil:
    """Many sets are united in a set of their own first."""
    cdef Context* cx = &call.engine.context
    cdef Sources sources
    cdef Holder holder
    cdef Sink sink
    cdef Record* united = NULL
    cdef size_t mark = reply_mark(call)
    if not sources_open(&sources, call, 1, call.argc):
        return
    sink = sink_to(call, NULL)
    if sources.count <= ASKED:
        unite_few(&sources, &sink)
    else:
        united = result_open(call, &holder, largest(&sources))
        sink = sink_to(call, united)
        sink.failed = united == NULL
        if not sink.failed:
            unite(&sources, &sink)
    sources_close(&sources)
    if sink.failed:
        reply_error(call, NO_MEMORY)
    elif united == NULL:
        reply_set_at(call, mark, sink.count)
    else:
        sink = sink_to(call, NULL)
        take_all(&sink, united)
        reply_set_at(call, mark, sink.count)
    if united != NULL:
        set_free(cx, united)


cdef void sunionstore(Call* call) noexcept nogil:
    store_result(call, unite)


cdef void sdiff(Call* call) noexcept nogil:
    reply_result(call, subtract)


cdef void sdiffstore(Call* call) noexcept nogil:
    store_result(call, subtract)
