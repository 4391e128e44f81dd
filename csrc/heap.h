/* heap: memory for one engine, with sized frees and exact accounting.
 *
 * Every allocation of a kernel goes through a Heap, and the caller says the size
 * again when it gives the memory back: nothing is stored beside a block, and no
 * look-up asks how large it was. One Heap belongs to one engine and is used by
 * one thread at a time (the engine's lock sees to that).
 *
 * See heap.c for the layout of pages and classes, the invariants and the costs.
 */
#ifndef CYDIS_HEAP_H
#define CYDIS_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Heap Heap;

/* A new heap, or NULL. heap_close gives back everything it ever handed out. */
Heap *heap_open(void);
void heap_close(Heap *heap);

/* n > 0 bytes, 8-byte aligned, or NULL. O(1). */
void *heap_alloc(Heap *heap, size_t n);

/* Gives p back; n is the size asked for (or any size of the same class). p may be NULL. O(1). */
void heap_free(Heap *heap, void *p, size_t n);

/* p grown or shrunk from `old` to n bytes, its bytes kept; p itself where the class is the same.
 * NULL leaves p as it was. p may be NULL (old = 0). */
void *heap_realloc(Heap *heap, void *p, size_t old, size_t n);

/* The bytes that a request of n really occupies (n rounded up to its class). */
size_t heap_good_size(size_t n);

/* Bytes handed out and not given back, in good sizes. O(1). */
size_t heap_used(const Heap *heap);

/* Bytes taken from the system. O(1). */
size_t heap_reserved(const Heap *heap);

/* Tests: let the n-th allocation from now (1 = the next) and all after it fail; 0 switches off. */
void heap_fail_at(Heap *heap, uint64_t n);

/* Walks all pages and checks every invariant; false (with a line on stderr) on the first broken one. */
bool heap_check(const Heap *heap);

#endif
