/* hyperloglog against an array of registers: the sparse form while registers are raised in any order, the dense form, both
 * bodies of merging and packing, the estimate, and damaged bytes in blocks of exactly their size. */
#include <math.h>

#include "hyperloglog.h"
#include "internal/hll_dense.h"
#include "packed.h"

enum { LIMIT = 3000, ROOM = 60000 };

typedef struct {
    uint8_t at[HLL_REGISTERS];
} Registers;

/* A sparse one, its room of exactly the size that it was last given. */
typedef struct {
    uint8_t *bytes;
    size_t size, room;
} Sparse;

static Sparse empty(void) {
    Sparse s = {malloc(HLL_EMPTY_BYTES), HLL_EMPTY_BYTES, HLL_EMPTY_BYTES};
    hll_begin(s.bytes);
    return s;
}

static HllChange raise_in(Sparse *s, size_t limit, HllHit hit, HllCursor *cursor) {
    HllCursor here = {0};
    cursor = cursor ? cursor : &here;
    HllChange done = hll_raise(s->bytes, &s->size, s->room, limit, hit, cursor);
    if (done == HLL_ROOM) {
        size_t needs = s->size + HLL_GROWTH; /* one byte more than what is there is refused, four suffice */
        s->bytes = realloc(s->bytes, needs);
        s->room = needs;
        done = hll_raise(s->bytes, &s->size, s->room, limit, hit, cursor);
        CHECK(done != HLL_ROOM);
    }
    return done;
}

static void expect(const Sparse *s, const Registers *model) {
    Registers found = {{0}};
    CHECK(hll_valid(s->bytes, s->size));
    CHECK(hll_merge(found.at, s->bytes, s->size, true));
    CHECK(memcmp(&found, model, sizeof found) == 0);
    uint64_t sparse, dense = hll_count_registers(found.at);
    CHECK(hll_count(s->bytes, s->size, &sparse) && sparse == dense);
    uint8_t packed[HLL_DENSE_BYTES];
    memcpy(packed, s->bytes, HLL_HEADER);
    hll_pack(packed, found.at, true);
    CHECK(hll_valid(packed, sizeof packed) && hll_count(packed, sizeof packed, &dense) && sparse == dense);
}

static HllHit random_hit(uint32_t area) {
    uint32_t index = (uint32_t)(below(4)   ? below(area)
                                : below(8) ? HLL_REGISTERS - 1 - below(area)
                                           : below(HLL_REGISTERS));
    return (HllHit){index % HLL_REGISTERS, (uint8_t)(1 + below(below(20) ? 4 : 32))};
}

static void test_sparse_by_chance(void) {
    static const uint32_t areas[] = {3, 9, 40, 300, 3000, HLL_REGISTERS};
    for (int a = 0; a < 6; a++)
        for (int round = 0; round < 3; round++) {
            Sparse s = empty();
            Registers model = {{0}};
            for (int i = 0; i < 900; i++) {
                HllHit hit = random_hit(areas[a]);
                HllCursor looked = {0};
                bool raises = model.at[hit.index] < hit.value;
                CHECK(hll_look(s.bytes, s.size, hit, &looked) == (raises ? HLL_CHANGED : HLL_SAME));
                hll_remember(s.bytes, 7);
                uint64_t count;
                HllChange done = raise_in(&s, ROOM, hit, below(2) ? &looked : NULL);
                CHECK(done == (raises ? HLL_CHANGED : HLL_SAME));
                CHECK(hll_remembered(s.bytes, &count) == !raises && (raises || count == 7));
                if (raises)
                    model.at[hit.index] = hit.value;
                if (i % 50 == 0)
                    expect(&s, &model);
            }
            expect(&s, &model);
            free(s.bytes);
        }
}

/* Ascending hits through one cursor give the very bytes that each from the beginning gives. */
static void test_the_cursor(void) {
    for (int round = 0; round < 120; round++) {
        Sparse one = empty();
        uint32_t step = 1 + (uint32_t)below(round % 3 ? 4 : 200);
        for (int i = (int)below(200); i > 0; i--) { /* not only into an empty one */
            HllHit hit = random_hit(step * 80);
            raise_in(&one, ROOM, hit, NULL);
        }
        Sparse other = {malloc(one.size), one.size, one.size};
        memcpy(other.bytes, one.bytes, one.size);
        HllCursor cursor = {0};
        for (uint32_t index = 0; index < HLL_REGISTERS; index += 1 + (uint32_t)below(step)) {
            HllHit hit = {index, (uint8_t)(1 + below(3))};
            if (below(4) == 0)
                continue;
            if (below(3) == 0)
                CHECK(hll_look(one.bytes, one.size, hit, &cursor) >= 0);
            HllChange done = raise_in(&one, ROOM, hit, &cursor);
            CHECK(done == raise_in(&other, ROOM, hit, NULL));
            CHECK(one.size == other.size && memcmp(one.bytes, other.bytes, one.size) == 0);
        }
        free(one.bytes);
        free(other.bytes);
    }
}

static void test_what_the_sparse_form_cannot_hold(void) {
    Sparse s = empty();
    CHECK(raise_in(&s, LIMIT, (HllHit){5, 33}, NULL) == HLL_TOO_LARGE);
    CHECK(raise_in(&s, LIMIT, (HllHit){5, 32}, NULL) == HLL_CHANGED);
    CHECK(raise_in(&s, s.size, (HllHit){5000, 1}, NULL) == HLL_TOO_LARGE); /* would be longer */
    CHECK(raise_in(&s, 0, (HllHit){5, 32}, NULL) == HLL_SAME);
    Registers model = {{0}};
    model.at[5] = 32;
    HllChange done = HLL_CHANGED;
    for (uint32_t i = 0; done != HLL_TOO_LARGE; i++) {
        HllHit hit = hll_hit(&i, sizeof i);
        done = raise_in(&s, LIMIT, hit, NULL);
        if (done == HLL_CHANGED)
            model.at[hit.index] = hit.value;
        CHECK(s.size <= LIMIT && done >= 0);
    }
    CHECK(s.size > LIMIT - 4);
    expect(&s, &model);
    free(s.bytes);
}

/* ---- known answers */

static void expect_bytes(const HllHit *hits, size_t n, const char *opcodes, size_t size) {
    Sparse s = empty();
    for (size_t i = 0; i < n; i++)
        CHECK(raise_in(&s, LIMIT, hits[i], NULL) == HLL_CHANGED);
    CHECK(s.size == HLL_HEADER + size && memcmp(s.bytes + HLL_HEADER, opcodes, size) == 0);
    free(s.bytes);
}

static void test_bytes(void) {
    HllHit a = hll_hit("a", 1), nothing = hll_hit("", 0);
    CHECK(a.index == 12711 && a.value == 2);
    CHECK(nothing.value >= 1 && nothing.value <= 51);
    expect_bytes(NULL, 0, "\x7f\xff", 2);
    expect_bytes(&a, 1, "\x71\xa6\x84\x4e\x57", 5);
    expect_bytes((HllHit[]){{3, 2}, {4, 2}}, 2, "\x02\x85\x7f\xfa", 4);
    expect_bytes((HllHit[]){{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}}, 5, "\x83\x80\x7f\xfa", 4);
    expect_bytes((HllHit[]){{0, 1}, {1, 1}, {2, 1}, {1, 32}}, 4, "\x80\xfc\x80\x7f\xfc", 5);
    expect_bytes((HllHit[]){{64, 1}, {129, 1}}, 2, "\x3f\x80\x3f\x80\x7f\x7d", 6);
    expect_bytes((HllHit[]){{16383, 5}}, 1, "\x7f\xfe\x90", 3);
    CHECK(!hll_valid("HYLL\1", 5) && !hll_valid("HYLX\1\0\0\0\0\0\0\0\0\0\0\0", 16));
    CHECK(hll_valid("HYLL\1\0\0\0\0\0\0\0\0\0\0\0", 16) && !hll_valid("HYLL\2\0\0\0\0\0\0\0\0\0\0\0", 16));
    CHECK(!hll_valid("HYLL\0\0\0\0\0\0\0\0\0\0\0\0", 16)); /* dense, of another size */
}

static void test_dense_registers(void) {
    uint8_t *p = malloc(HLL_DENSE_BYTES), *hll = p;
    Registers model;
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < HLL_REGISTERS; i++)
            model.at[i] = (uint8_t)(round == 0 ? 0 : round == 1 ? 63 : below(64));
        hll_begin(hll);
        hll_pack(hll, model.at, round & 1);
        for (int i = 0; i < 5000; i++) {
            uint32_t index = (uint32_t)(below(10) ? below(HLL_REGISTERS) : HLL_REGISTERS - 1 - below(3));
            CHECK(dense_get(hll + HLL_HEADER, index) == model.at[index]);
            HllHit hit = {index, (uint8_t)(1 + below(51))};
            HllCursor cursor = {0};
            size_t size = HLL_DENSE_BYTES;
            HllChange expected = hit.value > model.at[index] ? HLL_CHANGED : HLL_SAME;
            CHECK(hll_look(hll, size, hit, &cursor) == expected);
            CHECK(hll_raise(hll, &size, size, 0, hit, &cursor) == expected && size == HLL_DENSE_BYTES);
            if (expected == HLL_CHANGED)
                model.at[index] = hit.value;
        }
        for (int wide = 0; wide < 2; wide++) {
            Registers found, other;
            for (int i = 0; i < HLL_REGISTERS; i++)
                found.at[i] = other.at[i] = (uint8_t)below(64);
            CHECK(hll_merge(found.at, hll, HLL_DENSE_BYTES, wide));
            for (int i = 0; i < HLL_REGISTERS; i++)
                CHECK(found.at[i] == (model.at[i] > other.at[i] ? model.at[i] : other.at[i]));
            uint8_t *packed = malloc(HLL_DENSE_BYTES);
            memcpy(packed, hll, HLL_HEADER);
            hll_pack(packed, model.at, wide);
            CHECK(memcmp(packed, hll, HLL_DENSE_BYTES) == 0);
            free(packed);
        }
        uint64_t a;
        CHECK(hll_count(hll, HLL_DENSE_BYTES, &a) && a == hll_count_registers(model.at));
    }
    free(p);
}

static void test_the_estimate(void) {
    Registers model = {{0}};
    CHECK(hll_count_registers(model.at) == 0);
    uint64_t next = 1;
    for (uint64_t n = 1; n <= 300000; n++) {
        HllHit hit = hll_hit(&n, sizeof n);
        if (model.at[hit.index] < hit.value)
            model.at[hit.index] = hit.value;
        if (n == next) {
            double wrong = fabs((double)hll_count_registers(model.at) - (double)n);
            CHECK(wrong <= 6 * 0.0081 * (double)n + 1);
            next = next * 3 / 2 + 1;
        }
    }
    memset(&model, 63, sizeof model); /* what no element makes must not trap either */
    hll_count_registers(model.at);
    memset(&model, 51, sizeof model);
    hll_count_registers(model.at);
}

/* ---- several */

/* Sparse ones and dense ones of every fullness, or only sparse ones. */
static Sparse random_one(bool sparse) {
    static const uint32_t areas[] = {3, 9, 40, 300, 3000, HLL_REGISTERS};
    Sparse s = empty();
    uint32_t area = areas[below(6)];
    for (int i = (int)below(below(3) ? 40 : 1500); i > 0; i--)
        raise_in(&s, ROOM, random_hit(area), NULL);
    if (!sparse && below(3) == 0) {
        Registers found = {{0}};
        CHECK(hll_merge(found.at, s.bytes, s.size, true));
        for (int i = (int)below(3000); i > 0; i--)
            found.at[below(HLL_REGISTERS)] = (uint8_t)below(64);
        s.bytes = realloc(s.bytes, HLL_DENSE_BYTES);
        s.size = s.room = HLL_DENSE_BYTES;
        hll_pack(s.bytes, found.at, below(2));
    }
    return s;
}

static void test_unions(void) {
    HllUnion seen;
    Registers none = {{0}};
    hll_union_begin(&seen);
    CHECK(hll_union_count(&seen) == 0 && memcmp(hll_union_registers(&seen), &none, sizeof none) == 0);
    for (int round = 0; round < 400; round++) {
        Registers model = {{0}};
        bool sparse = true;
        hll_union_begin(&seen);
        for (int i = (int)below(5); i >= 0; i--) {
            Sparse s = random_one(round & 1);
            bool wide = below(2);
            sparse = sparse && hll_encoding(s.bytes) == HLL_SPARSE;
            CHECK(hll_union_add(&seen, s.bytes, s.size, wide));
            CHECK(hll_merge(model.at, s.bytes, s.size, false));
            CHECK(seen.of == (sparse ? HLL_ALL_SPARSE : HLL_SOME_DENSE));
            CHECK(memcmp(hll_union_registers(&seen), &model, sizeof model) == 0);
            CHECK(hll_union_count(&seen) == hll_count_registers(model.at));
            free(s.bytes);
        }
    }
}

/* What raising every register that is above 0 in ascending order does. */
static HllChange raise_each(Sparse *s, size_t limit, const uint8_t *registers) {
    HllCursor cursor = {0};
    for (uint32_t i = 0; i < HLL_REGISTERS; i++) {
        if (registers[i] == 0)
            continue;
        HllChange done = raise_in(s, limit, (HllHit){i, registers[i]}, &cursor);
        if (done != HLL_SAME && done != HLL_CHANGED)
            return done;
    }
    return HLL_CHANGED;
}

/* The opcodes as some other server might have left them: runs of zeros in parts, neighbours of one value apart. */
static void chop(Sparse *s) {
    uint8_t *made = malloc(2 * (size_t)HLL_REGISTERS + HLL_HEADER), *p = made + HLL_HEADER;
    size_t at = HLL_HEADER;
    HllRun run;
    memcpy(made, s->bytes, HLL_HEADER);
    while (hll_next_run(s->bytes, s->size, &at, &run))
        for (uint32_t left = run.length; left;) {
            uint32_t part = below(3) ? left : 1 + (uint32_t)below(left);
            if (run.value)
                *p++ = (uint8_t)(0x80 | (run.value - 1) << 2 | (part - 1));
            else if (part > 64 || below(4) == 0)
                *p++ = (uint8_t)(0x40 | (part - 1) >> 8), *p++ = (uint8_t)(part - 1);
            else
                *p++ = (uint8_t)(part - 1);
            left -= part;
        }
    s->size = s->room = (size_t)(p - made);
    free(s->bytes);
    s->bytes = realloc(made, s->size);
}

/* A union's bytes are those of raising register by register: in an empty one, and in one that is there. */
static void test_raising_all(void) {
    enum { MOST = 3 * HLL_REGISTERS };
    for (int round = 0; round < 400; round++) {
        HllUnion seen;
        hll_union_begin(&seen);
        Sparse old = round & 1 ? random_one(true) : empty();
        if (round & 2)
            chop(&old);
        Registers before = {{0}};
        CHECK(hll_union_add(&seen, old.bytes, old.size, true));
        memcpy(&before, hll_union_registers(&seen), sizeof before);
        for (int i = (int)below(3); i >= 0; i--) {
            Sparse s = random_one(true);
            CHECK(hll_union_add(&seen, s.bytes, s.size, true));
            free(s.bytes);
        }
        if (below(10) == 0)
            seen.registers[below(HLL_REGISTERS)] = 33;
        const uint8_t *registers = hll_union_registers(&seen);
        for (int tries = 0; tries < 3; tries++) {
            Sparse slow = {malloc(old.size), old.size, old.size};
            memcpy(slow.bytes, old.bytes, old.size);
            size_t limit = tries == 0 ? MOST : HLL_EMPTY_BYTES + below(below(2) ? 100 : 3000),
                   size = old.size;
            HllChange expected = raise_each(&slow, limit, registers);
            if (expected == HLL_CHANGED
                && tries == 1) { /* just enough, or one byte too few, somewhere on the way */
                free(slow.bytes);
                slow = (Sparse){malloc(old.size), old.size, old.size};
                memcpy(slow.bytes, old.bytes, old.size);
                limit = size + below(8);
                expected = raise_each(&slow, limit, registers);
            }
            uint8_t *made = malloc(MOST);
            memcpy(made, old.bytes, old.size);
            CHECK(hll_raise_all(made, &size, MOST, limit, before.at, registers) == expected);
            if (expected == HLL_CHANGED)
                CHECK(size == slow.size
                      && memcmp(made + HLL_HEADER, slow.bytes + HLL_HEADER, size - HLL_HEADER) == 0);
            free(made);
            if (!(round & 3)) {
                made = malloc(HLL_MADE_BYTES);
                CHECK(hll_make(made, &size, limit, registers) == expected);
                if (expected == HLL_CHANGED)
                    CHECK(size == slow.size && memcmp(made + 16, slow.bytes + 16, size - 16) == 0);
                free(made);
            }
            free(slow.bytes);
        }
        free(old.bytes);
    }
}

/* Of every limit there is, the same ones are too large. */
static void test_limits_of_making(void) {
    for (int round = 0; round < 30; round++) {
        Registers registers = {{0}};
        for (int i = (int)below(12); i >= 0; i--) {
            uint32_t index = (uint32_t)(below(2)   ? below(8)
                                        : below(2) ? below(200)
                                                   : HLL_REGISTERS - 1 - below(200));
            registers.at[index] = (uint8_t)(1 + below(2));
        }
        for (size_t limit = 0; limit < HLL_HEADER + 50; limit++) {
            Sparse s = empty();
            uint8_t made[HLL_MADE_BYTES];
            size_t size;
            HllChange expected = raise_each(&s, limit, registers.at);
            CHECK(hll_make(made, &size, limit, registers.at) == expected);
            CHECK(expected != HLL_CHANGED
                  || (size == s.size && memcmp(made + 16, s.bytes + 16, size - 16) == 0));
            free(s.bytes);
        }
    }
}

static void test_the_longest_that_is_made(void) {
    Registers registers;
    uint8_t *made = malloc(HLL_MADE_BYTES);
    size_t size;
    for (int i = 0; i < HLL_REGISTERS; i++)
        registers.at[i] = (uint8_t)(1 + i % 2);
    CHECK(hll_make(made, &size, SIZE_MAX, registers.at) == HLL_CHANGED && size == HLL_MADE_BYTES);
    free(made);
}

/* ---- damage */

static void use_all(const uint8_t *bytes, size_t size) {
    uint8_t *exact = malloc(size);
    memcpy(exact, bytes, size);
    if (!hll_valid(exact, size)) {
        free(exact);
        return;
    }
    Registers found = {{0}};
    uint64_t count;
    bool whole = hll_count(exact, size, &count);
    CHECK(hll_merge(found.at, exact, size, true) == whole);
    HllUnion seen;
    hll_union_begin(&seen);
    CHECK(hll_union_add(&seen, exact, size, true) == whole);
    size_t at = HLL_HEADER;
    HllRun run;
    if (hll_encoding(exact) == HLL_SPARSE)
        while (hll_next_run(exact, size, &at, &run))
            CHECK(at <= size);
    for (int i = 0; i < 40; i++) {
        HllCursor cursor = {0};
        HllHit hit = {(uint32_t)below(HLL_REGISTERS), (uint8_t)(1 + below(51))};
        size_t now = size;
        HllChange looked = hll_look(exact, size, hit, &cursor);
        HllChange done = hll_raise(exact, &now, size, LIMIT, hit, &cursor);
        CHECK(now <= size && (looked == HLL_CORRUPT) == (done == HLL_CORRUPT));
        size = now; /* what is behind it is no longer to be read */
        exact = realloc(exact, size);
    }
    free(exact);
}

static void test_damaged_bytes(void) {
    use_all((const uint8_t *)"HYLL\1\0\0\0\0\0\0\0\0\0\0\0", 16); /* no opcode */
    use_all((const uint8_t *)"HYLL\1\0\0\0\0\0\0\0\0\0\0\0\x7f", 17); /* half of one */
    use_all((const uint8_t *)"HYLL\1\0\0\0\0\0\0\0\0\0\0\0\x7f\xff\x80", 19); /* a register too many */
    use_all((const uint8_t *)"HYLL\1\0\0\0\0\0\0\0\0\0\0\0\x7f\xfe\x7f\xff\x80", 21);
    for (int round = 0; round < 600; round++) {
        Sparse s = empty();
        for (int i = (int)below(300); i > 0; i--)
            raise_in(&s, LIMIT, random_hit(below(2) ? 200 : HLL_REGISTERS), NULL);
        for (int i = (int)below(4); i > 0 && s.size > HLL_HEADER; i--)
            s.bytes[below(3) ? HLL_HEADER + below(s.size - HLL_HEADER) : below(s.size)] = (uint8_t)chance();
        use_all(s.bytes, below(3) ? s.size : below(s.size + 1));
        free(s.bytes);
    }
}

int main(void) {
    RUN(test_bytes);
    RUN(test_sparse_by_chance);
    RUN(test_the_cursor);
    RUN(test_what_the_sparse_form_cannot_hold);
    RUN(test_dense_registers);
    RUN(test_the_estimate);
    RUN(test_unions);
    RUN(test_raising_all);
    RUN(test_limits_of_making);
    RUN(test_the_longest_that_is_made);
    RUN(test_damaged_bytes);
    return finish("test_hyperloglog");
}
