/* fuzzing: what all fuzz drivers share: the command line, a source of chance, damage, and the way back to an input.
 *
 *      fuzz_x [--inputs N] [--seconds T] [--seed S] [--first I]
 *
 * A driver is one function that makes an input, uses it and checks what came of it:
 *
 *      static void one_input(void) { ... fuzz_below(10) ... FUZZ_CHECK(...) ... }
 *      int main(int argc, char **argv) { return fuzz(argc, argv, "fuzz_x", one_input); }
 *
 * It is called for input after input until N inputs or T seconds are over, whichever comes first; the last line is
 * "fuzz_x: N inputs". Every input draws its chance from (seed, number of the input) only, so that a failure, be it a
 * FUZZ_CHECK, a sanitizer's finding or an abort, is repeated alone: the line on stderr says how.
 *
 * Bytes that may be damaged belong into a block of their exact size (fuzz_block): the sanitizer then sees the
 * first byte read too many.
 */
#ifndef CYDIS_FUZZING_H
#define CYDIS_FUZZING_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t fuzz_state = 1, fuzz_seed = 1, fuzz_number;
static const char *fuzz_name = "fuzz";
static bool fuzz_running;

#define FUZZ_CHECK(condition)                                                                                \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

/* ---- chance --------------------------------------------------------------------------------- */

static inline uint64_t fuzz_next(void) { /* splitmix64 */
    uint64_t x = fuzz_state += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* 0 .. n - 1; n > 0. */
static inline uint64_t fuzz_below(uint64_t n) { return fuzz_next() % n; }

/* Mostly small, up to n - 1; n > 0. */
static inline uint64_t fuzz_small(uint64_t n) { return fuzz_below(fuzz_below(n) + 1); }

static inline bool fuzz_one_in(uint64_t n) { return fuzz_below(n) == 0; }

static inline void fuzz_fill(void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)fuzz_next();
}

/* A number near a border of some width, of either sign. */
static inline uint64_t fuzz_border(void) {
    uint64_t n = ((uint64_t)1 << fuzz_below(64)) + fuzz_below(3) - 1;
    return fuzz_one_in(2) ? n : 0 - n;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

/* A copy in a block of exactly n bytes; free it. */
static inline uint8_t *fuzz_block(const void *bytes, size_t n) {
    uint8_t *block = malloc(n ? n : 1);
    if (!block)
        abort();
    if (n)
        memcpy(block, bytes, n);
    return block;
}

/* One damage to n bytes where `room` have place; how many bytes there are then. */
static inline size_t fuzz_damage(uint8_t *p, size_t n, size_t room) {
    static const uint8_t odd[] = {0,   1,   2,   10,  13,  31,  32,  63,  64, 127,
                                  128, 192, 224, 240, 241, 244, 245, 254, 255};
    size_t at = n ? fuzz_below(n) : 0;
    size_t run = n ? 1 + fuzz_small(n - at < 16 ? n - at : 16) : 0;
    switch (fuzz_below(10)) {
    case 0: /* a bit */
        if (n)
            p[at] ^= (uint8_t)(1u << fuzz_below(8));
        return n;
    case 1: /* any byte */
        if (n)
            p[at] = (uint8_t)fuzz_next();
        return n;
    case 2: /* an odd byte */
        if (n)
            p[at] = odd[fuzz_below(sizeof odd)];
        return n;
    case 3: /* a little more or less */
        if (n)
            p[at] = (uint8_t)(p[at] + fuzz_below(9) - 4);
        return n;
    case 4: /* a wide number near a border */
        if (n >= 4) {
            uint64_t number = fuzz_border();
            at = fuzz_below(n - 3);
            memcpy(p + at, &number, n - at < 8 || fuzz_one_in(2) ? 4 : 8);
        }
        return n;
    case 5: /* a run goes */
        if (n)
            memmove(p + at, p + at + run, n - at - run);
        return n - run;
    case 6: /* a run comes twice */
        if (n + run <= room && n) {
            memmove(p + at + run, p + at, n - at);
            return n + run;
        }
        return n;
    case 7: /* a byte comes in between */
        if (n < room) {
            memmove(p + at + 1, p + at, n - at);
            p[at] = fuzz_one_in(2) ? odd[fuzz_below(sizeof odd)] : (uint8_t)fuzz_next();
            return n + 1;
        }
        return n;
    case 8: /* the end is missing */
        return at;
    default: /* a run from elsewhere */
        if (n)
            memmove(p + at, p + fuzz_below(n - run + 1), run);
        return n;
    }
}

/* Some damage, mostly little; `calm` in ten inputs stay whole. */
static inline size_t fuzz_mutate(uint8_t *p, size_t n, size_t room, unsigned calm) {
    if (fuzz_below(10) < calm)
        return n;
    for (uint64_t i = 1 + fuzz_small(6); i; i--)
        n = fuzz_damage(p, n, room);
    return n;
}

/* ---- the run -------------------------------------------------------------------------------- */

static void fuzz_tell(void) {
    if (!fuzz_running)
        return;
    fuzz_running = false;
    fprintf(stderr, "%s: input %llu failed; again: build/fuzz/%s --seed %llu --first %llu --inputs 1\n",
            fuzz_name, (unsigned long long)fuzz_number, fuzz_name, (unsigned long long)fuzz_seed,
            (unsigned long long)fuzz_number);
}

static void fuzz_aborted(int number) {
    fuzz_tell();
    signal(number, SIG_DFL);
    raise(number);
}

#if defined(__has_feature)
#define FUZZ_HAS(feature) __has_feature(feature)
#else
#define FUZZ_HAS(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || FUZZ_HAS(address_sanitizer)
void __sanitizer_set_death_callback(void (*callback)(void));
#define FUZZ_AT_DEATH(callback) __sanitizer_set_death_callback(callback)
#else
#define FUZZ_AT_DEATH(callback) ((void)(callback))
#endif

static double fuzz_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int fuzz_usage(const char *name) {
    fprintf(stderr, "usage: %s [--inputs N] [--seconds T] [--seed S] [--first I]\n", name);
    return 2;
}

/* Runs one_input as the command line says; what main returns. */
static int fuzz(int argc, char **argv, const char *name, void (*one_input)(void)) {
    uint64_t inputs = UINT64_MAX, first = 0;
    double seconds = 1e18;
    fuzz_name = name;
    for (int i = 1; i < argc; i += 2) {
        char *end = NULL;
        if (i + 1 == argc)
            return fuzz_usage(name);
        if (strcmp(argv[i], "--inputs") == 0)
            inputs = strtoull(argv[i + 1], &end, 10);
        else if (strcmp(argv[i], "--seconds") == 0)
            seconds = strtod(argv[i + 1], &end);
        else if (strcmp(argv[i], "--seed") == 0)
            fuzz_seed = strtoull(argv[i + 1], &end, 10);
        else if (strcmp(argv[i], "--first") == 0)
            first = strtoull(argv[i + 1], &end, 10);
        if (!end || *end || end == argv[i + 1])
            return fuzz_usage(name);
    }
    if (inputs == UINT64_MAX && seconds > 1e17)
        inputs = 100000;
    printf("%s: seed %llu\n", name, (unsigned long long)fuzz_seed);
    fflush(stdout);
    FUZZ_AT_DEATH(fuzz_tell);
    atexit(fuzz_tell);
    signal(SIGABRT, fuzz_aborted);
    fuzz_running = true;
    double end = fuzz_clock() + seconds;
    uint64_t done = 0;
    while (done < inputs && (done % 64 || fuzz_clock() < end)) {
        fuzz_number = first + done;
        fuzz_state = fuzz_seed * 0xD1342543DE82EF95u + fuzz_number * 0xA0761D6478BD642Fu;
        fuzz_next();
        one_input();
        done++;
    }
    fuzz_running = false;
    printf("%s: %llu inputs\n", name, (unsigned long long)done);
    return 0;
}

#endif
