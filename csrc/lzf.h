/* lzf: Marc Lehmann's format of compressed bytes, as serialised strings carry it.
 *
 * A run of tokens, each of one to three bytes and, for literals, what they announce:
 *
 *   FIRST BYTE   MORE             MEANING
 *   000nnnnn     n + 1 bytes      these bytes
 *   lllooooo     1 byte o         l + 2 bytes (l is 1..6) from `distance` bytes back
 *   111ooooo     1 byte l, then o the same for l + 9 bytes
 *
 * The distance is 1 + (ooooo << 8 | o): at most 8 KiB. What is copied may overlap what it makes, so a distance of
 * 1 repeats a byte. The size of the original stands outside.
 *
 * Both directions are bounded by what the caller has said: no byte is read or written elsewhere, whatever the input
 * says. At most 264 bytes come out of 3.
 */
#ifndef CYDIS_LZF_H
#define CYDIS_LZF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LZF_MOST = 88 }; /* times that bytes can grow when they are decompressed */

/* Compresses n bytes into out[room]; the size, or 0 where it does not fit. O(n), with up to 32 KiB of stack. */
size_t lzf_compress(const void *in, size_t n, void *out, size_t room);

/* Decompresses n bytes into exactly `size`; false: they are not that. O(n + size). */
bool lzf_decompress(const void *in, size_t n, void *out, size_t size);

#endif
