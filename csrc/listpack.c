/* listpack: see listpack.h for the interface.
 *
 * Layout (all numbers little-endian unless drawn otherwise):
 *
 *   +----------------+-----------+---------+---------+-- … --+------+
 *   | total bytes u32| count u16 | entry 0 | entry 1 |       | 0xFF |
 *   +----------------+-----------+---------+---------+-- … --+------+
 *    count 65535: that many or more, walk to know
 *
 *   entry = | encoding and data | back-length |
 *
 *   first byte   data                                                   bytes
 *   0xxxxxxx     unsigned 7-bit integer                                 1
 *   10nnnnnn     text of n < 64 bytes                                   1 + n
 *   110xxxxx +1  signed 13-bit integer, high bits first                 2
 *   1110nnnn +1  text of n < 4096 bytes, high bits of n first           2 + n
 *   0xF0 +4      text of n < 2^32 bytes                                 5 + n
 *   0xF1..0xF4   signed integer of 16, 24, 32, 64 bits                  3, 4, 5, 9
 *   0xFF         end of the listpack
 *
 *   back-length = bytes of encoding and data, 7 bits per byte, high bits first, every byte
 *   but the first with its top bit set: read backwards, a clear top bit ends it. As few
 *   bytes as hold it, but Redis moves to one byte more already for 2^14 - 1, 2^21 - 1 and
 *   2^28 - 1, where the first byte then is 0. We write like Valkey and read both.
 *
 * Worked example, [1, "ab"] in 13 bytes:  0d000000 0200 / 01 01 / 82 61 62 03 / ff
 *
 * One-way (top bit of "total bytes" set, otherwise the same): no back-lengths. For sequences that are
 * read from the front only, a byte less per entry and a read less per step; the entry before another
 * is found from the front. Never leaves this process: what comes from outside cannot have the bit.
 *
 *   [1, "ab"] in 11 bytes:  0b000080 0200 / 01 / 82 61 62 / ff
 *
 * Invariants: block size == heap_good_size(total); every text that is a canonical int64 is
 * stored as an integer, in the shortest encoding (not relied upon when reading).
 *
 * Costs: walking 1-3 ns per entry; any change in the middle moves the bytes behind it.
 *
 * From: Salvatore Sanfilippo's listpack specification (2017), and bytes seen in DUMP payloads.
 */
#include "listpack.h"

#include <string.h>

/* --- texts and integers -------------------------------------------------------------- */

uint32_t listpack_format(int64_t number, char *buffer) { return (uint32_t)number_format_int(number, buffer); }

static bool same_text(const ListpackValue *a, const uint8_t *text, uint32_t size) {
    return a->size == size && memcmp(a->text, text, size) == 0;
}

bool listpack_equal(const ListpackValue *a, const ListpackValue *b) {
    if (a->integer && b->integer)
        return a->number == b->number;
    if (!a->integer && !b->integer)
        return same_text(a, b->text, b->size);
    char digits[LISTPACK_INT_DIGITS];
    const ListpackValue *number = a->integer ? a : b, *text = a->integer ? b : a;
    return same_text(text, (uint8_t *)digits, listpack_format(number->number, digits));
}

/* --- one entry ----------------------------------------------------------------------- */

/* Bytes of the back-length that is written for so many bytes. */
static inline uint32_t back_bytes(uint64_t data) {
    return data < 1 << 7 ? 1 : data < 1 << 14 ? 2 : data < 1 << 21 ? 3 : data < 1 << 28 ? 4 : 5;
}

/* Whether two widths of the back-length are in use for so many bytes. */
static inline bool two_widths(uint64_t data) {
    return data == (1 << 14) - 1 || data == (1 << 21) - 1 || data == (1 << 28) - 1;
}

/* Bytes of the back-length which stands at p. */
static inline uint32_t back_bytes_at(const uint8_t *p, uint32_t data) {
    if (data < 1 << 7)
        return 1;
    return back_bytes(data) + (two_widths(data) && *p == 0);
}

static inline bool is_one_way(const uint8_t *lp) { return lp[3] & 0x80; }

/* Where the entry ends whose encoding and data of so many bytes end at `at`. */
static inline uint32_t over_back(const uint8_t *lp, uint32_t at, uint32_t data) {
    return is_one_way(lp) ? at : at + back_bytes_at(lp + at, data);
}

/* Bytes of encoding and data of the value to be stored. */
static size_t data_bytes(const ListpackValue *value) {
    if (!value->integer) {
        size_t n = value->size;
        return n + (n < 64 ? 1 : n < 4096 ? 2 : 5);
    }
    int64_t v = value->number;
    if (v >= 0 && v <= 127)
        return 1;
    if (v >= -4096 && v <= 4095)
        return 2;
    if (v >= INT16_MIN && v <= INT16_MAX)
        return 3;
    if (v >= -(1 << 23) && v < (1 << 23))
        return 4;
    return v >= INT32_MIN && v <= INT32_MAX ? 5 : 9;
}

size_t listpack_entry_bytes(const ListpackValue *value) {
    size_t data = data_bytes(value);
    return data + back_bytes(data);
}

static inline size_t entry_bytes(const uint8_t *lp, const ListpackValue *value) {
    return is_one_way(lp) ? data_bytes(value) : listpack_entry_bytes(value);
}

static uint8_t *write_text(uint8_t *p, const ListpackValue *value) {
    uint32_t n = value->size;
    if (n < 64) {
        *p++ = (uint8_t)(0x80 | n);
    } else if (n < 4096) {
        *p++ = (uint8_t)(0xE0 | n >> 8);
        *p++ = (uint8_t)n;
    } else {
        *p++ = 0xF0;
        little_store32(p, n);
        p += 4;
    }
    memcpy(p, value->text, n);
    return p + n;
}

static uint8_t *write_integer(uint8_t *p, int64_t v, size_t data) {
    switch (data) {
    case 1:
        p[0] = (uint8_t)v;
        break;
    case 2:
        p[0] = (uint8_t)(0xC0 | (v >> 8 & 0x1F));
        p[1] = (uint8_t)v;
        break;
    case 3:
        p[0] = 0xF1;
        little_store16(p + 1, (uint16_t)v);
        break;
    case 4:
        p[0] = 0xF2;
        little_store16(p + 1, (uint16_t)v);
        p[3] = (uint8_t)(v >> 16);
        break;
    case 5:
        p[0] = 0xF3;
        little_store32(p + 1, (uint32_t)v);
        break;
    default:
        p[0] = 0xF4;
        little_store64(p + 1, (uint64_t)v);
    }
    return p + data;
}

/* Writes the entry at p in lp, where entry_bytes(lp, value) bytes are free; returns its end. */
static uint8_t *write_entry(const uint8_t *lp, uint8_t *p, const ListpackValue *value) {
    size_t data = data_bytes(value);
    p = value->integer ? write_integer(p, value->number, data) : write_text(p, value);
    if (is_one_way(lp))
        return p;
    uint32_t n = back_bytes(data);
    for (uint32_t i = n; i-- > 0; data >>= 7)
        p[i] = (uint8_t)((data & 127) | (i ? 128 : 0));
    return p + n;
}

/* Bytes of encoding and data of the entry at p; its header must be readable. */
static inline uint64_t read_size(const uint8_t *p) {
    static const uint8_t wide[4] = {3, 4, 5, 9};
    uint8_t b = p[0];
    if (b < 0x80)
        return 1;
    if (b < 0xC0)
        return 1 + (b & 63u);
    if (b < 0xE0)
        return 2;
    if (b < 0xF0)
        return 2 + ((b & 15u) << 8 | p[1]);
    return b == 0xF0 ? 5 + (uint64_t)little_load32(p + 1) : wide[(b - 0xF1) & 3];
}

static inline uint32_t after(const uint8_t *lp, uint32_t at) {
    uint32_t data = (uint32_t)read_size(lp + at);
    return over_back(lp, at + data, data);
}

/* Reads the entry at p; returns its bytes of encoding and data. */
static inline uint32_t read_entry(const uint8_t *p, ListpackValue *value) {
    uint8_t b = p[0];
    *value = (ListpackValue){.integer = true};
    if (b < 0x80) {
        value->number = b;
        return 1;
    }
    if (b < 0xC0) {
        *value = (ListpackValue){.text = p + 1, .size = b & 63u};
        return 1 + value->size;
    }
    if (b < 0xE0) { /* the xor moves the sign bit so that subtracting it extends the sign */
        value->number = (int32_t)(((b & 31u) << 8 | p[1]) ^ 0x1000) - 0x1000;
        return 2;
    }
    if (b < 0xF0) {
        *value = (ListpackValue){.text = p + 2, .size = (b & 15u) << 8 | p[1]};
        return 2 + value->size;
    }
    switch (b) {
    case 0xF0:
        *value = (ListpackValue){.text = p + 5, .size = little_load32(p + 1)};
        return 5 + value->size;
    case 0xF1:
        value->number = (int16_t)little_load16(p + 1);
        return 3;
    case 0xF2:
        value->number = (int32_t)((little_load16(p + 1) | (uint32_t)p[3] << 16) ^ 0x800000) - 0x800000;
        return 4;
    case 0xF3:
        value->number = (int32_t)little_load32(p + 1);
        return 5;
    default:
        value->number = (int64_t)little_load64(p + 1);
        return 9;
    }
}

/* --- the block ----------------------------------------------------------------------- */

static uint8_t *new_block(Heap *heap, uint32_t bytes, uint32_t one_way) {
    uint8_t *lp = heap_alloc(heap, bytes);
    if (lp) {
        little_store32(lp, bytes | one_way);
        little_store16(lp + 4, 0);
        lp[bytes - 1] = LISTPACK_END;
    }
    return lp;
}

uint8_t *listpack_new(Heap *heap) { return new_block(heap, LISTPACK_EMPTY_BYTES, 0); }

uint8_t *listpack_new_one_way(Heap *heap) { return new_block(heap, LISTPACK_EMPTY_BYTES, LISTPACK_ONE_WAY); }

uint8_t *listpack_copy(Heap *heap, const uint8_t *lp) {
    uint32_t bytes = listpack_bytes(lp);
    uint8_t *copy = heap_alloc(heap, bytes);
    if (copy)
        memcpy(copy, lp, bytes);
    return copy;
}

void listpack_free(Heap *heap, uint8_t *lp) {
    if (lp)
        heap_free(heap, lp, listpack_bytes(lp));
}

static uint32_t walk_count(const uint8_t *lp) {
    uint32_t n = 0;
    for (uint32_t at = LISTPACK_HEADER; lp[at] != LISTPACK_END; at = after(lp, at))
        n++;
    return n;
}

uint32_t listpack_count(const uint8_t *lp) {
    uint32_t n = little_load16(lp + 4);
    return n == LISTPACK_COUNT_UNKNOWN ? walk_count(lp) : n;
}

/* An unknown count stays unknown: finding out would cost a walk per change. */
static void add_count(uint8_t *lp, int64_t n) {
    int64_t count = little_load16(lp + 4);
    if (count != LISTPACK_COUNT_UNKNOWN) {
        count += n;
        little_store16(lp + 4, (uint16_t)(count < LISTPACK_COUNT_UNKNOWN ? count : LISTPACK_COUNT_UNKNOWN));
    }
}

/* Puts `add` free bytes in the place of the `drop` bytes at `at`, and keeps the block at the good size of
 * the total. False: nothing changed. */
static bool splice(Heap *heap, uint8_t **lp, uint32_t at, size_t drop, size_t add) {
    uint8_t *p = *lp;
    uint32_t old = listpack_bytes(p);
    size_t bytes = old - drop + add, behind = old - at - drop;
    if (add > LISTPACK_MAX_BYTES || (bytes > LISTPACK_MAX_BYTES && add > drop))
        return false;
    if (bytes >= old) {
        p = heap_realloc(heap, p, old, bytes);
        if (!p)
            return false;
        memmove(p + at + add, p + at + drop, behind);
    } else if (heap_good_size(bytes) == heap_good_size(old)) {
        memmove(p + at + add, p + at + drop, behind);
    } else { /* a smaller block may be refused, so the bytes are not touched before it is there */
        uint8_t *smaller = heap_alloc(heap, bytes);
        if (!smaller)
            return false;
        memcpy(smaller, p, at);
        memcpy(smaller + at + add, p + at + drop, behind);
        heap_free(heap, p, old);
        p = smaller;
    }
    little_store32(p, (uint32_t)bytes | (little_load32(p) & LISTPACK_ONE_WAY));
    *lp = p;
    return true;
}

/* --- walking -------------------------------------------------------------------------- */

static uint32_t before_one_way(const uint8_t *lp, uint32_t at) {
    uint32_t i = LISTPACK_HEADER, next;
    while ((next = i + (uint32_t)read_size(lp + i)) < at)
        i = next;
    return i;
}

/* The entry that ends at `at`. */
static uint32_t before(const uint8_t *lp, uint32_t at) {
    if (at == LISTPACK_HEADER)
        return LISTPACK_NONE;
    if (is_one_way(lp))
        return before_one_way(lp, at);
    uint32_t data = 0, n = 0;
    uint8_t b;
    do {
        b = lp[at - 1 - n];
        data |= (uint32_t)(b & 127) << 7 * n;
        n++;
    } while (b & 128);
    return at - n - data;
}

static inline uint32_t none_at_end(const uint8_t *lp, uint32_t at) {
    return lp[at] == LISTPACK_END ? LISTPACK_NONE : at;
}

uint32_t listpack_last(const uint8_t *lp) { return before(lp, listpack_bytes(lp) - 1); }

uint32_t listpack_next(const uint8_t *lp, uint32_t at) { return none_at_end(lp, after(lp, at)); }

uint32_t listpack_prev(const uint8_t *lp, uint32_t at) { return before(lp, at); }

uint32_t listpack_seek(const uint8_t *lp, int64_t index) {
    int64_t count = is_one_way(lp) ? listpack_count(lp) : little_load16(lp + 4);
    if (count != LISTPACK_COUNT_UNKNOWN || is_one_way(lp)) {
        if (index < -count || index >= count)
            return LISTPACK_NONE;
        if (index >= 0 && index > count / 2 && !is_one_way(lp))
            index -= count;
        else if (index < 0 && (index < -count / 2 || is_one_way(lp)))
            index += count;
    }
    uint32_t at;
    if (index >= 0) {
        for (at = LISTPACK_HEADER; lp[at] != LISTPACK_END && index > 0; index--)
            at = after(lp, at);
        return none_at_end(lp, at);
    }
    at = listpack_last(lp);
    while (at != LISTPACK_NONE && ++index < 0)
        at = before(lp, at);
    return at;
}

ListpackValue listpack_get(const uint8_t *lp, uint32_t at) {
    ListpackValue value;
    read_entry(lp + at, &value);
    return value;
}

uint32_t listpack_step(const uint8_t *lp, uint32_t at, ListpackValue *value) {
    uint32_t data = read_entry(lp + at, value);
    return none_at_end(lp, over_back(lp, at + data, data));
}

uint32_t listpack_find(const uint8_t *lp, uint32_t at, const ListpackValue *needle, uint32_t skip) {
    char digits[LISTPACK_INT_DIGITS]; /* for integers which a foreign writer has stored as text */
    const uint8_t *text = needle->text;
    uint32_t size = needle->size;
    if (at == LISTPACK_NONE)
        return LISTPACK_NONE;
    if (needle->integer) {
        text = (const uint8_t *)digits;
        size = listpack_format(needle->number, digits);
    }
    while (lp[at] != LISTPACK_END) {
        ListpackValue value;
        uint32_t data = read_entry(lp + at, &value);
        if (value.integer ? needle->integer && value.number == needle->number : same_text(&value, text, size))
            return at;
        at = over_back(lp, at + data, data);
        for (uint32_t i = 0; i < skip && lp[at] != LISTPACK_END; i++)
            at = after(lp, at);
    }
    return LISTPACK_NONE;
}

/* --- changing ------------------------------------------------------------------------- */

static bool insert(Heap *heap, uint8_t **lp, uint32_t at, const ListpackValue *value) {
    if (!splice(heap, lp, at, 0, entry_bytes(*lp, value)))
        return false;
    write_entry(*lp, *lp + at, value);
    add_count(*lp, 1);
    return true;
}

bool listpack_append(Heap *heap, uint8_t **lp, const ListpackValue *value) {
    return insert(heap, lp, listpack_bytes(*lp) - 1, value);
}

bool listpack_append_many(Heap *heap, uint8_t **lp, const ListpackValue *values, size_t n) {
    return listpack_insert_many(heap, lp, LISTPACK_NONE, values, n);
}

bool listpack_insert_many(Heap *heap, uint8_t **lp, uint32_t at, const ListpackValue *values, size_t n) {
    size_t add = 0;
    if (at == LISTPACK_NONE)
        at = listpack_bytes(*lp) - 1;
    for (size_t i = 0; i < n && add <= LISTPACK_MAX_BYTES; i++)
        add += entry_bytes(*lp, &values[i]);
    if (!splice(heap, lp, at, 0, add))
        return false;
    uint8_t *p = *lp + at;
    for (size_t i = 0; i < n; i++)
        p = write_entry(*lp, p, &values[i]);
    add_count(*lp, (int64_t)n);
    return true;
}

bool listpack_prepend(Heap *heap, uint8_t **lp, const ListpackValue *value) {
    return insert(heap, lp, LISTPACK_HEADER, value);
}

bool listpack_insert_before(Heap *heap, uint8_t **lp, uint32_t *at, const ListpackValue *value) {
    return insert(heap, lp, *at, value);
}

bool listpack_insert_after(Heap *heap, uint8_t **lp, uint32_t *at, const ListpackValue *value) {
    uint32_t next = after(*lp, *at);
    if (!insert(heap, lp, next, value))
        return false;
    *at = next;
    return true;
}

bool listpack_replace(Heap *heap, uint8_t **lp, uint32_t at, const ListpackValue *value) {
    size_t old = after(*lp, at) - at, bytes = entry_bytes(*lp, value);
    if (bytes != old && !splice(heap, lp, at, old, bytes))
        return false;
    write_entry(*lp, *lp + at, value);
    return true;
}

bool listpack_delete(Heap *heap, uint8_t **lp, uint32_t *at) {
    return listpack_delete_range(heap, lp, at, 1);
}

bool listpack_delete_range(Heap *heap, uint8_t **lp, uint32_t *at, uint32_t n) {
    uint32_t end = *at, removed = 0;
    for (; removed < n && (*lp)[end] != LISTPACK_END; removed++)
        end = after(*lp, end);
    if (!splice(heap, lp, *at, end - *at, 0))
        return false;
    add_count(*lp, -(int64_t)removed);
    *at = none_at_end(*lp, *at);
    return true;
}

/* The bytes of a and, behind them, those of b change places, by pieces of the shorter run. */
static void swap_runs(uint8_t *p, size_t a, size_t b) {
    uint8_t kept[256];
    while (a && b) {
        size_t n;
        if (a <= b) { /* the end of a goes behind b */
            n = a < sizeof kept ? a : sizeof kept;
            memcpy(kept, p + a - n, n);
            memmove(p + a - n, p + a, b);
            memcpy(p + a - n + b, kept, n);
            a -= n;
        } else { /* the start of b goes before a */
            n = b < sizeof kept ? b : sizeof kept;
            memcpy(kept, p + a, n);
            memmove(p + n, p, a);
            memcpy(p, kept, n);
            p += n;
            b -= n;
        }
    }
}

void listpack_rotate(uint8_t *lp, uint32_t first, uint32_t middle, uint32_t end) {
    if (end == LISTPACK_NONE)
        end = listpack_bytes(lp) - 1;
    swap_runs(lp + first, middle - first, end - middle);
}

bool listpack_merge(Heap *heap, uint8_t **into, uint8_t *from) {
    uint32_t end = listpack_bytes(*into) - 1, bytes = listpack_bytes(from);
    uint32_t body = bytes - LISTPACK_EMPTY_BYTES;
    if (!splice(heap, into, end, 0, body))
        return false;
    memcpy(*into + end, from + LISTPACK_HEADER, body);
    int64_t count = little_load16(from + 4); /* unknown: at least as many, so the sum is unknown too */
    add_count(*into, count);
    heap_free(heap, from, bytes);
    return true;
}

bool listpack_split(Heap *heap, uint8_t **lp, uint32_t at, uint8_t **tail) {
    uint32_t bytes = listpack_bytes(*lp), body = bytes - 1 - at, kept = 0, cut = 0;
    for (uint32_t i = LISTPACK_HEADER; (*lp)[i] != LISTPACK_END; i = after(*lp, i))
        i < at ? kept++ : cut++;
    uint8_t *rest = new_block(heap, LISTPACK_EMPTY_BYTES + body, little_load32(*lp) & LISTPACK_ONE_WAY);
    if (!rest)
        return false;
    memcpy(rest + LISTPACK_HEADER, *lp + at, body);
    if (!splice(heap, lp, at, body, 0)) {
        listpack_free(heap, rest);
        return false;
    }
    add_count(rest, cut);
    little_store16(*lp + 4, 0);
    add_count(*lp, kept);
    *tail = rest;
    return true;
}

/* --- bytes from outside ---------------------------------------------------------------- */

/* Bytes of the entry at `at`, back-length included, or 0 if it is broken or reaches to `end` (the place of
 * the end mark) or beyond. */
static uint64_t checked_entry(const uint8_t *bytes, uint64_t at, uint64_t end) {
    uint8_t b = bytes[at];
    uint32_t header = b < 0xC0 || b > 0xF0 ? 1 : b == 0xF0 ? 5 : 2;
    if (b > 0xF4 || at + header > end)
        return 0;
    uint64_t data = read_size(bytes + at);
    if (at + data >= end)
        return 0;
    uint32_t n = back_bytes_at(bytes + at + data, (uint32_t)data);
    if (at + data + n > end)
        return 0;
    const uint8_t *back = bytes + at + data;
    for (uint64_t i = n, rest = data; i-- > 0; rest >>= 7)
        if (back[i] != ((rest & 127) | (i ? 128 : 0)))
            return 0;
    return data + n;
}

/* The same of an entry of less than 64 bytes, which most are: all that depends on its first byte is one addition. */
static inline uint64_t checked_short(const uint8_t *bytes, uint64_t at, uint64_t end) {
    uint64_t data = bytes[at] & 0x80 ? 1 + (bytes[at] & 63u) : 1;
    return at + data < end && bytes[at + data] == data ? data + 1 : 0;
}

static inline bool shallow(const uint8_t *bytes, size_t size) {
    return size >= LISTPACK_EMPTY_BYTES && size <= LISTPACK_MAX_BYTES && little_load32(bytes) == size
           && bytes[size - 1] == LISTPACK_END;
}

ListpackState listpack_state(const uint8_t *bytes, size_t size) {
    bool plain = true;
    if (!shallow(bytes, size))
        return LISTPACK_BROKEN;
    uint64_t at = LISTPACK_HEADER, end = size - 1, count = 0;
    for (uint64_t n; at < end; at += n, count++) {
        uint8_t b = bytes[at], first = bytes[at + 1]; /* the end mark is there */
        n = b < 0xC0 ? checked_short(bytes, at, end) : checked_entry(bytes, at, end);
        if (n == 0)
            return LISTPACK_BROKEN;
        if (b >= 0xC0 || (b & 0x80 && (first == '-' || (uint8_t)(first - '0') <= 9)))
            plain = false;
    }
    uint32_t stated = little_load16(bytes + 4);
    if (stated != LISTPACK_COUNT_UNKNOWN && stated != count)
        return LISTPACK_BROKEN;
    return plain ? LISTPACK_PLAIN : LISTPACK_WHOLE;
}

bool listpack_validate(const uint8_t *bytes, size_t size, bool deep) {
    return deep ? listpack_state(bytes, size) != LISTPACK_BROKEN : shallow(bytes, size);
}
