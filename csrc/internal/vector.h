/* vector: which of two bodies of a kernel this processor can run.
 *
 * A kernel that gains by wide registers has two bodies: one for every machine, one for AVX2 (or, for checksums, for
 * multiplication without carries).
 * Which one runs is asked at each call (a load and a bit test), so there is nothing to set up,
 * nothing to write and no build for one machine. What the compiler keeps for the question
 * belongs to its own library.
 */
#ifndef CYDIS_VECTOR_H
#define CYDIS_VECTOR_H

#include <stdbool.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define VECTOR_AVX2 1
#define VECTOR_FOR_AVX2 __attribute__((target("avx2,popcnt")))
static inline bool vector_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}
#define VECTOR_CLMUL 1
#define VECTOR_FOR_CLMUL __attribute__((target("pclmul")))
static inline bool vector_clmul(void) { return __builtin_cpu_supports("pclmul"); }
#else
#define VECTOR_AVX2 0
#define VECTOR_CLMUL 0
static inline bool vector_avx2(void) { return false; }
#endif

#endif
