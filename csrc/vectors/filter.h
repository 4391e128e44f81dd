/* filter: an expression over the fields of a JSON object, compiled once and asked for many.
 *
 *      .year >= 1980 and .genre in ["drama", "noir"] and not (.rating < 7 or .seen)
 *
 *      .name                   a field of the object; letters, digits, _ and -. Where it is missing, or an
 *                              object, the whole expression is false. A lone dot at the end is no field
 *      12, -1.5, 2e3           a number
 *      "text", 'text'          a text; a backslash keeps the next byte from ending it, and stays
 *      [1, "a"]                a list of these two
 *
 *      tightest first          not !    **    * / %    + -    < <= > >= == != in    and && or ||
 *
 * `and` is tighter than `or`. ** groups from the right, all others from the left. Values are numbers, texts,
 * lists and nulls. Arithmetic and order take a text as the number it spells, else as 0, and so a list or null;
 * == compares two texts as bytes and everything else so, but null equals only null. True is 1, false 0; what
 * counts as true is a number but 0, a text but "", any list. `in` wants a list on its right.
 *
 * The expression becomes a program for a stack: at most one step per token, so nothing ever recurses, and the
 * time to ask is O(steps + bytes of the fields).
 *
 * After: Dijkstra's shunting yard (1961).
 */
#ifndef CYDIS_FILTER_H
#define CYDIS_FILTER_H

#include "heap.h"
#include "vectors/jsonfield.h"

typedef struct Filter Filter;

typedef enum { FILTER_OK, FILTER_BAD, FILTER_NO_MEMORY } FilterResult;

/* Compiles an expression, which must stay where it is as long as the filter. FILTER_BAD: *error is the place
 * of the first token that cannot be, or 0 where the tokens make no expression. O(size). */
FilterResult filter_compile(Heap *heap, const char *text, size_t size, Filter **filter, size_t *error);
void filter_free(Filter *filter);

/* Whether the object, given as JSON text, passes. Uses the filter's own stack: one caller at a time. */
bool filter_passes(Filter *filter, const uint8_t *json, size_t size);

#endif
