"""A value that is no key's yet: on the stack, what a Record is to the functions of a type."""
from libc.string cimport memset

from cydis.core.record cimport Record


cdef struct Holder:
    Record record
    void* slot                            # where a record has it


cdef inline Record* holder_open(Holder* holder, int encoding, void* value) noexcept nogil:
    """Begins one around a value, which may be NULL where memory was refused."""
    memset(&holder.record, 0, sizeof(Record))
    holder.record.encoding = encoding
    holder.slot = value
    return <Record*>holder
