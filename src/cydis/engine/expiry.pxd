"""The expiry cycle and the engine's other periodic work."""
from cydis.engine.database cimport Engine

# A turn of periodic work, which begins a cycle of expiry: first values that wait to be freed, then expiry. It takes
# about `budget_us` microseconds at most, and costs nothing like that when there is nothing to do. True: more waits.
cdef bint engine_cron(Engine* engine, long budget_us) noexcept nogil

# Another turn of the same cycle.
cdef bint engine_go_on(Engine* engine, long budget_us) noexcept nogil
