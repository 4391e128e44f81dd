/* heap: memory for one engine, with sized frees and exact accounting.
 *
 * Every allocation of a kernel goes through a Heap, and the caller says the size
 * again when it gives the memory back: nothing is stored beside a block, and no
 * look-up asks how large it was. One Heap belongs to one engine and is used by
 * one thread at a time (the engine's lock sees to that).
 *
 * See heap.c for the layout of pages and classes, the invariants and the costs.
 * The structs are visible only so that the fast paths can be inlined.
 */
#ifndef CYDIS_HEAP_H
#define CYDIS_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Under AddressSanitizer every block is one of malloc's, so that overruns and late uses are seen. */
#if defined(__SANITIZE_ADDRESS__)
#define HEAP_PLAIN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAP_PLAIN 1
#endif
#endif
#ifndef HEAP_PLAIN
#define HEAP_PLAIN 0
#endif

#define HEAP_CLASSES 177         /* class 0 is never handed out */
#define HEAP_SMALL_MAX 16384     /* above: not from pages */
#define HEAP_PAGE_SHIFT 17
#define HEAP_REGION_SHIFT 21
#define HEAP_REGION_PAGES 16

typedef struct HeapPage {
    void *free;                  /* blocks given back, linked through their first word */
    uint32_t used;               /* blocks handed out; 1 while `full` (see heap.c) */
    uint32_t size;               /* bytes of a block */
    struct HeapPage *next, *prev; /* in the list of its class's pages with room */
    char *start;                 /* the first block */
    uint16_t fresh;              /* blocks never handed out begin here */
    uint16_t count;              /* blocks of the page */
    uint8_t class_;
    bool full;                   /* known to have no room: in no list */
} HeapPage;

typedef struct HeapRegion {
    struct HeapRegion *next, *prev;           /* all regions of the heap */
    struct HeapRegion *open_next, *open_prev; /* those with free pages */
    uint32_t free;                            /* one bit per free page */
    uint8_t unused[28];
    HeapPage pages[HEAP_REGION_PAGES];
} HeapRegion;

typedef struct HeapLarge HeapLarge;

typedef struct Heap {
    size_t used;                        /* good sizes handed out, and what was counted in */
    HeapPage *current[HEAP_CLASSES];    /* where the fast path takes from, or &nothing */
    HeapPage *open[HEAP_CLASSES];       /* pages with room, the current one first */
    HeapPage nothing;                   /* a page without a block */
    HeapRegion *regions, *open_regions, *spare;
    HeapRegion *idle;                   /* patient: empty, to be given back or used again */
    HeapLarge *large;
    HeapLarge *leaving;                 /* patient: to be given back */
    size_t idle_left;                   /* bytes of the first idle region that were not yet */
    bool patient;
    size_t reserved;
    ptrdiff_t counted;                  /* sum of heap_count */
    uint64_t fail_left;                 /* 0: no failure asked for */
} Heap;

/* A new heap, or NULL. heap_close gives back everything it ever handed out. */
Heap *heap_open(void);
void heap_close(Heap *heap);

/* n > 0 bytes, 8-byte aligned (64-byte aligned if n is a multiple of 64 up to 16 KiB), or NULL. O(1). */
static inline void *heap_alloc(Heap *heap, size_t n);

/* Gives p back; n is the size asked for (or any size of the same class). p may be NULL. O(1). */
static inline void heap_free(Heap *heap, void *p, size_t n);

/* p grown or shrunk from `old` to n bytes, its bytes kept; p itself where the class is the same.
 * NULL leaves p as it was. p may be NULL (old = 0). */
void *heap_realloc(Heap *heap, void *p, size_t old, size_t n);

/* The bytes that a request of n really occupies (n rounded up to its class). */
size_t heap_good_size(size_t n);

/* Bytes handed out and not given back, in good sizes. O(1). */
size_t heap_used(const Heap *heap);

/* Bytes taken from the system. O(1). */
size_t heap_reserved(const Heap *heap);

/* A large stretch, 64-byte aligned, whose pages cost memory only when touched; its bytes are undefined.
 * It adds to heap_reserved at once, but to heap_used only what its owner counts in with heap_count.
 * heap_discard gives the whole pages inside [p, p + n) back to the system, their bytes are lost. */
void *heap_map(Heap *heap, size_t n);
void heap_unmap(Heap *heap, void *p);
void heap_discard(void *map, void *p, size_t n);

/* The 2 MiB pieces of [p, p + n), from mmap and aligned to 2 MiB, are in use: they may become huge pages. */
void heap_filled(void *p, size_t n);

/* Bytes of maps that their owner uses, or no longer (negative). */
static inline void heap_count(Heap *heap, ptrdiff_t bytes) {
    heap->used += (size_t)bytes;
    heap->counted += bytes;
}

/* A patient heap does not give much back to the system at once, which takes the system 0.1 ms per MiB: empty
 * regions and blocks of 32 MiB and more wait, until heap_give_back is called. It gives back one piece, in some
 * 20 us; true: nothing waits any more. What waits counts as reserved, no longer as used. */
void heap_be_patient(Heap *heap);
bool heap_give_back(Heap *heap);
static inline bool heap_waits(const Heap *heap) { return heap->idle != NULL || heap->leaving != NULL; }

/* Tests: let the n-th allocation from now (1 = the next) and all after it fail; 0 switches off. */
void heap_fail_at(Heap *heap, uint64_t n);

/* Walks all pages and checks every invariant; false (with a line on stderr) on the first broken one. */
bool heap_check(const Heap *heap);

/* ---- the fast paths ---- */

void *heap_alloc_slow(Heap *heap, size_t n);
void heap_free_large(Heap *heap, void *p, size_t n);
void heap_page_turned(Heap *heap, HeapPage *page);
void heap_wrong_size(const void *p, size_t n, size_t size);

/* The class of n <= HEAP_SMALL_MAX. */
static inline unsigned heap_class(size_t n) {
    if (n <= 256)
        return (unsigned)((n + 7) >> 3);
    unsigned top = 63 - (unsigned)__builtin_clzll(n - 1);
    if (n <= 2048)
        return 33 + (top - 8) * 32 + (unsigned)((n - 1) >> (top - 5) & 31);
    return 129 + (top - 11) * 16 + (unsigned)((n - 1) >> (top - 4) & 15);
}

static inline HeapPage *heap_page(const void *p) {
    uintptr_t at = (uintptr_t)p;
    HeapRegion *region = (HeapRegion *)(at >> HEAP_REGION_SHIFT << HEAP_REGION_SHIFT);
    return &region->pages[at >> HEAP_PAGE_SHIFT & (HEAP_REGION_PAGES - 1)];
}

static inline void *heap_alloc(Heap *heap, size_t n) {
    if (HEAP_PLAIN || __builtin_expect(n > HEAP_SMALL_MAX, 0))
        return heap_alloc_slow(heap, n);
    HeapPage *page = heap->current[heap_class(n)];
    void *p = page->free;
    if (__builtin_expect(p == NULL, 0))
        return heap_alloc_slow(heap, n);
    memcpy(&page->free, p, sizeof p);
    page->used++;
    heap->used += page->size;
    return p;
}

static inline void heap_free(Heap *heap, void *p, size_t n) {
    if (HEAP_PLAIN || __builtin_expect(n > HEAP_SMALL_MAX || p == NULL, 0)) {
        heap_free_large(heap, p, n);
        return;
    }
    HeapPage *page = heap_page(p);
#ifdef CYDIS_DEBUG
    if (page->class_ != heap_class(n))
        heap_wrong_size(p, n, page->size);
#endif
    memcpy(p, &page->free, sizeof p);
    page->free = p;
    heap->used -= page->size;
    if (__builtin_expect(--page->used == 0, 0))
        heap_page_turned(heap, page);
}

#endif
