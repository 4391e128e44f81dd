/* hll_dense: the dense form's registers, without the header; for hyperloglog.c and its test.
 *
 *   byte        0         1         2
 *   bits   | 1 1 0 0 0 0 0 0 | 2 2 2 2 1 1 1 1 | 3 3 3 3 3 3 2 2 |     highest bit of a byte first;
 *                                                                     the digit says which register's
 *
 * 12288 bytes, and no function touches one behind them.
 */
#ifndef CYDIS_HLL_DENSE_H
#define CYDIS_HLL_DENSE_H

#include "hyperloglog.h"
#include "internal/vector.h"

static inline uint8_t dense_get(const uint8_t *p, uint32_t index) {
    uint32_t bit = index * 6, shift = bit & 7;
    uint32_t two = p[bit >> 3];
    if (shift > 2)
        two |= (uint32_t)p[(bit >> 3) + 1] << 8;
    return two >> shift & 63;
}

static inline void dense_set(uint8_t *p, uint32_t index, uint8_t value) {
    uint32_t bit = index * 6, shift = bit & 7;
    p += bit >> 3;
    p[0] = (uint8_t)((p[0] & ~(63u << shift)) | (uint32_t)value << shift);
    if (shift > 2)
        p[1] = (uint8_t)((p[1] & ~(63u >> (8 - shift))) | (uint32_t)value >> (8 - shift));
}

/* How many registers hold each value; added to the histogram. */
void dense_histogram(const uint8_t *p, uint32_t histogram[64]);
void byte_histogram(const uint8_t registers[HLL_REGISTERS], uint32_t histogram[64]);

/* Makes `registers` what the dense ones hold; or raises them to it. */
void dense_unpack(uint8_t registers[HLL_REGISTERS], const uint8_t *p, bool wide);
void dense_merge(uint8_t registers[HLL_REGISTERS], const uint8_t *p, bool wide);

#endif
