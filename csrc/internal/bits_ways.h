/* bits_ways: each body of a kernel of bits.c by itself, for its own test, which runs both wherever both can run.
 *
 * `skip` is the length of the run of equal bytes at the beginning; `pair` is AND, OR or XOR of two runs.
 */
#ifndef CYDIS_BITS_WAYS_H
#define CYDIS_BITS_WAYS_H

#include "bits.h"
#include "internal/vector.h"

uint64_t bits_count_plain(const uint8_t *p, size_t n);
size_t bits_skip_plain(const uint8_t *p, size_t n, uint8_t byte);
void bits_pair_plain(BitsOperation operation, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
void bits_not_plain(uint8_t *out, const uint8_t *a, size_t n);
#if VECTOR_AVX2
uint64_t bits_count_avx2(const uint8_t *p, size_t n);
size_t bits_skip_avx2(const uint8_t *p, size_t n, uint8_t byte);
void bits_pair_avx2(BitsOperation operation, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n);
void bits_not_avx2(uint8_t *out, const uint8_t *a, size_t n);
#endif

#endif
