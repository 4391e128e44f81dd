"""Sorted sets as maps: a score is the cell of a place (core/geohash)."""
from libc.stdint cimport uint64_t

from cydis.core.geohash cimport GeoPoint, GeoShape
from cydis.core.nearest cimport Nearest
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg


# Adds to an open list the members inside of a shape, which it prepares, with their distances in metres where
# `measured`; in the order in which they are met, at most `limit` if it is not 0. They lie in the set. False: no memory.
cdef bint geo_search(const Record* zset, GeoShape* shape, uint64_t limit, bint measured, Nearest* list) noexcept nogil

# The place of a member; false: no such member.
cdef bint geo_place(const Record* zset, const RespArg* member, GeoPoint* point) noexcept nogil
