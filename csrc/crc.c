/* crc: the 64-bit checksum of serialised values. See crc.h.
 *
 * Eight bytes a step: table k says what a byte does to the checksum of k zero bytes after it, so the eight
 * look-ups of a step do not wait for one another ("slicing-by-8": Kounavis, Berry 2005). A table is linear
 * over exclusive or: its entry for a byte is the sum of those for the byte's bits. Only these are written
 * down, 64 numbers, and the compiler makes the 2048 entries, as constant data.
 *
 * Where the processor multiplies polynomials, 64 bytes are a step: what has been read is, as a polynomial, x^512 times
 * as much before the next 64 bytes, and a block of 16 bytes times x^n is, but for a multiple of the checksum's polynomial,
 * two products of 8 bytes with a constant. So four blocks are folded forward over the bytes without waiting for one
 * another, then into one, and the tables finish what is left (Gopal and others, "Fast CRC Computation for Generic
 * Polynomials Using PCLMULQDQ Instruction", 2009).
 */
#include "crc.h"

#include "internal/vector.h"
#include "little.h"

#define BIT(i, n, value) ((i) >> (n) & 1 ? UINT64_C(value) : 0)
#define T0(i)                                                                                                \
    (BIT(i, 0, 0x7ad870c830358979) ^ BIT(i, 1, 0xf5b0e190606b12f2) ^ BIT(i, 2, 0xc038e5739841b68f)           \
     ^ BIT(i, 3, 0xab28ecb46814fe75) ^ BIT(i, 4, 0x7d08ff3b88be6f81) ^ BIT(i, 5, 0xfa11fe77117cdf02)         \
     ^ BIT(i, 6, 0xdf7adabd7a6e2d6f) ^ BIT(i, 7, 0x95ac9329ac4bc9b5))
#define T1(i)                                                                                                \
    (BIT(i, 0, 0x89e99ffd73bddf69) ^ BIT(i, 1, 0x388a19a9bfec2db9) ^ BIT(i, 2, 0x711433537fd85b72)           \
     ^ BIT(i, 3, 0xe22866a6ffb0b6e4) ^ BIT(i, 4, 0xef09eb1ea7f6fea3) ^ BIT(i, 5, 0xf54af06e177a6e2d)         \
     ^ BIT(i, 6, 0xc1ccc68f76634f31) ^ BIT(i, 7, 0xa8c0ab4db4510d09))
#define T2(i)                                                                                                \
    (BIT(i, 0, 0xf4125129ce4038be) ^ BIT(i, 1, 0xc37d8400c417e217) ^ BIT(i, 2, 0xada22e52d0b85745)           \
     ^ BIT(i, 3, 0x701d7af6f9e73de1) ^ BIT(i, 4, 0xe03af5edf3ce7bc2) ^ BIT(i, 5, 0xeb2ccd88bf0b64ef)         \
     ^ BIT(i, 6, 0xfd00bd4226815ab5) ^ BIT(i, 7, 0xd1585cd715952601))
#define T3(i)                                                                                                \
    (BIT(i, 0, 0x8ce168638c796306) ^ BIT(i, 1, 0x329bf69440655567) ^ BIT(i, 2, 0x6537ed2880caaace)           \
     ^ BIT(i, 3, 0xca6fda510195559c) ^ BIT(i, 4, 0xbf8692f15bbd3853) ^ BIT(i, 5, 0x545403b1efede3cd)         \
     ^ BIT(i, 6, 0xa8a80763dfdbc79a) ^ BIT(i, 7, 0x7a092894e7201c5f))
#define T4(i)                                                                                                \
    (BIT(i, 0, 0x3504e58b9ba6dd1e) ^ BIT(i, 1, 0x6a09cb17374dba3c) ^ BIT(i, 2, 0xd413962e6e9b7478)           \
     ^ BIT(i, 3, 0x837e0a0f85a17b9b) ^ BIT(i, 4, 0x2da5324c53d5645d) ^ BIT(i, 5, 0x5b4a6498a7aac8ba)         \
     ^ BIT(i, 6, 0xb694c9314f559174) ^ BIT(i, 7, 0x4670b431c63cb183))
#define T5(i)                                                                                                \
    (BIT(i, 0, 0xe39d1389931b9354) ^ BIT(i, 1, 0xec6301407ea0b5c3) ^ BIT(i, 2, 0xf39f24d3a5d6f8ed)           \
     ^ BIT(i, 3, 0xcc676ff4133a62b1) ^ BIT(i, 4, 0xb397f9bb7ee35609) ^ BIT(i, 5, 0x4c76d525a5513f79)         \
     ^ BIT(i, 6, 0x98edaa4b4aa27ef2) ^ BIT(i, 7, 0x1a8272c5cdd36e8f))
#define T6(i)                                                                                                \
    (BIT(i, 0, 0x62a95de6e302eff2) ^ BIT(i, 1, 0xc552bbcdc605dfe4) ^ BIT(i, 2, 0xa1fc51c8d49c2ca3)           \
     ^ BIT(i, 3, 0x68a185c2f1afca2d) ^ BIT(i, 4, 0xd1430b85e35f945a) ^ BIT(i, 5, 0x89df31589e28bbdf)         \
     ^ BIT(i, 6, 0x38e744e264c6e4d5) ^ BIT(i, 7, 0x71ce89c4c98dc9aa))
#define T7(i)                                                                                                \
    (BIT(i, 0, 0x381d0015c96f4444) ^ BIT(i, 1, 0x703a002b92de8888) ^ BIT(i, 2, 0xe074005725bd1110)           \
     ^ BIT(i, 3, 0xebb126fd13edb14b) ^ BIT(i, 4, 0xfc3b6ba97f4cf1fd) ^ BIT(i, 5, 0xd32ff101a60e7091)         \
     ^ BIT(i, 6, 0x8d06c450148b7249) ^ BIT(i, 7, 0x3154aef3718177f9))

#define FOUR(t, i) t(i), t(i + 1), t(i + 2), t(i + 3)
#define SIXTEEN(t, i) FOUR(t, i), FOUR(t, i + 4), FOUR(t, i + 8), FOUR(t, i + 12)
#define SIXTY_FOUR(t, i) SIXTEEN(t, i), SIXTEEN(t, i + 16), SIXTEEN(t, i + 32), SIXTEEN(t, i + 48)
#define ALL(t) {SIXTY_FOUR(t, 0), SIXTY_FOUR(t, 64), SIXTY_FOUR(t, 128), SIXTY_FOUR(t, 192)}

static const uint64_t TABLES[8][256] = {ALL(T0), ALL(T1), ALL(T2), ALL(T3),
                                        ALL(T4), ALL(T5), ALL(T6), ALL(T7)};

static uint64_t by_tables(uint64_t crc, const uint8_t *p, size_t size) {
    for (; size >= 8; p += 8, size -= 8) {
        crc ^= little_load64(p);
        crc = TABLES[7][crc & 255] ^ TABLES[6][crc >> 8 & 255] ^ TABLES[5][crc >> 16 & 255]
              ^ TABLES[4][crc >> 24 & 255] ^ TABLES[3][crc >> 32 & 255] ^ TABLES[2][crc >> 40 & 255]
              ^ TABLES[1][crc >> 48 & 255] ^ TABLES[0][crc >> 56];
    }
    for (; size; p++, size--)
        crc = TABLES[0][(crc ^ *p) & 255] ^ crc >> 8;
    return crc;
}

#if VECTOR_CLMUL
enum { FOLD_FROM = 128 }; /* bytes from which folding pays */

/* The block 16 or 64 bytes further on: the products of its halves with x^(n + 63) and x^(n - 1), n = 128 or 512, modulo
 * the polynomial and reflected. That a product of reflected numbers is one bit off is in the exponents. */
VECTOR_FOR_CLMUL static inline __m128i folded(__m128i block, __m128i powers, __m128i next) {
    __m128i low = _mm_clmulepi64_si128(block, powers, 0x00), high = _mm_clmulepi64_si128(block, powers, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

VECTOR_FOR_CLMUL static uint64_t by_folding(uint64_t crc, const uint8_t *p, size_t size) {
    const __m128i by64 = _mm_set_epi64x((long long)0xf49784a634f014e4, (long long)0xaf86efb16d9ab4fb);
    const __m128i by16 = _mm_set_epi64x((long long)0x381d0015c96f4444, (long long)0xd9d7be7d505da32c);
    const __m128i *from = (const __m128i *)p;
    __m128i a = _mm_xor_si128(_mm_loadu_si128(from), _mm_set_epi64x(0, (long long)crc));
    __m128i b = _mm_loadu_si128(from + 1), c = _mm_loadu_si128(from + 2), d = _mm_loadu_si128(from + 3);
    uint8_t last[16];
    for (from += 4, size -= 64; size >= 64; from += 4, size -= 64) {
        a = folded(a, by64, _mm_loadu_si128(from));
        b = folded(b, by64, _mm_loadu_si128(from + 1));
        c = folded(c, by64, _mm_loadu_si128(from + 2));
        d = folded(d, by64, _mm_loadu_si128(from + 3));
    }
    d = folded(folded(folded(a, by16, b), by16, c), by16, d);
    for (; size >= 16; from++, size -= 16)
        d = folded(d, by16, _mm_loadu_si128(from));
    _mm_storeu_si128((__m128i *)last, d);
    return by_tables(by_tables(0, last, sizeof last), (const uint8_t *)from, size);
}
#endif

uint64_t crc64(uint64_t crc, const void *data, size_t size) {
#if VECTOR_CLMUL
    if (size >= FOLD_FROM && vector_clmul())
        return by_folding(crc, data, size);
#endif
    return by_tables(crc, data, size);
}
