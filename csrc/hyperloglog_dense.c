/* hyperloglog_dense: all registers of the dense form at once; see internal/hll_dense.h.
 *
 * Eight registers are 48 bits: cut into two halves of 24, each half of a word spreads its four registers over four bytes
 * by shifts and masks. With AVX2 the same happens in eight such halves, 24 bytes, at a time. The last 24 bytes always go
 * the narrow way, because the wide one reads and writes 4 bytes more than it uses.
 */
#include <string.h>

#include "hyperloglog.h"
#include "internal/hll_dense.h"
#include "little.h"

enum { GROUP = 24, GROUPS = HLL_REGISTERS / 32 };

static inline uint64_t load48(const uint8_t *p) {
    uint64_t w = 0;
    memcpy(&w, p, 6);
    return LITTLE_64(w);
}

static inline void store48(uint8_t *p, uint64_t w) {
    w = LITTLE_64(w);
    memcpy(p, &w, 6);
}

/* Registers of 6 bits as bytes, the first one lowest; and back. */
static inline uint64_t spread(uint64_t w) {
    w = (w & 0x0000000000FFFFFF) | (w & 0x0000FFFFFF000000) << 8;
    return (w & 0x0000003F0000003F) | (w << 2 & 0x00003F0000003F00) | (w << 4 & 0x003F0000003F0000)
           | (w << 6 & 0x3F0000003F000000);
}

static inline uint64_t packed(uint64_t w) {
    w = (w & 0x0000003F0000003F) | (w >> 2 & 0x00000FC000000FC0) | (w >> 4 & 0x0003F0000003F000)
        | (w >> 6 & 0x00FC000000FC0000);
    return (w & 0x0000000000FFFFFF) | (w >> 8 & 0x0000FFFFFF000000);
}

/* The larger of each two bytes, all below 128. */
static inline uint64_t larger(uint64_t a, uint64_t b) {
    const uint64_t high = 0x8080808080808080;
    uint64_t at_least = (((a | high) - b) & high) >> 7; /* 1 where a >= b */
    uint64_t mask = at_least * 0xFF;
    return (a & mask) | (b & ~mask);
}

/* --- histograms ------------------------------------------------------------------------ */

/* Neighbours often hold the same value: they count into different tables, so that none waits for the other. */
typedef struct Tables {
    uint32_t of[4][64];
} Tables;

static inline void tally(Tables *t, uint64_t w, int bits) {
    for (int i = 0; i < 8; i++)
        t->of[i & 3][w >> i * bits & 63]++;
}

static void sum_up(const Tables *t, uint32_t histogram[64]) {
    for (int value = 0; value < 64; value++)
        histogram[value] += t->of[0][value] + t->of[1][value] + t->of[2][value] + t->of[3][value];
}

void dense_histogram(const uint8_t *p, uint32_t histogram[64]) {
    Tables t = {0};
    for (int i = 0; i < HLL_REGISTERS / 8; i++)
        tally(&t, load48(p + i * 6), 6);
    sum_up(&t, histogram);
}

void byte_histogram(const uint8_t registers[HLL_REGISTERS], uint32_t histogram[64]) {
    Tables t = {0};
    for (int i = 0; i < HLL_REGISTERS; i += 8)
        tally(&t, little_load64(registers + i), 8);
    sum_up(&t, histogram);
}

/* --- merging and packing --------------------------------------------------------------- */

static void merge_narrow(uint8_t *registers, const uint8_t *p, int from) {
    for (int i = from * 4; i < HLL_REGISTERS / 8; i++)
        little_store64(registers + i * 8,
                       larger(little_load64(registers + i * 8), spread(load48(p + i * 6))));
}

static void pack_narrow(uint8_t *p, const uint8_t *registers, int from) {
    for (int i = from * 4; i < HLL_REGISTERS / 8; i++)
        store48(p + i * 6, packed(little_load64(registers + i * 8)));
}

#if VECTOR_AVX2
VECTOR_FOR_AVX2 static int merge_wide(uint8_t *registers, const uint8_t *p) {
    const __m256i threes = _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 0, 1, 2, -1,
                                            3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    const __m256i byte0 = _mm256_set1_epi32(0x3F), byte1 = _mm256_set1_epi32(0x3F00);
    const __m256i byte2 = _mm256_set1_epi32(0x3F0000), byte3 = _mm256_set1_epi32(0x3F000000);
    for (int i = 0; i < GROUPS - 1; i++, p += GROUP, registers += 32) {
        __m128i low = _mm_loadu_si128((const __m128i *)p), high = _mm_loadu_si128((const __m128i *)(p + 12));
        __m256i w = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), threes);
        __m256i ab =
            _mm256_or_si256(_mm256_and_si256(w, byte0), _mm256_and_si256(_mm256_slli_epi32(w, 2), byte1));
        __m256i cd = _mm256_or_si256(_mm256_and_si256(_mm256_slli_epi32(w, 4), byte2),
                                     _mm256_and_si256(_mm256_slli_epi32(w, 6), byte3));
        __m256i old = _mm256_loadu_si256((const __m256i *)registers);
        _mm256_storeu_si256((__m256i *)registers, _mm256_max_epu8(old, _mm256_or_si256(ab, cd)));
    }
    return GROUPS - 1;
}

VECTOR_FOR_AVX2 static int pack_wide(uint8_t *p, const uint8_t *registers) {
    const __m256i threes = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0, 1, 2,
                                            4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    const __m256i part0 = _mm256_set1_epi32(0x3F), part1 = _mm256_set1_epi32(0xFC0);
    const __m256i part2 = _mm256_set1_epi32(0x3F000), part3 = _mm256_set1_epi32(0xFC0000);
    for (int i = 0; i < GROUPS - 1; i++, p += GROUP, registers += 32) {
        __m256i w = _mm256_loadu_si256((const __m256i *)registers);
        __m256i ab =
            _mm256_or_si256(_mm256_and_si256(w, part0), _mm256_and_si256(_mm256_srli_epi32(w, 2), part1));
        __m256i cd = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi32(w, 4), part2),
                                     _mm256_and_si256(_mm256_srli_epi32(w, 6), part3));
        w = _mm256_shuffle_epi8(_mm256_or_si256(ab, cd), threes);
        _mm_storeu_si128((__m128i *)p, _mm256_castsi256_si128(w));
        _mm_storeu_si128((__m128i *)(p + 12), _mm256_extracti128_si256(w, 1));
    }
    return GROUPS - 1;
}
#endif

bool hll_wide_exists(void) { return vector_avx2(); }

void dense_merge(uint8_t registers[HLL_REGISTERS], const uint8_t *p, bool wide) {
    int done = 0;
#if VECTOR_AVX2
    if (wide && vector_avx2())
        done = merge_wide(registers, p);
#endif
    (void)wide;
    merge_narrow(registers, p, done);
}

void hll_pack(uint8_t hll[HLL_DENSE_BYTES], const uint8_t registers[HLL_REGISTERS], bool wide) {
    int done = 0;
    hll[4] = HLL_DENSE;
#if VECTOR_AVX2
    if (wide && vector_avx2())
        done = pack_wide(hll + HLL_HEADER, registers);
#endif
    (void)wide;
    pack_narrow(hll + HLL_HEADER, registers, done);
}
