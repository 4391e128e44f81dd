"""Names of the types of values, and of the ways in which values are held."""

cdef enum:                                # Record.type; the numbers of the RDB format's families
    TYPE_STRING = 0
    TYPE_LIST = 1
    TYPE_SET = 2
    TYPE_ZSET = 3
    TYPE_HASH = 4
    TYPE_VECTORSET = 5
    TYPE_STREAM = 6
    TYPE_COUNT = 7

cdef enum:                                # Record.encoding
    ENC_RAW = 0                           # inline bytes or a Blob, changed in place since it was set
    ENC_EMBSTR = 1                        # inline bytes
    ENC_INT = 2                           # the slot is an int64
    ENC_LISTPACK = 3
    ENC_QUICKLIST = 4
    ENC_INTSET = 5
    ENC_HASHTABLE = 6
    ENC_SKIPLIST = 7
    ENC_STREAM = 8
    ENC_TIMED_HASHTABLE = 9               # a hash table some of whose fields expire
