"""The embedded door, for those who cimport it."""
from libc.stdint cimport int64_t, uint64_t

from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Command
from cydis.engine.database cimport Client
from cydis.engine.door cimport EngineObject
from cydis.store.server cimport ServerMethods

cdef class Store(ServerMethods):
    cdef readonly EngineObject engine     # the engine behind this door
    cdef Client client                    # this door's place in the engine: database, protocol
    cdef bint decode                      # answers are str instead of bytes
    cdef unsigned int calls
    cdef int64_t cron_at                  # ms at which periodic work is due

    cdef void between(self, uint64_t took) noexcept nogil                # periodic work that is due, between two calls


cdef void mend_client(Client* client) noexcept nogil      # undoes what only makes sense on a socket
cdef bint is_brief(const Command* command, const RespArg* argv, int argc) noexcept nogil
