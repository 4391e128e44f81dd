/* deadlines: a heap of four children per node.
 *
 *   place   0 | 1 2 3 4 | 5 6 7 8 | 9 …       children of p: 4 p + 1 … 4 p + 4, parent of p: (p - 1) / 4
 *           ^ the first
 *
 *   OFFSET  SIZE  MEANING of one place
 *   0       8     the moment
 *   8       8     address of the thing
 *
 * The moments stand in the array, not in the things: a comparison touches no thing, and the four children that a way
 * down compares stand in one or two cache lines. With four children it is half as deep as with two; more make the
 * comparisons dearer than the levels they save (LaMarca and Ladner, The influence of caches on the performance of
 * heaps, 1996). New moments mostly lie behind the others, so adding looks at one parent and is done.
 *
 * Invariants: a place's moment is not smaller than its parent's; count <= room; `heap` is NULL if and only if
 * room is 0, else a block of room * 16 bytes.
 *
 * Memory: the array grows by a quarter, so 16 to 20 bytes for each.
 */
#include "deadlines.h"

enum { CHILDREN = 4, LEAST = 4 };

bool deadlines_reserve(Deadlines *d, Heap *heap) {
    if (d->count < d->room)
        return true;
    size_t room = d->room ? (size_t)d->room + d->room / 4 + 1 : LEAST;
    room = heap_good_size(room * sizeof(Deadline)) / sizeof(Deadline);
    if (room >= DEADLINES_NOWHERE)
        room = DEADLINES_NOWHERE - 1;
    if (room == d->room)
        return false;
    Deadline *more = heap_realloc(heap, d->heap, d->room * sizeof(Deadline), room * sizeof(Deadline));
    if (more == NULL)
        return false;
    d->heap = more;
    d->room = (uint32_t)room;
    return true;
}

static void put(Deadlines *d, size_t place, Deadline one, DeadlineMoved moved) {
    d->heap[place] = one;
    moved(one.item, (uint32_t)place);
}

/* Carries `one`, for which `place` is free, up to where no parent is later. */
static void rise(Deadlines *d, size_t place, Deadline one, DeadlineMoved moved) {
    while (place > 0) {
        size_t parent = (place - 1) / CHILDREN;
        if (d->heap[parent].at <= one.at)
            break;
        put(d, place, d->heap[parent], moved);
        place = parent;
    }
    put(d, place, one, moved);
}

/* And down to where no child is earlier. */
static void sink(Deadlines *d, size_t place, Deadline one, DeadlineMoved moved) {
    for (size_t child; (child = place * CHILDREN + 1) < d->count;) {
        size_t end = child + CHILDREN < d->count ? child + CHILDREN : d->count, least = child;
        for (size_t c = child + 1; c < end; c++)
            if (d->heap[c].at < d->heap[least].at)
                least = c;
        if (one.at <= d->heap[least].at)
            break;
        put(d, place, d->heap[least], moved);
        place = least;
    }
    put(d, place, one, moved);
}

static void settle(Deadlines *d, size_t place, Deadline one, DeadlineMoved moved) {
    if (place > 0 && one.at < d->heap[(place - 1) / CHILDREN].at)
        rise(d, place, one, moved);
    else
        sink(d, place, one, moved);
}

void deadlines_add(Deadlines *d, int64_t at, void *item, DeadlineMoved moved) {
    rise(d, d->count++, (Deadline){at, item}, moved);
}

void deadlines_change(Deadlines *d, uint32_t place, int64_t at, DeadlineMoved moved) {
    settle(d, place, (Deadline){at, d->heap[place].item}, moved);
}

static void shrink(Deadlines *d, Heap *heap) {
    size_t room = heap_good_size((d->count + d->count / 4 + 1) * sizeof(Deadline)) / sizeof(Deadline);
    Deadline *less = heap_realloc(heap, d->heap, d->room * sizeof(Deadline), room * sizeof(Deadline));
    if (less == NULL)
        return; /* later, then */
    d->heap = less;
    d->room = (uint32_t)room;
}

void deadlines_remove(Deadlines *d, Heap *heap, uint32_t place, DeadlineMoved moved) {
    Deadline last = d->heap[--d->count];
    if (place < d->count)
        settle(d, place, last, moved);
    if (d->count == 0)
        deadlines_clear(d, heap);
    else if (d->room > 4 * LEAST && d->count < d->room / 4)
        shrink(d, heap);
}

void deadlines_clear(Deadlines *d, Heap *heap) {
    heap_free(heap, d->heap, d->room * sizeof(Deadline));
    *d = (Deadlines){NULL, 0, 0};
}

/* Goes down only from what is due: a tree of 2^32 places is 16 levels deep. */
static size_t due_below(const Deadlines *d, size_t place, int64_t now) {
    if (place >= d->count || d->heap[place].at > now)
        return 0;
    size_t n = 1;
    for (size_t c = 1; c <= CHILDREN; c++)
        n += due_below(d, place * CHILDREN + c, now);
    return n;
}

size_t deadlines_due(const Deadlines *d, int64_t now) { return due_below(d, 0, now); }

bool deadlines_check(const Deadlines *d) {
    for (size_t place = 1; place < d->count; place++)
        if (d->heap[place].at < d->heap[(place - 1) / CHILDREN].at)
            return false;
    return d->count <= d->room && (d->heap == NULL) == (d->room == 0);
}
