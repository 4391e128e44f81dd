# cython: binding=False
"""The embedded door: an engine inside this process, without a socket.

A call builds its arguments on the stack as slices of the caller's own objects, passes the same
gate as a request from the network, and reads its RESP3 reply from a small buffer on the stack:
one way to run a command, and no Python object is made while the engine is locked, so that no
garbage collection can run the caller's code inside the engine (docs/decisions/0002).

Costs: about twice a ``dict`` look-up for a short call. Calls keep the interpreter's lock when they
are short, and let it go when their command or their arguments may take long.
"""
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.float cimport PyFloat_Check
from cpython.long cimport PyLong_CheckExact
from cpython.unicode cimport PyUnicode_CheckExact, PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport strlen

from cydis.core.buffer cimport Buffer, buffer_close, buffer_init
from cydis.core.lock cimport lock_release, lock_try, lock_wait
from cydis.core.number cimport number_format_double, number_format_int
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, Command, call_begin
from cydis.engine.database cimport CLIENT_AUTHENTICATED, CLIENT_EMBEDDED, engine_tick_coarse
from cydis.engine.door cimport EngineObject, client_begin, client_end
from cydis.engine.expiry cimport engine_cron
from cydis.engine.gate cimport execute, find_command
from cydis.engine.table cimport CONTAINER, FAST, lookup, lookup_sub
from cydis.engine.door import CommandError, Verbatim

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    int PyObject_CheckBuffer(object o)

cdef object COMMAND_ERROR = CommandError  # without a look into the module's dict

cdef enum:
    HOME = 512                            # bytes of a reply that need no allocation
    STACK_ARGS = 16
    TEXT = 40                             # bytes of a number written out
    LONG_ARGUMENTS = 32768                # bytes of arguments from which the interpreter is let go
    CRON_CALLS = 1024                     # calls between two turns of periodic work when no loop does it


cdef class Scratch:
    """Memory that lives as long as one call with many arguments."""
    cdef RespArg* argv
    cdef char* text
    cdef list kept

    def __dealloc__(self):
        free(self.argv)
        free(self.text)


cdef object as_bytes(value):
    """What an argument of a less common kind means in bytes; TypeError for what is none."""
    if isinstance(value, bool) or value is None:
        raise TypeError(f"an argument is {value!r}; bytes, str, int or float is needed")
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, float):
        return repr(float(value)).encode()
    if PyObject_CheckBuffer(value):
        return bytes(value)
    raise TypeError(f"an argument is of type {type(value).__name__}; bytes, str, int or float is needed")


cdef inline object encode(value, RespArg* arg, char* text):
    """Points `arg` at the bytes of `value`. Returns an object that must outlive the call (often `value`)."""
    cdef Py_ssize_t size
    cdef int overflow = 0
    cdef int64_t n
    if PyBytes_CheckExact(value):
        arg.data = <const uint8_t*>PyBytes_AS_STRING(value)
        arg.size = PyBytes_GET_SIZE(value)
        return value
    if PyUnicode_CheckExact(value):
        arg.data = <const uint8_t*>PyUnicode_AsUTF8AndSize(value, &size)
        arg.size = size
        return value
    if PyLong_CheckExact(value) and -0x7FFFFFFFFFFFFFFF <= value <= 0x7FFFFFFFFFFFFFFF:
        n = value
        arg.size = number_format_int(n, text)
        arg.data = <const uint8_t*>text
        return value
    if PyFloat_Check(value):
        arg.size = number_format_double(value, text)
        arg.data = <const uint8_t*>text
        return value
    value = as_bytes(value)
    arg.data = <const uint8_t*>PyBytes_AS_STRING(value)
    arg.size = PyBytes_GET_SIZE(value)
    return value


# ---- from reply to object ----

cdef struct Reader:
    const uint8_t* at
    bint decode                           # bulk strings as str


cdef inline int64_t read_number(Reader* r) noexcept:
    """The integer up to the line's end; the reader stands behind it. The reply is our own: no checks."""
    cdef const uint8_t* p = r.at
    cdef bint negative = p[0] == 45
    cdef uint64_t n = 0
    if negative:
        p += 1
    while p[0] != 13:
        n = n * 10 + (p[0] - 48)
        p += 1
    r.at = p + 2
    return -<int64_t>n if negative else <int64_t>n


cdef inline object read_line(Reader* r):
    cdef const uint8_t* p = r.at
    while r.at[0] != 13:
        r.at += 1
    r.at += 2
    return PyBytes_FromStringAndSize(<const char*>p, r.at - 2 - p)


cdef inline object read_text(Reader* r, size_t size):
    cdef const char* p = <const char*>r.at
    r.at += size + 2
    if r.decode:
        return PyUnicode_DecodeUTF8(p, size, b"surrogateescape")
    return PyBytes_FromStringAndSize(p, size)


cdef object read_reply(Reader* r):
    """One reply as an object. An error inside an aggregate becomes a CommandError in its place."""
    cdef uint8_t kind = r.at[0]
    cdef int64_t n
    r.at += 1
    if kind == b"$":
        n = read_number(r)
        return read_text(r, n)
    if kind == b":":
        return read_number(r)
    if kind == b"+":
        line = read_line(r)
        return line.decode() if r.decode else line
    if kind == b"_":
        r.at += 2
        return None
    if kind == b",":
        return float(read_line(r))
    if kind == b"#":
        r.at += 3
        return (r.at - 3)[0] == b"t"
    if kind == b"*" or kind == b">":
        n = read_number(r)
        return [read_reply(r) for _ in range(n)]
    if kind == b"%":
        return read_map(r, read_number(r))
    if kind == b"~":
        n = read_number(r)
        return as_set([read_reply(r) for _ in range(n)])
    if kind == b"=":
        n = read_number(r)
        r.at += 4
        return read_text(r, n - 4)
    if kind == b"(":
        return int(read_line(r))
    return COMMAND_ERROR(read_line(r).decode(errors="surrogateescape"))


cdef object as_set(list members):
    """A set; a list when some member is itself a container (COMMAND INFO has such)."""
    try:
        return set(members)
    except TypeError:
        return members


cdef object read_map(Reader* r, int64_t pairs):
    cdef dict result = {}
    for _ in range(pairs):
        key = read_reply(r)
        result[tuple(key) if isinstance(key, list) else key] = read_reply(r)
    return result


cdef object raise_reply(Reader* r):
    raise COMMAND_ERROR(read_line(r).decode(errors="surrogateescape"))


cdef inline object decode_reply(Reader* r):
    if r.at[0] == b"-":
        r.at += 1
        return raise_reply(r)
    return read_reply(r)


cdef inline object finish(Buffer* out, bint decode):
    """The reply as an object, or the CommandError it is, raised; the buffer is given back."""
    cdef Reader r
    r.at = out.data
    r.decode = decode
    if out.data == out.home:              # nothing to give back
        return decode_reply(&r) if out.used else None     # None: CLIENT REPLY OFF
    try:
        if out.failed:
            raise MemoryError("no memory for the reply")
        return decode_reply(&r)
    finally:
        buffer_close(out)


cdef int wait_for(Store store) except -1:
    """Waits for the engine's lock with the interpreter let go: who holds the one never waits for the other."""
    with nogil:
        lock_wait(&store.engine.engine.lock)
    return 0


cdef class Store:
    """A database in this process.

    Methods take bytes, str, int or float (and any buffer object) and answer bytes, int, float, bool or None;
    with ``decode=True`` str instead of bytes. One Store may be used from many threads. Several Stores are
    independent of each other.

    Args:
        databases: numbered databases (``select``), 16 as in a server.
        decode: answer str (UTF-8, surrogateescape) instead of bytes.
        seed: 16 bytes that make hashing and random choices repeatable; None draws them from the system.
        engine: an EngineObject to open another door to; None makes a new one.
    """

    def __cinit__(self, *, int databases=16, bint decode=False, seed=None, EngineObject engine=None):
        self.engine = EngineObject(databases, seed) if engine is None else engine
        client_begin(&self.client, self.engine.engine)
        self.client.flags |= CLIENT_AUTHENTICATED | CLIENT_EMBEDDED
        self.client.resp = 3
        self.decode = decode

    def __dealloc__(self):
        client_end(&self.client)

    # -- the way of a call --

    cdef object run(self, const Command* command, RespArg* argv, int argc, bint short):
        """Runs one command. `short`: it cannot take long, so the interpreter's lock is kept."""
        cdef uint8_t[HOME] home
        cdef Buffer out
        cdef Call call
        buffer_init(&out, home, HOME)
        if not lock_try(&self.engine.engine.lock):
            wait_for(self)
        engine_tick_coarse(self.engine.engine)
        call_begin(&call, &self.client, argv, argc, &out)
        if short:
            execute(&call, command)
        else:
            with nogil:
                execute(&call, command)
        self.client.resp = 3              # HELLO and RESET are for sockets
        self.calls += 1
        if self.calls % CRON_CALLS == 0 and not self.served:
            engine_cron(self.engine.engine, 500)
        lock_release(&self.engine.engine.lock)
        return finish(&out, self.decode)

    cdef object run0(self, const Command* command):
        cdef RespArg[1] argv
        name_of(command, argv)
        return self.run(command, argv, 1, True)

    cdef object run1(self, const Command* command, a):
        cdef RespArg[2] argv
        cdef char[TEXT] text
        name_of(command, argv)
        a = encode(a, &argv[1], text)
        return self.run(command, argv, 2, True)

    cdef object run2(self, const Command* command, a, b):
        cdef RespArg[3] argv
        cdef char[2 * TEXT] text
        name_of(command, argv)
        a = encode(a, &argv[1], text)
        b = encode(b, &argv[2], text + TEXT)
        return self.run(command, argv, 3, argv[2].size < LONG_ARGUMENTS)

    cdef object run3(self, const Command* command, a, b, c):
        cdef RespArg[4] argv
        cdef char[3 * TEXT] text
        name_of(command, argv)
        a = encode(a, &argv[1], text)
        b = encode(b, &argv[2], text + TEXT)
        c = encode(c, &argv[3], text + 2 * TEXT)
        return self.run(command, argv, 4, argv[2].size + argv[3].size < LONG_ARGUMENTS)

    cdef object run_list(self, const Command* command, list arguments):
        """Any number of arguments, the command's name not among them."""
        cdef RespArg[STACK_ARGS] stack_argv
        cdef char[STACK_ARGS * TEXT] stack_text
        cdef Py_ssize_t n = len(arguments), i
        cdef Scratch scratch = None
        cdef RespArg* argv = stack_argv
        cdef char* text = stack_text
        cdef list kept = []
        cdef size_t total = 0
        if n + 1 > STACK_ARGS:
            scratch = Scratch.__new__(Scratch)
            scratch.argv = argv = <RespArg*>malloc((n + 1) * sizeof(RespArg))
            scratch.text = text = <char*>malloc(n * TEXT)
            if argv == NULL or text == NULL:
                raise MemoryError("no memory for the arguments")
        name_of(command, argv)
        for i in range(n):
            kept.append(encode(arguments[i], &argv[i + 1], text + i * TEXT))
            total += argv[i + 1].size
        return self.run(command, argv, <int>(n + 1),
                        command.row.flags & FAST and n < 64 and total < LONG_ARGUMENTS)

    def execute(self, name, *arguments):
        """Runs any command, as a client of the server would.

        Args:
            name: the command's name in any case; a subcommand follows as the first argument (``"CONFIG", "GET"``) or
                in the same word after a space.
            arguments: bytes, str, int, float or buffers.

        Returns:
            The reply by RESP3's mapping: bytes, int, float, bool, None, list, dict, set.

        Raises:
            CommandError: the command answered with an error; the text is the server's.
            TypeError: an argument is of another type.
        """
        cdef list all_arguments
        cdef RespArg[STACK_ARGS] stack_argv
        cdef char[STACK_ARGS * TEXT] stack_text
        cdef RespArg* argv = stack_argv
        cdef char* text = stack_text
        cdef Py_ssize_t n = len(arguments) + 1, i
        cdef Scratch scratch = None
        cdef list kept = []
        cdef size_t total = 0
        cdef Call call
        cdef const Command* command
        if n > STACK_ARGS:
            scratch = Scratch.__new__(Scratch)
            scratch.argv = argv = <RespArg*>malloc(n * sizeof(RespArg))
            scratch.text = text = <char*>malloc(n * TEXT)
            if argv == NULL or text == NULL:
                raise MemoryError("no memory for the arguments")
        if isinstance(name, str) and " " in name:
            return self.execute(*name.split(), *arguments)
        kept.append(encode(name, &argv[0], text))
        for i in range(1, n):
            kept.append(encode(arguments[i - 1], &argv[i], text + i * TEXT))
            total += argv[i].size
        call.argv = argv
        call.argc = <int>n
        command = find_command(&call, NULL)
        return self.run(command, argv, <int>n, command != NULL and command.row.flags & FAST
                        and n < 64 and total < LONG_ARGUMENTS)


    def get(self, key):
        """The string at `key`, or None. O(1)."""
        return self.run1(GET, key)

    def set(self, key, value):
        """Stores a string. O(1)."""
        return self.run2(SET, key, value) is not None


cdef const Command* row(const char* name) except NULL:
    """The command of this name, which a family must have registered before this module is imported."""
    cdef const Command* command = lookup(name, strlen(name))
    if command == NULL:
        raise ImportError(f"the command {(<bytes>name).decode()} is not registered; import cydis, not cydis.store")
    return command


cdef const Command* GET = row(b"GET")
cdef const Command* SET = row(b"SET")


cdef inline void name_of(const Command* command, RespArg* argv) noexcept:
    argv[0].data = <const uint8_t*>command.row.name
    argv[0].size = command.name_size
