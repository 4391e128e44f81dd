/* sort: the order of many short texts and numbers, or of a part of them.
 *
 * What is sorted is an array of items that point at texts which lie still elsewhere. An item has a key that
 * decides most comparisons without a look at the text:
 *
 *      OFFSET  SIZE  MEANING
 *      0       8     key: a double, or the first eight bytes of the text as a big-endian number
 *      8       8     text; NULL: the text is the decimal form of `number`
 *      16      8     number; where there is a text, its size
 *      24      8     tie: for the owner, and what decides where key and text are equal
 *
 * Items are in order of (key, text, tie), texts by their bytes as memcmp has them and the shorter one first. So
 * the order is total, equal items being alike, and the descending order is the ascending one read backwards.
 *
 * Only the places [first, end) are put in order: every item before them is no greater and every one behind them
 * no less, but neither side is sorted. An introsort (D. R. Musser 1997) which goes into those parts only that
 * reach into the places asked for, as quickselect (C. A. R. Hoare 1961) does: O(n + k log k) expected for k
 * places, O(n log n) at worst since a heapsort ends what splits badly. Nothing is allocated, and the depth of
 * the recursion is at most 2 log2 n.
 */
#ifndef CYDIS_SORT_H
#define CYDIS_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    union {
        double number;             /* never NaN */
        uint64_t prefix;
    } key;
    const uint8_t *text;
    int64_t number;
    uint64_t tie;
} SortItem;

/* The key of a text: its first eight bytes, zeros behind a shorter one. O(1). */
uint64_t sort_prefix(const void *text, size_t size);

/* Puts the places [first, end) of items[0, n) in order: by numbers, or (by_text) by prefixes. first <= end <= n. */
void sort_items(SortItem *items, size_t n, size_t first, size_t end, bool by_text);

#endif
