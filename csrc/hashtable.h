#ifndef CYDIS_HASHTABLE_H
#define CYDIS_HASHTABLE_H
#include <string.h>
#include "heap.h"
typedef const uint8_t *(*HashtableKey)(const void *entry, size_t *size);
typedef struct HashtableNode { struct HashtableNode *next; uint64_t hash; void *entry; bool mark; } HashtableNode;
typedef struct Hashtable { HashtableNode **b; uint64_t mask; size_t size; Heap *heap; const uint64_t *seed; HashtableKey key; } Hashtable;
typedef struct { HashtableNode **at; } HashtablePos;
typedef struct { uint64_t i; HashtableNode *n; } HashtableIter;
bool hashtable_init(Hashtable *t, Heap *h, const uint64_t seed[2], HashtableKey key);
static inline uint64_t hashtable_hash(const Hashtable *t, const void *key, size_t n) { uint64_t h = t->seed[0]; const uint8_t *p = key; while (n--) h = (h ^ *p++) * 0x100000001B3ull; return h ^ h >> 29; }
static inline void hashtable_prefetch_bucket(const Hashtable *t, uint64_t h) { if (t->b) __builtin_prefetch(&t->b[h & t->mask]); }
static inline void hashtable_prefetch_entry(const Hashtable *t, uint64_t h) { if (t->b && t->b[h & t->mask]) __builtin_prefetch(t->b[h & t->mask]); }
static inline void *hashtable_find_with(const Hashtable *t, uint64_t h, const void *key, size_t n, HashtablePos *pos, HashtableKey f)
{
    if (!t->b) return NULL;
    for (HashtableNode **p = &t->b[h & t->mask]; *p; p = &(*p)->next) {
        size_t m;
        const uint8_t *k = f((*p)->entry, &m);
        if ((*p)->hash == h && m == n && !memcmp(k, key, n)) { if (pos) pos->at = p; return (*p)->entry; }
    }
    return NULL;
}
void *hashtable_find(const Hashtable *t, uint64_t h, const void *key, size_t n, HashtablePos *pos);
bool hashtable_insert(Hashtable *t, uint64_t h, void *e, bool mark);
void hashtable_replace(Hashtable *t, HashtablePos *p, void *e, bool mark);
bool hashtable_mark(const HashtablePos *p);
void *hashtable_remove_at(Hashtable *t, uint64_t h, HashtablePos *p);
void *hashtable_remove(Hashtable *t, uint64_t h, const void *key, size_t n);
uint64_t hashtable_scan(const Hashtable *t, uint64_t c, void (*v)(void *, void *), void *x);
uint64_t hashtable_scan_marked(const Hashtable *t, uint64_t c, void (*v)(void *, void *), void *x);
void *hashtable_random(const Hashtable *t, uint64_t r);
void *hashtable_next(const Hashtable *t, HashtableIter *i);
static inline size_t hashtable_size(const Hashtable *t) { return t->size; }
size_t hashtable_memory(const Hashtable *t);
void hashtable_clear(Hashtable *t, void (*drop)(void *, void *), void *x);
bool hashtable_clear_some(Hashtable *t, size_t n, void (*drop)(void *, void *), void *x);
#endif
