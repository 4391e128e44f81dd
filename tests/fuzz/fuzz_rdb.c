/* rdb: mutated runs of lengths, texts, doubles and frames; every reader at every place, nothing read outside. */
#include "crc.h"
#include "fuzz.h"
#include "rdb.h"

enum { MOST = 2000 };

static Heap *heap;

static void make_values(Fuzz *f, Buffer *out) {
    RdbWriter w = {out, fuzz_below(f, 2)};
    for (uint64_t n = 1 + fuzz_below(f, 5); n; n--) {
        uint8_t text[300];
        size_t size = fuzz_below(f, fuzz_below(f, 3) ? 30 : sizeof text);
        memset(text, 'a', sizeof text);
        for (size_t i = 0; i < size && fuzz_below(f, 12); i++)
            text[i] = (uint8_t)('0' + fuzz_below(f, 10));
        switch (fuzz_below(f, 4)) {
        case 0:
            rdb_write_length(&w, fuzz_chance(f) >> fuzz_below(f, 64));
            break;
        case 1:
            rdb_write_integer(&w, (int64_t)(fuzz_chance(f) >> fuzz_below(f, 64)));
            break;
        case 2:
            rdb_write_double(&w, (double)fuzz_below(f, 1000) / 8);
            break;
        default:
            rdb_write_text(&w, text, size);
        }
    }
}

static void use_text(const RdbText *text) {
    Buffer scratch;
    const uint8_t *bytes;
    uint8_t *block = NULL;
    buffer_init(&scratch, NULL, 0);
    int borrowed = rdb_text_bytes(text, &scratch, &bytes);
    CHECK(borrowed >= 0);
    if (text->size) {
        CHECK(rdb_text_block(heap, text, &block) == borrowed);
        if (borrowed) {
            CHECK(memcmp(block, bytes, text->size) == 0);
            heap_free(heap, block, text->size);
        }
    }
    buffer_close(&scratch);
}

static void read_all(Fuzz *f, const uint8_t *bytes, size_t n) {
    uint8_t *block = fuzz_exactly(bytes, n);
    RdbReader r = {block, block + n};
    bool good = true;
    while (good) {
        uint64_t length;
        double number;
        RdbText text;
        switch (fuzz_below(f, 6)) {
        case 0:
            good = rdb_read_length(&r, &length);
            break;
        case 1:
            good = rdb_read_count(&r, 1 + fuzz_below(f, 9), &length);
            CHECK(!good || length <= rdb_left(&r));
            break;
        case 2:
            good = rdb_read_double(&r, &number);
            break;
        case 3:
            good = rdb_read_digits(&r, &number);
            CHECK(!good || number == number);
            break;
        default:
            good = rdb_read_text(&r, &text);
            if (good)
                use_text(&text);
        }
        CHECK(r.at >= block && r.at <= r.end);
    }
    free(block);
}

static void try_frame(Fuzz *f, const uint8_t *bytes, size_t n) {
    unsigned version;
    RdbReader r;
    uint8_t *block = fuzz_exactly(bytes, n);
    if (n >= RDB_FOOTER && fuzz_below(f, 2))
        little_store64(block + n - 8, crc64(0, block, n - 8));
    if (rdb_open_frame(block, n, &r, &version))
        CHECK(r.at == block && r.end == block + n - RDB_FOOTER && version > 0);
    free(block);
}

int main(int argc, char **argv) {
    Fuzz f = fuzz_begin("fuzz_rdb", argc, argv);
    static uint8_t bytes[MOST];
    heap = heap_open();
    while (fuzz_more(&f)) {
        Buffer out;
        buffer_init(&out, NULL, 0);
        make_values(&f, &out);
        RdbWriter w = {&out, true};
        rdb_close_frame(&w, 0, RDB_VERSION);
        size_t n = out.used < MOST ? out.used : MOST;
        memcpy(bytes, out.data, n);
        buffer_close(&out);
        read_all(&f, bytes, n);
        for (uint64_t changes = 1 + fuzz_below(&f, 4); changes; changes--)
            n = fuzz_mutate(&f, bytes, n, MOST);
        read_all(&f, bytes, n);
        try_frame(&f, bytes, n);
    }
    CHECK(heap_used(heap) == 0);
    heap_close(heap);
    return fuzz_end(&f);
}
