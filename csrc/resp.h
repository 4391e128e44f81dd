#ifndef CYDIS_RESP_H
#define CYDIS_RESP_H
#include "buffer.h"
#include "number.h"
#include <stdlib.h>
typedef struct RespArg { const uint8_t *data; size_t size; } RespArg;
typedef struct RespArgs { RespArg *items; size_t used, size; } RespArgs;
typedef struct RespLimits { int64_t max_bulk; size_t max_inline; bool authenticated; } RespLimits;
typedef struct RespParser { size_t pos, first, argc, need; const char *error; } RespParser;
typedef enum { RESP_REQUEST, RESP_INCOMPLETE, RESP_ERROR } RespStatus;
static inline void resp_parser_init(RespParser *p) { memset(p, 0, sizeof *p); }
static inline void resp_args_close(RespArgs *a) { free(a->items); memset(a, 0, sizeof *a); }
static inline void resp_rebase(RespArgs *a, size_t first, const uint8_t *o, const uint8_t *n) { for (size_t i = first; i < a->used; i++) a->items[i].data = n + (a->items[i].data - o); }
static inline void resp_push_arg(RespArgs *a, const uint8_t *d, size_t n) { if (a->used == a->size) { a->size = a->size ? a->size * 2 : 64; a->items = realloc(a->items, a->size * sizeof *a->items); } a->items[a->used++] = (RespArg){d, n}; }
static inline int resp_line(const uint8_t *b, size_t size, size_t *at, int64_t *n)
{
    const uint8_t *e = memchr(b + *at, '\n', size - *at);
    if (!e) return 0;
    if (!number_parse_int(b + *at, (size_t)(e - b) - *at - 1, n)) return -1;
    *at = (size_t)(e - b) + 1;
    return 1;
}
static inline RespStatus resp_parse(RespParser *p, const RespLimits *l, const uint8_t *b, size_t size, RespArgs *a)
{
    size_t at = p->pos, mark = a->used;
    (void)l;
again:
    if (at == size) return RESP_INCOMPLETE;
    p->first = a->used = mark;
    if (b[at] != '*') {
        const uint8_t *e = memchr(b + at, '\n', size - at);
        if (!e) return RESP_INCOMPLETE;
        size_t end = (size_t)(e - b), i = at, stop = end > at && b[end - 1] == '\r' ? end - 1 : end;
        while (i < stop) {
            while (i < stop && b[i] == ' ') i++;
            size_t s = i;
            while (i < stop && b[i] != ' ') i++;
            if (i > s) resp_push_arg(a, b + s, i - s);
        }
        at = p->pos = end + 1;
        if (a->used == mark) goto again;
        p->argc = a->used - mark;
        return RESP_REQUEST;
    }
    int64_t n, len;
    size_t q = at + 1;
    int r = resp_line(b, size, &q, &n);
    if (r == 0) return RESP_INCOMPLETE;
    if (r < 0 || n > 1024 * 1024) { p->error = "ERR Protocol error: invalid multibulk length"; return RESP_ERROR; }
    if (n <= 0) { at = p->pos = q; goto again; }
    for (int64_t i = 0; i < n; i++) {
        if (q >= size) goto more;
        if (b[q] != '$') { p->error = "ERR Protocol error: expected '$'"; return RESP_ERROR; }
        q++;
        r = resp_line(b, size, &q, &len);
        if (r == 0) goto more;
        if (r < 0 || len < 0) { p->error = "ERR Protocol error: invalid bulk length"; return RESP_ERROR; }
        if (size - q < (size_t)len + 2) goto more;
        resp_push_arg(a, b + q, (size_t)len);
        q += (size_t)len + 2;
    }
    p->pos = q;
    p->argc = (size_t)n;
    return RESP_REQUEST;
more:
    a->used = mark;
    return RESP_INCOMPLETE;
}
static inline void resp_header(Buffer *b, char type, int64_t n)
{
    if (!buffer_reserve(b, 32)) return;
    uint8_t *p = b->data + b->used;
    *p = (uint8_t)type;
    size_t k = 1 + number_format_int(n, (char *)p + 1);
    p[k] = '\r'; p[k + 1] = '\n';
    b->used += k + 2;
}
static inline void resp_status(Buffer *b, const char *t, size_t n) { if (!buffer_reserve(b, n + 3)) return; uint8_t *p = b->data + b->used; *p = '+'; memcpy(p + 1, t, n); memcpy(p + 1 + n, "\r\n", 2); b->used += n + 3; }
static inline void resp_error(Buffer *b, const char *t, size_t n) { if (!buffer_reserve(b, n + 3)) return; uint8_t *p = b->data + b->used; *p = '-'; for (size_t i = 0; i < n; i++) p[1 + i] = (t[i] == '\r' || t[i] == '\n') ? ' ' : (uint8_t)t[i]; memcpy(p + 1 + n, "\r\n", 2); b->used += n + 3; }
static inline void resp_integer(Buffer *b, int64_t n) { resp_header(b, ':', n); }
static inline void resp_bulk(Buffer *b, const void *d, size_t n) { if (!buffer_reserve(b, n + 32)) return; resp_header(b, '$', (int64_t)n); memcpy(b->data + b->used, d, n); b->used += n; memcpy(b->data + b->used, "\r\n", 2); b->used += 2; }
static inline void resp_null(Buffer *b, int v) { if (v == 3) buffer_append(b, "_\r\n", 3); else buffer_append(b, "$-1\r\n", 5); }
static inline void resp_null_array(Buffer *b, int v) { if (v == 3) buffer_append(b, "_\r\n", 3); else buffer_append(b, "*-1\r\n", 5); }
static inline void resp_array(Buffer *b, size_t n) { resp_header(b, '*', (int64_t)n); }
static inline void resp_map(Buffer *b, int v, size_t n) { if (v == 3) resp_header(b, '%', (int64_t)n); else resp_header(b, '*', 2 * (int64_t)n); }
static inline void resp_set(Buffer *b, int v, size_t n) { resp_header(b, v == 3 ? '~' : '*', (int64_t)n); }
static inline void resp_push(Buffer *b, int v, size_t n) { resp_header(b, v == 3 ? '>' : '*', (int64_t)n); }
static inline void resp_double(Buffer *b, int v, double d) { char t[NUMBER_DOUBLE_MAX]; size_t n = number_format_double(d, t); if (v == 3) { buffer_append(b, ",", 1); buffer_append(b, t, n); buffer_append(b, "\r\n", 2); } else resp_bulk(b, t, n); }
static inline void resp_bool(Buffer *b, int v, bool x) { if (v == 3) buffer_append(b, x ? "#t\r\n" : "#f\r\n", 4); else buffer_append(b, x ? ":1\r\n" : ":0\r\n", 4); }
static inline void resp_verbatim(Buffer *b, int v, const char *f, const void *d, size_t n) { if (v != 3) { resp_bulk(b, d, n); return; } resp_header(b, '=', (int64_t)n + 4); buffer_append(b, f, 3); buffer_append(b, ":", 1); buffer_append(b, d, n); buffer_append(b, "\r\n", 2); }
static inline size_t resp_mark(Buffer *b) { return b->used; }
static inline void resp_insert_header(Buffer *b, size_t mark, char type, size_t n)
{
    char t[24]; t[0] = type; size_t k = 1 + number_format_int((int64_t)n, t + 1); t[k++] = '\r'; t[k++] = '\n';
    if (!buffer_reserve(b, k)) return;
    memmove(b->data + mark + k, b->data + mark, b->used - mark);
    memcpy(b->data + mark, t, k);
    b->used += k;
}
#endif
