# cython: binding=False, embedsignature.format=clinic
"""Methods of hashes: fields and their values under one key."""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport flat, scan_words, words
from cydis.store.door cimport row
from cydis.store.replies cimport ANY, BOOL, FLOAT, NOTHING, PAGE_MAP, PAGE_SET, TUPLES
from cydis.store.sets cimport SetMethods

cdef const Command* HSET = row(b"HSET")
cdef const Command* HSETNX = row(b"HSETNX")
cdef const Command* HGET = row(b"HGET")
cdef const Command* HMGET = row(b"HMGET")
cdef const Command* HMSET = row(b"HMSET")
cdef const Command* HGETALL = row(b"HGETALL")
cdef const Command* HDEL = row(b"HDEL")
cdef const Command* HLEN = row(b"HLEN")
cdef const Command* HEXISTS = row(b"HEXISTS")
cdef const Command* HKEYS = row(b"HKEYS")
cdef const Command* HVALS = row(b"HVALS")
cdef const Command* HSTRLEN = row(b"HSTRLEN")
cdef const Command* HINCRBY = row(b"HINCRBY")
cdef const Command* HINCRBYFLOAT = row(b"HINCRBYFLOAT")
cdef const Command* HSCAN = row(b"HSCAN")
cdef const Command* HRANDFIELD = row(b"HRANDFIELD")


cdef class HashMethods(SetMethods):
    """Methods of hashes."""

    def hset(self, key, field=None, value=None, mapping=None):
        """Sets a field, or all of a mapping, or both; how many fields are new. O(1) per field."""
        if mapping is None:
            return self.run3(HSET, key, field, value, ANY)
        return self.run_list(HSET, [key, *flat(mapping)] if field is None else [key, field, value, *flat(mapping)], ANY)

    def hsetnx(self, key, field, value):
        """Sets a field if it is not there; whether it was done. O(1)."""
        return self.run3(HSETNX, key, field, value, BOOL)

    def hget(self, key, field):
        """The value of a field, or None. O(1)."""
        return self.run2(HGET, key, field, ANY)

    def hmget(self, key, *fields):
        """A list of values, None where there is none; fields may come as one iterable. O(fields)."""
        return self.run_list(HMGET, [key, *words(fields)], ANY)

    def hmset(self, key, mapping):
        """Sets the fields of a mapping. O(1) per field."""
        return self.run_list(HMSET, [key, *flat(mapping)], NOTHING)

    def hgetall(self, key):
        """All fields and values as a dict. O(fields)."""
        return self.run1(HGETALL, key, ANY)

    def hdel(self, key, field, *fields):
        """Removes fields; how many there were. O(1) per field."""
        if not fields:
            return self.run2(HDEL, key, field, ANY)
        return self.run_list(HDEL, [key, field, *fields], ANY)

    def hlen(self, key):
        """How many fields, 0 for a missing key. O(1)."""
        return self.run1(HLEN, key, ANY)

    def hexists(self, key, field):
        """Whether the hash has a field. O(1)."""
        return self.run2(HEXISTS, key, field, BOOL)

    def hkeys(self, key):
        """A list of all fields. O(fields)."""
        return self.run1(HKEYS, key, ANY)

    def hvals(self, key):
        """A list of all values. O(fields)."""
        return self.run1(HVALS, key, ANY)

    def hstrlen(self, key, field):
        """Length of a field's value in bytes, 0 for none. O(1)."""
        return self.run2(HSTRLEN, key, field, ANY)

    def hincrby(self, key, field, amount=1):
        """Adds `amount` to the integer of a field; the new value. O(1)."""
        return self.run3(HINCRBY, key, field, amount, ANY)

    def hincrbyfloat(self, key, field, amount=1.0):
        """Adds `amount` to the number of a field; the new value as float. O(1)."""
        return self.run3(HINCRBYFLOAT, key, field, amount, FLOAT)

    def hrandfield(self, key, count=None, bint withvalues=False):
        """A random field, or None; with `count` a list of up to so many, or of -`count` with repetitions. O(count).

        Args:
            withvalues: a list of (field, value), `count` must be given.
        """
        if count is None:
            return self.run1(HRANDFIELD, key, ANY)
        if withvalues:
            return self.run3(HRANDFIELD, key, count, "WITHVALUES", TUPLES)
        return self.run2(HRANDFIELD, key, count, ANY)

    def hscan(self, key, cursor=0, match=None, count=None, novalues=False):
        """One step of a scan: (next cursor, dict of fields and values); a scan ends with cursor 0. O(count).

        With `novalues` a set of fields.
        """
        if novalues:
            return self.run_list(HSCAN, [*scan_words(key, cursor, match, count), "NOVALUES"], PAGE_SET)
        return self.run_list(HSCAN, scan_words(key, cursor, match, count), PAGE_MAP)
