"""The gate: every command of every door passes execute(), guard after guard, in one order."""
from cydis.engine.call cimport Call, Command


# Finds the command of a request, or NULL when there is none; execute() says so to the client.
cdef const Command* find_command(const Call* call, const Command* hint) noexcept nogil

# Runs one request to its end: a reply stands in call.out, counters are right, hooks were called.
cdef void execute(Call* call, const Command* command) noexcept nogil
