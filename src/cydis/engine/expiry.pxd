"""The expiry cycle and the engine's other periodic work."""
from cydis.engine.database cimport Db, Engine

# One turn of periodic work, at most about `budget_us` long; true when more waits.
cdef bint engine_cron(Engine* engine, long budget_us) noexcept nogil
