/* number: every spelling at its edges, and random values that must come back as they went. */
#include "number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed, failed;

static void check(bool ok, const char *what, const char *text) {
    if (ok) {
        passed++;
        return;
    }
    failed++;
    fprintf(stderr, "test_number: %s: <%s>\n", what, text);
}

static uint64_t state = 0x2545f4914f6cdd1du;

static uint64_t chance(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* An exact copy of the text, so that the sanitizer sees a byte read too many. */
static char *exact(const char *text, size_t n) {
    char *copy = malloc(n ? n : 1);
    if (!copy)
        abort();
    memcpy(copy, text, n);
    return copy;
}

static void test_int_parse(void) {
    static const char *const GOOD[] = {
        "0", "1", "-1", "10", "9223372036854775807", "-9223372036854775808", "1000000000000000000"};
    static const char *const BAD[] = {"",
                                      "-",
                                      "+1",
                                      "-0",
                                      "00",
                                      "01",
                                      "-01",
                                      " 1",
                                      "1 ",
                                      "1a",
                                      "a",
                                      "0x1",
                                      "1.0",
                                      "--1",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999",
                                      "18446744073709551616",
                                      "-99999999999999999999",
                                      "100000000000000000000"};
    int64_t v;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        char *text = exact(GOOD[i], strlen(GOOD[i]));
        check(number_parse_int(text, strlen(GOOD[i]), &v) && v == strtoll(GOOD[i], NULL, 10), "int", GOOD[i]);
        free(text);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        char *text = exact(BAD[i], strlen(BAD[i]));
        check(!number_parse_int(text, strlen(BAD[i]), &v), "no int", BAD[i]);
        free(text);
    }
    check(!number_parse_int("1\0", 2, &v), "a final NUL is no digit", "1\\0");
    uint64_t u;
    check(number_parse_uint("18446744073709551615", 20, &u) && u == UINT64_MAX, "uint", "2^64-1");
    check(!number_parse_uint("18446744073709551616", 20, &u), "no uint", "2^64");
    check(!number_parse_uint("-1", 2, &u), "no uint", "-1");
}

static void test_int_format(void) {
    char out[NUMBER_INT_MAX], expected[32];
    int wrong = 0;
    for (int i = 0; i < 200000; i++) {
        int64_t v = (int64_t)(chance() >> (chance() & 63)), back;
        if (chance() & 1)
            v = (int64_t)(0 - (uint64_t)v);
        size_t n = number_format_int(v, out);
        int m = snprintf(expected, sizeof expected, "%lld", (long long)v);
        wrong +=
            n != (size_t)m || memcmp(out, expected, n) != 0 || !number_parse_int(out, n, &back) || back != v;
        wrong += number_digits((uint64_t)v) != (unsigned)snprintf(NULL, 0, "%llu", (unsigned long long)v);
    }
    uint64_t edge = 1;
    for (int i = 0; i < 20; i++, edge *= 10)
        for (int d = -1; d <= 1; d++) {
            size_t n = number_format_uint(edge + (uint64_t)d, out);
            int m = snprintf(expected, sizeof expected, "%llu", (unsigned long long)(edge + (uint64_t)d));
            wrong += n != (size_t)m || memcmp(out, expected, n) != 0;
        }
    wrong += number_format_int(INT64_MIN, out) != 20 || memcmp(out, "-9223372036854775808", 20) != 0;
    check(wrong == 0, "ints print as printf prints them and read back", "");
}

static void prints(double v, const char *expected) {
    char out[NUMBER_DOUBLE_MAX + 1];
    size_t n = number_format_double(v, out);
    out[n] = 0;
    check(strcmp(out, expected) == 0, expected, out);
}

static void test_double_format(void) {
    prints(0, "0"), prints(-0.0, "-0"), prints(3, "3"), prints(-7, "-7"), prints(0.1, "0.1"),
        prints(0.1 + 0.2, "0.30000000000000004");
    prints(1e15, "1000000000000000"), prints(1e17, "100000000000000000"), prints(1e18, "1000000000000000000"),
        prints(1e19, "1e+19");
    prints(1e20, "1e+20"), prints(1e22, "1e+22"), prints(1e23, "99999999999999990000000"),
        prints(1e-5, "0.00001");
    prints(1e-6, "0.000001"), prints(1e-7, "1e-7"), prints(1.5e-6, "1.5e-6"), prints(1.5e-7, "1.5e-7"),
        prints(0.0012345, "0.0012345");
    prints(123456789.12345679, "1.2345678912345679e+8"), prints(12345678901.234568, "12345678901.234568");
    prints(1234567890123456.8, "1234567890123456.7"), prints(12345678901234567890.0, "12345678901234567000");
    prints(4611686018427387904.0, "4611686018427387904"),
        prints(4611686018427388928.0, "4611686018427389000");
    prints(-4611686018427387904.0, "-4611686018427387904"),
        prints(-9223372036854775808.0, "-9223372036854776000");
    prints(5e-324, "5e-324"), prints(DBL_MAX, "1.7976931348623157e+308"),
        prints(DBL_MIN, "2.2250738585072014e-308");
    prints(-DBL_MAX, "-1.7976931348623157e+308"), prints(-1.5e-300, "-1.5e-300");
    prints(INFINITY, "inf"), prints(-INFINITY, "-inf"), prints(NAN, "nan");
}

static void test_double_parse(void) {
    static const char *const BAD[] = {"",
                                      "+",
                                      "-",
                                      ".",
                                      "-.",
                                      "e5",
                                      ".e5",
                                      "1e",
                                      "1e+",
                                      "1e5x",
                                      " 1",
                                      "1 ",
                                      "--1",
                                      "+-1",
                                      "1..2",
                                      "1.2.3",
                                      "0x10",
                                      "0X1p3",
                                      "nan",
                                      "-nan",
                                      "nan(1)",
                                      "infinit",
                                      "infinityx",
                                      "i",
                                      "1e309",
                                      "-1e309",
                                      "1e-400",
                                      "2e-324",
                                      "2.4703282292062327e-324",
                                      "1e999999999999",
                                      "1,5",
                                      "1_0",
                                      "1e-99999999999999999999999",
                                      "1f"};
    static const char *const GOOD[] = {"1",
                                       "+1",
                                       "-1",
                                       ".5",
                                       "5.",
                                       "-.5",
                                       "+.5",
                                       "1e5",
                                       "1E5",
                                       "1e+5",
                                       "1e-5",
                                       "1.e5",
                                       "00",
                                       "01",
                                       "0e0",
                                       "0e999999999",
                                       "0e-999999999",
                                       "1e308",
                                       "4e-324",
                                       "2.4703282292062328e-324",
                                       "1e0005",
                                       "9007199254740993",
                                       "9007199254740992.99999999999999999999999",
                                       "9007199254740993.0000000001",
                                       "179769313486231570000000000000000000000",
                                       "1.7976931348623158e308",
                                       "0.1",
                                       "123456.789e-3",
                                       "2.2250738585072011e-308",
                                       "18446744073709551615",
                                       "18446744073709551616",
                                       "5e-324",
                                       "0.500000000000000166533453693773481063544750213623046875",
                                       "9223372036854775808",
                                       "1e23",
                                       "8.5e22",
                                       "3.518437208883201171875e13",
                                       "10000000000000000000000000000000000000000000000e-46"};
    double v;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        char *text = exact(BAD[i], strlen(BAD[i]));
        check(!number_parse_double(text, strlen(BAD[i]), &v), "no double", BAD[i]);
        free(text);
    }
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        char *text = exact(GOOD[i], strlen(GOOD[i]));
        check(number_parse_double(text, strlen(GOOD[i]), &v) && v == strtod(GOOD[i], NULL), "double",
              GOOD[i]);
        free(text);
    }
    check(number_parse_double("-0", 2, &v) && v == 0 && signbit(v), "keeps the sign of", "-0");
    check(number_parse_double("Inf", 3, &v) && isinf(v) && v > 0, "word", "Inf");
    check(number_parse_double("-INFINITY", 9, &v) && isinf(v) && v < 0, "word", "-INFINITY");
    static char digits[7000];
    memset(digits, '1', sizeof digits);
    digits[1] = '.';
    check(number_parse_double(digits, sizeof digits, &v) && v == 1.1111111111111112, "7000 digits",
          "1.111...");
}

/* Random bit patterns print and read back as themselves, and read as strtod reads them at any precision. */
static void test_double_round_trip(void) {
    char out[NUMBER_DOUBLE_MAX], text[64];
    int wrong = 0;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = chance();
        double v, back;
        memcpy(&v, &bits, 8);
        if (i & 1)
            v = (double)(chance() % 2000000) / 1000 - 1000;
        if (!isfinite(v))
            continue;
        size_t n = number_format_double(v, out);
        wrong += n > 25 || !number_parse_double(out, n, &back) || memcmp(&back, &v, 8) != 0;
        int m = snprintf(text, sizeof text, "%.*e", (int)(chance() % 25), v);
        double expected = strtod(text, NULL);
        if (isfinite(expected) && (expected != 0 || v == 0))
            wrong += !number_parse_double(text, (size_t)m, &back) || memcmp(&back, &expected, 8) != 0;
    }
    check(wrong == 0, "doubles survive their text", "");
}

static void test_long_double(void) {
    static const struct {
        const char *in, *out;
    } SAME[] = {{"10.6", "10.6"},
                {"5.0e3", "5000"},
                {"0.1", "0.1"},
                {"-0", "0"},
                {"-1e-30", "0"},
                {"15e-18", "0.00000000000000002"},
                {"0x10", "16"},
                {"0x1.8p1", "3"},
                {"0x.8", "0.5"},
                {"-0X10", "-16"},
                {"0x1e5", "485"},
                {"0.5", "0.5"},
                {"-2.25", "-2.25"},
                {"1e18", "1000000000000000000"},
                {"-0.00000000000000001", "-0.00000000000000001"},
                {"inf", "inf"},
                {"-Infinity", "-inf"},
                {"0e99999", "0"},
                {"1e22", "10000000000000000000000"}};
    static const char *const BAD[] = {"",    "0x", "0x.", "0x1p", "0x1p+", "1e99999", "1e-99999",
                                      "nan", " 1", "1 ",  "1e",   "x",     "0x1g"};
    char out[NUMBER_LONG_DOUBLE_MAX];
    long double v;
    for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++) {
        char *text = exact(SAME[i].in, strlen(SAME[i].in));
        bool ok = number_parse_long_double(text, strlen(SAME[i].in), &v);
        size_t n = ok ? number_format_long_double(v, out) : 0;
        check(ok && n == strlen(SAME[i].out) && memcmp(out, SAME[i].out, n) == 0, SAME[i].out, SAME[i].in);
        free(text);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        check(!number_parse_long_double(BAD[i], strlen(BAD[i]), &v), "no long double", BAD[i]);
    static char digits[NUMBER_LONG_DOUBLE_MAX];
    memset(digits, '1', sizeof digits);
    digits[1] = '.';
    check(number_parse_long_double(digits, sizeof digits - 1, &v), "5119 bytes", "");
    check(!number_parse_long_double(digits, sizeof digits, &v), "5120 bytes", "");
    check(number_format_long_double(LDBL_MAX, out) > 300, "the largest", "");
    check(number_format_long_double(-LDBL_MAX, out) > 300, "the smallest", "");
    int wrong = 0;
    for (int i = 0; i < 20000; i++) {
        char expected[64];
        long double x = (long double)(int64_t)chance() / (long double)(UINT64_C(1) << (chance() & 63));
        size_t n = number_format_long_double(x, out);
        int m = snprintf(expected, sizeof expected, "%.17Lf", x);
        while (m && expected[m - 1] == '0')
            m--;
        m -= expected[m - 1] == '.';
        expected[m] = 0;
        if (strcmp(expected, "-0") == 0) {
            memcpy(expected, "0", 2);
            m = 1;
        }
        wrong += n != (size_t)m || memcmp(out, expected, n) != 0;
    }
    check(wrong == 0, "long doubles print as %.17Lf without its zeros", "");
}

int main(void) {
    test_int_parse();
    test_int_format();
    test_double_format();
    test_double_parse();
    test_double_round_trip();
    test_long_double();
    printf("test_number: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
