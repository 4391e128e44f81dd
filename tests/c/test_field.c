/* Fields: name and value survive every change of size and form, in a block as small as the manual says; a timed one
 * keeps its place; a refused allocation changes nothing; the hash table finds them. */
#include "field.h"

#include "packed.h"

static Heap *heap;

static bool holds(const Field *f, const char *name, size_t name_size, const char *value, size_t value_size) {
    bool timed = field_is_timed(f);
    size_t n, v;
    const uint8_t *own_name = field_name(f, &n), *own_value = field_value(f, &v);
    return n == name_size && v == value_size && memcmp(own_name, name, n) == 0
           && memcmp(own_value, value, v) == 0 && field_size(f) == field_bytes(n, v, timed);
}

static void test_sizes(void) {
    CHECK(field_bytes(16, 16, false) == 34 && heap_good_size(field_bytes(16, 16, true)) == 40);
    CHECK(field_bytes(252, 255, false) == 509 && field_bytes(253, 0, false) == 262
          && field_bytes(0, 256, false) == 265);
    CHECK(field_bytes(16, 16, true) == 39 && field_bytes(253, 0, true) == 266);
    CHECK(!field_new(heap, "", (size_t)UINT32_MAX + 1, "", 0, false)
          && !field_new(heap, "", 0, "", (size_t)UINT32_MAX + 1, true));
}

static void test_every_border(void) {
    static const size_t sizes[] = {0, 1, 7, 8, 100, 253, 254, 255, 256, 257, 5000};
    static char name[5000], value[5000];
    memset(name, 'n', sizeof name);
    for (size_t i = 0; i < 11; i++)
        for (size_t j = 0; j < 11; j++)
            for (size_t k = 0; k < 11; k++) {
                memset(value, 'v', sizeof value);
                Field *f = field_new(heap, name, sizes[i], value, sizes[j], false);
                CHECK(holds(f, name, sizes[i], value, sizes[j]));
                memset(value, 'w', sizeof value);
                Field *other = field_set(heap, f, value, sizes[k], false);
                CHECK(holds(other, name, sizes[i], value, sizes[k]) && !field_is_timed(other));
                CHECK(other == f || sizes[k] != sizes[j]);
                CHECK(heap_used(heap) == heap_good_size(field_bytes(sizes[i], sizes[k], false)));
                field_drop(heap, other);
                CHECK(heap_used(heap) == 0);
            }
}

/* From plain to timed, another value, other value and plain again. */
static void test_every_border_timed(void) {
    static const size_t sizes[] = {0, 1, 6, 7, 100, 251, 252, 253, 254, 255, 256, 257, 5000};
    static char name[5000], value[5000], other[5000];
    memset(name, 'n', sizeof name);
    memset(value, 'v', sizeof value);
    memset(other, 'w', sizeof other);
    for (size_t i = 0; i < 13; i++)
        for (size_t j = 0; j < 13; j++)
            for (size_t k = 0; k < 13; k++) {
                Field *f = field_new(heap, name, sizes[i], value, sizes[j], false);
                f = field_retime(heap, f, true);
                CHECK(holds(f, name, sizes[i], value, sizes[j]) && field_is_timed(f));
                field_set_place(f, 0xFEDCBA98);
                CHECK(holds(f, name, sizes[i], value, sizes[j]) && field_place(f) == 0xFEDCBA98);
                f = field_set(heap, f, other, sizes[k], true);
                CHECK(holds(f, name, sizes[i], other, sizes[k]) && field_place(f) == 0xFEDCBA98);
                CHECK(heap_used(heap) == heap_good_size(field_bytes(sizes[i], sizes[k], true)));
                f = k % 2 ? field_retime(heap, f, false) : field_set(heap, f, other, sizes[k], false);
                CHECK(holds(f, name, sizes[i], other, sizes[k]) && !field_is_timed(f));
                f = field_set(heap, f, value, sizes[j], true);
                CHECK(holds(f, name, sizes[i], value, sizes[j]) && field_is_timed(f));
                field_free(heap, f);
                CHECK(heap_used(heap) == 0);
            }
}

static void test_stays_in_its_class(void) {
    Field *f = field_new(heap, "0123456789abcdef", 16, "0123456789abcdef", 16, false);
    Field *longer = field_set(heap, f, "0123456789abcdef++++++", 22, false); /* 40 bytes */
    CHECK(HEAP_PLAIN || longer == f);
    Field *shorter = field_set(heap, longer, "0123456789abcde", 15, false);
    CHECK(HEAP_PLAIN || shorter == f);
    field_free(heap, shorter);
}

static void test_refused_memory(void) {
    Field *f = field_new(heap, "name", 4, "value", 5, false);
    heap_fail_at(heap, 1);
    CHECK(!field_set(heap, f, "a value of more bytes than there were", 37, false));
    CHECK(!field_retime(heap, f, true) && !field_new(heap, "x", 1, "y", 1, false));
    heap_fail_at(heap, 0);
    CHECK(holds(f, "name", 4, "value", 5));
    field_free(heap, f);
    CHECK(heap_used(heap) == 0);
}

static void test_in_a_table(void) {
    uint64_t seed[2] = {1, 2};
    Hashtable table;
    HashtablePos pos;
    char name[300] = {0};
    hashtable_init(&table, heap, seed, field_key);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < 2000; i++) {
            size_t size = i % 300;
            little_store32(name, (uint32_t)i);
            size = size < 4 ? 4 : size;
            uint64_t hash = hashtable_hash(&table, name, size);
            Field *f = field_find(&table, hash, name, size, &pos);
            CHECK((f != NULL) == round);
            if (!round) {
                CHECK(hashtable_insert(&table, hash, field_new(heap, name, size, "one", 3, false), false));
            } else {
                CHECK(holds(f, name, size, "one", 3));
                hashtable_replace(&table, &pos, field_set(heap, f, name, size, false), false);
                CHECK(holds(field_find(&table, hash, name, size, NULL), name, size, name, size));
            }
        }
    hashtable_clear(&table, field_drop, heap);
    CHECK(heap_used(heap) == 0);
}

int main(void) {
    heap = heap_open();
    RUN(test_sizes);
    RUN(test_every_border);
    RUN(test_every_border_timed);
    RUN(test_stays_in_its_class);
    RUN(test_refused_memory);
    RUN(test_in_a_table);
    heap_close(heap);
    return finish("test_field");
}
