/* hyperloglog: how many different elements were seen, from 16384 small registers.
 *
 * An element is hashed (MurmurHash64A): 14 bits of the hash choose a register, the count of zeros
 * below the lowest set bit of the other 50, plus one, is what the register is raised to if it
 * holds less. The estimate is Ertl's, from the histogram of the registers; its standard error is
 * 0.81 %. The bytes are those of Redis and Valkey, and so is every estimate:
 *
 *   OFFSET  SIZE   MEANING
 *   0       4      "HYLL"
 *   4       1      encoding: 0 dense, 1 sparse
 *   5       3      unused
 *   8       8      the last estimate, little-endian; bit 63 set: no longer right
 *   16      12288  dense: register i is the 6 bits from bit 6 * i on, lowest bit first
 *           n      sparse: opcodes, registers in ascending order
 *
 *   opcode   00nnnnnn            ZERO    n + 1 registers of 0
 *            01nnnnnn nnnnnnnn   XZERO   n + 1 registers of 0, high byte first
 *            1vvvvvnn            VAL     n + 1 registers of v + 1
 *
 *   Worked example, two elements in registers 3 and 4, both 2:  02 85 7f fa
 *
 * Conventions
 *   - `hll` points at `size` bytes that hll_valid has accepted, which looks at the header and at the size of a dense
 *     one only. Opcodes may be damaged: whatever meets that says so, and no function reads or
 *     writes outside of the bytes.
 *   - The memory is the caller's. A sparse one that grows is given `room`, the bytes there are.
 *   - `wide`: may use AVX2 where the processor has it; the result is the same.
 *
 * Costs: raising a register is O(1) when dense, O(opcodes before it) when sparse, eight of which
 * take one step; estimating and merging are O(registers), or O(opcodes). A union of sparse ones keeps its histogram
 * while it grows, so that counting it never looks at the registers.
 *
 * From: Flajolet, Fusy, Gandouet, Meunier 2007; Heule, Nunkesser, Hall 2013 (sparse form, 64-bit
 * hash); Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017.
 */
#ifndef CYDIS_HYPERLOGLOG_H
#define CYDIS_HYPERLOGLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HLL_BITS = 14,
    HLL_REGISTERS = 1 << HLL_BITS,
    HLL_HEADER = 16,
    HLL_EMPTY_BYTES = HLL_HEADER + 2,
    HLL_DENSE_BYTES = HLL_HEADER + HLL_REGISTERS * 6 / 8,
    HLL_SPARSE_MOST = 32, /* the largest register of the sparse form */
    HLL_GROWTH = 4,       /* bytes that one raised register adds at most */
    HLL_MADE_BYTES = HLL_HEADER + HLL_REGISTERS, /* the longest that hll_make writes */
};

typedef enum { HLL_DENSE = 0, HLL_SPARSE = 1 } HllEncoding;

typedef enum {
    HLL_CORRUPT = -1, /* the opcodes are damaged */
    HLL_SAME = 0,     /* the register holds as much already */
    HLL_CHANGED = 1,
    HLL_ROOM = 2,      /* not done: more room is needed, HLL_GROWTH bytes at most */
    HLL_TOO_LARGE = 3, /* not done: the sparse form cannot hold it within its limit */
} HllChange;

typedef struct HllHit {
    uint32_t index; /* of a register */
    uint8_t value;  /* 1 to 51 */
} HllHit;

/* A place among the opcodes from which to go on. All zero: the beginning. Good for a hit in a register behind (or,
 * after hll_look, at) that of the last call with it, while nothing else changes the bytes. */
typedef struct HllCursor {
    size_t at;
    uint32_t first;
} HllCursor;

/* The register that an element raises, and how high. O(size). */
HllHit hll_hit(const void *element, size_t size);

/* Whether bytes look like one: header, and the size of a dense one. O(1). */
bool hll_valid(const void *bytes, size_t size);
/* Writes an empty sparse one of HLL_EMPTY_BYTES; its remembered estimate is 0. */
void hll_begin(uint8_t *hll);

static inline HllEncoding hll_encoding(const uint8_t *hll) { return hll[4] ? HLL_SPARSE : HLL_DENSE; }

/* The remembered estimate, if it is still right. */
bool hll_remembered(const uint8_t *hll, uint64_t *count);
void hll_remember(uint8_t *hll, uint64_t count);
static inline void hll_forget(uint8_t *hll) { hll[15] |= 0x80; }

/* What raising would do: HLL_SAME, HLL_CHANGED (or one of those that ask for more), HLL_CORRUPT. */
HllChange hll_look(const uint8_t *hll, size_t size, HllHit hit, HllCursor *cursor);
/* Raises a register. A sparse one may grow, up to `room`, and to `limit` bytes, or shrink: *size follows. Forgets the
 * estimate. */
HllChange hll_raise(uint8_t *hll, size_t *size, size_t room, size_t limit, HllHit hit, HllCursor *cursor);

/* Whether `wide` makes a difference on this processor. */
bool hll_wide_exists(void);

/* All registers as bytes. Merging raises those that are lower. False: corrupt (some are raised). */
bool hll_merge(uint8_t registers[HLL_REGISTERS], const uint8_t *hll, size_t size, bool wide);
/* Makes the bytes a dense one with these registers (of at most 63); header, but for the encoding, as it was. */
void hll_pack(uint8_t hll[HLL_DENSE_BYTES], const uint8_t registers[HLL_REGISTERS], bool wide);

/* The estimate, computed anew. False: corrupt. */
bool hll_count(const uint8_t *hll, size_t size, uint64_t *count);
uint64_t hll_count_registers(const uint8_t registers[HLL_REGISTERS]);

typedef enum { HLL_NONE, HLL_ALL_SPARSE, HLL_SOME_DENSE } HllUnionOf;

/* How many registers of sparse ones hold each value: the sum of all lanes, modulo 2^16. Of 0, any number. */
typedef struct HllTally {
    struct {
        uint16_t raised[HLL_SPARSE_MOST + 1], met[HLL_SPARSE_MOST + 1]; /* the second is to be taken off */
    } lanes[4];
} HllTally;

/* What several have seen together. */
typedef struct HllUnion {
    HllUnionOf of;
    HllTally tally;                   /* while all are sparse */
    uint8_t registers[HLL_REGISTERS]; /* none: not yet written */
} HllUnion;

void hll_union_begin(HllUnion *seen);
/* False: corrupt, and the union is of no use any more. O(registers) of a dense one, O(opcodes) of a sparse one. */
bool hll_union_add(HllUnion *seen, const uint8_t *hll, size_t size, bool wide);
/* The registers, those of none too. */
const uint8_t *hll_union_registers(HllUnion *seen);
/* The estimate. O(1) while all are sparse, else O(registers). */
uint64_t hll_union_count(const HllUnion *seen);

/* Makes all registers of a whole one what they are in `registers`, none of which may be lower there: as hll_raise does
 * it, one by one in ascending order. `before` holds what they are now. HLL_CHANGED, HLL_ROOM or HLL_TOO_LARGE. */
HllChange hll_raise_all(uint8_t *hll, size_t *size, size_t room, size_t limit,
                        const uint8_t before[HLL_REGISTERS], const uint8_t registers[HLL_REGISTERS]);
/* The very bytes that this makes of an empty one, in one pass. HLL_CHANGED or HLL_TOO_LARGE. */
HllChange hll_make(uint8_t hll[HLL_MADE_BYTES], size_t *size, size_t limit,
                   const uint8_t registers[HLL_REGISTERS]);

typedef struct HllRun {
    uint32_t length;
    uint8_t value;   /* of all its registers */
    bool two_bytes;  /* an XZERO */
} HllRun;

/* The run of equal registers whose opcode stands at *at (HLL_HEADER at first), and on to the next.
 * False: the end, or half an opcode. */
bool hll_next_run(const uint8_t *hll, size_t size, size_t *at, HllRun *run);

#endif
