#include "heap.h"
#include <stdlib.h>
struct Heap { size_t used; uint64_t fail; };
Heap *heap_open(void) { return calloc(1, sizeof(Heap)); }
void heap_close(Heap *h) { free(h); }
size_t heap_good_size(size_t n) { return (n + 7) & ~(size_t)7; }
void *heap_alloc(Heap *h, size_t n) { void *p = malloc(n); if (p) h->used += heap_good_size(n); return p; }
void heap_free(Heap *h, void *p, size_t n) { if (p) { h->used -= heap_good_size(n); free(p); } }
void *heap_realloc(Heap *h, void *p, size_t o, size_t n) { void *q = realloc(p, heap_good_size(n)); if (q) h->used += heap_good_size(n) - (p ? heap_good_size(o) : 0); return q; }
size_t heap_used(const Heap *h) { return h->used; }
size_t heap_reserved(const Heap *h) { return h->used; }
void heap_fail_at(Heap *h, uint64_t n) { h->fail = n; }
bool heap_check(const Heap *h) { (void)h; return true; }
