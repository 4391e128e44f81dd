"""Keys: deleting, renaming, copying, finding them, whatever they hold.

A key whose time is over is not there: no command sees it, and those that meet it on a walk (SCAN, RANDOMKEY)
remove it.

COPY source destination [DB number] [REPLACE]
    Copy a value with its expiry to another key, perhaps of another database: 1; 0 if there is no source, or
    a destination and no REPLACE. O(size of the value). Since 6.2.0.
DEL key [key ...]
    Remove keys; how many there were. O(keys), and the size of large values unless lazyfree-lazy-user-del
    frees those in slices afterwards. Since 1.0.0.
EXISTS key [key ...]
    How many of the keys exist; one that is named twice counts twice. O(keys). Since 1.0.0.
KEYS pattern
    All keys that a glob pattern matches. O(all keys) in one step: SCAN holds up nobody. Since 1.0.0.
MOVE key number
    Move a key to another database unless one of its name is there: 1 or 0. O(1). Since 1.0.0.
RANDOMKEY
    Some key, or null in an empty database. O(1). Since 1.0.0.
RENAME key newkey
    Give a key another name; what had that name is replaced. The expiry goes along. O(1) and freeing what was
    replaced. Since 1.0.0.
RENAMENX key newkey
    The same if the new name is free: 1, else 0. O(1). Since 1.0.0.
SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
    A part of the keys, and the cursor for the next call; a walk begins and ends with cursor 0. What is
    there from the beginning to the end of the walk is returned at least once. COUNT says how much work one call
    is to do. O(count). Since 2.8.0.
TOUCH key [key ...]
    Note that the keys were used; how many of them exist. O(keys). Since 3.2.1.
TYPE key
    string, list, set, zset, hash, stream, or none. O(1). Since 1.0.0.
UNLINK key [key ...]
    DEL which always frees large values in slices afterwards. O(keys). Since 4.0.0.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memset

from cydis.core.glob cimport glob_is_all, glob_match_bytes
from cydis.core.hashtable cimport (
    HashtableIter, hashtable_next, hashtable_pause, hashtable_random, hashtable_resume, hashtable_scan, hashtable_size,
)
from cydis.core.listpack cimport ListpackValue
from cydis.core.record cimport Record, record_expiry, record_key
from cydis.core.resp cimport RespArg
from cydis.engine.access cimport touch
from cydis.engine.ahead cimport KEY_GROUP, hash_group
from cydis.engine.call cimport Call, Row, arg_cursor, arg_db, arg_is
from cydis.engine.database cimport Db
from cydis.engine.keyspace cimport (
    Ref, changed, key_find, key_inspect, key_inspect_hashed, key_read_ref, record_expired,
    ref_adopt, ref_copy, ref_delete, ref_find, ref_find_hashed,
)
from cydis.engine.reply cimport (
    NO_MEMORY, NO_SUCH_KEY, SAME_OBJECT, reply_array_at, reply_bulk, reply_error,
    reply_int, reply_mark, reply_null, reply_ok, reply_status, reply_syntax,
)
from cydis.engine.scan cimport SCAN_KEYS, Scan, scan_add, scan_begin, scan_end, scan_goes_on, scan_wants
from cydis.engine.table cimport (
    DANGEROUS, DENYOOM, FAST, KEY1, KEY12, KEYS_ALL, NO_KEYS, READ, WRITE, register,
)
from cydis.engine.value cimport type_row
from cydis.types.context cimport context_random

cdef Row[12] ROWS = [
    #   name           function    arity  flags             keys
    Row(b"COPY",       copy,       -3,    WRITE | DENYOOM,  KEY12),
    Row(b"DEL",        del_,       -2,    WRITE,            KEYS_ALL),
    Row(b"EXISTS",     exists,     -2,    READ | FAST,      KEYS_ALL),
    Row(b"KEYS",       keys,       2,     READ | DANGEROUS, NO_KEYS),
    Row(b"MOVE",       move,       3,     WRITE | FAST,     KEY1),
    Row(b"RANDOMKEY",  randomkey,  1,     READ,             NO_KEYS),
    Row(b"RENAME",     rename,     3,     WRITE,            KEY12),
    Row(b"RENAMENX",   renamenx,   3,     WRITE | FAST,     KEY12),
    Row(b"SCAN",       scan,       -2,    READ,             NO_KEYS),
    Row(b"TOUCH",      touch_,     -2,    READ | FAST,      KEYS_ALL),
    Row(b"TYPE",       type_,      2,     READ | FAST,      KEY1),
    Row(b"UNLINK",     unlink,     -2,    WRITE | FAST,     KEYS_ALL),
]
register(b"generic", ROWS, 12)


cdef inline bint same_key(Call* call, int a, int b) noexcept nogil:
    return call.argv[a].size == call.argv[b].size and (
        memcmp(call.argv[a].data, call.argv[b].data, call.argv[a].size) == 0)


cdef void copy(Call* call) noexcept nogil:
    cdef bint replace = False
    cdef int number = call.db.id, i = 3
    cdef Db* db
    cdef Ref source, target
    while i < call.argc:
        if arg_is(call, i, b"REPLACE"):
            replace = True
        elif arg_is(call, i, b"DB") and i + 1 < call.argc:
            i += 1
            if not arg_db(call, i, &number):
                return
        else:
            reply_syntax(call)
            return
        i += 1
    db = &call.engine.dbs[number]
    if db == call.db and same_key(call, 1, 2):
        reply_error(call, SAME_OBJECT)
        return
    if key_read_ref(call, 1, &source) == NULL or (
            ref_find(&target, db, call.argv[2].data, call.argv[2].size) != NULL and not replace):
        reply_int(call, 0)
        return
    if not ref_copy(&target, &source, record_expiry(source.record)):
        reply_error(call, NO_MEMORY)
        return
    changed(call, 2)
    reply_int(call, 1)


cdef void delete_all(Call* call, bint lazy) noexcept nogil:
    cdef uint64_t[KEY_GROUP] hashes
    cdef Ref ref
    cdef const RespArg* key
    cdef int64_t count = 0
    cdef int i = 1, n, k
    while i < call.argc:
        n = hash_group(call, i, 1, call.argc, hashes)
        for k in range(n):
            key = &call.argv[i + k]
            if ref_find_hashed(&ref, call.db, key.data, key.size, hashes[k]) != NULL:
                ref_delete(&ref, lazy)
                changed(call, i + k)
                count += 1
        i += n
    reply_int(call, count)


cdef void del_(Call* call) noexcept nogil:
    delete_all(call, call.engine.settings.lazy_user_del)


cdef void count_all(Call* call, bint touching) noexcept nogil:
    cdef uint64_t[KEY_GROUP] hashes
    cdef Record* record
    cdef int64_t count = 0
    cdef int i = 1, n, k
    while i < call.argc:
        n = hash_group(call, i, 1, call.argc, hashes)
        for k in range(n):
            record = key_inspect_hashed(call, i + k, hashes[k])
            if record != NULL:
                count += 1
                if touching:
                    touch(call.engine, record)
        i += n
    reply_int(call, count)


cdef void exists(Call* call) noexcept nogil:
    count_all(call, False)


cdef inline bint matches(const RespArg* pattern, const uint8_t* key, size_t size) noexcept nogil:
    return glob_is_all(pattern.data, pattern.size) or glob_match_bytes(pattern.data, pattern.size, key, size, False)


cdef void keys(Call* call) noexcept nogil:
    cdef size_t mark = reply_mark(call), count = 0, size
    cdef HashtableIter walk
    cdef const RespArg* pattern = &call.argv[1]
    cdef const uint8_t* key
    cdef Record* record
    memset(&walk, 0, sizeof(walk))
    while True:
        record = <Record*>hashtable_next(&call.db.keys, &walk)
        if record == NULL:
            break
        key = record_key(record, &size)
        if matches(pattern, key, size) and not record_expired(record, call.engine):
            reply_bulk(call, key, size)
            count += 1
    reply_array_at(call, mark, count)


cdef void move(Call* call) noexcept nogil:
    cdef int number
    cdef Ref source, target
    if not arg_db(call, 2, &number):
        return
    if number == call.db.id:
        reply_error(call, SAME_OBJECT)
        return
    if key_find(call, 1, &source) == NULL or (
            ref_find_hashed(&target, &call.engine.dbs[number], source.key, source.size, source.hash) != NULL):
        reply_int(call, 0)
        return
    if not ref_adopt(&target, &source, record_expiry(source.record)):
        reply_error(call, NO_MEMORY)
        return
    changed(call, 1)
    reply_int(call, 1)


cdef void reap(Db* db, Record* record) noexcept nogil:
    """Removes a record whose time is over."""
    cdef Ref ref
    cdef size_t size
    cdef const uint8_t* key = record_key(record, &size)
    ref_find(&ref, db, key, size)


cdef void randomkey(Call* call) noexcept nogil:
    cdef Record* record
    cdef const uint8_t* key
    cdef size_t size
    while hashtable_size(&call.db.keys):
        record = <Record*>hashtable_random(&call.db.keys, context_random(&call.engine.context))
        if not record_expired(record, call.engine):
            key = record_key(record, &size)
            reply_bulk(call, key, size)
            return
        reap(call.db, record)
    reply_null(call)


cdef bint give_name(Call* call, bint* taken) noexcept nogil:
    """The part that RENAME and RENAMENX share. `taken`: in, whether a taken name may be replaced; out, whether it was
    taken. False: an error has been replied."""
    cdef bint replace = taken[0]
    cdef Ref source, target
    if key_find(call, 1, &source) == NULL:
        reply_error(call, NO_SUCH_KEY)
        return False
    taken[0] = True
    if same_key(call, 1, 2):
        return True
    taken[0] = ref_find(&target, call.db, call.argv[2].data, call.argv[2].size) != NULL
    if taken[0] and not replace:
        return True
    if not ref_adopt(&target, &source, record_expiry(source.record)):
        reply_error(call, NO_MEMORY)
        return False
    changed(call, 2)
    return True


cdef void rename(Call* call) noexcept nogil:
    cdef bint taken = True
    if give_name(call, &taken):
        reply_ok(call)


cdef void renamenx(Call* call) noexcept nogil:
    cdef bint taken = False
    if give_name(call, &taken):
        reply_int(call, not taken)


cdef void scan_visit(void* context, void* entry) noexcept nogil:
    cdef Scan* s = <Scan*>context
    cdef Record* record = <Record*>entry
    cdef ListpackValue key
    cdef size_t size
    key.text = record_key(record, &size)
    key.size = <uint32_t>size
    if not scan_wants(s, &key):
        return
    if record_expired(record, s.call.engine):
        reap(s.call.db, record)           # a visit may remove what it was given
    elif s.type < 0 or <int>record.type == s.type:
        scan_add(s, &key)


cdef void scan(Call* call) noexcept nogil:
    cdef Scan s
    cdef uint64_t cursor
    cdef size_t before = hashtable_size(&call.db.keys)
    if not arg_cursor(call, 1, &cursor) or not scan_begin(&s, call, 2, SCAN_KEYS):
        return
    hashtable_pause(&call.db.keys)        # what expired is reaped on the way: no key twice in one reply for that
    cursor = hashtable_scan(&call.db.keys, cursor, scan_visit, &s)
    while scan_goes_on(&s, cursor):
        cursor = hashtable_scan(&call.db.keys, cursor, scan_visit, &s)
    hashtable_resume(&call.db.keys, before - hashtable_size(&call.db.keys))
    scan_end(&s, cursor)


cdef void touch_(Call* call) noexcept nogil:
    count_all(call, True)


cdef void type_(Call* call) noexcept nogil:
    cdef Record* record = key_inspect(call, 1)
    if record == NULL:
        reply_status(call, b"none")
    else:
        reply_status(call, type_row(record.type).name)


cdef void unlink(Call* call) noexcept nogil:
    delete_all(call, True)
