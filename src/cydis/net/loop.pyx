"""The network loop: one native thread that accepts, reads, executes and writes without the interpreter's lock.

``Loop.run`` is called on a thread of its own (the server's, or one that Store.serve started) and
returns when ``stop`` was called or a client asked for SHUTDOWN. The engine's lock is held while a
client's requests run and is free while the loop waits, reads and writes, so that embedded callers
of the same engine get their turn between any two batches.
"""
from libc.errno cimport ECONNABORTED, EINTR, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPROTO, errno
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset, strlen

from cydis.core.buffer cimport buffer_close, buffer_init
from cydis.core.clock cimport clock_monotonic_ns, clock_ticks
from cydis.core.lock cimport lock_release, lock_wait, lock_yield
from cydis.core.resp cimport resp_args_close
from cydis.engine.database cimport Engine, engine_ticks_per_us
from cydis.engine.door cimport EngineObject
from cydis.engine.expiry cimport engine_cron, engine_go_on
from cydis.net.connection cimport (
    OWNER_LISTENER, POLL_READ, Connection, Listener, Net, Owner, PollEvent,
    close_marked, connection_close, connection_free, connection_open, connections_ready, poller_add, poller_close,
    poller_name,
    poller_open, poller_remove, poller_wait, poller_wake,
)

cdef extern from *:
    """
    #include <arpa/inet.h>
    #include <fcntl.h>
    #include <netinet/in.h>
    #include <netinet/tcp.h>
    #include <stdbool.h>
    #include <stdio.h>
    #include <string.h>
    #include <sys/socket.h>
    #include <sys/un.h>
    #include <unistd.h>

    static int accept_nonblocking(int listener)
    {
    #ifdef __linux__
        return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    #else
        int fd = accept(listener, NULL, NULL), on = 1;
        if (fd < 0) return fd;
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    #ifdef SO_NOSIGPIPE
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
    #endif
        return fd;
    #endif
    }

    static void tune_tcp(int fd, int keepalive)
    {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (keepalive <= 0) return;
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    #ifdef TCP_KEEPIDLE
        int interval = keepalive / 3 > 0 ? keepalive / 3 : 1, count = 3;
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keepalive, sizeof keepalive);
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    #endif
    }

    /* "ip:port", "[ip6]:port" or "path:0" of one end; true when the address is this machine's loopback or a path. */
    static bool name_end(int fd, bool peer, char *out, size_t size)
    {
        struct sockaddr_storage s;
        socklen_t n = sizeof s;
        char ip[INET6_ADDRSTRLEN] = "?";
        memset(&s, 0, sizeof s);
        int r = peer ? getpeername(fd, (struct sockaddr *)&s, &n) : getsockname(fd, (struct sockaddr *)&s, &n);
        if (r == 0 && s.ss_family == AF_INET) {
            struct sockaddr_in *a = (struct sockaddr_in *)&s;
            inet_ntop(AF_INET, &a->sin_addr, ip, sizeof ip);
            snprintf(out, size, "%s:%d", ip, ntohs(a->sin_port));
            return (ntohl(a->sin_addr.s_addr) >> 24) == 127;
        }
        if (r == 0 && s.ss_family == AF_INET6) {
            struct sockaddr_in6 *a = (struct sockaddr_in6 *)&s;
            inet_ntop(AF_INET6, &a->sin6_addr, ip, sizeof ip);
            snprintf(out, size, "[%s]:%d", ip, ntohs(a->sin6_port));
            if (IN6_IS_ADDR_V4MAPPED(&a->sin6_addr)) return a->sin6_addr.s6_addr[12] == 127;
            return IN6_IS_ADDR_LOOPBACK(&a->sin6_addr);
        }
        if (r == 0 && s.ss_family == AF_UNIX) {
            struct sockaddr_un own;
            n = sizeof own;
            memset(&own, 0, sizeof own);
            getsockname(fd, (struct sockaddr *)&own, &n);
            snprintf(out, size, "%.*s:0", (int)size - 3, own.sun_path);
            return true;
        }
        snprintf(out, size, "?:0");
        return r != 0;
    }
    """
    int accept_nonblocking(int listener) noexcept nogil
    void tune_tcp(int fd, int keepalive) noexcept nogil
    bint name_end(int fd, bint peer, char* out, size_t size) noexcept nogil

cdef extern from "<unistd.h>" nogil:
    int close(int fd) noexcept
    ssize_t write(int fd, const void* data, size_t size) noexcept

cdef enum:
    INPUT = 131072
    EVENTS = 256
    ACCEPTS = 256                         # connections taken from one listener in a round
    TURN_US = 100                         # how long clients wait at most for a turn of periodic work

cdef extern from * nogil:
    """
    #define CYDIS_DENIED "-DENIED cydis is running in protected mode because protected mode is enabled and no " \
        "password is set for the default user. In this mode connections are only accepted from the loopback " \
        "interface. To accept others, set a password (CONFIG SET requirepass), bind to chosen addresses, or, on a " \
        "network that is safe, switch protected mode off (CONFIG SET protected-mode no).\\r\\n"
    #define CYDIS_FULL "-ERR max number of clients reached\\r\\n"
    """
    const char* DENIED "CYDIS_DENIED"
    const char* FULL "CYDIS_FULL"


# ---- accepting ----

cdef bint admit(Net* net, Listener* listener, int fd) noexcept nogil:
    """Makes a connection of an accepted socket, or turns it away with a reason. False: it was closed."""
    cdef Connection* c
    cdef char[64] addr
    cdef const char* refusal = NULL
    cdef bint local = name_end(fd, True, addr, sizeof(addr))
    net.engine.stats.connections += 1
    if <int64_t>net.engine.client_count >= net.engine.settings.maxclients:
        refusal = FULL
    elif net.protected_mode and not net.engine.password_required and not local:
        refusal = DENIED
    if refusal != NULL:
        write(fd, refusal, strlen(refusal))
        net.engine.stats.rejected_connections += 1
        close(fd)
        return False
    if not listener.unix_socket:
        tune_tcp(fd, <int>net.engine.settings.tcp_keepalive)
    c = connection_open(net, fd, listener.unix_socket)
    if c == NULL:
        net.engine.stats.rejected_connections += 1
        close(fd)
        return False
    name_end(fd, True, c.client.addr, sizeof(c.client.addr))
    name_end(fd, False, c.client.laddr, sizeof(c.client.laddr))
    return True


cdef void accept_some(Listener* listener) noexcept nogil:
    """Takes waiting connections. One that failed before we took it does not stop the others."""
    cdef Net* net = listener.net
    cdef int fd
    for _ in range(ACCEPTS):
        fd = accept_nonblocking(listener.owner.fd)
        if fd >= 0:
            admit(net, listener, fd)
        elif errno in (EMFILE, ENFILE, ENOBUFS, ENOMEM):
            listener.paused = True        # level-triggered: without a pause the loop would spin
            poller_remove(net.poller, listener.owner.fd, POLL_READ)
            return
        elif errno not in (EINTR, ECONNABORTED, EPROTO):
            return


# ---- periodic work ----

cdef long turn_us(Net* net, uint64_t served) noexcept nogil:
    """How long a turn of periodic work may take, after a round of so many ticks.

    Making an element costs ten times what freeing it does. So garbage cannot pile up when half as much time as the
    clients use goes into it, however busy they are; and nobody waits much longer than for the other clients.
    """
    cdef double half = <double>served / (2 * engine_ticks_per_us(net.engine))
    return <long>half if half > TURN_US else TURN_US


cdef bint periodic(Net* net, uint64_t served) noexcept nogil:
    """hz times a second: expiry, lazy freeing, clients' time-outs. True when more work waits."""
    cdef Listener* listener = net.listeners
    while listener != NULL:
        if listener.paused and poller_add(net.poller, listener.owner.fd, POLL_READ, listener) == 0:
            listener.paused = False
        listener = listener.next
    if net.engine.settings.timeout:
        close_marked(net, NULL)
    return engine_cron(net.engine, turn_us(net, served))


cdef void bury(Net* net) noexcept nogil:
    cdef Connection* c
    while net.dead != NULL:
        c = net.dead
        net.dead = c.next_dead
        connection_free(c)


cdef void accept_all(Net* net, const PollEvent* events, int n) noexcept nogil:
    """Takes the waiting connections of the listeners among `events`."""
    cdef Owner* owner
    cdef int i
    for i in range(n):
        owner = <Owner*>events[i].owner
        if owner != NULL and owner.kind == OWNER_LISTENER:
            lock_wait(&net.engine.lock)
            accept_some(<Listener*>owner)
            lock_release(&net.engine.lock)


cdef void run_loop(Net* net) noexcept nogil:
    cdef PollEvent[EVENTS] events
    cdef Engine* e = net.engine
    cdef int64_t due = clock_monotonic_ns(), now
    cdef uint64_t began, served = 0
    cdef int n, wait
    while not net.stopping and not e.shutdown:
        now = clock_monotonic_ns()
        if now >= due:
            lock_wait(&e.lock)
            due = now + 1000000000 // e.settings.hz
            net.work_waits = periodic(net, served)
            lock_release(&e.lock)
        elif net.work_waits:              # turn upon turn, but clients are served in between
            lock_wait(&e.lock)
            net.work_waits = engine_go_on(e, turn_us(net, served))
            lock_release(&e.lock)
        wait = 0 if net.work_waits else <int>((due - now + 999999) // 1000000)
        n = poller_wait(net.poller, events, EVENTS, wait if wait > 0 else 0)
        began = clock_ticks()
        connections_ready(net, events, n)
        served = clock_ticks() - began
        accept_all(net, events, n)
        if net.kill_pending:
            lock_wait(&e.lock)
            close_marked(net, NULL)
            lock_release(&e.lock)
        if net.dead != NULL:
            bury(net)
        e.stats.loop_cycles += 1
        e.stats.loop_ticks += clock_ticks() - began
        lock_yield(&e.lock)


cdef void close_client(void* connection) noexcept nogil:
    """Engine's hook: somebody marked this client; the loop closes it soon. The engine's lock is held."""
    cdef Net* net = (<Connection*>connection).net
    net.kill_pending = True
    poller_wake(net.poller)


cdef class Loop:
    """A network loop over one engine.

    Args:
        engine: the EngineObject whose data it serves.
    """
    cdef Net net
    cdef EngineObject engine
    cdef readonly bint running

    def __cinit__(self, EngineObject engine):
        memset(&self.net, 0, sizeof(Net))
        self.engine = engine
        self.net.engine = engine.engine
        self.net.inbuf = <uint8_t*>malloc(INPUT)
        self.net.poller = poller_open()
        if self.net.inbuf == NULL or self.net.poller == NULL:
            raise OSError(errno, "cannot open a poller")
        buffer_init(&self.net.out, NULL, 0)
        engine.engine.hooks.close_client = close_client

    def __dealloc__(self):
        cdef Listener* listener
        if self.net.poller != NULL:
            poller_close(self.net.poller)
        while self.net.listeners != NULL:
            listener = self.net.listeners
            self.net.listeners = listener.next
            free(listener)
        buffer_close(&self.net.out)
        resp_args_close(&self.net.args)
        free(self.net.inbuf)

    def listen(self, int fd, bint unix_socket=False):
        """Accepts connections from a listening, non-blocking socket. The descriptor stays the caller's.

        Raises:
            OSError: the poller refuses it.
        """
        cdef Listener* listener = <Listener*>calloc(1, sizeof(Listener))
        if listener == NULL:
            raise MemoryError
        listener.owner.kind = OWNER_LISTENER
        listener.owner.fd = fd
        listener.net = &self.net
        listener.unix_socket = unix_socket
        if poller_add(self.net.poller, fd, POLL_READ, listener) < 0:
            free(listener)
            raise OSError(errno, "cannot watch the listening socket")
        listener.next = self.net.listeners
        self.net.listeners = listener

    def set_protected_mode(self, bint on):
        """Refuse clients from other machines while no password is set."""
        self.net.protected_mode = on

    def run(self):
        """Serves until stop() or SHUTDOWN; then closes every connection. Lets the interpreter's lock go."""
        self.running = True
        with nogil:
            run_loop(&self.net)
            lock_wait(&self.net.engine.lock)
            while self.net.engine.clients != NULL:
                connection_close(<Connection*>self.net.engine.clients.connection)
            lock_release(&self.net.engine.lock)
            bury(&self.net)
        self.running = False

    def stop(self):
        """Makes run() return soon. Any thread."""
        self.net.stopping = True
        poller_wake(self.net.poller)

    def wake(self):
        """Ends the loop's wait, so that it looks at what was changed."""
        poller_wake(self.net.poller)

    @property
    def multiplexing_api(self):
        """What waits for sockets: "epoll" or "kqueue"."""
        return (<bytes>poller_name()).decode()
