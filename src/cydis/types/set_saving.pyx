"""Sets, saved and loaded. See set_saving.pxd for the contract.

An intset or a listpack stays what it is while it has no more members than the limit; how long they are does not
matter then, as with the reference. Single members make the set that adding them would make.
"""
from libc.stdint cimport int64_t, uint8_t, uint64_t

from cydis.core.heap cimport heap_free
from cydis.core.intset cimport intset_bytes, intset_count, intset_validate
from cydis.core.listpack cimport ListpackValue, listpack_count, listpack_distinct
from cydis.core.rdb cimport (
    RDB_SET, RDB_SET_INTSET, RDB_SET_LISTPACK, RdbReader, RdbText, RdbWriter, rdb_read_count, rdb_read_text,
    rdb_text_block, rdb_write_length, rdb_write_text,
)
from cydis.core.record cimport Record, record_pointer, record_set_pointer
from cydis.types.context cimport Context
from cydis.types.encodings cimport ENC_INTSET, ENC_LISTPACK
from cydis.types.saving cimport (
    FORM_LISTPACK, LOAD_BAD, LOAD_NO_MEMORY, LOAD_OK, TextReader, element_save, pack_load, pack_save, texts_close,
    texts_next, texts_open,
)
from cydis.types.sets cimport SetWalk, set_add, set_expect, set_free, set_new, set_next, set_size, set_walk


cdef int set_kind(const Record* set) noexcept nogil:
    if set.encoding == ENC_INTSET:
        return RDB_SET_INTSET
    return RDB_SET_LISTPACK if set.encoding == ENC_LISTPACK else RDB_SET


cdef void set_save(const Record* set, RdbWriter* w) noexcept nogil:
    """O(bytes)."""
    cdef const uint8_t* block = <const uint8_t*>record_pointer(set)
    cdef ListpackValue member
    cdef SetWalk walk
    if set.encoding == ENC_INTSET:
        rdb_write_text(w, block, intset_bytes(block))
        return
    if set.encoding == ENC_LISTPACK:
        pack_save(block, w)
        return
    rdb_write_length(w, set_size(set))
    set_walk(set, &walk)
    while set_next(&walk, &member):
        element_save(&member, w)


# ---- loading ----

cdef void* fit_set(Context* cx, const ListpackValue* first, uint64_t count, int* encoding) noexcept nogil:
    """An empty set to begin with. What is within either limit begins small, and grows as by commands."""
    if <int64_t>count <= max(cx.limits.set_max_intset_entries, cx.limits.set_max_listpack_entries):
        count = 1
    return set_new(cx, first, count, encoding)


cdef int load_members(Context* cx, RdbReader* r, Record* into) noexcept nogil:
    cdef TextReader texts
    cdef ListpackValue member
    cdef uint64_t count, i
    cdef int encoding = 0, outcome = LOAD_OK
    if not rdb_read_count(r, 1, &count) or count == 0:
        return LOAD_BAD
    record_set_pointer(into, NULL)
    texts_open(&texts, r)
    for i in range(count):
        outcome = texts_next(&texts, &member)
        if outcome == LOAD_OK and i == 0:
            record_set_pointer(into, fit_set(cx, &member, count, &encoding))
            into.encoding = encoding
            if record_pointer(into) == NULL:
                outcome = LOAD_NO_MEMORY
        if outcome == LOAD_OK:
            outcome = set_add(cx, into, &member)      # one that is there already: LOAD_BAD
        if outcome != LOAD_OK:
            break
    texts_close(&texts)
    if outcome != LOAD_OK and record_pointer(into) != NULL:
        set_free(cx, into)
    return outcome


cdef int load_intset(Context* cx, RdbReader* r, Record* into) noexcept nogil:
    cdef RdbText text
    cdef uint8_t* block
    cdef int outcome
    if not rdb_read_text(r, &text) or text.size == 0:
        return LOAD_BAD
    outcome = rdb_text_block(cx.heap, &text, &block)
    if outcome != LOAD_OK:
        return outcome
    if not intset_validate(block, text.size, True) or intset_count(block) == 0:
        heap_free(cx.heap, block, text.size)
        return LOAD_BAD
    into.encoding = ENC_INTSET
    record_set_pointer(into, block)
    return LOAD_OK


cdef int load_pack(Context* cx, RdbReader* r, Record* into) noexcept nogil:
    cdef uint8_t* pack = NULL
    cdef int outcome = pack_load(cx, r, FORM_LISTPACK, False, &pack)
    if outcome != LOAD_OK:
        return outcome
    into.encoding = ENC_LISTPACK
    record_set_pointer(into, pack)
    if listpack_count(pack) == 0:
        outcome = LOAD_BAD
    else:
        outcome = listpack_distinct(cx.heap, cx.seed, pack, 0)
    if outcome != LOAD_OK:
        set_free(cx, into)
    return outcome


cdef int set_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    """O(bytes)."""
    cdef int outcome
    if kind == RDB_SET:
        return load_members(cx, r, into)
    outcome = load_intset(cx, r, into) if kind == RDB_SET_INTSET else load_pack(cx, r, into)
    if outcome == LOAD_OK and not set_expect(cx, into, set_size(into)):
        set_free(cx, into)
        return LOAD_NO_MEMORY
    return outcome
