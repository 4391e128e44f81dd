/* filter: from an expression to a program.
 *
 * Tokens go to the program as they come, operators by way of a stack: one leaves it when another comes that is
 * not tighter, a closing parenthesis, or the end. `count` is how many values the program has left on its stack
 * so far, and says at once where an operator lacks one.
 */
#include "internal/filter_program.h"

#include "number.h"

#include <string.h>

enum { NUMBER_MAX = 256, OPERATORS_FIRST = 32 };

typedef struct {
    const char *word;
    uint8_t size, code, tight, takes;
    bool right; /* groups from the right */
} Operator;

static const Operator OPERATORS[] = {
    {"not", 3, FILTER_NOT, 7, 1, false},
    {"!", 1, FILTER_NOT, 7, 1, false},
    {"**", 2, FILTER_POWER, 6, 2, true},
    {"*", 1, FILTER_TIMES, 5, 2, false},
    {"/", 1, FILTER_DIVIDE, 5, 2, false},
    {"%", 1, FILTER_REST, 5, 2, false},
    {"+", 1, FILTER_PLUS, 4, 2, false},
    {"-", 1, FILTER_MINUS, 4, 2, false},
    {"<=", 2, FILTER_LESS_EQUAL, 3, 2, false},
    {"<", 1, FILTER_LESS, 3, 2, false},
    {">=", 2, FILTER_GREATER_EQUAL, 3, 2, false},
    {">", 1, FILTER_GREATER, 3, 2, false},
    {"==", 2, FILTER_EQUAL, 3, 2, false},
    {"!=", 2, FILTER_NOT_EQUAL, 3, 2, false},
    {"in", 2, FILTER_IN, 3, 2, false},
    {"and", 3, FILTER_AND, 2, 2, false},
    {"&&", 2, FILTER_AND, 2, 2, false},
    {"or", 2, FILTER_OR, 1, 2, false},
    {"||", 2, FILTER_OR, 1, 2, false},
    {"(", 1, FILTER_OPEN, 0, 0, false},
    {")", 1, FILTER_CLOSE, 0, 0, false},
};

enum { OPERATOR_COUNT = sizeof OPERATORS / sizeof *OPERATORS };

typedef struct {
    Filter *filter;
    const char *p, *end;
    const Operator **waiting; /* the stack of operators */
    size_t waiting_size, waiting_room;
    size_t count;             /* values that the program leaves */
    bool after_value;         /* the last token ends a value: a minus is an operator */
} Compiler;

/* ---- growing ---- */

/* One more element of an array of elements of this size; NULL: no memory. */
static void *one_more(Heap *heap, void **array, size_t *used, size_t *room, size_t size) {
    if (*used == *room) {
        size_t more = *room ? 2 * *room : 8;
        void *grown = heap_realloc(heap, *array, *room * size, more * size);
        if (grown == NULL)
            return NULL;
        *array = grown;
        *room = more;
    }
    return (char *)*array + size * (*used)++;
}

static FilterResult add_step(Compiler *c, FilterStep step) {
    Filter *f = c->filter;
    FilterStep *to = one_more(f->heap, (void **)&f->steps, &f->steps_size, &f->steps_room, sizeof step);
    if (to == NULL)
        return FILTER_NO_MEMORY;
    *to = step;
    return FILTER_OK;
}

static FilterResult add_value(Compiler *c, FilterStep step) {
    c->after_value = true;
    if (++c->count > c->filter->depth)
        c->filter->depth = c->count;
    return add_step(c, step);
}

/* ---- tokens; each begins at c->p and leaves it behind what it has read, also if that was bad ---- */

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool in_name(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }
static bool in_operator(char c) { return is_letter(c) || (c != 0 && strchr("+-*%/!()<>=|&", c)); }

static void skip_spaces(Compiler *c) {
    while (c->p < c->end && is_space(*c->p))
        c->p++;
}

static bool read_number(Compiler *c, JsonValue *value) {
    const char *start = c->p;
    long double wide;
    if (c->p < c->end && *c->p == '-')
        c->p++;
    while (c->p < c->end && (is_digit(*c->p) || *c->p == '.' || *c->p == 'e' || *c->p == 'E'))
        c->p++;
    size_t size = (size_t)(c->p - start);
    *value = (JsonValue){.kind = JSON_NUMBER};
    if (size > NUMBER_MAX)
        return false;
    if (number_parse_double(start, size, &value->number))
        return true;
    if (!number_parse_long_double(start, size, &wide))
        return false;
    value->number = (double)wide; /* out of range: infinite, or zero */
    return true;
}

static bool read_text(Compiler *c, JsonValue *value) {
    char quote = *c->p++;
    const char *start = c->p;
    while (c->p < c->end && *c->p != quote)
        c->p += *c->p == '\\' && c->p + 1 < c->end ? 2 : 1;
    if (c->p >= c->end) {
        c->p = c->end;
        return false;
    }
    *value = (JsonValue){.kind = JSON_TEXT, .text = (const uint8_t *)start, .size = (size_t)(c->p - start)};
    c->p++;
    return true;
}

static FilterResult read_item(Compiler *c) {
    Filter *f = c->filter;
    JsonValue value;
    bool good = false;
    if (*c->p == '"' || *c->p == '\'')
        good = read_text(c, &value);
    else if (is_digit(*c->p) || *c->p == '-')
        good = read_number(c, &value);
    if (!good)
        return FILTER_BAD;
    FilterStep *item = one_more(f->heap, (void **)&f->items, &f->items_size, &f->items_room, sizeof *item);
    if (item == NULL)
        return FILTER_NO_MEMORY;
    *item = (FilterStep){.code = FILTER_VALUE, .value = value};
    return FILTER_OK;
}

static FilterResult read_list(Compiler *c) {
    Filter *f = c->filter;
    size_t first = f->items_size;
    c->p++;
    for (;;) {
        skip_spaces(c);
        if (c->p == c->end)
            return FILTER_BAD;
        if (*c->p == ']')
            break;
        FilterResult result = read_item(c);
        if (result != FILTER_OK)
            return result;
        skip_spaces(c);
        if (c->p == c->end || (*c->p != ',' && *c->p != ']'))
            return FILTER_BAD;
        if (*c->p == ',')
            c->p++;
    }
    c->p++;
    return add_value(c, (FilterStep){.code = FILTER_VALUE,
                                     .first = (uint32_t)first,
                                     .count = (uint32_t)(f->items_size - first),
                                     .value = {.kind = JSON_ARRAY}});
}

static FilterResult read_field(Compiler *c) {
    const char *name = c->p + 1, *p = name;
    while (p < c->end && in_name(*p))
        p++;
    if (p == name && p < c->end)
        return FILTER_BAD;
    c->p = p;
    return add_value(c, (FilterStep){.code = FILTER_FIELD,
                                     .value = {.text = (const uint8_t *)name, .size = (size_t)(p - name)}});
}

/* ---- operators ---- */

static const Operator *longest_operator(const char *p, size_t size) {
    const Operator *best = NULL;
    for (unsigned i = 0; i < OPERATOR_COUNT; i++) {
        const Operator *o = &OPERATORS[i];
        if (o->size <= size && memcmp(p, o->word, o->size) == 0 && (best == NULL || o->size > best->size))
            best = o;
    }
    return best;
}

/* An operator leaves the stack for the program. */
static FilterResult emit(Compiler *c, const Operator *o, size_t *error) {
    *error = 0;
    if (c->count < o->takes)
        return FILTER_BAD;
    c->count -= o->takes - 1u;
    return add_step(c, (FilterStep){.code = (FilterCode)o->code});
}

static FilterResult close_parenthesis(Compiler *c, size_t *error) {
    c->after_value = true;
    while (c->waiting_size > 0) {
        const Operator *o = c->waiting[--c->waiting_size];
        if (o->code == FILTER_OPEN)
            return FILTER_OK;
        FilterResult result = emit(c, o, error);
        if (result != FILTER_OK)
            return result;
    }
    *error = 0;
    return FILTER_BAD;
}

static FilterResult put_operator(Compiler *c, const Operator *o, size_t *error) {
    if (o->code == FILTER_CLOSE)
        return close_parenthesis(c, error);
    c->after_value = false;
    while (o->code != FILTER_OPEN && c->waiting_size > 0) {
        const Operator *top = c->waiting[c->waiting_size - 1];
        if (top->code == FILTER_OPEN || top->tight < o->tight || (top->tight == o->tight && o->right))
            break;
        c->waiting_size--;
        FilterResult result = emit(c, top, error);
        if (result != FILTER_OK)
            return result;
    }
    const Operator **to =
        one_more(c->filter->heap, (void **)&c->waiting, &c->waiting_size, &c->waiting_room, sizeof o);
    if (to == NULL)
        return FILTER_NO_MEMORY;
    *to = o;
    return FILTER_OK;
}

/* ---- the whole ---- */

static FilterResult read_token(Compiler *c, const char *text, size_t *error) {
    FilterResult result = FILTER_BAD;
    JsonValue value;
    char first = *c->p;
    bool signed_number = first == '-' && !c->after_value && c->p + 1 < c->end && is_digit(c->p[1]);
    if (is_digit(first) || signed_number) {
        if (read_number(c, &value))
            result = add_value(c, (FilterStep){.code = FILTER_VALUE, .value = value});
    } else if (first == '"' || first == '\'') {
        if (read_text(c, &value))
            result = add_value(c, (FilterStep){.code = FILTER_VALUE, .value = value});
    } else if (first == '.') {
        result = read_field(c);
    } else if (first == '[') {
        result = read_list(c);
    } else {
        const Operator *o = longest_operator(c->p, (size_t)(c->end - c->p));
        if (o) {
            c->p += o->size;
            return put_operator(c, o, error);
        }
        const char *word = c->p;
        while (c->p < c->end && in_operator(*c->p))
            c->p++;
        if (c->p - word == 4 && memcmp(word, "null", 4) == 0) /* the reference knows the word, and drops it */
            result = FILTER_OK;
    }
    *error = c->p < c->end ? (size_t)(c->p - text) : 0;
    return result;
}

static FilterResult compile(Compiler *c, const char *text, size_t *error) {
    FilterResult result = FILTER_OK;
    for (skip_spaces(c); c->p < c->end; skip_spaces(c)) {
        result = read_token(c, text, error);
        if (result != FILTER_OK)
            return result;
    }
    *error = 0;
    while (c->waiting_size > 0) {
        const Operator *o = c->waiting[--c->waiting_size];
        result = o->code == FILTER_OPEN ? FILTER_BAD : emit(c, o, error);
        if (result != FILTER_OK)
            return result;
    }
    return c->count == 1 ? FILTER_OK : FILTER_BAD;
}

FilterResult filter_compile(Heap *heap, const char *text, size_t size, Filter **filter, size_t *error) {
    Filter *f = heap_alloc(heap, sizeof *f);
    if (f == NULL)
        return FILTER_NO_MEMORY;
    *f = (Filter){.heap = heap};
    Compiler c = {.filter = f, .p = text, .end = text + size};
    FilterResult result = compile(&c, text, error);
    heap_free(heap, (void *)c.waiting, c.waiting_room * sizeof *c.waiting);
    if (result == FILTER_OK && (f->stack = heap_alloc(heap, f->depth * sizeof *f->stack)) == NULL)
        result = FILTER_NO_MEMORY;
    if (result == FILTER_OK)
        *filter = f;
    else
        filter_free(f);
    return result;
}

void filter_free(Filter *f) {
    heap_free(f->heap, f->steps, f->steps_room * sizeof *f->steps);
    heap_free(f->heap, f->items, f->items_room * sizeof *f->items);
    if (f->stack)
        heap_free(f->heap, f->stack, f->depth * sizeof *f->stack);
    heap_free(f->heap, f, sizeof *f);
}
