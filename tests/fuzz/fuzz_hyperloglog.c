/* Damaged and half damaged HyperLogLogs: nothing outside of the bytes is read or written, all functions agree on what is
 * whole, and raising a register changes that register alone. */
#include "fuzzing.h"
#include "hyperloglog.h"

enum { LIMIT = 3000, MOST = 16000 };

/* Registers that the opcodes stand for, as far as they go; how many. Beyond the last register the count goes on. */
static uint64_t decode(const uint8_t *hll, size_t size, uint8_t registers[HLL_REGISTERS]) {
    uint64_t n = 0;
    size_t at = HLL_HEADER;
    HllRun run;
    memset(registers, 0, HLL_REGISTERS);
    while (hll_next_run(hll, size, &at, &run)) {
        FUZZ_CHECK(at <= size && run.length >= 1 && run.length <= HLL_REGISTERS && run.value <= 32);
        for (uint32_t i = 0; i < run.length && n + i < HLL_REGISTERS; i++)
            registers[n + i] = run.value;
        n += run.length;
    }
    return n;
}

static HllHit random_hit(void) {
    HllHit hit = {(uint32_t)(fuzz_below(3) ? fuzz_below(HLL_REGISTERS) : fuzz_below(64)),
                  (uint8_t)(1 + fuzz_below(fuzz_below(6) ? 32 : 51))};
    return hit;
}

/* A valid one of some form, then changed; *size bytes of malloc. */
static uint8_t *make(size_t *size) {
    uint8_t *p = malloc(MOST);
    *size = HLL_EMPTY_BYTES;
    hll_begin(p);
    if (fuzz_below(8) == 0) {
        *size = HLL_DENSE_BYTES;
        for (size_t i = HLL_HEADER; i < *size; i++)
            p[i] = (uint8_t)fuzz_next();
        p[4] = HLL_DENSE;
    }
    for (uint64_t hits = fuzz_below(fuzz_below(4) ? 40 : 1200); hits > 0; hits--) {
        HllCursor cursor = {0};
        hll_raise(p, size, MOST, LIMIT, random_hit(), &cursor);
    }
    if (fuzz_below(10)) /* mostly the opcodes, now and then the header */
        *size = HLL_HEADER + fuzz_mutate(p + HLL_HEADER, *size - HLL_HEADER, MOST - HLL_HEADER, 0);
    if (fuzz_below(10) == 0)
        fuzz_mutate(p, HLL_HEADER, HLL_HEADER, 0);
    if (fuzz_below(6) == 0)
        *size = fuzz_below(*size + 1);
    return realloc(p, *size ? *size : 1);
}

static void raise_one(uint8_t **hll, size_t *size, const uint8_t before[HLL_REGISTERS], bool whole) {
    HllHit hit = random_hit();
    HllCursor cursor = {0};
    size_t room = *size + fuzz_below(HLL_GROWTH + 1);
    uint8_t after[HLL_REGISTERS];
    *hll = realloc(*hll, room);
    HllChange looked = hll_look(*hll, *size, hit, &cursor);
    HllChange done = hll_raise(*hll, size, room, fuzz_below(2) ? LIMIT : *size, hit, &cursor);
    FUZZ_CHECK(*size <= room && (done != HLL_ROOM || room < *size + HLL_GROWTH));
    FUZZ_CHECK((looked == HLL_CORRUPT) == (done == HLL_CORRUPT)
               && (looked == HLL_SAME) == (done == HLL_SAME));
    FUZZ_CHECK(!whole || done != HLL_CORRUPT);
    *hll = realloc(*hll, *size);
    if (hll_encoding(*hll) == HLL_DENSE)
        return;
    decode(*hll, *size, after);
    if (done == HLL_CHANGED) {
        FUZZ_CHECK(after[hit.index] == hit.value && before[hit.index] < hit.value);
        after[hit.index] = before[hit.index];
    }
    FUZZ_CHECK(memcmp(before, after, sizeof after) == 0);
}

static void one_input(void) {
    size_t size;
    uint8_t *hll = make(&size), before[HLL_REGISTERS], merged[HLL_REGISTERS] = {0},
            narrow[HLL_REGISTERS] = {0};
    if (hll_valid(hll, size)) {
        uint64_t count = 0, again = 0;
        bool whole = hll_count(hll, size, &count);
        FUZZ_CHECK(hll_merge(merged, hll, size, true) == whole
                   && hll_merge(narrow, hll, size, false) == whole);
        FUZZ_CHECK(memcmp(merged, narrow, sizeof merged) == 0);
        if (whole)
            FUZZ_CHECK(hll_count_registers(merged) == count);
        if (hll_encoding(hll) == HLL_SPARSE) {
            FUZZ_CHECK((decode(hll, size, before) == HLL_REGISTERS) >= whole);
            FUZZ_CHECK(!whole || memcmp(before, merged, sizeof merged) == 0);
        } else {
            uint8_t *packed = malloc(HLL_DENSE_BYTES);
            memcpy(packed, hll, HLL_HEADER);
            hll_pack(packed, merged, fuzz_below(2));
            FUZZ_CHECK(whole && memcmp(packed, hll, size) == 0);
            free(packed);
        }
        hll_remember(hll, count);
        FUZZ_CHECK(hll_remembered(hll, &again) == !(count >> 63) && again == count);
        for (int i = 0; i < 4; i++) {
            if (hll_encoding(hll) == HLL_SPARSE)
                decode(hll, size, before);
            raise_one(&hll, &size, before, whole);
        }
    }
    free(hll);
}

int main(int argc, char **argv) { return fuzz(argc, argv, "fuzz_hyperloglog", one_input); }
