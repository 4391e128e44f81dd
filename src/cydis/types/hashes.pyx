"""Hashes as listpacks and hash tables. See hashes.pxd for the contract.

The borders are the reference's: a listpack becomes a hash table when more pairs come at once than
hash-max-listpack-entries, when a field or value longer than hash-max-listpack-value comes, and when it has
grown past the entries; or when a field gets a moment to expire, and then it is a timed one until no field has.
No hash table goes back to a listpack.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from cydis.core.deadlines cimport deadlines_clear, deadlines_memory
from cydis.core.field cimport (
    Field, field_drop, field_find, field_free, field_key, field_new, field_set, field_size,
)
from cydis.core.hashtable cimport (
    Hashtable, HashtableIter, HashtablePos, hashtable_clear, hashtable_clear_some,
    hashtable_expect, hashtable_hash, hashtable_init, hashtable_insert, hashtable_memory, hashtable_next,
    hashtable_prefetch_bucket, hashtable_prefetch_entry,
    hashtable_remove_at, hashtable_replace, hashtable_scan, hashtable_size,
)
from cydis.core.heap cimport heap_alloc, heap_free, heap_good_size
from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, LISTPACK_MAX_BYTES, LISTPACK_NONE, ListpackValue, listpack_append_many, listpack_bytes,
    listpack_copy, listpack_count, listpack_delete_range, listpack_find, listpack_first, listpack_free, listpack_get,
    listpack_memory, listpack_new_one_way, listpack_next, listpack_prev, listpack_replace, listpack_step,
    listpack_text, listpack_value_text,
)
from cydis.core.record cimport Record, record_set_pointer, record_slot
from cydis.core.resp cimport RespArg
from cydis.types.context cimport Context
from cydis.types.encodings cimport ENC_HASHTABLE, ENC_LISTPACK
from cydis.types.hash_parts cimport Visiting, entry_of, entry_value, hiding_of, is_timed, pack_of, table_of, visit_entry
from cydis.types.timed cimport (
    NO_EXPIRY, TimedTable, timed_begin, timed_expired, timed_expired_count, timed_expiry, timed_forget,
    timed_of, timed_put, timed_reap, timed_set,
)

cdef enum:
    AHEAD = 8                             # fields whose lines are fetched together


cdef inline uint8_t** pack_slot(Record* hash) noexcept nogil:
    """Where the listpack's address stands, for what may move it."""
    return <uint8_t**>record_slot(hash)


cdef size_t hash_size(const Record* hash) noexcept nogil:
    return listpack_count(pack_of(hash)) // 2 if hash.encoding == ENC_LISTPACK else hashtable_size(table_of(hash))


cdef size_t hash_live(const Record* hash) noexcept nogil:
    """O(1) and what those take that have expired."""
    return hash_size(hash) - (timed_expired_count(timed_of(hash)) if is_timed(hash) else 0)


cdef bint hash_is_timed(const Record* hash) noexcept nogil:
    return is_timed(hash) and timed_of(hash).times.count != 0


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
    cdef Field* field = field_new(cx.heap, name, name_size, value, value_size, False)
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
    hashtable_expect(table, hash_size(hash))
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
    place.expiry = NO_EXPIRY
    if hash.encoding != ENC_LISTPACK:
        table = table_of(hash)
        place.hash = hashtable_hash(table, field.data, field.size)
        place.field = field_find(table, place.hash, field.data, field.size, &place.pos)
        if place.field == NULL:
            return False
        if is_timed(hash):
            if timed_expired(timed_of(hash), place.field):
                return False
            place.expiry = timed_expiry(timed_of(hash), place.field)
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
    other = field_set(cx.heap, old, value.data, value.size, False)
    if other == NULL:
        return -1
    if other != old:
        hashtable_replace(table, pos, other, False)
    return 0


cdef int put_in_timed(Context* cx, TimedTable* t, const RespArg* field, const RespArg* value, uint64_t hash,
                      Field* old, HashtablePos* pos, int64_t at) noexcept nogil:
    """An expired field goes when another of its name comes."""
    cdef bint expired = old != NULL and timed_expired(t, old)
    if not timed_put(cx, t, field, value, hash, old, pos, at):
        return -1
    cx.fields_expired += expired
    return old == NULL or expired


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
    cdef int64_t at = place.expiry
    if hash.encoding == ENC_LISTPACK:
        if at == NO_EXPIRY and fits_pack(cx, field) and fits_pack(cx, value) and <uint64_t>listpack_bytes(
                pack_of(hash)) + (
                field.size + value.size + 2 * LISTPACK_INT_DIGITS) <= LISTPACK_MAX_BYTES:
            return put_in_pack(cx, hash, field, value, place.at)
        if not to_table(cx, hash):
            return -1
        hash_find(hash, field, place, &old)
    if at != NO_EXPIRY and not is_timed(hash) and not timed_begin(cx, hash):
        return -1
    if is_timed(hash):
        return put_in_timed(cx, timed_of(hash), field, value, place.hash, place.field, &place.pos, at)
    return put_in_table(cx, table_of(hash), field, value, place.hash, place.field, &place.pos)


cdef bint hash_take(Context* cx, Record* hash, HashPlace* place) noexcept nogil:
    """O(1) in a hash table, O(n) in a listpack."""
    if hash.encoding != ENC_LISTPACK:
        if is_timed(hash):
            timed_forget(cx, timed_of(hash), place.field)
        hashtable_remove_at(table_of(hash), place.hash, &place.pos)
        field_free(cx.heap, place.field)
        return True
    place.at = listpack_prev(pack_of(hash), place.at)
    return listpack_delete_range(cx.heap, pack_slot(hash), &place.at, 2)


cdef bint hash_expire(Context* cx, Record* hash, const RespArg* field, HashPlace* place, int64_t at) noexcept nogil:
    """O(log n); O(n) where the hash becomes a hash table."""
    cdef ListpackValue old
    if at == place.expiry:
        return True
    if hash.encoding == ENC_LISTPACK:
        if not to_table(cx, hash):
            return False
        hash_find(hash, field, place, &old)
    if not is_timed(hash) and not timed_begin(cx, hash):
        return False
    if not timed_set(cx, timed_of(hash), &place.field, &place.pos, at):
        return False
    place.expiry = at
    return True


cdef size_t hash_reap(Context* cx, Record* hash, size_t some) noexcept nogil:
    """O(log n) for each."""
    cdef size_t n = timed_reap(cx, timed_of(hash), some) if is_timed(hash) else 0
    cx.fields_expired += n
    return n


cdef size_t set_in_table(Context* cx, Record* hash, const RespArg* pairs, size_t count, size_t* done) noexcept nogil:
    """The lines of several fields are asked for before the first of them is needed."""
    cdef Hashtable* table = table_of(hash)
    cdef bint timed = is_timed(hash)
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
            if timed:
                outcome = put_in_timed(cx, timed_of(hash), &pairs[0], &pairs[1], hashes[i], old, &pos, NO_EXPIRY)
            else:
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
    if hash.encoding != ENC_LISTPACK:
        return set_in_table(cx, hash, pairs, count, done)
    if hash_fit(cx, pairs, count) == ENC_HASHTABLE:
        return set_in_table(cx, hash, pairs, count, done) if to_table(cx, hash) else 0
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


# ---- walking ----

cdef void hash_walk_all(const Record* hash, HashWalk* walk) noexcept nogil:
    walk.hash = hash
    walk.timed = is_timed(hash)
    walk.hiding = False
    if hash.encoding != ENC_LISTPACK:
        memset(&walk.iter, 0, sizeof(HashtableIter))
    else:
        walk.at = listpack_first(pack_of(hash))


cdef void hash_walk(const Record* hash, HashWalk* walk) noexcept nogil:
    hash_walk_all(hash, walk)
    walk.hiding = hiding_of(hash) != NULL


cdef inline const void* next_timed(HashWalk* walk) noexcept nogil:
    cdef const TimedTable* t = timed_of(walk.hash)
    walk.field = <const Field*>hashtable_next(&t.table, &walk.iter)
    while walk.hiding and walk.field != NULL and timed_expired(t, walk.field):
        walk.field = <const Field*>hashtable_next(&t.table, &walk.iter)
    return walk.field


cdef bint hash_next(HashWalk* walk, ListpackValue* field, ListpackValue* value) noexcept nogil:
    """Reads a field and its value and moves on; false after the last one. O(1)."""
    cdef const Record* hash = walk.hash
    cdef const void* entry
    if hash.encoding != ENC_LISTPACK:
        entry = next_timed(walk) if walk.timed else hashtable_next(table_of(hash), &walk.iter)
        if entry == NULL:
            return False
        entry_of(entry, field, value)
        return True
    if walk.at == LISTPACK_NONE:
        return False
    walk.at = listpack_step(pack_of(hash), walk.at, field)
    walk.at = listpack_step(pack_of(hash), walk.at, value)
    return True


cdef int64_t hash_walk_expiry(const HashWalk* walk) noexcept nogil:
    return timed_expiry(timed_of(walk.hash), walk.field) if walk.timed else NO_EXPIRY


cdef uint64_t hash_scan(const Record* hash, uint64_t cursor, HashVisit visit, void* ctx) noexcept nogil:
    """O(1) a step in a hash table. A listpack comes whole, whatever the cursor."""
    cdef Visiting visiting
    cdef HashWalk walk
    cdef ListpackValue field, value
    if hash.encoding != ENC_LISTPACK:
        visiting.visit = visit
        visiting.ctx = ctx
        visiting.hiding = hiding_of(hash)
        return hashtable_scan(table_of(hash), cursor, visit_entry, &visiting)
    hash_walk(hash, &walk)
    while hash_next(&walk, &field, &value):
        visit(ctx, &field, &value)
    return 0


# ---- the table of types ----

cdef void hash_free(Context* cx, Record* hash) noexcept nogil:
    if hash.encoding == ENC_LISTPACK:
        listpack_free(cx.heap, pack_of(hash))
    elif is_timed(hash):
        deadlines_clear(&timed_of(hash).times, cx.heap)
        hashtable_clear(table_of(hash), field_drop, cx.heap)
        heap_free(cx.heap, timed_of(hash), sizeof(TimedTable))
    else:
        table_free(cx, table_of(hash))


cdef bint hash_free_some(Context* cx, Record* hash, size_t some) noexcept nogil:
    if is_timed(hash):
        deadlines_clear(&timed_of(hash).times, cx.heap)
    if hash.encoding != ENC_LISTPACK and not hashtable_clear_some(table_of(hash), some, field_drop, cx.heap):
        return False
    hash_free(cx, hash)
    return True


cdef bint copy_fields(Context* cx, const Record* hash, Record* copy) noexcept nogil:
    """Fields that have expired stay behind, unless there are no others: an empty hash is no value."""
    cdef HashWalk walk
    cdef HashPlace place
    cdef ListpackValue field, value, old
    cdef RespArg name, text
    hash_walk(hash, &walk)
    walk.hiding = walk.hiding and hash_live(hash) != 0
    while hash_next(&walk, &field, &value):
        name = RespArg(field.text, field.size)
        text = RespArg(value.text, value.size)
        hash_find(copy, &name, &place, &old)
        place.expiry = hash_walk_expiry(&walk)
        if hash_put(cx, copy, &name, &text, &place) < 0:
            return False
    return True


cdef bint hash_copy(Context* cx, const Record* hash, Record* into) noexcept nogil:
    cdef void* copy
    if hash.encoding == ENC_LISTPACK:
        copy = listpack_copy(cx.heap, pack_of(hash))
    else:
        copy = hash_new(cx, ENC_HASHTABLE)
        into.encoding = ENC_HASHTABLE
    if copy == NULL:
        return False
    if hash.encoding != ENC_LISTPACK:
        hashtable_expect(<Hashtable*>copy, hash_size(hash))
    record_set_pointer(into, copy)
    if hash.encoding == ENC_LISTPACK or copy_fields(cx, hash, into):
        return True
    hash_free(cx, into)
    return False


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
    if is_timed(hash):
        fields += deadlines_memory(&timed_of(hash).times) + (
            heap_good_size(sizeof(TimedTable)) - heap_good_size(sizeof(Hashtable)))
    return heap_good_size(sizeof(Hashtable)) + hashtable_memory(table_of(hash)) + fields
