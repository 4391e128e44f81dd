/* buffer: a growable run of bytes, for what comes from a socket and what goes to one.
 *
 *      data                    used            size
 *       v                       v               v
 *       +-----------------------+---------------+
 *       | bytes                 | room          |      data == home, or a block of malloc
 *       +-----------------------+---------------+
 *
 * A buffer may start on memory of its owner (`home`: an array on the stack or inside a
 * connection) and moves to the process's allocator when it outgrows it: a short reply
 * costs no allocation. Network memory is not the data set's memory and is accounted
 * apart from it, so this is malloc and not a Heap.
 *
 * Invariants: used <= size; data == NULL only while size == 0; home_size > 0 implies home.
 * A refused allocation sets `failed` and leaves the bytes as they were; from then on
 * appends do nothing, so a writer checks once at its end.
 *
 * Costs: append amortized O(bytes): the room doubles up to 1 MiB and then grows by a
 * quarter, which stays geometric but wastes at most a fifth of a large block.
 */
#ifndef CYDIS_BUFFER_H
#define CYDIS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Buffer {
    uint8_t *data;
    size_t used, size;
    uint8_t *home; /* the owner's memory, or NULL */
    size_t home_size;
    bool failed; /* an allocation was refused: the content is incomplete */
} Buffer;

/* Empty, on `home` (which may be NULL with home_size 0 and stays the caller's). */
void buffer_init(Buffer *b, void *home, size_t home_size);

/* Gives back what malloc gave; the buffer is then as after buffer_init. */
void buffer_close(Buffer *b);

/* Forgets the content and the failure; keeps the block if it has at most `keep` bytes, else returns home. */
void buffer_reset(Buffer *b, size_t keep);

/* Out of line half of buffer_reserve. */
bool buffer_grow(Buffer *b, size_t extra);

/* Moves the content into the smallest home or block that holds it. A refused allocation changes nothing. */
void buffer_shrink(Buffer *b);

/* Room for `extra` bytes behind `used`; false (and `failed`) when memory is refused. data may move. */
static inline bool buffer_reserve(Buffer *b, size_t extra) {
    if (__builtin_expect(extra <= b->size - b->used && !b->failed, 1))
        return true;
    return buffer_grow(b, extra);
}

/* Copies n bytes to the end. */
static inline void buffer_append(Buffer *b, const void *p, size_t n) {
    if (n == 0 || !buffer_reserve(b, n))
        return;
    memcpy(b->data + b->used, p, n);
    b->used += n;
}

/* Drops the first n <= used bytes; the rest moves to the front. O(bytes kept). */
static inline void buffer_take_front(Buffer *b, size_t n) {
    if (n == 0)
        return;
    b->used -= n;
    if (b->used)
        memmove(b->data, b->data + n, b->used);
}

/* Bytes held outside `home`. */
static inline size_t buffer_memory(const Buffer *b) { return b->data == b->home ? 0 : b->size; }

#endif
