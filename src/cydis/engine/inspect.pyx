"""Looks into an engine, for DEBUG: digests, tables, packed values; and filling it with keys.

The engine's lock must be held: a handler holds it.
"""
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint32_t
from libc.string cimport memset

from cydis.core.buffer cimport Buffer, buffer_append, buffer_close, buffer_init, buffer_reserve
from cydis.core.hashtable cimport Hashtable, HashtableStats, hashtable_hash, hashtable_memory, hashtable_stats
from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, LISTPACK_NONE, ListpackValue, listpack_bytes, listpack_first, listpack_step,
    listpack_value_text,
)
from cydis.core.number cimport NUMBER_INT_MAX, number_format_int
from cydis.core.quicklist cimport Quicklist, QuicklistChunk, quicklist_chunk
from cydis.core.record cimport Record, record_find, record_pointer
from cydis.core.sha1 cimport SHA1_BYTES
from cydis.engine.database cimport Db
from cydis.engine.digest cimport digest_data, digest_value as mix_value
from cydis.engine.door cimport EngineObject
from cydis.engine.keyspace cimport NO_EXPIRY, Ref, ref_find, ref_for_write, ref_store_bytes
from cydis.engine.value cimport (
    ENC_HASHTABLE, ENC_LISTPACK, ENC_QUICKLIST, ENC_SKIPLIST, ENC_TIMED_HASHTABLE, TYPE_HASH, TYPE_SET, TYPE_ZSET,
)
from cydis.types.zsets cimport Zset

cdef enum:
    SCRATCH = 256                         # bytes of a key or value that need no allocation

NO_KEY, OTHER_ENCODING = "no such key", "another encoding"


cdef Record* find(EngineObject engine, int db, bytes key):
    cdef Ref ref
    cdef const char* name = key
    return ref_find(&ref, &engine.engine.dbs[db], <const uint8_t*>name, len(key))


def digest(EngineObject engine):
    """The digest of all data, in hexadecimal. O(bytes)."""
    cdef uint8_t[SHA1_BYTES] made
    memset(made, 0, SHA1_BYTES)
    with nogil:
        digest_data(engine.engine, made)
    return PyBytes_FromStringAndSize(<const char*>made, SHA1_BYTES).hex()


def digest_value(EngineObject engine, int db, bytes key):
    """The digest of a value, in hexadecimal, be its time over or not; that of a missing key is zero. O(bytes)."""
    cdef uint8_t[SHA1_BYTES] made
    cdef Hashtable* keys = &engine.engine.dbs[db].keys
    cdef const char* name = key
    cdef Record* record = record_find(keys, hashtable_hash(keys, name, len(key)), name, len(key), NULL)
    memset(made, 0, SHA1_BYTES)
    if record != NULL:
        with nogil:
            mix_value(engine.engine, record, made)
    return PyBytes_FromStringAndSize(<const char*>made, SHA1_BYTES).hex()


cdef bint fill(Db* db, const char* prefix, size_t prefix_size, int64_t count, int64_t size) noexcept nogil:
    cdef char[SCRATCH] key_home, value_home
    cdef char[NUMBER_INT_MAX] digits
    cdef Buffer key, value
    cdef Ref ref
    cdef size_t room
    cdef int64_t i
    cdef int n
    cdef bint done = True
    buffer_init(&key, key_home, SCRATCH)
    buffer_init(&value, value_home, SCRATCH)
    for i in range(count):
        n = <int>number_format_int(i, digits)
        key.used = value.used = 0
        buffer_append(&key, prefix, prefix_size)
        buffer_append(&key, b":", 1)
        buffer_append(&key, digits, n)
        buffer_append(&value, b"value:", 6)
        buffer_append(&value, digits, n)
        if size:
            room = <size_t>size
            if room > value.used and buffer_reserve(&value, room - value.used):
                memset(value.data + value.used, 0, room - value.used)
            value.used = room
        done = not (key.failed or value.failed)
        if done and ref_find(&ref, db, key.data, key.used) == NULL:
            ref_for_write(&ref)
            done = ref_store_bytes(&ref, value.data, value.used, NO_EXPIRY)
        if not done:
            break
    buffer_close(&key)
    buffer_close(&value)
    return done


def populate(EngineObject engine, int db, int64_t count, bytes prefix=b"key", int64_t size=0):
    """Stores ``prefix:0``, ``prefix:1``, ... `count` of them, where they are missing. O(count).

    Args:
        size: bytes of a value, zeros at its end or cut; 0: as long as it is.

    Raises:
        MemoryError: memory was refused; some keys are there.
    """
    cdef const char* text = prefix
    cdef size_t prefix_size = len(prefix)
    cdef bint done
    with nogil:
        done = fill(&engine.engine.dbs[db], text, prefix_size, count, size)
    if not done:
        raise MemoryError("the system refused memory")


cdef dict shown(const Hashtable* table):
    cdef HashtableStats stats
    hashtable_stats(table, &stats)
    return {"entries": stats.size, "buckets": stats.buckets, "chained": stats.chained, "longest": stats.longest,
            "filled": [stats.filled[i] for i in range(16)], "bytes": hashtable_memory(table)}


def table_of_keys(EngineObject engine, int db):
    """What a database's table of keys looks like: a dict of counts. O(buckets)."""
    return shown(&engine.engine.dbs[db].keys)


def expiring(EngineObject engine, int db):
    """How many keys of a database expire. O(1)."""
    return engine.engine.dbs[db].expiring


def table_of_value(EngineObject engine, int db, bytes key):
    """The same of the hash table that holds a value. KeyError with NO_KEY, or OTHER_ENCODING where there is none."""
    cdef Record* record = find(engine, db, key)
    if record == NULL:
        raise KeyError(NO_KEY)
    if <int>record.type == TYPE_ZSET and <int>record.encoding == ENC_SKIPLIST:
        return shown(&(<Zset*>record_pointer(record)).table)
    if <int>record.type in (TYPE_SET, TYPE_HASH) and <int>record.encoding in (ENC_HASHTABLE, ENC_TIMED_HASHTABLE):
        return shown(<Hashtable*>record_pointer(record))
    raise KeyError(OTHER_ENCODING)


cdef list entries(const uint8_t* pack):
    cdef ListpackValue value
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef const uint8_t* text
    cdef size_t size
    cdef uint32_t at = listpack_first(pack), after
    cdef list found = []
    while at != LISTPACK_NONE:
        after = listpack_step(pack, at, &value)
        text = listpack_value_text(&value, digits, &size)
        found.append((at, PyBytes_FromStringAndSize(<const char*>text, size)))
        at = after
    return found


def listpack(EngineObject engine, int db, bytes key):
    """(bytes, [(offset, element), ...]) of a value that is a listpack. KeyError as table_of_value."""
    cdef Record* record = find(engine, db, key)
    if record == NULL:
        raise KeyError(NO_KEY)
    if <int>record.encoding != ENC_LISTPACK:
        raise KeyError(OTHER_ENCODING)
    return listpack_bytes(<const uint8_t*>record_pointer(record)), entries(<const uint8_t*>record_pointer(record))


def quicklist(EngineObject engine, int db, bytes key):
    """[(elements, bytes, whether it is one large element), ...] of the chunks of a list. KeyError as table_of_value."""
    cdef Record* record = find(engine, db, key)
    cdef const QuicklistChunk* chunk
    cdef uint32_t slot = 0
    cdef list found = []
    if record == NULL:
        raise KeyError(NO_KEY)
    if <int>record.encoding != ENC_QUICKLIST:
        raise KeyError(OTHER_ENCODING)
    while True:
        chunk = quicklist_chunk(<const Quicklist*>record_pointer(record), &slot)
        if chunk == NULL:
            return found
        found.append((chunk.count, chunk.size, bool(chunk.plain)))
