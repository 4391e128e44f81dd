/* The skiplist's kernel beside a classic one (Pugh 1990, one element per node, spans), in ns per operation.
 *
 *   cc -O2 -Icsrc benchmarks/kernel_skiplist.c csrc/skip*.c csrc/heap.c -lpthread -o build/kernel_skiplist
 *   build/kernel_skiplist [elements [different scores]]
 *
 * Members of 16 bytes; scores uniform in 2^30 unless told otherwise; operations in random order.
 */
#include "skiplist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEIGHTS 32

typedef struct Classic {
    SkipElement *element;
    double score;
    struct Classic *back;
    struct {
        struct Classic *next;
        uint64_t span;
    } links[];
} Classic;

typedef struct Bench {
    Heap *heap;
    SkipElement **elements; /* in random order of score */
    size_t n;
    uint64_t chance, scores, sum;
    double began;
    Classic *head;
    int levels;
    size_t bytes;
} Bench;

static uint64_t pick(Bench *b, uint64_t below) {
    b->chance ^= b->chance << 13;
    b->chance ^= b->chance >> 7;
    b->chance ^= b->chance << 17;
    return (b->chance >> 11) % below;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void begin(Bench *b) { b->began = now(); }

static void report(Bench *b, const char *what, size_t operations, double bytes) {
    printf("%-24s %8.1f ns", what, (now() - b->began) / (double)operations);
    if (bytes > 0)
        printf("  %6.2f bytes per element", bytes);
    printf("\n");
}

static bool below(const Classic *node, const SkipElement *e) {
    return node->score != e->score ? node->score < e->score
                                   : memcmp(node->element->member, e->member, 16) < 0;
}

static Classic *classic_new(Bench *b, int height, SkipElement *e) {
    size_t size = sizeof(Classic) + (size_t)height * 16;
    Classic *node = heap_alloc(b->heap, size);
    memset(node, 0, size);
    node->element = e;
    node->score = e ? e->score : 0;
    b->bytes += heap_good_size(size);
    return node;
}

static void classic_insert(Bench *b, SkipElement *e) {
    Classic *path[HEIGHTS], *at = b->head;
    uint64_t ranks[HEIGHTS], rank = 0;
    int height = 1;
    while (height < HEIGHTS && pick(b, 4) == 0)
        height++;
    while (b->levels < height)
        b->levels++;
    for (int i = b->levels; i-- > 0;) {
        for (Classic *next; (next = at->links[i].next) && below(next, e); at = next)
            rank += at->links[i].span;
        path[i] = at;
        ranks[i] = rank;
    }
    Classic *node = classic_new(b, height, e);
    for (int i = 0; i < b->levels; i++) {
        if (i >= height) {
            path[i]->links[i].span++;
            continue;
        }
        node->links[i].next = path[i]->links[i].next;
        node->links[i].span = path[i]->links[i].span - (rank - ranks[i]);
        path[i]->links[i].next = node;
        path[i]->links[i].span = rank - ranks[i] + 1;
    }
}

static uint64_t classic_rank(const Bench *b, const SkipElement *e) {
    const Classic *at = b->head;
    uint64_t rank = 0;
    for (int i = b->levels; i-- > 0;)
        for (const Classic *next; (next = at->links[i].next) && below(next, e); at = next)
            rank += at->links[i].span;
    return rank;
}

static const Classic *classic_from(const Bench *b, double min) {
    const Classic *at = b->head;
    for (int i = b->levels; i-- > 0;)
        while (at->links[i].next && at->links[i].next->score < min)
            at = at->links[i].next;
    return at->links[0].next;
}

static void run_classic(Bench *b) {
    b->head = classic_new(b, HEIGHTS, NULL);
    begin(b);
    for (size_t i = 0; i < b->n; i++)
        classic_insert(b, b->elements[i]);
    report(b, "classic insert", b->n, (double)b->bytes / (double)b->n);
    begin(b);
    for (size_t i = 0; i < b->n; i++)
        b->sum += classic_rank(b, b->elements[pick(b, b->n)]);
    report(b, "classic rank", b->n, 0);
    begin(b);
    for (size_t i = 0; i < b->n; i++) {
        const Classic *first = classic_from(b, (double)pick(b, b->scores));
        b->sum += first ? first->element->size : 0;
    }
    report(b, "classic range start", b->n, 0);
}

static void run_reads(Bench *b, Skiplist *list) {
    SkipPos pos;
    begin(b);
    for (size_t i = 0; i < b->n; i++)
        b->sum += skiplist_rank(list, b->elements[pick(b, b->n)]);
    report(b, "rank", b->n, 0);
    begin(b);
    for (size_t i = 0; i < b->n; i++)
        b->sum += skiplist_at(list, pick(b, b->n), &pos);
    report(b, "at", b->n, 0);
    begin(b);
    for (size_t i = 0; i < b->n; i++) {
        SkipRange range = {skip_bound_score((double)pick(b, b->scores), false), skip_bound_end(true)};
        b->sum += skiplist_first_in_range(list, &range, &pos, NULL);
    }
    report(b, "range start", b->n, 0);
    begin(b);
    for (bool more = skiplist_first(list, &pos); more; more = skiplist_next(&pos))
        b->sum += skiplist_get(pos)->size;
    report(b, "next, reading", b->n, 0);
}

static void run_changes(Bench *b, Skiplist *list) {
    begin(b);
    for (size_t i = 0; i < b->n; i++) {
        SkipElement *e = b->elements[pick(b, b->n)];
        skiplist_update(list, e, e->score + 1);
    }
    report(b, "update by 1", b->n, 0);
    begin(b);
    for (size_t i = 0; i < b->n; i++)
        skiplist_update(list, b->elements[pick(b, b->n)], (double)pick(b, b->scores));
    report(b, "update anywhere", b->n, (double)skiplist_memory(list) / (double)b->n);
    begin(b);
    for (size_t i = 0; i < b->n / 2; i++)
        skiplist_remove(list, b->elements[i]);
    report(b, "remove half", b->n / 2, (double)skiplist_memory(list) * 2 / (double)b->n);
    begin(b);
    uint64_t gone = skiplist_remove_range_by_rank(list, b->n / 8, b->n / 4, NULL, NULL);
    report(b, "remove a range", gone, 0);
}

int main(int argc, char **argv) {
    Bench b = {.heap = heap_open(), .chance = 88172645463325252u, .n = 1000000, .scores = 1u << 30};
    if (argc > 1)
        b.n = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        b.scores = strtoull(argv[2], NULL, 10);
    b.elements = malloc(b.n * sizeof *b.elements);
    for (size_t i = 0; i < b.n; i++) {
        char member[32];
        snprintf(member, sizeof member, "member:%09u", (unsigned)(i * 2654435761u % 1000000007u));
        b.elements[i] = skip_element_new(b.heap, (double)pick(&b, b.scores), member, 16);
    }
    run_classic(&b);
    Skiplist *list = skiplist_new(b.heap, 7);
    begin(&b);
    for (size_t i = 0; i < b.n; i++)
        skiplist_insert(list, b.elements[i]);
    report(&b, "insert", b.n, (double)skiplist_memory(list) / (double)b.n);
    run_reads(&b, list);
    run_changes(&b, list);
    printf("checked: %s (%llu)\n", skiplist_check(list) ? "whole" : "broken", (unsigned long long)b.sum);
    free(b.elements);
    heap_close(b.heap);
    return 0;
}
