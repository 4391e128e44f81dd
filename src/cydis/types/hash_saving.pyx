"""Hashes, saved and loaded. See hash_saving.pxd for the contract.

A listpack stays one while it has no more pairs than the limit, however long they are, as with the reference; what
came as a zipmap or in single pairs does only while they are short too.
"""
from libc.stdint cimport int64_t, uint8_t, uint64_t

from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, LISTPACK_MAX_BYTES, ListpackValue, listpack_append_many, listpack_count, listpack_distinct,
    listpack_free, listpack_value_text,
)
from cydis.core.rdb cimport (
    RDB_HASH, RDB_HASH_LISTPACK, RDB_HASH_ZIPLIST, RDB_HASH_ZIPMAP, RdbReader, RdbWriter, rdb_read_count,
    rdb_write_length,
)
from cydis.core.record cimport Record, record_pointer, record_set_pointer, record_slot
from cydis.core.resp cimport RespArg
from cydis.types.context cimport Context
from cydis.types.encodings cimport ENC_HASHTABLE, ENC_LISTPACK
from cydis.types.hashes cimport (
    HashPlace, HashWalk, hash_find, hash_free, hash_new, hash_next, hash_put, hash_size, hash_walk,
)
from cydis.types.holder cimport Holder, holder_open
from cydis.types.saving cimport (
    FORM_LISTPACK, FORM_ZIPLIST, FORM_ZIPMAP, LOAD_BAD, LOAD_NO_MEMORY, LOAD_OK, TextReader, element_save, pack_load,
    pack_save, texts_close, texts_next, texts_open, texts_survey,
)


cdef int hash_kind(const Record* hash) noexcept nogil:
    return RDB_HASH_LISTPACK if hash.encoding == ENC_LISTPACK else RDB_HASH


cdef void hash_save(const Record* hash, RdbWriter* w) noexcept nogil:
    """O(bytes)."""
    cdef ListpackValue field, value
    cdef HashWalk walk
    if hash.encoding == ENC_LISTPACK:
        pack_save(<const uint8_t*>record_pointer(hash), w)
        return
    rdb_write_length(w, hash_size(hash))
    hash_walk(hash, &walk)
    while hash_next(&walk, &field, &value):
        element_save(&field, w)
        element_save(&value, w)


# ---- loading ----

cdef int enter(Context* cx, Record* hash, const ListpackValue* field, const ListpackValue* value) noexcept nogil:
    """Adds a pair to a hash table; a field that is there already is LOAD_BAD."""
    cdef char[LISTPACK_INT_DIGITS] name_digits
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef ListpackValue old
    cdef HashPlace place
    cdef RespArg name, text
    name.data = listpack_value_text(field, name_digits, &name.size)
    text.data = listpack_value_text(value, digits, &text.size)
    if hash_find(hash, &name, &place, &old):
        return LOAD_BAD
    return hash_put(cx, hash, &name, &text, &place)


cdef bint fits_pack(const Context* cx, uint64_t pairs, uint64_t longest) noexcept nogil:
    return (<int64_t>pairs <= cx.limits.hash_max_listpack_entries
            and <int64_t>longest <= cx.limits.hash_max_listpack_value
            and 2 * pairs * (longest + LISTPACK_INT_DIGITS) <= LISTPACK_MAX_BYTES)


cdef int append(Context* cx, Record* hash, const ListpackValue* pair) noexcept nogil:
    return LOAD_OK if listpack_append_many(cx.heap, <uint8_t**>record_slot(hash), pair, 2) else LOAD_NO_MEMORY


cdef int load_pairs(Context* cx, RdbReader* r, Record* into) noexcept nogil:
    cdef TextReader names, values
    cdef ListpackValue[2] pair
    cdef uint64_t count, longest
    cdef int outcome = LOAD_OK
    if not rdb_read_count(r, 2, &count) or count == 0 or not texts_survey(r, 2 * count, 0, &longest):
        return LOAD_BAD
    into.encoding = ENC_LISTPACK if fits_pack(cx, count, longest) else ENC_HASHTABLE
    record_set_pointer(into, hash_new(cx, into.encoding))
    if record_pointer(into) == NULL:
        return LOAD_NO_MEMORY
    texts_open(&names, r)
    texts_open(&values, r)
    while count and outcome == LOAD_OK:
        outcome = texts_next(&names, &pair[0])
        if outcome == LOAD_OK:
            outcome = texts_next(&values, &pair[1])
        if outcome == LOAD_OK:
            outcome = append(cx, into, pair) if into.encoding == ENC_LISTPACK else enter(cx, into, &pair[0], &pair[1])
        count -= 1
    texts_close(&names)
    texts_close(&values)
    return outcome


cdef int to_table(Context* cx, Record* hash) noexcept nogil:
    """Makes a listpack a hash table, and finds fields that occur twice."""
    cdef Holder holder
    cdef Record* table = holder_open(&holder, ENC_HASHTABLE, hash_new(cx, ENC_HASHTABLE))
    cdef HashWalk walk
    cdef ListpackValue field, value
    cdef int outcome = LOAD_OK
    if holder.slot == NULL:
        return LOAD_NO_MEMORY
    hash_walk(hash, &walk)
    while outcome == LOAD_OK and hash_next(&walk, &field, &value):
        outcome = enter(cx, table, &field, &value)
    if outcome != LOAD_OK:
        hash_free(cx, table)
        return outcome
    listpack_free(cx.heap, <uint8_t*>record_pointer(hash))
    hash.encoding = ENC_HASHTABLE
    record_set_pointer(hash, holder.slot)
    return LOAD_OK


cdef bint holds_long(const Context* cx, const Record* hash) noexcept nogil:
    cdef HashWalk walk
    cdef ListpackValue field, value
    hash_walk(hash, &walk)
    while hash_next(&walk, &field, &value):
        if max(field.size, value.size) > cx.limits.hash_max_listpack_value:
            return True
    return False


cdef int load_pack(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    cdef uint8_t* pack = NULL
    cdef int form = FORM_LISTPACK, outcome
    if kind != RDB_HASH_LISTPACK:
        form = FORM_ZIPLIST if kind == RDB_HASH_ZIPLIST else FORM_ZIPMAP
    outcome = pack_load(cx, r, form, True, &pack)
    if outcome != LOAD_OK:
        return outcome
    into.encoding = ENC_LISTPACK
    record_set_pointer(into, pack)
    if listpack_count(pack) == 0 or listpack_count(pack) % 2:
        return LOAD_BAD
    if <int64_t>hash_size(into) > cx.limits.hash_max_listpack_entries or (
            kind == RDB_HASH_ZIPMAP and holds_long(cx, into)):
        return to_table(cx, into)
    return listpack_distinct(cx.heap, cx.seed, pack, 1)


cdef int hash_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    """O(bytes)."""
    cdef int outcome
    record_set_pointer(into, NULL)
    if kind != RDB_HASH:
        outcome = load_pack(cx, kind, r, into)
    else:
        outcome = load_pairs(cx, r, into)
        if outcome == LOAD_OK and into.encoding == ENC_LISTPACK:
            outcome = listpack_distinct(cx.heap, cx.seed, <uint8_t*>record_pointer(into), 1)
    if outcome != LOAD_OK and record_pointer(into) != NULL:
        hash_free(cx, into)
    return outcome
