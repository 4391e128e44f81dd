/* rdb: the published byte form of lengths, texts and doubles, and the frame of a serialised value.
 *
 *   LENGTH   FIRST BYTE   MORE                MEANING
 *            00nnnnnn     -                   n
 *            01nnnnnn     1 byte              14 bits, the high ones first
 *            10000000     4 bytes             32 bits, big-endian
 *            10000001     8 bytes             64 bits, big-endian
 *            11ffffff     as the form says    a text in form f, where a text is expected
 *
 *   TEXT     a length and so many bytes, or one of the forms
 *            0, 1, 2      1, 2, 4 bytes       the decimal text of this integer, little-endian
 *            3            length c, length n, c bytes: n bytes compressed (lzf.h)
 *
 *   DOUBLE   8 bytes, little-endian; in old files a byte and so many digits, 253 nan, 254 inf, 255 -inf
 *
 *   FRAME    | kind 1 byte | value | version 2 bytes | crc64 of all before it, 8 bytes |     little-endian
 *
 * Reading. A reader is two pointers into bytes that the caller keeps still. A function that returns false has met the
 * end or something that cannot be; the reader then stands anywhere inside and is not to be used further. Nothing is read
 * outside, and no size is believed: a text's bytes are all there, and what a compressed one says of its size is
 * not more than its bytes can make. Memory for it is the caller's, who knows where the bytes shall go.
 *
 * Writing appends to a Buffer, whose `failed` says at the end whether memory was refused.
 */
#ifndef CYDIS_RDB_H
#define CYDIS_RDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "buffer.h"
#include "heap.h"
#include "little.h"

enum {
    RDB_VERSION = 11,         /* what is written: Redis from 7.2 on and Valkey read it */
    RDB_VERSION_REDIS = 12,   /* the highest of Redis that is read */
    RDB_VERSION_VALKEY = 80,  /* and Valkey's own */
    RDB_FOOTER = 10,          /* version and checksum */
    RDB_DIGITS = 24,          /* room that rdb_text_write needs for an integer */
};

/* The kinds of values: the first byte of a frame. */
typedef enum {
    RDB_STRING = 0,
    RDB_LIST = 1,
    RDB_SET = 2,
    RDB_ZSET = 3,               /* scores as digits */
    RDB_HASH = 4,
    RDB_ZSET_2 = 5,             /* scores as doubles */
    RDB_MODULE = 6,
    RDB_MODULE_2 = 7,
    RDB_HASH_ZIPMAP = 9,
    RDB_LIST_ZIPLIST = 10,
    RDB_SET_INTSET = 11,
    RDB_ZSET_ZIPLIST = 12,
    RDB_HASH_ZIPLIST = 13,
    RDB_LIST_QUICKLIST = 14,    /* of ziplists */
    RDB_STREAM_LISTPACKS = 15,
    RDB_HASH_LISTPACK = 16,
    RDB_ZSET_LISTPACK = 17,
    RDB_LIST_QUICKLIST_2 = 18,  /* of listpacks and plain texts */
    RDB_STREAM_LISTPACKS_2 = 19,
    RDB_SET_LISTPACK = 20,
    RDB_STREAM_LISTPACKS_3 = 21,
    RDB_HASH_2 = 22,            /* Valkey: fields with the moments at which they expire */
    RDB_HASH_METADATA = 24,     /* Redis: the same, otherwise */
    RDB_HASH_LISTPACK_EX = 25,
} RdbKind;

/* ---- reading ------------------------------------------------------------------------------- */

typedef struct RdbReader {
    const uint8_t *at, *end;
} RdbReader;

/* A text as it stands: plain bytes, an integer or compressed bytes. */
typedef struct RdbText {
    const uint8_t *bytes;    /* plain or compressed; NULL: an integer */
    uint64_t packed;         /* size of the compressed bytes; 0: plain */
    uint64_t size;           /* of the text itself */
    int64_t number;
} RdbText;

static inline uint64_t rdb_left(const RdbReader *r) { return (uint64_t)(r->end - r->at); }

bool rdb_read_length(RdbReader *r, uint64_t *length);
/* The same for a number of things of which each takes `least` bytes or more, all of which must be there. */
bool rdb_read_count(RdbReader *r, uint64_t least, uint64_t *count);
bool rdb_read_text(RdbReader *r, RdbText *text);
bool rdb_read_double(RdbReader *r, double *value);
/* The old form. False for nan too. */
bool rdb_read_digits(RdbReader *r, double *value);

static inline bool rdb_read_byte(RdbReader *r, uint8_t *value) {
    if (r->at == r->end)
        return false;
    *value = *r->at++;
    return true;
}

/* Eight bytes, little-endian: a moment in milliseconds. */
static inline bool rdb_read_moment(RdbReader *r, int64_t *value) {
    if (rdb_left(r) < 8)
        return false;
    *value = (int64_t)little_load64(r->at);
    r->at += 8;
    return true;
}

/* Writes the text to out, which has room for text->size bytes (an integer: RDB_DIGITS). False: what is compressed is
 * not what it says. O(size). */
bool rdb_text_write(const RdbText *text, uint8_t *out);

/* The text in one piece: where it stands if it is plain, else in scratch (a Buffer, whose content goes).
 * 1: done, 0: not a text, -1: no memory. O(1) for plain ones. */
int rdb_text_bytes(const RdbText *text, Buffer *scratch, const uint8_t **bytes);

/* The text in a block of its own of the heap, of text->size bytes (more than 0). 1, 0 and -1 as above. O(size). */
int rdb_text_block(Heap *heap, const RdbText *text, uint8_t **block);

/* Whether size bytes are a frame with a version that is read, and with the right checksum; the reader then stands
 * at the kind, and ends before the footer. O(size). */
bool rdb_open_frame(const void *bytes, size_t size, RdbReader *r, unsigned *version);

/* ---- writing ------------------------------------------------------------------------------- */

typedef struct RdbWriter {
    Buffer *out;
    bool compress;           /* texts of more than 20 bytes, where it saves some */
} RdbWriter;

void rdb_write_length(RdbWriter *w, uint64_t length);
void rdb_write_text(RdbWriter *w, const void *text, size_t size);
/* An integer as the text of its digits. */
void rdb_write_integer(RdbWriter *w, int64_t value);
void rdb_write_double(RdbWriter *w, double value);

static inline void rdb_write_byte(RdbWriter *w, uint8_t value) { buffer_append(w->out, &value, 1); }

static inline void rdb_write_moment(RdbWriter *w, int64_t value) {
    uint8_t bytes[8];
    little_store64(bytes, (uint64_t)value);
    buffer_append(w->out, bytes, 8);
}

/* Ends a frame that began `start` bytes into the buffer. O(its bytes). */
void rdb_close_frame(RdbWriter *w, size_t start, unsigned version);

#endif
