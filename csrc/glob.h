/* glob: patterns of KEYS, SCAN, CONFIG GET and PSUBSCRIBE.
 *
 *      ?        one byte                    [abc]    one of them
 *      *        any bytes, none too         [a-f]    one of a range, whichever end comes first
 *      \x       x itself                    [^abc]   one byte that is none of them
 *
 * Every byte string is a pattern, there is no error: a class that nothing closes ends with the pattern
 * ([ab is [ab]), a lone [ matches nothing, [] matches nothing, a final \ is itself. In a
 * class ] closes even in first place, \ takes the next byte, and x-y is a range whatever y is.
 * The empty text matches the empty pattern only, not even *: PUBLISH to the channel "" does
 * not reach PSUBSCRIBE *. KEYS and SCAN do list the key "" for * (not for **): they ask glob_is_all first.
 *
 * Costs: O(text) without stars, O(pattern * text) at worst, no recursion, no memory: on a mismatch
 * only the last star is tried again, one byte further on (what earlier stars took can stay: if any
 * match exists, one exists with each of them taking as little as it can).
 */
#ifndef CYDIS_GLOB_H
#define CYDIS_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the whole text matches; with nocase ASCII letters of either case are equal. */
bool glob_match(const void *pattern, size_t pattern_size, const void *text, size_t text_size, bool nocase);

/* Bytes at the front of the pattern that mean only themselves: each match begins with them. When this is
 * pattern_size the pattern is a plain name. */
size_t glob_prefix(const void *pattern, size_t pattern_size);

/* The pattern "*". */
static inline bool glob_is_all(const void *pattern, size_t pattern_size) {
    return pattern_size == 1 && *(const char *)pattern == '*';
}

#endif
