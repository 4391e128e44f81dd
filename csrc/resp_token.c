/* resp: replies read back, token by token. See resp.h. */
#include "resp.h"

#include <math.h>

enum { HEADER_MAX = 32 };

/* The line behind the type byte: its text, and *used with type and CRLF. */
static RespStatus read_line(const uint8_t *p, size_t n, RespArg *text, size_t *used) {
    const uint8_t *cr = memchr(p, '\r', n);
    if (!cr || cr + 1 == p + n)
        return RESP_INCOMPLETE;
    if (cr[1] != '\n')
        return RESP_ERROR;
    *text = (RespArg){p + 1, (size_t)(cr - p) - 1};
    *used = (size_t)(cr - p) + 2;
    return RESP_REQUEST;
}

/* A line that is an int64; a plus is allowed. Endless digits are refused before their end comes. */
static RespStatus read_number(const uint8_t *p, size_t n, RespToken *token, int64_t *value) {
    RespStatus status = read_line(p, n < HEADER_MAX ? n : HEADER_MAX, &token->text, &token->used);
    if (status == RESP_INCOMPLETE && n >= HEADER_MAX)
        return RESP_ERROR;
    if (status != RESP_REQUEST)
        return status;
    size_t plus = token->text.size > 1 && token->text.data[0] == '+' && token->text.data[1] != '-';
    return number_parse_int(token->text.data + plus, token->text.size - plus, value) ? RESP_REQUEST
                                                                                     : RESP_ERROR;
}

/* $ ! = */
static RespStatus read_sized(const uint8_t *p, size_t n, RespToken *token) {
    int64_t size = 0;
    RespStatus status = read_number(p, n, token, &size);
    if (status != RESP_REQUEST)
        return status;
    if (size == -1 && token->type == '$') {
        token->null = true;
        token->text = (RespArg){NULL, 0};
        return RESP_REQUEST;
    }
    if (size < 0 || size > PTRDIFF_MAX - 64)
        return RESP_ERROR;
    size_t length = (size_t)size, left = n - token->used;
    if (left < length + 2)
        return RESP_INCOMPLETE;
    const uint8_t *bytes = p + token->used;
    if (bytes[length] != '\r' || bytes[length + 1] != '\n')
        return RESP_ERROR;
    token->text = (RespArg){bytes, length};
    token->used += length + 2;
    if (token->type == '=') {
        if (length < 4 || bytes[3] != ':')
            return RESP_ERROR;
        token->format = bytes;
        token->text = (RespArg){bytes + 4, length - 4};
    }
    return RESP_REQUEST;
}

/* * % ~ > | */
static RespStatus read_aggregate(const uint8_t *p, size_t n, RespToken *token) {
    int64_t count = 0;
    RespStatus status = read_number(p, n, token, &count);
    if (status != RESP_REQUEST)
        return status;
    token->text = (RespArg){NULL, 0};
    if (count == -1 && token->type == '*') {
        token->null = true;
        return RESP_REQUEST;
    }
    if (count < 0 || count > INT64_MAX / 2)
        return RESP_ERROR;
    token->count = (uint64_t)count;
    token->children = token->type == '%' || token->type == '|' ? 2 * token->count : token->count;
    return RESP_REQUEST;
}

static bool same(RespArg text, const char *word) {
    return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

/* The value of a one-line token whose text is known. */
static bool read_value(RespToken *token) {
    switch (token->type) {
    case '_':
        token->null = true;
        return token->text.size == 0;
    case '#':
        token->integer = same(token->text, "t");
        return token->integer || same(token->text, "f");
    case ',':
        if (same(token->text, "nan") || same(token->text, "-nan")) {
            token->number = NAN;
            return true;
        }
        return number_parse_double(token->text.data, token->text.size, &token->number);
    case '(': {
        size_t i = token->text.size && (token->text.data[0] == '-' || token->text.data[0] == '+');
        if (i == token->text.size)
            return false;
        for (; i < token->text.size; i++)
            if (token->text.data[i] < '0' || token->text.data[i] > '9')
                return false;
        return true;
    }
    default:
        return true;
    }
}

RespStatus resp_token(const uint8_t *p, size_t n, RespToken *token) {
    RespStatus status;
    *token = (RespToken){0};
    if (n == 0)
        return RESP_INCOMPLETE;
    token->type = (char)p[0];
    switch (p[0]) {
    case ':':
        return read_number(p, n, token, &token->integer);
    case '$':
    case '!':
    case '=':
        return read_sized(p, n, token);
    case '*':
    case '%':
    case '~':
    case '>':
    case '|':
        return read_aggregate(p, n, token);
    case '+':
    case '-':
    case '_':
    case ',':
    case '#':
    case '(':
        status = read_line(p, n, &token->text, &token->used);
        return status == RESP_REQUEST && !read_value(token) ? RESP_ERROR : status;
    default:
        return RESP_ERROR;
    }
}

RespStatus resp_walk(const uint8_t *p, size_t n, size_t *used) {
    uint64_t left[RESP_DEPTH_MAX + 1] = {1}; /* elements still to come, by depth */
    size_t depth = 0, at = 0;
    for (;;) {
        while (left[depth] == 0) {
            if (depth == 0) {
                *used = at;
                return RESP_REQUEST;
            }
            depth--;
        }
        RespToken token;
        RespStatus status = resp_token(p + at, n - at, &token);
        if (status != RESP_REQUEST)
            return status;
        at += token.used;
        left[depth] -= token.type != '|'; /* an attribute stands before an element, it is none */
        if (token.children) {
            if (depth == RESP_DEPTH_MAX)
                return RESP_ERROR;
            left[++depth] = token.children;
        }
    }
}
