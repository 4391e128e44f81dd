"""How the families of sorted sets reply members with their scores."""
from libc.stdint cimport uint64_t

from cydis.core.listpack cimport ListpackValue
from cydis.engine.call cimport Call
from cydis.engine.reply cimport reply_array, reply_double, reply_element


cdef inline void reply_ranked_header(Call* call, uint64_t count, bint scores) noexcept nogil:
    """Members alone, or with scores: pairs in RESP3, flat in RESP2."""
    reply_array(call, 2 * count if scores and call.resp == 2 else count)


cdef inline void reply_ranked(Call* call, const ListpackValue* member, double score, bint scores) noexcept nogil:
    if scores and call.resp > 2:
        reply_array(call, 2)
    reply_element(call, member)
    if scores:
        reply_double(call, score)
