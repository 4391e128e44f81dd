"""The table of types: how a value of each is freed, copied, measured, saved and loaded."""
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memcpy, strlen

from cydis.core.heap cimport heap_alloc, heap_free, heap_good_size
from cydis.core.rdb cimport RDB_STRING, RdbWriter, rdb_write_integer, rdb_write_text
from cydis.core.record cimport (
    RECORD_INLINE, Blob, Record, record_int, record_pointer, record_set_int, record_set_pointer,
    record_value,
)
from cydis.types.context cimport Context
from cydis.types.hash_saving cimport hash_kind, hash_load, hash_save
from cydis.types.hashes cimport hash_copy, hash_free, hash_free_some, hash_memory, hash_size
from cydis.types.list_saving cimport list_kind, list_load, list_save
from cydis.types.lists cimport list_copy, list_free, list_free_some, list_length, list_memory
from cydis.types.set_saving cimport set_kind, set_load, set_save
from cydis.types.sets cimport set_copy, set_free, set_free_some, set_memory, set_size
from cydis.types.vector_saving cimport vectors_kind, vectors_load, vectors_save
from cydis.types.vectors cimport vectors_copy, vectors_free, vectors_free_some, vectors_memory, vectors_size
from cydis.types.zset_saving cimport zset_kind, zset_load, zset_save
from cydis.types.zsets cimport zset_copy, zset_free, zset_free_some, zset_memory, zset_size


cdef void string_drop(Context* cx, Record* value) noexcept nogil:
    cdef Blob* blob
    if value.flags & RECORD_INLINE or value.encoding == ENC_INT:
        return
    blob = <Blob*>record_pointer(value)
    if blob != NULL:
        heap_free(cx.heap, blob, sizeof(Blob) + blob.capacity)


cdef bint string_drop_some(Context* cx, Record* value, size_t some) noexcept nogil:
    string_drop(cx, value)
    return True


cdef bint string_copy(Context* cx, const Record* value, Record* into) noexcept nogil:
    cdef Blob* source
    cdef Blob* copy
    if value.encoding == ENC_INT:
        record_set_int(into, record_int(value))
        return True
    source = <Blob*>record_pointer(value)
    copy = <Blob*>heap_alloc(cx.heap, sizeof(Blob) + source.size)
    if copy == NULL:
        return False
    copy.size = source.size
    copy.capacity = source.size
    memcpy(copy.data, source.data, source.size)
    record_set_pointer(into, copy)
    return True


cdef size_t string_memory(Context* cx, const Record* value, size_t samples) noexcept nogil:
    if value.flags & RECORD_INLINE or value.encoding == ENC_INT:
        return 0
    return heap_good_size(sizeof(Blob) + (<Blob*>record_pointer(value)).capacity)


cdef size_t string_length(const Record* value) noexcept nogil:
    cdef int64_t n
    cdef size_t digits
    if value.flags & RECORD_INLINE:
        return value.value_size
    if value.encoding != ENC_INT:
        return (<Blob*>record_pointer(value)).size
    n = record_int(value)
    digits = 1 + (n < 0)
    while n >= 10 or n <= -10:
        n //= 10
        digits += 1
    return digits


cdef int string_kind(const Record* value) noexcept nogil:
    return RDB_STRING


cdef void string_save(const Record* value, RdbWriter* w) noexcept nogil:
    cdef Blob* blob
    if value.flags & RECORD_INLINE:
        rdb_write_text(w, record_value(value), value.value_size)
    elif value.encoding == ENC_INT:
        rdb_write_integer(w, record_int(value))
    else:
        blob = <Blob*>record_pointer(value)
        rdb_write_text(w, blob.data, blob.size)


cdef TypeRow[TYPE_COUNT] TYPES
TYPES[TYPE_STRING] = TypeRow(b"string", string_drop, string_drop_some, string_copy, string_memory, string_length,
                             string_kind, string_save, NULL)
TYPES[TYPE_LIST] = TypeRow(b"list", list_free, list_free_some, list_copy, list_memory, list_length,
                           list_kind, list_save, list_load)
TYPES[TYPE_SET] = TypeRow(b"set", set_free, set_free_some, set_copy, set_memory, set_size,
                          set_kind, set_save, set_load)
TYPES[TYPE_ZSET] = TypeRow(b"zset", zset_free, zset_free_some, zset_copy, zset_memory, zset_size,
                           zset_kind, zset_save, zset_load)
TYPES[TYPE_HASH] = TypeRow(b"hash", hash_free, hash_free_some, hash_copy, hash_memory, hash_size,
                           hash_kind, hash_save, hash_load)
TYPES[TYPE_VECTORSET] = TypeRow(b"vectorset", vectors_free, vectors_free_some, vectors_copy, vectors_memory,
                                vectors_size, vectors_kind, vectors_save, vectors_load)

ctypedef const char* Name
cdef Name[10] ENCODINGS
ENCODINGS[:] = [
    b"raw", b"embstr", b"int", b"listpack", b"quicklist", b"intset", b"hashtable", b"skiplist", b"stream",
    b"hashtable",
]


cdef const TypeRow* type_row(int type) noexcept nogil:
    return &TYPES[type]


cdef Name[TYPE_COUNT] TYPE_NAMES
TYPE_NAMES[TYPE_STRING] = b"string"
TYPE_NAMES[TYPE_LIST] = b"list"
TYPE_NAMES[TYPE_SET] = b"set"
TYPE_NAMES[TYPE_ZSET] = b"zset"
TYPE_NAMES[TYPE_HASH] = b"hash"
TYPE_NAMES[TYPE_VECTORSET] = b"vectorset"
TYPE_NAMES[TYPE_STREAM] = b"stream"


cdef int type_by_name(const uint8_t* name, size_t size) noexcept nogil:
    cdef int t
    cdef size_t i
    for t in range(TYPE_COUNT):
        if TYPE_NAMES[t] == NULL or strlen(TYPE_NAMES[t]) != size:
            continue
        i = 0
        while i < size and <uint8_t>TYPE_NAMES[t][i] == (name[i] | 0x20):      # letters only: no other byte becomes one
            i += 1
        if i == size:
            return t
    return -1


cdef const char* encoding_name(const Record* value) noexcept nogil:
    return ENCODINGS[value.encoding]
