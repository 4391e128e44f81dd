"""What the methods of all families stand on, in a Store and in a Pipeline."""
from libc.stdint cimport uint8_t

from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Command
from cydis.store.arguments cimport TEXT, encode

cdef const Command* row(const char* name) except NULL      # the command of this name; ImportError if it has no family


cdef class Door:
    # Runs a command, or keeps it for later. `shape`: a replies.Shape. The arguments are borrowed for the call.
    cdef object perform(self, const Command* command, RespArg* argv, int argc, int shape)

    cdef object run0(self, const Command* command, int shape)
    cdef object run1(self, const Command* command, a, int shape)
    cdef object run2(self, const Command* command, a, b, int shape)
    cdef object run3(self, const Command* command, a, b, c, int shape)
    cdef object run_list(self, const Command* command, list arguments, int shape)
