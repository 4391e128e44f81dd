"""The expiry cycle: keys whose time is over go, though nobody asks for them.

A slot of the table carries a mark when its record expires, so the cycle walks over buckets, one
cache line each, and touches only records that have an expiry. It goes on from where it stopped,
database after database. A cycle ends when it was everywhere or when so few of what it met had expired
that more looking is not worth it (below 10 % minus what active-expire-effort asks for). It is cut into turns
as short as its caller asks for, between which clients are served, and so is the freeing of large values.

Hashes of which fields expire stand in an index by their first field's moment (timed.pxd): the cycle takes those that
are due in turn, some fields at a time.

Costs: one pass over n keys reads about 16 n bytes; each expired key costs one removal, each expired field O(log n).
"""
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memset

from cydis.core.clock cimport clock_monotonic_ns, clock_ticks
from cydis.core.deadlines cimport deadlines_any_due
from cydis.core.hashtable cimport hashtable_scan_marked
from cydis.core.record cimport Record, record_expiry, record_key
from cydis.engine.database cimport (
    RATE_SAMPLES, RATES, Db, Engine, Stats, Walk, engine_tick, engine_ticks, free_until, garbage_waits,
)
from cydis.engine.keyspace cimport Ref, ref_delete, ref_find, ref_for_write, ref_timed
from cydis.types.hashes cimport hash_reap, hash_size

cdef enum:
    BUCKETS_A_LOOK = 16                   # buckets between two looks at the time
    BUCKETS_A_CYCLE = 2048                # buckets that a cycle walks over even when few of the keys have expired
    FIELDS_A_LOOK = 64                    # fields of one hash between two looks at the time


cdef void visit(void* ctx, void* entry) noexcept nogil:
    cdef Db* db = <Db*>ctx
    cdef Record* record = <Record*>entry
    cdef int64_t left = record_expiry(record) - db.engine.now
    cdef Ref ref
    cdef const unsigned char* key
    cdef size_t size
    db.walk.met += 1
    if left > 0:
        db.walk.ttl_sum += <double>left
        return
    db.walk.expired += 1
    key = record_key(record, &size)
    ref_find(&ref, db, key, size)         # finding an expired key removes it


cdef void walk_begin(Db* db) noexcept nogil:
    """A cycle that is still under way goes on."""
    if db.walk.going:
        db.engine.stats.expired_time_caps += 1
    elif db.expiring:
        memset(&db.walk, 0, sizeof(Walk))
        db.walk.going = True


cdef bint expire_db(Db* db, uint64_t until) noexcept nogil:
    """Works on one database until the tick `until`; true when its time ran out before its cycle was done."""
    cdef Walk* walk = &db.walk
    cdef double worth = 0.1 / <double>db.engine.settings.active_expire_effort
    while walk.going:
        db.expire_cursor = hashtable_scan_marked(&db.keys, db.expire_cursor, visit, db)
        walk.buckets += 1
        if db.expire_cursor == 0 or db.expiring == 0 or (
                walk.buckets >= BUCKETS_A_CYCLE and <double>walk.expired <= worth * <double>walk.met):
            walk.going = False
            count(db, walk)
        elif walk.buckets % BUCKETS_A_LOOK == 0 and clock_ticks() >= until:
            return True
    return False


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
            return deadlines_any_due(&db.timed, db.engine.now)
    return False


cdef void count(Db* db, const Walk* walk) noexcept nogil:
    """Brings the averages that INFO shows up to date with what a walk met."""
    cdef double mean, percent
    if walk.met > walk.expired:
        mean = walk.ttl_sum / <double>(walk.met - walk.expired)
        db.mean_ttl += (mean - db.mean_ttl) * (0.02 if db.mean_ttl else 1.0)
    if walk.met:
        percent = 100.0 * <double>walk.expired / <double>walk.met
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
    cdef int i
    engine_tick(e)
    if e.settings.cron_paused:
        return False
    sample_rates(e)
    if e.settings.active_expire:
        for i in range(e.db_count):
            walk_begin(&e.dbs[i])
    return engine_go_on(e, budget_us)


cdef bint engine_go_on(Engine* e, long budget_us) noexcept nogil:
    """Values come before keys: what expires becomes garbage, and that must not pile up."""
    cdef uint64_t began = clock_ticks(), until = began + engine_ticks(e, budget_us)
    cdef bint more = False
    cdef int i
    if e.settings.cron_paused:
        return False
    if not free_until(e, until):
        return True
    if e.settings.active_expire:
        engine_tick(e)
        began = clock_ticks()
        for i in range(e.db_count):
            more = expire_db(&e.dbs[i], until) or more
            more = expire_fields(&e.dbs[i], until) or more
        e.stats.expire_ticks += clock_ticks() - began
    return more or garbage_waits(e)
