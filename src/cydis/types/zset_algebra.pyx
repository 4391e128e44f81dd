"""Algebra of sorted sets. See zset_algebra.pxd for the contract.

    unite       O(N), N the members of all sources: each is found on the board or put there
    intersect   O(s * sources), s the members of the smallest source, which is walked
    subtract    O(f * sources) for the f members of the first source, or O(N) where that is less

Members go through here in blocks: the hashes of a block are made and the lines they lead to are fetched
before the first member is looked for, so that the waits for memory overlap. The others of a small source that is a
listpack would be searched from its beginning for each member; from PACK_WORTH members on, it is put on a board of
its own first.

Knows the encodings of types/zsets and types/sets.
"""
from libc.math cimport NAN, isnan
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport qsort
from libc.string cimport memcpy

from cydis.core.hashtable cimport (
    hash_bytes, hashtable_find_with, hashtable_prefetch_bucket, hashtable_prefetch_entry,
)
from cydis.core.listpack cimport LISTPACK_NONE, ListpackValue, listpack_format, listpack_text
from cydis.core.record cimport Record, record_pointer
from cydis.core.resp cimport RespArg
from cydis.core.scoreboard cimport (
    SCOREBOARD_INT, Scoreboard, ScoreItem, scoreboard_close, scoreboard_expect, scoreboard_find, scoreboard_keep_int,
    scoreboard_open, scoreboard_prefetch, scoreboard_push,
)
from cydis.core.skiplist cimport SkipElement, skip_element_key
from cydis.types.context cimport Context
from cydis.types.encodings cimport ENC_LISTPACK, ENC_SKIPLIST
from cydis.types.sets cimport SetWalk, set_has, set_next, set_size, set_walk
from cydis.types.zset_pack cimport pack_find, pack_score
from cydis.types.zsets cimport Zset, ZsetWalk, zset_next, zset_size, zset_walk

cdef enum:
    BLOCK = 32                            # members that go together
    PACK_WORTH = 16


# ---- sources ----

cdef inline size_t size_of(const ZsetSource* source) noexcept nogil:
    if source.record == NULL:
        return 0
    return set_size(source.record) if source.plain else zset_size(source.record)


cdef int smaller_first(const void* left, const void* right) noexcept nogil:
    """Equal sizes keep their order: sums of three numbers depend on it."""
    cdef const ZsetSource* a = <const ZsetSource*>left
    cdef const ZsetSource* b = <const ZsetSource*>right
    cdef size_t x = size_of(a), y = size_of(b)
    return (x > y) - (x < y) if x != y else a.place - b.place


cdef void sort_by_size(ZsetSource* sources, int count) noexcept nogil:
    cdef int i
    for i in range(count):
        sources[i].place = i
    qsort(sources, count, sizeof(ZsetSource), smaller_first)


cdef struct SourceWalk:
    bint plain
    ZsetWalk zset
    SetWalk set


cdef void walk_begin(SourceWalk* walk, const ZsetSource* source) noexcept nogil:
    walk.plain = source.plain
    if source.plain:
        set_walk(source.record, &walk.set)
    else:
        zset_walk(source.record, 0, False, &walk.zset)


cdef inline bint walk_next(SourceWalk* walk, ListpackValue* member, double* score) noexcept nogil:
    if not walk.plain:
        return zset_next(&walk.zset, member, score)
    score[0] = 1
    return set_next(&walk.set, member)


cdef struct Block:                        # some members of a source
    size_t count
    ScoreItem[BLOCK] items                # a member without bytes of its own has them in `digits`
    char[BLOCK * SCOREBOARD_INT] digits


cdef bint block_read(Context* cx, SourceWalk* walk, double weight, Block* block) noexcept nogil:
    """The next members of a walk with their weighted scores and hashes; false: there are none."""
    cdef ListpackValue member
    cdef ScoreItem* item = block.items
    cdef char* digits = block.digits
    block.count = 0
    while block.count < BLOCK and walk_next(walk, &member, &item.score):
        item.member = member.text
        item.size = member.size
        if member.text == NULL:
            item.size = listpack_format(member.number, digits)
            item.member = <const uint8_t*>digits
        item.hash = hash_bytes(cx.seed, item.member, item.size)
        item.score *= weight
        if isnan(item.score):
            item.score = 0
        block.count += 1
        item += 1
        digits += SCOREBOARD_INT
    return block.count > 0


cdef inline bint push(Scoreboard* board, Block* block, const ScoreItem* item, bint known) noexcept nogil:
    """Puts an item of a block on the board, with the digits where its member has no bytes elsewhere."""
    cdef const char* member = <const char*>item.member
    cdef ScoreItem kept
    cdef char* digits
    if not block.digits <= member < block.digits + BLOCK * SCOREBOARD_INT:
        return scoreboard_push(board, item, known)
    digits = scoreboard_keep_int(board)
    if digits == NULL:
        return False
    memcpy(digits, member, item.size)
    kept = item[0]
    kept.member = <const uint8_t*>digits
    return scoreboard_push(board, &kept, known)


cdef bint push_all(Context* cx, const ZsetSource* source, double weight, Scoreboard* board, bint known) noexcept nogil:
    """All members of a source, of which none is on the board."""
    cdef SourceWalk walk
    cdef Block block
    cdef size_t i
    walk_begin(&walk, source)
    while block_read(cx, &walk, weight, &block):
        for i in range(block.count):
            if not push(board, &block, &block.items[i], known):
                return False
    return True


cdef inline double aggregate(Aggregate how, double score, double other) noexcept nogil:
    if how == SCORE_MIN:
        return other if other < score else score
    if how == SCORE_MAX:
        return other if other > score else score
    score += other
    return 0 if isnan(score) else score


# ---- union ----

cdef bint unite_one(Context* cx, const ZsetSource* source, Aggregate how, Scoreboard* board) noexcept nogil:
    cdef SourceWalk walk
    cdef Block block
    cdef ScoreItem* item
    cdef ScoreItem* found
    cdef size_t i
    walk_begin(&walk, source)
    while block_read(cx, &walk, source.weight, &block):
        for i in range(block.count):
            scoreboard_prefetch(board, block.items[i].hash)
        for i in range(block.count):
            item = &block.items[i]
            found = scoreboard_find(board, item.hash, item.member, item.size)
            if found != NULL:
                found.score = aggregate(how, found.score, item.score)
            elif not push(board, &block, item, True):
                return False
    return True


cdef bint zset_unite(Context* cx, ZsetSource* sources, int count, Aggregate how, Scoreboard* board) noexcept nogil:
    """The smallest sources first, as the reference adds up. One alone has no member twice and needs no table."""
    cdef int i, first = 0
    sort_by_size(sources, count)
    while first < count and size_of(&sources[first]) == 0:
        first += 1
    if first == count:
        return True
    if first + 1 < count and not scoreboard_expect(board, size_of(&sources[count - 1])):
        return False
    if not push_all(cx, &sources[first], sources[first].weight, board, first + 1 < count):
        return False
    for i in range(first + 1, count):
        if not unite_one(cx, &sources[i], how, board):
            return False
    return True


# ---- asking a source for the members of a block ----

cdef struct Probe:
    bint keep                             # the members it has stay (or those it has not)
    Aggregate how
    double weight
    size_t kept


cdef inline void answer(Probe* probe, Block* block, size_t i, bint found, double score) noexcept nogil:
    """Item i stays in the block, or leaves it."""
    cdef ScoreItem item = block.items[i]
    if found != probe.keep:
        return
    if found:
        item.score = aggregate(probe.how, item.score, score * probe.weight)
    block.items[probe.kept] = item
    probe.kept += 1


cdef void probe_skiplist(const Zset* z, Probe* probe, Block* block) noexcept nogil:
    cdef SkipElement* element
    cdef ScoreItem* item
    cdef size_t i
    if block.count > 1:
        for i in range(block.count):
            hashtable_prefetch_bucket(&z.table, block.items[i].hash)
        for i in range(block.count):
            hashtable_prefetch_entry(&z.table, block.items[i].hash)
    for i in range(block.count):
        item = &block.items[i]
        element = <SkipElement*>hashtable_find_with(&z.table, item.hash, item.member, item.size, NULL,
                                                    skip_element_key)
        answer(probe, block, i, element != NULL, 0 if element == NULL else element.score)


cdef bint probe_board(Context* cx, const ZsetSource* source, Probe* probe, Block* block) noexcept nogil:
    cdef Scoreboard board
    cdef ScoreItem* item
    cdef ScoreItem* found
    cdef bint done
    cdef size_t i
    scoreboard_open(&board, cx.heap)
    done = scoreboard_expect(&board, size_of(source)) and push_all(cx, source, 1, &board, True)
    if done:
        for i in range(block.count):
            item = &block.items[i]
            found = scoreboard_find(&board, item.hash, item.member, item.size)
            answer(probe, block, i, found != NULL, 0 if found == NULL else found.score)
    scoreboard_close(&board)
    return done


cdef void probe_pack(const uint8_t* pack, Probe* probe, Block* block) noexcept nogil:
    cdef RespArg member
    cdef uint32_t at
    cdef size_t i
    for i in range(block.count):
        member.data = block.items[i].member
        member.size = block.items[i].size
        at = pack_find(pack, &member)
        answer(probe, block, i, at != LISTPACK_NONE, 0 if at == LISTPACK_NONE else pack_score(pack, at))


cdef void probe_set(const Record* set, Probe* probe, Block* block) noexcept nogil:
    cdef ListpackValue member
    cdef size_t i
    for i in range(block.count):
        member = listpack_text(block.items[i].member, block.items[i].size)
        answer(probe, block, i, set_has(set, &member), 1)


cdef bint ask(Context* cx, const ZsetSource* source, bint keep, Aggregate how, Block* block) noexcept nogil:
    """Keeps the members of a block which the source has, with both scores, or those which it has not."""
    cdef Probe probe
    cdef bint done = True
    probe.keep = keep
    probe.how = how
    probe.weight = source.weight
    probe.kept = 0
    if source.record.encoding == ENC_LISTPACK and block.count >= PACK_WORTH and size_of(source) >= PACK_WORTH:
        done = probe_board(cx, source, &probe, block)
    elif source.plain:
        probe_set(source.record, &probe, block)
    elif source.record.encoding == ENC_SKIPLIST:
        probe_skiplist(<const Zset*>record_pointer(source.record), &probe, block)
    else:
        probe_pack(<const uint8_t*>record_pointer(source.record), &probe, block)
    block.count = probe.kept
    return done


# ---- intersection ----

cdef bint zset_intersect(Context* cx, ZsetSource* sources, int count, Aggregate how, uint64_t limit, Scoreboard* board,
                         uint64_t* found) noexcept nogil:
    cdef SourceWalk walk
    cdef Block block
    cdef size_t k
    cdef int i
    found[0] = 0
    sort_by_size(sources, count)
    if size_of(&sources[0]) == 0:
        return True
    walk_begin(&walk, &sources[0])
    while block_read(cx, &walk, sources[0].weight, &block):
        for i in range(1, count):
            if block.count and not ask(cx, &sources[i], True, how, &block):
                return False
        for k in range(block.count):
            if board != NULL and not push(board, &block, &block.items[k], False):
                return False
        found[0] += block.count
        if limit and found[0] >= limit:
            found[0] = limit
            break
    return True


# ---- difference ----

cdef bint subtract_asking(Context* cx, const ZsetSource* sources, int count, Scoreboard* board) noexcept nogil:
    """Asks all others for each member of the first."""
    cdef SourceWalk walk
    cdef Block block
    cdef size_t k
    cdef int i
    walk_begin(&walk, &sources[0])
    while block_read(cx, &walk, 1, &block):
        for i in range(1, count):
            if block.count and sources[i].record != NULL and not ask(cx, &sources[i], False, SCORE_SUM, &block):
                return False
        for k in range(block.count):
            if not push(board, &block, &block.items[k], False):
                return False
    return True


cdef bint subtract_striking(Context* cx, const ZsetSource* sources, int count, Scoreboard* board) noexcept nogil:
    """Puts the first on the board and strikes out what the others have."""
    cdef SourceWalk walk
    cdef Block block
    cdef ScoreItem* found
    cdef size_t left, k
    cdef int i
    if not scoreboard_expect(board, size_of(&sources[0])) or not push_all(cx, &sources[0], 1, board, True):
        return False
    left = board.count
    for i in range(1, count):
        if size_of(&sources[i]) == 0:
            continue
        walk_begin(&walk, &sources[i])
        while left and block_read(cx, &walk, 1, &block):
            for k in range(block.count):
                scoreboard_prefetch(board, block.items[k].hash)
            for k in range(block.count):
                found = scoreboard_find(board, block.items[k].hash, block.items[k].member, block.items[k].size)
                if found != NULL and not isnan(found.score):
                    found.score = NAN
                    left -= 1
    return True


cdef bint zset_subtract(Context* cx, ZsetSource* sources, int count, Scoreboard* board) noexcept nogil:
    cdef double asking = 0, striking = size_of(&sources[0])
    cdef int i
    if striking == 0:
        return True
    for i in range(1, count):
        if sources[i].record == sources[0].record:
            return True
        if size_of(&sources[i]):
            asking += size_of(&sources[0])
            striking += size_of(&sources[i])
    if asking / 2 <= striking:
        return subtract_asking(cx, sources, count, board)
    return subtract_striking(cx, sources, count, board)
