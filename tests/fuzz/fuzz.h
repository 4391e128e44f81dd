/* What the fuzz drivers in C share: the command line, a seeded source of chance, mutation of bytes.
 *
 *   fuzz_x --inputs N --seconds T --seed S
 *
 * A driver stops at whichever comes first, and its last line says how many inputs there were. Equal seeds give equal
 * inputs. Build them with sanitizers: an input passes if nothing is reported and no CHECK fails.
 */
#ifndef CYDIS_FUZZ_H
#define CYDIS_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    const char *name;
    uint64_t inputs, done;
    double seconds, end;
    uint64_t state;
} Fuzz;

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

static inline double fuzz_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline Fuzz fuzz_begin(const char *name, int argc, char **argv) {
    Fuzz f = {.name = name, .inputs = 1000000, .seconds = 60, .state = 1};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--inputs"))
            f.inputs = strtoull(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--seconds"))
            f.seconds = strtod(argv[i + 1], NULL);
        else if (!strcmp(argv[i], "--seed"))
            f.state = strtoull(argv[i + 1], NULL, 10);
    }
    f.state = f.state * 0x9E3779B97F4A7C15u + 1; /* never 0 */
    f.end = fuzz_now() + f.seconds;
    return f;
}

/* Whether there is to be another input, which is counted. */
static inline bool fuzz_more(Fuzz *f) {
    if (f->done >= f->inputs || (f->done % 256 == 0 && fuzz_now() > f->end))
        return false;
    f->done++;
    return true;
}

static inline int fuzz_end(const Fuzz *f) {
    printf("%s: %llu inputs\n", f->name, (unsigned long long)f->done);
    return 0;
}

static inline uint64_t fuzz_chance(Fuzz *f) { /* xorshift64* */
    f->state ^= f->state >> 12;
    f->state ^= f->state << 25;
    f->state ^= f->state >> 27;
    return f->state * 0x2545F4914F6CDD1Du;
}

static inline uint64_t fuzz_below(Fuzz *f, uint64_t n) { return (fuzz_chance(f) >> 11) % n; }

/* Changes bytes[n], of which there is room for `room`, in one way; the new size. */
static inline size_t fuzz_mutate(Fuzz *f, uint8_t *bytes, size_t n, size_t room) {
    static const uint8_t edges[] = {0, 1, 2, 3, 0x7F, 0x80, 0x81, 0xC0, 0xC3, 0xF0, 0xF4, 0xFD, 0xFE, 0xFF};
    if (n == 0) {
        bytes[0] = (uint8_t)fuzz_chance(f);
        return 1;
    }
    size_t at = fuzz_below(f, n), size = 1 + fuzz_below(f, fuzz_below(f, 2) ? 2 : 9);
    size = size < n - at ? size : n - at;
    switch (fuzz_below(f, 8)) {
    case 0:
        bytes[at] ^= (uint8_t)(1 << fuzz_below(f, 8));
        return n;
    case 1:
        bytes[at] = edges[fuzz_below(f, sizeof edges)];
        return n;
    case 2:
        bytes[at] = (uint8_t)(bytes[at] + fuzz_below(f, 5) - 2);
        return n;
    case 3:
        memmove(bytes + at, bytes + at + size, n - at - size);
        return n - size;
    case 4:
    case 5:
        if (n + size > room)
            return n;
        memmove(bytes + at + size, bytes + at, n - at);
        for (size_t i = 0; i < size; i++)
            bytes[at + i] = (uint8_t)fuzz_chance(f);
        return n + size;
    case 6:
        memset(bytes + at, edges[fuzz_below(f, sizeof edges)], size);
        return n;
    }
    memmove(bytes + fuzz_below(f, n - size + 1), bytes + at, size);
    return n;
}

/* The same bytes in a block of their size, so that a sanitizer sees every read outside. */
static inline uint8_t *fuzz_exactly(const uint8_t *bytes, size_t n) {
    uint8_t *block = malloc(n ? n : 1);
    if (n)
        memcpy(block, bytes, n);
    return block;
}

#endif
