/* intset: see intset.h for the interface.
 *
 * Layout (all numbers little-endian):
 *
 *   +-----------+-----------+----------+----------+-- … --+------------+
 *   | width u32 | count u32 | member 0 | member 1 |       | member n-1 |
 *   +-----------+-----------+----------+----------+-- … --+------------+
 *     2, 4 or 8               width bytes each, signed, strictly ascending
 *
 *   Worked example, {-1, 5}:  02000000 02000000 ffff 0500
 *
 * Invariants: block size == heap_good_size(8 + count * width); the width never shrinks by
 * itself (as in the format's origin, so that a set which wavers does not convert twice).
 *
 * Costs: find is a binary search whose only branch is its loop: the half to go on in is
 * chosen by a conditional move, because a comparison with random members cannot be predicted.
 *
 * From: Pieter Noordhuis' intset (Redis 2.2, 2010) for the format.
 */
#include "intset.h"

#include <string.h>

static inline int64_t load(const uint8_t *members, uint32_t width, size_t i) {
    switch (width) {
    case 2:
        return (int16_t)little_load16(members + i * 2);
    case 4:
        return (int32_t)little_load32(members + i * 4);
    default:
        return (int64_t)little_load64(members + i * 8);
    }
}

static inline void store(uint8_t *members, uint32_t width, size_t i, int64_t number) {
    switch (width) {
    case 2:
        little_store16(members + i * 2, (uint16_t)number);
        break;
    case 4:
        little_store32(members + i * 4, (uint32_t)number);
        break;
    default:
        little_store64(members + i * 8, (uint64_t)number);
    }
}

static uint32_t width_for(int64_t number) {
    if (number >= INT16_MIN && number <= INT16_MAX)
        return 2;
    return number >= INT32_MIN && number <= INT32_MAX ? 4 : 8;
}

/* --- the block ------------------------------------------------------------------------ */

uint8_t *intset_new(Heap *heap) {
    uint8_t *set = heap_alloc(heap, INTSET_HEADER);
    if (set) {
        little_store32(set, 2);
        little_store32(set + 4, 0);
    }
    return set;
}

uint8_t *intset_copy(Heap *heap, const uint8_t *set) {
    size_t bytes = intset_bytes(set);
    uint8_t *copy = heap_alloc(heap, bytes);
    if (copy)
        memcpy(copy, set, bytes);
    return copy;
}

void intset_free(Heap *heap, uint8_t *set) {
    if (set)
        heap_free(heap, set, intset_bytes(set));
}

/* The block with room for count members of that width; bytes in use and header as before. */
static bool grow(Heap *heap, uint8_t **set, uint64_t count, uint32_t width) {
    uint64_t bytes = INTSET_HEADER + count * width;
    if (bytes > INTSET_MAX_BYTES)
        return false;
    uint8_t *larger = heap_realloc(heap, *set, intset_bytes(*set), bytes);
    if (larger)
        *set = larger;
    return larger != NULL;
}

/* --- reading -------------------------------------------------------------------------- */

/* How many members are smaller than the number. `width` is a constant in each call. */
static inline uint32_t lower_bound(const uint8_t *members, uint32_t n, uint32_t width, int64_t number) {
    uint32_t base = 0;
    while (n > 1) {
        uint32_t half = n / 2;
        base += load(members, width, base + half - 1) < number ? half : 0;
        n -= half;
    }
    return base + (n == 1 && load(members, width, base) < number);
}

static uint32_t rank_of(const uint8_t *set, int64_t number) {
    const uint8_t *members = set + INTSET_HEADER;
    uint32_t n = intset_count(set);
    switch (intset_width(set)) {
    case 2:
        return lower_bound(members, n, 2, number);
    case 4:
        return lower_bound(members, n, 4, number);
    default:
        return lower_bound(members, n, 8, number);
    }
}

int64_t intset_find(const uint8_t *set, int64_t number) {
    uint32_t rank = rank_of(set, number);
    return rank < intset_count(set) && intset_get(set, rank) == number ? (int64_t)rank : -1;
}

int64_t intset_get(const uint8_t *set, uint32_t rank) {
    return load(set + INTSET_HEADER, intset_width(set), rank);
}

int64_t intset_min(const uint8_t *set) { return intset_get(set, 0); }

int64_t intset_max(const uint8_t *set) { return intset_get(set, intset_count(set) - 1); }

int64_t intset_random(const uint8_t *set, uint64_t chance) {
    /* multiply and shift: as even as a remainder for 32 good bits, without the division */
    return intset_get(set, (uint32_t)((chance >> 32) * intset_count(set) >> 32));
}

/* --- changing ------------------------------------------------------------------------- */

/* A number too wide for the set is smaller or larger than all members. */
static IntsetChange add_wider(Heap *heap, uint8_t **set, int64_t number, uint32_t width) {
    uint32_t old = intset_width(*set), n = intset_count(*set);
    if (!grow(heap, set, (uint64_t)n + 1, width))
        return INTSET_FAILED;
    uint8_t *members = *set + INTSET_HEADER;
    uint32_t shift = number < 0;
    for (uint32_t i = n; i-- > 0;) /* from the end, so that nothing is overwritten before it is read */
        store(members, width, i + shift, load(members, old, i));
    store(members, width, shift ? 0 : n, number);
    little_store32(*set, width);
    little_store32(*set + 4, n + 1);
    return INTSET_CHANGED;
}

IntsetChange intset_add(Heap *heap, uint8_t **set, int64_t number) {
    uint32_t width = intset_width(*set), n = intset_count(*set), needed = width_for(number);
    if (needed > width)
        return add_wider(heap, set, number, needed);
    uint32_t rank = n == 0 || number > intset_max(*set) ? n : rank_of(*set, number);
    if (rank < n && intset_get(*set, rank) == number)
        return INTSET_SAME;
    if (!grow(heap, set, (uint64_t)n + 1, width))
        return INTSET_FAILED;
    uint8_t *members = *set + INTSET_HEADER, *place = members + (size_t)rank * width;
    memmove(place + width, place, (size_t)(n - rank) * width);
    store(members, width, rank, number);
    little_store32(*set + 4, n + 1);
    return INTSET_CHANGED;
}

IntsetChange intset_remove(Heap *heap, uint8_t **set, int64_t number) {
    int64_t rank = intset_find(*set, number);
    if (rank < 0)
        return INTSET_SAME;
    size_t old = intset_bytes(*set), width = intset_width(*set), bytes = old - width;
    size_t at = INTSET_HEADER + (size_t)rank * width;
    uint8_t *p = *set;
    if (heap_good_size(bytes) != heap_good_size(old)) { /* may be refused: old bytes stay till then */
        p = heap_alloc(heap, bytes);
        if (!p)
            return INTSET_FAILED;
        memcpy(p, *set, at);
    }
    memmove(p + at, *set + at + width, bytes - at);
    little_store32(p + 4, intset_count(*set) - 1);
    if (p != *set) {
        heap_free(heap, *set, old);
        *set = p;
    }
    return INTSET_CHANGED;
}

/* --- bytes from outside ---------------------------------------------------------------- */

bool intset_validate(const uint8_t *bytes, size_t size, bool deep) {
    if (size < INTSET_HEADER || size > INTSET_MAX_BYTES)
        return false;
    uint32_t width = intset_width(bytes), n = intset_count(bytes);
    if ((width != 2 && width != 4 && width != 8) || INTSET_HEADER + (uint64_t)n * width != size)
        return false;
    for (uint32_t i = 1; deep && i < n; i++)
        if (intset_get(bytes, i - 1) >= intset_get(bytes, i))
            return false;
    return true;
}
