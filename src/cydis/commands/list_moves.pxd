"""What list_waits shares with list_moves."""
from libc.stdint cimport int64_t

from cydis.engine.call cimport Call


cdef struct Take:                         # what LMPOP asks for
    int first, end                        # its keys: argv[first] to before argv[end]
    bint head
    int64_t count

cdef bint read_end(Call* call, int i, bint* head) noexcept nogil
cdef bint list_move(Call* call, bint from_head, bint to_head) noexcept nogil
cdef bint read_take(Call* call, int at, Take* take) noexcept nogil
cdef bint list_take_first(Call* call, const Take* take) noexcept nogil
