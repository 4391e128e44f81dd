"""What SCAN, SSCAN, HSCAN and ZSCAN share: their options, how far one call goes, and the reply."""
from libc.stdint cimport int64_t, uint8_t, uint64_t

from cydis.core.buffer cimport Buffer
from cydis.core.listpack cimport ListpackValue
from cydis.engine.call cimport Call

cdef enum:
    SCAN_HOME = 4096                      # bytes of elements that need no allocation

cdef enum:                                # what is walked over
    SCAN_MEMBERS = 0                      # a set
    SCAN_FIELDS = 1                       # a hash
    SCAN_SCORED = 2                       # a sorted set
    SCAN_KEYS = 3                         # a database


cdef struct Scan:
    Call* call
    const uint8_t* pattern                # NULL: everything
    size_t pattern_size
    bint keys_only                        # NOVALUES, NOSCORES
    int type                              # TYPE of SCAN; -1: every type
    int64_t count                         # elements to look at
    int64_t steps                         # that this call may still take
    uint64_t seen                         # elements looked at, wanted or not
    uint64_t found                        # bulk strings in `out`
    Buffer out                            # the elements, as they will be replied
    uint8_t[SCAN_HOME] home


# Reads the options that a walk over `what` has, from argument `first` on: MATCH and COUNT; NOVALUES of fields; NOSCORES
# of scored members; TYPE of keys. False: the error has been replied.
cdef bint scan_begin(Scan* scan, Call* call, int first, int what) noexcept nogil
cdef bint scan_wants(Scan* scan, const ListpackValue* element) noexcept nogil            # does the pattern match?
cdef void scan_add(Scan* scan, const ListpackValue* element) noexcept nogil
# Whether the walk goes on from this cursor within the same call.
cdef bint scan_goes_on(Scan* scan, uint64_t cursor) noexcept nogil
cdef void scan_end(Scan* scan, uint64_t cursor) noexcept nogil                           # replies
