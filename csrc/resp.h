/* resp: the wire protocol as pure functions over buffers. No socket, no command, no state but the caller's.
 *
 *      REQUESTS   resp_parse        one request at a time out of an input buffer; slices, no copies
 *      REPLIES    resp_integer ...  encoders of RESP2 and RESP3 that append to a Buffer
 *      TOKENS     resp_token        one element of a reply; resp_walk skips a whole reply
 *
 * REQUESTS. Two spellings, told apart by the first byte:
 *
 *      *2\r\n $3\r\nGET\r\n $1\r\nk\r\n       multibulk: a count, then as many sized strings
 *      GET "a key"\r\n                        inline: words, quotes, escapes; LF alone ends it too
 *
 *      buffer:   done | request being read .............. | not yet here
 *                     ^start        ^pos                  ^size
 *
 * resp_parse reads at `pos` and returns RESP_REQUEST once per complete request: its argc
 * arguments are args->items[first ..], slices of the buffer. All requests of a pipeline put theirs into the
 * same RespArgs, one after the other, so a batch can be looked at before it is executed. With
 * RESP_INCOMPLETE everything understood so far is kept: the next call goes on at `pos` and reads
 * no byte twice (a header line without its end is remembered in `scanned`). Empty lines and counts <= 0
 * are skipped and are no request.
 *
 * The result does not depend on how the bytes were cut. Two places where the reference's does are decided:
 * a line is too long if no end is among its first max_inline + 1 bytes, however many arrive at once; and a
 * NUL in an inline request is a byte like any other (there it hides the line's end, and the client waits for
 * ever).
 *
 * Buffers move. Slices are pointers, so tell the parser: resp_reserve and resp_compact do
 * it for a Buffer; resp_rebase, resp_args_drop and `pos`, `start` serve other owners.
 *
 * Costs: multibulk of short strings some 4 ns per argument; memory for n announced arguments is only taken as
 * they arrive.
 */
#ifndef CYDIS_RESP_H
#define CYDIS_RESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "buffer.h"
#include "number.h"

/* ---- requests ------------------------------------------------------------------------------ */

typedef struct RespArg {
    const uint8_t *data;
    size_t size;
} RespArg;

/* Arguments of a batch of requests; malloc. {0} is empty. */
typedef struct RespArgs {
    RespArg *items;
    size_t used, size;
} RespArgs;

typedef struct RespLimits {
    int64_t max_bulk;   /* proto-max-bulk-len */
    size_t max_inline;  /* bytes of a line: RESP_MAX_INLINE; at least 16 */
    bool authenticated; /* false: at most 10 arguments of 16384 bytes */
} RespLimits;

enum { RESP_MAX_INLINE = 65536, RESP_MAX_BULK = 536870912, RESP_ERROR_MAX = 64 };

typedef enum RespStatus {
    RESP_INCOMPLETE, /* more bytes are needed */
    RESP_REQUEST,    /* args->items[first .. first + argc) */
    RESP_ERROR,      /* not the protocol: resp_error_text says why; nothing more can be read */
    RESP_CLOSE,      /* no memory for the arguments */
} RespStatus;

typedef enum RespFault {
    RESP_FAULT_NONE,
    RESP_FAULT_MULTIBULK_LENGTH,
    RESP_FAULT_BULK_LENGTH,
    RESP_FAULT_EXPECTED_DOLLAR,
    RESP_FAULT_BIG_INLINE,
    RESP_FAULT_BIG_MULTIBULK,
    RESP_FAULT_BIG_BULK,
    RESP_FAULT_QUOTES,
    RESP_FAULT_MULTIBULK_UNAUTHENTICATED,
    RESP_FAULT_BULK_UNAUTHENTICATED,
    RESP_FAULT_CRLF,
} RespFault;

/* {0} is a parser at the start of an empty buffer. */
typedef struct RespParser {
    size_t start;      /* where the current request begins; what lies before is done with */
    size_t pos;        /* next byte to read */
    size_t scanned;    /* bytes from pos on that hold no line end */
    size_t first;      /* the request's first argument in RespArgs */
    size_t argc;       /* its arguments understood so far */
    size_t need;       /* INCOMPLETE: bytes missing of the current bulk and its CRLF, 0: unknown */
    size_t bulk;       /* the size of the bulk being read, if in_bulk */
    int32_t remaining; /* arguments still to come; 0: between requests, -1: after an error */
    bool in_bulk;
    uint8_t fault; /* RespFault */
    uint8_t byte;  /* the byte found where '$' was expected */
} RespParser;

/* Room for n more arguments. False without memory. */
bool resp_args_grow(RespArgs *args, size_t n);

/* Frees the items. */
void resp_args_close(RespArgs *args);

/* Out of line half of resp_parse. */
RespStatus resp_parse_slowly(RespParser *parser, const RespLimits *limits, uint8_t *buf, size_t size,
                             RespArgs *args);

/* "Protocol error: ..." into out, without a final NUL; returns its length (the reply puts "ERR " before it).
 */
size_t resp_error_text(const RespParser *parser, char out[RESP_ERROR_MAX]);

/* The bytes that items[first ..] point into moved from old_base to new_base. O(arguments). */
void resp_rebase(RespArgs *args, size_t first, const uint8_t *old_base, const uint8_t *new_base);

/* Forgets the arguments of executed requests; those of the request being read stay. */
void resp_args_drop(RespParser *parser, RespArgs *args);

/* Room for `extra` bytes in the input, the pending and undone slices kept right. False: memory refused. */
bool resp_reserve(RespArgs *args, Buffer *in, size_t extra);

/* After a batch is executed: drops its arguments and its bytes; the request being read moves to the front. */
void resp_compact(RespParser *parser, RespArgs *args, Buffer *in);

/* A header "<type><0..999999>\r\n" at p; the number's value, and *used its length; -1 if it is not that or
 * not all here. Leading zeros are left to the slow path. */
static inline int32_t resp_short_header(const uint8_t *p, size_t left, uint8_t type, size_t *used) {
    if (left < 4 || p[0] != type)
        return -1;
    uint32_t v = (uint32_t)p[1] - '0';
    if (v > 9)
        return -1;
    size_t i = 2;
    if (p[2] != '\r') {
        if (v == 0)
            return -1;
        do {
            uint32_t d = (uint32_t)p[i] - '0';
            if (d > 9)
                return -1;
            v = v * 10 + d;
            i++;
        } while (i < 7 && i < left && p[i] != '\r');
        if (left < i + 2 || p[i] != '\r')
            return -1;
    }
    if (p[i + 1] != '\n')
        return -1;
    *used = i + 2;
    return (int32_t)v;
}

/* One request from buf[pos .. size). Quoted words of inline requests are unquoted in place: buf is written
 * to. */
static inline RespStatus resp_parse(RespParser *parser, const RespLimits *limits, uint8_t *buf, size_t size,
                                    RespArgs *args) {
    /* the whole of a short request is here: nearly always so. Anything else starts over with care */
    if (__builtin_expect(parser->remaining == 0 && limits->authenticated && parser->pos < size, 1)) {
        const uint8_t *p = buf + parser->pos, *end = buf + size;
        size_t used;
        int32_t argc = resp_short_header(p, (size_t)(end - p), '*', &used);
        if (argc < 1 || argc > 64)
            goto slow;
        if (args->size - args->used < (size_t)argc && !resp_args_grow(args, (size_t)argc))
            return RESP_CLOSE;
        RespArg *item = args->items + args->used;
        p += used;
        for (int32_t i = 0; i < argc; i++) {
            int32_t n = resp_short_header(p, (size_t)(end - p), '$', &used);
            if (n < 0)
                goto slow;
            p += used;
            if ((size_t)(end - p) < (size_t)n + 2 || p[n] != '\r' || p[n + 1] != '\n')
                goto slow;
            item[i].data = p;
            item[i].size = (size_t)n;
            p += n + 2;
        }
        if (limits->max_bulk < 1000000)
            goto slow;
        parser->start = parser->pos;
        parser->first = args->used;
        parser->argc = (size_t)argc;
        parser->scanned = 0;
        parser->need = 0;
        args->used += (size_t)argc;
        parser->pos = (size_t)(p - buf);
        return RESP_REQUEST;
    }
slow:
    return resp_parse_slowly(parser, limits, buf, size, args);
}

/* ---- replies ------------------------------------------------------------------------------- */

/* Types that differ between the protocols, for resp_insert_header. */
static inline char resp_map_type(int proto) { return proto > 2 ? '%' : '*'; }
static inline char resp_set_type(int proto) { return proto > 2 ? '~' : '*'; }
static inline char resp_push_type(int proto) { return proto > 2 ? '>' : '*'; }

/* "<type><n>\r\n" at p (24 bytes of room); its length. */
static inline size_t resp_write_header(uint8_t *p, char type, int64_t n) {
    size_t used;
    p[0] = (uint8_t)type;
    if ((uint64_t)n < 10) {
        p[1] = (uint8_t)('0' + n);
        used = 2;
    } else {
        used = 1 + number_format_int(n, (char *)p + 1);
    }
    p[used] = '\r';
    p[used + 1] = '\n';
    return used + 2;
}

static inline void resp_header(Buffer *b, char type, int64_t n) {
    if (buffer_reserve(b, 24))
        b->used += resp_write_header(b->data + b->used, type, n);
}

/* ":n" */
static inline void resp_integer(Buffer *b, int64_t n) { resp_header(b, ':', n); }

/* "+text"; the text holds no CR or LF. */
static inline void resp_status(Buffer *b, const void *text, size_t n) {
    if (!buffer_reserve(b, n + 3))
        return;
    uint8_t *p = b->data + b->used;
    p[0] = '+';
    memcpy(p + 1, text, n);
    p[n + 1] = '\r';
    p[n + 2] = '\n';
    b->used += n + 3;
}

static inline void resp_ok(Buffer *b) { buffer_append(b, "+OK\r\n", 5); }

/* "-text", text with its prefix ("ERR ..."); CR and LF in it become spaces. */
void resp_error(Buffer *b, const void *text, size_t n);

/* "$n\r\n<bytes>" */
static inline void resp_bulk(Buffer *b, const void *bytes, size_t n) {
    if (__builtin_expect(n > PTRDIFF_MAX - 64 || !buffer_reserve(b, n + 32), 0)) {
        b->failed = true;
        return;
    }
    uint8_t *p = b->data + b->used;
    p += resp_write_header(p, '$', (int64_t)n);
    if (n)
        memcpy(p, bytes, n);
    p[n] = '\r';
    p[n + 1] = '\n';
    b->used = (size_t)(p - b->data) + n + 2;
}

/* A bulk of a number's digits. */
static inline void resp_bulk_integer(Buffer *b, int64_t v) {
    char text[NUMBER_INT_MAX];
    resp_bulk(b, text, number_format_int(v, text));
}

static inline void resp_null(Buffer *b, int proto) {
    if (proto > 2)
        buffer_append(b, "_\r\n", 3);
    else
        buffer_append(b, "$-1\r\n", 5);
}

static inline void resp_null_array(Buffer *b, int proto) {
    if (proto > 2)
        buffer_append(b, "_\r\n", 3);
    else
        buffer_append(b, "*-1\r\n", 5);
}

/* Headers: n elements (of a map: pairs) follow. */
static inline void resp_array(Buffer *b, int64_t n) { resp_header(b, '*', n); }
static inline void resp_set(Buffer *b, int64_t n, int proto) { resp_header(b, resp_set_type(proto), n); }
static inline void resp_map(Buffer *b, int64_t n, int proto) {
    resp_header(b, resp_map_type(proto), proto > 2 ? n : 2 * n);
}
static inline void resp_push(Buffer *b, int64_t n, int proto) { resp_header(b, resp_push_type(proto), n); }

/* RESP3 ",v", RESP2 a bulk of the same digits. */
void resp_double(Buffer *b, double v, int proto);

/* The same with digits of the caller's. */
void resp_double_text(Buffer *b, const void *digits, size_t n, int proto);

/* RESP3 "#t" or "#f", RESP2 ":1" or ":0". */
void resp_bool(Buffer *b, bool v, int proto);

/* RESP3 "(digits", RESP2 a bulk of them. */
void resp_big_number(Buffer *b, const void *digits, size_t n, int proto);

/* RESP3 "=n\r\nfmt:<bytes>" with a format of three letters ("txt", "mkd"), RESP2 a bulk. */
void resp_verbatim(Buffer *b, const char *format, const void *bytes, size_t n, int proto);

/* A header whose count is known only after its elements: where it will stand, and putting it there. The
 * elements move by its length. A failed buffer is left alone. */
static inline size_t resp_mark(const Buffer *b) { return b->used; }
void resp_insert_header(Buffer *b, size_t mark, char type, int64_t n);

/* resp_insert_header for n pairs. */
static inline void resp_insert_map(Buffer *b, size_t mark, int64_t n, int proto) {
    resp_insert_header(b, mark, resp_map_type(proto), proto > 2 ? n : 2 * n);
}

/* A request as clients send it: the header; its arguments follow by resp_bulk. */
static inline void resp_request(Buffer *b, int64_t argc) { resp_header(b, '*', argc); }

/* ---- reply tokens -------------------------------------------------------------------------- */

enum { RESP_DEPTH_MAX = 32 };

/* One element: a whole scalar, or the header of an aggregate whose elements follow. */
typedef struct RespToken {
    char type;             /* the wire's: + - : $ * _ , # ( ! = % ~ > | */
    bool null;             /* $-1, *-1, _ */
    RespArg text;          /* bytes of + - $ ! ( and, behind the format, of =; digits of , and : */
    const uint8_t *format; /* = : its three letters */
    int64_t integer;       /* : the value, # 0 or 1 */
    double number;         /* , */
    uint64_t count;        /* * ~ > elements, % | pairs */
    uint64_t children;     /* elements that follow: count, twice that for % and | */
    size_t used;           /* bytes of the token */
} RespToken;

/* Reads one token: RESP_REQUEST if there, RESP_INCOMPLETE, or RESP_ERROR. Pure. */
RespStatus resp_token(const uint8_t *p, size_t n, RespToken *token);

/* Passes over one whole reply, attributes before it included; *used is its length. Nesting beyond
 * RESP_DEPTH_MAX is an error. O(bytes), no recursion. */
RespStatus resp_walk(const uint8_t *p, size_t n, size_t *used);

#endif
