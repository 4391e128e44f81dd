"""Hashes as listpacks and hash tables. See hashes.pxd for the contract.

The borders are the reference's: a listpack becomes a hash table when more pairs come at once than
hash-max-listpack-entries, when a field or value longer than hash-max-listpack-value comes, and when it has
grown past the entries. None goes back.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from cydis.core.field cimport (
    Field, field_drop, field_find, field_free, field_key, field_name, field_new, field_set, field_size, field_value,
)
from cydis.core.hashtable cimport (
    Hashtable, HashtableIter, HashtablePos, hashtable_clear, hashtable_clear_some, hashtable_hash, hashtable_init,
    hashtable_insert, hashtable_memory, hashtable_next, hashtable_prefetch_bucket, hashtable_prefetch_entry,
    hashtable_random, hashtable_remove_at, hashtable_replace, hashtable_scan, hashtable_size,
)
from cydis.core.heap cimport heap_alloc, heap_free, heap_good_size
from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, LISTPACK_MAX_BYTES, LISTPACK_NONE, ListpackValue, listpack_append_many, listpack_bytes,
    listpack_copy, listpack_count, listpack_delete_range, listpack_find, listpack_first, listpack_free, listpack_get,
    listpack_memory, listpack_new_one_way, listpack_next, listpack_prev, listpack_replace, listpack_seek, listpack_step,
    listpack_text, listpack_value_text,
)
from cydis.core.record cimport Record, record_pointer, record_set_pointer, record_slot
from cydis.core.resp cimport RespArg
from cydis.types.context cimport Context, context_random
from cydis.types.draw cimport SPARSE, draw_entries, random_below
from cydis.types.encodings cimport ENC_HASHTABLE, ENC_LISTPACK

cdef enum:
    AHEAD = 8                             # fields whose lines are fetched together


cdef inline uint8_t* pack_of(const Record* hash) noexcept nogil:
    return <uint8_t*>record_pointer(hash)


cdef inline uint8_t** pack_slot(Record* hash) noexcept nogil:
    """Where the listpack's address stands, for what may move it."""
    return <uint8_t**>record_slot(hash)


cdef inline Hashtable* table_of(const Record* hash) noexcept nogil:
    return <Hashtable*>record_pointer(hash)


cdef size_t hash_size(const Record* hash) noexcept nogil:
    return hashtable_size(table_of(hash)) if hash.encoding == ENC_HASHTABLE else listpack_count(pack_of(hash)) // 2


cdef inline void entry_name(const void* entry, ListpackValue* name) noexcept nogil:
    cdef size_t size
    name.text = field_name(<const Field*>entry, &size)
    name.size = <uint32_t>size
    name.integer = False


cdef inline void entry_value(const void* entry, ListpackValue* value) noexcept nogil:
    cdef size_t size
    value.text = field_value(<const Field*>entry, &size)
    value.size = <uint32_t>size
    value.integer = False


# ---- borders ----

cdef void* hash_new(Context* cx, int encoding) noexcept nogil:
    cdef Hashtable* table
    if encoding == ENC_LISTPACK:
        return listpack_new_one_way(cx.heap)
    table = <Hashtable*>heap_alloc(cx.heap, sizeof(Hashtable))
    if table != NULL:
        hashtable_init(table, cx.heap, cx.seed, field_key)
    return table


cdef void table_free(Context* cx, Hashtable* table) noexcept nogil:
    hashtable_clear(table, field_drop, cx.heap)
    heap_free(cx.heap, table, sizeof(Hashtable))


cdef inline bint table_insert(Context* cx, Hashtable* table, uint64_t hash, const void* name, size_t name_size,
                              const void* value, size_t value_size) noexcept nogil:
    """Adds what is not there yet."""
    cdef Field* field = field_new(cx.heap, name, name_size, value, value_size)
    if field == NULL:
        return False
    if not hashtable_insert(table, hash, field, False):
        field_free(cx.heap, field)
        return False
    return True


cdef bint to_table(Context* cx, Record* hash) noexcept nogil:
    """Makes a listpack a hash table. O(n). False: no memory, it stays a listpack."""
    cdef Hashtable* table = <Hashtable*>hash_new(cx, ENC_HASHTABLE)
    cdef HashWalk walk
    cdef ListpackValue field, value
    cdef char[LISTPACK_INT_DIGITS] name_digits
    cdef char[LISTPACK_INT_DIGITS] value_digits
    cdef const uint8_t* name
    cdef const uint8_t* text
    cdef size_t name_size, size
    if table == NULL:
        return False
    hash_walk(hash, &walk)
    while hash_next(&walk, &field, &value):
        name = listpack_value_text(&field, name_digits, &name_size)
        text = listpack_value_text(&value, value_digits, &size)
        if not table_insert(cx, table, hashtable_hash(table, name, name_size), name, name_size, text, size):
            table_free(cx, table)
            return False
    listpack_free(cx.heap, pack_of(hash))
    record_set_pointer(hash, table)
    hash.encoding = ENC_HASHTABLE
    return True


cdef inline bint fits_pack(const Context* cx, const RespArg* text) noexcept nogil:
    return <int64_t>text.size <= cx.limits.hash_max_listpack_value


cdef int hash_fit(const Context* cx, const RespArg* pairs, size_t count) noexcept nogil:
    cdef size_t i, total = 0
    if <int64_t>count > cx.limits.hash_max_listpack_entries:
        return ENC_HASHTABLE
    for i in range(2 * count):
        if not fits_pack(cx, &pairs[i]):
            return ENC_HASHTABLE
        total += pairs[i].size + LISTPACK_INT_DIGITS
    return ENC_LISTPACK if total <= LISTPACK_MAX_BYTES else ENC_HASHTABLE


# ---- fields ----

cdef bint hash_find(const Record* hash, const RespArg* field, HashPlace* place, ListpackValue* value) noexcept nogil:
    """O(1) in a hash table, O(n) in a listpack."""
    cdef Hashtable* table
    cdef ListpackValue needle
    cdef uint8_t* pack
    if hash.encoding == ENC_HASHTABLE:
        table = table_of(hash)
        place.hash = hashtable_hash(table, field.data, field.size)
        place.field = field_find(table, place.hash, field.data, field.size, &place.pos)
        if place.field == NULL:
            return False
        entry_value(place.field, value)
        return True
    pack = pack_of(hash)
    needle = listpack_text(field.data, field.size)
    place.at = listpack_find(pack, listpack_first(pack), &needle, 1)
    if place.at == LISTPACK_NONE:
        return False
    place.at = listpack_next(pack, place.at)
    value[0] = listpack_get(pack, place.at)
    return True


cdef inline int put_in_table(Context* cx, Hashtable* table, const RespArg* field, const RespArg* value,
                             uint64_t hash, Field* old, HashtablePos* pos) noexcept nogil:
    cdef Field* other
    if old == NULL:
        return 1 if table_insert(cx, table, hash, field.data, field.size, value.data, value.size) else -1
    other = field_set(cx.heap, old, value.data, value.size)
    if other == NULL:
        return -1
    if other != old:
        hashtable_replace(table, pos, other, False)
    return 0


cdef int put_in_pack(Context* cx, Record* hash, const RespArg* field, const RespArg* value, uint32_t at) noexcept nogil:
    cdef ListpackValue[2] pair
    pair[1] = listpack_text(value.data, value.size)
    if at != LISTPACK_NONE:
        return 0 if listpack_replace(cx.heap, pack_slot(hash), at, &pair[1]) else -1
    pair[0] = listpack_text(field.data, field.size)
    if not listpack_append_many(cx.heap, pack_slot(hash), pair, 2):
        return -1
    if <int64_t>(listpack_count(pack_of(hash)) // 2) > cx.limits.hash_max_listpack_entries:
        to_table(cx, hash)                # refused memory: it stays a listpack until the next time
    return 1


cdef int hash_put(Context* cx, Record* hash, const RespArg* field, const RespArg* value,
                  HashPlace* place) noexcept nogil:
    """O(1) in a hash table, O(n) in a listpack and when it becomes a hash table."""
    cdef ListpackValue old
    if hash.encoding == ENC_LISTPACK:
        if fits_pack(cx, field) and fits_pack(cx, value) and <uint64_t>listpack_bytes(pack_of(hash)) + (
                field.size + value.size + 2 * LISTPACK_INT_DIGITS) <= LISTPACK_MAX_BYTES:
            return put_in_pack(cx, hash, field, value, place.at)
        if not to_table(cx, hash):
            return -1
        hash_find(hash, field, place, &old)
    return put_in_table(cx, table_of(hash), field, value, place.hash, place.field, &place.pos)


cdef bint hash_take(Context* cx, Record* hash, HashPlace* place) noexcept nogil:
    """O(1) in a hash table, O(n) in a listpack."""
    if hash.encoding == ENC_HASHTABLE:
        hashtable_remove_at(table_of(hash), place.hash, &place.pos)
        field_free(cx.heap, place.field)
        return True
    place.at = listpack_prev(pack_of(hash), place.at)
    return listpack_delete_range(cx.heap, pack_slot(hash), &place.at, 2)


cdef size_t set_in_table(Context* cx, Hashtable* table, const RespArg* pairs, size_t count,
                         size_t* done) noexcept nogil:
    """The lines of several fields are asked for before the first of them is needed."""
    cdef uint64_t[AHEAD] hashes
    cdef HashtablePos pos
    cdef Field* old
    cdef size_t i, n, created = 0
    cdef int outcome
    done[0] = 0
    while done[0] < count:
        n = count - done[0]
        if n > AHEAD:
            n = AHEAD
        for i in range(n):
            hashes[i] = hashtable_hash(table, pairs[2 * i].data, pairs[2 * i].size)
            if n > 1:
                hashtable_prefetch_bucket(table, hashes[i])
        if n > 1:
            for i in range(n):
                hashtable_prefetch_entry(table, hashes[i])
        for i in range(n):
            old = field_find(table, hashes[i], pairs[0].data, pairs[0].size, &pos)
            outcome = put_in_table(cx, table, &pairs[0], &pairs[1], hashes[i], old, &pos)
            if outcome < 0:
                return created
            created += outcome
            done[0] += 1
            pairs += 2
    return created


cdef size_t hash_set(Context* cx, Record* hash, const RespArg* pairs, size_t count, size_t* done) noexcept nogil:
    """O(1) per pair in a hash table, O(n) in a listpack and when it becomes a hash table."""
    cdef HashPlace place
    cdef ListpackValue old
    cdef size_t created = 0
    cdef int outcome
    done[0] = 0
    if hash.encoding == ENC_HASHTABLE:
        return set_in_table(cx, table_of(hash), pairs, count, done)
    if hash_fit(cx, pairs, count) == ENC_HASHTABLE:
        return set_in_table(cx, table_of(hash), pairs, count, done) if to_table(cx, hash) else 0
    while done[0] < count:
        hash_find(hash, &pairs[0], &place, &old)
        outcome = hash_put(cx, hash, &pairs[0], &pairs[1], &place)
        if outcome < 0:
            break
        created += outcome
        done[0] += 1
        pairs += 2
    return created


cdef bint hash_get(const Record* hash, const RespArg* field, ListpackValue* value) noexcept nogil:
    cdef HashPlace place
    return hash_find(hash, field, &place, value)


# ---- chance ----

cdef void hash_random(Context* cx, const Record* hash, ListpackValue* field, ListpackValue* value) noexcept nogil:
    """O(1) expected; O(n) in a listpack."""
    cdef void* entry
    cdef uint8_t* pack
    cdef uint32_t at
    if hash.encoding == ENC_HASHTABLE:
        entry = hashtable_random(table_of(hash), context_random(cx))
        entry_name(entry, field)
        entry_value(entry, value)
        return
    pack = pack_of(hash)
    at = listpack_seek(pack, 2 * <int64_t>random_below(cx, listpack_count(pack) // 2))
    at = listpack_step(pack, at, field)
    value[0] = listpack_get(pack, at)


cdef struct Visiting:
    HashVisit visit
    void* ctx


cdef void visit_entry(void* ctx, void* entry) noexcept nogil:
    cdef Visiting* visiting = <Visiting*>ctx
    cdef ListpackValue field, value
    entry_name(entry, &field)
    entry_value(entry, &value)
    visiting.visit(visiting.ctx, &field, &value)


cdef bint hash_sample(Context* cx, const Record* hash, size_t count, HashVisit visit, void* ctx) noexcept nogil:
    """O(count) for few of a hash table. Otherwise all are gone through and each is taken with the chance
    needed / left (Knuth, TAOCP 2, 3.4.2, algorithm S): O(n).
    """
    cdef Visiting visiting
    cdef HashWalk walk
    cdef ListpackValue field, value
    cdef size_t left = hash_size(hash)
    if hash.encoding == ENC_HASHTABLE and count < left // SPARSE:
        visiting.visit = visit
        visiting.ctx = ctx
        return draw_entries(cx, table_of(hash), count, visit_entry, &visiting)
    hash_walk(hash, &walk)
    while count and hash_next(&walk, &field, &value):
        if random_below(cx, left) < count:
            visit(ctx, &field, &value)
            count -= 1
        left -= 1
    return True


# ---- walking ----

cdef void hash_walk(const Record* hash, HashWalk* walk) noexcept nogil:
    walk.hash = hash
    if hash.encoding == ENC_HASHTABLE:
        memset(&walk.iter, 0, sizeof(HashtableIter))
    else:
        walk.at = listpack_first(pack_of(hash))


cdef bint hash_next(HashWalk* walk, ListpackValue* field, ListpackValue* value) noexcept nogil:
    """Reads a field and its value and moves on; false after the last one. O(1)."""
    cdef const Record* hash = walk.hash
    cdef void* entry
    if hash.encoding == ENC_HASHTABLE:
        entry = hashtable_next(table_of(hash), &walk.iter)
        if entry == NULL:
            return False
        entry_name(entry, field)
        entry_value(entry, value)
        return True
    if walk.at == LISTPACK_NONE:
        return False
    walk.at = listpack_step(pack_of(hash), walk.at, field)
    walk.at = listpack_step(pack_of(hash), walk.at, value)
    return True


cdef uint64_t hash_scan(const Record* hash, uint64_t cursor, HashVisit visit, void* ctx) noexcept nogil:
    """O(1) a step in a hash table. A listpack comes whole, whatever the cursor."""
    cdef Visiting visiting
    cdef HashWalk walk
    cdef ListpackValue field, value
    if hash.encoding == ENC_HASHTABLE:
        visiting.visit = visit
        visiting.ctx = ctx
        return hashtable_scan(table_of(hash), cursor, visit_entry, &visiting)
    hash_walk(hash, &walk)
    while hash_next(&walk, &field, &value):
        visit(ctx, &field, &value)
    return 0


# ---- the table of types ----

cdef void hash_free(Context* cx, Record* hash) noexcept nogil:
    if hash.encoding == ENC_HASHTABLE:
        table_free(cx, table_of(hash))
    else:
        listpack_free(cx.heap, pack_of(hash))


cdef bint hash_free_some(Context* cx, Record* hash, size_t some) noexcept nogil:
    if hash.encoding == ENC_HASHTABLE and not hashtable_clear_some(table_of(hash), some, field_drop, cx.heap):
        return False
    hash_free(cx, hash)
    return True


cdef void* copy_table(Context* cx, const Record* hash) noexcept nogil:
    cdef Hashtable* table = <Hashtable*>hash_new(cx, ENC_HASHTABLE)
    cdef HashWalk walk
    cdef ListpackValue field, value
    if table == NULL:
        return NULL
    hash_walk(hash, &walk)
    while hash_next(&walk, &field, &value):
        if not table_insert(cx, table, hashtable_hash(table, field.text, field.size), field.text, field.size,
                            value.text, value.size):
            table_free(cx, table)
            return NULL
    return table


cdef bint hash_copy(Context* cx, const Record* hash, Record* into) noexcept nogil:
    cdef void* copy
    if hash.encoding == ENC_HASHTABLE:
        copy = copy_table(cx, hash)
    else:
        copy = listpack_copy(cx.heap, pack_of(hash))
    if copy == NULL:
        return False
    record_set_pointer(into, copy)
    return True


cdef size_t hash_memory(Context* cx, const Record* hash, size_t samples) noexcept nogil:
    """The mean of the first `samples` fields stands for all of them; 0: every field is looked at."""
    cdef HashtableIter iter
    cdef void* entry
    cdef size_t fields = 0, seen = 0
    if hash.encoding == ENC_LISTPACK:
        return listpack_memory(pack_of(hash))
    memset(&iter, 0, sizeof(HashtableIter))
    while samples == 0 or seen < samples:
        entry = hashtable_next(table_of(hash), &iter)
        if entry == NULL:
            break
        fields += heap_good_size(field_size(<Field*>entry))
        seen += 1
    if seen:
        fields = <size_t>(<double>fields / seen * hash_size(hash))
    return heap_good_size(sizeof(Hashtable)) + hashtable_memory(table_of(hash)) + fields
