/* bits against a model that looks at one bit at a time: every alignment, sizes near the edges of words, vectors and
 * blocks, both bodies of each kernel. Fields against their bits, and against arithmetic that is wide enough. */
#include "bits.h"
#include "internal/bits_ways.h"
#include "packed.h"

enum { ROOM = 20000 };

static const size_t SIZES[] = {0,    1,    2,    7,    8,    9,     15,    16,   17,   31,   32,
                               33,   63,   64,   65,   95,   96,    127,   128,  129,  160,  255,
                               256,  257,  487,  511,  512,  513,   520,   1023, 1024, 1025, 1151,
                               2047, 8191, 8192, 8193, 8224, 16384, 16385, 16447};
enum { SIZE_COUNT = sizeof SIZES / sizeof *SIZES };

static void fill(uint8_t *p, size_t n) {
    uint64_t kind = below(4);
    for (size_t i = 0; i < n; i++)
        p[i] = kind == 0 ? 0 : kind == 1 ? 0xFF : (uint8_t)chance();
    if (kind < 2 && n && below(2))
        p[below(n)] ^= (uint8_t)(1 << below(8));
}

/* n bytes that end where the block ends: what reads or writes further is seen. */
static uint8_t *exact(size_t n) {
    uint8_t *p = malloc(n ? n : 1);
    fill(p, n);
    return p;
}

static int naive_bit(const uint8_t *p, size_t n, uint64_t place) {
    return place / 8 < n ? p[place / 8] >> (7 - place % 8) & 1 : 0;
}

static uint64_t naive_count(const uint8_t *p, uint64_t first, uint64_t end) {
    uint64_t n = 0;
    for (uint64_t i = first; i < end; i++)
        n += (uint64_t)naive_bit(p, SIZE_MAX, i);
    return n;
}

static void test_counting(void) {
    for (int round = 0; round < 4; round++)
        for (size_t k = 0; k < SIZE_COUNT; k++)
            for (size_t shift = 0; shift < 33; shift += SIZES[k] > 2000 ? 11 : 1) {
                size_t n = SIZES[k];
                uint8_t *p = exact(n + shift);
                uint64_t expected = naive_count(p + shift, 0, n * 8);
                CHECK(bits_count(p + shift, n) == expected);
                CHECK(bits_count_plain(p + shift, n) == expected);
#if VECTOR_AVX2
                if (vector_avx2())
                    CHECK(bits_count_avx2(p + shift, n) == expected);
#endif
                if (n) {
                    uint64_t first = below(n * 8), last = first + below(n * 8 - first);
                    CHECK(bits_count_range(p + shift, first, last)
                          == naive_count(p + shift, first, last + 1));
                }
                free(p);
            }
}

static int64_t naive_find(const uint8_t *p, int bit, uint64_t first, uint64_t last) {
    for (uint64_t i = first; i <= last; i++)
        if (naive_bit(p, SIZE_MAX, i) == bit)
            return (int64_t)i;
    return -1;
}

static void test_finding(void) {
    for (int round = 0; round < 40; round++)
        for (size_t k = 1; k < SIZE_COUNT; k++) {
            size_t n = SIZES[k], shift = below(33);
            uint8_t *p = exact(n + shift);
            uint64_t first = below(2) ? 0 : below(n * 8),
                     last = below(2) ? n * 8 - 1 : first + below(n * 8 - first);
            for (int bit = 0; bit < 2; bit++)
                CHECK(bits_find(p + shift, bit, first, last) == naive_find(p + shift, bit, first, last));
            size_t run = 0;
            while (run < n && p[shift + run] == 0xFF)
                run++;
            CHECK(bits_skip_plain(p + shift, n, 0xFF) == run);
#if VECTOR_AVX2
            if (vector_avx2())
                CHECK(bits_skip_avx2(p + shift, n, 0xFF) == run);
#endif
            free(p);
        }
}

static uint8_t byte_of(const BitsSource *s, size_t i) { return i < s->size ? s->data[i] : 0; }

static void check_combined(BitsOperation op, size_t size, BitsSource *sources, size_t n) {
    uint8_t *expected = malloc(size + 1), *out = malloc(size + 1);
    for (size_t i = 0; i < size; i++) {
        uint8_t b = byte_of(&sources[0], i);
        for (size_t k = 1; k < n; k++)
            b = op == BITS_AND  ? b & byte_of(&sources[k], i)
                : op == BITS_OR ? b | byte_of(&sources[k], i)
                                : b ^ byte_of(&sources[k], i);
        expected[i] = op == BITS_NOT ? (uint8_t)~b : b;
    }
    out[size] = 0x5A;
    bits_combine(op, out, size, sources, n);
    CHECK(memcmp(out, expected, size) == 0 && out[size] == 0x5A);
    memset(out, 0x77, size); /* and once more over the first source itself */
    if (sources[0].size)
        memcpy(out, sources[0].data, sources[0].size);
    BitsSource first = sources[0];
    sources[0].data = out;
    bits_combine(op, out, size, sources, n);
    sources[0] = first;
    CHECK(memcmp(out, expected, size) == 0 && out[size] == 0x5A);
    free(expected);
    free(out);
}

static void test_combining(void) {
    for (int round = 0; round < 600; round++) {
        size_t n = 1 + below(5), size = 0;
        uint8_t *blocks[5];
        BitsSource sources[5];
        size_t near = SIZES[below(SIZE_COUNT)];
        for (size_t k = 0; k < n; k++) {
            size_t shift = below(9), length = below(3) ? near + below(3) : SIZES[below(SIZE_COUNT)];
            blocks[k] = exact(length + shift);
            sources[k] = (BitsSource){length ? blocks[k] + shift : NULL, length};
            size = length > size ? length : size;
        }
        check_combined(BITS_AND, size, sources, n);
        check_combined(BITS_OR, size, sources, n);
        check_combined(BITS_XOR, size, sources, n);
        check_combined(BITS_NOT, sources[0].size, sources, 1);
        for (size_t k = 0; k < n; k++)
            free(blocks[k]);
    }
}

static void test_both_bodies(void) {
#if VECTOR_AVX2
    if (!vector_avx2())
        return;
    for (size_t k = 0; k < SIZE_COUNT; k++) {
        size_t n = SIZES[k];
        uint8_t *a = exact(n), *b = exact(n), *one = exact(n), *other = exact(n);
        for (BitsOperation op = BITS_AND; op <= BITS_XOR; op++) {
            bits_pair_plain(op, one, a, b, n);
            bits_pair_avx2(op, other, a, b, n);
            CHECK(memcmp(one, other, n) == 0);
        }
        bits_not_plain(one, a, n);
        bits_not_avx2(other, a, n);
        CHECK(memcmp(one, other, n) == 0);
        free(a);
        free(b);
        free(one);
        free(other);
    }
#endif
}

static void test_single_bits(void) {
    uint8_t *p = exact(40);
    for (int i = 0; i < 4000; i++) {
        uint64_t place = below(340);
        CHECK(bits_get(p, 40, place) == naive_bit(p, 40, place));
        if (place < 320) {
            uint64_t before = bits_count(p, 40);
            int was = bits_get(p, 40, place), bit = (int)below(2);
            bits_set(p, place, bit);
            CHECK(bits_get(p, 40, place) == bit
                  && bits_count(p, 40) == before - (uint64_t)was + (uint64_t)bit);
        }
    }
    CHECK(bits_get(p, 40, UINT64_MAX) == 0 && bits_get(NULL, 0, 0) == 0);
    free(p);
}

/* ---- fields */

static int64_t naive_field(const uint8_t *p, size_t n, uint64_t place, BitsField f) {
    uint64_t v = 0;
    for (unsigned i = 0; i < f.width; i++)
        v = v << 1 | (uint64_t)naive_bit(p, n, place + i);
    if (f.is_signed && f.width < 64 && v >> (f.width - 1))
        v |= UINT64_MAX << f.width;
    return (int64_t)v;
}

static BitsField random_field(void) {
    bool is_signed = below(2);
    return (BitsField){is_signed, (uint8_t)(1 + below(is_signed ? 64 : 63))};
}

static void test_fields_by_bits(void) {
    for (int width = 1; width <= 64; width++)
        for (int kind = 0; kind < 2; kind++)
            for (uint64_t place = 0; place < 140; place++) {
                BitsField f = {kind == 1, (uint8_t)width};
                if (!f.is_signed && width == 64)
                    continue;
                uint8_t *p = exact(16);
                CHECK(bits_field_get(p, 16, place, f) == naive_field(p, 16, place, f));
                free(p);
                size_t n = bits_field_end(place, f);
                CHECK(n == (place + f.width + 7) / 8);
                p = exact(n);
                uint8_t *before = malloc(n);
                memcpy(before, p, n);
                int64_t number;
                bits_field_fit(f, (int64_t)chance(), BITS_WRAP, &number);
                bits_field_set(p, place, f, number);
                CHECK(bits_field_get(p, n, place, f) == number);
                for (uint64_t i = 0; i < n * 8; i++)
                    if (i < place || i >= place + f.width)
                        CHECK(naive_bit(p, n, i) == naive_bit(before, n, i));
                free(p);
                free(before);
            }
    CHECK(bits_field_get(NULL, 0, 0, (BitsField){true, 64}) == 0);
    CHECK(bits_field_get((const uint8_t *)"\xff", 1, INT64_MAX, (BitsField){true, 64}) == 0);
    CHECK(bits_field_get((const uint8_t *)"\xff", 1, 4, (BitsField){true, 64})
          == (int64_t)(UINT64_C(15) << 60));
}

static int64_t edge(BitsField f) {
    int64_t high = (int64_t)(UINT64_MAX >> (64 - f.width) >> f.is_signed);
    switch (below(6)) {
    case 0:
        return high;
    case 1:
        return -high - 1;
    case 2:
        return (int64_t)(chance() >> below(64));
    case 3:
        return below(2) ? INT64_MAX : INT64_MIN;
    default:
        return (int64_t)below(5) - 2;
    }
}

static void check_written(BitsField f, __int128 wanted, bool fits, BitsOverflow mode, int64_t got,
                          bool all_above) {
    __int128 high = (__int128)(UINT64_MAX >> (64 - f.width) >> f.is_signed),
             low = f.is_signed ? -high - 1 : 0;
    bool inside = wanted >= low && wanted <= high;
    CHECK(fits == inside);
    if (inside)
        CHECK(got == (int64_t)wanted);
    else if (mode == BITS_SATURATE)
        CHECK(got == (int64_t)(wanted > high || (all_above && !f.is_signed) ? high : low));
    else if (mode == BITS_WRAP) {
        CHECK(got >= low && got <= high);
        CHECK((((uint64_t)got ^ (uint64_t)wanted) & UINT64_MAX >> (64 - f.width)) == 0);
    }
}

static void test_overflow(void) {
    for (int round = 0; round < 300000; round++) {
        BitsField f = random_field();
        BitsOverflow mode = (BitsOverflow)below(3);
        int64_t number = edge(f), step = edge(f), got = 0, held;
        bool fits = bits_field_fit(f, number, mode, &got);
        check_written(f, number, fits, mode, got, true);
        bits_field_fit(f, number, BITS_WRAP, &held);
        fits = bits_field_add(f, held, step, mode, &got);
        check_written(f, (__int128)held + step, fits, mode, got, false);
    }
}

static bool field(const char *text, bool is_signed, int width) {
    BitsField f;
    return bits_field_parse(text, strlen(text), &f) && f.is_signed == is_signed && f.width == width;
}

static void test_notation(void) {
    BitsField f;
    uint64_t place;
    CHECK(field("u1", false, 1) && field("u63", false, 63) && field("i1", true, 1) && field("i64", true, 64));
    const char *bad[] = {"",    "u",   "i",   "u0",  "u64",
                         "i65", "i-1", "u+8", "u08", "U8",
                         "8",   "x8",  "u8 ", " u8", "i9999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!bits_field_parse(bad[i], strlen(bad[i]), &f));
    CHECK(!bits_field_parse("u8\0", 3, &f));
    CHECK(bits_place_parse("0", 1, 8, &place) && place == 0);
    CHECK(bits_place_parse("#3", 2, 8, &place) && place == 24);
    CHECK(bits_place_parse("9223372036854775807", 19, 8, &place) && place == INT64_MAX);
    CHECK(bits_place_parse("#146402730743726600", 19, 63, &place) && place == UINT64_C(9223372036854775800));
    CHECK(!bits_place_parse("#146402730743726601", 19, 63, &place)); /* the product leaves int64 */
    CHECK(!bits_place_parse("#2305843009213693952", 20, 8, &place)); /* the product is 2^64, which is no 0 */
    CHECK(!bits_place_parse("#3", 2, 0, &place));
    const char *none[] = {"", "#", "-1", "#-1", "##1", "1#", "x", "01", "+1", " 1", "9223372036854775808"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK(!bits_place_parse(none[i], strlen(none[i]), 8, &place));
}

int main(void) {
    RUN(test_counting);
    RUN(test_finding);
    RUN(test_combining);
    RUN(test_both_bodies);
    RUN(test_single_bits);
    RUN(test_fields_by_bits);
    RUN(test_overflow);
    RUN(test_notation);
    return finish("test_bits");
}
