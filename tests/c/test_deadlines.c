/* Deadlines: after every random change the heap is in order, every thing knows its place, and the first and the number
 * of due ones are those of a plain array; memory comes and goes with the things; a refused allocation changes nothing. */
#include "deadlines.h"

#include "packed.h"

enum { MOST = 3000 };

typedef struct {
    int64_t at;
    uint32_t place; /* DEADLINES_NOWHERE: not in the heap */
} Thing;

static Heap *heap;
static Thing things[MOST];
static Deadlines deadlines;

static void moved(void *item, uint32_t place) { ((Thing *)item)->place = place; }

static void clear(void) {
    deadlines_clear(&deadlines, heap);
    for (size_t i = 0; i < MOST; i++)
        things[i].place = DEADLINES_NOWHERE;
    CHECK(heap_used(heap) == 0 && deadlines.count == 0 && !deadlines_any_due(&deadlines, INT64_MAX));
}

static void add(Thing *t, int64_t at) {
    t->at = at;
    CHECK(deadlines_reserve(&deadlines, heap));
    deadlines_add(&deadlines, at, t, moved);
}

static void drop(Thing *t) {
    deadlines_remove(&deadlines, heap, t->place, moved);
    t->place = DEADLINES_NOWHERE;
}

static void compare(int64_t now) {
    size_t count = 0, due = 0;
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < MOST; i++) {
        const Thing *t = &things[i];
        if (t->place == DEADLINES_NOWHERE)
            continue;
        CHECK(t->place < deadlines.count && deadlines.heap[t->place].item == t);
        CHECK(deadlines.heap[t->place].at == t->at);
        count++;
        due += t->at <= now;
        if (t->at < first)
            first = t->at;
    }
    CHECK(deadlines_check(&deadlines) && deadlines.count == count);
    CHECK(count == 0 || deadlines.heap->at == first);
    CHECK(deadlines_due(&deadlines, now) == due && deadlines_any_due(&deadlines, now) == (due > 0));
    CHECK(deadlines_memory(&deadlines) == heap_used(heap));
}

/* Few moments, so that many are equal; or many. */
static void random_changes(uint64_t moments) {
    clear();
    for (int step = 0; step < 20000; step++) {
        Thing *t = &things[below(step < 10000 ? 50 : MOST)];
        int64_t at = (int64_t)below(moments) - 3;
        if (t->place == DEADLINES_NOWHERE)
            add(t, at);
        else if (below(2))
            drop(t);
        else
            deadlines_change(&deadlines, t->place, t->at = at, moved);
        if (step % 50 == 0)
            compare((int64_t)below(moments));
    }
}

static void test_random_changes(void) {
    random_changes(5);
    random_changes(1000000);
}

static void test_in_order(void) {
    clear();
    for (size_t i = 0; i < MOST; i++)
        add(&things[i], (int64_t)below(1000));
    int64_t before = -1;
    while (deadlines.count) {
        Thing *t = deadlines.heap->item;
        CHECK(t->at >= before);
        before = t->at;
        drop(t);
    }
    CHECK(heap_used(heap) == 0);
}

static void test_extremes(void) {
    clear();
    add(&things[0], INT64_MAX);
    CHECK(!deadlines_any_due(&deadlines, INT64_MAX - 1) && deadlines_any_due(&deadlines, INT64_MAX));
    add(&things[1], INT64_MIN);
    CHECK(deadlines.heap->item == &things[1] && deadlines_due(&deadlines, 0) == 1);
    compare(0);
}

/* No more than 20 bytes for each, and given back as they go. */
static void test_memory(void) {
    clear();
    for (size_t i = 0; i < MOST; i++) {
        add(&things[i], (int64_t)i);
        CHECK(i < 100 || deadlines_memory(&deadlines) <= 23 * (i + 1));
    }
    for (size_t i = MOST; i-- > 1;)
        drop(&things[i]);
    CHECK(deadlines_memory(&deadlines) <= 16 * sizeof(Deadline));
    compare(0);
}

static void test_refused_memory(void) {
    clear();
    for (size_t i = 0; i < 100; i++)
        add(&things[i], (int64_t)(i * 7 % 100));
    heap_fail_at(heap, 1);
    size_t n = 100;
    while (deadlines_reserve(&deadlines, heap)) {
        deadlines_add(&deadlines, 0, &things[n], moved);
        things[n++].at = 0;
    }
    CHECK(deadlines.count == n);
    for (size_t i = 1; i < n; i++)
        drop(&things[i]); /* to shrink is refused, too */
    heap_fail_at(heap, 0);
    compare(50);
    clear();
}

int main(void) {
    heap = heap_open();
    RUN(test_random_changes);
    RUN(test_in_order);
    RUN(test_extremes);
    RUN(test_memory);
    RUN(test_refused_memory);
    heap_close(heap);
    return finish("test_deadlines");
}
