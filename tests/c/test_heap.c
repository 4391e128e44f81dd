/* The heap: random blocks keep their bytes, sums are exact, memory comes back, failure is reported. */
#include "heap.h"

#include <stdio.h>
#include <stdlib.h>

static int passed, failed;

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (condition) {                                                                                     \
            passed++;                                                                                        \
        } else {                                                                                             \
            failed++;                                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
        }                                                                                                    \
    } while (0)

static uint64_t state = 42;

static uint64_t chance(uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
}

typedef struct {
    unsigned char *p;
    size_t n;
    unsigned char fill;
} Block;

static bool intact(const Block *b) {
    for (size_t i = 0; i < b->n; i++)
        if (b->p[i] != b->fill)
            return false;
    return true;
}

static size_t some_size(void) {
    switch (chance(8)) {
    case 0:
        return 1 + chance(16384);
    case 1:
        return 1 + chance(100000);
    case 2:
        return 40;
    default:
        return 1 + chance(300);
    }
}

static void test_good_sizes(void) {
    size_t last = 0;
    bool rounded = true, monotone = true, tight = true, stable = true;
    for (size_t n = 1; n < 200000; n++) {
        size_t good = heap_good_size(n);
        rounded &= good >= n && good % 8 == 0;
        monotone &= good >= last;
        if (n > 256 && n <= HEAP_SMALL_MAX)
            tight &= good - n <= n / (n <= 2048 ? 32 : 16);
        if (n <= HEAP_SMALL_MAX)
            stable &= heap_good_size(good) == good;
        last = good;
    }
    CHECK(rounded && monotone && tight && stable);
    CHECK(heap_good_size(1) == 8 && heap_good_size(40) == 40 && heap_good_size(129) == 136);
    CHECK(heap_good_size(16384) == 16384 && heap_good_size(16383) == 16384);
}

static void test_random_blocks(void) {
    enum { N = 3000, STEPS = 60000 };
    static Block blocks[N];
    memset(blocks, 0, sizeof blocks);
    Heap *heap = heap_open();
    size_t used = 0;
    bool whole = true, aligned = true;
    for (int step = 0; step < STEPS; step++) {
        Block *b = &blocks[chance(N)];
        size_t n = some_size();
        if (b->p == NULL) {
            b->p = heap_alloc(heap, n);
            memset(b->p, b->fill = (unsigned char)chance(256), b->n = n);
            used += heap_good_size(n);
            aligned &= (uintptr_t)b->p % (n % 64 == 0 && n <= HEAP_SMALL_MAX ? 64 : 8) == 0;
        } else if (chance(3) == 0) {
            size_t kept = n < b->n ? n : b->n;
            unsigned char *p = heap_realloc(heap, b->p, b->n, n);
            used += heap_good_size(n) - heap_good_size(b->n);
            b->p = p;
            b->n = kept;
            whole &= intact(b);
            memset(p, b->fill, b->n = n);
        } else {
            whole &= intact(b);
            heap_free(heap, b->p, b->n);
            used -= heap_good_size(b->n);
            *b = (Block){0};
        }
        if (step % 5000 == 0)
            CHECK(heap_check(heap) && heap_used(heap) == used);
    }
    CHECK(whole && aligned);
    CHECK(heap_check(heap) && heap_used(heap) == used);
    for (int i = 0; i < N; i++)
        heap_free(heap, blocks[i].p, blocks[i].n);
    CHECK(heap_check(heap) && heap_used(heap) == 0);
    CHECK(HEAP_PLAIN || heap_reserved(heap) <= ((size_t)1 << HEAP_REGION_SHIFT) + sizeof(Heap));
    heap_close(heap);
}

/* Whole pages serve another class, whole regions go back. */
static void test_memory_returns(void) {
    enum { N = 200000 };
    Heap *heap = heap_open();
    void **all = malloc(N * sizeof *all);
    for (int i = 0; i < N; i++)
        all[i] = heap_alloc(heap, 40);
    size_t peak = heap_reserved(heap);
    CHECK(heap_used(heap) == (size_t)N * 40);
    for (int i = 0; i < N; i += 2)
        heap_free(heap, all[i], 40);
    for (int i = 0; i < N; i += 2)
        all[i] = heap_alloc(heap, 40);
    CHECK(heap_check(heap) && heap_reserved(heap) <= peak);
    for (int i = 0; i < N; i++)
        heap_free(heap, all[i], 40);
    CHECK(HEAP_PLAIN || heap_reserved(heap) <= ((size_t)1 << HEAP_REGION_SHIFT) + sizeof(Heap));
    for (int i = 0; i < N / 2; i++)
        all[i] = heap_alloc(heap, 80);
    CHECK(heap_check(heap) && (HEAP_PLAIN || heap_reserved(heap) <= peak));
    free(all);
    heap_close(heap); /* the blocks go with it: a leak would be reported */
}

static void test_big_classes_fill_pages(void) {
    Heap *heap = heap_open();
    for (int i = 0; i < 15 * 8; i++)
        CHECK(heap_alloc(heap, 16384) != NULL);
    CHECK(HEAP_PLAIN || heap_reserved(heap) <= ((size_t)1 << HEAP_REGION_SHIFT) + sizeof(Heap));
    CHECK(heap_check(heap));
    heap_close(heap);
}

static void test_planned_failure(void) {
    Heap *heap = heap_open();
    void *a = heap_alloc(heap, 24);
    heap_fail_at(heap, 3);
    void *b = heap_alloc(heap, 24), *c = heap_alloc(heap, 70000);
    CHECK(b != NULL && c != NULL);
    CHECK(heap_alloc(heap, 24) == NULL && heap_alloc(heap, 24) == NULL);
    CHECK(heap_alloc(heap, 70000) == NULL && heap_map(heap, 1 << 20) == NULL);
    CHECK(heap_realloc(heap, a, 24, 20) == a || HEAP_PLAIN);
    CHECK(heap_realloc(heap, a, 24, 400) == NULL && heap_realloc(heap, c, 70000, 200000) == NULL);
    heap_free(heap, b, 24);
    CHECK(heap_alloc(heap, 24) == NULL && heap_check(heap));
    heap_fail_at(heap, 0);
    b = heap_alloc(heap, 24);
    CHECK(b != NULL && heap_check(heap));
    heap_free(heap, a, 24);
    heap_free(heap, b, 24);
    heap_free(heap, c, 70000);
    heap_free(heap, NULL, 5);
    CHECK(heap_used(heap) == 0 && heap_check(heap));
    heap_close(heap);
}

static void test_impossible_sizes(void) {
    Heap *heap = heap_open();
    CHECK(heap_alloc(heap, SIZE_MAX) == NULL && heap_alloc(heap, PTRDIFF_MAX) == NULL);
    CHECK(heap_check(heap) && heap_used(heap) == 0);
    heap_close(heap);
}

static void test_maps(void) {
    size_t sizes[] = {48 << 10, 3 << 20, 12 << 20};
    Heap *heap = heap_open();
    for (int i = 0; i < 3; i++) {
        unsigned char *p = heap_map(heap, sizes[i]);
        CHECK(p != NULL && (uintptr_t)p % 64 == 0 && heap_used(heap) == 0);
        CHECK(heap_reserved(heap) >= sizes[i]);
        p[0] = p[sizes[i] - 1] = 1;
        heap_count(heap, 64);
        CHECK(heap_used(heap) == 64 && heap_check(heap));
        heap_discard(p, p + 4096, sizes[i] - 4096);
        CHECK(p[0] == 1);
        heap_count(heap, -64);
        heap_unmap(heap, p);
        CHECK(heap_check(heap));
    }
    heap_close(heap);
}

/* What a patient heap has no use for waits, serves again, and goes back in pieces. */
static void test_patience(void) {
    enum { N = 300000, LARGE = 40 << 20 };
    Heap *heap = heap_open();
    void **all = malloc(N * sizeof *all);
    heap_be_patient(heap);
    for (int i = 0; i < N; i++)
        all[i] = heap_alloc(heap, 40);
    unsigned char *large = heap_alloc(heap, LARGE);
    memset(large, 1, LARGE);
    size_t peak = heap_reserved(heap);
    CHECK(!heap_waits(heap) && heap_give_back(heap));
    heap_free(heap, large, LARGE);
    CHECK(heap_waits(heap) && heap_reserved(heap) == peak && heap_used(heap) == (size_t)N * 40);
    int pieces = 1;
    for (; !heap_give_back(heap); pieces++)
        CHECK(heap_check(heap));
    CHECK(pieces > LARGE / (1 << 20) && heap_reserved(heap) <= peak - LARGE);

    peak = heap_reserved(heap);
    for (int i = 0; i < N; i++)
        heap_free(heap, all[i], 40);
    CHECK(heap_check(heap) && heap_used(heap) == 0 && (HEAP_PLAIN || heap_reserved(heap) == peak));
    for (int i = 0; i < 5; i++)
        heap_give_back(heap); /* the first one is not whole any more */
    for (int i = 0; i < N / 2; i++)
        memset(all[i] = heap_alloc(heap, 40), i, 40);
    CHECK(heap_check(heap) && heap_reserved(heap) <= peak);
    for (int i = 0; i < N / 2; i++)
        heap_free(heap, all[i], 40);
    while (!heap_give_back(heap))
        continue;
    CHECK(heap_check(heap) && !heap_waits(heap));
    CHECK(HEAP_PLAIN || heap_reserved(heap) <= ((size_t)1 << HEAP_REGION_SHIFT) + sizeof(Heap));

    heap_free(heap, heap_alloc(heap, LARGE), LARGE);
    for (int i = 0; i < N; i++)
        all[i] = heap_alloc(heap, 40);
    for (int i = 0; i < N; i++)
        heap_free(heap, all[i], 40);
    free(all);
    heap_close(heap); /* with what waits */
}

int main(void) {
    test_good_sizes();
    test_random_blocks();
    test_memory_returns();
    test_big_classes_fill_pages();
    test_planned_failure();
    test_impossible_sizes();
    test_maps();
    test_patience();
    printf("test_heap: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
