/* An index out of nodes and links that came from outside: taken where they keep what is promised, mended where not;
 * and vectors as published bytes. */
#include <math.h>

#include "packed.h"
#include "vectors/hnsw.h"

enum { DIM = 6, NODES = 60, M = 4 };

static Heap *heap;

/* Nodes by slot, with levels of their own and no links. */
static void populate(Hnsw *h, uint32_t count, unsigned level_of_first) {
    hnsw_init(h, heap, DIM, M, QUANT_FLOAT);
    CHECK(hnsw_expect(h, count));
    for (uint32_t i = 0; i < count; i++) {
        float vector[DIM], stored[DIM], length, range;
        for (int k = 0; k < DIM; k++)
            vector[k] = (float)below(100) - 50;
        CHECK(quantise_length(vector, DIM, &length));
        quantise(QUANT_FLOAT, vector, DIM, length, stored, &range);
        HnswNode *node = hnsw_node_load(h, stored, length, range, "n", 1, i == 0 ? level_of_first : 0);
        CHECK(node != NULL);
        hnsw_place(h, node);
    }
}

static void clear(Hnsw *h, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        hnsw_node_free(h, hnsw_at(h, i));
    hnsw_close(h);
    CHECK(heap_used(heap) == 0);
}

static void both_claim(Hnsw *h, uint32_t a, uint32_t b) {
    CHECK(hnsw_claim(h, hnsw_at(h, a), 0, b) && hnsw_claim(h, hnsw_at(h, b), 0, a));
}

static void test_a_chain_is_taken(void) {
    Hnsw h;
    populate(&h, NODES, 3);
    for (uint32_t i = 1; i < NODES; i++)
        both_claim(&h, i - 1, i);
    CHECK(hnsw_judge(&h) == 1 && hnsw_check(&h));
    CHECK(h.entry == 0 && h.top == 3 && hnsw_degree(&h, hnsw_at(&h, 30), 0) == 2);
    clear(&h, NODES);
}

static void test_what_cannot_be_claimed(void) {
    Hnsw h;
    populate(&h, NODES, 1);
    HnswNode *node = hnsw_at(&h, 0);
    CHECK(!hnsw_claim(&h, node, 0, 0)); /* itself */
    CHECK(!hnsw_claim(&h, node, 0, NODES)); /* nobody */
    CHECK(!hnsw_claim(&h, node, 1, 5)); /* not so high */
    for (uint32_t i = 1; i <= 2 * M; i++)
        CHECK(hnsw_claim(&h, node, 0, i));
    CHECK(!hnsw_claim(&h, node, 0, 20)); /* too many */
    clear(&h, NODES);
}

static void test_broken_links_are_seen_and_mended(void) {
    for (int way = 0; way < 4; way++) {
        Hnsw h;
        populate(&h, NODES, 2);
        for (uint32_t i = 1; i < NODES; i++)
            if (way != 0 || i != 30) /* 0: in two pieces */
                both_claim(&h, i - 1, i);
        if (way == 1)
            CHECK(hnsw_claim(&h, hnsw_at(&h, 3), 0, 9)); /* of one side */
        if (way == 2)
            both_claim(&h, 3, 4); /* twice */
        if (way == 3)
            CHECK(hnsw_claim(&h, hnsw_at(&h, 3), 0, 4)); /* twice, from one side */
        CHECK(hnsw_judge(&h) == 0);
        CHECK(hnsw_relink(&h, 20) && hnsw_check(&h) && h.size == NODES);
        clear(&h, NODES);
    }
}

static void test_levels_are_in_one_piece_too(void) {
    Hnsw h;
    hnsw_init(&h, heap, DIM, M, QUANT_FLOAT);
    CHECK(hnsw_expect(&h, 2));
    float vector[DIM] = {1};
    for (int i = 0; i < 2; i++)
        hnsw_place(&h, hnsw_node_load(&h, vector, 1, 0, "n", 1, 1));
    both_claim(&h, 0, 1);
    CHECK(hnsw_judge(&h) == 0);
    CHECK(hnsw_claim(&h, hnsw_at(&h, 0), 1, 1) && hnsw_claim(&h, hnsw_at(&h, 1), 1, 0));
    CHECK(hnsw_judge(&h) == 1 && hnsw_check(&h));
    clear(&h, 2);
}

static void test_refused_memory(void) {
    Hnsw h;
    hnsw_init(&h, heap, DIM, M, QUANT_FLOAT);
    for (int n = 1; n <= 2; n++) {
        heap_fail_at(heap, (uint64_t)n);
        CHECK(!hnsw_expect(&h, NODES));
        heap_fail_at(heap, 0);
        CHECK(heap_used(heap) == 0);
    }
    populate(&h, NODES, 0);
    for (uint32_t i = 1; i < NODES; i++)
        both_claim(&h, i - 1, i);
    heap_fail_at(heap, 1);
    CHECK(hnsw_judge(&h) == -1);
    for (uint64_t n = 1; n < 40; n += 3) {
        heap_fail_at(heap, n);
        CHECK(!hnsw_relink(&h, 20));
        heap_fail_at(heap, 0);
        h.used = NODES; /* all are still in their slots */
    }
    CHECK(hnsw_relink(&h, 20) && hnsw_check(&h));
    clear(&h, NODES);
}

static void test_published_vectors(void) {
    for (int kind = QUANT_FLOAT; kind <= QUANT_BIT; kind++)
        for (uint32_t dim = 1; dim <= 130; dim++) {
            float vector[130], length, range;
            uint64_t stored[65], again[65];
            uint8_t saved[520];
            for (uint32_t i = 0; i < dim; i++)
                vector[i] = (float)below(2000) - 1000;
            CHECK(quantise_length(vector, dim, &length));
            quantise((QuantKind)kind, vector, dim, length, stored, &range);
            quantise_save((QuantKind)kind, stored, dim, saved);
            CHECK(quantise_load((QuantKind)kind, saved, dim, range, again));
            CHECK(memcmp(stored, again, quantise_bytes((QuantKind)kind, dim)) == 0);
        }
}

static void test_the_matrix_of_a_projection(void) {
    float matrix[7 * 70], vector[70], a[7], b[7];
    for (uint32_t from = 1; from <= 70; from++) {
        for (uint32_t i = 0; i < from; i++)
            vector[i] = (float)below(100) - 50;
        for (uint32_t row = 0; row < 7; row++)
            quantise_projection_row(row, from, matrix + row * from);
        quantise_project(vector, from, a, 7);
        quantise_project_by(matrix, vector, from, b, 7);
        for (int row = 0; row < 7; row++)
            CHECK(fabsf(a[row] - b[row]) < 1e-3f);
    }
}

int main(void) {
    heap = heap_open();
    RUN(test_a_chain_is_taken);
    RUN(test_what_cannot_be_claimed);
    RUN(test_broken_links_are_seen_and_mended);
    RUN(test_levels_are_in_one_piece_too);
    RUN(test_refused_memory);
    RUN(test_published_vectors);
    RUN(test_the_matrix_of_a_projection);
    heap_close(heap);
    return finish("hnsw_outside");
}
