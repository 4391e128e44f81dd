/* skipwalk: reading a skiplist: ranks, places, ranges, and the check of its invariants.
 *
 * The layout and the invariants are drawn in skiplist.c; nothing here changes a list. A range is two
 * cuts between elements, and all questions about it come down to the ranks of these cuts: the
 * first element inside is the one behind the lower cut, the last the one before the upper, the count their
 * distance. Each costs one descent, O(log n).
 */
#include "skiplist.h"

#include <stdio.h>

#include "internal/skippath.h"

#define AHEAD 8 /* elements a walk prefetches */

/* ---- places ---- */

uint64_t skiplist_size(const Skiplist *list) { return list->size; }

size_t skiplist_memory(const Skiplist *list) {
    return heap_good_size(sizeof *list) + list->nodes * heap_good_size(list->node_bytes);
}

uint64_t skiplist_rank(const Skiplist *list, const SkipElement *element) {
    Cut cut = cut_at(element, element->score);
    uint64_t start;
    const SkipNode *node = descend(list, &cut, NULL, &start);
    unsigned index = node ? node_index(node, element) : 0;
    return node && index < node->count ? start + index : SKIPLIST_NO_RANK;
}

bool skiplist_at(const Skiplist *list, uint64_t rank, SkipPos *pos) {
    uint64_t start;
    *pos = (SkipPos){NULL, 0};
    if (rank >= list->size)
        return false;
    pos->node = descend_to(list, rank, NULL, &start);
    pos->index = rank - start;
    return true;
}

bool skiplist_first(const Skiplist *list, SkipPos *pos) {
    *pos = (SkipPos){list->head[0].next, 0};
    return pos->node;
}

bool skiplist_last(const Skiplist *list, SkipPos *pos) {
    *pos = (SkipPos){list->tail, list->tail ? list->tail->count - 1u : 0};
    return pos->node;
}

SkipElement *skiplist_get(SkipPos pos) { return pos.node ? node_element(pos.node, pos.index) : NULL; }

/* The elements lie anywhere in memory: a walk asks for them before it needs them. Always inline: gcc takes
 * a function that only prefetches for one without effect, and drops its calls. */
static inline __attribute__((always_inline)) void look_ahead(const SkipNode *node, uint64_t from,
                                                             uint64_t to) {
    for (; from < to; from++)
        if (from < node->count)
            __builtin_prefetch(node_element(node, from));
}

void skiplist_look_ahead(SkipPos pos, bool back) {
    if (pos.node && back)
        look_ahead(pos.node, pos.index > AHEAD ? pos.index - AHEAD : 0, pos.index);
    else if (pos.node)
        look_ahead(pos.node, pos.index + 1, pos.index + AHEAD);
}

bool skiplist_next(SkipPos *pos) {
    if (!pos->node)
        return false;
    if (++pos->index == pos->node->count) {
        *pos = (SkipPos){pos->node->links[0].next, 0};
        if (pos->node) {
            __builtin_prefetch(pos->node->links[0].next);
            look_ahead(pos->node, 0, AHEAD);
        }
        return pos->node;
    }
    look_ahead(pos->node, pos->index + AHEAD, pos->index + AHEAD + 1);
    return true;
}

bool skiplist_prev(SkipPos *pos) {
    if (!pos->node)
        return false;
    if (pos->index-- == 0) {
        SkipNode *prev = pos->node->prev;
        *pos = (SkipPos){prev, prev ? prev->count - 1u : 0};
        if (prev)
            look_ahead(prev, prev->count > AHEAD ? prev->count - AHEAD : 0, prev->count);
        return prev;
    }
    if (pos->index >= AHEAD)
        look_ahead(pos->node, pos->index - AHEAD, pos->index - AHEAD + 1);
    return true;
}

/* ---- ranges ---- */

/* The cut below a min or above a max. Scores are taken as equal for a bound by member. */
static Cut bound_cut(const SkipBound *bound, bool is_max, uint64_t lexical_key) {
    bool after = bound->open != is_max;
    if (bound->kind == SKIP_SCORE)
        return (Cut){order_key(bound->score), NULL, 0, after};
    if (bound->kind == SKIP_LOWEST)
        return (Cut){0, NULL, 0, false};
    if (bound->kind == SKIP_HIGHEST)
        return (Cut){UINT64_MAX, NULL, 0, true};
    const uint8_t *member = bound->size ? bound->member : (const uint8_t *)"";
    return (Cut){lexical_key, member, bound->size, after};
}

static Cut list_cut(const Skiplist *list, const SkipBound *bound, bool is_max) {
    return bound_cut(bound, is_max, list->tail ? list->head[0].next->first : 0);
}

/* How many elements are below a cut, and the place of the first one that is not. */
static uint64_t cut_rank(const Skiplist *list, const Cut *cut, SkipPos *pos) {
    uint64_t start;
    SkipNode *node = descend(list, cut, NULL, &start);
    unsigned index = node ? node_cut(node, cut) : 0;
    *pos = (SkipPos){node, index};
    if (!node || index == node->count)
        *pos = (SkipPos){node ? node->links[0].next : list->head[0].next, 0};
    return start + index;
}

bool skip_range_holds(const SkipRange *range, const SkipElement *element) {
    uint64_t key = order_key(element->score);
    Cut low = bound_cut(&range->min, false, key), high = bound_cut(&range->max, true, key);
    return !element_below(element, &low) && element_below(element, &high);
}

bool skiplist_first_in_range(const Skiplist *list, const SkipRange *range, SkipPos *pos, uint64_t *rank) {
    Cut low = list_cut(list, &range->min, false), high = list_cut(list, &range->max, true);
    uint64_t before = cut_rank(list, &low, pos);
    if (rank)
        *rank = before;
    if (pos->node && element_below(skiplist_get(*pos), &high))
        return true;
    *pos = (SkipPos){NULL, 0};
    return false;
}

bool skiplist_last_in_range(const Skiplist *list, const SkipRange *range, SkipPos *pos, uint64_t *rank) {
    Cut low = list_cut(list, &range->min, false), high = list_cut(list, &range->max, true);
    uint64_t before = cut_rank(list, &high, pos);
    bool found = before && (pos->node ? skiplist_prev(pos) : skiplist_last(list, pos));
    if (rank)
        *rank = before - 1;
    if (found && !element_below(skiplist_get(*pos), &low))
        return true;
    *pos = (SkipPos){NULL, 0};
    return false;
}

uint64_t skiplist_range_ranks(const Skiplist *list, const SkipRange *range, uint64_t *start, uint64_t *end) {
    Cut low = list_cut(list, &range->min, false), high = list_cut(list, &range->max, true);
    SkipPos pos;
    *start = cut_rank(list, &low, &pos);
    *end = cut_rank(list, &high, &pos);
    if (*end < *start)
        *end = *start;
    return *end - *start;
}

uint64_t skiplist_count_range(const Skiplist *list, const SkipRange *range) {
    uint64_t start, end;
    return skiplist_range_ranks(list, range, &start, &end);
}

/* ---- invariants ---- */

static bool broken(const char *what, uint64_t rank) {
    fprintf(stderr, "skiplist: %s at rank %llu\n", what, (unsigned long long)rank);
    return false;
}

static bool check_node(const SkipNode *node, uint64_t start, const SkipElement **last) {
    if (!node->count || node->count > node->room)
        return broken("fill of a node", start);
    if (node->first != node_key(node, 0))
        return broken("first key", start);
    for (unsigned i = 0; i < node->count; i++) {
        const SkipElement *element = node_element(node, i);
        uint64_t key = order_key(element->score);
        Cut cut = {key, element->member, element->size, false};
        if (*last && !element_below(*last, &cut))
            return broken("order", start + i);
        if (node_slots(node)[i] != slot_of(node, element, key))
            return broken("hint", start + i);
        if (key > node->base && (key - node->base) >> node->shift > HINT_MAX)
            return broken("width", start + i);
        *last = element;
    }
    return true;
}

bool skiplist_check(const Skiplist *list) {
    const SkipLink *expect[LEVELS]; /* per height the link that must lead to the next node as high */
    uint64_t owner[LEVELS] = {0}, start = 0, nodes = 0;
    const SkipElement *last = NULL;
    const SkipNode *prev = NULL;
    for (int level = 0; level < list->levels; level++)
        expect[level] = &list->head[level];
    for (const SkipNode *node = list->head[0].next; node; prev = node, node = node->links[0].next, nodes++) {
        if (node->height < 1 || node->height > list->levels)
            return broken("height", start);
        if (node->prev != prev)
            return broken("backward link", start);
        if (!check_node(node, start, &last))
            return false;
        if (prev && prev->count * 4u < prev->room && node->count * 4u < node->room)
            return broken("two sparse nodes", start);
        for (int level = 0; level < node->height; level++) {
            if (expect[level]->next != node)
                return broken("forward link", start);
            if (owner[level] + expect[level]->span != start)
                return broken("span", start);
            expect[level] = &node->links[level];
            owner[level] = start;
        }
        start += node->count;
    }
    for (int level = 0; level < list->levels; level++)
        if (expect[level]->next)
            return broken("link beyond the end", start);
    if (list->levels > 1 && !list->head[list->levels - 1].next)
        return broken("empty height", 0);
    if (prev != list->tail)
        return broken("tail", start);
    if (start != list->size || nodes != list->nodes)
        return broken("count", start);
    return true;
}
