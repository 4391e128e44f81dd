"""Cython's view of csrc/resp.h; the header is the manual."""
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from cydis.core.buffer cimport Buffer


cdef extern from "resp.h" nogil:
    const int RESP_MAX_INLINE, RESP_MAX_BULK, RESP_ERROR_MAX

    ctypedef struct RespArg:
        const uint8_t* data
        size_t size

    ctypedef struct RespArgs:
        RespArg* items
        size_t used
        size_t size

    ctypedef struct RespLimits:
        int64_t max_bulk
        size_t max_inline
        bint authenticated

    ctypedef enum RespStatus:
        RESP_INCOMPLETE
        RESP_REQUEST
        RESP_ERROR
        RESP_CLOSE

    ctypedef struct RespParser:
        size_t start
        size_t pos
        size_t first
        size_t argc
        size_t need

    void resp_args_close(RespArgs* args) noexcept
    void resp_args_drop(RespParser* parser, RespArgs* args) noexcept
    RespStatus resp_parse(RespParser* parser, const RespLimits* limits, uint8_t* buf, size_t size,
                          RespArgs* args) noexcept
    size_t resp_error_text(const RespParser* parser, char* out) noexcept
    void resp_rebase(RespArgs* args, size_t first, const uint8_t* old_base, const uint8_t* new_base) noexcept
    bint resp_reserve(RespArgs* args, Buffer* input, size_t extra) noexcept
    void resp_compact(RespParser* parser, RespArgs* args, Buffer* input) noexcept

    void resp_status(Buffer* b, const void* text, size_t n) noexcept
    void resp_ok(Buffer* b) noexcept
    void resp_error(Buffer* b, const void* text, size_t n) noexcept
    void resp_integer(Buffer* b, int64_t n) noexcept
    void resp_bulk(Buffer* b, const void* data, size_t n) noexcept
    void resp_bulk_integer(Buffer* b, int64_t v) noexcept
    void resp_null(Buffer* b, int proto) noexcept
    void resp_null_array(Buffer* b, int proto) noexcept
    void resp_array(Buffer* b, int64_t n) noexcept
    void resp_map(Buffer* b, int64_t n, int proto) noexcept
    void resp_set(Buffer* b, int64_t n, int proto) noexcept
    void resp_push(Buffer* b, int64_t n, int proto) noexcept
    void resp_double(Buffer* b, double v, int proto) noexcept
    void resp_bool(Buffer* b, bint v, int proto) noexcept
    void resp_big_number(Buffer* b, const void* digits, size_t n, int proto) noexcept
    void resp_verbatim(Buffer* b, const char* format, const void* data, size_t n, int proto) noexcept
    size_t resp_mark(const Buffer* b) noexcept
    void resp_insert_header(Buffer* b, size_t mark, char type, int64_t n) noexcept
    void resp_insert_map(Buffer* b, size_t mark, int64_t n, int proto) noexcept
    char resp_set_type(int proto) noexcept
