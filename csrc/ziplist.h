/* ziplist and zipmap: the packed sequences of older data files, read only.
 *
 *   ZIPLIST  OFFSET  SIZE  MEANING, little-endian
 *            0       4     bytes in all
 *            4       4     offset of the last entry
 *            8       2     entries; 65535: count them
 *            10      ...   entries, each: size of the one before | form | what the form announces
 *            -1      1     255
 *
 *   size of the one before: 1 byte up to 253, else 254 and 4 bytes
 *
 *   FORM      MORE             MEANING
 *   00nnnnnn  n bytes          a text
 *   01nnnnnn  1 byte, n bytes  a text of a 14-bit size, the high bits first
 *   10000000  4 bytes, n bytes a text of a 32-bit size, big-endian
 *   11000000  2 bytes          an integer, as are the following
 *   11010000  4 bytes
 *   11100000  8 bytes
 *   11110000  3 bytes
 *   11111110  1 byte
 *   1111nnnn  -                n - 1, for n from 1 to 13
 *
 *   ZIPMAP   1 byte: pairs, 254 and more: count them; then pairs, each
 *            size | the key | size | unused bytes, 1 byte | the value | the unused bytes; at the end 255
 *            size: 1 byte up to 253, else 254 and 4 bytes, little-endian
 *
 * The checks are deep: what they have accepted can be walked without a further look at the borders. They read nothing
 * outside. O(bytes).
 */
#ifndef CYDIS_ZIPLIST_H
#define CYDIS_ZIPLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "listpack.h"

/* Whether size bytes are a ziplist: sizes, back sizes, the count and the offset of the last entry agree. */
bool ziplist_validate(const uint8_t *bytes, size_t size);

/* The entries of an accepted one as a listpack; NULL: no memory, or more than a listpack may hold. O(bytes). */
uint8_t *ziplist_to_listpack(Heap *heap, const uint8_t *bytes);

/* Whether size bytes are a zipmap; its keys and values in turn. */
bool zipmap_validate(const uint8_t *bytes, size_t size);
uint8_t *zipmap_to_listpack(Heap *heap, const uint8_t *bytes);

#endif
