/* skiplist: ordered by (score, member); skiplist.h is the manual.
 *
 *   list                 node (NODE_BYTES)                   node
 *   +--------+           +----------------------------+      +-------
 *   | head[3]| -- 0 ---->| links[3]  next, span       |----->| NULL
 *   | head[2]| -- 0 ---->| links[2]                   |--110>| links[2] ...
 *   | head[1]| -- 0 ---->| links[1]                   |--51->| a node between
 *   | head[0]| -- 0 ---->| links[0]                   |--51->|
 *   | tail   |           +----------------------------+      +-------
 *   +--------+
 *
 *   OFFSET        SIZE      MEANING, of a node of height h
 *   0             8         first: order key of the first element's score
 *   8             8         prev
 *   16            8         base of the hints
 *   24            1+1+1+1   count, room, height, shift (4 bytes spare)
 *   32            16 h      links: next node at this height, span
 *   32 + 16 h     8 room    slots: hint (16 bits) and address (48 bits) of an element, in order
 *
 * The first 64 bytes are all that a search reads of a node it passes; 1,000,000 elements have
 * some 20,000 nodes, whose first lines fit a second-level cache. In the node where the search ends,
 * the hints (internal/skipnode.h) tell nearly always without looking at elements, each of which would be
 * a cache miss: an insert of a new score usually reads no other element at all.
 *
 * Invariants (skiplist_check)
 *   - elements ascend strictly by (score, member) within and across nodes; no node is empty
 *   - start of a node = elements before it; the span of a link = start of its target - start of its owner,
 *     where the head starts at 0; the span of a link to NULL has no meaning
 *   - a node of height h is linked at heights 0..h-1; heights are geometric with p = 1/4
 *   - first is the key of slot 0; each slot's hint is what the node's base and shift give
 *   - of two neighbours at least one is filled to a quarter
 *
 * A full node first gives to its right neighbour; where that is full too, two become three (Knuth's B*
 * tree), so that random input fills nodes to about 80 %. The largest element goes behind a full last
 * node into a new one, so that ascending input fills them whole. A node under a half is merged with a
 * neighbour if both fit into seven eighths of one.
 *
 * A Path holds, per height, the last link before a place and where its owner starts: all links whose span
 * changes with the place. Failure of an allocation is met before anything has changed.
 *
 * Ideas: W. Pugh, Skip Lists: A Probabilistic Alternative to Balanced Trees, CACM 33(6), 1990, and his
 * A Skip List Cookbook (1990) for the spans; D. Knuth, TAOCP 3, 6.2.4 for two-to-three splits; abbreviated
 * keys beside pointers: C. Nyberg et al., AlphaSort, SIGMOD 1994.
 */
#include "skiplist.h"

#include <assert.h>

#include "internal/skippath.h"

#define NODE_BYTES 576 /* no power of two: first lines of nodes shall not meet in the same cache sets */

static_assert(offsetof(SkipElement, member) == 12, "a 16-byte member makes 28 bytes");
static_assert(offsetof(SkipNode, links) == 32, "two links share the first line with the header");
static_assert((NODE_BYTES - sizeof(SkipNode) - LEVELS * sizeof(SkipLink)) / 8 >= 8, "high nodes keep room");

/* ---- elements ---- */

SkipElement *skip_element_new(Heap *heap, double score, const void *member, uint32_t size) {
    SkipElement *element = heap_alloc(heap, skip_element_size(size));
    if (!element)
        return NULL;
    element->score = score;
    element->size = size;
    if (size)
        memcpy(element->member, member, size);
    return element;
}

void skip_element_free(Heap *heap, SkipElement *element) {
    if (element)
        heap_free(heap, element, skip_element_size(element->size));
}

void skip_element_drop(void *heap, SkipElement *element) { skip_element_free(heap, element); }

/* ---- paths ---- */

/* The path to the node before the one that starts at `start`: all links to this one are on it. */
static void descend_before(const Skiplist *list, uint64_t start, Path *path) {
    const SkipLink *links = list->head;
    uint64_t at = 0;
    for (int level = list->levels; level-- > 0;) {
        while (links[level].next && at + links[level].span < start) {
            at += links[level].span;
            links = links[level].next->links;
        }
        path->link[level] = (SkipLink *)&links[level];
        path->start[level] = at;
    }
}

/* The path to a node becomes the path to the node behind it. */
static void path_enter(Path *path, SkipNode *node, uint64_t start) {
    for (int level = 0; level < node->height; level++) {
        path->link[level] = &node->links[level];
        path->start[level] = start;
    }
}

/* Finds an element by value: its node, the path to it and its slot there; NULL if it is not in the list. */
static SkipNode *locate(const Skiplist *list, const SkipElement *element, Path *path, unsigned *index) {
    Cut cut = cut_at(element, element->score);
    uint64_t start;
    SkipNode *node = descend(list, &cut, path, &start);
    if (!node)
        return NULL;
    *index = node_index(node, element);
    return *index < node->count ? node : NULL;
}

/* ---- nodes ---- */

static int random_height(Skiplist *list) {
    uint64_t x = list->chance; /* xorshift64 (Marsaglia 2003) */
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    list->chance = x;
    int height = 1 + __builtin_ctzll((x >> 16) | UINT64_C(1) << 40) / 2;
    return height < LEVELS ? height : LEVELS;
}

static SkipNode *node_new(Skiplist *list) {
    SkipNode *node = heap_alloc(list->heap, list->node_bytes);
    if (!node)
        return NULL;
    node->count = 0;
    node->height = (uint8_t)random_height(list);
    size_t room = (list->node_bytes - sizeof(SkipNode)) / sizeof(uint64_t) - 2u * node->height;
    node->room = (uint8_t)(room < UINT8_MAX ? room : UINT8_MAX);
    node->first = node->base = 0;
    node->shift = 0;
    list->nodes++;
    return node;
}

static void node_free(Skiplist *list, SkipNode *node) {
    heap_free(list->heap, node, list->node_bytes);
    list->nodes--;
}

static void add_spans(Skiplist *list, const Path *path, uint64_t delta) {
    for (int level = 0; level < list->levels; level++)
        path->link[level]->span += delta;
}

/* Links a node, empty as yet, that starts at `start` behind `prev`, to which the path leads. */
static void link_node(Skiplist *list, Path *path, SkipNode *prev, SkipNode *node, uint64_t start) {
    for (; list->levels < node->height; list->levels++) {
        list->head[list->levels] = (SkipLink){NULL, 0};
        path->link[list->levels] = &list->head[list->levels];
        path->start[list->levels] = 0;
    }
    for (int level = 0; level < node->height; level++) {
        SkipLink *from = path->link[level];
        node->links[level] = (SkipLink){from->next, path->start[level] + from->span - start};
        *from = (SkipLink){node, start - path->start[level]};
    }
    node->prev = prev;
    *(node->links[0].next ? &node->links[0].next->prev : &list->tail) = node;
}

/* Unlinks a node, whose `gone` elements leave the list with it, and frees it. The path leads to the one before. */
static void unlink_node(Skiplist *list, const Path *path, SkipNode *node, uint64_t gone) {
    add_spans(list, path, -gone);
    for (int level = 0; level < node->height; level++) {
        path->link[level]->next = node->links[level].next;
        path->link[level]->span += node->links[level].span;
    }
    *(node->links[0].next ? &node->links[0].next->prev : &list->tail) = node->prev;
    node_free(list, node);
    while (list->levels > 1 && !list->head[list->levels - 1].next)
        list->levels--;
}

/* The start of `node` moves; the path leads to the node before it. */
static void move_start(const Path *path, SkipNode *node, uint64_t delta) {
    for (int level = 0; level < node->height; level++) {
        path->link[level]->span += delta;
        node->links[level].span -= delta;
    }
}

/* The last n elements of `node`, to which the path leads, become the first of the next one. */
static void shift_right(const Path *path, SkipNode *node, SkipNode *next, unsigned n) {
    uint64_t *to = node_slots(next);
    memmove(to + n, to, next->count * sizeof *to);
    memcpy(to, node_slots(node) + node->count - n, n * sizeof *to);
    node->count = (uint8_t)(node->count - n);
    next->count = (uint8_t)(next->count + n);
    move_start(path, next, -(uint64_t)n);
    node_recode(next);
    node_refit(node);
}

/* The first n elements of the next node become the last of `node`, to which the path leads. */
static void shift_left(const Path *path, SkipNode *node, SkipNode *next, unsigned n) {
    uint64_t *from = node_slots(next);
    memcpy(node_slots(node) + node->count, from, n * sizeof *from);
    memmove(from, from + n, (next->count - n) * sizeof *from);
    node->count = (uint8_t)(node->count + n);
    next->count = (uint8_t)(next->count - n);
    move_start(path, next, n);
    node_recode(node);
    node_recode(next);
}

/* Makes room in a full node or beside it; the path leads to it. False without memory. */
static bool make_room(Skiplist *list, SkipNode *node, Path *path) {
    SkipNode *next = node->links[0].next;
    if (next && next->count + next->room / 8u < next->room) {
        shift_right(path, node, next, (next->room - next->count + 1u) / 2);
        return true;
    }
    SkipNode *middle = node_new(list);
    if (!middle)
        return false;
    link_node(list, path, node, middle, path->start[0] + node->count);
    if (!next) {
        shift_right(path, node, middle,
                    node->count / 2u < middle->room ? node->count / 2u : middle->room / 2u);
        return true;
    }
    unsigned third = node->count / 3u < middle->room / 2u ? node->count / 3u : middle->room / 3u;
    uint64_t start = path->start[0] + node->count - third;
    shift_right(path, node, middle, third);
    path_enter(path, middle, start);
    shift_left(path, middle, next, third);
    return true;
}

static bool merge_fits(const SkipNode *node, const SkipNode *next) {
    return (node->count + next->count) * 8u <= node->room * 7u;
}

static void merge(Skiplist *list, const Path *path, SkipNode *node, SkipNode *next) {
    shift_left(path, node, next, next->count);
    unlink_node(list, path, next, 0);
}

/* After elements left a node: unlinks it if empty, merges it if sparse. The path leads to it. */
static void settle(Skiplist *list, const Path *path, SkipNode *node) {
    SkipNode *next = node->links[0].next;
    Path before;
    if (node->count && node->count * 2u >= node->room)
        return;
    if (node->count && next && merge_fits(node, next)) {
        merge(list, path, node, next);
    } else if (!node->count) {
        descend_before(list, path->start[0], &before);
        unlink_node(list, &before, node, 0);
    } else if (node->prev && merge_fits(node->prev, node)) {
        descend_before(list, path->start[0], &before);
        merge(list, &before, node->prev, node);
    }
}

static void take_slot(Skiplist *list, const Path *path, SkipNode *node, unsigned index) {
    node_take(node, index, 1);
    add_spans(list, path, -(uint64_t)1);
    list->size--;
    settle(list, path, node);
}

/* ---- changes ---- */

Skiplist *skiplist_new(Heap *heap, uint64_t seed) {
    Skiplist *list = heap_alloc(heap, sizeof *list);
    if (!list)
        return NULL;
    size_t bytes = heap_good_size(NODE_BYTES);
    *list = (Skiplist){.heap = heap, .chance = seed ? seed : 1, .node_bytes = (uint32_t)bytes, .levels = 1};
    return list;
}

bool skiplist_free_some(Skiplist *list, size_t max, SkipDrop drop, void *ctx) {
    size_t gone = 0;
    for (SkipNode *node, *next = list->head[0].next; (node = next);) {
        if (gone >= max)
            return false;
        next = list->head[0].next = node->links[0].next;
        for (unsigned i = 0; drop && i < node->count; i++)
            __builtin_prefetch(node_element(node, i));
        for (unsigned i = 0; drop && i < node->count; i++)
            drop(ctx, node_element(node, i));
        gone += node->count;
        node_free(list, node);
    }
    heap_free(list->heap, list, sizeof *list);
    return true;
}

void skiplist_free(Skiplist *list, SkipDrop drop, void *ctx) {
    if (list)
        skiplist_free_some(list, SIZE_MAX, drop, ctx);
}

static bool below_cut_all(const Skiplist *list, const Cut *cut) {
    return !list->tail || element_below(node_element(list->tail, list->tail->count - 1u), cut);
}

static bool append_slot(Skiplist *list, SkipElement *element, const Cut *cut, uint64_t *rank) {
    SkipNode *node = list->tail;
    if (!node || node->count == node->room) {
        Path path;
        uint64_t start;
        if (!(node = node_new(list)))
            return false;
        descend_to(list, UINT64_MAX, &path, &start);
        link_node(list, &path, list->tail, node, list->size);
    }
    node_put(node, node->count, element, cut->key);
    *rank = list->size++;
    return true;
}

/* Puts an element where the cut is; its own score is not looked at. */
static bool insert_slot(Skiplist *list, SkipElement *element, const Cut *cut, uint64_t *rank) {
    assert((uintptr_t)element <= ADDRESS_MASK);
    if (below_cut_all(list, cut))
        return append_slot(list, element, cut, rank);
    for (;;) {
        Path path;
        uint64_t start;
        SkipNode *node = descend(list, cut, &path, &start);
        if (!node)
            path_enter(&path, node = list->head[0].next, 0); /* below all: still in the first node */
        if (node->count == node->room) {
            if (!make_room(list, node, &path))
                return false;
            continue;
        }
        unsigned index = node_cut(node, cut);
        node_put(node, index, element, cut->key);
        add_spans(list, &path, 1);
        list->size++;
        *rank = start + index;
        return true;
    }
}

bool skiplist_insert(Skiplist *list, SkipElement *element) {
    Cut cut = cut_at(element, element->score);
    uint64_t rank;
    return insert_slot(list, element, &cut, &rank);
}

bool skiplist_append(Skiplist *list, SkipElement *element) { return skiplist_insert(list, element); }

bool skiplist_remove(Skiplist *list, const SkipElement *element) {
    Path path;
    unsigned index;
    SkipNode *node = locate(list, element, &path, &index);
    if (!node)
        return false;
    take_slot(list, &path, node, index);
    return true;
}

/* A new score that keeps the element in its node: moves it there, with its score, and says so. */
static bool update_within(SkipNode *node, unsigned index, SkipElement *element, const Cut *cut,
                          double score) {
    uint64_t *slots = node_slots(node);
    bool up = cut->key > order_key(element->score);
    const SkipNode *beside = up ? node->links[0].next : node->prev;
    unsigned to;
    if (up) {
        to = index + 1u < node->count && element_below(node_element(node, index + 1u), cut)
                 ? node_cut(node, cut) - 1u
                 : index;
        if (to == node->count - 1u && beside && node_below(beside, cut))
            return false;
        if (to > index)
            memmove(slots + index, slots + index + 1, (to - index) * sizeof *slots);
    } else {
        to = index && !element_below(node_element(node, index - 1u), cut) ? node_cut(node, cut) : index;
        if (to == 0 && beside && !element_below(node_element(beside, beside->count - 1u), cut))
            return false;
        if (to < index)
            memmove(slots + to + 1, slots + to, (index - to) * sizeof *slots);
    }
    element->score = score;
    if (index == 0 && to)
        node->first = node_key(node, 0);
    slots[to] = (uint64_t)(uintptr_t)element; /* node_widen shifts hints; none may be left over */
    node_set(node, to, element, cut->key);
    return true;
}

bool skiplist_update(Skiplist *list, SkipElement *element, double score) {
    Path path;
    unsigned index;
    Cut cut = cut_at(element, score);
    if (cut.key == order_key(element->score)) {
        element->score = score; /* the sign of a zero */
        return true;
    }
    SkipNode *node = locate(list, element, &path, &index);
    if (!node)
        return false;
    if (update_within(node, index, element, &cut, score))
        return true;
    /* Into the new place first, because only that can fail. Then out of the old one, by rank. */
    uint64_t old = path.start[0] + index, new, start;
    if (!insert_slot(list, element, &cut, &new))
        return false;
    element->score = score;
    old += new <= old;
    node = descend_to(list, old, &path, &start);
    take_slot(list, &path, node, (unsigned)(old - start));
    return true;
}

static SkipElement *take_rank(Skiplist *list, uint64_t rank) {
    Path path;
    uint64_t start;
    SkipNode *node = descend_to(list, rank, &path, &start);
    SkipElement *element = node_element(node, (unsigned)(rank - start));
    take_slot(list, &path, node, (unsigned)(rank - start));
    return element;
}

SkipElement *skiplist_pop_first(Skiplist *list) { return list->size ? take_rank(list, 0) : NULL; }

SkipElement *skiplist_pop_last(Skiplist *list) { return list->size ? take_rank(list, list->size - 1) : NULL; }

static void drop_slots(const SkipNode *node, unsigned i, unsigned n, SkipDrop drop, void *ctx) {
    if (!drop)
        return;
    for (unsigned k = i; k < i + n; k++)
        __builtin_prefetch(node_element(node, k));
    for (unsigned k = i; k < i + n; k++)
        drop(ctx, node_element(node, k));
}

uint64_t skiplist_remove_range_by_rank(Skiplist *list, uint64_t start, uint64_t end, SkipDrop drop,
                                       void *ctx) {
    if (end > list->size)
        end = list->size;
    if (start >= end)
        return 0;
    Path path;
    uint64_t at, left = end - start;
    SkipNode *node = descend_to(list, start, &path, &at);
    unsigned index = (unsigned)(start - at);
    if (!index)
        descend_before(list, at, &path); /* this node may go as a whole */
    list->size -= left;
    while (left) {
        unsigned n = left < node->count - index ? (unsigned)left : node->count - index;
        SkipNode *next = node->links[0].next;
        drop_slots(node, index, n, drop, ctx);
        left -= n;
        if (n == node->count) {
            unlink_node(list, &path, node, n);
        } else {
            if (!index)
                path_enter(&path, node, start);
            node_take(node, index, n);
            add_spans(list, &path, -(uint64_t)n);
        }
        node = next;
        index = 0;
    }
    /* Both sides of the seam may be sparse now. */
    for (int side = 0; side < 2 && list->size; side++) {
        node = descend_to(list, start - (start && !side), &path, &at);
        settle(list, &path, node);
    }
    return end - start;
}
