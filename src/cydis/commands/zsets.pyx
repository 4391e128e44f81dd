"""Sorted sets: members in order of their scores, equal scores by bytes.

zset_ranges.pyx has the ranges, zset_pops.pyx what takes members from the ends, zset_algebra.pyx unions and their kin.

n is the number of members. Scores are doubles, infinities among them. A set that becomes empty is deleted.

ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]
    Gives members their scores, creating the set. How many are new; with CH how many are new or have another
    score. NX: only new members; XX: only those there; GT, LT: only to a greater, a lower score, new ones too.
    INCR: as ZINCRBY for one member, null where a condition blocks it. O(log n) per member. Since 1.2.0.
ZINCRBY key increment member
    Adds to a member's score, which counts as 0 where there is none. The new score. O(log n). Since 1.2.0.
ZREM key member [member ...]
    Removes members. How many were there. O(log n) per member. Since 1.2.0.
ZSCORE key member
    The score of a member, or null. O(1). Since 1.2.0.
ZMSCORE key member [member ...]
    The same for each, as an array. O(1) per member. Since 6.2.0.
ZCARD key
    How many members. O(1). Since 1.2.0.
ZRANK key member [WITHSCORE]
    How many members are before this one, or null; with the score as an array of both. O(log n). Since 2.0.0.
ZREVRANK key member [WITHSCORE]
    The same from the other end. O(log n). Since 2.0.0.
ZRANDMEMBER key [count [WITHSCORES]]
    A random member, or null. count > 0: an array of at most so many, each once; count < 0: exactly -count, which
    may repeat. O(|count| log n), O(n) where count is a large part of n. Since 6.2.0.
ZSCAN key cursor [MATCH pattern] [COUNT count] [NOSCORES]
    Some members with their scores, and the cursor for the next call; a walk begins and ends with cursor 0. What
    is in the set from its beginning to its end comes at least once. O(1) per call, O(n) altogether. Since 2.8.0.
"""
from libc.stdint cimport INT64_MAX, int64_t, uint64_t
from libc.stdlib cimport free, malloc

from cydis.commands.zsets cimport reply_ranked, reply_ranked_header
from cydis.core.listpack cimport ListpackValue
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.core.scoreboard cimport ScoreItem
from cydis.engine.call cimport Call, Row, arg_cursor, arg_double, arg_int, arg_is, arg_range
from cydis.engine.keyspace cimport (
    Ref, changed, key_peek, key_write, read_typed, ref_create, ref_delete, ref_delete_if_empty, ref_store_value,
    write_typed,
)
from cydis.engine.reply cimport (
    NAN_SCORE, NO_MEMORY, NO_MEMORY_PARTLY, OUT_OF_RANGE, reply_array, reply_bad_arity, reply_double, reply_element,
    reply_error, reply_int, reply_mark, reply_null, reply_null_array, reply_room, reply_syntax,
)
from cydis.engine.scan cimport SCAN_SCORED, Scan, scan_add, scan_begin, scan_end, scan_goes_on, scan_wants
from cydis.engine.table cimport DENYOOM, FAST, KEY1, READ, WRITE, register
from cydis.engine.value cimport ENC_LISTPACK, TYPE_ZSET
from cydis.types.context cimport Context
from cydis.types.holder cimport Holder, holder_open
from cydis.types.zset_build cimport zset_build
from cydis.types.zsets cimport (
    ZSET_BLOCKED, ZSET_GT, ZSET_INCR, ZSET_LT, ZSET_NAN, ZSET_NO_MEMORY, ZSET_NX, ZSET_XX, ZsetTally, ZsetWalk,
    zset_add, zset_expect, zset_fit, zset_free, zset_new, zset_next, zset_random, zset_rank, zset_remove,
    zset_sample, zset_scan, zset_score, zset_size, zset_walk,
)

cdef enum:
    HOME = 16                             # scores of one ZADD that need no allocation

cdef Row[10] ROWS = [
    #   name            function     arity  flags                   keys
    Row(b"ZADD",        zadd,        -4,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"ZINCRBY",     zincrby,     4,     WRITE | DENYOOM | FAST, KEY1),
    Row(b"ZREM",        zrem,        -3,    WRITE | FAST,           KEY1),
    Row(b"ZSCORE",      zscore,      3,     READ | FAST,            KEY1),
    Row(b"ZMSCORE",     zmscore,     -3,    READ | FAST,            KEY1),
    Row(b"ZCARD",       zcard,       2,     READ | FAST,            KEY1),
    Row(b"ZRANK",       zrank,       -3,    READ | FAST,            KEY1),
    Row(b"ZREVRANK",    zrevrank,    -3,    READ | FAST,            KEY1),
    Row(b"ZRANDMEMBER", zrandmember, -2,    READ,                   KEY1),
    Row(b"ZSCAN",       zscan,       -3,    READ,                   KEY1),
]
register(b"sorted-set", ROWS, 10)


# ---- a set as the result of a command ----

cdef void store_items(Call* call, int arg, const ScoreItem* items, size_t count, bint hashed) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef Holder holder
    cdef Ref ref
    cdef int encoding
    cdef void* value
    if count == 0:
        if key_peek(call, arg, &ref) != NULL:
            ref_delete(&ref, call.engine.settings.lazy_server_del)
            changed(call, arg)
        reply_int(call, 0)
        return
    value = zset_build(cx, items, count, hashed, &encoding)
    if value == NULL:
        reply_error(call, NO_MEMORY)
        return
    key_write(call, arg, &ref)
    if ref_store_value(&ref, TYPE_ZSET, encoding, value):
        changed(call, arg)
        reply_int(call, count)
    else:
        zset_free(cx, holder_open(&holder, encoding, value))
        reply_error(call, NO_MEMORY)


# ---- adding ----

cdef bint create(Call* call, Ref* ref, size_t count, size_t longest) noexcept nogil:
    """An empty set for a missing key, fit for what comes; or false and an error."""
    cdef Context* cx = &call.engine.context
    cdef Holder holder
    cdef int encoding = zset_fit(cx, count, longest)
    cdef void* value = zset_new(cx, encoding)
    if value != NULL:
        if ref_create(ref, TYPE_ZSET, encoding, value) != NULL:
            return True
        zset_free(cx, holder_open(&holder, encoding, value))
    reply_error(call, NO_MEMORY)
    return False


cdef size_t longest_of(const RespArg* pairs, size_t count) noexcept nogil:
    cdef size_t i, longest = 0
    for i in range(count):
        if pairs[2 * i + 1].size > longest:
            longest = pairs[2 * i + 1].size
    return longest


cdef int add_members(Call* call, const RespArg* pairs, const double* scores, size_t count, int flags,
                     ZsetTally* tally) noexcept nogil:
    cdef Context* cx = &call.engine.context
    cdef Ref ref
    cdef int outcome
    cdef int found = write_typed(call, 1, TYPE_ZSET, &ref)
    tally.added = tally.updated = 0
    if found < 0:
        return ZSET_NO_MEMORY
    if found == 0:
        if flags & ZSET_XX:
            return ZSET_BLOCKED
        if not create(call, &ref, count, longest_of(pairs, count)):
            return ZSET_NO_MEMORY
    elif ref.record.encoding == ENC_LISTPACK and not zset_expect(cx, ref.record, count, longest_of(pairs, count)):
        reply_error(call, NO_MEMORY)
        return ZSET_NO_MEMORY
    outcome = zset_add(cx, ref.record, pairs, scores, count, flags, tally)
    if tally.added + tally.updated:
        changed(call, 1)
    if outcome == ZSET_NAN:
        reply_error(call, NAN_SCORE)
    elif outcome == ZSET_NO_MEMORY:
        ref_delete_if_empty(&ref)
        reply_error(call, NO_MEMORY_PARTLY if tally.added + tally.updated else NO_MEMORY)
    return outcome


cdef enum:
    CHANGES = 1 << 8                      # ZADD's own flag: count updates too

cdef int read_flags(Call* call, int* first) noexcept nogil:
    """The options of ZADD; *first becomes the place of the first score."""
    cdef int i = 2, flags = 0
    while i < call.argc and call.argv[i].size and call.argv[i].data[0] >= 65:    # a letter: no number but inf
        if arg_is(call, i, b"NX"):
            flags |= ZSET_NX
        elif arg_is(call, i, b"XX"):
            flags |= ZSET_XX
        elif arg_is(call, i, b"GT"):
            flags |= ZSET_GT
        elif arg_is(call, i, b"LT"):
            flags |= ZSET_LT
        elif arg_is(call, i, b"CH"):
            flags |= CHANGES
        elif arg_is(call, i, b"INCR"):
            flags |= ZSET_INCR
        else:
            break
        i += 1
    first[0] = i
    return flags


cdef bint refuse(Call* call, int flags, int rest) noexcept nogil:
    """Whether these options, or so many arguments behind them, make no sense; the error has been replied then."""
    if rest == 0 or rest % 2:
        reply_syntax(call)
    elif flags & ZSET_NX and flags & ZSET_XX:
        reply_error(call, b"ERR XX and NX options at the same time are not compatible")
    elif (flags & ZSET_GT and flags & (ZSET_NX | ZSET_LT)) or (flags & ZSET_LT and flags & ZSET_NX):
        reply_error(call, b"ERR GT, LT, and/or NX options at the same time are not compatible")
    elif flags & ZSET_INCR and rest > 2:
        reply_error(call, b"ERR INCR option supports a single increment-element pair")
    else:
        return False
    return True


cdef void zadd(Call* call) noexcept nogil:
    cdef double[HOME] home
    cdef double* scores = home
    cdef ZsetTally tally
    cdef size_t i, count
    cdef int first, outcome = ZSET_NO_MEMORY
    cdef int flags = read_flags(call, &first)
    if refuse(call, flags, call.argc - first):
        return
    count = <size_t>(call.argc - first) // 2
    if count > HOME:
        scores = <double*>malloc(count * sizeof(double))
        if scores == NULL:
            reply_error(call, NO_MEMORY)
            return
    for i in range(count):
        if not arg_double(call, first + 2 * <int>i, &scores[i]):
            break
    else:
        outcome = add_members(call, call.argv + first, scores, count, flags, &tally)
    if scores != home:
        free(scores)
    if outcome == ZSET_NO_MEMORY or outcome == ZSET_NAN:
        return
    if not flags & ZSET_INCR:
        reply_int(call, tally.added + tally.updated if flags & CHANGES else tally.added)
    elif outcome == ZSET_BLOCKED:
        reply_null(call)
    else:
        reply_double(call, tally.score)


cdef void zincrby(Call* call) noexcept nogil:
    cdef ZsetTally tally
    cdef double step
    cdef int outcome
    if not arg_double(call, 2, &step):
        return
    outcome = add_members(call, call.argv + 2, &step, 1, ZSET_INCR, &tally)
    if outcome != ZSET_NO_MEMORY and outcome != ZSET_NAN:
        reply_double(call, tally.score)


# ---- removing ----

cdef void zrem(Call* call) noexcept nogil:
    cdef Ref ref
    cdef int64_t removed = 0
    cdef int i, done = 0
    cdef int found = write_typed(call, 1, TYPE_ZSET, &ref)
    if found == 0:
        reply_int(call, 0)
    if found <= 0:
        return
    for i in range(2, call.argc):
        done = zset_remove(&call.engine.context, ref.record, &call.argv[i])
        if done < 0:
            break
        removed += done
    if removed:
        changed(call, 1)
        if zset_size(ref.record) == 0:
            ref_delete(&ref, False)
    if done < 0:
        reply_error(call, NO_MEMORY_PARTLY if removed else NO_MEMORY)
    else:
        reply_int(call, removed)


# ---- looking ----

cdef void zscore(Call* call) noexcept nogil:
    cdef Record* zset
    cdef double score
    cdef int found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found < 0:
        return
    if found and zset_score(zset, &call.argv[2], &score):
        reply_double(call, score)
    else:
        reply_null(call)


cdef void zmscore(Call* call) noexcept nogil:
    cdef Record* zset
    cdef double score
    cdef int i
    cdef int found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found < 0:
        return
    reply_array(call, call.argc - 2)
    for i in range(2, call.argc):
        if found and zset_score(zset, &call.argv[i], &score):
            reply_double(call, score)
        else:
            reply_null(call)


cdef void zcard(Call* call) noexcept nogil:
    cdef Record* zset
    cdef int found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found >= 0:
        reply_int(call, zset_size(zset) if found else 0)


cdef void reply_rank(Call* call, bint back) noexcept nogil:
    cdef Record* zset
    cdef uint64_t rank
    cdef double score
    cdef bint with_score = call.argc == 4
    cdef int found
    if call.argc > 4:
        reply_bad_arity(call)
        return
    if with_score and not arg_is(call, 3, b"WITHSCORE"):
        reply_syntax(call)
        return
    found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found < 0:
        return
    if not found or not zset_rank(zset, &call.argv[2], back, &rank, &score):
        if with_score:
            reply_null_array(call)
        else:
            reply_null(call)
        return
    if with_score:
        reply_array(call, 2)
    reply_int(call, rank)
    if with_score:
        reply_double(call, score)


cdef void zrank(Call* call) noexcept nogil:
    reply_rank(call, False)


cdef void zrevrank(Call* call) noexcept nogil:
    reply_rank(call, True)


# ---- chance ----

cdef void visit_member(void* ctx, const ListpackValue* member, double score) noexcept nogil:
    reply_ranked(<Call*>ctx, member, score, False)


cdef void visit_pair(void* ctx, const ListpackValue* member, double score) noexcept nogil:
    reply_ranked(<Call*>ctx, member, score, True)


cdef void random_many(Call* call, const Record* zset, int64_t count, bint scores) noexcept nogil:
    cdef size_t mark = reply_mark(call), size = zset_size(zset)
    cdef ListpackValue member
    cdef double score
    cdef ZsetWalk walk
    if count < 0:
        reply_ranked_header(call, -count, scores)
        while count and reply_room(call, mark, -count):
            zset_random(&call.engine.context, zset, &member, &score)
            reply_ranked(call, &member, score, scores)
            count += 1
        return
    if <uint64_t>count >= size:
        reply_ranked_header(call, size, scores)
        zset_walk(zset, 0, False, &walk)
        while zset_next(&walk, &member, &score):
            reply_ranked(call, &member, score, scores)
        return
    reply_ranked_header(call, count, scores)
    if not zset_sample(&call.engine.context, zset, count, visit_pair if scores else visit_member, call):
        call.out.used = mark
        reply_error(call, NO_MEMORY)


cdef void zrandmember(Call* call) noexcept nogil:
    cdef Record* zset
    cdef ListpackValue member
    cdef double score
    cdef int64_t count = 0
    cdef int found
    if call.argc > 2 and (not arg_int(call, 2, &count) or not arg_range(
            call, 2, -INT64_MAX, INT64_MAX, &count,
            b"ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")):
        return
    if call.argc > 4 or (call.argc == 4 and not arg_is(call, 3, b"WITHSCORES")):
        reply_syntax(call)
        return
    if call.argc == 4 and (count > INT64_MAX // 2 or count < -(INT64_MAX // 2)):
        reply_error(call, OUT_OF_RANGE)
        return
    found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found < 0:
        return
    if call.argc > 2:
        if found:
            random_many(call, zset, count, call.argc == 4)
        else:
            reply_array(call, 0)
    elif found:
        zset_random(&call.engine.context, zset, &member, &score)
        reply_element(call, &member)
    else:
        reply_null(call)


# ---- ZSCAN ----

cdef void scan_member(void* ctx, const ListpackValue* member, const ListpackValue* score) noexcept nogil:
    cdef Scan* scan = <Scan*>ctx
    if scan_wants(scan, member):
        scan_add(scan, member)
        if not scan.keys_only:
            scan_add(scan, score)


cdef void zscan(Call* call) noexcept nogil:
    cdef Record* zset
    cdef Scan scan
    cdef uint64_t cursor
    cdef int found
    if not arg_cursor(call, 2, &cursor):
        return
    found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found < 0:
        return
    # options of a missing set are not looked at
    if not scan_begin(&scan, call, 3 if found else call.argc, SCAN_SCORED):
        return
    if found:
        cursor = zset_scan(zset, cursor, scan_member, &scan)
        while scan_goes_on(&scan, cursor):
            cursor = zset_scan(zset, cursor, scan_member, &scan)
    scan_end(&scan, cursor if found else 0)
