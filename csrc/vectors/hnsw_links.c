/* hnsw_links: whom a node is linked to, when it comes and when its neighbours go.
 *
 * A full node makes room for a better link by giving up its farthest one, if both ends keep a common
 * neighbour: B and X stay in one piece through it. Where the newcomer N is nearer to X than B is, X can be
 * reached through N as well, and such an X is preferred.
 *
 * When a node goes, everyone who was linked to it has lost one link, and so has room for one. Those who
 * still hang together without it are found by flooding: from one of them to whoever is a neighbour, or has
 * a neighbour in common. Whoever was not reached is linked to the nearest who was. Then each looks for one new
 * link among the others, so that degrees do not wear off.
 *
 * Work is bounded for any m: of many links only a window is looked at.
 */
#include "internal/hnsw_graph.h"

enum { WINDOW = 64 }; /* links looked at when room is wanted, or a new neighbour */

static inline void put(Hnsw *h, HnswNode *node, unsigned level, uint32_t slot) {
    uint32_t *links = hnsw_links(h, node, level);
    if (level) {
        links[links[-1]++] = slot;
    } else {
        links[node->links++] = slot;
    }
}

static inline void take(Hnsw *h, HnswNode *node, unsigned level, uint32_t slot) {
    uint32_t *links = hnsw_links(h, node, level);
    unsigned last = hnsw_degree(h, node, level) - 1, i = 0;
    while (links[i] != slot)
        i++;
    links[i] = links[last];
    if (level)
        links[-1] = last;
    else
        node->links = (uint16_t)last;
}

void hnsw_link(Hnsw *h, HnswNode *a, HnswNode *b, unsigned level) {
    put(h, a, level, b->slot);
    put(h, b, level, a->slot);
}

void hnsw_unlink(Hnsw *h, HnswNode *a, HnswNode *b, unsigned level) {
    take(h, a, level, b->slot);
    take(h, b, level, a->slot);
}

static void meet_links(Hnsw *h, const HnswNode *node, unsigned level) {
    const uint32_t *links = hnsw_links(h, node, level);
    for (unsigned i = hnsw_degree(h, node, level); i-- > 0;)
        hnsw_meet(h, links[i]);
}

static bool met_a_link(const Hnsw *h, const HnswNode *node, unsigned level) {
    const uint32_t *links = hnsw_links(h, node, level);
    for (unsigned i = hnsw_degree(h, node, level); i-- > 0;)
        if (hnsw_met(h, links[i]))
            return true;
    return false;
}

/* Frees a slot of `full` for a link to `node`, at this distance; with `force` even for a farther one.
 * False: every link is needed. */
static bool make_room(Hnsw *h, HnswNode *full, const HnswNode *node, float distance, unsigned level,
                      bool force) {
    const uint32_t *links = hnsw_links(h, full, level);
    unsigned degree = hnsw_degree(h, full, level), n = degree < WINDOW ? degree : WINDOW;
    unsigned first = degree > WINDOW ? node->slot % degree : 0;
    float cost[WINDOW]; /* how gladly each is given up; < 0: not at all */
    HnswNode *whom[WINDOW];
    for (unsigned i = 0; i < n; i++) {
        whom[i] = hnsw_at(h, links[(first + i) % degree]);
        cost[i] = hnsw_distance(h, hnsw_query(full), whom[i]);
        if (whom[i] == node || (cost[i] <= distance && !force))
            cost[i] = -1;
        else if (hnsw_distance(h, hnsw_query(node), whom[i]) < cost[i])
            cost[i] += 4; /* more than any distance */
    }
    hnsw_begin(h);
    meet_links(h, full, level);
    for (;;) {
        unsigned worst = 0;
        for (unsigned i = 1; i < n; i++)
            if (cost[i] > cost[worst])
                worst = i;
        if (cost[worst] < 0)
            return false;
        if (hnsw_linked(h, whom[worst], node, level) || met_a_link(h, whom[worst], level)) {
            hnsw_unlink(h, full, whom[worst], level);
            return true;
        }
        cost[worst] = -1;
    }
}

/* Puts a node without links between two that are linked, so that nobody is torn off. */
static void join_between(Hnsw *h, HnswNode *node, HnswNode *full, unsigned level) {
    HnswNode *other = hnsw_at(h, hnsw_links(h, full, level)[0]);
    hnsw_unlink(h, full, other, level);
    hnsw_link(h, node, full, level);
    hnsw_link(h, node, other, level);
}

void hnsw_join(Hnsw *h, HnswNode *node, unsigned level, const HnswHit *picks, size_t count) {
    for (size_t i = 0; i < count; i++) {
        HnswNode *other = hnsw_hit_node(h, picks[i]);
        if (hnsw_has_room(h, other, level)
            || make_room(h, other, node, hnsw_hit_distance(picks[i]), level, false))
            hnsw_link(h, node, other, level);
    }
    for (size_t i = 0; i < count && hnsw_degree(h, node, level) == 0; i++) {
        HnswNode *other = hnsw_hit_node(h, picks[i]);
        if (make_room(h, other, node, 0, level, true))
            hnsw_link(h, node, other, level);
    }
    if (count && hnsw_degree(h, node, level) == 0)
        join_between(h, node, hnsw_hit_node(h, picks[0]), level);
}

/* ---- mending ---- */

/* Links a torn-off node to the nearest of those that hang together; false: none of them has room. */
static bool tie_near(Hnsw *h, HnswNode *node, unsigned level, const uint32_t *whole, size_t count) {
    HnswNode *nearest = NULL;
    float least = 4;
    for (size_t i = 0; i < count; i++) {
        HnswNode *other = hnsw_at(h, whole[i]);
        if (!hnsw_has_room(h, other, level))
            continue;
        float distance = hnsw_distance(h, hnsw_query(node), other);
        if (distance < least) {
            least = distance;
            nearest = other;
        }
    }
    if (nearest == NULL)
        return false;
    hnsw_link(h, node, nearest, level);
    return true;
}

/* Whether a and b, who are linked, would hang together without their link. Every slot is looked at, again and again
 * as long as somebody new is reached: slow, but without memory. */
static bool on_a_circle(Hnsw *h, const HnswNode *a, const HnswNode *b, unsigned level) {
    bool further = true;
    hnsw_begin(h);
    hnsw_meet(h, a->slot);
    while (further) {
        further = false;
        for (uint32_t slot = 0; slot < h->used; slot++) {
            const HnswNode *node = hnsw_at(h, slot);
            if (node == NULL || !hnsw_met(h, slot))
                continue;
            const uint32_t *links = hnsw_links(h, node, level);
            for (unsigned i = hnsw_degree(h, node, level); i-- > 0;) {
                if (hnsw_met(h, links[i]) || (node == a && links[i] == b->slot))
                    continue;
                if (links[i] == b->slot)
                    return true;
                hnsw_meet(h, links[i]);
                further = true;
            }
        }
    }
    return false;
}

/* Makes room where nobody on the way has any: `at` gives up a link whose ends hang together otherwise. */
static bool break_circle(Hnsw *h, HnswNode *at, unsigned level) {
    for (unsigned i = hnsw_degree(h, at, level); i-- > 0;) {
        HnswNode *other = hnsw_at(h, hnsw_links(h, at, level)[i]);
        if (on_a_circle(h, at, other, level)) {
            hnsw_unlink(h, at, other, level);
            return true;
        }
    }
    return false;
}

enum { STROLL = 1000 };

/* The same by strolling from one of them until somebody has room, or can make some. That is for graphs in which
 * everybody around is full; where no two neighbours have one in common either, it ends by breaking a circle, which
 * there always is where everybody has more than two links. */
static void tie_far(Hnsw *h, HnswNode *node, unsigned level, HnswNode *at) {
    uint64_t chance = node->slot;
    for (unsigned steps = 0; steps < 2 * STROLL; steps++) {
        if (at != node && !hnsw_linked(h, at, node, level)
            && (hnsw_has_room(h, at, level) || make_room(h, at, node, 0, level, true)
                || (steps > STROLL && break_circle(h, at, level)))) {
            hnsw_link(h, node, at, level);
            return;
        }
        chance = chance * 6364136223846793005u + 1442695040888963407u;
        at = hnsw_at(h, hnsw_links(h, at, level)[(chance >> 33) % hnsw_degree(h, at, level)]);
    }
}

/* The first `whole` of `left` hang together. Brings to them who hangs together with one of them, being linked to it or
 * having a neighbour in common; how many they are then. */
static size_t flood(Hnsw *h, unsigned level, uint32_t *left, size_t whole, size_t count) {
    size_t before;
    hnsw_begin(h);
    for (size_t i = 0; i < whole; i++) {
        hnsw_meet(h, left[i]);
        meet_links(h, hnsw_at(h, left[i]), level);
    }
    do {
        before = whole;
        for (size_t i = whole; i < count; i++) {
            uint32_t slot = left[i];
            const HnswNode *node = hnsw_at(h, slot);
            if (!hnsw_met(h, slot) && !met_a_link(h, node, level))
                continue;
            hnsw_meet(h, slot);
            meet_links(h, node, level);
            left[i] = left[whole];
            left[whole++] = slot;
        }
    } while (whole > before && whole < count);
    return whole;
}

/* One new link for each that has room, to the nearest of the others that has. */
static void restore(Hnsw *h, unsigned level, const uint32_t *left, size_t count) {
    size_t window = count - 1 < WINDOW ? count - 1 : WINDOW;
    for (size_t i = 0; i < count; i++) {
        HnswNode *node = hnsw_at(h, left[i]), *nearest = NULL;
        float least = 4;
        if (!hnsw_has_room(h, node, level))
            continue;
        for (size_t k = 1; k <= window; k++) {
            HnswNode *other = hnsw_at(h, left[(i + k) % count]);
            if (!hnsw_has_room(h, other, level) || hnsw_linked(h, node, other, level))
                continue;
            float distance = hnsw_distance(h, hnsw_query(node), other);
            if (distance < least) {
                least = distance;
                nearest = other;
            }
        }
        if (nearest)
            hnsw_link(h, node, nearest, level);
    }
}

void hnsw_leave(Hnsw *h, HnswNode *node, unsigned level, uint32_t *left) {
    size_t count = hnsw_degree(h, node, level);
    memcpy(left, hnsw_links(h, node, level), count * sizeof *left);
    for (size_t i = 0; i < count; i++)
        hnsw_unlink(h, node, hnsw_at(h, left[i]), level);
    if (count < 2)
        return;
    size_t whole = 1;
    while ((whole = flood(h, level, left, whole, count)) < count) {
        HnswNode *torn = hnsw_at(h, left[whole]);
        /* Without room it has been tied in already: somebody of the whole has taken what it had. */
        if (hnsw_has_room(h, torn, level) && !tie_near(h, torn, level, left, whole))
            tie_far(h, torn, level, hnsw_at(h, left[0]));
        whole++;
    }
    restore(h, level, left, count);
}
