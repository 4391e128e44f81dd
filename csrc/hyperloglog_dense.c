/* hyperloglog_dense: all registers of the dense form at once; see internal/hll_dense.h.
 *
 * Eight registers are 48 bits: cut into two halves of 24, each half of a word spreads its four registers over four bytes
 * by shifts and masks. With AVX2 eight such halves, 24 bytes, become registers at a time and back, in the way in which
 * base64 is decoded and encoded (Mula, Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions", 2018). The
 * last 24 bytes always go the narrow way, because the wide one reads and writes 4 bytes more than it uses.
 */
#include <string.h>

#include "hyperloglog.h"
#include "internal/hll_dense.h"
#include "little.h"

enum { GROUP = 24, GROUPS = HLL_REGISTERS / 32 };

/* In two parts: six bytes copied into a word would have to be stored before the word could be loaded. */
static inline uint64_t load48(const uint8_t *p) {
    return little_load32(p) | (uint64_t)little_load16(p + 4) << 32;
}

static inline void store48(uint8_t *p, uint64_t w) {
    little_store32(p, (uint32_t)w);
    little_store16(p + 4, (uint16_t)(w >> 32));
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

/* Eight registers of so many bits, written out: the compiler would keep a loop here, with a variable shift in it. */
static inline void tally(Tables *t, uint64_t w, int bits) {
    t->of[0][w & 63]++;
    t->of[1][w >> bits & 63]++;
    t->of[2][w >> 2 * bits & 63]++;
    t->of[3][w >> 3 * bits & 63]++;
    w >>= 4 * bits;
    t->of[0][w & 63]++;
    t->of[1][w >> bits & 63]++;
    t->of[2][w >> 2 * bits & 63]++;
    t->of[3][w >> 3 * bits & 63]++;
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

#define ALWAYS static inline __attribute__((always_inline))

/* Registers from group `from` on, over those that are there or, `raise`, to the larger of both. */
ALWAYS void unpack_narrow(uint8_t *registers, const uint8_t *p, int from, bool raise) {
    for (int i = from * 4; i < HLL_REGISTERS / 8; i++) {
        uint64_t w = spread(load48(p + i * 6));
        little_store64(registers + i * 8, raise ? larger(little_load64(registers + i * 8), w) : w);
    }
}

static void pack_narrow(uint8_t *p, const uint8_t *registers, int from) {
    for (int i = from * 4; i < HLL_REGISTERS / 8; i++)
        store48(p + i * 6, packed(little_load64(registers + i * 8)));
}

#if VECTOR_AVX2
/* 24 bytes: each three of them go into two lanes of 16 bits, of which 12 are two registers. */
VECTOR_FOR_AVX2 ALWAYS __m256i spread_wide(const uint8_t *p) {
    const __m256i pairs = _mm256_setr_epi8(0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11, 0, 1, 1, 2, 3,
                                           4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11);
    const __m256i first = _mm256_set1_epi16(0x3F), second = _mm256_set1_epi16(0x3F00);
    __m128i low = _mm_loadu_si128((const __m128i *)p), high = _mm_loadu_si128((const __m128i *)(p + 12));
    __m256i w = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), pairs);
    w = _mm256_blend_epi16(w, _mm256_srli_epi16(w, 4), 0xAA);
    return _mm256_or_si256(_mm256_and_si256(w, first), _mm256_and_si256(_mm256_slli_epi16(w, 2), second));
}

VECTOR_FOR_AVX2 ALWAYS void unpack_groups(uint8_t *registers, const uint8_t *p, bool raise) {
    for (int i = 0; i < GROUPS - 1; i++, p += GROUP, registers += 32) {
        __m256i w = spread_wide(p);
        if (raise)
            w = _mm256_max_epu8(w, _mm256_loadu_si256((const __m256i *)registers));
        _mm256_storeu_si256((__m256i *)registers, w);
    }
}

VECTOR_FOR_AVX2 static void unpack_wide(uint8_t *registers, const uint8_t *p) {
    unpack_groups(registers, p, false);
}

VECTOR_FOR_AVX2 static void merge_wide(uint8_t *registers, const uint8_t *p) {
    unpack_groups(registers, p, true);
}

/* Two multiplications: registers to lanes of 12 bits, these to lanes of 24, whose three bytes are then drawn together. */
VECTOR_FOR_AVX2 static void pack_wide(uint8_t *p, const uint8_t *registers) {
    const __m256i threes = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0, 1, 2,
                                            4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    const __m256i twos = _mm256_set1_epi16(0x4001), fours = _mm256_set1_epi32(0x10000001);
    for (int i = 0; i < GROUPS - 1; i++, p += GROUP, registers += 32) {
        __m256i w = _mm256_loadu_si256((const __m256i *)registers);
        w = _mm256_madd_epi16(_mm256_maddubs_epi16(w, twos), fours);
        w = _mm256_shuffle_epi8(w, threes);
        _mm_storeu_si128((__m128i *)p, _mm256_castsi256_si128(w));
        _mm_storeu_si128((__m128i *)(p + 12), _mm256_extracti128_si256(w, 1));
    }
}

static bool goes_wide(bool wide) { return wide && vector_avx2(); }
#else
static bool goes_wide(bool wide) { return wide && false; }
static void unpack_wide(uint8_t *registers, const uint8_t *p) { (void)registers, (void)p; }
static void merge_wide(uint8_t *registers, const uint8_t *p) { (void)registers, (void)p; }
static void pack_wide(uint8_t *p, const uint8_t *registers) { (void)registers, (void)p; }
#endif

bool hll_wide_exists(void) { return vector_avx2(); }

void dense_unpack(uint8_t registers[HLL_REGISTERS], const uint8_t *p, bool wide) {
    wide = goes_wide(wide);
    if (wide)
        unpack_wide(registers, p);
    unpack_narrow(registers, p, wide ? GROUPS - 1 : 0, false);
}

void dense_merge(uint8_t registers[HLL_REGISTERS], const uint8_t *p, bool wide) {
    wide = goes_wide(wide);
    if (wide)
        merge_wide(registers, p);
    unpack_narrow(registers, p, wide ? GROUPS - 1 : 0, true);
}

void hll_pack(uint8_t hll[HLL_DENSE_BYTES], const uint8_t registers[HLL_REGISTERS], bool wide) {
    wide = goes_wide(wide);
    hll[4] = HLL_DENSE;
    if (wide)
        pack_wide(hll + HLL_HEADER, registers);
    pack_narrow(hll + HLL_HEADER, registers, wide ? GROUPS - 1 : 0);
}
