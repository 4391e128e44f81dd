"""Values as published bytes, for DUMP and RESTORE and for data files: reading one, storing it at a key, writing one.

A Saved is a value that was read and is no key's yet. A string in it may still lie in the bytes it was read from. It
must not move, and must be stored or dropped.
"""
from libc.stdint cimport int64_t, uint8_t

from cydis.core.buffer cimport Buffer
from cydis.core.rdb cimport RdbReader, RdbWriter
from cydis.core.record cimport RECORD_INLINE_MAX, Blob, Record
from cydis.engine.database cimport Engine
from cydis.engine.keyspace cimport Ref
from cydis.types.holder cimport Holder

cdef enum:
    SAVED_ROOM = 4096                     # RECORD_INLINE_MAX


cdef struct Saved:
    int type
    Holder holder                         # of a collection, or of a string's Blob
    const uint8_t* data                   # other strings: the text, or NULL for an integer
    size_t size
    int64_t number
    uint8_t[SAVED_ROOM] room              # where a short compressed text is unpacked


# Reads the value of a kind (its byte was read already) from a file or payload of that version: LOAD_* of types/saving.
cdef int saved_read(Engine* e, int kind, unsigned int version, RdbReader* r, Saved* saved) noexcept nogil
# Makes it the value of a key, whatever was there; after ref_for_write. False: no memory, nothing changed, and it is
# dropped.
cdef bint saved_store(Ref* ref, Saved* saved, int64_t expiry) noexcept nogil
cdef void saved_drop(Engine* e, Saved* saved) noexcept nogil

# The byte that says the kind, and the value. The version that whoever reads it must know.
cdef unsigned int saved_write(const Record* record, RdbWriter* w) noexcept nogil
# The same in its frame: what DUMP answers. False: values of this type have no such form, nothing was written.
cdef bint saved_dump(Engine* e, const Record* record, Buffer* out) noexcept nogil
