/* listpack: a packed sequence of short texts and integers in one block of bytes.
 *
 * The published format of Redis and Valkey, byte for byte; listpack.c draws it. Small
 * lists, hashes, sets and sorted sets are one listpack each, a quicklist chains many.
 * One of listpack_new_one_way saves the byte per entry that serves walking backwards:
 * last, prev and seek go from the front then, O(n).
 *
 * Conventions
 *   - The owner holds a pointer to the block. Whatever changes the sequence takes the
 *     address of that pointer, because the block may move.
 *   - A place in the sequence is the offset of its entry from the start of the block, so
 *     it survives a move of the block, but not a change of the sequence before it.
 *     0 (LISTPACK_NONE) means: no such entry.
 *   - A change that fails, for want of memory or because the block would pass
 *     LISTPACK_MAX_BYTES, returns false and has changed nothing. Removing may fail too:
 *     a smaller block may have to be allocated.
 *   - Texts handed in must not lie inside the listpack that is changed. Texts handed out
 *     lie inside the block and are valid until its next change.
 *   - The block's size is always heap_good_size(total bytes): the sized free needs no
 *     capacity field, and most appends stay in place.
 *   - All functions trust the bytes, except listpack_validate.
 */
#ifndef CYDIS_LISTPACK_H
#define CYDIS_LISTPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"
#include "little.h"
#include "number.h"

enum {
    LISTPACK_NONE = 0,
    LISTPACK_HEADER = 6,           /* bytes before the first entry */
    LISTPACK_EMPTY_BYTES = 7,      /* header and end mark */
    LISTPACK_END = 0xFF,           /* the end mark */
    LISTPACK_COUNT_UNKNOWN = 0xFFFF,
    LISTPACK_INT_DIGITS = 24,      /* room for listpack_format */
    LISTPACK_MAX_BYTES = 1 << 30,
};
#define LISTPACK_ONE_WAY 0x80000000u /* in the first word, beside the total of bytes */

/* One element: an integer, or a text where `integer` is false.
 * An element read has text NULL where it is an integer. One made by listpack_text keeps
 * its text beside the number; nothing depends on it. */
typedef struct {
    const uint8_t *text;
    int64_t number;
    uint32_t size;                 /* bytes of text; 0 where text is NULL */
    bool integer;
} ListpackValue;

/* An element from text: an integer if the text is the canonical decimal form of an int64
 * (no sign but one minus, no leading zero, no "-0"). size < 4 GiB. */
static inline ListpackValue listpack_text(const void *text, size_t size);

/* An element from a number. */
static inline ListpackValue listpack_number(int64_t number) { return (ListpackValue){NULL, number, 0, true}; }

/* Writes the decimal form of number into buffer[LISTPACK_INT_DIGITS], no NUL; returns its length. */
uint32_t listpack_format(int64_t number, char *buffer);

/* Equal as a user sees it. O(size). */
bool listpack_equal(const ListpackValue *a, const ListpackValue *b);

/* --- the block ---------------------------------------------------------------------- */

/* An empty listpack, or NULL. */
uint8_t *listpack_new(Heap *heap);
/* The same without back-lengths; what is made of it (copy, split) is of its kind. */
uint8_t *listpack_new_one_way(Heap *heap);
/* A copy of a listpack (or of bytes which listpack_validate(…, true) has accepted), or NULL. O(bytes). */
uint8_t *listpack_copy(Heap *heap, const uint8_t *lp);
void listpack_free(Heap *heap, uint8_t *lp);

/* Bytes from the header to the end mark, both included. O(1). */
static inline uint32_t listpack_bytes(const uint8_t *lp) { return little_load32(lp) & ~LISTPACK_ONE_WAY; }
/* What the block occupies. O(1). */
static inline size_t listpack_memory(const uint8_t *lp) { return heap_good_size(listpack_bytes(lp)); }
/* Number of entries. O(1) below 65535, O(n) from there on. */
uint32_t listpack_count(const uint8_t *lp);
/* Bytes which the value would add, its back-length counted. O(1). */
size_t listpack_entry_bytes(const ListpackValue *value);

/* --- walking ------------------------------------------------------------------------ */

/* Place of the first or last entry, of the one after or before `at`; LISTPACK_NONE if none. O(1); last and
 * prev O(n) in a one-way listpack. */
static inline uint32_t listpack_first(const uint8_t *lp) {
    return lp[LISTPACK_HEADER] == LISTPACK_END ? LISTPACK_NONE : LISTPACK_HEADER;
}
uint32_t listpack_last(const uint8_t *lp);
uint32_t listpack_next(const uint8_t *lp, uint32_t at);
uint32_t listpack_prev(const uint8_t *lp, uint32_t at);

/* Place of the index-th entry; negative counts from the end (-1 = last). LISTPACK_NONE outside.
 * Walks from the nearer end: O(n). */
uint32_t listpack_seek(const uint8_t *lp, int64_t index);

/* The element at `at` (an entry). O(1). */
ListpackValue listpack_get(const uint8_t *lp, uint32_t at);

/* The same, and the place after it: get and next with the header read once. O(1). */
uint32_t listpack_step(const uint8_t *lp, uint32_t at, ListpackValue *value);

/* The first entry from `at` on that equals the needle; after each comparison `skip` entries are passed
 * over (1 = compare the fields of field-value pairs only). LISTPACK_NONE if there is none, or if `at` is.
 * No entry is formatted. O(n). */
uint32_t listpack_find(const uint8_t *lp, uint32_t at, const ListpackValue *needle, uint32_t skip);

/* --- changing ----------------------------------------------------------------------- */

/* O(1) where the block need not grow, O(bytes) where it does. */
bool listpack_append(Heap *heap, uint8_t **lp, const ListpackValue *value);
/* All or none, with one growth. */
bool listpack_append_many(Heap *heap, uint8_t **lp, const ListpackValue *values, size_t n);
/* All or none before the entry `at`, where the first of them will stand; LISTPACK_NONE appends. O(bytes). */
bool listpack_insert_many(Heap *heap, uint8_t **lp, uint32_t at, const ListpackValue *values, size_t n);
/* The entries from `first` to before `middle` and those from there to before `end` (LISTPACK_NONE: the last
 * one too) change places. Cannot fail. O(bytes) where either run is short. */
void listpack_rotate(uint8_t *lp, uint32_t first, uint32_t middle, uint32_t end);
/* O(bytes). */
bool listpack_prepend(Heap *heap, uint8_t **lp, const ListpackValue *value);
/* Puts the value before or after the entry *at, which becomes the place of the new one. O(bytes). */
bool listpack_insert_before(Heap *heap, uint8_t **lp, uint32_t *at, const ListpackValue *value);
bool listpack_insert_after(Heap *heap, uint8_t **lp, uint32_t *at, const ListpackValue *value);
/* The entry at `at` takes the value; its place stays. O(1) if its size stays, else O(bytes). */
bool listpack_replace(Heap *heap, uint8_t **lp, uint32_t at, const ListpackValue *value);
/* Removes the entry *at, which becomes the place of the one that followed, or LISTPACK_NONE. O(bytes). */
bool listpack_delete(Heap *heap, uint8_t **lp, uint32_t *at);
/* The same for up to n entries from *at on. O(bytes). */
bool listpack_delete_range(Heap *heap, uint8_t **lp, uint32_t *at, uint32_t n);
/* Appends all of `from`, of the same kind, to *into and frees `from` (kept on failure). O(bytes). */
bool listpack_merge(Heap *heap, uint8_t **into, uint8_t *from);
/* Cuts *lp before the entry `at`: *lp keeps what lies before, *tail is a new one with the rest. O(bytes). */
bool listpack_split(Heap *heap, uint8_t **lp, uint32_t at, uint8_t **tail);

/* Inline, and no struct is copied: this is done to every argument and every member that is met. */
static inline ListpackValue listpack_text(const void *text, size_t size) {
    const uint8_t *p = size ? (const uint8_t *)text : (const uint8_t *)"";
    int64_t number = 0;
    bool may_be = size != 0 && size <= 20 && ((uint8_t)(*p - '0') <= 9 || *p == '-');
    bool integer = may_be && number_parse_int(p, size, &number);
    return (ListpackValue){.text = p, .number = number, .size = (uint32_t)size, .integer = integer};
}

/* --- bytes from outside -------------------------------------------------------------- */

/* Whether size bytes are a listpack (one-way: no). Never reads outside them. Shallow: header and end mark agree with the
 * size, O(1); only a deep check makes all other functions safe to call: every entry lies inside, its
 * back-length is right, the count is (an unknown count passes), the entries end at the end mark; O(n). */
bool listpack_validate(const uint8_t *bytes, size_t size, bool deep);
typedef enum {
    LISTPACK_BROKEN = 0,
    LISTPACK_WHOLE = 1,
    LISTPACK_PLAIN =
        2, /* all entries are numbers of seven bits and short texts that do not begin like a number, so it
                           is canonical; what is only whole may be so too */
} ListpackState;

/* The deep check. O(n). */
ListpackState listpack_state(const uint8_t *bytes, size_t size);

/* For what the deep check has accepted: whether every entry is written as this kernel writes it, and a listpack of the
 * same elements which is, one-way or not (NULL: no memory). O(bytes). */
bool listpack_canonical(const uint8_t *lp);
uint8_t *listpack_rewrite(Heap *heap, const uint8_t *lp, bool one_way);

/* Whether no two of the entries are equal, of which `skip` are passed over after each, in a canonical listpack of either
 * kind: 1, 0, or -1: no memory. O(entries), for any bytes, as long as they do not know the seed. */
int listpack_distinct(Heap *heap, const uint64_t seed[2], const uint8_t *lp, uint32_t skip);

/* The published form of a canonical listpack of either kind: its size, and its bytes. O(bytes). */
size_t listpack_published_bytes(const uint8_t *lp);
void listpack_publish(const uint8_t *lp, uint8_t *out);

#endif
