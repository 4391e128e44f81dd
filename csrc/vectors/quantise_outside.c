/* quantise_outside: stored vectors as published bytes, and back with suspicion.
 *
 * What is checked is what distances lean on: no number that is not finite, no component so large that a sum of
 * products overflows, no bit behind the last dimension. A vector of floats has length 1 up to rounding, or 0.
 */
#include <math.h>
#include <string.h>

#include "little.h"
#include "vectors/quantise.h"

static const double ROUNDING = 0.05; /* of a length that was summed in floats */

void quantise_save(QuantKind kind, const void *stored, uint32_t dim, uint8_t *out) {
    if (kind == QUANT_BYTE) {
        memcpy(out, stored, dim);
    } else if (kind == QUANT_BIT) {
        const uint64_t *words = stored;
        for (size_t i = 0; i < ((size_t)dim + 63) / 64; i++)
            little_store64(out + 8 * i, words[i]);
    } else {
        const float *floats = stored;
        for (uint32_t i = 0; i < dim; i++) {
            uint32_t bits;
            memcpy(&bits, floats + i, 4);
            little_store32(out + 4 * (size_t)i, bits);
        }
    }
}

static bool load_floats(const uint8_t *saved, uint32_t dim, float *into) {
    double sum = 0;
    for (uint32_t i = 0; i < dim; i++) {
        uint32_t bits = little_load32(saved + 4 * (size_t)i);
        memcpy(into + i, &bits, 4);
        sum += (double)into[i] * into[i];
    }
    return sum == 0 || fabs(sum - 1) < ROUNDING; /* a NaN is neither */
}

static bool load_bytes(const uint8_t *saved, uint32_t dim, float range, int8_t *into) {
    int largest = 0;
    for (uint32_t i = 0; i < dim; i++) {
        into[i] = (int8_t)saved[i];
        int size = into[i] < 0 ? -into[i] : into[i];
        if (size > largest)
            largest = size;
    }
    for (uint32_t i = dim; i % 4 != 0; i++)
        into[i] = 0;
    return range == 0 ? largest == 0 : range > 0 && range < 1 + ROUNDING && largest == 127;
}

static bool load_bits(const uint8_t *saved, uint32_t dim, uint64_t *into) {
    size_t words = ((size_t)dim + 63) / 64;
    for (size_t i = 0; i < words; i++)
        into[i] = little_load64(saved + 8 * i);
    return dim % 64 == 0 || into[words - 1] >> (dim % 64) == 0;
}

bool quantise_load(QuantKind kind, const uint8_t *saved, uint32_t dim, float range, void *into) {
    if (kind == QUANT_BYTE)
        return load_bytes(saved, dim, range, into);
    return kind == QUANT_BIT ? load_bits(saved, dim, into) : load_floats(saved, dim, into);
}
