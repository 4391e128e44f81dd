/* sort: see sort.h. */
#include "sort.h"

#include <string.h>

#include "number.h"

enum {
    SORT_FEW = 24,   /* items that insertion sorts fastest */
    SORT_MANY = 512, /* items from which nine of them are asked for a pivot, not three */
};

uint64_t sort_prefix(const void *text, size_t size) {
    uint64_t prefix = 0;
    memcpy(&prefix, text, size < 8 ? size : 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    prefix = __builtin_bswap64(prefix);
#endif
    return prefix;
}

/* ---- comparing ---- */

static const uint8_t *text_of(const SortItem *item, char digits[NUMBER_INT_MAX], size_t *size) {
    if (item->text) {
        *size = (size_t)item->number;
        return item->text;
    }
    *size = number_format_int(item->number, digits);
    return (const uint8_t *)digits;
}

/* Whether a stands before b, their keys being equal. */
static __attribute__((noinline)) bool before_by_text(const SortItem *a, const SortItem *b) {
    char digits_a[NUMBER_INT_MAX], digits_b[NUMBER_INT_MAX];
    size_t size_a, size_b;
    if (!a->text && !b->text && a->number == b->number)
        return a->tie < b->tie;
    const uint8_t *text_a = text_of(a, digits_a, &size_a), *text_b = text_of(b, digits_b, &size_b);
    int order = memcmp(text_a, text_b, size_a < size_b ? size_a : size_b);
    if (order)
        return order < 0;
    return size_a != size_b ? size_a < size_b : a->tie < b->tie;
}

static inline __attribute__((always_inline)) bool before(const SortItem *a, const SortItem *b, bool by_text) {
    if (by_text)
        return a->key.prefix != b->key.prefix ? a->key.prefix < b->key.prefix : before_by_text(a, b);
    return a->key.number != b->key.number ? a->key.number < b->key.number : before_by_text(a, b);
}

static inline void swap(SortItem *a, SortItem *b) {
    SortItem held = *a;
    *a = *b;
    *b = held;
}

/* ---- the parts of an introsort ---- */

static inline __attribute__((always_inline)) void insertion_sort(SortItem *items, size_t n, bool by_text) {
    for (size_t i = 1; i < n; i++) {
        SortItem held = items[i];
        size_t at = i;
        for (; at && before(&held, &items[at - 1], by_text); at--)
            items[at] = items[at - 1];
        items[at] = held;
    }
}

static inline __attribute__((always_inline)) void sift(SortItem *items, size_t at, size_t n, bool by_text) {
    SortItem held = items[at];
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && before(&items[child], &items[child + 1], by_text))
            child++;
        if (!before(&held, &items[child], by_text))
            break;
        items[at] = items[child];
        at = child;
    }
    items[at] = held;
}

static inline __attribute__((always_inline)) void heap_sort(SortItem *items, size_t n, bool by_text) {
    for (size_t i = n / 2; i--;)
        sift(items, i, n, by_text);
    for (size_t i = n; i-- > 1;) {
        swap(&items[0], &items[i]);
        sift(items, 0, i, by_text);
    }
}

static inline __attribute__((always_inline)) size_t middle(const SortItem *items, size_t a, size_t b,
                                                           size_t c, bool by_text) {
    if (before(&items[b], &items[a], by_text)) {
        size_t held = a;
        a = b;
        b = held;
    }
    if (!before(&items[c], &items[b], by_text))
        return b;
    return before(&items[c], &items[a], by_text) ? a : c;
}

/* Brings a good pivot to the front. */
static inline __attribute__((always_inline)) void choose_pivot(SortItem *items, size_t n, bool by_text) {
    size_t half = n / 2, last = n - 1, eighth = n / 8;
    if (n < SORT_MANY)
        swap(&items[0], &items[middle(items, 0, half, last, by_text)]);
    else
        swap(&items[0],
             &items[middle(items, middle(items, 0, eighth, 2 * eighth, by_text),
                           middle(items, half - eighth, half, half + eighth, by_text),
                           middle(items, last - 2 * eighth, last - eighth, last, by_text), by_text)]);
}

/* Parts the items around the pivot, which is the first of them: no greater ones, pivot, no less ones. Returns where
 * the pivot stands then. Both scans stop at what equals the pivot, so that many equal items part in the middle. */
static inline __attribute__((always_inline)) size_t part(SortItem *items, size_t n, bool by_text) {
    SortItem pivot = items[0];
    size_t low = 0, high = n;
    for (;;) {
        while (++low < n && before(&items[low], &pivot, by_text)) {}
        while (before(&pivot, &items[--high], by_text)) {}
        if (low >= high)
            break;
        swap(&items[low], &items[high]);
    }
    swap(&items[0], &items[high]);
    return high;
}

static inline __attribute__((always_inline)) void
sort_by(SortItem *items, size_t n, size_t first, size_t end, unsigned depth, bool by_text,
        void (*again)(SortItem *, size_t, size_t, size_t, unsigned)) {
    while (first < end) {
        if (n <= SORT_FEW) {
            insertion_sort(items, n, by_text);
            return;
        }
        if (depth-- == 0) {
            heap_sort(items, n, by_text);
            return;
        }
        choose_pivot(items, n, by_text);
        size_t pivot = part(items, n, by_text);
        if (first < pivot)
            again(items, pivot, first, end < pivot ? end : pivot, depth);
        if (end <= pivot + 1)
            return;
        items += pivot + 1;
        n -= pivot + 1;
        first = first > pivot + 1 ? first - pivot - 1 : 0;
        end -= pivot + 1;
    }
}

static void sort_by_number(SortItem *items, size_t n, size_t first, size_t end, unsigned depth) {
    sort_by(items, n, first, end, depth, false, sort_by_number);
}

static void sort_by_text(SortItem *items, size_t n, size_t first, size_t end, unsigned depth) {
    sort_by(items, n, first, end, depth, true, sort_by_text);
}

void sort_items(SortItem *items, size_t n, size_t first, size_t end, bool by_text) {
    unsigned depth = 2 * (64 - (unsigned)__builtin_clzll(n | 1));
    if (by_text)
        sort_by_text(items, n, first, end, depth);
    else
        sort_by_number(items, n, first, end, depth);
}
