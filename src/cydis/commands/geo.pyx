"""Places: sorted sets whose scores are cells of the earth's grid. geo_search.pyx finds what is near.

A place has a longitude from -180 to 180 and a latitude from -85.05112878 to 85.05112878 degrees; it is kept with 52
bits, which is some 0.6 metres. Units are M, KM, FT and MI. All commands of sorted sets work on these sets too.

GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]
    Gives members their places, creating the set. How many are new; with CH how many are new or have moved. NX: only new
    members; XX: only those there. O(log n) per member. Since 3.2.0.
GEODIST key member1 member2 [M | KM | FT | MI]
    The distance of two members on a sphere, with four places; or null. O(1). Since 3.2.0.
GEOHASH key [member [member ...]]
    The geohash of each member as text of eleven letters, or null. O(1) per member. Since 3.2.0.
GEOPOS key [member [member ...]]
    Longitude and latitude of each member, or null. O(1) per member. Since 3.2.0.
"""
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from cydis.commands.zsets cimport add_members
from cydis.core.geohash cimport (
    GEO_DISTANCE_DIGITS, GEO_TEXT, GeoPoint, geo_cell, geo_distance, geo_encode, geo_format_distance, geo_text,
    geo_valid,
)
from cydis.core.number cimport NUMBER_LONG_DOUBLE_MAX, number_format_long_double, number_format_places
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, Row, arg_double, arg_is
from cydis.engine.keyspace cimport read_typed
from cydis.engine.reply cimport (
    NO_MEMORY, reply_array, reply_bulk, reply_double_text, reply_error, reply_error_size, reply_int, reply_null,
    reply_null_array, reply_syntax,
)
from cydis.engine.table cimport DENYOOM, KEY1, READ, WRITE, register
from cydis.engine.value cimport TYPE_ZSET
from cydis.types.geo cimport geo_place
from cydis.types.zsets cimport ZSET_NAN, ZSET_NO_MEMORY, ZSET_NX, ZSET_XX, ZsetTally, zset_score

cdef enum:
    HOME = 8                              # members of one GEOADD that need no allocation

cdef Row[4] ROWS = [
    #   name        function  arity  flags            keys
    Row(b"GEOADD",  geoadd,   -5,    WRITE | DENYOOM, KEY1),
    Row(b"GEODIST", geodist,  -4,    READ,            KEY1),
    Row(b"GEOHASH", geohash,  -2,    READ,            KEY1),
    Row(b"GEOPOS",  geopos,   -2,    READ,            KEY1),
]
register(b"geo", ROWS, 4)


# ---- places and units ----

cdef void refuse_point(Call* call, GeoPoint point) noexcept nogil:
    cdef char[2 * NUMBER_LONG_DOUBLE_MAX + 64] text
    cdef size_t n
    memcpy(text, b"ERR invalid longitude,latitude pair ", 36)
    n = 36 + number_format_places(point.longitude, 6, text + 36)
    text[n] = b","
    n += 1
    n += number_format_places(point.latitude, 6, text + n)
    reply_error_size(call, text, n)


cdef bint arg_point(Call* call, int i, GeoPoint* point) noexcept nogil:
    if not arg_double(call, i, &point.longitude) or not arg_double(call, i + 1, &point.latitude):
        return False
    if not geo_valid(point[0]):
        refuse_point(call, point[0])
        return False
    return True


cdef bint arg_unit(Call* call, int i, double* metres) noexcept nogil:
    if arg_is(call, i, b"M"):
        metres[0] = 1
    elif arg_is(call, i, b"KM"):
        metres[0] = 1000
    elif arg_is(call, i, b"FT"):
        metres[0] = 0.3048
    elif arg_is(call, i, b"MI"):
        metres[0] = 1609.34
    else:
        reply_error(call, b"ERR unsupported unit provided. please use M, KM, FT, MI")
        return False
    return True


cdef void reply_distance(Call* call, double distance) noexcept nogil:
    cdef char[GEO_DISTANCE_DIGITS] text
    reply_bulk(call, text, geo_format_distance(distance, text))


cdef inline void reply_degrees(Call* call, double degrees) noexcept nogil:
    cdef char[NUMBER_LONG_DOUBLE_MAX] text
    reply_double_text(call, text, number_format_long_double(degrees, text))


cdef void reply_point(Call* call, GeoPoint point) noexcept nogil:
    reply_array(call, 2)
    reply_degrees(call, point.longitude)
    reply_degrees(call, point.latitude)


# ---- GEOADD ----

cdef enum:
    CHANGES = 1 << 8                      # GEOADD's own flag: count updates too


cdef int read_flags(Call* call, int* first) noexcept nogil:
    cdef int i = 2, flags = 0
    while i < call.argc:
        if arg_is(call, i, b"NX"):
            flags |= ZSET_NX
        elif arg_is(call, i, b"XX"):
            flags |= ZSET_XX
        elif arg_is(call, i, b"CH"):
            flags |= CHANGES
        else:
            break
        i += 1
    first[0] = i
    return flags


cdef void add_places(Call* call, int first, size_t count, int flags, RespArg* pairs, double* cells) noexcept nogil:
    """The arguments from `first` on, as scores and members."""
    cdef ZsetTally tally
    cdef GeoPoint point
    cdef size_t i
    cdef int outcome
    for i in range(count):
        if not arg_point(call, first + 3 * <int>i, &point):
            return
        cells[i] = <double>geo_encode(point)
        pairs[2 * i + 1] = call.argv[first + 3 * i + 2]
    outcome = add_members(call, pairs, cells, count, flags & ~CHANGES, &tally)
    if outcome != ZSET_NO_MEMORY and outcome != ZSET_NAN:
        reply_int(call, tally.added + tally.updated if flags & CHANGES else tally.added)


cdef void geoadd(Call* call) noexcept nogil:
    cdef RespArg[2 * HOME] home
    cdef double[HOME] home_cells
    cdef RespArg* pairs = home
    cdef double* cells = home_cells
    cdef size_t count
    cdef int first
    cdef int flags = read_flags(call, &first)
    if (call.argc - first) % 3 or call.argc == first or (flags & ZSET_NX and flags & ZSET_XX):
        reply_syntax(call)
        return
    count = <size_t>(call.argc - first) // 3
    if count > HOME:
        pairs = <RespArg*>malloc(count * (2 * sizeof(RespArg) + sizeof(double)))
        if pairs == NULL:
            reply_error(call, NO_MEMORY)
            return
        cells = <double*>(pairs + 2 * count)
    add_places(call, first, count, flags, pairs, cells)
    if pairs != home:
        free(pairs)


# ---- members' places ----

cdef void geodist(Call* call) noexcept nogil:
    cdef GeoPoint a, b
    cdef Record* zset
    cdef double unit = 1
    cdef int found
    if call.argc > 5:
        reply_syntax(call)
        return
    if call.argc == 5 and not arg_unit(call, 4, &unit):
        return
    found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found < 0:
        return
    if found and geo_place(zset, &call.argv[2], &a) and geo_place(zset, &call.argv[3], &b):
        reply_distance(call, geo_distance(a, b) / unit)
    else:
        reply_null(call)


cdef void geohash(Call* call) noexcept nogil:
    cdef char[GEO_TEXT] text
    cdef Record* zset
    cdef double score
    cdef int i
    cdef int found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found < 0:
        return
    reply_array(call, call.argc - 2)
    for i in range(2, call.argc):
        if found and zset_score(zset, &call.argv[i], &score):
            geo_text(geo_cell(score), text)
            reply_bulk(call, text, GEO_TEXT)
        else:
            reply_null(call)


cdef void geopos(Call* call) noexcept nogil:
    cdef Record* zset
    cdef GeoPoint point
    cdef int i
    cdef int found = read_typed(call, 1, TYPE_ZSET, &zset)
    if found < 0:
        return
    reply_array(call, call.argc - 2)
    for i in range(2, call.argc):
        if found and geo_place(zset, &call.argv[i], &point):
            reply_point(call, point)
        else:
            reply_null_array(call)
