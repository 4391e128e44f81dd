"""Sorting the elements of a list, a set or a sorted set, or what they stand for.

SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC|DESC] [ALPHA] [STORE destination]
    The elements in order of their numbers, or of their bytes with ALPHA. BY sorts by the values of other keys,
    which `pattern` names with the element in place of the '*' (`weight_*`, `user_*->age` for a field of a hash); a
    pattern without a '*' keeps them as they are. GET replies such values instead of the elements, null where there
    is none; '#' is the element. STORE makes a list of the reply and answers its length. O(n + m log m), m being how
    many LIMIT leaves. Since 1.0.0.
SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC|DESC] [ALPHA]
    SORT that cannot store. O(n + m log m). Since 7.0.0.
"""
from libc.stdint cimport UINT32_MAX, int64_t, uint8_t, uint64_t
from libc.string cimport memchr

from cydis.commands.sort_patterns cimport Pattern, Text, pattern_find, pattern_read, text_of_element
from cydis.core.buffer cimport Buffer, buffer_close, buffer_init
from cydis.core.heap cimport heap_alloc, heap_free
from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, ListpackValue, listpack_format, listpack_number, listpack_text,
)
from cydis.core.number cimport number_parse_double
from cydis.core.record cimport Record, record_pointer
from cydis.core.resp cimport RespArg, resp_bulk_integer
from cydis.core.sort cimport SortItem, sort_items, sort_prefix
from cydis.engine.call cimport Call, Row, arg_int, arg_is, word_is
from cydis.engine.keyspace cimport Ref, changed, key_peek, key_read, key_write, ref_delete, ref_store_value
from cydis.engine.reply cimport (
    NO_MEMORY, WRONGTYPE, reply_array, reply_bulk, reply_error, reply_int, reply_mark, reply_null, reply_syntax,
)
from cydis.engine.table cimport (
    DANGEROUS, DENYOOM, IN_COLLECTIONS, KEY1, MOVABLEKEYS, NOT_KEYSPACE, READ, WRITE, register, register_keys,
)
from cydis.engine.value cimport ENC_LISTPACK, TYPE_LIST, TYPE_SET, TYPE_ZSET
from cydis.types.context cimport Context
from cydis.types.holder cimport Holder, holder_open
from cydis.types.lists cimport (
    ListWalk, list_back, list_expect, list_free, list_length, list_new, list_next, list_push, list_walk,
)
from cydis.types.sets cimport SetWalk, set_next, set_size, set_walk
from cydis.types.zsets cimport ZsetWalk, zset_next, zset_size, zset_walk

cdef enum:
    ANY_COLLECTION = NOT_KEYSPACE | IN_COLLECTIONS | DANGEROUS | MOVABLEKEYS
    SCRATCH = 256                         # bytes of a key's name that need no allocation
    FEW = 8                               # GETs for which there is room on the stack

cdef uint64_t WEIGHED = <uint64_t>1 << 63     # in SortItem.tie: there is a weight; having none goes before an empty one

cdef Row[2] ROWS = [
    #   name         function  arity  flags                             keys
    Row(b"SORT",     sort,     -2,    ANY_COLLECTION | WRITE | DENYOOM, KEY1),
    Row(b"SORT_RO",  sort_ro,  -2,    ANY_COLLECTION | READ,            KEY1),
]
register(b"generic", ROWS, 2)
register_keys(b"SORT", sort_keys)


# ---- options ----

cdef struct Options:
    int by                                # arguments: 0 where an option is not given
    int limit                             # of the offset
    int store
    bint desc, alpha, sorts
    size_t gets


cdef inline int option_size(const RespArg* argv, int argc, int i, bint stores, Options* options) noexcept nogil:
    """Takes note of the option at i. How many arguments it has, or 0 when it is none."""
    if word_is(&argv[i], b"ASC"):
        options.desc = False
    elif word_is(&argv[i], b"DESC"):
        options.desc = True
    elif word_is(&argv[i], b"ALPHA"):
        options.alpha = True
    elif word_is(&argv[i], b"LIMIT") and i + 2 < argc:
        options.limit = i + 1
        return 3
    elif word_is(&argv[i], b"BY") and i + 1 < argc:
        options.by = i + 1
        return 2
    elif word_is(&argv[i], b"GET") and i + 1 < argc:
        options.gets += 1
        return 2
    elif stores and word_is(&argv[i], b"STORE") and i + 1 < argc:
        options.store = i + 1
        return 2
    else:
        return 0
    return 1


cdef inline void options_begin(Options* options) noexcept nogil:
    options.by = options.limit = options.store = 0
    options.desc = options.alpha = False
    options.sorts = True
    options.gets = 0


cdef int sort_keys(const RespArg* argv, int argc, int* out, int room) noexcept nogil:
    """The source and, by the same reading as SORT's own, the destination: the last one where it is given twice."""
    cdef Options options
    cdef int i = 2
    if argc < 2:
        return -1
    options_begin(&options)
    while i < argc:
        i += max(option_size(argv, argc, i, True, &options), 1)
    if room > 0:
        out[0] = 1
    if options.store and room > 1:
        out[1] = options.store
    return 2 if options.store else 1


# ---- what is sorted ----

cdef struct Source:                       # the elements of any collection, one after the other
    int type
    bint back
    ListWalk list
    SetWalk set
    ZsetWalk zset


cdef inline size_t source_size(const Record* record) noexcept nogil:
    if <int>record.type == TYPE_LIST:
        return list_length(record)
    return set_size(record) if <int>record.type == TYPE_SET else zset_size(record)


cdef void source_open(Source* source, const Record* record, bint back, size_t start) noexcept nogil:
    """Begins with the element number `start`; back: of those counted from the end, where there is one."""
    cdef ListpackValue skipped
    source.type = record.type
    source.back = back
    if source.type == TYPE_LIST:
        list_walk(record, -1 - <int64_t>start if back else <int64_t>start, &source.list)
    elif source.type == TYPE_ZSET:
        zset_walk(record, zset_size(record) - 1 - start if back else start, back, &source.zset)
    else:
        set_walk(record, &source.set)
        while start and set_next(&source.set, &skipped):
            start -= 1


cdef inline bint source_next(Source* source, ListpackValue* element) noexcept nogil:
    cdef double score
    if source.type == TYPE_LIST:
        return list_back(&source.list, element) if source.back else list_next(&source.list, element)
    if source.type == TYPE_SET:
        return set_next(&source.set, element)
    return zset_next(&source.zset, element, &score)


# ---- a sort at work ----

cdef struct Sort:
    Call* call
    Options options
    Pattern by
    Pattern* gets
    Pattern[FEW] few
    size_t size                           # of the collection
    size_t start, end                     # what LIMIT leaves of it
    SortItem* items
    Text* elements                        # by SortItem.tie, where the items are the weights' texts
    Record* list                          # STORE: what becomes the list
    Buffer name


cdef void read_limit(Sort* sort, int64_t offset, int64_t count) noexcept nogil:
    """LIMIT as the part [start, end) of the collection; it never adds what could overflow."""
    sort.start = 0 if offset <= 0 else min(<size_t>offset, sort.size)
    sort.end = sort.size
    if count >= 0 and <uint64_t>count < sort.size - sort.start:
        sort.end = sort.start + <size_t>count


cdef void begin_patterns(Sort* sort) noexcept nogil:
    """Reads the GETs; sort.gets is NULL when memory for them was refused."""
    cdef Call* call = sort.call
    cdef Options again
    cdef size_t n = 0
    cdef int i = 2
    sort.gets = sort.few
    if sort.options.gets > FEW:
        sort.gets = <Pattern*>heap_alloc(call.engine.context.heap, sort.options.gets * sizeof(Pattern))
    if sort.gets == NULL:
        return
    options_begin(&again)
    while i < call.argc:
        if arg_is(call, i, b"GET"):
            pattern_read(&sort.gets[n], &call.argv[i + 1])
            n += 1
        i += option_size(call.argv, call.argc, i, True, &again)


# ---- replying ----

cdef bint keep(Sort* sort, const Text* text) noexcept nogil:
    """STORE: appends one element of the reply; text NULL: an empty one. False: no memory."""
    cdef Context* cx = &sort.call.engine.context
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef ListpackValue value
    cdef size_t bytes
    if text == NULL:
        value = listpack_text(NULL, 0)
        bytes = 0
    elif text.data != NULL:
        if text.number > UINT32_MAX:
            return False
        value = listpack_text(text.data, text.number)
        bytes = value.size
    else:
        value = listpack_number(text.number)
        bytes = listpack_format(text.number, digits)
    return list_expect(cx, sort.list, bytes, 1) and list_push(cx, sort.list, &value, False)


cdef inline bint emit(Sort* sort, const Text* text) noexcept nogil:
    if sort.list != NULL:
        return keep(sort, text)
    if text == NULL:
        reply_null(sort.call)
    elif text.data != NULL:
        reply_bulk(sort.call, text.data, text.number)
    else:
        resp_bulk_integer(sort.call.out, text.number)
    return True


cdef bint emit_element(Sort* sort, const Text* element) noexcept nogil:
    """Replies (or keeps) an element, or what it stands for. False: no memory."""
    cdef Text found
    cdef size_t i
    if sort.options.gets == 0:
        return emit(sort, element)
    for i in range(sort.options.gets):
        if pattern_find(sort.call, &sort.gets[i], element, &sort.name, &found):
            if not emit(sort, &found):
                return False
        elif sort.name.failed or not emit(sort, NULL):
            return False
    return True


cdef bint emit_as_they_are(Sort* sort, const Record* record) noexcept nogil:
    cdef Source source
    cdef ListpackValue value
    cdef Text element
    cdef size_t left = sort.end - sort.start
    if left == 0:
        return True
    source_open(&source, record, sort.options.desc, sort.start)
    while left and source_next(&source, &value):
        element = text_of_element(&value)
        if not emit_element(sort, &element):
            return False
        left -= 1
    return True


cdef bint emit_sorted(Sort* sort) noexcept nogil:
    cdef size_t i
    cdef SortItem* item
    cdef Text element
    for i in range(sort.start, sort.end):
        item = &sort.items[sort.size - 1 - i if sort.options.desc else i]
        if sort.elements != NULL:
            element = sort.elements[item.tie & ~WEIGHED]
        else:
            element.data = item.text
            element.number = item.number
        if not emit_element(sort, &element):
            return False
    return True


# ---- sorting ----

cdef inline bint number_of(const Text* text, double* number) noexcept nogil:
    """A number's text; as the reference has it, it may end at a NUL."""
    cdef const uint8_t* nul
    if text.data == NULL:
        number[0] = <double>text.number
        return True
    if number_parse_double(text.data, text.number, number):
        return True
    nul = <const uint8_t*>memchr(text.data, 0, text.number)
    return nul != NULL and number_parse_double(text.data, nul - text.data, number)


cdef inline uint64_t prefix_of(const Text* text) noexcept nogil:
    cdef char[LISTPACK_INT_DIGITS] digits
    if text.data != NULL:
        return sort_prefix(text.data, text.number)
    return sort_prefix(digits, listpack_format(text.number, digits))


cdef inline void show(SortItem* item, const Text* text) noexcept nogil:
    item.text = text.data
    item.number = text.number


cdef bint weigh(Sort* sort, size_t i, const Text* element) noexcept nogil:
    """Makes the item of an element. False: what should be a number is none (or name.failed)."""
    cdef SortItem* item = &sort.items[i]
    cdef Text weight
    cdef bint found = sort.options.by == 0
    if found:
        weight = element[0]
    else:
        found = pattern_find(sort.call, &sort.by, element, &sort.name, &weight)
        if sort.name.failed:
            return False
    item.tie = 0
    if not sort.options.alpha:
        show(item, element)
        item.key.number = 0
        return not found or number_of(&weight, &item.key.number)
    if not found:
        weight.data = <const uint8_t*>b""
        weight.number = 0
    show(item, &weight)
    item.key.prefix = prefix_of(&weight)
    if sort.elements != NULL:
        sort.elements[i] = element[0]
        item.tie = i | (WEIGHED if found else 0)
    return True


cdef bint sort_all(Sort* sort, const Record* record) noexcept nogil:
    """Sorts and replies. False: an error is to be replied, that of memory unless it has been replied already."""
    cdef Source source
    cdef ListpackValue value
    cdef Text element
    cdef size_t i = 0
    source_open(&source, record, False, 0)
    while source_next(&source, &value):
        element = text_of_element(&value)
        if not weigh(sort, i, &element):
            if not sort.name.failed:
                reply_error(sort.call, b"ERR One or more scores can't be converted into double")
            return False
        i += 1
    if sort.options.desc:
        sort_items(sort.items, sort.size, sort.size - sort.end, sort.size - sort.start, sort.options.alpha)
    else:
        sort_items(sort.items, sort.size, sort.start, sort.end, sort.options.alpha)
    begin_reply(sort)
    return emit_sorted(sort)


cdef inline void begin_reply(Sort* sort) noexcept nogil:
    if sort.list == NULL:
        reply_array(sort.call, (sort.end - sort.start) * max(sort.options.gets, <size_t>1))


cdef bint sort_in_memory(Sort* sort, const Record* record) noexcept nogil:
    """sort_all within memory of its own: one block of items, and of elements where they are sorted by other texts."""
    cdef Context* cx = &sort.call.engine.context
    cdef bint apart = sort.options.alpha and sort.options.by
    cdef size_t each = sizeof(SortItem) + (sizeof(Text) if apart else 0)
    cdef bint done
    sort.items = <SortItem*>heap_alloc(cx.heap, sort.size * each)
    if sort.items == NULL:
        return False
    sort.elements = <Text*>&sort.items[sort.size] if apart else NULL
    done = sort_all(sort, record)
    heap_free(cx.heap, sort.items, sort.size * each)
    return done


cdef bint run(Sort* sort, const Record* record) noexcept nogil:
    """Replies, or fills sort.list. False as sort_all."""
    cdef Call* call = sort.call
    cdef char[SCRATCH] scratch
    cdef bint done = False
    buffer_init(&sort.name, scratch, SCRATCH)
    begin_patterns(sort)
    if sort.gets != NULL:
        if sort.options.sorts:
            done = sort_in_memory(sort, record)
        else:
            begin_reply(sort)
            done = emit_as_they_are(sort, record)
        if sort.gets != sort.few:
            heap_free(call.engine.context.heap, sort.gets, sort.options.gets * sizeof(Pattern))
    buffer_close(&sort.name)
    return done


# ---- the commands ----

cdef void reply_sorted(Sort* sort, const Record* record) noexcept nogil:
    cdef size_t mark = reply_mark(sort.call)
    if not run(sort, record) and not sort.call.failed:
        sort.call.out.used = mark
        reply_error(sort.call, NO_MEMORY)


cdef void store_nothing(Call* call, int arg) noexcept nogil:
    cdef Ref ref
    if key_peek(call, arg, &ref) != NULL:
        ref_delete(&ref, call.engine.settings.lazy_server_del)
        changed(call, arg)
    reply_int(call, 0)


cdef void store_sorted(Sort* sort, const Record* record) noexcept nogil:
    cdef Call* call = sort.call
    cdef Context* cx = &call.engine.context
    cdef Holder holder
    cdef Ref ref
    cdef Record* list = holder_open(&holder, ENC_LISTPACK, list_new(cx))
    cdef bint done = False
    if holder.slot != NULL:
        sort.list = list
        done = run(sort, record)
        if done and list_length(list):
            key_write(call, sort.options.store, &ref)
            done = ref_store_value(&ref, TYPE_LIST, list.encoding, record_pointer(list))
            if done:
                changed(call, sort.options.store)
                reply_int(call, list_length(list))
                return
        elif done:
            store_nothing(call, sort.options.store)
        list_free(cx, list)
    if not done and not call.failed:
        reply_error(call, NO_MEMORY)


cdef bint read_options(Call* call, bint stores, Options* options, int64_t* offset, int64_t* count) noexcept nogil:
    cdef int i = 2, size
    options_begin(options)
    offset[0] = 0
    count[0] = -1
    while i < call.argc:
        size = option_size(call.argv, call.argc, i, stores, options)
        if size == 0:
            reply_syntax(call)
            return False
        if size == 3 and not (arg_int(call, i + 1, offset) and arg_int(call, i + 2, count)):
            return False
        i += size
    return True


cdef void sort_key(Call* call, bint stores) noexcept nogil:
    cdef Sort sort
    cdef Record* record
    cdef int64_t offset, count
    if not read_options(call, stores, &sort.options, &offset, &count):
        return
    if sort.options.by:
        pattern_read(&sort.by, &call.argv[sort.options.by])
        sort.options.sorts = not sort.by.fixed
    record = key_read(call, 1)
    if record == NULL:
        if sort.options.store:
            store_nothing(call, sort.options.store)
        else:
            reply_array(call, 0)
        return
    if <int>record.type not in (TYPE_LIST, TYPE_SET, TYPE_ZSET):
        reply_error(call, WRONGTYPE)
        return
    if <int>record.type == TYPE_SET and sort.options.store and not sort.options.sorts:
        sort.options.sorts = sort.options.alpha = True       # a set has no order that would be the same elsewhere
        sort.options.by = 0
    sort.call = call
    sort.list = NULL
    sort.size = source_size(record)
    read_limit(&sort, offset, count)
    if sort.options.store:
        store_sorted(&sort, record)
    else:
        reply_sorted(&sort, record)


cdef void sort(Call* call) noexcept nogil:
    sort_key(call, True)


cdef void sort_ro(Call* call) noexcept nogil:
    sort_key(call, False)
