"""Lists: what would wait for an element where none is; list_moves.pyx has what these do when one is there.

Nobody is made to wait yet: where nothing is there to be taken, the answer is the one that ends the patience.

BLPOP key [key ...] timeout
BRPOP key [key ...] timeout
    Takes the first (last) element of the first of the lists which is there: its key and the element. `timeout`
    in seconds, 0: for ever. Null when it is over. O(keys). Since 2.0.0.
BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout
    LMOVE which waits for the source. The element, or null. O(1). Since 6.2.0.
BRPOPLPUSH source destination timeout
    BLMOVE source destination RIGHT LEFT timeout. O(1). Since 2.2.0.
BLMPOP timeout numkeys key [key ...] LEFT|RIGHT [COUNT count]
    LMPOP which waits for any of the lists. O(keys + elements). Since 7.0.0.
"""
from libc.stdint cimport int64_t

from cydis.commands.list_moves cimport Take, list_move, list_take_first, read_end, read_take
from cydis.commands.lists cimport pop_one
from cydis.engine.call cimport Call, Keys, Row
from cydis.engine.keyspace cimport Ref, key_find, ref_for_write
from cydis.engine.reply cimport (
    NO_MEMORY, WRONGTYPE, reply_array, reply_bulk, reply_error, reply_mark, reply_null_array,
)
from cydis.engine.table cimport BLOCKING, DENYOOM, KEY12, MOVABLEKEYS, WRITE, register
from cydis.engine.timeout cimport arg_timeout
from cydis.engine.value cimport TYPE_LIST

cdef Keys ALL_BUT_LAST = Keys(1, -2, 1, 0, 0)
cdef Keys COUNTED = Keys(3, 0, 1, 2, 0)

cdef Row[5] ROWS = [
    #   name            function    arity  flags                           keys
    Row(b"BLPOP",       blpop,      -3,    WRITE | BLOCKING,               ALL_BUT_LAST),
    Row(b"BRPOP",       brpop,      -3,    WRITE | BLOCKING,               ALL_BUT_LAST),
    Row(b"BLMOVE",      blmove,     6,     WRITE | DENYOOM | BLOCKING,     KEY12),
    Row(b"BRPOPLPUSH",  brpoplpush, 4,     WRITE | DENYOOM | BLOCKING,     KEY12),
    Row(b"BLMPOP",      blmpop,     -5,    WRITE | BLOCKING | MOVABLEKEYS, COUNTED),
]
register(b"list", ROWS, 5)


cdef bint pop_first(Call* call, bint head) noexcept nogil:
    """Replies key and element of the first list that is there. False: there is none, and no reply yet."""
    cdef Ref ref
    cdef size_t mark = reply_mark(call)
    cdef int i
    for i in range(1, call.argc - 1):
        if key_find(call, i, &ref) == NULL:
            continue
        if <int>ref.record.type != TYPE_LIST:
            reply_error(call, WRONGTYPE)
            return True
        ref_for_write(&ref)
        reply_array(call, 2)
        reply_bulk(call, call.argv[i].data, call.argv[i].size)
        if not pop_one(call, i, &ref, head):
            call.out.used = mark
            reply_error(call, NO_MEMORY)
        return True
    return False


cdef void wait_to_pop(Call* call, bint head) noexcept nogil:
    cdef int64_t until
    if arg_timeout(call, call.argc - 1, &until) and not pop_first(call, head):
        reply_null_array(call)


cdef void blpop(Call* call) noexcept nogil:
    wait_to_pop(call, True)


cdef void brpop(Call* call) noexcept nogil:
    wait_to_pop(call, False)


cdef void blmove(Call* call) noexcept nogil:
    cdef bint from_head, to_head
    cdef int64_t until
    if (read_end(call, 3, &from_head) and read_end(call, 4, &to_head) and arg_timeout(call, 5, &until)
            and not list_move(call, from_head, to_head)):
        reply_null_array(call)


cdef void brpoplpush(Call* call) noexcept nogil:
    cdef int64_t until
    if arg_timeout(call, 3, &until) and not list_move(call, False, True):
        reply_null_array(call)


cdef void blmpop(Call* call) noexcept nogil:
    cdef Take take
    cdef int64_t until
    if read_take(call, 2, &take) and arg_timeout(call, 1, &until) and not list_take_first(call, &take):
        reply_null_array(call)
