/* What the tests of the packed containers share: a check that names its line, a source of chance,
 * texts near every border of the encodings, and the plain model: an array of texts. */
#ifndef CYDIS_TEST_PACKED_H
#define CYDIS_TEST_PACKED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "listpack.h"

static int passed;

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
            exit(1);                                                                                         \
        }                                                                                                    \
    } while (0)

#define RUN(test)                                                                                            \
    do {                                                                                                     \
        test();                                                                                              \
        passed++;                                                                                            \
    } while (0)

static inline int finish(const char *name) { /* a failed CHECK has ended the program before */
    printf("%s: %d passed, 0 failed\n", name, passed);
    return 0;
}

static uint64_t chance_state = 0x9E3779B97F4A7C15u;

static inline uint64_t chance(void) { /* xorshift64*, seeded by a constant: a failure repeats */
    chance_state ^= chance_state >> 12;
    chance_state ^= chance_state << 25;
    chance_state ^= chance_state >> 27;
    return chance_state * 0x2545F4914F6CDD1Du;
}

static inline uint64_t below(uint64_t n) { return chance() % n; }

/* A text of the model, owned by it. */
typedef struct {
    char *text;
    uint32_t size;
} Text;

static inline Text make_text(const char *bytes, size_t size) {
    Text t = {malloc(size + 1), (uint32_t)size};
    memcpy(t.text, bytes, size);
    return t;
}

/* An integer near a border of the encodings, or a text with a size near one. */
static inline Text random_text(uint32_t largest) {
    static const int bits[] = {0, 3, 7, 12, 13, 15, 16, 23, 24, 31, 32, 62, 63};
    static const uint32_t sizes[] = {0, 1, 5, 62, 63, 64, 125, 126, 127, 128, 4094, 4095, 4096, 16378, 16379};
    char digits[LISTPACK_INT_DIGITS];
    if (below(2)) {
        uint64_t n = ((uint64_t)1 << bits[below(13)]) + below(3) - 1;
        return make_text(digits, listpack_format((int64_t)(below(2) ? n : 0 - n), digits));
    }
    uint32_t size = below(8) ? (uint32_t)below(20) : sizes[below(15)];
    size = size > largest ? largest : size;
    Text t = {malloc(size + 1), size};
    memset(t.text, 'a' + (int)below(26), size);
    return t;
}

static inline ListpackValue as_value(Text t) { return listpack_text(t.text, t.size); }

static inline bool shows(const ListpackValue *value, Text t) {
    char digits[LISTPACK_INT_DIGITS];
    if (!value->integer)
        return value->size == t.size && memcmp(value->text, t.text, t.size) == 0;
    return listpack_format(value->number, digits) == t.size && memcmp(digits, t.text, t.size) == 0;
}

typedef struct {
    Text *at;
    size_t n, room;
} Model;

static inline void model_insert(Model *m, size_t i, Text t) {
    if (m->n == m->room) {
        m->room = m->room * 2 + 16;
        m->at = realloc(m->at, m->room * sizeof *m->at);
    }
    memmove(m->at + i + 1, m->at + i, (m->n - i) * sizeof *m->at);
    m->at[i] = t;
    m->n++;
}

static inline void model_delete(Model *m, size_t i, size_t n) {
    for (size_t k = i; k < i + n; k++)
        free(m->at[k].text);
    if (n)
        memmove(m->at + i, m->at + i + n, (m->n - i - n) * sizeof *m->at);
    m->n -= n;
}

static inline void model_close(Model *m) {
    model_delete(m, 0, m->n);
    free(m->at);
    *m = (Model){0};
}

#endif
