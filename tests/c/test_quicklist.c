/* quicklist against an array of texts, for several fills; bulk removal; refused allocations. */
#include "packed.h"
#include "quicklist.h"

static Heap *heap;

static void expect(const Quicklist *list, const Model *m) {
    CHECK(quicklist_check(list));
    CHECK(quicklist_count(list) == m->n);
    QuicklistPlace at = quicklist_first(list), back = quicklist_last(list);
    ListpackValue value;
    for (size_t i = 0; i < m->n; i++) {
        CHECK(quicklist_step(list, &at, &value) && shows(&value, m->at[i]));
        CHECK(quicklist_step_back(list, &back, &value) && shows(&value, m->at[m->n - 1 - i]));
    }
    CHECK(!quicklist_step(list, &at, &value) && !quicklist_step_back(list, &back, &value));
}

static void expect_indexes(const Quicklist *list, const Model *m) {
    int64_t n = (int64_t)m->n;
    CHECK(!quicklist_index(list, n).offset && !quicklist_index(list, -n - 1).offset);
    for (int64_t i = -n; i < n; i++) {
        ListpackValue value = quicklist_get(list, quicklist_index(list, i));
        CHECK(shows(&value, m->at[i < 0 ? i + n : i]));
    }
}

static void expect_place(const Quicklist *list, const Model *m, QuicklistPlace at, size_t i) {
    if (i >= m->n) {
        CHECK(!at.offset);
        return;
    }
    QuicklistPlace right = quicklist_index(list, (int64_t)i);
    CHECK(at.chunk == right.chunk && at.offset == right.offset);
}

static Text text_for(int fill) { return random_text(below(20) ? 40 : fill == -1 ? 6000 : 20000); }

static void random_removal(Quicklist *list, Model *m) {
    size_t i = below(m->n), n = 1;
    QuicklistPlace at = quicklist_index(list, (int64_t)i);
    switch (below(6)) {
    case 0:
        CHECK(quicklist_drop_head(heap, list));
        i = 0;
        break;
    case 1:
        CHECK(quicklist_drop_tail(heap, list));
        i = m->n - 1;
        break;
    case 2:
    case 3: {
        bool back = below(2);
        CHECK(quicklist_delete(heap, list, &at, back));
        model_delete(m, i, 1);
        expect_place(list, m, at, back ? i - 1 : i);
        return;
    }
    default:
        n = below(below(8) ? 10 : m->n + 10);
        CHECK(quicklist_delete_range(heap, list, i, n));
        n = n < m->n - i ? n : m->n - i;
    }
    model_delete(m, i, n);
}

static void random_insertion(Quicklist *list, Model *m, Text t) {
    ListpackValue value = as_value(t);
    size_t i = m->n ? below(m->n) : 0;
    QuicklistPlace at = quicklist_index(list, (int64_t)i);
    switch (m->n ? below(5) : below(2)) {
    case 0:
        CHECK(quicklist_push_head(heap, list, &value));
        at = quicklist_first(list);
        i = 0;
        break;
    case 1:
        CHECK(quicklist_push_tail(heap, list, &value));
        at = quicklist_last(list);
        i = m->n;
        break;
    case 2:
        CHECK(quicklist_insert_before(heap, list, &at, &value));
        break;
    case 3:
        CHECK(quicklist_insert_after(heap, list, &at, &value));
        i++;
        break;
    default:
        CHECK(quicklist_replace(heap, list, &at, &value));
        model_delete(m, i, 1);
    }
    model_insert(m, i, t);
    expect_place(list, m, at, i);
}

static void test_random_changes(void) {
    static const int fills[] = {-1, -2, 1, 2, 5, 100};
    for (int f = 0; f < 6; f++) {
        Model m = {0};
        Quicklist *list = quicklist_new(heap, fills[f]);
        for (int i = 0; i < 3000; i++) {
            bool grows = (i / 500) % 2 == 0 ? below(8) : below(3) == 0;
            if (m.n == 0 || grows)
                random_insertion(list, &m, text_for(fills[f]));
            else
                random_removal(list, &m);
            CHECK(heap_used(heap) == quicklist_memory(list));
            CHECK(quicklist_check(list) && quicklist_count(list) == m.n);
            if (i % 8 == 0)
                expect(list, &m);
            if (i % 64 == 0)
                expect_indexes(list, &m);
        }
        Quicklist *copy = quicklist_copy(heap, list);
        quicklist_free(heap, list);
        expect(copy, &m);
        quicklist_free(heap, copy);
        model_close(&m);
        CHECK(heap_used(heap) == 0);
    }
}

/* Removing while iterating, forwards and backwards, with holes left and closed on the way. */
static void test_removal_while_iterating(void) {
    for (int round = 0; round < 60; round++) {
        bool back = round & 1;
        Model m = {0};
        Quicklist *list = quicklist_new(heap, round % 3 ? 1 + round % 5 : -1);
        for (size_t n = 0; n < 400; n++) {
            Text t = random_text(900);
            ListpackValue value = as_value(t);
            CHECK(quicklist_push_tail(heap, list, &value));
            model_insert(&m, n, t);
        }
        QuicklistPlace at = back ? quicklist_last(list) : quicklist_first(list);
        uint64_t keep = below(6);
        for (size_t i = back ? m.n - 1 : 0, left = 400; left; left--) {
            ListpackValue value = quicklist_get(list, at);
            CHECK(shows(&value, m.at[i]));
            if (below(6) < keep) {
                CHECK(back ? quicklist_step_back(list, &at, &value) : quicklist_step(list, &at, &value));
                i += back ? -(size_t)1 : 1;
            } else {
                CHECK(quicklist_delete(heap, list, &at, back));
                model_delete(&m, i, 1);
                i -= back;
            }
            CHECK(quicklist_check(list));
        }
        CHECK(!at.offset);
        expect(list, &m);
        while (!quicklist_free_some(heap, list, 7))
            ;
        CHECK(heap_used(heap) == 0);
        model_close(&m);
    }
}

static void test_listpack_and_back(void) {
    uint8_t *lp = listpack_new(heap);
    ListpackValue one = listpack_number(1);
    CHECK(listpack_append(heap, &lp, &one));
    Quicklist *list = quicklist_from_listpack(heap, lp, -2);
    CHECK(quicklist_only_listpack(list) == lp && quicklist_check(list));
    char large[9000];
    memset(large, 'x', sizeof large);
    ListpackValue plain = listpack_text(large, sizeof large);
    CHECK(quicklist_push_tail(heap, list, &plain) && quicklist_chunks(list) == 2);
    CHECK(!quicklist_only_listpack(list) && !quicklist_to_listpack(heap, list));
    CHECK(quicklist_drop_head(heap, list));
    CHECK(!quicklist_to_listpack(heap, list)); /* the one chunk is plain */
    CHECK(quicklist_push_head(heap, list, &one) && quicklist_drop_tail(heap, list));
    lp = quicklist_to_listpack(heap, list);
    CHECK(lp && listpack_count(lp) == 1 && heap_used(heap) == listpack_memory(lp));
    uint32_t at = listpack_first(lp);
    CHECK(listpack_delete(heap, &lp, &at));
    list = quicklist_from_listpack(heap, lp, -2); /* an empty one leaves no chunk */
    CHECK(quicklist_count(list) == 0 && quicklist_check(list) && !quicklist_only_listpack(list));
    CHECK(!quicklist_first(list).offset && !quicklist_last(list).offset && !quicklist_index(list, 0).offset);
    quicklist_free(heap, list);
}

static void test_limits(void) {
    for (int fill = -1; fill >= -5; fill--) {
        size_t most = (size_t)2048 << -fill;
        CHECK(!quicklist_exceeds(fill, most, 5000) && quicklist_exceeds(fill, most + 1, 1));
    }
    CHECK(!quicklist_exceeds(3, 8192, 3) && quicklist_exceeds(3, 8193, 3) && quicklist_exceeds(3, 10, 4));
    CHECK(quicklist_exceeds(0, 10, 2) && !quicklist_exceeds(0, 10, 1) && quicklist_exceeds(-9, 65537, 1));
}

/* A long list is cheap: bytes beside the elements, and slots to read for an index. */
static void test_memory(void) {
    Quicklist *list = quicklist_new(heap, -2);
    for (int i = 0; i < 200000; i++) {
        ListpackValue value = listpack_text("hello world", 11);
        CHECK(i & 1 ? quicklist_push_head(heap, list, &value) : quicklist_push_tail(heap, list, &value));
    }
    CHECK(quicklist_memory(list) < 200000 * 14 && quicklist_chunks(list) < 200000 * 13 / 8000);
    quicklist_free(heap, list);
}

typedef enum { HEAD, TAIL, BEFORE, AFTER, REPLACE, DELETE, RANGE, COPY, DROP, KINDS } Kind;

static bool change(Kind kind, Quicklist *list, QuicklistPlace *at, size_t i, const ListpackValue *value) {
    switch (kind) {
    case HEAD:
        return quicklist_push_head(heap, list, value);
    case TAIL:
        return quicklist_push_tail(heap, list, value);
    case BEFORE:
        return quicklist_insert_before(heap, list, at, value);
    case AFTER:
        return quicklist_insert_after(heap, list, at, value);
    case REPLACE:
        return quicklist_replace(heap, list, at, value);
    case DELETE:
        return quicklist_delete(heap, list, at, i & 1);
    case RANGE:
        return quicklist_delete_range(heap, list, i, 9);
    case DROP:
        return quicklist_drop_head(heap, list);
    default: {
        Quicklist *copy = quicklist_copy(heap, list);
        quicklist_free(heap, copy);
        return copy != NULL;
    }
    }
}

static void apply(Kind kind, Model *m, size_t i, Text t) {
    size_t n = kind == RANGE ? 9 : 1;
    if (kind == REPLACE || kind == DELETE || kind == RANGE)
        model_delete(m, i, n < m->n - i ? n : m->n - i);
    if (kind == DROP)
        model_delete(m, 0, 1);
    if (kind <= REPLACE)
        model_insert(m, kind == HEAD ? 0 : kind == TAIL ? m->n : kind == AFTER ? i + 1 : i, t);
    else
        free(t.text);
}

/* Every change with each of its allocations refused in turn: the elements stay, and so does the place. */
static void test_refused_allocations(void) {
    int refusals[KINDS] = {0};
    for (int round = 0; round < 300; round++) {
        Model m = {0};
        Quicklist *list = quicklist_new(heap, round % 2 ? -1 : 3);
        for (size_t n = 10 + below(40); n > 0; n--) {
            Text t = random_text(below(8) ? 700 : 5000);
            ListpackValue value = as_value(t);
            CHECK(quicklist_push_tail(heap, list, &value));
            model_insert(&m, m.n, t);
        }
        Kind kind = (Kind)(round % KINDS);
        Text t = random_text(below(2) ? 700 : 5000);
        ListpackValue value = as_value(t);
        size_t i = below(m.n);
        QuicklistPlace at = quicklist_index(list, (int64_t)i);
        for (uint64_t nth = 1;; nth++) {
            heap_fail_at(heap, nth);
            bool done = change(kind, list, &at, i, &value);
            heap_fail_at(heap, 0);
            if (done)
                break;
            refusals[kind]++;
            expect(list, &m);
            expect_place(list, &m, at, i);
            CHECK(heap_used(heap) == quicklist_memory(list));
        }
        apply(kind, &m, i, t);
        expect(list, &m);
        CHECK(heap_used(heap) == quicklist_memory(list));
        quicklist_free(heap, list);
        CHECK(heap_used(heap) == 0);
        model_close(&m);
    }
    for (int kind = 0; kind < KINDS; kind++)
        CHECK(refusals[kind] > 0);
}

int main(void) {
    heap = heap_open();
    RUN(test_limits);
    RUN(test_random_changes);
    RUN(test_removal_while_iterating);
    RUN(test_listpack_and_back);
    RUN(test_memory);
    RUN(test_refused_allocations);
    CHECK(heap_used(heap) == 0 && heap_check(heap));
    heap_close(heap);
    return finish("test_quicklist");
}
