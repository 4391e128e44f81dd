/* hashtable_walk: going over the entries of a hash table: scan, iteration, random choice, check.
 *
 * Scan. The cursor holds a bucket number under the mask 2^k - 1 of the buckets that all exist. One
 * step visits that bucket and, if it was split already, its image 2^k above, then adds one to the
 * cursor with its bits reversed, the highest bit of the mask first. Two groups that come from one by
 * a split are next to each other in this order, so a change of k between two steps never makes the
 * walk jump over an entry; at worst it sees some again. No state is kept in the table.
 *
 * While entries are being visited the table neither splits nor merges, and a chain is walked from its
 * end by position: removing the visited entry moves only one that was visited before. A step asks for
 * the lines that the next but one will read, and for the entries of the next one's lines: few steps
 * are alone, and their buckets lie far apart.
 *
 * After: Pieter Noordhuis's cursor for the dictionary of Redis (2012), here over linear hashing.
 */
#include "hashtable.h"
#include "internal/hashlines.h"

#include <stdio.h>

#define AHEAD 4       /* draws of a random choice whose lines are asked for together */
#define IN_CACHE 4096 /* buckets that may be expected in the cache */

/* ---- scan ---- */

static uint64_t reversed(uint64_t x) {
    x = (x >> 1 & 0x5555555555555555) | (x & 0x5555555555555555) << 1;
    x = (x >> 2 & 0x3333333333333333) | (x & 0x3333333333333333) << 2;
    x = (x >> 4 & 0x0f0f0f0f0f0f0f0f) | (x & 0x0f0f0f0f0f0f0f0f) << 4;
    return __builtin_bswap64(x);
}

HASHTABLE_ALWAYS_INLINE void chain_prefetch(const HashtableLine *line) {
    for (; line != NULL; line = hashtable_more(line)) {
        unsigned n = line_count(line);
        for (unsigned i = 0; i < n; i++)
            __builtin_prefetch(hashtable_entry(line->slots[i]));
    }
}

/* The lines of a bucket and its image, and the entries of both. */
HASHTABLE_ALWAYS_INLINE void lines_prefetch(const Hashtable *t, size_t bucket, size_t mask) {
    __builtin_prefetch(hashtable_bucket(t, bucket));
    if (bucket + mask + 1 < t->buckets)
        __builtin_prefetch(hashtable_bucket(t, bucket + mask + 1));
}

HASHTABLE_ALWAYS_INLINE void entries_prefetch(const Hashtable *t, size_t bucket, size_t mask) {
    chain_prefetch(hashtable_bucket(t, bucket));
    if (bucket + mask + 1 < t->buckets)
        chain_prefetch(hashtable_bucket(t, bucket + mask + 1));
}

static void visit_chain(HashtableLine *line, uint64_t wanted, HashtableVisit visit, void *ctx) {
    for (size_t p = chain_count(line); p-- > 0;) {
        HashtablePos pos = chain_at(line, p);
        uint64_t slot = pos.line->slots[pos.slot];
        if ((slot & wanted) == wanted)
            visit(ctx, hashtable_entry(slot));
    }
}

void hashtable_pause(Hashtable *t) { t->paused++; }

void hashtable_resume(Hashtable *t, size_t removed) {
    t->paused--;
    if (removed > 0)
        hashtable_settle(t, 2 * removed);
}

static uint64_t after_cursor(uint64_t cursor, size_t mask) {
    return reversed(reversed(cursor | ~(uint64_t)mask) + 1);
}

static uint64_t scan(Hashtable *t, uint64_t cursor, uint64_t wanted, HashtableVisit visit, void *ctx) {
    if (t->size == 0)
        return 0;
    size_t mask = whole_mask(t), before = t->size;
    size_t bucket = cursor & mask, image = bucket + mask + 1;
    uint64_t next = after_cursor(cursor, mask);
    if (!wanted && t->buckets > IN_CACHE) {
        lines_prefetch(t, next & mask, mask);
        lines_prefetch(t, after_cursor(next, mask) & mask, mask);
        entries_prefetch(t, bucket, mask);
        entries_prefetch(t, next & mask, mask);
    }
    hashtable_pause(t);
    visit_chain(hashtable_bucket(t, bucket), wanted, visit, ctx);
    if (image < t->buckets)
        visit_chain(hashtable_bucket(t, image), wanted, visit, ctx);
    hashtable_resume(t, before - t->size);
    return next;
}

/* The table is const to those who only look; a visit that removes has it writable anyway. */
uint64_t hashtable_scan(const Hashtable *t, uint64_t cursor, HashtableVisit visit, void *ctx) {
    return scan((Hashtable *)(uintptr_t)t, cursor, 0, visit, ctx);
}

uint64_t hashtable_scan_marked(const Hashtable *t, uint64_t cursor, HashtableVisit visit, void *ctx) {
    return scan((Hashtable *)(uintptr_t)t, cursor, HASHTABLE_MARK, visit, ctx);
}

/* ---- random choice and iteration ---- */

static uint64_t mixed(uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9;
    x ^= x >> 27;
    x *= 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static inline HashtableLine *drawn_bucket(const Hashtable *t, uint64_t drawn) {
    return hashtable_bucket(t, (drawn >> 32) * t->buckets >> 32);
}

/* A bucket and a position below 16 are drawn until there is an entry: then all entries are equally
 * likely. In a bucket of more than 16 (rare) each entry is a little less likely than elsewhere. Four
 * draws are needed on average, and in a large table each waits for memory: so they wait together. */
void *hashtable_random(const Hashtable *t, uint64_t random) {
    if (t->size == 0)
        return NULL;
    const size_t positions = 16;
    const uint64_t step = 0x9e3779b97f4a7c15;
    for (uint64_t i = 1; i < AHEAD && t->buckets > IN_CACHE; i++)
        __builtin_prefetch(drawn_bucket(t, mixed(random + i * step)));
    for (int tries = 0; tries < 200; tries++) {
        if (t->buckets > IN_CACHE)
            __builtin_prefetch(drawn_bucket(t, mixed(random + AHEAD * step)));
        random += step;
        uint64_t drawn = mixed(random);
        HashtableLine *line = drawn_bucket(t, drawn);
        size_t count = chain_count(line), p = drawn & (positions - 1);
        if (count > positions || t->buckets == 1)
            p = (drawn & 0xffffffff) * count >> 32;
        if (p < count) {
            HashtablePos pos = chain_at(line, p);
            return hashtable_entry(pos.line->slots[pos.slot]);
        }
    }
    for (size_t b = mixed(random) % t->buckets;; b = b + 1 < t->buckets ? b + 1 : 0) {
        const HashtableLine *line = hashtable_bucket(t, b); /* almost empty: the next one there is */
        if (line_count(line) > 0)
            return hashtable_entry(line->slots[0]);
    }
}

void *hashtable_next(const Hashtable *t, HashtableIter *iter) {
    for (;;) {
        if (iter->line == NULL) {
            if (iter->bucket >= t->buckets)
                return NULL;
            iter->line = hashtable_bucket(t, iter->bucket++);
            iter->slot = 0;
            if (iter->bucket < t->buckets)
                chain_prefetch(hashtable_bucket(t, iter->bucket));
        }
        if (iter->slot < line_count(iter->line))
            return hashtable_entry(iter->line->slots[iter->slot++]);
        iter->line = hashtable_more(iter->line);
        iter->slot = 0;
    }
}

/* ---- statistics and check ---- */

void hashtable_stats(const Hashtable *t, HashtableStats *stats) {
    *stats = (HashtableStats){.size = t->size, .buckets = t->buckets, .chained = t->chained};
    for (size_t b = 0; b < t->buckets; b++) {
        const HashtableLine *line = hashtable_bucket(t, b);
        size_t n = chain_count(line);
        stats->first_line += line_count(line);
        stats->filled[n < 15 ? n : 15]++;
        if (n > stats->longest)
            stats->longest = n;
    }
}

static bool broken(const char *what, size_t bucket) {
    fprintf(stderr, "hashtable: %s (bucket %zu)\n", what, bucket);
    return false;
}

static bool slot_check(const Hashtable *t, size_t bucket, const HashtableLine *line, unsigned slot) {
    size_t size;
    uint64_t value = line->slots[slot];
    const uint8_t *key = t->key(hashtable_entry(value), &size);
    uint64_t hash = hashtable_hash(t, key, size);
    if (hashtable_index(t, hash) != bucket)
        return broken("entry in a wrong bucket", bucket);
    if (line->tags[slot] != hashtable_tag(hash) || value >> 48 != hashtable_window(hash) >> 48)
        return broken("entry with wrong bits of its hash", bucket);
    return true;
}

static bool chain_check(const Hashtable *t, size_t bucket, size_t *entries, size_t *chained) {
    const HashtableLine *line = hashtable_bucket(t, bucket);
    for (bool first = true; line != NULL; first = false) {
        unsigned n = line_count(line);
        bool more = line->flags & HASHTABLE_MORE;
        if ((line->flags & 0x7f) != (1u << n) - 1 || (more && n != LINE_CHAINED)
            || (!more && !first && n < 2))
            return broken("chain not compact", bucket);
        for (unsigned i = 0; i < n; i++)
            if (!slot_check(t, bucket, line, i))
                return false;
        *entries += n;
        *chained += !first;
        line = hashtable_more(line);
    }
    return true;
}

bool hashtable_check(const Hashtable *t) {
    size_t entries = 0, chained = 0;
    if (t->mask & (t->mask + 1) || t->buckets > t->mask + 1 || (t->mask && t->buckets <= (t->mask + 1) / 2))
        return broken("mask does not fit", t->buckets);
    for (size_t b = 0; b < t->buckets; b++)
        if (!chain_check(t, b, &entries, &chained))
            return false;
    if (entries != t->size || chained != t->chained)
        return broken("wrong number of entries or lines", t->buckets);
    return true;
}
