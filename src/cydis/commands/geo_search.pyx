"""Places: members near a point or a member, or inside of a shape. geo.pyx has the rest.

n is the number of members, m of those in the squares of the map around the shape, k of those inside. Without ASC
or DESC they come in the order in which they are found; COUNT alone means ASC, and with ANY the search ends as soon
as there are enough. WITHDIST, WITHHASH and WITHCOORD make each an array: member, distance from the centre in the
unit given, cell, longitude and latitude. STORE keeps the members with their places, STOREDIST with their distances;
what is stored replaces the destination, whatever it was, or deletes it if nothing was found, and the reply is how
many. The centre of a polygon is that of its vertices, its distances are metres.

GEORADIUS key longitude latitude radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]
          [STORE key | STOREDIST key]
    Members in a circle. O(log n + m) + O(k log k). Since 3.2.0.
GEORADIUS_RO key longitude latitude radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]
    The same without STORE. O(log n + m) + O(k log k). Since 3.2.10.
GEORADIUSBYMEMBER key member radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]
                  [STORE key | STOREDIST key]
    Members in a circle around a member. O(log n + m) + O(k log k). Since 3.2.0.
GEORADIUSBYMEMBER_RO key member radius M|KM|FT|MI [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]
    The same without STORE. O(log n + m) + O(k log k). Since 3.2.10.
GEOSEARCH key FROMMEMBER member | FROMLONLAT longitude latitude
          BYRADIUS radius M|KM|FT|MI | BYBOX width height M|KM|FT|MI | BYPOLYGON count longitude latitude ...
          [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]
    Members in a circle, in a box, or in a polygon, which has no FROM. O(log n + m) + O(k log k). Since 6.2.0.
GEOSEARCHSTORE destination source (the options of GEOSEARCH without WITHCOORD, WITHDIST and WITHHASH) [STOREDIST]
    Stores them. O(log n + m) + O(k log k). Since 6.2.0.
"""
from libc.stdint cimport INT32_MAX, INT32_MIN, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memchr, memcpy, memset, strlen

from cydis.commands.geo cimport arg_point, arg_unit, reply_distance, reply_point
from cydis.commands.zsets cimport store_items
from cydis.core.geohash cimport GEO_BOX, GEO_CIRCLE, GEO_POLYGON, GeoPoint, GeoShape, geo_cell, geo_decode
from cydis.core.hashtable cimport hash_bytes
from cydis.core.listpack cimport listpack_format
from cydis.core.nearest cimport (
    Near, Nearest, nearest_close, nearest_open, nearest_order, nearest_order_first,
)
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg, resp_bulk_integer
from cydis.core.scoreboard cimport (
    Scoreboard, ScoreItem, scoreboard_close, scoreboard_find, scoreboard_keep_int, scoreboard_open, scoreboard_push,
    scoreboard_sort,
)
from cydis.engine.call cimport Call, Row, arg_double_or, arg_int, arg_is, arg_range, word_is
from cydis.engine.keyspace cimport read_typed
from cydis.engine.reply cimport (
    NO_MEMORY, reply_array, reply_bulk, reply_error, reply_error_size, reply_int, reply_syntax,
)
from cydis.engine.table cimport DENYOOM, KEY1, KEY12, MOVABLEKEYS, READ, WRITE, register, register_keys
from cydis.engine.value cimport TYPE_ZSET
from cydis.types.context cimport Context
from cydis.types.geo cimport geo_place, geo_search

cdef Row[6] ROWS = [
    #   name                     function              arity  flags                          keys
    Row(b"GEORADIUS",            georadius,            -6,    WRITE | DENYOOM | MOVABLEKEYS, KEY1),
    Row(b"GEORADIUS_RO",         georadius_ro,         -6,    READ,                          KEY1),
    Row(b"GEORADIUSBYMEMBER",    georadiusbymember,    -5,    WRITE | DENYOOM | MOVABLEKEYS, KEY1),
    Row(b"GEORADIUSBYMEMBER_RO", georadiusbymember_ro, -5,    READ,                          KEY1),
    Row(b"GEOSEARCH",            geosearch,            -7,    READ,                          KEY1),
    Row(b"GEOSEARCHSTORE",       geosearchstore,       -8,    WRITE | DENYOOM,               KEY12),
]
register(b"geo", ROWS, 6)
register_keys(b"GEORADIUS", find_keys)
register_keys(b"GEORADIUSBYMEMBER", find_keys)


# ---- keys ----

cdef inline bint names_target(const RespArg* argv, int argc, int i) noexcept nogil:
    """Whether the argument behind i is where the result goes."""
    return i + 1 < argc and (word_is(&argv[i], b"STORE") or word_is(&argv[i], b"STOREDIST"))


cdef int find_keys(const RespArg* argv, int argc, int* out, int room) noexcept nogil:
    """The set, and the last target: the command uses that one too."""
    cdef int i = 5, target = 0            # one too early for GEORADIUS, whose unit is no STORE
    if argc < 5:
        return -1
    if room > 0:
        out[0] = 1
    while i < argc:
        if names_target(argv, argc, i):
            i += 1
            target = i
        i += 1
    if target and room > 1:
        out[1] = target
    return 2 if target else 1


# ---- the question ----


cdef enum Form:                           # which arguments a command takes
    AROUND_POINT
    AROUND_MEMBER
    SEARCH


cdef enum Placed:                         # how the centre was given
    NOT_YET
    BY_POINT
    BY_MEMBER


cdef struct Question:
    Form form
    bint stores                           # STORE and STOREDIST may come, or the target came first
    int source                            # arguments of keys; target 0: replied
    int target
    Record* zset                          # NULL: missing
    GeoShape shape
    Placed placed
    bint shaped                           # BY... has come
    GeoPoint* vertices                    # of malloc, or NULL
    bint with_distance, with_cell, with_point, store_distance
    bint ascending, descending, any
    int64_t count                         # 0: all


# ---- reading the arguments, in the reference's order ----

cdef bint read_circle(Call* call, Question* q, int i) noexcept nogil:
    """A radius and its unit."""
    q.shape.kind = GEO_CIRCLE
    if not arg_double_or(call, i, &q.shape.radius, b"ERR need numeric radius"):
        return False
    if q.shape.radius < 0:
        reply_error(call, b"ERR radius cannot be negative")
        return False
    return arg_unit(call, i + 1, &q.shape.unit)


cdef bint read_box(Call* call, Question* q, int i) noexcept nogil:
    q.shape.kind = GEO_BOX
    if not arg_double_or(call, i, &q.shape.width, b"ERR need numeric width") or not arg_double_or(
            call, i + 1, &q.shape.height, b"ERR need numeric height"):
        return False
    if q.shape.width < 0 or q.shape.height < 0:
        reply_error(call, b"ERR height or width cannot be negative")
        return False
    return arg_unit(call, i + 2, &q.shape.unit)


cdef bint read_polygon(Call* call, Question* q, int i) noexcept nogil:
    """How many vertices, and these."""
    cdef int64_t count, k
    if not arg_range(call, i, INT32_MIN, INT32_MAX, &count, b"ERR invalid number of vertices"):
        return False
    if count < 3 or count > (call.argc - i - 1) // 2:
        reply_error(call, b"ERR GEOSEARCH BYPOLYGON must have at least 3 vertices")
        return False
    free(q.vertices)
    q.vertices = <GeoPoint*>malloc(count * sizeof(GeoPoint))
    if q.vertices == NULL:
        reply_error(call, NO_MEMORY)
        return False
    for k in range(count):
        if not arg_point(call, i + 1 + 2 * <int>k, &q.vertices[k]):
            return False
    q.shape.kind = GEO_POLYGON
    q.shape.unit = 1
    q.shape.vertices = q.vertices
    q.shape.vertex_count = count
    return True


cdef void refuse_member(Call* call, const RespArg* member) noexcept nogil:
    """The error names it, up to a NUL."""
    cdef const uint8_t* end = <const uint8_t*>memchr(member.data, 0, member.size) if member.size else NULL
    cdef size_t size = member.size if end == NULL else <size_t>(end - member.data)
    cdef char* text = <char*>malloc(size + 26)
    if text == NULL:
        reply_error(call, NO_MEMORY)
        return
    memcpy(text, b"ERR member ", 11)
    memcpy(text + 11, member.data, size)
    memcpy(text + 11 + size, b" does not exist", 15)
    reply_error_size(call, text, 26 + size)
    free(text)


cdef bint read_member(Call* call, Question* q, int i) noexcept nogil:
    """The place of a member; of a missing set it is not asked."""
    if q.zset == NULL or geo_place(q.zset, &call.argv[i], &q.shape.center):
        return True
    refuse_member(call, &call.argv[i])
    return False


cdef int read_search(Call* call, Question* q, int i) noexcept nogil:
    """An option of GEOSEARCH's own at i: how many arguments it takes, 0: there is none, -1: an error was replied.

    A second one of the same kind replaces the first.
    """
    cdef int left = call.argc - i - 1
    cdef bint polygon = q.shaped and q.shape.kind == GEO_POLYGON
    if left >= 1 and not polygon and q.placed != BY_POINT and arg_is(call, i, b"FROMMEMBER"):
        q.placed = BY_MEMBER
        return 2 if read_member(call, q, i + 1) else -1
    if left >= 2 and not polygon and q.placed != BY_MEMBER and arg_is(call, i, b"FROMLONLAT"):
        q.placed = BY_POINT
        return 3 if arg_point(call, i + 1, &q.shape.center) else -1
    if left >= 2 and (not q.shaped or q.shape.kind == GEO_CIRCLE) and arg_is(call, i, b"BYRADIUS"):
        q.shaped = True
        return 3 if read_circle(call, q, i + 1) else -1
    if left >= 3 and (not q.shaped or q.shape.kind == GEO_BOX) and arg_is(call, i, b"BYBOX"):
        q.shaped = True
        return 4 if read_box(call, q, i + 1) else -1
    if left >= 2 and not q.placed and (not q.shaped or polygon) and arg_is(call, i, b"BYPOLYGON"):
        q.shaped = True
        return 2 + 2 * <int>q.shape.vertex_count if read_polygon(call, q, i + 1) else -1
    return 0


cdef bint read_count(Call* call, Question* q, int i) noexcept nogil:
    if not arg_int(call, i, &q.count):
        return False
    if q.count <= 0:
        reply_error(call, b"ERR COUNT must be > 0")
        return False
    return True


cdef bint read_options(Call* call, Question* q, int i) noexcept nogil:
    cdef int taken
    while i < call.argc:
        taken = 1
        if arg_is(call, i, b"WITHDIST"):
            q.with_distance = True
        elif arg_is(call, i, b"WITHHASH"):
            q.with_cell = True
        elif arg_is(call, i, b"WITHCOORD"):
            q.with_point = True
        elif arg_is(call, i, b"ANY"):
            q.any = True
        elif arg_is(call, i, b"ASC") or arg_is(call, i, b"DESC"):
            q.descending = arg_is(call, i, b"DESC")
            q.ascending = not q.descending
        elif i + 1 < call.argc and arg_is(call, i, b"COUNT"):
            if not read_count(call, q, i + 1):
                return False
            taken = 2
        elif q.form != SEARCH and q.stores and names_target(call.argv, call.argc, i):
            q.store_distance = arg_is(call, i, b"STOREDIST")
            q.target = i + 1
            taken = 2
        elif q.form == SEARCH and q.stores and arg_is(call, i, b"STOREDIST"):
            q.store_distance = True
        else:
            taken = read_search(call, q, i) if q.form == SEARCH else 0
        if taken == 0:
            reply_syntax(call)
        if taken <= 0:
            return False
        i += taken
    return True


cdef bint refuse_named(Call* call, const char* text) noexcept nogil:
    """An error that ends in the name of the command, as the client wrote it."""
    cdef char[160] whole
    cdef size_t size = strlen(text)
    memcpy(whole, text, size)
    memcpy(whole + size, call.argv[0].data, call.argv[0].size)
    reply_error_size(call, whole, size + call.argv[0].size)
    return False


cdef bint is_whole(Call* call, Question* q) noexcept nogil:
    """Whether the options make a question; else an error has been replied."""
    cdef bint polygon = q.shaped and q.shape.kind == GEO_POLYGON
    if q.target and (q.with_distance or q.with_cell or q.with_point):
        reply_error(call, b"ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
                    if q.form == SEARCH else
                    b"ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
        return False
    if q.form == SEARCH and not q.placed and not polygon:
        return refuse_named(call, b"ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ")
    if q.form == SEARCH and not q.shaped:
        return refuse_named(call, b"ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for ")
    if q.any and not q.count:
        reply_error(call, b"ERR the ANY argument requires COUNT argument")
        return False
    return True


# ---- answering ----

cdef void reply_near(Call* call, const Question* q, const Near* item) noexcept nogil:
    cdef int beside = q.with_distance + q.with_cell + q.with_point
    if beside:
        reply_array(call, 1 + beside)
    if item.text != NULL:
        reply_bulk(call, item.text, item.number)
    else:
        resp_bulk_integer(call.out, item.number)
    if q.with_distance:
        reply_distance(call, item.distance / q.shape.unit)
    if q.with_cell:
        reply_int(call, <int64_t>item.score)
    if q.with_point:
        reply_point(call, geo_decode(geo_cell(item.score)))


cdef bint collect(Call* call, const Question* q, const Nearest* list, size_t count, Scoreboard* board) noexcept nogil:
    """Puts what was found on a board, each member once. False: no memory."""
    cdef Context* cx = &call.engine.context
    cdef ScoreItem item
    cdef Near* near
    cdef char* digits
    cdef size_t i
    for i in range(count):
        near = &list.items[i]
        item.score = near.distance / q.shape.unit if q.store_distance else near.score
        item.member = near.text
        item.size = <uint32_t>near.number
        if near.text == NULL:
            digits = scoreboard_keep_int(board)
            if digits == NULL:
                return False
            item.size = listpack_format(near.number, digits)
            item.member = <const uint8_t*>digits
        item.hash = hash_bytes(cx.seed, item.member, item.size)
        if scoreboard_find(board, item.hash, item.member, item.size) == NULL and not scoreboard_push(
                board, &item, True):
            return False
    return scoreboard_sort(board)


cdef void store(Call* call, const Question* q, const Nearest* list, size_t count) noexcept nogil:
    cdef Scoreboard board
    scoreboard_open(&board, call.engine.context.heap)
    if collect(call, q, list, count, &board):
        store_items(call, q.target, board.items, board.count, True)
    else:
        reply_error(call, NO_MEMORY)
    scoreboard_close(&board)


cdef bint find(const Question* q, GeoShape* shape, Nearest* list, size_t* count) noexcept nogil:
    """Finds what is asked for, in order; *count are wanted of it. False: no memory."""
    cdef bint ordered = q.ascending or q.descending or (q.count and not q.any)
    if not geo_search(q.zset, shape, q.count if q.any else 0, ordered or q.with_distance or q.store_distance, list):
        return False
    count[0] = list.count
    if q.count and <uint64_t>q.count < list.count:
        count[0] = q.count
    if not ordered:
        return True
    if count[0] == list.count:
        return nearest_order(list, q.descending)
    nearest_order_first(list, count[0], q.descending)
    return True


cdef void perform(Call* call, Question* q) noexcept nogil:
    cdef Nearest list
    cdef size_t count, i
    if q.zset == NULL:
        if q.target:
            store_items(call, q.target, NULL, 0, False)
        else:
            reply_array(call, 0)
        return
    nearest_open(&list, call.engine.context.heap)
    if not find(q, &q.shape, &list, &count):
        reply_error(call, NO_MEMORY)
    elif q.target:
        store(call, q, &list, count)
    else:
        reply_array(call, count)
        for i in range(count):
            reply_near(call, q, &list.items[i])
    nearest_close(&list)


cdef void answer(Call* call, Form form, bint stores) noexcept nogil:
    cdef Question q
    cdef int options = 0
    memset(&q, 0, sizeof(q))
    q.form = form
    q.stores = stores
    q.target = form == SEARCH and stores
    if read_typed(call, 1 + q.target, TYPE_ZSET, &q.zset) < 0:
        return
    if form == AROUND_POINT and arg_point(call, 2, &q.shape.center) and read_circle(call, &q, 4):
        options = 6
    elif form == AROUND_MEMBER and q.zset == NULL:        # then member and radius are not looked at
        options = 5
    elif form == AROUND_MEMBER and read_member(call, &q, 2) and read_circle(call, &q, 3):
        options = 5
    elif form == SEARCH:
        options = 2 + q.target
    if options and read_options(call, &q, options) and is_whole(call, &q):
        perform(call, &q)
    free(q.vertices)


cdef void georadius(Call* call) noexcept nogil:
    answer(call, AROUND_POINT, True)


cdef void georadius_ro(Call* call) noexcept nogil:
    answer(call, AROUND_POINT, False)


cdef void georadiusbymember(Call* call) noexcept nogil:
    answer(call, AROUND_MEMBER, True)


cdef void georadiusbymember_ro(Call* call) noexcept nogil:
    answer(call, AROUND_MEMBER, False)


cdef void geosearch(Call* call) noexcept nogil:
    answer(call, SEARCH, False)


cdef void geosearchstore(Call* call) noexcept nogil:
    answer(call, SEARCH, True)
