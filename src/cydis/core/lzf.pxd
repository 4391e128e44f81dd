"""Compressed bytes: csrc/lzf.h is the manual."""

cdef extern from "lzf.h" nogil:
    const size_t LZF_MOST                 # times that bytes can grow when they are decompressed

    size_t lzf_compress(const void* data, size_t n, void* out, size_t room) noexcept          # 0: does not fit
    bint lzf_decompress(const void* data, size_t n, void* out, size_t size) noexcept
