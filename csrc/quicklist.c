/* quicklist: see quicklist.h for the interface, quicklist_edit.c for changes in the middle.
 *
 * Layout:
 *
 *   Quicklist: ring, count, first, used, room, holes, fill
 *      |
 *      v            first                      first + used
 *   ring: | . | . | A | B | hole | C | D | P | . | .        (room slots, wraps around)
 *                   |   |          |   |   |
 *                   v   v          v   v   v
 *                  listpacks of up to 8 KiB, P: plain bytes of one large element
 *
 *   slot (16 bytes): bytes*, size u32, count 31 bits, plain 1 bit
 *
 * A ring of slots instead of a chain of nodes: both ends grow in O(1), the counts which an
 * index has to add up lie in a row (1,000,000 elements of 11 bytes: 1,600 slots, 25 KiB,
 * half of it read at most), and an 8 KiB chunk costs 16 bytes instead of a node. A new
 * chunk in the middle moves the slots of the shorter side. A chunk removed in the middle
 * leaves a hole, so that removing many is not quadratic; holes go when they are half.
 *
 * Invariants: first and last slot are no holes; every listpack has an element; count =
 * sum of the counts; size and count of a slot are those of its listpack; 2 * holes <= used
 * + QUICKLIST_SPARE; an element is plain if and only if it does not fit a chunk by itself
 * (but a listpack taken over as a whole may be of any size).
 *
 * Costs: push and pop at the tail a listpack append or delete; at the head also a move of
 * the chunk's bytes; index O(chunks) reads of 16 bytes, then a walk through a half chunk.
 *
 * From: Matt Stancliff's quicklist (Redis 3.2, 2014) for listpacks in a row and the
 * meaning of fill; the ring is the array deque (Knuth, TAOCP 1, 2.2.2).
 */
#include "quicklist.h"

#include "internal/quicklist_ring.h"

/* --- limits --------------------------------------------------------------------------- */

bool quicklist_exceeds(int fill, size_t bytes, size_t count) {
    size_t most = fill > 0 ? (size_t)fill : 1;
    return bytes > chunk_most_bytes(fill) || (fill >= 0 && count > most);
}

/* --- the list ------------------------------------------------------------------------- */

Quicklist *quicklist_new(Heap *heap, int fill) {
    Quicklist *list = heap_alloc(heap, sizeof *list);
    if (list)
        *list = (Quicklist){.fill = fill};
    return list;
}

bool quicklist_free_some(Heap *heap, Quicklist *list, uint32_t chunks) {
    for (; list->used && chunks; list->used--) {
        QuicklistChunk *chunk = ring_slot(list, list->used - 1);
        chunks -= chunk->bytes != NULL;
        list->count -= chunk->count;
        list->holes -= chunk->bytes == NULL;
        chunk_free(heap, chunk);
    }
    if (list->used)
        return false;
    heap_free(heap, list->ring, list->room * sizeof *list->ring);
    heap_free(heap, list, sizeof *list);
    return true;
}

void quicklist_free(Heap *heap, Quicklist *list) {
    if (list)
        quicklist_free_some(heap, list, UINT32_MAX);
}

Quicklist *quicklist_copy(Heap *heap, const Quicklist *list) {
    Quicklist *copy = quicklist_new(heap, list->fill);
    uint32_t room = QUICKLIST_MIN_ROOM, at = 0;
    while (room < quicklist_chunks(list))
        room *= 2;
    if (!copy || !ring_set_room(heap, copy, room)) {
        quicklist_free(heap, copy);
        return NULL;
    }
    for (const QuicklistChunk *chunk; (chunk = quicklist_chunk(list, &at));) {
        QuicklistChunk same = *chunk;
        same.bytes = heap_alloc(heap, chunk->size);
        if (!same.bytes) {
            quicklist_free(heap, copy);
            return NULL;
        }
        memcpy(same.bytes, chunk->bytes, chunk->size);
        ring_put(copy, copy->used, same);
        copy->count += same.count;
    }
    return copy;
}

bool quicklist_append_listpack(Heap *heap, Quicklist *list, uint8_t *lp) {
    if (!ring_reserve(heap, list, 1))
        return false;
    QuicklistChunk chunk = chunk_of_listpack(lp);
    ring_put(list, list->used, chunk);
    list->count += chunk.count;
    return true;
}

Quicklist *quicklist_from_listpack(Heap *heap, uint8_t *lp, int fill) {
    Quicklist *list = quicklist_new(heap, fill);
    if (!list)
        return NULL;
    if (listpack_first(lp) == LISTPACK_NONE) {
        listpack_free(heap, lp);
    } else if (!quicklist_append_listpack(heap, list, lp)) {
        quicklist_free(heap, list);
        return NULL;
    }
    return list;
}

const uint8_t *quicklist_only_listpack(const Quicklist *list) {
    return list->used == 1 && !ring_slot(list, 0)->plain ? ring_slot(list, 0)->bytes : NULL;
}

uint8_t *quicklist_to_listpack(Heap *heap, Quicklist *list) {
    if (!quicklist_only_listpack(list))
        return NULL;
    uint8_t *lp = ring_slot(list, 0)->bytes;
    list->used = 0;
    quicklist_free(heap, list);
    return lp;
}

size_t quicklist_memory(const Quicklist *list) {
    size_t sum = heap_good_size(sizeof *list);
    if (list->room)
        sum += heap_good_size(list->room * sizeof *list->ring);
    uint32_t at = 0;
    for (const QuicklistChunk *chunk; (chunk = quicklist_chunk(list, &at));)
        sum += heap_good_size(chunk->size);
    return sum;
}

const QuicklistChunk *quicklist_chunk(const Quicklist *list, uint32_t *at) {
    *at = ring_from(list, *at);
    return *at < list->used ? ring_slot(list, (*at)++) : NULL;
}

static bool check_chunk(const Quicklist *list, const QuicklistChunk *chunk) {
    if (!chunk->bytes)
        return chunk->count == 0 && chunk->size == 0 && !chunk->plain;
    if (chunk->plain) {
        ListpackValue text = {.text = chunk->bytes, .size = chunk->size};
        return chunk->count == 1 && chunk_is_large(list, &text);
    }
    return chunk->count && listpack_validate(chunk->bytes, chunk->size, true)
           && listpack_count(chunk->bytes) == chunk->count;
}

bool quicklist_check(const Quicklist *list) {
    uint64_t count = 0;
    uint32_t holes = 0;
    if (list->used > list->room || (list->room & (list->room - 1)))
        return false;
    for (uint32_t i = 0; i < list->used; i++) {
        const QuicklistChunk *chunk = ring_slot(list, i);
        if (!check_chunk(list, chunk))
            return false;
        count += chunk->count;
        holes += !chunk->bytes;
    }
    if (list->used && (!ring_slot(list, 0)->bytes || !ring_slot(list, list->used - 1)->bytes))
        return false;
    return count == list->count && holes == list->holes
           && (holes <= QUICKLIST_SPARE || holes <= list->used / 2);
}

/* --- walking -------------------------------------------------------------------------- */

QuicklistPlace quicklist_first(const Quicklist *list) { return place_head(list, 0); }

QuicklistPlace quicklist_last(const Quicklist *list) { return place_tail(list, list->used - 1); }

QuicklistPlace quicklist_index(const Quicklist *list, int64_t index) {
    uint64_t inside, from_head = (uint64_t)index + (index < 0 ? list->count : 0);
    if (from_head >= list->count)
        return (QuicklistPlace){0, 0};
    uint32_t i = ring_find(list, from_head, &inside);
    const QuicklistChunk *chunk = ring_slot(list, i);
    return (QuicklistPlace){i, chunk->plain ? LISTPACK_HEADER : listpack_seek(chunk->bytes, (int64_t)inside)};
}

ListpackValue quicklist_get(const Quicklist *list, QuicklistPlace at) {
    const QuicklistChunk *chunk = ring_slot(list, at.chunk);
    if (chunk->plain)
        return (ListpackValue){.text = chunk->bytes, .size = chunk->size};
    return listpack_get(chunk->bytes, at.offset);
}

bool quicklist_step(const Quicklist *list, QuicklistPlace *at, ListpackValue *value) {
    if (!at->offset)
        return false;
    const QuicklistChunk *chunk = ring_slot(list, at->chunk);
    uint32_t next = LISTPACK_NONE;
    if (chunk->plain)
        *value = quicklist_get(list, *at);
    else
        next = listpack_step(chunk->bytes, at->offset, value);
    if (next)
        at->offset = next;
    else
        *at = place_head(list, ring_from(list, at->chunk + 1));
    return true;
}

bool quicklist_step_back(const Quicklist *list, QuicklistPlace *at, ListpackValue *value) {
    if (!at->offset)
        return false;
    const QuicklistChunk *chunk = ring_slot(list, at->chunk);
    *value = quicklist_get(list, *at);
    uint32_t previous = chunk->plain ? LISTPACK_NONE : listpack_prev(chunk->bytes, at->offset);
    if (previous)
        at->offset = previous;
    else
        *at = place_tail(list, ring_before(list, at->chunk));
    return true;
}

/* --- changing at the ends ------------------------------------------------------------- */

static bool push_chunk(Heap *heap, Quicklist *list, uint32_t i, const ListpackValue *value) {
    if (!ring_reserve(heap, list, 1))
        return false;
    QuicklistChunk chunk = chunk_of_value(heap, list, value);
    if (!chunk.bytes)
        return false;
    ring_put(list, i, chunk);
    list->count++;
    return true;
}

bool quicklist_push_head(Heap *heap, Quicklist *list, const ListpackValue *value) {
    if (!list->used || !chunk_takes(list, ring_slot(list, 0), listpack_entry_bytes(value), 1))
        return push_chunk(heap, list, 0, value);
    QuicklistChunk *chunk = ring_slot(list, 0);
    if (!listpack_prepend(heap, &chunk->bytes, value))
        return false;
    chunk_changed(list, chunk, 1);
    return true;
}

bool quicklist_push_tail(Heap *heap, Quicklist *list, const ListpackValue *value) {
    if (!list->used || !chunk_takes(list, ring_slot(list, list->used - 1), listpack_entry_bytes(value), 1))
        return push_chunk(heap, list, list->used, value);
    QuicklistChunk *chunk = ring_slot(list, list->used - 1);
    if (!listpack_append(heap, &chunk->bytes, value))
        return false;
    chunk_changed(list, chunk, 1);
    return true;
}

bool quicklist_drop_head(Heap *heap, Quicklist *list) {
    QuicklistPlace at = quicklist_first(list);
    return quicklist_delete(heap, list, &at, false);
}

bool quicklist_drop_tail(Heap *heap, Quicklist *list) {
    QuicklistPlace at = quicklist_last(list);
    return quicklist_delete(heap, list, &at, true);
}
