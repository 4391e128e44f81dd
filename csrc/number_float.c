/* number: doubles and long doubles. See number.h.
 *
 * FORMATTING A DOUBLE is Grisu2 (F. Loitsch, "Printing floating-point numbers quickly and
 * accurately with integers", PLDI 2010): v and the two midpoints to its neighbours are
 * scaled by a cached power of ten so that 64-bit integers suffice, and digits of the upper
 * bound are produced until what is left lies inside the interval.
 *
 *      lower           v            upper          every number strictly inside reads back as v
 *        |-------------|--------------|
 *           |<--------- delta ------->|            narrowed by one unit for the scaling's error
 *
 * Its text always reads back as v and is the shortest in 99.9 % of cases; in the others
 * it has some digits more (1e23 -> 99999999999999990000000). The reference prints the same
 * digits, and scores are compared as text, so a perfect algorithm would be wrong here.
 *
 * The layout of the text, for n digits D and an exponent k (v = D * 10^k), x = k + n - 1:
 *
 *      k >= 0 and |x| < n + 7           D then k zeros                 123456789012345680000
 *      k < 0 and (k > -7 or |x| < 4)    point inside or before D       0.000001   1234.5
 *      else                             d.ddd e sign x                 1.5e-7   1e+20
 *
 * PARSING A DOUBLE: up to 19 digits and a power of ten up to 10^27 are exact in an x87
 * register; one division or product there is rounded once to 64 bits, and rounding again to 53
 * is only wrong if those 64 bits are a midpoint of two doubles (W. Clinger, "How to read
 * floating point numbers accurately", PLDI 1990, widened). Then, and for what is longer,
 * the digits are handed to strtod as "DDDDe-XX": no point, hence no locale. 800 digits
 * decide any double; a 1 is appended for what was cut.
 */
#include "number.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- text to number ---------------------------------------------------------------- */

enum { EXPONENT_MAX = 999999, DIGITS_DOUBLE = 800, SPELLED_MAX = NUMBER_LONG_DOUBLE_MAX + 16 };

/* What a number's text says, without leading zeros: sign, where the digits stand, the exponent. */
typedef struct Spelling {
    bool negative, hex;
    const uint8_t *digits, *end; /* first digit that is not zero, end of the digits; a point may be between */
    int64_t exponent; /* of the last digit, in places of the base (decimal: tens, hex: bits) */
    size_t count; /* digits from `digits` on */
} Spelling;

static int digit_of(uint8_t c, bool hex) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (hex && (c | 32) >= 'a' && (c | 32) <= 'f')
        return (c | 32) - 'a' + 10;
    return -1;
}

static bool is_word(const uint8_t *p, size_t n, const char *word) {
    for (size_t i = 0; i < n; i++)
        if ((p[i] | 32) != word[i])
            return false;
    return word[n] == 0;
}

/* [+-]digits of an exponent up to `end`; a huge one is clamped. */
static bool spell_exponent(const uint8_t *p, const uint8_t *end, int64_t *out) {
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end)
        return false;
    int64_t v = 0;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9')
            return false;
        if (v < INT64_C(1) << 40)
            v = v * 10 + (*p - '0');
    }
    *out = negative ? -v : v;
    return true;
}

/* The sign is gone already. False if this is no number. */
static bool spell(const uint8_t *p, const uint8_t *end, bool hex, Spelling *s) {
    bool any = false, point = false;
    int64_t after = 0; /* digits behind the point */
    s->hex = hex;
    s->digits = NULL;
    s->count = 0;
    for (; p < end; p++) {
        if (*p == '.' && !point) {
            point = true;
            continue;
        }
        int d = digit_of(*p, hex);
        if (d < 0)
            break;
        any = true;
        after += point;
        if (!s->digits && d)
            s->digits = p;
        s->count += s->digits != NULL;
    }
    if (!any)
        return false;
    s->end = p;
    s->exponent = 0;
    if (p < end && ((*p | 32) != (hex ? 'p' : 'e') || !spell_exponent(p + 1, end, &s->exponent)))
        return false;
    s->exponent -= hex ? 4 * after : after;
    return true;
}

/* "[0x]DDDD(e|p)XX" with at most `most` digits, for strto*. */
static void respell(const Spelling *s, size_t most, char *out) {
    bool cut = false;
    size_t kept = 0;
    int64_t exponent = s->exponent;
    if (s->hex) {
        *out++ = '0';
        *out++ = 'x';
    }
    for (const uint8_t *p = s->digits; p < s->end; p++) {
        if (*p == '.')
            continue;
        if (kept < most) {
            *out++ = (char)*p;
            kept++;
        } else {
            cut |= *p != '0';
            exponent += s->hex ? 4 : 1;
        }
    }
    if (cut) {
        *out++ = '1';
        exponent -= s->hex ? 4 : 1;
    }
    if (exponent > EXPONENT_MAX)
        exponent = EXPONENT_MAX;
    if (exponent < -EXPONENT_MAX)
        exponent = -EXPONENT_MAX;
    snprintf(out, 16, "%c%d", s->hex ? 'p' : 'e', (int)exponent);
}

#if LDBL_MANT_DIG == 64
static const long double TENS[28] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
    1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L,
};

/* w * 10^e rounded once to double, or false where that cannot be told from 64 bits. */
static bool scale_quickly(uint64_t w, int64_t e, double *out) {
    if (e < -27 || e > 27)
        return false;
    long double v = e < 0 ? (long double)w / TENS[-e] : (long double)w * TENS[e];
    uint64_t mantissa;
    memcpy(&mantissa, &v, 8);
    if ((mantissa & 0x7ff) == 0x400)
        return false;
    *out = (double)v;
    return true;
}
#else
static const double TENS[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool scale_quickly(uint64_t w, int64_t e, double *out) {
    if (e < -22 || e > 22 || w > UINT64_C(1) << 53)
        return false;
    *out = e < 0 ? (double)w / TENS[-e] : (double)w * TENS[e];
    return true;
}
#endif

static bool double_of(const Spelling *s, double *out) {
    if (!s->count) {
        *out = 0;
        return true;
    }
    if (s->count <= 19) {
        uint64_t w = 0;
        for (const uint8_t *p = s->digits; p < s->end; p++)
            if (*p != '.')
                w = w * 10 + (*p - '0');
        if (scale_quickly(w, s->exponent, out))
            return true;
    }
    char text[DIGITS_DOUBLE + 32];
    respell(s, DIGITS_DOUBLE, text);
    *out = strtod(text, NULL);
    return *out != 0 && *out <= DBL_MAX;
}

bool number_parse_double(const void *text, size_t n, double *out) {
    const uint8_t *p = text, *end = p + n;
    Spelling s;
    double v;
    if (n == 0)
        return false;
    bool negative = *p == '-';
    if (*p == '-' || *p == '+')
        p++;
    size_t left = (size_t)(end - p);
    if (left && (*p | 32) == 'i') {
        if (!is_word(p, left, left == 3 ? "inf" : left == 8 ? "infinity" : ""))
            return false;
        v = INFINITY;
    } else if (!spell(p, end, false, &s) || !double_of(&s, &v)) {
        return false;
    }
    *out = negative ? -v : v;
    return true;
}

bool number_parse_long_double(const void *text, size_t n, long double *out) {
    const uint8_t *p = text, *end = p + n;
    Spelling s;
    long double v = 0;
    if (n == 0 || n >= NUMBER_LONG_DOUBLE_MAX)
        return false;
    bool negative = *p == '-';
    if (*p == '-' || *p == '+')
        p++;
    size_t left = (size_t)(end - p);
    if (left && (*p | 32) == 'i') {
        if (!is_word(p, left, left == 3 ? "inf" : left == 8 ? "infinity" : ""))
            return false;
        v = INFINITY;
    } else {
        bool hex = left > 2 && p[0] == '0' && (p[1] | 32) == 'x';
        if (!spell(p + (hex ? 2 : 0), end, hex, &s))
            return false;
        if (s.count) {
            char spelled[SPELLED_MAX];
            respell(&s, NUMBER_LONG_DOUBLE_MAX, spelled);
            v = strtold(spelled, NULL);
            if (v == 0 || v > LDBL_MAX)
                return false;
        }
    }
    *out = negative ? -v : v;
    return true;
}

/* ---- number to text ---------------------------------------------------------------- */

/* f * 2^e with 64 bits of f. */
typedef struct Scaled {
    uint64_t f;
    int e;
} Scaled;

/* 10^-348, 10^-340 .. 10^340, rounded to 64 bits with the top bit set; exponents by power_exponent. */
enum { POWER_FIRST = -348, POWER_STEP = 8, POWERS = 87 };
static const uint64_t POWER_BITS[POWERS] = {
    0xfa8fd5a0081c0288ull, 0xbaaee17fa23ebf76ull, 0x8b16fb203055ac76ull, 0xcf42894a5dce35eaull,
    0x9a6bb0aa55653b2dull, 0xe61acf033d1a45dfull, 0xab70fe17c79ac6caull, 0xff77b1fcbebcdc4full,
    0xbe5691ef416bd60cull, 0x8dd01fad907ffc3cull, 0xd3515c2831559a83ull, 0x9d71ac8fada6c9b5ull,
    0xea9c227723ee8bcbull, 0xaecc49914078536dull, 0x823c12795db6ce57ull, 0xc21094364dfb5637ull,
    0x9096ea6f3848984full, 0xd77485cb25823ac7ull, 0xa086cfcd97bf97f4ull, 0xef340a98172aace5ull,
    0xb23867fb2a35b28eull, 0x84c8d4dfd2c63f3bull, 0xc5dd44271ad3cdbaull, 0x936b9fcebb25c996ull,
    0xdbac6c247d62a584ull, 0xa3ab66580d5fdaf6ull, 0xf3e2f893dec3f126ull, 0xb5b5ada8aaff80b8ull,
    0x87625f056c7c4a8bull, 0xc9bcff6034c13053ull, 0x964e858c91ba2655ull, 0xdff9772470297ebdull,
    0xa6dfbd9fb8e5b88full, 0xf8a95fcf88747d94ull, 0xb94470938fa89bcfull, 0x8a08f0f8bf0f156bull,
    0xcdb02555653131b6ull, 0x993fe2c6d07b7facull, 0xe45c10c42a2b3b06ull, 0xaa242499697392d3ull,
    0xfd87b5f28300ca0eull, 0xbce5086492111aebull, 0x8cbccc096f5088ccull, 0xd1b71758e219652cull,
    0x9c40000000000000ull, 0xe8d4a51000000000ull, 0xad78ebc5ac620000ull, 0x813f3978f8940984ull,
    0xc097ce7bc90715b3ull, 0x8f7e32ce7bea5c70ull, 0xd5d238a4abe98068ull, 0x9f4f2726179a2245ull,
    0xed63a231d4c4fb27ull, 0xb0de65388cc8ada8ull, 0x83c7088e1aab65dbull, 0xc45d1df942711d9aull,
    0x924d692ca61be758ull, 0xda01ee641a708deaull, 0xa26da3999aef774aull, 0xf209787bb47d6b85ull,
    0xb454e4a179dd1877ull, 0x865b86925b9bc5c2ull, 0xc83553c5c8965d3dull, 0x952ab45cfa97a0b3ull,
    0xde469fbd99a05fe3ull, 0xa59bc234db398c25ull, 0xf6c69a72a3989f5cull, 0xb7dcbf5354e9beceull,
    0x88fcf317f22241e2ull, 0xcc20ce9bd35c78a5ull, 0x98165af37b2153dfull, 0xe2a0b5dc971f303aull,
    0xa8d9d1535ce3b396ull, 0xfb9b7cd9a4a7443cull, 0xbb764c4ca7a44410ull, 0x8bab8eefb6409c1aull,
    0xd01fef10a657842cull, 0x9b10a4e5e9913129ull, 0xe7109bfba19c0c9dull, 0xac2820d9623bf429ull,
    0x80444b5e7aa7cf85ull, 0xbf21e44003acdd2dull, 0x8e679c2f5e44ff8full, 0xd433179d9c8cb841ull,
    0x9e19db92b4e31ba9ull, 0xeb96bf6ebadf77d9ull, 0xaf87023b9bf0ee6bull,
};

static int power_exponent(int k) {
    return (k * 217706 >> 16) - 63; /* floor(k * log2(10)), exact for |k| <= 400 */
}

/* A power of ten that brings a normalized number with exponent e into [-60, -32]; *k is what to add to
 * the decimal exponent. */
static Scaled power_for(int e, int *k) {
    int i = (int)(-(e + POWERS) * 0.30102999566398114 - POWER_FIRST) / POWER_STEP;
    for (;;) {
        int at = POWER_FIRST + i * POWER_STEP;
        int sum = e + power_exponent(at) + 64;
        if (sum < -60) {
            i++;
        } else if (sum > -32) {
            i--;
        } else {
            *k = -at;
            return (Scaled){POWER_BITS[i], power_exponent(at)};
        }
    }
}

static Scaled times(Scaled a, Scaled b) {
    unsigned __int128 product = (unsigned __int128)a.f * b.f + (UINT64_C(1) << 63);
    return (Scaled){(uint64_t)(product >> 64), a.e + b.e + 64};
}

/* Moves the last digit towards v while it stays inside the interval: `rest` is how far the digits are below
 * the upper bound, `goal` how far v is, `unit` the weight of the last digit. */
static void draw_near(char *last, uint64_t delta, uint64_t rest, uint64_t unit, uint64_t goal) {
    while (rest < goal && delta - rest >= unit && (rest + unit < goal || goal - rest > rest + unit - goal)) {
        --*last;
        rest += unit;
    }
}

/* Digits of `upper`, until the rest is less than delta. Returns how many; *k becomes the last one's exponent.
 */
static int make_digits(Scaled v, Scaled upper, uint64_t delta, char *out, int *k) {
    int shift = -upper.e, n = 0;
    uint64_t one = UINT64_C(1) << shift, goal = upper.f - v.f;
    uint32_t whole = (uint32_t)(upper.f >> shift);
    uint64_t part = upper.f & (one - 1);
    uint32_t unit = 1000000000;
    for (int left = 10; left > 0; unit /= 10) {
        uint32_t digit = whole / unit;
        if (digit || n)
            out[n++] = (char)('0' + digit);
        whole -= digit * unit;
        left--;
        uint64_t rest = ((uint64_t)whole << shift) + part;
        if (rest <= delta) {
            *k += left;
            draw_near(out + n - 1, delta, rest, (uint64_t)unit << shift, goal);
            return n;
        }
    }
    for (;;) {
        part *= 10;
        delta *= 10;
        goal *= 10;
        --*k;
        uint32_t digit = (uint32_t)(part >> shift);
        if (digit || n)
            out[n++] = (char)('0' + digit);
        part &= one - 1;
        if (part < delta) {
            draw_near(out + n - 1, delta, part, one, goal);
            return n;
        }
    }
}

/* Digits and exponent of v > 0: v reads back from digits * 10^k. */
static int grisu(double v, char *digits, int *k) {
    uint64_t bits;
    memcpy(&bits, &v, 8);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52) & 0x7ff;
    Scaled w = {biased ? fraction | UINT64_C(1) << 52 : fraction, (biased ? biased : 1) - 1075};
    /* the gap below a power of two is half as wide */
    bool narrow = fraction == 0 && biased > 1;
    Scaled upper = {w.f * 2 + 1, w.e - 1};
    Scaled lower = narrow ? (Scaled){w.f * 4 - 1, w.e - 2} : (Scaled){w.f * 2 - 1, w.e - 1};
    int shift = __builtin_clzll(upper.f);
    upper.f <<= shift;
    upper.e -= shift;
    lower.f <<= lower.e - upper.e;
    shift = __builtin_clzll(w.f);
    w.f <<= shift;
    w.e -= shift;

    Scaled power = power_for(upper.e, k);
    w = times(w, power);
    upper = times(upper, power);
    lower.e = upper.e;
    lower.f = times((Scaled){lower.f, 0}, power).f;
    upper.f--;
    lower.f++;
    return make_digits(w, upper, upper.f - lower.f, digits, k);
}

/* Lays n digits with exponent k out as text. */
static size_t lay_out(const char *digits, int n, int k, char *out) {
    int x = k + n - 1, distance = x < 0 ? -x : x;
    char *p = out;
    if (k >= 0 && distance < n + 7) {
        memcpy(p, digits, (size_t)n);
        memset(p + n, '0', (size_t)k);
        return (size_t)(n + k);
    }
    if (k < 0 && (k > -7 || distance < 4)) {
        if (x >= 0) {
            memcpy(p, digits, (size_t)x + 1);
            p[x + 1] = '.';
            memcpy(p + x + 2, digits + x + 1, (size_t)-k);
            return (size_t)n + 1;
        }
        *p++ = '0';
        *p++ = '.';
        memset(p, '0', (size_t)(-x - 1));
        memcpy(p - x - 1, digits, (size_t)n);
        return (size_t)(2 - x - 1 + n);
    }
    *p++ = digits[0];
    if (n > 1) {
        *p++ = '.';
        memcpy(p, digits + 1, (size_t)n - 1);
        p += n - 1;
    }
    *p++ = 'e';
    *p++ = x < 0 ? '-' : '+';
    return (size_t)(p - out) + number_format_uint((uint64_t)distance, p);
}

size_t number_format_double(double v, char out[NUMBER_DOUBLE_MAX]) {
    const double whole_max = 4611686018427387904.0; /* 2^62 */
    if (v >= -whole_max && v <= whole_max) {
        int64_t whole = (int64_t)v;
        if ((double)whole == v && (whole || !signbit(v)))
            return number_format_int(whole, out);
    }
    return number_format_shortest(v, out);
}

size_t number_format_shortest(double v, char out[NUMBER_DOUBLE_MAX]) {
    if (isnan(v)) {
        memcpy(out, "nan", 3);
        return 3;
    }
    char *p = out;
    if (signbit(v)) {
        *p++ = '-';
        v = -v;
    }
    if (isinf(v)) {
        memcpy(p, "inf", 3);
        return (size_t)(p - out) + 3;
    }
    if (v == 0) {
        *p++ = '0';
        return (size_t)(p - out);
    }
    char digits[20];
    int k;
    int n = grisu(v, digits, &k);
    return (size_t)(p - out) + lay_out(digits, n, k, p);
}

size_t number_format_digits(double v, char out[NUMBER_DOUBLE_MAX]) {
    if (!isfinite(v) || v == 0 || (fabs(v) < 1e15 && v == (double)(int64_t)v))
        return number_format_double(v, out);
    size_t n = (size_t)snprintf(out, NUMBER_DOUBLE_MAX, "%.17g", v);
    char *p = out + (*out == '-'), *behind;
    while (*p >= '0' && *p <= '9')
        p++;
    if (p == out + n || *p == 'e')
        return n;
    for (behind = p; *behind < '0' || *behind > '9'; behind++)
        ; /* whatever the locale has for a point */
    *p++ = '.';
    memmove(p, behind, (size_t)(out + n - behind));
    return n - (size_t)(behind - p);
}

enum { PLACES = 17 };

/* `whole` and a fraction of PLACES digits, trailing zeros cut. */
static size_t write_fixed(uint64_t whole, uint64_t fraction, char *out) {
    size_t n = number_format_uint(whole, out);
    if (!fraction)
        return n;
    int places = PLACES;
    while (fraction % 10 == 0) {
        fraction /= 10;
        places--;
    }
    out[n] = '.';
    for (int i = places; i > 0; i--) {
        out[n + (size_t)i] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    return n + 1 + (size_t)places;
}

/* 1/2 <= v < 2^63, whose fraction is a whole number of 2^-64: exact in 128 bits. */
static size_t format_middle(long double v, char *out) {
    const uint64_t scale = UINT64_C(100000000000000000);
    uint64_t whole = (uint64_t)v;
    uint64_t bits = (uint64_t)((v - (long double)whole) * 18446744073709551616.0L);
    unsigned __int128 product = (unsigned __int128)bits * scale;
    uint64_t fraction = (uint64_t)(product >> 64), below = (uint64_t)product;
    const uint64_t half = UINT64_C(1) << 63;
    if (below > half || (below == half && (fraction & 1)))
        fraction++;
    if (fraction == scale) {
        fraction = 0;
        whole++;
    }
    return write_fixed(whole, fraction, out);
}

size_t number_format_long_double(long double v, char out[NUMBER_LONG_DOUBLE_MAX]) {
    char *p = out;
    if (isnan(v))
        return 0;
    if (signbit(v) && v != 0) {
        *p++ = '-';
        v = -v;
    }
    if (isinf(v)) {
        memcpy(p, "inf", 3);
        return (size_t)(p - out) + 3;
    }
    if (v == 0) {
        *p = '0';
        return 1;
    }
    if (LDBL_MANT_DIG <= 64 && v >= 0.5L && v < 9223372036854775808.0L)
        return (size_t)(p - out) + format_middle(v, p);
    int n = snprintf(p, NUMBER_LONG_DOUBLE_MAX - 1, "%.*Lf", PLACES, v);
    if (n < 0 || n >= NUMBER_LONG_DOUBLE_MAX - 1)
        return 0;
    /* the digits before and the 17 after whatever the locale writes between them */
    char *point = p, *places = p + n - PLACES;
    while (*point >= '0' && *point <= '9')
        point++;
    int kept = PLACES;
    while (kept && places[kept - 1] == '0')
        kept--;
    if (kept) {
        *point = '.';
        memmove(point + 1, places, (size_t)kept);
        return (size_t)(point + 1 - out) + (size_t)kept;
    }
    /* what rounds to nothing has no sign either */
    if (point == p + 1 && *p == '0') {
        *out = '0';
        return 1;
    }
    return (size_t)(point - out);
}

size_t number_format_places(double v, int places, char out[NUMBER_LONG_DOUBLE_MAX]) {
    int n = snprintf(out, NUMBER_LONG_DOUBLE_MAX - 1, "%.*f", places, v);
    if (!isfinite(v))
        return (size_t)n;
    char *point = out + (*out == '-'); /* whatever the locale writes there becomes one byte */
    while (*point >= '0' && *point <= '9')
        point++;
    *point = '.';
    memmove(point + 1, out + n - places, (size_t)places);
    return (size_t)(point + 1 - out) + (size_t)places;
}
