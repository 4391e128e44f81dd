"""HyperLogLogs: how many different elements were seen, about, in at most 12 KiB however many they are.

The standard error is 0.81 %. A HyperLogLog is a string in a published form, so GET, SET and STRLEN work on it. It
begins sparse and becomes dense when it would pass hll-sparse-max-bytes.

PFADD key [element ...]
    Count elements; whether the estimate may have changed. A missing key is made, even by no element. O(1) per
    element. Since 2.8.9.
PFCOUNT key [key ...]
    The estimate for one key, which is remembered in it; for all together with several. O(1) while remembered, else
    O(registers) per key. Since 2.8.9.
PFDEBUG subcommand key
    For tests: GETREG lists the registers (of a dense one, which it becomes), DECODE the opcodes of a sparse one,
    ENCODING names its form, TODENSE makes it dense. SIMD ON or OFF says whether the processor's wide registers may be
    used. O(registers). Since 2.8.9.
PFMERGE destination [source ...]
    Make the destination count what it and all sources have seen. O(registers) per key. Since 2.8.9.
PFSELFTEST
    For tests: count elements whose number is known. O(elements). Since 2.8.9.
"""
from libc.math cimport fabs
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdio cimport snprintf
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from cydis.core.hyperloglog cimport (
    HLL_ALL_SPARSE, HLL_CHANGED, HLL_CORRUPT, HLL_DENSE, HLL_DENSE_BYTES, HLL_EMPTY_BYTES, HLL_GROWTH, HLL_HEADER,
    HLL_MADE_BYTES, HLL_REGISTERS, HLL_ROOM, HLL_SAME, HLL_SOME_DENSE, HLL_SPARSE, HLL_TOO_LARGE, HllChange, HllCursor,
    HllHit, HllRun, HllUnion, hll_begin, hll_count, hll_count_registers, hll_encoding, hll_forget, hll_hit, hll_look,
    hll_make, hll_merge, hll_next_run, hll_pack, hll_raise, hll_raise_all, hll_remember, hll_remembered, hll_union_add,
    hll_union_begin, hll_union_count, hll_union_registers, hll_valid, hll_wide_exists,
)
from cydis.core.record cimport RECORD_INLINE, Blob, Record, record_pointer
from cydis.engine.call cimport Call, Keys, Row, arg_is
from cydis.engine.keyspace cimport (
    Ref, changed, key_find, key_read, key_read_ref, record_string, ref_for_write,
)
from cydis.engine.raw cimport ref_block
from cydis.engine.reply cimport (
    NO_MEMORY, NO_MEMORY_PARTLY, WRONGTYPE, reply_array, reply_bulk, reply_error, reply_error_size, reply_int,
    reply_ok, reply_status,
)
from cydis.engine.table cimport ADMIN, DENYOOM, FAST, KEY1, KEYS_ALL, NO_KEYS, READ, WRITE, register
from cydis.types.encodings cimport ENC_EMBSTR, ENC_INT, ENC_RAW, TYPE_STRING

cdef Keys KEY2 = Keys(2, 2, 1, 0, 0)

cdef Row[5] ROWS = [
    #   name           function    arity  flags                   keys
    Row(b"PFADD",      pfadd,      -2,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"PFCOUNT",    pfcount,    -2,    READ,                   KEYS_ALL),
    Row(b"PFDEBUG",    pfdebug,    3,     WRITE | DENYOOM | ADMIN, KEY2),
    Row(b"PFMERGE",    pfmerge,    -2,    WRITE | DENYOOM,        KEYS_ALL),
    Row(b"PFSELFTEST", pfselftest, 1,     ADMIN,                  NO_KEYS),
]
register(b"hyperloglog", ROWS, 5)


cdef struct Hll:                          # the bytes of one
    const uint8_t* data
    size_t size


cdef inline bint is_hll(Call* call, Record* record, Hll* hll) noexcept nogil:
    """Whether the value of a key is one, as far as its header says. False: the error has been replied."""
    cdef char[24] scratch
    if record.type != TYPE_STRING:
        reply_error(call, WRONGTYPE)
        return False
    record_string(record, scratch, &hll.data, &hll.size)
    if record.encoding != ENC_INT and hll_valid(hll.data, hll.size):
        return True
    reply_error(call, b"WRONGTYPE Key is not a valid HyperLogLog string value.")
    return False


cdef inline void reply_corrupt(Call* call) noexcept nogil:
    reply_error(call, b"INVALIDOBJ Corrupted HLL object detected")


cdef inline void call_raw(Record* record) noexcept nogil:
    """These commands take strings for writing, so that OBJECT ENCODING calls them raw from now on."""
    if record.encoding == ENC_EMBSTR:
        record.encoding = ENC_RAW


cdef inline size_t sparse_limit(const Call* call) noexcept nogil:
    return <size_t>call.engine.context.limits.hll_sparse_max_bytes


# ---- one element at a time ----

cdef enum Outcome:
    REFUSED = -2                          # no memory; this element changed nothing


cdef bint start(Ref* ref) noexcept nogil:
    """An empty sparse one at a missing key, with room for its first element. False: no memory."""
    cdef Blob* blob = ref_block(ref, HLL_EMPTY_BYTES + HLL_GROWTH)
    if blob == NULL:
        return False
    blob.size = HLL_EMPTY_BYTES
    hll_begin(blob.data)
    hll_forget(blob.data)
    return True


cdef int densify(Call* call, Ref* ref, const Hll* hll) noexcept nogil:
    """Makes the sparse one at a key dense: HLL_CHANGED, HLL_CORRUPT or REFUSED."""
    cdef uint8_t[1 << 14] registers
    cdef Blob* blob
    memset(registers, 0, HLL_REGISTERS)
    if not hll_merge(registers, hll.data, hll.size, call.engine.settings.hll_wide):
        return HLL_CORRUPT
    blob = ref_block(ref, HLL_DENSE_BYTES)
    if blob == NULL:
        return REFUSED
    blob.size = HLL_DENSE_BYTES
    hll_pack(blob.data, registers, call.engine.settings.hll_wide)
    return HLL_CHANGED


cdef int lift(Call* call, Ref* ref, HllHit hit, HllCursor* cursor) noexcept nogil:
    """Raises a register of the one at a key, which grows or becomes dense as needed: a HllChange, or REFUSED."""
    cdef Hll hll
    cdef int done
    if ref.record.flags & RECORD_INLINE and ref_block(ref, 0) == NULL:
        return REFUSED
    done = lift_within(call, <Blob*>record_pointer(ref.record), hit, cursor, &hll)
    if done == HLL_ROOM:
        if ref_block(ref, hll.size + HLL_GROWTH) == NULL:
            return REFUSED
    elif done == HLL_TOO_LARGE:
        done = densify(call, ref, &hll)
        if done != HLL_CHANGED:
            return done
    else:
        return done
    return lift_within(call, <Blob*>record_pointer(ref.record), hit, cursor, &hll)


cdef inline int lift_within(Call* call, Blob* blob, HllHit hit, HllCursor* cursor, Hll* hll) noexcept nogil:
    """Raises a register with the room that there is; `hll` is what the block then holds."""
    cdef int done
    hll.data = blob.data
    hll.size = blob.size
    done = hll_raise(blob.data, &hll.size, blob.capacity, sparse_limit(call), hit, cursor)
    blob.size = hll.size
    return done


cdef void pfadd(Call* call) noexcept nogil:
    cdef Ref ref
    cdef Hll hll
    cdef HllHit hit
    cdef HllCursor cursor
    cdef int i, done
    cdef bint announced = False, updated = False
    if key_find(call, 1, &ref) == NULL:
        ref_for_write(&ref)
        if not start(&ref):
            reply_error(call, NO_MEMORY)
            return
        announced = updated = True
    elif not is_hll(call, ref.record, &hll):
        return
    else:
        call_raw(ref.record)
    for i in range(2, call.argc):
        hit = hll_hit(call.argv[i].data, call.argv[i].size)
        cursor.at = 0
        cursor.first = 0
        if not announced:
            done = hll_look(hll.data, hll.size, hit, &cursor)
            if done == HLL_SAME:
                continue
            if done != HLL_CORRUPT:
                ref_for_write(&ref)
                announced = True
        if announced:
            done = lift(call, &ref, hit, &cursor)
        if done < 0:
            if updated:
                changed(call, 1)
            if done == HLL_CORRUPT:
                reply_corrupt(call)
            else:
                reply_error(call, NO_MEMORY_PARTLY if updated else NO_MEMORY)
            return
        if done == HLL_CHANGED:
            updated = True
    if updated:
        changed(call, 1)
    reply_int(call, updated)


# ---- all registers ----

cdef bint gather(Call* call, int first, int last, HllUnion* seen) noexcept nogil:
    """Adds the keys that the call names in these places. False: the error has been replied."""
    cdef Record* record
    cdef Hll hll
    cdef int i
    for i in range(first, last + 1):
        record = key_read(call, i)
        if record == NULL:
            continue
        if not is_hll(call, record, &hll):
            return False
        if not hll_union_add(seen, hll.data, hll.size, call.engine.settings.hll_wide):
            reply_corrupt(call)
            return False
    return True


cdef void pfcount(Call* call) noexcept nogil:
    if call.argc == 2:
        count_one(call)
    else:
        count_several(call)


cdef void count_several(Call* call) noexcept nogil:
    cdef HllUnion seen
    hll_union_begin(&seen)
    if gather(call, 1, call.argc - 1, &seen):
        reply_int(call, hll_union_count(&seen))


cdef void count_one(Call* call) noexcept nogil:
    cdef Ref ref
    cdef Hll hll
    cdef uint64_t count
    if key_read_ref(call, 1, &ref) == NULL:
        reply_int(call, 0)
        return
    if not is_hll(call, ref.record, &hll):
        return
    call_raw(ref.record)
    if not hll_remembered(hll.data, &count):
        if not hll_count(hll.data, hll.size, &count):
            reply_corrupt(call)
            return
        ref_for_write(&ref)
        hll_remember(<uint8_t*>hll.data, count)
        changed(call, 1)
    reply_int(call, count)


cdef void pfmerge(Call* call) noexcept nogil:
    cdef HllUnion seen
    cdef uint8_t[1 << 14] before          # what a sparse destination holds
    cdef const uint8_t* registers
    cdef bint stored
    cdef Ref ref
    hll_union_begin(&seen)
    if not gather(call, 1, 1, &seen):
        return
    if seen.of == HLL_ALL_SPARSE:
        memcpy(before, hll_union_registers(&seen), HLL_REGISTERS)
    if not gather(call, 2, call.argc - 1, &seen):
        return
    registers = hll_union_registers(&seen)
    key_find(call, 1, &ref)
    ref_for_write(&ref)
    if seen.of == HLL_SOME_DENSE:
        stored = store_dense(call, &ref, registers)
    elif ref.record == NULL:
        stored = store_new(call, &ref, registers)
    else:
        stored = store_sparse(call, &ref, before, registers)
    if not stored:
        reply_error(call, NO_MEMORY)
        return
    changed(call, 1)
    reply_ok(call)


cdef bint store_dense(Call* call, Ref* ref, const uint8_t* registers) noexcept nogil:
    cdef bint fresh = ref.record == NULL
    cdef Blob* blob = ref_block(ref, HLL_DENSE_BYTES)
    if blob == NULL:
        return False
    if fresh:
        hll_begin(blob.data)
    blob.size = HLL_DENSE_BYTES
    hll_pack(blob.data, registers, call.engine.settings.hll_wide)
    hll_forget(blob.data)
    return True


cdef bint store_bytes(Ref* ref, const uint8_t* data, size_t size) noexcept nogil:
    cdef Blob* blob = ref_block(ref, size)
    if blob == NULL:
        return False
    memcpy(blob.data, data, size)
    blob.size = size
    hll_forget(blob.data)
    return True


cdef bint store_new(Call* call, Ref* ref, const uint8_t* registers) noexcept nogil:
    """At a missing key. False: no memory."""
    cdef uint8_t[HLL_MADE_BYTES] made
    cdef size_t size
    if hll_make(made, &size, sparse_limit(call), registers) == HLL_TOO_LARGE:
        return store_dense(call, ref, registers)
    return store_bytes(ref, made, size)


cdef bint store_sparse(Call* call, Ref* ref, const uint8_t* before, const uint8_t* registers) noexcept nogil:
    """The opcodes that the destination has are changed register by register, as PFADD does it.

    That happens in memory aside, so that all is done or nothing. False: no memory.
    """
    cdef Hll old
    cdef char[24] scratch
    cdef size_t size, room, limit = sparse_limit(call)
    cdef HllChange done
    cdef uint8_t* made
    cdef bint stored = False
    record_string(ref.record, scratch, &old.data, &old.size)
    size = old.size
    room = size + min(limit, <size_t>HLL_REGISTERS + HLL_GROWTH)       # one byte for each register at most
    made = <uint8_t*>malloc(room)
    if made == NULL:
        return False
    memcpy(made, old.data, size)
    done = hll_raise_all(made, &size, room, limit, before, registers)
    if done == HLL_TOO_LARGE:
        stored = store_dense(call, ref, registers)
    elif done == HLL_CHANGED:
        stored = store_bytes(ref, made, size)
    free(made)
    return stored


# ---- for tests ----

cdef void pfdebug(Call* call) noexcept nogil:
    cdef Ref ref
    cdef Hll hll
    if arg_is(call, 1, b"SIMD"):
        switch_wide(call)
        return
    if key_find(call, 2, &ref) == NULL:
        reply_error(call, b"ERR The specified key does not exist")
        return
    if not is_hll(call, ref.record, &hll):
        return
    call_raw(ref.record)
    if arg_is(call, 1, b"GETREG"):
        reply_registers(call, &ref, &hll)
    elif arg_is(call, 1, b"DECODE"):
        reply_opcodes(call, &hll)
    elif arg_is(call, 1, b"ENCODING"):
        reply_status(call, b"sparse" if hll_encoding(hll.data) == HLL_SPARSE else b"dense")
    elif arg_is(call, 1, b"TODENSE"):
        if hll_encoding(hll.data) == HLL_DENSE:
            reply_int(call, 0)
        elif turn_dense(call, &ref, &hll):
            reply_int(call, 1)
    else:
        refuse_subcommand(call)


cdef void switch_wide(Call* call) noexcept nogil:
    if arg_is(call, 2, b"ON"):
        call.engine.settings.hll_wide = True
    elif arg_is(call, 2, b"OFF"):
        call.engine.settings.hll_wide = False
    else:
        reply_error(call, b"ERR Argument must be ON or OFF")
        return
    reply_status(call, b"enabled" if call.engine.settings.hll_wide and hll_wide_exists() else b"disabled")


cdef void refuse_subcommand(Call* call) noexcept nogil:
    cdef char[200] text
    cdef int n = snprintf(text, sizeof(text), b"ERR Unknown PFDEBUG subcommand '%.*s'",
                          <int>min(call.argv[1].size, <size_t>128), <const char*>call.argv[1].data)
    reply_error_size(call, text, n)


cdef bint turn_dense(Call* call, Ref* ref, const Hll* hll) noexcept nogil:
    """Makes a sparse one dense for a test's eyes. False: the error has been replied."""
    cdef int done
    ref_for_write(ref)
    done = densify(call, ref, hll)
    if done == HLL_CHANGED:
        changed(call, 2)
        return True
    if done == HLL_CORRUPT:
        reply_corrupt(call)
    else:
        reply_error(call, NO_MEMORY)
    return False


cdef void reply_registers(Call* call, Ref* ref, const Hll* hll) noexcept nogil:
    cdef uint8_t[1 << 14] registers
    cdef int i
    memset(registers, 0, HLL_REGISTERS)
    if not hll_merge(registers, hll.data, hll.size, call.engine.settings.hll_wide):
        reply_corrupt(call)
        return
    if hll_encoding(hll.data) == HLL_SPARSE and not turn_dense(call, ref, hll):
        return
    reply_array(call, HLL_REGISTERS)
    for i in range(HLL_REGISTERS):
        reply_int(call, registers[i])


cdef enum:
    OPCODE_TEXT = 9                       # longest text of an opcode: "Z:16384 "


cdef void reply_opcodes(Call* call, const Hll* hll) noexcept nogil:
    cdef char* text
    cdef size_t n = 0, at = HLL_HEADER
    cdef HllRun run
    if hll_encoding(hll.data) != HLL_SPARSE:
        reply_error(call, b"ERR HLL encoding is not sparse")
        return
    text = <char*>malloc((hll.size - HLL_HEADER + 1) * OPCODE_TEXT)
    if text == NULL:
        reply_error(call, NO_MEMORY)
        return
    while hll_next_run(hll.data, hll.size, &at, &run):
        if run.value:
            n += snprintf(text + n, OPCODE_TEXT, b"v:%d,%d ", <int>run.value, <int>run.length)
        else:
            n += snprintf(text + n, OPCODE_TEXT, b"%c:%d ", <int>(90 if run.two_bytes else 122), <int>run.length)
    reply_bulk(call, text, n - 1 if n else 0)
    free(text)


cdef enum:
    TESTED = 1000000                      # elements that PFSELFTEST counts


cdef bint close_enough(uint64_t counted, int64_t n) noexcept nogil:
    """Within six standard errors; of a few elements all are told apart, but for an unlucky one."""
    return fabs(<double>counted - n) <= 6 * 0.0081 * n + 1


cdef void pfselftest(Call* call) noexcept nogil:
    """Counts elements in both forms, looking at 1, 2, 4 ... of them: equal, and about right."""
    cdef uint8_t[HLL_DENSE_BYTES] hll
    cdef uint8_t[1 << 14] registers
    cdef size_t size = HLL_DENSE_BYTES
    cdef HllCursor cursor
    cdef HllHit hit
    cdef uint64_t counted
    cdef int64_t n
    cdef bint wide = call.engine.settings.hll_wide
    memset(registers, 0, HLL_REGISTERS)
    hll_begin(hll)
    hll_pack(hll, registers, wide)
    memset(&cursor, 0, sizeof(HllCursor))
    for n in range(1, TESTED + 1):
        hit = hll_hit(&n, sizeof(n))
        if registers[hit.index] < hit.value:
            registers[hit.index] = hit.value
        hll_raise(hll, &size, size, size, hit, &cursor)
        if n & (n - 1) and n != TESTED:
            continue
        if not hll_count(hll, size, &counted) or counted != hll_count_registers(registers) or (
                not close_enough(counted, n)):
            reply_error(call, b"ERR TESTFAILED the estimate is wrong")
            return
    reply_ok(call)
