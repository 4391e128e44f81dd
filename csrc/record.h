/* record: a key, its expiry and its value (or the value's address) in one allocation.
 *
 *   OFFSET  SIZE  MEANING
 *   0       3     access clock (24 bits: LRU seconds or LFU), owner's use
 *   3       1     type (low 4 bits), encoding (high 4 bits)
 *   4       1     flags: RECORD_EXPIRES | RECORD_LONGKEY | RECORD_INLINE
 *   5       1     key size, when not RECORD_LONGKEY
 *   6       2     value size, when RECORD_INLINE
 *   8       8     the slot: an address or an int64; absent when RECORD_INLINE
 *   +       8     expiry, milliseconds of the wall clock; only when RECORD_EXPIRES
 *   +       4     key size; only when RECORD_LONGKEY
 *   +       k     the key
 *   +       v     the value, when RECORD_INLINE
 *
 * A 16-byte key with a 16-byte value takes 40 bytes, with an expiry 48.
 *
 * Invariants: the slot, when there, stands at offset 8, so types reach their value
 * without knowing how long the key is; record_size() follows from the header, so a
 * record is freed without a look-up. A record never holds padding of its own: the
 * heap's classes are multiples of 8.
 *
 * Costs: everything here is O(1) but for the copying of key and value.
 */
#ifndef CYDIS_RECORD_H
#define CYDIS_RECORD_H

#include <string.h>

#include "hashtable.h"
#include "heap.h"

enum { RECORD_EXPIRES = 1, RECORD_LONGKEY = 2, RECORD_INLINE = 4 };
enum { RECORD_HEAD = 8, RECORD_INLINE_MAX = 4096, RECORD_SHORTKEY_MAX = 255 };

typedef struct Record {
    uint32_t clock : 24;
    uint32_t type : 4;
    uint32_t encoding : 4;
    uint8_t flags;
    uint8_t key_size;
    uint16_t value_size;
} Record;

_Static_assert(sizeof(Record) == RECORD_HEAD, "the head of a record is 8 bytes");

/* A value too large to stand in its record: a string with room to grow. */
typedef struct Blob {
    uint64_t size;     /* bytes used */
    uint64_t capacity; /* bytes of data[] */
    uint8_t data[];
} Blob;

static inline void **record_slot(Record *r) { return (void **)((uint8_t *)r + RECORD_HEAD); }
static inline void *record_pointer(const Record *r) {
    return *(void *const *)((const uint8_t *)r + RECORD_HEAD);
}
static inline void record_set_pointer(Record *r, void *p) { *record_slot(r) = p; }
static inline int64_t record_int(const Record *r) {
    return *(const int64_t *)((const uint8_t *)r + RECORD_HEAD);
}
static inline void record_set_int(Record *r, int64_t n) { *(int64_t *)((uint8_t *)r + RECORD_HEAD) = n; }

static inline size_t record_expiry_at(const Record *r) { return r->flags & RECORD_INLINE ? 8 : 16; }

/* The moment this record expires (ms), or -1: never. */
static inline int64_t record_expiry(const Record *r) {
    return r->flags & RECORD_EXPIRES ? *(const int64_t *)((const uint8_t *)r + record_expiry_at(r)) : -1;
}

static inline const uint8_t *record_key(const Record *r, size_t *size) {
    const uint8_t *p = (const uint8_t *)r + record_expiry_at(r) + (r->flags & RECORD_EXPIRES ? 8 : 0);
    if (__builtin_expect(r->flags & RECORD_LONGKEY, 0)) {
        uint32_t n;
        memcpy(&n, p, 4);
        *size = n;
        return p + 4;
    }
    *size = r->key_size;
    return p;
}

/* The function a Hashtable of records is made with. */
static inline const uint8_t *record_hashtable_key(const void *entry, size_t *size) {
    return record_key((const Record *)entry, size);
}

/* hashtable_find in a table of records, the key function inlined. */
static inline Record *record_find(const Hashtable *t, uint64_t hash, const void *key, size_t size,
                                  HashtablePos *pos) {
    return hashtable_find_with(t, hash, key, size, pos, record_hashtable_key);
}

/* The value that stands in the record; only with RECORD_INLINE. */
static inline uint8_t *record_value(const Record *r) {
    size_t n;
    const uint8_t *key = record_key(r, &n);
    return (uint8_t *)key + n;
}

static inline size_t record_bytes(size_t key_size, bool expires, bool inlined, size_t value_size) {
    return RECORD_HEAD + (inlined ? value_size : 8) + (expires ? 8 : 0) + key_size
           + (key_size > RECORD_SHORTKEY_MAX ? 4 : 0);
}

static inline size_t record_size(const Record *r) {
    size_t n;
    const uint8_t *key = record_key(r, &n);
    return (size_t)(key - (const uint8_t *)r) + n + (r->flags & RECORD_INLINE ? r->value_size : 0);
}

static inline void record_free(Heap *heap, Record *r) { heap_free(heap, r, record_size(r)); }

/* A record with this key; expiry -1 is none. With `inlined` there are value_size (<= RECORD_INLINE_MAX) bytes for the
 * caller to fill at record_value(), else a slot. NULL: no memory. */
static inline Record *record_new(Heap *heap, const void *key, size_t key_size, int64_t expiry, bool inlined,
                                 size_t value_size) {
    Record *r = heap_alloc(heap, record_bytes(key_size, expiry >= 0, inlined, value_size));
    if (!r)
        return NULL;
    uint8_t *p = (uint8_t *)r + RECORD_HEAD;
    r->clock = r->type = r->encoding = 0;
    r->flags = (expiry >= 0 ? RECORD_EXPIRES : 0) | (inlined ? RECORD_INLINE : 0);
    r->value_size = inlined ? (uint16_t)value_size : 0;
    if (!inlined) {
        *(void **)p = NULL;
        p += 8;
    }
    if (expiry >= 0) {
        memcpy(p, &expiry, 8);
        p += 8;
    }
    if (key_size > RECORD_SHORTKEY_MAX) {
        uint32_t n = (uint32_t)key_size;
        r->flags |= RECORD_LONGKEY;
        r->key_size = 0;
        memcpy(p, &n, 4);
        p += 4;
    } else {
        r->key_size = (uint8_t)key_size;
    }
    memcpy(p, key, key_size);
    return r;
}

/* The record in another shape: with or without expiry, slot or inline bytes. In place (r itself) where nothing moves;
 * else a new record with the same key, type, encoding and clock, to which the slot, or the first min(old, new) bytes of
 * an inline value, were copied; the old one is freed. NULL: no memory, r untouched. */
static inline Record *record_reshape(Heap *heap, Record *r, int64_t expiry, bool inlined, size_t value_size) {
    bool was_inline = r->flags & RECORD_INLINE;
    size_t key_size, old_value = was_inline ? r->value_size : 0;
    const uint8_t *key = record_key(r, &key_size);
    size_t was = record_size(r), will = record_bytes(key_size, expiry >= 0, inlined, value_size);
    if (was_inline == inlined && ((r->flags & RECORD_EXPIRES) != 0) == (expiry >= 0)
        && heap_good_size(was) == heap_good_size(will)) {
        r = heap_realloc(heap, r, was, will); /* the same block, but where a sanitizer wants exact sizes */
        if (!r)
            return NULL;
        if (inlined)
            r->value_size = (uint16_t)value_size;
        if (expiry >= 0)
            memcpy((uint8_t *)r + record_expiry_at(r), &expiry, 8);
        return r;
    }
    Record *n = record_new(heap, key, key_size, expiry, inlined, value_size);
    if (!n)
        return NULL;
    n->clock = r->clock;
    n->type = r->type;
    n->encoding = r->encoding;
    if (!inlined && !was_inline)
        record_set_pointer(n, record_pointer(r));
    if (inlined && was_inline)
        memcpy(record_value(n), record_value(r), old_value < value_size ? old_value : value_size);
    heap_free(heap, r, was);
    return n;
}

#endif
