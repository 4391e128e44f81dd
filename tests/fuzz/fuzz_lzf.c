/* lzf: whatever is compressed comes back, and mutated streams neither read nor write outside. */
#include "fuzzing.h"
#include "lzf.h"

enum { MOST = 3000 };

static size_t make_text(uint8_t *text) {
    size_t n = fuzz_below(fuzz_below(4) ? 200 : MOST), period = 1 + fuzz_below(40);
    unsigned letters = 1 + (unsigned)fuzz_below(fuzz_below(2) ? 3 : 256);
    for (size_t i = 0; i < n; i++)
        text[i] = i >= period && fuzz_below(9) ? text[i - period] : (uint8_t)fuzz_below(letters);
    return n;
}

static void try_open(const uint8_t *stream, size_t n, size_t size) {
    size += fuzz_below(3) ? 0 : fuzz_below(600);
    uint8_t *in = fuzz_block(stream, n), *out = malloc(size ? size : 1);
    if (lzf_decompress(in, n, out, size))
        FUZZ_CHECK(size <= n * LZF_MOST);
    free(in);
    free(out);
}

static void one_input(void) {
    static uint8_t text[MOST], stream[2 * MOST], back[MOST];
    size_t n = make_text(text);
    size_t room = fuzz_below(3) ? n + n / 16 + 64 : fuzz_below(n + 1);
    size_t size = lzf_compress(text, n, stream, room);
    FUZZ_CHECK(size <= room);
    if (size) {
        FUZZ_CHECK(lzf_decompress(stream, size, back, n) && memcmp(text, back, n) == 0);
    } else {
        size = n;
        memcpy(stream, text, n);
    }
    for (uint64_t changes = 1 + fuzz_below(4); changes; changes--)
        size = fuzz_damage(stream, size, sizeof stream);
    try_open(stream, size, n);
}

int main(int argc, char **argv) { return fuzz(argc, argv, "fuzz_lzf", one_input); }
