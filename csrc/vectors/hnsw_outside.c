/* hnsw_outside: an index out of nodes and links that somebody else made.
 *
 * Links are taken as claimed, each node's into the room that it has for them; then judged all at once. Sorted, a
 * node's links tell in O(log m) whether the other end knows of them too: that costs no more for a payload that was
 * made to be slow than for an honest one.
 */
#include "internal/hnsw_graph.h"

HnswNode *hnsw_node_load(Hnsw *h, const void *vector, float length, float range, const void *name,
                         uint32_t size, unsigned level) {
    HnswNode *node = heap_alloc(h->heap, hnsw_node_bytes(h, level, size));
    if (node == NULL)
        return NULL;
    *node = (HnswNode){.length = length,
                       .range = range,
                       .slot = HNSW_NONE,
                       .name_size = size,
                       .level = (uint8_t)level,
                       .name_at = (uint32_t)(hnsw_node_bytes(h, level, 0) - sizeof *node)};
    memcpy(node->vector, vector, quantise_bytes((QuantKind)h->kind, h->dim));
    for (unsigned l = 1; l <= level; l++)
        hnsw_links(h, node, l)[-1] = 0;
    memcpy(node->vector + node->name_at, name, size);
    return node;
}

bool hnsw_expect(Hnsw *h, uint32_t count) {
    if (count == 0 || count >= HNSW_NONE)
        return false;
    h->nodes = heap_alloc(h->heap, count * sizeof *h->nodes);
    h->seen = h->nodes ? heap_alloc(h->heap, count) : NULL;
    if (h->seen == NULL) {
        heap_free(h->heap, h->nodes, count * sizeof *h->nodes);
        h->nodes = NULL;
        return false;
    }
    memset(h->seen, 0, count);
    h->capacity = count;
    return true;
}

void hnsw_place(Hnsw *h, HnswNode *node) {
    node->slot = h->used++;
    h->nodes[node->slot] = (uintptr_t)node;
    h->size++;
    h->node_bytes += heap_good_size(hnsw_node_bytes(h, node->level, node->name_size));
    if (h->entry == HNSW_NONE || node->level > h->top) {
        h->entry = node->slot;
        h->top = node->level;
    }
}

bool hnsw_claim(Hnsw *h, HnswNode *node, unsigned level, uint32_t slot) {
    unsigned degree = hnsw_degree(h, node, level);
    if (slot >= h->used || slot == node->slot || degree >= hnsw_most(h, level)
        || hnsw_at(h, slot)->level < level)
        return false;
    hnsw_links(h, node, level)[degree] = slot;
    if (level)
        hnsw_links(h, node, level)[-1]++;
    else
        node->links++;
    return true;
}

/* ---- judging ------------------------------------------------------------------------------- */

/* Heapsort: no memory, and nobody can make it slow. */
static void sort_links(uint32_t *links, unsigned n) {
    for (unsigned start = n / 2, end = n; end > 1;) {
        if (start > 0) {
            start--;
        } else {
            end--;
            uint32_t last = links[end];
            links[end] = links[0];
            links[0] = last;
        }
        uint32_t sinking = links[start];
        unsigned at = start;
        for (unsigned child; (child = 2 * at + 1) < end; at = child) {
            if (child + 1 < end && links[child + 1] > links[child])
                child++;
            if (links[child] <= sinking)
                break;
            links[at] = links[child];
        }
        links[at] = sinking;
    }
}

static bool knows(const uint32_t *links, unsigned n, uint32_t slot) {
    unsigned low = 0;
    while (low < n) {
        unsigned middle = (low + n) / 2;
        if (links[middle] < slot)
            low = middle + 1;
        else if (links[middle] > slot)
            n = middle;
        else
            return true;
    }
    return false;
}

static void sort_all(Hnsw *h) {
    for (uint32_t slot = 0; slot < h->used; slot++)
        for (unsigned level = 0; level <= hnsw_at(h, slot)->level; level++)
            sort_links(hnsw_links(h, hnsw_at(h, slot), level), hnsw_degree(h, hnsw_at(h, slot), level));
}

static bool links_are_mutual(const Hnsw *h, const HnswNode *node, unsigned level) {
    const uint32_t *links = hnsw_links(h, node, level);
    for (unsigned i = hnsw_degree(h, node, level); i-- > 0;) {
        const HnswNode *other = hnsw_at(h, links[i]);
        if ((i > 0 && links[i] == links[i - 1])
            || !knows(hnsw_links(h, other, level), hnsw_degree(h, other, level), node->slot))
            return false;
    }
    return true;
}

int hnsw_judge(Hnsw *h) {
    uint32_t standing[HNSW_LEVELS] = {0};
    sort_all(h);
    for (uint32_t slot = 0; slot < h->used; slot++)
        for (unsigned level = 0; level <= hnsw_at(h, slot)->level; level++) {
            standing[level]++;
            if (!links_are_mutual(h, hnsw_at(h, slot), level))
                return 0;
        }
    uint32_t *queue = heap_alloc(h->heap, h->used * sizeof *queue);
    if (queue == NULL)
        return -1;
    bool whole = true;
    for (unsigned level = 0; whole && level <= h->top; level++)
        whole = hnsw_reach(h, h->entry, level, queue) == standing[level];
    heap_free(h->heap, queue, h->used * sizeof *queue);
    return whole;
}

/* ---- finding them anew ----------------------------------------------------------------------- */

/* Node i comes into slot i again, so the table is read ahead of where it is written. */
bool hnsw_relink(Hnsw *h, size_t ef) {
    uint32_t count = h->used;
    h->used = h->size = 0;
    h->entry = HNSW_NONE;
    h->top = 0;
    h->node_bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        HnswNode *node = hnsw_at(h, i);
        node->links = 0;
        for (unsigned level = 1; level <= node->level; level++)
            hnsw_links(h, node, level)[-1] = 0;
        if (!hnsw_insert(h, node, ef))
            return false;
    }
    return true;
}
