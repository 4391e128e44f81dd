/* The hash table: hash vectors; random operations against an array; the promise of scan while the
 * table grows and shrinks; no memory at any moment; keys that all want one bucket. */
#include "hashtable.h"

#include <stdio.h>
#include <stdlib.h>

static int passed, failed;

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (condition) {                                                                                     \
            passed++;                                                                                        \
        } else {                                                                                             \
            failed++;                                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
        }                                                                                                    \
    } while (0)

static uint64_t state = 7;

static uint64_t chance(uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
}

/* ---- the hash, beside a plain rendering of the paper with c and d as parameters ---- */

static uint64_t rotl(uint64_t x, int b) { return x << b | x >> (64 - b); }

static void plain_rounds(uint64_t v[4], int n) {
    while (n-- > 0) {
        v[0] += v[1], v[1] = rotl(v[1], 13), v[1] ^= v[0], v[0] = rotl(v[0], 32);
        v[2] += v[3], v[3] = rotl(v[3], 16), v[3] ^= v[2];
        v[0] += v[3], v[3] = rotl(v[3], 21), v[3] ^= v[0];
        v[2] += v[1], v[1] = rotl(v[1], 17), v[1] ^= v[2], v[2] = rotl(v[2], 32);
    }
}

static uint64_t plain_siphash(int c, int d, uint64_t k0, uint64_t k1, const uint8_t *in, size_t n) {
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                     k1 ^ 0x7465646279746573};
    for (size_t word = 0; word <= n / 8; word++) {
        uint64_t m = word == n / 8 ? (uint64_t)n << 56 : 0;
        for (size_t i = 0; i < 8 && word * 8 + i < n; i++)
            m |= (uint64_t)in[word * 8 + i] << (8 * i);
        v[3] ^= m;
        plain_rounds(v, c);
        v[0] ^= m;
    }
    v[2] ^= 0xff;
    plain_rounds(v, d);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void test_hash(void) {
    static const uint64_t published[] = {
        /* SipHash-2-4 of 00 01 02 … under the key 00 01 … 0f */
        0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
        0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
        0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
        0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
    };
    const uint64_t seed[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    bool reference = true, ours = true;
    for (size_t n = 0; n < 300; n++) {
        uint8_t *key = malloc(n ? n : 1); /* of exactly this size: no byte beyond may be read */
        for (size_t i = 0; i < n; i++)
            key[i] = (uint8_t)i;
        if (n < 16)
            reference &= plain_siphash(2, 4, seed[0], seed[1], key, n) == published[n];
        ours &= plain_siphash(1, 3, seed[0], seed[1], key, n) == hash_bytes(seed, key, n);
        free(key);
    }
    CHECK(reference);
    CHECK(ours);
}

/* ---- entries ---- */

typedef struct {
    uint32_t size;
    uint8_t key[12];
    uint64_t number;
} Entry;

static const uint64_t SEED[2] = {0x1234567890abcdef, 0xfedcba0987654321};

static const uint8_t *entry_key(const void *entry, size_t *size) {
    const Entry *e = entry;
    *size = e->size;
    return e->key;
}

static uint32_t make_key(uint64_t number, uint8_t *key) {
    return (uint32_t)snprintf((char *)key, 12, "%llu", (unsigned long long)number);
}

typedef struct {
    Heap *heap;
    Hashtable table;
} Fixture;

static void open_table(Fixture *f) {
    f->heap = heap_open();
    hashtable_init(&f->table, f->heap, SEED, entry_key);
}

static void drop(void *ctx, void *entry) { heap_free(ctx, entry, sizeof(Entry)); }

static void close_table(Fixture *f) {
    hashtable_clear(&f->table, drop, f->heap);
    CHECK(hashtable_size(&f->table) == 0 && hashtable_memory(&f->table) == 0 && hashtable_check(&f->table));
    CHECK(heap_used(f->heap) == 0 && heap_check(f->heap));
    heap_close(f->heap);
}

static Entry *find(Fixture *f, uint64_t number, HashtablePos *pos) {
    uint8_t key[12];
    uint32_t size = make_key(number, key);
    return hashtable_find(&f->table, hashtable_hash(&f->table, key, size), key, size, pos);
}

static bool add(Fixture *f, uint64_t number, bool mark) {
    Entry *e = heap_alloc(f->heap, sizeof *e);
    if (e == NULL)
        return false;
    *e = (Entry){.number = number};
    e->size = make_key(number, e->key);
    if (hashtable_insert(&f->table, hashtable_hash(&f->table, e->key, e->size), e, mark))
        return true;
    heap_free(f->heap, e, sizeof *e);
    return false;
}

static bool take(Fixture *f, uint64_t number) {
    uint8_t key[12];
    uint32_t size = make_key(number, key);
    Entry *e = hashtable_remove(&f->table, hashtable_hash(&f->table, key, size), key, size);
    if (e)
        heap_free(f->heap, e, sizeof *e);
    return e != NULL;
}

/* ---- tests ---- */

static void test_empty(void) {
    Fixture f;
    open_table(&f);
    HashtableIter iter = {0};
    CHECK(heap_used(f.heap) == 0 && find(&f, 1, NULL) == NULL && !take(&f, 1));
    CHECK(hashtable_random(&f.table, 5) == NULL && hashtable_next(&f.table, &iter) == NULL);
    CHECK(hashtable_scan(&f.table, 0, drop, f.heap) == 0 && hashtable_scan(&f.table, 99, drop, f.heap) == 0);
    CHECK(hashtable_clear_some(&f.table, 10, drop, f.heap));
    CHECK(add(&f, 1, false) && hashtable_memory(&f.table) == 64);
    CHECK(take(&f, 1) && hashtable_memory(&f.table) == 0 && heap_used(f.heap) == 0);
    close_table(&f);
}

static void test_against_model(void) {
    enum { KEYS = 6000, STEPS = 150000 };
    static int8_t model[KEYS]; /* -1 absent, else the mark */
    memset(model, -1, sizeof model);
    Fixture f;
    open_table(&f);
    size_t size = 0;
    bool agrees = true;
    for (int step = 0; step < STEPS; step++) {
        bool growing = step / 25000 % 2 == 0;
        uint64_t n = chance(KEYS);
        HashtablePos pos;
        Entry *e = find(&f, n, &pos);
        agrees &= (e != NULL) == (model[n] >= 0) && (e == NULL || e->number == n);
        if (e == NULL && chance(10) < (growing ? 8 : 2)) {
            model[n] = (int8_t)chance(2);
            agrees &= add(&f, n, model[n]);
            size++;
        } else if (e && chance(10) < (growing ? 2 : 8)) {
            agrees &= take(&f, n);
            model[n] = -1;
            size--;
        } else if (e) {
            agrees &= hashtable_mark(&pos) == model[n];
            model[n] = (int8_t)chance(2);
            Entry *moved = heap_alloc(f.heap, sizeof *moved);
            *moved = *e;
            hashtable_replace(&f.table, &pos, moved, model[n]);
            heap_free(f.heap, e, sizeof *e);
            agrees &= hashtable_mark(&pos) == model[n];
            hashtable_set_mark(&pos, !model[n]);
            hashtable_set_mark(&pos, model[n]);
        }
        agrees &= hashtable_size(&f.table) == size;
        if (step % 10000 == 0)
            CHECK(hashtable_check(&f.table));
    }
    CHECK(agrees && hashtable_check(&f.table) && heap_check(f.heap));
    CHECK(heap_used(f.heap) == size * sizeof(Entry) + hashtable_memory(&f.table));
    HashtableIter iter = {0};
    size_t seen = 0;
    for (Entry *e; (e = hashtable_next(&f.table, &iter)) != NULL; seen++)
        agrees &= model[e->number] >= 0;
    CHECK(agrees && seen == size);
    close_table(&f);
}

static void test_large(void) {
    enum { N = 120000 }; /* enough for a mapped segment */
    Fixture f;
    open_table(&f);
    bool all = true;
    for (uint64_t i = 0; i < N; i++)
        all &= add(&f, i, i % 2);
    CHECK(all && hashtable_check(&f.table));
    CHECK(hashtable_memory(&f.table) <= (size_t)N * 16);
    for (uint64_t i = 0; i < N; i++)
        all &= find(&f, i, NULL) != NULL;
    HashtableStats stats;
    hashtable_stats(&f.table, &stats);
    CHECK(all && stats.size == N && stats.first_line > (size_t)N * 8 / 10 && stats.longest < 30);
    for (uint64_t i = 0; i < N - 50; i++)
        all &= take(&f, i);
    CHECK(all && hashtable_check(&f.table) && heap_check(f.heap));
    CHECK(hashtable_memory(&f.table) <= 50 * 32);
    close_table(&f);
}

typedef struct {
    uint8_t *seen;
    size_t calls;
} Seen;

static void note(void *ctx, void *entry) {
    Seen *s = ctx;
    s->seen[((Entry *)entry)->number] = 1;
    s->calls++;
}

/* Numbers below `stay` are there all the time; the others come and go between the steps. */
static void scan_while(Fixture *f, uint64_t stay, uint64_t from, uint64_t to, uint64_t change, bool marked) {
    uint8_t *seen = calloc(to + 1, 1);
    Seen s = {seen, 0};
    uint64_t cursor = 0, at = from;
    bool all = true;
    do {
        cursor = marked ? hashtable_scan_marked(&f->table, cursor, note, &s)
                        : hashtable_scan(&f->table, cursor, note, &s);
        for (uint64_t i = 0; i < change && at != to; i++)
            if (from < to)
                add(f, at++, false);
            else
                take(f, --at);
    } while (cursor != 0);
    for (uint64_t i = 0; i < stay; i++)
        all &= seen[i] == (marked ? i % 3 == 0 : 1);
    CHECK(all);
    CHECK(hashtable_check(&f->table));
    free(seen);
}

static void take_down(Fixture *f, uint64_t stay, uint64_t from) {
    uint8_t *seen = calloc(from + 1, 1);
    Seen s = {seen, 0};
    uint64_t cursor = 0, at = from;
    bool all = true;
    do {
        cursor = hashtable_scan(&f->table, cursor, note, &s);
        for (int i = 0; i < 40 && at > stay; i++)
            take(f, --at);
    } while (cursor != 0);
    for (uint64_t i = 0; i < stay; i++)
        all &= seen[i];
    CHECK(all);
    while (at > stay)
        take(f, --at);
    CHECK(hashtable_check(&f->table));
    free(seen);
}

static void test_scan(void) {
    for (uint64_t stay = 1; stay <= 3000; stay = stay * 3 + 1) {
        Fixture f;
        open_table(&f);
        for (uint64_t i = 0; i < stay; i++)
            add(&f, i, i % 3 == 0);
        scan_while(&f, stay, stay, stay, 0, false);
        scan_while(&f, stay, stay, stay, 0, true);
        scan_while(&f, stay, stay, stay * 40, 20, false);
        take_down(&f, stay, stay * 40);
        scan_while(&f, stay, stay, stay * 40, 20, true);
        take_down(&f, stay, stay * 40);
        CHECK(hashtable_size(&f.table) == stay);
        close_table(&f);
    }
}

static void test_scan_visits_once_at_rest(void) {
    Fixture f;
    open_table(&f);
    static uint8_t seen[1000];
    Seen s = {seen, 0};
    for (uint64_t i = 0; i < 1000; i++)
        add(&f, i, false);
    uint64_t cursor = 0;
    do
        cursor = hashtable_scan(&f.table, cursor, note, &s);
    while (cursor != 0);
    CHECK(s.calls == 1000);
    close_table(&f);
}

static void remove_even(void *ctx, void *entry) {
    Fixture *f = ctx;
    uint64_t number = ((Entry *)entry)->number;
    if (number % 2 == 0)
        take(f, number);
}

static void test_scan_may_remove(void) {
    enum { N = 20000 };
    Fixture f;
    open_table(&f);
    for (uint64_t i = 0; i < N; i++)
        add(&f, i, i % 2 == 0);
    uint64_t cursor = 0;
    do
        cursor = hashtable_scan_marked(&f.table, cursor, remove_even, &f);
    while (cursor != 0);
    CHECK(hashtable_size(&f.table) == N / 2 && hashtable_check(&f.table));
    CHECK(hashtable_memory(&f.table) < N / 2 * 20);
    bool all = true;
    for (uint64_t i = 1; i < N; i += 2)
        all &= find(&f, i, NULL) != NULL;
    CHECK(all);
    for (uint64_t i = 0; i < N; i += 2)
        add(&f, i, false);
    for (uint64_t i = 1; i < N; i += 2)
        take(&f, i);
    do
        cursor = hashtable_scan(&f.table, cursor, remove_even, &f);
    while (cursor != 0);
    CHECK(hashtable_size(&f.table) == 0 && hashtable_check(&f.table));
    close_table(&f);
}

/* Keys of one bucket, as long as there are fewer than 2^10: one long chain beside empty buckets. */
static void test_one_bucket(void) {
    enum { N = 150 };
    static uint64_t numbers[N];
    Fixture f;
    open_table(&f);
    size_t n = 0;
    for (uint64_t i = 0; n < N; i++) {
        uint8_t key[12];
        if ((hash_bytes(SEED, key, make_key(i, key)) & 1023) == 77)
            numbers[n++] = i;
    }
    bool all = true;
    for (size_t i = 0; i < N; i++) {
        all &= add(&f, numbers[i], i % 2);
        if (i % 10 == 0)
            all &= hashtable_check(&f.table);
    }
    HashtableStats stats;
    hashtable_stats(&f.table, &stats);
    CHECK(all && stats.longest == N);
    for (size_t i = 0; i < N; i++)
        all &= find(&f, numbers[i], NULL) != NULL;
    for (uint64_t r = 0; r < 100; r++)
        all &= hashtable_random(&f.table, r) != NULL;
    uint64_t cursor = 0;
    do
        cursor = hashtable_scan(&f.table, cursor, remove_even, &f);
    while (cursor != 0);
    CHECK(all && hashtable_check(&f.table));
    for (size_t i = 0; i < N; i++) {
        CHECK(take(&f, numbers[i]) == (numbers[i] % 2 == 1));
        CHECK(hashtable_check(&f.table));
    }
    close_table(&f);
}

/* Lets the n-th allocation fail and all after it, in a phase that inserts and one that removes. */
static void test_no_memory(void) {
    for (uint64_t n = 1; n < 400; n++) {
        Fixture f;
        open_table(&f);
        for (uint64_t i = 0; i < n % 7 * 40; i++)
            add(&f, i, false);
        size_t before = hashtable_size(&f.table), added = 0;
        heap_fail_at(f.heap, n);
        for (uint64_t i = 0; i < 400; i++)
            added += add(&f, 1000 + i, false);
        bool whole = hashtable_check(&f.table) && hashtable_size(&f.table) == before + added;
        for (uint64_t i = 0; i < 400; i++) {
            bool there = find(&f, 1000 + i, NULL) != NULL;
            if (there && i % 3)
                whole &= take(&f, 1000 + i);
        }
        whole &= hashtable_check(&f.table) && heap_check(f.heap);
        heap_fail_at(f.heap, 0);
        for (uint64_t i = 0; i < 400; i++)
            whole &= find(&f, 1000 + i, NULL) || add(&f, 1000 + i, false);
        whole &= hashtable_check(&f.table) && hashtable_size(&f.table) == before + 400;
        if (!whole)
            fprintf(stderr, "allocation %llu\n", (unsigned long long)n);
        CHECK(whole);
        hashtable_clear(&f.table, drop, f.heap);
        heap_close(f.heap);
    }
}

static void test_random_is_fair(void) {
    enum { N = 100, DRAWS = 200000 };
    static unsigned drawn[N];
    Fixture f;
    open_table(&f);
    for (uint64_t i = 0; i < N; i++)
        add(&f, i, false);
    for (uint64_t i = 0; i < DRAWS; i++)
        drawn[((Entry *)hashtable_random(&f.table, i))->number]++;
    unsigned least = DRAWS, most = 0;
    for (int i = 0; i < N; i++) {
        least = drawn[i] < least ? drawn[i] : least;
        most = drawn[i] > most ? drawn[i] : most;
    }
    CHECK(least > DRAWS / N * 8 / 10 && most < DRAWS / N * 12 / 10);
    close_table(&f);
}

static void test_clear_some(void) {
    Fixture f;
    open_table(&f);
    for (uint64_t i = 0; i < 5000; i++)
        add(&f, i, false);
    int calls = 0;
    for (size_t last = 5000; !hashtable_clear_some(&f.table, 100, drop, f.heap); last = f.table.size, calls++)
        CHECK(last - f.table.size <= 140 && hashtable_check(&f.table));
    CHECK(calls > 30 && hashtable_size(&f.table) == 0);
    for (uint64_t i = 0; i < 3000; i++)
        add(&f, i, false);
    hashtable_clear_some(&f.table, 1000, drop, f.heap);
    for (uint64_t i = 0; i < 3000; i++) /* in use again while half cleared */
        if (find(&f, i, NULL) == NULL)
            add(&f, i, false);
    CHECK(hashtable_size(&f.table) == 3000 && hashtable_check(&f.table));
    close_table(&f);
}

/* A table that knew how many entries come is as large as one that grew with them. */
static void test_expect(void) {
    for (size_t n = 0; n < 60000; n = n * 3 + 1) {
        Fixture grown, f;
        open_table(&grown);
        open_table(&f);
        hashtable_expect(&f.table, n);
        CHECK(hashtable_check(&f.table) && hashtable_size(&f.table) == 0 && find(&f, 1, NULL) == NULL);
        size_t before = f.table.buckets;
        for (uint64_t i = 0; i < n; i++) {
            add(&grown, i, false);
            add(&f, i, false);
        }
        CHECK(hashtable_check(&f.table) && f.table.buckets >= before);
        CHECK(hashtable_memory(&f.table) <= hashtable_memory(&grown.table) * 21 / 20 + 1024);
        hashtable_expect(&f.table, 2 * n); /* too late */
        CHECK(n == 0 || f.table.buckets <= grown.table.buckets + grown.table.buckets / 8 + 1);
        for (uint64_t i = 0; i < n; i++)
            take(&f, i);
        CHECK(hashtable_check(&f.table) && hashtable_size(&f.table) == 0);
        close_table(&f);
        close_table(&grown);
    }
    for (uint64_t n = 1; n < 12; n++) { /* without memory there are fewer buckets */
        Fixture f;
        open_table(&f);
        heap_fail_at(f.heap, n);
        hashtable_expect(&f.table, 20000);
        CHECK(hashtable_check(&f.table));
        heap_fail_at(f.heap, 0);
        for (uint64_t i = 0; i < 20000; i++)
            add(&f, i, false);
        CHECK(hashtable_check(&f.table) && hashtable_size(&f.table) == 20000);
        close_table(&f);
    }
}

static void test_keys_of_all_sizes(void) {
    uint8_t a[64], b[64];
    bool right = true;
    for (size_t size = 0; size < 64; size++)
        for (size_t at = 0; at < size; at++) {
            memset(a, 'x', size);
            memset(b, 'x', size);
            right &= hashtable_same(a, b, size);
            b[at] = 'y';
            right &= !hashtable_same(a, b, size);
        }
    CHECK(right);
}

int main(void) {
    test_hash();
    test_empty();
    test_keys_of_all_sizes();
    test_against_model();
    test_large();
    test_scan();
    test_scan_visits_once_at_rest();
    test_scan_may_remove();
    test_one_bucket();
    test_no_memory();
    test_random_is_fair();
    test_clear_some();
    test_expect();
    printf("test_hashtable: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
