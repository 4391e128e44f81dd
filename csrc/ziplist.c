/* ziplist and zipmap: checking and walking. See ziplist.h for the drawings. */
#include "ziplist.h"

#include "little.h"

enum {
    END = 255,
    BIG = 254,             /* a size of 4 bytes follows */
    ZIPLIST_HEADER = 10,
    ZIPLIST_EMPTY = 11,
    COUNT_UNKNOWN = 65535,
    ZIPMAP_UNKNOWN = 254,
    TEXT_14 = 1,           /* the two high bits of a form */
    TEXT_32 = 2,
    AT_ONCE = 64,          /* entries that are appended together */
};

/* What a form says: where the entry's bytes begin, how many there are, and what kind they are. */
typedef struct {
    uint32_t head;         /* bytes of the form and of its size */
    uint32_t size;
    bool text;
} Form;

/* Reads the form at p, of whose bytes `left` are there; false: no such form, or cut. */
static inline bool read_form(const uint8_t *p, uint64_t left, Form *form) {
    form->head = 1;
    form->text = true;
    switch (*p >> 6) {
    case 0:
        form->size = *p & 63;
        return true;
    case TEXT_14:
        form->head = 2;
        if (left < 2)
            return false;
        form->size = (uint32_t)(*p & 63) << 8 | p[1];
        return true;
    case TEXT_32:
        form->head = 5;
        if (left < 5 || *p != 0x80)
            return false;
        form->size = (uint32_t)p[1] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
        return true;
    }
    form->text = false;
    switch (*p) {
    case 0xC0:
        form->size = 2;
        return true;
    case 0xD0:
        form->size = 4;
        return true;
    case 0xE0:
        form->size = 8;
        return true;
    case 0xF0:
        form->size = 3;
        return true;
    case 0xFE:
        form->size = 1;
        return true;
    }
    form->size = 0;
    return *p > 0xF0 && *p < 0xFE;
}

static int64_t read_number(uint8_t form, const uint8_t *p) {
    switch (form) {
    case 0xC0:
        return (int16_t)little_load16(p);
    case 0xD0:
        return (int32_t)little_load32(p);
    case 0xE0:
        return (int64_t)little_load64(p);
    case 0xF0:
        return (int32_t)((uint32_t)p[0] << 8 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 24) >> 8;
    case 0xFE:
        return (int8_t)*p;
    }
    return (form & 15) - 1;
}

bool ziplist_validate(const uint8_t *bytes, size_t size) {
    if (size < ZIPLIST_EMPTY || size > UINT32_MAX || little_load32(bytes) != size || bytes[size - 1] != END)
        return false;
    uint64_t at = ZIPLIST_HEADER, end = size - 1, last = ZIPLIST_HEADER, count = 0, before = 0;
    while (at < end) {
        uint64_t start = at;
        uint32_t back = bytes[at++];
        Form form;
        if (back == END)
            return false;
        if (back == BIG) {
            if (end - at < 4)
                return false;
            back = little_load32(bytes + at);
            at += 4;
        }
        if (back != before || at >= end || !read_form(bytes + at, end - at, &form))
            return false;
        if (end - at < (uint64_t)form.head + form.size)
            return false;
        at += (uint64_t)form.head + form.size;
        before = at - start;
        last = start;
        count++;
    }
    uint32_t stated = little_load16(bytes + 8);
    return little_load32(bytes + 4) == last && (stated == COUNT_UNKNOWN || stated == count);
}

/* The element of the entry at p, and the place after it. */
static const uint8_t *read_entry(const uint8_t *p, ListpackValue *value) {
    Form form = {0};
    p += *p == BIG ? 5 : 1;
    read_form(p, UINT64_MAX, &form);
    const uint8_t *data = p + form.head;
    *value = form.text ? listpack_text(data, form.size) : listpack_number(read_number(*p, data));
    return data + form.size;
}

/* Appends the values gathered, or frees the listpack. */
static bool flush(Heap *heap, uint8_t **lp, const ListpackValue *values, size_t n) {
    if (listpack_append_many(heap, lp, values, n))
        return true;
    listpack_free(heap, *lp);
    return false;
}

uint8_t *ziplist_to_listpack(Heap *heap, const uint8_t *bytes) {
    ListpackValue values[AT_ONCE];
    size_t n = 0;
    uint8_t *lp = listpack_new(heap);
    if (!lp)
        return NULL;
    for (const uint8_t *p = bytes + ZIPLIST_HEADER; *p != END;) {
        p = read_entry(p, &values[n++]);
        if (n == AT_ONCE || *p == END) {
            if (!flush(heap, &lp, values, n))
                return NULL;
            n = 0;
        }
    }
    return lp;
}

/* ---- zipmap -------------------------------------------------------------------------------- */

/* A size at p, of whose bytes `left` are there; how many it takes, 0: cut, or not a size. */
static inline uint32_t read_size(const uint8_t *p, uint64_t left, uint32_t *size) {
    if (left < 1 || *p == END)
        return 0;
    if (*p < BIG) {
        *size = *p;
        return 1;
    }
    if (left < 5)
        return 0;
    *size = little_load32(p + 1);
    return 5;
}

bool zipmap_validate(const uint8_t *bytes, size_t size) {
    if (size < 2 || size > UINT32_MAX || bytes[size - 1] != END)
        return false;
    uint64_t at = 1, end = size - 1, count = 0;
    while (at < end) {
        for (int half = 0; half < 2; half++) {
            uint32_t n, head = read_size(bytes + at, end - at, &n), unused = 0;
            if (head == 0)
                return false;
            at += head;
            if (half == 1) {
                if (at >= end)
                    return false;
                unused = bytes[at++];
            }
            if (end - at < (uint64_t)n + unused)
                return false;
            at += (uint64_t)n + unused;
        }
        count++;
    }
    return bytes[0] >= ZIPMAP_UNKNOWN || bytes[0] == count;
}

/* The key or the value at p, whose size is followed by `more` bytes, and the place after it. */
static const uint8_t *read_text(const uint8_t *p, uint32_t more, ListpackValue *value) {
    uint32_t n = 0;
    p += read_size(p, UINT64_MAX, &n);
    uint32_t unused = more ? *p : 0;
    p += more;
    *value = listpack_text(p, n);
    return p + n + unused;
}

uint8_t *zipmap_to_listpack(Heap *heap, const uint8_t *bytes) {
    ListpackValue pair[2];
    uint8_t *lp = listpack_new(heap);
    if (!lp)
        return NULL;
    for (const uint8_t *p = bytes + 1; *p != END;) {
        p = read_text(p, 0, &pair[0]);
        p = read_text(p, 1, &pair[1]);
        if (!flush(heap, &lp, pair, 2))
            return NULL;
    }
    return lp;
}
