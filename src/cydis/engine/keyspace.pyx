"""Keys of a database. See keyspace.pxd for the contract."""
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.string cimport memcpy, memset

from cydis.core.hashtable cimport (
    hashtable_clear, hashtable_hash, hashtable_insert, hashtable_remove_at, hashtable_replace, hashtable_size,
)
from cydis.core.heap cimport Heap, heap_alloc, heap_free, heap_realloc
from cydis.core.number cimport number_format_int
from cydis.core.record cimport (
    RECORD_EXPIRES, RECORD_INLINE, RECORD_INLINE_MAX, Blob, Record, record_bytes, record_expiry, record_free,
    record_find, record_int, record_new, record_pointer, record_reshape, record_set_int, record_set_pointer,
    record_value,
)
from cydis.engine.access cimport first_touch, touch
from cydis.engine.ahead cimport hash_of
from cydis.engine.call cimport Call
from cydis.engine.database cimport CLIENT_NO_TOUCH, Db, Engine, drop_or_wait, drop_record, free_table_later
from cydis.engine.reply cimport WRONGTYPE, reply_error
from cydis.engine.timed cimport is_timed, timed_leave, timed_leave_all, timed_moved, timed_reserve, timed_settle
from cydis.engine.value cimport (
    ENC_EMBSTR, ENC_INT, ENC_RAW, ENC_TIMED_HASHTABLE, TYPE_STRING, type_row,
)
from cydis.types.context cimport Context

cdef enum:
    EMBSTR_RECORD = 121                   # bytes of a record up to which a string is called embstr ...
    EMBSTR_KEY = 32                       # ... where keys from this size on count two bytes more


cdef int64_t now_ms(Engine* engine) noexcept nogil:
    """The moment of this batch or embedded call, in milliseconds of the wall clock."""
    return engine.now


# ---- looking ----

cdef inline Record* look(Ref* ref) noexcept nogil:
    cdef Record* record = <Record*>record_find(&ref.db.keys, ref.hash, ref.key, ref.size, &ref.pos)
    ref.record = record
    if record != NULL and record.flags & RECORD_EXPIRES and record_expiry(record) <= ref.db.engine.now:
        ref_expire(ref)
    return ref.record


cdef bint record_expired(const Record* record, const Engine* engine) noexcept nogil:
    """Whether a record met in a walk over the table is there no more for those who ask."""
    return record.flags & RECORD_EXPIRES and record_expiry(record) <= engine.now


cdef void ref_expire(Ref* ref) noexcept nogil:
    """The time of an existing key is over: it goes, counted as expired, and the Ref says that there is none."""
    ref.db.engine.stats.expired += 1
    ref_delete(ref, ref.db.engine.settings.lazy_expire)


cdef Record* ref_find(Ref* ref, Db* db, const uint8_t* key, size_t size) noexcept nogil:
    ref.db = db
    ref.key = key
    ref.size = size
    ref.hash = hashtable_hash(&db.keys, key, size)
    return look(ref)


cdef Record* ref_find_hashed(Ref* ref, Db* db, const uint8_t* key, size_t size, uint64_t hash) noexcept nogil:
    ref.db = db
    ref.key = key
    ref.size = size
    ref.hash = hash
    return look(ref)


cdef inline void ref_begin(Call* call, int arg, Ref* ref, uint64_t hash) noexcept nogil:
    ref.db = call.db
    ref.key = call.argv[arg].data
    ref.size = call.argv[arg].size
    ref.hash = hash


cdef inline Record* inspect(Call* call, Ref* ref) noexcept nogil:
    if look(ref) == NULL:
        call.engine.stats.misses += 1
    else:
        call.engine.stats.hits += 1
    return ref.record


cdef inline void touch_for(Call* call, Record* record) noexcept nogil:
    if record != NULL and not call.client.flags & CLIENT_NO_TOUCH:
        touch(call.engine, record)


cdef Record* key_peek(Call* call, int arg, Ref* ref) noexcept nogil:
    ref_begin(call, arg, ref, hash_of(call, arg))
    return look(ref)


cdef Record* key_find(Call* call, int arg, Ref* ref) noexcept nogil:
    ref_begin(call, arg, ref, hash_of(call, arg))
    touch_for(call, look(ref))
    return ref.record


cdef Record* key_inspect(Call* call, int arg) noexcept nogil:
    cdef Ref ref
    ref_begin(call, arg, &ref, hash_of(call, arg))
    return inspect(call, &ref)


cdef Record* key_inspect_hashed(Call* call, int arg, uint64_t hash) noexcept nogil:
    cdef Ref ref
    ref_begin(call, arg, &ref, hash)
    return inspect(call, &ref)


cdef Record* key_read(Call* call, int arg) noexcept nogil:
    cdef Ref ref
    ref_begin(call, arg, &ref, hash_of(call, arg))
    touch_for(call, inspect(call, &ref))
    return ref.record


cdef Record* key_read_hashed(Call* call, int arg, uint64_t hash) noexcept nogil:
    cdef Ref ref
    ref_begin(call, arg, &ref, hash)
    touch_for(call, inspect(call, &ref))
    return ref.record


cdef Record* key_read_ref(Call* call, int arg, Ref* ref) noexcept nogil:
    ref_begin(call, arg, ref, hash_of(call, arg))
    touch_for(call, inspect(call, ref))
    return ref.record


cdef Record* key_read_named(Call* call, const uint8_t* key, size_t size) noexcept nogil:
    cdef Ref ref
    ref.db = call.db
    ref.key = key
    ref.size = size
    ref.hash = hashtable_hash(&call.db.keys, key, size)
    touch_for(call, inspect(call, &ref))
    return ref.record


cdef Record* key_write(Call* call, int arg, Ref* ref) noexcept nogil:
    key_find(call, arg, ref)
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


cdef inline bint insert(Ref* ref, Record* record) noexcept nogil:
    """Puts a new record into the table. False: no memory, the record is still the caller's."""
    cdef bint expires = record.flags & RECORD_EXPIRES
    first_touch(ref.db.engine, record)
    if not hashtable_insert(&ref.db.keys, ref.hash, record, expires):
        return False
    if expires:
        ref.db.expiring += 1
    ref.record = record
    return True


cdef inline bint enter(Ref* ref, Record* record) noexcept nogil:
    """The same; on failure the record is freed (not its slot's value)."""
    if insert(ref, record):
        return True
    record_free(ref.db.engine.context.heap, record)
    return False


cdef inline void replace(Ref* ref, Record* was, bint expired_before, Record* record) noexcept nogil:
    """The record was made anew, or only its expiry came or went."""
    cdef bint expires = record.flags & RECORD_EXPIRES
    if record != was or expires != expired_before:
        hashtable_replace(&ref.db.keys, &ref.pos, record, expires)
        ref.db.expiring += <uint64_t>expires - <uint64_t>expired_before
    ref.record = record


cdef Record* ref_create(Ref* ref, int type, int encoding, void* value) noexcept nogil:
    """Creates a missing key with a value in its slot. After it `pos` is not to be used; find anew for that."""
    cdef Record* record
    if encoding == ENC_TIMED_HASHTABLE and not timed_reserve(ref.db):
        return NULL
    record = record_new(ref.db.engine.context.heap, ref.key, ref.size, NO_EXPIRY, False, 0)
    if record == NULL:
        return NULL
    record.type = type
    record.encoding = encoding
    record_set_pointer(record, value)
    if not enter(ref, record):
        return NULL
    ref_timed(ref)
    return record


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
    discard(ref.db, was, ref.db.engine.settings.lazy_server_del)
    return record


cdef inline int string_encoding(size_t key_size, bint expires, size_t size) noexcept nogil:
    """What OBJECT ENCODING calls a string that was set whole: by what key, expiry and value take together.

    `expires`: it does, or what it replaces did (the reference drops the old expiry after it has chosen).
    """
    return ENC_EMBSTR if (record_bytes(key_size, expires, True, size) + 2 * (key_size >= EMBSTR_KEY)
                          <= EMBSTR_RECORD) else ENC_RAW


cdef bint ref_store_bytes(Ref* ref, const uint8_t* data, size_t size, int64_t expiry) noexcept nogil:
    """Stores a string as it is (no look for an integer in it), whatever the key held. expiry -1: none."""
    cdef Heap* heap = ref.db.engine.context.heap
    cdef bint inlined = size <= RECORD_INLINE_MAX, fresh = ref.record == NULL
    cdef bint expires = expiry >= 0 or (not fresh and ref.record.flags & RECORD_EXPIRES)
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
    record.encoding = string_encoding(ref.size, expires, size)
    if inlined:
        memcpy(record_value(record), data, size)
    else:
        record_set_pointer(record, blob)
    if fresh and not enter(ref, record):
        if blob != NULL:
            heap_free(heap, blob, sizeof(Blob) + size)
        return False
    return True


cdef void ref_string_is_new(Ref* ref) noexcept nogil:
    """Forgets that what a string has replaced did expire: it is called what it would be at a new key."""
    if ref.record.flags & RECORD_INLINE:
        ref.record.encoding = string_encoding(ref.size, ref.record.flags & RECORD_EXPIRES, ref.record.value_size)


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
    return ref_store_until(ref, type, encoding, value, NO_EXPIRY)


cdef bint ref_store_until(Ref* ref, int type, int encoding, void* value, int64_t expiry) noexcept nogil:
    """The same with an expiry. The value may be a string's Blob too."""
    cdef bint fresh = ref.record == NULL
    cdef Record* record
    if encoding == ENC_TIMED_HASHTABLE and not timed_reserve(ref.db):
        return False
    record = shape(ref, expiry, False, 0)
    if record == NULL:
        return False
    record.type = type
    record.encoding = encoding
    record_set_pointer(record, value)
    if fresh and not enter(ref, record):
        return False
    ref_timed(ref)
    return True


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
    capacity = size                                      # an append is likely followed by another
    if had:
        capacity += size if size < 1 << 20 else 1 << 20
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
    if is_timed(record):
        timed_moved(ref.db, record)
    if record.encoding == ENC_EMBSTR:
        record.encoding = string_encoding(ref.size, at >= 0, record.value_size)
    return True


cdef void discard(Db* db, Record* record, bint lazy) noexcept nogil:
    """Frees what has left the table of keys."""
    cdef Engine* e = db.engine
    if is_timed(record):
        timed_leave(db, record)
    if lazy:
        drop_or_wait(e, record)
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
    discard(ref.db, record, lazy)


cdef void ref_delete_if_empty(Ref* ref) noexcept nogil:
    """Empty collections are no keys. The Ref need not have a right `pos`."""
    if ref.record != NULL and type_row(ref.record.type).length(ref.record) == 0:
        record_find(&ref.db.keys, ref.hash, ref.key, ref.size, &ref.pos)
        ref_delete(ref, False)


cdef inline Record* twin(Ref* ref, const Record* value, int64_t expiry) noexcept nogil:
    """A record for ref's key like `value`, its bytes or its slot copied; not in the table yet. NULL: no memory."""
    cdef Record* record = record_new(ref.db.engine.context.heap, ref.key, ref.size, expiry,
                                     value.flags & RECORD_INLINE, value.value_size)
    if record == NULL:
        return NULL
    record.type = value.type
    record.encoding = value.encoding
    if value.flags & RECORD_INLINE:
        memcpy(record_value(record), record_value(value), value.value_size)
    else:
        record_set_pointer(record, record_pointer(value))
    if record.encoding == ENC_EMBSTR:
        record.encoding = string_encoding(ref.size, expiry >= 0, value.value_size)
    return record


cdef inline bint settle(Ref* ref, Record* record, int64_t expiry) noexcept nogil:
    """Puts a twin into the table in place of what stood there. False: no memory, the twin is still the caller's."""
    cdef Engine* e = ref.db.engine
    cdef Record* was = ref.record
    ref_for_write(ref)
    if was == NULL:
        return insert(ref, record)
    first_touch(e, record)
    ref.db.expiring += <uint64_t>(expiry >= 0) - <uint64_t>((was.flags & RECORD_EXPIRES) != 0)
    hashtable_replace(&ref.db.keys, &ref.pos, record, expiry >= 0)
    ref.record = record
    discard(ref.db, was, e.settings.lazy_server_del)
    return True


cdef bint ref_adopt(Ref* ref, Ref* source, int64_t expiry) noexcept nogil:
    """Moves the value of `source` to another key (RENAME, MOVE), replacing what was there; `source` is gone after it.

    False: no memory, both keys as before. O(1) beside what freeing the replaced value costs.
    """
    cdef Record* value = source.record
    cdef Record* record = twin(ref, value, expiry)
    if record == NULL:
        return False
    ref_for_write(source)
    if (is_timed(value) and not timed_reserve(ref.db)) or not settle(ref, record, expiry):
        record_free(ref.db.engine.context.heap, record)
        return False
    record.clock = value.clock
    if is_timed(value):
        timed_leave(source.db, value)
        timed_settle(ref.db, record)
    record_find(&source.db.keys, source.hash, source.key, source.size, &source.pos)
    hashtable_remove_at(&source.db.keys, source.hash, &source.pos)
    if value.flags & RECORD_EXPIRES:
        source.db.expiring -= 1
    record_free(ref.db.engine.context.heap, value)       # the slot's value lives on at the other key
    source.record = NULL
    return True


cdef bint ref_copy(Ref* ref, Ref* source, int64_t expiry) noexcept nogil:
    """Copies the value of `source` to another key (COPY), replacing what was there. False: no memory."""
    cdef Context* cx = &ref.db.engine.context
    cdef Record* value = source.record
    cdef Record* record = twin(ref, value, expiry)
    if record == NULL:
        return False
    if not value.flags & RECORD_INLINE and not type_row(value.type).copy(cx, value, record):
        record_free(cx.heap, record)
        return False
    if (is_timed(record) and not timed_reserve(ref.db)) or not settle(ref, record, expiry):
        drop_record(ref.db.engine, record)
        return False
    ref_timed(ref)
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
    timed_leave_all(db)
    if lazy:
        free_table_later(e, &db.keys)
    else:
        hashtable_clear(&db.keys, drop_record, e)


cdef inline void take_over(Db* db, const Db* other) noexcept nogil:
    db.keys = other.keys
    db.expiring = other.expiring
    db.timed = other.timed
    db.expire_cursor = other.expire_cursor
    db.walk = other.walk
    db.mean_ttl = other.mean_ttl


cdef void db_swap(Db* a, Db* b) noexcept nogil:
    """Exchanges what two databases hold; clients stay where they are, by number."""
    cdef Db held = a[0]
    cdef Ref all
    all.record = NULL
    all.key = NULL
    all.size = 0
    all.db = a
    ref_for_write(&all)
    all.db = b
    ref_for_write(&all)
    take_over(a, b)
    take_over(b, &held)


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
