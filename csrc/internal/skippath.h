/* skippath: the list's head and the searches that the two files of the skiplist share; see skiplist.c. */
#ifndef CYDIS_SKIPPATH_H
#define CYDIS_SKIPPATH_H

#include "skipnode.h"

#define LEVELS 14 /* 4^14 nodes */

struct Skiplist {
    Heap *heap;
    SkipNode *tail;
    uint64_t size, nodes, chance;
    uint32_t node_bytes;
    int levels; /* heights in use, at least 1 */
    SkipLink head[LEVELS];
};

typedef struct Path {
    SkipLink *link[LEVELS];
    uint64_t start[LEVELS]; /* of the link's owner; start[0] is that of the node where a search ends */
} Path;

static inline Cut cut_at(const SkipElement *element, double score) {
    return (Cut){order_key(score), element->member, element->size, true};
}

/* The last node whose first element is below the cut (NULL: the head), and, if asked, the path to it. */
static inline __attribute__((always_inline)) SkipNode *descend(const Skiplist *list, const Cut *cut,
                                                               Path *path, uint64_t *start) {
    SkipNode *node = NULL;
    const SkipNode *wall = NULL; /* known not to be below */
    const SkipLink *links = list->head;
    uint64_t at = 0;
    for (int level = list->levels; level-- > 0;) {
        SkipNode *next;
        while ((next = links[level].next) && next != wall) {
            if (level)
                __builtin_prefetch(links[level - 1].next);
            if (!node_below(next, cut)) {
                wall = next;
                break;
            }
            at += links[level].span;
            node = next;
            links = node->links;
        }
        if (path)
            path->link[level] = (SkipLink *)&links[level], path->start[level] = at;
    }
    if (node) {
        const char *line = (const char *)node_slots(node),
                   *end = (const char *)(node_slots(node) + node->count);
        for (; line < end; line += 64)
            __builtin_prefetch(line);
    }
    *start = at;
    return node;
}

/* The last node that starts at or before a position (NULL: the head, only where there is no node). */
static inline SkipNode *descend_to(const Skiplist *list, uint64_t position, Path *path, uint64_t *start) {
    SkipNode *node = NULL;
    const SkipLink *links = list->head;
    uint64_t at = 0;
    for (int level = list->levels; level-- > 0;) {
        while (links[level].next && at + links[level].span <= position) {
            at += links[level].span;
            node = links[level].next;
            links = node->links;
        }
        if (path)
            path->link[level] = (SkipLink *)&links[level], path->start[level] = at;
    }
    *start = at;
    return node;
}

#endif
