"""Commands kept to be run at once, for the Store which makes them."""
from cydis.core.buffer cimport Buffer
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Command
from cydis.store.server cimport ServerMethods


cdef struct Queued:                       # one command that waits
    const Command* command
    size_t first                          # its first argument
    int argc, shape


cdef struct Batch:                        # all that wait
    Buffer queue                          # of Queued
    Buffer args                           # of RespArg; data counts from the start of `bytes` until they stand still
    Buffer bytes
    size_t count
    bint long                             # running them may take a while


cdef class Pipeline(ServerMethods):
    cdef readonly object store
    cdef Batch batch

    cdef void take(self, Batch* b) noexcept
