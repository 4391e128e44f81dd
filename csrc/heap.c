/* heap: a slab of size classes in pages and regions.
 *
 *   region, 2 MiB aligned to 2 MiB, from mmap
 *   ┌────────┬───────────────┬──────────┬──────────┬─────┬──────────┐
 *   │ header │ page 0 (rest) │  page 1  │  page 2  │  …  │ page 15  │   128 KiB each
 *   └────────┴───────────────┴──────────┴──────────┴─────┴──────────┘
 *     header = links, a bit per free page, and one HeapPage of 48 bytes for each page
 *
 *   page of one class: equal blocks
 *   ┌───────┬───────┬───────┬───────┬─────────────────────────┐
 *   │ used  │ free ─┼→ free │ used  │ never touched …         │
 *   └───────┴───────┴───────┴───────┴─────────────────────────┘
 *                                   ↑ fresh
 *
 * Classes: steps of 8 bytes up to 256, then 32 per doubling up to 2 KiB and 16 per doubling up to
 * 16 KiB, so at most 1/32 and 1/16 of a block is lost. Finer steps gain nothing: a pack that grows
 * would move more often, and of the largest classes few blocks fit a page. The HeapPage of a block is found by masking its address; it stands in the region's
 * header and not in the page, so that eight blocks of 16 KiB fill a page exactly. Only page 0 is
 * shorter by the header, and is given to small classes if there is a choice.
 *
 * Above 16 KiB a block is malloc's, with a header of 64 bytes that links it for heap_close; its good
 * size is rounded to 1 KiB, from 64 KiB on to 4 KiB. heap_map takes from malloc below 1 MiB, above
 * from mmap, aligned for huge pages from 8 MiB on.
 *
 * Invariants
 *   - every page is free (its bit is set), full, or in the list heap->open of its class
 *   - current[c] is open[c], or &nothing where that is NULL or a failure is planned: the page
 *     `nothing` has no block, which sends the fast path here and makes failure injection free
 *   - used + length of the free list + (count - fresh) = count; but while `full`, used is 1, and the
 *     true number is count. So the one test "used has become 0" finds both turns of a page: from
 *     full to having room, and from occupied to empty
 *   - memory behind `fresh` has not been touched since the page was taken
 *
 * A patient heap leaves it to its owner when memory goes back to the system: piece by piece, from the end,
 * since links stand at the start. Large blocks wait only where malloc would unmap them at once.
 *
 * Costs: alloc and free O(1), a handful of instructions when the current page has a given-back
 * block; an empty page goes back to its region, an empty region to the system, except one spare.
 * Huge pages are asked for only where memory is in use already (a region without a free page, in a
 * heap of more than 64 MiB; what heap_filled names): the kernel then makes them in the background.
 * Asked for beforehand, each costs its whole 2 MiB at the first touch, and a pause of milliseconds
 * where memory must be compacted for it.
 *
 * After: Leijen, Zorn, de Moura, "Mimalloc: Free List Sharding in Action" (2019): free lists per
 * page; Bonwick, "The Slab Allocator" (1994).
 */
#define _GNU_SOURCE
#include "heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE_BYTES ((size_t)1 << HEAP_PAGE_SHIFT)
#define REGION_BYTES ((size_t)1 << HEAP_REGION_SHIFT)
#define ALL_FREE (((uint32_t)1 << HEAP_REGION_PAGES) - 1)
#define HUGE_AFTER ((size_t)64 << 20)  /* a heap of this size asks for huge pages */
#define MAP_FROM ((size_t)1 << 20)     /* heap_map: from mmap */
#define MAP_ALIGN_FROM ((size_t)8 << 20)
#define SYSTEM_PAGE ((size_t)65536)    /* a multiple of the page of every system */
#define LARGE_STEP ((size_t)4096)
#define LATER_FROM ((size_t)32 << 20)  /* the largest block that malloc may keep */
#define LATER_PIECE ((size_t)256 << 10)
#define SHORT_PAGE_MAX 1024            /* largest block that should go into a page 0 */

/* Stands in the 64 bytes before a large block or a map. */
struct HeapLarge {
    HeapLarge *next, *prev;
    size_t asked;        /* size asked for */
    size_t good;         /* what counts as used (0: a map) */
    size_t reserved;     /* what counts as reserved */
    void *base;          /* the mapping, or NULL if it is malloc's */
    size_t base_bytes;
    size_t unused;
};

_Static_assert(sizeof(HeapPage) == 48, "the first 16 bytes, which free touches, lie in one cache line");
_Static_assert(sizeof(HeapRegion) % 64 == 0, "page 0 begins on a cache line");
_Static_assert(sizeof(HeapLarge) == 64, "large blocks keep malloc's alignment");

static size_t class_size(unsigned c) {
    if (c <= 32)
        return (size_t)c * 8;
    if (c <= 128)
        return (size_t)(33 + (c - 33) % 32) << (3 + (c - 33) / 32);
    return (size_t)(17 + (c - 129) % 16) << (7 + (c - 129) / 16);
}

static size_t large_good_size(size_t n) {
    size_t step = n <= 65536 ? 1024 : LARGE_STEP;
    size_t total = n + sizeof(HeapLarge) + 16; /* 16: malloc's own */
    return (total + step - 1) & ~(step - 1);
}

size_t heap_good_size(size_t n) {
    if (n <= HEAP_SMALL_MAX)
        return class_size(heap_class(n ? n : 1));
    return large_good_size(n);
}

size_t heap_used(const Heap *heap) { return heap->used; }

size_t heap_reserved(const Heap *heap) { return heap->reserved; }

void heap_wrong_size(const void *p, size_t n, size_t size) {
    fprintf(stderr, "heap: block %p of size %zu given back as %zu\n", p, size, n);
    abort();
}

/* ---- regions ---- */

/* Address space aligned to `align`, with `before` more bytes in front of it. */
static char *map_aligned(size_t n, size_t align, size_t before) {
    char *p;
    if (before == 0) { /* the kernel often continues where it was: then nothing must be trimmed */
        p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            return NULL;
        if (((uintptr_t)p & (align - 1)) == 0)
            return p;
        munmap(p, n);
    }
    p = mmap(NULL, n + align + before, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
             -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    char *start = (char *)(((uintptr_t)p + before + align - 1) & ~(uintptr_t)(align - 1));
    char *end = p + n + align + before;
    if (start - before > p)
        munmap(p, (size_t)(start - before - p));
    if (end > start + n)
        munmap(start + n, (size_t)(end - (start + n)));
    return start;
}

static void region_open(Heap *heap, HeapRegion *region) {
    region->open_prev = NULL;
    region->open_next = heap->open_regions;
    if (region->open_next)
        region->open_next->open_prev = region;
    heap->open_regions = region;
}

static void region_shut(Heap *heap, HeapRegion *region) {
    if (region->open_prev)
        region->open_prev->open_next = region->open_next;
    else
        heap->open_regions = region->open_next;
    if (region->open_next)
        region->open_next->open_prev = region->open_prev;
}

static HeapRegion *region_new(Heap *heap) {
    HeapRegion *region = heap->idle;
    if (region != NULL) {
        heap->idle = region->next;
        heap->idle_left = REGION_BYTES;
    } else if ((region = (HeapRegion *)map_aligned(REGION_BYTES, REGION_BYTES, 0)) != NULL) {
        heap->reserved += REGION_BYTES;
    } else {
        return NULL;
    }
    region->free = ALL_FREE;
    region->prev = NULL;
    region->next = heap->regions;
    if (region->next)
        region->next->prev = region;
    heap->regions = region;
    return region;
}

static void region_release(Heap *heap, HeapRegion *region) {
    if (region->prev)
        region->prev->next = region->next;
    else
        heap->regions = region->next;
    if (region->next)
        region->next->prev = region->prev;
    if (heap->patient) {
        region->next = heap->idle;
        heap->idle = region;
        heap->idle_left = REGION_BYTES;
    } else {
        heap->reserved -= REGION_BYTES;
        munmap(region, REGION_BYTES);
    }
}

/* ---- pages ---- */

static void set_current(Heap *heap, unsigned c) {
    heap->current[c] = heap->open[c] && heap->fail_left == 0 ? heap->open[c] : &heap->nothing;
}

/* Links a page that has room: behind the current one, which goes on being used up. */
static void page_link(Heap *heap, HeapPage *page) {
    HeapPage *first = heap->open[page->class_];
    page->prev = first;
    page->next = first ? first->next : NULL;
    if (page->next)
        page->next->prev = page;
    if (first) {
        first->next = page;
    } else {
        heap->open[page->class_] = page;
        set_current(heap, page->class_);
    }
}

static void page_unlink(Heap *heap, HeapPage *page) {
    if (page->next)
        page->next->prev = page->prev;
    if (page->prev) {
        page->prev->next = page->next;
    } else {
        heap->open[page->class_] = page->next;
        set_current(heap, page->class_);
    }
}

static HeapPage *page_take(Heap *heap, unsigned c) {
    HeapRegion *region = heap->open_regions;
    if (region == NULL) {
        region = heap->spare ? heap->spare : region_new(heap);
        if (region == NULL)
            return NULL;
        heap->spare = NULL;
        region_open(heap, region);
    }
    size_t size = class_size(c);
    unsigned i = (unsigned)__builtin_ctz(region->free);
    uint32_t others = region->free & ~1u;
    if (i == 0 && size > SHORT_PAGE_MAX && others)
        i = (unsigned)__builtin_ctz(others);
    region->free &= ~(1u << i);
    if (region->free == 0) {
        region_shut(heap, region);
        if (heap->reserved >= HUGE_AFTER)
            heap_filled(region, REGION_BYTES);
    }

    size_t skip = i == 0 ? sizeof(HeapRegion) : 0;
    HeapPage *page = &region->pages[i];
    *page = (HeapPage){
        .size = (uint32_t)size,
        .start = (char *)region + i * PAGE_BYTES + skip,
        .count = (uint16_t)((PAGE_BYTES - skip) / size),
        .class_ = (uint8_t)c,
    };
    page_link(heap, page);
    return page;
}

static void page_release(Heap *heap, HeapPage *page) {
    HeapRegion *region = (HeapRegion *)((uintptr_t)page & ~(REGION_BYTES - 1));
    page_unlink(heap, page);
    page->class_ = 0;
    if (region->free == 0)
        region_open(heap, region);
    region->free |= 1u << (page - region->pages);
    if (region->free != ALL_FREE)
        return;
    region_shut(heap, region);
    if (heap->spare)
        region_release(heap, region);
    else
        heap->spare = region;
}

void heap_page_turned(Heap *heap, HeapPage *page) {
    if (page->full) {
        page->full = false;
        page->used = page->count - 1u;
        page_link(heap, page);
    } else {
        page_release(heap, page);
    }
}

static void *small_alloc(Heap *heap, unsigned c) {
    for (;;) {
        HeapPage *page = heap->open[c];
        if (page == NULL && (page = page_take(heap, c)) == NULL)
            return NULL;
        void *p = page->free;
        if (p != NULL) {
            memcpy(&page->free, p, sizeof p);
        } else if (page->fresh < page->count) {
            p = page->start + (size_t)page->fresh++ * page->size;
        } else {
            page_unlink(heap, page);
            page->full = true;
            page->used = 1;
            continue;
        }
        page->used++;
        heap->used += page->size;
        return p;
    }
}

/* ---- large blocks and maps ---- */

static void large_link(Heap *heap, HeapLarge *large) {
    large->prev = NULL;
    large->next = heap->large;
    if (large->next)
        large->next->prev = large;
    heap->large = large;
    heap->used += large->good;
    heap->reserved += large->reserved;
}

static void large_unlink(Heap *heap, HeapLarge *large) {
    if (large->prev)
        large->prev->next = large->next;
    else
        heap->large = large->next;
    if (large->next)
        large->next->prev = large->prev;
    heap->used -= large->good;
    heap->reserved -= large->reserved;
}

/* What malloc is asked for: under ASan exactly the bytes of the caller, to see overruns. */
static size_t large_bytes(size_t n) { return HEAP_PLAIN ? n + sizeof(HeapLarge) : large_good_size(n) - 16; }

static void *large_alloc(Heap *heap, size_t n) {
    void *base = NULL;
    if (n > PTRDIFF_MAX - 2 * LARGE_STEP)
        return NULL;
    if (!HEAP_PLAIN)
        base = malloc(large_bytes(n));
    else if (posix_memalign(&base, 64, large_bytes(n)) != 0)
        base = NULL;
    if (base == NULL)
        return NULL;
    HeapLarge *large = base;
    *large = (HeapLarge){.asked = n, .good = heap_good_size(n), .reserved = heap_good_size(n)};
    large_link(heap, large);
    return large + 1;
}

static void large_release(HeapLarge *large) {
    if (large->base)
        munmap(large->base, large->base_bytes);
    else
        free(large);
}

/* `good` becomes what is still to be given back, up to the last whole page. */
static void large_leave(Heap *heap, HeapLarge *large) {
    large->good = (((uintptr_t)large + large->good) & ~(SYSTEM_PAGE - 1)) - (uintptr_t)large;
    large->next = heap->leaving;
    heap->leaving = large;
    heap->reserved += large->reserved;
}

void heap_free_large(Heap *heap, void *p, size_t n) {
    if (p == NULL)
        return;
    HeapLarge *large = (HeapLarge *)p - 1;
#if defined(CYDIS_DEBUG) || HEAP_PLAIN
    if (heap_good_size(n) != large->good)
        heap_wrong_size(p, n, large->asked);
#else
    (void)n;
#endif
    large_unlink(heap, large);
    if (heap->patient && large->good >= LATER_FROM)
        large_leave(heap, large);
    else
        large_release(large);
}

static bool planned_failure(Heap *heap) {
    if (heap->fail_left == 0)
        return false;
    if (heap->fail_left == 1)
        return true;
    heap->fail_left--;
    return false;
}

void *heap_alloc_slow(Heap *heap, size_t n) {
    if (planned_failure(heap))
        return NULL;
    if (HEAP_PLAIN || n > HEAP_SMALL_MAX)
        return large_alloc(heap, n);
    return small_alloc(heap, heap_class(n ? n : 1));
}

/* Both sizes are large: the system can often move pages instead of bytes. */
static void *large_realloc(Heap *heap, void *p, size_t n) {
    HeapLarge *large = (HeapLarge *)p - 1;
    if (n > PTRDIFF_MAX - 2 * LARGE_STEP || planned_failure(heap))
        return NULL;
    large_unlink(heap, large);
    HeapLarge *moved = realloc(large, large_bytes(n));
    if (moved == NULL) {
        large_link(heap, large);
        return NULL;
    }
    moved->asked = n;
    moved->good = moved->reserved = large_good_size(n);
    large_link(heap, moved);
    return moved + 1;
}

void *heap_realloc(Heap *heap, void *p, size_t old, size_t n) {
    if (p == NULL)
        return heap_alloc(heap, n);
    if (!HEAP_PLAIN && heap_good_size(old) == heap_good_size(n))
        return p;
    if (!HEAP_PLAIN && old > HEAP_SMALL_MAX && n > HEAP_SMALL_MAX)
        return large_realloc(heap, p, n);
    void *q = heap_alloc(heap, n);
    if (q == NULL)
        return NULL;
    memcpy(q, p, old < n ? old : n);
    heap_free(heap, p, old);
    return q;
}

void *heap_map(Heap *heap, size_t n) {
    if (planned_failure(heap))
        return NULL;
    HeapLarge *large;
    if (n < MAP_FROM || HEAP_PLAIN) {
        void *base;
        if (posix_memalign(&base, 64, n + sizeof(HeapLarge)) != 0)
            return NULL;
        large = base;
        *large = (HeapLarge){.asked = n, .reserved = n + sizeof(HeapLarge)};
    } else {
        n = (n + SYSTEM_PAGE - 1) & ~(SYSTEM_PAGE - 1);
        size_t align = n >= MAP_ALIGN_FROM ? REGION_BYTES : SYSTEM_PAGE;
        char *start = map_aligned(n, align, SYSTEM_PAGE);
        if (start == NULL)
            return NULL;
        large = (HeapLarge *)start - 1;
        *large = (HeapLarge){.asked = n,
                             .reserved = n + SYSTEM_PAGE,
                             .base = start - SYSTEM_PAGE,
                             .base_bytes = n + SYSTEM_PAGE};
    }
    large_link(heap, large);
    return large + 1;
}

void heap_unmap(Heap *heap, void *p) {
    HeapLarge *large = (HeapLarge *)p - 1;
    large_unlink(heap, large);
    large_release(large);
}

void heap_discard(void *map, void *p, size_t n) {
    const HeapLarge *large = (HeapLarge *)map - 1;
    if (large->base == NULL)
        return;
    uintptr_t from = ((uintptr_t)p + SYSTEM_PAGE - 1) & ~(SYSTEM_PAGE - 1);
    uintptr_t to = ((uintptr_t)p + n) & ~(SYSTEM_PAGE - 1);
    uintptr_t end = (uintptr_t)large->base + large->base_bytes;
    if (to > end)
        to = end;
    if (from >= to)
        return;
    madvise((void *)from, to - from, MADV_DONTNEED);
#ifdef MADV_NOHUGEPAGE
    madvise((void *)from, to - from, MADV_NOHUGEPAGE); /* when it is touched again, then page by page */
#endif
}

bool heap_give_back(Heap *heap) {
    HeapLarge *large = heap->leaving;
    HeapRegion *region = heap->idle;
    if (large != NULL && large->good >= 2 * LATER_PIECE) {
        large->good -= LATER_PIECE;
        madvise((char *)large + large->good, LATER_PIECE, MADV_DONTNEED);
    } else if (large != NULL) {
        heap->leaving = large->next;
        heap->reserved -= large->reserved;
        large_release(large);
    } else if (region != NULL && heap->idle_left > LATER_PIECE) {
        heap->idle_left -= LATER_PIECE;
        madvise((char *)region + heap->idle_left, LATER_PIECE, MADV_DONTNEED);
    } else if (region != NULL) {
        heap->idle = region->next;
        heap->idle_left = REGION_BYTES;
        heap->reserved -= REGION_BYTES;
        munmap(region, REGION_BYTES);
    }
    return !heap_waits(heap);
}

void heap_be_patient(Heap *heap) { heap->patient = true; }

void heap_filled(void *p, size_t n) {
#ifdef MADV_HUGEPAGE
    madvise(p, n, MADV_HUGEPAGE);
#else
    (void)p, (void)n;
#endif
}

/* ---- the whole ---- */

Heap *heap_open(void) {
    Heap *heap = calloc(1, sizeof *heap);
    if (heap == NULL)
        return NULL;
    for (unsigned c = 0; c < HEAP_CLASSES; c++)
        heap->current[c] = &heap->nothing;
    heap->reserved = sizeof *heap;
    return heap;
}

void heap_close(Heap *heap) {
    if (heap == NULL)
        return;
    while (!heap_give_back(heap))
        continue;
    for (HeapLarge *large = heap->large, *next; large; large = next) {
        next = large->next;
        large_release(large);
    }
    for (HeapRegion *region = heap->regions, *next; region; region = next) {
        next = region->next;
        munmap(region, REGION_BYTES);
    }
    free(heap);
}

void heap_fail_at(Heap *heap, uint64_t n) {
    heap->fail_left = n;
    for (unsigned c = 1; c < HEAP_CLASSES; c++)
        set_current(heap, c);
}

/* ---- checking ---- */

static bool broken(const char *what, const void *where) {
    fprintf(stderr, "heap: %s (%p)\n", what, where);
    return false;
}

static bool page_check(const Heap *heap, const HeapPage *page, size_t *used) {
    if (page->class_ == 0 || page->class_ >= HEAP_CLASSES || page->size != class_size(page->class_))
        return broken("page with a wrong class", page);
    if (page->full) {
        *used += (size_t)page->count * page->size;
        return page->used == 1 && page->free == NULL ? true : broken("full page with room", page);
    }
    unsigned listed = 0;
    for (char *p = page->free; p; memcpy(&p, p, sizeof p), listed++) {
        size_t at = (size_t)(p - page->start);
        if (p < page->start || at % page->size != 0 || at / page->size >= page->fresh
            || listed >= page->fresh)
            return broken("foreign block in a free list", p);
    }
    if (page->used == 0 || page->used + listed != page->fresh || page->fresh > page->count)
        return broken("page with a wrong number of blocks", page);
    if (page->prev ? page->prev->next != page : heap->open[page->class_] != page)
        return broken("page missing from its list", page);
    if (page->next && page->next->prev != page)
        return broken("list of pages broken", page);
    *used += (size_t)page->used * page->size;
    return true;
}

bool heap_check(const Heap *heap) {
    size_t used = (size_t)heap->counted, reserved = sizeof *heap;
    for (const HeapRegion *region = heap->regions; region; region = region->next) {
        reserved += REGION_BYTES;
        if ((region->free == ALL_FREE) != (region == heap->spare))
            return broken("free region kept", region);
        for (unsigned i = 0; i < HEAP_REGION_PAGES; i++)
            if (!(region->free >> i & 1) && !page_check(heap, &region->pages[i], &used))
                return false;
    }
    for (const HeapLarge *large = heap->large; large; large = large->next) {
        used += large->good;
        reserved += large->reserved;
        if (large->next && large->next->prev != large)
            return broken("list of large blocks broken", large);
    }
    for (const HeapLarge *large = heap->leaving; large; large = large->next)
        reserved += large->reserved;
    for (const HeapRegion *region = heap->idle; region; region = region->next)
        reserved += REGION_BYTES;
    for (unsigned c = 0; c < HEAP_CLASSES; c++) {
        const HeapPage *expected = heap->open[c] && heap->fail_left == 0 ? heap->open[c] : &heap->nothing;
        if (heap->current[c] != expected)
            return broken("wrong current page", heap->current[c]);
    }
    if (used != heap->used)
        return broken("wrong sum of used bytes", heap);
    return reserved == heap->reserved ? true : broken("wrong sum of reserved bytes", heap);
}
