"""Sets as intsets, listpacks and hash tables. See sets.pxd for the contract.

The borders are the reference's: an intset becomes a hash table past set-max-intset-entries, and at its
first text a listpack if that may hold one more member, else a hash table; a listpack becomes a hash table
with the first member too many or too long. None goes back.
"""
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memset

from cydis.core.hashtable cimport (
    Hashtable, HashtableIter, HashtablePos, hashtable_clear, hashtable_clear_some,
    hashtable_expect, hashtable_hash, hashtable_init, hashtable_insert, hashtable_memory, hashtable_next,
    hashtable_prefetch_bucket, hashtable_prefetch_entry,
    hashtable_random, hashtable_remove_at, hashtable_scan, hashtable_size,
)
from cydis.core.heap cimport heap_alloc, heap_free, heap_good_size
from cydis.core.intset cimport (
    INTSET_CHANGED, IntsetChange, intset_add, intset_copy, intset_count, intset_find, intset_free, intset_get,
    intset_max, intset_memory, intset_min, intset_new, intset_random, intset_remove,
)
from cydis.core.listpack cimport (
    LISTPACK_INT_DIGITS, LISTPACK_MAX_BYTES, LISTPACK_NONE, ListpackValue, listpack_append, listpack_bytes,
    listpack_copy, listpack_count, listpack_delete, listpack_find, listpack_first, listpack_free, listpack_get,
    listpack_memory, listpack_new, listpack_number, listpack_seek, listpack_step, listpack_text,
    listpack_value_text,
)
from cydis.core.member cimport (
    Member, member_bytes, member_drop, member_find, member_free, member_key, member_new, member_text,
)
from cydis.core.record cimport Record, record_pointer, record_set_pointer, record_slot
from cydis.types.context cimport Context, context_random
from cydis.types.draw cimport SPARSE, draw_entries, random_below
from cydis.types.encodings cimport ENC_HASHTABLE, ENC_INTSET, ENC_LISTPACK
from cydis.types.holder cimport Holder, holder_open

cdef enum:
    INTSET_MOST = 1 << 27                 # members of any intset: 1 GiB


cdef inline uint8_t* block_of(const Record* set) noexcept nogil:
    """The intset or the listpack."""
    return <uint8_t*>record_pointer(set)


cdef inline uint8_t** block_slot(Record* set) noexcept nogil:
    """Where its address stands, for what may move it."""
    return <uint8_t**>record_slot(set)


cdef inline Hashtable* table_of(const Record* set) noexcept nogil:
    return <Hashtable*>record_pointer(set)


cdef size_t set_size(const Record* set) noexcept nogil:
    if set.encoding == ENC_HASHTABLE:
        return hashtable_size(table_of(set))
    return intset_count(block_of(set)) if set.encoding == ENC_INTSET else listpack_count(block_of(set))


# ---- hash tables ----

cdef Hashtable* table_new(Context* cx) noexcept nogil:
    cdef Hashtable* table = <Hashtable*>heap_alloc(cx.heap, sizeof(Hashtable))
    if table != NULL:
        hashtable_init(table, cx.heap, cx.seed, member_key)
    return table


cdef void table_free(Context* cx, Hashtable* table) noexcept nogil:
    hashtable_clear(table, member_drop, cx.heap)
    heap_free(cx.heap, table, sizeof(Hashtable))


cdef inline bint table_insert(Context* cx, Hashtable* table, uint64_t hash, const uint8_t* text,
                              size_t size) noexcept nogil:
    """Adds what is not there yet."""
    cdef Member* member = member_new(cx.heap, text, size)
    if member == NULL:
        return False
    if not hashtable_insert(table, hash, member, False):
        member_free(cx.heap, member)
        return False
    return True


cdef inline void member_value(const void* entry, ListpackValue* member) noexcept nogil:
    cdef size_t size
    cdef const uint8_t* text = member_text(<const Member*>entry, &size)
    member[0] = listpack_text(text, size)


cdef bint to_table(Context* cx, Record* set) noexcept nogil:
    """Makes a smaller encoding a hash table. O(n)."""
    cdef Hashtable* table = table_new(cx)
    cdef SetWalk walk
    cdef ListpackValue member
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef const uint8_t* text
    cdef size_t size
    if table == NULL:
        return False
    hashtable_expect(table, set_size(set))
    set_walk(set, &walk)
    while set_next(&walk, &member):
        text = listpack_value_text(&member, digits, &size)
        if not table_insert(cx, table, hashtable_hash(table, text, size), text, size):
            table_free(cx, table)
            return False
    set_free(cx, set)
    record_set_pointer(set, table)
    set.encoding = ENC_HASHTABLE
    return True


# ---- borders ----

cdef void* set_new(Context* cx, const ListpackValue* first, size_t expected, int* encoding) noexcept nogil:
    if first.integer and <int64_t>expected <= cx.limits.set_max_intset_entries:
        encoding[0] = ENC_INTSET
        return intset_new(cx.heap)
    if <int64_t>expected <= cx.limits.set_max_listpack_entries:
        encoding[0] = ENC_LISTPACK
        return listpack_new(cx.heap)
    encoding[0] = ENC_HASHTABLE
    return table_new(cx)


cdef bint set_expect(Context* cx, Record* set, size_t expected) noexcept nogil:
    if set.encoding == ENC_HASHTABLE:
        return True
    if set.encoding == ENC_INTSET:
        return <int64_t>expected <= cx.limits.set_max_intset_entries or to_table(cx, set)
    return <int64_t>expected <= cx.limits.set_max_listpack_entries or to_table(cx, set)


cdef inline bint fits_pack(Context* cx, size_t count, const ListpackValue* member) noexcept nogil:
    """Whether a listpack of so many members may take this one."""
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef size_t size
    listpack_value_text(member, digits, &size)
    return <int64_t>count < cx.limits.set_max_listpack_entries and <int64_t>size <= cx.limits.set_max_listpack_value


cdef bint leave_intset(Context* cx, Record* set, const ListpackValue* member) noexcept nogil:
    """A text comes into an intset, which becomes what can hold it. O(n)."""
    cdef uint8_t* ints = block_of(set)
    cdef size_t count = intset_count(ints)
    cdef ListpackValue number
    cdef uint8_t* pack
    cdef uint32_t rank
    cdef bint fits = fits_pack(cx, count, member)
    if fits and count:
        number = listpack_number(intset_min(ints))
        fits = fits_pack(cx, count, &number)
        number = listpack_number(intset_max(ints))
        fits = fits and fits_pack(cx, count, &number)
    if not fits:
        return to_table(cx, set)
    pack = listpack_new(cx.heap)
    if pack == NULL:
        return False
    for rank in range(<uint32_t>count):
        number = listpack_number(intset_get(ints, rank))
        if not listpack_append(cx.heap, &pack, &number):
            listpack_free(cx.heap, pack)
            return False
    intset_free(cx.heap, ints)
    record_set_pointer(set, pack)
    set.encoding = ENC_LISTPACK
    return True


# ---- members ----

cdef bint set_has(const Record* set, const ListpackValue* member) noexcept nogil:
    """O(1) in a hash table, O(log n) in an intset, O(n) in a listpack."""
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef const uint8_t* text
    cdef size_t size
    if set.encoding == ENC_HASHTABLE:
        text = listpack_value_text(member, digits, &size)
        return member_find(table_of(set), hashtable_hash(table_of(set), text, size), text, size, NULL) != NULL
    if set.encoding == ENC_INTSET:
        return member.integer and intset_find(block_of(set), member.number) >= 0
    return listpack_find(block_of(set), listpack_first(block_of(set)), member, 0) != LISTPACK_NONE


cdef struct Asked:                        # a member that is looked for in a table
    const uint8_t* text
    size_t size
    uint64_t hash
    char[LISTPACK_INT_DIGITS] digits


cdef uint32_t table_has_which(const Hashtable* table, const ListpackValue* members, uint32_t asked) noexcept nogil:
    cdef Asked[SET_BATCH] batch
    cdef Asked* a
    cdef uint32_t found = 0
    cdef int i
    for i in range(SET_BATCH):
        if asked >> i & 1:
            a = &batch[i]
            a.text = listpack_value_text(&members[i], a.digits, &a.size)
            a.hash = hashtable_hash(table, a.text, a.size)
            hashtable_prefetch_bucket(table, a.hash)
    for i in range(SET_BATCH):
        if asked >> i & 1:
            hashtable_prefetch_entry(table, batch[i].hash)
    for i in range(SET_BATCH):
        a = &batch[i]
        if asked >> i & 1 and member_find(table, a.hash, a.text, a.size, NULL) != NULL:
            found |= 1 << i
    return found


cdef uint32_t set_has_which(const Record* set, const ListpackValue* members, uint32_t asked) noexcept nogil:
    """Per member as set_has."""
    cdef uint32_t found = 0
    cdef int i
    if set.encoding == ENC_HASHTABLE:
        return table_has_which(table_of(set), members, asked)
    for i in range(SET_BATCH):
        if asked >> i & 1 and set_has(set, &members[i]):
            found |= 1 << i
    return found


cdef int add_to_intset(Context* cx, Record* set, int64_t number) noexcept nogil:
    cdef IntsetChange change = intset_add(cx.heap, block_slot(set), number)
    cdef int64_t most = cx.limits.set_max_intset_entries
    if most > INTSET_MOST:
        most = INTSET_MOST
    if change == INTSET_CHANGED and <int64_t>intset_count(block_of(set)) > most:
        to_table(cx, set)                 # refused memory: it stays an intset until the next time
    return change


cdef int add_to_pack(Context* cx, Record* set, const ListpackValue* member, bint absent) noexcept nogil:
    cdef uint8_t* pack = block_of(set)
    if not absent and listpack_find(pack, listpack_first(pack), member, 0) != LISTPACK_NONE:
        return 0
    if fits_pack(cx, listpack_count(pack), member) and (
            <uint64_t>listpack_bytes(pack) + member.size + LISTPACK_INT_DIGITS <= LISTPACK_MAX_BYTES):
        return 1 if listpack_append(cx.heap, block_slot(set), member) else -1
    return add(cx, set, member, absent) if to_table(cx, set) else -1


cdef int add(Context* cx, Record* set, const ListpackValue* member, bint absent) noexcept nogil:
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef const uint8_t* text
    cdef size_t size
    cdef uint64_t hash
    cdef Hashtable* table
    if set.encoding == ENC_HASHTABLE:
        table = table_of(set)
        text = listpack_value_text(member, digits, &size)
        hash = hashtable_hash(table, text, size)
        if not absent and member_find(table, hash, text, size, NULL) != NULL:
            return 0
        return 1 if table_insert(cx, table, hash, text, size) else -1
    if set.encoding == ENC_LISTPACK:
        return add_to_pack(cx, set, member, absent)
    if member.integer:
        return add_to_intset(cx, set, member.number)
    return add(cx, set, member, absent) if leave_intset(cx, set, member) else -1


cdef int set_add(Context* cx, Record* set, const ListpackValue* member) noexcept nogil:
    """O(1) in a hash table, O(n) in the small encodings and when the encoding changes."""
    return add(cx, set, member, False)


cdef int set_add_new(Context* cx, Record* set, const ListpackValue* member) noexcept nogil:
    """O(1) but in an intset, and when the encoding changes."""
    return add(cx, set, member, True)


cdef int set_remove(Context* cx, Record* set, const ListpackValue* member) noexcept nogil:
    """O(1) in a hash table, O(n) otherwise. The member may lie in the set itself."""
    cdef char[LISTPACK_INT_DIGITS] digits
    cdef const uint8_t* text
    cdef size_t size
    cdef uint64_t hash
    cdef uint32_t at
    cdef Hashtable* table
    cdef HashtablePos pos
    cdef Member* found
    if set.encoding == ENC_HASHTABLE:
        table = table_of(set)
        text = listpack_value_text(member, digits, &size)
        hash = hashtable_hash(table, text, size)
        found = member_find(table, hash, text, size, &pos)
        if found == NULL:
            return 0
        hashtable_remove_at(table, hash, &pos)
        member_free(cx.heap, found)
        return 1
    if set.encoding == ENC_INTSET:
        return intset_remove(cx.heap, block_slot(set), member.number) if member.integer else 0
    at = listpack_find(block_of(set), listpack_first(block_of(set)), member, 0)
    if at == LISTPACK_NONE:
        return 0
    return 1 if listpack_delete(cx.heap, block_slot(set), &at) else -1


# ---- chance ----

cdef void set_random(Context* cx, const Record* set, ListpackValue* member) noexcept nogil:
    """O(1) expected; O(n) in a listpack."""
    if set.encoding == ENC_HASHTABLE:
        member_value(hashtable_random(table_of(set), context_random(cx)), member)
    elif set.encoding == ENC_INTSET:
        member[0] = listpack_number(intset_random(block_of(set), context_random(cx)))
    else:
        member[0] = listpack_get(block_of(set), listpack_seek(
            block_of(set), <int64_t>random_below(cx, listpack_count(block_of(set)))))


cdef bint filter_sample(Context* cx, const Record* set, size_t count, SetVisit visit, void* ctx) noexcept nogil:
    """Goes through all and takes each with the chance needed / left (Knuth, TAOCP 2, 3.4.2, algorithm S). O(n)."""
    cdef SetWalk walk
    cdef ListpackValue member
    cdef size_t left = set_size(set)
    set_walk(set, &walk)
    while count and set_next(&walk, &member):
        if random_below(cx, left) < count:
            visit(ctx, &member)
            count -= 1
        left -= 1
    return True


cdef struct Visiting:
    SetVisit visit
    void* ctx


cdef void visit_entry(void* ctx, void* entry) noexcept nogil:
    cdef Visiting* visiting = <Visiting*>ctx
    cdef ListpackValue member
    member_value(entry, &member)
    visiting.visit(visiting.ctx, &member)


cdef bint set_sample(Context* cx, const Record* set, size_t count, SetVisit visit, void* ctx) noexcept nogil:
    """O(count) for few of a hash table, otherwise O(n)."""
    cdef Visiting visiting
    if set.encoding == ENC_HASHTABLE and count < hashtable_size(table_of(set)) // SPARSE:
        visiting.visit = visit
        visiting.ctx = ctx
        return draw_entries(cx, table_of(set), count, visit_entry, NULL, &visiting)
    return filter_sample(cx, set, count, visit, ctx)


cdef struct Keeping:                      # the members that stay, on their way into another set
    Context* cx
    Record* set
    bint failed


cdef void keep(void* ctx, const ListpackValue* member) noexcept nogil:
    cdef Keeping* keeping = <Keeping*>ctx
    keeping.failed = keeping.failed or set_add_new(keeping.cx, keeping.set, member) < 0


cdef bint set_keep_few(Context* cx, Record* set, size_t kept, SetVisit visit, void* ctx) noexcept nogil:
    """For sets that lose most of their members: what stays becomes a set of its own. O(n)."""
    cdef Holder holder
    cdef Keeping keeping
    cdef SetWalk walk
    cdef ListpackValue member
    if set.encoding == ENC_INTSET:
        keeping.set = holder_open(&holder, ENC_INTSET, intset_new(cx.heap))
    else:
        keeping.set = holder_open(&holder, ENC_LISTPACK, listpack_new(cx.heap))
    if holder.slot == NULL:
        return False
    keeping.cx = cx
    keeping.failed = False
    if not set_sample(cx, set, kept, keep, &keeping) or keeping.failed:
        set_free(cx, keeping.set)
        return False
    set_walk(set, &walk)
    while set_next(&walk, &member):
        if not set_has(keeping.set, &member):
            visit(ctx, &member)
    set_free(cx, set)
    record_set_pointer(set, record_pointer(keeping.set))
    set.encoding = keeping.set.encoding
    return True


# ---- walking ----

cdef void set_walk(const Record* set, SetWalk* walk) noexcept nogil:
    walk.set = set
    walk.at = 0
    if set.encoding == ENC_HASHTABLE:
        memset(&walk.iter, 0, sizeof(HashtableIter))
    elif set.encoding == ENC_LISTPACK:
        walk.at = listpack_first(block_of(set))


cdef bint set_next(SetWalk* walk, ListpackValue* member) noexcept nogil:
    """Reads a member and moves on; false after the last one. O(1)."""
    cdef const Record* set = walk.set
    cdef void* entry
    if set.encoding == ENC_HASHTABLE:
        entry = hashtable_next(table_of(set), &walk.iter)
        if entry == NULL:
            return False
        member_value(entry, member)
        return True
    if set.encoding == ENC_INTSET:
        if walk.at >= intset_count(block_of(set)):
            return False
        member[0] = listpack_number(intset_get(block_of(set), walk.at))
        walk.at += 1
        return True
    if walk.at == LISTPACK_NONE:
        return False
    walk.at = listpack_step(block_of(set), walk.at, member)
    return True


cdef uint64_t set_scan(const Record* set, uint64_t cursor, SetVisit visit, void* ctx) noexcept nogil:
    """O(1) a step in a hash table. The small encodings come whole, whatever the cursor."""
    cdef Visiting visiting
    cdef SetWalk walk
    cdef ListpackValue member
    if set.encoding == ENC_HASHTABLE:
        visiting.visit = visit
        visiting.ctx = ctx
        return hashtable_scan(table_of(set), cursor, visit_entry, &visiting)
    set_walk(set, &walk)
    while set_next(&walk, &member):
        visit(ctx, &member)
    return 0


# ---- the table of types ----

cdef void set_free(Context* cx, Record* set) noexcept nogil:
    if set.encoding == ENC_HASHTABLE:
        table_free(cx, table_of(set))
    elif set.encoding == ENC_INTSET:
        intset_free(cx.heap, block_of(set))
    else:
        listpack_free(cx.heap, block_of(set))


cdef bint set_free_some(Context* cx, Record* set, size_t some) noexcept nogil:
    if set.encoding == ENC_HASHTABLE and not hashtable_clear_some(table_of(set), some, member_drop, cx.heap):
        return False
    set_free(cx, set)
    return True


cdef void* copy_table(Context* cx, const Record* set) noexcept nogil:
    cdef Hashtable* table = table_new(cx)
    cdef SetWalk walk
    cdef ListpackValue member
    if table == NULL:
        return NULL
    hashtable_expect(table, set_size(set))
    set_walk(set, &walk)
    while set_next(&walk, &member):
        if not table_insert(cx, table, hashtable_hash(table, member.text, member.size), member.text, member.size):
            table_free(cx, table)
            return NULL
    return table


cdef bint set_copy(Context* cx, const Record* set, Record* into) noexcept nogil:
    cdef void* copy
    if set.encoding == ENC_HASHTABLE:
        copy = copy_table(cx, set)
    elif set.encoding == ENC_INTSET:
        copy = intset_copy(cx.heap, block_of(set))
    else:
        copy = listpack_copy(cx.heap, block_of(set))
    if copy == NULL:
        return False
    record_set_pointer(into, copy)
    return True


cdef size_t set_memory(Context* cx, const Record* set, size_t samples) noexcept nogil:
    """The mean of the first `samples` members stands for all of them; 0: every member is looked at."""
    cdef SetWalk walk
    cdef ListpackValue member
    cdef size_t members = 0, seen = 0
    if set.encoding == ENC_INTSET:
        return intset_memory(block_of(set))
    if set.encoding == ENC_LISTPACK:
        return listpack_memory(block_of(set))
    set_walk(set, &walk)
    while (samples == 0 or seen < samples) and set_next(&walk, &member):
        members += heap_good_size(member_bytes(member.size))
        seen += 1
    if seen:
        members = <size_t>(<double>members / seen * set_size(set))
    return heap_good_size(sizeof(Hashtable)) + hashtable_memory(table_of(set)) + members
