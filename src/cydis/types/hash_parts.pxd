"""What the files of hashes share: how a hash lies in its record. Nobody else looks there."""
from libc.stdint cimport uint8_t, uint32_t

from cydis.core.field cimport Field, field_name, field_value
from cydis.core.hashtable cimport Hashtable
from cydis.core.listpack cimport ListpackValue
from cydis.core.record cimport Record, record_pointer
from cydis.types.encodings cimport ENC_TIMED_HASHTABLE
from cydis.types.timed cimport TimedTable, timed_due, timed_expired, timed_of

# What a function that goes through fields is called with, once per field.
ctypedef void (*HashVisit)(void* ctx, const ListpackValue* field, const ListpackValue* value) noexcept nogil


cdef inline uint8_t* pack_of(const Record* hash) noexcept nogil:
    return <uint8_t*>record_pointer(hash)


cdef inline Hashtable* table_of(const Record* hash) noexcept nogil:
    return <Hashtable*>record_pointer(hash)


cdef inline bint is_timed(const Record* hash) noexcept nogil:
    return hash.encoding == ENC_TIMED_HASHTABLE


cdef inline const TimedTable* hiding_of(const Record* hash) noexcept nogil:
    """The hash as a timed table if some of its fields have expired, else NULL."""
    return timed_of(hash) if is_timed(hash) and timed_due(timed_of(hash)) else NULL


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


cdef inline void entry_of(const void* entry, ListpackValue* field, ListpackValue* value) noexcept nogil:
    entry_name(entry, field)
    entry_value(entry, value)


cdef struct Visiting:                     # the ctx of visit_entry
    HashVisit visit
    void* ctx
    const TimedTable* hiding              # NULL: all fields are shown


cdef inline void visit_entry(void* ctx, void* entry) noexcept nogil:
    cdef Visiting* visiting = <Visiting*>ctx
    cdef ListpackValue field, value
    if visiting.hiding != NULL and timed_expired(visiting.hiding, <Field*>entry):
        return
    entry_of(entry, &field, &value)
    visiting.visit(visiting.ctx, &field, &value)
