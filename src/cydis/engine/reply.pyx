"""Error replies, and counting them by their first word."""
from libc.stdio cimport snprintf
from libc.string cimport memcmp, memcpy, strlen

from cydis.core.resp cimport resp_error
from cydis.engine.call cimport Call
from cydis.engine.database cimport MAX_ERROR_KINDS, Engine, ErrorStat


cdef void count_error(Engine* engine, const char* text, size_t size) noexcept nogil:
    """Errors are counted by kind; once there are too many kinds (somebody makes them up) only known ones are."""
    cdef size_t n = 0
    cdef int i
    cdef ErrorStat* stat
    engine.stats.errors += 1
    while n < size and text[n] != b" " and n < sizeof(stat.prefix) - 1:
        n += 1
    for i in range(engine.error_kinds):
        stat = &engine.error_stats[i]
        if memcmp(stat.prefix, text, n) == 0 and stat.prefix[n] == 0:
            stat.count += 1
            return
    if engine.error_kinds < MAX_ERROR_KINDS:
        stat = &engine.error_stats[engine.error_kinds]
        memcpy(stat.prefix, text, n)
        stat.prefix[n] = 0
        stat.count = 1
        engine.error_kinds += 1


cdef void reply_error_size(Call* call, const char* text, size_t size) noexcept nogil:
    """An error reply. `text`: kind and message, any bytes; it ends in exactly one line end."""
    call.failed = True
    while size and (text[size - 1] == 10 or text[size - 1] == 13):
        size -= 1
    count_error(call.engine, text, size)
    resp_error(call.out, text, size)


cdef void reply_error(Call* call, const char* text) noexcept nogil:
    reply_error_size(call, text, strlen(text))


cdef void reply_bad_arity(Call* call) noexcept nogil:
    cdef char[128] text
    reply_error_size(call, text, snprintf(text, sizeof(text), b"ERR wrong number of arguments for '%s' command",
                                          &call.command.name[0]))


cdef void reply_bad_moment(Call* call) noexcept nogil:
    cdef char[128] text
    reply_error_size(call, text, snprintf(text, sizeof(text), b"ERR invalid expire time in '%s' command",
                                          &call.command.name[0]))
