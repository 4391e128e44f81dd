"""One connection: reading, parsing a batch, executing it, one write.

A connection at rest owns no buffer. What a socket has to say goes into the loop's shared input
buffer and is parsed there; replies collect in the loop's shared output buffer and leave with one
write. Only what is left over (half a request, a reply the socket did not take) moves into buffers
of the connection's own, so ten thousand idle connections cost a small struct each.

A batch: up to BATCH requests are parsed and looked up, their keys hashed and the buckets' cache
lines asked for; then the records'; then they run. By the time a command looks for its key, the
memory is there.

Backpressure: while a connection's output waits, nothing of its input is executed and the poller
does not watch it for reading. A client that does not read stops being served, and holds at most
one batch of replies and one socket's worth of requests.
"""
from libc.errno cimport EAGAIN, EINTR, errno
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy

from cydis.core.buffer cimport (
    Buffer, buffer_append, buffer_close, buffer_init, buffer_reserve, buffer_reset, buffer_take_front,
)
from cydis.core.lock cimport lock_release, lock_wait, lock_yield
from cydis.core.resp cimport (
    RESP_ERROR, RESP_INCOMPLETE, RESP_REQUEST, RespArg, RespArgs, RespLimits, RespParser, RespStatus,
    resp_args_close, resp_parse, resp_parser_init, resp_rebase,
)
from cydis.engine.call cimport Call, Command, call_begin
from cydis.engine.database cimport (
    CLIENT_AUTHENTICATED, CLIENT_CLOSE_AFTER_REPLY, CLIENT_CLOSE_NOW, CLIENT_UNIX, Client, Engine,
    engine_add_client, engine_remove_client, engine_tick,
)
from cydis.engine.door cimport client_begin, client_end
from cydis.engine.gate cimport execute, find_command
from cydis.engine.keyspace cimport key_hash, prefetch_bucket, prefetch_record
from cydis.engine.reply cimport reply_error

cdef extern from "<sys/socket.h>" nogil:
    ssize_t recv(int fd, void* data, size_t size, int flags) noexcept
    ssize_t send(int fd, const void* data, size_t size, int flags) noexcept

cdef extern from "<unistd.h>" nogil:
    int close(int fd) noexcept

cdef extern from *:
    """
    #ifndef MSG_NOSIGNAL
    #define MSG_NOSIGNAL 0   /* macOS: SO_NOSIGPIPE is set on the socket instead */
    #endif
    """
    const int MSG_NOSIGNAL

cdef enum:
    BATCH = 32                            # requests parsed ahead of execution
    INPUT = 131072                        # bytes of the shared input buffer
    OUTPUT_PAUSE = 1048576                # bytes of replies from which a batch pauses until they are sent
    OUTPUT_KEEP = 4194304                 # bytes of the shared output buffer that are kept for the next
    PARSE_ANEW = 4096                     # an incomplete request of up to so many bytes is parsed again from its start


cdef Connection* connection_open(Net* net, int fd, bint unix_socket) noexcept nogil:
    """A connection over a connected, non-blocking socket, known to engine and poller; NULL: no memory (fd stays)."""
    cdef Connection* c = <Connection*>calloc(1, sizeof(Connection))
    if c == NULL:
        return NULL
    c.owner.kind = OWNER_CONNECTION
    c.owner.fd = fd
    c.net = net
    client_begin(&c.client, net.engine)
    c.client.fd = fd
    c.client.connection = c
    if unix_socket:
        c.client.flags |= CLIENT_UNIX
    buffer_init(&c.input, NULL, 0)
    buffer_init(&c.output, NULL, 0)
    resp_parser_init(&c.parser)
    c.interest = POLL_READ
    if poller_add(net.poller, fd, POLL_READ, c) < 0:
        free(c)
        return NULL
    engine_add_client(net.engine, &c.client)
    return c


cdef void connection_close(Connection* c) noexcept nogil:
    """Ends a connection at once. Its struct lives until the end of the round: events may still name it."""
    if c.owner.fd < 0:
        return
    poller_remove(c.net.poller, c.owner.fd, c.interest)
    close(c.owner.fd)
    c.owner.fd = -1
    c.client.flags |= CLIENT_CLOSE_NOW
    engine_remove_client(c.net.engine, &c.client)
    c.next_dead = c.net.dead
    c.net.dead = c


cdef void connection_free(Connection* c) noexcept nogil:
    buffer_close(&c.input)
    buffer_close(&c.output)
    resp_args_close(&c.args)
    client_end(&c.client)
    free(c)


cdef void watch(Connection* c, unsigned what) noexcept nogil:
    if what != c.interest:
        poller_change(c.net.poller, c.owner.fd, c.interest, what, c)
        c.interest = what


# ---- executing ----

cdef inline void look_ahead(Call* call) noexcept nogil:
    """Hashes the request's first key and asks for its bucket, when the number of arguments is right."""
    cdef const Command* command = call.command
    cdef int arity
    if command == NULL or command.row.keys.first == 0:
        return
    arity = command.row.arity
    if (arity > 0 and call.argc != arity) or call.argc < -arity:
        return
    call.hash = key_hash(call.db, &call.argv[command.row.keys.first])
    call.hashed = True
    prefetch_bucket(call.db, call.hash)


cdef size_t run_batch(Connection* c, const Call* calls, const size_t* ends, int n) noexcept nogil:
    """Executes parsed requests; returns the offset behind the last one that ran."""
    cdef Net* net = c.net
    cdef Call* call
    cdef size_t done = 0
    cdef int i
    for i in range(n):
        call = <Call*>&calls[i]
        call.db = &net.engine.dbs[c.client.db]           # an earlier request of the batch may have changed these
        call.resp = c.client.resp
        execute(call, call.command)
        done = ends[i]
        if c.client.flags & (CLIENT_CLOSE_NOW | CLIENT_CLOSE_AFTER_REPLY) or net.out.used >= OUTPUT_PAUSE or (
                net.engine.shutdown):
            break
    return done


cdef void refuse_protocol(Connection* c, const char* text) noexcept nogil:
    """A request that cannot be understood: the error, and the connection ends after it."""
    cdef Call call
    call_begin(&call, &c.client, NULL, 0, &c.net.out)
    reply_error(&call, text)
    c.client.flags |= CLIENT_CLOSE_AFTER_REPLY


cdef bint cross_protocol(const RespArg* name) noexcept nogil:
    """The first word of an HTTP request, which a browser may have been tricked into sending."""
    return (name.size == 4 and memcmp(name.data, b"POST", 4) == 0) or (
        name.size == 5 and memcmp(name.data, b"Host:", 5) == 0)


cdef size_t consume(Connection* c, uint8_t* data, size_t size, bint* paused) noexcept nogil:
    """Parses and executes what is there; returns how many bytes at the front are done with.

    Stops early (`paused`) when the replies are many. The engine's lock is held.
    """
    cdef Net* net = c.net
    cdef Call[BATCH] calls
    cdef size_t[BATCH] ends
    cdef RespLimits limits
    cdef RespStatus status = RESP_REQUEST
    cdef RespArgs* args = &net.args
    cdef size_t at = 0
    cdef int n, i, batch
    paused[0] = False
    limits.max_bulk = net.engine.settings.proto_max_bulk_len
    limits.max_inline = 65536
    if c.args.used:                                      # the middle of a large request
        args = &c.args
    while status == RESP_REQUEST:
        limits.authenticated = not net.engine.password_required or c.client.flags & CLIENT_AUTHENTICATED
        batch = BATCH if limits.authenticated else 1
        n = 0
        while n < batch:
            status = resp_parse(&c.parser, &limits, data, size, args)
            if status != RESP_REQUEST:
                break
            call_begin(&calls[n], &c.client, NULL, <int>c.parser.argc, &net.out)
            calls[n].hash = c.parser.first               # an index: the arguments may move while more are parsed
            ends[n] = c.parser.pos
            n += 1
            if args == &c.args:
                break
        for i in range(n):
            calls[i].argv = &args.items[calls[i].hash]
            if cross_protocol(&calls[i].argv[0]):
                c.client.flags |= CLIENT_CLOSE_NOW
                return ends[n - 1]
            calls[i].command = c.last = find_command(&calls[i], c.last)
            look_ahead(&calls[i])
        if n > 1:
            for i in range(n):
                if calls[i].hashed:
                    prefetch_record(calls[i].db, calls[i].hash)
        if n:
            at = run_batch(c, calls, ends, n)
            if at < ends[n - 1] or c.client.flags & (CLIENT_CLOSE_NOW | CLIENT_CLOSE_AFTER_REPLY) or (
                    net.engine.shutdown) or net.out.used >= OUTPUT_PAUSE:
                paused[0] = True
                resp_parser_init(&c.parser)              # whatever was parsed ahead is parsed again
                args.used = 0
                return at
        if status != RESP_INCOMPLETE or args == &c.args:
            args.used = 0
            args = &net.args
    if status == RESP_ERROR:
        refuse_protocol(c, c.parser.error)
        return size
    resp_parser_init(&c.parser)
    return at


# ---- reading and writing ----

cdef bint keep_rest(Connection* c, const uint8_t* data, size_t size) noexcept nogil:
    """Moves what a batch left over into the connection's own buffer; false: no memory."""
    buffer_append(&c.input, data, size)
    return not c.input.failed


cdef bint write_out(Connection* c) noexcept nogil:
    """Sends the replies of a batch; what the socket does not take moves into the connection. False: it is gone."""
    cdef Net* net = c.net
    cdef size_t at = 0
    cdef ssize_t n
    while at < net.out.used:
        n = send(c.owner.fd, net.out.data + at, net.out.used - at, MSG_NOSIGNAL)
        if n >= 0:
            at += n
            continue
        if errno == EINTR:
            continue
        if errno != EAGAIN:
            return False
        buffer_append(&c.output, net.out.data + at, net.out.used - at)
        if c.output.failed:
            return False
        c.sent = 0
        break
    net.engine.stats.net_out += at
    net.engine.stats.writes += 1
    c.client.net_out += at
    buffer_reset(&net.out, OUTPUT_KEEP)
    return True


cdef bint flush(Connection* c) noexcept nogil:
    """Sends what waits in the connection's own buffer. False: the connection is gone."""
    cdef ssize_t n
    while c.sent < c.output.used:
        n = send(c.owner.fd, c.output.data + c.sent, c.output.used - c.sent, MSG_NOSIGNAL)
        if n < 0:
            return errno in (EAGAIN, EINTR)
        c.sent += n
        c.net.engine.stats.net_out += n
        c.client.net_out += n
    buffer_close(&c.output)
    c.sent = 0
    return True


cdef bint serve(Connection* c, uint8_t* data, size_t size) noexcept nogil:
    """Runs the requests in `data` and sends the replies, batch by batch; what is left over is kept. False: it is gone.

    `data` may be the shared buffer or the connection's own input.
    """
    cdef Net* net = c.net
    cdef Engine* e = net.engine
    cdef bint paused = True, own = data == c.input.data
    cdef size_t at = 0
    while paused:
        lock_wait(&e.lock)
        engine_tick(e)
        c.client.seen_ms = e.now
        at += consume(c, data + at, size - at, &paused)
        lock_release(&e.lock)
        if net.out.failed:
            return False
        if net.out.used and not write_out(c):
            return False
        if c.client.flags & (CLIENT_CLOSE_NOW | CLIENT_CLOSE_AFTER_REPLY) or c.output.used or e.shutdown:
            break
    if own:
        buffer_take_front(&c.input, at)
        if c.input.used == 0:
            buffer_close(&c.input)
        return True
    return at >= size or keep_rest(c, data + at, size - at)


cdef ssize_t receive(Connection* c) noexcept nogil:
    """Reads once: into the shared buffer when the connection holds nothing, else behind what it holds."""
    cdef ssize_t n
    if c.input.used == 0:
        n = recv(c.owner.fd, c.net.inbuf, INPUT, 0)
    else:
        if not buffer_reserve(&c.input, INPUT // 2):
            return 0
        n = recv(c.owner.fd, c.input.data + c.input.used, c.input.size - c.input.used, 0)
        if n > 0:
            c.input.used += n
    if n > 0:
        c.client.net_in += n
        c.net.engine.stats.net_in += n
        c.net.engine.stats.reads += 1
    return n


cdef bint read_and_serve(Connection* c) noexcept nogil:
    cdef bint held = c.input.used > 0
    cdef ssize_t n = receive(c)
    if n < 0:
        return errno in (EAGAIN, EINTR)
    if n == 0:
        return False
    if <int64_t>c.input.used > c.net.engine.settings.client_query_buffer_limit:
        c.net.engine.stats.input_limit_closes += 1
        return False
    if held:
        return serve(c, c.input.data, c.input.used)
    return serve(c, c.net.inbuf, n)


cdef void connection_ready(Connection* c, unsigned what) noexcept nogil:
    """The poller says that this connection can be read or written."""
    cdef bint alive = True
    if c.owner.fd < 0:
        return
    if c.client.flags & CLIENT_CLOSE_NOW:
        alive = False
    elif c.output.used:
        alive = flush(c)
        if alive and c.output.used == 0 and c.input.used and not c.client.flags & CLIENT_CLOSE_AFTER_REPLY:
            alive = serve(c, c.input.data, c.input.used)     # what waited behind the reply
    elif what & (POLL_READ | POLL_GONE):
        alive = read_and_serve(c)
    if not alive or c.client.flags & CLIENT_CLOSE_NOW or (
            c.client.flags & CLIENT_CLOSE_AFTER_REPLY and c.output.used == 0):
        close_locked(c)
        return
    watch(c, POLL_WRITE if c.output.used else POLL_READ)


cdef void close_locked(Connection* c) noexcept nogil:
    lock_wait(&c.net.engine.lock)
    connection_close(c)
    lock_release(&c.net.engine.lock)
