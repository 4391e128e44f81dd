"""Scans of collections. See scan.pxd for the contract.

The cursor stands before the elements in the reply and is known after them, so they wait in a buffer.
"""
from libc.stdint cimport INT64_MAX, uint8_t, uint64_t
from libc.stdio cimport snprintf

from cydis.core.buffer cimport buffer_append, buffer_close, buffer_init
from cydis.core.glob cimport glob_is_all, glob_match_bytes
from cydis.core.listpack cimport LISTPACK_INT_DIGITS, ListpackValue, listpack_value_text
from cydis.core.number cimport number_format_uint
from cydis.core.resp cimport resp_bulk, resp_bulk_integer
from cydis.engine.call cimport Call, arg_int, arg_is
from cydis.engine.reply cimport reply_array, reply_bulk, reply_error, reply_error_size, reply_syntax
from cydis.engine.value cimport type_by_name

cdef enum:
    SCAN_COUNT = 10
    SCAN_PATIENCE = 10                    # steps, empty places counted, per element asked for
    CURSOR_DIGITS = 24


cdef bint read_type(Call* call, int i, int* type) noexcept nogil:
    cdef char[256] text
    type[0] = type_by_name(call.argv[i].data, call.argv[i].size)
    if type[0] >= 0:
        return True
    reply_error_size(call, text, snprintf(text, sizeof(text), b"ERR unknown type name '%.*s'",
                                          <int>min(call.argv[i].size, <size_t>200), call.argv[i].data))
    return False


cdef bint read_option(Scan* scan, Call* call, int* i, int what) noexcept nogil:
    """Reads the option at *i, which moves to the next one."""
    cdef int at = i[0]
    if arg_is(call, at, b"COUNT") and at + 1 < call.argc:
        if not arg_int(call, at + 1, &scan.count):
            return False
        if scan.count < 1:
            reply_syntax(call)
            return False
    elif arg_is(call, at, b"MATCH") and at + 1 < call.argc:
        scan.pattern = call.argv[at + 1].data
        scan.pattern_size = call.argv[at + 1].size
        if glob_is_all(scan.pattern, scan.pattern_size):
            scan.pattern = NULL
    elif what == SCAN_KEYS and arg_is(call, at, b"TYPE") and at + 1 < call.argc:
        if not read_type(call, at + 1, &scan.type):
            return False
    elif arg_is(call, at, b"NOVALUES"):
        if what != SCAN_FIELDS:
            reply_error(call, b"ERR NOVALUES option can only be used in HSCAN")
            return False
        scan.keys_only = True
        i[0] += 1
        return True
    elif arg_is(call, at, b"NOSCORES"):
        if what != SCAN_SCORED:
            reply_error(call, b"ERR NOSCORES option can only be used in ZSCAN")
            return False
        scan.keys_only = True
        i[0] += 1
        return True
    else:
        reply_syntax(call)
        return False
    i[0] += 2
    return True


cdef bint scan_begin(Scan* scan, Call* call, int first, int what) noexcept nogil:
    scan.call = call
    scan.pattern = NULL
    scan.keys_only = False
    scan.type = -1
    scan.count = SCAN_COUNT
    scan.seen = scan.found = 0
    while first < call.argc:
        if not read_option(scan, call, &first, what):
            return False
    scan.steps = scan.count * SCAN_PATIENCE if scan.count <= INT64_MAX // SCAN_PATIENCE else INT64_MAX
    buffer_init(&scan.out, scan.home, SCAN_HOME)
    return True


cdef bint scan_wants(Scan* scan, const ListpackValue* element) noexcept nogil:
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef size_t size
    cdef const uint8_t* text
    scan.seen += 1
    if scan.pattern == NULL:
        return True
    text = listpack_value_text(element, digits, &size)
    return glob_match_bytes(scan.pattern, scan.pattern_size, text, size, False)


cdef void scan_add(Scan* scan, const ListpackValue* element) noexcept nogil:
    if element.text != NULL:
        resp_bulk(&scan.out, element.text, element.size)
    else:
        resp_bulk_integer(&scan.out, element.number)
    scan.found += 1


cdef bint scan_goes_on(Scan* scan, uint64_t cursor) noexcept nogil:
    scan.steps -= 1
    return cursor != 0 and scan.steps > 0 and scan.seen < <uint64_t>scan.count


cdef void scan_end(Scan* scan, uint64_t cursor) noexcept nogil:
    cdef Call* call = scan.call
    cdef char[CURSOR_DIGITS] digits
    reply_array(call, 2)
    reply_bulk(call, digits, number_format_uint(cursor, digits))
    reply_array(call, scan.found)
    buffer_append(call.out, scan.out.data, scan.out.used)
    call.out.failed = call.out.failed or scan.out.failed
    buffer_close(&scan.out)
