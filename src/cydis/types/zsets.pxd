"""Sorted sets: different members in order of (score, bytes of the member).

The record's slot holds a listpack (ENC_LISTPACK) of members and scores in turn while they are few and
short, else a Zset: a skiplist and a hash table that share their elements (ENC_SKIPLIST). Members go in as
slices and come out as ListpackValue, which lie in the set and are good until its next change. Scores are
never NaN. Ranks count from 0 at the lowest.
"""
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cydis.core.hashtable cimport Hashtable
from cydis.core.listpack cimport ListpackValue
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.core.skiplist cimport Skiplist, SkipPos, SkipRange
from cydis.types.context cimport Context


cdef struct Zset:                         # ENC_SKIPLIST
    Skiplist* list
    Hashtable table                       # of the list's elements, by member


cdef enum:                                # how zset_add treats a member
    ZSET_NX = 1                           # only new ones
    ZSET_XX = 2                           # only those there
    ZSET_GT = 4                           # only to a greater score; new ones too
    ZSET_LT = 8                           # only to a lower score; new ones too
    ZSET_INCR = 16                        # the score is added to the old one

cdef enum:                                # what became of a member
    ZSET_NO_MEMORY = -1                   # nothing changed
    ZSET_SAME = 0                         # it has this score already
    ZSET_ADDED = 1
    ZSET_UPDATED = 2
    ZSET_BLOCKED = 3                      # a condition was not met
    ZSET_NAN = 4                          # the sum is no number; nothing changed


cdef struct ZsetTally:
    size_t added, updated
    double score                          # of the last one, if it was not blocked


cdef struct ZsetWalk:                     # a way through a sorted set that does not change
    const uint8_t* pack                   # NULL: a skiplist
    uint32_t at                           # in a listpack: of the member that comes next
    SkipPos pos
    bint back

# What a function that goes through members is called with, once per member.
ctypedef void (*ZsetVisit)(void* ctx, const ListpackValue* member, double score) noexcept nogil
ctypedef void (*ZsetShow)(void* ctx, const ListpackValue* member, const ListpackValue* score) noexcept nogil


# Value of an empty set: ENC_LISTPACK or ENC_SKIPLIST; NULL: no memory.
cdef void* zset_new(Context* cx, int encoding) noexcept nogil
# The encoding for a new set of `count` members, the longest of so many bytes.
cdef int zset_fit(const Context* cx, size_t count, size_t longest) noexcept nogil
# Makes a listpack a skiplist already now if so many or so long members would not fit it. False: no memory.
cdef bint zset_expect(Context* cx, Record* zset, size_t count, size_t longest) noexcept nogil

cdef size_t zset_size(const Record* zset) noexcept nogil
cdef bint zset_score(const Record* zset, const RespArg* member, double* score) noexcept nogil
# How many are before the member (back: behind it). False: no such member.
cdef bint zset_rank(const Record* zset, const RespArg* member, bint back, uint64_t* rank, double* score) noexcept nogil

# Gives `count` members their scores, in order. pairs[1], pairs[3], … are the members. Returns what became of the
# last; stops at ZSET_NO_MEMORY and ZSET_NAN, the ones before being done.
cdef int zset_add(Context* cx, Record* zset, const RespArg* pairs, const double* scores, size_t count, int flags,
                  ZsetTally* tally) noexcept nogil
# 1: removed, 0: it was not there, -1: no memory, nothing changed
cdef int zset_remove(Context* cx, Record* zset, const RespArg* member) noexcept nogil
# Removes the ranks start <= rank < end <= size. False: no memory, nothing changed.
cdef bint zset_remove_ranks(Context* cx, Record* zset, uint64_t start, uint64_t end) noexcept nogil

# The ranks of a range: start <= rank < end; how many there are. A range by members is for sets of one score.
cdef uint64_t zset_range(const Record* zset, const SkipRange* range, uint64_t* start, uint64_t* end) noexcept nogil

# One of the members of a set that is not empty, each as likely as the others.
cdef void zset_random(Context* cx, const Record* zset, ListpackValue* member, double* score) noexcept nogil
# `count` different members, at most as many as there are, to visit. False: no memory, none was visited.
cdef bint zset_sample(Context* cx, const Record* zset, size_t count, ZsetVisit visit, void* ctx) noexcept nogil

# Walking, from a rank on, upwards or back. Where there is no such rank, the walk is over at once.
cdef void zset_walk(const Record* zset, uint64_t rank, bint back, ZsetWalk* walk) noexcept nogil
cdef bint zset_next(ZsetWalk* walk, ListpackValue* member, double* score) noexcept nogil
# Shows some members and returns the next cursor; 0 begins and ends. See hashtable_scan for the guarantee.
# Scores are as ZSCAN prints them: as they are stored, and with 17 digits from a skiplist.
cdef uint64_t zset_scan(const Record* zset, uint64_t cursor, ZsetShow show, void* ctx) noexcept nogil

# For the table of types.
cdef void zset_free(Context* cx, Record* zset) noexcept nogil
cdef bint zset_free_some(Context* cx, Record* zset, size_t some) noexcept nogil
cdef bint zset_copy(Context* cx, const Record* zset, Record* into) noexcept nogil
cdef size_t zset_memory(Context* cx, const Record* zset, size_t samples) noexcept nogil
