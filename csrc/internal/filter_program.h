/* filter_program: what a compiled filter is, for the compiler and for who runs it. */
#ifndef CYDIS_FILTER_PROGRAM_H
#define CYDIS_FILTER_PROGRAM_H

#include "vectors/filter.h"

typedef enum {
    FILTER_VALUE, /* no operator: pushes `value` */
    FILTER_FIELD, /* pushes the field named by value.text */
    FILTER_NOT,
    FILTER_POWER,
    FILTER_TIMES,
    FILTER_DIVIDE,
    FILTER_REST,
    FILTER_PLUS,
    FILTER_MINUS,
    FILTER_LESS,
    FILTER_LESS_EQUAL,
    FILTER_GREATER,
    FILTER_GREATER_EQUAL,
    FILTER_EQUAL,
    FILTER_NOT_EQUAL,
    FILTER_IN,
    FILTER_AND,
    FILTER_OR,
    FILTER_OPEN, /* parentheses exist only while compiling */
    FILTER_CLOSE,
} FilterCode;

/* A list of the expression: items[first], ... of the filter. Its value has text NULL and kind JSON_ARRAY. */
typedef struct {
    FilterCode code;
    uint32_t first, count;
    JsonValue value;
} FilterStep;

struct Filter {
    Heap *heap;
    FilterStep *steps;
    FilterStep *items;  /* of all lists, one after the other */
    FilterStep *stack;  /* of a run */
    size_t steps_size, steps_room;
    size_t items_size, items_room;
    size_t depth;       /* deepest the stack gets */
};

#endif
