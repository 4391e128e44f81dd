/* quicklist: random changes with chunks of few elements, and of damaged listpacks, agree with an array of texts. */
#include "fuzzing.h"
#include "packed.h"
#include "quicklist.h"

static Heap *heap;

static void agrees(const Quicklist *list, const Model *m) {
    FUZZ_CHECK(quicklist_check(list) && quicklist_count(list) == m->n
               && heap_used(heap) == quicklist_memory(list));
    QuicklistPlace at = quicklist_first(list), back = quicklist_last(list);
    ListpackValue value;
    for (size_t i = 0; i < m->n; i++) {
        FUZZ_CHECK(quicklist_step(list, &at, &value) && shows(&value, m->at[i]));
        FUZZ_CHECK(quicklist_step_back(list, &back, &value) && shows(&value, m->at[m->n - 1 - i]));
    }
    FUZZ_CHECK(!quicklist_step(list, &at, &value) && !quicklist_step_back(list, &back, &value));
}

static void stands_at(const Quicklist *list, const Model *m, QuicklistPlace at, size_t i) {
    if (i >= m->n) {
        FUZZ_CHECK(!at.offset);
        return;
    }
    ListpackValue value = quicklist_get(list, at);
    FUZZ_CHECK(shows(&value, m->at[i]));
}

static void take(Quicklist *list, Model *m) {
    size_t i = fuzz_below(m->n), n = 1;
    bool back = fuzz_one_in(2);
    QuicklistPlace at = quicklist_index(list, fuzz_one_in(2) ? (int64_t)i : (int64_t)i - (int64_t)m->n);
    switch (fuzz_below(5)) {
    case 0:
        FUZZ_CHECK(quicklist_drop_head(heap, list));
        i = 0;
        break;
    case 1:
        FUZZ_CHECK(quicklist_drop_tail(heap, list));
        i = m->n - 1;
        break;
    case 2:
    case 3:
        FUZZ_CHECK(quicklist_delete(heap, list, &at, back));
        model_delete(m, i, 1);
        stands_at(list, m, at, back ? i - 1 : i);
        return;
    default:
        n = fuzz_small(m->n + 3);
        FUZZ_CHECK(quicklist_delete_range(heap, list, i, n));
        n = n < m->n - i ? n : m->n - i;
    }
    model_delete(m, i, n);
}

static void put(Quicklist *list, Model *m, Text t) {
    ListpackValue value = as_value(t);
    size_t i = m->n ? fuzz_below(m->n) : 0;
    QuicklistPlace at = quicklist_index(list, (int64_t)i);
    switch (m->n ? fuzz_below(5) : fuzz_below(2)) {
    case 0:
        FUZZ_CHECK(quicklist_push_head(heap, list, &value));
        at = quicklist_first(list);
        i = 0;
        break;
    case 1:
        FUZZ_CHECK(quicklist_push_tail(heap, list, &value));
        at = quicklist_last(list);
        i = m->n;
        break;
    case 2:
        FUZZ_CHECK(quicklist_insert_before(heap, list, &at, &value));
        break;
    case 3:
        FUZZ_CHECK(quicklist_insert_after(heap, list, &at, &value));
        i++;
        break;
    default:
        FUZZ_CHECK(quicklist_replace(heap, list, &at, &value));
        model_delete(m, i, 1);
    }
    model_insert(m, i, t);
    stands_at(list, m, at, i);
}

/* A chunk of foreign bytes, as a loader has it: damaged, checked, then part of the list. */
static void put_chunk(Quicklist *list, Model *m) {
    uint8_t *lp = listpack_new(heap), bytes[1024];
    for (uint64_t n = 1 + fuzz_below(4); n; n--) {
        Text t = random_text(64);
        ListpackValue value = as_value(t);
        FUZZ_CHECK(listpack_append(heap, &lp, &value));
        free(t.text);
    }
    size_t size = listpack_bytes(lp);
    memcpy(bytes, lp, size);
    listpack_free(heap, lp);
    bytes[LISTPACK_HEADER + fuzz_below(size - LISTPACK_HEADER)] ^= (uint8_t)fuzz_below(8);
    uint8_t *block = fuzz_block(bytes, size);
    if (listpack_validate(block, size, true) && listpack_first(block)) {
        lp = listpack_copy(heap, block);
        for (uint32_t at = listpack_first(lp); at;) {
            ListpackValue value;
            char digits[LISTPACK_INT_DIGITS];
            at = listpack_step(lp, at, &value);
            Text t = value.integer ? make_text(digits, listpack_format(value.number, digits))
                                   : make_text((const char *)value.text, value.size);
            model_insert(m, m->n, t);
        }
        FUZZ_CHECK(quicklist_append_listpack(heap, list, lp));
    }
    free(block);
}

static void one_input(void) {
    static const int fills[] = {-1, 1, 2, 3, 5, 30};
    chance_state = fuzz_next() | 1;
    Model m = {0};
    Quicklist *list = quicklist_new(heap, fills[fuzz_below(6)]);
    uint64_t grows = 2 + fuzz_below(6);
    for (uint64_t n = 1 + fuzz_below(20); n; n--) {
        if (fuzz_one_in(12))
            put_chunk(list, &m);
        else if (m.n == 0 || fuzz_below(8) < grows)
            put(list, &m, random_text(fuzz_one_in(20) ? 20000 : 40));
        else
            take(list, &m);
    }
    agrees(list, &m);
    if (fuzz_one_in(8)) {
        Quicklist *copy = quicklist_copy(heap, list);
        quicklist_free(heap, list);
        agrees(list = copy, &m);
    }
    while (!quicklist_free_some(heap, list, 3))
        ;
    model_close(&m);
    FUZZ_CHECK(heap_used(heap) == 0);
}

int main(int argc, char **argv) {
    heap = heap_open();
    int result = fuzz(argc, argv, "fuzz_quicklist", one_input);
    heap_close(heap);
    return result;
}
