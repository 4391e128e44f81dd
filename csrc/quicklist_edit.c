/* quicklist_edit: changes in the middle of a quicklist; quicklist.c has the layout and the rest.
 *
 * A value that fits goes into the listpack of its place. One that does not gets a chunk of
 * its own: the listpack is cut in two there, and the three parts join again where a chunk
 * may hold two of them. All that may be refused comes before the elements change.
 */
#include "quicklist.h"

#include "internal/quicklist_ring.h"

/* --- changing anywhere ---------------------------------------------------------------- */

/* The chunk in slot i, which lies between others, joins them where it fits; returns the place of its first
 * element. */
static QuicklistPlace settle(Heap *heap, Quicklist *list, uint32_t i) {
    uint32_t before = ring_before(list, i), offset = LISTPACK_HEADER;
    if (before != UINT32_MAX) {
        uint32_t end = ring_slot(list, before)->size - 1, chunks = quicklist_chunks(list);
        ring_join_next(heap, list, &before);
        if (quicklist_chunks(list) != chunks) {
            i = before;
            offset = end;
        }
    }
    ring_join_next(heap, list, &i);
    return (QuicklistPlace){i, offset};
}

/* A chunk of its own for the value, in the gap of the chunk *at.chunk before the entry `offset` (its first
 * entry: before the chunk; LISTPACK_NONE: after the chunk). */
static bool insert_chunk(Heap *heap, Quicklist *list, QuicklistPlace *at, uint32_t offset,
                         const ListpackValue *value) {
    uint32_t i = at->chunk;
    if (!ring_reserve(heap, list, 2))
        return false;
    QuicklistChunk chunk = chunk_of_value(heap, list, value);
    if (!chunk.bytes)
        return false;
    if (offset > LISTPACK_HEADER && !ring_cut(heap, list, i, offset)) {
        chunk_free(heap, &chunk);
        return false;
    }
    i += offset != LISTPACK_HEADER;
    ring_put(list, i, chunk);
    list->count++;
    *at = settle(heap, list, i);
    return true;
}

bool quicklist_insert_before(Heap *heap, Quicklist *list, QuicklistPlace *at, const ListpackValue *value) {
    QuicklistChunk *chunk = ring_slot(list, at->chunk);
    if (!chunk_takes(list, chunk, listpack_entry_bytes(value), 1))
        return insert_chunk(heap, list, at, at->offset, value);
    if (!listpack_insert_before(heap, &chunk->bytes, &at->offset, value))
        return false;
    chunk_changed(list, chunk, 1);
    return true;
}

bool quicklist_insert_after(Heap *heap, Quicklist *list, QuicklistPlace *at, const ListpackValue *value) {
    QuicklistChunk *chunk = ring_slot(list, at->chunk);
    if (!chunk_takes(list, chunk, listpack_entry_bytes(value), 1)) {
        uint32_t next = chunk->plain ? LISTPACK_NONE : listpack_next(chunk->bytes, at->offset);
        return insert_chunk(heap, list, at, next, value);
    }
    if (!listpack_insert_after(heap, &chunk->bytes, &at->offset, value))
        return false;
    chunk_changed(list, chunk, 1);
    return true;
}

/* The value does not fit where the old one is: it takes over its chunk, or gets one of its own there. */
static bool replace_chunk(Heap *heap, Quicklist *list, QuicklistPlace *at, const ListpackValue *value) {
    if (!ring_reserve(heap, list, 2))
        return false;
    QuicklistChunk chunk = chunk_of_value(heap, list, value);
    if (!chunk.bytes)
        return false;
    if (at->offset != LISTPACK_HEADER) { /* the old element becomes the first of its chunk */
        if (!ring_cut(heap, list, at->chunk, at->offset)) {
            chunk_free(heap, &chunk);
            return false;
        }
        *at = (QuicklistPlace){at->chunk + 1, LISTPACK_HEADER};
    }
    QuicklistChunk *old = ring_slot(list, at->chunk);
    if (old->count == 1) {
        chunk_free(heap, old);
        *old = chunk;
        ring_join_next(heap, list,
                       &at->chunk); /* only with it, as the original does: chunks can be counted */
        at->offset = LISTPACK_HEADER;
        return true;
    }
    uint32_t first = LISTPACK_HEADER;
    if (!listpack_delete(heap, &old->bytes, &first)) {
        chunk_free(heap, &chunk);
        return false;
    }
    chunk_changed(list, old, -1);
    ring_put(list, at->chunk, chunk);
    list->count++;
    *at = settle(heap, list, at->chunk);
    return true;
}

bool quicklist_replace(Heap *heap, Quicklist *list, QuicklistPlace *at, const ListpackValue *value) {
    QuicklistChunk *chunk = ring_slot(list, at->chunk);
    if (chunk->plain || chunk_is_large(list, value))
        return replace_chunk(heap, list, at, value);
    ListpackValue old = listpack_get(chunk->bytes, at->offset);
    size_t bytes = listpack_entry_bytes(value), old_bytes = listpack_entry_bytes(&old);
    if (bytes > old_bytes && !chunk_takes(list, chunk, bytes - old_bytes, 0))
        return replace_chunk(heap, list, at, value);
    if (!listpack_replace(heap, &chunk->bytes, at->offset, value))
        return false;
    chunk_changed(list, chunk, 0);
    return true;
}

bool quicklist_delete(Heap *heap, Quicklist *list, QuicklistPlace *at, bool back) {
    QuicklistChunk *chunk = ring_slot(list, at->chunk);
    if (chunk->count == 1) {
        uint32_t next = ring_drop(heap, list, at->chunk);
        *at = back ? place_tail(list, ring_before(list, next)) : place_head(list, next);
        return true;
    }
    uint32_t next = at->offset, previous = back ? listpack_prev(chunk->bytes, at->offset) : LISTPACK_NONE;
    if (!listpack_delete(heap, &chunk->bytes, &next))
        return false;
    chunk_changed(list, chunk, -1);
    at->offset = back ? previous : next;
    if (!at->offset)
        *at = back ? place_tail(list, ring_before(list, at->chunk))
                   : place_head(list, ring_from(list, at->chunk + 1));
    return true;
}

/* Makes element `index` the first of a chunk; *at becomes its slot (`used` for the end). */
static bool cut_at(Heap *heap, Quicklist *list, uint64_t index, uint32_t *at) {
    uint64_t inside;
    *at = list->used;
    if (index >= list->count)
        return true;
    *at = ring_find(list, index, &inside);
    if (inside == 0)
        return true;
    uint32_t offset = listpack_seek(ring_slot(list, *at)->bytes, (int64_t)inside);
    return ring_reserve(heap, list, 1) && ring_cut(heap, list, (*at)++, offset);
}

bool quicklist_delete_range(Heap *heap, Quicklist *list, uint64_t start, uint64_t n) {
    if (start >= list->count || n == 0)
        return true;
    n = n < list->count - start ? n : list->count - start;
    uint64_t inside;
    uint32_t i = ring_find(list, start, &inside), end;
    QuicklistChunk *chunk = ring_slot(list, i);
    if (inside + n <= chunk->count && n < chunk->count) {
        uint32_t offset = listpack_seek(chunk->bytes, (int64_t)inside);
        if (!listpack_delete_range(heap, &chunk->bytes, &offset, (uint32_t)n))
            return false;
        chunk_changed(list, chunk, -(int64_t)n);
        return true;
    }
    /* Both cuts may be refused and change no element; dropping whole chunks cannot be refused. */
    if (!cut_at(heap, list, start + n, &end) || !cut_at(heap, list, start, &i))
        return false;
    for (uint64_t left = list->count - n; list->count > left;)
        i = ring_drop(heap, list, ring_from(list, i));
    return true;
}
