/* sha1: the digest of 20 bytes of FIPS 180-4, for names of contents (DEBUG DIGEST, scripts); not for secrets.
 *
 * Text goes in in pieces of any size; blocks of 64 bytes are mixed as they are full. O(bytes), no allocation.
 */
#ifndef CYDIS_SHA1_H
#define CYDIS_SHA1_H

#include <stddef.h>
#include <stdint.h>

enum { SHA1_BYTES = 20, SHA1_BLOCK = 64 };

typedef struct {
    uint32_t state[5];
    uint64_t size; /* bytes that have gone in */
    uint8_t block[SHA1_BLOCK];
} Sha1;

void sha1_begin(Sha1 *sha);
void sha1_add(Sha1 *sha, const void *data, size_t size);
/* The digest of all that went in; the Sha1 is used up. */
void sha1_end(Sha1 *sha, uint8_t digest[SHA1_BYTES]);

/* The digest of one text. */
void sha1_of(const void *data, size_t size, uint8_t digest[SHA1_BYTES]);

#endif
