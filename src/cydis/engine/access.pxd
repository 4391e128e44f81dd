"""The access clock: 24 bits in every record that say how recently, or how often, it was used.

    maxmemory-policy   bits
    other              seconds of the wall clock
    LFU                minutes of the last decay (16) | logarithmic counter (8)

A change of the policy reinterprets the bits; use puts them right again.
"""
from libc.stdint cimport uint32_t, uint64_t

from cydis.core.record cimport Record
from cydis.engine.database cimport Engine
from cydis.types.context cimport context_random

cdef enum:
    LFU_START = 5                         # a new key is not the first to go


cdef inline uint32_t lfu_counter(const Engine* e, const Record* record) noexcept nogil:
    """The counter as time has worn it: one less for every lfu-decay-time minutes that passed since it was written."""
    cdef uint32_t minutes = <uint32_t>(e.now // 60000) & 0xFFFF, then = record.clock >> 8
    cdef uint32_t counter = record.clock & 255, periods = 0
    cdef uint32_t passed = minutes - then if minutes >= then else 65536 - then + minutes
    if e.settings.lfu_decay_time:
        periods = passed // <uint32_t>e.settings.lfu_decay_time
    return 0 if periods >= counter else counter - periods


cdef inline void touch_lfu(Engine* e, Record* record) noexcept nogil:
    """Morris counter in the low 8 bits, minutes of the last decay in the 16 above (Morris 1978)."""
    cdef uint32_t counter = lfu_counter(e, record)
    cdef double base = counter - LFU_START if counter > LFU_START else 0
    if counter < 255 and (context_random(&e.context) >> 11) * (1.0 / 9007199254740992.0) * (
            base * e.settings.lfu_log_factor + 1) < 1.0:
        counter += 1
    record.clock = (<uint32_t>(e.now // 60000) & 0xFFFF) << 8 | counter


cdef inline void touch(Engine* e, Record* record) noexcept nogil:
    """Notes that a value was used."""
    if e.settings.lfu:
        touch_lfu(e, record)
    elif record.clock != e.lru_now:       # a read-mostly line stays clean within the same second
        record.clock = e.lru_now


cdef inline void first_touch(Engine* e, Record* record) noexcept nogil:
    record.clock = (<uint32_t>(e.now // 60000) & 0xFFFF) << 8 | LFU_START if e.settings.lfu else e.lru_now


cdef inline void restore_counter(Engine* e, Record* record, uint32_t counter) noexcept nogil:
    """As if it had this counter now."""
    record.clock = (<uint32_t>(e.now // 60000) & 0xFFFF) << 8 | counter


cdef inline void restore_idle(Engine* e, Record* record, uint64_t seconds) noexcept nogil:
    """As if it had been used last so many seconds ago, modulo what 24 bits can say."""
    record.clock = (e.lru_now - <uint32_t>seconds) & 0xFFFFFF
