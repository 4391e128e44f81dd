/* clock: the one source of time, which a test can stop and set.
 *
 * Wall time counts milliseconds since 1970 and may jump; ticks count the processor's
 * own counter, only ever forward, and cost about ten nanoseconds: they measure how
 * long commands take. A Clock with `frozen` >= 0 shows that many milliseconds until
 * it is set again.
 */
#ifndef CYDIS_CLOCK_H
#define CYDIS_CLOCK_H

#include <stdint.h>
#include <time.h>
#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

typedef struct Clock {
    int64_t frozen; /* ms shown by a stopped clock; -1: the clock runs */
} Clock;

static inline int64_t clock_of(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline int64_t clock_us(const Clock *c) {
    return c->frozen >= 0 ? c->frozen * 1000 : clock_of(CLOCK_REALTIME) / 1000;
}

static inline int64_t clock_ms(const Clock *c) {
    return c->frozen >= 0 ? c->frozen : clock_of(CLOCK_REALTIME) / 1000000;
}

/* Some milliseconds late (the kernel's tick), at a quarter of the price. */
static inline int64_t clock_coarse_ms(const Clock *c) {
#ifdef CLOCK_REALTIME_COARSE
    return c->frozen >= 0 ? c->frozen : clock_of(CLOCK_REALTIME_COARSE) / 1000000;
#else
    return clock_ms(c);
#endif
}

static inline int64_t clock_monotonic_ns(void) { return clock_of(CLOCK_MONOTONIC); }

static inline uint64_t clock_ticks(void) {
#if defined(__x86_64__) || defined(__i386__)
    return __rdtsc();
#elif defined(__aarch64__)
    uint64_t t;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(t));
    return t;
#else
    return (uint64_t)clock_of(CLOCK_MONOTONIC);
#endif
}

#endif
