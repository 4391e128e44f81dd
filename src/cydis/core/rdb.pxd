"""Cython's view of csrc/rdb.h; the header is the manual."""
from libc.stdint cimport int64_t, uint8_t, uint64_t

from cydis.core.buffer cimport Buffer
from cydis.core.heap cimport Heap


cdef extern from "rdb.h" nogil:
    const unsigned int RDB_VERSION, RDB_VERSION_REDIS, RDB_VERSION_VALKEY

    ctypedef enum RdbKind:
        RDB_STRING, RDB_LIST, RDB_SET, RDB_ZSET, RDB_HASH, RDB_ZSET_2, RDB_MODULE, RDB_MODULE_2
        RDB_HASH_ZIPMAP, RDB_LIST_ZIPLIST, RDB_SET_INTSET, RDB_ZSET_ZIPLIST, RDB_HASH_ZIPLIST
        RDB_LIST_QUICKLIST, RDB_STREAM_LISTPACKS, RDB_HASH_LISTPACK, RDB_ZSET_LISTPACK, RDB_LIST_QUICKLIST_2
        RDB_STREAM_LISTPACKS_2, RDB_SET_LISTPACK, RDB_STREAM_LISTPACKS_3, RDB_HASH_2, RDB_HASH_METADATA
        RDB_HASH_LISTPACK_EX

    ctypedef struct RdbReader:
        const uint8_t* at
        const uint8_t* end

    ctypedef struct RdbText:
        const uint8_t* data "bytes"       # plain or compressed; NULL: an integer
        uint64_t packed                   # size of the compressed bytes; 0: plain
        uint64_t size                     # of the text itself
        int64_t number

    ctypedef struct RdbWriter:
        Buffer* out
        bint compress

    # reading; false: the end, or something that cannot be
    bint rdb_read_byte(RdbReader* r, uint8_t* value) noexcept
    bint rdb_read_length(RdbReader* r, uint64_t* length) noexcept
    bint rdb_read_count(RdbReader* r, uint64_t least, uint64_t* count) noexcept
    bint rdb_read_text(RdbReader* r, RdbText* text) noexcept
    bint rdb_read_double(RdbReader* r, double* value) noexcept
    bint rdb_read_digits(RdbReader* r, double* value) noexcept
    bint rdb_read_moment(RdbReader* r, int64_t* value) noexcept
    bint rdb_text_write(const RdbText* text, uint8_t* out) noexcept
    int rdb_text_bytes(const RdbText* text, Buffer* scratch, const uint8_t** data) noexcept    # -1: no memory
    int rdb_text_block(Heap* heap, const RdbText* text, uint8_t** block) noexcept              # -1: no memory
    bint rdb_open_frame(const void* data, size_t size, RdbReader* r, unsigned int* version) noexcept

    # writing
    void rdb_write_byte(RdbWriter* w, uint8_t value) noexcept
    void rdb_write_length(RdbWriter* w, uint64_t length) noexcept
    void rdb_write_text(RdbWriter* w, const void* text, size_t size) noexcept
    void rdb_write_integer(RdbWriter* w, int64_t value) noexcept
    void rdb_write_double(RdbWriter* w, double value) noexcept
    void rdb_write_moment(RdbWriter* w, int64_t value) noexcept
    void rdb_close_frame(RdbWriter* w, size_t start, unsigned int version) noexcept
