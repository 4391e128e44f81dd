/* hnsw_walk: the search through one level, and the searches made of it.
 *
 * Two heaps of hits, each a 64-bit number: `open` gives the nearest node whose links have not been followed,
 * `best` the farthest of the best so far, beyond which nothing is followed. Links are first sifted for nodes
 * not met yet, whose lines are asked for, and only then measured: the misses of a node's links overlap.
 */
#include "internal/hnsw_graph.h"

#include <stdlib.h>

#define AHEAD 32 /* links sifted together */

/* ---- heaps; `sign` turns the order around: 0 has the least on top, all ones the greatest ---- */

static inline void sift_up(HnswHit *heap, size_t i, HnswHit hit, uint64_t sign) {
    while (i > 0) {
        size_t parent = (i - 1) / 2;
        if ((heap[parent] ^ sign) <= (hit ^ sign))
            break;
        heap[i] = heap[parent];
        i = parent;
    }
    heap[i] = hit;
}

/* Puts a hit where the top was, in a heap of n. */
static inline void sift_down(HnswHit *heap, size_t n, HnswHit hit, uint64_t sign) {
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= n)
            break;
        if (child + 1 < n && (heap[child + 1] ^ sign) < (heap[child] ^ sign))
            child++;
        if ((heap[child] ^ sign) >= (hit ^ sign))
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = hit;
}

#define LEAST ((uint64_t)0)
#define GREATEST UINT64_MAX

/* A heap with the greatest on top becomes an array in order. */
static void heap_to_order(HnswHit *heap, size_t n) {
    while (n > 1) {
        HnswHit last = heap[--n];
        heap[n] = heap[0];
        sift_down(heap, n, last, GREATEST);
    }
}

/* ---- a walk ---- */

bool hnsw_walk_open(const Hnsw *h, HnswWalk *w, size_t ef) {
    w->best_room = ef < 1 ? 1 : ef;
    w->open_room = 2 * w->best_room + 64;
    w->best_size = w->open_size = 0;
    w->best = heap_alloc(h->heap, w->best_room * sizeof(HnswHit));
    w->open = heap_alloc(h->heap, w->open_room * sizeof(HnswHit));
    if (w->best && w->open)
        return true;
    hnsw_walk_close(h, w);
    return false;
}

void hnsw_walk_close(const Hnsw *h, HnswWalk *w) {
    heap_free(h->heap, w->best, w->best_room * sizeof(HnswHit));
    heap_free(h->heap, w->open, w->open_room * sizeof(HnswHit));
}

static bool more_room(const Hnsw *h, HnswWalk *w) {
    HnswHit *more =
        heap_realloc(h->heap, w->open, w->open_room * sizeof(HnswHit), 2 * w->open_room * sizeof(HnswHit));
    if (more == NULL)
        return false;
    w->open = more;
    w->open_room *= 2;
    return true;
}

static inline void keep(HnswWalk *w, HnswHit hit) {
    if (w->best_size < w->best_room)
        sift_up(w->best, w->best_size++, hit, GREATEST);
    else
        sift_down(w->best, w->best_size, hit, GREATEST);
}

/* Whether a hit is worth following. */
static inline bool promising(const HnswWalk *w, HnswHit hit) {
    return w->best_size < w->best_room || hit < w->best[0];
}

static inline bool offer(const Hnsw *h, HnswWalk *w, HnswHit hit, HnswWants wants, void *ctx) {
    if (!promising(w, hit))
        return true;
    if (w->open_size == w->open_room && !more_room(h, w))
        return false;
    sift_up(w->open, w->open_size++, hit, LEAST);
    if (wants == NULL || wants(ctx, hnsw_hit_node(h, hit)))
        keep(w, hit);
    return true;
}

/* Measures the links of a node that were not met yet. */
static bool follow(Hnsw *h, HnswQuery query, const HnswNode *node, unsigned level, HnswWalk *w,
                   HnswWants wants, void *ctx, size_t *effort) {
    const uint32_t *links = hnsw_links(h, node, level);
    unsigned degree = hnsw_degree(h, node, level);
    const HnswNode *fresh[AHEAD];
    for (unsigned i = 0; i < degree;) {
        unsigned n = 0;
        for (; i < degree && n < AHEAD; i++) {
            if (hnsw_met(h, links[i]))
                continue;
            hnsw_meet(h, links[i]);
            fresh[n] = hnsw_at(h, links[i]);
            __builtin_prefetch(fresh[n]);
            __builtin_prefetch((const char *)fresh[n] + 64);
            n++;
        }
        for (unsigned k = 0; k < n; k++)
            if (!offer(h, w, hnsw_hit(hnsw_distance(h, query, fresh[k]), fresh[k]->slot), wants, ctx))
                return false;
        *effort -= *effort < n ? *effort : n;
    }
    return true;
}

bool hnsw_walk(Hnsw *h, HnswQuery query, unsigned level, HnswWalk *w, HnswWants wants, void *ctx,
               size_t effort) {
    size_t seeds = w->best_size;
    if (effort == 0)
        effort = SIZE_MAX;
    hnsw_begin(h);
    w->best_size = w->open_size = 0;
    for (size_t i = 0; i < seeds; i++) { /* best[i] is read before it is overwritten: at most i were kept */
        HnswHit hit = w->best[i];
        hnsw_meet(h, (uint32_t)hit);
        sift_up(w->open, w->open_size++, hit, LEAST);
        if (wants == NULL || wants(ctx, hnsw_hit_node(h, hit)))
            keep(w, hit);
    }
    while (w->open_size > 0 && effort > 0) {
        HnswHit next = w->open[0];
        if (w->best_size == w->best_room && next > w->best[0])
            break;
        w->open_size--;
        sift_down(w->open, w->open_size, w->open[w->open_size], LEAST);
        if (!follow(h, query, hnsw_hit_node(h, next), level, w, wants, ctx, &effort))
            return false;
    }
    heap_to_order(w->best, w->best_size);
    return true;
}

HnswHit hnsw_descend(const Hnsw *h, HnswQuery query, HnswHit at, unsigned level) {
    for (;;) {
        const HnswNode *node = hnsw_hit_node(h, at);
        const uint32_t *links = hnsw_links(h, node, level);
        HnswHit best = at;
        for (unsigned i = hnsw_degree(h, node, level); i-- > 0;) {
            HnswHit hit = hnsw_hit(hnsw_distance(h, query, hnsw_at(h, links[i])), links[i]);
            if (hit < best)
                best = hit;
        }
        if (best == at)
            return at;
        at = best;
    }
}

/* ---- searches ---- */

int64_t hnsw_search(Hnsw *h, HnswQuery query, size_t ef, size_t count, HnswWants wants, void *ctx,
                    size_t effort, HnswHit *hits) {
    HnswWalk w;
    if (h->size == 0 || count == 0)
        return 0;
    if (count > h->size)
        count = h->size;
    if (ef < count)
        ef = count;
    if (ef > h->size)
        ef = h->size;
    if (!hnsw_walk_open(h, &w, ef))
        return -1;
    HnswHit at = hnsw_hit(hnsw_distance(h, query, hnsw_at(h, h->entry)), h->entry);
    for (unsigned level = h->top; level > 0; level--)
        at = hnsw_descend(h, query, at, level);
    w.best[0] = at;
    w.best_size = 1;
    bool done = hnsw_walk(h, query, 0, &w, wants, ctx, effort);
    size_t found = w.best_size < count ? w.best_size : count;
    if (done)
        memcpy(hits, w.best, found * sizeof *hits);
    hnsw_walk_close(h, &w);
    return done ? (int64_t)found : -1;
}

int64_t hnsw_scan(Hnsw *h, HnswQuery query, size_t count, HnswWants wants, void *ctx, HnswHit *hits) {
    HnswWalk w = {hits, NULL, 0, count < h->size ? count : h->size, 0, 0};
    if (w.best_room == 0)
        return 0;
    for (uint32_t slot = 0; slot < h->used; slot++) {
        const HnswNode *node = hnsw_at(h, slot);
        if (node == NULL)
            continue;
        HnswHit hit = hnsw_hit(hnsw_distance(h, query, node), slot);
        if (promising(&w, hit) && (wants == NULL || wants(ctx, node)))
            keep(&w, hit);
    }
    heap_to_order(w.best, w.best_size);
    return (int64_t)w.best_size;
}

uint32_t hnsw_reach(Hnsw *h, uint32_t from, unsigned level, uint32_t *queue) {
    uint32_t head = 0, tail = 0;
    hnsw_begin(h);
    hnsw_meet(h, from);
    queue[tail++] = from;
    while (head < tail) {
        const HnswNode *node = hnsw_at(h, queue[head++]);
        const uint32_t *links = hnsw_links(h, node, level);
        for (unsigned i = hnsw_degree(h, node, level); i-- > 0;)
            if (!hnsw_met(h, links[i])) {
                hnsw_meet(h, links[i]);
                queue[tail++] = links[i];
            }
    }
    return tail;
}
