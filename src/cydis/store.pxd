"""The embedded door, for those who cimport it."""
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Command
from cydis.engine.database cimport Client
from cydis.engine.door cimport EngineObject


cdef class Store:
    cdef readonly EngineObject engine     # the engine behind this door
    cdef Client client                    # this door's place in the engine: database, protocol
    cdef bint decode                      # answers are str instead of bytes
    cdef bint served                      # a network loop does the periodic work
    cdef unsigned int calls

    cdef object run(self, const Command* command, RespArg* argv, int argc, bint short)
    cdef object run0(self, const Command* command)
    cdef object run1(self, const Command* command, a)
    cdef object run2(self, const Command* command, a, b)
    cdef object run3(self, const Command* command, a, b, c)
    cdef object run_list(self, const Command* command, list arguments)
