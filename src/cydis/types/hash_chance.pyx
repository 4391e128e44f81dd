"""Random fields of hashes. See hash_chance.pxd for the contract.

Where fields have expired and not gone yet, draws that meet one of them are made again as long as at least half of the
fields are live; else the live ones are counted through, so that no draw goes on for ever.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.string cimport memset

from cydis.core.hashtable cimport HashtableIter, hashtable_next, hashtable_random, hashtable_size
from cydis.core.heap cimport heap_alloc, heap_free
from cydis.core.listpack cimport listpack_count, listpack_get, listpack_seek, listpack_step
from cydis.types.context cimport context_random
from cydis.types.draw cimport SPARSE, DrawSkip, draw_entries, random_below
from cydis.types.encodings cimport ENC_LISTPACK
from cydis.types.hash_parts cimport Visiting, entry_of, hiding_of, pack_of, table_of, visit_entry
from cydis.types.hashes cimport HashWalk, hash_live, hash_next, hash_size, hash_walk
from cydis.types.timed cimport TimedTable, timed_expired, timed_of

cdef enum:
    TRIES = 64                            # draws that may meet an expired field, where every second one is live


cdef void random_live(Context* cx, const Record* hash, size_t live, ListpackValue* field,
                      ListpackValue* value) noexcept nogil:
    """One of the `live` fields of a timed table in which others have expired.

    O(1) expected while at least half of the fields are live, else O(n).
    """
    cdef const TimedTable* t = timed_of(hash)
    cdef HashWalk walk
    cdef void* entry
    cdef size_t tries = TRIES if 2 * live >= hashtable_size(&t.table) else 0, skip
    while tries:
        entry = hashtable_random(&t.table, context_random(cx))
        if not timed_expired(t, <Field*>entry):
            entry_of(entry, field, value)
            return
        tries -= 1
    hash_walk(hash, &walk)
    skip = random_below(cx, live) + 1
    while skip and hash_next(&walk, field, value):
        skip -= 1


cdef bint hash_random(Context* cx, const Record* hash, ListpackValue* field, ListpackValue* value) noexcept nogil:
    """O(1) expected; O(n) in a listpack, and where most fields have expired."""
    cdef uint8_t* pack
    cdef uint32_t at
    cdef size_t live
    if hash.encoding != ENC_LISTPACK:
        if hiding_of(hash) != NULL:
            live = hash_live(hash)
            if live:
                random_live(cx, hash, live, field, value)
            return live != 0
        entry_of(hashtable_random(table_of(hash), context_random(cx)), field, value)
        return True
    pack = pack_of(hash)
    at = listpack_seek(pack, 2 * <int64_t>random_below(cx, listpack_count(pack) // 2))
    at = listpack_step(pack, at, field)
    value[0] = listpack_get(pack, at)
    return True


cdef bint hash_draw_begin(Context* cx, const Record* hash, HashDraw* draw) noexcept nogil:
    """O(1), or O(n) where most fields have expired."""
    cdef const TimedTable* t = hiding_of(hash)
    cdef HashtableIter iter
    cdef Field* entry
    cdef size_t n = 0
    draw.hash = hash
    draw.live = NULL
    if t == NULL:
        return True
    draw.count = hash_live(hash)
    if 2 * draw.count >= hashtable_size(&t.table):
        return True
    draw.live = <Field**>heap_alloc(cx.heap, draw.count * sizeof(Field*))
    if draw.live == NULL:
        return False
    memset(&iter, 0, sizeof(HashtableIter))
    while n < draw.count:
        entry = <Field*>hashtable_next(&t.table, &iter)
        if not timed_expired(t, entry):
            draw.live[n] = entry
            n += 1
    return True


cdef void hash_draw(Context* cx, HashDraw* draw, ListpackValue* field, ListpackValue* value) noexcept nogil:
    if draw.live != NULL:
        entry_of(draw.live[random_below(cx, draw.count)], field, value)
    else:
        hash_random(cx, draw.hash, field, value)


cdef void hash_draw_end(Context* cx, HashDraw* draw) noexcept nogil:
    if draw.live != NULL:
        heap_free(cx.heap, draw.live, draw.count * sizeof(Field*))


cdef bint skip_entry(void* ctx, void* entry) noexcept nogil:
    return timed_expired((<Visiting*>ctx).hiding, <Field*>entry)


cdef bint hash_sample(Context* cx, const Record* hash, size_t count, HashVisit visit, void* ctx) noexcept nogil:
    """O(count) for few of a hash table, half of which is live. Otherwise all are gone through and each is taken with
    the chance needed / left (Knuth, TAOCP 2, 3.4.2, algorithm S): O(n).
    """
    cdef Visiting visiting
    cdef HashWalk walk
    cdef ListpackValue field, value
    cdef DrawSkip skip = NULL
    cdef size_t left = hash_live(hash)
    if hash.encoding != ENC_LISTPACK and count < left // SPARSE and 2 * left >= hash_size(hash):
        visiting.visit = visit
        visiting.ctx = ctx
        visiting.hiding = hiding_of(hash)
        if visiting.hiding != NULL:
            skip = skip_entry
        return draw_entries(cx, table_of(hash), count, visit_entry, skip, &visiting)
    hash_walk(hash, &walk)
    while count and hash_next(&walk, &field, &value):
        if random_below(cx, left) < count:
            visit(ctx, &field, &value)
            count -= 1
        left -= 1
    return True
