/* number: numbers as text, exactly as a client sees them.
 *
 * Four kinds, each with a strict parser (the whole slice is the number, no byte before or
 * after it) and a formatter that writes into the caller's array, without a final NUL, and
 * returns the length:
 *
 *      int64         "-42"                  no plus, no leading zero, no "-0"
 *      uint64        "18446744073709551615" the same, without a sign
 *      double        "0.1" "1e+20" "-inf"   17 digits at most, the text reads back as the same double
 *      long double   "10.6"                 17 places after the point, trailing zeros cut
 *
 * No function looks at the process's locale: the point is always '.'.
 *
 * Costs, on a shared x86-64 core: integers 6 ns each way. Doubles of 16-17 digits: parse 42 ns
 * (beyond 19 digits or an exponent of +-27: strtod), format 65 ns, 6 ns when whole.
 */
#ifndef CYDIS_NUMBER_H
#define CYDIS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NUMBER_INT_MAX = 21,           /* bytes that number_format_int and _uint may write */
    NUMBER_DOUBLE_MAX = 32,        /* ... number_format_double */
    NUMBER_LONG_DOUBLE_MAX = 5120, /* ... number_format_long_double; longer text is no long double either */
};

/* True and *out if the n bytes are an int64 in its one canonical spelling. */
bool number_parse_int(const void *text, size_t n, int64_t *out);

/* The same for uint64. */
bool number_parse_uint(const void *text, size_t n, uint64_t *out);

/* Decimal text of v. Writes at most 20 bytes. */
size_t number_format_int(int64_t v, char out[NUMBER_INT_MAX]);
size_t number_format_uint(uint64_t v, char *out);

/* Digits of v in decimal; 1 for 0. */
unsigned number_digits(uint64_t v);

/* Decimal notation with optional sign, point and exponent, or inf / infinity in any case.
 * False for anything else, for nan, for hexadecimal, for what overflows to infinity and
 * for what is not zero but underflows to it. */
bool number_parse_double(const void *text, size_t n, double *out);

/* The text of a score: whole numbers up to 2^62 in full, the others by Grisu2. nan is "nan". */
size_t number_format_double(double v, char out[NUMBER_DOUBLE_MAX]);

/* The same by Grisu2 for whole numbers, too: 1e+15 for 10^15. Digests of sorted sets are made of it. */
size_t number_format_shortest(double v, char out[NUMBER_DOUBLE_MAX]);

/* The text with 17 significant digits, as C's %.17g in the C locale: exact, if not short. ZSCAN shows it. */
size_t number_format_digits(double v, char out[NUMBER_DOUBLE_MAX]);

/* As number_parse_double with the range of long double; hexadecimal (0x1.8p3) is accepted and
 * text of 5120 bytes or more is not. Where long double is double the range is double's. */
bool number_parse_long_double(const void *text, size_t n, long double *out);

/* Fixed notation with up to 17 places after the point; 0 if v is nan. */
size_t number_format_long_double(long double v, char out[NUMBER_LONG_DOUBLE_MAX]);

/* Fixed notation with 1 to 17 places after the point, as C's %.*f in the C locale. */
size_t number_format_places(double v, int places, char out[NUMBER_LONG_DOUBLE_MAX]);

#endif
