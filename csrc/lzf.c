/* lzf: finding repetitions and copying them. See lzf.h for the format.
 *
 * The compressor keeps the last place of each hash of three bytes, in a table as large as the input needs, and takes
 * the first match that it finds there. Places count from 1, so that a zeroed table knows none. They are of 16 bits where
 * that is enough, which halves what must be zeroed.
 *
 * Tokens stand for a few bytes each. These are moved in steps of a constant size wherever there is room for a whole
 * step, the bytes that this writes too much being overwritten by the next token.
 */
#include "lzf.h"

#include <string.h>

#include "little.h"

enum {
    LITERALS = 32,      /* bytes that one token may announce */
    SHORTEST = 3,       /* bytes that a copy is worth */
    LONGEST = 264,
    FURTHEST = 8192,
    SHORT_COPY = 8,     /* bytes up to which a copy takes two bytes, not three */
    BITS_MIN = 6,
    BITS_MAX = 13,
    SKIP_SHIFT = 6,     /* the more literals in a row, the larger the steps */
    STEP = 16,          /* bytes that are moved at once */
};

#define ALWAYS static inline __attribute__((always_inline))

/* The first three bytes; four are there. */
static inline uint32_t three(const uint8_t *p) { return little_load32(p) & 0xFFFFFF; }

static inline uint32_t hash_three(uint32_t bytes, unsigned bits) {
    return bytes * 2654435761u >> (32 - bits);
}

static unsigned table_bits(size_t n) {
    unsigned bits = BITS_MIN;
    while (bits < BITS_MAX && (size_t)1 << bits < n)
        bits++;
    return bits;
}

/* Writes literals from..to, of what is there up to `before_end`; the new end, or NULL where they do not fit. */
static inline uint8_t *put_literals(uint8_t *out, const uint8_t *end, const uint8_t *from, const uint8_t *to,
                                    const uint8_t *before_end) {
    while (from < to) {
        size_t n = (size_t)(to - from) < LITERALS ? (size_t)(to - from) : LITERALS;
        if ((size_t)(end - out) < n + 1)
            return NULL;
        *out++ = (uint8_t)(n - 1);
        if (n <= STEP && end - out >= STEP && before_end - from >= STEP)
            memcpy(out, from, STEP);
        else
            memcpy(out, from, n);
        out += n;
        from += n;
    }
    return out;
}

static inline uint8_t *put_copy(uint8_t *out, const uint8_t *end, size_t distance, size_t length) {
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
    for (; n + 8 <= most; n += 8) {
        uint64_t other = little_load64(a + n) ^ little_load64(b + n);
        if (other)
            return n + (size_t)__builtin_ctzll(other) / 8;
    }
    while (n < most && a[n] == b[n])
        n++;
    return n;
}

/* The table of last places: of either width, so that what knows the width is compiled for it. */
typedef struct Places {
    void *table;
    bool wide;
} Places;

ALWAYS uint32_t get_place(Places places, uint32_t hash) {
    return places.wide ? ((uint32_t *)places.table)[hash] : ((uint16_t *)places.table)[hash];
}

ALWAYS void set_place(Places places, uint32_t hash, uint32_t place) {
    if (places.wide)
        ((uint32_t *)places.table)[hash] = place;
    else
        ((uint16_t *)places.table)[hash] = (uint16_t)place;
}

ALWAYS size_t compress(Places last, unsigned bits, const uint8_t *start, size_t n, uint8_t *out,
                       size_t room) {
    const uint8_t *p = start, *literals = start, *end = start + n;
    uint8_t *to = out;
    const uint8_t *to_end = to + room;
    while (p + SHORTEST < end) {
        uint32_t bytes = three(p), hash = hash_three(bytes, bits), here = (uint32_t)(p - start) + 1;
        uint32_t before = get_place(last, hash);
        set_place(last, hash, here);
        if (before == 0 || here - before > FURTHEST || three(start + before - 1) != bytes) {
            p += 1 + ((size_t)(p - literals) >> SKIP_SHIFT);
            continue;
        }
        size_t left = (size_t)(end - p), most = left < LONGEST ? left : LONGEST;
        size_t length = match_length(start + before - 1, p, most);
        to = put_literals(to, to_end, literals, p, end);
        if (!to || !(to = put_copy(to, to_end, here - before, length)))
            return 0;
        if (length > SHORT_COPY && p + length + 1 < end) { /* the end of a long run is found again */
            const uint8_t *tail = p + length - 1;
            uint32_t ends = (uint32_t)tail[0] | (uint32_t)tail[1] << 8 | (uint32_t)tail[2] << 16;
            set_place(last, hash_three(ends, bits), (uint32_t)(tail - start) + 1);
        }
        p += length;
        literals = p;
    }
    to = put_literals(to, to_end, literals, end, end);
    return to ? (size_t)(to - out) : 0;
}

size_t lzf_compress(const void *in, size_t n, void *out, size_t room) {
    uint32_t table[1 << BITS_MAX];
    unsigned bits = table_bits(n);
    bool wide = n > UINT16_MAX;
    if (n < SHORTEST + 1 || n >= UINT32_MAX)
        return 0;
    memset(table, 0, (wide ? sizeof(uint32_t) : sizeof(uint16_t)) << bits);
    if (wide)
        return compress((Places){table, true}, bits, in, n, out, room);
    return compress((Places){table, false}, bits, in, n, out, room);
}

/* Copies `length` bytes from `distance` back, one after the other where the two overlap. `room`: bytes from `to` on. */
static inline void copy_back(uint8_t *to, size_t distance, size_t length, size_t room) {
    const uint8_t *from = to - distance;
    if (distance >= STEP && room >= LONGEST + STEP) {
        for (size_t done = 0; done < length; done += STEP)
            memcpy(to + done, from + done, STEP);
        return;
    }
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
            if (end - p >= LITERALS && to_end - to >= LITERALS) {
                memcpy(to, p, STEP);
                if (length > STEP)
                    memcpy(to + STEP, p + STEP, STEP);
            } else {
                memcpy(to, p, length);
            }
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
        copy_back(to, distance, length, (size_t)(to_end - to));
        to += length;
    }
    return to == to_end;
}
