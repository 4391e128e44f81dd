/* quicklist_ring: chunks, and the ring of slots that holds them; inside quicklist only.
 *
 * Layout and invariants: see quicklist.c. What is named ring_… knows slots and keeps the
 * ring's invariants, what is named chunk_… one chunk. A slot number counts from the
 * list's first slot.
 */
#ifndef CYDIS_QUICKLIST_RING_H
#define CYDIS_QUICKLIST_RING_H

#include <string.h>

#include "quicklist.h"

enum {
    QUICKLIST_SPARE = 8,        /* holes that are never worth a compaction */
    QUICKLIST_MIN_ROOM = 4,
    SAFE_BYTES = 8192,          /* of a chunk limited by its number of elements */
};

/* --- limits --------------------------------------------------------------------------- */

static inline size_t chunk_most_bytes(int fill) {
    return fill >= 0 ? SAFE_BYTES : (size_t)2048 << (fill < -5 ? 5 : -fill);
}

static inline bool chunk_is_large(const Quicklist *list, const ListpackValue *value) {
    return LISTPACK_EMPTY_BYTES + listpack_entry_bytes(value) > chunk_most_bytes(list->fill);
}

/* Whether the chunk may take `count` more elements of `bytes` bytes altogether. */
static inline bool chunk_takes(const Quicklist *list, const QuicklistChunk *chunk, size_t bytes,
                               size_t count) {
    return !chunk->plain && !quicklist_exceeds(list->fill, chunk->size + bytes, chunk->count + count);
}

/* --- chunks --------------------------------------------------------------------------- */

static inline QuicklistChunk chunk_of_listpack(uint8_t *lp) {
    uint32_t count = listpack_count(lp);
    return (QuicklistChunk){.bytes = lp, .size = listpack_bytes(lp), .count = count & 0x7FFFFFFF};
}

static inline void chunk_free(Heap *heap, const QuicklistChunk *chunk) {
    if (chunk->bytes)
        heap_free(heap, chunk->bytes, chunk->size);
}

/* A chunk with the value alone; bytes NULL if there is no memory. */
static inline QuicklistChunk chunk_of_value(Heap *heap, const Quicklist *list, const ListpackValue *value) {
    QuicklistChunk chunk = {.count = 1};
    if (chunk_is_large(list, value)) {
        chunk.plain = 1;
        chunk.size = value->size;
        chunk.bytes = heap_alloc(heap, value->size);
        if (chunk.bytes)
            memcpy(chunk.bytes, value->text, value->size);
        return chunk;
    }
    uint8_t *lp = listpack_new(heap);
    if (lp && !listpack_append(heap, &lp, value)) {
        listpack_free(heap, lp);
        lp = NULL;
    }
    return lp ? chunk_of_listpack(lp) : chunk;
}

/* The chunk's listpack has been changed by so many elements. */
static inline void chunk_changed(Quicklist *list, QuicklistChunk *chunk, int64_t elements) {
    chunk->size = listpack_bytes(chunk->bytes);
    chunk->count = (uint32_t)(chunk->count + elements) & 0x7FFFFFFF;
    list->count += (uint64_t)elements;
}

/* --- the ring ------------------------------------------------------------------------- */

static inline QuicklistChunk *ring_slot(const Quicklist *list, uint32_t i) {
    return &list->ring[(list->first + i) & (list->room - 1)];
}

/* Slot of the first chunk from i on, or `used`. */
static inline uint32_t ring_from(const Quicklist *list, uint32_t i) {
    while (i < list->used && !ring_slot(list, i)->bytes)
        i++;
    return i < list->used ? i : list->used;
}

/* Slot of the last chunk before i, or UINT32_MAX. */
static inline uint32_t ring_before(const Quicklist *list, uint32_t i) {
    while (i-- > 0)
        if (ring_slot(list, i)->bytes)
            return i;
    return UINT32_MAX;
}

/* Moves the slots into a ring of that room. */
static inline bool ring_set_room(Heap *heap, Quicklist *list, uint32_t room) {
    QuicklistChunk *ring = heap_alloc(heap, room * sizeof *ring);
    if (!ring)
        return false;
    for (uint32_t i = 0; i < list->used; i++)
        ring[i] = *ring_slot(list, i);
    heap_free(heap, list->ring, list->room * sizeof *ring);
    list->ring = ring;
    list->room = room;
    list->first = 0;
    return true;
}

/* Makes sure that n more slots can be opened without an allocation. */
static inline bool ring_reserve(Heap *heap, Quicklist *list, uint32_t n) {
    if (list->room - list->used >= n)
        return true;
    if (list->room > UINT32_MAX / 4)
        return false;
    return ring_set_room(heap, list, list->room ? list->room * 2 : QUICKLIST_MIN_ROOM);
}

/* Puts the chunk in a new slot i; room has been reserved. Moves the shorter side. */
static inline void ring_put(Quicklist *list, uint32_t i, QuicklistChunk chunk) {
    if (i < list->used / 2) {
        list->first = (list->first - 1) & (list->room - 1);
        for (uint32_t k = 0; k < i; k++)
            *ring_slot(list, k) = *ring_slot(list, k + 1);
    } else {
        for (uint32_t k = list->used; k > i; k--)
            *ring_slot(list, k) = *ring_slot(list, k - 1);
    }
    list->used++;
    *ring_slot(list, i) = chunk;
}

/* Closes the holes; returns where slot i has gone to. */
static inline uint32_t ring_compact(Quicklist *list, uint32_t i) {
    uint32_t to = 0, moved = UINT32_MAX;
    for (uint32_t from = 0; from < list->used; from++) {
        if (from == i)
            moved = to;
        if (ring_slot(list, from)->bytes)
            *ring_slot(list, to++) = *ring_slot(list, from);
    }
    list->used = to;
    list->holes = 0;
    return moved < to ? moved : to;
}

/* Takes the emptied chunk out of slot i. Returns the slot of the chunk that followed, or `used`. */
static inline uint32_t ring_close(Heap *heap, Quicklist *list, uint32_t i) {
    *ring_slot(list, i) = (QuicklistChunk){0};
    list->holes++;
    uint32_t next = i + 1;
    while (list->used && !ring_slot(list, 0)->bytes) {
        list->first = (list->first + 1) & (list->room - 1);
        list->used--;
        list->holes--;
        next -= next > 0;
    }
    while (list->used && !ring_slot(list, list->used - 1)->bytes) {
        list->used--;
        list->holes--;
    }
    if (list->holes > QUICKLIST_SPARE && list->holes > list->used / 2)
        next = ring_compact(list, next);
    if (list->room > QUICKLIST_MIN_ROOM && list->used < list->room / 8)
        ring_set_room(heap, list, list->room / 2); /* refused: it stays large */
    return ring_from(list, next);
}

static inline uint32_t ring_drop(Heap *heap, Quicklist *list, uint32_t i) {
    QuicklistChunk *chunk = ring_slot(list, i);
    list->count -= chunk->count;
    chunk_free(heap, chunk);
    return ring_close(heap, list, i);
}

/* Joins the chunk that follows slot *i to it if one chunk may hold both; *i stays its slot. Refused memory
 * only means that they stay two. */
static inline void ring_join_next(Heap *heap, Quicklist *list, uint32_t *i) {
    uint32_t next = ring_from(list, *i + 1);
    if (next >= list->used)
        return;
    QuicklistChunk *chunk = ring_slot(list, *i), *other = ring_slot(list, next);
    if (other->plain || !chunk_takes(list, chunk, other->size - LISTPACK_EMPTY_BYTES, other->count))
        return;
    if (!listpack_merge(heap, &chunk->bytes, other->bytes))
        return;
    chunk_changed(list, chunk, other->count);
    list->count -= other->count;
    *i = ring_before(list, ring_close(heap, list, next));
}

/* Cuts the chunk of slot i before the entry `offset`, not its first. Room has been reserved. */
static inline bool ring_cut(Heap *heap, Quicklist *list, uint32_t i, uint32_t offset) {
    QuicklistChunk *chunk = ring_slot(list, i);
    uint8_t *tail;
    if (!listpack_split(heap, &chunk->bytes, offset, &tail))
        return false;
    QuicklistChunk rest = chunk_of_listpack(tail);
    chunk_changed(list, chunk, -(int64_t)rest.count);
    list->count += rest.count;
    ring_put(list, i + 1, rest);
    return true;
}

/* --- places --------------------------------------------------------------------------- */

/* First or last element of slot i, which may be outside. */
static inline QuicklistPlace place_head(const Quicklist *list, uint32_t i) {
    return i < list->used ? (QuicklistPlace){i, LISTPACK_HEADER} : (QuicklistPlace){0, 0};
}

static inline QuicklistPlace place_tail(const Quicklist *list, uint32_t i) {
    if (i >= list->used)
        return (QuicklistPlace){0, 0};
    const QuicklistChunk *chunk = ring_slot(list, i);
    return (QuicklistPlace){i, chunk->plain ? LISTPACK_HEADER : listpack_last(chunk->bytes)};
}

/* Slot that holds element `index` (below the count), and the index inside it. */
static inline uint32_t ring_find(const Quicklist *list, uint64_t index, uint64_t *inside) {
    uint32_t i;
    if (index < list->count / 2) {
        for (i = 0; index >= ring_slot(list, i)->count; i++)
            index -= ring_slot(list, i)->count;
    } else {
        uint64_t start = list->count;
        for (i = list->used; start > index;)
            start -= ring_slot(list, --i)->count;
        index -= start;
    }
    *inside = index;
    return i;
}

#endif
