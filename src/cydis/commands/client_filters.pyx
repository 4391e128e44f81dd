"""The filters of CLIENT LIST and CLIENT KILL.

A filter is a name and a value; NOT- before the name turns it round. Given twice, the later one holds, but numbers of
ID and NOT-ID add up. All filters must hold.

Costs: reading n numbers O(n log n); testing a client O(1) filters, O(log n) for numbers.
"""
from libc.stdint cimport int64_t, uint32_t
from libc.stdio cimport snprintf
from libc.stdlib cimport free, malloc, qsort
from libc.string cimport memcmp, memset, strchr, strlen

from cydis.core.number cimport number_parse_int
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, arg_is
from cydis.engine.database cimport (
    CLIENT_CAPA_REDIRECT, CLIENT_CLOSE_AFTER_REPLY, CLIENT_CLOSE_NOW, CLIENT_NO_EVICT, CLIENT_NO_TOUCH, CLIENT_UNIX,
    Client,
)
from cydis.engine.reply cimport NO_MEMORY, reply_error, reply_error_size, reply_syntax

ctypedef const char* Text
cdef Text[TEXTS] NAMES                    # filters by a text, at their BY_ number
NAMES[:] = [b"ADDR", b"LADDR", b"IP", b"NAME", b"LIB-NAME", b"LIB-VER", b"FLAGS", b"CAPA", b"USER", b"TYPE"]

cdef Text KNOWN_FLAGS = b"ABEIMNOPRSTUbcdeirtux"


cdef int flag_letters(uint32_t flags, char* out) noexcept nogil:
    cdef int n = 0
    if flags & CLIENT_CLOSE_AFTER_REPLY:
        out[n] = b"c"
        n += 1
    if flags & CLIENT_CLOSE_NOW:
        out[n] = b"A"
        n += 1
    if flags & CLIENT_UNIX:
        out[n] = b"U"
        n += 1
    if flags & CLIENT_NO_EVICT:
        out[n] = b"e"
        n += 1
    if flags & CLIENT_NO_TOUCH:
        out[n] = b"T"
        n += 1
    if n == 0:
        out[0] = b"N"
        n = 1
    out[n] = 0
    return n


# ---- reading ----

cdef bint refuse(Call* call, const char* form, const char* label, const RespArg* value) noexcept nogil:
    """Replies an error made of a label and a value. Always false."""
    cdef char[320] text
    cdef int size = <int>min(value.size, <size_t>128)
    reply_error_size(call, text, snprintf(text, sizeof(text), form, label, size, <const char*>value.data))
    return False


cdef bint refuse_label(Call* call, const char* form, const char* label) noexcept nogil:
    cdef char[96] text
    reply_error_size(call, text, snprintf(text, sizeof(text), form, label))
    return False


cdef bint only_letters(const RespArg* value, const char* letters) noexcept nogil:
    cdef size_t i
    for i in range(value.size):
        if value.data[i] == 0 or strchr(letters, value.data[i]) == NULL:
            return False
    return True


cdef bint same(const RespArg* value, const char* text) noexcept nogil:
    cdef size_t size = strlen(text)
    return value.size == size and memcmp(value.data, text, size) == 0


cdef bint text_is_right(Call* call, int by, int arg, const char* label) noexcept nogil:
    """Checks the value of a filter by text; false: the client was told."""
    cdef const RespArg* value = &call.argv[arg]
    if by == BY_FLAGS and not only_letters(value, KNOWN_FLAGS):
        return refuse(call, b"ERR Unknown flags found in the %s filter: %.*s", label, value)
    if by == BY_CAPA and not only_letters(value, b"r"):
        return refuse(call, b"ERR Unknown capa found in the %s filter: %.*s", label, value)
    if by == BY_USER and not same(value, b"default"):
        return refuse(call, b"ERR No such %s '%.*s'", b"user", value)
    if by == BY_TYPE and not (
            arg_is(call, arg, b"NORMAL") or arg_is(call, arg, b"PUBSUB") or arg_is(call, arg, b"MASTER")
            or arg_is(call, arg, b"PRIMARY") or arg_is(call, arg, b"SLAVE") or arg_is(call, arg, b"REPLICA")):
        return refuse(call, b"ERR Unknown client %s '%.*s'", b"type", value)
    return True


cdef bint take_ids(Sided* side, Call* call, int* i) noexcept nogil:
    """Reads the numbers that stand from argument i on; there is at least one. Moves i behind them."""
    cdef int64_t id
    cdef int start = i[0]
    while i[0] < call.argc and number_parse_int(call.argv[i[0]].data, call.argv[i[0]].size, &id):
        if id < 1:
            reply_error(call, b"ERR client-id should be greater than 0")
            return False
        if side.ids == NULL:
            side.ids = <int64_t*>malloc(call.argc * sizeof(int64_t))
            if side.ids == NULL:
                reply_error(call, NO_MEMORY)
                return False
        side.ids[side.id_count] = id
        side.id_count += 1
        i[0] += 1
    if i[0] == start:
        reply_error(call, b"ERR syntax error")
        return False
    return True


cdef bint take_seconds(Call* call, int arg, const char* label, int64_t* out) noexcept nogil:
    cdef const RespArg* value = &call.argv[arg]
    if not number_parse_int(value.data, value.size, out):
        return refuse_label(call, b"ERR %s is not an integer or out of range", label)
    if out[0] < 1:
        return refuse_label(call, b"ERR %s should be greater than 0", label)
    return True


cdef bint take_db(Sided* side, Call* call, int arg, const char* label) noexcept nogil:
    cdef const RespArg* value = &call.argv[arg]
    cdef int64_t db
    cdef char[96] text
    if not number_parse_int(value.data, value.size, &db):
        return refuse_label(call, b"ERR %s is not an integer or out of range", label)
    if db < 0 or db >= call.engine.db_count:
        reply_error_size(call, text, snprintf(text, sizeof(text), b"ERR %s number should be between 0 and %d", label,
                                              call.engine.db_count - 1))
        return False
    side.db = <int>db
    return True


cdef bint is_named(const Call* call, int i, bint negated, const char* name) noexcept nogil:
    """Whether argument i is the filter of this name; `negated`: with NOT- before it."""
    cdef RespArg rest
    cdef Call shifted
    if not negated:
        return arg_is(call, i, name)
    rest.data = call.argv[i].data + 4
    rest.size = call.argv[i].size - 4
    shifted.argv = &rest
    return arg_is(&shifted, 0, name)


cdef bint starts_with_not(const RespArg* text) noexcept nogil:
    return text.size > 4 and text.data[0] | 32 == b"n" and text.data[1] | 32 == b"o" and (
        text.data[2] | 32 == b"t") and text.data[3] == b"-"


cdef bint take_sided(Filter* f, Call* call, int* i) noexcept nogil:
    """Reads a filter that may be negated, and its value; false: the client was told."""
    cdef bint negated = starts_with_not(&call.argv[i[0]])
    cdef Sided* side = &f.refuse if negated else &f.want
    cdef const char* label
    cdef int by
    if is_named(call, i[0], negated, b"ID"):
        i[0] += 1
        return take_ids(side, call, i)
    i[0] += 2
    if is_named(call, i[0] - 2, negated, b"DB"):
        return take_db(side, call, i[0] - 1, b"NOT-DB" if negated else b"DB")
    for by in range(TEXTS):
        if is_named(call, i[0] - 2, negated, NAMES[by]):
            label = b"provided"
            if negated:
                label = b"NOT-FLAGS" if by == BY_FLAGS else b"NOT-CAPA"
            side.texts[by] = call.argv[i[0] - 1]
            return text_is_right(call, by, i[0] - 1, label)
    reply_syntax(call)
    return False


cdef bint take_one(Filter* f, Call* call, int* i) noexcept nogil:
    """Reads the filter that begins at argument i and moves i behind it; false: the client was told."""
    if i[0] + 1 >= call.argc:
        reply_syntax(call)
        return False
    if arg_is(call, i[0], b"SKIPME"):
        f.skip_me = arg_is(call, i[0] + 1, b"YES")
        if not f.skip_me and not arg_is(call, i[0] + 1, b"NO"):
            reply_syntax(call)
            return False
    elif arg_is(call, i[0], b"MAXAGE"):
        if not take_seconds(call, i[0] + 1, b"maxage", &f.max_age):
            return False
    elif arg_is(call, i[0], b"IDLE"):
        if not take_seconds(call, i[0] + 1, b"idle", &f.idle):
            return False
    else:
        return take_sided(f, call, i)
    i[0] += 2
    return True


cdef int by_number(const void* a, const void* b) noexcept nogil:
    cdef int64_t x = (<const int64_t*>a)[0], y = (<const int64_t*>b)[0]
    return (x > y) - (x < y)


cdef bint filter_open(Filter* f, Call* call, bint skip_me) noexcept nogil:
    cdef int i = 2
    memset(f, 0, sizeof(Filter))
    f.want.db = f.refuse.db = -1
    f.skip_me = skip_me
    while i < call.argc:
        if not take_one(f, call, &i):
            filter_close(f)
            return False
    if f.want.ids != NULL:
        qsort(f.want.ids, f.want.id_count, sizeof(int64_t), by_number)
    if f.refuse.ids != NULL:
        qsort(f.refuse.ids, f.refuse.id_count, sizeof(int64_t), by_number)
    return True


cdef void filter_close(Filter* f) noexcept nogil:
    free(f.want.ids)
    free(f.refuse.ids)


# ---- testing ----

cdef bint id_among(const Sided* side, int64_t id) noexcept nogil:
    cdef int low = 0, high = side.id_count, middle
    while low < high:
        middle = (low + high) // 2
        if side.ids[middle] < id:
            low = middle + 1
        else:
            high = middle
    return low < side.id_count and side.ids[low] == id


cdef bint has_ip(const RespArg* ip, const char* addr) noexcept nogil:
    """Whether "ip:port" or "[ip6]:port" has this IP."""
    cdef size_t size = strlen(addr)
    while size and addr[size] != b":":
        size -= 1
    if size > 1 and addr[0] == b"[":
        addr += 1
        size -= 2
    return ip.size == size and memcmp(ip.data, addr, size) == 0


cdef bint text_holds(int by, const RespArg* value, const Client* c) noexcept nogil:
    cdef char[32] letters
    if by == BY_ADDR:
        return same(value, c.addr)
    if by == BY_LADDR:
        return same(value, c.laddr)
    if by == BY_IP:
        return has_ip(value, c.addr)
    if by == BY_NAME:
        return c.name != NULL and same(value, c.name)
    if by == BY_LIB_NAME:
        return c.lib_name != NULL and same(value, c.lib_name)
    if by == BY_LIB_VER:
        return c.lib_ver != NULL and same(value, c.lib_ver)
    if by == BY_FLAGS:
        flag_letters(c.flags, letters)
        return only_letters(value, letters)
    if by == BY_CAPA:
        return value.size == 0 or c.flags & CLIENT_CAPA_REDIRECT
    if by == BY_TYPE:                     # every client is a normal one
        return value.size == 6 and value.data[0] | 32 == b"n"
    return True                           # BY_USER: everybody is `default`


cdef bint filter_passes(const Filter* f, const Call* call, const Client* c) noexcept nogil:
    """Whether all filters hold for this client."""
    cdef int64_t now = call.engine.now
    cdef int by
    if f.skip_me and c == call.client:
        return False
    if f.want.ids != NULL and not id_among(&f.want, <int64_t>c.id):
        return False
    if f.refuse.ids != NULL and id_among(&f.refuse, <int64_t>c.id):
        return False
    if (f.want.db >= 0 and c.db != f.want.db) or c.db == f.refuse.db:
        return False
    if f.max_age and (now - c.created_ms) // 1000 < f.max_age:
        return False
    if f.idle and (now - c.seen_ms) // 1000 < f.idle:
        return False
    for by in range(TEXTS):
        if f.want.texts[by].data != NULL and not text_holds(by, &f.want.texts[by], c):
            return False
        if f.refuse.texts[by].data != NULL and text_holds(by, &f.refuse.texts[by], c):
            return False
    return True
