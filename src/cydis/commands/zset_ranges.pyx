"""Ranges of sorted sets: by rank, by score, and by member where all scores are equal.

n is the number of members, m of those a command replies or removes. Ranks count from 0, negative ones from
the end, both ends inside. A bound of a range by score is a number, with ( before it outside the range; -inf
and +inf are bounds too. A bound of a range by member is [member, or (member which is outside, or - or +: the
lowest, the highest. Members whose scores differ have no order by bytes: such a range is not defined on them.
LIMIT passes over offset members and takes at most count; a negative count is no limit.

ZCOUNT key min max
    How many scores are in a range. O(log n). Since 2.0.0.
ZLEXCOUNT key min max
    How many members are in a range. O(log n). Since 2.8.9.
ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]
    Members from rank start to stop, or in a range by score or member. REV: highest first, and the higher
    bound is given first. O(log n + m). Since 1.2.0.
ZRANGESTORE destination source start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count]
    Stores what ZRANGE replies at destination, whatever that was, or deletes it where that is nothing. How many
    members. O(log n + m). Since 6.2.0.
ZREVRANGE key start stop [WITHSCORES]
    As ZRANGE with REV. O(log n + m). Since 1.2.0.
ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]
    As ZRANGE with BYSCORE. O(log n + m). Since 1.0.5.
ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]
    As ZRANGE with BYSCORE REV. O(log n + m). Since 2.2.0.
ZRANGEBYLEX key min max [LIMIT offset count]
    As ZRANGE with BYLEX. O(log n + m). Since 2.8.9.
ZREVRANGEBYLEX key max min [LIMIT offset count]
    As ZRANGE with BYLEX REV. O(log n + m). Since 2.8.9.
ZREMRANGEBYRANK key start stop
    Removes the members from rank start to stop. How many. O(log n + m). Since 2.0.0.
ZREMRANGEBYSCORE key min max
    Removes the members in a range by score. How many. O(log n + m). Since 1.2.0.
ZREMRANGEBYLEX key min max
    Removes the members in a range by member. How many. O(log n + m). Since 2.8.9.
"""
from libc.stdint cimport UINT32_MAX, int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memchr

from cydis.commands.zsets cimport reply_ranked, reply_ranked_header, store_items
from cydis.core.listpack cimport ListpackValue, listpack_format
from cydis.core.number cimport number_parse_double, number_parse_long_double
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.core.scoreboard cimport (
    Scoreboard, ScoreItem, scoreboard_close, scoreboard_keep_int, scoreboard_open, scoreboard_push,
)
from cydis.core.skiplist cimport SkipBound, SkipRange, skip_bound_end, skip_bound_member, skip_bound_score
from cydis.engine.call cimport Call, Row, arg_int, arg_is
from cydis.engine.keyspace cimport Ref, changed, read_typed, ref_delete, write_typed
from cydis.engine.reply cimport NO_MEMORY, reply_error, reply_int, reply_syntax
from cydis.engine.table cimport DENYOOM, FAST, KEY1, KEY12, READ, WRITE, register
from cydis.engine.value cimport TYPE_ZSET
from cydis.types.context cimport Limits
from cydis.types.zsets cimport ZsetWalk, zset_next, zset_range, zset_remove_ranks, zset_size, zset_walk

cdef Row[12] ROWS = [
    #   name                 function          arity  flags            keys
    Row(b"ZCOUNT",           zcount,           4,     READ | FAST,     KEY1),
    Row(b"ZLEXCOUNT",        zlexcount,        4,     READ | FAST,     KEY1),
    Row(b"ZRANGE",           zrange,           -4,    READ,            KEY1),
    Row(b"ZRANGESTORE",      zrangestore,      -5,    WRITE | DENYOOM, KEY12),
    Row(b"ZREVRANGE",        zrevrange,        -4,    READ,            KEY1),
    Row(b"ZRANGEBYSCORE",    zrangebyscore,    -4,    READ,            KEY1),
    Row(b"ZREVRANGEBYSCORE", zrevrangebyscore, -4,    READ,            KEY1),
    Row(b"ZRANGEBYLEX",      zrangebylex,      -4,    READ,            KEY1),
    Row(b"ZREVRANGEBYLEX",   zrevrangebylex,   -4,    READ,            KEY1),
    Row(b"ZREMRANGEBYRANK",  zremrangebyrank,  4,     WRITE,           KEY1),
    Row(b"ZREMRANGEBYSCORE", zremrangebyscore, 4,     WRITE,           KEY1),
    Row(b"ZREMRANGEBYLEX",   zremrangebylex,   4,     WRITE,           KEY1),
]
register(b"sorted-set", ROWS, 12)


cdef enum By:                             # what the bounds of a range are
    OPEN                                  # the options will tell
    RANK
    SCORE
    MEMBER


cdef struct Range:
    By by
    SkipRange bounds                      # SCORE, MEMBER
    int64_t start, stop                   # RANK
    uint64_t low, high                    # the ranks found: low <= rank < high


# ---- bounds ----

cdef bint read_score(const uint8_t* text, size_t size, double* score) noexcept nogil:
    """A score in a bound: nothing at all is 0, and what is too large or too small for a double is taken as
    infinity or 0.
    """
    cdef long double wide
    if size == 0:
        score[0] = 0
        return True
    if number_parse_double(text, size, score):
        return True
    if memchr(text, b"x", size) != NULL or memchr(text, b"X", size) != NULL:
        return False
    if not number_parse_long_double(text, size, &wide):
        return False
    score[0] = <double>wide
    return True


cdef bint score_bound(const RespArg* arg, SkipBound* bound) noexcept nogil:
    """The bound ends before a NUL, as the reference has it."""
    cdef const uint8_t* end = <const uint8_t*>memchr(arg.data, 0, arg.size) if arg.size else NULL
    cdef size_t size = arg.size if end == NULL else <size_t>(end - arg.data)
    cdef bint open = size > 0 and arg.data[0] == b"("
    cdef double score
    if not read_score(arg.data + open, size - open, &score):
        return False
    bound[0] = skip_bound_score(score, open)
    return True


cdef bint member_bound(const RespArg* arg, SkipBound* bound) noexcept nogil:
    cdef uint8_t kind = arg.data[0] if arg.size else 0
    if arg.size == 1 and (kind == b"-" or kind == b"+"):
        bound[0] = skip_bound_end(kind == b"+")
    elif (kind == b"[" or kind == b"(") and arg.size <= UINT32_MAX:
        bound[0] = skip_bound_member(arg.data + 1, <uint32_t>(arg.size - 1), kind == b"(")
    else:
        return False
    return True


cdef bint read_range(Call* call, Range* range, int low, int high) noexcept nogil:
    """Reads the bounds from the arguments at these places; or false and an error."""
    if range.by == RANK:
        return arg_int(call, low, &range.start) and arg_int(call, high, &range.stop)
    if range.by == SCORE:
        if score_bound(&call.argv[low], &range.bounds.min) and score_bound(&call.argv[high], &range.bounds.max):
            return True
        reply_error(call, b"ERR min or max is not a float")
    else:
        if member_bound(&call.argv[low], &range.bounds.min) and member_bound(&call.argv[high], &range.bounds.max):
            return True
        reply_error(call, b"ERR min or max not valid string range item")
    return False


cdef uint64_t find_range(const Record* zset, Range* range, bint back) noexcept nogil:
    """Where the range lies in a set; how many members are in it. Ranks given count from the end if `back`."""
    cdef int64_t size = zset_size(zset), start = range.start, stop = range.stop
    if range.by != RANK:
        return zset_range(zset, &range.bounds, &range.low, &range.high)
    if start < 0:
        start += size
    if stop < 0:
        stop += size
    if start < 0:
        start = 0
    if stop >= size:
        stop = size - 1
    range.low = range.high = 0
    if start <= stop:
        range.low = size - 1 - stop if back else start
        range.high = (size - start) if back else stop + 1
    return range.high - range.low


# ---- counting ----

cdef void count(Call* call, By by) noexcept nogil:
    cdef Record* zset
    cdef Range range
    cdef int found
    range.by = by
    if not read_range(call, &range, 2, 3):
        return
    found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found >= 0:
        reply_int(call, find_range(zset, &range, False) if found else 0)


cdef void zcount(Call* call) noexcept nogil:
    count(call, SCORE)


cdef void zlexcount(Call* call) noexcept nogil:
    count(call, MEMBER)


# ---- reading ----

cdef struct Question:                     # what ZRANGE and its kin are asked for
    Range range
    int first                             # the argument of the first bound
    bint back, scores
    bint stored
    bint direction_open                   # REV may still come
    int64_t offset, limit                 # limit < 0: none


cdef bint read_options(Call* call, Question* q) noexcept nogil:
    """Reads what stands behind the bounds; or false and an error."""
    cdef int i = q.first + 2
    q.scores = False
    q.offset = 0
    q.limit = -1
    while i < call.argc:
        if not q.stored and arg_is(call, i, b"WITHSCORES"):
            q.scores = True
        elif i + 2 < call.argc and arg_is(call, i, b"LIMIT"):
            if not arg_int(call, i + 1, &q.offset) or not arg_int(call, i + 2, &q.limit):
                return False
            i += 2
        elif q.direction_open and arg_is(call, i, b"REV"):
            q.back = True
            q.direction_open = False
        elif q.range.by == OPEN and arg_is(call, i, b"BYSCORE"):
            q.range.by = SCORE
        elif q.range.by == OPEN and arg_is(call, i, b"BYLEX"):
            q.range.by = MEMBER
        else:
            reply_syntax(call)
            return False
        i += 1
    if q.range.by == OPEN:
        q.range.by = RANK
    if q.limit != -1 and q.range.by == RANK:
        reply_error(call, b"ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
        return False
    if q.scores and q.range.by == MEMBER:
        reply_error(call, b"ERR syntax error, WITHSCORES not supported in combination with BYLEX")
        return False
    return True


cdef uint64_t select(const Record* zset, Question* q) noexcept nogil:
    """Narrows the range found to what LIMIT leaves of it; how many members."""
    cdef uint64_t count = find_range(zset, &q.range, q.back), offset
    if q.range.by == RANK:
        return count
    offset = q.offset
    count = count - offset if q.offset >= 0 and offset < count else 0
    if q.limit >= 0 and <uint64_t>q.limit < count:
        count = q.limit
    if q.back:
        q.range.high -= offset
        q.range.low = q.range.high - count
    else:
        q.range.low += offset
        q.range.high = q.range.low + count
    return count


cdef void reply_range(Call* call, const Record* zset, Question* q) noexcept nogil:
    cdef uint64_t count = select(zset, q)
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef double score
    reply_ranked_header(call, count, q.scores)
    if count == 0:
        return
    zset_walk(zset, q.range.high - 1 if q.back else q.range.low, q.back, &walk)
    while count and zset_next(&walk, &member, &score):
        reply_ranked(call, &member, score, q.scores)
        count -= 1


cdef bint collect(const Limits* limits, const Record* zset, Question* q, Scoreboard* board) noexcept nogil:
    """Puts the range on a board, lowest first. False: no memory.

    What the reference stores is a listpack at first unless it knows how much comes, and -0 becomes 0 in a listpack.
    """
    cdef uint64_t count = select(zset, q)
    cdef bint packed = q.range.by != RANK or <int64_t>count <= limits.zset_max_listpack_entries
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef ScoreItem item
    cdef char* digits
    zset_walk(zset, q.range.low, False, &walk)
    while count and zset_next(&walk, &member, &item.score):
        item.member = member.text
        item.size = member.size
        if member.text == NULL:
            digits = scoreboard_keep_int(board)
            if digits == NULL:
                return False
            item.size = listpack_format(member.number, digits)
            item.member = <const uint8_t*>digits
        if <int64_t>board.count >= limits.zset_max_listpack_entries or (
                <int64_t>item.size > limits.zset_max_listpack_value):
            packed = False
        if packed:
            item.score += 0.0
        if not scoreboard_push(board, &item, False):
            return False
        count -= 1
    return True


cdef void store_range(Call* call, const Record* zset, Question* q) noexcept nogil:
    cdef Scoreboard board
    scoreboard_open(&board, call.engine.context.heap)
    if collect(&call.engine.context.limits, zset, q, &board):
        store_items(call, 1, board.items, board.count, False)
    else:
        reply_error(call, NO_MEMORY)
    scoreboard_close(&board)


cdef void answer(Call* call, Question* q) noexcept nogil:
    cdef Record* zset
    cdef bint swapped
    cdef int found
    q.first = 3 if q.stored else 2
    if not read_options(call, q):
        return
    swapped = q.back and q.range.by != RANK
    if not read_range(call, &q.range, q.first + swapped, q.first + 1 - swapped):
        return
    found = read_typed(call, q.first - 1, TYPE_ZSET, &zset)
    if found < 0:
        return
    if q.stored:
        if found:
            store_range(call, zset, q)
        else:
            store_items(call, 1, NULL, 0, False)
    elif found:
        reply_range(call, zset, q)
    else:
        reply_ranked_header(call, 0, False)


cdef inline void answer_fixed(Call* call, By by, bint back) noexcept nogil:
    """The older commands, whose name says what ZRANGE takes options for."""
    cdef Question q
    q.range.by = by
    q.stored = False
    q.back = back
    q.direction_open = False
    answer(call, &q)


cdef inline void answer_open(Call* call, bint stored) noexcept nogil:
    cdef Question q
    q.range.by = OPEN
    q.stored = stored
    q.back = False
    q.direction_open = True
    answer(call, &q)


cdef void zrange(Call* call) noexcept nogil:
    answer_open(call, False)


cdef void zrangestore(Call* call) noexcept nogil:
    answer_open(call, True)


cdef void zrevrange(Call* call) noexcept nogil:
    answer_fixed(call, RANK, True)


cdef void zrangebyscore(Call* call) noexcept nogil:
    answer_fixed(call, SCORE, False)


cdef void zrevrangebyscore(Call* call) noexcept nogil:
    answer_fixed(call, SCORE, True)


cdef void zrangebylex(Call* call) noexcept nogil:
    answer_fixed(call, MEMBER, False)


cdef void zrevrangebylex(Call* call) noexcept nogil:
    answer_fixed(call, MEMBER, True)


# ---- removing ----

cdef void remove(Call* call, By by) noexcept nogil:
    cdef Ref ref
    cdef Range range
    cdef uint64_t removed
    cdef int found
    range.by = by
    if not read_range(call, &range, 2, 3):
        return
    found = write_typed(call, 1, TYPE_ZSET, &ref)
    if found < 0:
        return
    removed = find_range(ref.record, &range, False) if found else 0
    if removed and removed == zset_size(ref.record):
        ref_delete(&ref, call.engine.settings.lazy_server_del)
    elif removed and not zset_remove_ranks(&call.engine.context, ref.record, range.low, range.high):
        reply_error(call, NO_MEMORY)
        return
    if removed:
        changed(call, 1)
    reply_int(call, removed)


cdef void zremrangebyrank(Call* call) noexcept nogil:
    remove(call, RANK)


cdef void zremrangebyscore(Call* call) noexcept nogil:
    remove(call, SCORE)


cdef void zremrangebylex(Call* call) noexcept nogil:
    remove(call, MEMBER)
