"""From a reply's bytes (RESP3) to Python objects, in the shape a method promises."""
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t

cdef enum Shape:
    ANY                                   # by RESP3's mapping
    BOOL                                  # whether it was done: 1, OK; 0, null
    NOTHING                               # OK; None
    IS_OK                                 # whether it was OK, and not another word
    FLOAT                                 # the text of a number as float, null as None
    FLOATS                                # a list of such
    TEXT                                  # str whatever decode says, null as None
    BYTES                                 # as ANY, texts as bytes whatever decode says
    MEMBERS                                   # an array as a set
    BOOLS                                 # a list of 1 and 0
    TUPLE                                 # an array as a tuple
    TUPLES                                # an array of arrays as a list of tuples
    TEXTS                                 # a map of texts to texts as a dict of str
    PAGE                                  # [cursor, list] as (int, list)
    PAGE_SET                              # the list as a set
    PAGE_MAP                              # the list of fields and values as a dict
    PAGE_SCORES                           # the list of members and scores as a list of (member, float)
    FIELDS                                  # the lines of INFO as a dict
    POPPED                                # [key, [[member, score], ...]] as (key, list of tuples)
    POINTS                                # a list of [longitude, latitude] or null as tuples or None
    FOUND                                 # a list of [member, ...] as tuples: distances float, points tuples
    RANGES                                # LCS IDX: ([((start, end), (start, end)), ...], length)
    MOMENT                                  # [seconds, microseconds] as a tuple of int
    # Numbers straight from the reply's bytes into an array.array: no object per element.
    DOUBLES                               # an array of texts or doubles as array("d"), null as nan
    INTEGERS                              # an array of texts or integers as array("q")
    SCORES                                # an array of [member, score] as array("d") of the scores
    PAIRS_DOUBLES                         # the same, or a map, as (list of members, array("d"))
    PAIRS_INTEGERS                        # a map as (list of fields, array("q"))

cdef object shape_other(const uint8_t* at, bint decode, int shape)


cdef inline object shape_reply(const uint8_t* at, bint decode, int shape):
    """The object that the reply at `at` is, of this shape; an error reply is raised."""
    cdef const uint8_t* p = at + 1
    cdef int64_t n = 0
    if shape == ANY and not decode and at[0] == b"$":
        while p[0] != 13:
            n = n * 10 + (p[0] - 48)
            p += 1
        return PyBytes_FromStringAndSize(<const char*>p + 2, n)
    if shape == BOOL and at[0] == b"+":
        return True
    return shape_other(at, decode, shape)
