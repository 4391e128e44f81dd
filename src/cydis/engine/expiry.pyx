"""The expiry cycle: keys whose time is over go, though nobody asks for them.

A slot of the table carries a mark when its record expires, so the cycle walks over buckets, one
cache line each, and touches only records that have an expiry. It goes on from where it stopped,
database after database, and ends when its time is up or when so few of what it met had expired
that more looking is not worth it (below 10 % minus what active-expire-effort asks for).

Hashes of which fields expire stand in an index by their first field's moment (timed.pxd): the cycle takes those that
are due in turn, some fields at a time.

Costs: one pass over n keys reads about 16 n bytes; each expired key costs one removal, each expired field O(log n).
"""
from libc.stdint cimport int64_t, uint64_t

from cydis.core.clock cimport clock_monotonic_ns, clock_ticks
from cydis.core.deadlines cimport deadlines_any_due
from cydis.core.hashtable cimport hashtable_scan_marked, hashtable_size
from cydis.core.record cimport Record, record_expiry, record_key
from cydis.engine.database cimport (
    RATE_SAMPLES, RATES, Db, Engine, Stats, engine_tick, engine_ticks_per_us, free_some,
)
from cydis.engine.keyspace cimport Ref, ref_delete, ref_find, ref_for_write, ref_timed
from cydis.types.hashes cimport hash_reap, hash_size

cdef enum:
    BUCKETS_A_LOOK = 64                   # buckets between two looks at the time
    BUCKETS_A_TURN = 2048                 # buckets that a turn walks over even when few of the keys have expired
    LAZY_SLICE = 2048                     # elements freed between two looks at the time
    FIELDS_A_LOOK = 64                    # fields of one hash, likewise

cdef struct Visit:
    Db* db
    uint64_t met, expired
    double ttl_sum


cdef void visit(void* ctx, void* entry) noexcept nogil:
    cdef Visit* v = <Visit*>ctx
    cdef Record* record = <Record*>entry
    cdef int64_t left = record_expiry(record) - v.db.engine.now
    cdef Ref ref
    cdef const unsigned char* key
    cdef size_t size
    v.met += 1
    if left > 0:
        v.ttl_sum += <double>left
        return
    v.expired += 1
    key = record_key(record, &size)
    ref_find(&ref, v.db, key, size)       # finding an expired key removes it


cdef bint expire_db(Db* db, uint64_t until) noexcept nogil:
    """Works on one database until the tick `until`; true when its time ran out with much left to do."""
    cdef Engine* e = db.engine
    cdef Visit v
    cdef double worth = 0.1 / <double>e.settings.active_expire_effort
    cdef int walked = 0
    if db.expiring == 0:
        return False
    v.db = db
    v.met = v.expired = 0
    v.ttl_sum = 0
    while True:
        db.expire_cursor = hashtable_scan_marked(&db.keys, db.expire_cursor, visit, &v)
        walked += 1
        if db.expire_cursor == 0 or db.expiring == 0:
            break
        if walked % BUCKETS_A_LOOK == 0:
            if clock_ticks() >= until:
                e.stats.expired_time_caps += 1
                break
            if walked >= BUCKETS_A_TURN and <double>v.expired <= worth * <double>v.met:
                break
    count(db, &v)
    return db.expire_cursor != 0 and clock_ticks() >= until


cdef void reap_fields(Ref* ref) noexcept nogil:
    """The one place where fields expire by themselves; a hash that loses its last one goes."""
    ref_for_write(ref)
    hash_reap(&ref.db.engine.context, ref.record, FIELDS_A_LOOK)
    if hash_size(ref.record) == 0:
        ref_delete(ref, False)
    else:
        ref_timed(ref)


cdef bint expire_fields(Db* db, uint64_t until) noexcept nogil:
    """Takes the hashes whose first field is due until there are none; true when its time ran out before."""
    cdef Ref ref
    cdef const unsigned char* key
    cdef size_t size
    while deadlines_any_due(&db.timed, db.engine.now):
        key = record_key(<Record*>db.timed.heap.item, &size)
        if ref_find(&ref, db, key, size) != NULL:
            reap_fields(&ref)
        if clock_ticks() >= until:
            db.engine.stats.expired_time_caps += 1
            return deadlines_any_due(&db.timed, db.engine.now)
    return False


cdef void count(Db* db, const Visit* v) noexcept nogil:
    """Brings the averages that INFO shows up to date with what a walk met."""
    cdef double mean, percent
    if v.met > v.expired:
        mean = v.ttl_sum / <double>(v.met - v.expired)
        db.mean_ttl += (mean - db.mean_ttl) * (0.02 if db.mean_ttl else 1.0)
    if v.met:
        percent = 100.0 * <double>v.expired / <double>v.met
        db.engine.stats.expired_stale_percent += (percent - db.engine.stats.expired_stale_percent) * 0.05


cdef void sample_rates(Engine* e) noexcept nogil:
    """Takes a sample of what INFO shows as "instantaneous", at most every 100 ms."""
    cdef Stats* s = &e.stats
    cdef int64_t now = clock_monotonic_ns(), passed = now - s.rate_ns
    cdef uint64_t[RATES] counters
    cdef int i
    if passed < 100000000:
        return
    counters[0] = s.commands
    counters[1] = s.net_in
    counters[2] = s.net_out
    for i in range(RATES):
        s.rates[i].per_second[s.rate_next] = <double>(counters[i] - s.rates[i].last) * 1e9 / <double>passed
        s.rates[i].last = counters[i]
    s.rate_next = (s.rate_next + 1) % RATE_SAMPLES
    s.rate_ns = now


cdef bint engine_cron(Engine* e, long budget_us) noexcept nogil:
    """One turn: expiry, then values that wait to be freed. True when more waits and the budget is used up.

    `budget_us`: how long it may take, in microseconds; a turn that finds nothing to do costs nothing like it.
    """
    cdef uint64_t began = clock_ticks()
    cdef uint64_t until = began + <uint64_t>(<double>budget_us * engine_ticks_per_us(e))
    cdef bint more = False
    cdef int i
    engine_tick(e)
    if e.settings.cron_paused:
        return False
    sample_rates(e)
    if e.settings.active_expire:
        for i in range(e.db_count):
            if hashtable_size(&e.dbs[i].keys):
                more = expire_db(&e.dbs[i], until) or more
                more = expire_fields(&e.dbs[i], until) or more
        e.stats.expire_ticks += clock_ticks() - began
    while not free_some(e, LAZY_SLICE):
        if clock_ticks() >= until:
            return True
    return more
