"""Values as published bytes. See saved.pxd for the contract."""
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memset

from cydis.core.buffer cimport Buffer
from cydis.core.heap cimport heap_alloc, heap_free
from cydis.core.number cimport number_parse_int
from cydis.core.rdb cimport (
    RDB_HASH, RDB_HASH_2, RDB_HASH_LISTPACK, RDB_HASH_LISTPACK_EX, RDB_HASH_METADATA, RDB_HASH_ZIPLIST,
    RDB_HASH_ZIPMAP, RDB_LIST, RDB_LIST_QUICKLIST, RDB_LIST_QUICKLIST_2, RDB_LIST_ZIPLIST, RDB_MODULE_2, RDB_SET,
    RDB_SET_INTSET, RDB_SET_LISTPACK, RDB_STRING, RDB_VERSION, RDB_VERSION_REDIS, RDB_VERSION_VALKEY, RDB_ZSET,
    RDB_ZSET_2, RDB_ZSET_LISTPACK, RDB_ZSET_ZIPLIST, RdbReader, RdbText, RdbWriter, rdb_close_frame, rdb_read_text,
    rdb_text_write, rdb_write_byte,
)
from cydis.core.record cimport Blob, Record
from cydis.engine.database cimport Engine
from cydis.engine.keyspace cimport Ref, ref_store_bytes, ref_store_int, ref_store_until, ref_string_is_new
from cydis.engine.value cimport (
    ENC_RAW, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_VECTORSET, TYPE_ZSET, type_row,
)
from cydis.types.holder cimport holder_open
from cydis.types.saving cimport LOAD_BAD, LOAD_NO_MEMORY, LOAD_OK

cdef enum:
    KINDS = 32
    INT_TEXT = 20                         # bytes up to which a text may be an integer


cdef int[KINDS] TYPE_OF                   # a kind's type, or -1: not read
memset(TYPE_OF, -1, sizeof(TYPE_OF))
TYPE_OF[<int>RDB_STRING] = TYPE_STRING
for kind in (RDB_LIST, RDB_LIST_ZIPLIST, RDB_LIST_QUICKLIST, RDB_LIST_QUICKLIST_2):
    TYPE_OF[<int>kind] = TYPE_LIST
for kind in (RDB_SET, RDB_SET_INTSET, RDB_SET_LISTPACK):
    TYPE_OF[<int>kind] = TYPE_SET
for kind in (RDB_ZSET, RDB_ZSET_2, RDB_ZSET_ZIPLIST, RDB_ZSET_LISTPACK):
    TYPE_OF[<int>kind] = TYPE_ZSET
for kind in (RDB_HASH, RDB_HASH_ZIPMAP, RDB_HASH_ZIPLIST, RDB_HASH_LISTPACK, RDB_HASH_2, RDB_HASH_METADATA,
             RDB_HASH_LISTPACK_EX):
    TYPE_OF[<int>kind] = TYPE_HASH
del kind
TYPE_OF[<int>RDB_MODULE_2] = TYPE_VECTORSET             # the only module whose values are known


# ---- reading ----

cdef int read_blob(Engine* e, const RdbText* text, Saved* saved) noexcept nogil:
    """A long compressed text, unpacked where it will stay."""
    cdef size_t size = sizeof(Blob) + text.size
    cdef Blob* blob = <Blob*>heap_alloc(e.context.heap, size)
    if blob == NULL:
        return LOAD_NO_MEMORY
    blob.size = blob.capacity = text.size
    if not rdb_text_write(text, blob.data):
        heap_free(e.context.heap, blob, size)
        return LOAD_BAD
    holder_open(&saved.holder, ENC_RAW, blob)
    return LOAD_OK


cdef int read_string(Engine* e, RdbReader* r, Saved* saved) noexcept nogil:
    cdef RdbText text
    if not rdb_read_text(r, &text):
        return LOAD_BAD
    saved.size = text.size
    saved.number = text.number
    saved.data = text.data
    if text.packed and text.size > SAVED_ROOM:
        return read_blob(e, &text, saved)
    if text.packed:
        if not rdb_text_write(&text, saved.room):
            return LOAD_BAD
        saved.data = saved.room
    if text.data != NULL and text.size <= INT_TEXT and number_parse_int(saved.data, text.size, &saved.number):
        saved.data = NULL
    return LOAD_OK


cdef bint is_known(int kind, unsigned int version) noexcept nogil:
    """Of the three kinds for hashes whose fields expire, Redis and Valkey took one number for different things."""
    if kind == RDB_HASH_METADATA or kind == RDB_HASH_LISTPACK_EX:
        return version == RDB_VERSION_REDIS
    return kind != RDB_HASH_2 or version != RDB_VERSION_REDIS


cdef int saved_read(Engine* e, int kind, unsigned int version, RdbReader* r, Saved* saved) noexcept nogil:
    cdef Record* record = holder_open(&saved.holder, 0, NULL)
    saved.type = TYPE_OF[kind] if 0 <= kind < KINDS and is_known(kind, version) else -1
    if saved.type < 0:
        return LOAD_BAD
    if saved.type == TYPE_STRING:
        return read_string(e, r, saved)
    record.type = saved.type
    return type_row(saved.type).load(&e.context, kind, r, record)


cdef void saved_drop(Engine* e, Saved* saved) noexcept nogil:
    if saved.holder.slot != NULL:
        type_row(saved.type).drop(&e.context, &saved.holder.record)


# ---- storing ----

cdef bint saved_store(Ref* ref, Saved* saved, int64_t expiry) noexcept nogil:
    if saved.holder.slot != NULL:
        if ref_store_until(ref, saved.type, saved.holder.record.encoding, saved.holder.slot, expiry):
            return True
        saved_drop(ref.db.engine, saved)
        return False
    if saved.data == NULL:
        return ref_store_int(ref, saved.number, expiry)
    if not ref_store_bytes(ref, saved.data, saved.size, expiry):
        return False
    ref_string_is_new(ref)
    return True


# ---- writing ----

cdef unsigned int saved_write(const Record* record, RdbWriter* w) noexcept nogil:
    """O(bytes of the value), into the buffer without a copy in between."""
    cdef int kind = type_row(record.type).kind(record)
    rdb_write_byte(w, <uint8_t>kind)
    type_row(record.type).save(record, w)
    return RDB_VERSION_VALKEY if kind == RDB_HASH_2 else RDB_VERSION


cdef bint saved_dump(Engine* e, const Record* record, Buffer* out) noexcept nogil:
    """O(bytes of the value)."""
    cdef RdbWriter writer
    cdef size_t start = out.used
    if type_row(record.type).save == NULL:
        return False
    writer.out = out
    writer.compress = e.settings.rdb_compression
    rdb_close_frame(&writer, start, saved_write(record, &writer))
    return True
