/* intset: a sorted set of integers in one block, each as wide as the widest needs.
 *
 * The published format of Redis and Valkey, byte for byte; intset.c draws it.
 *
 * Conventions
 *   - The owner holds a pointer to the block; what changes the set takes its address.
 *   - A rank is the place in ascending order, 0 first.
 *   - A change which fails, for want of memory or because the block would pass
 *     INTSET_MAX_BYTES, has changed nothing. Removing may need a smaller block, so it may fail.
 *   - The block's size is always heap_good_size(intset_bytes).
 *   - All functions trust the bytes, except intset_validate.
 */
#ifndef CYDIS_INTSET_H
#define CYDIS_INTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"
#include "little.h"

enum {
    INTSET_HEADER = 8,
    INTSET_MAX_BYTES = 1 << 30,
};

/* What a change did. */
typedef enum {
    INTSET_FAILED = -1,   /* no memory or too large; nothing changed */
    INTSET_SAME = 0,      /* was there already, or was not there */
    INTSET_CHANGED = 1,
} IntsetChange;

/* An empty set, or NULL. */
uint8_t *intset_new(Heap *heap);
/* A copy of a set (or of bytes which intset_validate(…, true) has accepted), or NULL. O(n). */
uint8_t *intset_copy(Heap *heap, const uint8_t *set);
void intset_free(Heap *heap, uint8_t *set);

/* Bytes per integer: 2, 4 or 8. O(1). */
static inline uint32_t intset_width(const uint8_t *set) { return little_load32(set); }
/* Number of members. O(1). */
static inline uint32_t intset_count(const uint8_t *set) { return little_load32(set + 4); }
/* Bytes in use, header included. O(1). */
static inline size_t intset_bytes(const uint8_t *set) {
    return INTSET_HEADER + (size_t)intset_count(set) * intset_width(set);
}
/* What the block occupies. O(1). */
static inline size_t intset_memory(const uint8_t *set) { return heap_good_size(intset_bytes(set)); }

/* Rank of the number, or -1. O(log n). */
int64_t intset_find(const uint8_t *set, int64_t number);
/* The member of that rank, which must be below the count. O(1). */
int64_t intset_get(const uint8_t *set, uint32_t rank);
/* Smallest and largest member; a member chosen by `chance` (64 random bits). Not for an empty set. O(1). */
int64_t intset_min(const uint8_t *set);
int64_t intset_max(const uint8_t *set);
int64_t intset_random(const uint8_t *set, uint64_t chance);

/* Adds the number; widens all members first if it needs that. O(n), O(log n) for a new maximum. */
IntsetChange intset_add(Heap *heap, uint8_t **set, int64_t number);
/* Removes the number; members keep their width. O(n). */
IntsetChange intset_remove(Heap *heap, uint8_t **set, int64_t number);

/* Whether size bytes are an intset. Never reads outside them. Shallow: width and count agree with the size;
 * deep: also strictly ascending (which finding relies upon, safety does not). O(1), O(n). */
bool intset_validate(const uint8_t *bytes, size_t size, bool deep);

#endif
