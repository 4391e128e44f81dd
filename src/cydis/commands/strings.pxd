"""What commands that set strings share with those that set fields: their options."""
from cydis.engine.call cimport Call

cdef enum:                                # the unit of a moment, when one is given
    EX = 1
    PX = 2
    EXAT = 3
    PXAT = 4

cdef enum:                                # what a command allows
    CONDITIONS = 1                        # NX, XX
    COMPARE = 2                           # IFEQ, GET
    KEEP = 4                              # KEEPTTL
    DROP = 8                              # PERSIST
    FIELD_CONDITIONS = 16                 # FNX, FXX

cdef struct Options:
    int unit, moment                      # moment: the argument that holds it
    int equal                             # the argument of IFEQ
    bint nx, xx, get, keep, drop, fnx, fxx

# The options from argument i to before `end`; what contradicts or is not allowed is a syntax error.
cdef bint read_options(Call* call, int i, int end, int allowed, Options* o) noexcept nogil
