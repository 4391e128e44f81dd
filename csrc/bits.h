/* bits: counting, finding and combining bits in runs of bytes; numbers of any width at any bit.
 *
 *   byte      0                 1
 *   bits      0 1 2 3 4 5 6 7   8 9 ...         bit 0 is the highest of byte 0
 *   field     . . . x x x x x   x x . . . . . .   a field of 7 bits at bit 3, its highest bit first
 *
 * Conventions
 *   - Positions and lengths of bits are 64 bits wide. A range names its first and its last bit,
 *     both within the bytes, first <= last.
 *   - What lies behind the bytes reads as zeros; nothing there is touched.
 *   - Bytes may have any alignment.
 *   - Nothing allocates, nothing fails.
 *
 * Costs: counting, finding and combining are O(bytes), 32 bytes at a time where the processor has
 * AVX2 and 8 elsewhere (internal/vector.h); fields are O(1).
 */
#ifndef CYDIS_BITS_H
#define CYDIS_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- runs ---- */

/* How many bits are set: in all of the bytes; from the first to the last bit. */
uint64_t bits_count(const uint8_t *data, size_t size);
uint64_t bits_count_range(const uint8_t *data, uint64_t first, uint64_t last);

/* The first place from the first to the last bit that holds this bit, or -1. */
int64_t bits_find(const uint8_t *data, bool bit, uint64_t first, uint64_t last);

typedef enum { BITS_AND, BITS_OR, BITS_XOR, BITS_NOT } BitsOperation;

typedef struct BitsSource {
    const uint8_t *data; /* NULL if there is nothing */
    size_t size;
} BitsSource;

/* Writes `size` bytes, none of the n >= 1 sources being longer; a shorter one goes on with zeros. NOT takes one.
 * `out` may be the first source's own memory; no other source may overlap it. O(size * n). */
void bits_combine(BitsOperation operation, uint8_t *out, size_t size, const BitsSource *sources, size_t n);

/* The bit at a place; 0 behind the end. O(1). */
static inline int bits_get(const uint8_t *data, size_t size, uint64_t place) {
    return place >> 3 < size ? data[place >> 3] >> (7 - (place & 7)) & 1 : 0;
}

/* Sets or clears the bit at a place within the bytes. O(1). */
static inline void bits_set(uint8_t *data, uint64_t place, int bit) {
    uint8_t mask = (uint8_t)(0x80 >> (place & 7));
    data[place >> 3] = (uint8_t)(bit ? data[place >> 3] | mask : data[place >> 3] & ~mask);
}

/* ---- fields ---- */

typedef struct BitsField {
    bool is_signed;
    uint8_t width; /* 1 to 64, unsigned 1 to 63: every number of a field is an int64 */
} BitsField;

typedef enum {
    BITS_WRAP,     /* what does not fit loses its high bits */
    BITS_SATURATE, /* it becomes the largest or smallest number */
    BITS_FAIL,     /* it is not to be written */
} BitsOverflow;

/* The number in a field at a place. */
int64_t bits_field_get(const uint8_t *data, size_t size, uint64_t place, BitsField field);
/* Writes a number that fits the field; the bytes reach as far as bits_field_end says. */
void bits_field_set(uint8_t *data, uint64_t place, BitsField field, int64_t number);
/* How many bytes a run must have that holds the field. place + 64 must not overflow. */
static inline uint64_t bits_field_end(uint64_t place, BitsField field) {
    return ((place + field.width - 1) >> 3) + 1;
}

/* What to write for `number`, or for `number + step`: false if that is not the number asked for. With BITS_FAIL *out is
 * then undefined. A negative number is above all unsigned ones: it saturates to the largest. */
bool bits_field_fit(BitsField field, int64_t number, BitsOverflow mode, int64_t *out);
bool bits_field_add(BitsField field, int64_t number, int64_t step, BitsOverflow mode, int64_t *out);

/* Reads "u8" or "i64". False: no such field. */
bool bits_field_parse(const void *text, size_t size, BitsField *out);
/* Reads a place: an integer from 0 on, or, where width > 0, "#" and how many fields of that width stand before it.
 * False: neither, or the place is beyond int64. */
bool bits_place_parse(const void *text, size_t size, unsigned width, uint64_t *out);

#endif
