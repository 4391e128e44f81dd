/* lzf: whatever is compressed comes back, and mutated streams neither read nor write outside. */
#include "fuzz.h"
#include "lzf.h"

enum { MOST = 3000 };

static size_t make_text(Fuzz *f, uint8_t *text) {
    size_t n = fuzz_below(f, fuzz_below(f, 4) ? 200 : MOST), period = 1 + fuzz_below(f, 40);
    unsigned letters = 1 + (unsigned)fuzz_below(f, fuzz_below(f, 2) ? 3 : 256);
    for (size_t i = 0; i < n; i++)
        text[i] = i >= period && fuzz_below(f, 9) ? text[i - period] : (uint8_t)fuzz_below(f, letters);
    return n;
}

static void try_open(Fuzz *f, const uint8_t *stream, size_t n, size_t size) {
    size += fuzz_below(f, 3) ? 0 : fuzz_below(f, 600);
    uint8_t *in = fuzz_exactly(stream, n), *out = malloc(size ? size : 1);
    if (lzf_decompress(in, n, out, size))
        CHECK(size <= n * LZF_MOST);
    free(in);
    free(out);
}

int main(int argc, char **argv) {
    Fuzz f = fuzz_begin("fuzz_lzf", argc, argv);
    static uint8_t text[MOST], stream[2 * MOST], back[MOST];
    while (fuzz_more(&f)) {
        size_t n = make_text(&f, text);
        size_t room = fuzz_below(&f, 3) ? n + n / 16 + 64 : fuzz_below(&f, n + 1);
        size_t size = lzf_compress(text, n, stream, room);
        CHECK(size <= room);
        if (size) {
            CHECK(lzf_decompress(stream, size, back, n) && memcmp(text, back, n) == 0);
        } else {
            size = n;
            memcpy(stream, text, n);
        }
        for (uint64_t changes = 1 + fuzz_below(&f, 4); changes; changes--)
            size = fuzz_mutate(&f, stream, size, sizeof stream);
        try_open(&f, stream, size, n);
    }
    return fuzz_end(&f);
}
