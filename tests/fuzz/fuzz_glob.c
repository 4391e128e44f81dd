/* glob: every pattern against a judge that reads the pattern into items first and then keeps all places it could be at. */
#include "fuzzing.h"
#include "glob.h"

enum { PATTERN = 24, TEXT = 24 };

typedef enum { LITERAL, ANY, STAR, CLASS } Kind;

typedef struct {
    Kind kind;
    uint8_t byte;
    bool in[256]; /* CLASS: the bytes it holds */
} Item;

static uint8_t lower(uint8_t c, bool nocase) {
    return nocase && c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Reads a class that begins behind its '['; where it ends. */
static size_t read_class(Item *item, const uint8_t *p, size_t n, size_t at, bool nocase) {
    bool negated = at < n && p[at] == '^', in[256] = {false};
    at += negated;
    while (at < n && p[at] != ']') {
        uint8_t from, to;
        if (p[at] == '\\' && at + 1 < n) {
            from = to = p[at + 1];
            at += 2;
        } else if (at + 2 < n && p[at + 1] == '-') {
            from = p[at];
            to = p[at + 2];
            at += 3;
        } else {
            from = to = p[at++];
        }
        uint8_t low = from < to ? from : to,
                high = from < to ? to : from; /* in order first, then in lower case */
        for (unsigned c = 0; c < 256; c++) {
            uint8_t byte = lower((uint8_t)c, nocase);
            in[c] |= lower(low, nocase) <= byte && byte <= lower(high, nocase);
        }
    }
    for (unsigned c = 0; c < 256; c++)
        item->in[c] = in[c] != negated;
    return at + (at < n);
}

static size_t read_pattern(Item *items, const uint8_t *p, size_t n, bool nocase) {
    size_t count = 0;
    for (size_t at = 0; at < n; count++) {
        Item *item = items + count;
        item->kind = p[at] == '*' ? STAR : p[at] == '?' ? ANY : p[at] == '[' ? CLASS : LITERAL;
        if (item->kind == CLASS) {
            at = read_class(item, p, n, at + 1, nocase);
            continue;
        }
        at += p[at] == '\\' && at + 1 < n;
        item->byte = lower(p[at++], nocase);
    }
    return count;
}

static bool judge(const uint8_t *p, size_t pn, const uint8_t *t, size_t tn, bool nocase) {
    Item items[PATTERN];
    size_t count = read_pattern(items, p, pn, nocase);
    bool at[PATTERN + 1] = {true};
    if (tn == 0)
        return pn == 0;
    for (size_t i = 0; i <= tn; i++) {
        for (size_t k = 0; k < count; k++)
            at[k + 1] |= at[k] && items[k].kind == STAR;
        if (i == tn)
            break;
        bool next[PATTERN + 1] = {false};
        for (size_t k = 0; k < count; k++) {
            const Item *item = items + k;
            if (!at[k])
                continue;
            if (item->kind == STAR)
                next[k] = true;
            else if (item->kind == ANY
                     || (item->kind == CLASS ? item->in[t[i]] : item->byte == lower(t[i], nocase)))
                next[k + 1] = true;
        }
        memcpy(at, next, sizeof at);
    }
    return at[count];
}

static void one_input(void) {
    static const char signs[] = "aabbcABC**??[]^-\\z";
    uint8_t pattern[PATTERN], text[TEXT];
    size_t pn = fuzz_below(PATTERN), tn = fuzz_below(TEXT);
    bool nocase = fuzz_one_in(2);
    for (size_t i = 0; i < pn; i++)
        pattern[i] = fuzz_one_in(20) ? (uint8_t)fuzz_next() : (uint8_t)signs[fuzz_below(sizeof signs - 1)];
    for (size_t i = 0; i < tn; i++)
        text[i] = fuzz_one_in(20) ? (uint8_t)fuzz_next() : (uint8_t)signs[fuzz_below(6)];
    if (fuzz_one_in(2) && pn) { /* a text with something of the pattern */
        tn = 1 + fuzz_below(pn);
        memcpy(text, pattern, tn);
    }
    uint8_t *p = fuzz_block(pattern, pn), *t = fuzz_block(text, tn);
    bool matches = glob_match(p, pn, t, tn, nocase);
    size_t prefix = glob_prefix(p, pn);
    FUZZ_CHECK(matches == judge(p, pn, t, tn, nocase));
    FUZZ_CHECK(prefix <= pn);
    if (!nocase && matches)
        FUZZ_CHECK(tn >= prefix && memcmp(p, t, prefix) == 0);
    if (!nocase && prefix == pn && tn)
        FUZZ_CHECK(matches == (pn == tn && memcmp(p, t, pn) == 0));
    free(p);
    free(t);
}

int main(int argc, char **argv) { return fuzz(argc, argv, "fuzz_glob", one_input); }
