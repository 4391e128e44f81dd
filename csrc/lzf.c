/* lzf: finding repetitions and copying them. See lzf.h for the format.
 *
 * The compressor keeps the last place of each hash of three bytes, in a table as large as the input needs, and takes
 * the first match that it finds there. Places count from 1, so that a zeroed table knows none.
 */
#include "lzf.h"

#include <string.h>

enum {
    LITERALS = 32,      /* bytes that one token may announce */
    SHORTEST = 3,       /* bytes that a copy is worth */
    LONGEST = 264,
    FURTHEST = 8192,
    SHORT_COPY = 8,     /* bytes up to which a copy takes two bytes, not three */
    BITS_MIN = 6,
    BITS_MAX = 13,
    SKIP_SHIFT = 6,     /* the more literals in a row, the larger the steps */
};

static inline uint32_t hash_three(const uint8_t *p, unsigned bits) {
    uint32_t v = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
    return v * 2654435761u >> (32 - bits);
}

static unsigned table_bits(size_t n) {
    unsigned bits = BITS_MIN;
    while (bits < BITS_MAX && (size_t)1 << bits < n)
        bits++;
    return bits;
}

/* Writes literals from..to; the new end, or NULL where they do not fit. */
static uint8_t *put_literals(uint8_t *out, const uint8_t *end, const uint8_t *from, const uint8_t *to) {
    while (from < to) {
        size_t n = (size_t)(to - from) < LITERALS ? (size_t)(to - from) : LITERALS;
        if ((size_t)(end - out) < n + 1)
            return NULL;
        *out++ = (uint8_t)(n - 1);
        memcpy(out, from, n);
        out += n;
        from += n;
    }
    return out;
}

static uint8_t *put_copy(uint8_t *out, const uint8_t *end, size_t distance, size_t length) {
    size_t offset = distance - 1, more = length - 2;
    if ((size_t)(end - out) < (length > SHORT_COPY ? 3u : 2u))
        return NULL;
    if (length > SHORT_COPY) {
        *out++ = (uint8_t)(7 << 5 | offset >> 8);
        *out++ = (uint8_t)(more - 7);
    } else {
        *out++ = (uint8_t)(more << 5 | offset >> 8);
    }
    *out++ = (uint8_t)offset;
    return out;
}

static inline size_t match_length(const uint8_t *a, const uint8_t *b, size_t most) {
    size_t n = SHORTEST;
    while (n < most && a[n] == b[n])
        n++;
    return n;
}

size_t lzf_compress(const void *in, size_t n, void *out, size_t room) {
    uint32_t last[1 << BITS_MAX];
    const uint8_t *start = in, *p = start, *literals = start, *end = start + n;
    uint8_t *to = out;
    const uint8_t *to_end = to + room;
    unsigned bits = table_bits(n);
    if (n < SHORTEST + 1 || n >= UINT32_MAX)
        return 0;
    memset(last, 0, sizeof *last << bits);
    while (p + SHORTEST < end) {
        uint32_t *slot = &last[hash_three(p, bits)], here = (uint32_t)(p - start) + 1, before = *slot;
        *slot = here;
        if (before == 0 || here - before > FURTHEST || memcmp(start + before - 1, p, SHORTEST) != 0) {
            p += 1 + ((size_t)(p - literals) >> SKIP_SHIFT);
            continue;
        }
        size_t left = (size_t)(end - p), most = left < LONGEST ? left : LONGEST;
        size_t length = match_length(start + before - 1, p, most);
        to = put_literals(to, to_end, literals, p);
        if (!to || !(to = put_copy(to, to_end, here - before, length)))
            return 0;
        if (length > SHORT_COPY && p + length + 1 < end) /* the end of a long run is found again */
            last[hash_three(p + length - 1, bits)] = (uint32_t)(p + length - 1 - start) + 1;
        p += length;
        literals = p;
    }
    to = put_literals(to, to_end, literals, end);
    return to ? (size_t)(to - (uint8_t *)out) : 0;
}

/* Copies `length` bytes from `distance` back, one after the other where the two overlap. */
static inline void copy_back(uint8_t *to, size_t distance, size_t length) {
    const uint8_t *from = to - distance;
    if (distance >= length) {
        memcpy(to, from, length);
        return;
    }
    if (distance == 1) {
        memset(to, *from, length);
        return;
    }
    while (length--)
        *to++ = *from++;
}

bool lzf_decompress(const void *in, size_t n, void *out, size_t size) {
    const uint8_t *p = in, *end = p + n;
    uint8_t *to = out, *to_end = to + size;
    while (p < end) {
        size_t first = *p++, length = first >> 5;
        if (length == 0) {
            length = first + 1;
            if ((size_t)(end - p) < length || (size_t)(to_end - to) < length)
                return false;
            memcpy(to, p, length);
            p += length;
            to += length;
            continue;
        }
        if (length == 7) {
            if (p == end)
                return false;
            length += *p++;
        }
        if (p == end)
            return false;
        size_t distance = ((first & 31) << 8 | *p++) + 1;
        length += 2;
        if ((size_t)(to - (uint8_t *)out) < distance || (size_t)(to_end - to) < length)
            return false;
        copy_back(to, distance, length);
        to += length;
    }
    return to == to_end;
}
