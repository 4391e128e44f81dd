/* sort against an insertion sort of the same items: numbers, texts, parts of the places, patterns that quicksorts
 * fear. */
#include "sort.h"
#include "packed.h"

enum { MOST = 3000 };

static SortItem items[MOST], model[MOST];
static char texts[MOST][24];

static int compare(const SortItem *a, const SortItem *b, bool by_text) {
    char digits_a[24], digits_b[24];
    const char *text_a = (const char *)a->text, *text_b = (const char *)b->text;
    size_t size_a = (size_t)a->number, size_b = (size_t)b->number;
    if (!by_text && a->key.number != b->key.number)
        return a->key.number < b->key.number ? -1 : 1;
    if (!text_a) {
        size_a = (size_t)snprintf(digits_a, sizeof digits_a, "%lld", (long long)a->number);
        text_a = digits_a;
    }
    if (!text_b) {
        size_b = (size_t)snprintf(digits_b, sizeof digits_b, "%lld", (long long)b->number);
        text_b = digits_b;
    }
    int order = memcmp(text_a, text_b, size_a < size_b ? size_a : size_b);
    if (order || size_a != size_b)
        return order ? order : size_a < size_b ? -1 : 1;
    return a->tie < b->tie ? -1 : a->tie > b->tie;
}

static int compare_numbers(const void *a, const void *b) { return compare(a, b, false); }
static int compare_texts(const void *a, const void *b) { return compare(a, b, true); }

/* The places asked for hold what a whole sort puts there; what lies before is no greater, behind no less. */
static void expect(size_t n, size_t first, size_t end, bool by_text) {
    memcpy(model, items, n * sizeof *items);
    qsort(model, n, sizeof *model, by_text ? compare_texts : compare_numbers);
    sort_items(items, n, first, end, by_text);
    for (size_t i = first; i < end; i++)
        CHECK(compare(&items[i], &model[i], by_text) == 0);
    if (first == end)
        return;
    for (size_t i = 0; i < first; i++)
        CHECK(compare(&items[i], &model[first], by_text) <= 0);
    for (size_t i = end; i < n; i++)
        CHECK(compare(&items[i], &model[end - 1], by_text) >= 0);
}

static void expect_parts(size_t n, bool by_text) {
    size_t first = below(n + 1), end = first + below(n - first + 1);
    expect(n, 0, n, by_text);
    expect(n, first, end, by_text);
    expect(n, 0, n < 10 ? n : 10, by_text);
    expect(n, n < 10 ? 0 : n - 10, n, by_text);
    expect(n, first, first, by_text);
}

static void set_number(size_t i, double number) {
    items[i] = (SortItem){{.number = number}, NULL, (int64_t)number, 0};
}

static void test_numbers(void) {
    for (int round = 0; round < 300; round++) {
        size_t n = below(round < 100 ? 40 : 600);
        uint64_t range = 1 + below(round % 3 ? 20 : 1000000);
        for (size_t i = 0; i < n; i++)
            set_number(i, (double)(int64_t)below(range) - (double)(range / 2));
        expect_parts(n, false);
    }
}

static void test_equal_numbers_go_by_their_texts(void) {
    static const char *spelled[] = {"1", "1.0", "01", "+1", "1e0", "-0", "0", "0.0"};
    size_t n = 200;
    for (size_t i = 0; i < n; i++) {
        const char *text = spelled[below(8)];
        items[i] =
            (SortItem){{.number = strtod(text, NULL)}, (const uint8_t *)text, (int64_t)strlen(text), 0};
    }
    expect_parts(n, false);
}

static void set_text(size_t i, size_t size, unsigned letters) {
    for (size_t k = 0; k < size; k++)
        texts[i][k] = (char)(below(letters) * (255 / letters));
    items[i] =
        (SortItem){{.prefix = sort_prefix(texts[i], size)}, (uint8_t *)texts[i], (int64_t)size, below(3)};
}

static void test_texts(void) {
    for (int round = 0; round < 200; round++) {
        size_t n = below(500);
        for (size_t i = 0; i < n; i++)
            set_text(i, below(24), round % 2 ? 2 : 255);
        expect_parts(n, true);
    }
}

static void test_texts_and_numbers_together(void) {
    size_t n = 400;
    for (size_t i = 0; i < n; i++) {
        int64_t number = (int64_t)chance() >> below(60);
        char digits[24];
        size_t size = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)number);
        set_text(i, below(6), 3);
        if (below(2))
            items[i] = (SortItem){{.prefix = sort_prefix(digits, size)}, NULL, number, 0};
    }
    expect_parts(n, true);
}

/* Sorted, reversed, all equal, saw-toothed, organ-piped: every one of them in few steps. */
static void test_what_quicksorts_fear(void) {
    for (int kind = 0; kind < 5; kind++) {
        size_t n = MOST;
        for (size_t i = 0; i < n; i++)
            set_number(i, kind == 0   ? (double)i
                          : kind == 1 ? (double)(n - i)
                          : kind == 2 ? 7
                          : kind == 3 ? (double)(i % 17)
                                      : (double)(i < n / 2 ? i : n - i));
        expect_parts(n, false);
    }
}

static void test_prefix(void) {
    CHECK(sort_prefix("", 0) == 0);
    CHECK(sort_prefix("a", 1) == 0x6100000000000000u);
    CHECK(sort_prefix("abcdefghij", 10) == 0x6162636465666768u);
    CHECK(sort_prefix("\xff\x00", 2) == 0xff00000000000000u);
}

int main(void) {
    RUN(test_prefix);
    RUN(test_numbers);
    RUN(test_equal_numbers_go_by_their_texts);
    RUN(test_texts);
    RUN(test_texts_and_numbers_together);
    RUN(test_what_quicksorts_fear);
    return finish("sort");
}
