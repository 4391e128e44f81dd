/* resp: requests and replies out of line. See resp.h; tokens are in resp_token.c. */
#include "resp.h"

#include <stdlib.h>

enum { UNAUTHENTICATED_ARGS = 10, UNAUTHENTICATED_BULK = 16384, ARGS_AT_FIRST = 16 };

/* ---- arguments ----------------------------------------------------------------------------- */

bool resp_args_grow(RespArgs *args, size_t n) {
    if (n > SIZE_MAX / sizeof(RespArg) / 4 - args->used)
        return false;
    size_t need = args->used + n, size = args->size ? args->size : ARGS_AT_FIRST;
    if (need <= args->size)
        return true;
    while (size < need)
        size *= 2;
    RespArg *items = realloc(args->items, size * sizeof(RespArg));
    if (!items)
        return false;
    args->items = items;
    args->size = size;
    return true;
}

void resp_args_close(RespArgs *args) {
    free(args->items);
    *args = (RespArgs){0};
}

void resp_rebase(RespArgs *args, size_t first, const uint8_t *old_base, const uint8_t *new_base) {
    /* the old block may be gone: count with numbers, not with its pointers */
    for (size_t i = first; i < args->used; i++)
        args->items[i].data = new_base + ((uintptr_t)args->items[i].data - (uintptr_t)old_base);
}

/* Arguments of the request being read; between requests there are none. */
static size_t pending(const RespParser *parser) { return parser->remaining > 0 ? parser->argc : 0; }

void resp_args_drop(RespParser *parser, RespArgs *args) {
    size_t kept = pending(parser);
    if (kept && parser->first)
        memmove(args->items, args->items + parser->first, kept * sizeof(RespArg));
    args->used = kept;
    parser->first = 0;
}

bool resp_reserve(RespArgs *args, Buffer *in, size_t extra) {
    const uint8_t *old = in->data;
    uintptr_t was = (uintptr_t)old;
    if (!buffer_reserve(in, extra))
        return false;
    if ((uintptr_t)in->data != was && args->used)
        resp_rebase(args, 0, old, in->data);
    return true;
}

void resp_compact(RespParser *parser, RespArgs *args, Buffer *in) {
    size_t done = parser->remaining ? parser->start : parser->pos;
    resp_args_drop(parser, args);
    if (!done)
        return;
    resp_rebase(args, 0, in->data + done, in->data);
    buffer_take_front(in, done);
    parser->pos -= done;
    parser->start = 0;
}

/* ---- requests ------------------------------------------------------------------------------ */

static RespStatus refuse(RespParser *parser, RespFault fault) {
    parser->fault = (uint8_t)fault;
    parser->remaining = -1;
    return RESP_ERROR;
}

/* Finds `mark` at or behind pos: its offset in *at, or INCOMPLETE, or the fault when it is not among the
 * first max_inline + 1 bytes. What was looked at is not looked at again. */
static RespStatus find_end(RespParser *parser, const RespLimits *limits, const uint8_t *buf, size_t size,
                           uint8_t mark, RespFault too_big, size_t *at) {
    size_t left = size - parser->pos;
    size_t window = left <= limits->max_inline ? left : limits->max_inline + 1;
    const uint8_t *from = buf + parser->pos + parser->scanned;
    const uint8_t *found = window > parser->scanned ? memchr(from, mark, window - parser->scanned) : NULL;
    if (found) {
        parser->scanned = 0;
        *at = (size_t)(found - buf);
        return RESP_REQUEST;
    }
    if (left > limits->max_inline)
        return refuse(parser, too_big);
    parser->scanned = window;
    return RESP_INCOMPLETE;
}

/* Reads a header line at pos ("*3" or "$5") into *value. */
static RespStatus read_header(RespParser *parser, const RespLimits *limits, const uint8_t *buf, size_t size,
                              RespFault too_big, RespFault bad, int64_t *value) {
    size_t at = 0;
    RespStatus status = find_end(parser, limits, buf, size, '\r', too_big, &at);
    if (status != RESP_REQUEST)
        return status;
    if (too_big == RESP_FAULT_BIG_BULK && buf[parser->pos] != '$') {
        parser->byte = buf[parser->pos];
        return refuse(parser, RESP_FAULT_EXPECTED_DOLLAR);
    }
    if (at + 1 == size) {
        parser->scanned = at - parser->pos;
        return RESP_INCOMPLETE;
    }
    if (buf[at + 1] != '\n')
        return refuse(parser, RESP_FAULT_CRLF);
    if (!number_parse_int(buf + parser->pos + 1, at - parser->pos - 1, value))
        return refuse(parser, bad);
    parser->pos = at + 2;
    return RESP_REQUEST;
}

static bool add_argument(RespParser *parser, RespArgs *args, const uint8_t *data, size_t size) {
    if (args->used == args->size && !resp_args_grow(args, 1))
        return false;
    args->items[args->used++] = (RespArg){data, size};
    parser->argc++;
    return true;
}

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What a backslash inside double quotes stands for; *p is behind it and moves over what was used. */
static uint8_t unescape(const uint8_t **p, const uint8_t *end) {
    uint8_t c = *(*p)++;
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'b':
        return '\b';
    case 'a':
        return '\a';
    case 'x':
        if (end - *p >= 2 && hex_digit((*p)[0]) >= 0 && hex_digit((*p)[1]) >= 0) {
            c = (uint8_t)(hex_digit((*p)[0]) << 4 | hex_digit((*p)[1]));
            *p += 2;
        }
        return c;
    default:
        return c;
    }
}

/* Copies the inside of a quoted part at *at to *to; false if it does not end. A backslash before the
 * last byte of the line escapes nothing: "a\" is a\, as in the reference. */
static bool unquote(const uint8_t **at, const uint8_t *end, uint8_t **to) {
    const uint8_t *p = *at;
    uint8_t quote = *p++, *out = *to;
    while (p < end && *p != quote) {
        if (*p != '\\' || end - p < 3) {
            *out++ = *p++;
        } else if (quote == '"') {
            p++;
            *out++ = unescape(&p, end);
        } else {
            p += p[1] == '\''; /* only \' means something in single quotes */
            *out++ = *p++;
        }
    }
    if (p == end)
        return false;
    *at = p + 1;
    *to = out;
    return true;
}

/* The words of a line as arguments, unquoted in place: text only ever gets shorter. */
static RespStatus split_line(RespParser *parser, uint8_t *line, const uint8_t *end, RespArgs *args) {
    const uint8_t *p = line;
    for (;;) {
        while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
            p++;
        if (p == end)
            return RESP_REQUEST;
        uint8_t *word = line + (p - line), *to = word;
        while (p < end && *p != ' ' && *p != '\t' && *p != '\r') {
            if (*p != '"' && *p != '\'')
                *to++ = *p++;
            else if (!unquote(&p, end, &to))
                return refuse(parser, RESP_FAULT_QUOTES);
        }
        if (!add_argument(parser, args, word, (size_t)(to - word)))
            return RESP_CLOSE;
    }
}

static RespStatus read_inline(RespParser *parser, const RespLimits *limits, uint8_t *buf, size_t size,
                              RespArgs *args) {
    size_t at = 0;
    RespStatus status = find_end(parser, limits, buf, size, '\n', RESP_FAULT_BIG_INLINE, &at);
    if (status != RESP_REQUEST)
        return status;
    size_t end = at > parser->pos && buf[at - 1] == '\r' ? at - 1 : at;
    status = split_line(parser, buf + parser->pos, buf + end, args);
    parser->pos = at + 1;
    return status;
}

/* Between requests: a multibulk's count, or a whole inline request. RESP_REQUEST: either; look at
 * `remaining`. */
static RespStatus begin(RespParser *parser, const RespLimits *limits, uint8_t *buf, size_t size,
                        RespArgs *args) {
    parser->start = parser->pos;
    parser->first = args->used;
    parser->argc = 0;
    if (parser->pos == size)
        return RESP_INCOMPLETE;
    if (buf[parser->pos] != '*')
        return read_inline(parser, limits, buf, size, args);
    int64_t n = 0;
    RespStatus status =
        read_header(parser, limits, buf, size, RESP_FAULT_BIG_MULTIBULK, RESP_FAULT_MULTIBULK_LENGTH, &n);
    if (status != RESP_REQUEST)
        return status;
    if (n > INT32_MAX)
        return refuse(parser, RESP_FAULT_MULTIBULK_LENGTH);
    if (n > UNAUTHENTICATED_ARGS && !limits->authenticated)
        return refuse(parser, RESP_FAULT_MULTIBULK_UNAUTHENTICATED);
    parser->remaining = n > 0 ? (int32_t)n : 0;
    return RESP_REQUEST;
}

/* The next argument of a multibulk. */
static RespStatus read_bulk(RespParser *parser, const RespLimits *limits, const uint8_t *buf, size_t size,
                            RespArgs *args) {
    if (!parser->in_bulk) {
        int64_t n = 0;
        RespStatus status = parser->pos == size ? RESP_INCOMPLETE
                                                : read_header(parser, limits, buf, size, RESP_FAULT_BIG_BULK,
                                                              RESP_FAULT_BULK_LENGTH, &n);
        if (status != RESP_REQUEST)
            return status;
        if (n < 0 || n > limits->max_bulk)
            return refuse(parser, RESP_FAULT_BULK_LENGTH);
        if (n > UNAUTHENTICATED_BULK && !limits->authenticated)
            return refuse(parser, RESP_FAULT_BULK_UNAUTHENTICATED);
        parser->bulk = (size_t)n;
        parser->in_bulk = true;
    }
    size_t left = size - parser->pos, n = parser->bulk;
    if (left < n + 2) {
        parser->need = n + 2 - left;
        return RESP_INCOMPLETE;
    }
    const uint8_t *p = buf + parser->pos;
    if (p[n] != '\r' || p[n + 1] != '\n')
        return refuse(parser, RESP_FAULT_CRLF);
    if (!add_argument(parser, args, p, n))
        return RESP_CLOSE;
    parser->pos += n + 2;
    parser->in_bulk = false;
    parser->remaining--;
    return RESP_REQUEST;
}

RespStatus resp_parse_slowly(RespParser *parser, const RespLimits *limits, uint8_t *buf, size_t size,
                             RespArgs *args) {
    parser->need = 0;
    if (parser->remaining < 0)
        return RESP_ERROR;
    while (parser->remaining == 0) {
        RespStatus status = begin(parser, limits, buf, size, args);
        if (status != RESP_REQUEST || parser->argc)
            return status;
    }
    while (parser->remaining > 0) {
        RespStatus status = read_bulk(parser, limits, buf, size, args);
        if (status != RESP_REQUEST)
            return status;
    }
    return RESP_REQUEST;
}

static const char *fault_text(RespFault fault) {
    switch (fault) {
    case RESP_FAULT_MULTIBULK_LENGTH:
        return "invalid multibulk length";
    case RESP_FAULT_BULK_LENGTH:
        return "invalid bulk length";
    case RESP_FAULT_EXPECTED_DOLLAR:
        return "expected '$', got '?'";
    case RESP_FAULT_BIG_INLINE:
        return "too big inline request";
    case RESP_FAULT_BIG_MULTIBULK:
        return "too big mbulk count string";
    case RESP_FAULT_BIG_BULK:
        return "too big bulk count string";
    case RESP_FAULT_QUOTES:
        return "unbalanced quotes in request";
    case RESP_FAULT_MULTIBULK_UNAUTHENTICATED:
        return "unauthenticated multibulk length";
    case RESP_FAULT_BULK_UNAUTHENTICATED:
        return "unauthenticated bulk length";
    case RESP_FAULT_CRLF:
        return "invalid CRLF in request";
    case RESP_FAULT_NONE:
        break;
    }
    return "";
}

size_t resp_error_text(const RespParser *parser, char out[RESP_ERROR_MAX]) {
    static const char PREFIX[] = "Protocol error: ";
    const char *text = fault_text((RespFault)parser->fault);
    size_t head = sizeof PREFIX - 1, n = strlen(text);
    memcpy(out, PREFIX, head);
    memcpy(out + head, text, n);
    if (parser->fault == RESP_FAULT_EXPECTED_DOLLAR)
        out[head + n - 2] = parser->byte == '\r' || parser->byte == '\n' ? ' ' : (char)parser->byte;
    return head + n;
}

/* ---- replies ------------------------------------------------------------------------------- */

void resp_error(Buffer *b, const void *text, size_t n) {
    if (n > PTRDIFF_MAX - 3 || !buffer_reserve(b, n + 3)) {
        b->failed = true;
        return;
    }
    const uint8_t *from = text;
    uint8_t *p = b->data + b->used;
    *p++ = '-';
    for (size_t i = 0; i < n; i++)
        *p++ = from[i] == '\r' || from[i] == '\n' ? ' ' : from[i];
    *p++ = '\r';
    *p = '\n';
    b->used += n + 3;
}

/* "<type><bytes>\r\n" */
static void line(Buffer *b, char type, const void *bytes, size_t n) {
    if (n > PTRDIFF_MAX - 3 || !buffer_reserve(b, n + 3)) {
        b->failed = true;
        return;
    }
    uint8_t *p = b->data + b->used;
    p[0] = (uint8_t)type;
    if (n)
        memcpy(p + 1, bytes, n);
    p[n + 1] = '\r';
    p[n + 2] = '\n';
    b->used += n + 3;
}

void resp_double_text(Buffer *b, const void *digits, size_t n, int proto) {
    if (proto > 2)
        line(b, ',', digits, n);
    else
        resp_bulk(b, digits, n);
}

void resp_double(Buffer *b, double v, int proto) {
    char text[NUMBER_DOUBLE_MAX];
    resp_double_text(b, text, number_format_double(v, text), proto);
}

void resp_bool(Buffer *b, bool v, int proto) {
    if (proto > 2)
        buffer_append(b, v ? "#t\r\n" : "#f\r\n", 4);
    else
        resp_integer(b, v);
}

void resp_big_number(Buffer *b, const void *digits, size_t n, int proto) {
    if (proto > 2)
        line(b, '(', digits, n);
    else
        resp_bulk(b, digits, n);
}

void resp_verbatim(Buffer *b, const char *format, const void *bytes, size_t n, int proto) {
    if (proto <= 2) {
        resp_bulk(b, bytes, n);
        return;
    }
    if (n > PTRDIFF_MAX - 64 || !buffer_reserve(b, n + 40)) {
        b->failed = true;
        return;
    }
    resp_header(b, '=', (int64_t)n + 4);
    buffer_append(b, format, 3);
    buffer_append(b, ":", 1);
    buffer_append(b, bytes, n);
    buffer_append(b, "\r\n", 2);
}

void resp_insert_header(Buffer *b, size_t mark, char type, int64_t n) {
    uint8_t header[24];
    size_t used = resp_write_header(header, type, n);
    if (!buffer_reserve(b, used))
        return;
    memmove(b->data + mark + used, b->data + mark, b->used - mark);
    memcpy(b->data + mark, header, used);
    b->used += used;
}
