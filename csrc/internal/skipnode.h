/* skipnode: one node of the skiplist; see skiplist.c for the drawing.
 *
 * A slot is a word: the low 48 bits are an element's address, the high 16 a hint, a coarse
 * monotone code of its score:
 *
 *   order_key(score)      64 bits that compare as integers the way scores do
 *   hint(node, key)       0 where key <= base, else min((key - base) >> shift, 65535)
 *
 * so that hint(a) < hint(b) proves a < b and only equal hints need a look at the elements. base and
 * shift belong to the node and are chosen anew when elements move between nodes. Each slot's hint is
 * exactly what the formula gives, and none is cut off at 65535: a node widens before that.
 */
#ifndef CYDIS_SKIPNODE_H
#define CYDIS_SKIPNODE_H

#include <string.h>

#include "../skiplist.h"

#define HINT_BITS 16
#define HINT_MAX ((1u << HINT_BITS) - 1)
#define HINT_AT (64 - HINT_BITS)
#define ADDRESS_MASK ((UINT64_C(1) << HINT_AT) - 1)
#define WIDEN_SLACK 4 /* bits of growth granted at once, so that ascending input seldom widens */

typedef struct SkipLink {
    SkipNode *next;
    uint64_t span; /* start of next - start of this node; no meaning where next is NULL */
} SkipLink;

struct SkipNode {
    uint64_t first; /* order key of slot 0: all that a passing search reads */
    SkipNode *prev;
    uint64_t base; /* hints count from this order key */
    uint8_t count; /* slots in use, at least 1 between calls */
    uint8_t room;  /* slots there are */
    uint8_t height;
    uint8_t shift;
    SkipLink links[]; /* height links, then room slots */
};

/* A cut between elements: below it are all elements less than (key, member), and with `after` the equal
 * one. Without a member the cut lies before or after all elements of the score. */
typedef struct Cut {
    uint64_t key;
    const uint8_t *member;
    uint32_t size;
    bool after;
} Cut;

static inline uint64_t order_key(double score) {
    uint64_t bits;
    score += 0.0; /* -0.0 becomes 0.0 */
    memcpy(&bits, &score, sizeof bits);
    return bits ^ ((uint64_t)-(int64_t)(bits >> 63) | UINT64_C(1) << 63);
}

static inline uint64_t *node_slots(const SkipNode *node) { return (uint64_t *)(node->links + node->height); }

static inline SkipElement *node_element(const SkipNode *node, unsigned i) {
    return (SkipElement *)(uintptr_t)(node_slots(node)[i] & ADDRESS_MASK);
}

static inline uint64_t node_key(const SkipNode *node, unsigned i) {
    return order_key(node_element(node, i)->score);
}

static inline uint64_t node_hint(const SkipNode *node, uint64_t key) {
    uint64_t hint = key <= node->base ? 0 : (key - node->base) >> node->shift;
    return hint < HINT_MAX ? hint : HINT_MAX;
}

static inline uint64_t slot_of(const SkipNode *node, const SkipElement *element, uint64_t key) {
    return (uint64_t)(uintptr_t)element | node_hint(node, key) << HINT_AT;
}

static inline int member_compare(const uint8_t *a, uint32_t a_size, const uint8_t *b, uint32_t b_size) {
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

static inline bool element_below(const SkipElement *element, const Cut *cut) {
    uint64_t key = order_key(element->score);
    if (key != cut->key)
        return key < cut->key;
    if (!cut->member)
        return cut->after;
    int order = member_compare(element->member, element->size, cut->member, cut->size);
    return order ? order < 0 : cut->after;
}

/* Is slot 0 below the cut? Looks at the element only where scores tie. */
static inline bool node_below(const SkipNode *node, const Cut *cut) {
    if (node->first != cut->key)
        return node->first < cut->key;
    return cut->member ? element_below(node_element(node, 0), cut) : cut->after;
}

/* The number of leading slots with a hint below that of `probe`, whose address bits are 0. */
static inline unsigned slots_below(const uint64_t *slots, unsigned count, uint64_t probe) {
    const uint64_t *at = slots;
    while (count > 1) {
        unsigned half = count / 2;
        at += (at[half - 1] < probe) * half;
        count -= half;
    }
    return (unsigned)(at - slots) + (count && *at < probe);
}

/* The number of elements of the node below the cut. */
static inline unsigned node_cut(const SkipNode *node, const Cut *cut) {
    const uint64_t *slots = node_slots(node);
    uint64_t hint = node_hint(node, cut->key);
    unsigned low = slots_below(slots, node->count, hint << HINT_AT), high = node->count;
    if (low == high || slots[low] >> HINT_AT != hint)
        return low;
    if (hint < HINT_MAX)
        high = low + slots_below(slots + low, high - low, (hint + 1) << HINT_AT);
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (element_below(node_element(node, middle), cut))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The slot of an element: by its address, which touches no other element, or else by its value.
 * node->count where there is none. */
static inline unsigned node_index(const SkipNode *node, const SkipElement *element) {
    const uint64_t *slots = node_slots(node);
    uint64_t key = order_key(element->score), slot = slot_of(node, element, key);
    unsigned i = slots_below(slots, node->count, slot & ~ADDRESS_MASK);
    for (; i < node->count && slots[i] >> HINT_AT == slot >> HINT_AT; i++)
        if (slots[i] == slot)
            return i;
    Cut cut = {key, element->member, element->size, false};
    i = node_cut(node, &cut);
    cut.after = true;
    return i < node->count && element_below(node_element(node, i), &cut) ? i : node->count;
}

/* Makes room in the code for a key above all it can say now. Needs no element. */
static inline void node_widen(SkipNode *node, uint64_t key) {
    if (key <= node->base || (key - node->base) >> node->shift <= HINT_MAX)
        return;
    int need = 64 - __builtin_clzll(key - node->base) - HINT_BITS + WIDEN_SLACK;
    int shift = need < HINT_AT ? need : HINT_AT;
    uint64_t *slots = node_slots(node);
    for (unsigned i = 0; i < node->count; i++)
        slots[i] = (slots[i] >> HINT_AT >> (shift - node->shift)) << HINT_AT | (slots[i] & ADDRESS_MASK);
    node->shift = (uint8_t)shift;
}

/* Chooses base and shift for the scores as they are. Reads every element. */
static inline void node_recode(SkipNode *node) {
    if (!node->count)
        return;
    uint64_t *slots = node_slots(node);
    for (unsigned i = 0; i < node->count; i++)
        __builtin_prefetch(node_element(node, i));
    node->first = node->base = node_key(node, 0);
    uint64_t width = node_key(node, node->count - 1u) - node->base;
    node->shift = width >> HINT_BITS ? (uint8_t)(64 - __builtin_clzll(width) - HINT_BITS) : 0;
    for (unsigned i = 0; i < node->count; i++)
        slots[i] = slot_of(node, node_element(node, i), node_key(node, i));
}

/* After elements left at the end: recodes where the rest uses less than a quarter of the hints. */
static inline void node_refit(SkipNode *node) {
    if (!node->count || !node->shift)
        return;
    if (node_hint(node, node_key(node, node->count - 1u)) <= HINT_MAX / 4)
        node_recode(node);
}

/* Slot i becomes this element; count is not touched. */
static inline void node_set(SkipNode *node, unsigned i, const SkipElement *element, uint64_t key) {
    node_widen(node, key);
    node_slots(node)[i] = slot_of(node, element, key);
    if (i == 0)
        node->first = key;
}

/* Opens slot i for an element; there must be room. */
static inline void node_put(SkipNode *node, unsigned i, const SkipElement *element, uint64_t key) {
    uint64_t *slots = node_slots(node);
    if (node->count == 0)
        node->base = key, node->shift = 0;
    node_widen(node, key);
    memmove(slots + i + 1, slots + i, (node->count - i) * sizeof *slots);
    node->count++;
    node_set(node, i, element, key);
}

/* Closes n slots from i on. */
static inline void node_take(SkipNode *node, unsigned i, unsigned n) {
    uint64_t *slots = node_slots(node);
    memmove(slots + i, slots + i + n, (node->count - i - n) * sizeof *slots);
    node->count = (uint8_t)(node->count - n);
    if (i == 0 && node->count)
        node->first = node_key(node, 0);
}

#endif
