"""The time that fields of hashes have: setting, asking, taking away.

Moments are milliseconds of the wall clock inside; commands in seconds round to the nearest when they answer. A moment
that is over already removes the field at once, and a hash that loses its last field is deleted. Of the conditions NX
wants a field without an expiry, XX one with an expiry, GT a later and LT an earlier moment than the field has; a
field without an expiry counts as one that lives for ever. XX goes with GT or LT; no other two go together. Where it
says [TIME] a moment may be given by EX seconds or PX milliseconds from now, EXAT seconds or PXAT milliseconds since
1970; none may lie before now or before 1970.

A field whose time is over is hidden at once, and removed by the expiry cycle. Setting a field anew drops its expiry,
adding to its number keeps it. n is the number of fields of the hash that expire.

HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
    From now on. For each field 1, 2 if it was removed at once, 0 if the condition is not met, -2 if there is no
    such field. O(log n) per field. Since 9.0.0.
HEXPIREAT key moment [NX | XX | GT | LT] FIELDS numfields field [field ...]
    Until this second since 1970. O(log n) per field. Since 9.0.0.
HEXPIRETIME key FIELDS numfields field [field ...]
    The second at which each field expires; -1 without an expiry, -2 without a field. O(1) per field. Since 9.0.0.
HGETEX key [TIME | PERSIST] FIELDS numfields field [field ...]
    The values of fields, null for those not there; then their expiry is set, or taken away (PERSIST), or left alone.
    O(log n) per field. Since 9.0.0.
HPERSIST key FIELDS numfields field [field ...]
    Take expiries away: for each field 1, -1 if it has none, -2 if there is no such field. O(log n) per field.
    Since 9.0.0.
HPEXPIRE key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
    HEXPIRE in milliseconds. O(log n) per field. Since 9.0.0.
HPEXPIREAT key moment [NX | XX | GT | LT] FIELDS numfields field [field ...]
    HEXPIREAT in milliseconds. O(log n) per field. Since 9.0.0.
HPEXPIRETIME key FIELDS numfields field [field ...]
    HEXPIRETIME in milliseconds. O(1) per field. Since 9.0.0.
HPTTL key FIELDS numfields field [field ...]
    HTTL in milliseconds. O(1) per field. Since 9.0.0.
HSETEX key [NX | XX] [FNX | FXX] [TIME | KEEPTTL] FIELDS numfields field value [field value ...]
    Set fields with one expiry, without any, or with the one that each has (KEEPTTL): 1. With NX only if the key does
    not exist, with XX only if it does, with FNX only if none of the fields exists, with FXX only if all do, else 0
    and nothing is set. O(log n) per field. Since 9.0.0.
HTTL key FIELDS numfields field [field ...]
    Seconds that each field has left; -1 without an expiry, -2 without a field. O(1) per field. Since 9.0.0.
"""
from libc.stdint cimport int64_t

from cydis.core.listpack cimport ListpackValue
from cydis.core.record cimport Record
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call, Row, arg_int, arg_is
from cydis.engine.keyspace cimport (
    NO_EXPIRY, Ref, key_find, read_typed, ref_delete_if_empty, ref_for_write, ref_timed, write_typed,
)
from cydis.engine.reply cimport (
    NO_MEMORY, NO_MEMORY_PARTLY, WRONGTYPE, reply_array, reply_bad_moment, reply_element, reply_error, reply_int,
    reply_mark, reply_null, reply_syntax,
)
from cydis.engine.table cimport DENYOOM, FAST, KEY1, READ, WRITE, register
from cydis.engine.timed cimport timed_reserve
from cydis.engine.value cimport ENC_LISTPACK, TYPE_HASH
from cydis.types.context cimport Context
from cydis.types.hashes cimport HashPlace, hash_expire, hash_find, hash_fit, hash_put, hash_set, hash_take

# Other families of this ring: what is said in one way here and there.
from cydis.commands.expiries cimport conditions_met, read_conditions, read_moment, rounded
from cydis.commands.hashes cimport NUMFIELDS, create_hash, hash_changed, hash_reduced
from cydis.commands.strings cimport CONDITIONS, DROP, EX, EXAT, FIELD_CONDITIONS, KEEP, Options, read_options

cdef Row[11] ROWS = [
    #   name             function      arity  flags                   keys
    Row(b"HEXPIRE",      hexpire,      -6,    WRITE | FAST,           KEY1),
    Row(b"HEXPIREAT",    hexpireat,    -6,    WRITE | FAST,           KEY1),
    Row(b"HEXPIRETIME",  hexpiretime,  -5,    READ | FAST,            KEY1),
    Row(b"HGETEX",       hgetex,       -5,    WRITE | FAST,           KEY1),
    Row(b"HPERSIST",     hpersist,     -5,    WRITE | FAST,           KEY1),
    Row(b"HPEXPIRE",     hpexpire,     -6,    WRITE | FAST,           KEY1),
    Row(b"HPEXPIREAT",   hpexpireat,   -6,    WRITE | FAST,           KEY1),
    Row(b"HPEXPIRETIME", hpexpiretime, -5,    READ | FAST,            KEY1),
    Row(b"HPTTL",        hpttl,        -5,    READ | FAST,            KEY1),
    Row(b"HSETEX",       hsetex,       -6,    WRITE | DENYOOM | FAST, KEY1),
    Row(b"HTTL",         httl,         -5,    READ | FAST,            KEY1),
]
register(b"hash", ROWS, 11)

cdef enum:                                # what became of a field
    ABSENT = -2
    WITHOUT = -1                          # it has no expiry
    UNMET = 0                             # the condition was not met
    SET = 1
    REMOVED = 2


# ---- arguments ----

cdef bint find_fields(Call* call, int i, int* fields) noexcept nogil:
    """The place of the word FIELDS, from argument i on; options stand before it. Or false and an error."""
    while i < call.argc - 1:
        if arg_is(call, i, b"FIELDS"):
            fields[0] = i
            return True
        i += 1
    reply_error(call, NUMFIELDS)
    return False


cdef bint counted(Call* call, int fields, int each, const char* error) noexcept nogil:
    """Whether the number after FIELDS says how many there are, of `each` arguments; else an error was replied."""
    cdef int64_t count, given = call.argc - fields - 2
    if not arg_int(call, fields + 1, &count):
        return False
    if count >= 1 and given % each == 0 and count == given // each:
        return True
    reply_error(call, error)
    return False


cdef bint asks_for(Call* call, const char* error) noexcept nogil:
    """Whether the arguments are FIELDS and fields, nothing else; else an error was replied."""
    if arg_is(call, 2, b"FIELDS"):
        return counted(call, 2, 1, error)
    reply_syntax(call)
    return False


cdef bint field_moment(Call* call, int arg, bint seconds, bint absolute, int64_t* at) noexcept nogil:
    """A moment, which may be over, but not lie before its start. Or false and an error."""
    cdef int64_t start = 0 if absolute else call.engine.now
    if not read_moment(call, arg, seconds, start, at):
        return False
    if at[0] >= start:
        return True
    reply_bad_moment(call)
    return False


cdef bint option_moment(Call* call, const Options* o, int64_t* at) noexcept nogil:
    at[0] = NO_EXPIRY
    return o.unit == 0 or field_moment(call, o.moment, o.unit == EX or o.unit == EXAT, o.unit >= EXAT, at)


# ---- what several of them need ----

cdef struct Work:                         # a command that goes through fields and may change each
    Call* call
    Ref ref
    size_t mark                           # where its reply began
    int64_t changes
    bint refused


cdef inline void begin(Work* work, Call* call) noexcept nogil:
    work.call = call
    work.mark = reply_mark(call)
    work.changes = 0
    work.refused = False


cdef void finish(Work* work) noexcept nogil:
    """After the last field, or that for which there was no memory: then the reply is taken back."""
    if work.changes:
        hash_reduced(work.call, &work.ref)
    elif work.refused and work.ref.record != NULL:
        ref_timed(&work.ref)              # it may have become a timed one for nothing
    if work.refused:
        work.call.out.used = work.mark
        reply_error(work.call, NO_MEMORY_PARTLY if work.changes else NO_MEMORY)


cdef inline bint may_time(Work* work, int64_t at) noexcept nogil:
    """Whether fields can be given this moment: a hash whose fields expire needs a place in the index."""
    work.refused = at > work.call.engine.now and not timed_reserve(work.ref.db)
    return not work.refused


cdef bint expire_field(Work* work, const RespArg* field, HashPlace* place, int64_t at) noexcept nogil:
    """The one place where a command gives a field a moment, and where one that is over removes it. False: refused."""
    cdef Context* cx = &work.call.engine.context
    if NO_EXPIRY < at <= cx.now:
        work.refused = not hash_take(cx, work.ref.record, place)
        cx.fields_expired += not work.refused
    else:
        work.refused = not hash_expire(cx, work.ref.record, field, place, at)
    work.changes += not work.refused
    return not work.refused


# ---- setting a moment ----

cdef int expire_one(Work* work, const RespArg* field, int64_t at, int conditions) noexcept nogil:
    cdef HashPlace place
    cdef ListpackValue value
    if not hash_find(work.ref.record, field, &place, &value):
        return ABSENT
    if not conditions_met(conditions, place.expiry, at):
        return UNMET
    if not expire_field(work, field, &place, at):
        return UNMET
    return REMOVED if at <= work.call.engine.now else SET


cdef void expire_at(Call* call, bint seconds, bint absolute) noexcept nogil:
    """The four HEXPIRE commands."""
    cdef Work work
    cdef int64_t at
    cdef int conditions, fields, i, found
    if not find_fields(call, 3, &fields) or not read_conditions(call, 3, fields, &conditions):
        return
    if not counted(call, fields, 1, NUMFIELDS) or not field_moment(call, 2, seconds, absolute, &at):
        return
    found = write_typed(call, 1, TYPE_HASH, &work.ref)
    if found < 0:
        return
    begin(&work, call)
    if found and not may_time(&work, at):
        finish(&work)
        return
    reply_array(call, call.argc - fields - 2)
    for i in range(fields + 2, call.argc):
        reply_int(call, expire_one(&work, &call.argv[i], at, conditions) if found else ABSENT)
        if work.refused:
            break
    finish(&work)


cdef void hexpire(Call* call) noexcept nogil:
    expire_at(call, True, False)


cdef void hexpireat(Call* call) noexcept nogil:
    expire_at(call, True, True)


cdef void hpexpire(Call* call) noexcept nogil:
    expire_at(call, False, False)


cdef void hpexpireat(Call* call) noexcept nogil:
    expire_at(call, False, True)


# ---- asking ----

cdef int64_t ask_one(const Record* hash, const RespArg* field, bint seconds, int64_t start) noexcept nogil:
    cdef HashPlace place
    cdef ListpackValue value
    if not hash_find(hash, field, &place, &value):
        return ABSENT
    if place.expiry == NO_EXPIRY:
        return WITHOUT
    return rounded(place.expiry - start) if seconds else place.expiry - start


cdef void reply_expiries(Call* call, bint seconds, int64_t start) noexcept nogil:
    """The four that ask: the moments of fields, counted from `start`."""
    cdef Record* hash
    cdef int i, found
    if not asks_for(call, b"ERR syntax error"):
        return
    found = read_typed(call, 1, TYPE_HASH, &hash)
    if found < 0:
        return
    reply_array(call, call.argc - 4)
    for i in range(4, call.argc):
        reply_int(call, ask_one(hash, &call.argv[i], seconds, start) if found else ABSENT)


cdef void hexpiretime(Call* call) noexcept nogil:
    reply_expiries(call, True, 0)


cdef void hpexpiretime(Call* call) noexcept nogil:
    reply_expiries(call, False, 0)


cdef void hpttl(Call* call) noexcept nogil:
    reply_expiries(call, False, call.engine.now)


cdef void httl(Call* call) noexcept nogil:
    reply_expiries(call, True, call.engine.now)


# ---- taking it away ----

cdef int persist_one(Work* work, const RespArg* field) noexcept nogil:
    cdef HashPlace place
    cdef ListpackValue value
    if not hash_find(work.ref.record, field, &place, &value):
        return ABSENT
    if place.expiry == NO_EXPIRY:
        return WITHOUT
    expire_field(work, field, &place, NO_EXPIRY)
    return SET


cdef void hpersist(Call* call) noexcept nogil:
    cdef Work work
    cdef int i, found
    if not asks_for(call, NUMFIELDS):
        return
    found = write_typed(call, 1, TYPE_HASH, &work.ref)
    if found < 0:
        return
    begin(&work, call)
    reply_array(call, call.argc - 4)
    for i in range(4, call.argc):
        reply_int(call, persist_one(&work, &call.argv[i]) if found else ABSENT)
        if work.refused:
            break
    finish(&work)


# ---- values with their moments ----

cdef void get_one(Work* work, const RespArg* field, const Options* o, int64_t at) noexcept nogil:
    """The field's value, and what is asked for done with its moment."""
    cdef HashPlace place
    cdef ListpackValue value
    if not hash_find(work.ref.record, field, &place, &value):
        reply_null(work.call)
        return
    reply_element(work.call, &value)
    if o.unit or (o.drop and place.expiry != NO_EXPIRY):
        expire_field(work, field, &place, at)


cdef void hgetex(Call* call) noexcept nogil:
    cdef Work work
    cdef Options o
    cdef int64_t at
    cdef int fields, i
    if not find_fields(call, 2, &fields) or not read_options(call, 2, fields, DROP, &o):
        return
    if not counted(call, fields, 1, NUMFIELDS):
        return
    key_find(call, 1, &work.ref)
    if work.ref.record != NULL and <int>work.ref.record.type != TYPE_HASH:
        reply_error(call, WRONGTYPE)
        return
    if not option_moment(call, &o, &at):
        return
    begin(&work, call)
    if work.ref.record != NULL and (o.unit or o.drop):
        ref_for_write(&work.ref)
        if not may_time(&work, at):
            finish(&work)
            return
    reply_array(call, call.argc - fields - 2)
    for i in range(fields + 2, call.argc):
        if work.ref.record == NULL:
            reply_null(call)
        else:
            get_one(&work, &call.argv[i], &o, at)
        if work.refused:
            break
    finish(&work)


cdef bint fields_allow(const Record* hash, const RespArg* pairs, size_t count, const Options* o) noexcept nogil:
    """Whether FNX or FXX lets all of these pairs be set. `hash`: NULL for a missing key."""
    cdef HashPlace place
    cdef ListpackValue value
    cdef size_t i
    cdef bint there
    if not (o.fnx or o.fxx):
        return True
    for i in range(count):
        there = hash != NULL and hash_find(hash, &pairs[2 * i], &place, &value)
        if there == o.fnx:
            return False
    return True


cdef void remove_pairs(Work* work, const RespArg* pairs, size_t count, int64_t at) noexcept nogil:
    """Pairs whose moment is over are set and gone at once."""
    cdef HashPlace place
    cdef ListpackValue value
    cdef size_t i
    for i in range(count):
        if work.ref.record == NULL or not hash_find(work.ref.record, &pairs[2 * i], &place, &value):
            work.call.engine.context.fields_expired += 1
        elif not expire_field(work, &pairs[2 * i], &place, at):
            return


cdef size_t set_pairs(Work* work, const RespArg* pairs, size_t count, const Options* o, int64_t at) noexcept nogil:
    """How many pairs were set before memory was refused."""
    cdef Context* cx = &work.call.engine.context
    cdef HashPlace place
    cdef ListpackValue value
    cdef size_t done = 0
    if at == NO_EXPIRY and not o.keep:
        hash_set(cx, work.ref.record, pairs, count, &done)
        return done
    while done < count:
        hash_find(work.ref.record, &pairs[2 * done], &place, &value)
        if not o.keep:
            place.expiry = at
        if hash_put(cx, work.ref.record, &pairs[2 * done], &pairs[2 * done + 1], &place) < 0:
            break
        done += 1
    return done


cdef void store_pairs(Work* work, const RespArg* pairs, size_t count, const Options* o, int64_t at) noexcept nogil:
    cdef Call* call = work.call
    cdef int encoding = ENC_LISTPACK if at != NO_EXPIRY else hash_fit(&call.engine.context, pairs, count)
    cdef size_t done
    if work.ref.record == NULL and not create_hash(call, &work.ref, encoding):
        return
    done = set_pairs(work, pairs, count, o, at)
    if done:
        hash_changed(call, &work.ref)
    if done == count:
        reply_int(call, 1)
        return
    ref_timed(&work.ref)
    ref_delete_if_empty(&work.ref)
    reply_error(call, NO_MEMORY_PARTLY if done else NO_MEMORY)


cdef void hsetex(Call* call) noexcept nogil:
    cdef Work work
    cdef Options o
    cdef int64_t at
    cdef int fields
    cdef size_t count
    if not find_fields(call, 2, &fields) or not read_options(
            call, 2, fields, CONDITIONS | FIELD_CONDITIONS | KEEP, &o):
        return
    if not counted(call, fields, 2, NUMFIELDS):
        return
    key_find(call, 1, &work.ref)
    if work.ref.record != NULL and <int>work.ref.record.type != TYPE_HASH:
        reply_error(call, WRONGTYPE)
        return
    if (o.nx and work.ref.record != NULL) or (o.xx and work.ref.record == NULL):
        reply_int(call, 0)
        return
    count = <size_t>(call.argc - fields - 2) // 2
    if not option_moment(call, &o, &at):
        return
    if not fields_allow(work.ref.record, call.argv + fields + 2, count, &o):
        reply_int(call, 0)
        return
    begin(&work, call)
    ref_for_write(&work.ref)
    if not may_time(&work, at):
        finish(&work)
    elif NO_EXPIRY < at <= call.engine.now:
        remove_pairs(&work, call.argv + fields + 2, count, at)
        reply_int(call, 1)
        finish(&work)
    else:
        store_pairs(&work, call.argv + fields + 2, count, &o, at)
