"""Python's face of an engine: opening, settings, numbers for INFO; and commands written in Python.

A handler registered with ``@command`` is called as ``handler(request, *arguments)`` with bytes; its
return value is the reply, by RESP3's mapping: dict, set, list/tuple, bytes (bulk), str (status),
int, float, bool, None, Members, Verbatim, Raw, NO_REPLY. A raised CommandError is the error reply. While
it runs it holds both the engine's lock and the interpreter's.
"""
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

import os

from cydis.core.buffer cimport buffer_append
from cydis.core.clock cimport clock_ms
from cydis.core.hashtable cimport hashtable_check, hashtable_memory, hashtable_size
from cydis.core.heap cimport heap_check, heap_fail_at, heap_reserved, heap_used
from cydis.core.lock cimport lock_release, lock_try, lock_wait
from cydis.engine.call cimport Call, Keys, Row
from cydis.engine.database cimport (
    CLIENT_AUTHENTICATED, CLIENT_CLOSE_AFTER_REPLY, CLIENT_EMBEDDED, CLIENT_UNIX, RATE_SAMPLES, RATES, Client, Engine,
    Settings,
    engine_close, engine_open, engine_tick, engine_ticks_per_us,
)
from cydis.core.record cimport Record
from cydis.engine.expiry cimport engine_cron
from cydis.engine.keyspace cimport Ref, ref_find
from cydis.engine.reply cimport (
    reply_array, reply_bool, reply_bulk, reply_double, reply_error_size, reply_int, reply_map, reply_null, reply_set,
    reply_status_size, reply_verbatim,
)
from cydis.engine.table cimport PYTHON, CONTAINER, command_at, command_count, register
from cydis.engine.timed cimport timed_check
from cydis.engine.value cimport TYPE_STRING, TypeRow, encoding_name, type_row


cdef extern from "Python.h" nogil:
    ctypedef struct PyThreadState:
        pass
    unsigned long PyThread_get_thread_ident()
    PyThreadState* PyEval_SaveThread()
    void PyEval_RestoreThread(PyThreadState* state)


class CommandError(Exception):
    """An error reply; ``str(error)`` is the server's text, its first word the kind (``ERR``, ``WRONGTYPE`` ...)."""

    @property
    def kind(self):
        """The error's first word."""
        return str(self).partition(" ")[0]


class Verbatim(bytes):
    """Text for people: a verbatim string in RESP3, a bulk string in RESP2."""


class Members(list):
    """A set in RESP3 whose members keep their order, and may be dicts or lists; an array in RESP2."""


class Raw(bytes):
    """A reply as it is sent: what the mapping cannot say (attributes, pushes, large numbers)."""


NO_REPLY = object()                       # what a handler returns whose client is to hear nothing


cdef void client_begin(Client* client, Engine* engine) noexcept nogil:
    """Fills a client as a fresh connection has it."""
    memset(client, 0, sizeof(Client))
    client.engine = engine
    client.resp = 2
    client.fd = -1
    client.last = -1
    client.created_ms = client.seen_ms = engine.now
    if not engine.password_required:
        client.flags = CLIENT_AUTHENTICATED


cdef void client_end(Client* client) noexcept nogil:
    free(client.name)
    free(client.lib_name)
    free(client.lib_ver)


cdef bint engine_enter(Engine* engine) noexcept nogil:
    """Takes the engine's lock; the caller holds the interpreter's, which is let go while this waits.

    True: this thread holds the engine already and must not give it back. It is in a command written in Python, or in
    what Python runs at any moment within (a finalizer, a signal's handler): the engine is between two steps, the call
    may pass.
    """
    cdef PyThreadState* interpreter
    if lock_try(&engine.lock):
        return False
    if engine.handler_thread == PyThread_get_thread_ident():
        return True
    interpreter = PyEval_SaveThread()
    lock_wait(&engine.lock)
    PyEval_RestoreThread(interpreter)
    return False


cdef class EngineObject:
    """One engine: databases in memory, with all their state.

    Args:
        databases: how many numbered databases, 1 or more.
        seed: 16 bytes that key the hash tables and start the random numbers; None draws them from the system.
        shell: kept in ``.shell`` for handlers written in Python.
    """

    def __cinit__(self, int databases=16, seed=None, shell=None):
        cdef bytes raw = os.urandom(16) if seed is None else bytes(seed)
        cdef uint64_t[2] words
        if len(raw) != 16 or databases < 1:
            raise ValueError("a seed of 16 bytes and at least one database are needed")
        memcpy(words, <const char*>raw, 16)
        self.engine = engine_open(databases, words[0], words[1])
        if self.engine == NULL:
            raise MemoryError("no memory for an engine")
        self.engine.owner = <void*>self
        self.shell = shell

    def __dealloc__(self):
        if self.engine != NULL:
            engine_close(self.engine)

    def lock(self):
        """Takes the engine's lock, within which this thread's calls pass; the interpreter is let go while it waits."""
        engine_enter(self.engine)
        self.engine.handler_thread = PyThread_get_thread_ident()

    def unlock(self):
        """Gives the engine's lock back."""
        self.engine.handler_thread = 0
        lock_release(&self.engine.lock)

    def set_shell(self, shell):
        """Sets what ``.shell`` gives to handlers."""
        self.shell = shell

    def set_setting(self, str name, int64_t value):
        """Applies a CONFIG value that native code reads.

        Args:
            name: the directive's name; KeyError when native code has no use for it.
            value: bytes, seconds, entries or 0/1, as the directive has it.
        """
        cdef Settings* s = &self.engine.settings
        limits = &self.engine.context.limits
        if name == "list-max-listpack-size":
            limits.list_max_listpack_size = value
        elif name == "hash-max-listpack-entries":
            limits.hash_max_listpack_entries = value
        elif name == "hash-max-listpack-value":
            limits.hash_max_listpack_value = value
        elif name == "set-max-intset-entries":
            limits.set_max_intset_entries = value
        elif name == "set-max-listpack-entries":
            limits.set_max_listpack_entries = value
        elif name == "set-max-listpack-value":
            limits.set_max_listpack_value = value
        elif name == "zset-max-listpack-entries":
            limits.zset_max_listpack_entries = value
        elif name == "zset-max-listpack-value":
            limits.zset_max_listpack_value = value
        elif name == "hll-sparse-max-bytes":
            limits.hll_sparse_max_bytes = value
        elif name == "proto-max-bulk-len":
            s.proto_max_bulk_len = value
        elif name == "client-query-buffer-limit":
            s.client_query_buffer_limit = value
        elif name == "timeout":
            s.timeout = value
        elif name == "tcp-keepalive":
            s.tcp_keepalive = value
        elif name == "maxclients":
            s.maxclients = value
        elif name == "hz":
            s.hz = value
        elif name == "active-expire-effort":
            s.active_expire_effort = value
        elif name == "active-expire":
            s.active_expire = value
        elif name == "cron-paused":
            s.cron_paused = value
        elif name == "lazyfree-lazy-user-del":
            s.lazy_user_del = value
        elif name == "lazyfree-lazy-user-flush":
            s.lazy_user_flush = value
        elif name == "lazyfree-lazy-server-del":
            s.lazy_server_del = value
        elif name == "lazyfree-lazy-expire":
            s.lazy_expire = value
        elif name == "rdbcompression":
            s.rdb_compression = value
        elif name == "lfu":
            s.lfu = value
        elif name == "lfu-log-factor":
            s.lfu_log_factor = value
        elif name == "lfu-decay-time":
            s.lfu_decay_time = value
        else:
            raise KeyError(name)

    def set_password(self, bytes password):
        """The default user's password; empty for none, then everybody is welcome.

        Who is connected stays connected. The engine's lock must be held, or nobody served yet.
        """
        cdef char* copy = <char*>malloc(len(password) + 1)
        if copy == NULL:
            raise MemoryError("no memory for a password")
        memcpy(copy, <const char*>password, len(password) + 1)
        free(self.engine.password)
        self.engine.password = copy
        self.engine.password_size = len(password)
        self.engine.password_required = len(password) > 0

    def freeze_clock(self, int64_t ms=-1):
        """Stops the clock at `ms` (wall clock, milliseconds); -1 lets it run again. For tests."""
        self.engine.clock.frozen = ms
        engine_tick(self.engine)

    def fail_allocations(self, uint64_t n=0):
        """Lets the n-th allocation of the data set's memory from now on, and all after it, fail; 0: none. For tests."""
        heap_fail_at(self.engine.context.heap, n)

    def check(self):
        """Whether every invariant of the memory and of the tables of keys holds. For tests; O(everything)."""
        cdef bint nested = engine_enter(self.engine)
        cdef bint whole = heap_check(self.engine.context.heap)
        for i in range(self.engine.db_count):
            whole = whole and hashtable_check(&self.engine.dbs[i].keys) and timed_check(&self.engine.dbs[i])
        if not nested:
            lock_release(&self.engine.lock)
        return bool(whole)

    def now_ms(self):
        """What the engine's clock shows, in milliseconds."""
        return clock_ms(&self.engine.clock)

    def cron(self, long budget_us=1000):
        """One turn of periodic work (expiry, freeing in slices), about `budget_us` microseconds long at most.

        Returns:
            True when more waits.
        """
        cdef bint nested = engine_enter(self.engine)
        cdef bint more = engine_cron(self.engine, budget_us)
        if not nested:
            lock_release(&self.engine.lock)
        return bool(more)

    def request_shutdown(self):
        """Asks the doors to stop."""
        self.engine.shutdown = True

    @property
    def shutdown_requested(self):
        return bool(self.engine.shutdown)

    def rates(self):
        """Commands, bytes in and bytes out per second, over the last 1.6 s of periodic work."""
        result = []
        for i in range(RATES):
            total = 0.0
            for k in range(RATE_SAMPLES):
                total += self.engine.stats.rates[i].per_second[k]
            result.append(total / RATE_SAMPLES)
        return tuple(result)

    def stats(self):
        """The counters, as plain data: a dict of numbers. O(clients)."""
        cdef double rate = engine_ticks_per_us(self.engine)
        cdef Client* client
        cdef size_t held = 0
        cdef bint nested = engine_enter(self.engine)
        try:
            s = self.engine.stats
            client = self.engine.clients
            while client != NULL:
                held += sizeof(Client) + client.input_size + client.output_used
                client = client.next
            return {
                "client_memory": held,
                "connections": s.connections, "rejected_connections": s.rejected_connections, "commands": s.commands,
                "net_in": s.net_in, "net_out": s.net_out, "reads": s.reads, "writes": s.writes, "hits": s.hits,
                "misses": s.misses, "expired": s.expired, "expired_fields": self.engine.context.fields_expired,
                "expired_time_caps": s.expired_time_caps, "expired_stale_percent": s.expired_stale_percent,
                "expire_us": s.expire_ticks / rate, "errors": s.errors,
                "input_limit_closes": s.input_limit_closes, "output_limit_closes": s.output_limit_closes,
                "lazy_freed": s.lazy_freed, "loop_cycles": s.loop_cycles, "loop_us": s.loop_ticks / rate,
                "loop_command_us": s.loop_command_ticks / rate, "auth_denied": s.auth_denied,
                "clients": self.engine.client_count, "changes": self.engine.changes,
                "lazy_pending": self.engine.lazy_count, "heap_used": heap_used(self.engine.context.heap),
                "heap_reserved": heap_reserved(self.engine.context.heap), "started_ms": self.engine.started_ms,
                "lru_now": self.engine.lru_now, "databases": self.engine.db_count,
            }
        finally:
            if not nested:
                lock_release(&self.engine.lock)

    def reset_stats(self):
        """CONFIG RESETSTAT: counters and per-command figures start again from zero."""
        memset(&self.engine.stats, 0, sizeof(self.engine.stats))
        self.engine.context.fields_expired = 0
        memset(self.engine.command_stats, 0, command_count() * sizeof(self.engine.command_stats[0]))
        self.engine.error_kinds = 0

    def command_stats(self):
        """A dict name -> (calls, microseconds, rejected, failed) of the commands that were called or refused."""
        cdef double rate = engine_ticks_per_us(self.engine)
        result = {}
        for i in range(command_count()):
            s = self.engine.command_stats[i]
            if s.calls or s.rejected or s.failed:
                result[(<bytes>command_at(i).name).decode()] = (s.calls, s.ticks / rate, s.rejected, s.failed)
        return result

    def error_stats(self):
        """A dict of first words of error replies -> how many were sent."""
        return {(<bytes>self.engine.error_stats[i].prefix).decode(errors="replace"): self.engine.error_stats[i].count
                for i in range(self.engine.error_kinds)}

    def databases(self):
        """The databases in use, as a list of tuples.

        Each is (number, keys, keys with an expiry, mean milliseconds to live, table bytes, hashes whose fields expire).
        """
        result = []
        for i in range(self.engine.db_count):
            db = &self.engine.dbs[i]
            if hashtable_size(&db.keys):
                result.append((i, hashtable_size(&db.keys), db.expiring, <int64_t>db.mean_ttl,
                               hashtable_memory(&db.keys), db.timed.count))
        return result

    def version(self, int db=0):
        """How often keys of a database changed: grows before each change, never falls."""
        return self.engine.dbs[db].version


# ---- commands written in Python ----

cdef dict HANDLERS = {}                   # Command.id -> handler
cdef list NAMES_KEPT = []                 # the C strings of rows point into these bytes


cdef class Request:
    """What a handler may know of the request it answers."""
    cdef Call* call
    cdef readonly object engine           # EngineObject

    @property
    def shell(self):
        return self.engine.shell

    @property
    def resp(self):
        """Protocol of the reply: 2 or 3."""
        return self.call.client.resp

    @property
    def db(self):
        """Number of the client's database."""
        return self.call.client.db

    @property
    def client_id(self):
        return self.call.client.id

    @property
    def local(self):
        """Whether the client sits on this machine: a unix socket, the loopback interface, this process."""
        cdef Client* client = self.call.client
        cdef bytes addr = client.addr
        return bool(client.flags & (CLIENT_UNIX | CLIENT_EMBEDDED)) or addr.startswith((b"127.", b"[::1]:"))

    @property
    def embedded(self):
        """Whether the request came by a Store, from inside this process."""
        return bool(self.call.client.flags & CLIENT_EMBEDDED)

    def object(self, bytes key):
        """What DEBUG OBJECT tells of a key of the client's database: a dict, or None when there is no such key.

        ``address`` of the record, its ``encoding``, ``size`` (bytes of a string, else of the memory the value takes),
        ``clock`` of the last access. Does not count as an access.
        """
        cdef Ref ref
        cdef const char* name = key
        cdef Record* record = ref_find(&ref, &self.call.engine.dbs[self.call.client.db], <const uint8_t*>name, len(key))
        cdef const TypeRow* row
        if record == NULL:
            return None
        row = type_row(record.type)
        size = row.length(record) if record.type == TYPE_STRING else row.memory(&self.call.engine.context, record, 0)
        return {"address": <size_t>record, "encoding": (<bytes>encoding_name(record)).decode(), "size": size,
                "clock": record.clock, "idle": (self.call.engine.lru_now - record.clock) & 0xFFFFFF}

    def close_after_reply(self):
        """The connection ends once the reply is sent."""
        self.call.client.flags |= CLIENT_CLOSE_AFTER_REPLY

    def set_authenticated(self, bint yes=True):
        """Marks the client as the default user, or as nobody."""
        if yes:
            self.call.client.flags |= CLIENT_AUTHENTICATED
        else:
            self.call.client.flags &= ~<unsigned int>CLIENT_AUTHENTICATED


cdef int speak(Call* call, object value, int depth) except -1:
    """Writes a Python value as a reply, by RESP3's mapping."""
    cdef bytes raw
    cdef const char* p
    if depth > 32:
        raise ValueError("a reply nested too deep")
    if value is None:
        reply_null(call)
    elif value is NO_REPLY:
        return 0
    elif value is True or value is False:
        reply_bool(call, value)
    elif isinstance(value, int):
        reply_int(call, value)
    elif isinstance(value, float):
        reply_double(call, value)
    elif isinstance(value, Verbatim):
        raw = bytes(value)
        p = raw
        reply_verbatim(call, b"txt", p, len(raw))
    elif isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        p = raw
        reply_status_size(call, p, len(raw))
    elif isinstance(value, Raw):
        raw = bytes(value)
        p = raw
        buffer_append(call.out, p, len(raw))
    elif isinstance(value, (bytes, bytearray, memoryview)):
        raw = bytes(value)
        p = raw
        reply_bulk(call, p, len(raw))
    elif isinstance(value, dict):
        reply_map(call, len(value))
        for key, item in value.items():
            speak(call, key, depth + 1)
            speak(call, item, depth + 1)
    elif isinstance(value, (set, frozenset, Members)):
        reply_set(call, len(value))
        for item in value:
            speak(call, item, depth + 1)
    elif isinstance(value, CommandError):
        raw = str(value).encode("utf-8", "surrogateescape")
        p = raw
        reply_error_size(call, p, len(raw))
    elif isinstance(value, (list, tuple)):
        reply_array(call, len(value))
        for item in value:
            speak(call, item, depth + 1)
    else:
        raise TypeError(f"a handler returned a {type(value).__name__}, which is no reply")
    return 0


cdef int handle(Call* call) except -1:
    cdef Request request = Request.__new__(Request)
    cdef size_t start = call.out.used
    cdef int i
    cdef bytes raw
    cdef const char* p
    request.call = call
    request.engine = <object>call.engine.owner
    arguments = [PyBytes_FromStringAndSize(<const char*>call.argv[i].data, call.argv[i].size)
                 for i in range(1, call.argc)]
    try:
        speak(call, HANDLERS[call.command.id](request, *arguments), 0)
    except CommandError as error:
        call.out.used = start
        raw = str(error).encode("utf-8", "surrogateescape")
        p = raw
        reply_error_size(call, p, len(raw))
    except Exception as error:
        call.out.used = start
        text = f"ERR internal error in '{(<bytes>call.command.name).decode()}': {error!r}"
        raw = text.encode("utf-8", "backslashreplace")
        p = raw
        reply_error_size(call, p, len(raw))
    return 0


cdef void run_handler(Call* call) noexcept nogil:
    cdef unsigned long outer = call.engine.handler_thread
    call.engine.handler_thread = PyThread_get_thread_ident()
    with gil:
        handle(call)
    call.engine.handler_thread = outer


def command(name, arity, flags=0, family="server", keys=None, container=False):
    """A decorator: registers the function as the command `name` (``CONFIG|GET`` for a subcommand).

    Args:
        name: upper case.
        arity: exact number of arguments with the name(s), or -n for at least n.
        flags: names as COMMAND shows them ("admin", "noscript", ...) and "dangerous", or the bits themselves.
        keys: (first, last, step), or None.
        container: the row holds subcommands; the function answers when none of them is meant.

    Raises:
        ValueError: the name is taken.
    """
    def decorate(function):
        add_row(name, arity, flags, family, keys, container, function)
        return function
    return decorate


def add_container(name, arity=-2, family="server", flags=0):
    """Registers a command that only holds subcommands."""
    add_row(name, arity, flags, family, None, True, None)


cdef int add_row(str name, int arity, flags, str family, keys, bint container, function) except -1:
    from cydis.engine import table
    cdef bytes raw = name.encode()
    cdef bytes group = family.encode()
    cdef Row row
    cdef uint64_t bits = 0
    if isinstance(flags, int):
        bits = flags
    else:
        bits = table.flag_bits(flags)
    NAMES_KEPT.append(raw)
    NAMES_KEPT.append(group)
    memset(&row, 0, sizeof(Row))
    row.name = raw
    if function is not None:
        row.run = run_handler
    row.arity = arity
    row.flags = bits | (CONTAINER if container else 0) | (PYTHON if function is not None else 0)
    if keys is not None:
        row.keys = Keys(keys[0], keys[1], keys[2], 0, 0)
    register(group, &row, 1)
    if function is not None:
        HANDLERS[command_count() - 1] = function
    return 0
