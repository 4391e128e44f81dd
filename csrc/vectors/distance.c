/* distance: the sets of inner loops.
 *
 *      plain   what the compiler makes of vectors of 32 bytes: SSE2 on x86-64, NEON on arm64, or scalars
 *      avx2    x86-64 with AVX2, FMA and POPCNT, compiled for these by attribute and not by a flag
 *
 * Sums run in four independent accumulators, because one addition waits for the one before it. Signed
 * bytes are widened to 16 bits and multiplied in pairs; a product is at most 2^14, so 2^16 of them fit
 * 32 bits with room to spare, and longer vectors are added up in blocks.
 */
#include "vectors/distance.h"

#include <string.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#define DISTANCE_X86 1
#else
#define DISTANCE_X86 0
#endif
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

#define BLOCK ((size_t)1 << 16)

typedef float Eight __attribute__((vector_size(32)));

/* By hand in memcpy: an unaligned load, whatever the machine. */
#define LOAD(v, p) memcpy(&(v), (p), sizeof(v))

static float f32_plain(const float *a, const float *b, size_t n) {
    Eight sum[4] = {{0}, {0}, {0}, {0}}, x, y;
    size_t i = 0;
    for (; i + 32 <= n; i += 32)
        for (unsigned k = 0; k < 4; k++) {
            LOAD(x, a + i + 8 * k);
            LOAD(y, b + i + 8 * k);
            sum[k] += x * y;
        }
    for (; i + 8 <= n; i += 8) {
        LOAD(x, a + i);
        LOAD(y, b + i);
        sum[0] += x * y;
    }
    sum[0] += sum[1] + (sum[2] + sum[3]);
    float total = 0;
    for (unsigned k = 0; k < 8; k++)
        total += sum[0][k];
    for (; i < n; i++)
        total += a[i] * b[i];
    return total;
}

/* One block of at most 2^16 bytes. */
static int32_t i8_block(const int8_t *a, const int8_t *b, size_t n) {
    int32_t total = 0;
    size_t i = 0;
#if DISTANCE_X86
    __m128i sum = _mm_setzero_si128();
    for (; i + 16 <= n; i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(a + i)), y = _mm_loadu_si128((const __m128i *)(b + i));
        /* A byte doubled into 16 bits, shifted down by 8, is the byte with its sign. */
        __m128i low = _mm_madd_epi16(_mm_srai_epi16(_mm_unpacklo_epi8(x, x), 8),
                                     _mm_srai_epi16(_mm_unpacklo_epi8(y, y), 8));
        __m128i high = _mm_madd_epi16(_mm_srai_epi16(_mm_unpackhi_epi8(x, x), 8),
                                      _mm_srai_epi16(_mm_unpackhi_epi8(y, y), 8));
        sum = _mm_add_epi32(sum, _mm_add_epi32(low, high));
    }
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    total = _mm_cvtsi128_si32(sum);
#elif defined(__aarch64__)
    int32x4_t sum = vdupq_n_s32(0);
    for (; i + 16 <= n; i += 16) {
        int8x16_t x = vld1q_s8(a + i), y = vld1q_s8(b + i);
        sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(x), vget_low_s8(y)));
        sum = vpadalq_s16(sum, vmull_high_s8(x, y));
    }
    total = vaddvq_s32(sum);
#endif
    for (; i < n; i++)
        total += a[i] * b[i];
    return total;
}

static int64_t i8_plain(const int8_t *a, const int8_t *b, size_t n) {
    int64_t total = 0;
    for (; n > BLOCK; n -= BLOCK, a += BLOCK, b += BLOCK)
        total += i8_block(a, b, BLOCK);
    return total + i8_block(a, b, n);
}

static uint64_t bits_plain(const uint64_t *a, const uint64_t *b, size_t words) {
    uint64_t total = 0;
    for (size_t i = 0; i < words; i++)
        total += (uint64_t)__builtin_popcountll(a[i] ^ b[i]);
    return total;
}

#if DISTANCE_X86

#define AVX2 __attribute__((target("avx2,fma,popcnt")))

AVX2 static float f32_avx2(const float *a, const float *b, size_t n) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
        s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
        s2 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), s2);
        s3 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), s3);
    }
    for (; i + 8 <= n; i += 8)
        s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
    s0 = _mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3));
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(s0), _mm256_extractf128_ps(s0, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    half = _mm_add_ss(half, _mm_shuffle_ps(half, half, 1));
    float total = _mm_cvtss_f32(half);
    for (; i < n; i++)
        total += a[i] * b[i];
    return total;
}

#define WIDE(p) _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p)))

AVX2 static int32_t i8_block_avx2(const int8_t *a, const int8_t *b, size_t n) {
    __m256i s0 = _mm256_setzero_si256(), s1 = s0;
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(WIDE(a + i), WIDE(b + i)));
        s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(WIDE(a + i + 16), WIDE(b + i + 16)));
    }
    for (; i + 16 <= n; i += 16)
        s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(WIDE(a + i), WIDE(b + i)));
    s0 = _mm256_add_epi32(s0, s1);
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(s0), _mm256_extracti128_si256(s0, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
    int32_t total = _mm_cvtsi128_si32(half);
    for (; i < n; i++)
        total += a[i] * b[i];
    return total;
}

AVX2 static int64_t i8_avx2(const int8_t *a, const int8_t *b, size_t n) {
    int64_t total = 0;
    for (; n > BLOCK; n -= BLOCK, a += BLOCK, b += BLOCK)
        total += i8_block_avx2(a, b, BLOCK);
    return total + i8_block_avx2(a, b, n);
}

AVX2 static uint64_t bits_avx2(const uint64_t *a, const uint64_t *b, size_t words) {
    uint64_t even = 0, odd = 0;
    size_t i = 0;
    for (; i + 2 <= words; i += 2) {
        even += (uint64_t)__builtin_popcountll(a[i] ^ b[i]);
        odd += (uint64_t)__builtin_popcountll(a[i + 1] ^ b[i + 1]);
    }
    if (i < words)
        even += (uint64_t)__builtin_popcountll(a[i] ^ b[i]);
    return even + odd;
}

#endif

static const DistanceSet SETS[] = {
    {"plain", f32_plain, i8_plain, bits_plain},
#if DISTANCE_X86
    {"avx2", f32_avx2, i8_avx2, bits_avx2},
#endif
};

size_t distance_sets(void) {
#if DISTANCE_X86
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("popcnt"))
        return 2;
#endif
    return 1;
}

const DistanceSet *distance_set(size_t i) { return &SETS[i]; }

const DistanceSet *distance_best(void) { return &SETS[distance_sets() - 1]; }
