/* number: the parsers accept what C's accept, less the oddities, and to the same value; what is formatted reads back. */
#include "fuzzing.h"
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>

enum { ROOM = 64 };

static char text[ROOM + 1];
static size_t size;

static void make_text(void) {
    static const char *const seeds[] = {"0",
                                        "-1",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "18446744073709551615",
                                        "3.25",
                                        "-0.1",
                                        "1e10",
                                        "1.5e-7",
                                        "inf",
                                        "-Infinity",
                                        "nan",
                                        "0x1.8p3",
                                        "4.9406564584124654e-324",
                                        "1.7976931348623157e308",
                                        "0.1e-400",
                                        "+5",
                                        " 7",
                                        "1e",
                                        ".5",
                                        "5.",
                                        "00012",
                                        "123456789012345678901234567890",
                                        "2.2250738585072011e-308",
                                        "9007199254740993"};
    static const char signs[] = "0123456789+-.eEinfxa \t_,";
    if (fuzz_one_in(3)) {
        const char *seed = seeds[fuzz_below(sizeof seeds / sizeof *seeds)];
        size = strlen(seed);
        memcpy(text, seed, size);
    } else if (fuzz_one_in(2)) {
        size = number_format_int((int64_t)fuzz_border(), text);
    } else {
        size = fuzz_below(26);
        for (size_t i = 0; i < size; i++)
            text[i] = (char)('0' + fuzz_below(10));
        if (size > 2 && fuzz_below(3))
            text[fuzz_below(size)] = '.';
        if (size > 3 && fuzz_one_in(2))
            text[size - 1 - fuzz_below(4)] = 'e';
    }
    for (uint64_t n = fuzz_small(4); n; n--) {
        if (fuzz_one_in(4))
            size = fuzz_damage((uint8_t *)text, size, ROOM);
        else if (size)
            text[fuzz_below(size)] = signs[fuzz_below(sizeof signs - 1)];
    }
    text[size] = 0;
}

/* Whether this is the one spelling of an integer: it has digits only, no zero before others. */
static bool canonical(bool sign) {
    size_t at = sign && size && text[0] == '-';
    if (at == size || (text[at] == '0' && size > 1))
        return false;
    for (; at < size; at++)
        if (!isdigit((unsigned char)text[at]))
            return false;
    return true;
}

static void integers(const uint8_t *block) {
    int64_t n = 1;
    uint64_t u = 1;
    errno = 0;
    long long expected = strtoll(text, NULL, 10);
    bool fits = canonical(true) && errno == 0;
    FUZZ_CHECK(number_parse_int(block, size, &n) == fits && (!fits || n == expected));
    errno = 0;
    unsigned long long positive = strtoull(text, NULL, 10);
    fits = canonical(false) && errno == 0;
    FUZZ_CHECK(number_parse_uint(block, size, &u) == fits && (!fits || u == positive));
}

/* Whether C read it to the end, and it is none of the spellings that are refused. */
static bool readable(const char *end, bool zero, bool infinite, bool is_nan) {
    bool digits = false, named = false;
    for (size_t i = 0; i < size; i++) {
        digits |= text[i] >= '1' && text[i] <= '9';
        if (text[i] == 'e' || text[i] == 'E')
            break;
        named |= text[i] == 'i' || text[i] == 'I';
    }
    return size > 0 && end == text + size && !isspace((unsigned char)text[0]) && !is_nan
           && !(infinite && !named) && !(zero && digits);
}

static void doubles(const uint8_t *block) {
    char *end;
    double v = strtod(text, &end), got = 0;
    bool fits =
        readable(end, v == 0, isinf(v), isnan(v)) && !memchr(text, 'x', size) && !memchr(text, 'X', size);
    FUZZ_CHECK(number_parse_double(block, size, &got) == fits);
    FUZZ_CHECK(!fits || memcmp(&got, &v, sizeof v) == 0);
    long double lv = strtold(text, &end), lgot = 0;
    if (!memchr(text, 'x', size) && !memchr(text, 'X', size)) {
        fits = readable(end, lv == 0, isinf(lv), isnan(lv));
        FUZZ_CHECK(number_parse_long_double(block, size, &lgot) == fits && (!fits || lgot == lv));
    } else {
        number_parse_long_double(block, size, &lgot);
    }
}

static void formats(void) {
    char out[NUMBER_LONG_DOUBLE_MAX + 1], expected[400];
    uint64_t bits = fuzz_one_in(2) ? fuzz_next() : fuzz_border();
    int64_t n;
    size_t length = number_format_int((int64_t)bits, out);
    FUZZ_CHECK(length == (size_t)snprintf(expected, sizeof expected, "%lld", (long long)bits));
    FUZZ_CHECK(memcmp(out, expected, length) == 0 && number_parse_int(out, length, &n)
               && (uint64_t)n == bits);
    length = number_format_uint(bits, out);
    FUZZ_CHECK(length == (size_t)snprintf(expected, sizeof expected, "%llu", (unsigned long long)bits));
    FUZZ_CHECK(memcmp(out, expected, length) == 0 && number_digits(bits) == length);
    double v, back;
    memcpy(&v, &bits, sizeof v);
    if (fuzz_one_in(3))
        v = (double)(int64_t)fuzz_border() / (double)(1 + fuzz_below(1000));
    if (isnan(v))
        return;
    length = number_format_double(v, out);
    FUZZ_CHECK(length <= NUMBER_DOUBLE_MAX && number_parse_double(out, length, &back) && back == v);
    length = number_format_digits(v, out);
    FUZZ_CHECK(length == (size_t)snprintf(expected, sizeof expected, "%.17g", v)
               && !memcmp(out, expected, length));
    length = number_format_long_double(v, out);
    FUZZ_CHECK(length > 0 && length < NUMBER_LONG_DOUBLE_MAX && (out[length - 1] != '.'));
    if (!isinf(v)) {
        long double full;
        out[length] = 0;
        FUZZ_CHECK(number_parse_long_double(out, length, &full)
                   && fabsl(full - v) <= 1e-17L * (1 + fabsl(full)));
    }
}

static void one_input(void) {
    make_text();
    if (!memchr(text, 0, size)) {
        uint8_t *block = fuzz_block(text, size);
        integers(block);
        doubles(block);
        free(block);
    }
    formats();
}

int main(int argc, char **argv) { return fuzz(argc, argv, "fuzz_number", one_input); }
