/* hnsw_graph: what the files of the index share: marks, links, and the walk through one level. */
#ifndef CYDIS_HNSW_GRAPH_H
#define CYDIS_HNSW_GRAPH_H

#include "vectors/hnsw.h"

/* ---- marks: who has been met since the last hnsw_begin ---- */

/* Forgets all marks. O(1), but every 255th time O(slots). */
static inline void hnsw_begin(Hnsw *h) {
    if (++h->epoch == 0) {
        memset(h->seen, 0, h->capacity);
        h->epoch = 1;
    }
}

static inline bool hnsw_met(const Hnsw *h, uint32_t slot) { return h->seen[slot] == h->epoch; }
static inline void hnsw_meet(Hnsw *h, uint32_t slot) { h->seen[slot] = h->epoch; }

/* ---- hits ---- */

static inline HnswHit hnsw_hit(float distance, uint32_t slot) {
    uint32_t bits;
    memcpy(&bits, &distance, 4);
    return (HnswHit)bits << 32 | slot;
}

/* A walk's memory. `best` is a heap with the farthest hit on top; `open` one with the nearest. */
typedef struct {
    HnswHit *best, *open;
    size_t best_size, best_room; /* best_room is the walk's ef */
    size_t open_size, open_room;
} HnswWalk;

/* Room for the best `ef` of a walk. False: no memory. */
bool hnsw_walk_open(const Hnsw *h, HnswWalk *w, size_t ef);
void hnsw_walk_close(const Hnsw *h, HnswWalk *w);

/* From the hits in w->best (in any order) on, the best `ef` of a level, nearest first. With `wants`, only such
 * nodes get into `best`, and the walk ends after `effort` distances. False: no memory. */
bool hnsw_walk(Hnsw *h, HnswQuery query, unsigned level, HnswWalk *w, HnswWants wants, void *ctx,
               size_t effort);

/* The nearest node that can be reached from `at` by steps that come nearer, on one level. */
HnswHit hnsw_descend(const Hnsw *h, HnswQuery query, HnswHit at, unsigned level);

/* How many nodes of a level can be reached from one of it, itself among them. `queue` has room for all nodes. */
uint32_t hnsw_reach(Hnsw *h, uint32_t from, unsigned level, uint32_t *queue);

/* ---- links ---- */

static inline bool hnsw_linked(const Hnsw *h, const HnswNode *a, const HnswNode *b, unsigned level) {
    const uint32_t *links = hnsw_links(h, a, level);
    for (unsigned i = hnsw_degree(h, a, level); i-- > 0;)
        if (links[i] == b->slot)
            return true;
    return false;
}

static inline bool hnsw_has_room(const Hnsw *h, const HnswNode *node, unsigned level) {
    return hnsw_degree(h, node, level) < hnsw_most(h, level);
}

/* Links a and b, which have room and are not linked. */
void hnsw_link(Hnsw *h, HnswNode *a, HnswNode *b, unsigned level);
void hnsw_unlink(Hnsw *h, HnswNode *a, HnswNode *b, unsigned level);

/* Links a new node to those of the `picks` where that makes the graph better, and at least to one. */
void hnsw_join(Hnsw *h, HnswNode *node, unsigned level, const HnswHit *picks, size_t count);

/* Takes a node out of a level and mends its neighbourhood; `left` has room for all its links. */
void hnsw_leave(Hnsw *h, HnswNode *node, unsigned level, uint32_t *left);

#endif
