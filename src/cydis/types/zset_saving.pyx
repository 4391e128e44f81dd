"""Sorted sets, saved and loaded. See zset_saving.pxd for the contract.

A listpack stays one while it has no more members than the limit, however long they are, as with the reference; single
members become one if they are few and short. They are saved from the highest down, and so most come: then
each goes behind the last, from the end of what was read.
"""
from libc.math cimport isnan
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp

from cydis.core.hashtable cimport hashtable_find_with, hashtable_hash, hashtable_insert
from cydis.core.heap cimport heap_alloc, heap_free
from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, LISTPACK_MAX_BYTES, ListpackValue, listpack_count, listpack_distinct, listpack_free,
    listpack_new, listpack_text, listpack_value_text,
)
from cydis.core.rdb cimport (
    RDB_ZSET, RDB_ZSET_2, RDB_ZSET_LISTPACK, RdbReader, RdbWriter, rdb_read_count, rdb_read_digits, rdb_read_double,
    rdb_write_double, rdb_write_length,
)
from cydis.core.record cimport Record, record_pointer, record_set_pointer
from cydis.core.skiplist cimport (
    SkipElement, skip_element_free, skip_element_key, skip_element_new, skiplist_append, skiplist_insert,
)
from cydis.types.context cimport Context
from cydis.types.encodings cimport ENC_LISTPACK, ENC_SKIPLIST
from cydis.types.saving cimport (
    FORM_LISTPACK, FORM_ZIPLIST, LOAD_BAD, LOAD_NO_MEMORY, LOAD_OK, TextReader, element_save, pack_load, pack_save,
    texts_close, texts_next, texts_open,
)
from cydis.types.zset_pack cimport PAIR_MORE, pack_in_order, pack_push
from cydis.types.zsets cimport (
    Zset, ZsetWalk, zset_expect, zset_fit, zset_free, zset_new, zset_next, zset_size, zset_walk,
)

cdef enum:
    LEAST = 2                             # bytes of a member and its score: an empty text, and "inf" in the old form


cdef int zset_kind(const Record* zset) noexcept nogil:
    return RDB_ZSET_LISTPACK if zset.encoding == ENC_LISTPACK else RDB_ZSET_2


cdef void zset_save(const Record* zset, RdbWriter* w) noexcept nogil:
    """O(bytes)."""
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef double score
    if zset.encoding == ENC_LISTPACK:
        pack_save(<const uint8_t*>record_pointer(zset), w)
        return
    rdb_write_length(w, zset_size(zset))
    if zset_size(zset) == 0:
        return
    zset_walk(zset, zset_size(zset) - 1, True, &walk)
    while zset_next(&walk, &member, &score):
        element_save(&member, w)
        rdb_write_double(w, score)


# ---- loading ----

cdef struct Members:                      # what was read, in that order, and is in the table already
    SkipElement** items
    uint64_t count
    uint64_t longest
    uint64_t bytes                        # of all members
    bint falling                          # each below the one before


cdef inline bint is_below(const SkipElement* a, const SkipElement* b) noexcept nogil:
    cdef int order
    if a.score != b.score:
        return a.score < b.score
    order = memcmp(a.member, b.member, min(a.size, b.size))
    return order < 0 or (order == 0 and a.size < b.size)


cdef int read_member(Context* cx, TextReader* texts, int kind, Zset* z, Members* members) noexcept nogil:
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef ListpackValue member
    cdef SkipElement* element
    cdef const uint8_t* text
    cdef uint64_t hash
    cdef size_t size
    cdef double score
    cdef int outcome = texts_next(texts, &member)
    if outcome != LOAD_OK:
        return outcome
    if not (rdb_read_digits(texts.reader, &score) if kind == RDB_ZSET else rdb_read_double(texts.reader, &score)):
        return LOAD_BAD
    if isnan(score):
        return LOAD_BAD
    text = listpack_value_text(&member, digits, &size)
    hash = hashtable_hash(&z.table, text, size)
    if hashtable_find_with(&z.table, hash, text, size, NULL, skip_element_key) != NULL:
        return LOAD_BAD
    element = skip_element_new(cx.heap, score, text, <uint32_t>size)
    if element == NULL:
        return LOAD_NO_MEMORY
    if not hashtable_insert(&z.table, hash, element, False):
        skip_element_free(cx.heap, element)
        return LOAD_NO_MEMORY
    if members.count and not is_below(element, members.items[members.count - 1]):
        members.falling = False
    members.items[members.count] = element
    members.count += 1
    members.longest = max(members.longest, size)
    members.bytes += size
    return LOAD_OK


cdef bint link(Zset* z, Members* members) noexcept nogil:
    """Puts what is in the table into the list too; what is left in `members` was not."""
    cdef uint64_t i
    if members.falling:
        while members.count:
            if not skiplist_append(z.list, members.items[members.count - 1]):
                return False
            members.count -= 1
        return True
    for i in range(members.count):
        if not skiplist_insert(z.list, members.items[i]):
            members.items += i
            members.count -= i
            return False
    members.count = 0
    return True


cdef int load_members(Context* cx, int kind, RdbReader* r, Zset* z, Members* members) noexcept nogil:
    cdef TextReader texts
    cdef uint64_t count, i
    cdef SkipElement** items
    cdef int outcome = LOAD_OK
    if not rdb_read_count(r, LEAST if kind == RDB_ZSET else LEAST + 7, &count) or count == 0:
        return LOAD_BAD
    items = <SkipElement**>heap_alloc(cx.heap, count * sizeof(SkipElement*))
    if items == NULL:
        return LOAD_NO_MEMORY
    members.items = items
    members.falling = True
    texts_open(&texts, r)
    while members.count < count and outcome == LOAD_OK:
        outcome = read_member(cx, &texts, kind, z, members)
    texts_close(&texts)
    if outcome == LOAD_OK and not link(z, members):
        outcome = LOAD_NO_MEMORY
    for i in range(members.count):        # those that no list frees
        skip_element_free(cx.heap, members.items[i])
    heap_free(cx.heap, items, count * sizeof(SkipElement*))
    return outcome


cdef bint to_pack(Context* cx, Record* zset) noexcept nogil:
    cdef ZsetWalk walk
    cdef ListpackValue member
    cdef double score
    cdef uint8_t* pack = listpack_new(cx.heap)
    if pack == NULL:
        return False
    zset_walk(zset, 0, False, &walk)
    while zset_next(&walk, &member, &score):
        member = listpack_text(member.text, member.size)
        if not pack_push(cx.heap, &pack, &member, score):
            listpack_free(cx.heap, pack)
            return False
    zset_free(cx, zset)
    zset.encoding = ENC_LISTPACK
    record_set_pointer(zset, pack)
    return True


cdef int load_singly(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    cdef Members members
    cdef int outcome
    members.count = members.longest = members.bytes = 0
    into.encoding = ENC_SKIPLIST
    record_set_pointer(into, zset_new(cx, ENC_SKIPLIST))
    if record_pointer(into) == NULL:
        return LOAD_NO_MEMORY
    outcome = load_members(cx, kind, r, <Zset*>record_pointer(into), &members)
    if outcome != LOAD_OK:
        return outcome
    if zset_fit(cx, zset_size(into), members.longest) == ENC_LISTPACK and (
            members.bytes + PAIR_MORE * zset_size(into) <= LISTPACK_MAX_BYTES):
        return LOAD_OK if to_pack(cx, into) else LOAD_NO_MEMORY
    return LOAD_OK


cdef int load_pack(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    cdef uint8_t* pack = NULL
    cdef int outcome = pack_load(cx, r, FORM_LISTPACK if kind == RDB_ZSET_LISTPACK else FORM_ZIPLIST, False, &pack)
    if outcome != LOAD_OK:
        return outcome
    into.encoding = ENC_LISTPACK
    record_set_pointer(into, pack)
    if listpack_count(pack) == 0 or listpack_count(pack) % 2 or not pack_in_order(pack):
        return LOAD_BAD
    outcome = listpack_distinct(cx.heap, cx.seed, pack, 1)
    if outcome == LOAD_OK and not zset_expect(cx, into, zset_size(into), 0):
        outcome = LOAD_NO_MEMORY
    return outcome


cdef int zset_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    """O(bytes), and O(n log n) where single members do not come in falling order."""
    cdef int outcome
    record_set_pointer(into, NULL)
    if kind == RDB_ZSET or kind == RDB_ZSET_2:
        outcome = load_singly(cx, kind, r, into)
    else:
        outcome = load_pack(cx, kind, r, into)
    if outcome != LOAD_OK and record_pointer(into) != NULL:
        zset_free(cx, into)
    return outcome
