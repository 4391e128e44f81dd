"""Cython's view of csrc/resp.h; the header is the manual."""
from libc.stdint cimport int64_t, uint8_t, uint64_t

from cydis.core.buffer cimport Buffer


cdef extern from "resp.h" nogil:
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

    ctypedef struct RespParser:
        size_t pos
        size_t first
        size_t argc
        size_t need
        const char* error

    ctypedef enum RespStatus:
        RESP_REQUEST
        RESP_INCOMPLETE
        RESP_ERROR

    void resp_parser_init(RespParser* p) noexcept
    void resp_args_close(RespArgs* a) noexcept
    void resp_rebase(RespArgs* a, size_t first, const uint8_t* old, const uint8_t* new) noexcept
    RespStatus resp_parse(RespParser* p, const RespLimits* l, const uint8_t* b, size_t size, RespArgs* a) noexcept
    void resp_status(Buffer* b, const char* t, size_t n) noexcept
    void resp_error(Buffer* b, const char* t, size_t n) noexcept
    void resp_integer(Buffer* b, int64_t n) noexcept
    void resp_bulk(Buffer* b, const void* d, size_t n) noexcept
    void resp_null(Buffer* b, int v) noexcept
    void resp_null_array(Buffer* b, int v) noexcept
    void resp_array(Buffer* b, size_t n) noexcept
    void resp_map(Buffer* b, int v, size_t n) noexcept
    void resp_set(Buffer* b, int v, size_t n) noexcept
    void resp_push(Buffer* b, int v, size_t n) noexcept
    void resp_double(Buffer* b, int v, double d) noexcept
    void resp_bool(Buffer* b, int v, bint x) noexcept
    void resp_verbatim(Buffer* b, int v, const char* f, const void* d, size_t n) noexcept
    size_t resp_mark(Buffer* b) noexcept
    void resp_insert_header(Buffer* b, size_t mark, char type, size_t n) noexcept
