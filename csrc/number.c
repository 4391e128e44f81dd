/* number: integers. See number.h; doubles are in number_float.c.
 *
 * Formatting writes two digits at a time from a table of the hundred pairs, backwards
 * from the end that number_digits foretells (after A. Alexandrescu, "Three optimization
 * tips for C++", 2012). Parsing multiplies and adds; up to 18 digits cannot overflow, so
 * only longer texts pay for the check.
 */
#include "number.h"

#include <string.h>

static const char PAIRS[201] = "0001020304050607080910111213141516171819"
                               "2021222324252627282930313233343536373839"
                               "4041424344454647484950515253545556575859"
                               "6061626364656667686970717273747576777879"
                               "8081828384858687888990919293949596979899";

static const uint64_t POWERS[20] = {
    1ull,
    10ull,
    100ull,
    1000ull,
    10000ull,
    100000ull,
    1000000ull,
    10000000ull,
    100000000ull,
    1000000000ull,
    10000000000ull,
    100000000000ull,
    1000000000000ull,
    10000000000000ull,
    100000000000000ull,
    1000000000000000ull,
    10000000000000000ull,
    100000000000000000ull,
    1000000000000000000ull,
    10000000000000000000ull,
};

unsigned number_digits(uint64_t v) {
    /* 1233 / 4096 is log10(2) closely enough for 64 bits; one comparison corrects it */
    unsigned bits = 64 - (unsigned)__builtin_clzll(v | 1);
    unsigned guess = bits * 1233 >> 12;
    return guess + ((v | 1) >= POWERS[guess]);
}

size_t number_format_uint(uint64_t v, char *out) {
    unsigned n = number_digits(v);
    char *p = out + n;
    while (v >= 100) {
        p -= 2;
        memcpy(p, PAIRS + v % 100 * 2, 2);
        v /= 100;
    }
    if (v >= 10)
        memcpy(out, PAIRS + v * 2, 2);
    else
        out[0] = (char)('0' + v);
    return n;
}

size_t number_format_int(int64_t v, char out[NUMBER_INT_MAX]) {
    if (v >= 0)
        return number_format_uint((uint64_t)v, out);
    out[0] = '-';
    return 1 + number_format_uint(0 - (uint64_t)v, out + 1);
}

bool number_parse_uint(const void *text, size_t n, uint64_t *out) {
    const uint8_t *p = text;
    if (n - 1 >= 20)
        return false;
    uint64_t v = (uint64_t)p[0] - '0';
    if (v > 9 || (v == 0 && n > 1))
        return false;
    for (size_t i = 1; i < n; i++) {
        unsigned d = (unsigned)p[i] - '0';
        if (d > 9)
            return false;
        if (i == 19 && (v > UINT64_MAX / 10 || (v == UINT64_MAX / 10 && d > UINT64_MAX % 10)))
            return false;
        v = v * 10 + d;
    }
    *out = v;
    return true;
}

bool number_parse_int(const void *text, size_t n, int64_t *out) {
    const uint8_t *p = text;
    uint64_t v;
    if (n == 0)
        return false;
    if (p[0] != '-') {
        if (!number_parse_uint(p, n, &v) || v > INT64_MAX)
            return false;
        *out = (int64_t)v;
        return true;
    }
    if (!number_parse_uint(p + 1, n - 1, &v) || v == 0 || v > (uint64_t)INT64_MAX + 1)
        return false;
    *out = (int64_t)(0 - v);
    return true;
}
