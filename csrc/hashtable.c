/* hashtable: linear hashing over cache lines.
 *
 *   line, 64 bytes, aligned to 64
 *   OFFSET  SIZE  MEANING
 *   0       7     tags: hash bits [56, 64) of the entry in slot 0 … 6, compared all at once
 *   7       1     flags: bit i = slot i is occupied; bit 7 = slot 6 is the chain's next line
 *   8       7 × 8 slots: bits [48, 64) hash bits [10, 26), bits [3, 48) address, bit 0 the mark
 *
 *   segments   0: [0, 256)   1: [256, 1024)   2: [1024, 4096)   …   12: [2^30, 2^32)
 *   ┌───────┐  ┌──┬──┬──┬───┐      ┌────────────┐ next line of the chain, from the heap
 *   │   0  ─┼─→│  │  │  │ … │      │ 2 … 7 more │
 *   │   1  ─┼─→├──┼──┼──┼───┼──────┼→           │
 *   │   2   │  │  │  │▲ │ · │      └────────────┘
 *   └───────┘  └──┴──┴┼─┴───┘
 *                     buckets: the next to appear, by splitting bucket (buckets - 2^k)
 *
 * A hash belongs to bucket hash mod 2^(k+1) if there is such a bucket yet, else hash mod 2^k, where
 * 2^k <= buckets < 2^(k+1). Appending bucket b moves the entries of bucket b - 2^k whose hash bit k
 * is set; for 2^10 <= b < 2^26 that bit stands in the slot, and no entry is touched. Removing the
 * last bucket appends its entries to the chain of its image, for which no hash is needed.
 *
 * Segment 0 grows by steps of a quarter from one line up (the only copying: 16 KiB at most). The
 * others are address space that is touched line by line as buckets appear (heap_map).
 *
 * Invariants
 *   - chains are compact (internal/hashlines.h); chained = lines outside the segments
 *   - mask = 2^k - 1 of the smallest power of two >= buckets; bytes of lines beyond `buckets` mean
 *     nothing
 *   - an empty table of no bucket points at a constant empty line, so that a find needs no test
 *
 * Fill. Lines are the measure, chained ones included: an insert appends a bucket when there are more
 * than 4.125 entries per line, so the table takes 15.5 bytes per entry at any size beyond some dozens; a
 * remove merges below 3.56 entries per line, which leaves n/7 removals between the one and the other.
 * Of the finds of present keys 87 to 94 % end in the first line, 90 % on average over all sizes. Doubling
 * quickly once it has begun was set aside: under the same ceiling on bytes it must begin at 8.5 entries
 * per bucket, where a third of the finds need a second line, and averages 85 % (with 12.5 to 16 bytes).
 *
 * Costs: find one line in most cases, and the entry; insert and remove O(1) with at most two splits
 * or merges. Nothing depends on the size of the table, so there is no pause at any size.
 *
 * After: Litwin, "Linear Hashing: a new tool for file and table addressing" (VLDB 1980); Larson,
 * "Dynamic Hash Tables" (CACM 1988), for segments in memory; the tags are those of Bronson and Shi,
 * "Open-sourcing F14" (2019), and others.
 */
#include "hashtable.h"
#include "internal/hashlines.h"

#define FILL_MOST 66  /* entries per 16 lines: append a bucket above */
#define FILL_LEAST 57 /* merge below */
#define STEPS 2       /* splits or merges of one operation */
#define FIRST_LINES ((size_t)1 << HASHTABLE_FIRST_BITS)
#define MAX_BUCKETS ((size_t)1 << 32)
#define SMALL_PIECE ((size_t)64 << 10)
#define HUGE_PIECE ((size_t)2 << 20)
#define BACK_PIECE ((size_t)256 << 10) /* goes back to the system in some 25 us, a huge one in 0.2 ms */

_Static_assert(sizeof(HashtableLine) == 64, "a bucket is one cache line");
_Static_assert(sizeof(Hashtable) <= 192, "a table is cheap to embed");

static const HashtableLine NO_LINE = {.flags = 0};

bool hashtable_init(Hashtable *t, Heap *heap, const uint64_t seed[2], HashtableKey key) {
    *t = (Hashtable){.seed = {seed[0], seed[1]}, .key = key, .heap = heap};
    t->segments[0] = (uintptr_t)&NO_LINE;
    return true;
}

/* ---- segments ---- */

/* Buckets of segment s > 0 begin here, and end at four times that. */
static size_t segment_start(unsigned s) { return (size_t)1 << (2 * s + HASHTABLE_FIRST_BITS - 2); }

/* Whether a segment may have huge pages. */
static bool segment_is_huge(unsigned s) { return s >= 5; }

static bool first_resize(Hashtable *t, size_t lines) {
    size_t bytes = heap_good_size(lines * sizeof(HashtableLine)) & ~(sizeof(HashtableLine) - 1);
    HashtableLine *made = heap_alloc(t->heap, bytes);
    if (made == NULL)
        return false;
    if (t->first_lines) {
        HashtableLine *old = (HashtableLine *)t->segments[0];
        memcpy(made, old, (t->buckets < lines ? t->buckets : lines) * sizeof(HashtableLine));
        heap_free(t->heap, old, t->first_lines * sizeof(HashtableLine));
    }
    t->segments[0] = (uintptr_t)made;
    t->first_lines = (uint32_t)(bytes / sizeof(HashtableLine));
    return true;
}

static void first_release(Hashtable *t) {
    if (t->first_lines)
        heap_free(t->heap, (void *)t->segments[0], t->first_lines * sizeof(HashtableLine));
    t->segments[0] = (uintptr_t)&NO_LINE;
    t->first_lines = 0;
}

static size_t first_roomy(size_t lines) {
    size_t roomy = lines + lines / 4;
    return roomy < FIRST_LINES ? roomy : FIRST_LINES;
}

/* Memory for bucket b = t->buckets. */
static bool line_reserve(Hashtable *t, size_t b) {
    unsigned s = hashtable_segment(b);
    if (s == 0)
        return b < t->first_lines || first_resize(t, first_roomy(b + 1));
    if (s >= HASHTABLE_SEGMENTS)
        return false;
    if (b == segment_start(s)) {
        char *map = heap_map(t->heap, 3 * segment_start(s) * sizeof(HashtableLine));
        if (map == NULL)
            return false;
        t->segments[s] = (uintptr_t)map - segment_start(s) * sizeof(HashtableLine);
    }
    heap_count(t->heap, sizeof(HashtableLine));
    char *line = (char *)hashtable_bucket(t, b);
    if (segment_is_huge(s) && ((uintptr_t)line & (HUGE_PIECE - 1)) == 0 && b > segment_start(s))
        heap_filled(line - HUGE_PIECE, HUGE_PIECE);
    return true;
}

/* Gives back what bucket b, the last one, made necessary. */
static void line_release(Hashtable *t, size_t b) {
    unsigned s = hashtable_segment(b);
    if (s == 0) {
        if (b == 0)
            first_release(t);
        else if (b + b / 2 < t->first_lines)
            first_resize(t, first_roomy(b)); /* without memory it stays as large as it is */
        return;
    }
    heap_count(t->heap, -(ptrdiff_t)sizeof(HashtableLine));
    size_t start = segment_start(s);
    HashtableLine *line = hashtable_bucket(t, b), *map = line - (b - start);
    if (b == start) {
        heap_unmap(t->heap, map);
        t->segments[s] = 0;
        return;
    }
    size_t piece = segment_is_huge(s) ? BACK_PIECE : SMALL_PIECE;
    if (((uintptr_t)line & (piece - 1)) == 0)
        heap_discard(map, line, piece);
}

/* ---- chains ---- */

static void line_put(HashtableLine *line, unsigned slot, uint8_t tag, uint64_t value) {
    line->tags[slot] = tag;
    line->slots[slot] = value;
    line->flags |= (uint8_t)(1u << slot);
}

/* Makes `more` the line after a full one: the last entry moves over, its slot becomes the address. */
static HashtableLine *line_extend(HashtableLine *line, HashtableLine *more) {
    const unsigned last = HASHTABLE_SLOTS - 1;
    more->flags = 0;
    line_put(more, 0, line->tags[last], line->slots[last]);
    line->slots[last] = (uint64_t)(uintptr_t)more;
    line->flags = HASHTABLE_MORE | ((1u << last) - 1);
    return more;
}

static HashtableLine *chain_end(HashtableLine *line) {
    for (HashtableLine *next; (next = hashtable_more(line)) != NULL;)
        line = next;
    return line;
}

/* Lines that a split or merge has emptied and may use again, linked through slot 0. */
typedef struct {
    HashtableLine *first;
} Pool;

static void pool_put(Pool *pool, HashtableLine *line) {
    line->slots[0] = (uint64_t)(uintptr_t)pool->first;
    pool->first = line;
}

static HashtableLine *pool_take(Pool *pool) {
    HashtableLine *line = pool->first;
    pool->first = (HashtableLine *)(uintptr_t)line->slots[0];
    return line;
}

static void pool_drain(Hashtable *t, Pool *pool) {
    while (pool->first) {
        heap_free(t->heap, pool_take(pool), sizeof(HashtableLine));
        t->chained--;
    }
}

/* Appends to a chain whose last line is *end; a full one is extended from the pool. */
static void chain_append(HashtableLine **end, Pool *pool, uint8_t tag, uint64_t value) {
    unsigned slot = line_count(*end);
    if (slot == LINE_FULL) {
        *end = line_extend(*end, pool_take(pool));
        slot = 1;
    }
    line_put(*end, slot, tag, value);
}

/* ---- split and merge ---- */

static void set_buckets(Hashtable *t, size_t buckets) {
    t->buckets = buckets;
    t->mask = buckets < 2 ? 0 : ~(size_t)0 >> __builtin_clzll(buckets - 1);
}

static bool hash_bit(const Hashtable *t, uint64_t slot, unsigned bit) {
    if (bit >= HASHTABLE_WINDOW && bit < HASHTABLE_WINDOW + 16)
        return slot >> (bit + 48 - HASHTABLE_WINDOW) & 1;
    size_t size;
    const uint8_t *key = t->key(hashtable_entry(slot), &size);
    return hashtable_hash(t, key, size) >> bit & 1;
}

/* Appends a bucket. The two chains never need more lines than the one had and the new bucket's own,
 * at no time: j lines read held at least 6 j entries, and 6 j entries in two chains need at most
 * j - 1 lines beyond the first two. */
static bool split(Hashtable *t) {
    size_t b = t->buckets;
    if (b >= MAX_BUCKETS || !line_reserve(t, b))
        return false;
    unsigned bit = 63 - (unsigned)__builtin_clzll(b);
    HashtableLine *low = hashtable_bucket(t, b - ((size_t)1 << bit)), *high = hashtable_bucket(t, b);
    __builtin_prefetch(low + 2); /* of the splits to come */
    HashtableLine *line = low;
    Pool pool = {NULL};
    high->flags = 0;
    while (line != NULL) {
        HashtableLine copy = *line;
        if (line == low)
            low->flags = 0;
        else
            pool_put(&pool, line);
        line = hashtable_more(&copy);
        unsigned n = line_count(&copy);
        for (unsigned i = 0; i < n; i++)
            chain_append(hash_bit(t, copy.slots[i], bit) ? &high : &low, &pool, copy.tags[i], copy.slots[i]);
    }
    pool_drain(t, &pool);
    set_buckets(t, b + 1);
    return true;
}

static void append_all(HashtableLine **end, Pool *pool, const HashtableLine *from) {
    unsigned n = line_count(from);
    for (unsigned i = 0; i < n; i++)
        chain_append(end, pool, from->tags[i], from->slots[i]);
}

/* What a chain of so many entries needs. */
static size_t lines_beyond_first(size_t entries) {
    return entries <= LINE_FULL ? 0 : (entries - 2) / LINE_CHAINED;
}

/* Removes the last bucket; false if that would need memory which there is not. What two chains hold
 * may need up to two lines more in one, since a bucket's own line is not to be used again. */
static bool merge(Hashtable *t) {
    size_t b = t->buckets - 1;
    HashtableLine *low = hashtable_bucket(t, b - ((size_t)1 << (63 - __builtin_clzll(b))));
    HashtableLine *line = hashtable_bucket(t, b);
    size_t ours = chain_count(low), theirs = chain_count(line);
    size_t have = lines_beyond_first(ours) + lines_beyond_first(theirs);
    Pool pool = {NULL};
    for (size_t need = lines_beyond_first(ours + theirs); have < need; have++) {
        HashtableLine *more = heap_alloc(t->heap, sizeof *more);
        if (more == NULL) {
            pool_drain(t, &pool);
            return false;
        }
        t->chained++;
        pool_put(&pool, more);
    }
    low = chain_end(low);
    for (HashtableLine *more = hashtable_more(line); more != NULL;) { /* first those that can be used again */
        HashtableLine copy = *more;
        pool_put(&pool, more);
        more = hashtable_more(&copy);
        append_all(&low, &pool, &copy);
    }
    append_all(&low, &pool, line);
    pool_drain(t, &pool);
    set_buckets(t, b);
    line_release(t, b);
    return true;
}

static bool too_full(const Hashtable *t) {
    return t->size * 16 > (t->buckets + t->chained) * FILL_MOST && t->size > LINE_FULL;
}

static bool too_empty(const Hashtable *t) {
    return t->buckets > 1 && t->size * 16 < (t->buckets + t->chained) * FILL_LEAST;
}

void hashtable_settle(Hashtable *t, size_t steps) {
    if (t->paused)
        return;
    while (steps-- > 0 && too_empty(t) && merge(t))
        ;
    if (t->size == 0 && t->buckets == 1) {
        set_buckets(t, 0);
        line_release(t, 0);
    }
}

/* A fifth is left to splitting: chained lines, of which nobody knows how many there will be, count too. */
void hashtable_expect(Hashtable *t, size_t entries) {
    size_t lines = entries / FILL_MOST * 13 + entries % FILL_MOST * 13 / FILL_MOST, b = t->buckets;
    if (t->size > 0 || b >= lines || t->paused)
        return;
    if (t->first_lines < lines && !first_resize(t, lines < FIRST_LINES ? lines : FIRST_LINES))
        return;
    for (; b < lines && line_reserve(t, b); b++) {
        hashtable_bucket(t, b)->flags = 0;
        set_buckets(t, b + 1);
    }
}

/* ---- operations ---- */

void *hashtable_find(const Hashtable *t, uint64_t hash, const void *key, size_t size, HashtablePos *pos) {
    return hashtable_find_with(t, hash, key, size, pos, t->key);
}

bool hashtable_insert(Hashtable *t, uint64_t hash, void *entry, bool mark) {
    if (t->buckets == 0) {
        if (!line_reserve(t, 0))
            return false;
        set_buckets(t, 1);
        hashtable_bucket(t, 0)->flags = 0;
    }
    HashtableLine *line = chain_end(hashtable_line(t, hash));
    unsigned slot = line_count(line);
    if (slot == LINE_FULL) {
        HashtableLine *more = heap_alloc(t->heap, sizeof *more);
        if (more == NULL)
            return false;
        t->chained++;
        line = line_extend(line, more);
        slot = 1;
    }
    line_put(line, slot, hashtable_tag(hash), hashtable_window(hash) | (uint64_t)(uintptr_t)entry | mark);
    t->size++;
    if (!t->paused)
        for (int steps = STEPS; steps > 0 && too_full(t) && split(t); steps--)
            ;
    return true;
}

void *hashtable_remove_at(Hashtable *t, uint64_t hash, HashtablePos *pos) {
    void *entry = hashtable_entry(pos->line->slots[pos->slot]);
    HashtableLine *line = hashtable_line(t, hash), *before = NULL;
    for (HashtableLine *next; (next = hashtable_more(line)) != NULL; line = next)
        before = line;
    unsigned last = line_count(line) - 1; /* fills the gap */
    pos->line->tags[pos->slot] = line->tags[last];
    pos->line->slots[pos->slot] = line->slots[last];
    line->flags &= (uint8_t)~(1u << last);
    if (before && last == 1) { /* the one that is left takes the slot of the address */
        before->flags = (1u << LINE_CHAINED) - 1;
        line_put(before, LINE_CHAINED, line->tags[0], line->slots[0]);
        heap_free(t->heap, line, sizeof *line);
        t->chained--;
    }
    t->size--;
    hashtable_settle(t, STEPS);
    return entry;
}

void *hashtable_remove(Hashtable *t, uint64_t hash, const void *key, size_t size) {
    HashtablePos pos;
    if (hashtable_find(t, hash, key, size, &pos) == NULL)
        return NULL;
    return hashtable_remove_at(t, hash, &pos);
}

size_t hashtable_memory(const Hashtable *t) {
    size_t first = t->first_lines ? heap_good_size(t->first_lines * sizeof(HashtableLine)) : 0;
    size_t rest = t->buckets > FIRST_LINES ? t->buckets - FIRST_LINES : 0;
    return first + (rest + t->chained) * sizeof(HashtableLine);
}

/* Drops the entries of the last bucket and the bucket: the others stay where they are found. */
static size_t drop_bucket(Hashtable *t, HashtableVisit drop, void *ctx) {
    size_t b = t->buckets - 1, n = 0;
    HashtableLine *line = hashtable_bucket(t, b);
    Pool pool = {NULL};
    for (bool first = true; line != NULL; first = false) {
        HashtableLine *next = hashtable_more(line);
        unsigned count = line_count(line);
        for (unsigned i = 0; drop && i < count; i++)
            drop(ctx, hashtable_entry(line->slots[i]));
        n += count;
        if (!first)
            pool_put(&pool, line);
        line = next;
    }
    pool_drain(t, &pool);
    t->size -= n;
    set_buckets(t, b);
    line_release(t, b);
    return n;
}

bool hashtable_clear_some(Hashtable *t, size_t max_entries, HashtableVisit drop, void *ctx) {
    size_t done = 0;
    while (t->buckets > 0) {
        if (done >= max_entries && done > 0)
            return false;
        done += drop_bucket(t, drop, ctx) + 1; /* an empty bucket is work, too */
    }
    return true;
}

void hashtable_clear(Hashtable *t, HashtableVisit drop, void *ctx) {
    hashtable_clear_some(t, SIZE_MAX, drop, ctx);
}
