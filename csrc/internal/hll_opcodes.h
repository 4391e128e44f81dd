/* hll_opcodes: single opcodes of the sparse form; for hyperloglog.c and hyperloglog_union.c. */
#ifndef CYDIS_HLL_OPCODES_H
#define CYDIS_HLL_OPCODES_H

#include "hyperloglog.h"

enum { XZERO = 0x40, VAL = 0x80, ZERO_LONGEST = 64, VAL_LONGEST = 4, CORE_BITS = 64 - HLL_BITS };

/* Registers that the opcode at p stands for; an XZERO's second byte is there. */
static inline uint32_t run_of(const uint8_t *p) {
    if (p[0] & VAL)
        return (p[0] & 3u) + 1;
    return p[0] & XZERO ? ((p[0] & 63u) << 8 | p[1]) + 1 : (p[0] & 63u) + 1;
}

static inline bool is_xzero(uint8_t byte) { return (byte & (VAL | XZERO)) == XZERO; }
static inline uint8_t value_of(uint8_t byte) { return (uint8_t)((byte >> 2 & 31) + 1); }
static inline uint8_t val(uint32_t value, uint32_t run) {
    return (uint8_t)(VAL | (value - 1) << 2 | (run - 1));
}

/* The highest bit of each byte of w that is 01......, and so begins two bytes. */
static inline uint64_t xzeros(uint64_t w) { return w << 1 & ~w & 0x8080808080808080; }

/* Of the eight bytes of w from the lowest on: how many in a row are opcodes of one byte, and what they stand for. */
static inline unsigned short_opcodes(uint64_t w, uint32_t *run) {
    const uint64_t high = 0x8080808080808080, low = 0x0101010101010101;
    uint64_t doubles = xzeros(w);
    unsigned n = doubles ? (unsigned)__builtin_ctzll(doubles) / 8 : 8;
    uint64_t vals = (w & high) >> 7, lengths = w & (low * 0x3F ^ vals * 0x3C);
    if (n < 8)
        lengths &= (UINT64_C(1) << 8 * n) - 1;
    lengths = (lengths & 0x00FF00FF00FF00FF) + (lengths >> 8 & 0x00FF00FF00FF00FF);
    *run = (uint32_t)(lengths * 0x0001000100010001 >> 48) + n;
    return n;
}

/* Bytes that put_zeros writes for a run. */
static inline size_t zeros_size(uint32_t run) { return run == 0 ? 0 : run > ZERO_LONGEST ? 2 : 1; }

static inline uint8_t *put_zeros(uint8_t *p, uint32_t run) {
    if (run > ZERO_LONGEST)
        *p++ = (uint8_t)(XZERO | (run - 1) >> 8);
    *p++ = (uint8_t)(run - 1);
    return p;
}

#endif
