/* skiplist: the members of a sorted set in order of (score, member bytes, length).
 *
 * An unrolled, indexable skiplist: each node holds some sixty elements, so that the
 * structure costs about 11 bytes per element in place of a classic node's forty, and
 * a search meets a handful of cache lines in place of dozens. skiplist.c has the layout,
 * the invariants and the reasons.
 *
 *   insert, remove, update, rank, at, range ends      O(log n)
 *   next, prev, get, size, memory, first, last        O(1)
 *   insert above the largest                          O(1) amortised, nodes filled whole
 *   removing a range of k elements                    O(log n + k), by whole nodes
 *
 * Caveats. Elements are allocated by the caller, who usually shares them with a hash
 * table: the list never frees one by itself. While an element is in a list its score
 * changes through skiplist_update only. Scores are never NaN; -0.0 and 0.0 are one score.
 * A (score, member) pair is in a list at most once. Any change makes all SkipPos invalid.
 * Element addresses must fit 48 bits (every heap of today's 64-bit user spaces).
 */
#ifndef CYDIS_SKIPLIST_H
#define CYDIS_SKIPLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"

#define SKIPLIST_NO_RANK UINT64_MAX

typedef struct SkipElement {
    double score;
    uint32_t size;    /* bytes of member */
    uint8_t member[]; /* begins at offset 12: a 16-byte member makes 28 bytes in all */
} SkipElement;

typedef struct Skiplist Skiplist;
typedef struct SkipNode SkipNode;

/* A place in a list; node is NULL before the first and behind the last element. The index is as wide as the
 * registers it is passed in: a narrow store read back as a wide word would stall every step of a walk. */
typedef struct SkipPos {
    SkipNode *node;
    uint64_t index;
} SkipPos;

/* Receives an element that left a list; ctx is the caller's. skip_element_drop frees it (ctx: its Heap). */
typedef void (*SkipDrop)(void *ctx, SkipElement *element);

/* ---- elements ---- */

/* A new element with a copy of the member, or NULL without memory. */
SkipElement *skip_element_new(Heap *heap, double score, const void *member, uint32_t size);
void skip_element_free(Heap *heap, SkipElement *element);
void skip_element_drop(void *heap, SkipElement *element);

/* The member of an element, in the form of a hash table's key function. */
static inline const uint8_t *skip_element_key(const void *element, size_t *size) {
    *size = ((const SkipElement *)element)->size;
    return ((const SkipElement *)element)->member;
}

/* The bytes an element of so long a member asks from the heap. */
static inline size_t skip_element_size(uint32_t size) { return offsetof(SkipElement, member) + size; }

/* ---- the list ---- */

/* An empty list, or NULL without memory. The seed decides the heights of the nodes. */
Skiplist *skiplist_new(Heap *heap, uint64_t seed);

/* Frees the list; its elements are given to drop, or left alone where drop is NULL. O(n). */
void skiplist_free(Skiplist *list, SkipDrop drop, void *ctx);

/* The same in slices: frees nodes until `max` elements or more are gone. True when the list itself is
 * gone too; after a false only this function may be called again. */
bool skiplist_free_some(Skiplist *list, size_t max, SkipDrop drop, void *ctx);

/* Puts the element in its place. False without memory: the list is as it was. */
bool skiplist_insert(Skiplist *list, SkipElement *element);

/* The same for sorted input: O(1) while each element is above all before it, otherwise as skiplist_insert. */
bool skiplist_append(Skiplist *list, SkipElement *element);

/* Takes out the element of this score and member, which may be another allocation than the one inside;
 * frees no element. False if there is none. */
bool skiplist_remove(Skiplist *list, const SkipElement *element);

/* Gives an element of this list another score and place. False without memory: all is as it was. */
bool skiplist_update(Skiplist *list, SkipElement *element, double score);

/* Takes out the first or last element and hands it over; NULL from an empty list. */
SkipElement *skiplist_pop_first(Skiplist *list);
SkipElement *skiplist_pop_last(Skiplist *list);

/* Takes out the elements of ranks start <= rank < end and gives each to drop (NULL: to nobody), in order.
 * Returns how many. drop must not touch the list. */
uint64_t skiplist_remove_range_by_rank(Skiplist *list, uint64_t start, uint64_t end, SkipDrop drop,
                                       void *ctx);

uint64_t skiplist_size(const Skiplist *list);

/* Bytes of the structure, in good sizes of the heap, without the elements. */
size_t skiplist_memory(const Skiplist *list);

/* Checks every invariant; false, with a line on stderr, at the first broken one. O(n). */
bool skiplist_check(const Skiplist *list);

/* ---- places ---- */

/* How many elements are before this one (by score and member), or SKIPLIST_NO_RANK. */
uint64_t skiplist_rank(const Skiplist *list, const SkipElement *element);

/* The place of a rank; false (and an empty place) at size and beyond. */
bool skiplist_at(const Skiplist *list, uint64_t rank, SkipPos *pos);

/* The ends; false (and an empty place) in an empty list. O(1). */
bool skiplist_first(const Skiplist *list, SkipPos *pos);
bool skiplist_last(const Skiplist *list, SkipPos *pos);

/* The element at a place, NULL at an empty one. */
SkipElement *skiplist_get(SkipPos pos);

/* A walk is about to begin at the place: fetches its first elements. */
void skiplist_look_ahead(SkipPos pos, bool back);

/* Moves on or back; false, and an empty place, past the end. */
bool skiplist_next(SkipPos *pos);
bool skiplist_prev(SkipPos *pos);

/* ---- ranges ---- */

/* One end of a range. Ends by member are for lists whose scores are all equal, as ZRANGEBYLEX asks. */
typedef enum SkipBoundKind { SKIP_LOWEST, SKIP_HIGHEST, SKIP_SCORE, SKIP_MEMBER } SkipBoundKind;

typedef struct SkipBound {
    SkipBoundKind kind;
    bool open;             /* the bound itself is outside */
    double score;          /* SKIP_SCORE */
    const uint8_t *member; /* SKIP_MEMBER; borrowed */
    uint32_t size;
} SkipBound;

typedef struct SkipRange {
    SkipBound min, max; /* min above max is an empty range */
} SkipRange;

static inline SkipBound skip_bound_score(double score, bool open) {
    return (SkipBound){SKIP_SCORE, open, score, NULL, 0};
}

static inline SkipBound skip_bound_member(const void *member, uint32_t size, bool open) {
    return (SkipBound){SKIP_MEMBER, open, 0.0, (const uint8_t *)member, size};
}

static inline SkipBound skip_bound_end(bool highest) {
    return (SkipBound){highest ? SKIP_HIGHEST : SKIP_LOWEST, false, 0.0, NULL, 0};
}

/* The first or last element inside, its place and (where rank is not NULL) its rank. False if none. */
bool skiplist_first_in_range(const Skiplist *list, const SkipRange *range, SkipPos *pos, uint64_t *rank);
bool skiplist_last_in_range(const Skiplist *list, const SkipRange *range, SkipPos *pos, uint64_t *rank);

/* The ranks of a range: start <= rank < end; returns end - start, the number of elements inside. */
uint64_t skiplist_range_ranks(const Skiplist *list, const SkipRange *range, uint64_t *start, uint64_t *end);

/* How many elements are inside. Two searches, whatever the answer. */
uint64_t skiplist_count_range(const Skiplist *list, const SkipRange *range);

/* Whether one element lies inside, for a walk that stops at the other end of a range. O(1). */
bool skip_range_holds(const SkipRange *range, const SkipElement *element);

#endif
