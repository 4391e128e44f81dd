/* skiplist: random changes, ranks, ranges and refused allocations agree with a sorted array. */
#include "fuzzing.h"
#include "skiplist.h"

#include <math.h>

enum { MOST = 500 };

static Heap *heap;
static Skiplist *list;
static SkipElement *model[MOST];
static size_t count;
static uint64_t scores; /* how many different ones there are */

static int order(double a_score, const void *a, uint32_t a_size, const SkipElement *b) {
    if (a_score != b->score)
        return a_score < b->score ? -1 : 1;
    uint32_t both = a_size < b->size ? a_size : b->size;
    int c = both ? memcmp(a, b->member, both) : 0;
    return c ? c : (a_size > b->size) - (a_size < b->size);
}

/* Where such an element stands, or would. */
static size_t place(double score, const void *member, uint32_t size) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (order(score, member, size, model[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(size_t at, double score, const void *member, uint32_t size) {
    return at < count && order(score, member, size, model[at]) == 0;
}

static void put(size_t at, SkipElement *element) {
    memmove(model + at + 1, model + at, (count++ - at) * sizeof *model);
    model[at] = element;
}

static void take(size_t at, size_t n) {
    memmove(model + at, model + at + n, (count - at - n) * sizeof *model);
    count -= n;
}

static double some_score(void) {
    static const double odd[] = {-INFINITY, INFINITY, 0.0, -0.0, 1e-310, -1e-310, 1.7e308, -1.7e308};
    if (fuzz_one_in(20))
        return odd[fuzz_below(8)];
    return (double)fuzz_below(scores) / 4 - 3;
}

static uint32_t some_member(uint8_t *member) {
    uint32_t n = (uint32_t)fuzz_small(8);
    for (uint32_t i = 0; i < n; i++)
        member[i] = (uint8_t)('a' + fuzz_below(5));
    return n;
}

static void insert(void) {
    uint8_t member[8];
    uint32_t size = some_member(member);
    double score = some_score();
    size_t at = place(score, member, size);
    if (is_at(at, score, member, size) || count == MOST)
        return;
    SkipElement *element = skip_element_new(heap, score, member, size);
    if (fuzz_one_in(16)) { /* refused, perhaps: then the list is as it was */
        heap_fail_at(heap, 1);
        bool done = skiplist_insert(list, element);
        heap_fail_at(heap, 0);
        FUZZ_CHECK(skiplist_size(list) == count + done && skiplist_check(list));
        if (!done) {
            skip_element_free(heap, element);
            return;
        }
    } else {
        FUZZ_CHECK(fuzz_one_in(2) ? skiplist_insert(list, element) : skiplist_append(list, element));
    }
    put(at, element);
    FUZZ_CHECK(skiplist_rank(list, element) == at);
}

static void move(size_t from) {
    SkipElement *element = model[from];
    double score = some_score();
    take(from, 1);
    size_t at = place(score, element->member, element->size);
    bool there = is_at(at, score, element->member, element->size); /* its equal would be a second one */
    if (!there) {
        put(from, element);
        FUZZ_CHECK(skiplist_update(list, element, score) && element->score == score);
        take(from, 1);
    }
    put(there ? from : at, element);
}

static void drop(void *ctx, SkipElement *element) {
    SkipElement ***next = ctx;
    FUZZ_CHECK(*(*next)++ == element); /* in order */
    skip_element_free(heap, element);
}

static void remove_range(void) {
    uint64_t start = fuzz_below(count + 2), end = start + fuzz_small(80);
    size_t from = start < count ? start : count, to = end < count ? end : count;
    SkipElement **next = model + from;
    FUZZ_CHECK(skiplist_remove_range_by_rank(list, start, end, drop, &next) == to - from);
    take(from, to - from);
}

static void change(void) {
    if (count == 0 || fuzz_one_in(2)) {
        insert();
        return;
    }
    size_t at = fuzz_below(count);
    SkipElement *element = model[at];
    switch (fuzz_below(6)) {
    case 0:
        FUZZ_CHECK(skiplist_remove(list, element) && !skiplist_remove(list, element));
        break;
    case 1:
        FUZZ_CHECK((element = skiplist_pop_first(list)) == model[0]);
        at = 0;
        break;
    case 2:
        FUZZ_CHECK((element = skiplist_pop_last(list)) == model[count - 1]);
        at = count - 1;
        break;
    case 3:
        if (fuzz_one_in(8))
            remove_range();
        return;
    default:
        move(at);
        return;
    }
    skip_element_free(heap, element);
    take(at, 1);
}

/* The ranks of a range of scores, counted one by one. */
static void ranges(void) {
    SkipBound ends[2];
    for (int i = 0; i < 2; i++)
        ends[i] =
            fuzz_one_in(5) ? skip_bound_end(fuzz_one_in(2)) : skip_bound_score(some_score(), fuzz_one_in(2));
    SkipRange range = {ends[0], ends[1]};
    uint64_t start, end, rank, inside = 0;
    size_t first = count, last = 0;
    for (size_t i = 0; i < count; i++)
        if (skip_range_holds(&range, model[i])) {
            first = inside++ ? first : i;
            last = i;
        }
    SkipPos pos;
    FUZZ_CHECK(skiplist_count_range(list, &range) == inside);
    FUZZ_CHECK(skiplist_range_ranks(list, &range, &start, &end) == inside && (!inside || start == first));
    FUZZ_CHECK(skiplist_first_in_range(list, &range, &pos, &rank) == (inside > 0));
    FUZZ_CHECK(!inside || (rank == first && skiplist_get(pos) == model[first]));
    FUZZ_CHECK(skiplist_last_in_range(list, &range, &pos, &rank) == (inside > 0));
    FUZZ_CHECK(!inside || (rank == last && skiplist_get(pos) == model[last]));
}

static void agrees(void) {
    SkipPos pos;
    FUZZ_CHECK(skiplist_check(list) && skiplist_size(list) == count);
    bool there = skiplist_first(list, &pos);
    for (size_t i = 0; i < count; i++, there = skiplist_next(&pos))
        FUZZ_CHECK(there && skiplist_get(pos) == model[i]);
    FUZZ_CHECK(!there);
    there = skiplist_last(list, &pos);
    for (size_t i = count; i; i--, there = skiplist_prev(&pos))
        FUZZ_CHECK(there && skiplist_get(pos) == model[i - 1]);
    FUZZ_CHECK(!there);
    if (count) {
        size_t at = fuzz_below(count);
        FUZZ_CHECK(skiplist_at(list, at, &pos) && skiplist_get(pos) == model[at]);
    }
    FUZZ_CHECK(!skiplist_at(list, count, &pos));
}

static void one_input(void) {
    scores = fuzz_one_in(2) ? 4 : 1000;
    count = 0;
    list = skiplist_new(heap, fuzz_next());
    for (uint64_t n = fuzz_one_in(16) ? 100 + fuzz_below(300) : 0; n; n--)
        insert();
    for (uint64_t n = fuzz_below(30); n; n--)
        change();
    agrees();
    ranges();
    while (!skiplist_free_some(list, 50, skip_element_drop, heap))
        ;
    FUZZ_CHECK(heap_used(heap) == 0);
}

int main(int argc, char **argv) {
    heap = heap_open();
    int result = fuzz(argc, argv, "fuzz_skiplist", one_input);
    heap_close(heap);
    return result;
}
