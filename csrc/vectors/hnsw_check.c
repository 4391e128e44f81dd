/* hnsw_check: every invariant of the index, for tests and debug builds. */
#include "internal/hnsw_graph.h"

#include <stdio.h>

static bool broken(const char *what, uint32_t slot, unsigned level) {
    fprintf(stderr, "hnsw: %s (slot %u, level %u)\n", what, slot, level);
    return false;
}

static bool links_are_good(const Hnsw *h, const HnswNode *node, unsigned level) {
    const uint32_t *links = hnsw_links(h, node, level);
    unsigned degree = hnsw_degree(h, node, level);
    if (degree > hnsw_most(h, level))
        return broken("too many links", node->slot, level);
    for (unsigned i = 0; i < degree; i++) {
        if (links[i] >= h->used || hnsw_at(h, links[i]) == NULL)
            return broken("a link to nobody", node->slot, level);
        const HnswNode *other = hnsw_at(h, links[i]);
        if (other == node || other->level < level)
            return broken("a link to itself, or below", node->slot, level);
        if (!hnsw_linked(h, other, node, level))
            return broken("a link that is not mutual", node->slot, level);
        for (unsigned k = 0; k < i; k++)
            if (links[k] == links[i])
                return broken("a link twice", node->slot, level);
    }
    return true;
}

static bool in_one_piece(Hnsw *h) {
    uint32_t *queue = heap_alloc(h->heap, (h->size + 1) * sizeof *queue);
    bool good = true;
    for (unsigned level = 0; queue && good && h->size && level <= h->top; level++) {
        size_t count = 0;
        const HnswNode *one = NULL;
        for (uint32_t slot = 0; slot < h->used; slot++)
            if (hnsw_at(h, slot) && hnsw_at(h, slot)->level >= level) {
                one = hnsw_at(h, slot);
                count++;
            }
        if (one == NULL || hnsw_reach(h, one->slot, level, queue) != count)
            good = broken("a level in pieces", one ? one->slot : 0, level);
    }
    heap_free(h->heap, queue, (h->size + 1) * sizeof *queue);
    return good;
}

bool hnsw_check(Hnsw *h) {
    size_t size = 0, bytes = 0, holes = 0;
    for (uint32_t slot = 0; slot < h->used; slot++) {
        const HnswNode *node = hnsw_at(h, slot);
        if (node == NULL)
            continue;
        size++;
        bytes += heap_good_size(hnsw_node_bytes(h, node->level, node->name_size));
        if (node->slot != slot || node->level > h->top)
            return broken("a node that does not know its place", slot, node->level);
        for (unsigned level = 0; level <= node->level; level++)
            if (!links_are_good(h, node, level))
                return false;
    }
    for (uint32_t slot = h->free; slot != HNSW_NONE; slot = (uint32_t)(h->nodes[slot] >> 1), holes++)
        if (slot >= h->used || hnsw_at(h, slot) != NULL || holes > h->used)
            return broken("a free slot that is none", slot, 0);
    if (size != h->size || size + holes != h->used || bytes != h->node_bytes)
        return broken("counts that do not add up", (uint32_t)size, 0);
    if ((h->entry == HNSW_NONE) != (size == 0) || (size && hnsw_at(h, h->entry)->level != h->top))
        return broken("a wrong entry", h->entry, h->top);
    return in_one_piece(h);
}
