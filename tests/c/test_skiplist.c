/* The skiplist against a sorted array: random operations, ties, ranges, failing allocations. */
#include "skiplist.h"

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

#define MODEL_MAX 6000

typedef struct World {
    Heap *heap;
    Skiplist *list;
    SkipElement *model[MODEL_MAX];
    size_t size;
    uint64_t chance;
    int scores; /* how many different scores there are */
} World;

static uint64_t pick(World *w, uint64_t below) {
    w->chance ^= w->chance << 13;
    w->chance ^= w->chance >> 7;
    w->chance ^= w->chance << 17;
    return (w->chance >> 11) % below;
}

static int order(double a_score, const void *a, uint32_t a_size, const SkipElement *b) {
    if (a_score != b->score)
        return a_score < b->score ? -1 : 1;
    uint32_t both = a_size < b->size ? a_size : b->size;
    int c = both ? memcmp(a, b->member, both) : 0;
    return c ? c : (a_size > b->size) - (a_size < b->size);
}

static size_t model_find(const World *w, double score, const void *member, uint32_t size) {
    size_t low = 0, high = w->size;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (order(score, member, size, w->model[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void model_put(World *w, SkipElement *e) {
    size_t at = model_find(w, e->score, e->member, e->size);
    memmove(w->model + at + 1, w->model + at, (w->size - at) * sizeof *w->model);
    w->model[at] = e;
    w->size++;
}

static void model_take(World *w, size_t at, size_t n) {
    memmove(w->model + at, w->model + at + n, (w->size - at - n) * sizeof *w->model);
    w->size -= n;
}

static double random_score(World *w) {
    static const double odd[] = {-INFINITY, INFINITY, 0.0, -0.0, 1e-310, -1e-310, 1.7e308, -1.7e308};
    if (w->scores > 8 && pick(w, 50) == 0)
        return odd[pick(w, 8)];
    double score = (double)pick(w, (uint64_t)w->scores);
    return w->scores < 1000 ? score : (score - w->scores / 2.0) * 0.37;
}

static World *world_new(uint64_t seed, int scores) {
    World *w = calloc(1, sizeof *w);
    w->heap = heap_open();
    w->list = skiplist_new(w->heap, seed);
    w->chance = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    w->scores = scores;
    return w;
}

static void world_free(World *w) {
    skiplist_free(w->list, skip_element_drop, w->heap);
    CHECK(heap_used(w->heap) == 0);
    heap_close(w->heap);
    free(w);
}

/* Adds a random element unless it is there; false if the list had no memory. */
static bool add_random(World *w) {
    char member[24];
    uint32_t size = (uint32_t)snprintf(member, sizeof member, "%x", (unsigned)pick(w, 100000));
    if (pick(w, 40) == 0)
        size = 0;
    double score = random_score(w);
    size_t at = model_find(w, score, member, size);
    if (w->size == MODEL_MAX || (at < w->size && order(score, member, size, w->model[at]) == 0))
        return true;
    SkipElement *e = skip_element_new(w->heap, score, member, size);
    if (!e)
        return false;
    if (!skiplist_insert(w->list, e)) {
        skip_element_free(w->heap, e);
        return false;
    }
    model_put(w, e);
    return true;
}

static bool same(const World *w) {
    SkipPos pos;
    size_t i = 0;
    if (!skiplist_check(w->list) || skiplist_size(w->list) != w->size)
        return false;
    for (bool more = skiplist_first(w->list, &pos); more; more = skiplist_next(&pos))
        if (i >= w->size || skiplist_get(pos) != w->model[i++])
            return false;
    if (i != w->size)
        return false;
    for (bool more = skiplist_last(w->list, &pos); more; more = skiplist_prev(&pos))
        if (i == 0 || skiplist_get(pos) != w->model[--i])
            return false;
    return i == 0;
}

static bool update_random(World *w, double score) {
    size_t at = pick(w, w->size);
    SkipElement *e = w->model[at];
    size_t to = model_find(w, score, e->member, e->size);
    if (to < w->size && w->model[to] != e && order(score, e->member, e->size, w->model[to]) == 0)
        return true;
    if (!skiplist_update(w->list, e, score))
        return false;
    /* the score is written already, but the array is searched only after the element is out of it */
    model_take(w, at, 1);
    model_put(w, e);
    return e->score == score;
}

static void remove_random(World *w, bool by_value) {
    size_t at = pick(w, w->size);
    SkipElement *e = w->model[at];
    if (by_value) {
        SkipElement *probe = skip_element_new(w->heap, e->score, e->member, e->size);
        CHECK(skiplist_rank(w->list, probe) == at);
        CHECK(skiplist_remove(w->list, probe));
        CHECK(!skiplist_remove(w->list, probe));
        CHECK(skiplist_rank(w->list, probe) == SKIPLIST_NO_RANK);
        skip_element_free(w->heap, probe);
    } else {
        CHECK(skiplist_remove(w->list, e));
    }
    model_take(w, at, 1);
    skip_element_free(w->heap, e);
}

static bool inside(const SkipRange *r, const SkipElement *e) {
    for (int side = 0; side < 2; side++) {
        const SkipBound *b = side ? &r->max : &r->min;
        int c = side ? -1 : 1; /* the element relative to the bound */
        if (b->kind == SKIP_LOWEST)
            c = 1;
        if (b->kind == SKIP_HIGHEST)
            c = -1;
        if (b->kind == SKIP_SCORE)
            c = (e->score > b->score) - (e->score < b->score);
        if (b->kind == SKIP_MEMBER)
            c = -order(e->score, b->member, b->size, e);
        if (side ? c > 0 : c < 0)
            return false;
        if (c == 0 && b->open)
            return false;
    }
    return true;
}

static bool range_agrees(const World *w, const SkipRange *range) {
    size_t first = 0, last = w->size;
    while (first < w->size && !inside(range, w->model[first]))
        first++;
    while (last > first && !inside(range, w->model[last - 1]))
        last--;
    SkipPos pos;
    uint64_t rank = 0, start, end;
    bool found = skiplist_first_in_range(w->list, range, &pos, &rank);
    if (found != (first < last))
        return false;
    if (found && (rank != first || skiplist_get(pos) != w->model[first]))
        return false;
    for (size_t i = first; found && i < last; i++, skiplist_next(&pos))
        if (!skip_range_holds(range, skiplist_get(pos)))
            return false;
    if (found && skiplist_get(pos) && skip_range_holds(range, skiplist_get(pos)))
        return false;
    if (skiplist_last_in_range(w->list, range, &pos, &rank) != found)
        return false;
    if (found && (rank != last - 1 || skiplist_get(pos) != w->model[last - 1]))
        return false;
    if (skiplist_count_range(w->list, range) != last - first)
        return false;
    if (skiplist_range_ranks(w->list, range, &start, &end) != last - first)
        return false;
    return !found || (start == first && end == last);
}

static void check_ranges(World *w) {
    for (int i = 0; i < 60; i++) {
        SkipRange r = {skip_bound_score(random_score(w), pick(w, 2)),
                       skip_bound_score(random_score(w), pick(w, 2))};
        if (pick(w, 6) == 0)
            r.min = skip_bound_end(pick(w, 5) == 0);
        if (pick(w, 6) == 0)
            r.max = skip_bound_end(pick(w, 5) != 0);
        CHECK(range_agrees(w, &r));
        if (w->scores > 1)
            continue;
        char low[16], high[16];
        uint32_t low_size = (uint32_t)snprintf(low, sizeof low, "%x", (unsigned)pick(w, 100000));
        uint32_t high_size = (uint32_t)snprintf(high, sizeof high, "%x", (unsigned)pick(w, 100000));
        if (w->size && pick(w, 2)) {
            const SkipElement *e = w->model[pick(w, w->size)];
            memcpy(low, e->member, low_size = e->size);
        }
        r.min = skip_bound_member(low, low_size, pick(w, 2));
        r.max = skip_bound_member(high, high_size, pick(w, 2));
        if (pick(w, 6) == 0)
            r.min = skip_bound_end(pick(w, 5) == 0);
        if (pick(w, 6) == 0)
            r.max = skip_bound_end(pick(w, 5) != 0);
        if (pick(w, 9) == 0)
            r.max = skip_bound_member(NULL, 0, pick(w, 2));
        CHECK(range_agrees(w, &r));
    }
    for (int i = 0; i < 40 && w->size; i++) {
        size_t at = pick(w, w->size);
        SkipPos pos;
        CHECK(skiplist_at(w->list, at, &pos) && skiplist_get(pos) == w->model[at]);
        CHECK(skiplist_rank(w->list, w->model[at]) == at);
    }
    SkipPos pos;
    CHECK(!skiplist_at(w->list, w->size, &pos) && !skiplist_get(pos));
}

typedef struct Dropped {
    World *world;
    size_t next;
    bool in_order;
} Dropped;

static void drop_counted(void *ctx, SkipElement *element) {
    Dropped *d = ctx;
    d->in_order = d->in_order && d->world->model[d->next] == element;
    d->next++;
    skip_element_free(d->world->heap, element);
}

static void remove_range(World *w, size_t start, size_t end) {
    Dropped d = {w, start, true};
    size_t stop = end < w->size ? end : w->size, n = start < stop ? stop - start : 0;
    CHECK(skiplist_remove_range_by_rank(w->list, start, end, drop_counted, &d) == n);
    CHECK(d.in_order && d.next == start + n);
    model_take(w, start < stop ? start : 0, n);
}

static void pop(World *w, bool first) {
    SkipElement *e = first ? skiplist_pop_first(w->list) : skiplist_pop_last(w->list);
    CHECK(e == w->model[first ? 0 : w->size - 1]);
    model_take(w, first ? 0 : w->size - 1, 1);
    skip_element_free(w->heap, e);
}

static void random_step(World *w, bool growing) {
    uint64_t what = pick(w, 100);
    if (what < (growing ? 60u : 25u) || !w->size)
        CHECK(add_random(w));
    else if (what < 75)
        CHECK(update_random(w, random_score(w)));
    else if (what < 85 && w->scores > 1)
        CHECK(update_random(w, w->model[pick(w, w->size)]->score + 1));
    else if (what < 94)
        remove_random(w, what & 1);
    else if (what < 96)
        pop(w, what & 1);
    else if (!growing && what == 99) {
        size_t start = pick(w, w->size);
        remove_range(w, start, start + pick(w, w->size / 4 + 2));
    }
}

static void test_random(int scores) {
    for (uint64_t seed = 1; seed <= 6; seed++) {
        World *w = world_new(seed, scores);
        for (int step = 0; step < 12000; step++) {
            random_step(w, step % 6000 < 4500);
            if (step % 97 == 0)
                CHECK(same(w));
            if (step % 997 == 0)
                check_ranges(w);
        }
        CHECK(same(w));
        while (w->size)
            pop(w, pick(w, 2));
        CHECK(same(w));
        CHECK(skiplist_pop_first(w->list) == NULL && skiplist_pop_last(w->list) == NULL);
        world_free(w);
    }
}

/* Steps that change nothing but the order inside one node, and neighbours. */
static void test_small_updates(void) {
    World *w = world_new(5, 1000000);
    while (w->size < 3000)
        add_random(w);
    for (int i = 0; i < 20000; i++) {
        size_t at = pick(w, w->size);
        size_t near = at + pick(w, 9) < 4 ? 0 : at + pick(w, 9) - 4;
        if (near >= w->size)
            near = w->size - 1;
        double score = (w->model[at]->score + w->model[near]->score) / 2;
        if (isnan(score))
            score = 0;
        SkipElement *e = w->model[at];
        size_t to = model_find(w, score, e->member, e->size);
        if (to < w->size && w->model[to] != e && order(score, e->member, e->size, w->model[to]) == 0)
            continue;
        CHECK(skiplist_update(w->list, e, score));
        model_take(w, at, 1);
        model_put(w, e);
        if (i % 200 == 0)
            CHECK(same(w));
    }
    CHECK(same(w));
    world_free(w);
}

static void test_append(void) {
    World *w = world_new(3, 1000000);
    for (int i = 0; i < 5000; i++) {
        SkipElement *e = skip_element_new(w->heap, 1.7e9 + i * 0.25, "m", 1);
        CHECK(skiplist_append(w->list, e));
        w->model[w->size++] = e;
    }
    CHECK(same(w));
    CHECK((double)skiplist_memory(w->list) / (double)w->size < 10.5); /* whole nodes */
    SkipElement *e = skip_element_new(w->heap, -1, "late", 4); /* not above: still in its place */
    CHECK(skiplist_append(w->list, e));
    model_put(w, e);
    CHECK(same(w));
    world_free(w);
    w = world_new(4, 1);
    for (int i = 5000; i > 0; i--) { /* descending */
        e = skip_element_new(w->heap, i * 1e-3, "m", 1);
        CHECK(skiplist_insert(w->list, e));
        model_put(w, e);
    }
    CHECK(same(w));
    world_free(w);
}

static void test_fill_of_random_input(void) {
    World *w = world_new(9, 1000000);
    while (w->size < 5900)
        add_random(w);
    CHECK((double)skiplist_memory(w->list) / (double)w->size < 12.5);
    while (w->size > 100)
        remove_random(w, false);
    CHECK(same(w));
    CHECK((double)skiplist_memory(w->list) / (double)w->size < 48); /* sparse nodes were merged */
    world_free(w);
}

static void test_ranges_removed(void) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        World *w = world_new(seed, 100000);
        while (w->size < 1500)
            add_random(w);
        for (int i = 0; i < 6 && w->size; i++) {
            size_t start = pick(w, w->size);
            remove_range(w, start, start + pick(w, 300));
            CHECK(same(w));
        }
        remove_range(w, 0, 0);
        remove_range(w, w->size + 1, w->size + 5);
        remove_range(w, 1, w->size - 1);
        CHECK(same(w));
        remove_range(w, 0, UINT64_MAX);
        CHECK(same(w));
        CHECK(add_random(w) && same(w));
        world_free(w);
    }
}

/* Without memory each call says so and leaves everything as it was. */
static void test_no_memory(void) {
    World *w = world_new(11, 100000);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
        double score = random_score(w);
        if (i % 3) {
            char member[16];
            uint32_t size = (uint32_t)snprintf(member, sizeof member, "n%d", i);
            SkipElement *e = skip_element_new(w->heap, score, member, size);
            heap_fail_at(w->heap, 1);
            bool done = skiplist_insert(w->list, e);
            heap_fail_at(w->heap, 0);
            if (!done) {
                refused++;
                CHECK(same(w));
                CHECK(skiplist_insert(w->list, e));
            }
            model_put(w, e);
        } else if (w->size) {
            heap_fail_at(w->heap, 1);
            bool done = update_random(w, score);
            heap_fail_at(w->heap, 0);
            if (!done) {
                refused++;
                CHECK(same(w));
            }
        }
    }
    CHECK(refused > 20);
    CHECK(same(w));
    heap_fail_at(w->heap, 1);
    while (w->size > 10)
        remove_random(w, false); /* removal needs no memory */
    CHECK(same(w));
    CHECK(skip_element_new(w->heap, 1, "x", 1) == NULL);
    CHECK(skiplist_new(w->heap, 1) == NULL);
    heap_fail_at(w->heap, 0);
    world_free(w);
}

static void test_zeros_and_keys(void) {
    World *w = world_new(1, 1);
    SkipElement *minus = skip_element_new(w->heap, -0.0, "b", 1),
                *plus = skip_element_new(w->heap, 0.0, "a", 1);
    CHECK(skiplist_insert(w->list, minus) && skiplist_insert(w->list, plus));
    CHECK(skiplist_rank(w->list, plus) == 0 && skiplist_rank(w->list, minus) == 1);
    CHECK(skiplist_update(w->list, minus, 0.0) && !signbit(minus->score));
    size_t size;
    CHECK(memcmp(skip_element_key(plus, &size), "a", 1) == 0 && size == 1);
    CHECK(skip_element_size(16) == 28);
    SkipRange r = {skip_bound_score(-0.0, false), skip_bound_score(0.0, false)};
    CHECK(skiplist_count_range(w->list, &r) == 2);
    r.min.open = true;
    CHECK(skiplist_count_range(w->list, &r) == 0);
    world_free(w);
}

static void test_free_in_slices(void) {
    World *w = world_new(2, 1000);
    while (w->size < 4000)
        add_random(w);
    Dropped d = {w, 0, true};
    int slices = 1;
    while (!skiplist_free_some(w->list, 100, drop_counted, &d))
        slices++;
    CHECK(slices > 15 && d.next == 4000 && d.in_order);
    CHECK(heap_used(w->heap) == 0);
    w->list = skiplist_new(w->heap, 2);
    w->size = 0;
    CHECK(same(w));
    world_free(w);
}

int main(void) {
    test_zeros_and_keys();
    test_random(1);
    test_random(5);
    test_random(300);
    test_random(1 << 30);
    test_small_updates();
    test_append();
    test_fill_of_random_input();
    test_ranges_removed();
    test_no_memory();
    test_free_in_slices();
    printf("test_skiplist: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
