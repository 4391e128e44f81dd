"""Sorted sets: unions, intersections and differences, replied or stored. zsets.pyx has the rest.

A missing key is an empty set; plain sets take part as sorted ones whose scores are all 1. WEIGHTS multiplies the
scores of each set (1), AGGREGATE says what becomes of a member's scores (SUM). N is the number of members of all sets
together, s that of the smallest, r that of the result. What is stored replaces the destination, whatever it was, or
deletes it if the result is empty; destination may be one of the sets. The reply is then the size of the result.

ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]
    Members that any set has, in order. O(N) + O(r log r). Since 6.2.0.
ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX]
    Stores them. O(N) + O(r log r). Since 2.0.0.
ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]
    Members that all sets have, in order. O(s * keys) + O(r log r). Since 6.2.0.
ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX]
    Stores them. O(s * keys) + O(r log r). Since 2.0.0.
ZINTERCARD numkeys key [key ...] [LIMIT limit]
    How many they are; with a limit other than 0, counting ends there. O(s * keys). Since 7.0.0.
ZDIFF numkeys key [key ...] [WITHSCORES]
    Members of the first set that no other has, in order. O(N), or O(members of the first * keys) where that is
    less. Since 6.2.0.
ZDIFFSTORE destination numkeys key [key ...]
    Stores them. O(N), or O(members of the first * keys) where that is less. Since 6.2.0.
"""
from libc.stdint cimport INT64_MAX, int64_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from cydis.commands.zsets cimport store_items
from cydis.core.record cimport Record
from cydis.core.scoreboard cimport Scoreboard, ScoreItem, scoreboard_close, scoreboard_open, scoreboard_sort
from cydis.engine.call cimport Call, Keys, Row, arg_double_or, arg_int, arg_is, arg_range
from cydis.engine.keyspace cimport key_read
from cydis.engine.reply cimport (
    NO_MEMORY, WRONGTYPE, reply_array, reply_bulk, reply_double, reply_error, reply_error_size, reply_int,
    reply_syntax,
)
from cydis.engine.table cimport DENYOOM, MOVABLEKEYS, READ, WRITE, register
from cydis.engine.value cimport TYPE_SET, TYPE_ZSET
from cydis.types.context cimport Context
from cydis.types.zset_algebra cimport (
    SCORE_MAX, SCORE_MIN, SCORE_SUM, Aggregate, ZsetSource, zset_intersect, zset_subtract, zset_unite,
)

cdef enum:
    FEW = 16                              # keys for which there is room on the stack

cdef Keys COUNTED = Keys(2, 0, 1, 1, 0)
cdef Keys TARGET_COUNTED = Keys(3, 0, 1, 2, 1)

cdef Row[7] ROWS = [
    #   name            function     arity  flags                          keys
    Row(b"ZUNION",      zunion,      -3,    READ | MOVABLEKEYS,            COUNTED),
    Row(b"ZUNIONSTORE", zunionstore, -4,    WRITE | DENYOOM | MOVABLEKEYS, TARGET_COUNTED),
    Row(b"ZINTER",      zinter,      -3,    READ | MOVABLEKEYS,            COUNTED),
    Row(b"ZINTERSTORE", zinterstore, -4,    WRITE | DENYOOM | MOVABLEKEYS, TARGET_COUNTED),
    Row(b"ZINTERCARD",  zintercard,  -3,    READ | MOVABLEKEYS,            COUNTED),
    Row(b"ZDIFF",       zdiff,       -3,    READ | MOVABLEKEYS,            COUNTED),
    Row(b"ZDIFFSTORE",  zdiffstore,  -4,    WRITE | DENYOOM | MOVABLEKEYS, TARGET_COUNTED),
]
register(b"sorted-set", ROWS, 7)


cdef enum Operation:
    UNION
    INTERSECTION
    CARDINALITY                           # of the intersection
    DIFFERENCE


cdef struct Question:
    Operation operation
    bint stored
    ZsetSource* sources
    int count
    Aggregate how
    bint scores
    int64_t limit
    ZsetSource[FEW] home


# ---- reading the arguments, in the reference's order ----

cdef bint read_count(Call* call, Question* q, int i) noexcept nogil:
    cdef int64_t keys
    cdef char[96] text
    cdef size_t size = call.command.name_size
    if not arg_int(call, i, &keys):
        return False
    if keys < 1:
        memcpy(text, b"ERR at least 1 input key is needed for '", 40)
        memcpy(text + 40, call.command.name, size)
        memcpy(text + 40 + size, b"' command", 9)
        reply_error_size(call, text, 49 + size)
        return False
    if keys > call.argc - i - 1:
        reply_syntax(call)
        return False
    q.count = <int>keys
    return True


cdef bint read_sources(Call* call, Question* q, int first) noexcept nogil:
    cdef Record* record
    cdef int i
    for i in range(q.count):
        record = key_read(call, first + i)
        if record != NULL and <int>record.type != TYPE_ZSET and <int>record.type != TYPE_SET:
            reply_error(call, WRONGTYPE)
            return False
        q.sources[i].record = record
        q.sources[i].plain = record != NULL and <int>record.type == TYPE_SET
        q.sources[i].weight = 1
    return True


cdef bint read_weights(Call* call, Question* q, int first) noexcept nogil:
    cdef int i
    for i in range(q.count):
        if not arg_double_or(call, first + i, &q.sources[i].weight, b"ERR weight value is not a float"):
            return False
    return True


cdef bint read_aggregate(Call* call, Question* q, int i) noexcept nogil:
    if arg_is(call, i, b"SUM"):
        q.how = SCORE_SUM
    elif arg_is(call, i, b"MIN"):
        q.how = SCORE_MIN
    elif arg_is(call, i, b"MAX"):
        q.how = SCORE_MAX
    else:
        reply_syntax(call)
        return False
    return True


cdef bint read_options(Call* call, Question* q, int i) noexcept nogil:
    cdef bint scored = q.operation == UNION or q.operation == INTERSECTION
    cdef int left
    q.how = SCORE_SUM
    q.scores = False
    q.limit = 0
    while i < call.argc:
        left = call.argc - i
        if scored and left > q.count and arg_is(call, i, b"WEIGHTS"):
            if not read_weights(call, q, i + 1):
                return False
            i += q.count
        elif scored and left > 1 and arg_is(call, i, b"AGGREGATE"):
            if not read_aggregate(call, q, i + 1):
                return False
            i += 1
        elif not q.stored and q.operation != CARDINALITY and arg_is(call, i, b"WITHSCORES"):
            q.scores = True
        elif q.operation == CARDINALITY and left > 1 and arg_is(call, i, b"LIMIT"):
            if not arg_range(call, i + 1, 0, INT64_MAX, &q.limit, b"ERR LIMIT can't be negative"):
                return False
            i += 1
        else:
            reply_syntax(call)
            return False
        i += 1
    return True


# ---- answering ----

cdef void reply_board(Call* call, const Scoreboard* board, bint scores) noexcept nogil:
    cdef const ScoreItem* item = board.items
    cdef const ScoreItem* end = item + board.count
    cdef bint nested = scores and call.resp > 2
    reply_array(call, 2 * board.count if scores and not nested else board.count)
    while item < end:
        if nested:
            reply_array(call, 2)
        reply_bulk(call, item.member, item.size)
        if scores:
            reply_double(call, item.score)
        item += 1


cdef void perform(Call* call, Question* q) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef Scoreboard board
    cdef uint64_t found
    cdef bint done
    if q.operation == CARDINALITY:
        if zset_intersect(cx, q.sources, q.count, q.how, q.limit, NULL, &found):
            reply_int(call, found)
        else:
            reply_error(call, NO_MEMORY)
        return
    scoreboard_open(&board, cx.heap)
    if q.operation == UNION:
        done = zset_unite(cx, q.sources, q.count, q.how, &board)
    elif q.operation == INTERSECTION:
        done = zset_intersect(cx, q.sources, q.count, q.how, 0, &board, &found)
    else:
        done = zset_subtract(cx, q.sources, q.count, &board)
    if not done or not scoreboard_sort(&board):
        reply_error(call, NO_MEMORY)
    elif q.stored:
        store_items(call, 1, board.items, board.count, True)
    else:
        reply_board(call, &board, q.scores)
    scoreboard_close(&board)


cdef void answer(Call* call, Operation operation, bint stored) noexcept nogil:
    cdef Question q
    cdef int counted_at = 2 if stored else 1
    q.operation = operation
    q.stored = stored
    q.sources = q.home
    if not read_count(call, &q, counted_at):
        return
    if q.count > FEW:
        q.sources = <ZsetSource*>malloc(q.count * sizeof(ZsetSource))
        if q.sources == NULL:
            reply_error(call, NO_MEMORY)
            return
    if read_sources(call, &q, counted_at + 1) and read_options(call, &q, counted_at + 1 + q.count):
        perform(call, &q)
    if q.sources != q.home:
        free(q.sources)


cdef void zunion(Call* call) noexcept nogil:
    answer(call, UNION, False)


cdef void zunionstore(Call* call) noexcept nogil:
    answer(call, UNION, True)


cdef void zinter(Call* call) noexcept nogil:
    answer(call, INTERSECTION, False)


cdef void zinterstore(Call* call) noexcept nogil:
    answer(call, INTERSECTION, True)


cdef void zintercard(Call* call) noexcept nogil:
    answer(call, CARDINALITY, False)


cdef void zdiff(Call* call) noexcept nogil:
    answer(call, DIFFERENCE, False)


cdef void zdiffstore(Call* call) noexcept nogil:
    answer(call, DIFFERENCE, True)
