/* hnsw: a graph of vectors in which the nearest ones are found by walking.
 *
 * Every element is a node: a vector, a name, and links to near nodes. A search begins at one node, goes
 * to whichever neighbour is nearest to what it looks for, and keeps the best `ef` it has met. Some nodes
 * stand also on higher levels, ever fewer of them, whose links are long: there a search begins.
 *
 *   node, one block
 *   ┌──────────┬────────┬──────────────────┬───────────────────────────────┬──────┐
 *   │ 32 bytes │ vector │ 2 m slots: links │ per level above: n, m slots   │ name │
 *   └──────────┴────────┴──────────────────┴───────────────────────────────┴──────┘
 *     a link is the other node's slot (32 bits), its place in the table h->nodes
 *
 * Invariants (hnsw_check looks at all of them)
 *   - links are mutual: whoever is linked to, links back; never to itself, never twice
 *   - at most 2 m links on level 0, m on the others; who is on a level is on all below
 *   - every level's graph is in one piece. A link is only ever taken out where a common neighbour keeps
 *     both ends together, or together with links that do; so what is in the index can be found
 *   - h->entry is on level h->top, the highest there is
 *
 * Costs, n nodes: search O(ef log n) distances, insert the same with its own ef and about 8 m more, remove
 * O(m^2) distances per level. Memory: hnsw_node_bytes for each, and nine bytes in tables.
 *
 * After: Malkov, Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical
 * Navigable Small World graphs" (2016). The paper's links are one-way, and it knows no removal: mutual
 * links tell who must be mended when a node goes.
 */
#ifndef CYDIS_HNSW_H
#define CYDIS_HNSW_H

#include "heap.h"
#include "vectors/quantise.h"

enum {
    HNSW_MIN_M = 4,
    HNSW_MAX_M = 4096,
    HNSW_LEVELS = 16,               /* levels are 0 to 15 */
};

#define HNSW_NONE UINT32_MAX        /* no slot */

typedef struct HnswNode {
    void *attribute;                /* the owner's */
    float length, range;            /* of the vector (quantise.h) */
    uint32_t slot;
    uint32_t name_size, name_at;    /* where the name begins, counted from `vector` */
    uint16_t links;                 /* how many on level 0 */
    uint8_t level;
    uint8_t unused;
    uint8_t vector[];
} HnswNode;

typedef struct Hnsw {
    Heap *heap;
    const DistanceSet *set;
    uint32_t dim;
    uint16_t m;
    uint8_t kind;                   /* a QuantKind */
    uint8_t top;                    /* level of the entry */
    uint8_t epoch;                  /* the mark of this search in `seen` */
    uint32_t entry;                 /* HNSW_NONE: no node */
    uint32_t size;                  /* nodes */
    uint32_t used;                  /* slots handed out so far, free ones among them */
    uint32_t capacity;              /* of the two tables */
    uint32_t free;                  /* first of the slots given back, or HNSW_NONE */
    uintptr_t *nodes;               /* by slot: a node, or the next free slot times two plus one */
    uint8_t *seen;                  /* by slot: the epoch when it was last met */
    size_t node_bytes;              /* of all nodes, in good sizes */
} Hnsw;

/* What is looked for: a stored vector and its range. */
typedef struct {
    const void *vector;
    float range;
} HnswQuery;

/* A node that was found: the distance's bits above, its slot below. Distances are never negative, so
 * these are in order as integers. */
typedef uint64_t HnswHit;

static inline float hnsw_hit_distance(HnswHit hit) {
    uint32_t bits = (uint32_t)(hit >> 32);
    float d;
    memcpy(&d, &bits, 4);
    return d;
}

/* An index without nodes, which takes no memory. */
void hnsw_init(Hnsw *h, Heap *heap, uint32_t dim, unsigned m, QuantKind kind);

/* Gives back the tables. The nodes are the owner's to free before, with hnsw_node_free. */
void hnsw_close(Hnsw *h);

/* A level for a new node, from a random number: at least l with probability m^-l. */
unsigned hnsw_level(const Hnsw *h, uint64_t random);

/* A node that is in no index yet. NULL: no memory. `length` is quantise_length's. */
HnswNode *hnsw_node_new(Hnsw *h, const float *vector, float length, const void *name, uint32_t size,
                        unsigned level);
void hnsw_node_free(Hnsw *h, HnswNode *node);

/* Links a node into the graph. False: no memory, nothing changed. */
bool hnsw_insert(Hnsw *h, HnswNode *node, size_t ef);

/* Takes a node out, mends the graph around it, and leaves the node to the caller. False: no memory,
 * nothing changed. */
bool hnsw_remove(Hnsw *h, HnswNode *node);

/* The same in two steps, for who must not fail half way: `left` has room for hnsw_remove_room slots. */
size_t hnsw_remove_room(const Hnsw *h, const HnswNode *node);
void hnsw_remove_with(Hnsw *h, HnswNode *node, uint32_t *left);

/* Whether a search wants this node among its hits. */
typedef int (*HnswWants)(void *ctx, const HnswNode *node);

/* The `count` nearest nodes, nearest first, into hits; how many, or -1: no memory. With `wants` (not NULL)
 * only such nodes count, and the search ends when it has looked at `effort` nodes (0: no such limit). */
int64_t hnsw_search(Hnsw *h, HnswQuery query, size_t ef, size_t count, HnswWants wants, void *ctx,
                    size_t effort, HnswHit *hits);

/* The same by looking at every node: exact. O(n). */
int64_t hnsw_scan(Hnsw *h, HnswQuery query, size_t count, HnswWants wants, void *ctx, HnswHit *hits);

/* An index from outside (hnsw_outside.c): first all nodes get a place, then they claim their links, then the whole is
 * judged. In between it is none, and only good for these. */

/* A node with a vector in its stored form, as quantise_load has put it into `vector`. NULL: no memory. */
HnswNode *hnsw_node_load(Hnsw *h, const void *vector, float length, float range, const void *name,
                         uint32_t size, unsigned level);

/* Room for so many nodes. False: no memory. */
bool hnsw_expect(Hnsw *h, uint32_t count);

/* Gives it the next slot, and no links. There is room. */
void hnsw_place(Hnsw *h, HnswNode *node);

/* A link as it is said to be. False: it cannot be: too many, to itself, to nobody or to one who is not on this level. */
bool hnsw_claim(Hnsw *h, HnswNode *node, unsigned level, uint32_t slot);

/* Whether the links keep all invariants: 1, or 0: some do not, -1: no memory. After 1 it is an index.
 * O(links log m). */
int hnsw_judge(Hnsw *h);

/* Forgets the links and finds them anew, as if each node were inserted. False: no memory; the nodes are as they were,
 * links are to be forgotten. O(n) inserts. */
bool hnsw_relink(Hnsw *h, size_t ef);

/* A copy of an index and its nodes, without attributes (each copied node's is NULL), slot by slot.
 * False: no memory, `into` is empty. */
bool hnsw_copy(const Hnsw *h, Hnsw *into);

/* Every invariant; false (with a line on stderr) on the first broken one. O(n m^2). */
bool hnsw_check(Hnsw *h);

/* Bytes of nodes and tables. O(1). */
size_t hnsw_memory(const Hnsw *h);

/* ---- the small ones ---- */

/* The node in a slot below h->used, or NULL: the slot is free. */
static inline HnswNode *hnsw_at(const Hnsw *h, uint32_t slot) {
    return h->nodes[slot] & 1 ? NULL : (HnswNode *)h->nodes[slot];
}

static inline HnswNode *hnsw_hit_node(const Hnsw *h, HnswHit hit) { return hnsw_at(h, (uint32_t)hit); }

/* Most links of a node on a level. */
static inline unsigned hnsw_most(const Hnsw *h, unsigned level) { return level ? h->m : 2u * h->m; }

static inline uint32_t *hnsw_links(const Hnsw *h, const HnswNode *node, unsigned level) {
    uint32_t *first = (uint32_t *)(node->vector + quantise_bytes((QuantKind)h->kind, h->dim));
    return level ? first + 2 * (size_t)h->m + (level - 1) * ((size_t)h->m + 1) + 1 : first;
}

static inline unsigned hnsw_degree(const Hnsw *h, const HnswNode *node, unsigned level) {
    return level ? hnsw_links(h, node, level)[-1] : node->links;
}

static inline size_t hnsw_node_bytes(const Hnsw *h, unsigned level, uint32_t name_size) {
    return sizeof(HnswNode) + quantise_bytes((QuantKind)h->kind, h->dim)
           + 4 * (2 * (size_t)h->m + level * ((size_t)h->m + 1)) + name_size;
}

/* The name of a node, as a Hashtable of nodes asks for it. */
static inline const uint8_t *hnsw_name(const void *node, size_t *size) {
    const HnswNode *n = (const HnswNode *)node;
    *size = n->name_size;
    return n->vector + n->name_at;
}

static inline HnswQuery hnsw_query(const HnswNode *node) { return (HnswQuery){node->vector, node->range}; }

static inline float hnsw_distance(const Hnsw *h, HnswQuery query, const HnswNode *node) {
    return quantise_distance(h->set, (QuantKind)h->kind, h->dim, query.vector, query.range, node->vector,
                             node->range);
}

#endif
