/* hyperloglog_union: all registers of one, or of several together; see hyperloglog.h.
 *
 * Sparse ones are walked opcode by opcode, without a branch on what each of one byte is: a table tells its run and value, and
 * a run of zeros raises its first register to 0. Most are taken eight at a time. What the walk raises it also counts: the value is added to a
 * histogram, and the smaller of two that meet in a register is taken off. So the estimate of several needs no look at
 * 16384 registers, most of which are 0. Neighbours count into different lanes: none waits for the one before.
 *
 * Raising registers in ascending order in an empty one only ever splits the zeros at its end, and joins a register with
 * the run before it: that is run-length coding, done in one pass here. The size in between is followed too, because it
 * decides which ones become dense.
 */
#include <math.h>
#include <string.h>

#include "hyperloglog.h"
#include "internal/hll_dense.h"
#include "internal/hll_opcodes.h"
#include "little.h"

#define ALWAYS static inline __attribute__((always_inline))

/* --- walking opcodes ------------------------------------------------------------------- */

typedef struct Opcode {
    uint8_t run; /* of an XZERO: 0 */
    uint8_t value;
    uint8_t more; /* registers but the first to raise */
    uint8_t unused;
} Opcode;

#define OPCODE(b)                                                                                            \
    {(b) & VAL     ? ((b) & 3) + 1                                                                           \
     : (b) & XZERO ? 0                                                                                       \
                   : (b) + 1,                                                                                \
     (b) & VAL ? ((b) >> 2 & 31) + 1 : 0, (b) & VAL ? (b) & 3 : 0, 0}
#define FOUR(b) OPCODE(b), OPCODE(b + 1), OPCODE(b + 2), OPCODE(b + 3)
#define SIXTEEN(b) FOUR(b), FOUR(b + 4), FOUR(b + 8), FOUR(b + 12)
#define SIXTY_FOUR(b) SIXTEEN(b), SIXTEEN(b + 16), SIXTEEN(b + 32), SIXTEEN(b + 48)

static const Opcode OPCODES[256] = {SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};

/* What a walk does. Constants, so that each walk is compiled for what it does. */
enum { RAISE = 1, COUNT = 2 };

ALWAYS void raise_one(int what, uint8_t *at, uint8_t value, HllTally *tally, int lane) {
    uint8_t old = what & RAISE ? *at : 0;
    if (what & RAISE)
        *at = value > old ? value : old;
    if (what & COUNT)
        tally->lanes[lane].raised[value]++;
    if (what == (RAISE | COUNT))
        tally->lanes[lane].met[value < old ? value : old]++;
}

/* Does what an opcode of one byte, which is within the registers, says of those from `at` on; how many they are. */
ALWAYS uint32_t apply(int what, uint8_t byte, uint8_t *at, HllTally *tally, int lane) {
    Opcode opcode = OPCODES[byte];
    raise_one(what, at, opcode.value, tally, lane);
    for (uint32_t i = 1; i <= opcode.more; i++)
        raise_one(what, what & RAISE ? at + i : NULL, opcode.value, tally, lane);
    return opcode.run;
}

/* As far as eight opcodes of one byte cannot lead beyond the registers, eight are taken at a time without a look at what
 * they amount to. False: corrupt. */
ALWAYS bool walk(int what, const uint8_t *hll, size_t size, uint8_t *registers, HllTally *tally) {
    const uint8_t *p = hll + HLL_HEADER, *end = hll + size;
    size_t index = 0;
#define APPLY(byte, lane) index += apply(what, byte, what & RAISE ? registers + index : NULL, tally, lane)
    while (end - p >= 8 && index <= HLL_REGISTERS - 8 * ZERO_LONGEST) {
        uint64_t w = little_load64(p), doubles = xzeros(w);
        if (!doubles) {
            APPLY(w & 0xFF, 0), APPLY(w >> 8 & 0xFF, 1), APPLY(w >> 16 & 0xFF, 2), APPLY(w >> 24 & 0xFF, 3);
            APPLY(w >> 32 & 0xFF, 0), APPLY(w >> 40 & 0xFF, 1), APPLY(w >> 48 & 0xFF, 2), APPLY(w >> 56, 3);
            p += 8;
            continue;
        }
        for (; !is_xzero(*p); p++)
            APPLY(*p, 0);
        if (p + 1 == end || run_of(p) > HLL_REGISTERS - index)
            return false;
        index += run_of(p);
        p += 2;
    }
    while (p < end) {
        bool two = is_xzero(*p);
        if ((two && p + 1 == end) || run_of(p) > HLL_REGISTERS - index)
            return false;
        if (two)
            index += run_of(p);
        else
            APPLY(*p, 0);
        p += two ? 2 : 1;
    }
#undef APPLY
    return index == HLL_REGISTERS;
}

static void sum_up(const HllTally *tally, uint32_t histogram[64]) {
    memset(histogram, 0, 64 * sizeof *histogram);
    histogram[0] = HLL_REGISTERS;
    for (int value = 1; value <= HLL_SPARSE_MOST; value++) {
        uint16_t sum = 0;
        for (int lane = 0; lane < 4; lane++)
            sum = (uint16_t)(sum + tally->lanes[lane].raised[value] - tally->lanes[lane].met[value]);
        histogram[value] = sum;
        histogram[0] -= sum;
    }
}

/* --- the estimate ---------------------------------------------------------------------- */

static const double ALPHA = 0.721347520444481703680; /* 1 / (2 ln 2), for infinitely many registers */

/* x + sum over k of x^(2^k) * 2^(k-1): what the registers that are still 0 stand for. */
static double sigma(double x) {
    if (x == 1)
        return INFINITY;
    double before, weight = 1, z = x;
    do {
        x *= x;
        before = z;
        z += x * weight;
        weight += weight;
    } while (before != z);
    return z;
}

/* (1 - x - sum over k of (1 - x^(2^-k))^2 * 2^-k) / 3: what those that could not count further stand for. */
static double tau(double x) {
    if (x == 0 || x == 1)
        return 0;
    double before, weight = 1, z = 1 - x;
    do {
        x = sqrt(x);
        before = z;
        weight *= 0.5;
        z -= pow(1 - x, 2) * weight;
    } while (before != z);
    return z / 3;
}

static uint64_t estimate(const uint32_t histogram[64]) {
    const double m = HLL_REGISTERS;
    double z = m * tau((m - histogram[CORE_BITS + 1]) / m);
    for (int value = CORE_BITS; value >= 1; value--)
        z = (z + histogram[value]) * 0.5;
    z += m * sigma(histogram[0] / m);
    return (uint64_t)llround(ALPHA * m * m / z);
}

/* --- one ------------------------------------------------------------------------------- */

bool hll_merge(uint8_t registers[HLL_REGISTERS], const uint8_t *hll, size_t size, bool wide) {
    if (hll_encoding(hll) == HLL_SPARSE)
        return walk(RAISE, hll, size, registers, NULL);
    dense_merge(registers, hll + HLL_HEADER, wide);
    return true;
}

bool hll_count(const uint8_t *hll, size_t size, uint64_t *count) {
    uint32_t histogram[64] = {0};
    HllTally tally;
    if (hll_encoding(hll) == HLL_DENSE) {
        dense_histogram(hll + HLL_HEADER, histogram);
    } else {
        memset(&tally, 0, sizeof tally);
        if (!walk(COUNT, hll, size, NULL, &tally))
            return false;
        sum_up(&tally, histogram);
    }
    *count = estimate(histogram);
    return true;
}

uint64_t hll_count_registers(const uint8_t registers[HLL_REGISTERS]) {
    uint32_t histogram[64] = {0};
    byte_histogram(registers, histogram);
    return estimate(histogram);
}

/* --- several --------------------------------------------------------------------------- */

void hll_union_begin(HllUnion *seen) { seen->of = HLL_NONE; }

bool hll_union_add(HllUnion *seen, const uint8_t *hll, size_t size, bool wide) {
    bool sparse = hll_encoding(hll) == HLL_SPARSE;
    if (seen->of == HLL_NONE && !sparse) {
        dense_unpack(seen->registers, hll + HLL_HEADER, wide);
        seen->of = HLL_SOME_DENSE;
        return true;
    }
    if (seen->of == HLL_NONE) {
        memset(seen->registers, 0, sizeof seen->registers);
        memset(&seen->tally, 0, sizeof seen->tally);
        seen->of = HLL_ALL_SPARSE;
    }
    if (!sparse)
        seen->of = HLL_SOME_DENSE;
    else if (seen->of == HLL_ALL_SPARSE)
        return walk(RAISE | COUNT, hll, size, seen->registers, &seen->tally);
    return hll_merge(seen->registers, hll, size, wide);
}

const uint8_t *hll_union_registers(HllUnion *seen) {
    if (seen->of == HLL_NONE)
        memset(seen->registers, 0, sizeof seen->registers);
    return seen->registers;
}

uint64_t hll_union_count(const HllUnion *seen) {
    uint32_t histogram[64];
    if (seen->of == HLL_NONE)
        return 0;
    if (seen->of == HLL_SOME_DENSE)
        return hll_count_registers(seen->registers);
    sum_up(&seen->tally, histogram);
    return estimate(histogram);
}

/* --- making a sparse one --------------------------------------------------------------- */

enum { LOOK = 64 }; /* registers that one word of bits tells of */

/* Bit i: the i-th of 64 registers differ. `before` NULL: from 0. */
ALWAYS uint64_t differing(const uint8_t *before, const uint8_t *registers) {
    const uint64_t low7 = 0x7F7F7F7F7F7F7F7F;
    uint64_t bits = 0;
    for (int i = 0; i < LOOK; i += 8) {
        uint64_t w = little_load64(registers + i) ^ (before ? little_load64(before + i) : 0);
        bits |= (((w + low7) & ~low7) >> 7) * 0x0102040810204080 >> 56 << i;
    }
    return bits;
}

HllChange hll_raise_all(uint8_t *hll, size_t *size, size_t room, size_t limit,
                        const uint8_t before[HLL_REGISTERS], const uint8_t registers[HLL_REGISTERS]) {
    HllCursor cursor = {0};
    for (uint32_t from = 0; from < HLL_REGISTERS; from += LOOK)
        for (uint64_t bits = differing(before + from, registers + from); bits; bits &= bits - 1) {
            uint32_t index = from + (uint32_t)__builtin_ctzll(bits);
            HllChange done = hll_raise(hll, size, room, limit, (HllHit){index, registers[index]}, &cursor);
            if (done != HLL_CHANGED)
                return done;
        }
    return HLL_CHANGED;
}

HllChange hll_make(uint8_t hll[HLL_MADE_BYTES], size_t *size, size_t limit,
                   const uint8_t registers[HLL_REGISTERS]) {
    uint8_t *p = hll + HLL_HEADER;
    uint32_t done = 0; /* registers before p */
    hll_begin(hll);
    for (uint32_t from = 0; from < HLL_REGISTERS; from += LOOK)
        for (uint64_t bits = differing(NULL, registers + from); bits; bits &= bits - 1) {
            uint32_t index = from + (uint32_t)__builtin_ctzll(bits), left = index - done;
            uint8_t value = registers[index];
            size_t old = zeros_size(HLL_REGISTERS - done);
            size_t now = zeros_size(left) + 1 + zeros_size(HLL_REGISTERS - index - 1);
            if (value > HLL_SPARSE_MOST || (now > old && (size_t)(p - hll) + now > limit))
                return HLL_TOO_LARGE;
            if (left)
                p = put_zeros(p, left);
            if (left == 0 && done && value_of(p[-1]) == value && run_of(p - 1) < VAL_LONGEST)
                p[-1]++; /* its run is one longer */
            else
                *p++ = val(value, 1);
            done = index + 1;
        }
    if (done < HLL_REGISTERS)
        p = put_zeros(p, HLL_REGISTERS - done);
    *size = (size_t)(p - hll);
    return HLL_CHANGED;
}
