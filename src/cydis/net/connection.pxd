"""One connection, and the state of the loop it lives in."""
from libc.stdint cimport int64_t, uint8_t, uint64_t

from cydis.core.buffer cimport Buffer
from cydis.core.resp cimport RespArgs, RespParser
from cydis.engine.call cimport Command
from cydis.engine.database cimport Client, Engine


cdef extern from "loop.h" nogil:
    const unsigned POLL_READ, POLL_WRITE, POLL_GONE, POLL_EDGE

    ctypedef struct Poller:
        pass

    ctypedef struct PollEvent:
        void* owner
        unsigned what

    const char* poller_name() noexcept
    Poller* poller_open() noexcept
    void poller_close(Poller* p) noexcept
    int poller_add(Poller* p, int fd, unsigned what, void* owner) noexcept
    int poller_change(Poller* p, int fd, unsigned before, unsigned what, void* owner) noexcept
    void poller_remove(Poller* p, int fd, unsigned before) noexcept
    int poller_wait(Poller* p, PollEvent* out, int max, int timeout_ms) noexcept
    void poller_wake(Poller* p) noexcept


cdef enum:
    OWNER_LISTENER = 1                    # Owner.kind
    OWNER_CONNECTION = 2

cdef struct Owner:                        # what a poller's event belongs to; first field of both
    int kind
    int fd

cdef struct Net                           # one loop: its poller, its shared buffers, its connections

cdef struct Listener:
    Owner owner
    Net* net
    bint unix_socket
    bint paused                           # out of descriptors: accepts again at the next turn of periodic work
    Listener* next

cdef struct Connection:
    Owner owner
    Net* net
    unsigned interest                     # what the poller watches
    bint unread                           # the socket may hold bytes of which the poller will not tell again
    Client client
    Buffer input                          # bytes of requests that are not complete, or not executed
    Buffer output                         # replies that the socket did not take
    size_t sent                           # bytes of `output` that it took since
    RespParser parser                     # of the request at the front of `input`
    RespArgs args                         # its arguments so far, when it is a large one
    const Command* last                   # hint for find_command
    Connection* next_dead

cdef struct Net:
    Engine* engine
    Poller* poller
    uint8_t* inbuf                        # shared: what a socket had to say, parsed in place
    Buffer out                            # shared: the replies to one read
    RespArgs args                         # shared: arguments of a batch
    Connection* dead                      # closed during this round; freed at its end
    Listener* listeners
    bint protected_mode                   # refuse strangers while there is no password
    bint stopping                         # set by stop(): any thread
    bint work_waits                       # periodic work goes on as soon as no client is ready
    bint kill_pending                     # a client was marked CLIENT_CLOSE_NOW from outside its own request

cdef Connection* connection_open(Net* net, int fd, bint unix_socket) noexcept nogil
cdef void connections_ready(Net* net, const PollEvent* events, int n) noexcept nogil
cdef void connection_close(Connection* c) noexcept nogil
cdef void connection_free(Connection* c) noexcept nogil
cdef void close_marked(Net* net, const Connection* but) noexcept nogil     # all but one
