/* Fields and places as text, whole and damaged, against a reader with numbers wide enough for all of them; and what is
 * then read and written, bit by bit, in blocks of exactly their size. */
#include "bits.h"
#include "fuzzing.h"

typedef __int128 Wide;

/* An integer in its one canonical spelling, of at most 30 digits. */
static bool naive_integer(const char *p, size_t n, Wide *out) {
    bool negative = n && *p == '-';
    Wide v = 0;
    p += negative;
    n -= negative;
    if (n == 0 || n > 30 || (*p == '0' && (n > 1 || negative)))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (p[i] - '0');
    }
    *out = negative ? -v : v;
    return true;
}

static bool naive_field(const char *p, size_t n, BitsField *out) {
    Wide width;
    if (n < 2 || (*p != 'i' && *p != 'u') || !naive_integer(p + 1, n - 1, &width))
        return false;
    *out = (BitsField){*p == 'i', (uint8_t)width};
    return width >= 1 && width <= (*p == 'i' ? 64 : 63);
}

static bool naive_place(const char *p, size_t n, unsigned width, uint64_t *out) {
    bool counted = width && n && *p == '#';
    Wide v;
    if (!naive_integer(p + counted, n - counted, &v) || v < 0 || v > INT64_MAX)
        return false;
    v *= counted ? width : 1;
    *out = (uint64_t)v;
    return v <= INT64_MAX;
}

static char *random_field(size_t *n) {
    char text[40];
    *n = (size_t)snprintf(text, sizeof text, "%c%d", fuzz_below(2) ? 'i' : 'u',
                          (int)fuzz_below(fuzz_below(8) ? 65 : 1000));
    if (fuzz_below(6) == 0)
        *n = fuzz_mutate((uint8_t *)text, *n, sizeof text, 0);
    *n -= fuzz_below(12) == 0 && *n;
    return (char *)fuzz_block(text, *n);
}

static char *random_place(size_t *n) {
    char text[40];
    uint64_t v = fuzz_below(3) ? fuzz_below(200) : fuzz_next() >> fuzz_below(64);
    if (fuzz_below(4) == 0) /* near where the product with some width leaves 63 or 64 bits */
        v = (fuzz_below(2) ? UINT64_C(1) << 63 : UINT64_MAX) / (1 + fuzz_below(64)) + fuzz_below(3) - 1;
    *n = (size_t)snprintf(text, sizeof text, "%s%s%llu", fuzz_below(2) ? "#" : "", fuzz_below(12) ? "" : "-",
                          (unsigned long long)v);
    if (fuzz_below(6) == 0)
        *n = fuzz_mutate((uint8_t *)text, *n, sizeof text, 0);
    return (char *)fuzz_block(text, *n);
}

static int bit_at(const uint8_t *p, size_t n, uint64_t place) {
    return place / 8 < n ? p[place / 8] >> (7 - place % 8) & 1 : 0;
}

static Wide read_bits(const uint8_t *p, size_t n, uint64_t place, BitsField f) {
    Wide v = 0;
    for (unsigned i = 0; i < f.width; i++)
        v = v * 2 + bit_at(p, n, place + i);
    return f.is_signed && v >> (f.width - 1) ? v - ((Wide)1 << f.width) : v;
}

static void use(BitsField f, uint64_t place) {
    size_t n = fuzz_below(40);
    uint8_t *p = malloc(n ? n : 1);
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)fuzz_next();
    Wide was = read_bits(p, n, place, f);
    FUZZ_CHECK(bits_field_get(p, n, place, f) == was);
    FUZZ_CHECK(bits_get(p, n, place) == bit_at(p, n, place));
    if (place < 1 << 12) {
        size_t size = bits_field_end(place, f);
        size = size > n ? size : n;
        p = realloc(p, size);
        memset(p + n, 0, size - n);
        int64_t step = fuzz_below(2) ? (int64_t)fuzz_next() >> fuzz_below(64) : (int64_t)fuzz_below(5) - 2,
                now;
        BitsOverflow mode = (BitsOverflow)fuzz_below(3);
        Wide high = ((Wide)1 << (f.width - f.is_signed)) - 1, low = f.is_signed ? -high - 1 : 0,
             sum = was + step;
        bool fits = bits_field_add(f, (int64_t)was, step, mode, &now);
        FUZZ_CHECK(fits == (sum >= low && sum <= high));
        if (fits || mode != BITS_FAIL) {
            FUZZ_CHECK(now >= low && now <= high && (!fits || now == sum));
            FUZZ_CHECK(fits || mode != BITS_SATURATE || now == (sum > high ? high : low));
            uint8_t *copy = malloc(size);
            memcpy(copy, p, size);
            bits_field_set(p, place, f, now);
            FUZZ_CHECK(bits_field_get(p, size, place, f) == now && read_bits(p, size, place, f) == now);
            for (uint64_t i = 0; i < size * 8; i++)
                FUZZ_CHECK((i >= place && i < place + f.width)
                           || bit_at(p, size, i) == bit_at(copy, size, i));
            free(copy);
        }
    }
    free(p);
}

static void one_input(void) {
    size_t field_size, place_size;
    char *field_text = random_field(&field_size), *place_text = random_place(&place_size);
    BitsField f, expected;
    uint64_t place, wanted;
    bool known = bits_field_parse(field_text, field_size, &f);
    FUZZ_CHECK(known == naive_field(field_text, field_size, &expected));
    if (known) {
        FUZZ_CHECK(f.is_signed == expected.is_signed && f.width == expected.width);
        bool there = bits_place_parse(place_text, place_size, f.width, &place);
        FUZZ_CHECK(there == naive_place(place_text, place_size, f.width, &wanted)
                   && (!there || place == wanted));
        if (there)
            use(f, place);
    }
    bool plain = bits_place_parse(place_text, place_size, 0, &place);
    FUZZ_CHECK(plain == naive_place(place_text, place_size, 0, &wanted) && (!plain || place == wanted));
    free(field_text);
    free(place_text);
}

int main(int argc, char **argv) { return fuzz(argc, argv, "fuzz_bitfield", one_input); }
