/* listpack: what a listpack that came from outside must still be, once its bytes are known to be one, and how one
 * leaves.
 *
 * See listpack.h for the interface. The elements of sets and the fields of hashes must differ. Few are compared with
 * each other; many go through a table of their places, at most half full and probed in a row.
 */
#include "listpack.h"

#include <string.h>

#include "hash.h"

enum { FEW = 32, AT_ONCE = 64 };

static inline bool is_one_way(const uint8_t *lp) { return little_load32(lp) & LISTPACK_ONE_WAY; }

static inline uint32_t end_of(const uint8_t *lp, uint32_t next) {
    return next == LISTPACK_NONE ? listpack_bytes(lp) - 1 : next;
}

/* An element as this kernel would keep it: a text that is an integer's becomes one. */
static inline void settle(ListpackValue *value) {
    if (!value->integer)
        *value = listpack_text(value->text, value->size);
}

bool listpack_canonical(const uint8_t *lp) {
    for (uint32_t at = listpack_first(lp), next; at != LISTPACK_NONE; at = next) {
        ListpackValue value;
        next = listpack_step(lp, at, &value);
        settle(&value);
        if (end_of(lp, next) - at != listpack_entry_bytes(&value)) /* no two spellings are equally long */
            return false;
    }
    return true;
}

uint8_t *listpack_rewrite(Heap *heap, const uint8_t *lp, bool one_way) {
    ListpackValue values[AT_ONCE];
    uint8_t *made = one_way ? listpack_new_one_way(heap) : listpack_new(heap);
    uint32_t at = listpack_first(lp);
    size_t n = 0;
    while (made && at != LISTPACK_NONE) {
        at = listpack_step(lp, at, &values[n]);
        settle(&values[n++]);
        if (n < AT_ONCE && at != LISTPACK_NONE)
            continue;
        if (!listpack_append_many(heap, &made, values, n)) {
            listpack_free(heap, made);
            return NULL;
        }
        n = 0;
    }
    return made;
}

/* The place after the entry which ends at `next` and `skip` more. */
static inline uint32_t pass(const uint8_t *lp, uint32_t next, uint32_t skip) {
    while (skip-- && next != LISTPACK_NONE)
        next = listpack_next(lp, next);
    return next;
}

static int distinct_among_few(const uint8_t *lp, uint32_t skip) {
    uint32_t at = listpack_first(lp);
    while (at != LISTPACK_NONE) {
        ListpackValue value;
        at = pass(lp, listpack_step(lp, at, &value), skip);
        if (listpack_find(lp, at, &value, skip) != LISTPACK_NONE)
            return 0;
    }
    return 1;
}

/* Finds or enters the entry at..end; whether it was there. */
static bool seen(uint32_t *table, uint32_t mask, uint64_t hash, const uint8_t *lp, uint32_t at,
                 uint32_t end) {
    uint32_t i = (uint32_t)hash & mask;
    for (; table[i]; i = (i + 1) & mask) {
        uint32_t other = table[i], other_end = end_of(lp, listpack_next(lp, other));
        if (other_end - other == end - at && memcmp(lp + other, lp + at, end - at) == 0)
            return true;
    }
    table[i] = at;
    return false;
}

/* Enters the first `most` entries: 1: that were all, 0: two are equal, 2: there are more. */
static int enter(uint32_t *table, uint32_t mask, const uint64_t seed[2], const uint8_t *lp, uint32_t skip) {
    uint32_t at = listpack_first(lp);
    for (uint32_t most = (mask + 1) / 2; most && at != LISTPACK_NONE; most--) {
        uint32_t next = listpack_next(lp, at), end = end_of(lp, next);
        if (seen(table, mask, hash_bytes(seed, lp + at, end - at), lp, at, end))
            return 0;
        at = pass(lp, next, skip);
    }
    return at == LISTPACK_NONE ? 1 : 2;
}

int listpack_distinct(Heap *heap, const uint64_t seed[2], const uint8_t *lp, uint32_t skip) {
    if (listpack_bytes(lp) < 2 * FEW * (skip + 1) || listpack_count(lp) <= FEW * (skip + 1))
        return distinct_among_few(lp, skip);
    /* begun anew with twice the room until all fit: whoever repeats himself is found out before he costs much */
    for (size_t room = 8 * FEW;; room *= 2) {
        uint32_t *table = heap_alloc(heap, room * sizeof *table);
        if (!table)
            return -1;
        memset(table, 0, room * sizeof *table);
        int outcome = enter(table, (uint32_t)(room - 1), seed, lp, skip);
        heap_free(heap, table, room * sizeof *table);
        if (outcome != 2)
            return outcome;
    }
}

/* ---- leaving ---- */

size_t listpack_published_bytes(const uint8_t *lp) {
    size_t bytes = LISTPACK_EMPTY_BYTES;
    if (!is_one_way(lp))
        return listpack_bytes(lp);
    for (uint32_t at = listpack_first(lp); at != LISTPACK_NONE;) {
        ListpackValue value;
        at = listpack_step(lp, at, &value);
        bytes += listpack_entry_bytes(&value);
    }
    return bytes;
}

void listpack_publish(const uint8_t *lp, uint8_t *out) {
    uint8_t *p = out + LISTPACK_HEADER;
    if (!is_one_way(lp)) {
        memcpy(out, lp, listpack_bytes(lp));
        return;
    }
    memcpy(out + 4, lp + 4, 2);
    for (uint32_t at = listpack_first(lp), next; at != LISTPACK_NONE; at = next) {
        ListpackValue value;
        next = listpack_step(lp, at, &value);
        size_t data = end_of(lp, next) - at, back = listpack_entry_bytes(&value) - data;
        memcpy(p, lp + at, data);
        p += data;
        for (size_t i = back; i-- > 0; data >>= 7)
            p[i] = (uint8_t)((data & 127) | (i ? 128 : 0));
        p += back;
    }
    *p++ = LISTPACK_END;
    little_store32(out, (uint32_t)(p - out));
}
