"""HashTable: a mapping from bytes to bytes over the table of the keyspace; see docs/hashtable.md.

A plain door to the kernel, for tests, benchmarks and curious users. Key and value of an entry stand in
one allocation. It is not thread-safe: callers share a HashTable between threads under a lock of their own.
"""
import os

from libc.stdint cimport UINT32_MAX, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from cydis.core.heap cimport Heap, heap_alloc, heap_check, heap_close, heap_free, heap_open, heap_used


cdef struct Entry:                        # followed by key and value
    uint32_t key_size
    uint32_t value_size


cdef struct Found:                        # entries of one step of a scan
    void** entries
    size_t count, room
    Heap* heap
    bint failed


cdef inline size_t entry_size(const Entry* entry) noexcept nogil:
    return sizeof(Entry) + <size_t> entry.key_size + entry.value_size


cdef inline uint8_t* entry_bytes(const Entry* entry) noexcept nogil:
    return <uint8_t*> entry + sizeof(Entry)


cdef const uint8_t* entry_key(const void* entry, size_t* size) noexcept nogil:
    size[0] = (<const Entry*> entry).key_size
    return entry_bytes(<const Entry*> entry)


cdef void entry_drop(void* heap, void* entry) noexcept nogil:
    heap_free(<Heap*> heap, entry, entry_size(<Entry*> entry))


cdef void entry_found(void* ctx, void* entry) noexcept nogil:
    cdef Found* found = <Found*> ctx
    cdef void** more
    if found.count == found.room:
        more = <void**> heap_alloc(found.heap, 2 * found.room * sizeof(void*))
        if more == NULL:
            found.failed = True
            return
        memcpy(more, found.entries, found.count * sizeof(void*))
        heap_free(found.heap, found.entries, found.room * sizeof(void*))
        found.entries, found.room = more, 2 * found.room
    found.entries[found.count] = entry
    found.count += 1


cdef inline bytes key_of(const Entry* entry):
    return (<const char*> entry_bytes(entry))[:entry.key_size]


cdef inline bytes value_of(const Entry* entry):
    return (<const char*> entry_bytes(entry) + entry.key_size)[:entry.value_size]


cdef Entry* find(HashTable self, bytes key, uint64_t* hash, HashtablePos* pos) noexcept:
    """hash and pos are set if they are not NULL."""
    cdef uint64_t h = hashtable_hash(&self.table, <const char*> key, len(key))
    if hash != NULL:
        hash[0] = h
    return <Entry*> hashtable_find_with(&self.table, h, <const char*> key, len(key), pos, entry_key)


cdef Entry* make(HashTable self, bytes key, bytes value) except NULL:
    if len(key) > UINT32_MAX or len(value) > UINT32_MAX:
        raise OverflowError("a key or a value is at most 4 GiB - 1 long")
    cdef Entry* entry = <Entry*> heap_alloc(self.heap, sizeof(Entry) + len(key) + len(value))
    if entry == NULL:
        raise MemoryError
    entry.key_size, entry.value_size = <uint32_t> len(key), <uint32_t> len(value)
    memcpy(entry_bytes(entry), <const char*> key, len(key))
    memcpy(entry_bytes(entry) + len(key), <const char*> value, len(value))
    return entry


cdef bint remove(HashTable self, bytes key) noexcept:
    cdef uint64_t hash = hashtable_hash(&self.table, <const char*> key, len(key))
    cdef void* entry = hashtable_remove(&self.table, hash, <const char*> key, len(key))
    if entry == NULL:
        return False
    entry_drop(self.heap, entry)
    self.changes += 1
    return True


cdef class HashTable:
    """HashTable(seed=None): an empty table.

    seed is 16 bytes that key the hash; without it they come from the system. Raises ValueError for a
    seed of another size, and MemoryError, here and wherever an entry is added; the table is then as it
    was. Keys and values are bytes of less than 4 GiB. A look-up, an insertion or a removal is O(1), and
    never waits for the table to grow.
    """

    def __cinit__(self, seed=None):
        cdef uint64_t[2] words
        cdef bytes given = os.urandom(16) if seed is None else seed
        if len(given) != 16:
            raise ValueError("the seed is 16 bytes")
        memcpy(words, <const char*> given, 16)
        self.heap = heap_open()
        if self.heap == NULL:
            raise MemoryError
        hashtable_init(&self.table, self.heap, words, entry_key)

    def __dealloc__(self):
        heap_close(self.heap)             # the entries go with it

    def __len__(self):
        return hashtable_size(&self.table)

    def __contains__(self, bytes key not None):
        return find(self, key, NULL, NULL) != NULL

    def __getitem__(self, bytes key not None):
        cdef Entry* entry = find(self, key, NULL, NULL)
        if entry == NULL:
            raise KeyError(key)
        return value_of(entry)

    def get(self, bytes key not None, default=None):
        """The value of the key, or default. O(1)."""
        cdef Entry* entry = find(self, key, NULL, NULL)
        return default if entry == NULL else value_of(entry)

    def __setitem__(self, bytes key not None, bytes value not None):
        cdef uint64_t hash
        cdef HashtablePos pos
        cdef Entry* old = find(self, key, &hash, &pos)
        if old != NULL and old.value_size == <size_t> len(value):
            memcpy(entry_bytes(old) + old.key_size, <const char*> value, len(value))
            return
        cdef Entry* entry = make(self, key, value)
        if old != NULL:
            hashtable_replace(&self.table, &pos, entry, False)
            entry_drop(self.heap, old)
            self.changes += 1
        elif hashtable_insert(&self.table, hash, entry, False):
            self.changes += 1
        else:
            entry_drop(self.heap, entry)
            raise MemoryError

    def __delitem__(self, bytes key not None):
        if not remove(self, key):
            raise KeyError(key)

    def pop(self, bytes key not None, *default):
        """Remove the key and return its value, or the default if one is given; else KeyError. O(1)."""
        if len(default) > 1:
            raise TypeError(f"pop takes a key and at most one default ({len(default)} given)")
        cdef Entry* entry = find(self, key, NULL, NULL)
        if entry == NULL:
            if default:
                return default[0]
            raise KeyError(key)
        value = value_of(entry)
        remove(self, key)
        return value

    def __iter__(self):
        """The keys, in no order. RuntimeError if keys come or go meanwhile."""
        for key, _ in self.items():
            yield key

    def items(self):
        """The pairs of key and value, in no order. RuntimeError if keys come or go meanwhile. O(n)."""
        cdef HashtableIter it
        cdef uint64_t changes = self.changes
        cdef Entry* entry
        memset(&it, 0, sizeof(it))
        while True:
            if self.changes != changes:
                raise RuntimeError("the table changed during iteration")
            entry = <Entry*> hashtable_next(&self.table, &it)
            if entry == NULL:
                return
            yield key_of(entry), value_of(entry)

    def scan(self, uint64_t cursor=0):
        """One step of a walk that needs no state: (next cursor, list of keys); 0 begins and ends it.

        A key that is there from the first step to the last is returned at least once, whatever else is
        added or removed between the steps. O(1).
        """
        cdef Found found
        cdef list keys = []
        found.heap, found.count, found.room, found.failed = self.heap, 0, 64, False
        found.entries = <void**> heap_alloc(self.heap, found.room * sizeof(void*))
        if found.entries == NULL:
            raise MemoryError
        try:
            cursor = hashtable_scan(&self.table, cursor, entry_found, &found)
            if found.failed:
                raise MemoryError
            for i in range(found.count):
                keys.append(key_of(<Entry*> found.entries[i]))
            return cursor, keys
        finally:
            heap_free(self.heap, found.entries, found.room * sizeof(void*))

    def random(self, uint64_t chance):
        """A key chosen by a random number of 64 bits, each nearly equally likely, or None. O(1)."""
        cdef Entry* entry = <Entry*> hashtable_random(&self.table, chance)
        return None if entry == NULL else key_of(entry)

    def clear(self):
        """Remove all keys. O(n)."""
        hashtable_clear(&self.table, entry_drop, self.heap)
        self.changes += 1

    def memory(self):
        """(bytes of the table, bytes of table and entries). O(1)."""
        return hashtable_memory(&self.table), heap_used(self.heap)

    def stats(self):
        """What the table looks like inside, as a dict; see csrc/hashtable.h. O(buckets)."""
        cdef HashtableStats stats
        hashtable_stats(&self.table, &stats)
        return stats

    def check(self):
        """Whether every invariant of table and heap holds. O(n)."""
        return hashtable_check(&self.table) and heap_check(self.heap)
