/* crc64 beside the textbook's bit by bit, at every size and cut. */
#include "crc.h"
#include "packed.h"

static uint64_t bit_by_bit(uint64_t crc, const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x95ac9329ac4bc9b5u : 0); /* the polynomial, reflected */
    }
    return crc;
}

static void test_the_published_check_value(void) {
    CHECK(crc64(0, "123456789", 9) == 0xe9c6d914c4b8d9cau);
    CHECK(crc64(0, "", 0) == 0);
}

static void test_every_size_start_and_cut(void) {
    uint8_t bytes[80];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)chance();
    for (size_t start = 0; start < 8; start++)
        for (size_t n = 0; n + start <= sizeof bytes; n++) {
            uint64_t whole = crc64(0, bytes + start, n);
            CHECK(whole == bit_by_bit(0, bytes + start, n));
            size_t cut = n ? below(n) : 0;
            CHECK(crc64(crc64(0, bytes + start, cut), bytes + start + cut, n - cut) == whole);
        }
}

/* Long ones take other ways: whole and cut, all begin with what came before. */
static void test_long_ones(void) {
    uint8_t bytes[1200];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)chance();
    for (size_t n = 60; n <= sizeof bytes; n += n < 400 ? 1 : 37) {
        uint8_t *exact = malloc(n);
        uint64_t before = chance();
        memcpy(exact, bytes, n);
        CHECK(crc64(before, exact, n) == bit_by_bit(before, exact, n));
        size_t cut = below(n);
        CHECK(crc64(crc64(0, exact, cut), exact + cut, n - cut) == bit_by_bit(0, exact, n));
        exact[below(n)] ^= (uint8_t)(1 << below(8));
        CHECK(crc64(0, exact, n) != bit_by_bit(0, bytes, n));
        free(exact);
    }
}

static void test_every_byte_alone(void) {
    for (int i = 0; i < 256; i++) {
        uint8_t bytes[8] = {0};
        for (int at = 0; at < 8; at++) {
            bytes[at] = (uint8_t)i;
            CHECK(crc64(0, bytes, 8) == bit_by_bit(0, bytes, 8));
            bytes[at] = 0;
        }
    }
}

int main(void) {
    RUN(test_the_published_check_value);
    RUN(test_every_size_start_and_cut);
    RUN(test_long_ones);
    RUN(test_every_byte_alone);
    return finish("crc");
}
