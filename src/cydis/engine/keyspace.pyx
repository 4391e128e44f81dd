"""Keys of a database. See keyspace.pxd for the contract."""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from cydis.core.hashtable cimport (
    HashtablePos, hashtable_clear, hashtable_hash, hashtable_insert, hashtable_prefetch_bucket,
    hashtable_prefetch_entry, hashtable_remove_at, hashtable_replace, hashtable_size,
)
from cydis.core.heap cimport Heap, heap_alloc, heap_free, heap_realloc
from cydis.core.number cimport number_format_int
from cydis.core.record cimport (
    RECORD_EXPIRES, RECORD_INLINE, RECORD_INLINE_MAX, Blob, Record, record_bytes, record_expiry, record_free,
    record_find, record_int, record_new, record_pointer, record_reshape, record_set_int, record_set_pointer, record_value,
)
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call
from cydis.engine.database cimport CLIENT_NO_TOUCH, Db, Engine, drop_record, free_later, free_table_later
from cydis.engine.reply cimport WRONGTYPE, reply_error
from cydis.engine.value cimport (
    ENC_EMBSTR, ENC_INT, ENC_RAW, TYPE_STRING, type_row,
)
from cydis.types.context cimport Context, context_random

cdef enum:
    LAZY_WORTH = 64                       # elements from which freeing in slices pays
    EMBSTR_RECORD = 128                   # bytes of a record up to which a string is called embstr
    LFU_START = 5


cdef int64_t now_ms(Engine* engine) noexcept nogil:
    """The moment of this batch or embedded call, in milliseconds of the wall clock."""
    return engine.now


# ---- the access clock ----

cdef inline void touch_lfu(Engine* e, Record* record) noexcept nogil:
    """Morris counter in the low 8 bits, minutes of the last decay in the 16 above (Morris 1978)."""
    cdef uint32_t minutes = <uint32_t>(e.now // 60000) & 0xFFFF, then = record.clock >> 8
    cdef uint32_t counter = record.clock & 255, periods = 0
    cdef uint32_t passed = minutes - then if minutes >= then else 65536 - then + minutes
    if e.settings.lfu_decay_time:
        periods = passed // <uint32_t>e.settings.lfu_decay_time
    counter = 0 if periods >= counter else counter - periods
    cdef double base = counter - LFU_START if counter > LFU_START else 0
    if counter < 255 and (context_random(&e.context) >> 11) * (1.0 / 9007199254740992.0) * (
            base * e.settings.lfu_log_factor + 1) < 1.0:
        counter += 1
    record.clock = minutes << 8 | counter


cdef void touch(Engine* e, Record* record) noexcept nogil:
    """Notes that a value was used."""
    if e.settings.lfu:
        touch_lfu(e, record)
    elif record.clock != e.lru_now:       # a read-mostly line stays clean within the same second
        record.clock = e.lru_now


cdef inline void first_touch(Engine* e, Record* record) noexcept nogil:
    record.clock = (<uint32_t>(e.now // 60000) & 0xFFFF) << 8 | LFU_START if e.settings.lfu else e.lru_now


# ---- looking ----

cdef inline Record* look(Ref* ref) noexcept nogil:
    cdef Record* record = <Record*>record_find(&ref.db.keys, ref.hash, ref.key, ref.size, &ref.pos)
    ref.record = record
    if record != NULL and record.flags & RECORD_EXPIRES and record_expiry(record) <= ref.db.engine.now:
        expire_now(ref)
    return ref.record


cdef void expire_now(Ref* ref) noexcept nogil:
    """The key's time is over: it goes, and the Ref says that there is none."""
    ref.db.engine.stats.expired += 1
    ref_delete(ref, ref.db.engine.settings.lazy_expire)


cdef Record* ref_find(Ref* ref, Db* db, const uint8_t* key, size_t size) noexcept nogil:
    ref.db = db
    ref.key = key
    ref.size = size
    ref.hash = hashtable_hash(&db.keys, key, size)
    return look(ref)


cdef inline void ref_begin(Call* call, int arg, Ref* ref) noexcept nogil:
    ref.db = call.db
    ref.key = call.argv[arg].data
    ref.size = call.argv[arg].size
    if call.hashed and arg == call.command.row.keys.first:
        ref.hash = call.hash
    else:
        ref.hash = hashtable_hash(&call.db.keys, ref.key, ref.size)


cdef Record* key_peek(Call* call, int arg, Ref* ref) noexcept nogil:
    ref_begin(call, arg, ref)
    return look(ref)


cdef Record* key_read(Call* call, int arg) noexcept nogil:
    cdef Ref ref
    ref_begin(call, arg, &ref)
    if look(&ref) == NULL:
        call.engine.stats.misses += 1
        return NULL
    call.engine.stats.hits += 1
    if not call.client.flags & CLIENT_NO_TOUCH:
        touch(call.engine, ref.record)
    return ref.record


cdef Record* key_write(Call* call, int arg, Ref* ref) noexcept nogil:
    ref_begin(call, arg, ref)
    if look(ref) != NULL and not call.client.flags & CLIENT_NO_TOUCH:
        touch(call.engine, ref.record)
    ref_for_write(ref)
    return ref.record


cdef int read_typed(Call* call, int arg, int type, Record** record) noexcept nogil:
    record[0] = key_read(call, arg)
    if record[0] == NULL:
        return 0
    if <int>record[0].type == type:
        return 1
    reply_error(call, WRONGTYPE)
    return -1


cdef int write_typed(Call* call, int arg, int type, Ref* ref) noexcept nogil:
    if key_peek(call, arg, ref) == NULL:
        ref_for_write(ref)
        return 0
    if <int>ref.record.type != type:
        reply_error(call, WRONGTYPE)
        return -1
    if not call.client.flags & CLIENT_NO_TOUCH:
        touch(call.engine, ref.record)
    ref_for_write(ref)
    return 1


# ---- changing ----

cdef void ref_for_write(Ref* ref) noexcept nogil:
    """The choke point: everything that must know of a change before it happens hears of it here."""
    cdef Db* db = ref.db
    db.version += 1
    if db.engine.hooks.before_change != NULL:
        db.engine.hooks.before_change(db, ref.record, ref.key, ref.size)


cdef inline bint enter(Ref* ref, Record* record) noexcept nogil:
    """Puts a new record into the table; on failure the record is freed (not its slot's value)."""
    cdef bint expires = record.flags & RECORD_EXPIRES
    first_touch(ref.db.engine, record)
    if not hashtable_insert(&ref.db.keys, ref.hash, record, expires):
        record_free(ref.db.engine.context.heap, record)
        return False
    if expires:
        ref.db.expiring += 1
    ref.record = record
    return True


cdef inline void replace(Ref* ref, Record* was, bint expired_before, Record* record) noexcept nogil:
    """The record was made anew, or only its expiry came or went."""
    cdef bint expires = record.flags & RECORD_EXPIRES
    if record != was or expires != expired_before:
        hashtable_replace(&ref.db.keys, &ref.pos, record, expires)
        ref.db.expiring += <uint64_t>expires - <uint64_t>expired_before
    ref.record = record


cdef Record* ref_create(Ref* ref, int type, int encoding, void* value) noexcept nogil:
    """Creates a missing key with a value in its slot. After it `pos` is not to be used; find anew for that."""
    cdef Record* record = record_new(ref.db.engine.context.heap, ref.key, ref.size, NO_EXPIRY, False, 0)
    if record == NULL:
        return NULL
    record.type = type
    record.encoding = encoding
    record_set_pointer(record, value)
    return record if enter(ref, record) else NULL


cdef inline Record* shape(Ref* ref, int64_t expiry, bint inlined, size_t size) noexcept nogil:
    """A record for a string: the old one where it fits, its old value freed; or a new one, not yet in the table."""
    cdef Heap* heap = ref.db.engine.context.heap
    cdef Record* was = ref.record
    cdef Record* record
    cdef bint expired_before
    if was == NULL:
        return record_new(heap, ref.key, ref.size, expiry, inlined, size)
    expired_before = was.flags & RECORD_EXPIRES
    if was.flags & RECORD_INLINE and inlined:            # the common case: nothing outside the record
        record = record_reshape(heap, was, expiry, True, size)
        if record != NULL:
            replace(ref, was, expired_before, record)
            record.type = TYPE_STRING
        return record
    record = record_new(heap, ref.key, ref.size, expiry, inlined, size)
    if record == NULL:
        return NULL
    record.clock = was.clock
    hashtable_replace(&ref.db.keys, &ref.pos, record, expiry >= 0)
    ref.db.expiring += <uint64_t>(expiry >= 0) - <uint64_t>expired_before
    ref.record = record
    discard(ref.db.engine, was, ref.db.engine.settings.lazy_server_del)
    return record


cdef bint ref_store_bytes(Ref* ref, const uint8_t* data, size_t size, int64_t expiry) noexcept nogil:
    """Stores a string as it is (no look for an integer in it), whatever the key held. expiry -1: none."""
    cdef Heap* heap = ref.db.engine.context.heap
    cdef bint inlined = size <= RECORD_INLINE_MAX, fresh = ref.record == NULL
    cdef Blob* blob = NULL
    cdef Record* record
    if not inlined:
        blob = <Blob*>heap_alloc(heap, sizeof(Blob) + size)
        if blob == NULL:
            return False
        blob.size = size
        blob.capacity = size
        memcpy(blob.data, data, size)
    record = shape(ref, expiry, inlined, size)
    if record == NULL:
        if blob != NULL:
            heap_free(heap, blob, sizeof(Blob) + size)
        return False
    record.type = TYPE_STRING
    record.encoding = ENC_EMBSTR if record_bytes(ref.size, expiry >= 0, True, size) <= EMBSTR_RECORD else ENC_RAW
    if inlined:
        memcpy(record_value(record), data, size)
    else:
        record_set_pointer(record, blob)
    if fresh and not enter(ref, record):
        if blob != NULL:
            heap_free(heap, blob, sizeof(Blob) + size)
        return False
    return True


cdef bint ref_store_int(Ref* ref, int64_t value, int64_t expiry) noexcept nogil:
    """Stores an integer as a string value of encoding int."""
    cdef bint fresh = ref.record == NULL
    cdef Record* record
    if not fresh and ref.record.encoding == ENC_INT and record_expiry(ref.record) == expiry:
        record_set_int(ref.record, value)                # INCR and its kin
        return True
    record = shape(ref, expiry, False, 0)
    if record == NULL:
        return False
    record.type = TYPE_STRING
    record.encoding = ENC_INT
    record_set_int(record, value)
    return enter(ref, record) if fresh else True


cdef bint ref_store_value(Ref* ref, int type, int encoding, void* value) noexcept nogil:
    """Stores a ready collection, whatever the key held (the *STORE commands). False: `value` is still the caller's."""
    cdef bint fresh = ref.record == NULL
    cdef Record* record = shape(ref, NO_EXPIRY, False, 0)
    if record == NULL:
        return False
    record.type = type
    record.encoding = encoding
    record_set_pointer(record, value)
    return enter(ref, record) if fresh else True


cdef uint8_t* ref_string_room(Ref* ref, size_t size) noexcept nogil:
    """Makes the string at a key (missing: empty) `size` bytes long, zeros behind what it held, and raw.

    Returns its bytes for writing, valid until the next change; NULL: no memory, nothing changed. Grows with room to
    spare, so that n appends cost O(n) in all.
    """
    cdef Engine* e = ref.db.engine
    cdef Heap* heap = e.context.heap
    cdef char[24] scratch
    cdef const uint8_t* old
    cdef size_t had = 0, capacity
    cdef Blob* blob
    cdef Blob* grown
    cdef int64_t expiry = NO_EXPIRY if ref.record == NULL else record_expiry(ref.record)
    cdef bint fresh = ref.record == NULL
    cdef Record* record
    cdef uint8_t* p
    if not fresh and ref.record.encoding == ENC_RAW and not ref.record.flags & RECORD_INLINE:
        blob = <Blob*>record_pointer(ref.record)
        if size > blob.capacity:
            capacity = size + (size if size < 1 << 20 else 1 << 20)
            grown = <Blob*>heap_realloc(heap, blob, sizeof(Blob) + blob.capacity, sizeof(Blob) + capacity)
            if grown == NULL:
                return NULL
            blob = grown
            blob.capacity = capacity
            record_set_pointer(ref.record, blob)
        if size > blob.size:
            memset(blob.data + blob.size, 0, size - blob.size)
        blob.size = size
        return blob.data
    if not fresh:
        record_string(ref.record, scratch, &old, &had)
    if had > size:
        had = size
    capacity = size * 2 if had else size                 # an append is likely followed by another
    blob = <Blob*>heap_alloc(heap, sizeof(Blob) + capacity)
    if blob == NULL:
        return NULL
    blob.size = size
    blob.capacity = capacity
    p = blob.data
    if had:
        memcpy(p, old, had)
    memset(p + had, 0, size - had)
    record = shape(ref, expiry, False, 0)
    if record != NULL:
        record.type = TYPE_STRING
        record.encoding = ENC_RAW
        record_set_pointer(record, blob)
    if record == NULL or (fresh and not enter(ref, record)):
        heap_free(heap, blob, sizeof(Blob) + capacity)
        return NULL
    return p


cdef bint ref_set_expiry(Ref* ref, int64_t at) noexcept nogil:
    """Sets (at >= 0) or drops (-1) the expiry of an existing key, whatever its type."""
    cdef Record* was = ref.record
    cdef bint expired_before = was.flags & RECORD_EXPIRES
    cdef Record* record = record_reshape(ref.db.engine.context.heap, was, at, was.flags & RECORD_INLINE,
                                         was.value_size)
    if record == NULL:
        return False
    replace(ref, was, expired_before, record)
    return True


cdef void discard(Engine* e, Record* record, bint lazy) noexcept nogil:
    if lazy and record.type != TYPE_STRING and type_row(record.type).length(record) > LAZY_WORTH:
        free_later(e, record)
    else:
        drop_record(e, record)


cdef void ref_delete(Ref* ref, bint lazy) noexcept nogil:
    """Deletes an existing key. With `lazy` a large value is freed later, in slices."""
    cdef Record* record = ref.record
    ref_for_write(ref)
    hashtable_remove_at(&ref.db.keys, ref.hash, &ref.pos)
    if record.flags & RECORD_EXPIRES:
        ref.db.expiring -= 1
    ref.record = NULL
    discard(ref.db.engine, record, lazy)


cdef void ref_delete_if_empty(Ref* ref) noexcept nogil:
    """Empty collections are no keys. The Ref need not have a right `pos`."""
    if ref.record != NULL and type_row(ref.record.type).length(ref.record) == 0:
        record_find(&ref.db.keys, ref.hash, ref.key, ref.size, &ref.pos)
        ref_delete(ref, False)


cdef bint ref_adopt(Ref* ref, Ref* source, int64_t expiry) noexcept nogil:
    """Moves the value of `source` to another key (RENAME, MOVE), replacing what was there; `source` is gone after it.

    False: no memory, both keys as before.
    """
    cdef Engine* e = ref.db.engine
    cdef Record* value = source.record
    cdef bint inlined = value.flags & RECORD_INLINE, fresh = ref.record == NULL
    cdef Record* record = record_new(e.context.heap, ref.key, ref.size, expiry, inlined, value.value_size)
    cdef Record* was = ref.record
    if record == NULL:
        return False
    record.type = value.type
    record.encoding = value.encoding
    if inlined:
        memcpy(record_value(record), record_value(value), value.value_size)
    else:
        record_set_pointer(record, record_pointer(value))
    ref_for_write(source)
    if fresh:
        if not enter(ref, record):
            return False
    else:
        ref.db.expiring += <uint64_t>(expiry >= 0) - <uint64_t>((was.flags & RECORD_EXPIRES) != 0)
        hashtable_replace(&ref.db.keys, &ref.pos, record, expiry >= 0)
        ref.record = record
        discard(e, was, e.settings.lazy_server_del)
    record.clock = value.clock
    record_find(&source.db.keys, source.hash, source.key, source.size, &source.pos)
    hashtable_remove_at(&source.db.keys, source.hash, &source.pos)
    if value.flags & RECORD_EXPIRES:
        source.db.expiring -= 1
    record_free(e.context.heap, value)                   # the slot's value lives on at the other key
    source.record = NULL
    return True


cdef void changed(Call* call, int arg) noexcept nogil:
    """The key of argument `arg` was changed by this command."""
    call.changes += 1


cdef void db_flush(Db* db, bint lazy) noexcept nogil:
    """Removes all keys of a database."""
    cdef Engine* e = db.engine
    cdef Ref all
    if hashtable_size(&db.keys) == 0:
        return
    all.db = db
    all.record = NULL
    all.key = NULL
    all.size = 0
    ref_for_write(&all)
    db.expiring = 0
    db.mean_ttl = 0
    if lazy:
        free_table_later(e, &db.keys)
    else:
        hashtable_clear(&db.keys, drop_record, e)


# ---- strings ----

cdef bint record_string(const Record* record, char* scratch, const uint8_t** data, size_t* size) noexcept nogil:
    """The text of a string value. `scratch`: 24 bytes, used when the value is an integer. Always true."""
    cdef Blob* blob
    if record.flags & RECORD_INLINE:
        data[0] = record_value(record)
        size[0] = record.value_size
    elif record.encoding == ENC_INT:
        size[0] = number_format_int(record_int(record), scratch)
        data[0] = <const uint8_t*>scratch
    else:
        blob = <Blob*>record_pointer(record)
        data[0] = blob.data
        size[0] = blob.size
    return True


# ---- prefetching ----

cdef uint64_t key_hash(Db* db, const RespArg* key) noexcept nogil:
    return hashtable_hash(&db.keys, key.data, key.size)


cdef void prefetch_bucket(Db* db, uint64_t hash) noexcept nogil:
    hashtable_prefetch_bucket(&db.keys, hash)


cdef void prefetch_record(Db* db, uint64_t hash) noexcept nogil:
    hashtable_prefetch_entry(&db.keys, hash)
