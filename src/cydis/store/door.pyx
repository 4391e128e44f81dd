# cython: binding=False, embedsignature.format=clinic
"""What the methods of all families stand on: arguments from Python's values, then perform().

The families' classes stand on one another in a row (keys, strings, lists, sets, hashes, zsets, bitmaps,
hyperloglogs, geo, vectors, server), because classes of C have one base; Store and Pipeline stand on the last. A Store
performs a command at once, a Pipeline keeps it: so each method exists once, and is one line.
"""
from libc.stdlib cimport free, malloc
from libc.string cimport strlen

from types import GenericAlias

from cydis.engine.call cimport Call
from cydis.engine.gate cimport find_command
from cydis.engine.table cimport lookup
from cydis.store.replies cimport ANY

cdef extern from *:
    """
    static PyObject *own_method(PyObject *cls, PyObject *method)
    {
        return PyDescr_NewMethod((PyTypeObject *)cls, ((PyMethodDescrObject *)method)->d_method);
    }
    """
    object own_method(object cls, object method)

cdef enum:
    STACK_ARGS = 16                       # arguments that need no allocation


cdef const Command* row(const char* name) except NULL:
    cdef const Command* command = lookup(name, strlen(name))
    if command == NULL:
        raise ImportError(f"the command {(<bytes>name).decode()} is not registered; import cydis, not cydis.store")
    return command


def own_methods(cls):
    """A decorator: gives a class inherited methods of its own.

    The interpreter calls a compiled method at once when the method's class is exactly the object's, and otherwise looks
    whether it is a base of it: some 10 ns, for each call.
    """
    for base in cls.__mro__[1:]:
        for name, method in vars(base).items():
            if type(method) is type(str.join) and name not in vars(cls) and getattr(cls, name) is method:
                setattr(cls, name, own_method(cls, method))
    return cls


cdef class _Scratch:
    """Memory that lives as long as one call with many arguments."""
    cdef RespArg* argv
    cdef char* text

    def __cinit__(self, Py_ssize_t n):
        self.argv = <RespArg*>malloc(n * sizeof(RespArg))
        self.text = <char*>malloc(n * TEXT)
        if self.argv == NULL or self.text == NULL:
            raise MemoryError("no memory for the arguments")

    def __dealloc__(self):
        free(self.argv)
        free(self.text)


cdef inline void name_of(const Command* command, RespArg* argv) noexcept:
    argv[0].data = <const uint8_t*>command.row.name
    argv[0].size = command.name_size


cdef class Door:
    """Where commands go in: the part that a Store and a Pipeline share."""

    cdef object perform(self, const Command* command, RespArg* argv, int argc, int shape):
        raise TypeError("this door leads nowhere; use cydis.Store")

    cdef object run0(self, const Command* command, int shape):
        cdef RespArg[1] argv
        name_of(command, argv)
        return self.perform(command, argv, 1, shape)

    cdef object run1(self, const Command* command, a, int shape):
        cdef RespArg[2] argv
        cdef char[TEXT] text
        name_of(command, argv)
        a = encode(a, &argv[1], text)
        return self.perform(command, argv, 2, shape)

    cdef object run2(self, const Command* command, a, b, int shape):
        cdef RespArg[3] argv
        cdef char[2 * TEXT] text
        name_of(command, argv)
        a = encode(a, &argv[1], text)
        b = encode(b, &argv[2], text + TEXT)
        return self.perform(command, argv, 3, shape)

    cdef object run3(self, const Command* command, a, b, c, int shape):
        cdef RespArg[4] argv
        cdef char[3 * TEXT] text
        name_of(command, argv)
        a = encode(a, &argv[1], text)
        b = encode(b, &argv[2], text + TEXT)
        c = encode(c, &argv[3], text + 2 * TEXT)
        return self.perform(command, argv, 4, shape)

    cdef object run_list(self, const Command* command, list arguments, int shape):
        """Any number of arguments, the command's name not among them; command NULL: the first one is the name."""
        cdef RespArg[STACK_ARGS] stack_argv
        cdef char[STACK_ARGS * TEXT] stack_text
        cdef RespArg* argv = stack_argv
        cdef char* text = stack_text
        cdef Py_ssize_t n = len(arguments), i
        cdef int named = command != NULL
        cdef _Scratch scratch
        cdef Call call
        cdef list kept = []
        if n + named > STACK_ARGS:
            scratch = _Scratch.__new__(_Scratch, n + 1)
            argv = scratch.argv
            text = scratch.text
        if named:
            name_of(command, argv)
        for i in range(n):
            kept.append(encode(arguments[i], &argv[i + named], text + i * TEXT))
        if not named:
            call.argv = argv
            call.argc = <int>n
            command = find_command(&call, NULL)
        return self.perform(command, argv, <int>n + named, shape)

    @classmethod
    def __class_getitem__(cls, item, /):
        """``Store[str]``, for annotations."""
        return GenericAlias(cls, item)

    def execute(self, name, *arguments):
        """Runs any command, as a client of the server would.

        Args:
            name: the command's name in any case; a subcommand follows as the first argument (``"CONFIG", "GET"``) or
                in the same str after a space.
            arguments: bytes, str, int, float or buffers.

        Returns:
            The reply by RESP3's mapping: bytes, int, float, bool, None, list, dict, set; in a Pipeline the Pipeline.

        Raises:
            CommandError: the command answered with an error; the text is the server's.
            TypeError: an argument is of another type.
        """
        if isinstance(name, str) and " " in name:
            return self.run_list(NULL, [*name.split(), *arguments], ANY)
        return self.run_list(NULL, [name, *arguments], ANY)
