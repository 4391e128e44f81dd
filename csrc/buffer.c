/* buffer: the slow half, see buffer.h. */
#include "buffer.h"

#include <stdlib.h>

enum { FIRST_BLOCK = 512, DOUBLING_ENDS = 1 << 20 };

void buffer_init(Buffer *b, void *home, size_t home_size) {
    b->home = home;
    b->home_size = home ? home_size : 0;
    b->data = home;
    b->size = b->home_size;
    b->used = 0;
    b->failed = false;
}

void buffer_close(Buffer *b) {
    if (b->data != b->home)
        free(b->data);
    buffer_init(b, b->home, b->home_size);
}

void buffer_reset(Buffer *b, size_t keep) {
    if (b->data != b->home && b->size > keep)
        buffer_close(b);
    b->used = 0;
    b->failed = false;
}

/* Moves the content to a block of n >= used bytes. */
static bool move_to(Buffer *b, size_t n) {
    uint8_t *block = realloc(b->data == b->home ? NULL : b->data, n);
    if (!block)
        return false;
    if (b->data == b->home && b->used)
        memcpy(block, b->data, b->used);
    b->data = block;
    b->size = n;
    return true;
}

bool buffer_grow(Buffer *b, size_t extra) {
    if (b->failed)
        return false;
    if (extra > (size_t)PTRDIFF_MAX - b->used) {
        b->failed = true;
        return false;
    }
    size_t need = b->used + extra;
    if (need <= b->size)
        return true;
    size_t next = b->size < DOUBLING_ENDS ? b->size * 2 : b->size + b->size / 4;
    if (next < FIRST_BLOCK)
        next = FIRST_BLOCK;
    if (next < need)
        next = need;
    /* the generous size may be refused where the exact one is not */
    if (!move_to(b, next) && !(next > need && move_to(b, need)))
        b->failed = true;
    return !b->failed;
}

void buffer_shrink(Buffer *b) {
    if (b->data == b->home || b->used == b->size)
        return;
    if (b->used <= b->home_size) {
        uint8_t *block = b->data;
        if (b->used)
            memcpy(b->home, block, b->used);
        free(block);
        b->data = b->home;
        b->size = b->home_size;
        return;
    }
    uint8_t *smaller = realloc(b->data, b->used);
    if (!smaller)
        return;
    b->data = smaller;
    b->size = b->used;
}
