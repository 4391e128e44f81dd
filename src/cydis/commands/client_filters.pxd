"""Which clients CLIENT LIST and CLIENT KILL mean: the reading of filters, and the test of one client."""
from libc.stdint cimport int64_t, uint32_t

from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call
from cydis.engine.database cimport Client

cdef enum:                                # filters by a text; Filter.want and .refuse are indexed by them
    BY_ADDR = 0
    BY_LADDR = 1
    BY_IP = 2
    BY_NAME = 3
    BY_LIB_NAME = 4
    BY_LIB_VER = 5
    BY_FLAGS = 6
    BY_CAPA = 7
    BY_USER = 8
    BY_TYPE = 9
    TEXTS = 10

cdef struct Sided:                        # what is asked for (Filter.want) or excluded (Filter.refuse)
    RespArg[TEXTS] texts                  # slices of the request; data NULL: no such filter
    int db                                # -1: no such filter
    int64_t* ids                          # sorted when the filters have been read; NULL: no such filter
    int id_count

cdef struct Filter:
    Sided want, refuse
    int64_t max_age, idle                 # seconds; 0: no such filter
    bint skip_me

# Reads the filters from the third argument on. False: they are wrong, and the client was told; nothing to close.
cdef bint filter_open(Filter* f, Call* call, bint skip_me) noexcept nogil
cdef void filter_close(Filter* f) noexcept nogil
cdef bint filter_passes(const Filter* f, const Call* call, const Client* client) noexcept nogil

# The letters of CLIENT LIST's `flags`, 0-terminated, into 32 bytes; returns how many.
cdef int flag_letters(uint32_t flags, char* out) noexcept nogil
