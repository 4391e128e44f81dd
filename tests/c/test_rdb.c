/* rdb: every form of lengths, texts and doubles both ways, every cut of them, and sizes that lie. */
#include <math.h>

#include "crc.h"
#include "packed.h"
#include "rdb.h"

static Heap *heap;

static RdbReader reader_of(const void *bytes, size_t n, void **block) {
    *block = malloc(n ? n : 1); /* exactly as large: a sanitizer sees every overrun */
    if (n)
        memcpy(*block, bytes, n);
    return (RdbReader){*block, (uint8_t *)*block + n};
}

static void test_lengths(void) {
    static const uint64_t lengths[] = {0,         63, 64, 16383, 16384, UINT32_MAX, (uint64_t)UINT32_MAX + 1,
                                       UINT64_MAX};
    static const size_t sizes[] = {1, 1, 2, 2, 5, 5, 9, 9};
    for (int i = 0; i < 8; i++) {
        Buffer out;
        buffer_init(&out, NULL, 0);
        RdbWriter w = {&out, true};
        rdb_write_length(&w, lengths[i]);
        CHECK(out.used == sizes[i]);
        for (size_t n = 0; n <= out.used; n++) {
            void *block;
            uint64_t length;
            RdbReader r = reader_of(out.data, n, &block);
            CHECK(rdb_read_length(&r, &length) == (n == out.used));
            CHECK(n < out.used || (length == lengths[i] && rdb_left(&r) == 0));
            free(block);
        }
        buffer_close(&out);
    }
}

static void test_what_is_no_length(void) {
    static const uint8_t firsts[] = {0x82, 0xBF, 0xC0, 0xC3, 0xFF};
    for (int i = 0; i < 5; i++) {
        uint8_t bytes[10] = {firsts[i]};
        void *block;
        uint64_t length;
        RdbReader r = reader_of(bytes, sizeof bytes, &block);
        CHECK(!rdb_read_length(&r, &length));
        free(block);
    }
}

static void test_counts_are_believed_only_if_the_bytes_are_there(void) {
    void *block;
    uint64_t count;
    RdbReader r = reader_of("\x03"
                            "abcdef",
                            7, &block);
    CHECK(rdb_read_count(&r, 2, &count) && count == 3);
    r.at = block;
    CHECK(!rdb_read_count(&r, 3, &count));
    free(block);
    r = reader_of("\x81\x10\0\0\0\0\0\0\0abc", 12, &block); /* 2^60 */
    CHECK(!rdb_read_count(&r, 1, &count));
    free(block);
}

/* Reads bytes as a text in all three ways; the text must be this one, and NULL: must be refused. */
static void expect_text(const void *bytes, size_t n, const char *text, size_t size) {
    void *block;
    RdbText read;
    RdbReader r = reader_of(bytes, n, &block);
    Buffer scratch;
    const uint8_t *at;
    uint8_t *copy = NULL;
    buffer_init(&scratch, NULL, 0);
    bool good = rdb_read_text(&r, &read);
    int borrowed = good ? rdb_text_bytes(&read, &scratch, &at) : 0;
    int copied = good && read.size ? rdb_text_block(heap, &read, &copy) : borrowed;
    CHECK(borrowed == (text != NULL) && copied == borrowed);
    if (text) {
        CHECK(read.size == size && memcmp(at, text, size) == 0);
        CHECK(!copy || memcmp(copy, text, size) == 0);
    }
    if (copied == 1 && copy)
        heap_free(heap, copy, size);
    buffer_close(&scratch);
    free(block);
}

static void expect_written(const char *text, size_t size, bool compress) {
    Buffer out;
    buffer_init(&out, NULL, 0);
    RdbWriter w = {&out, compress};
    rdb_write_text(&w, text, size);
    expect_text(out.data, out.used, text, size);
    for (size_t n = 0; n < out.used && n < 40; n++)
        expect_text(out.data, n, NULL, 0);
    CHECK(out.used <= size + 9);
    buffer_close(&out);
}

static void test_texts(void) {
    static char long_text[100000];
    memset(long_text, 'x', sizeof long_text);
    static const size_t sizes[] = {0, 1, 19, 20, 21, 22, 63, 64, 300, 16383, 16384, 100000};
    for (int compress = 0; compress < 2; compress++) {
        for (int i = 0; i < 12; i++)
            expect_written(long_text, sizes[i], compress);
        for (int i = 0; i < 2000; i++) {
            Text t = random_text(20000);
            expect_written(t.text, t.size, compress);
            free(t.text);
        }
    }
}

static void expect_bytes(const char *text, const char *bytes, size_t n) {
    Buffer out;
    buffer_init(&out, NULL, 0);
    RdbWriter w = {&out, true};
    rdb_write_text(&w, text, strlen(text));
    CHECK(out.used == n && memcmp(out.data, bytes, n) == 0);
    buffer_close(&out);
}

static void test_the_forms_of_texts(void) {
    expect_bytes("5", "\xc0\x05", 2);
    expect_bytes("-128", "\xc0\x80", 2);
    expect_bytes("32767", "\xc1\xff\x7f", 3);
    expect_bytes("-2147483648", "\xc2\0\0\0\x80", 5);
    expect_bytes("2147483648",
                 "\x0a"
                 "2147483648",
                 11);
    expect_bytes("007",
                 "\x03"
                 "007",
                 4);
    expect_bytes("-0", "\x02-0", 3);
    expect_bytes("aaaaaaaaaaaaaaaaaaaa",
                 "\x14"
                 "aaaaaaaaaaaaaaaaaaaa",
                 21);
    expect_text("\xc3\x04\x03\x02"
                "abc",
                7, "abc", 3);
    expect_text("\xc3\0\0", 3, "", 0);
    expect_text("\x80\0\0\0\3abc", 8, "abc", 3);
    expect_text("\x81\0\0\0\0\0\0\0\3abc", 12, "abc", 3);
}

static void test_texts_that_lie(void) {
    expect_text("\xc3\x04\x04\x02"
                "abc",
                7, NULL, 0);              /* more than comes out */
    expect_text("\xc3\x04\x02\x02"
                "abc",
                7, NULL, 0);              /* less */
    expect_text("\xc3\x00\x03"
                "abc",
                6, NULL, 0);                  /* from nothing */
    expect_text("\xc3\x05\x03\x02"
                "abc",
                7, NULL, 0);              /* not all there */
    expect_text("\xc3\x04\x81\x10\0\0\0\0\0\0\0\x02"
                "abc",
                15, NULL, 0); /* 2^60 from 4 bytes */
    expect_text("\x81\xff\xff\xff\xff\xff\xff\xff\xff"
                "abc",
                12, NULL, 0);
    expect_text("\xc4\x01", 2, NULL, 0);
    expect_text("\xff", 1, NULL, 0);
}

static void test_doubles(void) {
    static const double values[] = {0.0, -0.0, 1.5, -1e300, 5e-324};
    for (int i = 0; i < 5; i++) {
        Buffer out;
        buffer_init(&out, NULL, 0);
        RdbWriter w = {&out, true};
        rdb_write_double(&w, values[i]);
        RdbReader r = {out.data, out.data + out.used};
        double back;
        CHECK(out.used == 8 && rdb_read_double(&r, &back) && memcmp(&back, &values[i], 8) == 0);
        CHECK(!rdb_read_double(&r, &back));
        buffer_close(&out);
    }
}

static bool digits(const char *bytes, size_t n, double *value) {
    void *block;
    RdbReader r = reader_of(bytes, n, &block);
    bool good = rdb_read_digits(&r, value);
    free(block);
    return good;
}

static void test_doubles_of_old_files(void) {
    double v;
    CHECK(digits("\x03"
                 "1.5",
                 4, &v)
          && v == 1.5);
    CHECK(digits("\xfe", 1, &v) && isinf(v) && v > 0);
    CHECK(digits("\xff", 1, &v) && isinf(v) && v < 0);
    CHECK(!digits("\xfd", 1, &v) && !digits("", 0, &v) && !digits("\0", 1, &v));
    CHECK(!digits("\x04"
                  "1.5",
                  4, &v)
          && !digits("\x03"
                     "1.x",
                     4, &v)
          && !digits("\x03"
                     "nan",
                     4, &v));
}

static void test_frames(void) {
    static const unsigned versions[] = {0, 1, 6, 11, 12, 13, 79, 80, 81, 65535};
    static const bool read[] = {false, true, true, true, true, false, false, true, false, false};
    for (int i = 0; i < 10; i++) {
        Buffer out;
        buffer_init(&out, NULL, 0);
        buffer_append(&out, "before", 6);
        RdbWriter w = {&out, true};
        rdb_write_byte(&w, RDB_STRING);
        rdb_write_text(&w, "a", 1);
        rdb_close_frame(&w, 6, versions[i]);
        uint8_t *frame = out.data + 6;
        size_t size = out.used - 6;
        RdbReader r;
        unsigned version;
        CHECK(size == 3 + RDB_FOOTER);
        CHECK(rdb_open_frame(frame, size, &r, &version) == read[i]);
        CHECK(!read[i] || (version == versions[i] && rdb_left(&r) == 3));
        for (size_t n = 0; n < size; n++)
            CHECK(!rdb_open_frame(frame, n, &r, &version));
        for (size_t bit = 0; bit < 8 * size; bit++) {
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
            CHECK(!rdb_open_frame(frame, size, &r, &version));
            frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        buffer_close(&out);
    }
}

static void test_refused_memory(void) {
    RdbText text = {(const uint8_t *)"\x02"
                                     "abc",
                    4, 3, 0};
    uint8_t *block;
    heap_fail_at(heap, 1);
    CHECK(rdb_text_block(heap, &text, &block) == -1);
    heap_fail_at(heap, 0);
    CHECK(rdb_text_block(heap, &text, &block) == 1);
    heap_free(heap, block, 3);
    CHECK(heap_used(heap) == 0);
}

int main(void) {
    heap = heap_open();
    RUN(test_lengths);
    RUN(test_what_is_no_length);
    RUN(test_counts_are_believed_only_if_the_bytes_are_there);
    RUN(test_texts);
    RUN(test_the_forms_of_texts);
    RUN(test_texts_that_lie);
    RUN(test_doubles);
    RUN(test_doubles_of_old_files);
    RUN(test_frames);
    RUN(test_refused_memory);
    heap_close(heap);
    return finish("rdb");
}
