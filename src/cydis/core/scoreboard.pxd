"""Cython's view of csrc/scoreboard.h; the header is the manual."""
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cydis.core.heap cimport Heap


cdef extern from "scoreboard.h" nogil:
    enum:
        SCOREBOARD_INT                    # bytes of keep_int; a constant expression

    ctypedef struct ScoreItem:
        double score                      # NaN: dropped
        const uint8_t* member             # borrowed
        uint64_t hash
        uint32_t size                     # of member

    ctypedef struct Scoreboard:           # large, and never moved
        ScoreItem* items
        size_t count

    void scoreboard_open(Scoreboard* board, Heap* heap) noexcept
    void scoreboard_close(Scoreboard* board) noexcept
    # false and NULL: no memory
    bint scoreboard_expect(Scoreboard* board, size_t count) noexcept
    char* scoreboard_keep_int(Scoreboard* board) noexcept
    bint scoreboard_push(Scoreboard* board, const ScoreItem* item, bint known) noexcept
    ScoreItem* scoreboard_find(const Scoreboard* board, uint64_t hash, const uint8_t* member, uint32_t size) noexcept
    void scoreboard_prefetch(const Scoreboard* board, uint64_t hash) noexcept
    bint scoreboard_sort(Scoreboard* board) noexcept
