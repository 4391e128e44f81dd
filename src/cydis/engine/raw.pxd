"""A string changed byte by byte where it stands: what bitmaps and HyperLogLogs do.

    held as       for writing
    int           written out, into a block of its own
    embstr        in its record; from now on called raw
    raw           in its record or its block, as it is
    longer        in a block with room to spare (ref_string_room), or as much as the heap's classes leave (ref_block)
"""
from libc.stdint cimport uint8_t

from cydis.core.record cimport RECORD_INLINE, Blob, record_pointer, record_value
from cydis.engine.keyspace cimport Ref, ref_string_room
from cydis.types.encodings cimport ENC_INT, ENC_RAW


cdef inline uint8_t* ref_raw_bytes(Ref* ref, size_t had, size_t size) noexcept nogil:
    """The bytes of the string at a key (missing: empty), raw, `had` bytes long, for writing at least `size` of them.

    Lengthens it with zeros, never cuts it. A change of bytes is announced (ref_for_write) before. NULL: no memory,
    nothing changed. O(1), amortised O(bytes) where it grows.
    """
    if size <= had and ref.record != NULL and ref.record.encoding != ENC_INT:
        ref.record.encoding = ENC_RAW
        if ref.record.flags & RECORD_INLINE:
            return record_value(ref.record)
        return (<Blob*>record_pointer(ref.record)).data
    return ref_string_room(ref, size if size > had else had)


# The block of the string at a key (missing: empty), raw, its size as it was, with room for so many bytes, whose content
# behind the size is undefined. For values that grow a little now and then: it spares room that would never be used.
# NULL: no memory, nothing changed.
cdef Blob* ref_block(Ref* ref, size_t room) noexcept nogil
