/* rdb: reading and writing the byte form. See rdb.h for the drawings. */
#include "rdb.h"

#include <math.h>

#include "crc.h"
#include "lzf.h"
#include "number.h"

enum {
    LENGTH_32 = 0x80,
    LENGTH_64 = 0x81,
    FORM = 0xC0,
    FORM_INT8 = 0,
    FORM_INT16 = 1,
    FORM_INT32 = 2,
    FORM_LZF = 3,
    DIGITS_NAN = 253,
    DIGITS_INF = 254,
    DIGITS_MINUS_INF = 255,
    DIGITS_TRIED = 11,      /* bytes up to which a text may be a 32-bit integer */
    COMPRESS_FROM = 21,     /* bytes from which compressing is tried ... */
    COMPRESS_SAVES = 4,     /* ... if it saves so many */
};

/* ---- reading ------------------------------------------------------------------------------- */

static uint32_t big_32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A length, or with *form true the number of a form. */
static bool read_head(RdbReader *r, uint64_t *value, bool *form) {
    uint64_t left = rdb_left(r);
    if (left == 0)
        return false;
    uint8_t first = *r->at++;
    left--;
    *form = false;
    switch (first >> 6) {
    case 0:
        *value = first;
        return true;
    case 1:
        if (left < 1)
            return false;
        *value = (uint64_t)(first & 63) << 8 | *r->at++;
        return true;
    case 3:
        *form = true;
        *value = first & 63;
        return true;
    }
    if (first == LENGTH_32 && left >= 4) {
        *value = big_32(r->at);
        r->at += 4;
        return true;
    }
    if (first == LENGTH_64 && left >= 8) {
        *value = (uint64_t)big_32(r->at) << 32 | big_32(r->at + 4);
        r->at += 8;
        return true;
    }
    return false;
}

bool rdb_read_length(RdbReader *r, uint64_t *length) {
    bool form;
    return read_head(r, length, &form) && !form;
}

bool rdb_read_count(RdbReader *r, uint64_t least, uint64_t *count) {
    return rdb_read_length(r, count) && *count <= rdb_left(r) / least;
}

static bool read_integer(RdbReader *r, size_t size, RdbText *text) {
    if (rdb_left(r) < size)
        return false;
    const uint8_t *p = r->at;
    r->at += size;
    text->bytes = NULL;
    text->packed = 0;
    text->number = size == 1 ? (int8_t)*p : size == 2 ? (int16_t)little_load16(p) : (int32_t)little_load32(p);
    uint64_t magnitude = text->number < 0 ? 0 - (uint64_t)text->number : (uint64_t)text->number;
    text->size = number_digits(magnitude) + (text->number < 0);
    return true;
}

static bool take(RdbReader *r, uint64_t n, const uint8_t **bytes) {
    if (n > rdb_left(r))
        return false;
    *bytes = r->at;
    r->at += n;
    return true;
}

bool rdb_read_text(RdbReader *r, RdbText *text) {
    uint64_t n;
    bool form;
    if (!read_head(r, &n, &form))
        return false;
    text->packed = 0;
    if (!form) {
        text->size = n;
        return take(r, n, &text->bytes);
    }
    if (n <= FORM_INT32)
        return read_integer(r, (size_t)1 << n, text);
    if (n != FORM_LZF || !rdb_read_length(r, &text->packed) || !rdb_read_length(r, &text->size))
        return false;
    if (!take(r, text->packed, &text->bytes) || text->size > text->packed * LZF_MOST)
        return false;
    return text->packed > 0 || text->size == 0; /* nothing compressed is the empty text */
}

bool rdb_read_double(RdbReader *r, double *value) {
    if (rdb_left(r) < 8)
        return false;
    uint64_t bits = little_load64(r->at);
    memcpy(value, &bits, 8);
    r->at += 8;
    return true;
}

bool rdb_read_digits(RdbReader *r, double *value) {
    uint8_t n;
    const uint8_t *digits;
    if (!rdb_read_byte(r, &n) || n == DIGITS_NAN)
        return false;
    if (n == DIGITS_INF || n == DIGITS_MINUS_INF) {
        *value = n == DIGITS_INF ? INFINITY : -INFINITY;
        return true;
    }
    return take(r, n, &digits) && number_parse_double(digits, n, value);
}

bool rdb_text_write(const RdbText *text, uint8_t *out) {
    if (!text->bytes) {
        number_format_int(text->number, (char *)out);
        return true;
    }
    if (text->packed)
        return lzf_decompress(text->bytes, text->packed, out, text->size);
    memcpy(out, text->bytes, text->size);
    return true;
}

int rdb_text_bytes(const RdbText *text, Buffer *scratch, const uint8_t **bytes) {
    if (text->bytes && !text->packed) {
        *bytes = text->bytes;
        return 1;
    }
    scratch->used = 0;
    scratch->failed = false;
    if (!buffer_reserve(scratch, text->bytes ? text->size : RDB_DIGITS))
        return -1;
    *bytes = scratch->data;
    return rdb_text_write(text, scratch->data);
}

int rdb_text_block(Heap *heap, const RdbText *text, uint8_t **block) {
    uint8_t digits[RDB_DIGITS];
    *block = heap_alloc(heap, text->size);
    if (!*block)
        return -1;
    if (!text->bytes) {
        rdb_text_write(text, digits);
        memcpy(*block, digits, text->size);
        return 1;
    }
    if (rdb_text_write(text, *block))
        return 1;
    heap_free(heap, *block, text->size);
    return 0;
}

bool rdb_open_frame(const void *bytes, size_t size, RdbReader *r, unsigned *version) {
    const uint8_t *start = bytes;
    if (size < RDB_FOOTER)
        return false;
    const uint8_t *footer = start + size - RDB_FOOTER;
    *version = little_load16(footer);
    if (*version == 0 || (*version > RDB_VERSION_REDIS && *version != RDB_VERSION_VALKEY))
        return false;
    if (crc64(0, start, size - 8) != little_load64(footer + 2))
        return false;
    r->at = start;
    r->end = footer;
    return true;
}

/* ---- writing ------------------------------------------------------------------------------- */

void rdb_write_length(RdbWriter *w, uint64_t length) {
    uint8_t head[9];
    size_t used = 0;
    if (length < 1 << 6) {
        head[used++] = (uint8_t)length;
    } else if (length < 1 << 14) {
        head[used++] = (uint8_t)(0x40 | length >> 8);
        head[used++] = (uint8_t)length;
    } else {
        bool wide = length > UINT32_MAX;
        head[used++] = wide ? LENGTH_64 : LENGTH_32;
        for (int shift = wide ? 56 : 24; shift >= 0; shift -= 8)
            head[used++] = (uint8_t)(length >> shift);
    }
    buffer_append(w->out, head, used);
}

/* Writes an integer in one of the forms; false where it needs more than 32 bits. */
static bool write_form(RdbWriter *w, int64_t value) {
    uint8_t form[5];
    size_t size;
    if (value < INT32_MIN || value > INT32_MAX)
        return false;
    if (value == (int8_t)value) {
        form[0] = FORM | FORM_INT8;
        size = 1;
    } else if (value == (int16_t)value) {
        form[0] = FORM | FORM_INT16;
        size = 2;
    } else {
        form[0] = FORM | FORM_INT32;
        size = 4;
    }
    little_store32(form + 1, (uint32_t)value);
    buffer_append(w->out, form, 1 + size);
    return true;
}

void rdb_write_integer(RdbWriter *w, int64_t value) {
    char digits[NUMBER_INT_MAX];
    if (write_form(w, value))
        return;
    size_t size = number_format_int(value, digits);
    rdb_write_length(w, size);
    buffer_append(w->out, digits, size);
}

/* The head of a compressed text is written with room for the longest length, and closed up afterwards. */
static bool write_compressed(RdbWriter *w, const void *text, size_t size) {
    enum { HEAD = 1 + 9 + 9 };
    Buffer *out = w->out;
    size_t start = out->used, packed;
    if (!buffer_reserve(out, HEAD + size))
        return false;
    packed = lzf_compress(text, size, out->data + start + HEAD, size - COMPRESS_SAVES);
    if (packed == 0)
        return false;
    rdb_write_byte(w, FORM | FORM_LZF);
    rdb_write_length(w, packed);
    rdb_write_length(w, size);
    memmove(out->data + out->used, out->data + start + HEAD, packed);
    out->used += packed;
    return true;
}

void rdb_write_text(RdbWriter *w, const void *text, size_t size) {
    int64_t number;
    if (size <= DIGITS_TRIED && number_parse_int(text, size, &number) && write_form(w, number))
        return;
    if (size >= COMPRESS_FROM && w->compress && write_compressed(w, text, size))
        return;
    rdb_write_length(w, size);
    buffer_append(w->out, text, size);
}

void rdb_write_double(RdbWriter *w, double value) {
    int64_t bits;
    memcpy(&bits, &value, 8);
    rdb_write_moment(w, bits);
}

void rdb_close_frame(RdbWriter *w, size_t start, unsigned version) {
    uint8_t footer[RDB_FOOTER];
    Buffer *out = w->out;
    little_store16(footer, (uint16_t)version);
    buffer_append(out, footer, 2);
    if (out->failed)
        return;
    little_store64(footer + 2, crc64(0, out->data + start, out->used - start));
    buffer_append(out, footer + 2, 8);
}
