"""Hashes, saved and loaded. See hash_saving.pxd for the contract.

A listpack stays one while it has no more pairs than the limit, however long they are, as with the reference; what
came as a zipmap or in single pairs does only while they are short too.

A hash some of whose fields expire has one form of ours and Valkey's, and two of Redis'; all are read, the first is
written. Expired fields that are still there are saved and loaded like the others: nobody sees them, and they go soon.
"""
from libc.stdint cimport INT64_MAX, int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, LISTPACK_MAX_BYTES, LISTPACK_NONE, ListpackValue, listpack_append_many, listpack_count,
    listpack_distinct, listpack_first, listpack_free, listpack_step, listpack_value_text,
)
from cydis.core.rdb cimport (
    RDB_HASH, RDB_HASH_2, RDB_HASH_LISTPACK, RDB_HASH_LISTPACK_EX, RDB_HASH_METADATA, RDB_HASH_ZIPLIST,
    RDB_HASH_ZIPMAP, RdbReader, RdbWriter, rdb_read_count, rdb_read_length, rdb_read_moment, rdb_write_length,
    rdb_write_moment,
)
from cydis.core.record cimport Record, record_pointer, record_set_pointer, record_slot
from cydis.core.resp cimport RespArg
from cydis.types.context cimport Context
from cydis.types.encodings cimport ENC_HASHTABLE, ENC_LISTPACK
from cydis.types.hashes cimport (
    HashPlace, HashWalk, hash_find, hash_free, hash_is_timed, hash_new, hash_next, hash_put, hash_size, hash_walk,
    hash_walk_all, hash_walk_expiry,
)
from cydis.types.holder cimport Holder, holder_open
from cydis.types.saving cimport (
    FORM_LISTPACK, FORM_ZIPLIST, FORM_ZIPMAP, LOAD_BAD, LOAD_NO_MEMORY, LOAD_OK, TextReader, element_save, pack_load,
    pack_save, texts_close, texts_next, texts_open, texts_survey,
)
from cydis.types.timed cimport NO_EXPIRY

cdef enum:
    LEAST_TIMED = 3                       # bytes of a field, its value and its moment, in Redis' form
    MOMENT = 8


cdef int hash_kind(const Record* hash) noexcept nogil:
    if hash_is_timed(hash):
        return RDB_HASH_2
    return RDB_HASH_LISTPACK if hash.encoding == ENC_LISTPACK else RDB_HASH


cdef void hash_save(const Record* hash, RdbWriter* w) noexcept nogil:
    """O(bytes)."""
    cdef ListpackValue field, value
    cdef HashWalk walk
    if hash.encoding == ENC_LISTPACK:
        pack_save(<const uint8_t*>record_pointer(hash), w)
        return
    rdb_write_length(w, hash_size(hash))
    hash_walk_all(hash, &walk)
    while hash_next(&walk, &field, &value):
        element_save(&field, w)
        element_save(&value, w)
        if hash_is_timed(hash):
            rdb_write_moment(w, hash_walk_expiry(&walk))


# ---- loading ----

cdef int enter(Context* cx, Record* hash, const ListpackValue* field, const ListpackValue* value,
               int64_t expiry) noexcept nogil:
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
    place.expiry = expiry
    return LOAD_NO_MEMORY if hash_put(cx, hash, &name, &text, &place) < 0 else LOAD_OK


cdef bint fits_pack(const Context* cx, uint64_t pairs, uint64_t longest) noexcept nogil:
    return (<int64_t>pairs <= cx.limits.hash_max_listpack_entries
            and <int64_t>longest <= cx.limits.hash_max_listpack_value
            and 2 * pairs * (longest + LISTPACK_INT_DIGITS) <= LISTPACK_MAX_BYTES)


cdef int append(Context* cx, Record* hash, const ListpackValue* pair) noexcept nogil:
    return LOAD_OK if listpack_append_many(cx.heap, <uint8_t**>record_slot(hash), pair, 2) else LOAD_NO_MEMORY


cdef inline int put(Context* cx, Record* hash, const ListpackValue* pair) noexcept nogil:
    return append(cx, hash, pair) if hash.encoding == ENC_LISTPACK else enter(cx, hash, &pair[0], &pair[1], NO_EXPIRY)


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
            outcome = put(cx, into, pair)
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
        outcome = enter(cx, table, &field, &value, NO_EXPIRY)
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


# ---- fields that expire ----

cdef inline bint moment_of(int64_t first, uint64_t behind, int64_t* expiry) noexcept nogil:
    """Redis' way to say a moment: 1 and how long behind the first one, 0 for never."""
    if behind == 0:
        expiry[0] = NO_EXPIRY
        return True
    if behind - 1 > <uint64_t>(INT64_MAX - first):
        return False
    expiry[0] = first + <int64_t>(behind - 1)
    return True


cdef int read_pair(TextReader* names, TextReader* values, ListpackValue* pair) noexcept nogil:
    cdef int outcome = texts_next(names, &pair[0])
    return texts_next(values, &pair[1]) if outcome == LOAD_OK else outcome


cdef int load_timed(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    """Single pairs, with the moment behind (Valkey) or in front (Redis)."""
    cdef TextReader names, values
    cdef ListpackValue[2] pair
    cdef uint64_t count, behind
    cdef int64_t first = 0, expiry = NO_EXPIRY
    cdef bint ours = kind == RDB_HASH_2
    cdef int outcome = LOAD_OK
    if not ours and (not rdb_read_moment(r, &first) or first < 0):
        return LOAD_BAD
    if not rdb_read_count(r, LEAST_TIMED - 1 + MOMENT if ours else LEAST_TIMED, &count) or count == 0:
        return LOAD_BAD
    texts_open(&names, r)
    texts_open(&values, r)
    while count and outcome == LOAD_OK:
        if not ours and (not rdb_read_length(r, &behind) or not moment_of(first, behind, &expiry)):
            outcome = LOAD_BAD
            break
        outcome = read_pair(&names, &values, pair)
        if outcome == LOAD_OK and ours and (not rdb_read_moment(r, &expiry) or expiry < NO_EXPIRY):
            outcome = LOAD_BAD
        if outcome == LOAD_OK:
            outcome = enter(cx, into, &pair[0], &pair[1], expiry)
        count -= 1
    texts_close(&names)
    texts_close(&values)
    return outcome


cdef int load_triples(Context* cx, RdbReader* r, Record* into) noexcept nogil:
    """Redis' listpack of fields, values and moments, 0 for never."""
    cdef ListpackValue field, value, moment
    cdef int64_t first
    cdef uint8_t* pack = NULL
    cdef uint32_t at
    cdef int outcome
    if not rdb_read_moment(r, &first):
        return LOAD_BAD
    outcome = pack_load(cx, r, FORM_LISTPACK, False, &pack)
    if outcome != LOAD_OK:
        return outcome
    if listpack_count(pack) == 0 or listpack_count(pack) % 3:
        outcome = LOAD_BAD
    at = listpack_first(pack)
    while outcome == LOAD_OK and at != LISTPACK_NONE:
        at = listpack_step(pack, at, &field)
        at = listpack_step(pack, at, &value)
        at = listpack_step(pack, at, &moment)
        if not moment.integer or moment.number < 0:
            outcome = LOAD_BAD
        else:
            outcome = enter(cx, into, &field, &value, moment.number if moment.number else NO_EXPIRY)
    listpack_free(cx.heap, pack)
    return outcome


cdef int load_expiring(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    into.encoding = ENC_HASHTABLE
    record_set_pointer(into, hash_new(cx, ENC_HASHTABLE))
    if record_pointer(into) == NULL:
        return LOAD_NO_MEMORY
    return load_triples(cx, r, into) if kind == RDB_HASH_LISTPACK_EX else load_timed(cx, kind, r, into)


cdef int hash_load(Context* cx, int kind, RdbReader* r, Record* into) noexcept nogil:
    """O(bytes)."""
    cdef int outcome
    record_set_pointer(into, NULL)
    if kind == RDB_HASH_2 or kind == RDB_HASH_METADATA or kind == RDB_HASH_LISTPACK_EX:
        outcome = load_expiring(cx, kind, r, into)
    elif kind != RDB_HASH:
        outcome = load_pack(cx, kind, r, into)
    else:
        outcome = load_pairs(cx, r, into)
        if outcome == LOAD_OK and into.encoding == ENC_LISTPACK:
            outcome = listpack_distinct(cx.heap, cx.seed, <uint8_t*>record_pointer(into), 1)
    if outcome != LOAD_OK and record_pointer(into) != NULL:
        hash_free(cx, into)
    return outcome
