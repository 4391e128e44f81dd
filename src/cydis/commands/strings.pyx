"""String commands: being written."""
from libc.stdint cimport int64_t, uint8_t
from cydis.core.number cimport number_parse_int
from cydis.core.record cimport Record
from cydis.engine.call cimport Call
from cydis.engine.keyspace cimport *
from cydis.engine.reply cimport *
from cydis.engine.table cimport *
from cydis.engine.value cimport TYPE_STRING

cdef Row[2] ROWS = [
    Row(b"GET", get, 2, READ | FAST, KEY1),
    Row(b"SET", set_, -3, WRITE | DENYOOM | BRIEF, KEY1),
]
register(b"string", ROWS, 2)

cdef void get(Call* call) noexcept nogil:
    cdef Record* r
    cdef char[24] scratch
    cdef const uint8_t* data
    cdef size_t size
    cdef int found = read_typed(call, 1, TYPE_STRING, &r)
    if found == 1:
        record_string(r, scratch, &data, &size)
        reply_bulk(call, data, size)
    elif found == 0:
        reply_null(call)

cdef void set_(Call* call) noexcept nogil:
    cdef Ref ref
    cdef int64_t n
    key_write(call, 1, &ref)
    if call.argv[2].size <= 20 and number_parse_int(call.argv[2].data, call.argv[2].size, &n):
        ref_store_int(&ref, n, -1)
    else:
        ref_store_bytes(&ref, call.argv[2].data, call.argv[2].size, -1)
    changed(call, 1)
    reply_ok(call)
