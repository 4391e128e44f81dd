"""Lists: what takes elements from one of several lists, or moves them between two; lists.pyx has the rest
and list_waits.pyx what waits for an element to come.

LMOVE source destination LEFT|RIGHT LEFT|RIGHT
    Takes an element from one end of source and puts it at an end of destination, which may be the same list. The
    element, or null. O(1). Since 6.2.0.
RPOPLPUSH source destination
    LMOVE source destination RIGHT LEFT. O(1). Since 1.2.0.
LMPOP numkeys key [key ...] LEFT|RIGHT [COUNT count]
    Takes at most `count` elements (1) from the first of the lists which is there: its key and an array, or null.
    O(keys + elements). Since 7.0.0.
"""
from libc.stdint cimport INT64_MAX, int64_t, uint8_t
from libc.string cimport memcpy

from cydis.commands.lists cimport list_create, list_take
from cydis.core.heap cimport heap_alloc, heap_free
from cydis.core.listpack cimport LISTPACK_INT_DIGITS, ListpackValue, listpack_value_text
from cydis.core.record cimport Record
from cydis.engine.call cimport Call, Keys, Row, arg_is, arg_range
from cydis.engine.keyspace cimport (
    Ref, changed, key_find, key_peek, ref_delete, ref_delete_if_empty, ref_for_write, write_typed,
)
from cydis.engine.reply cimport (
    NO_MEMORY, NO_MEMORY_PARTLY, WRONGTYPE, reply_array, reply_bulk, reply_element, reply_error, reply_mark,
    reply_null, reply_null_array, reply_syntax,
)
from cydis.engine.table cimport DENYOOM, KEY12, MOVABLEKEYS, WRITE, register
from cydis.engine.value cimport TYPE_LIST
from cydis.types.context cimport Context
from cydis.types.lists cimport list_drop, list_end, list_expect, list_push

cdef enum:
    SMALL = 512                           # bytes of an element that a copy on the stack may have

cdef Keys COUNTED = Keys(2, 0, 1, 1, 0)

cdef Row[3] ROWS = [
    #   name           function   arity  flags                keys
    Row(b"LMOVE",      lmove,     5,     WRITE | DENYOOM,     KEY12),
    Row(b"RPOPLPUSH",  rpoplpush, 3,     WRITE | DENYOOM,     KEY12),
    Row(b"LMPOP",      lmpop,     -4,    WRITE | MOVABLEKEYS, COUNTED),
]
register(b"list", ROWS, 3)


cdef bint read_end(Call* call, int i, bint* head) noexcept nogil:
    """LEFT or RIGHT."""
    head[0] = arg_is(call, i, b"LEFT")
    if head[0] or arg_is(call, i, b"RIGHT"):
        return True
    reply_syntax(call)
    return False


cdef int shift(Call* call, Record* source, Record* target, const ListpackValue* value, bint from_head,
               bint to_head) noexcept nogil:
    """Puts value, a copy of source's end, at an end of target and drops the original, in this order: none is lost.

    1: done, 0: memory was refused and nothing happened, -1: target has it now, and source still has it too.
    """
    cdef Context* cx = &call.engine.context
    if not list_push(cx, target, value, to_head):
        return 0
    if list_drop(cx, source, from_head):
        return 1
    return 0 if list_drop(cx, target, to_head) else -1


cdef int rotate(Call* call, Record* list, bint from_head) noexcept nogil:
    """Moves an element of a list to its other end. Returns as shift does."""
    cdef Context* cx = &call.engine.context
    cdef uint8_t[SMALL] small
    cdef uint8_t* copy = &small[0]
    cdef ListpackValue value
    cdef int done
    list_end(list, from_head, &value)
    if value.text != NULL:                # what is put into a list must not lie in it
        if value.size > SMALL:
            copy = <uint8_t*>heap_alloc(cx.heap, value.size)
        if copy == NULL:
            return 0
        memcpy(copy, value.text, value.size)
        value.text = copy
    done = shift(call, list, list, &value, from_head, not from_head)
    if copy != &small[0]:
        heap_free(cx.heap, copy, value.size)
    return done


cdef int carry(Call* call, Ref* source, Ref* target, bint from_head, bint to_head) noexcept nogil:
    """Moves an element from one list to another, which is created if it is missing. Returns as shift does."""
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef ListpackValue value
    cdef Ref anew
    cdef size_t size
    cdef bint created = target.record == NULL
    cdef int done = 0
    if created and list_create(call, target) == NULL:
        return 0
    list_end(source.record, from_head, &value)
    listpack_value_text(&value, digits, &size)
    if list_expect(&call.engine.context, target.record, size, 1):
        done = shift(call, source.record, target.record, &value, from_head, to_head)
    if done < 1 and created:
        key_peek(call, 2, &anew)          # a Ref that has created its key does not know where it stands
        ref_delete(&anew, False)
        done = 0
    return done


cdef bint list_move(Call* call, bint from_head, bint to_head) noexcept nogil:
    """Moves an element from the list of argument 1 to that of argument 2. False: there is none, and no reply yet."""
    cdef Ref source, target
    cdef ListpackValue value
    cdef size_t mark = reply_mark(call)
    cdef int found = write_typed(call, 1, TYPE_LIST, &source)
    cdef int done = 1
    if found <= 0:
        return found != 0
    if key_find(call, 2, &target) != NULL and <int>target.record.type != TYPE_LIST:
        reply_error(call, WRONGTYPE)
        return True
    ref_for_write(&target)
    list_end(source.record, from_head, &value)
    reply_element(call, &value)           # before it goes: the value lies in the list
    if target.record != source.record:
        done = carry(call, &source, &target, from_head, to_head)
    elif from_head != to_head:
        done = rotate(call, source.record, from_head)
    if done:
        changed(call, 1)
        changed(call, 2)
    if done < 1:
        call.out.used = mark
        reply_error(call, NO_MEMORY_PARTLY if done else NO_MEMORY)
    ref_delete_if_empty(&source)          # it looks for the place anew: the second look-up may have moved it
    return True


cdef void lmove(Call* call) noexcept nogil:
    cdef bint from_head, to_head
    if read_end(call, 3, &from_head) and read_end(call, 4, &to_head) and not list_move(call, from_head, to_head):
        reply_null(call)


cdef void rpoplpush(Call* call) noexcept nogil:
    if not list_move(call, False, True):
        reply_null(call)


cdef bint read_take(Call* call, int at, Take* take) noexcept nogil:
    """Reads the arguments of LMPOP, the number of keys standing at `at`. False: an error has been replied."""
    cdef int64_t keys
    cdef int end
    take.count = 1
    take.first = at + 1
    if not arg_range(call, at, 1, INT64_MAX, &keys, b"ERR numkeys should be greater than 0"):
        return False
    if keys > call.argc - at - 2:
        reply_syntax(call)
        return False
    end = take.end = take.first + <int>keys
    if not read_end(call, end, &take.head):
        return False
    if call.argc > end + 1:
        if call.argc == end + 2 or not arg_is(call, end + 1, b"COUNT"):
            reply_syntax(call)
            return False
        if not arg_range(call, end + 2, 1, INT64_MAX, &take.count, b"ERR count should be greater than 0"):
            return False
        if call.argc > end + 3:           # the reference reads from left to right
            reply_syntax(call)
            return False
    return True


cdef bint list_take_first(Call* call, const Take* take) noexcept nogil:
    """Replies key and elements of the first list that is there. False: there is none, and no reply yet."""
    cdef Ref ref
    cdef size_t mark
    cdef int i
    for i in range(take.first, take.end):
        if key_find(call, i, &ref) == NULL:
            continue
        if <int>ref.record.type != TYPE_LIST:
            reply_error(call, WRONGTYPE)
            return True
        ref_for_write(&ref)
        mark = reply_mark(call)
        reply_array(call, 2)
        reply_bulk(call, call.argv[i].data, call.argv[i].size)
        if not list_take(call, i, &ref, take.head, take.count):
            call.out.used = mark
            reply_error(call, NO_MEMORY)
        return True
    return False


cdef void lmpop(Call* call) noexcept nogil:
    cdef Take take
    if read_take(call, 1, &take) and not list_take_first(call, &take):
        reply_null_array(call)
