/* bits: see bits.h for the interface. Counting, finding and combining; fields stand in bits_field.c.
 *
 * Counting with AVX2 is a tree of carry-save adders: 16 vectors of input become one vector of
 * sixteens, so that only every sixteenth vector is really counted (Harley and Seal; Mula, Kurz and
 * Lemire, "Faster population counts using AVX2 instructions", 2016). Combining goes through the
 * sources in blocks that stay in the first cache, so that n sources are read once and the result is
 * written once, whatever n is.
 */
#include "bits.h"

#include <string.h>

#include "internal/bits_ways.h"
#include "internal/vector.h"

enum { BLOCK = 8192 };

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS uint64_t word(const uint8_t *p) {
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/* --- counting -------------------------------------------------------------------------- */

uint64_t bits_count_plain(const uint8_t *p, size_t n) {
    uint64_t total = 0, tail = 0;
    while (n >= 8) {
        size_t words = n / 8 < 31 ? n / 8 : 31; /* a byte of the sums below holds 31 * 8 at most */
        uint64_t sums = 0;
        for (size_t i = 0; i < words; i++) {
            uint64_t w = word(p + i * 8);
            w -= w >> 1 & 0x5555555555555555;
            w = (w & 0x3333333333333333) + (w >> 2 & 0x3333333333333333);
            sums += (w + (w >> 4)) & 0x0F0F0F0F0F0F0F0F;
        }
        sums = (sums & 0x00FF00FF00FF00FF) + (sums >> 8 & 0x00FF00FF00FF00FF);
        total += sums * 0x0001000100010001 >> 48;
        p += words * 8;
        n -= words * 8;
    }
    if (n)
        memcpy(&tail, p, n);
    return total + (uint64_t)__builtin_popcountll(tail);
}

#if VECTOR_AVX2
VECTOR_FOR_AVX2 ALWAYS __m256i lane(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }

/* Bits per 64-bit quarter of a vector: two look-ups of half bytes, then their sums. */
VECTOR_FOR_AVX2 ALWAYS __m256i counted(__m256i v) {
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2,
                                           2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i low = _mm256_set1_epi8(15);
    __m256i a = _mm256_shuffle_epi8(table, _mm256_and_si256(v, low));
    __m256i b = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(v, 4), low));
    return _mm256_sad_epu8(_mm256_add_epi8(a, b), _mm256_setzero_si256());
}

/* a + b + *sum = 2 * carry + *sum, bit by bit. */
VECTOR_FOR_AVX2 ALWAYS __m256i carry(__m256i *sum, __m256i a, __m256i b) {
    __m256i both = _mm256_xor_si256(a, b), old = *sum;
    *sum = _mm256_xor_si256(both, old);
    return _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(both, old));
}

VECTOR_FOR_AVX2 ALWAYS uint64_t quarters(__m256i v) {
    __m128i half = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    return (uint64_t)_mm_cvtsi128_si64(half) + (uint64_t)_mm_extract_epi64(half, 1);
}

VECTOR_FOR_AVX2 uint64_t bits_count_avx2(const uint8_t *p, size_t n) {
    const __m256i none = _mm256_setzero_si256();
    __m256i ones = none, twos = none, fours = none, eights = none, total = none;
    uint64_t tail = 0, count = 0;
    if (n >= 512) {
        for (; n >= 512; p += 512, n -= 512) {
            __m256i twos_a = carry(&ones, lane(p), lane(p + 32));
            __m256i twos_b = carry(&ones, lane(p + 64), lane(p + 96));
            __m256i fours_a = carry(&twos, twos_a, twos_b);
            twos_a = carry(&ones, lane(p + 128), lane(p + 160));
            twos_b = carry(&ones, lane(p + 192), lane(p + 224));
            __m256i eights_a = carry(&fours, fours_a, carry(&twos, twos_a, twos_b));
            twos_a = carry(&ones, lane(p + 256), lane(p + 288));
            twos_b = carry(&ones, lane(p + 320), lane(p + 352));
            fours_a = carry(&twos, twos_a, twos_b);
            twos_a = carry(&ones, lane(p + 384), lane(p + 416));
            twos_b = carry(&ones, lane(p + 448), lane(p + 480));
            __m256i eights_b = carry(&fours, fours_a, carry(&twos, twos_a, twos_b));
            total = _mm256_add_epi64(total, counted(carry(&eights, eights_a, eights_b)));
        }
        total = _mm256_add_epi64(_mm256_slli_epi64(total, 1), counted(eights));
        total = _mm256_add_epi64(_mm256_slli_epi64(total, 1), counted(fours));
        total = _mm256_add_epi64(_mm256_slli_epi64(total, 1), counted(twos));
        total = _mm256_add_epi64(_mm256_slli_epi64(total, 1), counted(ones));
        count = quarters(total);
    }
    for (; n >= 8; p += 8, n -= 8)
        count += (uint64_t)__builtin_popcountll(word(p));
    if (n)
        memcpy(&tail, p, n);
    return count + (uint64_t)__builtin_popcountll(tail);
}
#endif

uint64_t bits_count(const uint8_t *data, size_t size) {
#if VECTOR_AVX2
    if (vector_avx2())
        return bits_count_avx2(data, size);
#endif
    return bits_count_plain(data, size);
}

uint64_t bits_count_range(const uint8_t *data, uint64_t first, uint64_t last) {
    size_t from = first >> 3, to = last >> 3;
    uint8_t head = (uint8_t)(0xFF >> (first & 7)), tail = (uint8_t)(0xFF << (7 - (last & 7)));
    if (from == to)
        return (uint64_t)__builtin_popcount(data[from] & head & tail);
    return (uint64_t)__builtin_popcount(data[from] & head) + (uint64_t)__builtin_popcount(data[to] & tail)
           + bits_count(data + from + 1, to - from - 1);
}

/* --- finding --------------------------------------------------------------------------- */

size_t bits_skip_plain(const uint8_t *p, size_t n, uint8_t byte) {
    uint64_t same = byte * UINT64_C(0x0101010101010101);
    size_t i = 0;
    while (i + 32 <= n
           && !((word(p + i) ^ same) | (word(p + i + 8) ^ same) | (word(p + i + 16) ^ same)
                | (word(p + i + 24) ^ same)))
        i += 32;
    while (i + 8 <= n && word(p + i) == same)
        i += 8;
    while (i < n && p[i] == byte)
        i++;
    return i;
}

#if VECTOR_AVX2
VECTOR_FOR_AVX2 size_t bits_skip_avx2(const uint8_t *p, size_t n, uint8_t byte) {
    const __m256i same = _mm256_set1_epi8((char)byte);
    size_t i = 0;
    for (; i + 128 <= n; i += 128) {
        __m256i a = _mm256_xor_si256(lane(p + i), same), b = _mm256_xor_si256(lane(p + i + 32), same);
        __m256i c = _mm256_xor_si256(lane(p + i + 64), same), d = _mm256_xor_si256(lane(p + i + 96), same);
        __m256i any = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
        if (!_mm256_testz_si256(any, any))
            break;
    }
    return i + bits_skip_plain(p + i, n - i, byte);
}
#endif

static size_t skip(const uint8_t *p, size_t n, uint8_t byte) {
#if VECTOR_AVX2
    if (vector_avx2())
        return bits_skip_avx2(p, n, byte);
#endif
    return bits_skip_plain(p, n, byte);
}

int64_t bits_find(const uint8_t *data, bool bit, uint64_t first, uint64_t last) {
    size_t at = first >> 3, end = (last >> 3) + 1;
    uint8_t without = bit ? 0 : 0xFF;
    uint8_t found = (uint8_t)((data[at] ^ without) & 0xFF >> (first & 7)); /* a set bit is one looked for */
    if (!found) {
        at++;
        at += skip(data + at, end - at, without);
        if (at == end)
            return -1;
        found = data[at] ^ without;
    }
    uint64_t place = (uint64_t)at * 8 + (uint64_t)__builtin_clz(found) - 24;
    return place <= last ? (int64_t)place : -1;
}

/* --- combining ------------------------------------------------------------------------- */

typedef uint64_t Lanes __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint64_t Word __attribute__((aligned(1), may_alias));

/* One body for every machine: the compiler makes of a 32-byte vector what the machine has. */
#define EACH(type, step)                                                                                     \
    for (; i + (step) <= n; i += (step))                                                                     \
    *(type *)(out + i) = operation == BITS_AND  ? *(const type *)(a + i) & *(const type *)(b + i)            \
                         : operation == BITS_OR ? *(const type *)(a + i) | *(const type *)(b + i)            \
                                                : *(const type *)(a + i) ^ *(const type *)(b + i)

ALWAYS void pair(BitsOperation operation, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n) {
    size_t i = 0;
    EACH(Lanes, 32);
    EACH(Word, 8);
    EACH(uint8_t, 1);
}

ALWAYS void pair_any(BitsOperation operation, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n) {
    if (operation == BITS_AND)
        pair(BITS_AND, out, a, b, n);
    else if (operation == BITS_OR)
        pair(BITS_OR, out, a, b, n);
    else
        pair(BITS_XOR, out, a, b, n);
}

ALWAYS void inverted(uint8_t *out, const uint8_t *a, size_t n) {
    size_t i = 0;
    for (; i + 32 <= n; i += 32)
        *(Lanes *)(out + i) = ~*(const Lanes *)(a + i);
    for (; i < n; i++)
        out[i] = (uint8_t)~a[i];
}

void bits_pair_plain(BitsOperation operation, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n) {
    pair_any(operation, out, a, b, n);
}

void bits_not_plain(uint8_t *out, const uint8_t *a, size_t n) { inverted(out, a, n); }

#if VECTOR_AVX2
VECTOR_FOR_AVX2 void bits_pair_avx2(BitsOperation operation, uint8_t *out, const uint8_t *a, const uint8_t *b,
                                    size_t n) {
    pair_any(operation, out, a, b, n);
}

VECTOR_FOR_AVX2 void bits_not_avx2(uint8_t *out, const uint8_t *a, size_t n) { inverted(out, a, n); }
#endif

static void two(BitsOperation operation, uint8_t *out, const uint8_t *a, const uint8_t *b, size_t n) {
#if VECTOR_AVX2
    if (vector_avx2()) {
        bits_pair_avx2(operation, out, a, b, n);
        return;
    }
#endif
    bits_pair_plain(operation, out, a, b, n);
}

static void not(uint8_t *out, const uint8_t *a, size_t n) {
#if VECTOR_AVX2
    if (vector_avx2()) {
        bits_not_avx2(out, a, n);
        return;
    }
#endif
    bits_not_plain(out, a, n);
}

/* What a source has of the n bytes from `at` on. */
static const uint8_t *part(const BitsSource *source, size_t at, size_t n, size_t *has) {
    *has = at >= source->size ? 0 : source->size - at < n ? source->size - at : n;
    return *has ? source->data + at : NULL;
}

/* out becomes the first source, or the first two combined, in n bytes from `at` on. */
static void begin_block(BitsOperation operation, uint8_t *out, size_t at, size_t n, const BitsSource *sources,
                        size_t count) {
    size_t has_a, has_b = 0;
    const uint8_t *a = part(&sources[0], at, n, &has_a), *b = NULL;
    if (count > 1)
        b = part(&sources[1], at, n, &has_b);
    size_t both = has_a < has_b ? has_a : has_b, done = both;
    if (both)
        two(operation, out, a, b, both);
    if ((operation != BITS_AND || count == 1) && has_a > both) {
        memmove(out + both, a + both, has_a - both);
        done = has_a;
    } else if (operation != BITS_AND && has_b > both) {
        memcpy(out + both, b + both, has_b - both);
        done = has_b;
    }
    memset(out + done, 0, n - done);
}

void bits_combine(BitsOperation operation, uint8_t *out, size_t size, const BitsSource *sources, size_t n) {
    if (operation == BITS_NOT) {
        if (size)
            not(out, sources[0].data, size);
        return;
    }
    for (size_t at = 0; at < size; at += BLOCK) {
        size_t length = size - at < BLOCK ? size - at : BLOCK;
        begin_block(operation, out + at, at, length, sources, n);
        for (size_t k = 2; k < n; k++) {
            size_t has;
            const uint8_t *p = part(&sources[k], at, length, &has);
            if (has)
                two(operation, out + at, out + at, p, has);
            if (operation == BITS_AND)
                memset(out + at + has, 0, length - has);
        }
    }
}
