"""A string in a block of its own. See raw.pxd."""
from cydis.core.heap cimport Heap, heap_good_size, heap_realloc
from cydis.core.record cimport RECORD_INLINE, Blob, record_pointer, record_set_pointer
from cydis.engine.keyspace cimport Ref, ref_string_room
from cydis.engine.value cimport ENC_INT, ENC_RAW, TYPE_STRING, type_row


cdef Blob* ref_block(Ref* ref, size_t room) noexcept nogil:
    cdef Heap* heap = ref.db.engine.context.heap
    cdef size_t had = 0 if ref.record == NULL else type_row(TYPE_STRING).length(ref.record)
    cdef size_t capacity = heap_good_size(sizeof(Blob) + max(room, had)) - sizeof(Blob)
    cdef Blob* blob
    cdef bint loose = ref.record == NULL or ref.record.encoding == ENC_INT or ref.record.flags & RECORD_INLINE
    if loose and ref_string_room(ref, max(room, had)) == NULL:
        return NULL
    ref.record.encoding = ENC_RAW
    blob = <Blob*>record_pointer(ref.record)
    if capacity > blob.capacity if not loose else capacity != blob.capacity:
        blob = <Blob*>heap_realloc(heap, blob, sizeof(Blob) + blob.capacity, sizeof(Blob) + capacity)
        if blob != NULL:
            blob.capacity = capacity
            record_set_pointer(ref.record, blob)
        elif not loose:
            return NULL
        else:
            blob = <Blob*>record_pointer(ref.record)     # larger than need be
    blob.size = had
    return blob
