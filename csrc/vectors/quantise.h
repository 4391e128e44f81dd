/* quantise: vectors of length 1, as they are stored and compared.
 *
 *      kind     bytes of n dimensions    range                           distance
 *      FLOAT    4 n                      -                               1 - sum a b
 *      BYTE     n                        the largest |x|; 127 means it   1 - sum a b * ranges / 127^2
 *      BIT      8 ceil(n / 64)           -                               2 * differing bits / n
 *
 * A vector is divided by its length before it is stored; the length is kept beside it. So the distance
 * of two vectors is 1 - cos of their angle, from 0 (one direction) to 2 (opposite), and the similarity
 * that clients see is 1 - distance / 2. A zero vector stays one, with length 1: it is at distance 1 of
 * everything. In BIT a set bit means > 0.
 *
 * Only finite numbers come in: quantise_length refuses others, so no distance is ever a NaN, and
 * distances are in order wherever they are compared.
 */
#ifndef CYDIS_QUANTISE_H
#define CYDIS_QUANTISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vectors/distance.h"

typedef enum { QUANT_FLOAT, QUANT_BYTE, QUANT_BIT } QuantKind;

/* Bytes of a stored vector, a multiple of 4. */
static inline size_t quantise_bytes(QuantKind kind, uint32_t dim) {
    if (kind == QUANT_FLOAT)
        return 4 * (size_t)dim;
    return kind == QUANT_BYTE ? ((size_t)dim + 3) & ~(size_t)3 : ((size_t)dim + 63) / 64 * 8;
}

/* The length of a vector, 1 for a zero vector; false: it is not finite, or some component is not. */
bool quantise_length(const float *vector, uint32_t dim, float *length);

/* Writes the vector, divided by its length, to `into`, and its range (0 where there is none). */
void quantise(QuantKind kind, const float *vector, uint32_t dim, float length, void *into, float *range);

/* The stored vector as floats, times its length: what went in, but for what quantising took. */
void quantise_back(QuantKind kind, const void *from, uint32_t dim, float range, float length, float *vector);

/* The form in which a stored vector is published: floats, bytes, or words of bits, all little-endian. */
static inline size_t quantise_saved_bytes(QuantKind kind, uint32_t dim) {
    return kind == QUANT_BYTE ? dim : quantise_bytes(kind, dim);
}
void quantise_save(QuantKind kind, const void *stored, uint32_t dim, uint8_t *out);

/* The way back. False: quantise makes no such vector (of length 1 or 0, with this range, finite). O(dim). */
bool quantise_load(QuantKind kind, const uint8_t *saved, uint32_t dim, float range, void *into);

/* The distance of two stored vectors, from 0 to 2. */
static inline float quantise_distance(const DistanceSet *set, QuantKind kind, uint32_t dim, const void *a,
                                      float a_range, const void *b, float b_range) {
    float d;
    if (kind == QUANT_BYTE) {
        float scale = a_range * b_range * (1.0f / (127 * 127));
        d = 1.0f - (float)set->i8((const int8_t *)a, (const int8_t *)b, dim) * scale;
    } else if (kind == QUANT_FLOAT) {
        d = 1.0f - set->f32((const float *)a, (const float *)b, dim);
    } else {
        size_t words = ((size_t)dim + 63) / 64;
        d = (float)set->bits((const uint64_t *)a, (const uint64_t *)b, words) * 2.0f / (float)dim;
    }
    return d < 0.0f ? 0.0f : d > 2.0f ? 2.0f : d;
}

/* A random projection: `from` dimensions to `to`. Component i is the sum of all components of the
 * vector, each with a sign of its own, over the square root of `from`. The signs follow from i and
 * nothing else, so all servers project alike and no matrix is kept. O(from * to). */
void quantise_project(const float *vector, uint32_t from, float *into, uint32_t to);

/* A projection by a matrix of `to` rows of `from` numbers, and the matrix that quantise_project stands for. */
void quantise_project_by(const float *matrix, const float *vector, uint32_t from, float *into, uint32_t to);
void quantise_projection_row(uint32_t row, uint32_t from, float *numbers);

#endif
