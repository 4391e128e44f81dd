/* glob: the dialect by examples, a small recursive matcher as judge of random patterns, the cost of stars. */
#include "glob.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int passed, failed;

static void check(bool ok, const char *what, const char *pattern, const char *text) {
    if (ok) {
        passed++;
        return;
    }
    failed++;
    fprintf(stderr, "test_glob: %s: pattern <%s> text <%s>\n", what, pattern, text);
}

static bool match(const char *pattern, const char *text, bool nocase) {
    return glob_match(pattern, strlen(pattern), text, strlen(text), nocase);
}

static void yes(const char *pattern, const char *text) {
    check(match(pattern, text, false), "should match", pattern, text);
}
static void no(const char *pattern, const char *text) {
    check(!match(pattern, text, false), "should not match", pattern, text);
}

static void test_examples(void) {
    yes("", ""), no("", "a"), no("a", ""), no("*", ""), no("**", ""), no("?", "");
    yes("*", "a"), yes("**", "abc"), yes("a*", "a"), yes("a**", "a"), yes("*a", "a"), yes("*a*b", "xaxxb"),
        no("*a", "ab");
    yes("h?llo", "hello"), no("h?llo", "hllo"), yes("h*llo", "heeeello"), yes("h[ae]llo", "hallo"),
        no("h[ae]llo", "hillo");
    yes("h[^e]llo", "hallo"), no("h[^e]llo", "hello"), yes("h[a-b]llo", "hbllo"), yes("h[b-a]llo", "hallo");
    yes("[ab", "a"), yes("[ab", "b"), no("[ab", "c"), no("[", "["), no("[", "a"), yes("[^", "a"),
        no("[]", "]"), no("[]a]", "a]");
    yes("[\\]]", "]"), yes("[a\\-z]", "-"), no("[a\\-z]", "b"), yes("[!-~]", "A"), yes("[a-]", "^"),
        yes("[\\", "\\");
    yes("\\*", "*"), no("\\*", "a"), yes("\\", "\\"), yes("a\\", "a\\"), yes("\\a", "a"), yes("\\\\", "\\");
    check(match("hEl*O", "HeLLo", true), "nocase", "hEl*O", "HeLLo");
    check(match("[A-C]x", "bX", true), "nocase range", "[A-C]x", "bX");
    check(!match("[^A-C]x", "bX", true), "nocase negated", "[^A-C]x", "bX");
    check(glob_match("a\0*", 3, "a\0b", 3, false), "NUL is a byte", "a\\0*", "a\\0b");
    check(glob_prefix("user:*", 6) == 5 && glob_prefix("name", 4) == 4 && glob_prefix("", 0) == 0
              && glob_prefix("\\a", 2) == 0,
          "prefix", "", "");
    check(glob_is_all("*", 1) && !glob_is_all("**", 2) && !glob_is_all("", 0), "is_all", "*", "");
}

/* The same dialect said as plainly as possible, exponential. */
static bool judge(const char *p, size_t pn, const char *t, size_t tn) {
    if (pn == 0)
        return tn == 0;
    if (*p == '*') {
        for (size_t i = 0; i <= tn; i++)
            if (judge(p + 1, pn - 1, t + i, tn - i))
                return true;
        return false;
    }
    if (tn == 0)
        return false;
    uint8_t c = (uint8_t)*t;
    size_t used = 1;
    bool hit;
    if (*p == '?') {
        hit = true;
    } else if (*p == '[') {
        bool negated = pn > 1 && p[1] == '^';
        hit = false;
        for (used += negated; used < pn && p[used] != ']';) {
            if (p[used] == '\\' && used + 1 < pn) {
                hit |= (uint8_t)p[used + 1] == c;
                used += 2;
            } else if (used + 2 < pn && p[used + 1] == '-') {
                uint8_t a = (uint8_t)p[used], b = (uint8_t)p[used + 2];
                hit |= (a <= c && c <= b) || (b <= c && c <= a);
                used += 3;
            } else {
                hit |= (uint8_t)p[used++] == c;
            }
        }
        used += used < pn;
        hit ^= negated;
    } else {
        size_t at = *p == '\\' && pn > 1;
        hit = (uint8_t)p[at] == c;
        used += at;
    }
    return hit && judge(p + used, pn - used, t + 1, tn - 1);
}

static uint64_t state = 0x9e3779b97f4a7c15u;

static unsigned below(unsigned n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % n;
}

static void test_random(void) {
    static const char ALPHABET[] = "abcAB[[]]^-\\**?";
    int wrong = 0;
    for (int round = 0; round < 200000; round++) {
        char p[12] = {0}, t[12] = {0};
        unsigned pn = below(9), tn = 1 + below(9);
        for (unsigned i = 0; i < pn; i++)
            p[i] = ALPHABET[below(sizeof ALPHABET - 1)];
        for (unsigned i = 0; i < tn; i++)
            t[i] = ALPHABET[below(4)];
        if (glob_match(p, pn, t, tn, false) != judge(p, pn, t, tn)) {
            wrong++;
            fprintf(stderr, "test_glob: differs: pattern <%s> text <%s>\n", p, t);
        }
        /* a match begins with the pattern's prefix */
        size_t prefix = glob_prefix(p, pn);
        if (glob_match(p, pn, t, tn, false) && (prefix > tn || memcmp(p, t, prefix) != 0))
            wrong++;
    }
    check(wrong == 0, "random patterns agree with the judge", "", "");
}

/* Thirty stars over 64 KiB would not end in a lifetime if stars multiplied. */
static void test_stars_do_not_multiply(void) {
    static char text[65536];
    char pattern[128] = {0};
    memset(text, 'a', sizeof text);
    for (int i = 0; i < 30; i++)
        memcpy(pattern + 2 * i, "a*", 2);
    strcat(pattern, "b");
    check(!glob_match(pattern, strlen(pattern), text, sizeof text, false), "many stars", pattern, "aaaa...");
    check(!glob_match(pattern, strlen(pattern), text, sizeof text, true), "many stars, nocase", pattern,
          "aaaa...");
}

int main(void) {
    test_examples();
    test_random();
    test_stars_do_not_multiply();
    printf("test_glob: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
