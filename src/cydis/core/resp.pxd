"""The wire protocol: csrc/resp.h is the manual, for the ownership of slices too.

The loop cimports the parser, the speakers of the reply interface the encoders, the embedded door and the
tests the tokens. `proto` is 2 or 3.
"""
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from cydis.core.buffer cimport Buffer


cdef extern from "resp.h" nogil:
    ctypedef struct RespArg:              # a slice of the input buffer
        const uint8_t* data
        size_t size

    ctypedef struct RespArgs:             # the arguments of a batch of requests
        RespArg* items
        size_t used
        size_t size

    ctypedef struct RespLimits:
        int64_t max_bulk                  # proto-max-bulk-len
        size_t max_inline
        bint authenticated

    ctypedef struct RespParser:           # all zero: at the start of an empty buffer
        size_t start                      # where the current request begins; before it all is done with
        size_t pos                        # next byte to read
        size_t first                      # the request's arguments are items[first .. first + argc)
        size_t argc
        size_t need                       # incomplete: bytes missing of the current bulk, 0: unknown
        int32_t remaining                 # arguments to come; 0: between requests, -1: after an error

    ctypedef enum RespStatus:
        RESP_INCOMPLETE
        RESP_REQUEST
        RESP_ERROR
        RESP_CLOSE                        # no memory

    enum:
        RESP_MAX_INLINE
        RESP_MAX_BULK
        RESP_ERROR_MAX
        RESP_DEPTH_MAX

    # requests
    RespStatus resp_parse(RespParser* parser, const RespLimits* limits, uint8_t* buf, size_t size,
                          RespArgs* args) noexcept
    size_t resp_error_text(const RespParser* parser, char* out) noexcept
    bint resp_args_grow(RespArgs* args, size_t n) noexcept
    void resp_args_close(RespArgs* args) noexcept
    void resp_args_drop(RespParser* parser, RespArgs* args) noexcept
    void resp_rebase(RespArgs* args, size_t first, const uint8_t* old_base, const uint8_t* new_base) noexcept
    bint resp_reserve(RespArgs* args, Buffer* input, size_t extra) noexcept
    void resp_compact(RespParser* parser, RespArgs* args, Buffer* input) noexcept

    # replies
    void resp_ok(Buffer* b) noexcept
    void resp_status(Buffer* b, const void* text, size_t n) noexcept
    void resp_error(Buffer* b, const void* text, size_t n) noexcept
    void resp_integer(Buffer* b, int64_t n) noexcept
    void resp_bulk(Buffer* b, const void* bytes, size_t n) noexcept
    void resp_bulk_integer(Buffer* b, int64_t v) noexcept
    void resp_null(Buffer* b, int proto) noexcept
    void resp_null_array(Buffer* b, int proto) noexcept
    void resp_array(Buffer* b, int64_t n) noexcept
    void resp_set(Buffer* b, int64_t n, int proto) noexcept
    void resp_map(Buffer* b, int64_t n, int proto) noexcept
    void resp_push(Buffer* b, int64_t n, int proto) noexcept
    void resp_double(Buffer* b, double v, int proto) noexcept
    void resp_double_text(Buffer* b, const void* digits, size_t n, int proto) noexcept
    void resp_bool(Buffer* b, bint v, int proto) noexcept
    void resp_big_number(Buffer* b, const void* digits, size_t n, int proto) noexcept
    void resp_verbatim(Buffer* b, const char* format, const void* bytes, size_t n, int proto) noexcept
    void resp_request(Buffer* b, int64_t argc) noexcept
    void resp_header(Buffer* b, char type, int64_t n) noexcept
    size_t resp_mark(const Buffer* b) noexcept
    void resp_insert_header(Buffer* b, size_t mark, char type, int64_t n) noexcept
    void resp_insert_map(Buffer* b, size_t mark, int64_t n, int proto) noexcept
    char resp_map_type(int proto) noexcept
    char resp_set_type(int proto) noexcept
    char resp_push_type(int proto) noexcept

    # replies read back
    ctypedef struct RespToken:
        char type                         # the wire's: + - : $ * _ , # ( ! = % ~ > |
        bint null
        RespArg text
        const uint8_t* format             # of =, its three letters
        int64_t integer
        double number
        uint64_t count                    # elements, or pairs of % and |
        uint64_t children                 # elements that follow
        size_t used                       # bytes of the token

    RespStatus resp_token(const uint8_t* p, size_t n, RespToken* token) noexcept
    RespStatus resp_walk(const uint8_t* p, size_t n, size_t* used) noexcept


cdef class RequestParser:
    cdef RespParser parser
    cdef RespLimits limits
    cdef RespArgs args
    cdef Buffer input
