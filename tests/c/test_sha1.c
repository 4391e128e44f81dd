/* sha1 against the examples of the standard, and against itself fed in pieces of every size. */
#include "sha1.h"
#include "packed.h"

static void expect(const void *data, size_t size, const char *wanted) {
    uint8_t digest[SHA1_BYTES];
    char text[2 * SHA1_BYTES + 1];
    sha1_of(data, size, digest);
    for (int i = 0; i < SHA1_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    CHECK(strcmp(text, wanted) == 0);
}

static void test_examples(void) {
    static char million[1000000];
    expect("", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    expect("abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d");
    expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
           "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    memset(million, 'a', sizeof million);
    expect(million, sizeof million, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

/* Every size around the borders of a block, whole and cut anywhere. */
static void test_pieces(void) {
    uint8_t text[200], whole[SHA1_BYTES], pieces[SHA1_BYTES];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)chance();
    for (size_t size = 0; size <= sizeof text; size++) {
        sha1_of(text, size, whole);
        for (size_t cut = 0; cut <= size; cut += 1 + below(7)) {
            Sha1 sha;
            sha1_begin(&sha);
            sha1_add(&sha, text, cut);
            sha1_add(&sha, text + cut, (size - cut) / 2);
            sha1_add(&sha, text + cut + (size - cut) / 2, size - cut - (size - cut) / 2);
            sha1_end(&sha, pieces);
            CHECK(memcmp(whole, pieces, SHA1_BYTES) == 0);
        }
    }
}

int main(void) {
    RUN(test_examples);
    RUN(test_pieces);
    return finish("sha1");
}
