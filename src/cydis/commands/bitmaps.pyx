"""Bitmaps: strings read and written bit by bit.

Bit 0 is the highest of the first byte. A string is as long as its last bit that was written needs; what lies behind
its end, or under a missing key, reads as zeros. A range is given in bytes, or in bits with BIT; negative ends count
from the end. Values are changed in place, and the key keeps its expiry.

BITCOUNT key [start [end [BYTE | BIT]]]
    How many bits are set. O(bytes). Since 2.6.0.
BITFIELD key [GET field offset] [OVERFLOW WRAP | SAT | FAIL] [SET field offset value] [INCRBY field offset step] ...
    Read and write numbers of any width at any bit, all in one step; the replies in order. A field is i1 to i64 or
    u1 to u63; an offset is a bit, or with # a count of fields of this width. SET replies what was there, INCRBY
    what is there now. OVERFLOW says what becomes of numbers too large in the operations behind it: WRAP cuts
    their high bits, SAT takes the nearest that fits, FAIL replies null and leaves the field. O(operations).
    Since 3.2.0.
BITFIELD_RO key [GET field offset] ...
    BITFIELD that only reads. O(operations). Since 6.0.0.
BITOP AND | OR | XOR | NOT destination key [key ...]
    Combine strings bit by bit, the shorter ones going on with zeros, and store the result, which has no expiry; its
    length. An empty one deletes the destination. O(bytes of all). Since 2.6.0.
BITPOS key bit [start [end [BYTE | BIT]]]
    The place of the first bit that is set (1) or clear (0); -1 without one. Looking for 0 without an end, the zeros
    behind the string count. O(bytes). Since 2.8.7.
GETBIT key offset
    One bit. O(1). Since 2.2.0.
SETBIT key offset value
    Write one bit; the bit that was there. O(1), O(offset) where the string grows. Since 2.2.0.
"""
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc

from cydis.core.bits cimport (
    BITS_AND, BITS_FAIL, BITS_NOT, BITS_OR, BITS_SATURATE, BITS_WRAP, BITS_XOR, BitsField, BitsOperation,
    BitsOverflow, BitsSource, bits_combine, bits_count_range, bits_field_add, bits_field_end, bits_field_fit,
    bits_field_get, bits_field_parse, bits_field_set, bits_find, bits_get, bits_place_parse, bits_set,
)
from cydis.core.heap cimport heap_alloc, heap_free
from cydis.core.number cimport number_parse_int
from cydis.core.record cimport RECORD_EXPIRES, RECORD_INLINE, Blob, Record, record_pointer
from cydis.engine.call cimport Call, Keys, Row, arg_int, arg_is
from cydis.engine.keyspace cimport (
    NO_EXPIRY, Ref, changed, key_find, read_typed, record_string, ref_delete, ref_for_write, ref_set_expiry,
    ref_store_bytes, ref_store_value,
)
from cydis.engine.raw cimport ref_raw_bytes
from cydis.engine.reply cimport (
    NO_MEMORY, WRONGTYPE, reply_array, reply_error, reply_int, reply_null, reply_syntax,
)
from cydis.engine.table cimport BRIEF, DENYOOM, FAST, KEY1, READ, WRITE, register
from cydis.types.encodings cimport ENC_INT, ENC_RAW, TYPE_STRING

cdef Keys TARGET_AND_SOURCES = Keys(2, -1, 1, 0, 0)

cdef Row[7] ROWS = [
    #   name            function     arity  flags                    keys
    Row(b"BITCOUNT",    bitcount,    -2,    READ,                    KEY1),
    Row(b"BITFIELD",    bitfield,    -2,    WRITE | DENYOOM,         KEY1),
    Row(b"BITFIELD_RO", bitfield_ro, -2,    READ | FAST,             KEY1),
    Row(b"BITOP",       bitop,       -4,    WRITE | DENYOOM,         TARGET_AND_SOURCES),
    Row(b"BITPOS",      bitpos,      -3,    READ,                    KEY1),
    Row(b"GETBIT",      getbit,      3,     READ | FAST,             KEY1),
    Row(b"SETBIT",      setbit,      4,     WRITE | DENYOOM | BRIEF, KEY1),
]
register(b"bitmap", ROWS, 7)


cdef struct Text:                         # a string that is read
    char[24] scratch
    const uint8_t* data
    size_t size


cdef inline int read_text(Call* call, int arg, Text* text) noexcept nogil:
    """1 found, 0 missing (and empty), -1 another type: WRONGTYPE has been replied."""
    cdef Record* record
    cdef int found = read_typed(call, arg, TYPE_STRING, &record)
    text.data = NULL
    text.size = 0
    if found > 0:
        record_string(record, text.scratch, &text.data, &text.size)
    return found


cdef inline bint find_to_change(Call* call, int arg, Ref* ref, Text* text) noexcept nogil:
    """The key, which is missing or holds a string, with its bytes. False: WRONGTYPE has been replied."""
    text.data = NULL
    text.size = 0
    if key_find(call, arg, ref) == NULL:
        return True
    if ref.record.type != TYPE_STRING:
        reply_error(call, WRONGTYPE)
        return False
    record_string(ref.record, text.scratch, &text.data, &text.size)
    return True


cdef inline bint arg_place(Call* call, int i, unsigned int width, uint64_t* place) noexcept nogil:
    """The place of a bit that a string may have; with `width` also as # and a count. False: the error is replied."""
    if bits_place_parse(call.argv[i].data, call.argv[i].size, width, place) and (
            place[0] >> 3 < <uint64_t>call.engine.settings.proto_max_bulk_len):
        return True
    reply_error(call, b"ERR bit offset is not an integer or out of range")
    return False


# ---- one bit ----

cdef void getbit(Call* call) noexcept nogil:
    cdef uint64_t place
    cdef Text text
    if arg_place(call, 2, 0, &place) and read_text(call, 1, &text) >= 0:
        reply_int(call, bits_get(text.data, text.size, place))


cdef void setbit(Call* call) noexcept nogil:
    cdef uint64_t place, size
    cdef int64_t bit
    cdef int was
    cdef Ref ref
    cdef Text text
    cdef uint8_t* p
    cdef bint changes
    if not arg_place(call, 2, 0, &place):
        return
    if not number_parse_int(call.argv[3].data, call.argv[3].size, &bit) or bit & ~1:
        reply_error(call, b"ERR bit is not an integer or out of range")
        return
    if not find_to_change(call, 1, &ref, &text):
        return
    size = (place >> 3) + 1
    was = bits_get(text.data, text.size, place)
    changes = was != bit or size > text.size
    if changes:
        ref_for_write(&ref)
    p = ref_raw_bytes(&ref, text.size, size)             # raw is called what was written to, even the same
    if p == NULL:
        reply_error(call, NO_MEMORY)
        return
    if changes:
        bits_set(p, place, <int>bit)
        changed(call, 1)
    reply_int(call, was)


# ---- ranges ----

cdef struct Range:
    int64_t first, last
    bint by_bit


cdef bint read_range(Call* call, int i, Range* r) noexcept nogil:
    """[start [end [BYTE | BIT]]] from argument i on. False: the error has been replied."""
    cdef int given = call.argc - i
    r.first = 0
    r.last = -1
    r.by_bit = False
    if given > 3:
        reply_syntax(call)
        return False
    if given > 0 and not arg_int(call, i, &r.first):
        return False
    if given > 2:
        r.by_bit = arg_is(call, i + 2, b"BIT")
        if not r.by_bit and not arg_is(call, i + 2, b"BYTE"):
            reply_syntax(call)
            return False
    return given < 2 or arg_int(call, i + 1, &r.last)


cdef inline bint clip(Range* r, size_t size) noexcept nogil:
    """The range as first and last bit within so many bytes. False: there is none."""
    cdef int64_t total = <int64_t>size * 8 if r.by_bit else <int64_t>size
    if r.first < 0:
        r.first = r.first + total if r.first > -total else 0
    if r.last < 0:
        r.last = r.last + total if r.last > -total else 0
    if r.last >= total:
        r.last = total - 1
    if r.first > r.last:
        return False
    if not r.by_bit:
        r.first = r.first * 8
        r.last = r.last * 8 + 7
    return True


cdef void bitcount(Call* call) noexcept nogil:
    cdef Range r
    cdef Text text
    if not read_range(call, 2, &r) or read_text(call, 1, &text) < 0:
        return
    if (r.first < 0 and r.last < 0 and r.first > r.last) or not clip(&r, text.size):
        reply_int(call, 0)
    else:
        reply_int(call, bits_count_range(text.data, r.first, r.last))


cdef void bitpos(Call* call) noexcept nogil:
    cdef int64_t bit, place = -1
    cdef Range r
    cdef Text text
    cdef int found
    if not arg_int(call, 2, &bit):
        return
    if bit & ~1:
        reply_error(call, b"ERR The bit argument must be 1 or 0.")
        return
    if not read_range(call, 3, &r):
        return
    found = read_text(call, 1, &text)
    if found < 0:
        return
    if not found:
        reply_int(call, -bit)                            # a missing key is zeros without end, whatever the range
        return
    if clip(&r, text.size):
        place = bits_find(text.data, bit, r.first, r.last)
        if place < 0 and not bit and call.argc < 5:
            place = <int64_t>text.size * 8
    reply_int(call, place)


# ---- several strings ----

cdef enum:
    SHORT_LIST = 16                       # sources that need no allocation
    SHORT_RESULT = 256                    # bytes of a result that stands in its record


cdef bint read_operation(Call* call, BitsOperation* operation) noexcept nogil:
    if arg_is(call, 1, b"AND"):
        operation[0] = BITS_AND
    elif arg_is(call, 1, b"OR"):
        operation[0] = BITS_OR
    elif arg_is(call, 1, b"XOR"):
        operation[0] = BITS_XOR
    elif arg_is(call, 1, b"NOT"):
        operation[0] = BITS_NOT
    else:
        reply_syntax(call)
        return False
    if operation[0] == BITS_NOT and call.argc != 4:
        reply_error(call, b"ERR BITOP NOT must be called with a single source key.")
        return False
    return True


cdef void bitop(Call* call) noexcept nogil:
    cdef BitsOperation operation
    cdef int n = call.argc - 3
    cdef Text[SHORT_LIST] few_texts
    cdef BitsSource[SHORT_LIST] few_sources
    cdef Text* texts = few_texts
    cdef BitsSource* sources = few_sources
    if not read_operation(call, &operation):
        return
    if n > SHORT_LIST:
        texts = <Text*>malloc(n * (sizeof(Text) + sizeof(BitsSource)))
        if texts == NULL:
            reply_error(call, NO_MEMORY)
            return
        sources = <BitsSource*>(texts + n)
    combine(call, operation, texts, sources, n)
    if n > SHORT_LIST:
        free(texts)


cdef void combine(Call* call, BitsOperation operation, Text* texts, BitsSource* sources, int n) noexcept nogil:
    cdef size_t size = 0
    cdef int i
    cdef Ref ref
    cdef bint done
    for i in range(n):
        if read_text(call, i + 3, &texts[i]) < 0:
            return
        sources[i].data = texts[i].data
        sources[i].size = texts[i].size
        size = max(size, texts[i].size)
    key_find(call, 2, &ref)
    if size == 0:
        if ref.record != NULL:
            ref_delete(&ref, call.engine.settings.lazy_server_del)
            changed(call, 2)
        reply_int(call, 0)
        return
    if size <= SHORT_RESULT:
        done = store_short(&ref, operation, size, sources, n)
    elif overwritable(&ref, size, sources, n):
        done = overwrite(&ref, operation, size, sources, n)
    else:
        done = store_new(&ref, operation, size, sources, n)
    if not done:
        reply_error(call, NO_MEMORY)
        return
    changed(call, 2)
    reply_int(call, size)


cdef bint store_short(Ref* ref, BitsOperation operation, size_t size, const BitsSource* sources,
                      int n) noexcept nogil:
    cdef uint8_t[SHORT_RESULT] result
    bits_combine(operation, result, size, sources, n)
    ref_for_write(ref)
    if not ref_store_bytes(ref, result, size, NO_EXPIRY):
        return False
    ref.record.encoding = ENC_RAW
    return True


cdef inline Blob* block_of(const Record* record) noexcept nogil:
    """The block outside its record in which a string stands, or NULL."""
    if record == NULL or record.type != TYPE_STRING or record.encoding == ENC_INT or record.flags & RECORD_INLINE:
        return NULL
    return <Blob*>record_pointer(record)


cdef bint overwritable(Ref* ref, size_t size, BitsSource* sources, int n) noexcept nogil:
    """Whether the result fits the destination's memory and may be written over it.

    That spares an allocation and its page faults, half the work of combining. The destination as a source comes to
    the front; being two of them, it is not to be overwritten.
    """
    cdef Blob* blob = block_of(ref.record)
    cdef int i, times = 0
    cdef BitsSource front
    if blob == NULL or size > blob.capacity or size < blob.capacity // 4:
        return False
    for i in range(n):
        if sources[i].data == blob.data:
            times += 1
            front = sources[i]
            sources[i] = sources[0]
            sources[0] = front
    return times < 2


cdef bint overwrite(Ref* ref, BitsOperation operation, size_t size, const BitsSource* sources, int n) noexcept nogil:
    cdef Blob* blob
    ref_for_write(ref)
    if ref.record.flags & RECORD_EXPIRES and not ref_set_expiry(ref, NO_EXPIRY):
        return False
    blob = block_of(ref.record)
    bits_combine(operation, blob.data, size, sources, n)
    blob.size = size
    ref.record.encoding = ENC_RAW
    return True


cdef bint store_new(Ref* ref, BitsOperation operation, size_t size, const BitsSource* sources, int n) noexcept nogil:
    cdef Blob* blob = <Blob*>heap_alloc(ref.db.engine.context.heap, sizeof(Blob) + size)
    if blob == NULL:
        return False
    blob.size = blob.capacity = size
    bits_combine(operation, blob.data, size, sources, n)
    ref_for_write(ref)
    if ref_store_value(ref, TYPE_STRING, ENC_RAW, blob):
        return True
    heap_free(ref.db.engine.context.heap, blob, sizeof(Blob) + size)
    return False


# ---- fields ----

cdef enum:
    GET, SET, INCRBY

cdef struct Step:                         # one operation of BITFIELD
    int kind
    BitsOverflow overflow                 # in force, and so for the steps behind
    BitsField field
    uint64_t place
    int64_t number

cdef struct Plan:                         # what all of them come to
    int steps
    bint writes
    uint64_t size                         # bytes that those which write need


cdef bint read_overflow(Call* call, int i, Step* step) noexcept nogil:
    if arg_is(call, i, b"WRAP"):
        step.overflow = BITS_WRAP
    elif arg_is(call, i, b"SAT"):
        step.overflow = BITS_SATURATE
    elif arg_is(call, i, b"FAIL"):
        step.overflow = BITS_FAIL
    else:
        reply_error(call, b"ERR Invalid OVERFLOW type specified")
        return False
    return True


cdef bint next_step(Call* call, int* i, Step* step) noexcept nogil:
    """Reads the operation that begins at argument *i, OVERFLOWs before it included, and moves on behind it.

    False at the end (call.failed is then as it was) and where it cannot be read: the error has been replied.
    """
    cdef int left, at
    while i[0] < call.argc:
        at = i[0]
        left = call.argc - at - 1
        if arg_is(call, at, b"GET") and left >= 2:
            step.kind = GET
        elif arg_is(call, at, b"SET") and left >= 3:
            step.kind = SET
        elif arg_is(call, at, b"INCRBY") and left >= 3:
            step.kind = INCRBY
        elif arg_is(call, at, b"OVERFLOW") and left >= 1:
            if not read_overflow(call, at + 1, step):
                return False
            i[0] += 2
            continue
        else:
            reply_syntax(call)
            return False
        if not bits_field_parse(call.argv[at + 1].data, call.argv[at + 1].size, &step.field):
            reply_error(call, b"ERR Invalid bitfield type. Use something like i16 u8. "
                              b"Note that u64 is not supported but i64 is.")
            return False
        if not arg_place(call, at + 2, step.field.width, &step.place):
            return False
        if step.kind != GET and not arg_int(call, at + 3, &step.number):
            return False
        i[0] += 3 if step.kind == GET else 4
        return True
    return False


cdef bint make_plan(Call* call, Plan* plan) noexcept nogil:
    """Reads all operations before the first is done. False: the error has been replied."""
    cdef int i = 2
    cdef Step step
    step.overflow = BITS_WRAP
    plan.steps = 0
    plan.writes = False
    plan.size = 0
    while next_step(call, &i, &step):
        plan.steps += 1
        if step.kind != GET:
            plan.writes = True
            plan.size = max(plan.size, bits_field_end(step.place, step.field))
    return not call.failed


cdef void read_fields(Call* call, const Plan* plan) noexcept nogil:
    cdef int i = 2
    cdef Step step
    cdef Text text
    if read_text(call, 1, &text) < 0:
        return
    reply_array(call, plan.steps)
    while next_step(call, &i, &step):
        reply_int(call, bits_field_get(text.data, text.size, step.place, step.field))


cdef void bitfield_ro(Call* call) noexcept nogil:
    cdef Plan plan
    if not make_plan(call, &plan):
        return
    if plan.writes:
        reply_error(call, b"ERR BITFIELD_RO only supports the GET subcommand")
    else:
        read_fields(call, &plan)


cdef void bitfield(Call* call) noexcept nogil:
    cdef Plan plan
    cdef Ref ref
    cdef Text text
    cdef uint8_t* p
    cdef bint grows
    if not make_plan(call, &plan):
        return
    if not plan.writes:
        read_fields(call, &plan)
        return
    if not find_to_change(call, 1, &ref, &text):
        return
    grows = plan.size > text.size
    if grows:
        ref_for_write(&ref)
    p = ref_raw_bytes(&ref, text.size, plan.size)
    if p == NULL:
        reply_error(call, NO_MEMORY)
        return
    reply_array(call, plan.steps)
    if write_fields(call, &ref, p, max(plan.size, text.size), grows) or grows:
        changed(call, 1)


cdef bint write_fields(Call* call, Ref* ref, uint8_t* p, size_t size, bint announced) noexcept nogil:
    """Does and replies all operations; whether any has changed a bit."""
    cdef int i = 2
    cdef Step step
    cdef int64_t was, now
    cdef bint fits, wrote = False
    step.overflow = BITS_WRAP
    while next_step(call, &i, &step):
        was = bits_field_get(p, size, step.place, step.field)
        if step.kind == GET:
            reply_int(call, was)
            continue
        if step.kind == SET:
            fits = bits_field_fit(step.field, step.number, step.overflow, &now)
        else:
            fits = bits_field_add(step.field, was, step.number, step.overflow, &now)
        if not fits and step.overflow == BITS_FAIL:
            reply_null(call)
            continue
        reply_int(call, was if step.kind == SET else now)
        if now != was:
            if not announced:
                ref_for_write(ref)
                announced = True
            bits_field_set(p, step.place, step.field, now)
            wrote = True
    return wrote
