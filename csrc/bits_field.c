/* bits_field: numbers of any width at any bit; see bits.h.
 *
 *   a field of up to 64 bits touches nine bytes at most:
 *
 *   | shift | width bits, highest first ...                       |
 *   +-------+-- … --+--------+--------+--------+--------+--------+--------+--------+
 *   |     byte 0    | byte 1 |   …                               | byte 7 | byte 8 |
 *   +---------------+--------+-----------------------------------+--------+--------+
 *   '---------- one big-endian word ---------------------------------------'
 *
 * So a field is one word and, only where shift + width > 64, the top of one more byte.
 */
#include "bits.h"

#include <string.h>

#include "little.h"
#include "number.h"

enum { NINE = 9 };

static uint64_t load_big(const uint8_t *p) { return __builtin_bswap64(little_load64(p)); }

static void store_big(uint8_t *p, uint64_t w) { little_store64(p, __builtin_bswap64(w)); }

/* The low bits of a number as the field shows them. */
static int64_t wrapped(BitsField field, uint64_t bits) {
    unsigned spare = 64 - field.width;
    bits <<= spare;
    return field.is_signed ? (int64_t)bits >> spare : (int64_t)(bits >> spare);
}

int64_t bits_field_get(const uint8_t *data, size_t size, uint64_t place, BitsField field) {
    uint64_t at = place >> 3;
    unsigned shift = place & 7;
    uint8_t nine[NINE] = {0};
    if (at < size)
        memcpy(nine, data + at, size - at < NINE ? size - at : NINE);
    uint64_t top = load_big(nine) << shift | (uint64_t)nine[8] >> (8 - shift);
    return wrapped(field, top >> (64 - field.width));
}

void bits_field_set(uint8_t *data, uint64_t place, BitsField field, int64_t number) {
    uint64_t at = place >> 3, touched = bits_field_end(place, field) - at;
    unsigned shift = place & 7, spare = 64 - field.width;
    uint64_t mask = UINT64_MAX << spare, bits = (uint64_t)number << spare;
    uint8_t nine[NINE] = {0};
    memcpy(nine, data + at, touched);
    store_big(nine, (load_big(nine) & ~(mask >> shift)) | bits >> shift);
    nine[8] = (uint8_t)((nine[8] & ~(mask << (8 - shift))) | (bits << (8 - shift) & 0xFF));
    memcpy(data + at, nine, touched);
}

static int64_t largest(BitsField field) {
    return (int64_t)(UINT64_MAX >> (64 - field.width) >> (field.is_signed ? 1 : 0));
}

static int64_t smallest(BitsField field) { return field.is_signed ? -largest(field) - 1 : 0; }

bool bits_field_fit(BitsField field, int64_t number, BitsOverflow mode, int64_t *out) {
    *out = number;
    if (number >= smallest(field) && number <= largest(field))
        return true;
    if (mode == BITS_SATURATE)
        *out = number > 0 || !field.is_signed ? largest(field) : smallest(field);
    else
        *out = wrapped(field, (uint64_t)number);
    return false;
}

bool bits_field_add(BitsField field, int64_t number, int64_t step, BitsOverflow mode, int64_t *out) {
    bool beyond = __builtin_add_overflow(number, step, out);
    if (!beyond && *out >= smallest(field) && *out <= largest(field))
        return true;
    if (mode == BITS_SATURATE)
        *out = step > 0 ? largest(field) : smallest(field);
    else
        *out = wrapped(field, (uint64_t)*out);
    return false;
}

bool bits_field_parse(const void *text, size_t size, BitsField *out) {
    const uint8_t *p = text;
    int64_t width;
    if (size < 2 || (p[0] != 'u' && p[0] != 'i') || !number_parse_int(p + 1, size - 1, &width))
        return false;
    out->is_signed = p[0] == 'i';
    if (width < 1 || width > (out->is_signed ? 64 : 63))
        return false;
    out->width = (uint8_t)width;
    return true;
}

bool bits_place_parse(const void *text, size_t size, unsigned width, uint64_t *out) {
    const uint8_t *p = text;
    bool counted = width > 0 && size > 0 && p[0] == '#';
    int64_t n;
    if (!number_parse_int(p + counted, size - counted, &n) || n < 0)
        return false;
    if (counted && __builtin_mul_overflow(n, (int64_t)width, &n))
        return false;
    *out = (uint64_t)n;
    return true;
}
