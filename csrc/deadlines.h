/* deadlines: which of many things is due first.
 *
 * A heap of four children per node in one array, a moment and an address each, the smallest moment in front.
 * deadlines.c draws it and says why four. The things belong to the caller, who keeps beside each the place where it
 * stands in the array: he is told through DeadlineMoved whenever that changes, so that a thing whose moment changes,
 * or which goes, is found without a search.
 *
 *   reserve, add, change, remove    O(log n)
 *   first, at, count, memory        O(1)
 *   due                             O(things that are due)
 *
 * Conventions
 *   - a Deadlines filled with zeros is empty and holds no memory
 *   - only deadlines_reserve takes memory and may fail: whoever has reserved can add one without failing,
 *     so a caller reserves first, does the rest that may fail, and adds last
 *   - a removal gives memory back when three quarters of it are idle
 */
#ifndef CYDIS_DEADLINES_H
#define CYDIS_DEADLINES_H

#include "heap.h"

#define DEADLINES_NOWHERE UINT32_MAX /* a place that nothing has */

typedef struct {
    int64_t at;
    void *item;
} Deadline;

typedef struct {
    Deadline *heap;
    uint32_t count, room;
} Deadlines;

/* The thing stands at this place now. */
typedef void (*DeadlineMoved)(void *item, uint32_t place);

/* Room for one more than there are. False: no memory, or 2^32 - 1 of them; nothing changed. */
bool deadlines_reserve(Deadlines *d, Heap *heap);

/* Adds a thing, room having been reserved. `moved` is called for it, too. */
void deadlines_add(Deadlines *d, int64_t at, void *item, DeadlineMoved moved);

/* Gives the thing at that place another moment. */
void deadlines_change(Deadlines *d, uint32_t place, int64_t at, DeadlineMoved moved);

/* Takes out the thing at that place; `moved` is called for those that move, not for it. */
void deadlines_remove(Deadlines *d, Heap *heap, uint32_t place, DeadlineMoved moved);

/* Forgets all and gives the memory back. O(1). */
void deadlines_clear(Deadlines *d, Heap *heap);

/* How many things have moments up to `now`. */
size_t deadlines_due(const Deadlines *d, int64_t now);

/* Whether no moment is smaller than its parent's. */
bool deadlines_check(const Deadlines *d);

/* Whether any thing has a moment up to `now`. */
static inline bool deadlines_any_due(const Deadlines *d, int64_t now) {
    return d->count && d->heap->at <= now;
}

static inline size_t deadlines_memory(const Deadlines *d) {
    return d->room ? heap_good_size(d->room * sizeof(Deadline)) : 0;
}

#endif
