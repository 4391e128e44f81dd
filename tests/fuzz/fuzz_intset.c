/* intset: damaged bytes that pass the deep check are safe to use; random changes agree with a sorted array. */
#include "fuzzing.h"
#include "intset.h"

enum { MOST = 64 };

static Heap *heap;

typedef struct {
    int64_t at[MOST];
    uint32_t n;
} Sorted;

static uint32_t rank_in(const Sorted *m, int64_t number) {
    uint32_t i = 0;
    while (i < m->n && m->at[i] < number)
        i++;
    return i;
}

static bool holds(const Sorted *m, int64_t number) {
    uint32_t i = rank_in(m, number);
    return i < m->n && m->at[i] == number;
}

static int64_t number_for(const Sorted *m) {
    if (m->n && fuzz_one_in(3))
        return m->at[fuzz_below(m->n)];
    return fuzz_one_in(2) ? (int64_t)fuzz_border() : (int64_t)fuzz_below(20) - 10;
}

static void change(uint8_t **set, Sorted *m) {
    int64_t number = number_for(m);
    uint32_t i = rank_in(m, number);
    bool there = holds(m, number);
    FUZZ_CHECK(intset_find(*set, number) == (there ? (int64_t)i : -1));
    if (fuzz_below(3) && m->n < MOST) {
        FUZZ_CHECK(intset_add(heap, set, number) == (there ? INTSET_SAME : INTSET_CHANGED));
        if (!there) {
            memmove(m->at + i + 1, m->at + i, (m->n++ - i) * sizeof *m->at);
            m->at[i] = number;
        }
        return;
    }
    FUZZ_CHECK(intset_remove(heap, set, number) == (there ? INTSET_CHANGED : INTSET_SAME));
    if (there) {
        m->n--;
        memmove(m->at + i, m->at + i + 1, (m->n - i) * sizeof *m->at);
    }
}

static void agrees(const uint8_t *set, const Sorted *m) {
    FUZZ_CHECK(intset_validate(set, intset_bytes(set), true) && intset_count(set) == m->n);
    for (uint32_t i = 0; i < m->n; i++)
        FUZZ_CHECK(intset_get(set, i) == m->at[i] && intset_find(set, m->at[i]) == i);
    if (m->n) {
        FUZZ_CHECK(intset_min(set) == m->at[0] && intset_max(set) == m->at[m->n - 1]);
        FUZZ_CHECK(holds(m, intset_random(set, fuzz_next())));
    }
}

static uint8_t *random_set(Sorted *m) {
    uint8_t *set = intset_new(heap);
    for (uint64_t n = fuzz_small(MOST); n; n--)
        change(&set, m);
    return set;
}

static void damaged(void) {
    Sorted m = {.n = 0};
    uint8_t *set = random_set(&m), bytes[1024];
    size_t size = intset_bytes(set);
    memcpy(bytes, set, size);
    intset_free(heap, set);
    size = fuzz_mutate(bytes, size, sizeof bytes, 1);
    if (size >= INTSET_HEADER && fuzz_one_in(2)) {
        uint32_t width = 2u << fuzz_below(3);
        size -= (size - INTSET_HEADER) % width;
        little_store32(bytes, width);
        little_store32(bytes + 4, (uint32_t)((size - INTSET_HEADER) / width));
    }
    uint8_t *block = fuzz_block(bytes, size);
    if (intset_validate(block, size, false)) { /* out of order, perhaps, but nothing outside is read */
        for (uint32_t i = 0; i < intset_count(block); i++)
            intset_find(block, intset_get(block, i));
        intset_find(block, (int64_t)fuzz_border());
    }
    if (intset_validate(block, size, true)) {
        m.n = 0;
        set = intset_copy(heap, block);
        for (uint32_t i = 0; i < intset_count(set) && m.n < MOST; i++)
            m.at[m.n++] = intset_get(set, i);
        if (m.n == intset_count(set)) {
            agrees(set, &m);
            change(&set, &m);
            agrees(set, &m);
        }
        intset_free(heap, set);
    }
    free(block);
}

static void one_input(void) {
    if (fuzz_one_in(2)) {
        damaged();
    } else {
        Sorted m = {.n = 0};
        uint8_t *set = random_set(&m);
        agrees(set, &m);
        FUZZ_CHECK(heap_used(heap) == intset_memory(set));
        intset_free(heap, set);
    }
    FUZZ_CHECK(heap_used(heap) == 0);
}

int main(int argc, char **argv) {
    heap = heap_open();
    int result = fuzz(argc, argv, "fuzz_intset", one_input);
    heap_close(heap);
    return result;
}
