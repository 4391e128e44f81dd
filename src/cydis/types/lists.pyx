"""Lists as listpacks and quicklists. See lists.pxd for the contract.

The borders are the reference's. A listpack becomes a quicklist before a push that would bring it over
list-max-listpack-size, the texts that come being counted without their framing. A quicklist becomes a
listpack after a removal that leaves it one chunk of at most half that size, so that a list which wavers
around the border does not convert each time.
"""
from libc.stdint cimport UINT32_MAX, int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.listpack cimport (
    LISTPACK_NONE, ListpackValue, listpack_append, listpack_bytes, listpack_copy, listpack_count, listpack_delete,
    listpack_delete_range, listpack_equal, listpack_find, listpack_first, listpack_free, listpack_get,
    listpack_insert_after, listpack_insert_before, listpack_last, listpack_memory, listpack_new, listpack_prepend,
    listpack_prev, listpack_replace, listpack_seek, listpack_step,
)
from cydis.core.quicklist cimport (
    Quicklist, QuicklistPlace, quicklist_chunks, quicklist_copy, quicklist_count, quicklist_delete,
    quicklist_delete_range, quicklist_drop_head, quicklist_drop_tail, quicklist_exceeds, quicklist_first,
    quicklist_free, quicklist_free_some, quicklist_from_listpack, quicklist_get, quicklist_index,
    quicklist_insert_after, quicklist_insert_before, quicklist_last, quicklist_memory, quicklist_only_listpack,
    quicklist_push_head, quicklist_push_tail, quicklist_replace, quicklist_step, quicklist_step_back,
    quicklist_to_listpack,
)
from cydis.core.record cimport Record, record_pointer, record_set_pointer, record_slot
from cydis.types.context cimport Context
from cydis.types.encodings cimport ENC_LISTPACK, ENC_QUICKLIST


cdef inline bint is_pack(const Record* list) noexcept nogil:
    return list.encoding == ENC_LISTPACK


cdef inline uint8_t* pack_of(const Record* list) noexcept nogil:
    return <uint8_t*>record_pointer(list)


cdef inline uint8_t** pack_slot(Record* list) noexcept nogil:
    """Where the listpack's address stands, for what may move it."""
    return <uint8_t**>record_slot(list)


cdef inline Quicklist* chunks_of(const Record* list) noexcept nogil:
    return <Quicklist*>record_pointer(list)


cdef inline uint32_t up_to_32_bits(uint64_t n) noexcept nogil:
    return <uint32_t>(n if n <= UINT32_MAX else UINT32_MAX)


cdef void* list_new(Context* cx) noexcept nogil:
    return listpack_new(cx.heap)


cdef size_t list_length(const Record* list) noexcept nogil:
    return listpack_count(pack_of(list)) if is_pack(list) else quicklist_count(chunks_of(list))


# ---- between the encodings ----

cdef bint list_expect(Context* cx, Record* list, size_t bytes, size_t count) noexcept nogil:
    cdef int fill = <int>cx.limits.list_max_listpack_size
    cdef uint8_t* pack
    cdef Quicklist* chunks
    if not is_pack(list):
        return True
    pack = pack_of(list)
    if not quicklist_exceeds(fill, listpack_bytes(pack) + bytes, listpack_count(pack) + count):
        return True
    chunks = quicklist_from_listpack(cx.heap, pack, fill)
    if chunks == NULL:
        return False
    record_set_pointer(list, chunks)
    list.encoding = ENC_QUICKLIST
    return True


cdef inline bint is_small(int64_t fill, const uint8_t* pack, size_t count) noexcept nogil:
    """Whether a chunk is at most half of what a listpack may hold. fill: see quicklist_exceeds."""
    if fill >= 0:
        return count <= <size_t>(fill if fill else 1) // 2
    return listpack_bytes(pack) <= <uint32_t>1024 << (5 if fill < -5 else -fill)


cdef void list_settle(Context* cx, Record* list) noexcept nogil:
    cdef Quicklist* chunks
    cdef const uint8_t* pack
    if is_pack(list):
        return
    chunks = chunks_of(list)
    if quicklist_chunks(chunks) != 1:
        return
    pack = quicklist_only_listpack(chunks)
    if pack != NULL and is_small(cx.limits.list_max_listpack_size, pack, quicklist_count(chunks)):
        record_set_pointer(list, quicklist_to_listpack(cx.heap, chunks))
        list.encoding = ENC_LISTPACK


# ---- the ends ----

cdef bint list_push(Context* cx, Record* list, const ListpackValue* value, bint head) noexcept nogil:
    """O(1) beside moving the bytes of a chunk. list_expect must have been told of the value."""
    if not is_pack(list):
        if head:
            return quicklist_push_head(cx.heap, chunks_of(list), value)
        return quicklist_push_tail(cx.heap, chunks_of(list), value)
    if head:
        return listpack_prepend(cx.heap, pack_slot(list), value)
    return listpack_append(cx.heap, pack_slot(list), value)


cdef bint list_end(const Record* list, bint head, ListpackValue* value) noexcept nogil:
    """The first (head) or last element. O(1)."""
    cdef QuicklistPlace place
    cdef uint32_t at
    if is_pack(list):
        at = listpack_first(pack_of(list)) if head else listpack_last(pack_of(list))
        if at == LISTPACK_NONE:
            return False
        value[0] = listpack_get(pack_of(list), at)
        return True
    place = quicklist_first(chunks_of(list)) if head else quicklist_last(chunks_of(list))
    if not place.offset:
        return False
    value[0] = quicklist_get(chunks_of(list), place)
    return True


cdef bint list_drop(Context* cx, Record* list, bint head) noexcept nogil:
    """Removes the first (head) or last element of a list that has one. O(1) beside moving the bytes of a chunk."""
    cdef uint32_t at
    cdef bint done
    if is_pack(list):
        at = listpack_first(pack_of(list)) if head else listpack_last(pack_of(list))
        return listpack_delete(cx.heap, pack_slot(list), &at)
    if head:
        done = quicklist_drop_head(cx.heap, chunks_of(list))
    else:
        done = quicklist_drop_tail(cx.heap, chunks_of(list))
    list_settle(cx, list)
    return done


cdef bint list_drop_range(Context* cx, Record* list, uint64_t start, uint64_t count) noexcept nogil:
    """Removes `count` elements from index `start` on, or as many as there are; all or none.

    O(bytes of a chunk + chunks).
    """
    cdef uint32_t at
    cdef bint done
    if not is_pack(list):
        done = quicklist_delete_range(cx.heap, chunks_of(list), start, count)
        list_settle(cx, list)
        return done
    if count == 0 or start >= listpack_count(pack_of(list)):
        return True
    at = listpack_seek(pack_of(list), <int64_t>start)
    return listpack_delete_range(cx.heap, pack_slot(list), &at, up_to_32_bits(count))


# ---- walking ----

cdef void list_walk(const Record* list, int64_t index, ListWalk* walk) noexcept nogil:
    """Begins at an index; negative ones count from the end. O(chunks + elements of a chunk)."""
    if is_pack(list):
        walk.pack = pack_of(list)
        walk.chunks = NULL
        walk.at.offset = listpack_seek(walk.pack, index)
    else:
        walk.pack = NULL
        walk.chunks = chunks_of(list)
        walk.at = quicklist_index(walk.chunks, index)


cdef bint list_next(ListWalk* walk, ListpackValue* value) noexcept nogil:
    """Reads an element and moves on; false after the last one. O(1)."""
    if walk.pack == NULL:
        return quicklist_step(walk.chunks, &walk.at, value)
    if walk.at.offset == LISTPACK_NONE:
        return False
    walk.at.offset = listpack_step(walk.pack, walk.at.offset, value)
    return True


cdef bint list_back(ListWalk* walk, ListpackValue* value) noexcept nogil:
    """Reads an element and moves towards the head; false after the first one. O(1)."""
    if walk.pack == NULL:
        return quicklist_step_back(walk.chunks, &walk.at, value)
    if walk.at.offset == LISTPACK_NONE:
        return False
    value[0] = listpack_get(walk.pack, walk.at.offset)
    walk.at.offset = listpack_prev(walk.pack, walk.at.offset)
    return True


# ---- the middle ----

cdef int list_replace(Context* cx, Record* list, int64_t index, const ListpackValue* value) noexcept nogil:
    """O(chunks + bytes of a chunk)."""
    cdef QuicklistPlace place
    cdef uint32_t at
    if is_pack(list):
        at = listpack_seek(pack_of(list), index)
        if at == LISTPACK_NONE:
            return 0
        return 1 if listpack_replace(cx.heap, pack_slot(list), at, value) else -1
    place = quicklist_index(chunks_of(list), index)
    if not place.offset:
        return 0
    if not quicklist_replace(cx.heap, chunks_of(list), &place, value):
        return -1
    list_settle(cx, list)
    return 1


cdef inline bint find_in_chunks(const Quicklist* chunks, const ListpackValue* value, bint back,
                                QuicklistPlace* at) noexcept nogil:
    """Moves *at to the next element (back: the one before) that equals the value; false when there is none."""
    cdef QuicklistPlace here
    cdef ListpackValue element
    while True:
        here = at[0]
        if not (quicklist_step_back(chunks, at, &element) if back else quicklist_step(chunks, at, &element)):
            return False
        if listpack_equal(&element, value):
            at[0] = here
            return True


cdef int list_insert(Context* cx, Record* list, const ListpackValue* pivot, const ListpackValue* value,
                     bint after) noexcept nogil:
    """Puts value next to the first element that equals pivot. O(n)."""
    cdef QuicklistPlace place
    cdef uint32_t at
    cdef bint done
    if is_pack(list):
        at = listpack_find(pack_of(list), listpack_first(pack_of(list)), pivot, 0)
        if at == LISTPACK_NONE:
            return 0
        if after:
            done = listpack_insert_after(cx.heap, pack_slot(list), &at, value)
        else:
            done = listpack_insert_before(cx.heap, pack_slot(list), &at, value)
        return 1 if done else -1
    place = quicklist_first(chunks_of(list))
    if not find_in_chunks(chunks_of(list), pivot, False, &place):
        return 0
    if after:
        done = quicklist_insert_after(cx.heap, chunks_of(list), &place, value)
    else:
        done = quicklist_insert_before(cx.heap, chunks_of(list), &place, value)
    return 1 if done else -1


cdef inline uint32_t find_back(const uint8_t* pack, uint32_t at, const ListpackValue* value) noexcept nogil:
    cdef ListpackValue element
    while at != LISTPACK_NONE:
        element = listpack_get(pack, at)
        if listpack_equal(&element, value):
            return at
        at = listpack_prev(pack, at)
    return LISTPACK_NONE


cdef int64_t remove_from_pack(Context* cx, Record* list, const ListpackValue* value, uint64_t most,
                              bint back) noexcept nogil:
    cdef int64_t removed = 0
    cdef uint32_t before
    cdef uint32_t at = listpack_last(pack_of(list)) if back else listpack_first(pack_of(list))
    while <uint64_t>removed < most:
        if back:
            at = find_back(pack_of(list), at, value)
        else:
            at = listpack_find(pack_of(list), at, value, 0)
        if at == LISTPACK_NONE:
            break
        before = listpack_prev(pack_of(list), at) if back else at
        if not listpack_delete(cx.heap, pack_slot(list), &at):
            return removed if removed else -1
        removed += 1
        if back:
            at = before
    return removed


cdef int64_t list_remove(Context* cx, Record* list, const ListpackValue* value, uint64_t most,
                         bint back) noexcept nogil:
    """O(n), and the bytes of a chunk for each that goes. Refused memory ends it: -1 if that was before the first."""
    cdef QuicklistPlace at
    cdef int64_t removed = 0
    if is_pack(list):
        return remove_from_pack(cx, list, value, most, back)
    at = quicklist_last(chunks_of(list)) if back else quicklist_first(chunks_of(list))
    while <uint64_t>removed < most and find_in_chunks(chunks_of(list), value, back, &at):
        if not quicklist_delete(cx.heap, chunks_of(list), &at, back):
            return removed if removed else -1
        removed += 1
    if removed:
        list_settle(cx, list)
    return removed


# ---- the table of types ----

cdef void list_free(Context* cx, Record* list) noexcept nogil:
    if is_pack(list):
        listpack_free(cx.heap, pack_of(list))
    else:
        quicklist_free(cx.heap, chunks_of(list))


cdef bint list_free_some(Context* cx, Record* list, size_t some) noexcept nogil:
    """A chunk lies in a page of its own, and counts for 16 elements of other types."""
    if is_pack(list):
        listpack_free(cx.heap, pack_of(list))
        return True
    return quicklist_free_some(cx.heap, chunks_of(list), up_to_32_bits(some // 16 + 1))


cdef bint list_copy(Context* cx, const Record* list, Record* into) noexcept nogil:
    cdef void* copy
    if is_pack(list):
        copy = listpack_copy(cx.heap, pack_of(list))
    else:
        copy = quicklist_copy(cx.heap, chunks_of(list))
    if copy == NULL:
        return False
    record_set_pointer(into, copy)
    return True


cdef size_t list_memory(Context* cx, const Record* list, size_t samples) noexcept nogil:
    """Exact: adding up the chunks costs less than a sample of the elements would."""
    return listpack_memory(pack_of(list)) if is_pack(list) else quicklist_memory(chunks_of(list))
