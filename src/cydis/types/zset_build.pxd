"""Sorted sets made at once, of members that are in order already: what *STORE commands put at their destination."""
from cydis.core.scoreboard cimport ScoreItem
from cydis.types.context cimport Context


# The value of a set of `count` > 0 different members in order of (score, bytes), and its encoding. `hashed`: the items
# have hash_bytes(cx.seed). NULL: no memory. O(count).
cdef void* zset_build(Context* cx, const ScoreItem* items, size_t count, bint hashed, int* encoding) noexcept nogil
