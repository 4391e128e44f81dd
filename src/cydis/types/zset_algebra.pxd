"""Unions, intersections and differences of sorted sets, onto a scoreboard.

Plain sets take part too, each member with score 1. Whatever a weight makes of a score, or a sum of two
scores, that is no number is 0.
"""
from libc.stdint cimport uint64_t

from cydis.core.record cimport Record
from cydis.core.scoreboard cimport Scoreboard
from cydis.types.context cimport Context


cdef enum Aggregate:                      # what becomes of a member's scores
    SCORE_SUM
    SCORE_MIN
    SCORE_MAX


cdef struct ZsetSource:
    const Record* record                  # NULL: an empty set
    bint plain                            # a set, not a sorted one
    double weight
    int place                             # of the algebra's own use


# Each puts its result on an open, empty board, whose items have hashes of cx.seed; their members lie in the sources or
# on the board. The two first bring the sources into another order. False: no memory.
cdef bint zset_unite(Context* cx, ZsetSource* sources, int count, Aggregate how, Scoreboard* board) noexcept nogil
# *found becomes the size of the result; at `limit` > 0 it ends. A board NULL: it is only counted.
cdef bint zset_intersect(Context* cx, ZsetSource* sources, int count, Aggregate how, uint64_t limit, Scoreboard* board,
                         uint64_t* found) noexcept nogil
# Weights mean nothing here.
cdef bint zset_subtract(Context* cx, ZsetSource* sources, int count, Scoreboard* board) noexcept nogil
