"""Cython's view of csrc/outbound.h; the header is the manual."""
from libc.stdint cimport int64_t, uint8_t


cdef extern from "outbound.h" nogil:
    ctypedef enum OutboundState:
        OUTBOUND_OPEN, OUTBOUND_NO_WAY, OUTBOUND_REFUSED

    ctypedef struct Outbound:
        pass

    OutboundState outbound_open(Outbound* o, const void* host, size_t host_size, unsigned int port,
                                int64_t timeout_ms) noexcept
    bint outbound_send(Outbound* o, const void* data, size_t size) noexcept
    bint outbound_line(Outbound* o, const uint8_t** line, size_t* size) noexcept
    void outbound_close(Outbound* o) noexcept
