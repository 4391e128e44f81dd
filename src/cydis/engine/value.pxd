"""Types and encodings of values, and the table of what can be done with a value of any type."""
from libc.stdint cimport int64_t

from cydis.core.record cimport Record
from cydis.types.context cimport Context


cdef enum:                                # Record.type; the numbers of the RDB format's families
    TYPE_STRING = 0
    TYPE_LIST = 1
    TYPE_SET = 2
    TYPE_ZSET = 3
    TYPE_HASH = 4
    TYPE_STREAM = 6
    TYPE_COUNT = 7

cdef enum:                                # Record.encoding
    ENC_RAW = 0                           # inline bytes or a Blob, changed in place since it was set
    ENC_EMBSTR = 1                        # inline bytes
    ENC_INT = 2                           # the slot is an int64
    ENC_LISTPACK = 3
    ENC_QUICKLIST = 4
    ENC_INTSET = 5
    ENC_HASHTABLE = 6
    ENC_SKIPLIST = 7
    ENC_STREAM = 8


cdef struct TypeRow:
    const char* name                                                   # as TYPE answers
    void (*drop)(Context*, Record*) noexcept nogil                     # frees the value, not the record
    bint (*drop_some)(Context*, Record*, size_t) noexcept nogil        # at most so many elements; true when done
    bint (*copy)(Context*, const Record*, Record*) noexcept nogil      # into a record with a slot; false: no memory
    size_t (*memory)(Context*, const Record*, size_t) noexcept nogil   # bytes beside the record; samples, 0 = all
    size_t (*length)(const Record*) noexcept nogil                     # elements; bytes of a string

cdef const TypeRow* type_row(int type) noexcept nogil
cdef const char* encoding_name(const Record* value) noexcept nogil
