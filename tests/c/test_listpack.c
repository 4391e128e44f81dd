/* listpack against an array of texts; the bytes of every encoding; refused allocations; damaged bytes. */
#include "packed.h"

static Heap *heap;
static bool one_way; /* which kind the tests against the model make */

static uint8_t *fresh(void) { return one_way ? listpack_new_one_way(heap) : listpack_new(heap); }

/* Well formed; and the one-way kind, which has no bytes to check, is never taken for the published format. */
static bool whole(const uint8_t *lp) { return listpack_validate(lp, listpack_bytes(lp), true) != one_way; }

static void expect(const uint8_t *lp, const Model *m) {
    CHECK(whole(lp));
    CHECK(listpack_count(lp) == m->n);
    uint32_t at = listpack_first(lp), back = listpack_last(lp);
    for (size_t i = 0; i < m->n; i++) {
        ListpackValue value = listpack_get(lp, at), stepped;
        CHECK(shows(&value, m->at[i]));
        CHECK(value.integer == as_value(m->at[i]).integer);
        value = listpack_get(lp, back);
        CHECK(shows(&value, m->at[m->n - 1 - i]));
        uint32_t next = listpack_next(lp, at);
        CHECK(listpack_step(lp, at, &stepped) == next);
        CHECK(shows(&stepped, m->at[i]));
        at = next;
        back = listpack_prev(lp, back);
    }
    CHECK(at == LISTPACK_NONE && back == LISTPACK_NONE);
}

static void expect_seek_and_find(const uint8_t *lp, const Model *m) {
    int64_t n = (int64_t)m->n;
    CHECK(listpack_seek(lp, n) == LISTPACK_NONE && listpack_seek(lp, -n - 1) == LISTPACK_NONE);
    for (int64_t i = -n; i < n; i++) {
        ListpackValue value = listpack_get(lp, listpack_seek(lp, i));
        CHECK(shows(&value, m->at[i < 0 ? i + n : i]));
    }
    if (n == 0)
        return;
    ListpackValue needle = as_value(m->at[below(m->n)]);
    for (uint32_t skip = 0; skip < 3; skip++) {
        int64_t i = 0;
        while (i < n && !shows(&needle, m->at[i]))
            i += skip + 1;
        uint32_t at = listpack_find(lp, listpack_first(lp), &needle, skip);
        CHECK(at == (i < n ? listpack_seek(lp, i) : LISTPACK_NONE));
    }
}

static void random_removal(uint8_t **lp, Model *m, size_t i) {
    uint32_t at = listpack_seek(*lp, (int64_t)i);
    size_t n = below(2) ? 1 : below(12);
    if (n == 1)
        CHECK(listpack_delete(heap, lp, &at));
    else
        CHECK(listpack_delete_range(heap, lp, &at, (uint32_t)n));
    model_delete(m, i, n < m->n - i ? n : m->n - i);
    CHECK(at == (i < m->n ? listpack_seek(*lp, (int64_t)i) : LISTPACK_NONE));
}

static void random_change(uint8_t **lp, Model *m) {
    size_t i = m->n ? below(m->n) : 0;
    unsigned kind = m->n == 0 ? below(2) : below(m->n > 60 ? 9 : 6);
    if (kind >= 5) {
        random_removal(lp, m, i);
        return;
    }
    Text t = random_text(20000);
    ListpackValue value = as_value(t);
    uint32_t at = listpack_seek(*lp, (int64_t)i);
    switch (kind) {
    case 0:
        CHECK(listpack_append(heap, lp, &value));
        i = m->n;
        break;
    case 1:
        CHECK(listpack_prepend(heap, lp, &value));
        i = 0;
        break;
    case 2:
        CHECK(listpack_insert_before(heap, lp, &at, &value));
        CHECK(at == listpack_seek(*lp, (int64_t)i));
        break;
    case 3:
        CHECK(listpack_insert_after(heap, lp, &at, &value));
        CHECK(at == listpack_seek(*lp, (int64_t)++i));
        break;
    case 4:
        CHECK(listpack_replace(heap, lp, at, &value));
        model_delete(m, i, 1);
        break;
    }
    model_insert(m, i, t);
}

static void test_random_changes(void) {
    Model m = {0};
    uint8_t *lp = fresh();
    for (int i = 0; i < 4000; i++) {
        random_change(&lp, &m);
        CHECK(heap_used(heap) == listpack_memory(lp));
        expect(lp, &m);
        if (i % 16 == 0)
            expect_seek_and_find(lp, &m);
    }
    listpack_free(heap, lp);
    model_close(&m);
    CHECK(heap_used(heap) == 0);
}

static void expect_bytes(const char *text, size_t size, const char *bytes, size_t n) {
    uint8_t *lp = listpack_new(heap);
    ListpackValue value = listpack_text(text, size);
    CHECK(listpack_append(heap, &lp, &value));
    CHECK(listpack_bytes(lp) == LISTPACK_EMPTY_BYTES + n && listpack_entry_bytes(&value) == n);
    CHECK(memcmp(lp + LISTPACK_HEADER, bytes, n) == 0);
    value = listpack_get(lp, LISTPACK_HEADER);
    CHECK(shows(&value, (Text){(char *)text, (uint32_t)size}));
    CHECK(listpack_last(lp) == LISTPACK_HEADER);
    CHECK(listpack_validate(lp, listpack_bytes(lp), true));
    listpack_free(heap, lp);
}

static void test_integer_encodings(void) {
    static const struct {
        const char *text, *bytes;
        size_t n;
    } cases[] = {
        {"0", "\x00\x01", 2},
        {"127", "\x7f\x01", 2},
        {"128", "\xc0\x80\x02", 3},
        {"-1", "\xdf\xff\x02", 3},
        {"4095", "\xcf\xff\x02", 3},
        {"-4096", "\xd0\x00\x02", 3},
        {"4096", "\xf1\x00\x10\x03", 4},
        {"-4097", "\xf1\xff\xef\x03", 4},
        {"32767", "\xf1\xff\x7f\x03", 4},
        {"-32768", "\xf1\x00\x80\x03", 4},
        {"32768", "\xf2\x00\x80\x00\x04", 5},
        {"8388607", "\xf2\xff\xff\x7f\x04", 5},
        {"-8388608", "\xf2\x00\x00\x80\x04", 5},
        {"8388608", "\xf3\x00\x00\x80\x00\x05", 6},
        {"-8388609", "\xf3\xff\xff\x7f\xff\x05", 6},
        {"2147483647", "\xf3\xff\xff\xff\x7f\x05", 6},
        {"-2147483648", "\xf3\x00\x00\x00\x80\x05", 6},
        {"2147483648", "\xf4\x00\x00\x00\x80\x00\x00\x00\x00\x09", 10},
        {"-2147483649", "\xf4\xff\xff\xff\x7f\xff\xff\xff\xff\x09", 10},
        {"9223372036854775807", "\xf4\xff\xff\xff\xff\xff\xff\xff\x7f\x09", 10},
        {"-9223372036854775808", "\xf4\x00\x00\x00\x00\x00\x00\x00\x80\x09", 10},
        /* texts that only look like numbers */
        {"", "\x80\x01", 2},
        {"-", "\x81-\x02", 3},
        {"-0", "\x82-0\x03", 4},
        {"00",
         "\x82"
         "00\x03",
         4},
        {"+1", "\x82+1\x03", 4},
        {"1 ",
         "\x82"
         "1 \x03",
         4},
        {"9223372036854775808",
         "\x93"
         "9223372036854775808\x14",
         21},
        {"-9223372036854775809", "\x94-9223372036854775809\x15", 22},
        {"99999999999999999999",
         "\x94"
         "99999999999999999999\x15",
         22},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_bytes(cases[i].text, strlen(cases[i].text), cases[i].bytes, cases[i].n);
}

/* Borders of the text headers and of the back-length. */
static void test_text_encodings(void) {
    static const struct {
        size_t size;
        char *head;
        size_t head_n;
        char *back;
        size_t back_n;
    } cases[] = {
        {63, "\xbf", 1, "\x40", 1},
        {64, "\xe0\x40", 2, "\x42", 1},
        {125, "\xe0\x7d", 2, "\x7f", 1},
        {126, "\xe0\x7e", 2, "\x01\x80", 2},
        {4095, "\xef\xff", 2, "\x20\x81", 2},
        {4096, "\xf0\x00\x10\x00\x00", 5, "\x20\x85", 2},
        {16377, "\xf0\xf9\x3f\x00\x00", 5, "\x7f\xfe", 2},
        {16378, "\xf0\xfa\x3f\x00\x00", 5, "\x7f\xff", 2},
        {16379, "\xf0\xfb\x3f\x00\x00", 5, "\x01\x80\x80", 3},
        {2097145, "\xf0\xf9\xff\x1f\x00", 5, "\x7f\xff\xfe", 3},
        {2097146, "\xf0\xfa\xff\x1f\x00", 5, "\x7f\xff\xff", 3},
        {2097147, "\xf0\xfb\xff\x1f\x00", 5, "\x01\x80\x80\x80", 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = cases[i].size, head = cases[i].head_n, n = head + size + cases[i].back_n;
        char *bytes = malloc(n);
        memcpy(bytes, cases[i].head, head);
        memset(bytes + head, 'x', size);
        memcpy(bytes + head + size, cases[i].back, cases[i].back_n);
        expect_bytes(bytes + head, size, bytes, n);
        free(bytes);
    }
}

/* Redis writes one byte more for an entry of 2^14 - 1 bytes: it is read, walked over, and replaced. */
static void test_wider_back_length(void) {
    enum { TEXT = 16378, BYTES = 6 + 5 + TEXT + 3 + 2 + 1 };
    uint8_t *lp = heap_alloc(heap, BYTES), *p = lp + LISTPACK_HEADER + 5 + TEXT;
    little_store32(lp, BYTES);
    little_store16(lp + 4, 2);
    memcpy(lp + LISTPACK_HEADER, "\xf0\xfa\x3f\x00\x00", 5);
    memset(lp + LISTPACK_HEADER + 5, 'x', TEXT);
    memcpy(p, "\x00\xff\xff\x05\x01\xff", 6);
    CHECK(listpack_validate(lp, BYTES, true));
    ListpackValue value, five = listpack_number(5);
    uint32_t first = listpack_first(lp), second = listpack_next(lp, first);
    CHECK(listpack_get(lp, second).number == 5 && listpack_prev(lp, second) == first);
    CHECK(listpack_step(lp, first, &value) == second && value.size == TEXT);
    CHECK(listpack_find(lp, first, &five, 0) == second);
    Text same = make_text((char *)value.text, TEXT);
    value = as_value(same);
    CHECK(listpack_replace(heap, &lp, first, &value));
    CHECK(listpack_bytes(lp) == BYTES - 1 && listpack_validate(lp, BYTES - 1, true));
    free(same.text);
    listpack_free(heap, lp);
}

static void test_many_merge_split(void) {
    for (int round = 0; round < 200; round++) {
        Model m = {0};
        ListpackValue values[40];
        size_t n = below(40), cut = n ? below(n) : 0;
        for (size_t i = 0; i < n; i++) {
            model_insert(&m, i, random_text(200));
            values[i] = as_value(m.at[i]);
        }
        uint8_t *lp = fresh(), *tail = NULL;
        CHECK(listpack_append_many(heap, &lp, values, n));
        expect(lp, &m);
        uint8_t *copy = listpack_copy(heap, lp);
        CHECK(memcmp(copy, lp, listpack_bytes(lp)) == 0);
        if (n) {
            CHECK(listpack_split(heap, &lp, listpack_seek(lp, (int64_t)cut), &tail));
            CHECK(listpack_count(lp) == cut && listpack_count(tail) == n - cut);
            CHECK(whole(tail));
            CHECK(listpack_merge(heap, &lp, tail));
            expect(lp, &m);
        }
        CHECK(memcmp(copy, lp, listpack_bytes(lp)) == 0);
        listpack_free(heap, copy);
        listpack_free(heap, lp);
        CHECK(heap_used(heap) == 0);
        model_close(&m);
    }
}

/* Several at once in the middle, and two runs that change places, against the model. */
static void test_insert_many_and_rotate(void) {
    for (int round = 0; round < 400; round++) {
        Model m = {0}, turned = {0};
        size_t n = 2 + below(30), first, middle, end, at = below(n);
        uint32_t longest = round % 2 ? 20 : 700;
        uint8_t *lp = fresh();
        ListpackValue values[3];
        for (size_t i = 0; i < n; i++) {
            model_insert(&m, i, random_text(longest));
            ListpackValue value = as_value(m.at[i]);
            CHECK(listpack_append(heap, &lp, &value));
        }
        for (size_t i = 0; i < 3; i++) {
            model_insert(&m, at + i, random_text(longest));
            values[i] = as_value(m.at[at + i]);
        }
        CHECK(listpack_insert_many(heap, &lp, listpack_seek(lp, (int64_t)at), values, 3));
        expect(lp, &m);
        n += 3;
        first = below(n), middle = first + below(n - first), end = middle + below(n - middle + 1);
        listpack_rotate(lp, listpack_seek(lp, (int64_t)first), listpack_seek(lp, (int64_t)middle),
                        listpack_seek(lp, (int64_t)end));
        for (size_t i = 0; i < n; i++) {
            size_t from = i < first || i >= end        ? i
                          : i < first + (end - middle) ? i - first + middle
                                                       : i - (end - middle);
            model_insert(&turned, i, m.at[from]);
        }
        expect(lp, &turned);
        listpack_free(heap, lp);
        CHECK(heap_used(heap) == 0);
        model_close(&m);
        free(turned.at);
    }
}

static void test_unknown_count(void) {
    static ListpackValue ones[65530];
    uint8_t *lp = fresh();
    for (uint32_t i = 0; i < 65530; i++)
        ones[i] = listpack_number(1);
    CHECK(listpack_append_many(heap, &lp, ones, 65530));
    for (uint32_t i = 65530; i < 65540; i++) {
        CHECK(little_load16(lp + 4) == (i < 65535 ? i : 65535) && listpack_count(lp) == i);
        CHECK(listpack_append(heap, &lp, ones));
    }
    CHECK(listpack_count(lp) == 65540 && whole(lp));
    CHECK(listpack_seek(lp, 65539) == listpack_last(lp) && listpack_seek(lp, 65540) == LISTPACK_NONE);
    CHECK(listpack_seek(lp, -65540) == listpack_first(lp) && listpack_seek(lp, -65541) == LISTPACK_NONE);
    uint32_t at = listpack_first(lp);
    CHECK(listpack_delete_range(heap, &lp, &at, 65000));
    CHECK(listpack_count(lp) == 540 && whole(lp));
    uint8_t *tail;
    CHECK(listpack_split(heap, &lp, listpack_seek(lp, 40), &tail));
    CHECK(little_load16(lp + 4) == 40 && little_load16(tail + 4) == 500);
    listpack_free(heap, lp);
    listpack_free(heap, tail);
}

/* A text stored by a foreign writer which did not turn it into an integer is still found. */
static void test_find_text_of_number(void) {
    const uint8_t *lp = (const uint8_t *)"\x0f\0\0\0\x02\0\x82"
                                         "42\x03\xf1\x05\x00\x03\xff";
    CHECK(listpack_validate(lp, 15, true));
    ListpackValue needle = listpack_number(42), five = listpack_text("5", 1), other = listpack_text("4", 1);
    CHECK(listpack_find(lp, listpack_first(lp), &needle, 0) == 6);
    CHECK(listpack_find(lp, listpack_first(lp), &five, 0) == 10);
    CHECK(listpack_find(lp, listpack_first(lp), &five, 1) == LISTPACK_NONE);
    CHECK(listpack_find(lp, listpack_first(lp), &other, 0) == LISTPACK_NONE);
    ListpackValue text = listpack_get(lp, 6);
    CHECK(!text.integer && listpack_equal(&text, &needle) && listpack_equal(&needle, &text));
    CHECK(!listpack_equal(&text, &five) && listpack_equal(&five, &five));
}

static void test_refuses_too_much(void) {
    uint8_t *lp = listpack_new(heap);
    ListpackValue huge = {.text = (const uint8_t *)"", .size = UINT32_MAX};
    CHECK(!listpack_append(heap, &lp, &huge));
    ListpackValue several[3] = {huge, huge, huge};
    CHECK(!listpack_append_many(heap, &lp, several, 3));
    huge.size = LISTPACK_MAX_BYTES - LISTPACK_EMPTY_BYTES; /* header and back-length make it too large */
    CHECK(!listpack_append(heap, &lp, &huge));
    CHECK(listpack_bytes(lp) == LISTPACK_EMPTY_BYTES && listpack_count(lp) == 0);
    listpack_free(heap, lp);
}

static bool change(int kind, uint8_t **lp, uint32_t *at, const ListpackValue *big, uint8_t *other,
                   uint8_t **tail) {
    ListpackValue small = listpack_number(1), two[2] = {*big, small};
    switch (kind) {
    case 0:
        return listpack_append(heap, lp, big);
    case 1:
        return listpack_prepend(heap, lp, big);
    case 2:
        return listpack_insert_before(heap, lp, at, big);
    case 3:
        return listpack_insert_after(heap, lp, at, big);
    case 4:
        return listpack_replace(heap, lp, *at, &small);
    case 5:
        return listpack_delete(heap, lp, at);
    case 6:
        return listpack_merge(heap, lp, other);
    case 7:
        return listpack_append_many(heap, lp, two, 2);
    default:
        return listpack_split(heap, lp, listpack_next(*lp, *at), tail);
    }
}

/* Every change with every allocation refused: false, and the same bytes as before. */
static void test_refused_allocations(void) {
    char text[5000];
    memset(text, 'b', sizeof text);
    ListpackValue big = listpack_text(text, sizeof text), small = listpack_number(1);
    for (int kind = 0; kind < 9; kind++) {
        uint8_t *lp = fresh(), *other = fresh(), *tail = NULL;
        CHECK(listpack_append(heap, &lp, &big) && listpack_append(heap, &lp, &big));
        CHECK(listpack_append(heap, &lp, &small) && listpack_append(heap, &other, &big));
        uint8_t *before = listpack_copy(heap, lp);
        uint32_t at = listpack_first(lp);
        int refused = 0;
        for (bool done = false; !done; refused += !done) {
            size_t used = heap_used(heap);
            heap_fail_at(heap, (uint64_t)refused + 1);
            done = change(kind, &lp, &at, &big, other, &tail);
            heap_fail_at(heap, 0);
            CHECK(done || (at == 6 && heap_used(heap) == used));
            CHECK(done || memcmp(lp, before, listpack_bytes(before)) == 0);
        }
        CHECK(refused >= (kind == 8 ? 2 : 1));
        CHECK(whole(lp));
        listpack_free(heap, lp);
        listpack_free(heap, before);
        listpack_free(heap, tail);
        if (kind != 6)
            listpack_free(heap, other);
        CHECK(heap_used(heap) == 0);
    }
    heap_fail_at(heap, 1);
    CHECK(listpack_new(heap) == NULL);
    heap_fail_at(heap, 0);
}

/* Whatever a deep check accepts can be walked both ways. The bytes lie in a block of exactly their size, so
 * that ASan sees any step outside. */
static void try_bytes(const uint8_t *bytes, size_t size) {
    uint8_t *exact = malloc(size);
    if (size)
        memcpy(exact, bytes, size);
    listpack_validate(exact, size, false);
    if (listpack_validate(exact, size, true)) {
        uint32_t n = 0;
        volatile uint64_t sum = 0;
        for (uint32_t at = listpack_first(exact); at; n++) {
            ListpackValue value;
            at = listpack_step(exact, at, &value);
            if (!value.integer && value.size)
                sum = sum + value.text[0] + value.text[value.size - 1];
        }
        CHECK(n == listpack_count(exact));
        for (uint32_t at = listpack_last(exact); at; n--)
            at = listpack_prev(exact, at);
        CHECK(n == 0);
    }
    free(exact);
}

static void damage(uint8_t *bytes, uint32_t n) {
    for (size_t k = below(3) + 1; k > 0; k--)
        bytes[below(4) ? below(n) : below(7)] = (uint8_t)(below(2) ? chance() : 0xF0 + below(16));
}

static void test_damaged_bytes(void) {
    for (int round = 0; round < 300; round++) {
        uint8_t *lp = listpack_new(heap);
        for (size_t n = below(12); n > 0; n--) {
            Text t = random_text(300);
            ListpackValue value = as_value(t);
            CHECK(listpack_append(heap, &lp, &value));
            free(t.text);
        }
        uint32_t bytes = listpack_bytes(lp);
        uint8_t *damaged = malloc(bytes);
        for (int i = 0; i < 200; i++) {
            size_t size = below(4) ? bytes : below(bytes + 1);
            memcpy(damaged, lp, bytes);
            damage(damaged, bytes);
            if (size >= LISTPACK_EMPTY_BYTES && below(4)) { /* damage inside a correct frame */
                little_store32(damaged, (uint32_t)size);
                damaged[size - 1] = LISTPACK_END;
            }
            try_bytes(damaged, size);
        }
        free(damaged);
        listpack_free(heap, lp);
    }
}

static void test_rejects(void) {
    static const struct {
        const char *bytes;
        size_t n;
    } cases[] = {
        {"", 0},
        {"\x07\0\0\0\0\0", 6},
        {"\x07\0\0\0\0\0\x00", 7},                  /* no end mark */
        {"\x08\0\0\0\0\0\xff", 7},                  /* wrong total */
        {"\x07\0\0\x80\0\0\xff", 7},                /* one-way */
        {"\x07\0\0\0\x01\0\xff", 7},                /* wrong count */
        {"\x09\0\0\0\x01\0\x01\x02\xff", 9},        /* wrong back-length */
        {"\x09\0\0\0\x02\0\xff\x01\xff", 9},        /* end mark in the middle */
        {"\x09\0\0\0\x01\0\xf5\x01\xff", 9},        /* unassigned encoding */
        {"\x09\0\0\0\x01\0\x81\x02\xff", 9},        /* text reaches the end mark */
        {"\x09\0\0\0\x01\0\xf0\x01\xff", 9},        /* header reaches the end mark */
        {"\x0d\0\0\0\x01\0\xf0\xff\xff\xff\xff\x05\xff", 13},
    };
    CHECK(listpack_validate((const uint8_t *)"\x07\0\0\0\0\0\xff", 7, true));
    CHECK(listpack_validate((const uint8_t *)"\x0d\0\0\0\x02\0\x01\x01\x82\x61\x62\x03\xff", 13, true));
    CHECK(listpack_validate((const uint8_t *)"\x0d\0\0\0\xff\xff\x01\x01\x82\x61\x62\x03\xff", 13, true));
    CHECK(listpack_state((const uint8_t *)"\x0f\0\0\0\x03\0\x01\x01\x80\x01\x82\x61\x62\x03\xff", 15)
          == LISTPACK_PLAIN);
    CHECK(listpack_state((const uint8_t *)"\x0b\0\0\0\x01\0\x82-b\x03\xff", 11) == LISTPACK_WHOLE);
    CHECK(listpack_state((const uint8_t *)"\x0b\0\0\0\x01\0\x82"
                                          "7b\x03\xff",
                         11)
          == LISTPACK_WHOLE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK(!listpack_validate((const uint8_t *)cases[i].bytes, cases[i].n, true));
}

int main(void) {
    heap = heap_open();
    for (int kind = 0; kind < 2; kind++) {
        one_way = kind == 1;
        RUN(test_random_changes);
        RUN(test_many_merge_split);
        RUN(test_insert_many_and_rotate);
        RUN(test_unknown_count);
        RUN(test_refused_allocations);
    }
    one_way = false;
    RUN(test_integer_encodings);
    RUN(test_text_encodings);
    RUN(test_wider_back_length);
    RUN(test_find_text_of_number);
    RUN(test_refuses_too_much);
    RUN(test_damaged_bytes);
    RUN(test_rejects);
    CHECK(heap_used(heap) == 0 && heap_check(heap));
    heap_close(heap);
    return finish("test_listpack");
}
