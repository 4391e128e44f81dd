"""Sorted sets as listpacks and skiplists. See zsets.pxd for the contract.

A listpack (zset_pack.pxd) becomes a skiplist when more members come at once than
zset-max-listpack-entries, or one longer than zset-max-listpack-value, and when one more would pass the
entries. None goes back.
"""
from libc.math cimport isnan
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.hashtable cimport (
    Hashtable, HashtablePos, hashtable_clear, hashtable_clear_some, hashtable_expect, hashtable_find_with,
    hashtable_hash, hashtable_init, hashtable_insert, hashtable_memory, hashtable_prefetch_bucket,
    hashtable_prefetch_entry, hashtable_random, hashtable_remove, hashtable_remove_at, hashtable_scan, hashtable_size,
)
from cydis.core.heap cimport Heap, heap_alloc, heap_free, heap_good_size
from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, LISTPACK_MAX_BYTES, LISTPACK_NONE, ListpackValue, listpack_bytes, listpack_copy,
    listpack_count, listpack_delete_range, listpack_first, listpack_free, listpack_memory, listpack_new, listpack_seek,
    listpack_step, listpack_value_text,
)
from cydis.core.number cimport NUMBER_DOUBLE_MAX, number_format_digits
from cydis.core.record cimport Record, record_pointer, record_set_pointer, record_slot
from cydis.core.resp cimport RespArg
from cydis.core.skiplist cimport (
    SkipElement, Skiplist, SkipRange, skip_element_drop,
    skip_element_free, skip_element_key, skip_element_new, skip_element_size, skiplist_append, skiplist_at,
    skiplist_first, skiplist_free, skiplist_free_some, skiplist_get, skiplist_insert, skiplist_look_ahead,
    skiplist_memory, skiplist_new,
    skiplist_next, skiplist_pop_first, skiplist_pop_last, skiplist_prev, skiplist_range_ranks, skiplist_rank,
    skiplist_remove, skiplist_remove_range_by_rank, skiplist_size, skiplist_update,
)
from cydis.types.context cimport Context, context_random
from cydis.types.draw cimport SPARSE, draw_entries, random_below
from cydis.types.encodings cimport ENC_LISTPACK, ENC_SKIPLIST
from cydis.types.zset_pack cimport (
    PAIR_MORE, pack_find, pack_insert, pack_range, pack_rank, pack_score, pack_step, pack_update,
)

cdef enum:
    AHEAD = 8                             # members whose lines are fetched together
    FEW = 4                               # elements at an end that are taken out one by one

cdef inline uint8_t* pack_of(const Record* zset) noexcept nogil:
    return <uint8_t*>record_pointer(zset)


cdef inline uint8_t** pack_slot(Record* zset) noexcept nogil:
    """Where the listpack's address stands, for what may move it."""
    return <uint8_t**>record_slot(zset)


cdef inline Zset* zset_of(const Record* zset) noexcept nogil:
    return <Zset*>record_pointer(zset)


cdef size_t zset_size(const Record* zset) noexcept nogil:
    if zset.encoding == ENC_SKIPLIST:
        return hashtable_size(&zset_of(zset).table)
    return listpack_count(pack_of(zset)) // 2


cdef inline void element_member(SkipElement* element, ListpackValue* member) noexcept nogil:
    member.text = element.member
    member.size = element.size
    member.integer = False


# ---- borders ----

cdef void* zset_new(Context* cx, int encoding) noexcept nogil:
    cdef Zset* z
    if encoding == ENC_LISTPACK:
        return listpack_new(cx.heap)
    z = <Zset*>heap_alloc(cx.heap, sizeof(Zset))
    if z == NULL:
        return NULL
    z.list = skiplist_new(cx.heap, context_random(cx))
    if z.list == NULL:
        heap_free(cx.heap, z, sizeof(Zset))
        return NULL
    hashtable_init(&z.table, cx.heap, cx.seed, skip_element_key)
    return z


cdef void skiplist_drop(Context* cx, Zset* z) noexcept nogil:
    hashtable_clear(&z.table, NULL, NULL)
    skiplist_free(z.list, skip_element_drop, cx.heap)
    heap_free(cx.heap, z, sizeof(Zset))


cdef SkipElement* enter(Context* cx, Zset* z, uint64_t hash, const uint8_t* member, size_t size, double score,
                        bint last) noexcept nogil:
    """Adds what is not there yet; last: it is above all others. NULL: no memory, nothing changed."""
    cdef SkipElement* element
    if size > <uint32_t>-1:
        return NULL
    element = skip_element_new(cx.heap, score, member, <uint32_t>size)
    if element == NULL:
        return NULL
    if hashtable_insert(&z.table, hash, element, False):
        if skiplist_append(z.list, element) if last else skiplist_insert(z.list, element):
            return element
        hashtable_remove(&z.table, hash, member, size)
    skip_element_free(cx.heap, element)
    return NULL


cdef bint to_skiplist(Context* cx, Record* zset) noexcept nogil:
    """Makes a listpack a skiplist. O(n). False: no memory, it stays a listpack."""
    cdef Zset* z = <Zset*>zset_new(cx, ENC_SKIPLIST)
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef const uint8_t* text
    cdef size_t size
    cdef double score
    if z == NULL:
        return False
    hashtable_expect(&z.table, zset_size(zset))
    zset_walk(zset, 0, False, &walk)
    while zset_next(&walk, &member, &score):
        text = listpack_value_text(&member, digits, &size)
        if enter(cx, z, hashtable_hash(&z.table, text, size), text, size, score, True) == NULL:
            skiplist_drop(cx, z)
            return False
    listpack_free(cx.heap, pack_of(zset))
    record_set_pointer(zset, z)
    zset.encoding = ENC_SKIPLIST
    return True


cdef int zset_fit(const Context* cx, size_t count, size_t longest) noexcept nogil:
    if <int64_t>count > cx.limits.zset_max_listpack_entries or <int64_t>longest > cx.limits.zset_max_listpack_value:
        return ENC_SKIPLIST
    return ENC_LISTPACK


cdef bint zset_expect(Context* cx, Record* zset, size_t count, size_t longest) noexcept nogil:
    if zset.encoding == ENC_SKIPLIST or zset_fit(cx, count, longest) == ENC_LISTPACK:
        return True
    return to_skiplist(cx, zset)


# ---- members ----

cdef bint zset_score(const Record* zset, const RespArg* member, double* score) noexcept nogil:
    """O(1) in a skiplist, O(n) in a listpack."""
    cdef Zset* z
    cdef SkipElement* element
    cdef uint32_t at
    if zset.encoding == ENC_SKIPLIST:
        z = zset_of(zset)
        element = <SkipElement*>hashtable_find_with(
            &z.table, hashtable_hash(&z.table, member.data, member.size), member.data, member.size, NULL,
            skip_element_key)
        if element == NULL:
            return False
        score[0] = element.score
        return True
    at = pack_find(pack_of(zset), member)
    if at == LISTPACK_NONE:
        return False
    score[0] = pack_score(pack_of(zset), at)
    return True


cdef bint zset_rank(const Record* zset, const RespArg* member, bint back, uint64_t* rank, double* score) noexcept nogil:
    """O(log n) in a skiplist, O(n) in a listpack."""
    cdef Zset* z
    cdef SkipElement* element
    cdef uint32_t at
    if zset.encoding == ENC_SKIPLIST:
        z = zset_of(zset)
        element = <SkipElement*>hashtable_find_with(
            &z.table, hashtable_hash(&z.table, member.data, member.size), member.data, member.size, NULL,
            skip_element_key)
        if element == NULL:
            return False
        score[0] = element.score
        rank[0] = skiplist_rank(z.list, element)
    else:
        at = pack_find(pack_of(zset), member)
        if at == LISTPACK_NONE:
            return False
        score[0] = pack_score(pack_of(zset), at)
        rank[0] = pack_rank(pack_of(zset), at)
    if back:
        rank[0] = zset_size(zset) - 1 - rank[0]
    return True


cdef inline int decide(double old, double* score, int flags) noexcept nogil:
    """What becomes of a member that is there. *score becomes the new one."""
    if flags & ZSET_NX:
        return ZSET_BLOCKED
    if flags & ZSET_INCR:
        score[0] += old
        if isnan(score[0]):
            return ZSET_NAN
    if (flags & ZSET_LT and score[0] >= old) or (flags & ZSET_GT and score[0] <= old):
        return ZSET_BLOCKED
    return ZSET_SAME if score[0] == old else ZSET_UPDATED


cdef int add_to_skiplist(Context* cx, Zset* z, uint64_t hash, const RespArg* member, double* score,
                         int flags) noexcept nogil:
    cdef SkipElement* element = <SkipElement*>hashtable_find_with(
        &z.table, hash, member.data, member.size, NULL, skip_element_key)
    cdef int outcome
    if element == NULL:
        if flags & ZSET_XX:
            return ZSET_BLOCKED
        element = enter(cx, z, hash, member.data, member.size, score[0], False)
        return ZSET_NO_MEMORY if element == NULL else ZSET_ADDED
    outcome = decide(element.score, score, flags)
    if outcome == ZSET_UPDATED and not skiplist_update(z.list, element, score[0]):
        return ZSET_NO_MEMORY
    return outcome


cdef int add_to_pack(Context* cx, Record* zset, const RespArg* member, double* score, int flags) noexcept nogil:
    cdef uint8_t* pack = pack_of(zset)
    cdef uint32_t at = pack_find(pack, member)
    cdef int outcome
    if at != LISTPACK_NONE:
        outcome = decide(pack_score(pack, at), score, flags)
        if outcome == ZSET_UPDATED and not pack_update(cx.heap, pack_slot(zset), at, member, score[0]):
            return ZSET_NO_MEMORY
        return outcome
    if flags & ZSET_XX:
        return ZSET_BLOCKED
    if zset_fit(cx, zset_size(zset) + 1, member.size) == ENC_SKIPLIST or (
            <uint64_t>listpack_bytes(pack) + member.size + PAIR_MORE > LISTPACK_MAX_BYTES):
        if not to_skiplist(cx, zset):
            return ZSET_NO_MEMORY
        return add_to_skiplist(cx, zset_of(zset), hashtable_hash(&zset_of(zset).table, member.data, member.size),
                               member, score, flags)
    return ZSET_ADDED if pack_insert(cx.heap, pack_slot(zset), member, score[0]) else ZSET_NO_MEMORY


cdef inline bint count_in(ZsetTally* tally, int outcome) noexcept nogil:
    """False where the rest is not to be done any more."""
    tally.added += outcome == ZSET_ADDED
    tally.updated += outcome == ZSET_UPDATED
    return outcome != ZSET_NO_MEMORY and outcome != ZSET_NAN


cdef int add_many(Context* cx, Zset* z, const RespArg* pairs, const double* scores, size_t count, int flags,
                  ZsetTally* tally) noexcept nogil:
    """The lines of several members are asked for before the first of them is needed."""
    cdef uint64_t[AHEAD] hashes
    cdef size_t i, n
    cdef int outcome = ZSET_SAME
    while count:
        n = count if count < AHEAD else AHEAD
        for i in range(n):
            hashes[i] = hashtable_hash(&z.table, pairs[2 * i + 1].data, pairs[2 * i + 1].size)
            if n > 1:
                hashtable_prefetch_bucket(&z.table, hashes[i])
        if n > 1:
            for i in range(n):
                hashtable_prefetch_entry(&z.table, hashes[i])
        for i in range(n):
            tally.score = scores[i]
            outcome = add_to_skiplist(cx, z, hashes[i], &pairs[2 * i + 1], &tally.score, flags)
            if not count_in(tally, outcome):
                return outcome
        count -= n
        pairs += 2 * n
        scores += n
    return outcome


cdef int zset_add(Context* cx, Record* zset, const RespArg* pairs, const double* scores, size_t count, int flags,
                  ZsetTally* tally) noexcept nogil:
    """O(log n) per member in a skiplist, O(n) in a listpack and when it becomes a skiplist."""
    cdef int outcome = ZSET_SAME
    tally.added = tally.updated = 0
    while count and zset.encoding == ENC_LISTPACK:
        tally.score = scores[0]
        outcome = add_to_pack(cx, zset, &pairs[1], &tally.score, flags)
        if not count_in(tally, outcome):
            return outcome
        count -= 1
        pairs += 2
        scores += 1
    return add_many(cx, zset_of(zset), pairs, scores, count, flags, tally) if count else outcome


cdef int zset_remove(Context* cx, Record* zset, const RespArg* member) noexcept nogil:
    """O(log n) in a skiplist, O(n) in a listpack."""
    cdef Zset* z
    cdef SkipElement* element
    cdef HashtablePos pos
    cdef uint64_t hash
    cdef uint32_t at
    if zset.encoding == ENC_SKIPLIST:
        z = zset_of(zset)
        hash = hashtable_hash(&z.table, member.data, member.size)
        element = <SkipElement*>hashtable_find_with(&z.table, hash, member.data, member.size, &pos, skip_element_key)
        if element == NULL:
            return 0
        skiplist_remove(z.list, element)
        hashtable_remove_at(&z.table, hash, &pos)
        skip_element_free(cx.heap, element)
        return 1
    at = pack_find(pack_of(zset), member)
    if at == LISTPACK_NONE:
        return 0
    return 1 if listpack_delete_range(cx.heap, pack_slot(zset), &at, 2) else -1


cdef struct Dropping:
    Heap* heap
    Hashtable* table


cdef void drop_element(void* ctx, SkipElement* element) noexcept nogil:
    """An element that has left the list leaves the table."""
    cdef Dropping* dropping = <Dropping*>ctx
    hashtable_remove(dropping.table, hashtable_hash(dropping.table, element.member, element.size), element.member,
                     element.size)
    skip_element_free(dropping.heap, element)


cdef bint zset_remove_ranks(Context* cx, Record* zset, uint64_t start, uint64_t end) noexcept nogil:
    """O(log n + removed) in a skiplist, O(n) in a listpack."""
    cdef Dropping dropping
    cdef Zset* z
    cdef uint32_t at
    if start >= end:
        return True
    if zset.encoding == ENC_LISTPACK:
        at = listpack_seek(pack_of(zset), 2 * <int64_t>start)
        return listpack_delete_range(cx.heap, pack_slot(zset), &at, <uint32_t>(2 * (end - start)))
    z = zset_of(zset)
    dropping.heap = cx.heap
    dropping.table = &z.table
    if end - start > FEW or (start and end < skiplist_size(z.list)):
        skiplist_remove_range_by_rank(z.list, start, end, drop_element, &dropping)
        return True
    while start < end:
        drop_element(&dropping, skiplist_pop_last(z.list) if start else skiplist_pop_first(z.list))
        end -= 1
    return True


# ---- ranges ----

cdef uint64_t zset_range(const Record* zset, const SkipRange* range, uint64_t* start, uint64_t* end) noexcept nogil:
    """O(log n) in a skiplist, O(n) in a listpack."""
    if zset.encoding == ENC_SKIPLIST:
        return skiplist_range_ranks(zset_of(zset).list, range, start, end)
    pack_range(pack_of(zset), range, start, end)
    return end[0] - start[0]


# ---- chance ----

cdef void zset_random(Context* cx, const Record* zset, ListpackValue* member, double* score) noexcept nogil:
    """O(1) expected in a skiplist, by its table; O(n) in a listpack."""
    cdef ZsetWalk walk
    cdef SkipElement* element
    if zset.encoding == ENC_SKIPLIST:
        element = <SkipElement*>hashtable_random(&zset_of(zset).table, context_random(cx))
        element_member(element, member)
        score[0] = element.score
        return
    zset_walk(zset, random_below(cx, zset_size(zset)), False, &walk)
    zset_next(&walk, member, score)


cdef struct Visiting:
    ZsetVisit visit
    void* ctx


cdef void visit_element(void* ctx, void* entry) noexcept nogil:
    cdef Visiting* visiting = <Visiting*>ctx
    cdef ListpackValue member
    element_member(<SkipElement*>entry, &member)
    visiting.visit(visiting.ctx, &member, (<SkipElement*>entry).score)


cdef bint zset_sample(Context* cx, const Record* zset, size_t count, ZsetVisit visit, void* ctx) noexcept nogil:
    """O(count) for few of a skiplist. Otherwise all are gone through and each is taken with the chance
    needed / left (Knuth, TAOCP 2, 3.4.2, algorithm S): O(n).
    """
    cdef Visiting visiting
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef double score
    cdef size_t left = zset_size(zset)
    if zset.encoding == ENC_SKIPLIST and count < left // SPARSE:
        visiting.visit = visit
        visiting.ctx = ctx
        return draw_entries(cx, &zset_of(zset).table, count, visit_element, NULL, &visiting)
    zset_walk(zset, 0, False, &walk)
    while count and zset_next(&walk, &member, &score):
        if random_below(cx, left) < count:
            visit(ctx, &member, score)
            count -= 1
        left -= 1
    return True


# ---- walking ----

cdef void zset_walk(const Record* zset, uint64_t rank, bint back, ZsetWalk* walk) noexcept nogil:
    """O(log n) in a skiplist, O(1) at its ends; O(n) in a listpack."""
    cdef Skiplist* list
    walk.back = back
    walk.pack = NULL
    if zset.encoding == ENC_LISTPACK:
        walk.pack = pack_of(zset)
        walk.at = listpack_seek(walk.pack, 2 * <int64_t>rank)
        return
    list = zset_of(zset).list
    if rank == 0:
        skiplist_first(list, &walk.pos)
    else:
        skiplist_at(list, rank, &walk.pos)
    skiplist_look_ahead(walk.pos, back)


cdef bint zset_next(ZsetWalk* walk, ListpackValue* member, double* score) noexcept nogil:
    """Reads a member and moves on; false after the last one. O(1)."""
    cdef SkipElement* element
    if walk.pack == NULL:
        element = skiplist_get(walk.pos)
        if element == NULL:
            return False
        element_member(element, member)
        score[0] = element.score
        if walk.back:
            skiplist_prev(&walk.pos)
        else:
            skiplist_next(&walk.pos)
        return True
    if walk.at == LISTPACK_NONE:
        return False
    walk.at = pack_step(walk.pack, walk.at, walk.back, member, score)
    return True


cdef struct Showing:
    ZsetShow show
    void* ctx


cdef void show_element(void* ctx, void* entry) noexcept nogil:
    cdef Showing* showing = <Showing*>ctx
    cdef ListpackValue member, score
    cdef char[NUMBER_DOUBLE_MAX] digits
    element_member(<SkipElement*>entry, &member)
    score.text = <const uint8_t*>digits
    score.size = <uint32_t>number_format_digits((<SkipElement*>entry).score, digits)
    score.integer = False
    showing.show(showing.ctx, &member, &score)


cdef uint64_t zset_scan(const Record* zset, uint64_t cursor, ZsetShow show, void* ctx) noexcept nogil:
    """O(1) a step in a skiplist. A listpack comes whole, whatever the cursor."""
    cdef Showing showing
    cdef ListpackValue member, score
    cdef uint32_t at
    if zset.encoding == ENC_SKIPLIST:
        showing.show = show
        showing.ctx = ctx
        return hashtable_scan(&zset_of(zset).table, cursor, show_element, &showing)
    at = listpack_first(pack_of(zset))
    while at != LISTPACK_NONE:
        at = listpack_step(pack_of(zset), at, &member)
        at = listpack_step(pack_of(zset), at, &score)
        show(ctx, &member, &score)
    return 0


# ---- the table of types ----

cdef void zset_free(Context* cx, Record* zset) noexcept nogil:
    if zset.encoding == ENC_SKIPLIST:
        skiplist_drop(cx, zset_of(zset))
    else:
        listpack_free(cx.heap, pack_of(zset))


cdef bint zset_free_some(Context* cx, Record* zset, size_t some) noexcept nogil:
    """The table goes first, without a look at the elements, then the list with them."""
    cdef Zset* z
    if zset.encoding == ENC_LISTPACK:
        listpack_free(cx.heap, pack_of(zset))
        return True
    z = zset_of(zset)
    if hashtable_size(&z.table) and not hashtable_clear_some(&z.table, some, NULL, NULL):
        return False
    if not skiplist_free_some(z.list, some, skip_element_drop, cx.heap):
        return False
    hashtable_clear(&z.table, NULL, NULL)
    heap_free(cx.heap, z, sizeof(Zset))
    return True


cdef void* copy_skiplist(Context* cx, const Record* zset) noexcept nogil:
    cdef Zset* z = <Zset*>zset_new(cx, ENC_SKIPLIST)
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef double score
    if z == NULL:
        return NULL
    hashtable_expect(&z.table, zset_size(zset))
    zset_walk(zset, 0, False, &walk)
    while zset_next(&walk, &member, &score):
        if enter(cx, z, hashtable_hash(&z.table, member.text, member.size), member.text, member.size, score,
                 True) == NULL:
            skiplist_drop(cx, z)
            return NULL
    return z


cdef bint zset_copy(Context* cx, const Record* zset, Record* into) noexcept nogil:
    cdef void* copy
    if zset.encoding == ENC_SKIPLIST:
        copy = copy_skiplist(cx, zset)
    else:
        copy = listpack_copy(cx.heap, pack_of(zset))
    if copy == NULL:
        return False
    record_set_pointer(into, copy)
    return True


cdef size_t zset_memory(Context* cx, const Record* zset, size_t samples) noexcept nogil:
    """The mean of the first `samples` members stands for all of them; 0: every member is looked at."""
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef double score
    cdef Zset* z
    cdef size_t elements = 0, seen = 0
    if zset.encoding == ENC_LISTPACK:
        return listpack_memory(pack_of(zset))
    z = zset_of(zset)
    zset_walk(zset, 0, False, &walk)
    while (samples == 0 or seen < samples) and zset_next(&walk, &member, &score):
        elements += heap_good_size(skip_element_size(member.size))
        seen += 1
    if seen:
        elements = <size_t>(<double>elements / seen * zset_size(zset))
    return heap_good_size(sizeof(Zset)) + skiplist_memory(z.list) + hashtable_memory(&z.table) + elements
