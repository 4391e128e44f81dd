/* listpack: damaged bytes that pass the deep check are safe to use; random changes agree with an array of texts. */
#include "fuzzing.h"
#include "packed.h"

static Heap *heap;

static void append(uint8_t **lp, Text t) {
    ListpackValue value = as_value(t);
    FUZZ_CHECK(listpack_append(heap, lp, &value));
}

/* All entries, there and back: as many as the count says, each found again, none outside. */
static void walk(const uint8_t *lp) {
    uint32_t n = 0, count = listpack_count(lp), last = LISTPACK_NONE;
    for (uint32_t at = listpack_first(lp); at; n++) {
        ListpackValue value = listpack_get(lp, at), stepped;
        uint32_t next = listpack_step(lp, at, &stepped);
        FUZZ_CHECK(next == listpack_next(lp, at) && listpack_equal(&value, &stepped));
        FUZZ_CHECK(value.integer || (value.text >= lp && value.text + value.size < lp + listpack_bytes(lp)));
        FUZZ_CHECK(listpack_prev(lp, at) == last && listpack_find(lp, at, &value, 1) == at);
        last = at;
        at = next;
    }
    FUZZ_CHECK(n == count && listpack_last(lp) == last && !listpack_seek(lp, count));
    for (uint32_t at = last; at; n--)
        at = listpack_prev(lp, at);
    FUZZ_CHECK(n == 0);
}

static void damaged(void) {
    uint8_t *lp = listpack_new(heap), bytes[2048];
    for (uint64_t n = fuzz_small(12); n; n--) {
        Text t = random_text(140);
        append(&lp, t);
        free(t.text);
    }
    size_t size = listpack_bytes(lp);
    memcpy(bytes, lp, size);
    listpack_free(heap, lp);
    size = fuzz_mutate(bytes, size, sizeof bytes, 1);
    if (size >= LISTPACK_HEADER && fuzz_below(4)) { /* else few inputs come past the first comparison */
        little_store32(bytes, (uint32_t)size);
        if (fuzz_one_in(2))
            little_store16(bytes + 4, LISTPACK_COUNT_UNKNOWN);
        if (size > LISTPACK_HEADER)
            bytes[size - 1] = LISTPACK_END;
    }
    uint8_t *block = fuzz_block(bytes, size);
    listpack_validate(block, size, false);
    ListpackState state = listpack_state(block, size);
    FUZZ_CHECK((state != LISTPACK_BROKEN) == listpack_validate(block, size, true));
    FUZZ_CHECK(state != LISTPACK_PLAIN || listpack_canonical(block));
    if (listpack_validate(block, size, true)) {
        walk(block);
        lp = listpack_copy(heap, block);
        walk(lp);
        uint32_t at = listpack_seek(lp, (int64_t)fuzz_below(4));
        if (at && fuzz_one_in(2))
            FUZZ_CHECK(listpack_delete_range(heap, &lp, &at, (uint32_t)fuzz_below(3)));
        else
            append(&lp, (Text){"text", 4});
        FUZZ_CHECK(listpack_validate(lp, listpack_bytes(lp), true));
        walk(lp);
        listpack_free(heap, lp);
    }
    free(block);
}

static void change(uint8_t **lp, Model *m) {
    size_t i = m->n ? fuzz_below(m->n) : 0;
    uint32_t at = listpack_seek(*lp, (int64_t)i);
    if (m->n && fuzz_one_in(3)) {
        uint32_t n = fuzz_below(3) ? 1 : (uint32_t)fuzz_below(5);
        FUZZ_CHECK(n == 1 ? listpack_delete(heap, lp, &at) : listpack_delete_range(heap, lp, &at, n));
        n = n < m->n - i ? n : (uint32_t)(m->n - i);
        model_delete(m, i, n);
        FUZZ_CHECK(at == (i < m->n ? listpack_seek(*lp, (int64_t)i) : LISTPACK_NONE));
        return;
    }
    if (m->n > 1 && fuzz_one_in(8)) { /* in two and together again */
        uint8_t *tail;
        FUZZ_CHECK(listpack_split(heap, lp, at, &tail));
        FUZZ_CHECK(listpack_count(*lp) == i && listpack_count(tail) == m->n - i);
        FUZZ_CHECK(listpack_merge(heap, lp, tail));
        return;
    }
    if (m->n > 1 && fuzz_one_in(8)) { /* the first i entries go behind the others */
        if (i) {
            listpack_rotate(*lp, listpack_first(*lp), at, LISTPACK_NONE);
            for (size_t k = 0; k < i; k++) {
                Text first = m->at[0];
                memmove(m->at, m->at + 1, (m->n - 1) * sizeof *m->at);
                m->at[m->n - 1] = first;
            }
        }
        return;
    }
    Text t = random_text(300);
    ListpackValue value = as_value(t);
    switch (m->n ? fuzz_below(5) : fuzz_below(2)) {
    case 0:
        FUZZ_CHECK(listpack_prepend(heap, lp, &value));
        i = 0;
        break;
    case 1:
        FUZZ_CHECK(listpack_append(heap, lp, &value));
        i = m->n;
        break;
    case 2:
        FUZZ_CHECK(listpack_insert_before(heap, lp, &at, &value));
        break;
    case 3:
        FUZZ_CHECK(listpack_insert_after(heap, lp, &at, &value));
        i++;
        break;
    default:
        FUZZ_CHECK(listpack_replace(heap, lp, at, &value));
        model_delete(m, i, 1);
    }
    model_insert(m, i, t);
}

static void changed(void) {
    Model m = {0};
    bool one_way = fuzz_one_in(2); /* never foreign bytes: the check refuses those */
    uint8_t *lp = one_way ? listpack_new_one_way(heap) : listpack_new(heap);
    for (uint64_t n = 1 + fuzz_below(24); n; n--)
        change(&lp, &m);
    FUZZ_CHECK(listpack_validate(lp, listpack_bytes(lp), true) != one_way && listpack_count(lp) == m.n);
    FUZZ_CHECK(heap_used(heap) == listpack_memory(lp));
    uint32_t at = listpack_first(lp);
    for (size_t i = 0; i < m.n; i++) {
        ListpackValue value;
        at = listpack_step(lp, at, &value);
        FUZZ_CHECK(shows(&value, m.at[i]));
    }
    FUZZ_CHECK(at == LISTPACK_NONE);
    listpack_free(heap, lp);
    model_close(&m);
}

static void one_input(void) {
    chance_state = fuzz_next() | 1;
    if (fuzz_one_in(4))
        changed();
    else
        damaged();
    FUZZ_CHECK(heap_used(heap) == 0);
}

int main(int argc, char **argv) {
    heap = heap_open();
    int result = fuzz(argc, argv, "fuzz_listpack", one_input);
    heap_close(heap);
    return result;
}
