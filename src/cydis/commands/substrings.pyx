"""Parts of strings: lengthening, cutting, overwriting, comparing.

A string is as long as its last byte that was written needs, up to proto-max-bulk-len. Positions count from 0;
negative ones from the end, -1 being the last byte. The key keeps its expiry.

APPEND key value
    Add bytes at the end, of nothing where there is no key; the new length. O(bytes added), amortised. Since 2.0.0.
GETRANGE key first last
    The bytes from first to last, both included, cut to what there is. O(bytes replied). Since 2.4.0.
LCS key1 key2 [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN]
    The longest sequence of bytes that both strings contain in this order, not necessarily side by side; its
    length with LEN; with IDX the ranges in both where it is found, last first, without those shorter than
    MINMATCHLEN. O(n * m), in time and in passing memory. Since 7.0.0.
SETRANGE key offset value
    Overwrite from a position on, filling what lies between with zeros; the new length. An empty value
    changes nothing. O(bytes written). Since 2.2.0.
STRLEN key
    The length; 0 without a key. O(1). Since 2.2.0.
SUBSTR key first last
    GETRANGE by its first name. O(bytes replied). Since 1.0.0.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from cydis.core.number cimport number_parse_int
from cydis.core.record cimport Record
from cydis.engine.call cimport Call, Row, arg_int, arg_is
from cydis.engine.keyspace cimport (
    NO_EXPIRY, Ref, changed, key_find, key_read, read_typed, record_string, ref_for_write, ref_store_bytes,
    ref_store_int, ref_string_room,
)
from cydis.engine.reply cimport (
    NO_MEMORY, TOO_LARGE, WRONGTYPE, reply_array, reply_array_at, reply_bulk, reply_error, reply_int, reply_map,
    reply_mark, reply_syntax, reply_text,
)
from cydis.engine.table cimport DENYOOM, FAST, KEY1, KEY12, READ, WRITE, register
from cydis.engine.value cimport type_row
from cydis.types.encodings cimport TYPE_STRING

cdef enum:
    INT_TEXT = 20                         # longest text of an int64

cdef Row[6] ROWS = [
    #   name          function  arity  flags                   keys
    Row(b"APPEND",    append,   3,     WRITE | DENYOOM | FAST, KEY1),
    Row(b"GETRANGE",  getrange, 4,     READ,                   KEY1),
    Row(b"LCS",       lcs,      -3,    READ,                   KEY12),
    Row(b"SETRANGE",  setrange, 4,     WRITE | DENYOOM,        KEY1),
    Row(b"STRLEN",    strlen_,  2,     READ | FAST,            KEY1),
    Row(b"SUBSTR",    getrange, 4,     READ,                   KEY1),
]
register(b"string", ROWS, 6)


cdef inline size_t length_of(const Record* record) noexcept nogil:
    return 0 if record == NULL else type_row(TYPE_STRING).length(record)


cdef inline bint find_to_change(Call* call, Ref* ref) noexcept nogil:
    """The key, which is missing or holds a string. False: WRONGTYPE has been replied."""
    if key_find(call, 1, ref) != NULL and ref.record.type != TYPE_STRING:
        reply_error(call, WRONGTYPE)
        return False
    return True


cdef inline bint fits(Call* call, uint64_t offset, uint64_t size) noexcept nogil:
    """Whether a string of that many bytes is allowed; if not, the error has been replied. No sum overflows."""
    if offset <= <uint64_t>call.engine.settings.proto_max_bulk_len and (
            size <= <uint64_t>call.engine.settings.proto_max_bulk_len - offset):
        return True
    reply_error(call, TOO_LARGE)
    return False


cdef bint store_new(Call* call, Ref* ref) noexcept nogil:
    cdef int64_t n
    if call.argv[2].size <= INT_TEXT and number_parse_int(call.argv[2].data, call.argv[2].size, &n):
        return ref_store_int(ref, n, NO_EXPIRY)
    return ref_store_bytes(ref, call.argv[2].data, call.argv[2].size, NO_EXPIRY)


cdef void append(Call* call) noexcept nogil:
    cdef Ref ref
    cdef size_t had, size = call.argv[2].size
    cdef uint8_t* p = NULL
    if not find_to_change(call, &ref):
        return
    had = length_of(ref.record)
    if not fits(call, had, size):
        return
    ref_for_write(&ref)
    if ref.record == NULL:
        if not store_new(call, &ref):
            reply_error(call, NO_MEMORY)
            return
    else:
        p = ref_string_room(&ref, had + size)
        if p == NULL:
            reply_error(call, NO_MEMORY)
            return
        memcpy(p + had, call.argv[2].data, size)
    changed(call, 1)
    reply_int(call, had + size)


cdef void getrange(Call* call) noexcept nogil:
    cdef int64_t first, last, n
    cdef Record* record
    cdef char[24] scratch
    cdef const uint8_t* data = NULL
    cdef size_t size = 0
    cdef int found
    if not arg_int(call, 2, &first) or not arg_int(call, 3, &last):
        return
    found = read_typed(call, 1, TYPE_STRING, &record)
    if found < 0:
        return
    if found:
        record_string(record, scratch, &data, &size)
    n = <int64_t>size
    if first < 0 and last < 0 and first > last:
        n = 0
    if first < 0:
        first = n + first if first > -n else 0
    if last < 0:
        last = n + last if last >= -n else 0
    if last >= n:
        last = n - 1
    if n == 0 or first > last:
        reply_bulk(call, b"", 0)
    else:
        reply_bulk(call, data + first, last - first + 1)


cdef void setrange(Call* call) noexcept nogil:
    cdef int64_t offset
    cdef Ref ref
    cdef size_t had, will, size = call.argv[3].size
    cdef uint8_t* p
    if not arg_int(call, 2, &offset):
        return
    if offset < 0:
        reply_error(call, b"ERR offset is out of range")
        return
    if not find_to_change(call, &ref):
        return
    had = length_of(ref.record)
    if size == 0:
        reply_int(call, had)
        return
    if not fits(call, offset, size):
        return
    will = <size_t>offset + size
    if will < had:
        will = had
    ref_for_write(&ref)
    p = ref_string_room(&ref, will)
    if p == NULL:
        reply_error(call, NO_MEMORY)
        return
    memcpy(p + offset, call.argv[3].data, size)
    changed(call, 1)
    reply_int(call, will)


cdef void strlen_(Call* call) noexcept nogil:
    cdef Record* record
    if read_typed(call, 1, TYPE_STRING, &record) >= 0:
        reply_int(call, length_of(record))


# ---- LCS ----

cdef struct Text:
    char[24] scratch
    const uint8_t* data
    size_t size

cdef struct LcsOptions:
    bint length, ranges, sizes
    int64_t least


cdef bint read_text(Call* call, int i, Text* text) noexcept nogil:
    cdef Record* record = key_read(call, i)
    text.data = NULL
    text.size = 0
    if record == NULL:
        return True
    if record.type != TYPE_STRING:
        reply_error(call, b"ERR The specified keys must contain string values")
        return False
    record_string(record, text.scratch, &text.data, &text.size)
    return True


cdef bint read_lcs_options(Call* call, LcsOptions* o) noexcept nogil:
    cdef int i = 3
    o.length = o.ranges = o.sizes = False
    o.least = 0
    while i < call.argc:
        if arg_is(call, i, b"IDX"):
            o.ranges = True
        elif arg_is(call, i, b"LEN"):
            o.length = True
        elif arg_is(call, i, b"WITHMATCHLEN"):
            o.sizes = True
        elif arg_is(call, i, b"MINMATCHLEN") and i + 1 < call.argc:
            i += 1
            if not arg_int(call, i, &o.least):
                return False
        else:
            reply_syntax(call)
            return False
        i += 1
    if o.length and o.ranges:
        reply_error(call, b"ERR If you want both the length and indexes, please just use IDX.")
        return False
    return True


cdef uint32_t* lcs_lengths(Call* call, const Text* a, const Text* b) noexcept nogil:
    """Lengths for all pairs of beginnings, row by row: (a.size + 1) * (b.size + 1). NULL: the error is replied."""
    cdef size_t width = b.size + 1, i, j
    cdef uint64_t limit = <uint64_t>call.engine.settings.proto_max_bulk_len // sizeof(uint32_t)
    cdef uint32_t* lengths = NULL
    cdef uint32_t* row
    cdef uint32_t* above
    if a.size + 1 > limit // width:
        reply_error(call, b"ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
        return NULL
    lengths = <uint32_t*>malloc((a.size + 1) * width * sizeof(uint32_t))
    if lengths == NULL:
        reply_error(call, b"ERR Insufficient memory, failed allocating transient memory for LCS")
        return NULL
    memset(lengths, 0, width * sizeof(uint32_t))
    for i in range(1, a.size + 1):
        above = lengths + (i - 1) * width
        row = above + width
        row[0] = 0
        for j in range(1, width):
            if a.data[i - 1] == b.data[j - 1]:
                row[j] = above[j - 1] + 1
            else:
                row[j] = above[j] if above[j] > row[j - 1] else row[j - 1]
    return lengths


cdef void reply_common(Call* call, const Text* a, const Text* b, const uint32_t* lengths) noexcept nogil:
    """The sequence itself, written from its end through the table."""
    cdef size_t width = b.size + 1, i = a.size, j = b.size
    cdef uint32_t k = lengths[i * width + j]
    cdef size_t size = k
    cdef uint8_t* text = <uint8_t*>malloc(size + 1)
    if text == NULL:
        reply_error(call, NO_MEMORY)
        return
    while k:
        if a.data[i - 1] == b.data[j - 1]:
            i -= 1
            j -= 1
            k -= 1
            text[k] = a.data[i]
        elif lengths[(i - 1) * width + j] > lengths[i * width + j - 1]:
            i -= 1
        else:
            j -= 1
    reply_bulk(call, text, size)
    free(text)


cdef void reply_range(Call* call, size_t i, size_t j, size_t size, bint with_size) noexcept nogil:
    """One match of `size` bytes at i in the one and at j in the other text."""
    reply_array(call, 3 if with_size else 2)
    reply_array(call, 2)
    reply_int(call, i)
    reply_int(call, i + size - 1)
    reply_array(call, 2)
    reply_int(call, j)
    reply_int(call, j + size - 1)
    if with_size:
        reply_int(call, size)


cdef void reply_ranges(Call* call, const Text* a, const Text* b, const uint32_t* lengths,
                       const LcsOptions* o) noexcept nogil:
    """All matches from the end on; neighbours in both texts are one match."""
    cdef size_t width = b.size + 1, i = a.size, j = b.size, run = 0, mark, count = 0
    reply_map(call, 2)
    reply_text(call, b"matches")
    mark = reply_mark(call)
    while i and j:
        if a.data[i - 1] == b.data[j - 1]:
            i -= 1
            j -= 1
            run += 1
            if i and j and a.data[i - 1] == b.data[j - 1]:
                continue
        elif lengths[(i - 1) * width + j] > lengths[i * width + j - 1]:
            i -= 1
            continue
        else:
            j -= 1
            continue
        if o.least <= 0 or run >= <uint64_t>o.least:
            reply_range(call, i, j, run, o.sizes)
            count += 1
        run = 0
    reply_array_at(call, mark, count)
    reply_text(call, b"len")
    reply_int(call, lengths[a.size * width + b.size])


cdef void lcs(Call* call) noexcept nogil:
    cdef Text a, b
    cdef LcsOptions o
    cdef uint32_t* lengths
    if not read_text(call, 1, &a) or not read_text(call, 2, &b) or not read_lcs_options(call, &o):
        return
    lengths = lcs_lengths(call, &a, &b)
    if lengths == NULL:
        return
    if o.ranges:
        reply_ranges(call, &a, &b, lengths, &o)
    elif o.length:
        reply_int(call, lengths[a.size * (b.size + 1) + b.size])
    else:
        reply_common(call, &a, &b, lengths)
    free(lengths)
