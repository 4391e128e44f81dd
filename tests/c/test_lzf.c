/* lzf: round trips of many shapes, foreign streams, and streams which lie, in blocks of their exact size. */
#include "lzf.h"
#include "packed.h"

static uint8_t *exactly(const void *bytes, size_t n) { /* nothing behind it: a sanitizer sees every overrun */
    uint8_t *p = malloc(n ? n : 1);
    if (n)
        memcpy(p, bytes, n);
    return p;
}

static size_t round_trip(const uint8_t *bytes, size_t n, size_t room) {
    uint8_t *in = exactly(bytes, n), *packed = malloc(room ? room : 1), *back = malloc(n ? n : 1);
    size_t size = lzf_compress(in, n, packed, room);
    CHECK(size <= room);
    if (size) {
        uint8_t *tight = exactly(packed, size);
        CHECK(lzf_decompress(tight, size, back, n));
        CHECK(memcmp(back, bytes, n) == 0);
        CHECK(n <= size * LZF_MOST);
        if (n)
            CHECK(!lzf_decompress(tight, size, back, n - 1));
        CHECK(!lzf_decompress(tight, size - 1, back, n));
        free(tight);
    }
    free(in);
    free(packed);
    free(back);
    return size;
}

static void test_round_trips(void) {
    static uint8_t bytes[70000];
    for (int round = 0; round < 3000; round++) {
        size_t n = below(8) ? below(600) : below(sizeof bytes);
        unsigned letters = 1 + (unsigned)below(below(2) ? 4 : 256), period = 1 + (unsigned)below(9000);
        for (size_t i = 0; i < n; i++)
            bytes[i] = i >= period && below(50) ? bytes[i - period] : (uint8_t)(below(letters) + 'a');
        round_trip(bytes, n, n + n / 16 + 64);
        round_trip(bytes, n, n ? below(n) : 0);
    }
}

static void test_long_runs_and_far_matches(void) {
    static uint8_t bytes[20000];
    memset(bytes, 'x', sizeof bytes);
    for (size_t n = 4; n < 1200; n++)
        CHECK(n < 8 || round_trip(bytes, n, n - 1));
    CHECK(round_trip(bytes, sizeof bytes, sizeof bytes) < 300);
    for (size_t far = 8180; far < 8200; far++) { /* the last distance that can be said is 8192 */
        for (size_t i = 0; i < far; i++)
            bytes[i] = (uint8_t)chance();
        memcpy(bytes + far, bytes, 300);
        CHECK(round_trip(bytes, far + 300, far + 900));
    }
}

static bool opens_as(const void *stream, size_t n, const char *text, size_t size) {
    uint8_t *in = exactly(stream, n), *out = malloc(size ? size : 1);
    bool good = lzf_decompress(in, n, out, size) && memcmp(out, text, size) == 0;
    free(in);
    free(out);
    return good;
}

static void test_streams_of_other_writers(void) {
    CHECK(opens_as("\x01"
                   "aa"
                   "\xe0\x0a\x00",
                   6, "aaaaaaaaaaaaaaaaaaaaa", 21)); /* from a DUMP of Valkey */
    CHECK(opens_as("\x02"
                   "abc",
                   4, "abc", 3));
    CHECK(opens_as("\x02"
                   "abc"
                   "\x20\x02",
                   6, "abcabc", 6));
    CHECK(opens_as("", 0, "", 0));
}

static void test_streams_that_lie(void) {
    CHECK(!opens_as("\x02"
                    "ab",
                    3, "abc", 3)); /* literals cut */
    CHECK(!opens_as("\x02"
                    "abc",
                    4, "ab", 2)); /* too many of them */
    CHECK(!opens_as("\x02"
                    "abc",
                    4, "abcd", 4)); /* too few */
    CHECK(!opens_as("\x20\x00", 2, "aaa", 3)); /* from before the start */
    CHECK(!opens_as("\x00"
                    "a"
                    "\x20\x01",
                    4, "aaaa", 4));
    CHECK(!opens_as("\x00"
                    "a"
                    "\x20",
                    3, "aaaa", 4)); /* distance cut */
    CHECK(!opens_as("\x00"
                    "a"
                    "\xe0",
                    3, "aaaa", 4)); /* length cut */
    CHECK(!opens_as("\x00"
                    "a"
                    "\xe0\xff\x00",
                    5, "aaaa", 4)); /* copies too much */
}

int main(void) {
    RUN(test_round_trips);
    RUN(test_long_runs_and_far_matches);
    RUN(test_streams_of_other_writers);
    RUN(test_streams_that_lie);
    return finish("lzf");
}
