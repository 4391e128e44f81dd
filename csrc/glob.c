/* glob: see glob.h. */
#include "glob.h"

#include <stdint.h>
#include <string.h>

static uint8_t fold(uint8_t c, bool nocase) { return nocase && c >= 'A' && c <= 'Z' ? c | 32 : c; }

/* p is behind a '['. Whether c is in the class; *next is behind the class. */
static bool match_class(const uint8_t *p, const uint8_t *end, uint8_t c, bool nocase, const uint8_t **next) {
    bool negated = p < end && *p == '^', found = false;
    p += negated;
    c = fold(c, nocase);
    while (p < end && *p != ']') {
        if (*p == '\\' && end - p >= 2) {
            found |= fold(p[1], nocase) == c;
            p += 2;
        } else if (end - p >= 3 && p[1] == '-') {
            uint8_t low = p[0] < p[2] ? p[0] : p[2], high = p[0] < p[2] ? p[2] : p[0];
            found |= c >= fold(low, nocase) && c <= fold(high, nocase);
            p += 3;
        } else {
            found |= fold(*p, nocase) == c;
            p++;
        }
    }
    *next = p < end ? p + 1 : p;
    return found != negated;
}

/* One element of the pattern, no star, against one byte; *next is behind the element. */
static bool match_one(const uint8_t *p, const uint8_t *end, uint8_t c, bool nocase, const uint8_t **next) {
    switch (*p) {
    case '?':
        *next = p + 1;
        return true;
    case '[':
        return match_class(p + 1, end, c, nocase, next);
    case '\\':
        p += end - p >= 2;
        break;
    default:
        break;
    }
    *next = p + 1;
    return fold(*p, nocase) == fold(c, nocase);
}

static bool is_special(uint8_t c) { return c == '*' || c == '?' || c == '[' || c == '\\'; }

bool glob_match(const void *pattern, size_t pattern_size, const void *text, size_t text_size, bool nocase) {
    const uint8_t *p = pattern, *p_end = p + pattern_size, *t = text, *t_end = t + text_size;
    const uint8_t *after_star = NULL, *resume = NULL, *next = NULL;
    if (text_size == 0)
        return pattern_size == 0;
    while (t < t_end) {
        if (p < p_end && *p == '*') {
            while (p < p_end && *p == '*')
                p++;
            if (p == p_end)
                return true;
            after_star = p;
            resume = t;
        } else if (p < p_end && match_one(p, p_end, *t, nocase, &next)) {
            p = next;
            t++;
            continue;
        } else if (after_star) {
            p = after_star;
            resume++;
        } else {
            return false;
        }
        /* where the star may end: a plain byte behind it is sought at memchr's pace */
        if (!nocase && !is_special(*p)) {
            resume = memchr(resume, *p, (size_t)(t_end - resume));
            if (!resume)
                return false;
        }
        t = resume;
    }
    while (p < p_end && *p == '*')
        p++;
    return p == p_end;
}

size_t glob_prefix(const void *pattern, size_t pattern_size) {
    const uint8_t *p = pattern;
    size_t n = 0;
    while (n < pattern_size && !is_special(p[n]))
        n++;
    return n;
}
