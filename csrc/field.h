/* field: a name and its value in one block, as small as it can be, for the hash tables of large hashes.
 *
 *   OFFSET  SIZE  MEANING, short form: a name of at most 254 bytes, a value of at most 255
 *   0       1     size of the name
 *   1       1     size of the value
 *   2       n     the name
 *   +       v     the value
 *
 *   OFFSET  SIZE  MEANING, long form
 *   0       1     255
 *   1       4     size of the name, little-endian
 *   5       4     size of the value
 *   9       n     the name
 *   +       v     the value
 *
 * 16 bytes with 16 bytes take 34, a block of 40.
 *
 * Invariants: the form follows from the sizes, and the block's size from the form, so a field is freed
 * without a look-up. Names and values are shorter than 4 GiB.
 *
 * Costs: everything is O(1) but for the copying of bytes; a value of the same size is written in place,
 * and one of another size too while the block's class stays.
 */
#ifndef CYDIS_FIELD_H
#define CYDIS_FIELD_H

#include <string.h>

#include "hashtable.h"
#include "heap.h"
#include "little.h"

enum { FIELD_LONG = 255, FIELD_SHORT_HEAD = 2, FIELD_LONG_HEAD = 9 };

typedef struct Field {
    uint8_t name_size;
    uint8_t rest[];
} Field;

static inline bool field_is_long(size_t name_size, size_t value_size) {
    return name_size > 254 || value_size > 255;
}

/* Bytes of the block for a name and a value of these sizes. */
static inline size_t field_bytes(size_t name_size, size_t value_size) {
    return name_size + value_size
           + (field_is_long(name_size, value_size) ? FIELD_LONG_HEAD : FIELD_SHORT_HEAD);
}

static inline const uint8_t *field_name(const Field *f, size_t *size) {
    if (__builtin_expect(f->name_size != FIELD_LONG, 1)) {
        *size = f->name_size;
        return (const uint8_t *)f + FIELD_SHORT_HEAD;
    }
    *size = little_load32(f->rest);
    return (const uint8_t *)f + FIELD_LONG_HEAD;
}

static inline const uint8_t *field_value(const Field *f, size_t *size) {
    size_t name_size;
    const uint8_t *name = field_name(f, &name_size);
    *size = f->name_size != FIELD_LONG ? f->rest[0] : little_load32(f->rest + 4);
    return name + name_size;
}

static inline size_t field_size(const Field *f) {
    size_t name_size, value_size;
    field_name(f, &name_size);
    field_value(f, &value_size);
    return field_bytes(name_size, value_size);
}

static inline void field_free(Heap *heap, Field *f) { heap_free(heap, f, field_size(f)); }

/* field_free as hashtable_clear wants it; ctx is the Heap. */
static inline void field_drop(void *ctx, void *entry) { field_free((Heap *)ctx, (Field *)entry); }

/* A copy of both, or NULL: no memory, or 4 GiB and more. */
static inline Field *field_new(Heap *heap, const void *name, size_t name_size, const void *value,
                               size_t value_size) {
    if (name_size > UINT32_MAX || value_size > UINT32_MAX)
        return NULL;
    Field *f = heap_alloc(heap, field_bytes(name_size, value_size));
    if (!f)
        return NULL;
    uint8_t *to = (uint8_t *)f + FIELD_SHORT_HEAD;
    if (field_is_long(name_size, value_size)) {
        f->name_size = FIELD_LONG;
        little_store32(f->rest, (uint32_t)name_size);
        little_store32(f->rest + 4, (uint32_t)value_size);
        to = (uint8_t *)f + FIELD_LONG_HEAD;
    } else {
        f->name_size = (uint8_t)name_size;
        f->rest[0] = (uint8_t)value_size;
    }
    if (name_size)
        memcpy(to, name, name_size);
    if (value_size)
        memcpy(to + name_size, value, value_size);
    return f;
}

/* Gives the field another value, which must not lie in it: f itself where that fits the block, else a new
 * field, f being freed. NULL: no memory, f untouched. */
static inline Field *field_set(Heap *heap, Field *f, const void *value, size_t value_size) {
    size_t name_size, old_size;
    const uint8_t *name = field_name(f, &name_size);
    field_value(f, &old_size);
    size_t was = field_bytes(name_size, old_size), will = field_bytes(name_size, value_size);
    bool same_form = (f->name_size == FIELD_LONG) == field_is_long(name_size, value_size);
    if (same_form && heap_good_size(was) == heap_good_size(will)) {
        if (was != will
            && !(f = heap_realloc(heap, f, was, will))) /* stays where it is, except under a sanitizer */
            return NULL;
        if (f->name_size == FIELD_LONG)
            little_store32(f->rest + 4, (uint32_t)value_size);
        else
            f->rest[0] = (uint8_t)value_size;
        if (value_size)
            memcpy((uint8_t *)f + will - value_size, value, value_size);
        return f;
    }
    Field *other = field_new(heap, name, name_size, value, value_size);
    if (other)
        heap_free(heap, f, was);
    return other;
}

/* The function a Hashtable of fields is made with. */
static inline const uint8_t *field_key(const void *entry, size_t *size) {
    return field_name((const Field *)entry, size);
}

/* hashtable_find in a table of fields, the key function inlined. */
static inline Field *field_find(const Hashtable *t, uint64_t hash, const void *name, size_t size,
                                HashtablePos *pos) {
    return (Field *)hashtable_find_with(t, hash, name, size, pos, field_key);
}

#endif
