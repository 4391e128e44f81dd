/* hnsw: inserts, removals, searches copies and returns in graphs of any shape, while now and then memory is refused. After each
 * input every invariant holds, and whoever is in the graph is found. */
#include "fuzzing.h"
#include "vectors/hnsw.h"

enum { MOST = 200, DIM = 70 };

typedef struct {
    Heap *heap;
    Hnsw h;
    HnswNode *nodes[MOST];
    uint32_t size;
    unsigned values; /* how many different components: few make many equal vectors */
} World;

static void make(World *w, float *vector) {
    for (uint32_t i = 0; i < w->h.dim; i++)
        vector[i] = (float)fuzz_below(w->values) - (float)(w->values / 2);
}

static void add(World *w) {
    float vector[DIM], length;
    char name[8] = "name";
    make(w, vector);
    FUZZ_CHECK(quantise_length(vector, w->h.dim, &length));
    HnswNode *node =
        hnsw_node_new(&w->h, vector, length, name, (uint32_t)fuzz_below(5), hnsw_level(&w->h, fuzz_next()));
    if (node == NULL)
        return;
    if (hnsw_insert(&w->h, node, 1 + fuzz_small(60)))
        w->nodes[w->size++] = node;
    else
        hnsw_node_free(&w->h, node);
}

static void remove_one(World *w) {
    uint32_t i = (uint32_t)fuzz_below(w->size);
    if (!hnsw_remove(&w->h, w->nodes[i]))
        return;
    hnsw_node_free(&w->h, w->nodes[i]);
    w->nodes[i] = w->nodes[--w->size];
}

static int every_third(void *ctx, const HnswNode *node) {
    (void)ctx;
    return node->slot % 3 == 0;
}

static void search(World *w) {
    HnswHit near[MOST], exact[MOST];
    HnswQuery query = hnsw_query(w->nodes[fuzz_below(w->size)]);
    HnswWants wants = fuzz_one_in(2) ? every_third : NULL;
    size_t count = 1 + fuzz_below(MOST);
    int64_t n = hnsw_search(&w->h, query, MOST, count, wants, NULL, 0, near);
    int64_t m = hnsw_scan(&w->h, query, count, wants, NULL, exact);
    if (n < 0)
        return;
    FUZZ_CHECK(n == m);
    for (int64_t i = 0; i < n; i++) /* the graph is in one piece, and ef reaches all of it */
        FUZZ_CHECK(near[i] == exact[i]);
}

static void copy(World *w) {
    Hnsw other;
    if (!hnsw_copy(&w->h, &other))
        return;
    FUZZ_CHECK(hnsw_check(&other) && other.size == w->h.size);
    for (uint32_t slot = 0; slot < other.used; slot++)
        if (hnsw_at(&other, slot))
            hnsw_node_free(&other, hnsw_at(&other, slot));
    hnsw_close(&other);
}

/* A level's links as somebody tells them: now and then one is left out or is another. */
static bool tell_level(World *w, Hnsw *other, uint32_t i, unsigned level, const uint32_t *place,
                       bool honest) {
    const HnswNode *node = w->nodes[i];
    const uint32_t *links = hnsw_links(&w->h, node, level);
    for (unsigned k = 0; k < hnsw_degree(&w->h, node, level); k++) {
        uint32_t to = place[links[k]];
        if (!honest && fuzz_one_in(30))
            continue;
        if (!honest && fuzz_one_in(30))
            to = (uint32_t)fuzz_below(w->size + 1);
        if (!hnsw_claim(other, hnsw_at(other, i), level, to))
            return false;
    }
    return true;
}

/* Out of the nodes and links of a graph, a graph again: the same, or where its links were changed another. */
static void leave_and_return(World *w) {
    static uint32_t place[1 << 16];
    Hnsw other;
    bool honest = fuzz_one_in(2), claimed = true;
    hnsw_init(&other, w->heap, w->h.dim, w->h.m, (QuantKind)w->h.kind);
    if (w->h.used > sizeof place / sizeof *place || !hnsw_expect(&other, w->size))
        return;
    for (uint32_t i = 0; i < w->size; i++) {
        const HnswNode *from = w->nodes[i];
        HnswNode *node = hnsw_node_load(&other, from->vector, from->length, from->range, "name",
                                        from->name_size, from->level);
        if (node == NULL)
            break;
        hnsw_place(&other, node);
        place[from->slot] = i;
    }
    bool whole = other.used == w->size;
    for (uint32_t i = 0; whole && claimed && i < w->size; i++)
        for (unsigned level = 0; claimed && level <= w->nodes[i]->level; level++)
            claimed = tell_level(w, &other, i, level, place, honest);
    int judged = whole && claimed ? hnsw_judge(&other) : 0;
    FUZZ_CHECK(judged || !honest || !whole);
    FUZZ_CHECK(judged <= 0 || hnsw_check(&other));
    if (whole && judged == 0 && hnsw_relink(&other, 10))
        FUZZ_CHECK(hnsw_check(&other));
    for (uint32_t i = 0; i < (whole ? w->size : other.used); i++)
        hnsw_node_free(&other, hnsw_at(&other, i));
    hnsw_close(&other);
}

/* A stored vector as its published bytes and back: the same; and damaged bytes: none, or one whose distances are right. */
static void publish_one(World *w) {
    uint8_t saved[4 * DIM + 8], stored[4 * DIM + 8], again[4 * DIM + 8];
    const HnswNode *node = w->nodes[fuzz_below(w->size)];
    QuantKind kind = (QuantKind)w->h.kind;
    size_t bytes = quantise_saved_bytes(kind, w->h.dim);
    quantise_save(kind, node->vector, w->h.dim, saved);
    FUZZ_CHECK(quantise_load(kind, saved, w->h.dim, node->range, stored));
    FUZZ_CHECK(memcmp(stored, node->vector, quantise_bytes(kind, w->h.dim)) == 0);
    for (uint64_t changes = 1 + fuzz_below(4); changes; changes--)
        saved[fuzz_below(bytes)] = (uint8_t)fuzz_next();
    if (!quantise_load(kind, saved, w->h.dim, node->range, stored))
        return;
    HnswQuery query = {stored, node->range};
    float distance = hnsw_distance(&w->h, query, node);
    FUZZ_CHECK(distance >= 0 && distance <= 2);
    quantise_save(kind, stored, w->h.dim, again);
    FUZZ_CHECK(memcmp(again, saved, bytes) == 0);
}

static void one_input(void) {
    static World w;
    w = (World){.heap = heap_open(), .values = 2 + (unsigned)fuzz_below(20)};
    hnsw_init(&w.h, w.heap, 1 + (uint32_t)fuzz_small(DIM), 4 + (unsigned)fuzz_small(5),
              (QuantKind)fuzz_below(3));
    unsigned appetite = 30 + (unsigned)fuzz_below(60); /* of a hundred steps, so many add */
    for (uint64_t steps = fuzz_small(600); steps; steps--) {
        if (fuzz_one_in(40))
            heap_fail_at(w.heap, 1 + fuzz_below(6));
        if (w.size == 0 || (w.size < MOST && fuzz_below(100) < appetite))
            add(&w);
        else if (fuzz_one_in(10))
            search(&w);
        else if (fuzz_one_in(60))
            copy(&w);
        else if (fuzz_one_in(60))
            leave_and_return(&w);
        else if (fuzz_one_in(30))
            publish_one(&w);
        else
            remove_one(&w);
        heap_fail_at(w.heap, 0);
    }
    FUZZ_CHECK(hnsw_check(&w.h) && w.h.size == w.size);
    while (w.size)
        hnsw_node_free(&w.h, w.nodes[--w.size]);
    hnsw_close(&w.h);
    FUZZ_CHECK(heap_used(w.heap) == 0);
    heap_close(w.heap);
}

int main(int argc, char **argv) { return fuzz(argc, argv, "fuzz_hnsw", one_input); }
