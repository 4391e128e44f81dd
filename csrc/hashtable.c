#include "hashtable.h"
#include <stdlib.h>
bool hashtable_init(Hashtable *t, Heap *h, const uint64_t seed[2], HashtableKey key) { memset(t, 0, sizeof *t); t->heap = h; t->seed = seed; t->key = key; return true; }
void *hashtable_find(const Hashtable *t, uint64_t h, const void *key, size_t n, HashtablePos *pos) { return hashtable_find_with(t, h, key, n, pos, t->key); }
bool hashtable_insert(Hashtable *t, uint64_t h, void *e, bool mark)
{
    if (!t->b) { t->b = calloc(1 << 20, 8); t->mask = (1 << 20) - 1; }
    HashtableNode *n = malloc(sizeof *n);
    *n = (HashtableNode){t->b[h & t->mask], h, e, mark};
    t->b[h & t->mask] = n; t->size++;
    return true;
}
void hashtable_replace(Hashtable *t, HashtablePos *p, void *e, bool mark) { (void)t; (*p->at)->entry = e; (*p->at)->mark = mark; }
bool hashtable_mark(const HashtablePos *p) { return (*p->at)->mark; }
void *hashtable_remove_at(Hashtable *t, uint64_t h, HashtablePos *p) { (void)h; HashtableNode *n = *p->at; void *e = n->entry; *p->at = n->next; free(n); t->size--; return e; }
void *hashtable_remove(Hashtable *t, uint64_t h, const void *key, size_t n) { HashtablePos p; return hashtable_find(t, h, key, n, &p) ? hashtable_remove_at(t, h, &p) : NULL; }
static uint64_t scan(const Hashtable *t, uint64_t c, void (*v)(void *, void *), void *x, bool marked)
{
    if (!t->b) return 0;
    for (int k = 0; k < 64; k++) {
        for (HashtableNode *n = t->b[c & t->mask], *m; n; n = m) { m = n->next; if (!marked || n->mark) v(x, n->entry); }
        if (++c > t->mask) return 0;
    }
    return c;
}
uint64_t hashtable_scan(const Hashtable *t, uint64_t c, void (*v)(void *, void *), void *x) { return scan(t, c, v, x, false); }
uint64_t hashtable_scan_marked(const Hashtable *t, uint64_t c, void (*v)(void *, void *), void *x) { return scan(t, c, v, x, true); }
void *hashtable_random(const Hashtable *t, uint64_t r) { if (!t->size) return NULL; while (!t->b[r & t->mask]) r++; return t->b[r & t->mask]->entry; }
void *hashtable_next(const Hashtable *t, HashtableIter *i)
{
    if (!t->b) return NULL;
    if (i->n) i->n = i->n->next;
    while (!i->n) { if (i->i > t->mask) return NULL; i->n = t->b[i->i++]; }
    return i->n->entry;
}
size_t hashtable_memory(const Hashtable *t) { return t->size * 40; }
bool hashtable_clear_some(Hashtable *t, size_t max, void (*drop)(void *, void *), void *x) { (void)max; hashtable_clear(t, drop, x); return true; }
void hashtable_clear(Hashtable *t, void (*drop)(void *, void *), void *x)
{
    if (!t->b) return;
    for (uint64_t i = 0; i <= t->mask; i++) while (t->b[i]) { HashtableNode *n = t->b[i]; t->b[i] = n->next; if (drop) drop(x, n->entry); free(n); }
    free(t->b); t->b = NULL; t->size = 0;
}
