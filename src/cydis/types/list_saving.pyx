"""Lists, saved and loaded. See list_saving.pxd for the contract.

A node of the form becomes a chunk as it is, so loading copies no element. What is one chunk within the limit is a
listpack; but a list in the oldest packed form stays a quicklist, as with the reference.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.listpack cimport ListpackValue, listpack_bytes, listpack_count, listpack_free
from cydis.core.quicklist cimport (
    Quicklist, QuicklistChunk, quicklist_append_listpack, quicklist_chunk, quicklist_chunks, quicklist_count,
    quicklist_free, quicklist_new, quicklist_only_listpack, quicklist_push_tail, quicklist_to_listpack,
)
from cydis.core.rdb cimport (
    RDB_LIST, RDB_LIST_QUICKLIST_2, RDB_LIST_ZIPLIST, RdbReader, RdbWriter, rdb_read_count,
    rdb_read_length, rdb_write_length, rdb_write_text,
)
from cydis.core.record cimport Record, record_pointer, record_set_pointer
from cydis.types.context cimport Context
from cydis.types.encodings cimport ENC_LISTPACK, ENC_QUICKLIST
from cydis.types.saving cimport (
    FORM_LISTPACK, FORM_ZIPLIST, LOAD_BAD, LOAD_NO_MEMORY, LOAD_OK, TextReader, pack_load, pack_save, texts_close,
    texts_next, texts_open,
)

cdef enum:                                # what a node is
    NODE_PLAIN = 1
    NODE_PACKED = 2


cdef int list_kind(const Record* list) noexcept nogil:
    return RDB_LIST_QUICKLIST_2


cdef void list_save(const Record* list, RdbWriter* w) noexcept nogil:
    """O(bytes)."""
    cdef const Quicklist* chunks = <const Quicklist*>record_pointer(list)
    cdef const QuicklistChunk* chunk
    cdef uint32_t slot = 0
    if list.encoding == ENC_LISTPACK:
        rdb_write_length(w, 1)
        rdb_write_length(w, NODE_PACKED)
        pack_save(<const uint8_t*>record_pointer(list), w)
        return
    rdb_write_length(w, quicklist_chunks(chunks))
    while True:
        chunk = quicklist_chunk(chunks, &slot)
        if chunk == NULL:
            return
        rdb_write_length(w, NODE_PLAIN if chunk.plain else NODE_PACKED)
        rdb_write_text(w, chunk.bytes, chunk.size)


# ---- loading ----

cdef int load_elements(Context* cx, RdbReader* r, Quicklist* list) noexcept nogil:
    cdef TextReader texts
    cdef ListpackValue value
    cdef uint64_t count
    cdef int outcome = LOAD_OK
    if not rdb_read_count(r, 1, &count):
        return LOAD_BAD
    texts_open(&texts, r)
    while count and outcome == LOAD_OK:
        outcome = texts_next(&texts, &value)
        if outcome == LOAD_OK and not quicklist_push_tail(cx.heap, list, &value):
            outcome = LOAD_NO_MEMORY
        count -= 1
    texts_close(&texts)
    return outcome


cdef int load_chunk(Context* cx, RdbReader* r, int form, Quicklist* list) noexcept nogil:
    """An empty one is passed over."""
    cdef uint8_t* pack = NULL
    cdef int outcome = pack_load(cx, r, form, False, &pack)
    if outcome != LOAD_OK:
        return outcome
    if listpack_count(pack) == 0:
        listpack_free(cx.heap, pack)
        return LOAD_OK
    if quicklist_append_listpack(cx.heap, list, pack):
        return LOAD_OK
    listpack_free(cx.heap, pack)
    return LOAD_NO_MEMORY


cdef int load_plain(Context* cx, RdbReader* r, Quicklist* list) noexcept nogil:
    cdef TextReader texts
    cdef ListpackValue value
    cdef int outcome
    texts_open(&texts, r)
    outcome = texts_next(&texts, &value)
    if outcome == LOAD_OK and value.text != NULL and value.size == 0:
        outcome = LOAD_BAD
    if outcome == LOAD_OK and not quicklist_push_tail(cx.heap, list, &value):
        outcome = LOAD_NO_MEMORY
    texts_close(&texts)
    return outcome


cdef int load_nodes(Context* cx, int kind, RdbReader* r, Quicklist* list, bint* plain) noexcept nogil:
    cdef uint64_t count, node = NODE_PACKED
    cdef int outcome = LOAD_OK
    if not rdb_read_count(r, 1, &count):
        return LOAD_BAD
    while count and outcome == LOAD_OK:
        if kind == RDB_LIST_QUICKLIST_2 and not rdb_read_length(r, &node):
            return LOAD_BAD
        if node == NODE_PACKED:
            outcome = load_chunk(cx, r, FORM_LISTPACK if kind == RDB_LIST_QUICKLIST_2 else FORM_ZIPLIST, list)
        elif node == NODE_PLAIN:
            plain[0] = True
            outcome = load_plain(cx, r, list)
        else:
            outcome = LOAD_BAD
        count -= 1
    return outcome


cdef bint fits_pack(const Context* cx, const uint8_t* pack, uint64_t count) noexcept nogil:
    """Whether one chunk may be a listpack: as many elements as the limit says, or as many bytes."""
    cdef int64_t fill = cx.limits.list_max_listpack_size
    if fill >= 0:
        return count <= <uint64_t>(fill if fill else 1)
    return listpack_bytes(pack) <= <uint32_t>2048 << (5 if fill < -5 else -fill)


cdef void settle(Context* cx, Quicklist* list, bint stays, Record* into) noexcept nogil:
    cdef const uint8_t* pack = NULL
    if not stays:
        pack = quicklist_only_listpack(list)
    if pack != NULL and fits_pack(cx, pack, quicklist_count(list)):
        into.encoding = ENC_LISTPACK
        record_set_pointer(into, quicklist_to_listpack(cx.heap, list))
    else:
        into.encoding = ENC_QUICKLIST
        record_set_pointer(into, list)


cdef int list_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    """O(bytes)."""
    cdef Quicklist* list = quicklist_new(cx.heap, <int>cx.limits.list_max_listpack_size)
    cdef bint stays = kind == RDB_LIST_ZIPLIST
    cdef int outcome
    if list == NULL:
        return LOAD_NO_MEMORY
    if kind == RDB_LIST:
        outcome = load_elements(cx, r, list)
    elif kind == RDB_LIST_ZIPLIST:
        outcome = load_chunk(cx, r, FORM_ZIPLIST, list)
    else:
        outcome = load_nodes(cx, kind, r, list, &stays)
    if outcome == LOAD_OK and quicklist_count(list) == 0:
        outcome = LOAD_BAD
    if outcome == LOAD_OK:
        settle(cx, list, stays, into)
    else:
        quicklist_free(cx.heap, list)
    return outcome
