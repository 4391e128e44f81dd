/* scoreboard: gathers scores of members, each member once, and puts them in order of (score, member).
 *
 * What unions, intersections and differences of sorted sets are made with before there is a set: an array
 * of items in the order they came, an open hash table of their places, and a sort that is linear for what
 * comes in order already. scoreboard.c has the reasons.
 *
 *   push, find, enter       O(1); push alone needs no table
 *   sort                    O(n log n); O(n) where the items are few ascending runs
 *
 * Conventions
 *   - a member is borrowed: its bytes stay where they are until the board is closed; scoreboard_keep_int
 *     makes room for one that has no bytes
 *   - hashes are the caller's, one function for all members of a board
 *   - scores are never NaN: an item whose score is NaN was dropped, and sort leaves it out
 *   - a board is large (some KB, for few items without an allocation) and must not be moved
 *   - false and NULL say: no memory, the board is as it was
 */
#ifndef CYDIS_SCOREBOARD_H
#define CYDIS_SCOREBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap.h"

enum {
    SCOREBOARD_HOME = 48,    /* items that need no allocation */
    SCOREBOARD_PLACES = 128, /* places of the table that need none */
    SCOREBOARD_INT = 24,     /* bytes kept for the digits of a member */
    SCOREBOARD_INTS = 16,    /* such members that need none */
};

typedef struct ScoreItem {
    double score;
    const uint8_t *member;
    uint64_t hash;
    uint32_t size; /* of member */
} ScoreItem;

typedef struct ScoreDigits ScoreDigits;

typedef struct Scoreboard {
    Heap *heap;
    ScoreItem *items; /* in the order they came, or sorted */
    size_t count, room;
    uint32_t *places; /* 1 + index of an item by hash, 0: free; NULL: no table yet */
    size_t mask;      /* places - 1 */
    ScoreDigits *digits;
    size_t digits_used;
    ScoreItem home[SCOREBOARD_HOME];
    uint32_t home_places[SCOREBOARD_PLACES];
    char home_digits[SCOREBOARD_INTS * SCOREBOARD_INT];
} Scoreboard;

/* An empty board. */
void scoreboard_open(Scoreboard *board, Heap *heap);
void scoreboard_close(Scoreboard *board);

/* Room for so many items in all, and a table for them. Only for speed: both grow by themselves. */
bool scoreboard_expect(Scoreboard *board, size_t count);

/* SCOREBOARD_INT bytes for the digits of a member, good until the board is closed. */
char *scoreboard_keep_int(Scoreboard *board);

/* Adds an item. With `known` its member can be found; without, the board must not be asked for any. */
bool scoreboard_push(Scoreboard *board, const ScoreItem *item, bool known);

/* The item of a member, also a dropped one, or NULL. */
ScoreItem *scoreboard_find(const Scoreboard *board, uint64_t hash, const uint8_t *member, uint32_t size);

/* Fetches the line where a later find begins. */
static inline __attribute__((always_inline)) void scoreboard_prefetch(const Scoreboard *board,
                                                                      uint64_t hash) {
    __builtin_prefetch(&board->places[hash & board->mask]);
}

/* Sorts the items by (score, bytes of the member), leaving out the dropped; nothing can be found after it. */
bool scoreboard_sort(Scoreboard *board);

#endif
