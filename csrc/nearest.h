/* nearest: members that were found, each with a distance, and the nearest or farthest of them in order.
 *
 *   add                  O(1)
 *   order all            O(n log n), those of one distance as they came
 *   order the first k    O(n + k log k) on average, no memory
 *
 * The first k are brought to the front by the partial quicksort that Redis and Valkey use for it (Bentley and McIlroy,
 * Engineering a sort function, 1993, which leaves out the parts that no place below k is in). It is not stable: which
 * members of one distance come, and in which order, follows from its choices alone, and so they are the same ones.
 */
#ifndef CYDIS_NEAREST_H
#define CYDIS_NEAREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"

enum {
    NEAREST_HOME = 32, /* members that need no allocation */
};

typedef struct Near {
    double distance, score;
    const uint8_t *text; /* borrowed; NULL: the member is a number */
    int64_t number;      /* that number, or the size of the text */
} Near;

typedef struct Nearest {
    Heap *heap;
    Near *items;
    size_t count, room;
    Near home[NEAREST_HOME];
} Nearest;

void nearest_open(Nearest *list, Heap *heap);
void nearest_close(Nearest *list);

/* False: no memory, the list is as it was. So in nearest_order. */
bool nearest_add(Nearest *list, const Near *item);
bool nearest_order(Nearest *list, bool farthest);
void nearest_order_first(Nearest *list, size_t k, bool farthest);

#endif
