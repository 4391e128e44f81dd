/* The scoreboard: members are found whatever came before, the order is that of qsort, refused memory changes
 * nothing. */
#include "scoreboard.h"

#include <math.h>

#include "hash.h"
#include "packed.h"

#define MANY 3000

static Heap *heap;
static const uint64_t seed[2] = {1, 2};
static char names[MANY][12];

static ScoreItem item_of(unsigned i, double score) {
    uint32_t size = (uint32_t)strlen(names[i]);
    return (ScoreItem){score, (const uint8_t *)names[i], hash_bytes(seed, names[i], size), size};
}

static int order(const void *left, const void *right) {
    const ScoreItem *a = left, *b = right;
    if (a->score != b->score)
        return a->score < b->score ? -1 : 1;
    int c = memcmp(a->member, b->member, a->size < b->size ? a->size : b->size);
    return c ? c : (a->size > b->size) - (a->size < b->size);
}

static void test_finding(void) {
    static const unsigned counts[] = {0, 1, 8, 9, 48, 49, 64, 65, 1000, MANY};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (int expected = 0; expected < 2; expected++) {
            Scoreboard board;
            scoreboard_open(&board, heap);
            if (expected)
                CHECK(scoreboard_expect(&board, counts[c]));
            for (unsigned i = 0; i < counts[c]; i++) {
                ScoreItem item = item_of(i, i);
                CHECK(!scoreboard_find(&board, item.hash, item.member, item.size));
                CHECK(scoreboard_push(&board, &item, true));
            }
            CHECK(board.count == counts[c]);
            for (unsigned i = 0; i < MANY; i++) {
                ScoreItem item = item_of(i, 0),
                          *found = scoreboard_find(&board, item.hash, item.member, item.size);
                CHECK(i < counts[c] ? found && found->score == i : !found);
            }
            scoreboard_close(&board);
            CHECK(heap_used(heap) == 0);
        }
}

static void test_a_table_for_what_was_pushed_without(void) {
    Scoreboard board;
    scoreboard_open(&board, heap);
    for (unsigned i = 0; i < 100; i++) {
        ScoreItem item = item_of(i, i);
        CHECK(scoreboard_push(&board, &item, false));
    }
    CHECK(!scoreboard_find(&board, board.items[5].hash, board.items[5].member, board.items[5].size));
    CHECK(scoreboard_expect(&board, 1));
    for (unsigned i = 0; i < 100; i++)
        CHECK(scoreboard_find(&board, board.items[i].hash, board.items[i].member, board.items[i].size)
              == &board.items[i]);
    scoreboard_close(&board);
}

/* kinds: 0 random, 1 few scores, 2 ascending, 3 descending, 4 two runs, 5 infinities and zeros */
static double score_of(int kind, unsigned i, unsigned count, uint64_t *chance) {
    static const double odd[] = {-INFINITY, -0.0, 0.0, INFINITY};
    *chance = *chance * UINT64_C(6364136223846793005) + 1442695040888963407;
    switch (kind) {
    case 0:
        return (double)(*chance >> 20);
    case 1:
        return (double)(*chance >> 62);
    case 2:
        return i;
    case 3:
        return -(double)i;
    case 4:
        return i % (count / 2 + 1);
    default:
        return odd[*chance >> 62];
    }
}

static void test_order(void) {
    static ScoreItem model[MANY];
    static const unsigned counts[] = {0, 1, 2, 12, 13, 25, 48, 49, 200, MANY};
    uint64_t chance = 7;
    for (int kind = 0; kind < 6; kind++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            Scoreboard board;
            unsigned kept = 0;
            scoreboard_open(&board, heap);
            for (unsigned i = 0; i < counts[c]; i++) {
                ScoreItem item = item_of((i * 7919) % MANY, score_of(kind, i, counts[c], &chance));
                if (i % 10 == 3)
                    item.score = NAN;
                else
                    model[kept++] = item;
                CHECK(scoreboard_push(&board, &item, kind % 2));
            }
            qsort(model, kept, sizeof *model, order);
            CHECK(scoreboard_sort(&board));
            CHECK(board.count == kept);
            for (unsigned i = 0; i < kept; i++)
                CHECK(board.items[i].member == model[i].member);
            scoreboard_close(&board);
            CHECK(heap_used(heap) == 0);
        }
}

static void test_digits(void) {
    Scoreboard board;
    char *kept[1000];
    scoreboard_open(&board, heap);
    for (int i = 0; i < 1000; i++) {
        kept[i] = scoreboard_keep_int(&board);
        CHECK(kept[i]);
        memset(kept[i], 'a' + i % 26, SCOREBOARD_INT);
    }
    for (int i = 0; i < 1000; i++)
        CHECK(kept[i][0] == 'a' + i % 26 && kept[i][SCOREBOARD_INT - 1] == 'a' + i % 26);
    scoreboard_close(&board);
    CHECK(heap_used(heap) == 0);
}

static void test_refused_memory(void) {
    for (uint64_t nth = 1; nth < 40; nth++) {
        Scoreboard board;
        unsigned done = 0;
        scoreboard_open(&board, heap);
        heap_fail_at(heap, nth);
        for (; done < MANY; done++) {
            ScoreItem item = item_of(done, -(double)done);
            if (!scoreboard_push(&board, &item, true) || !scoreboard_keep_int(&board))
                break;
        }
        heap_fail_at(heap, 0);
        CHECK(board.count == done || board.count == done + 1);
        for (unsigned i = 0; i < board.count; i++)
            CHECK(scoreboard_find(&board, board.items[i].hash, board.items[i].member, board.items[i].size));
        heap_fail_at(heap, 1);
        CHECK(!scoreboard_expect(&board, 2 * MANY));
        CHECK(scoreboard_sort(&board) == (board.count <= SCOREBOARD_HOME));
        heap_fail_at(heap, 0);
        CHECK(scoreboard_sort(&board));
        scoreboard_close(&board);
        CHECK(heap_used(heap) == 0);
    }
}

int main(void) {
    heap = heap_open();
    for (unsigned i = 0; i < MANY; i++)
        snprintf(names[i], sizeof names[i], i % 3 ? "m%u" : "%u", i);
    RUN(test_finding);
    RUN(test_a_table_for_what_was_pushed_without);
    RUN(test_order);
    RUN(test_digits);
    RUN(test_refused_memory);
    heap_close(heap);
    return finish("test_scoreboard");
}
