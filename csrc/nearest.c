/* nearest: see nearest.h. */
#include "nearest.h"

#include <string.h>

enum {
    SMALL = 7,   /* items that are sorted by insertion */
    MEDIUM = 40, /* items above which the middle of nine is taken for a pivot, and not of three */
};

void nearest_open(Nearest *list, Heap *heap) {
    list->heap = heap;
    list->items = list->home;
    list->count = 0;
    list->room = NEAREST_HOME;
}

void nearest_close(Nearest *list) {
    if (list->items != list->home)
        heap_free(list->heap, list->items, list->room * sizeof *list->items);
}

bool nearest_add(Nearest *list, const Near *item) {
    if (list->count == list->room) {
        size_t room = 2 * list->room;
        bool at_home = list->items == list->home;
        Near *items =
            at_home ? heap_alloc(list->heap, room * sizeof *items)
                    : heap_realloc(list->heap, list->items, list->room * sizeof *items, room * sizeof *items);
        if (!items)
            return false;
        if (at_home)
            memcpy(items, list->home, sizeof list->home);
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = *item;
    return true;
}

/* Negative, zero or positive as a comes before, with or behind b. */
static inline int compare(const Near *a, const Near *b, bool farthest) {
    int order = (a->distance > b->distance) - (a->distance < b->distance);
    return farthest ? -order : order;
}

static void merge_sort(Near *items, size_t count, bool farthest, Near *scratch) {
    if (count < 2)
        return;
    size_t half = count / 2, right = half, to = 0;
    merge_sort(items, half, farthest, scratch);
    merge_sort(items + half, count - half, farthest, scratch);
    if (compare(&items[half - 1], &items[half], farthest) <= 0)
        return;
    memcpy(scratch, items, half * sizeof *items);
    const Near *left = scratch, *end = scratch + half;
    while (left < end && right < count)
        items[to++] = compare(&items[right], left, farthest) < 0 ? items[right++] : *left++;
    memcpy(items + to, left, (size_t)(end - left) * sizeof *items);
}

bool nearest_order(Nearest *list, bool farthest) {
    Near home[NEAREST_HOME / 2], *scratch = home;
    size_t bytes = list->count / 2 * sizeof *scratch;
    if (bytes > sizeof home && !(scratch = heap_alloc(list->heap, bytes)))
        return false;
    merge_sort(list->items, list->count, farthest, scratch);
    if (scratch != home)
        heap_free(list->heap, scratch, bytes);
    return true;
}

/* ---- the first k ---- */

static inline void swap(Near *a, Near *b) {
    Near kept = *a;
    *a = *b;
    *b = kept;
}

static void swap_many(Near *a, Near *b, ptrdiff_t n) {
    while (n-- > 0)
        swap(a++, b++);
}

static Near *middle_of(Near *a, Near *b, Near *c, bool farthest) {
    if (compare(a, b, farthest) < 0)
        return compare(b, c, farthest) < 0 ? b : compare(a, c, farthest) < 0 ? c : a;
    return compare(b, c, farthest) > 0 ? b : compare(a, c, farthest) < 0 ? a : c;
}

static Near *pivot_of(Near *items, ptrdiff_t n, bool farthest) {
    Near *low = items, *middle = items + n / 2, *high = items + n - 1;
    ptrdiff_t d = n / 8;
    if (n == SMALL)
        return middle;
    if (n > MEDIUM) {
        low = middle_of(low, low + d, low + 2 * d, farthest);
        middle = middle_of(middle - d, middle, middle + d, farthest);
        high = middle_of(high - 2 * d, high - d, high, farthest);
    }
    return middle_of(low, middle, high, farthest);
}

static ptrdiff_t smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

static void sort_by_insertion(Near *items, ptrdiff_t n, bool farthest) {
    for (Near *at = items + 1; at < items + n; at++)
        for (Near *to = at; to > items && compare(to - 1, to, farthest) > 0; to--)
            swap(to, to - 1);
}

/* Orders those of n items that belong before `end`. */
static void order_before(Near *items, ptrdiff_t n, const Near *end, bool farthest) {
    while (n >= SMALL) {
        /* equal | less | ... | greater | equal: the equal ones go to the middle at last */
        swap(items, pivot_of(items, n, farthest));
        Near *equal_low = items + 1, *less = items + 1, *greater = items + n - 1, *equal_high = items + n - 1;
        int order;
        for (;;) {
            for (; less <= greater && (order = compare(less, items, farthest)) <= 0; less++)
                if (order == 0)
                    swap(equal_low++, less);
            for (; less <= greater && (order = compare(greater, items, farthest)) >= 0; greater--)
                if (order == 0)
                    swap(greater, equal_high--);
            if (less > greater)
                break;
            swap(less++, greater--);
        }
        ptrdiff_t lesser = less - equal_low, more = equal_high - greater,
                  moved = smaller(equal_low - items, lesser);
        swap_many(items, less - moved, moved);
        moved = smaller(more, items + n - 1 - equal_high);
        swap_many(less, items + n - moved, moved);
        if (lesser > 1) /* it begins at `items`, and there are always some before `end` */
            order_before(items, lesser, end, farthest);
        items += n - more;
        n = more;
        if (n < 2 || items >= end)
            return;
    }
    sort_by_insertion(items, n, farthest);
}

void nearest_order_first(Nearest *list, size_t k, bool farthest) {
    order_before(list->items, (ptrdiff_t)list->count, list->items + k, farthest);
}
