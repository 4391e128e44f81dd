"""Searching sorted sets by place. See geo.pxd for the contract.

A shape is covered by ranges of cells, at most nine; each is one range of scores. In a skiplist O(log n) leads to its
first member, then members are walked. A listpack is walked for each range.

Knows the encodings of types/zsets.
"""
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from cydis.core.geohash cimport GEO_RANGES, GeoPoint, GeoRange, GeoShape, geo_cell, geo_decode, geo_holds, geo_prepare
from cydis.core.listpack cimport LISTPACK_NONE, ListpackValue, listpack_first
from cydis.core.nearest cimport Near, Nearest, nearest_add
from cydis.core.record cimport Record, record_pointer
from cydis.core.resp cimport RespArg
from cydis.core.skiplist cimport (
    SkipElement, Skiplist, SkipPos, SkipRange, skip_bound_score, skiplist_first_in_range, skiplist_get, skiplist_next,
)
from cydis.types.encodings cimport ENC_SKIPLIST
from cydis.types.zset_pack cimport pack_step
from cydis.types.zsets cimport Zset, zset_score


cdef struct Search:
    const GeoShape* shape
    Nearest* list
    uint64_t limit
    bint measured
    bint failed                           # no memory


cdef inline bint meet(Search* search, Near* item) noexcept nogil:
    """Takes a member into the list if it is inside. False: the search is over."""
    if geo_holds(search.shape, geo_decode(geo_cell(item.score)), &item.distance if search.measured else NULL):
        if not nearest_add(search.list, item):
            search.failed = True
            return False
    return not search.limit or search.list.count < search.limit


cdef bint search_list(Search* search, const Skiplist* list, const GeoRange* cells) noexcept nogil:
    cdef SkipRange range
    cdef SkipPos pos
    cdef SkipElement* element
    cdef Near item
    range.min = skip_bound_score(<double>cells.low, False)
    range.max = skip_bound_score(<double>cells.high, True)
    if not skiplist_first_in_range(list, &range, &pos, NULL):
        return True
    item.distance = 0
    element = skiplist_get(pos)
    while element != NULL and element.score < range.max.score:
        item.score = element.score
        item.text = element.member
        item.number = element.size
        if not meet(search, &item):
            return False
        skiplist_next(&pos)
        element = skiplist_get(pos)
    return True


cdef bint search_pack(Search* search, const uint8_t* pack, const GeoRange* cells) noexcept nogil:
    cdef uint32_t at = listpack_first(pack)
    cdef double low = <double>cells.low, high = <double>cells.high
    cdef ListpackValue member
    cdef Near item
    item.distance = 0
    while at != LISTPACK_NONE:
        at = pack_step(pack, at, False, &member, &item.score)
        if item.score < low:
            continue
        if not item.score < high:
            break
        item.text = member.text
        item.number = member.number if member.text == NULL else member.size
        if not meet(search, &item):
            return False
    return True


cdef bint geo_search(const Record* zset, GeoShape* shape, uint64_t limit, bint measured, Nearest* list) noexcept nogil:
    """O(log n + members in the squares around the shape)."""
    cdef GeoRange[GEO_RANGES] ranges
    cdef int count = geo_prepare(shape, ranges), i
    cdef Search search
    search.shape = shape
    search.list = list
    search.limit = limit
    search.measured = measured
    search.failed = False
    for i in range(count):
        if zset.encoding == ENC_SKIPLIST:
            if not search_list(&search, (<const Zset*>record_pointer(zset)).list, &ranges[i]):
                break
        elif not search_pack(&search, <const uint8_t*>record_pointer(zset), &ranges[i]):
            break
    return not search.failed


cdef bint geo_place(const Record* zset, const RespArg* member, GeoPoint* point) noexcept nogil:
    """O(1), O(n) in a listpack."""
    cdef double score
    if not zset_score(zset, member, &score):
        return False
    point[0] = geo_decode(geo_cell(score))
    return True
