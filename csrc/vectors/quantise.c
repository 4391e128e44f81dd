/* quantise: see the header for the kinds and what their numbers mean.
 *
 * Lengths are summed in double, so that components up to the largest float do not overflow.
 *
 * The projection's signs are the bits of a counter mixed as SplitMix64 does (Steele, Lea and Flood 2014);
 * random signs keep distances as well as random normals do (Achlioptas 2003).
 */
#include "vectors/quantise.h"

#include <float.h>
#include <math.h>
#include <string.h>

bool quantise_length(const float *vector, uint32_t dim, float *length) {
    double sum = 0;
    for (uint32_t i = 0; i < dim; i++)
        sum += (double)vector[i] * vector[i];
    sum = sqrt(sum);
    if (!(sum <= FLT_MAX))
        return false;
    *length = sum > 0 ? (float)sum : 1.0f;
    return *length > 0; /* a denormal double that no float holds cannot come from floats */
}

static void to_bytes(const float *vector, uint32_t dim, float length, int8_t *into, float *range) {
    float largest = 0;
    for (uint32_t i = 0; i < dim; i++) {
        float x = fabsf(vector[i] / length);
        if (x > largest)
            largest = x;
    }
    *range = largest;
    float scale = largest > 0 ? 127.0f / largest : 0;
    for (uint32_t i = 0; i < dim; i++) {
        float x = roundf(vector[i] / length * scale);
        into[i] = (int8_t)(x > 127 ? 127 : x < -127 ? -127 : x);
    }
    for (uint32_t i = dim; i % 4 != 0; i++)
        into[i] = 0;
}

static void to_bits(const float *vector, uint32_t dim, uint64_t *into) {
    for (uint32_t i = 0; i < dim; i += 64) {
        uint64_t word = 0;
        for (uint32_t k = 0; k < 64 && i + k < dim; k++)
            word |= (uint64_t)(vector[i + k] > 0) << k;
        memcpy((char *)into + i / 8, &word, sizeof word);
    }
}

void quantise(QuantKind kind, const float *vector, uint32_t dim, float length, void *into, float *range) {
    *range = 0;
    if (kind == QUANT_BYTE) {
        to_bytes(vector, dim, length, into, range);
    } else if (kind == QUANT_BIT) {
        to_bits(vector, dim, into);
    } else {
        float *to = into;
        for (uint32_t i = 0; i < dim; i++)
            to[i] = vector[i] / length;
    }
}

void quantise_back(QuantKind kind, const void *from, uint32_t dim, float range, float length, float *vector) {
    if (kind == QUANT_BYTE) {
        const int8_t *bytes = from;
        for (uint32_t i = 0; i < dim; i++)
            vector[i] = (float)bytes[i] * range / 127 * length;
    } else if (kind == QUANT_BIT) {
        const uint64_t *words = from;
        for (uint32_t i = 0; i < dim; i++)
            vector[i] = words[i / 64] >> (i % 64) & 1 ? 1.0f : -1.0f;
    } else {
        const float *floats = from;
        for (uint32_t i = 0; i < dim; i++)
            vector[i] = floats[i] * length;
    }
}

static inline uint64_t mixed(uint64_t z) {
    z *= 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void quantise_project(const float *vector, uint32_t from, float *into, uint32_t to) {
    float scale = 1.0f / sqrtf((float)from);
    for (uint32_t row = 0; row < to; row++) {
        float sum = 0;
        for (uint32_t i = 0; i < from; i += 64) {
            uint64_t signs = mixed(((uint64_t)row << 32 | i) + 1);
            uint32_t end = from - i < 64 ? from - i : 64;
            for (uint32_t k = 0; k < end; k++, signs >>= 1)
                sum += signs & 1 ? -vector[i + k] : vector[i + k];
        }
        into[row] = sum * scale;
    }
}

void quantise_projection_row(uint32_t row, uint32_t from, float *numbers) {
    float scale = 1.0f / sqrtf((float)from);
    for (uint32_t i = 0; i < from; i += 64) {
        uint64_t signs = mixed(((uint64_t)row << 32 | i) + 1);
        for (uint32_t k = i; k < from && k < i + 64; k++, signs >>= 1)
            numbers[k] = signs & 1 ? -scale : scale;
    }
}

void quantise_project_by(const float *matrix, const float *vector, uint32_t from, float *into, uint32_t to) {
    for (uint32_t row = 0; row < to; row++, matrix += from) {
        float sum = 0;
        for (uint32_t i = 0; i < from; i++)
            sum += matrix[i] * vector[i];
        into[row] = sum;
    }
}
