/* field: a name and its value in one block, as small as it can be, for the hash tables of large hashes.
 *
 *   OFFSET  SIZE  MEANING, short form: a name of at most 252 bytes, a value of at most 255
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
 * A field that expires is a timed one: a form byte, then its place in the Deadlines of its hash, where the moment
 * stands. Fields without an expiry have no byte for it.
 *
 *   OFFSET  SIZE  MEANING, short timed form          OFFSET  SIZE  MEANING, long timed form
 *   0       1     253                                0       1     254
 *   1       1     size of the name                   1       4     size of the name
 *   2       1     size of the value                  5       4     size of the value
 *   3       4     the place                          9       4     the place
 *   7       n     the name                           13      n     the name
 *   +       v     the value                          +       v     the value
 *
 * 16 bytes with 16 bytes take 34, a block of 40; timed 39, the same block.
 *
 * Invariants: the form follows from the sizes and from being timed, and the block's size from the form, so a field
 * is freed without a look-up. Names and values are shorter than 4 GiB.
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

enum {
    FIELD_SHORT_TIMED = 253, /* from here on a form, below the size of a short field's name */
    FIELD_LONG_TIMED = 254,
    FIELD_LONG = 255,
    FIELD_SHORT_HEAD = 2,
    FIELD_SHORT_TIMED_HEAD = 7,
    FIELD_LONG_TIMED_HEAD = 13,
    FIELD_LONG_HEAD = 9
};

typedef struct Field {
    uint8_t form;
    uint8_t rest[];
} Field;

static inline bool field_is_long(size_t name_size, size_t value_size) {
    return name_size >= FIELD_SHORT_TIMED || value_size > 255;
}

/* The first byte of such a field. */
static inline unsigned field_form(size_t name_size, size_t value_size, bool timed) {
    if (field_is_long(name_size, value_size))
        return timed ? FIELD_LONG_TIMED : FIELD_LONG;
    return timed ? FIELD_SHORT_TIMED : (unsigned)name_size;
}

static inline size_t field_head(unsigned form) {
    if (__builtin_expect(form < FIELD_SHORT_TIMED, 1))
        return FIELD_SHORT_HEAD;
    if (form == FIELD_SHORT_TIMED)
        return FIELD_SHORT_TIMED_HEAD;
    return form == FIELD_LONG ? FIELD_LONG_HEAD : FIELD_LONG_TIMED_HEAD;
}

/* Bytes of the block for a name and a value of these sizes. */
static inline size_t field_bytes(size_t name_size, size_t value_size, bool timed) {
    return name_size + value_size + field_head(field_form(name_size, value_size, timed));
}

static inline bool field_is_timed(const Field *f) {
    return f->form == FIELD_SHORT_TIMED || f->form == FIELD_LONG_TIMED;
}

/* Of a timed field: where it stands in its hash's Deadlines. */
static inline uint32_t field_place(const Field *f) {
    return little_load32((const uint8_t *)f + field_head(f->form) - 4);
}

/* Made as a DeadlineMoved. */
static inline void field_set_place(void *field, uint32_t place) {
    Field *f = (Field *)field;
    little_store32((uint8_t *)f + field_head(f->form) - 4, place);
}

static inline const uint8_t *field_name(const Field *f, size_t *size) {
    if (__builtin_expect(f->form < FIELD_SHORT_TIMED, 1)) {
        *size = f->form;
        return (const uint8_t *)f + FIELD_SHORT_HEAD;
    }
    *size = f->form == FIELD_SHORT_TIMED ? f->rest[0] : little_load32(f->rest);
    return (const uint8_t *)f + field_head(f->form);
}

static inline const uint8_t *field_value(const Field *f, size_t *size) {
    size_t name_size;
    const uint8_t *name = field_name(f, &name_size);
    if (__builtin_expect(f->form < FIELD_SHORT_TIMED, 1))
        *size = f->rest[0];
    else
        *size = f->form == FIELD_SHORT_TIMED ? f->rest[1] : little_load32(f->rest + 4);
    return name + name_size;
}

static inline size_t field_size(const Field *f) {
    size_t name_size, value_size;
    field_name(f, &name_size);
    field_value(f, &value_size);
    return name_size + value_size + field_head(f->form);
}

static inline void field_free(Heap *heap, Field *f) { heap_free(heap, f, field_size(f)); }

/* field_free as hashtable_clear wants it; ctx is the Heap. */
static inline void field_drop(void *ctx, void *entry) { field_free((Heap *)ctx, (Field *)entry); }

static inline void field_put_sizes(Field *f, unsigned form, size_t name_size, size_t value_size) {
    f->form = (uint8_t)form;
    if (form >= FIELD_LONG_TIMED) {
        little_store32(f->rest, (uint32_t)name_size);
        little_store32(f->rest + 4, (uint32_t)value_size);
    } else if (form == FIELD_SHORT_TIMED) {
        f->rest[0] = (uint8_t)name_size;
        f->rest[1] = (uint8_t)value_size;
    } else {
        f->rest[0] = (uint8_t)value_size;
    }
}

/* A copy of both, or NULL: no memory, or 4 GiB and more. The place of a timed one is not set yet. */
static inline Field *field_new(Heap *heap, const void *name, size_t name_size, const void *value,
                               size_t value_size, bool timed) {
    if (name_size > UINT32_MAX || value_size > UINT32_MAX)
        return NULL;
    unsigned form = field_form(name_size, value_size, timed);
    size_t head = field_head(form);
    Field *f = heap_alloc(heap, head + name_size + value_size);
    if (!f)
        return NULL;
    field_put_sizes(f, form, name_size, value_size);
    uint8_t *to = (uint8_t *)f + head;
    if (name_size)
        memcpy(to, name, name_size);
    if (value_size)
        memcpy(to + name_size, value, value_size);
    return f;
}

/* Gives the field another value, which must not lie in it, and lets it be timed or not: f itself where that fits
 * the block, else a new field, f being freed. One that was and is timed keeps its place; who becomes timed has none
 * yet. NULL: no memory, f untouched. */
static inline Field *field_set(Heap *heap, Field *f, const void *value, size_t value_size, bool timed) {
    size_t name_size, old_size;
    const uint8_t *name = field_name(f, &name_size);
    field_value(f, &old_size);
    unsigned form = field_form(name_size, value_size, timed);
    size_t head = field_head(f->form), was = head + name_size + old_size;
    if (form == f->form && value_size <= UINT32_MAX) {
        size_t will = head + name_size + value_size;
        if (heap_good_size(was) == heap_good_size(will)) {
            if (was != will
                && !(f = heap_realloc(heap, f, was, will))) /* stays where it is, except under a sanitizer */
                return NULL;
            field_put_sizes(f, form, name_size, value_size);
            if (value_size)
                memcpy((uint8_t *)f + will - value_size, value, value_size);
            return f;
        }
    }
    Field *other = field_new(heap, name, name_size, value, value_size, timed);
    if (!other)
        return NULL;
    if (timed && field_is_timed(f))
        field_set_place(other, field_place(f));
    heap_free(heap, f, was);
    return other;
}

/* The same name and value in the other form, f being freed; NULL: no memory, f untouched. */
static inline Field *field_retime(Heap *heap, Field *f, bool timed) {
    size_t name_size, value_size;
    const uint8_t *name = field_name(f, &name_size), *value = field_value(f, &value_size);
    Field *other = field_new(heap, name, name_size, value, value_size, timed);
    if (other)
        field_free(heap, f);
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
