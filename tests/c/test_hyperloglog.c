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
    RUN(test_damaged_bytes);
    return finish("test_hyperloglog");
}
