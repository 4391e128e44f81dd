"""LZF, the compression inside serialised values; see docs/serialization.md."""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize


def compress(bytes data):
    """The bytes compressed, or None where that would not make them smaller. O(size)."""
    if len(data) < 2:
        return None
    cdef bytes out = PyBytes_FromStringAndSize(NULL, len(data) - 1)
    cdef size_t size = lzf_compress(<const char*>data, len(data), PyBytes_AS_STRING(out), len(data) - 1)
    return out[:size] if size else None


def decompress(bytes data, Py_ssize_t size):
    """The `size` bytes that were compressed. Raises ValueError if `data` is not that. O(size)."""
    if size < 0 or <size_t>size > LZF_MOST * <size_t>len(data):
        raise ValueError("not so many bytes can come of these")
    cdef bytes out = PyBytes_FromStringAndSize(NULL, size)
    if not lzf_decompress(<const char*>data, len(data), PyBytes_AS_STRING(out), size):
        raise ValueError("not compressed bytes of this size")
    return out
