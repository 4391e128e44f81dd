# cython: binding=False, embedsignature.format=clinic
"""The embedded door: an engine inside this process, without a socket.

A call builds its arguments on the stack as slices of the caller's own objects, passes the same
gate as a request from the network, and reads its RESP3 reply from a small buffer on the stack:
one way to run a command, and no Python object is made while the engine is locked, so that no
garbage collection can run the caller's code inside the engine (docs/decisions/0002).

Locks. A call that cannot take long keeps the interpreter's lock from start to end; one that may (by its command or
its arguments) lets it go. Nobody waits for the engine with the interpreter's lock in hand. The only Python code that
runs while the engine is locked are commands written in Python; what uses the Store from in there (a ``__del__``, a
signal handler) is let through on the same thread.

Costs: about twice a ``dict`` look-up for a short call.
"""
from libc.stdint cimport uint8_t, uint64_t

from cydis.core.buffer cimport Buffer, buffer_close
from cydis.core.clock cimport clock_ticks
from cydis.core.lock cimport lock_release, lock_try
from cydis.engine.call cimport Call, call_begin
from cydis.engine.database cimport (
    CLIENT_AUTHENTICATED, CLIENT_EMBEDDED, CLIENT_LIBRARY, CLIENT_NO_EVICT, CLIENT_NO_TOUCH, Engine, engine_tick_coarse,
    engine_ticks, free_until, garbage_waits,
)
from cydis.engine.door cimport client_begin, client_end, engine_enter
from cydis.engine.expiry cimport engine_cron
from cydis.engine.gate cimport execute
from cydis.engine.table cimport BRIEF, FAST
from cydis.store.arguments cimport TEXT, encode
from cydis.store.door cimport row
from cydis.store.replies cimport ANY, NOTHING, shape_reply

cdef enum:
    BRIEF_ARGUMENTS = 64                  # more arguments, or more bytes, and the interpreter is let go
    BRIEF_BYTES = 32768
    HOME = 512                            # bytes of a reply that need no allocation
    CRON_CALLS = 1024                     # calls between two looks whether periodic work is due
    CRON_US = 100                         # how long a turn of it may take
    GARBAGE_US = 20                       # how long a call goes on freeing what waits, at least
    KEPT_FLAGS = CLIENT_NO_TOUCH | CLIENT_NO_EVICT | CLIENT_LIBRARY
    OWN_FLAGS = CLIENT_AUTHENTICATED | CLIENT_EMBEDDED

cdef extern from *:
    """
    /* get(key) does without looking for a default. */
    typedef PyObject *(*FastMethod)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
    static FastMethod get_any;
    static PyObject *(*get_plain)(PyObject *, PyObject *);

    static PyObject *get_shortcut(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
    {
        if (n == 1 && names == NULL) return get_plain(self, args[0]);
        return get_any(self, args, n, names);
    }

    static void get_shorten(PyObject *method, void *plain)
    {
        PyMethodDef *definition = ((PyMethodDescrObject *)method)->d_method;
        if (definition->ml_flags != (METH_FASTCALL | METH_KEYWORDS)) return;
        get_plain = plain;
        get_any = (FastMethod)(void (*)(void))definition->ml_meth;
        definition->ml_meth = (PyCFunction)(void (*)(void))get_shortcut;
    }
    """
    void get_shorten(object method, void* plain)

cdef const Command* GET = row(b"GET")
cdef const Command* SET = row(b"SET")
cdef const Command* DEL = row(b"DEL")
cdef const Command* EXISTS = row(b"EXISTS")


cdef object PIPELINE = None               # the class, once it is needed: its module stands on this one


cdef void mend_client(Client* client) noexcept nogil:
    client.resp = 3
    client.flags = client.flags & KEPT_FLAGS | OWN_FLAGS


cdef bint is_brief(const Command* command, const RespArg* argv, int argc) noexcept nogil:
    """Whether a call surely ends soon; then letting the interpreter go would cost more than the call."""
    cdef size_t size = 0
    cdef int i
    if command == NULL:
        return True
    if not command.row.flags & (FAST | BRIEF) or argc > BRIEF_ARGUMENTS:
        return False
    for i in range(1, argc):
        size += argv[i].size
    return size < BRIEF_BYTES


cdef class Store(ServerMethods):
    """A database in this process.

    Methods take bytes, str, int or float (and any buffer object) and answer bytes, int, float, bool or None;
    with ``decode=True`` str instead of bytes. One Store may be used from many threads. Several Stores are
    independent of each other. For strings a Store is used like a dict as well: ``store[key]``, ``del store[key]``,
    ``key in store``, ``len(store)``, iteration over all keys.

    A child process made by fork has a copy of the data of its own; make it while no other thread uses the Store.

    Args:
        databases: numbered databases (``select``), 16 as in a server.
        decode: answer str (UTF-8, surrogateescape) instead of bytes.
        seed: 16 bytes that make hashing and random choices repeatable; None draws them from the system.
        engine: an EngineObject to open another door to; None makes a new one.
    """

    def __cinit__(self, *, int databases=16, bint decode=False, seed=None, EngineObject engine=None):
        self.engine = EngineObject(databases, seed) if engine is None else engine
        client_begin(&self.client, self.engine.engine)
        mend_client(&self.client)
        self.decode = decode

    def __init__(self, *, databases=16, decode=False, seed=None, engine=None):
        """The arguments are read by __cinit__, so that there is no Store without an engine."""

    def __dealloc__(self):
        client_end(&self.client)

    def __repr__(self):
        used = float(self.engine.stats()["heap_used"])
        for unit in ("B", "K", "M", "G", "T"):
            if used < 1024 or unit == "T":
                break
            used /= 1024
        return f"<cydis.Store keys={self.dbsize()} used={used:.{unit != 'B':d}f}{unit}>"

    # -- the way of a call --

    cdef void between(self, uint64_t took) noexcept nogil:
        """After a call of so many ticks: garbage is freed for half that time, so that it cannot pile up."""
        cdef Engine* e = self.engine.engine
        cdef uint64_t least
        if garbage_waits(e) and not e.settings.cron_paused:
            least = engine_ticks(e, GARBAGE_US)
            free_until(e, clock_ticks() + (took // 2 if took // 2 > least else least))
        if e.now >= self.cron_at or e.now < self.cron_at - 1000:
            if not engine_cron(e, CRON_US):
                self.cron_at = e.now + 1000 // e.settings.hz

    cdef object perform(self, const Command* command, RespArg* argv, int argc, int shape):
        cdef uint8_t[HOME] home
        cdef Buffer out
        cdef Call call
        cdef Engine* e = self.engine.engine
        cdef bint nested = False
        cdef uint64_t began
        out.home = out.data = home
        out.home_size = out.size = HOME
        out.used = 0
        out.failed = False
        if not lock_try(&e.lock):
            nested = engine_enter(e)
        engine_tick_coarse(e)
        call_begin(&call, &self.client, argv, argc, &out)
        self.calls += 1
        if is_brief(command, argv, argc):
            execute(&call, command)
            if self.calls % CRON_CALLS == 0 or garbage_waits(e):
                self.between(0)
            mend_client(&self.client)
            if not nested:
                lock_release(&e.lock)
        else:
            with nogil:
                began = clock_ticks()
                execute(&call, command)
                if self.calls % CRON_CALLS == 0 or garbage_waits(e):
                    self.between(clock_ticks() - began)
                mend_client(&self.client)
                if not nested:
                    lock_release(&e.lock)
        if out.data == home and out.used and not out.failed:
            return shape_reply(home, self.decode, shape)
        try:
            if out.failed:
                raise MemoryError("no memory for the reply")
            return shape_reply(out.data, self.decode, shape) if out.used else None     # None: CLIENT REPLY OFF
        finally:
            buffer_close(&out)

    def pipeline(self):
        """Collects commands that are then run at once, see Pipeline."""
        global PIPELINE
        if PIPELINE is None:
            from cydis.store.pipeline import Pipeline as PIPELINE
        return PIPELINE(self)

    # -- scanning --

    def scan_iter(self, match=None, count=None, type=None):
        """Iterates over the keys of the selected database; arguments as scan.

        Keys may be added and removed meanwhile: one that is there from start to end comes at least once.
        """
        return _Scan(self, "scan", (), {"match": match, "count": count, "type": type})

    def sscan_iter(self, key, match=None, count=None):
        """Iterates over the members of a set, as scan_iter over keys."""
        return _Scan(self, "sscan", (key,), {"match": match, "count": count})

    def hscan_iter(self, key, match=None, count=None):
        """Iterates over the (field, value) pairs of a hash, as scan_iter over keys."""
        return _Scan(self, "hscan", (key,), {"match": match, "count": count})

    def zscan_iter(self, key, match=None, count=None):
        """Iterates over the (member, score) pairs of a sorted set, as scan_iter over keys."""
        return _Scan(self, "zscan", (key,), {"match": match, "count": count})

    # -- strings as in a dict --

    def get(self, key, default=None):
        """The string at `key`, or `default`. O(1)."""
        value = plain_get(self, key)
        return default if value is None else value

    def pop(self, key, *default):
        """Removes a string and answers it, or `default`; KeyError where none is given. O(1)."""
        if len(default) > 1:
            raise TypeError("pop takes a key and at most one default")
        value = self.getdel(key)
        if value is not None:
            return value
        if default:
            return default[0]
        raise KeyError(key)

    def setdefault(self, key, default):
        """The string at `key`; where there is none, `default` is stored first. O(1)."""
        value = self.set(key, default, nx=True, get=True)
        return self.run1(GET, key, ANY) if value is None else value

    def update(self, mapping):
        """Stores all strings of a mapping, or of an iterable of pairs, at once. O(keys)."""
        pairs = dict(mapping)
        if pairs:
            self.mset(pairs)

    def clear(self):
        """Removes all keys of the selected database."""
        self.flushdb()

    def __getitem__(self, key):
        value = self.run1(GET, key, ANY)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key, value):
        self.run2(SET, key, value, NOTHING)

    def __delitem__(self, key):
        if not self.run1(DEL, key, ANY):
            raise KeyError(key)

    def __contains__(self, key):
        return self.run1(EXISTS, key, ANY) != 0

    def __len__(self):
        return self.dbsize()

    def __iter__(self):
        return self.scan_iter()


cdef object plain_get(Store self, key):
    cdef RespArg[2] argv
    cdef char[TEXT] text
    argv[0].data = b"GET"
    argv[0].size = 3
    key = encode(key, &argv[1], text)
    return Store.perform(self, GET, argv, 2, ANY)


get_shorten(Store.get, <void*>plain_get)


cdef class _Scan:
    """The iterator of a scan: asks for the next page when one is read."""
    cdef Store store
    cdef str method
    cdef tuple before
    cdef dict options
    cdef object cursor, page

    def __cinit__(self, Store store not None, str method, tuple before, dict options):
        self.store = store
        self.method = method
        self.before = before
        self.options = options
        self.page = iter(())

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            for each in self.page:
                return each
            if self.cursor == 0:
                raise StopIteration
            self.cursor, page = getattr(self.store, self.method)(*self.before, self.cursor or 0, **self.options)
            self.page = iter(page.items() if isinstance(page, dict) else page)
