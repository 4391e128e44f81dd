/* hyperloglog: see hyperloglog.h for the layout. Elements, the header, and one register at a time of both forms; all
 * registers of one or of many stand in hyperloglog_union.c, those of the dense form in hyperloglog_dense.c.
 *
 * Walking the opcodes, eight that take one byte each are looked at as one word: their lengths are masked out by kind
 * and summed by a multiplication, without a branch on what each of them is.
 */
#include "hyperloglog.h"

#include <string.h>

#include "internal/hll_dense.h"
#include "internal/hll_opcodes.h"
#include "little.h"


static const uint64_t SEED = 0xADC83B19;

/* MurmurHash64A (Austin Appleby, public domain), over little-endian words on every machine. */
static uint64_t murmur64(const uint8_t *p, size_t n, uint64_t seed) {
    const uint64_t m = 0xC6A4A7935BD1E995;
    uint64_t h = seed ^ n * m;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t k = little_load64(p) * m;
        h = (h ^ (k ^ k >> 47) * m) * m;
    }
    if (n) {
        uint64_t k = 0;
        memcpy(&k, p, n);
        h = (h ^ LITTLE_64(k)) * m;
    }
    h = (h ^ h >> 47) * m;
    return h ^ h >> 47;
}

HllHit hll_hit(const void *element, size_t size) {
    uint64_t hash = murmur64(element, size, SEED);
    uint64_t rest =
        hash >> HLL_BITS | UINT64_C(1) << CORE_BITS; /* a set bit at the end, so that there is one */
    return (HllHit){hash & (HLL_REGISTERS - 1), (uint8_t)(__builtin_ctzll(rest) + 1)};
}

/* --- the header ------------------------------------------------------------------------ */

bool hll_valid(const void *bytes, size_t size) {
    const uint8_t *p = bytes;
    if (size < HLL_HEADER || memcmp(p, "HYLL", 4) != 0 || p[4] > HLL_SPARSE)
        return false;
    return p[4] == HLL_SPARSE || size == HLL_DENSE_BYTES;
}

void hll_begin(uint8_t *hll) {
    memset(hll, 0, HLL_HEADER);
    memcpy(hll, "HYLL\1", 5);
    hll[16] = XZERO | (HLL_REGISTERS - 1) >> 8;
    hll[17] = (HLL_REGISTERS - 1) & 0xFF;
}

bool hll_remembered(const uint8_t *hll, uint64_t *count) {
    *count = little_load64(hll + 8);
    return !(*count >> 63);
}

void hll_remember(uint8_t *hll, uint64_t count) { little_store64(hll + 8, count); }

/* --- opcodes --------------------------------------------------------------------------- */

bool hll_next_run(const uint8_t *hll, size_t size, size_t *at, HllRun *run) {
    if (*at >= size || (is_xzero(hll[*at]) && *at + 1 == size))
        return false;
    const uint8_t *p = hll + *at;
    *run = (HllRun){run_of(p), *p & VAL ? value_of(*p) : 0, is_xzero(*p)};
    *at += run->two_bytes ? 2 : 1;
    return true;
}

/* Where the opcode of a register was found. */
typedef struct Place {
    size_t at, before; /* `before`: the opcode in front of it; 0: none */
    uint32_t first, run;
} Place;

/* Finds the opcode of register `index` from the cursor on, which moves to two opcodes before it: there it stays right
 * while this one and its neighbours are changed. False: there is none. */
static bool seek_from(const uint8_t *hll, size_t size, uint32_t index, HllCursor *cursor, Place *place) {
    size_t at = cursor->at, before = 0, earlier = 0;
    uint32_t first = cursor->first, run;
    while (at + 8 <= size) {
        unsigned n = short_opcodes(little_load64(hll + at), &run);
        if (n == 0) {
            run = run_of(hll + at);
            n = 2;
            if (index < first + run)
                break;
            earlier = before;
            before = at;
        } else if (index < first + run) {
            break;
        } else {
            earlier = n > 1 ? at + n - 2 : before;
            before = at + n - 1;
        }
        at += n;
        first += run;
    }
    for (;; first += run, at += is_xzero(hll[at]) ? 2 : 1) {
        if (at >= size || (is_xzero(hll[at]) && at + 1 == size))
            return false;
        run = run_of(hll + at);
        if (index < first + run)
            break;
        earlier = before;
        before = at;
    }
    if (earlier) {
        cursor->at = earlier;
        cursor->first = first - run_of(hll + before) - run_of(hll + earlier);
    }
    *place = (Place){at, before, first, run};
    return true;
}

static bool seek(const uint8_t *hll, size_t size, uint32_t index, HllCursor *cursor, Place *place) {
    size_t start = cursor->at;
    if (start > HLL_HEADER && seek_from(hll, size, index, cursor, place) && place->at != start)
        return true;
    /* the beginning; also where the opcode in front of the one found is not known */
    *cursor = (HllCursor){HLL_HEADER, 0};
    return seek_from(hll, size, index, cursor, place);
}

/* Neighbours of the same value become one, as far as one opcode reaches. Looks at five opcodes from the one before. */
static void join(uint8_t *hll, size_t *size, size_t at) {
    for (int left = 5; left > 0 && at < *size; left--) {
        uint8_t a = hll[at], b = at + 1 < *size ? hll[at + 1] : 0;
        uint32_t run = (a & 3u) + (b & 3u) + 2;
        if (a & b & VAL && value_of(a) == value_of(b) && run <= VAL_LONGEST) {
            hll[at] = val(value_of(a), run);
            memmove(hll + at + 1, hll + at + 2, *size - at - 2);
            --*size;
        } else {
            at += is_xzero(a) ? 2 : 1;
        }
    }
}

/* What stands for the run at `place` once one register of it is raised: 1 to 5 bytes. */
static size_t split(uint8_t out[5], const Place *place, uint8_t opcode, HllHit hit) {
    uint32_t left = hit.index - place->first, right = place->run - left - 1;
    uint8_t *p = out;
    if (left && opcode & VAL)
        *p++ = val(value_of(opcode), left);
    else if (left)
        p = put_zeros(p, left);
    *p++ = val(hit.value, 1);
    if (right && opcode & VAL)
        *p++ = val(value_of(opcode), right);
    else if (right)
        p = put_zeros(p, right);
    return (size_t)(p - out);
}

static HllChange raise_sparse(uint8_t *hll, size_t *size, size_t room, size_t limit, HllHit hit,
                              HllCursor *cursor) {
    Place place;
    uint8_t made[5];
    if (!seek(hll, *size, hit.index, cursor, &place))
        return HLL_CORRUPT;
    uint8_t *p = hll + place.at, opcode = *p;
    if (opcode & VAL && value_of(opcode) >= hit.value)
        return HLL_SAME;
    size_t old = is_xzero(opcode) ? 2 : 1, now = split(made, &place, opcode, hit);
    if (now > old && *size + now - old > limit)
        return HLL_TOO_LARGE;
    if (now > old && *size + now - old > room)
        return HLL_ROOM;
    memmove(p + now, p + old, *size - place.at - old);
    memcpy(p, made, now);
    *size += now - old;
    join(hll, size, place.before ? place.before : HLL_HEADER);
    return HLL_CHANGED;
}

HllChange hll_look(const uint8_t *hll, size_t size, HllHit hit, HllCursor *cursor) {
    Place place;
    if (hll_encoding(hll) == HLL_DENSE)
        return dense_get(hll + HLL_HEADER, hit.index) >= hit.value ? HLL_SAME : HLL_CHANGED;
    if (hit.value > HLL_SPARSE_MOST)
        return HLL_CHANGED;
    if (!seek(hll, size, hit.index, cursor, &place))
        return HLL_CORRUPT;
    uint8_t opcode = hll[place.at];
    return opcode & VAL && value_of(opcode) >= hit.value ? HLL_SAME : HLL_CHANGED;
}

HllChange hll_raise(uint8_t *hll, size_t *size, size_t room, size_t limit, HllHit hit, HllCursor *cursor) {
    HllChange done = HLL_SAME;
    if (hll_encoding(hll) == HLL_SPARSE) {
        if (hit.value > HLL_SPARSE_MOST)
            return HLL_TOO_LARGE;
        done = raise_sparse(hll, size, room, limit, hit, cursor);
    } else if (dense_get(hll + HLL_HEADER, hit.index) < hit.value) {
        dense_set(hll + HLL_HEADER, hit.index, hit.value);
        done = HLL_CHANGED;
    }
    if (done == HLL_CHANGED)
        hll_forget(hll);
    return done;
}
