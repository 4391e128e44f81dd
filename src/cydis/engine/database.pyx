"""Opening and closing an engine, its clock, its clients, and values freed in slices."""
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc

from cydis.core.clock cimport clock_monotonic_ns, clock_ms, clock_ticks
from cydis.core.hashtable cimport (
    Hashtable, hashtable_clear, hashtable_clear_some, hashtable_init, hashtable_size,
)
from cydis.core.heap cimport heap_be_patient, heap_close, heap_give_back, heap_open
from cydis.core.lock cimport lock_destroy, lock_init
from cydis.core.record cimport Record, record_free, record_hashtable_key
from cydis.engine.value cimport TYPE_STRING, type_row
from cydis.types.context cimport Context


cdef enum:
    WORTH_WAITING = 64                    # elements up to which a value is freed at once: a microsecond or two
    ELEMENTS_A_STEP = 64                  # freed between two looks at the time: some 2 us, more if they are large
    KEYS_A_STEP = 16                      # of a whole table; each may have a value that is freed at once

cdef struct Lazy:                         # something to be freed in slices: one value, or a whole table
    Lazy* next
    Record* record                        # NULL: this is a LazyTable

cdef struct LazyTable:
    Lazy head
    Hashtable table


cdef void settings_default(Engine* e) noexcept nogil:
    cdef Context* cx = &e.context
    cx.limits.list_max_listpack_size = -2
    cx.limits.hash_max_listpack_entries = 512
    cx.limits.hash_max_listpack_value = 64
    cx.limits.set_max_intset_entries = 512
    cx.limits.set_max_listpack_entries = 128
    cx.limits.set_max_listpack_value = 64
    cx.limits.zset_max_listpack_entries = 128
    cx.limits.zset_max_listpack_value = 64
    cx.limits.hll_sparse_max_bytes = 3000
    e.settings.proto_max_bulk_len = 512 << 20
    e.settings.client_query_buffer_limit = 1 << 30
    e.settings.tcp_keepalive = 300
    e.settings.maxclients = 10000
    e.settings.hz = 10
    e.settings.active_expire_effort = 1
    e.settings.active_expire = True
    e.settings.lazy_user_del = True
    e.settings.lazy_user_flush = True
    e.settings.lazy_server_del = True
    e.settings.lazy_expire = True
    e.settings.hll_wide = True
    e.settings.rdb_compression = True
    e.settings.lfu_log_factor = 10
    e.settings.lfu_decay_time = 1


cdef Engine* engine_open(int databases, uint64_t seed0, uint64_t seed1) noexcept nogil:
    """A new engine, or NULL when there is no memory. `seed0` and `seed1` key its hash tables and its random numbers."""
    cdef Engine* e = <Engine*>calloc(1, sizeof(Engine))
    cdef int i
    if e == NULL:
        return NULL
    e.context.heap = heap_open()
    e.context.seed[0] = seed0
    e.context.seed[1] = seed1
    e.context.chance = seed0 ^ (seed1 << 1)
    e.dbs = <Db*>calloc(databases, sizeof(Db))
    e.command_stats = <CommandStat*>calloc(MAX_COMMANDS, sizeof(CommandStat))
    e.error_stats = <ErrorStat*>calloc(MAX_ERROR_KINDS, sizeof(ErrorStat))
    if e.context.heap == NULL or e.dbs == NULL or e.command_stats == NULL or e.error_stats == NULL:
        engine_close(e)
        return NULL
    e.db_count = databases
    e.clock.frozen = -1
    e.next_client_id = 1
    heap_be_patient(e.context.heap)
    lock_init(&e.lock)
    settings_default(e)
    for i in range(databases):
        e.dbs[i].engine = e
        e.dbs[i].id = i
        hashtable_init(&e.dbs[i].keys, e.context.heap, e.context.seed, record_hashtable_key)
    engine_tick(e)
    e.started_ms = e.now
    e.started_ticks = clock_ticks()
    e.started_ns = clock_monotonic_ns()
    return e


cdef void engine_close(Engine* e) noexcept nogil:
    """Gives back all memory. No door may hold the engine any more."""
    cdef Lazy* lazy = <Lazy*>e.lazy
    cdef Lazy* next
    while lazy != NULL:
        next = lazy.next
        free(lazy)
        lazy = next
    if e.db_count:
        lock_destroy(&e.lock)
        for i in range(e.db_count):
            hashtable_clear(&e.dbs[i].keys, drop_record, e)
    if e.context.heap != NULL:
        heap_close(e.context.heap)
    free(e.password)
    free(e.dbs)
    free(e.command_stats)
    free(e.error_stats)
    free(e)


cdef void engine_tick(Engine* e) noexcept nogil:
    e.now = e.context.now = clock_ms(&e.clock)
    e.lru_now = <uint32_t>(e.now // 1000) & 0xFFFFFF


cdef double engine_ticks_per_us(Engine* e) noexcept nogil:
    """How many ticks of the processor's counter make a microsecond, measured since the engine was opened."""
    cdef int64_t ns = clock_monotonic_ns() - e.started_ns
    if ns < 1000000:                      # too young to tell; a first guess that no decision hangs on
        return 1000.0
    return 1000.0 * <double>(clock_ticks() - e.started_ticks) / <double>ns


cdef void engine_add_client(Engine* e, Client* client) noexcept nogil:
    cdef Client* last = e.clients
    client.id = e.next_client_id
    e.next_client_id += 1
    client.next = NULL
    if last == NULL:
        client.previous = client          # the first one's `previous` is the last: arrival order without a tail field
        e.clients = client
    else:
        client.previous = last.previous
        last.previous.next = client
        last.previous = client
    e.client_count += 1


cdef void engine_remove_client(Engine* e, Client* client) noexcept nogil:
    if client == e.clients:
        e.clients = client.next
        if client.next != NULL:
            client.next.previous = client.previous
    else:
        client.previous.next = client.next
        if client.next != NULL:
            client.next.previous = client.previous
        else:
            e.clients.previous = client.previous
    e.client_count -= 1


cdef uint64_t engine_ticks(Engine* e, long us) noexcept nogil:
    return <uint64_t>(<double>us * engine_ticks_per_us(e))


# ---- what is freed later ----

cdef void drop_record(void* engine, void* entry) noexcept nogil:
    """Frees a record with its value; made for hashtable_clear."""
    cdef Engine* e = <Engine*>engine
    cdef Record* record = <Record*>entry
    type_row(record.type).drop(&e.context, record)
    record_free(e.context.heap, record)


cdef bint free_later(Engine* e, Record* record) noexcept nogil:
    """Takes a large value's record, to be freed in slices. False: it is small, or there is no memory to note it."""
    cdef Lazy* lazy
    if record.type == TYPE_STRING or type_row(record.type).length(record) <= WORTH_WAITING:
        return False
    lazy = <Lazy*>malloc(sizeof(Lazy))
    if lazy == NULL:
        return False
    lazy.record = record
    lazy.next = <Lazy*>e.lazy
    e.lazy = lazy
    return True


cdef void drop_or_wait(void* engine, void* entry) noexcept nogil:
    """Frees what has left the table of keys: at once where that is quick, else in slices."""
    cdef Engine* e = <Engine*>engine
    if free_later(e, <Record*>entry):
        e.lazy_count += 1
    else:
        drop_record(e, entry)


cdef void drop_waiting(void* engine, void* entry) noexcept nogil:
    """The same for a record of a table that waits: it is counted already."""
    cdef Engine* e = <Engine*>engine
    if not free_later(e, <Record*>entry):
        drop_record(e, entry)
        freed(e)


cdef inline void freed(Engine* e) noexcept nogil:
    e.lazy_count -= 1
    e.stats.lazy_freed += 1


cdef void free_table_later(Engine* e, Hashtable* table) noexcept nogil:
    """Takes over a whole table of records; what is left behind is empty."""
    cdef LazyTable* lazy = <LazyTable*>malloc(sizeof(LazyTable))
    if lazy == NULL:
        hashtable_clear(table, drop_record, e)
        return
    lazy.head.record = NULL
    lazy.head.next = <Lazy*>e.lazy
    lazy.table = table[0]
    e.lazy = lazy
    e.lazy_count += hashtable_size(table)
    hashtable_init(table, e.context.heap, e.context.seed, record_hashtable_key)


cdef void free_some(Engine* e) noexcept nogil:
    """A step of some microseconds. A table's large values come in front of it and are freed before it goes on."""
    cdef Lazy* lazy = <Lazy*>e.lazy
    if lazy.record == NULL:
        if not hashtable_clear_some(&(<LazyTable*>lazy).table, KEYS_A_STEP, drop_waiting, e) or lazy != e.lazy:
            return
    elif not type_row(lazy.record.type).drop_some(&e.context, lazy.record, ELEMENTS_A_STEP):
        return
    else:
        record_free(e.context.heap, lazy.record)
        freed(e)
    e.lazy = lazy.next
    free(lazy)


cdef bint free_until(Engine* e, uint64_t tick) noexcept nogil:
    """Frees what waits, at least a step of it; memory then goes back to the system. True: nothing waits any more."""
    while e.lazy != NULL:
        free_some(e)
        if clock_ticks() >= tick:
            return not garbage_waits(e)
    while not heap_give_back(e.context.heap):
        if clock_ticks() >= tick:
            return False
    return True
