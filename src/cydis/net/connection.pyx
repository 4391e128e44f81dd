"""One connection: reading, parsing a batch, executing it, one write.

A round reads all connections that are ready, side by side, into the loop's shared input buffer, looks
at the first key of each and asks for its memory, and then serves one after the other: the waits for
memory of different clients overlap even when each sends one command at a time.

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
from libc.string cimport memcpy, memset

from cydis.core.buffer cimport buffer_append, buffer_close, buffer_init, buffer_reset, buffer_take_front
from cydis.core.lock cimport lock_release, lock_wait
from cydis.core.resp cimport (
    RESP_CLOSE, RESP_ERROR, RESP_ERROR_MAX, RESP_MAX_INLINE, RESP_REQUEST, RespArg, RespArgs, RespLimits, RespParser,
    RespStatus, resp_args_close, resp_args_drop, resp_compact, resp_error_text, resp_parse, resp_reserve,
)
from cydis.engine.call cimport Call, Command, call_begin, word_is
from cydis.engine.database cimport (
    CLIENT_AUTHENTICATED, CLIENT_CLOSE_AFTER_REPLY, CLIENT_CLOSE_NOW, CLIENT_UNIX, Db, Engine,
    engine_add_client, engine_remove_client, engine_tick, garbage_waits,
)
from cydis.engine.door cimport client_begin, client_end
from cydis.engine.gate cimport execute, find_command
from cydis.engine.ahead cimport key_hash, prefetch_bucket, prefetch_record
from cydis.engine.reply cimport reply_error_size

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
    INPUT_LEAST = 32768                   # room in it that a read must find, else what is there is served first
    READY = 64                            # connections read before the first of them is served
    PEEK = 256                            # bytes of a request up to which its key is looked at before its turn
    OUTPUT_PAUSE = 1048576                # bytes of replies from which a batch pauses until they are sent
    OUTPUT_KEEP = 4194304                 # bytes of the shared output buffer that are kept for the next
    INPUT_MORE = 65536                    # bytes of room beyond what the current argument is known to need


cdef struct Ready:                        # a connection whose bytes stand in the shared buffer
    Connection* c
    uint8_t* data
    size_t size
    Db* db
    uint64_t hash
    bint hashed


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
    c.interest = POLL_READ | POLL_EDGE
    if poller_add(net.poller, fd, c.interest, c) < 0:
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


cdef void close_marked(Net* net, const Connection* but) noexcept nogil:
    """Closes connections that a command marked, and those that were silent for longer than `timeout`."""
    cdef Client* client = net.engine.clients
    cdef Client* next
    cdef int64_t silent = net.engine.settings.timeout * 1000
    net.kill_pending = False
    while client != NULL:
        next = client.next
        if client.connection != <const void*>but and (
                client.flags & CLIENT_CLOSE_NOW or (silent and net.engine.now - client.seen_ms > silent)):
            connection_close(<Connection*>client.connection)
        client = next


cdef void watch(Connection* c, unsigned what) noexcept nogil:
    """Watches for `what`. A change tells anew of bytes that are there already, and so does asking after a full read."""
    if what != c.interest or c.unread:
        poller_change(c.net.poller, c.owner.fd, c.interest, what, c)
        c.interest = what
        c.unread = False


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
        if call.command == NULL and cross_protocol(&call.argv[0]):
            c.client.flags |= CLIENT_CLOSE_NOW
            return ends[i]
        execute(call, call.command)
        done = ends[i]
        if c.client.flags & (CLIENT_CLOSE_NOW | CLIENT_CLOSE_AFTER_REPLY) or net.out.used >= OUTPUT_PAUSE or (
                net.engine.shutdown):
            break
    return done


cdef void refuse_protocol(Connection* c) noexcept nogil:
    """A request that cannot be understood: the error, and the connection ends after it."""
    cdef Call call
    cdef char[RESP_ERROR_MAX + 4] text
    memcpy(text, b"ERR ", 4)
    call_begin(&call, &c.client, NULL, 0, &c.net.out)
    reply_error_size(&call, text, 4 + resp_error_text(&c.parser, text + 4))
    c.client.flags |= CLIENT_CLOSE_AFTER_REPLY


cdef bint cross_protocol(const RespArg* name) noexcept nogil:
    """The first word of an HTTP request, which a browser may have been tricked into sending."""
    return word_is(name, b"POST") or word_is(name, b"HOST:")


cdef inline bint must_pause(Connection* c) noexcept nogil:
    return c.client.flags & (CLIENT_CLOSE_NOW | CLIENT_CLOSE_AFTER_REPLY) or (
        c.net.out.used >= OUTPUT_PAUSE or c.net.engine.shutdown)


cdef int parse_batch(Connection* c, uint8_t* data, size_t size, RespArgs* args, Call* calls, size_t* ends,
                     RespStatus* status) noexcept nogil:
    """Parses up to BATCH requests and looks up their commands; how many there are."""
    cdef Net* net = c.net
    cdef RespLimits limits
    cdef int n = 0, i, room = BATCH
    limits.max_bulk = net.engine.settings.proto_max_bulk_len
    limits.max_inline = RESP_MAX_INLINE
    limits.authenticated = not net.engine.password_required or c.client.flags & CLIENT_AUTHENTICATED
    if not limits.authenticated:
        room = 1                                         # the next request may have other limits
    while n < room:
        status[0] = resp_parse(&c.parser, &limits, data, size, args)
        if status[0] != RESP_REQUEST:
            break
        call_begin(&calls[n], &c.client, NULL, <int>c.parser.argc, &net.out)
        calls[n].hash = c.parser.first                   # an index: the arguments may move while more are parsed
        ends[n] = c.parser.pos
        n += 1
    for i in range(n):
        calls[i].argv = &args.items[calls[i].hash]
        calls[i].command = c.last = find_command(&calls[i], c.last)
        if n > 1:
            look_ahead(&calls[i])
    if n > 1:
        for i in range(n):
            if calls[i].hashed:
                prefetch_record(calls[i].db, calls[i].hash)
    return n


cdef size_t consume(Connection* c, uint8_t* data, size_t size, RespArgs* args, bint* paused) noexcept nogil:
    """Parses and executes what is there; returns how many bytes at the front are done with.

    `paused`: it stopped before the end, because the replies are many or the connection is to be closed; whatever was
    parsed ahead must be parsed again. The engine's lock is held.
    """
    cdef Call[BATCH] calls
    cdef size_t[BATCH] ends
    cdef RespStatus status = RESP_REQUEST
    cdef size_t at = 0
    cdef int n
    paused[0] = False
    while status == RESP_REQUEST:
        n = parse_batch(c, data, size, args, calls, ends, &status)
        if n:
            at = run_batch(c, calls, ends, n)
            resp_args_drop(&c.parser, args)
            if at < ends[n - 1] or must_pause(c):
                paused[0] = True
                return at
    if status == RESP_ERROR:
        refuse_protocol(c)
    elif status == RESP_CLOSE:
        c.client.flags |= CLIENT_CLOSE_NOW
    return c.parser.start


# ---- reading and writing ----

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


cdef bint run_requests(Connection* c, uint8_t* data, size_t size, RespArgs* args, size_t* at) noexcept nogil:
    """Executes the requests in `data` and sends the replies; `at`: how many bytes are done with.

    True: it stopped with requests left, which the caller may run at once. The connection may be marked for closing.
    """
    cdef Engine* e = c.net.engine
    cdef bint paused
    lock_wait(&e.lock)
    engine_tick(e)
    c.client.seen_ms = e.now
    at[0] = consume(c, data, size, args, &paused)
    if c.net.kill_pending:                # whoever was killed is gone before the killer reads that he is
        close_marked(c.net, c)
    c.net.work_waits |= garbage_waits(e)
    lock_release(&e.lock)
    if c.net.out.failed or (c.net.out.used and not write_out(c)):
        c.client.flags |= CLIENT_CLOSE_NOW
    return paused and c.output.used == 0 and not e.shutdown and not (
        c.client.flags & (CLIENT_CLOSE_NOW | CLIENT_CLOSE_AFTER_REPLY))


cdef bint serve_shared(Connection* c, uint8_t* data, size_t size) noexcept nogil:
    """Serves from the shared buffer; what is left over moves into the connection's own. False: no memory for that."""
    cdef Net* net = c.net
    cdef size_t at = 0, done = 0
    cdef bint more = True
    while more:
        more = run_requests(c, data + done, size - done, &net.args, &at)
        done += at
        memset(&c.parser, 0, sizeof(RespParser))
        net.args.used = 0
    buffer_append(&c.input, data + done, size - done)
    return not c.input.failed


cdef void serve_own(Connection* c) noexcept nogil:
    """Serves from the connection's own buffer. A request that is still incomplete is not parsed twice."""
    cdef size_t at = 0
    cdef bint more = True
    while more:
        more = run_requests(c, c.input.data, c.input.used, &c.args, &at)
        if more or c.output.used:
            buffer_take_front(&c.input, at)
            memset(&c.parser, 0, sizeof(RespParser))
            c.args.used = 0
    if c.parser.pos:
        resp_compact(&c.parser, &c.args, &c.input)
    if c.input.used == 0:
        buffer_close(&c.input)
        resp_args_close(&c.args)
        memset(&c.parser, 0, sizeof(RespParser))


cdef bint read_own(Connection* c, unsigned what) noexcept nogil:
    """Reads behind what the connection holds already, and serves. False: the connection is over.

    `what` the poller said: where no more will be sent, the end is still to be read.
    """
    cdef Net* net = c.net
    cdef ssize_t n
    if not resp_reserve(&c.args, &c.input, c.parser.need + INPUT_MORE):
        return False
    n = recv(c.owner.fd, c.input.data + c.input.used, c.input.size - c.input.used, 0)
    if n <= 0:
        return n < 0 and errno in (EAGAIN, EINTR)
    count_read(c, n)
    c.input.used += n
    c.unread = c.input.used == c.input.size or what & POLL_GONE
    serve_own(c)
    if <int64_t>c.input.used > net.engine.settings.client_query_buffer_limit:
        net.engine.stats.input_limit_closes += 1
        return False
    return True


cdef inline void count_read(Connection* c, ssize_t n) noexcept nogil:
    c.client.net_in += n
    c.net.engine.stats.net_in += n
    c.net.engine.stats.reads += 1


cdef void finish(Connection* c, bint alive) noexcept nogil:
    """After a connection had its turn: it is closed, or watched for what it waits for now."""
    if not alive or c.client.flags & CLIENT_CLOSE_NOW or (
            c.client.flags & CLIENT_CLOSE_AFTER_REPLY and c.output.used == 0):
        close_locked(c)
        return
    watch(c, POLL_WRITE if c.output.used else POLL_READ | POLL_EDGE)


cdef void connection_ready(Connection* c, unsigned what) noexcept nogil:
    """The poller says that this connection can be read or written, and it holds bytes of its own."""
    cdef bint alive = True
    if c.client.flags & CLIENT_CLOSE_NOW:
        alive = False
    elif c.output.used:
        alive = flush(c)
        if alive and c.output.used == 0 and c.input.used and not c.client.flags & CLIENT_CLOSE_AFTER_REPLY:
            serve_own(c)                                     # what waited behind the reply
    elif what & (POLL_READ | POLL_GONE):
        alive = read_own(c, what)
    finish(c, alive)


# ---- a round: all connections that are ready at once ----

cdef void look_at_first(Ready* r) noexcept nogil:
    """Finds the first key of a short request and asks for its bucket. What it learns is used for prefetching only."""
    cdef RespParser parser
    cdef RespLimits limits
    cdef RespArg[8] items
    cdef RespArgs args
    cdef Call call
    r.hashed = False
    if r.size > PEEK or r.data[0] != b"*":
        return
    memset(&parser, 0, sizeof(parser))
    limits.max_bulk = PEEK * 4096
    limits.authenticated = True
    args.items = items
    args.used = 0
    args.size = 8
    if r.data[1] > b"8" or r.data[2] != 13 or resp_parse(&parser, &limits, r.data, r.size, &args) != RESP_REQUEST:
        return
    call_begin(&call, &r.c.client, items, <int>parser.argc, NULL)
    call.command = find_command(&call, r.c.last)
    look_ahead(&call)
    r.hashed = call.hashed
    r.hash = call.hash
    r.db = call.db


cdef void serve_round(Ready* ready, int n) noexcept nogil:
    """Serves connections whose bytes were read. Their keys' memory is asked for before the first of them is served."""
    cdef Ready* r
    cdef int i
    if n > 1:
        lock_wait(&ready[0].c.net.engine.lock)
        for i in range(n):
            look_at_first(&ready[i])
        for i in range(n):
            if ready[i].hashed:
                prefetch_record(ready[i].db, ready[i].hash)
        lock_release(&ready[0].c.net.engine.lock)
    for i in range(n):
        r = &ready[i]
        if r.c.owner.fd >= 0:
            finish(r.c, not r.c.client.flags & CLIENT_CLOSE_NOW and serve_shared(r.c, r.data, r.size))


cdef void connections_ready(Net* net, const PollEvent* events, int n) noexcept nogil:
    """One round over connections that the poller named (other owners in `events` are passed over)."""
    cdef Ready[READY] ready
    cdef Connection* c
    cdef size_t used = 0
    cdef ssize_t got
    cdef int i, count = 0
    for i in range(n):
        c = <Connection*>events[i].owner
        if c == NULL or c.owner.kind != OWNER_CONNECTION or c.owner.fd < 0:
            continue
        if c.output.used or c.input.used or c.client.flags & CLIENT_CLOSE_NOW:
            connection_ready(c, events[i].what)
            continue
        if count == READY or INPUT - used < INPUT_LEAST:
            serve_round(ready, count)
            count = 0
            used = 0
        got = recv(c.owner.fd, net.inbuf + used, INPUT - used, 0)
        if got <= 0:
            if got == 0 or errno not in (EAGAIN, EINTR):
                close_locked(c)
            elif errno == EINTR:
                c.unread = True
                watch(c, c.interest)
            continue
        count_read(c, got)
        c.unread = got == <ssize_t>(INPUT - used) or events[i].what & POLL_GONE
        ready[count].c = c
        ready[count].data = net.inbuf + used
        ready[count].size = got
        count += 1
        used += (got + 63) & ~<size_t>63
    serve_round(ready, count)


cdef void close_locked(Connection* c) noexcept nogil:
    lock_wait(&c.net.engine.lock)
    connection_close(c)
    lock_release(&c.net.engine.lock)
