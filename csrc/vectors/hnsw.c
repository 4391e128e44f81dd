/* hnsw: nodes and their slots, coming and going. The walk is in hnsw_walk.c, links in hnsw_links.c.
 *
 * What an insert needs of memory it asks for before it changes anything: slots, the walk's heaps, and the
 * neighbours picked on each level. Linking itself takes none, since each node's block holds all the
 * links it may ever have. The same goes for a removal.
 */
#include "internal/hnsw_graph.h"

void hnsw_init(Hnsw *h, Heap *heap, uint32_t dim, unsigned m, QuantKind kind) {
    *h = (Hnsw){.heap = heap,
                .set = distance_best(),
                .dim = dim,
                .m = (uint16_t)m,
                .kind = (uint8_t)kind,
                .entry = HNSW_NONE,
                .free = HNSW_NONE};
}

void hnsw_close(Hnsw *h) {
    heap_free(h->heap, h->nodes, h->capacity * sizeof *h->nodes);
    heap_free(h->heap, h->seen, h->capacity);
    hnsw_init(h, h->heap, h->dim, h->m, (QuantKind)h->kind);
}

size_t hnsw_memory(const Hnsw *h) {
    if (h->capacity == 0)
        return h->node_bytes;
    return h->node_bytes + heap_good_size(h->capacity * sizeof *h->nodes) + heap_good_size(h->capacity);
}

unsigned hnsw_level(const Hnsw *h, uint64_t random) {
    unsigned level = 0;
    while (level < HNSW_LEVELS - 1 && random < UINT64_MAX / h->m) {
        random *= h->m;
        level++;
    }
    return level;
}

/* ---- nodes ---- */

HnswNode *hnsw_node_new(Hnsw *h, const float *vector, float length, const void *name, uint32_t size,
                        unsigned level) {
    HnswNode *node = heap_alloc(h->heap, hnsw_node_bytes(h, level, size));
    if (node == NULL)
        return NULL;
    *node = (HnswNode){.length = length,
                       .slot = HNSW_NONE,
                       .name_size = size,
                       .level = (uint8_t)level,
                       .name_at = (uint32_t)(hnsw_node_bytes(h, level, 0) - sizeof *node)};
    quantise((QuantKind)h->kind, vector, h->dim, length, node->vector, &node->range);
    for (unsigned l = 1; l <= level; l++)
        hnsw_links(h, node, l)[-1] = 0;
    memcpy(node->vector + node->name_at, name, size);
    return node;
}

void hnsw_node_free(Hnsw *h, HnswNode *node) {
    heap_free(h->heap, node, hnsw_node_bytes(h, node->level, node->name_size));
}

/* Room in the tables for one more node. */
static bool more_slots(Hnsw *h) {
    if (h->free != HNSW_NONE || h->used < h->capacity)
        return true;
    uint64_t capacity = (uint64_t)h->capacity + h->capacity / 4 + 8;
    if (capacity >= HNSW_NONE)
        return false;
    uintptr_t *nodes = heap_alloc(h->heap, capacity * sizeof *nodes);
    uint8_t *seen = nodes ? heap_alloc(h->heap, capacity) : NULL;
    if (seen == NULL) {
        heap_free(h->heap, nodes, capacity * sizeof *nodes);
        return false;
    }
    if (h->capacity) {
        memcpy(nodes, h->nodes, h->capacity * sizeof *nodes);
        memcpy(seen, h->seen, h->capacity);
    }
    memset(seen + h->capacity, 0, capacity - h->capacity);
    heap_free(h->heap, h->nodes, h->capacity * sizeof *nodes);
    heap_free(h->heap, h->seen, h->capacity);
    h->nodes = nodes;
    h->seen = seen;
    h->capacity = (uint32_t)capacity;
    return true;
}

static void take_slot(Hnsw *h, HnswNode *node) {
    if (h->free != HNSW_NONE) {
        node->slot = h->free;
        h->free = (uint32_t)(h->nodes[node->slot] >> 1);
    } else {
        node->slot = h->used++;
    }
    h->nodes[node->slot] = (uintptr_t)node;
    h->size++;
    h->node_bytes += heap_good_size(hnsw_node_bytes(h, node->level, node->name_size));
}

static void give_slot(Hnsw *h, HnswNode *node) {
    h->node_bytes -= heap_good_size(hnsw_node_bytes(h, node->level, node->name_size));
    h->size--;
    h->nodes[node->slot] = (uintptr_t)h->free << 1 | 1;
    h->free = node->slot;
    node->slot = HNSW_NONE;
}

/* ---- coming ---- */

enum { LOOK = 4 }; /* of LOOK times m hits, neighbours are picked */

/* Picks at most m neighbours from hits in order: first those that are nearer to the new node than to any
 * picked before, which leads into different directions; then the nearest of the rest. */
static size_t pick(const Hnsw *h, const HnswHit *hits, size_t count, HnswHit *picks) {
    size_t n = 0, skipped = 0, m = h->m;
    if (count > LOOK * m)
        count = LOOK * m;
    for (size_t i = 0; i < count && n < m; i++) {
        const HnswNode *node = hnsw_hit_node(h, hits[i]);
        bool apart = true;
        for (size_t k = 0; k < n && k < 64 && apart; k++)
            apart =
                hnsw_distance(h, hnsw_query(node), hnsw_hit_node(h, picks[k])) >= hnsw_hit_distance(hits[i]);
        if (apart)
            picks[n++] = hits[i];
        else if (n + skipped < m)
            picks[m - 1 - skipped++] = hits[i];
    }
    if (skipped > m - n)
        skipped = m - n; /* the rest was overwritten by picks: the farthest of them first */
    memmove(picks + n, picks + m - skipped, skipped * sizeof *picks);
    return n + skipped;
}

/* Searches all levels for the neighbours of a new node: picks[l * m ...], counts[l]. False: no memory. */
static bool find_neighbours(Hnsw *h, const HnswNode *node, size_t ef, HnswHit *picks, size_t *counts) {
    HnswQuery query = hnsw_query(node);
    HnswHit at = hnsw_hit(hnsw_distance(h, query, hnsw_at(h, h->entry)), h->entry);
    HnswWalk w;
    unsigned level = h->top;
    for (; level > node->level; level--)
        at = hnsw_descend(h, query, at, level);
    if (!hnsw_walk_open(h, &w, ef < h->size ? ef : h->size))
        return false;
    w.best[0] = at;
    w.best_size = 1;
    for (;; level--) {
        if (!hnsw_walk(h, query, level, &w, NULL, NULL, 0)) {
            hnsw_walk_close(h, &w);
            return false;
        }
        counts[level] = pick(h, w.best, w.best_size, picks + (size_t)level * h->m);
        if (level == 0)
            break;
    }
    hnsw_walk_close(h, &w);
    return true;
}

bool hnsw_insert(Hnsw *h, HnswNode *node, size_t ef) {
    size_t counts[HNSW_LEVELS] = {0};
    if (!more_slots(h))
        return false;
    if (h->size > 0) {
        unsigned high = node->level < h->top ? node->level : h->top;
        size_t bytes = (size_t)(high + 1) * h->m * sizeof(HnswHit);
        HnswHit *picks = heap_alloc(h->heap, bytes);
        bool done = picks && find_neighbours(h, node, ef, picks, counts);
        if (done) {
            take_slot(h, node);
            for (unsigned level = 0; level <= high; level++)
                hnsw_join(h, node, level, picks + (size_t)level * h->m, counts[level]);
        }
        heap_free(h->heap, picks, bytes);
        if (!done)
            return false;
    } else {
        take_slot(h, node);
    }
    if (h->entry == HNSW_NONE || node->level > h->top) {
        h->entry = node->slot;
        h->top = node->level;
    }
    return true;
}

/* ---- going ---- */

/* A new entry in place of this node: somebody from the highest level on which it has company. */
static void leave_entry(Hnsw *h, const HnswNode *node) {
    for (unsigned level = node->level + 1; level-- > 0;)
        if (hnsw_degree(h, node, level) > 0) {
            h->entry = hnsw_links(h, node, level)[0];
            h->top = (uint8_t)level;
            return;
        }
    h->entry = HNSW_NONE;
    h->top = 0;
}

size_t hnsw_remove_room(const Hnsw *h, const HnswNode *node) {
    unsigned most = 1;
    for (unsigned level = 0; level <= node->level; level++)
        if (hnsw_degree(h, node, level) > most)
            most = hnsw_degree(h, node, level);
    return most;
}

void hnsw_remove_with(Hnsw *h, HnswNode *node, uint32_t *left) {
    if (h->entry == node->slot)
        leave_entry(h, node);
    for (unsigned level = 0; level <= node->level; level++)
        hnsw_leave(h, node, level, left);
    give_slot(h, node);
}

bool hnsw_remove(Hnsw *h, HnswNode *node) {
    size_t bytes = hnsw_remove_room(h, node) * sizeof(uint32_t);
    uint32_t *left = heap_alloc(h->heap, bytes);
    if (left == NULL)
        return false;
    hnsw_remove_with(h, node, left);
    heap_free(h->heap, left, bytes);
    return true;
}

/* ---- copying ---- */

bool hnsw_copy(const Hnsw *h, Hnsw *into) {
    hnsw_init(into, h->heap, h->dim, h->m, (QuantKind)h->kind);
    if (h->capacity == 0)
        return true;
    into->nodes = heap_alloc(h->heap, h->capacity * sizeof *h->nodes);
    into->seen = into->nodes ? heap_alloc(h->heap, h->capacity) : NULL;
    into->capacity = h->capacity;
    bool done = into->seen != NULL;
    for (; done && into->used < h->used; into->used++) {
        const HnswNode *node = hnsw_at(h, into->used);
        into->nodes[into->used] = h->nodes[into->used];
        if (node == NULL)
            continue;
        size_t bytes = hnsw_node_bytes(h, node->level, node->name_size);
        HnswNode *copy = heap_alloc(h->heap, bytes);
        if (copy == NULL) {
            done = false;
            break;
        }
        memcpy(copy, node, bytes);
        copy->attribute = NULL;
        into->nodes[into->used] = (uintptr_t)copy;
    }
    if (!done) {
        while (into->used-- > 0)
            if (hnsw_at(into, into->used))
                hnsw_node_free(into, hnsw_at(into, into->used));
        hnsw_close(into);
        return false;
    }
    memset(into->seen, 0, into->capacity);
    into->top = h->top;
    into->entry = h->entry;
    into->size = h->size;
    into->free = h->free;
    into->node_bytes = h->node_bytes;
    return true;
}
