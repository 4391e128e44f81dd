/* member: a text in a block of its own, as small as it can be, for hash tables of texts.
 *
 *   OFFSET  SIZE  MEANING
 *   0       1     size of the text; 255: it is 255 or more, and the next field is there
 *   1       4     size of the text
 *   +       n     the text
 *
 * A text of 16 bytes takes 17, a block of 24.
 *
 * Invariants: the block's size follows from the text's, so it is freed without a look-up.
 * Costs: everything is O(1) but for the copying of the text.
 */
#ifndef CYDIS_MEMBER_H
#define CYDIS_MEMBER_H

#include <string.h>

#include "hashtable.h"
#include "heap.h"
#include "little.h"

enum { MEMBER_LONG = 255 };

typedef struct Member {
    uint8_t size;
    uint8_t rest[];
} Member;

/* Bytes of the block that holds a text of that size. */
static inline size_t member_bytes(size_t size) { return 1 + size + (size < MEMBER_LONG ? 0 : 4); }

static inline const uint8_t *member_text(const Member *m, size_t *size) {
    if (__builtin_expect(m->size < MEMBER_LONG, 1)) {
        *size = m->size;
        return m->rest;
    }
    *size = little_load32(m->rest);
    return m->rest + 4;
}

/* A copy of the text, or NULL: no memory, or 4 GiB and more. */
static inline Member *member_new(Heap *heap, const void *text, size_t size) {
    Member *m = size <= UINT32_MAX ? heap_alloc(heap, member_bytes(size)) : NULL;
    if (!m)
        return NULL;
    uint8_t *to = m->rest;
    m->size = (uint8_t)(size < MEMBER_LONG ? size : MEMBER_LONG);
    if (size >= MEMBER_LONG) {
        little_store32(to, (uint32_t)size);
        to += 4;
    }
    memcpy(to, text, size);
    return m;
}

static inline void member_free(Heap *heap, Member *m) {
    size_t size;
    member_text(m, &size);
    heap_free(heap, m, member_bytes(size));
}

/* member_free as hashtable_clear wants it; ctx is the Heap. */
static inline void member_drop(void *ctx, void *entry) { member_free((Heap *)ctx, (Member *)entry); }

/* The function a Hashtable of members is made with. */
static inline const uint8_t *member_key(const void *entry, size_t *size) {
    return member_text((const Member *)entry, size);
}

/* hashtable_find in a table of members, the key function inlined. */
static inline Member *member_find(const Hashtable *t, uint64_t hash, const void *text, size_t size,
                                  HashtablePos *pos) {
    return (Member *)hashtable_find_with(t, hash, text, size, pos, member_key);
}

#endif
