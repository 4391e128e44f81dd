/* resp: whatever the bytes and wherever they are cut, the same requests come out, and nothing outside is read. */
#include "fuzzing.h"
#include "resp.h"

enum { ROOM = 1024, PIECES = 6 };

const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

static uint8_t message[ROOM];
static size_t size;

static void say(const char *text) {
    size_t n = strlen(text);
    if (size + n <= ROOM) {
        memcpy(message + size, text, n);
        size += n;
    }
}

static void say_bytes(size_t n) {
    for (; n && size < ROOM; n--)
        message[size++] = fuzz_one_in(4) ? (uint8_t)fuzz_next() : (uint8_t)('a' + fuzz_below(26));
}

static void say_header(char type, uint64_t n) {
    char text[32];
    snprintf(text, sizeof text, "%c%llu\r\n", type, (unsigned long long)n);
    say(text);
}

static void say_multibulk(void) {
    uint64_t argc = fuzz_small(6);
    say_header('*', argc);
    for (; argc; argc--) {
        uint64_t n = fuzz_one_in(16) ? 9 + fuzz_below(200) : fuzz_below(10);
        say_header('$', n);
        say_bytes(n);
        say("\r\n");
    }
}

static void say_inline(void) {
    static const char *const words[] = {"GET",    " ",  "key",    "\"a b\"", "'c\\'d'", "\"\\x41\\n\"", "\\",
                                        "\"open", "\t", "\"x\"y", "''",      "\"\"",    "'it'"};
    for (uint64_t n = fuzz_below(6); n; n--) {
        say(words[fuzz_below(sizeof words / sizeof *words)]);
        if (fuzz_below(3))
            say(" ");
    }
    say(fuzz_one_in(2) ? "\r\n" : "\n");
}

/* What comes out of the message cut into pieces, each time in a block of its own: sizes and bytes of all arguments,
 * then the end: an error's text, or how far it got. */
static void read_requests(const RespLimits *limits, const size_t *cuts, size_t pieces, Buffer *out) {
    RespParser parser = {0};
    RespArgs args = {0};
    uint8_t *block = fuzz_block(NULL, 0);
    size_t used = 0;
    RespStatus status = RESP_INCOMPLETE;
    for (size_t i = 0; i < pieces && status == RESP_INCOMPLETE; i++) {
        uint8_t *moved = fuzz_block(message, cuts[i]);
        if (used) /* quoted words were unquoted in place */
            memcpy(moved, block, used);
        used = cuts[i];
        resp_rebase(&args, 0, block, moved);
        free(block);
        block = moved;
        while ((status = resp_parse(&parser, limits, block, used, &args)) == RESP_REQUEST) {
            FUZZ_CHECK(parser.argc > 0 && parser.pos <= used && parser.start < parser.pos);
            buffer_append(out, &parser.argc, sizeof parser.argc);
            for (size_t k = 0; k < parser.argc; k++) {
                const RespArg *item = args.items + parser.first + k;
                FUZZ_CHECK(item->size <= used && item->data >= block
                           && item->data + item->size <= block + used);
                buffer_append(out, &item->size, sizeof item->size);
                buffer_append(out, item->data, item->size);
            }
        }
        if (status == RESP_INCOMPLETE)
            resp_args_drop(&parser, &args);
    }
    if (status == RESP_ERROR) {
        char text[RESP_ERROR_MAX];
        size_t n = resp_error_text(&parser, text);
        FUZZ_CHECK(n > 0 && n <= sizeof text);
        buffer_append(out, text, n);
    } else {
        bool open = parser.pos < size || parser.remaining > 0;
        buffer_append(out, open ? "..." : ".", open ? 3 : 1);
    }
    free(block);
    resp_args_close(&args);
}

static void requests(void) {
    RespLimits limits = {fuzz_one_in(2) ? RESP_MAX_BULK : 64,
                         fuzz_one_in(2) ? RESP_MAX_INLINE : 16 + fuzz_below(40), fuzz_below(4) != 0};
    for (uint64_t n = 1 + fuzz_below(4); n; n--)
        if (fuzz_below(4))
            say_multibulk();
        else
            say_inline();
    size = fuzz_mutate(message, size, ROOM, 2);
    size_t cuts[PIECES];
    for (size_t i = 0; i < PIECES; i++)
        cuts[i] = size ? fuzz_below(size + 1) : 0;
    for (size_t i = 1; i < PIECES; i++) /* in order */
        for (size_t k = i; k && cuts[k - 1] > cuts[k]; k--) {
            size_t swap = cuts[k];
            cuts[k] = cuts[k - 1];
            cuts[k - 1] = swap;
        }
    cuts[PIECES - 1] = size;
    Buffer whole, cut;
    uint8_t home[512], other_home[512];
    buffer_init(&whole, home, sizeof home);
    buffer_init(&cut, other_home, sizeof other_home);
    read_requests(&limits, &size, 1, &whole);
    read_requests(&limits, cuts, PIECES, &cut);
    FUZZ_CHECK(whole.used == cut.used && memcmp(whole.data, cut.data, cut.used) == 0);
    buffer_close(&whole);
    buffer_close(&cut);
}

static void say_reply(int depth) {
    static const char *const scalars[] = {"+OK\r\n",
                                          "-ERR no\r\n",
                                          ":42\r\n",
                                          ":-1\r\n",
                                          "$-1\r\n",
                                          "*-1\r\n",
                                          "_\r\n",
                                          "#t\r\n",
                                          "#f\r\n",
                                          ",1.5\r\n",
                                          ",inf\r\n",
                                          ",-inf\r\n",
                                          ",nan\r\n",
                                          "(12345678901234567890\r\n",
                                          "=7\r\ntxt:abc\r\n",
                                          "$0\r\n\r\n",
                                          "!3\r\nERR\r\n",
                                          ",1e400\r\n"};
    static const char aggregates[] = "*~%>|";
    if (depth < 4 && fuzz_one_in(3)) {
        char type = aggregates[fuzz_below(5)];
        uint64_t n = fuzz_below(4);
        say_header(type, n);
        for (n *= type == '%' || type == '|' ? 2 : 1; n; n--)
            say_reply(depth + 1);
        if (type == '|')
            say_reply(depth + 1);
    } else if (fuzz_one_in(3)) {
        uint64_t n = fuzz_below(12);
        say_header('$', n);
        say_bytes(n);
        say("\r\n");
    } else {
        say(scalars[fuzz_below(sizeof scalars / sizeof *scalars)]);
    }
}

static void replies(void) {
    say_reply(0);
    size = fuzz_mutate(message, size, ROOM, 2);
    uint8_t *block = fuzz_block(message, size);
    size_t used = 0, at = 0, other;
    RespToken token;
    RespStatus status = resp_walk(block, size, &used);
    if (status == RESP_REQUEST) {
        FUZZ_CHECK(used > 0 && used <= size);
        size_t part = fuzz_below(used);
        uint8_t *start = fuzz_block(block, part);
        FUZZ_CHECK(resp_walk(start, part, &other) == RESP_INCOMPLETE);
        free(start);
    }
    while (at < size && resp_token(block + at, size - at, &token) == RESP_REQUEST) {
        FUZZ_CHECK(token.used > 0 && token.used <= size - at);
        if (token.text.size)
            FUZZ_CHECK(token.text.data >= block + at
                       && token.text.data + token.text.size <= block + at + token.used);
        at += token.used;
    }
    FUZZ_CHECK(status != RESP_REQUEST || at >= used);
    free(block);
}

static void one_input(void) {
    size = 0;
    if (fuzz_one_in(3))
        replies();
    else
        requests();
}

int main(int argc, char **argv) { return fuzz(argc, argv, "fuzz_resp", one_input); }
