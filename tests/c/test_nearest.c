/* The nearest: whole orders are stable, the first k are the k smallest in order, refused memory changes nothing. */
#include "nearest.h"

#include "packed.h"

static Heap *heap;

static void fill(Nearest *list, size_t count, uint64_t distances) {
    nearest_open(list, heap);
    for (size_t i = 0; i < count; i++) {
        Near item = {(double)below(distances), 0, NULL, (int64_t)i};
        CHECK(nearest_add(list, &item));
    }
}

static void check_order(const Nearest *list, size_t count, bool farthest) {
    for (size_t i = 1; i < count; i++) {
        double before = list->items[i - 1].distance, here = list->items[i].distance;
        CHECK(farthest ? before >= here : before <= here);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void test_whole_order(void) {
    static const size_t counts[] = {0, 1, 2, 7, 31, 32, 33, 500};
    for (size_t c = 0; c < 8; c++)
        for (int farthest = 0; farthest < 2; farthest++) {
            Nearest list;
            fill(&list, counts[c], c % 2 ? 10 : 1000000);
            CHECK(nearest_order(&list, farthest) && list.count == counts[c]);
            check_order(&list, list.count, farthest);
            for (size_t i = 1; i < list.count; i++)
                CHECK(list.items[i - 1].distance != list.items[i].distance
                      || list.items[i - 1].number < list.items[i].number);
            nearest_close(&list);
            CHECK(heap_used(heap) == 0);
        }
}

static void test_first_ones(void) {
    static const size_t counts[] = {1, 2, 6, 7, 8, 40, 41, 100, 1000};
    static double sorted[1000];
    for (size_t c = 0; c < 9; c++)
        for (int round = 0; round < 40; round++) {
            bool farthest = round % 2;
            size_t k = 1 + below(counts[c]);
            Nearest list;
            fill(&list, counts[c], round % 3 ? 1000000 : 5);
            for (size_t i = 0; i < list.count; i++)
                sorted[i] = list.items[i].distance;
            qsort(sorted, list.count, sizeof *sorted, ascending);
            nearest_order_first(&list, k, farthest);
            check_order(&list, k, farthest);
            for (size_t i = 0; i < k; i++)
                CHECK(list.items[i].distance == sorted[farthest ? list.count - 1 - i : i]);
            nearest_close(&list);
        }
}

static void test_refused_memory(void) {
    Nearest list;
    fill(&list, NEAREST_HOME, 9);
    Near item = {1, 2, NULL, 3};
    heap_fail_at(heap, 1);
    CHECK(!nearest_add(&list, &item) && list.count == NEAREST_HOME && nearest_order(&list, false));
    heap_fail_at(heap, 0);
    for (int i = 0; i < 100; i++)
        CHECK(nearest_add(&list, &item));
    heap_fail_at(heap, 1);
    CHECK(!nearest_order(&list, false) && list.count == NEAREST_HOME + 100);
    heap_fail_at(heap, 0);
    CHECK(nearest_order(&list, true));
    check_order(&list, list.count, true);
    nearest_close(&list);
    CHECK(heap_used(heap) == 0);
}

int main(void) {
    heap = heap_open();
    RUN(test_whole_order);
    RUN(test_first_ones);
    RUN(test_refused_memory);
    heap_close(heap);
    return finish("test_nearest");
}
