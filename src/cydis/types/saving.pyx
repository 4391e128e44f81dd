"""Texts and packed sequences from outside. See saving.pxd for the contract."""
from libc.stdint cimport UINT32_MAX, uint8_t, uint64_t

from cydis.core.buffer cimport buffer_close, buffer_init, buffer_reserve
from cydis.core.heap cimport heap_free
from cydis.core.listpack cimport (
    LISTPACK_BROKEN, LISTPACK_MAX_BYTES, LISTPACK_PLAIN, ListpackState, ListpackValue, listpack_bytes,
    listpack_canonical, listpack_free, listpack_number, listpack_publish, listpack_published_bytes, listpack_rewrite,
    listpack_state, listpack_text,
)
from cydis.core.rdb cimport (
    RdbReader, RdbText, RdbWriter, rdb_read_text, rdb_text_block, rdb_text_bytes, rdb_write_integer, rdb_write_text,
)
from cydis.core.ziplist cimport ziplist_to_listpack, ziplist_validate, zipmap_to_listpack, zipmap_validate
from cydis.types.context cimport Context


# ---- texts ----

cdef void texts_open(TextReader* texts, RdbReader* reader) noexcept nogil:
    texts.reader = reader
    buffer_init(&texts.scratch, texts.home, SCRATCH)


cdef void texts_close(TextReader* texts) noexcept nogil:
    buffer_close(&texts.scratch)


cdef int texts_next(TextReader* texts, ListpackValue* value) noexcept nogil:
    """O(size)."""
    cdef RdbText text
    cdef const uint8_t* data
    cdef int outcome
    if not rdb_read_text(texts.reader, &text) or text.size > UINT32_MAX:
        return LOAD_BAD
    if text.data == NULL:
        value[0] = listpack_number(text.number)
        return LOAD_OK
    outcome = rdb_text_bytes(&text, &texts.scratch, &data)
    if outcome == LOAD_OK:
        value[0] = listpack_text(data, text.size)
    return outcome


cdef bint texts_survey(const RdbReader* reader, uint64_t count, uint64_t more, uint64_t* longest) noexcept nogil:
    """O(count)."""
    cdef RdbReader ahead = reader[0]
    cdef RdbText text
    longest[0] = 0
    while count:
        if not rdb_read_text(&ahead, &text) or <uint64_t>(ahead.end - ahead.at) < more:
            return False
        ahead.at += more
        longest[0] = max(longest[0], text.size)
        count -= 1
    return True


cdef void element_save(const ListpackValue* value, RdbWriter* w) noexcept nogil:
    if value.text != NULL:
        rdb_write_text(w, value.text, value.size)
    else:
        rdb_write_integer(w, value.number)


# ---- packed sequences ----

cdef int convert(Context* cx, const RdbText* text, int form, uint8_t** pack) noexcept nogil:
    """One of the older forms."""
    cdef TextReader texts
    cdef const uint8_t* data
    cdef int outcome
    texts_open(&texts, NULL)
    outcome = rdb_text_bytes(text, &texts.scratch, &data)
    if outcome == LOAD_OK:
        if form == FORM_ZIPLIST:
            if ziplist_validate(data, text.size):
                pack[0] = ziplist_to_listpack(cx.heap, data)
            else:
                outcome = LOAD_BAD
        elif zipmap_validate(data, text.size):
            pack[0] = zipmap_to_listpack(cx.heap, data)
        else:
            outcome = LOAD_BAD
        if outcome == LOAD_OK and pack[0] == NULL:
            outcome = LOAD_NO_MEMORY
    texts_close(&texts)
    return outcome


cdef int read_pack(Context* cx, const RdbText* text, uint8_t** pack, bint* plain) noexcept nogil:
    """The bytes go straight into the block."""
    cdef int outcome = rdb_text_block(cx.heap, text, pack)
    cdef ListpackState state
    if outcome != LOAD_OK:
        return outcome
    state = listpack_state(pack[0], text.size)
    if state == LISTPACK_BROKEN:
        heap_free(cx.heap, pack[0], text.size)
        return LOAD_BAD
    plain[0] = state == LISTPACK_PLAIN
    return LOAD_OK


cdef int pack_load(Context* cx, RdbReader* reader, int form, bint one_way, uint8_t** pack) noexcept nogil:
    """O(bytes)."""
    cdef RdbText text
    cdef uint8_t* other
    cdef bint plain = False
    cdef int outcome
    if not rdb_read_text(reader, &text) or text.size == 0 or text.size > LISTPACK_MAX_BYTES:
        return LOAD_BAD
    outcome = read_pack(cx, &text, pack, &plain) if form == FORM_LISTPACK else convert(cx, &text, form, pack)
    if outcome != LOAD_OK or (not one_way and (plain or listpack_canonical(pack[0]))):
        return outcome
    other = listpack_rewrite(cx.heap, pack[0], one_way)
    listpack_free(cx.heap, pack[0])
    pack[0] = other
    return LOAD_OK if other != NULL else LOAD_NO_MEMORY


cdef void pack_save(const uint8_t* pack, RdbWriter* w) noexcept nogil:
    """In the published form, whatever kind it is here."""
    cdef TextReader texts
    cdef size_t size = listpack_published_bytes(pack)
    if size == listpack_bytes(pack):
        rdb_write_text(w, pack, size)
        return
    texts_open(&texts, NULL)
    if buffer_reserve(&texts.scratch, size):
        listpack_publish(pack, texts.scratch.data)
        rdb_write_text(w, texts.scratch.data, size)
    else:
        w.out.failed = True
    texts_close(&texts)
