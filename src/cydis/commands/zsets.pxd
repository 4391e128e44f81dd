"""What the families of sorted sets share: how they reply members with scores, add, and store a result."""
from libc.stdint cimport uint64_t

from cydis.core.listpack cimport ListpackValue
from cydis.core.resp cimport RespArg
from cydis.core.scoreboard cimport ScoreItem
from cydis.engine.call cimport Call
from cydis.engine.reply cimport reply_array, reply_double, reply_element
from cydis.types.zsets cimport ZsetTally

# Puts a set of these members, in order and none twice, at argument `arg`, whatever is there; none: deletes that.
# Replies how many they are, or that memory was refused. `hashed`: the items have hash_bytes(cx.seed).
cdef void store_items(Call* call, int arg, const ScoreItem* items, size_t count, bint hashed) noexcept nogil

# Puts members into the set of argument 1: see zset_add. What became of the last one; where it failed, the error has
# been replied.
cdef int add_members(Call* call, const RespArg* pairs, const double* scores, size_t count, int flags,
                     ZsetTally* tally) noexcept nogil


cdef inline void reply_ranked_header(Call* call, uint64_t count, bint scores) noexcept nogil:
    """Members alone, or with scores: pairs in RESP3, flat in RESP2."""
    reply_array(call, 2 * count if scores and call.resp == 2 else count)


cdef inline void reply_ranked(Call* call, const ListpackValue* member, double score, bint scores) noexcept nogil:
    if scores and call.resp > 2:
        reply_array(call, 2)
    reply_element(call, member)
    if scores:
        reply_double(call, score)
