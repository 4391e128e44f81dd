# cython: binding=False, embedsignature.format=clinic
"""Many numbers in and out of a Store in one call, as arrays: no Python object per number.

Out, numbers are read from the reply's bytes into an ``array.array`` of "d" (float64) or "q" (int64), whose memory NumPy
and others share (see replies.pyx). In, they are taken from any buffer of these and written as the text that the
command reads:

    RespArg    | key | NULL size | member | NULL size | member ...     NULL: the next `size` bytes of the text
    text       | 1.5 | 2 | ...

What a view offers stands on these functions. Each is one command; costs are the command's, and some 20 ns per number.
"""
from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, Py_buffer, PyBuffer_Release, PyObject_CheckBuffer, PyObject_GetBuffer,
)
from libc.limits cimport INT_MAX
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport strlen

from array import array

from cydis.core.buffer cimport Buffer, buffer_append, buffer_close, buffer_init, buffer_reserve
from cydis.core.number cimport NUMBER_DOUBLE_MAX, NUMBER_INT_MAX, number_format_double, number_format_int
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Command
from cydis.store.arguments cimport TEXT, encode
from cydis.store.database cimport Store
from cydis.store.door cimport row
from cydis.store.replies cimport ANY, DOUBLES, INTEGERS, PAIRS_DOUBLES, PAIRS_INTEGERS, SCORES

cdef const Command* ZADD = row(b"ZADD")
cdef const Command* ZRANGE = row(b"ZRANGE")
cdef const Command* ZMSCORE = row(b"ZMSCORE")
cdef const Command* LRANGE = row(b"LRANGE")
cdef const Command* RPUSH = row(b"RPUSH")
cdef const Command* HGETALL = row(b"HGETALL")
cdef const Command* HMGET = row(b"HMGET")
cdef const Command* HSET = row(b"HSET")


cdef class _Numbers:
    """The numbers of a buffer of "d" or "q" (or a native "l" of 64 bits), or of an iterable of numbers."""
    cdef Py_buffer view
    cdef bint held
    cdef bint integer
    cdef Py_ssize_t count

    def __cinit__(self, values):
        if not PyObject_CheckBuffer(values):
            values = array("d", values)
        PyObject_GetBuffer(values, &self.view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
        self.held = True
        code = self.view.format[0] if self.view.format != NULL and strlen(self.view.format) == 1 else 0
        if self.view.itemsize != 8 or code not in (b"d", b"q", b"l"):
            raise TypeError('a buffer of float64 ("d") or int64 ("q") is needed')
        self.integer = code != b"d"
        self.count = self.view.len // 8

    def __dealloc__(self):
        if self.held:
            PyBuffer_Release(&self.view)

    cdef size_t write(self, Py_ssize_t i, char* out) noexcept:
        if self.integer:
            return number_format_int((<const int64_t*>self.view.buf)[i], out)
        return number_format_double((<const double*>self.view.buf)[i], out)


cdef bint is_numbers(values):
    return PyObject_CheckBuffer(values) and not isinstance(values, (bytes, bytearray))


cdef class _Words:
    """The arguments of one call, in memory of their own."""
    cdef Buffer args
    cdef Buffer text
    cdef list kept

    def __cinit__(self):
        buffer_init(&self.args, NULL, 0)
        buffer_init(&self.text, NULL, 0)
        self.kept = []

    def __dealloc__(self):
        buffer_close(&self.args)
        buffer_close(&self.text)

    cdef int add_written(self, size_t size) except -1:
        """The next `size` bytes of the text are an argument."""
        cdef RespArg arg
        arg.data = NULL
        arg.size = size
        self.text.used += size
        buffer_append(&self.args, &arg, sizeof(RespArg))
        return 0

    cdef int add(self, value) except -1:
        cdef RespArg arg
        cdef char[TEXT] own
        value = encode(value, &arg, own)
        if arg.data == <const uint8_t*>own:
            buffer_append(&self.text, own, arg.size)
            arg.data = NULL
        else:
            self.kept.append(value)
        buffer_append(&self.args, &arg, sizeof(RespArg))
        return 0

    cdef int add_number(self, _Numbers numbers, Py_ssize_t i) except -1:
        if not buffer_reserve(&self.text, NUMBER_DOUBLE_MAX if not numbers.integer else NUMBER_INT_MAX):
            raise MemoryError("no memory for the arguments")
        return self.add_written(numbers.write(i, <char*>self.text.data + self.text.used))

    cdef object run(self, Store store, const Command* command):
        cdef RespArg* args = <RespArg*>self.args.data
        cdef size_t n = self.args.used // sizeof(RespArg), i, at = 0
        if self.args.failed or self.text.failed or n > INT_MAX:
            raise MemoryError("no memory for the arguments")
        for i in range(n):
            if args[i].data == NULL:
                args[i].data = self.text.data + at
                at += args[i].size
        return store.perform(command, args, <int>n, ANY)


cdef object run_pairs(Store store, const Command* command, key, names, values, bint values_first):
    """A command of a key and of pairs of a name and a number; as many names as numbers."""
    cdef _Numbers numbers = _Numbers(values)
    cdef _Numbers ids = None
    cdef _Words words = _Words()
    cdef list given = None
    cdef Py_ssize_t count, i
    if is_numbers(names):
        ids = _Numbers(names)
        count = ids.count
    else:
        given = list(names)
        count = len(given)
    if count != numbers.count:
        raise ValueError(f"{count} names and {numbers.count} numbers do not make pairs")
    if count == 0:
        return 0
    words.add(command.row.name)
    words.add(key)
    for i in range(count):
        if values_first:
            words.add_number(numbers, i)
        if ids is None:
            words.add(given[i])
        else:
            words.add_number(ids, i)
        if not values_first:
            words.add_number(numbers, i)
    return words.run(store, command)


cdef int check_code(code, int doubles, int integers) except -1:
    if code == "d":
        return doubles
    if code == "q":
        return integers
    raise ValueError('an array is of "d" (float64) or "q" (int64)')


def zadd_numbers(Store store not None, key, members, scores):
    """ZADD of many members, their scores from a buffer; members may be a buffer of int64. How many are new."""
    return run_pairs(store, ZADD, key, members, scores, True)


def hset_numbers(Store store not None, key, fields, values):
    """HSET of many fields, their values from a buffer; fields may be a buffer of int64. How many are new."""
    return run_pairs(store, HSET, key, fields, values, False)


def rpush_numbers(Store store not None, key, values):
    """RPUSH of all numbers of a buffer; the new length, or 0 when there was nothing to add."""
    cdef _Numbers numbers = _Numbers(values)
    cdef _Words words = _Words()
    cdef Py_ssize_t i
    if numbers.count == 0:
        return 0
    words.add(RPUSH.row.name)
    words.add(key)
    for i in range(numbers.count):
        words.add_number(numbers, i)
    return words.run(store, RPUSH)


def zrange_scores(Store store not None, key, start, end, bint desc=False, bint members=False):
    """The scores from one position to another as array("d"); with `members` (list, array)."""
    cdef list arguments = [key, start, end, "REV", "WITHSCORES"] if desc else [key, start, end, "WITHSCORES"]
    return store.run_list(ZRANGE, arguments, PAIRS_DOUBLES if members else SCORES)


def zmscore_numbers(Store store not None, key, members):
    """The scores of some members as array("d"), nan where there is none."""
    return store.run_list(ZMSCORE, [key, *members], DOUBLES)


def lrange_numbers(Store store not None, key, start, end, code):
    """The elements from one position to another as an array; ValueError where one is no number."""
    return store.run3(LRANGE, key, start, end, check_code(code, DOUBLES, INTEGERS))


def hgetall_numbers(Store store not None, key, code):
    """(list of fields, array of their values); ValueError where one is no number."""
    return store.run1(HGETALL, key, check_code(code, PAIRS_DOUBLES, PAIRS_INTEGERS))


def hmget_numbers(Store store not None, key, fields, code):
    """The values of some fields as an array; nan where there is none, a ValueError among int64."""
    return store.run_list(HMGET, [key, *fields], check_code(code, DOUBLES, INTEGERS))
