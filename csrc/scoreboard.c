/* scoreboard: see scoreboard.h.
 *
 *   places   | 3 | 0 | 1 | 0 | 0 | 2 | ...      uint32: 1 + index of an item; linear probing, half full
 *   items    | score member hash size | ...     32 bytes each, in the order they came
 *
 * The table holds indexes and not items, so that it is small against the caches and items stay in the order in
 * which their sources gave them. That order is worth keeping: sources are sorted sets, so what came is a few
 * ascending runs, disturbed where scores were added up. The sort is a top-down merge sort that leaves halves
 * alone which are in order already (as in Sedgewick, Algorithms, 2.2), so that it is linear on such runs.
 *
 * A dropped item keeps its place in the table, for others were put behind it.
 *
 * Invariants: places have at most half as many items; mask + 1 is a power of two; indexes fit 32 bits.
 */
#include "scoreboard.h"

#include <math.h>
#include <string.h>

enum {
    FIRST_PLACES = 16,
    INSERTION = 12, /* items sorted by insertion */
    CHUNK = 170,    /* members kept in one chunk of digits */
};

struct ScoreDigits {
    ScoreDigits *next;
    char bytes[CHUNK * SCOREBOARD_INT];
};

void scoreboard_open(Scoreboard *board, Heap *heap) {
    board->heap = heap;
    board->items = board->home;
    board->count = 0;
    board->room = SCOREBOARD_HOME;
    board->places = NULL;
    board->mask = 0;
    board->digits = NULL;
    board->digits_used = 0;
}

static void free_places(Scoreboard *board) {
    if (board->places && board->places != board->home_places)
        heap_free(board->heap, board->places, (board->mask + 1) * sizeof *board->places);
    board->places = NULL;
}

void scoreboard_close(Scoreboard *board) {
    free_places(board);
    if (board->items != board->home)
        heap_free(board->heap, board->items, board->room * sizeof *board->items);
    for (ScoreDigits *next, *chunk = board->digits; chunk; chunk = next) {
        next = chunk->next;
        heap_free(board->heap, chunk, sizeof *chunk);
    }
}

static bool grow_items(Scoreboard *board, size_t room) {
    bool at_home = board->items == board->home;
    ScoreItem *items =
        at_home ? heap_alloc(board->heap, room * sizeof *items)
                : heap_realloc(board->heap, board->items, board->room * sizeof *items, room * sizeof *items);
    if (!items)
        return false;
    if (at_home)
        memcpy(items, board->home, board->count * sizeof *items);
    board->items = items;
    board->room = room;
    return true;
}

static void put(uint32_t *places, size_t mask, uint64_t hash, size_t index) {
    size_t place = hash & mask;
    while (places[place])
        place = (place + 1) & mask;
    places[place] = (uint32_t)index + 1;
}

/* A table for so many items, at least those there, with these in it. */
static bool grow_places(Scoreboard *board, size_t count) {
    size_t size = FIRST_PLACES;
    uint32_t *places = board->home_places;
    while (size < 2 * count)
        size *= 2;
    if (size > SCOREBOARD_PLACES && !(places = heap_alloc(board->heap, size * sizeof *places)))
        return false;
    memset(places, 0, size * sizeof *places);
    for (size_t i = 0; i < board->count; i++)
        put(places, size - 1, board->items[i].hash, i);
    free_places(board);
    board->places = places;
    board->mask = size - 1;
    return true;
}

bool scoreboard_expect(Scoreboard *board, size_t count) {
    if (count >= UINT32_MAX || (count > board->room && !grow_items(board, count)))
        return false;
    if (board->places && 2 * count <= board->mask + 1)
        return true;
    return grow_places(board, count > board->count ? count : board->count);
}

char *scoreboard_keep_int(Scoreboard *board) {
    size_t used = board->digits_used;
    if (used < SCOREBOARD_INTS) {
        board->digits_used++;
        return board->home_digits + used * SCOREBOARD_INT;
    }
    used = (used - SCOREBOARD_INTS) % CHUNK;
    if (used == 0) {
        ScoreDigits *chunk = heap_alloc(board->heap, sizeof *chunk);
        if (!chunk)
            return NULL;
        chunk->next = board->digits;
        board->digits = chunk;
    }
    board->digits_used++;
    return board->digits->bytes + used * SCOREBOARD_INT;
}

bool scoreboard_push(Scoreboard *board, const ScoreItem *item, bool known) {
    size_t index = board->count;
    if (index == board->room && (index >= UINT32_MAX / 2 || !grow_items(board, 2 * index)))
        return false;
    if (known && (!board->places || 2 * index > board->mask) && !grow_places(board, index + 1))
        return false;
    board->items[index] = *item;
    board->count++;
    if (known)
        put(board->places, board->mask, item->hash, index);
    return true;
}

ScoreItem *scoreboard_find(const Scoreboard *board, uint64_t hash, const uint8_t *member, uint32_t size) {
    if (!board->places)
        return NULL;
    for (size_t place = hash & board->mask; board->places[place]; place = (place + 1) & board->mask) {
        ScoreItem *item = &board->items[board->places[place] - 1];
        if (item->hash == hash && item->size == size && memcmp(item->member, member, size) == 0)
            return item;
    }
    return NULL;
}

/* ---- order ---- */

static inline bool before(const ScoreItem *a, const ScoreItem *b) {
    if (a->score != b->score)
        return a->score < b->score;
    int order = memcmp(a->member, b->member, a->size < b->size ? a->size : b->size);
    return order ? order < 0 : a->size < b->size;
}

static void sort_by_insertion(ScoreItem *items, size_t count) {
    for (size_t i = 1; i < count; i++) {
        ScoreItem item = items[i];
        size_t at = i;
        for (; at && before(&item, &items[at - 1]); at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

/* `scratch` has room for half of the items, rounded down. */
static void sort(ScoreItem *items, size_t count, ScoreItem *scratch) {
    if (count <= INSERTION) {
        sort_by_insertion(items, count);
        return;
    }
    size_t half = count / 2, left = 0, right = half, to = 0;
    sort(items, half, scratch);
    sort(items + half, count - half, scratch);
    if (!before(&items[half], &items[half - 1]))
        return;
    while (left < half && !before(&items[half], &items[left])) /* these stay where they are */
        left++;
    to = left;
    memcpy(scratch, items + left, (half - left) * sizeof *items);
    const ScoreItem *kept = scratch, *end = scratch + (half - left);
    while (kept < end && right < count)
        items[to++] = before(&items[right], kept) ? items[right++] : *kept++;
    memcpy(items + to, kept, (size_t)(end - kept) * sizeof *items);
}

bool scoreboard_sort(Scoreboard *board) {
    size_t kept = 0;
    bool sorted = true;
    free_places(board);
    for (size_t i = 0; i < board->count; i++) {
        if (isnan(board->items[i].score))
            continue;
        if (kept != i)
            board->items[kept] = board->items[i];
        sorted = sorted && (!kept || !before(&board->items[kept], &board->items[kept - 1]));
        kept++;
    }
    board->count = kept;
    if (sorted)
        return true;
    ScoreItem home[SCOREBOARD_HOME / 2], *scratch = home;
    size_t bytes = kept / 2 * sizeof *scratch;
    if (bytes > sizeof home && !(scratch = heap_alloc(board->heap, bytes)))
        return false;
    sort(board->items, kept, scratch);
    if (scratch != home)
        heap_free(board->heap, scratch, bytes);
    return true;
}
