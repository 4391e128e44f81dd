# cython: binding=False, embedsignature.format=clinic
"""Methods of hashes: fields and their values under one key.

A time to live may be an int or a timedelta, a moment an int (Unix time) or a datetime. Where several fields are named
they may come as one iterable.
"""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport add_expiry, duration, flat, moment, scan_words, words
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
cdef const Command* HEXPIRE = row(b"HEXPIRE")
cdef const Command* HEXPIREAT = row(b"HEXPIREAT")
cdef const Command* HEXPIRETIME = row(b"HEXPIRETIME")
cdef const Command* HGETDEL = row(b"HGETDEL")
cdef const Command* HGETEX = row(b"HGETEX")
cdef const Command* HPERSIST = row(b"HPERSIST")
cdef const Command* HPEXPIRE = row(b"HPEXPIRE")
cdef const Command* HPEXPIREAT = row(b"HPEXPIREAT")
cdef const Command* HPEXPIRETIME = row(b"HPEXPIRETIME")
cdef const Command* HPTTL = row(b"HPTTL")
cdef const Command* HSETEX = row(b"HSETEX")
cdef const Command* HTTL = row(b"HTTL")


cdef list with_fields(list arguments, list fields):
    """FIELDS, how many, and the fields behind a command's other arguments."""
    arguments += ["FIELDS", len(fields)]
    arguments += fields
    return arguments


cdef list expiring(key, when, tuple fields, bint nx, bint xx, bint gt, bint lt):
    """The arguments of HEXPIRE and its kin."""
    cdef list arguments = [key, when]
    if nx:
        arguments.append("NX")
    if xx:
        arguments.append("XX")
    if gt:
        arguments.append("GT")
    if lt:
        arguments.append("LT")
    return with_fields(arguments, words(fields))


cdef class HashMethods(SetMethods):
    """Methods of hashes."""

    def hset(self, key, field=None, value=None, mapping=None):
        """Sets a field, or all of a mapping, or both, without an expiry; how many fields are new. O(1) per field."""
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

    def hgetdel(self, key, *fields):
        """A list of values, None where there is none; the fields are gone after it. O(1) per field."""
        return self.run_list(HGETDEL, with_fields([key], words(fields)), ANY)

    # -- expiry of fields --

    def hexpire(self, key, seconds, *fields, bint nx=False, bint xx=False, bint gt=False, bint lt=False):
        """Lets fields live for so long from now. O(log fields) per field.

        Args:
            seconds: int or timedelta; fields with 0 go at once.
            nx, xx: only fields that have no expiry, or only those that have one.
            gt, lt: only where the new moment is later, or earlier, than the one a field has.

        Returns:
            list: for each field 1, 2 if it went at once, 0 if the condition was not met, -2 if there is none.
        """
        return self.run_list(HEXPIRE, expiring(key, duration(seconds, 1), fields, nx, xx, gt, lt), ANY)

    def hpexpire(self, key, milliseconds, *fields, bint nx=False, bint xx=False, bint gt=False, bint lt=False):
        """hexpire in milliseconds."""
        return self.run_list(HPEXPIRE, expiring(key, duration(milliseconds, 1000), fields, nx, xx, gt, lt), ANY)

    def hexpireat(self, key, when, *fields, bint nx=False, bint xx=False, bint gt=False, bint lt=False):
        """hexpire until a moment, Unix seconds or datetime."""
        return self.run_list(HEXPIREAT, expiring(key, moment(when, 1), fields, nx, xx, gt, lt), ANY)

    def hpexpireat(self, key, when, *fields, bint nx=False, bint xx=False, bint gt=False, bint lt=False):
        """hexpireat in milliseconds."""
        return self.run_list(HPEXPIREAT, expiring(key, moment(when, 1000), fields, nx, xx, gt, lt), ANY)

    def httl(self, key, *fields):
        """For each field the seconds it has left, rounded; -1 if it has no expiry, -2 if there is none. O(1) each."""
        return self.run_list(HTTL, with_fields([key], words(fields)), ANY)

    def hpttl(self, key, *fields):
        """httl in milliseconds."""
        return self.run_list(HPTTL, with_fields([key], words(fields)), ANY)

    def hexpiretime(self, key, *fields):
        """For each field the Unix second at which it expires; -1 if it never does, -2 if there is none. O(1) each."""
        return self.run_list(HEXPIRETIME, with_fields([key], words(fields)), ANY)

    def hpexpiretime(self, key, *fields):
        """hexpiretime in milliseconds."""
        return self.run_list(HPEXPIRETIME, with_fields([key], words(fields)), ANY)

    def hpersist(self, key, *fields):
        """Lets fields live for ever: for each 1, -1 if it had no expiry, -2 if there is none. O(log fields) each."""
        return self.run_list(HPERSIST, with_fields([key], words(fields)), ANY)

    def hgetex(self, key, *fields, ex=None, px=None, exat=None, pxat=None, bint persist=False):
        """A list of values, None where there is none, giving those fields another expiry. O(log fields) per field.

        Args:
            ex, px: time to live in seconds or milliseconds, int or timedelta.
            exat, pxat: the moment at which they expire, in Unix seconds or milliseconds, or a datetime.
            persist: no expiry any more.
        """
        cdef list arguments = [key]
        add_expiry(arguments, ex, px, exat, pxat, False, persist)
        return self.run_list(HGETEX, with_fields(arguments, words(fields)), ANY)

    def hsetex(self, key, field=None, value=None, mapping=None, ex=None, px=None, exat=None, pxat=None,
               bint keepttl=False, bint nx=False, bint xx=False, bint fnx=False, bint fxx=False):
        """Sets a field, or all of a mapping, or both, with one expiry; whether it was done. O(log fields) per field.

        Args:
            ex, px, exat, pxat: as hgetex.
            keepttl: the expiry that each field has stays.
            nx, xx: only if the key does not exist, or only if it does.
            fnx, fxx: only if none of the fields exists, or only if all do.
        """
        cdef list arguments = [key]
        cdef list pairs = [] if field is None else [field, value]
        if mapping is not None:
            pairs += flat(mapping)
        if nx:
            arguments.append("NX")
        if xx:
            arguments.append("XX")
        if fnx:
            arguments.append("FNX")
        if fxx:
            arguments.append("FXX")
        add_expiry(arguments, ex, px, exat, pxat, keepttl, False)
        arguments += ["FIELDS", len(pairs) // 2]
        arguments += pairs
        return self.run_list(HSETEX, arguments, BOOL)
