/* resp and buffer: a corpus cut at every point, mutations of it, encoders byte by byte, replies read back.
 *
 *      test_resp [rounds]        rounds of mutation, 100000 unless told
 *
 * The corpus is tests/data/resp: one message per line, and what must become of it. Input lives in
 * blocks of its exact size, so the sanitizer sees a byte read too many.
 */
#include "buffer.h"
#include "resp.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }

static int passed, failed;

static void check(bool ok, const char *what, const char *detail) {
    if (ok) {
        passed++;
        return;
    }
    failed++;
    fprintf(stderr, "test_resp: %s: %s\n", what, detail);
}

static uint64_t state = 0x2545f4914f6cdd1du;

static size_t below(size_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state >> 11) % n;
}

static void *claim(size_t n) {
    void *block = malloc(n ? n : 1);
    if (!block)
        abort();
    return block;
}

static const RespLimits OPEN = {RESP_MAX_BULK, RESP_MAX_INLINE, true};

/* ---- the corpus ---------------------------------------------------------------------------- */

typedef struct Line {
    char *text, *other; /* the two columns */
    size_t size;        /* of text, unescaped */
} Line;

static Line requests[256], replies[256];
static size_t request_count, reply_count;

static size_t unescape(char *text) {
    char *to = text;
    for (const char *p = text; *p;) {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        unsigned byte = 0;
        switch (p[1]) {
        case 'r':
            *to++ = '\r';
            break;
        case 'n':
            *to++ = '\n';
            break;
        case 't':
            *to++ = '\t';
            break;
        case 'x':
            sscanf(p + 2, "%2x", &byte);
            *to++ = (char)byte;
            p += 2;
            break;
        default:
            *to++ = p[1];
        }
        p += 2;
    }
    return (size_t)(to - text);
}

/* Lines of two columns with a tab between; `wire` says which of them is the message. */
static size_t load(const char *path, int wire, Line *lines) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    static char row[4096];
    size_t n = 0;
    while (n < 256 && fgets(row, sizeof row, file)) {
        row[strcspn(row, "\n")] = 0;
        char *tab = strchr(row, '\t');
        if (row[0] == '#' || !tab)
            continue;
        *tab = 0;
        char *columns[2] = {strdup(row), strdup(tab + 1)};
        lines[n].text = columns[wire];
        lines[n].other = columns[!wire];
        lines[n].size = unescape(columns[wire]);
        n++;
    }
    fclose(file);
    return n;
}

static void unload(Line *lines, size_t n) {
    for (size_t i = 0; i < n; i++) {
        free(lines[i].text);
        free(lines[i].other);
    }
}

/* ---- requests ------------------------------------------------------------------------------ */

static void say(Buffer *out, const char *text) { buffer_append(out, text, strlen(text)); }

/* "[GET,k]" for each request, bytes outside letters, digits and a few signs as \xHH. */
static void say_request(Buffer *out, const RespArg *items, size_t argc) {
    for (size_t i = 0; i < argc; i++) {
        say(out, i ? "," : "[");
        for (size_t j = 0; j < items[i].size; j++) {
            char text[8];
            uint8_t c = items[i].data[j];
            bool plain = c > ' ' && c < 127 && !strchr("[],\\!.", c);
            snprintf(text, sizeof text, plain ? "%c" : "\\x%02x", c);
            say(out, text);
        }
    }
    say(out, "]");
}

/* Feeds the message in pieces (cuts: ascending offsets), each time in a new block, and writes down what
 * comes out: the requests, then "!text" for an error or "..." for a request that is not all there. */
static void run(const uint8_t *message, size_t size, const RespLimits *limits, const size_t *cuts, size_t n,
                Buffer *out) {
    RespParser parser = {0};
    RespArgs args = {0};
    uint8_t *block = claim(0);
    size_t used = 0;
    RespStatus status = RESP_INCOMPLETE;
    for (size_t i = 0; i <= n && status == RESP_INCOMPLETE; i++) {
        size_t to = i < n ? cuts[i] : size;
        uint8_t *moved = claim(to);
        memcpy(moved, block, used);
        memcpy(moved + used, message + used, to - used);
        used = to;
        resp_rebase(&args, 0, block, moved);
        free(block);
        block = moved;
        while ((status = resp_parse(&parser, limits, block, used, &args)) == RESP_REQUEST)
            say_request(out, args.items + parser.first, parser.argc);
        if (status == RESP_INCOMPLETE)
            resp_args_drop(&parser, &args);
    }
    if (status == RESP_ERROR) {
        char text[RESP_ERROR_MAX];
        size_t length = resp_error_text(&parser, text);
        say(out, "!");
        buffer_append(out, text, length);
    } else if (parser.pos < size || parser.remaining > 0) {
        say(out, "...");
    }
    free(block);
    resp_args_close(&args);
}

static bool same(const Buffer *a, const Buffer *b) {
    return a->used == b->used && (a->used == 0 || memcmp(a->data, b->data, a->used) == 0);
}

static void test_request_corpus(void) {
    for (size_t i = 0; i < request_count; i++) {
        const Line *line = &requests[i];
        const uint8_t *message = (const uint8_t *)line->text;
        Buffer whole, cut;
        buffer_init(&whole, NULL, 0);
        buffer_init(&cut, NULL, 0);
        run(message, line->size, &OPEN, NULL, 0, &whole);
        /* the byte an error quotes is written as it is; the corpus has an escape */
        Buffer expected;
        buffer_init(&expected, NULL, 0);
        char *column = strdup(line->other);
        char *bang = strchr(column, '!');
        size_t length = bang ? (size_t)(bang - column) + unescape(bang) : strlen(column);
        buffer_append(&expected, column, length);
        free(column);
        buffer_append(&whole, "", 1);
        whole.used--;
        check(same(&whole, &expected), line->other, whole.used ? (char *)whole.data : "");
        int wrong = 0;
        for (size_t at = 0; at <= line->size; at++) {
            cut.used = 0;
            run(message, line->size, &OPEN, &at, 1, &cut);
            wrong += !same(&whole, &cut);
        }
        size_t every[4096];
        for (size_t k = 0; k < line->size; k++)
            every[k] = k;
        cut.used = 0;
        run(message, line->size, &OPEN, every, line->size, &cut);
        wrong += !same(&whole, &cut);
        check(wrong == 0, "another result at some cut", line->other);
        buffer_close(&whole);
        buffer_close(&cut);
        buffer_close(&expected);
    }
}

/* Messages that a client who has not logged in may not send. */
static void test_unauthenticated(void) {
    static const struct {
        const char *in, *out;
    } CASES[] = {
        {"*10\r\n", "..."},
        {"*11\r\n", "!Protocol error: unauthenticated multibulk length"},
        {"*99999999999\r\n", "!Protocol error: invalid multibulk length"},
        {"*1\r\n$16384\r\n", "..."},
        {"*1\r\n$16385\r\n", "!Protocol error: unauthenticated bulk length"},
        {"*1\r\n$536870913\r\n", "!Protocol error: invalid bulk length"},
        {"*1\r\n$4\r\nPING\r\nPING\r\n*0\r\n", "[PING][PING]"},
        {"a a a a a a a a a a a a\r\n", "[a,a,a,a,a,a,a,a,a,a,a,a]"},
    };
    RespLimits limits = OPEN;
    limits.authenticated = false;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Buffer out;
        buffer_init(&out, NULL, 0);
        run((const uint8_t *)CASES[i].in, strlen(CASES[i].in), &limits, NULL, 0, &out);
        check(out.used == strlen(CASES[i].out) && memcmp(out.data, CASES[i].out, out.used) == 0, CASES[i].out,
              CASES[i].in);
        buffer_close(&out);
    }
}

/* head, then n times fill, then tail. */
static void long_line(const char *head, size_t n, const char *tail, const char *expected) {
    size_t size = strlen(head) + n + strlen(tail);
    uint8_t *message = claim(size);
    memcpy(message, head, strlen(head));
    memset(message + strlen(head), '1', n);
    memcpy(message + strlen(head) + n, tail, strlen(tail));
    size_t cuts[3] = {size / 3, size / 2, size ? size - 1 : 0};
    for (size_t pieces = 0; pieces < 4; pieces++) {
        Buffer out;
        buffer_init(&out, NULL, 0);
        run(message, size, &OPEN, cuts, pieces, &out);
        check(out.used >= strlen(expected) && memcmp(out.data, expected, strlen(expected)) == 0, "long line",
              expected);
        buffer_close(&out);
    }
    free(message);
}

static void test_long_lines(void) {
    long_line("", 65536, "", "...");
    long_line("", 65537, "", "!Protocol error: too big inline request");
    long_line("", 65536, "\n", "[1111");
    long_line("", 65537, "\n", "!Protocol error: too big inline request");
    long_line("*", 65535, "", "...");
    long_line("*", 65536, "", "!Protocol error: too big mbulk count string");
    long_line("*", 65535, "\r\n", "!Protocol error: invalid multibulk length");
    long_line("*1\r\n$", 65535, "", "...");
    long_line("*1\r\n$", 65536, "", "!Protocol error: too big bulk count string");
    long_line("*1\r\n$", 65535, "\r\n", "!Protocol error: invalid bulk length");
}

/* A request of many arguments that arrives in pieces through a Buffer, pipelined behind a small one. */
static void test_pieces_through_a_buffer(void) {
    enum { ARGC = 20000 };
    Buffer message, in;
    uint8_t home[64];
    buffer_init(&message, NULL, 0);
    buffer_init(&in, home, sizeof home);
    resp_request(&message, 1);
    resp_bulk(&message, "PING", 4);
    resp_request(&message, ARGC);
    for (int i = 0; i < ARGC; i++)
        resp_bulk_integer(&message, i);
    say(&message, "ECHO 'done'\r\n");

    RespParser parser = {0};
    RespArgs args = {0};
    size_t sent = 0, seen = 0, right = 0;
    while (sent < message.used) {
        size_t piece = 1 + below(3000);
        if (piece > message.used - sent)
            piece = message.used - sent;
        if (!resp_reserve(&args, &in, piece))
            abort();
        memcpy(in.data + in.used, message.data + sent, piece);
        in.used += piece;
        sent += piece;
        while (resp_parse(&parser, &OPEN, in.data, in.used, &args) == RESP_REQUEST) {
            seen++;
            const RespArg *items = args.items + parser.first;
            if (parser.argc == ARGC) {
                char text[NUMBER_INT_MAX];
                bool all = true;
                for (int i = 0; i < ARGC; i++) {
                    size_t n = number_format_int(i, text);
                    all &= items[i].size == n && memcmp(items[i].data, text, n) == 0;
                }
                right += all;
            } else {
                right += memcmp(items[0].data, parser.argc == 1 ? "PING" : "ECHO", 4) == 0;
            }
        }
        resp_compact(&parser, &args, &in);
    }
    check(seen == 3 && right == 3, "three requests in pieces", "");
    check(in.used == 0 && args.used == 0, "nothing is left over", "");
    buffer_reset(&in, 0);
    check(in.data == home, "the buffer is home again", "");
    resp_args_close(&args);
    buffer_close(&in);
    buffer_close(&message);
}

/* What is missing of a bulk is said, so that it can be read in one go. */
static void test_need(void) {
    RespParser parser = {0};
    RespArgs args = {0};
    uint8_t text[] = "*2\r\n$3\r\nGET\r\n$1000000\r\nabc";
    check(resp_parse(&parser, &OPEN, text, sizeof text - 1, &args) == RESP_INCOMPLETE
              && parser.need == 999999,
          "need counts the CRLF", "");
    resp_args_close(&args);
}

/* Damages a message: bytes changed, dropped, doubled, cut off. */
static size_t mutate(uint8_t *p, size_t n, size_t room) {
    static const uint8_t SIGNS[] = "*$\r\n0123456789-+ \"'\\:%~|>,#(!=_";
    for (size_t times = below(5); times && n; times--) {
        size_t at = below(n), run_length = 1 + below(n - at < 8 ? n - at : 8);
        switch (below(5)) {
        case 0:
            p[at] = (uint8_t)below(256);
            break;
        case 1:
            p[at] = SIGNS[below(sizeof SIGNS - 1)];
            break;
        case 2:
            memmove(p + at, p + at + run_length, n - at - run_length);
            n -= run_length;
            break;
        case 3:
            if (n + run_length > room)
                break;
            memmove(p + at + run_length, p + at, n - at);
            n += run_length;
            break;
        default:
            n = at;
            break;
        }
    }
    return n;
}

static size_t compose(const Line *lines, size_t count, uint8_t *message, size_t room) {
    size_t n = 0;
    for (size_t parts = 1 + below(3); parts; parts--) {
        const Line *line = &lines[below(count)];
        if (n + line->size > room / 2)
            continue;
        memcpy(message + n, line->text, line->size);
        n += line->size;
    }
    return mutate(message, n, room);
}

static void test_mutated_requests(size_t rounds) {
    Buffer whole, cut;
    buffer_init(&whole, NULL, 0);
    buffer_init(&cut, NULL, 0);
    size_t wrong = 0;
    for (size_t round = 0; round < rounds; round++) {
        uint8_t message[1024];
        size_t n = compose(requests, request_count, message, sizeof message);
        RespLimits limits = OPEN;
        limits.authenticated = below(4) != 0;
        if (below(4) == 0)
            limits.max_inline = 16 + below(40);
        if (below(4) == 0)
            limits.max_bulk = (int64_t)below(8);
        size_t cuts[3] = {below(n + 1), below(n + 1), below(n + 1)};
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 2; j++)
                if (cuts[j] > cuts[j + 1]) {
                    size_t swap = cuts[j];
                    cuts[j] = cuts[j + 1];
                    cuts[j + 1] = swap;
                }
        whole.used = cut.used = 0;
        run(message, n, &limits, NULL, 0, &whole);
        run(message, n, &limits, cuts, 3, &cut);
        if (!same(&whole, &cut) && wrong++ < 5) {
            fprintf(stderr, "test_resp: round %zu: ", round);
            fwrite(whole.data, 1, whole.used, stderr);
            fprintf(stderr, "  in pieces: ");
            fwrite(cut.data, 1, cut.used, stderr);
            fprintf(stderr, "\n");
        }
    }
    check(wrong == 0, "mutated requests do not depend on the cuts", "");
    buffer_close(&whole);
    buffer_close(&cut);
}

/* ---- replies ------------------------------------------------------------------------------- */

static void test_reply_corpus(void) {
    for (size_t i = 0; i < reply_count; i++) {
        const Line *line = &replies[i];
        bool good = strcmp(line->other, "ok") == 0;
        size_t used = 0;
        uint8_t *exact = claim(line->size);
        memcpy(exact, line->text, line->size);
        RespStatus status = resp_walk(exact, line->size, &used);
        check(good ? status == RESP_REQUEST && used == line->size : status == RESP_ERROR, "reply",
              line->text);
        free(exact);
        int wrong = 0;
        for (size_t n = 0; good && n < line->size; n++) {
            uint8_t *part = claim(n);
            memcpy(part, line->text, n);
            wrong += resp_walk(part, n, &used) != RESP_INCOMPLETE;
            free(part);
        }
        check(wrong == 0, "part of a reply is incomplete", line->text);
    }
}

static void test_mutated_replies(size_t rounds) {
    size_t wrong = 0;
    for (size_t round = 0; round < rounds; round++) {
        uint8_t message[1024];
        size_t n = compose(replies, reply_count, message, sizeof message), used = 0;
        uint8_t *exact = claim(n);
        memcpy(exact, message, n);
        RespStatus status = resp_walk(exact, n, &used);
        wrong += status == RESP_REQUEST && (used == 0 || used > n);
        free(exact);
    }
    check(wrong == 0, "mutated replies stay inside their bytes", "");
}

static void encodes(Buffer *b, const char *expected) {
    buffer_append(b, "", 1);
    check(!b->failed && strcmp((char *)b->data, expected) == 0, expected, (char *)b->data);
    b->used = 0;
}

static void test_encoders(void) {
    uint8_t home[256];
    Buffer b;
    buffer_init(&b, home, sizeof home);
    resp_ok(&b), encodes(&b, "+OK\r\n");
    resp_status(&b, "PONG", 4), encodes(&b, "+PONG\r\n");
    resp_error(&b, "ERR a\r\n+OK\r\nb", 13), encodes(&b, "-ERR a  +OK  b\r\n");
    resp_integer(&b, 0), resp_integer(&b, 7), resp_integer(&b, -1), resp_integer(&b, INT64_MIN);
    encodes(&b, ":0\r\n:7\r\n:-1\r\n:-9223372036854775808\r\n");
    resp_bulk(&b, "", 0), resp_bulk(&b, "hello world", 11), encodes(&b, "$0\r\n\r\n$11\r\nhello world\r\n");
    resp_bulk_integer(&b, -10), encodes(&b, "$3\r\n-10\r\n");
    resp_null(&b, 2), resp_null(&b, 3), resp_null_array(&b, 2), resp_null_array(&b, 3);
    encodes(&b, "$-1\r\n_\r\n*-1\r\n_\r\n");
    resp_array(&b, 3), resp_map(&b, 2, 2), resp_map(&b, 2, 3), resp_set(&b, 12, 2), resp_set(&b, 12, 3);
    resp_push(&b, 3, 2), resp_push(&b, 3, 3);
    encodes(&b, "*3\r\n*4\r\n%2\r\n*12\r\n~12\r\n*3\r\n>3\r\n");
    resp_double(&b, 1.5, 2), resp_double(&b, 1.5, 3), resp_double(&b, -INFINITY, 2),
        resp_double(&b, INFINITY, 3);
    encodes(&b, "$3\r\n1.5\r\n,1.5\r\n$4\r\n-inf\r\n,inf\r\n");
    resp_bool(&b, true, 2), resp_bool(&b, false, 2), resp_bool(&b, true, 3), resp_bool(&b, false, 3);
    encodes(&b, ":1\r\n:0\r\n#t\r\n#f\r\n");
    resp_big_number(&b, "123", 3, 2), resp_big_number(&b, "-123", 4, 3),
        encodes(&b, "$3\r\n123\r\n(-123\r\n");
    resp_verbatim(&b, "txt", "abc", 3, 2), resp_verbatim(&b, "txt", "abc", 3, 3),
        encodes(&b, "$3\r\nabc\r\n=7\r\ntxt:abc\r\n");
    resp_ok(&b);
    size_t outer = resp_mark(&b);
    resp_bulk(&b, "k", 1);
    size_t inner = resp_mark(&b);
    for (int i = 0; i < 10; i++)
        resp_integer(&b, i % 2);
    resp_insert_header(&b, inner, '*', 10);
    resp_insert_map(&b, outer, 1, 3);
    encodes(&b,
            "+OK\r\n%1\r\n$1\r\nk\r\n*10\r\n:0\r\n:1\r\n:0\r\n:1\r\n:0\r\n:1\r\n:0\r\n:1\r\n:0\r\n:1\r\n");
    size_t empty = resp_mark(&b);
    resp_insert_header(&b, empty, resp_set_type(2), 0), encodes(&b, "*0\r\n");
    buffer_close(&b);
}

/* A header put in front of n bytes, at every fill of the block around its end. */
static void test_insert_at_block_edges(void) {
    int wrong = 0;
    for (size_t size = 1; size < 64; size++)
        for (size_t fill = 0; fill <= size; fill++) {
            uint8_t *home = claim(size);
            Buffer b;
            buffer_init(&b, home, size);
            for (size_t i = 0; i < fill; i++)
                buffer_append(&b, "x", 1);
            size_t mark = fill / 2;
            resp_insert_header(&b, mark, '*', 1234567);
            wrong += b.used != fill + 10 || memcmp(b.data + mark, "*1234567\r\n", 10) != 0;
            for (size_t i = 0; i < fill; i++)
                wrong += b.data[i < mark ? i : i + 10] != 'x';
            buffer_close(&b);
            free(home);
        }
    check(wrong == 0, "headers inserted at block edges", "");
}

static void test_tokens(void) {
    RespToken token;
    static const uint8_t MAP[] = "%3\r\n";
    check(resp_token(MAP, 4, &token) == RESP_REQUEST && token.count == 3 && token.children == 6
              && token.used == 4,
          "map", "");
    static const uint8_t TEXT[] = "=7\r\ntxt:abc\r\n";
    check(resp_token(TEXT, sizeof TEXT - 1, &token) == RESP_REQUEST && token.text.size == 3
              && memcmp(token.text.data, "abc", 3) == 0 && memcmp(token.format, "txt", 3) == 0,
          "verbatim", "");
    static const uint8_t NUMBER[] = ",-1.5\r\n";
    check(resp_token(NUMBER, sizeof NUMBER - 1, &token) == RESP_REQUEST && token.number == -1.5, "double",
          "");
    static const uint8_t NIL[] = "$-1\r\n";
    check(resp_token(NIL, sizeof NIL - 1, &token) == RESP_REQUEST && token.null, "nil", "");
}

/* ---- the buffer itself --------------------------------------------------------------------- */

/* Random appends and trims against a plain array. */
static void test_buffer_model(void) {
    enum { ROOM = 1 << 16 };
    uint8_t *model = claim(ROOM), home[48];
    int wrong = 0;
    for (int life = 0; life < 40; life++) {
        Buffer b;
        buffer_init(&b, life % 2 ? home : NULL, life % 2 ? sizeof home : 0);
        size_t used = 0;
        for (int step = 0; step < 300; step++) {
            size_t n = (size_t)1 << below(9);
            n += below(3) - 1;
            uint8_t piece[600];
            memset(piece, (int)below(256), sizeof piece);
            switch (below(6)) {
            case 0:
                n = below(used + 1);
                buffer_take_front(&b, n);
                memmove(model, model + n, used - n);
                used -= n;
                break;
            case 1:
                buffer_shrink(&b);
                break;
            case 2:
                if (below(10))
                    break;
                buffer_reset(&b, below(1000));
                used = 0;
                break;
            default:
                if (used + n > ROOM)
                    break;
                buffer_append(&b, piece, n);
                memcpy(model + used, piece, n);
                used += n;
            }
            wrong +=
                b.failed || b.used != used || b.used > b.size || (used && memcmp(b.data, model, used) != 0);
            wrong += b.data == home && b.size != sizeof home;
        }
        buffer_close(&b);
        wrong += b.used != 0 || buffer_memory(&b) != 0;
    }
    free(model);
    check(wrong == 0, "buffer agrees with an array", "");
}

static void test_refused_memory(void) {
    Buffer b;
    buffer_init(&b, NULL, 0);
    buffer_append(&b, "abc", 3);
    check(!buffer_reserve(&b, SIZE_MAX - 2) && b.failed, "an impossible size is refused", "");
    buffer_append(&b, "def", 3);
    resp_integer(&b, 1), resp_bulk(&b, "x", 1), resp_error(&b, "ERR", 3), resp_insert_header(&b, 0, '*', 1);
    check(b.used == 3 && memcmp(b.data, "abc", 3) == 0, "a failed buffer keeps its bytes and takes no more",
          "");
    buffer_reset(&b, 1000);
    buffer_append(&b, "xyz", 3);
    check(!b.failed && b.used == 3, "reset forgets the failure", "");
    check(!buffer_reserve(&b, (size_t)PTRDIFF_MAX / 2) && b.failed, "malloc's refusal is reported", "");
    buffer_close(&b);
}

int main(int argc, char **argv) {
    size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    request_count = load("tests/data/resp/requests.txt", 0, requests);
    reply_count = load("tests/data/resp/replies.txt", 1, replies);
    test_request_corpus();
    test_unauthenticated();
    test_long_lines();
    test_pieces_through_a_buffer();
    test_need();
    test_mutated_requests(rounds);
    test_reply_corpus();
    test_mutated_replies(rounds);
    test_encoders();
    test_insert_at_block_edges();
    test_tokens();
    test_buffer_model();
    test_refused_memory();
    unload(requests, request_count);
    unload(replies, reply_count);
    printf("test_resp: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
