/* filter_run: a program over one object. Fields are read where they stand in the JSON text. */
#include "internal/filter_program.h"

#include "number.h"

#include <math.h>
#include <string.h>

/* ---- what values mean ---- */

enum { SPELLED_MAX = 256 }; /* longest text that is a number */

static bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* The number a text spells as a whole, behind spaces; else 0. */
static double spelled(const JsonValue *value) {
    uint8_t plain[SPELLED_MAX];
    JsonText text = json_text(value);
    size_t size = 0, first = 0;
    double number;
    long double wide;
    if (value->size > 6 * SPELLED_MAX) /* no escape is longer than six bytes */
        return 0;
    for (int c; (c = value->escaped ? json_byte(&text) : text.at < text.end ? *text.at++ : -1) >= 0;) {
        if (size == SPELLED_MAX)
            return 0;
        plain[size++] = (uint8_t)c;
    }
    while (first < size && is_space(plain[first]))
        first++;
    if (number_parse_double(plain + first, size - first, &number))
        return number;
    return number_parse_long_double(plain + first, size - first, &wide) ? (double)wide : 0;
}

static double as_number(const JsonValue *value) {
    if (value->kind == JSON_NUMBER)
        return value->number;
    return value->kind == JSON_TEXT ? spelled(value) : 0;
}

static bool as_truth(const JsonValue *value) {
    if (value->kind == JSON_NUMBER)
        return value->number != 0;
    return value->kind == JSON_ARRAY || (value->kind == JSON_TEXT && value->size > 0);
}

static bool same_text(const JsonValue *a, const JsonValue *b) {
    if (!a->escaped && !b->escaped)
        return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
    JsonText left = json_text(a), right = json_text(b);
    for (;;) {
        int x = a->escaped ? json_byte(&left) : left.at < left.end ? *left.at++ : -1;
        int y = b->escaped ? json_byte(&right) : right.at < right.end ? *right.at++ : -1;
        if (x != y)
            return false;
        if (x < 0)
            return true;
    }
}

static bool same(const JsonValue *a, const JsonValue *b) {
    if (a->kind == JSON_TEXT && b->kind == JSON_TEXT)
        return same_text(a, b);
    if (a->kind == JSON_NULL || b->kind == JSON_NULL)
        return a->kind == b->kind;
    return as_number(a) == as_number(b);
}

static bool is_in(const Filter *f, const JsonValue *value, const FilterStep *list) {
    if (list->value.kind != JSON_ARRAY)
        return false;
    if (list->value.text) {
        JsonValue element;
        for (size_t at = 0; json_element(&list->value, &at, &element);)
            if (same(value, &element))
                return true;
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++)
        if (same(value, &f->items[list->first + i].value))
            return true;
    return false;
}

static double apply(const Filter *f, FilterCode code, const FilterStep *left, const FilterStep *right) {
    const JsonValue *a = &left->value, *b = &right->value;
    switch (code) {
    case FILTER_NOT:
        return !as_truth(b);
    case FILTER_POWER:
        return pow(as_number(a), as_number(b));
    case FILTER_TIMES:
        return as_number(a) * as_number(b);
    case FILTER_DIVIDE:
        return as_number(a) / as_number(b);
    case FILTER_REST:
        return fmod(as_number(a), as_number(b));
    case FILTER_PLUS:
        return as_number(a) + as_number(b);
    case FILTER_MINUS:
        return as_number(a) - as_number(b);
    case FILTER_LESS:
        return as_number(a) < as_number(b);
    case FILTER_LESS_EQUAL:
        return as_number(a) <= as_number(b);
    case FILTER_GREATER:
        return as_number(a) > as_number(b);
    case FILTER_GREATER_EQUAL:
        return as_number(a) >= as_number(b);
    case FILTER_EQUAL:
        return same(a, b);
    case FILTER_NOT_EQUAL:
        return !same(a, b);
    case FILTER_IN:
        return is_in(f, a, right);
    case FILTER_AND:
        return as_truth(a) && as_truth(b);
    case FILTER_OR:
        return as_truth(a) || as_truth(b);
    default:
        return 0;
    }
}

bool filter_passes(Filter *f, const uint8_t *json, size_t size) {
    FilterStep *top = f->stack; /* behind the last value */
    for (size_t i = 0; i < f->steps_size; i++) {
        const FilterStep *step = &f->steps[i];
        if (step->code == FILTER_VALUE) {
            *top++ = *step;
        } else if (step->code == FILTER_FIELD) {
            if (step->value.size == 0
                || !json_field(json, size, step->value.text, step->value.size, &top->value))
                return false;
            top++;
        } else {
            FilterStep *left = step->code == FILTER_NOT ? top - 1 : top - 2;
            double result = apply(f, step->code, left, top - 1);
            left->value = (JsonValue){.kind = JSON_NUMBER, .number = result};
            top = left + 1;
        }
    }
    return as_truth(&f->stack[0].value);
}
