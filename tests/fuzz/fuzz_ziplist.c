/* ziplists, zipmaps and listpacks from outside: mutated ones are refused, or can be walked to their end. */
#include "fuzz.h"
#include "listpack.h"
#include "ziplist.h"

enum { MOST = 4096 };

static Heap *heap;

static size_t add_ziplist_entry(Fuzz *f, uint8_t *p, size_t before) {
    static const uint8_t forms[] = {0xC0, 0xD0, 0xE0, 0xF0, 0xFE, 0xF1, 0xFD};
    static const uint8_t sizes[] = {2, 4, 8, 3, 1, 0, 0};
    uint8_t *start = p;
    if (before < 254) {
        *p++ = (uint8_t)before;
    } else {
        *p++ = 254;
        little_store32(p, (uint32_t)before);
        p += 4;
    }
    size_t n, kind = fuzz_below(f, 10);
    if (kind < 7) {
        *p++ = forms[kind];
        n = sizes[kind];
    } else if (kind < 9) {
        n = fuzz_below(f, 20);
        *p++ = (uint8_t)n;
    } else {
        n = 64 + fuzz_below(f, 250);
        *p++ = (uint8_t)(0x40 | n >> 8);
        *p++ = (uint8_t)n;
    }
    for (size_t i = 0; i < n; i++)
        *p++ = (uint8_t)('0' + fuzz_below(f, 10));
    return (size_t)(p - start);
}

static size_t make_ziplist(Fuzz *f, uint8_t *bytes) {
    size_t n = 10, before = 0, last = 10, count = fuzz_below(f, 8);
    for (size_t i = 0; i < count; i++) {
        last = n;
        before = add_ziplist_entry(f, bytes + n, before);
        n += before;
    }
    bytes[n++] = 255;
    little_store32(bytes, (uint32_t)n);
    little_store32(bytes + 4, (uint32_t)last);
    little_store16(bytes + 8, (uint16_t)count);
    return n;
}

static size_t make_zipmap(Fuzz *f, uint8_t *bytes) {
    size_t n = 1, pairs = fuzz_below(f, 6);
    bytes[0] = (uint8_t)pairs;
    for (size_t i = 0; i < 2 * pairs; i++) {
        size_t size = fuzz_below(f, fuzz_below(f, 8) ? 12 : 300), unused = i % 2 ? fuzz_below(f, 4) : 0;
        if (size < 254) {
            bytes[n++] = (uint8_t)size;
        } else {
            bytes[n++] = 254;
            little_store32(bytes + n, (uint32_t)size);
            n += 4;
        }
        if (i % 2)
            bytes[n++] = (uint8_t)unused;
        memset(bytes + n, '0' + (int)fuzz_below(f, 10), size + unused);
        n += size + unused;
    }
    bytes[n++] = 255;
    return n;
}

static size_t make_listpack(Fuzz *f, uint8_t *bytes) {
    uint8_t *lp = listpack_new(heap);
    for (uint64_t count = fuzz_below(f, 45); count; count--) {
        uint8_t text[90];
        size_t n = fuzz_below(f, 80);
        memset(text, 'a' + (int)fuzz_below(f, 26), sizeof text);
        ListpackValue value = fuzz_below(f, 2)
                                  ? listpack_text(text, n)
                                  : listpack_number((int64_t)(fuzz_chance(f) >> fuzz_below(f, 64)));
        CHECK(listpack_append(heap, &lp, &value));
    }
    size_t n = listpack_bytes(lp);
    memcpy(bytes, lp, n);
    listpack_free(heap, lp);
    return n;
}

/* Everything that is done with what the check has accepted. */
static void use(const uint8_t *lp) {
    static const uint64_t seed[2] = {3, 4};
    uint32_t count = 0, back = 0;
    for (uint32_t at = listpack_first(lp); at != LISTPACK_NONE; count++) {
        ListpackValue value;
        at = listpack_step(lp, at, &value);
        CHECK(value.size == 0 || value.text[value.size - 1] + 1);
    }
    for (uint32_t at = listpack_last(lp); at != LISTPACK_NONE; at = listpack_prev(lp, at))
        back++;
    CHECK(count == listpack_count(lp) && back == count);
    uint8_t *canonical = listpack_rewrite(heap, lp, false), *one_way = listpack_rewrite(heap, lp, true);
    CHECK(listpack_canonical(canonical) && listpack_validate(canonical, listpack_bytes(canonical), true));
    CHECK(!listpack_canonical(lp) || listpack_bytes(lp) == listpack_bytes(canonical));
    for (uint32_t skip = 0; skip < 2; skip++)
        CHECK(listpack_distinct(heap, seed, canonical, skip) == listpack_distinct(heap, seed, one_way, skip));
    size_t size = listpack_published_bytes(one_way);
    uint8_t *published = malloc(size);
    listpack_publish(one_way, published);
    CHECK(size == listpack_bytes(canonical) && memcmp(published + 6, canonical + 6, size - 6) == 0);
    free(published);
    listpack_free(heap, one_way);
    listpack_free(heap, canonical);
}

static void try_bytes(const uint8_t *bytes, size_t n, uint64_t kind) {
    uint8_t *block = fuzz_exactly(bytes, n), *lp = NULL;
    if (kind == 0 && ziplist_validate(block, n))
        lp = ziplist_to_listpack(heap, block);
    else if (kind == 1 && zipmap_validate(block, n))
        lp = zipmap_to_listpack(heap, block);
    else if (kind == 2 && listpack_validate(block, n, true))
        use(block);
    if (lp) {
        use(lp);
        listpack_free(heap, lp);
    }
    free(block);
}

int main(int argc, char **argv) {
    Fuzz f = fuzz_begin("fuzz_ziplist", argc, argv);
    static uint8_t bytes[MOST];
    heap = heap_open();
    while (fuzz_more(&f)) {
        uint64_t kind = fuzz_below(&f, 3);
        size_t n = kind == 0   ? make_ziplist(&f, bytes)
                   : kind == 1 ? make_zipmap(&f, bytes)
                               : make_listpack(&f, bytes);
        try_bytes(bytes, n, kind);
        for (uint64_t changes = 1 + fuzz_below(&f, 3); changes; changes--) {
            n = fuzz_mutate(&f, bytes, n, MOST);
            if (n > 4 && kind != 1 && fuzz_below(&f, 2))
                little_store32(bytes, (uint32_t)n);
            try_bytes(bytes, n, kind);
        }
    }
    CHECK(heap_used(heap) == 0);
    heap_close(heap);
    return fuzz_end(&f);
}
