/* hashlines: entries of a bucket's chain by their position, for the files of the hash table.
 *
 * A chain is compact: every line but the last holds six entries and the address of the next line, the
 * last holds one to seven in its lowest slots (two or more if it is not the only one). So position p
 * is slot p - 6k of line k = p / 6, or slot 6 of the last line.
 */
#ifndef CYDIS_HASHLINES_H
#define CYDIS_HASHLINES_H

#include "hashtable.h"

#define LINE_FULL HASHTABLE_SLOTS
#define LINE_CHAINED (HASHTABLE_SLOTS - 1) /* entries of a line that is not the last */

static inline unsigned line_count(const HashtableLine *line) {
    return (unsigned)__builtin_ctz(~(unsigned)(line->flags & 0x7f));
}

/* Entries of the chain. */
static inline size_t chain_count(const HashtableLine *line) {
    size_t n = 0;
    for (const HashtableLine *next; (next = hashtable_more(line)) != NULL; line = next)
        n += LINE_CHAINED;
    return n + line_count(line);
}

/* The place of position p, which must exist. */
static inline HashtablePos chain_at(HashtableLine *line, size_t p) {
    for (HashtableLine *next; p >= LINE_CHAINED && (next = hashtable_more(line)) != NULL; line = next)
        p -= LINE_CHAINED;
    return (HashtablePos){line, (unsigned)p};
}

/* The mask under which every bucket exists: all buckets below it, and their images above. */
static inline size_t whole_mask(const Hashtable *t) { return t->buckets > t->mask ? t->mask : t->mask >> 1; }

/* Merges while the table is too empty, at most `steps` times. */
void hashtable_settle(Hashtable *t, size_t steps);

#endif
