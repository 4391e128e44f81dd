/* hashtable: opaque entries found by their key, in cache lines, growing one line at a time.
 *
 * The table holds pointers; the entries belong to the caller, who tells where the key stands in one
 * (HashtableKey). Entries are 8-byte aligned addresses of at most 48 bits. Every entry carries one
 * bit for its owner, the mark, which can be read without touching the entry.
 *
 * Conventions
 *   - hash is hashtable_hash of the key: callers compute it early, prefetch, and pass it on
 *   - a HashtablePos is good until the next insert or remove
 *   - the table may be moved in memory (it holds no address of itself), and must not be copied
 *   - memory that is missing makes an insert fail and leaves the table as it was; what else needs
 *     memory (splitting, merging) is put off until there is some
 *
 * See hashtable.c for the layout, the invariants and the costs.
 */
#ifndef CYDIS_HASHTABLE_H
#define CYDIS_HASHTABLE_H

#include "hash.h"
#include "heap.h"

#if defined(__SSE2__) && defined(__x86_64__)
#include <emmintrin.h>
#define HASHTABLE_SSE2 1
#else
#define HASHTABLE_SSE2 0
#endif

/* A function that only prefetches looks to the compiler as if it did nothing: a call to it is dropped. */
#define HASHTABLE_ALWAYS_INLINE static inline __attribute__((always_inline))

#define HASHTABLE_SLOTS 7
#define HASHTABLE_SEGMENTS 13
#define HASHTABLE_FIRST_BITS 8          /* the first segment: up to 2^8 buckets */
#define HASHTABLE_MORE 0x80             /* flag: slot 6 is the address of the chain's next line */
#define HASHTABLE_MARK ((uint64_t)1)
#define HASHTABLE_ADDRESS ((uint64_t)0x0000fffffffffff8)
#define HASHTABLE_WINDOW 10             /* a slot holds the hash bits [10, 26) */

/* Where the key of an entry stands, and its size. */
typedef const uint8_t *(*HashtableKey)(const void *entry, size_t *size);
typedef void (*HashtableVisit)(void *ctx, void *entry);

typedef struct {
    uint8_t tags[HASHTABLE_SLOTS];
    uint8_t flags;                      /* a bit per occupied slot, and HASHTABLE_MORE */
    uint64_t slots[HASHTABLE_SLOTS];
} HashtableLine;

typedef struct Hashtable {
    uint64_t seed[2];
    size_t mask;                        /* 2^k - 1 of the smallest power of two that holds all buckets */
    size_t buckets;                     /* 0: nothing allocated */
    size_t size;                        /* entries */
    size_t chained;                     /* lines outside the segments */
    HashtableKey key;
    Heap *heap;
    uint32_t first_lines;               /* allocated lines of segment 0 */
    uint32_t paused;                    /* > 0: neither split nor merge */
    uintptr_t segments[HASHTABLE_SEGMENTS]; /* address of a segment's bucket i, minus 64 i */
} Hashtable;

typedef struct {
    HashtableLine *line;
    unsigned slot;
} HashtablePos;

typedef struct {
    size_t bucket;
    HashtableLine *line;
    unsigned slot;
} HashtableIter;

typedef struct {
    size_t size, buckets, chained;      /* entries, buckets, lines beyond the buckets */
    size_t first_line;                  /* entries in the first line of their chain */
    size_t longest;                     /* entries of the fullest bucket */
    size_t filled[16];                  /* buckets with 0, 1, … entries; the last: 15 and more */
} HashtableStats;

/* An empty table, which takes no memory. Cannot fail; true for symmetry with other structures. */
bool hashtable_init(Hashtable *t, Heap *heap, const uint64_t seed[2], HashtableKey key);

static inline uint64_t hashtable_hash(const Hashtable *t, const void *key, size_t size) {
    return hash_bytes(t->seed, key, size);
}

/* Makes buckets in an empty table for so many entries, all of which will come: they need not be split into
 * being one by one. Fewer than that make the table larger than it should be until something is removed.
 * Without memory there are fewer buckets. O(entries / 4). */
void hashtable_expect(Hashtable *t, size_t entries);

/* Adds an entry whose key is known to be absent. False: no memory, nothing changed. O(1). */
bool hashtable_insert(Hashtable *t, uint64_t hash, void *entry, bool mark);

/* The entry of the key, or NULL; its place goes to *pos, if pos is not NULL. O(1). */
void *hashtable_find(const Hashtable *t, uint64_t hash, const void *key, size_t size, HashtablePos *pos);

/* Takes out the entry at pos, whose key has this hash; the caller frees it. O(1). */
void *hashtable_remove_at(Hashtable *t, uint64_t hash, HashtablePos *pos);

/* Takes out and returns the entry of the key, or NULL. O(1). */
void *hashtable_remove(Hashtable *t, uint64_t hash, const void *key, size_t size);

/* Visits the entries of one bucket and its image, and returns the next cursor; 0 begins and ends.
 * An entry that is in the table from the first call to the last is visited at least once, however
 * the table grows and shrinks between calls. visit may remove the entry it is given, from this table
 * and altogether; it must remove or insert nothing else. O(1). */
uint64_t hashtable_scan(const Hashtable *t, uint64_t cursor, HashtableVisit visit, void *ctx);

/* The same for marked entries only; the others are not touched. */
uint64_t hashtable_scan_marked(const Hashtable *t, uint64_t cursor, HashtableVisit visit, void *ctx);

/* Keeps the table from growing and shrinking, so that several calls of scan that remove what they
 * visit meet no entry twice; calls nest. Resume makes up for the removals since, given their number. */
void hashtable_pause(Hashtable *t);
void hashtable_resume(Hashtable *t, size_t removed);

/* An entry chosen by a random number, each nearly equally likely; NULL if there is none. O(1) expected. */
void *hashtable_random(const Hashtable *t, uint64_t random);

/* The next entry of an iteration begun with a zeroed iter; NULL at the end. The table must not change. */
void *hashtable_next(const Hashtable *t, HashtableIter *iter);

/* Bytes of the table itself, beyond the struct. O(1). */
size_t hashtable_memory(const Hashtable *t);

/* Empties the table; every entry is given to drop, if drop is not NULL. */
void hashtable_clear(Hashtable *t, HashtableVisit drop, void *ctx);

/* Drops about max_entries (whole buckets, and at least one); true: the table is empty now. The table
 * is whole between calls. O(max_entries). */
bool hashtable_clear_some(Hashtable *t, size_t max_entries, HashtableVisit drop, void *ctx);

/* All invariants, reading every entry's key; false (with a line on stderr) on the first broken one. */
bool hashtable_check(const Hashtable *t);

void hashtable_stats(const Hashtable *t, HashtableStats *stats);

/* ---- the hot paths ---- */

static inline size_t hashtable_size(const Hashtable *t) { return t->size; }

/* The segment of a bucket: 0 for [0, 2^8), s for [2^(2s+6), 2^(2s+8)). */
static inline unsigned hashtable_segment(size_t bucket) {
    unsigned top = 63 - (unsigned)__builtin_clzll(bucket | ((1u << HASHTABLE_FIRST_BITS) - 1));
    return (top - (HASHTABLE_FIRST_BITS - 2)) >> 1;
}

static inline HashtableLine *hashtable_bucket(const Hashtable *t, size_t bucket) {
    return (HashtableLine *)(t->segments[hashtable_segment(bucket)] + bucket * sizeof(HashtableLine));
}

/* Linear hashing: one bit more for the buckets that have been split already. */
static inline size_t hashtable_index(const Hashtable *t, uint64_t hash) {
    size_t bucket = hash & t->mask;
    return bucket < t->buckets ? bucket : bucket & t->mask >> 1;
}

static inline HashtableLine *hashtable_line(const Hashtable *t, uint64_t hash) {
    return hashtable_bucket(t, hashtable_index(t, hash));
}

static inline HashtableLine *hashtable_more(const HashtableLine *line) {
    return line->flags & HASHTABLE_MORE ? (HashtableLine *)(uintptr_t)line->slots[HASHTABLE_SLOTS - 1] : NULL;
}

static inline uint8_t hashtable_tag(uint64_t hash) { return (uint8_t)(hash >> 56); }

static inline uint64_t hashtable_window(uint64_t hash) {
    return hash << (48 - HASHTABLE_WINDOW) & ~(uint64_t)0xffffffffffff;
}

static inline void *hashtable_entry(uint64_t slot) { return (void *)(uintptr_t)(slot & HASHTABLE_ADDRESS); }

/* A bit per occupied slot whose tag is `tag`. */
static inline unsigned hashtable_matches(const HashtableLine *line, uint8_t tag) {
#if HASHTABLE_SSE2
    __m128i tags = _mm_loadl_epi64((const __m128i *)line);
    unsigned equal = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag)));
#else
    uint64_t low = 0x7f7f7f7f7f7f7f7f;
    uint64_t x = little_load64(line) ^ tag * (uint64_t)0x0101010101010101;
    uint64_t zero = ~(((x & low) + low) | x | low); /* 0x80 in each byte that is zero, exactly */
    unsigned equal = (unsigned)((zero >> 7) * 0x0102040810204080 >> 56);
#endif
    return equal & line->flags & 0x7f;
}

static inline bool hashtable_same(const uint8_t *a, const uint8_t *b, size_t size) {
    if (size >= 8) {
        for (size_t i = 0; i + 8 < size; i += 8)
            if (little_load64(a + i) != little_load64(b + i))
                return false;
        return little_load64(a + size - 8) == little_load64(b + size - 8);
    }
    if (size >= 4)
        return little_load32(a) == little_load32(b)
               && little_load32(a + size - 4) == little_load32(b + size - 4);
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

/* hashtable_find with a key function that the compiler can inline when it is a constant. */
static inline __attribute__((always_inline)) void *hashtable_find_with(const Hashtable *t, uint64_t hash,
                                                                       const void *key, size_t size,
                                                                       HashtablePos *pos,
                                                                       HashtableKey keyfn) {
    uint64_t window = hashtable_window(hash);
    uint8_t tag = hashtable_tag(hash);
    for (HashtableLine *line = hashtable_line(t, hash); line != NULL; line = hashtable_more(line)) {
        for (unsigned m = hashtable_matches(line, tag); m != 0; m &= m - 1) {
            unsigned slot = (unsigned)__builtin_ctz(m);
            if ((line->slots[slot] ^ window) >> 48 != 0)
                continue; /* the tag agrees by chance: do not touch the entry */
            void *entry = hashtable_entry(line->slots[slot]);
            size_t own_size;
            const uint8_t *own = keyfn(entry, &own_size);
            if (own_size == size && hashtable_same(own, (const uint8_t *)key, size)) {
                if (pos)
                    *pos = (HashtablePos){line, slot};
                return entry;
            }
        }
    }
    return NULL;
}

/* Fetches the line where the hash belongs, for a later hashtable_prefetch_entry or hashtable_find. */
HASHTABLE_ALWAYS_INLINE void hashtable_prefetch_bucket(const Hashtable *t, uint64_t hash) {
    __builtin_prefetch(hashtable_line(t, hash));
}

/* Reads the bucket's line and fetches what a find would touch next: the first 40 bytes or more of
 * the entry that matches, or the chain's next line. */
HASHTABLE_ALWAYS_INLINE void hashtable_prefetch_entry(const Hashtable *t, uint64_t hash) {
    const HashtableLine *line = hashtable_line(t, hash);
    uint64_t window = hashtable_window(hash);
    for (unsigned m = hashtable_matches(line, hashtable_tag(hash)); m != 0; m &= m - 1) {
        uint64_t slot = line->slots[__builtin_ctz(m)];
        if ((slot ^ window) >> 48 == 0) {
            __builtin_prefetch(hashtable_entry(slot));
            __builtin_prefetch((const char *)hashtable_entry(slot) + 39);
            return;
        }
    }
    if (line->flags & HASHTABLE_MORE)
        __builtin_prefetch(hashtable_more(line));
}

/* Puts another entry with the same key where the old one was, which the caller frees. O(1). */
static inline void hashtable_replace(Hashtable *t, HashtablePos *pos, void *entry, bool mark) {
    (void)t;
    uint64_t *slot = &pos->line->slots[pos->slot];
    *slot = (*slot & ~(uint64_t)0xffffffffffff) | (uint64_t)(uintptr_t)entry | mark;
}

static inline bool hashtable_mark(const HashtablePos *pos) {
    return pos->line->slots[pos->slot] & HASHTABLE_MARK;
}

static inline void hashtable_set_mark(HashtablePos *pos, bool mark) {
    uint64_t *slot = &pos->line->slots[pos->slot];
    *slot = (*slot & ~HASHTABLE_MARK) | mark;
}

#endif
