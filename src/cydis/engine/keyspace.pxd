"""Keys of a database: finding, storing, deleting, expiry. The only place that changes the table of keys.

A Ref says where a key stands. It is valid until the table changes by another hand; functions of
this module that change the table keep their own Ref right.

Every change goes through ref_for_write (or a function here that calls it) before the value
changes: watchers, snapshots, tracking and replication hang on that one place.
"""
from libc.stdint cimport int64_t, uint8_t, uint64_t

from cydis.core.hashtable cimport HashtablePos
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call
from cydis.engine.database cimport Db, Engine
from cydis.engine.timed cimport is_timed, timed_settle
from cydis.types.timed cimport NO_EXPIRY   # for those who cimport it from here

cdef struct Ref:
    Db* db
    Record* record                        # NULL: no such key
    const uint8_t* key
    size_t size
    uint64_t hash
    HashtablePos pos

# Looking. An expired key is never seen; it goes when it is met.
cdef Record* ref_find(Ref* ref, Db* db, const uint8_t* key, size_t size) noexcept nogil
cdef Record* ref_find_hashed(Ref* ref, Db* db, const uint8_t* key, size_t size, uint64_t hash) noexcept nogil
cdef Record* key_peek(Call* call, int arg, Ref* ref) noexcept nogil        # no counters, no access clock
cdef Record* key_find(Call* call, int arg, Ref* ref) noexcept nogil        # touches: for writes that may be refused
cdef Record* key_inspect(Call* call, int arg) noexcept nogil               # counts hit or miss, does not touch
cdef Record* key_inspect_hashed(Call* call, int arg, uint64_t hash) noexcept nogil
cdef Record* key_read(Call* call, int arg) noexcept nogil                  # counts hit or miss, touches
cdef Record* key_read_hashed(Call* call, int arg, uint64_t hash) noexcept nogil
cdef Record* key_read_ref(Call* call, int arg, Ref* ref) noexcept nogil    # the same, with its place, for a change

# The one way to a key that is no argument, for SORT's patterns alone (docs/decisions/0150): as key_read, read only.
cdef Record* key_read_named(Call* call, const uint8_t* key, size_t size) noexcept nogil
cdef Record* key_write(Call* call, int arg, Ref* ref) noexcept nogil       # the choke point; NULL: may be created

# The same for one type: 1 found, 0 missing, -1 another type (WRONGTYPE has been replied).
cdef int read_typed(Call* call, int arg, int type, Record** record) noexcept nogil
cdef int write_typed(Call* call, int arg, int type, Ref* ref) noexcept nogil

# Changing. False: no memory, nothing changed (the error has not been replied).
cdef void ref_for_write(Ref* ref) noexcept nogil
cdef Record* ref_create(Ref* ref, int type, int encoding, void* value) noexcept nogil    # a missing key
cdef bint ref_store_bytes(Ref* ref, const uint8_t* data, size_t size, int64_t expiry) noexcept nogil
cdef bint ref_store_int(Ref* ref, int64_t value, int64_t expiry) noexcept nogil
cdef bint ref_store_value(Ref* ref, int type, int encoding, void* value) noexcept nogil  # a collection, no expiry
cdef void ref_string_is_new(Ref* ref) noexcept nogil      # what was stored owes nothing to what had been there
cdef bint ref_store_until(Ref* ref, int type, int encoding, void* value, int64_t expiry) noexcept nogil
cdef uint8_t* ref_string_room(Ref* ref, size_t size) noexcept nogil
cdef bint ref_set_expiry(Ref* ref, int64_t at) noexcept nogil
cdef void ref_delete(Ref* ref, bint lazy) noexcept nogil
cdef void ref_expire(Ref* ref) noexcept nogil                                  # deletes, and counts it as expired
cdef void ref_delete_if_empty(Ref* ref) noexcept nogil
cdef bint ref_adopt(Ref* ref, Ref* source, int64_t expiry) noexcept nogil      # moves a value here, replacing
cdef bint ref_copy(Ref* ref, Ref* source, int64_t expiry) noexcept nogil       # copies a value here, replacing


cdef inline void ref_timed(Ref* ref) noexcept nogil:
    """After a change of a hash, whose fields may have other moments than before (see timed.pxd)."""
    if is_timed(ref.record):
        timed_settle(ref.db, ref.record)


# After a change of argument `arg`'s key; `times` effects (1 for most commands).
cdef void changed(Call* call, int arg) noexcept nogil

# Prefetching: what a pipeline does for its next requests, and a command for its next keys.
cdef uint64_t key_hash(Db* db, const RespArg* key) noexcept nogil
cdef void prefetch_bucket(Db* db, uint64_t hash) noexcept nogil
cdef void prefetch_record(Db* db, uint64_t hash) noexcept nogil

cdef enum:
    KEY_GROUP = 16                        # keys of one command that are on their way from memory at once

# Hashes up to KEY_GROUP keys argv[first], argv[first + step] ... before `end` and prefetches them; how many it took.
cdef int hash_group(Call* call, int first, int step, int end, uint64_t* hashes) noexcept nogil

cdef int64_t now_ms(Engine* engine) noexcept nogil
cdef void db_flush(Db* db, bint lazy) noexcept nogil
cdef void db_swap(Db* a, Db* b) noexcept nogil
cdef bint record_expired(const Record* record, const Engine* engine) noexcept nogil
cdef bint record_string(const Record* record, char* scratch, const uint8_t** data, size_t* size) noexcept nogil
