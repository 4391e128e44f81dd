/* intset against a sorted array; widening at every border; refused allocations; damaged bytes. */
#include "intset.h"
#include "packed.h"

static Heap *heap;

typedef struct {
    int64_t at[512];
    uint32_t n;
} Sorted;

static uint32_t model_rank(const Sorted *m, int64_t number) {
    uint32_t i = 0;
    while (i < m->n && m->at[i] < number)
        i++;
    return i;
}

static void expect(const uint8_t *set, const Sorted *m) {
    CHECK(intset_validate(set, intset_bytes(set), true));
    CHECK(heap_used(heap) == intset_memory(set));
    CHECK(intset_count(set) == m->n);
    for (uint32_t i = 0; i < m->n; i++)
        CHECK(intset_get(set, i) == m->at[i] && intset_find(set, m->at[i]) == i);
    if (m->n) {
        CHECK(intset_min(set) == m->at[0] && intset_max(set) == m->at[m->n - 1]);
        CHECK(intset_find(set, intset_random(set, chance())) >= 0);
        CHECK(intset_random(set, 0) == m->at[0] && intset_random(set, UINT64_MAX) == m->at[m->n - 1]);
    }
}

static int64_t random_number(int bits) {
    int64_t n = (int64_t)(chance() >> (64 - 1 - below((uint64_t)bits)));
    return below(2) ? n : -n - 1;
}

static void random_change(uint8_t **set, Sorted *m, int64_t number) {
    uint32_t rank = model_rank(m, number);
    bool there = rank < m->n && m->at[rank] == number;
    CHECK((intset_find(*set, number) >= 0) == there);
    if (below(3) && m->n < 512) {
        CHECK(intset_add(heap, set, number) == (there ? INTSET_SAME : INTSET_CHANGED));
        if (!there) {
            memmove(m->at + rank + 1, m->at + rank, (m->n++ - rank) * sizeof *m->at);
            m->at[rank] = number;
        }
    } else {
        CHECK(intset_remove(heap, set, number) == (there ? INTSET_CHANGED : INTSET_SAME));
        if (there) {
            m->n--;
            memmove(m->at + rank, m->at + rank + 1, (m->n - rank) * sizeof *m->at);
        }
    }
}

static void test_random_changes(void) {
    for (int bits = 7; bits <= 63; bits += 8) {
        Sorted m = {.n = 0};
        uint8_t *set = intset_new(heap);
        for (int i = 0; i < 600; i++) {
            random_change(&set, &m, m.n && below(4) == 0 ? m.at[below(m.n)] : random_number(bits));
            expect(set, &m);
        }
        uint8_t *copy = intset_copy(heap, set);
        CHECK(memcmp(copy, set, intset_bytes(set)) == 0);
        intset_free(heap, copy);
        intset_free(heap, set);
    }
}

static void expect_bytes(const int64_t *numbers, size_t n, const char *bytes, size_t size) {
    uint8_t *set = intset_new(heap);
    for (size_t i = 0; i < n; i++)
        CHECK(intset_add(heap, &set, numbers[i]) == INTSET_CHANGED);
    CHECK(intset_bytes(set) == size && memcmp(set, bytes, size) == 0);
    intset_free(heap, set);
}

static void test_bytes_and_borders(void) {
    expect_bytes(NULL, 0, "\2\0\0\0\0\0\0\0", 8);
    expect_bytes((int64_t[]){5, -1}, 2, "\2\0\0\0\2\0\0\0\xff\xff\5\0", 12);
    expect_bytes((int64_t[]){32767, -32768}, 2, "\2\0\0\0\2\0\0\0\0\x80\xff\x7f", 12);
    expect_bytes((int64_t[]){1, 32768}, 2, "\4\0\0\0\2\0\0\0\1\0\0\0\0\x80\0\0", 16);
    expect_bytes((int64_t[]){1, -32769}, 2, "\4\0\0\0\2\0\0\0\xff\x7f\xff\xff\1\0\0\0", 16);
    expect_bytes((int64_t[]){INT32_MAX, INT32_MIN}, 2, "\4\0\0\0\2\0\0\0\0\0\0\x80\xff\xff\xff\x7f", 16);
    expect_bytes((int64_t[]){-2, 2147483648}, 2,
                 "\x8\0\0\0\2\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff\0\0\0\x80\0\0\0\0", 24);
    expect_bytes((int64_t[]){INT64_MIN, INT64_MAX}, 2,
                 "\x8\0\0\0\2\0\0\0\0\0\0\0\0\0\0\x80\xff\xff\xff\xff\xff\xff\xff\x7f", 24);
}

/* The change with its allocation refused (true: it needed one, and nothing has changed). */
static bool refused(uint8_t **set, int64_t number, bool add) {
    size_t bytes = intset_bytes(*set);
    uint8_t *before = intset_copy(heap, *set);
    heap_fail_at(heap, 1);
    IntsetChange done = add ? intset_add(heap, set, number) : intset_remove(heap, set, number);
    heap_fail_at(heap, 0);
    CHECK(done != INTSET_SAME);
    CHECK(done != INTSET_FAILED || (intset_bytes(*set) == bytes && memcmp(before, *set, bytes) == 0));
    heap_free(heap, before, bytes);
    return done == INTSET_FAILED;
}

static void test_refused_allocations(void) {
    uint8_t *set = intset_new(heap);
    int64_t next = 0;
    for (int times = 0; times < 20; next++) {
        if (refused(&set, next, true)) {
            times++;
            next = times == 10 ? 1 << 20 : times == 15 ? (int64_t)1 << 40 : next; /* the next one widens */
            CHECK(intset_add(heap, &set, next) == INTSET_CHANGED);
        }
    }
    int times = 0;
    while (intset_count(set)) {
        int64_t number = intset_random(set, chance());
        if (refused(&set, number, false)) {
            times++;
            CHECK(intset_remove(heap, &set, number) == INTSET_CHANGED);
        }
    }
    CHECK(times > 5);
    intset_free(heap, set);
    heap_fail_at(heap, 1);
    CHECK(intset_new(heap) == NULL);
    heap_fail_at(heap, 0);
}

static void test_damaged_bytes(void) {
    CHECK(!intset_validate((const uint8_t *)"\2\0\0\0\2\0\0\0\1\0\1\0", 12, true)); /* twice the same */
    CHECK(intset_validate((const uint8_t *)"\2\0\0\0\2\0\0\0\1\0\1\0", 12, false));
    CHECK(!intset_validate((const uint8_t *)"\3\0\0\0\2\0\0\0\1\0\1\0\0\0", 14, false)); /* no such width */
    CHECK(!intset_validate((const uint8_t *)"\4\0\0\0\0\0\0\x80", 8, false));
    CHECK(!intset_validate((const uint8_t *)"\2\0\0\0\0\0\0", 7, false));
    for (int round = 0; round < 20000; round++) {
        size_t n = below(8), size = INTSET_HEADER + n * 4;
        uint8_t bytes[64];
        little_store32(bytes, 4);
        little_store32(bytes + 4, (uint32_t)n);
        for (size_t i = 0; i < n; i++)
            little_store32(bytes + 8 + i * 4, (uint32_t)i * 10);
        bytes[below(size)] = (uint8_t)chance();
        size = below(3) ? size : below(size + 1);
        uint8_t *exact = malloc(size);
        memcpy(exact, bytes, size);
        if (intset_validate(exact, size, true))
            for (uint32_t i = 0; i < intset_count(exact); i++)
                CHECK(intset_find(exact, intset_get(exact, i)) == i);
        free(exact);
    }
}

int main(void) {
    heap = heap_open();
    RUN(test_random_changes);
    RUN(test_bytes_and_borders);
    RUN(test_refused_allocations);
    RUN(test_damaged_bytes);
    CHECK(heap_used(heap) == 0 && heap_check(heap));
    heap_close(heap);
    return finish("test_intset");
}
