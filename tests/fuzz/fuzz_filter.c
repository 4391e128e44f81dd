/* filter: expressions and JSON, well made and then damaged; whole trees are judged by their own values. */
#include "fuzzing.h"
#include "vectors/filter.h"

#include <math.h>

enum { ROOM = 2000 };

typedef struct {
    char text[ROOM];
    size_t size;
} Text;

static Heap *heap;

static void put(Text *t, const char *word) {
    size_t n = strlen(word);
    if (t->size + n < ROOM) {
        memcpy(t->text + t->size, word, n);
        t->size += n;
    }
}

/* ---- trees of which the value is known: whole numbers, every operator in parentheses ---- */

static double tree(Text *t, int depth) {
    static const char *words[] = {
        "+", "-", "*", "<", "<=", ">", ">=", "==", "!=", "and", "or", "&&", "||", "%"};
    char number[16];
    if (depth == 0 || fuzz_one_in(4)) {
        int n = (int)fuzz_below(7);
        snprintf(number, sizeof number, fuzz_one_in(3) ? ".n%d" : fuzz_one_in(3) ? "\"%d\"" : "%d", n);
        put(t, number);
        return n;
    }
    put(t, "(");
    if (fuzz_one_in(6)) {
        put(t, fuzz_one_in(2) ? "!" : "not ");
        double a = tree(t, depth - 1);
        put(t, ")");
        return a == 0;
    }
    double a = tree(t, depth - 1);
    size_t which = fuzz_below(sizeof words / sizeof *words);
    put(t, " ");
    put(t, words[which]);
    put(t, " ");
    double b = tree(t, depth - 1);
    put(t, ")");
    switch (which) {
    case 0:
        return a + b;
    case 1:
        return a - b;
    case 2:
        return a * b;
    case 3:
        return a < b;
    case 4:
        return a <= b;
    case 5:
        return a > b;
    case 6:
        return a >= b;
    case 7:
        return a == b;
    case 8:
        return a != b;
    case 9:
    case 11:
        return a != 0 && b != 0;
    case 10:
    case 12:
        return a != 0 || b != 0;
    default:
        return fmod(a, b);
    }
}

static void judged(void) {
    static const char json[] = "{\"n0\":0,\"o\":{\"n1\":9},\"n1\":1,\"n2\":2.0,\"l\":[[],\"]\"],\"n3\":3e0,"
                               "\"n4\":4,\"n5\":\"5\",\"n6\" : 6}";
    Text text = {.size = 0};
    Filter *filter;
    size_t error;
    put(&text, "0 + ("); /* a text alone is true even if it spells 0: here all are numbers */
    double value = tree(&text, 5);
    put(&text, ")");
    if (text.size >= ROOM - 64)
        return;
    char *exact = (char *)fuzz_block(text.text, text.size);
    FUZZ_CHECK(filter_compile(heap, exact, text.size, &filter, &error) == FILTER_OK);
    bool passes = filter_passes(filter, (const uint8_t *)json, sizeof json - 1);
    /* Where texts meet `and`, `or`, `not` or `==`, they are not what they spell; such trees are only run. */
    if (memchr(exact, '"', text.size) == NULL && strstr(text.text, ".n5") == NULL)
        FUZZ_CHECK(passes == (value != 0));
    filter_free(filter);
    free(exact);
}

/* ---- anything ---- */

static void random_expression(Text *t) {
    static const char *words[] = {
        "(",  ")",  "[",    "]",    ",",   ".a", ".b-c",      ".",     "\"x\"", "'y\\'z'",
        "\"", "'",  "1",    "-2.5", "1e3", "in", "not",       "!",     "and",   "or",
        "==", "!=", "<",    ">=",   "**",  "*",  "%",         "/",     "+",     "-",
        "&&", "||", "null", "foo",  " ",   "=",  "[1,\"x\"]", ".list", ".deep", ".text",
    };
    for (uint64_t n = 1 + fuzz_small(30); n; n--) {
        put(t, words[fuzz_below(sizeof words / sizeof *words)]);
        if (fuzz_one_in(2))
            put(t, " ");
    }
}

static void random_json(Text *t, int depth) {
    static const char *leaves[] = {
        "1",    "-2.5e3", "true", "false", "null", "\"x\"", "\"\\u00e9\\ud83d\\ude00\\n\\\"\"",
        "\"\"", "tru",    "+7",   "1e999"};
    static const char *names[] = {"a", "b-c", "list", "deep", "text", "x"};
    uint64_t kind = depth ? fuzz_below(4) : 3;
    if (kind >= 2) {
        put(t, leaves[fuzz_below(sizeof leaves / sizeof *leaves)]);
        return;
    }
    put(t, kind ? "{" : "[");
    for (uint64_t n = fuzz_below(5); n; n--) {
        if (kind) {
            put(t, "\"");
            put(t, names[fuzz_below(sizeof names / sizeof *names)]);
            put(t, "\": ");
        }
        random_json(t, depth - 1);
        if (n > 1)
            put(t, ",");
    }
    put(t, kind ? "}" : "]");
}

static void anything(void) {
    Text expression = {.size = 0}, json = {.size = 0};
    Filter *filter;
    size_t error = 0;
    random_expression(&expression);
    put(&json, "{\"a\":1,\"list\":");
    random_json(&json, 4);
    put(&json, ",\"text\":");
    random_json(&json, 0);
    put(&json, ",\"deep\":");
    random_json(&json, 4);
    put(&json, "}");
    size_t n = fuzz_mutate((uint8_t *)expression.text, expression.size, ROOM, 6);
    size_t m = fuzz_mutate((uint8_t *)json.text, json.size, ROOM, 4);
    char *text = (char *)fuzz_block(expression.text, n);
    uint8_t *object = fuzz_block(json.text, m);
    FilterResult result = filter_compile(heap, text, n, &filter, &error);
    FUZZ_CHECK(result != FILTER_NO_MEMORY);
    if (result == FILTER_OK) {
        FUZZ_CHECK(filter_passes(filter, object, m) == filter_passes(filter, object, m));
        filter_free(filter);
    } else {
        FUZZ_CHECK(error == 0 || error < n);
    }
    free(text);
    free(object);
}

static void one_input(void) {
    if (heap == NULL)
        heap = heap_open();
    if (fuzz_one_in(3))
        judged();
    else
        anything();
    FUZZ_CHECK(heap_used(heap) == 0);
}

int main(int argc, char **argv) {
    int result = fuzz(argc, argv, "fuzz_filter", one_input);
    if (heap)
        heap_close(heap);
    return result;
}
