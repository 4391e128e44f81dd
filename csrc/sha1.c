/* sha1: see sha1.h. The rounds are written down as the standard has them. */
#include "sha1.h"

#include <string.h>

static inline uint32_t rotate(uint32_t word, int by) { return word << by | word >> (32 - by); }

static inline uint32_t load_big(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void store_big(uint8_t *p, uint32_t word) {
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void mix(uint32_t state[5], const uint8_t *block) {
    uint32_t w[80];
    for (int t = 0; t < 16; t++)
        w[t] = load_big(block + 4 * t);
    for (int t = 16; t < 80; t++)
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int t = 0; t < 80; t++) {
        uint32_t f, k;
        if (t < 20)
            f = (b & c) | (~b & d), k = 0x5A827999;
        else if (t < 40)
            f = b ^ c ^ d, k = 0x6ED9EBA1;
        else if (t < 60)
            f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
        else
            f = b ^ c ^ d, k = 0xCA62C1D6;
        uint32_t next = rotate(a, 5) + f + e + k + w[t];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void sha1_begin(Sha1 *sha) {
    static const uint32_t start[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    memcpy(sha->state, start, sizeof start);
    sha->size = 0;
}

void sha1_add(Sha1 *sha, const void *data, size_t size) {
    const uint8_t *p = data;
    size_t held = sha->size % SHA1_BLOCK;
    sha->size += size;
    if (held) {
        size_t some = SHA1_BLOCK - held < size ? SHA1_BLOCK - held : size;
        memcpy(sha->block + held, p, some);
        p += some;
        size -= some;
        if (held + some < SHA1_BLOCK)
            return;
        mix(sha->state, sha->block);
    }
    for (; size >= SHA1_BLOCK; p += SHA1_BLOCK, size -= SHA1_BLOCK)
        mix(sha->state, p);
    if (size)
        memcpy(sha->block, p, size);
}

void sha1_end(Sha1 *sha, uint8_t digest[SHA1_BYTES]) {
    static const uint8_t padding[SHA1_BLOCK] = {0x80};
    uint8_t bits[8];
    uint64_t size = sha->size * 8;
    store_big(bits, (uint32_t)(size >> 32));
    store_big(bits + 4, (uint32_t)size);
    sha1_add(sha, padding, 1 + (SHA1_BLOCK + 55 - sha->size % SHA1_BLOCK) % SHA1_BLOCK);
    sha1_add(sha, bits, sizeof bits);
    for (int i = 0; i < 5; i++)
        store_big(digest + 4 * i, sha->state[i]);
}

void sha1_of(const void *data, size_t size, uint8_t digest[SHA1_BYTES]) {
    Sha1 sha;
    sha1_begin(&sha);
    sha1_add(&sha, data, size);
    sha1_end(&sha, digest);
}
