"""The engine: databases, clock, memory, settings, counters, clients. One struct, no globals.

Everything below the doors reaches state through an Engine pointer, so that several engines live
in one process and a test can set time and chance.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from cydis.core.clock cimport Clock, clock_coarse_ms
from cydis.core.deadlines cimport Deadlines
from cydis.core.hashtable cimport Hashtable
from cydis.core.heap cimport Heap, heap_waits
from cydis.core.lock cimport Lock
from cydis.core.record cimport Record
from cydis.types.context cimport Context

cdef enum:
    MAX_COMMANDS = 640                    # rows of the table
    MAX_ERROR_KINDS = 128                 # distinct first words of error replies that are counted


cdef struct Engine


cdef struct Walk:                         # of the expiry cycle over a database's keys, perhaps in several turns
    bint going
    int buckets                           # walked over
    uint64_t met, expired                 # records with an expiry, and those whose time was over
    double ttl_sum                        # ms, of the others


cdef struct Db:
    Engine* engine
    int id
    Hashtable keys                        # of Records; a slot's mark says that the record expires
    uint64_t expiring                     # records with an expiry
    Deadlines timed                       # records of hashes whose fields expire: see timed.pxd
    uint64_t version                      # grows with every change of any key
    uint64_t expire_cursor                # where the expiry cycle goes on
    Walk walk
    double mean_ttl                       # ms, a moving average over what the cycle meets


cdef struct Settings:                     # copies of CONFIG values that native code reads
    int64_t proto_max_bulk_len
    int64_t client_query_buffer_limit
    int64_t timeout                       # s without a request after which a client is closed; 0: never
    int64_t tcp_keepalive                 # s
    int64_t maxclients
    int64_t hz
    int64_t active_expire_effort          # 1..10
    bint active_expire                    # DEBUG SET-ACTIVE-EXPIRE
    bint cron_paused                      # DEBUG PAUSE-CRON
    bint lazy_user_del, lazy_user_flush, lazy_server_del, lazy_expire
    bint hll_wide                         # HyperLogLogs may use the processor's wide registers: PFDEBUG SIMD
    bint rdb_compression
    bint lfu                              # maxmemory-policy is one of the LFU ones
    int64_t lfu_log_factor
    int64_t lfu_decay_time                # minutes


cdef struct CommandStat:
    uint64_t calls, ticks, rejected, failed


cdef struct ErrorStat:
    char[32] prefix
    uint64_t count


cdef enum:
    RATES = 3                             # commands, bytes in, bytes out
    RATE_SAMPLES = 16                     # at least 100 ms apart


cdef struct Rate:                         # of a counter, over the last samples
    uint64_t last                         # the counter at the last sample
    double[RATE_SAMPLES] per_second


cdef struct Stats:
    uint64_t connections, rejected_connections
    uint64_t commands
    uint64_t net_in, net_out, reads, writes
    uint64_t hits, misses
    uint64_t expired, expired_time_caps
    double expired_stale_percent
    uint64_t expire_ticks
    uint64_t errors
    uint64_t input_limit_closes, output_limit_closes
    uint64_t lazy_freed
    uint64_t loop_cycles, loop_ticks, loop_command_ticks
    uint64_t auth_denied
    Rate[RATES] rates
    int64_t rate_ns                       # monotonic time of the last sample
    int rate_next                         # place of the next one


cdef enum:                                # Client.flags
    CLIENT_AUTHENTICATED = 1
    CLIENT_CLOSE_AFTER_REPLY = 2          # QUIT, protocol errors, CLIENT KILL of oneself
    CLIENT_CLOSE_NOW = 4                  # killed by another
    CLIENT_REPLY_OFF = 8
    CLIENT_REPLY_SKIP = 16                # no reply to the command that runs
    CLIENT_REPLY_SKIP_NEXT = 32           # CLIENT REPLY SKIP: becomes SKIP after the command
    CLIENT_NO_TOUCH = 64
    CLIENT_NO_EVICT = 128
    CLIENT_UNIX = 256
    CLIENT_EMBEDDED = 512                 # the Store's own; not listed
    CLIENT_LIBRARY = 1024                 # has said who its library is
    CLIENT_CAPA_REDIRECT = 2048           # can follow a redirection

cdef struct Client:
    uint64_t id
    Engine* engine
    uint32_t flags
    int db                                # number of the selected database
    int resp                              # 2 or 3
    int fd                                # -1 for the embedded door
    char* name                            # malloc'ed, 0-terminated, or NULL; so are the next two
    char* lib_name
    char* lib_ver
    char[64] addr                         # "ip:port", "[ip6]:port" or "path:0"
    char[64] laddr
    int64_t created_ms                    # wall clock
    int64_t seen_ms                       # last request
    int last                              # Command.id of the last command, or -1
    uint64_t net_in, net_out, commands    # totals
    size_t input_size, input_used, output_used   # bytes held in the connection's own buffers
    void* connection                      # the network's, or NULL
    Client* next
    Client* previous


cdef struct Hooks:                        # set by those who stand above; may be NULL
    # Called before a key's value changes or the key goes; the record is as it still is, or NULL.
    void (*before_change)(Db* db, Record* record, const uint8_t* key, size_t size) noexcept nogil
    void (*close_client)(void* connection) noexcept nogil      # the network, asked to close soon


cdef struct Engine:
    Context context                       # heap, seeds, chance, thresholds
    Clock clock
    int64_t now                           # ms, read once per batch or embedded call; context.now is the same
    uint32_t lru_now                      # seconds, 24 bits
    Db* dbs
    int db_count
    Settings settings
    Stats stats
    CommandStat* command_stats            # by Command.id
    ErrorStat* error_stats
    int error_kinds
    Hooks hooks
    uint64_t changes                      # since start: what persistence will count
    Client* clients                       # of the network, in order of arrival
    uint64_t client_count, next_client_id
    bint password_required                # the default user has a password
    char* password                        # malloc'ed: that password
    size_t password_size
    Lock lock
    unsigned long handler_thread          # the thread that runs a command written in Python, or 0
    void* lazy                            # values waiting to be freed in slices, the newest first
    uint64_t lazy_count                   # how many, those in tables that wait among them
    int64_t started_ms
    uint64_t started_ticks
    int64_t started_ns                    # monotonic, with started_ticks: how fast ticks go
    bint shutdown                         # asked for; the doors stop
    void* owner                           # the Python object around this engine, borrowed


cdef Engine* engine_open(int databases, uint64_t seed0, uint64_t seed1) noexcept nogil
cdef void engine_close(Engine* engine) noexcept nogil
cdef void engine_tick(Engine* engine) noexcept nogil            # reads the clock anew
cdef double engine_ticks_per_us(Engine* engine) noexcept nogil
cdef void engine_add_client(Engine* engine, Client* client) noexcept nogil
cdef void engine_remove_client(Engine* engine, Client* client) noexcept nogil

cdef void drop_record(void* engine, void* entry) noexcept nogil
cdef void drop_or_wait(void* engine, void* entry) noexcept nogil       # a large value waits
cdef void free_table_later(Engine* engine, Hashtable* table) noexcept nogil
cdef bint free_until(Engine* engine, uint64_t tick) noexcept nogil
cdef uint64_t engine_ticks(Engine* engine, long us) noexcept nogil     # in so many microseconds


cdef inline bint garbage_waits(const Engine* engine) noexcept nogil:
    """Whether something is to be freed in slices."""
    return engine.lazy != NULL or heap_waits(engine.context.heap)


cdef inline void engine_tick_coarse(Engine* engine) noexcept nogil:
    """Reads the clock at the price of some milliseconds' lateness."""
    cdef int64_t now = clock_coarse_ms(&engine.clock)
    if now != engine.now:
        engine.now = engine.context.now = now
        engine.lru_now = <uint32_t>(now // 1000) & 0xFFFFFF
