/* ziplist and zipmap: hand-made ones with every form, every cut and every changed byte of them; and what a listpack from
 * outside is asked beyond its bytes. */
#include "little.h"
#include "packed.h"
#include "ziplist.h"

static Heap *heap;

typedef struct {
    uint8_t bytes[1 << 17];
    size_t size;
} Made;

static void add(Made *m, const void *bytes, size_t n) {
    memcpy(m->bytes + m->size, bytes, n);
    m->size += n;
}

static void add_byte(Made *m, unsigned byte) { m->bytes[m->size++] = (uint8_t)byte; }

static void add_32(Made *m, size_t n) {
    uint8_t four[4];
    little_store32(four, (uint32_t)n);
    add(m, four, 4);
}

/* ---- ziplists ---- */

static void add_entry(Made *m, size_t *before, const void *form, size_t head, const void *data, size_t n) {
    size_t start = m->size;
    little_store32(m->bytes + 4, (uint32_t)start);
    if (*before < 254) {
        add_byte(m, (unsigned)*before);
    } else {
        add_byte(m, 254);
        add_32(m, *before);
    }
    add(m, form, head);
    add(m, data, n);
    little_store16(m->bytes + 8, (uint16_t)(little_load16(m->bytes + 8) + 1));
    *before = m->size - start;
}

static void begin_ziplist(Made *m) {
    static const uint8_t header[10] = {0, 0, 0, 0, 10};
    m->size = 0;
    add(m, header, 10);
}

static void end_ziplist(Made *m) {
    add_byte(m, 255);
    little_store32(m->bytes, (uint32_t)m->size);
}

static const char *const EXPECTED[] = {"",       "abc",      "0",       "12",          "-1",
                                       "-32768", "-8388608", "8388607", "-2147483648", "9223372036854775807",
                                       "12345"};

static void make_every_form(Made *m) {
    static char long_text[20000];
    uint8_t form[5] = {0x80, 0, 0, 0x4e, 0x20};
    size_t before = 0;
    memset(long_text, 'y', sizeof long_text);
    begin_ziplist(m);
    add_entry(m, &before, "\0", 1, "", 0);
    add_entry(m, &before, "\x03", 1, "abc", 3);
    add_entry(m, &before, "\xf1", 1, "", 0);
    add_entry(m, &before, "\xfd", 1, "", 0);
    add_entry(m, &before, "\xfe", 1, "\xff", 1);
    add_entry(m, &before, "\xc0", 1, "\0\x80", 2);
    add_entry(m, &before, "\xf0", 1, "\0\0\x80", 3);
    add_entry(m, &before, "\xf0", 1, "\xff\xff\x7f", 3);
    add_entry(m, &before, "\xd0", 1, "\0\0\0\x80", 4);
    add_entry(m, &before, "\xe0", 1, "\xff\xff\xff\xff\xff\xff\xff\x7f", 8);
    add_entry(m, &before, "\x05", 1, "12345", 5);
    add_entry(m, &before, "\x41\x2c", 2, long_text, 300);
    add_entry(m, &before, form, 5, long_text, 20000);
    add_entry(m, &before, "\x01", 1, "z", 1);
    end_ziplist(m);
}

static bool accepts(bool (*validate)(const uint8_t *, size_t), const uint8_t *bytes, size_t n) {
    uint8_t *block = malloc(n ? n : 1);
    if (n)
        memcpy(block, bytes, n);
    bool good = validate(block, n);
    free(block);
    return good;
}

static void test_every_form(void) {
    static Made m;
    make_every_form(&m);
    CHECK(accepts(ziplist_validate, m.bytes, m.size));
    uint8_t *lp = ziplist_to_listpack(heap, m.bytes);
    CHECK(listpack_count(lp) == 14 && listpack_validate(lp, listpack_bytes(lp), true)
          && listpack_canonical(lp));
    for (int i = 0; i < 11; i++) {
        ListpackValue value = listpack_get(lp, listpack_seek(lp, i));
        ListpackValue wanted = listpack_text(EXPECTED[i], strlen(EXPECTED[i]));
        CHECK(listpack_equal(&value, &wanted));
    }
    CHECK(listpack_get(lp, listpack_seek(lp, 11)).size == 300);
    CHECK(listpack_get(lp, listpack_seek(lp, 12)).size == 20000);
    listpack_free(heap, lp);
}

static void test_many_entries(void) {
    static Made m;
    size_t before = 0;
    begin_ziplist(&m);
    for (int i = 0; i < 200; i++)
        add_entry(&m, &before, "\x02", 1, "ab", 2);
    end_ziplist(&m);
    CHECK(ziplist_validate(m.bytes, m.size));
    uint8_t *lp = ziplist_to_listpack(heap, m.bytes);
    CHECK(listpack_count(lp) == 200);
    listpack_free(heap, lp);
    little_store16(m.bytes + 8, 65535);
    CHECK(ziplist_validate(m.bytes, m.size)); /* the count may be unknown */
    little_store16(m.bytes + 8, 201);
    CHECK(!ziplist_validate(m.bytes, m.size));
}

static void test_an_empty_ziplist(void) {
    static Made m;
    begin_ziplist(&m);
    end_ziplist(&m);
    CHECK(ziplist_validate(m.bytes, m.size));
    uint8_t *lp = ziplist_to_listpack(heap, m.bytes);
    CHECK(listpack_count(lp) == 0);
    listpack_free(heap, lp);
}

/* Every cut is refused, and what is accepted after a change can be walked. */
static void disturb(Made *m, bool (*validate)(const uint8_t *, size_t),
                    uint8_t *(*convert)(Heap *, const uint8_t *)) {
    for (size_t n = 0; n < m->size; n += n < 600 || n + 100 > m->size ? 1 : 97)
        CHECK(!accepts(validate, m->bytes, n));
    for (size_t at = 0; at < m->size; at += at < 600 || at + 100 > m->size ? 1 : 97)
        for (int step = 1; step < 256; step += 1 + (at > 400)) {
            uint8_t was = m->bytes[at], *block = malloc(m->size);
            m->bytes[at] = (uint8_t)(was + step);
            memcpy(block, m->bytes, m->size);
            if (validate(block, m->size)) {
                uint8_t *lp = convert(heap, block);
                CHECK(lp && listpack_validate(lp, listpack_bytes(lp), true));
                listpack_free(heap, lp);
            }
            free(block);
            m->bytes[at] = was;
        }
}

static void test_disturbed_ziplists(void) {
    static Made m;
    size_t before = 0;
    begin_ziplist(&m);
    for (int i = 0; i < 6; i++) {
        static const char text[260];
        add_entry(&m, &before, "\xc0", 1, "ab", 2);
        add_entry(&m, &before, "\x02", 1, "ab", 2);
        if (i == 2)
            add_entry(&m, &before, "\x41\x04", 2, text, 260);
    }
    end_ziplist(&m);
    disturb(&m, ziplist_validate, ziplist_to_listpack);
}

/* ---- zipmaps ---- */

static void make_zipmap(Made *m) {
    static char long_text[300];
    m->size = 0;
    add(m,
        "\x03"
        "\x01"
        "a"
        "\x01\x00"
        "1",
        6);
    add(m,
        "\x00"
        "\x02\x03"
        "xy---",
        8); /* an empty key, a value with unused bytes behind it */
    add(m,
        "\x02"
        "cd"
        "\xfe",
        4);
    add_32(m, 300);
    add_byte(m, 0);
    add(m, long_text, 300);
    add_byte(m, 255);
}

static void test_zipmaps(void) {
    static Made m;
    make_zipmap(&m);
    CHECK(accepts(zipmap_validate, m.bytes, m.size));
    uint8_t *lp = zipmap_to_listpack(heap, m.bytes);
    CHECK(listpack_count(lp) == 6 && listpack_get(lp, listpack_seek(lp, 1)).number == 1);
    CHECK(listpack_get(lp, listpack_seek(lp, 3)).size == 2
          && listpack_get(lp, listpack_seek(lp, 5)).size == 300);
    listpack_free(heap, lp);
    m.bytes[0] = 254; /* unknown */
    CHECK(accepts(zipmap_validate, m.bytes, m.size));
    m.bytes[0] = 4;
    CHECK(!accepts(zipmap_validate, m.bytes, m.size));
}

static void test_no_id_3920_sizes_of_zipmaps_do_not_overflow(void) {
    static Made m;
    for (unsigned key = 0; key < 2; key++) { /* a size near 2^32, of the key or of the value */
        m.size = 0;
        add_byte(&m, 1);
        if (key)
            add(&m,
                "\x01"
                "a",
                2);
        add_byte(&m, 254);
        add_32(&m, UINT32_MAX - 3);
        add(&m, "\0\0\0\0\0\0\0\0", 8);
        add_byte(&m, 255);
        CHECK(!accepts(zipmap_validate, m.bytes, m.size));
    }
}

static void test_disturbed_zipmaps(void) {
    static Made m;
    make_zipmap(&m);
    disturb(&m, zipmap_validate, zipmap_to_listpack);
}

/* ---- listpacks ---- */

static const uint64_t SEED[2] = {1, 2};

static uint8_t *numbers(int n) {
    uint8_t *lp = listpack_new(heap);
    for (int i = 0; i < n; i++) {
        ListpackValue value = listpack_number(i);
        CHECK(listpack_append(heap, &lp, &value));
    }
    return lp;
}

static void test_elements_are_distinct_or_not(void) {
    static const int sizes[] = {0, 1, 2, 31, 32, 33, 64, 127, 128, 129, 1000, 5000};
    for (int i = 0; i < 12; i++) {
        for (uint32_t skip = 0; skip < 2; skip++) {
            int n = sizes[i] * (int)(skip + 1);
            uint8_t *lp = numbers(n);
            CHECK(listpack_distinct(heap, SEED, lp, skip) == 1);
            for (int at = 0; at < n; at += 1 + n / 7) { /* at the end: one that is there */
                ListpackValue value = listpack_number(at), other = listpack_number(-1);
                CHECK(listpack_append(heap, &lp, &value) && (!skip || listpack_append(heap, &lp, &other)));
                CHECK(listpack_distinct(heap, SEED, lp, skip) == (skip ? at % 2 == 1 : 0));
                uint32_t last = listpack_seek(lp, -1 - (int)skip);
                CHECK(listpack_delete_range(heap, &lp, &last, 1 + skip));
            }
            listpack_free(heap, lp);
        }
    }
}

static void test_refused_memory(void) {
    uint8_t *lp = numbers(300);
    heap_fail_at(heap, 1);
    CHECK(listpack_distinct(heap, SEED, lp, 0) == -1);
    CHECK(listpack_rewrite(heap, lp, false) == NULL);
    heap_fail_at(heap, 2);
    CHECK(listpack_rewrite(heap, lp, true) == NULL);
    static Made m;
    make_every_form(&m);
    for (int at = 1; at < 3; at++) {
        heap_fail_at(heap, (uint64_t)at);
        CHECK(ziplist_to_listpack(heap, m.bytes) == NULL);
    }
    make_zipmap(&m);
    for (int at = 1; at < 3; at++) {
        heap_fail_at(heap, (uint64_t)at);
        CHECK(zipmap_to_listpack(heap, m.bytes) == NULL);
    }
    heap_fail_at(heap, 0);
    listpack_free(heap, lp);
}

static void expect_rewritten(const char *bytes, size_t n, const char *canonical, size_t size) {
    CHECK(listpack_validate((const uint8_t *)bytes, n, true));
    CHECK(!listpack_canonical((const uint8_t *)bytes));
    uint8_t *lp = listpack_rewrite(heap, (const uint8_t *)bytes, false);
    CHECK(listpack_bytes(lp) == size && memcmp(lp, canonical, size) == 0 && listpack_canonical(lp));
    listpack_free(heap, lp);
}

static void test_other_spellings(void) {
    expect_rewritten("\x0b\0\0\0\1\0\x82"
                     "12\x03\xff",
                     11, "\x09\0\0\0\1\0\x0c\x01\xff", 9); /* a text "12" */
    expect_rewritten("\x0b\0\0\0\1\0\xf1\x05\0\x03\xff", 11, "\x09\0\0\0\1\0\x05\x01\xff", 9); /* a wide 5 */
    expect_rewritten("\x0b\0\0\0\1\0\xe0\x01"
                     "a\x03\xff",
                     11,
                     "\x0a\0\0\0\1\0\x81"
                     "a\x02\xff",
                     10); /* a wide size */
}

static void test_one_way_and_back(void) {
    for (int round = 0; round < 300; round++) {
        uint8_t *lp = listpack_new(heap);
        for (uint64_t n = below(40); n; n--) {
            Text t = random_text(20000);
            ListpackValue value = as_value(t);
            CHECK(listpack_append(heap, &lp, &value));
            free(t.text);
        }
        uint8_t *one_way = listpack_rewrite(heap, lp, true);
        CHECK(listpack_count(one_way) == listpack_count(lp) && listpack_bytes(one_way) <= listpack_bytes(lp));
        CHECK(listpack_distinct(heap, SEED, one_way, 0) == listpack_distinct(heap, SEED, lp, 0));
        const uint8_t *kinds[] = {lp, one_way};
        for (int i = 0; i < 2; i++) {
            size_t size = listpack_published_bytes(kinds[i]);
            uint8_t *out = malloc(size);
            listpack_publish(kinds[i], out);
            CHECK(size == listpack_bytes(lp) && memcmp(out, lp, size) == 0);
            free(out);
        }
        listpack_free(heap, lp);
        listpack_free(heap, one_way);
    }
}

int main(void) {
    heap = heap_open();
    RUN(test_every_form);
    RUN(test_many_entries);
    RUN(test_an_empty_ziplist);
    RUN(test_disturbed_ziplists);
    RUN(test_zipmaps);
    RUN(test_no_id_3920_sizes_of_zipmaps_do_not_overflow);
    RUN(test_disturbed_zipmaps);
    RUN(test_elements_are_distinct_or_not);
    RUN(test_refused_memory);
    RUN(test_other_spellings);
    RUN(test_one_way_and_back);
    CHECK(heap_used(heap) == 0);
    heap_close(heap);
    return finish("ziplist");
}
