/* The vector index against brute force: recall, random removals, small and odd graphs, failing allocations. */
#include "vectors/hnsw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

typedef struct {
    Heap *heap;
    Hnsw h;
    HnswNode *nodes[8192];
    uint32_t size;
    uint64_t chance;
} World;

static uint64_t draw(World *w) {
    w->chance ^= w->chance << 13;
    w->chance ^= w->chance >> 7;
    w->chance ^= w->chance << 17;
    return w->chance * 0x2545f4914f6cdd1du;
}

static float normal(World *w) {
    float sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (float)(draw(w) >> 40) / (1 << 24) - 0.5f;
    return sum;
}

static void open_world(World *w, uint64_t seed, uint32_t dim, unsigned m, QuantKind kind) {
    w->heap = heap_open();
    w->size = 0;
    w->chance = seed * 2 + 1;
    hnsw_init(&w->h, w->heap, dim, m, kind);
}

static void close_world(World *w) {
    while (w->size > 0)
        hnsw_node_free(&w->h, w->nodes[--w->size]);
    hnsw_close(&w->h);
    CHECK(heap_used(w->heap) == 0);
    heap_close(w->heap);
}

static bool add(World *w, const float *vector, size_t ef) {
    float length;
    char name[24];
    if (!quantise_length(vector, w->h.dim, &length))
        return false;
    int size = snprintf(name, sizeof name, "e%u", w->size);
    HnswNode *node = hnsw_node_new(&w->h, vector, length, name, (uint32_t)size, hnsw_level(&w->h, draw(w)));
    if (node == NULL)
        return false;
    if (!hnsw_insert(&w->h, node, ef)) {
        hnsw_node_free(&w->h, node);
        return false;
    }
    w->nodes[w->size++] = node;
    return true;
}

static bool drop(World *w, uint32_t i) {
    if (!hnsw_remove(&w->h, w->nodes[i]))
        return false;
    hnsw_node_free(&w->h, w->nodes[i]);
    w->nodes[i] = w->nodes[--w->size];
    return true;
}

/* Points around `centres` centres. */
static void scatter(World *w, float *vector, uint32_t dim, unsigned centres) {
    World fixed = {.chance = 77 + 2 * (centres ? draw(w) % centres : 0)};
    for (uint32_t i = 0; i < dim; i++)
        vector[i] = normal(w) * (centres ? 0.3f : 1) + (centres ? normal(&fixed) : 0);
}

static double recall(World *w, unsigned queries, size_t k, size_t ef, unsigned centres) {
    HnswHit near[100], exact[100];
    size_t hits = 0, all = 0;
    float *vector = malloc(w->h.dim * sizeof *vector);
    void *stored = malloc(quantise_bytes(w->h.kind, w->h.dim) + 8);
    for (unsigned q = 0; q < queries; q++) {
        float length, range;
        scatter(w, vector, w->h.dim, centres);
        quantise_length(vector, w->h.dim, &length);
        quantise(w->h.kind, vector, w->h.dim, length, stored, &range);
        HnswQuery query = {stored, range};
        int64_t n = hnsw_search(&w->h, query, ef, k, NULL, NULL, 0, near);
        int64_t m = hnsw_scan(&w->h, query, k, NULL, NULL, exact);
        CHECK(n == m);
        for (int64_t i = 1; i < n; i++)
            CHECK(near[i - 1] < near[i] && exact[i - 1] < exact[i]);
        for (int64_t i = 0; i < n; i++) /* ties at the end count as found */
            hits += hnsw_hit_distance(near[i]) <= hnsw_hit_distance(exact[m - 1]);
        all += (size_t)m;
    }
    free(vector);
    free(stored);
    return (double)hits / (double)all;
}

static void test_recall(QuantKind kind, uint32_t dim, unsigned centres, uint32_t size) {
    World *w = malloc(sizeof *w);
    float vector[1024];
    open_world(w, 5 + dim + centres, dim, 16, kind);
    for (uint32_t i = 0; i < size; i++) {
        scatter(w, vector, dim, centres);
        CHECK(add(w, vector, 200));
    }
    CHECK(hnsw_check(&w->h));
    double before = recall(w, 100, 10, 100, centres);
    for (uint32_t i = 0; i < size / 2; i++)
        CHECK(drop(w, (uint32_t)(draw(w) % w->size)));
    CHECK(hnsw_check(&w->h));
    double after = recall(w, 100, 10, 100, centres);
    for (uint32_t i = 0; i < size / 2; i++) {
        scatter(w, vector, dim, centres);
        CHECK(add(w, vector, 200));
    }
    CHECK(hnsw_check(&w->h));
    double again = recall(w, 100, 10, 100, centres);
    printf(
        "recall@10, kind %d, %u dimensions, %u centres, %u nodes: %.3f, half removed %.3f, refilled %.3f\n",
        kind, dim, centres, size, before, after, again);
    CHECK(before >= 0.95 && after >= 0.95 && again >= 0.95);
    close_world(w);
    free(w);
}

/* Few nodes, few links, many equal vectors: everything must still be found, and hang together. */
static void test_small_graphs(void) {
    static World w;
    for (uint64_t seed = 1; seed <= 120; seed++) {
        uint32_t dim = 1 + seed % 5;
        float vector[8];
        open_world(&w, seed, dim, 4 + seed % 3, (QuantKind)(seed % 3));
        for (int step = 0; step < 400; step++) {
            if (w.size > 0 && draw(&w) % 100 < (step % 200 < 120 ? 30u : 70u)) {
                CHECK(drop(&w, (uint32_t)(draw(&w) % w.size)));
            } else {
                for (uint32_t i = 0; i < dim; i++)
                    vector[i] = (float)(draw(&w) % 3) - 1;
                CHECK(add(&w, vector, 1 + draw(&w) % 30));
            }
            if (step % 40 == 0) {
                CHECK(hnsw_check(&w.h));
                HnswHit hits[512];
                if (w.size)
                    CHECK(hnsw_search(&w.h, hnsw_query(w.nodes[0]), 1000, 512, NULL, NULL, 0, hits)
                          == w.size);
            }
        }
        CHECK(hnsw_check(&w.h));
        close_world(&w);
    }
}

static int odd(void *ctx, const HnswNode *node) {
    (void)ctx;
    return node->slot % 2;
}

static int none(void *ctx, const HnswNode *node) {
    (void)node;
    ++*(size_t *)ctx;
    return false;
}

static void test_wishes(void) {
    static World w;
    float vector[8];
    HnswHit hits[64], exact[64];
    size_t asked = 0;
    open_world(&w, 9, 8, 8, QUANT_FLOAT);
    for (int i = 0; i < 2000; i++) {
        scatter(&w, vector, 8, 0);
        CHECK(add(&w, vector, 100));
    }
    for (int q = 0; q < 50; q++) {
        HnswQuery query = hnsw_query(w.nodes[q]);
        CHECK(hnsw_search(&w.h, query, 60, 10, odd, NULL, 0, hits) == 10);
        CHECK(hnsw_scan(&w.h, query, 10, odd, NULL, exact) == 10);
        CHECK(hits[0] == exact[0]);
        for (int i = 0; i < 10; i++)
            CHECK(hnsw_hit_node(&w.h, hits[i])->slot % 2);
    }
    CHECK(hnsw_search(&w.h, hnsw_query(w.nodes[0]), 10, 10, none, &asked, 100, hits) == 0);
    CHECK(asked >= 100 && asked < 140);
    asked = 0;
    CHECK(hnsw_search(&w.h, hnsw_query(w.nodes[0]), 10, 10, none, &asked, 0, hits) == 0);
    CHECK(asked == 2000);
    close_world(&w);
}

static void test_copy_and_failures(void) {
    static World w;
    float vector[16];
    open_world(&w, 3, 16, 5, QUANT_BYTE);
    for (int i = 0; i < 300; i++) {
        scatter(&w, vector, 16, 0);
        for (uint64_t n = 1;; n++) { /* each allocation fails once; nothing may have changed */
            heap_fail_at(w.heap, n);
            bool done = add(&w, vector, 40);
            heap_fail_at(w.heap, 0);
            if (done)
                break;
            CHECK(heap_used(w.heap) == hnsw_memory(&w.h)); /* tables that grew may stay */
            CHECK(n < 50);
        }
    }
    CHECK(hnsw_check(&w.h));
    for (int i = 0; i < 100; i++) {
        heap_fail_at(w.heap, 1);
        CHECK(!hnsw_remove(&w.h, w.nodes[0]));
        heap_fail_at(w.heap, 0);
        CHECK(drop(&w, 0));
    }
    CHECK(hnsw_check(&w.h));
    for (uint64_t n = 1;; n += 13) {
        Hnsw copy;
        size_t used = heap_used(w.heap);
        heap_fail_at(w.heap, n);
        bool done = hnsw_copy(&w.h, &copy);
        heap_fail_at(w.heap, 0);
        if (done) {
            CHECK(hnsw_check(&copy) && copy.size == 200 && hnsw_memory(&copy) == hnsw_memory(&w.h));
            for (uint32_t slot = 0; slot < copy.used; slot++)
                if (hnsw_at(&copy, slot))
                    hnsw_node_free(&copy, hnsw_at(&copy, slot));
            hnsw_close(&copy);
            break;
        }
        CHECK(heap_used(w.heap) == used && copy.size == 0);
    }
    close_world(&w);
}

static void test_distances(void) {
    static int8_t a[200000], b[200000];
    static float x[1000], y[1000];
    uint64_t p[20], q[20];
    World w = {.chance = 99};
    for (size_t i = 0; i < sizeof a; i++) {
        a[i] = (int8_t)(draw(&w) % 255 - 127);
        b[i] = i < 150000 ? (int8_t)(draw(&w) % 255 - 127) : a[i];
    }
    for (size_t i = 0; i < 1000; i++) {
        x[i] = normal(&w);
        y[i] = normal(&w);
    }
    for (size_t i = 0; i < 20; i++) {
        p[i] = draw(&w);
        q[i] = draw(&w);
    }
    size_t sizes[] = {0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 100, 300, 999, 65536, 65537, 200000};
    for (size_t s = 0; s < distance_sets(); s++) {
        const DistanceSet *set = distance_set(s);
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            int64_t exact = 0;
            for (size_t i = 0; i < sizes[k]; i++)
                exact += a[i] * b[i];
            CHECK(set->i8(a, b, sizes[k]) == exact);
            if (sizes[k] > 999)
                continue;
            double sum = 0, most = 0;
            for (size_t i = 0; i < sizes[k]; i++) {
                sum += (double)x[i] * y[i];
                most += fabs((double)x[i] * y[i]);
            }
            CHECK(fabs((double)set->f32(x, y, sizes[k]) - sum) <= 1e-6 * (most + 1));
        }
        for (size_t words = 0; words <= 20; words++) {
            uint64_t exact = 0;
            for (size_t i = 0; i < 64 * words; i++)
                exact += (p[i / 64] >> i % 64 & 1) != (q[i / 64] >> i % 64 & 1);
            CHECK(set->bits(p, q, words) == exact);
        }
    }
    memset(a, 127, sizeof a);
    memset(b, -127, sizeof b);
    for (size_t s = 0; s < distance_sets(); s++)
        CHECK(distance_set(s)->i8(a, b, sizeof a) == -127LL * 127 * (int64_t)sizeof a);
}

static void test_quantise(void) {
    World w = {.chance = 4242};
    for (uint32_t dim = 1; dim < 140; dim++) {
        float vector[140], back[140], length, range;
        uint64_t stored[140];
        scatter(&w, vector, dim, 0);
        CHECK(quantise_length(vector, dim, &length));
        for (int kind = QUANT_FLOAT; kind <= QUANT_BIT; kind++) {
            quantise(kind, vector, dim, length, stored, &range);
            quantise_back(kind, stored, dim, range, length, back);
            float d = quantise_distance(distance_best(), kind, dim, stored, range, stored, range);
            CHECK(d >= 0 && d < 0.02f);
            for (uint32_t i = 0; i < dim; i++) {
                if (kind == QUANT_FLOAT)
                    CHECK(fabsf(back[i] - vector[i]) <= 1e-6f * length);
                else if (kind == QUANT_BYTE)
                    CHECK(fabsf(back[i] - vector[i]) <= range * length / 250);
                else
                    CHECK(back[i] == (vector[i] > 0 ? 1 : -1));
            }
        }
    }
    float bad[][2] = {{NAN, 1}, {INFINITY, 1}, {1, -INFINITY}, {3e38f, 3e38f}};
    float zero[2] = {0, -0.0f}, tiny[2] = {1e-45f, 0}, huge[2] = {2e38f, 2e38f}, length, range, out[2];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!quantise_length(bad[i], 2, &length));
    CHECK(quantise_length(zero, 2, &length) && length == 1);
    CHECK(quantise_length(tiny, 2, &length) && length > 0);
    CHECK(quantise_length(huge, 2, &length) && isfinite(length));
    quantise(QUANT_FLOAT, huge, 2, length, out, &range);
    CHECK(fabsf(out[0] - 0.70710678f) < 1e-6f);
    float from[100], to[20], other[20];
    scatter(&w, from, 100, 0);
    quantise_project(from, 100, to, 20);
    for (int i = 0; i < 100; i++)
        from[i] *= 2;
    quantise_project(from, 100, other, 20);
    for (int i = 0; i < 20; i++)
        CHECK(fabsf(other[i] - 2 * to[i]) < 1e-5f);
}

int main(void) {
    test_distances();
    test_quantise();
    test_small_graphs();
    test_wishes();
    test_copy_and_failures();
    test_recall(QUANT_FLOAT, 32, 0, 3000);
    test_recall(QUANT_BYTE, 64, 20, 3000);
    test_recall(QUANT_BYTE, 128, 0, 1500);
    test_recall(QUANT_BIT, 256, 8, 2000);
    printf("test_hnsw: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
