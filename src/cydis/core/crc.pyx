"""crc64, the checksum at the end of serialised values; see docs/serialization.md."""


def crc64(bytes data, crc=0):
    """The checksum of `data`, or of what has the checksum `crc` and `data` after it. O(size)."""
    return crc64_more(crc, <const char*>data, len(data))
