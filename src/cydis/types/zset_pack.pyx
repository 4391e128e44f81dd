"""Sorted sets as listpacks. See zset_pack.pxd for the contract."""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp

from cydis.core.heap cimport Heap
from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, LISTPACK_NONE, ListpackValue, listpack_append_many, listpack_find, listpack_first,
    listpack_get, listpack_insert_many, listpack_next, listpack_number, listpack_prev, listpack_replace,
    listpack_rotate, listpack_step, listpack_text, listpack_value_text,
)
from cydis.core.number cimport NUMBER_DOUBLE_MAX, number_format_double, number_parse_double
from cydis.core.resp cimport RespArg
from cydis.core.scoreboard cimport ScoreItem
from cydis.core.skiplist cimport SKIP_HIGHEST, SKIP_LOWEST, SKIP_SCORE, SkipBound, SkipRange

cdef enum:
    BATCH = 16                            # pairs for which a listpack grows at once

cdef extern from * nogil:
    """
    /* Whole scores up to here are integers in a listpack. */
    #define CYDIS_WHOLE_MAX 4611686018427387904.0
    """
    const double WHOLE_MAX "CYDIS_WHOLE_MAX"


# ---- scores and order ----

cdef inline ListpackValue score_value(double score, char* scratch) noexcept nogil:
    """A score as it is stored. scratch: NUMBER_DOUBLE_MAX bytes, to be kept as long as the value."""
    if -WHOLE_MAX <= score <= WHOLE_MAX and <double><int64_t>score == score:
        return listpack_number(<int64_t>score)
    return listpack_text(scratch, number_format_double(score, scratch))


cdef inline double value_score(const ListpackValue* value) noexcept nogil:
    cdef double score = 0
    if value.text == NULL:
        return <double>value.number
    number_parse_double(value.text, value.size, &score)
    return score


cdef inline int compare(const ListpackValue* member, const uint8_t* text, size_t size) noexcept nogil:
    """The order of a stored member and a text."""
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef size_t own
    cdef const uint8_t* held = listpack_value_text(member, digits, &own)
    cdef int order = memcmp(held, text, own if own < size else size)
    return order if order else (own > size) - (own < size)


cdef uint32_t place_for(const uint8_t* pack, const RespArg* member, double score, uint32_t besides) noexcept nogil:
    """The place of the first pair above (score, member), not counting the one at `besides`; LISTPACK_NONE: the end."""
    cdef uint32_t at = listpack_first(pack), here
    cdef ListpackValue other, value
    cdef double held
    while at != LISTPACK_NONE:
        here = at
        at = listpack_step(pack, at, &other)
        at = listpack_step(pack, at, &value)
        if here == besides:
            continue
        held = value_score(&value)
        if held > score or (held == score and compare(&other, member.data, member.size) > 0):
            return here
    return LISTPACK_NONE


cdef bint pack_in_order(const uint8_t* pack) noexcept nogil:
    cdef uint32_t at = listpack_first(pack)
    cdef ListpackValue before, member, value
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef const uint8_t* text
    cdef size_t size
    cdef double held = 0, score
    cdef bint first = True
    while at != LISTPACK_NONE:
        at = listpack_step(pack, at, &member)
        at = listpack_step(pack, at, &value)
        if value.text != NULL and not number_parse_double(value.text, value.size, &score):
            return False
        score = value_score(&value)
        if not first:
            text = listpack_value_text(&member, digits, &size)
            if held > score or (held == score and compare(&before, text, size) >= 0):
                return False
        before = member
        held = score
        first = False
    return True


# ---- looking ----

cdef uint32_t pack_find(const uint8_t* pack, const RespArg* member) noexcept nogil:
    cdef ListpackValue needle = listpack_text(member.data, member.size)
    return listpack_find(pack, listpack_first(pack), &needle, 1)


cdef double pack_score(const uint8_t* pack, uint32_t at) noexcept nogil:
    cdef ListpackValue value = listpack_get(pack, listpack_next(pack, at))
    return value_score(&value)


cdef uint64_t pack_rank(const uint8_t* pack, uint32_t at) noexcept nogil:
    cdef uint64_t rank = 0
    cdef uint32_t passed = listpack_first(pack)
    while passed != at:
        passed = listpack_next(pack, listpack_next(pack, passed))
        rank += 1
    return rank


cdef uint32_t pack_step(const uint8_t* pack, uint32_t at, bint back, ListpackValue* member,
                        double* score) noexcept nogil:
    cdef ListpackValue value
    cdef uint32_t next = listpack_step(pack, at, member)
    next = listpack_step(pack, next, &value)
    score[0] = value_score(&value)
    if not back:
        return next
    at = listpack_prev(pack, at)
    return LISTPACK_NONE if at == LISTPACK_NONE else listpack_prev(pack, at)


# ---- ranges ----

cdef inline bint above(const SkipBound* low, const ListpackValue* member, double score) noexcept nogil:
    """Whether a pair of a listpack is not below this lower end."""
    cdef int order
    if low.kind == SKIP_SCORE:
        return score > low.score or (score == low.score and not low.open)
    if low.kind == SKIP_LOWEST or low.kind == SKIP_HIGHEST:
        return low.kind == SKIP_LOWEST
    order = compare(member, low.member, low.size)
    return order > 0 or (order == 0 and not low.open)


cdef inline bint below(const SkipBound* high, const ListpackValue* member, double score) noexcept nogil:
    """Whether a pair of a listpack is not above this upper end."""
    cdef int order
    if high.kind == SKIP_SCORE:
        return score < high.score or (score == high.score and not high.open)
    if high.kind == SKIP_LOWEST or high.kind == SKIP_HIGHEST:
        return high.kind == SKIP_HIGHEST
    order = compare(member, high.member, high.size)
    return order < 0 or (order == 0 and not high.open)


cdef void pack_range(const uint8_t* pack, const SkipRange* range, uint64_t* start, uint64_t* end) noexcept nogil:
    cdef uint32_t at = listpack_first(pack)
    cdef ListpackValue member
    cdef double score
    start[0] = end[0] = 0
    while at != LISTPACK_NONE:
        at = pack_step(pack, at, False, &member, &score)
        if start[0] == end[0] and not above(&range.min, &member, score):
            start[0] += 1
            end[0] += 1
        elif below(&range.max, &member, score):
            end[0] += 1
        else:
            break


# ---- changing ----

cdef bint pack_push(Heap* heap, uint8_t** pack, const ListpackValue* member, double score) noexcept nogil:
    cdef char[NUMBER_DOUBLE_MAX] scratch
    cdef ListpackValue[2] pair
    pair[0] = member[0]
    pair[1] = score_value(score, scratch)
    return listpack_append_many(heap, pack, pair, 2)


cdef bint pack_insert(Heap* heap, uint8_t** pack, const RespArg* member, double score) noexcept nogil:
    """Adds what is not there yet, in its place."""
    cdef char[NUMBER_DOUBLE_MAX] scratch
    cdef ListpackValue[2] pair
    pair[0] = listpack_text(member.data, member.size)
    pair[1] = score_value(score, scratch)
    return listpack_insert_many(heap, pack, place_for(pack[0], member, score, LISTPACK_NONE), pair, 2)


cdef bint pack_update(Heap* heap, uint8_t** pack, uint32_t at, const RespArg* member, double score) noexcept nogil:
    """Writes the new score over the old one, which alone may fail, and moves the pair to its new place."""
    cdef char[NUMBER_DOUBLE_MAX] scratch
    cdef ListpackValue value = score_value(score, scratch)
    cdef uint32_t behind, place
    if not listpack_replace(heap, pack, listpack_next(pack[0], at), &value):
        return False
    behind = listpack_next(pack[0], listpack_next(pack[0], at))
    place = place_for(pack[0], member, score, at)
    if place != LISTPACK_NONE and place < at:
        listpack_rotate(pack[0], place, at, behind)
    elif place != behind:
        listpack_rotate(pack[0], at, behind, place)
    return True


cdef bint pack_append(Heap* heap, uint8_t** pack, const ScoreItem* items, size_t count) noexcept nogil:
    cdef char[BATCH * NUMBER_DOUBLE_MAX] scratch
    cdef ListpackValue[2 * BATCH] pairs
    cdef size_t i, n
    while count:
        n = count if count < BATCH else BATCH
        for i in range(n):
            pairs[2 * i] = listpack_text(items[i].member, items[i].size)
            pairs[2 * i + 1] = score_value(items[i].score, scratch + i * NUMBER_DOUBLE_MAX)
        if not listpack_append_many(heap, pack, pairs, 2 * n):
            return False
        items += n
        count -= n
    return True
