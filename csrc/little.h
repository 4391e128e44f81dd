/* little: numbers in little-endian order at any address, as the stored formats hold them.
 *
 * memcpy of a constant size compiles to one plain load or store; on a big-endian machine
 * a byte swap joins it.
 */
#ifndef CYDIS_LITTLE_H
#define CYDIS_LITTLE_H

#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LITTLE_16(v) __builtin_bswap16(v)
#define LITTLE_32(v) __builtin_bswap32(v)
#define LITTLE_64(v) __builtin_bswap64(v)
#else
#define LITTLE_16(v) (v)
#define LITTLE_32(v) (v)
#define LITTLE_64(v) (v)
#endif

static inline uint16_t little_load16(const void *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return LITTLE_16(v);
}

static inline uint32_t little_load32(const void *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return LITTLE_32(v);
}

static inline uint64_t little_load64(const void *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return LITTLE_64(v);
}

static inline void little_store16(void *p, uint16_t v) {
    v = LITTLE_16(v);
    memcpy(p, &v, sizeof v);
}

static inline void little_store32(void *p, uint32_t v) {
    v = LITTLE_32(v);
    memcpy(p, &v, sizeof v);
}

static inline void little_store64(void *p, uint64_t v) {
    v = LITTLE_64(v);
    memcpy(p, &v, sizeof v);
}

#endif
