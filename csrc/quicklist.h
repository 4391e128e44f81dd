/* quicklist: a long list as a ring of chunks, each a listpack of limited size.
 *
 * Elements too large for a chunk stand alone as plain bytes. See quicklist.c for the
 * layout, the invariants and the costs.
 *
 * Conventions
 *   - A place names one element. It is valid until the next change of the list, except the
 *     place which the changing function was given the address of: that one is kept right.
 *     A place with offset 0 means: no such element.
 *   - A change that fails for want of memory returns false; the elements are as before (a
 *     chunk may have been cut in two, which nobody can see). Removing may fail too.
 *   - Values handed in must not lie inside the list that is changed; values handed out lie
 *     inside it and are valid until its next change.
 *   - n = elements, c = chunks (about n * element size / 8 KiB).
 */
#ifndef CYDIS_QUICKLIST_H
#define CYDIS_QUICKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"
#include "listpack.h"

enum { QUICKLIST_DEFAULT_FILL = -2 };

/* One chunk; a hole has bytes NULL and count 0. */
typedef struct {
    uint8_t *bytes;         /* a listpack; plain: the text of the one element */
    uint32_t size;          /* listpack_bytes, or size of the text */
    uint32_t count : 31;    /* elements */
    uint32_t plain : 1;
} QuicklistChunk;

typedef struct {
    QuicklistChunk *ring;   /* `room` slots; the list's i-th slot is ring[(first + i) % room] */
    uint64_t count;         /* elements */
    uint32_t first;
    uint32_t used;          /* slots from the first to the last chunk, holes between them included */
    uint32_t room;          /* 0 or a power of two */
    uint32_t holes;
    int32_t fill;
} Quicklist;

typedef struct {
    uint32_t chunk;         /* slot, counted from the list's first */
    uint32_t offset;        /* of the entry in the listpack; 0: no such element */
} QuicklistPlace;

/* --- limits --------------------------------------------------------------------------- */

/* Whether a listpack of so many bytes and elements is more than one chunk may hold.
 * fill -1 .. -5: 4, 8, 16, 32, 64 KiB; fill > 0: so many elements, and 8 KiB. O(1). */
bool quicklist_exceeds(int fill, size_t bytes, size_t count);

/* --- the list ------------------------------------------------------------------------- */

/* An empty list, or NULL. O(1). */
Quicklist *quicklist_new(Heap *heap, int fill);
/* O(c). */
void quicklist_free(Heap *heap, Quicklist *list);
/* Frees at most `chunks` chunks from the tail; true: that was all, the list is gone. O(chunks). */
bool quicklist_free_some(Heap *heap, Quicklist *list, uint32_t chunks);
/* A copy, or NULL. O(bytes). */
Quicklist *quicklist_copy(Heap *heap, const Quicklist *list);

/* A list with lp as its first chunk, whatever its size. Takes lp; NULL leaves it to the caller. O(1). */
Quicklist *quicklist_from_listpack(Heap *heap, uint8_t *lp, int fill);
/* The listpack if the list is exactly one, lent; else NULL. O(1). */
const uint8_t *quicklist_only_listpack(const Quicklist *list);
/* The same, but the listpack is given to the caller and the list is freed; NULL leaves the list. O(1). */
uint8_t *quicklist_to_listpack(Heap *heap, Quicklist *list);
/* Makes lp (not empty) the new last chunk, whatever its size. Takes lp; false leaves it. O(1). */
bool quicklist_append_listpack(Heap *heap, Quicklist *list, uint8_t *lp);

/* Number of elements. O(1). */
static inline uint64_t quicklist_count(const Quicklist *list) { return list->count; }
/* Number of chunks. O(1). */
static inline uint32_t quicklist_chunks(const Quicklist *list) { return list->used - list->holes; }
/* What the list occupies. O(c). */
size_t quicklist_memory(const Quicklist *list);
/* The next chunk from slot *slot on, which moves behind it; NULL after the last. Start with 0. O(1). */
const QuicklistChunk *quicklist_chunk(const Quicklist *list, uint32_t *slot);
/* Whether every invariant holds; for tests. O(n). */
bool quicklist_check(const Quicklist *list);

/* --- walking -------------------------------------------------------------------------- */

/* Place of the first or last element. O(1). */
QuicklistPlace quicklist_first(const Quicklist *list);
QuicklistPlace quicklist_last(const Quicklist *list);
/* Place of the index-th element; negative counts from the end (-1 = last).
 * Adds up chunk counts from the nearer end, 16 bytes per chunk in a row: O(c + elements of a chunk). */
QuicklistPlace quicklist_index(const Quicklist *list, int64_t index);
/* The element at the place (an element). O(1). */
ListpackValue quicklist_get(const Quicklist *list, QuicklistPlace at);
/* Reads the element at *at and moves on to the next or previous one; false if *at is no element. O(1). */
bool quicklist_step(const Quicklist *list, QuicklistPlace *at, ListpackValue *value);
bool quicklist_step_back(const Quicklist *list, QuicklistPlace *at, ListpackValue *value);

/* --- changing ------------------------------------------------------------------------- */

/* O(1): at the head the bytes of one chunk move. */
bool quicklist_push_head(Heap *heap, Quicklist *list, const ListpackValue *value);
bool quicklist_push_tail(Heap *heap, Quicklist *list, const ListpackValue *value);
/* Removes the first or last element of a list that is not empty (read it before). O(1), as above. */
bool quicklist_drop_head(Heap *heap, Quicklist *list);
bool quicklist_drop_tail(Heap *heap, Quicklist *list);
/* Puts the value before or after the element *at, which becomes the place of the new one. O(chunk + c). */
bool quicklist_insert_before(Heap *heap, Quicklist *list, QuicklistPlace *at, const ListpackValue *value);
bool quicklist_insert_after(Heap *heap, Quicklist *list, QuicklistPlace *at, const ListpackValue *value);
/* The element *at takes the value. O(chunk), O(c) if that needs another chunk. */
bool quicklist_replace(Heap *heap, Quicklist *list, QuicklistPlace *at, const ListpackValue *value);
/* Removes the element *at, which becomes the place of the next one (back: of the one before). O(chunk). */
bool quicklist_delete(Heap *heap, Quicklist *list, QuicklistPlace *at, bool back);
/* Removes n elements from `start` on, or as many as there are (0 <= start). All or none. O(c). */
bool quicklist_delete_range(Heap *heap, Quicklist *list, uint64_t start, uint64_t n);

#endif
