"""The table of types: what can be done with a value of any type."""
from libc.stdint cimport int64_t, uint8_t

from cydis.core.rdb cimport RdbReader, RdbWriter
from cydis.core.record cimport Record
from cydis.types.context cimport Context
from cydis.types.encodings cimport (   # for those who cimport them from here
    ENC_EMBSTR, ENC_HASHTABLE, ENC_INT, ENC_INTSET, ENC_LISTPACK, ENC_QUICKLIST, ENC_RAW, ENC_SKIPLIST, ENC_STREAM,
    ENC_TIMED_HASHTABLE, TYPE_COUNT, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STREAM, TYPE_STRING, TYPE_VECTORSET,
    TYPE_ZSET,
)


cdef struct TypeRow:
    const char* name                                                   # as TYPE answers
    void (*drop)(Context*, Record*) noexcept nogil                     # frees the value, not the record
    bint (*drop_some)(Context*, Record*, size_t) noexcept nogil        # at most so many elements; true when done
    bint (*copy)(Context*, const Record*, Record*) noexcept nogil      # into a record with a slot; false: no memory
    size_t (*memory)(Context*, const Record*, size_t) noexcept nogil   # bytes beside the record; samples, 0 = all
    size_t (*length)(const Record*) noexcept nogil                     # elements; bytes of a string
    int (*kind)(const Record*) noexcept nogil                          # in which form it is saved: an RdbKind
    void (*save)(const Record*, RdbWriter*) noexcept nogil             # writes it in that form
    # Makes a value of a form, in a record with a slot: LOAD_*. NULL: strings, which saved.pyx loads.
    int (*load)(Context*, int, RdbReader*, Record*) noexcept nogil

cdef const TypeRow* type_row(int type) noexcept nogil
cdef int type_by_name(const uint8_t* name, size_t size) noexcept nogil       # any case of letters; -1: no such type
cdef const char* encoding_name(const Record* value) noexcept nogil
