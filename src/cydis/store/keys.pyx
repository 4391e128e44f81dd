# cython: binding=False, embedsignature.format=clinic
"""Methods of keys of any type: existence, names, expiry, scanning.

A time to live may be an int or a timedelta, a moment an int (Unix time) or a datetime.
"""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport duration, moment, words
from cydis.store.door cimport Door, row
from cydis.store.replies cimport ANY, BOOL, BYTES, IS_OK, NOTHING, PAGE, TEXT

cdef const Command* DEL = row(b"DEL")
cdef const Command* UNLINK = row(b"UNLINK")
cdef const Command* EXISTS = row(b"EXISTS")
cdef const Command* TYPE = row(b"TYPE")
cdef const Command* TOUCH = row(b"TOUCH")
cdef const Command* COPY = row(b"COPY")
cdef const Command* MOVE = row(b"MOVE")
cdef const Command* RENAME = row(b"RENAME")
cdef const Command* RENAMENX = row(b"RENAMENX")
cdef const Command* KEYS = row(b"KEYS")
cdef const Command* SCAN = row(b"SCAN")
cdef const Command* RANDOMKEY = row(b"RANDOMKEY")
cdef const Command* SORT = row(b"SORT")
cdef const Command* SORT_RO = row(b"SORT_RO")
cdef const Command* WAIT = row(b"WAIT")
cdef const Command* WAITAOF = row(b"WAITAOF")
cdef const Command* EXPIRE = row(b"EXPIRE")
cdef const Command* PEXPIRE = row(b"PEXPIRE")
cdef const Command* EXPIREAT = row(b"EXPIREAT")
cdef const Command* PEXPIREAT = row(b"PEXPIREAT")
cdef const Command* TTL = row(b"TTL")
cdef const Command* PTTL = row(b"PTTL")
cdef const Command* EXPIRETIME = row(b"EXPIRETIME")
cdef const Command* PEXPIRETIME = row(b"PEXPIRETIME")
cdef const Command* PERSIST = row(b"PERSIST")
cdef const Command* OBJECT_ENCODING = row(b"OBJECT|ENCODING")
cdef const Command* OBJECT_FREQ = row(b"OBJECT|FREQ")
cdef const Command* OBJECT_IDLETIME = row(b"OBJECT|IDLETIME")
cdef const Command* OBJECT_REFCOUNT = row(b"OBJECT|REFCOUNT")
cdef const Command* DUMP = row(b"DUMP")
cdef const Command* RESTORE = row(b"RESTORE")
cdef const Command* MIGRATE = row(b"MIGRATE")
cdef const Command* DBSIZE = row(b"DBSIZE")
cdef const Command* FLUSHDB = row(b"FLUSHDB")
cdef const Command* FLUSHALL = row(b"FLUSHALL")
cdef const Command* SWAPDB = row(b"SWAPDB")
cdef const Command* MEMORY_USAGE = row(b"MEMORY|USAGE")


cdef list sort_words(key, start, num, by, get, bint desc, bint alpha):
    cdef list arguments = [key]
    if by is not None:
        arguments += ["BY", by]
    if start is not None or num is not None:
        arguments += ["LIMIT", 0 if start is None else start, -1 if num is None else num]
    if get is not None:
        for pattern in words((get,)):
            arguments += ["GET", pattern]
    if desc:
        arguments.append("DESC")
    if alpha:
        arguments.append("ALPHA")
    return arguments


cdef class KeyMethods(Door):
    """Methods of keys of any type."""

    def delete(self, key, *keys):
        """Removes keys; how many there were. O(1) per key: large values are freed later, in slices."""
        if not keys:
            return self.run1(DEL, key, ANY)
        return self.run_list(DEL, [key, *keys], ANY)

    def unlink(self, key, *keys):
        """Removes keys as delete does; how many there were."""
        return self.run_list(UNLINK, [key, *keys], ANY)

    def exists(self, key, *keys):
        """How many of the keys exist; one given twice counts twice. O(1) per key."""
        if not keys:
            return self.run1(EXISTS, key, ANY)
        return self.run_list(EXISTS, [key, *keys], ANY)

    def type(self, key):
        """The type of the value as str ("string", "list", "set", "zset", "hash"), "none" for a missing key. O(1)."""
        return self.run1(TYPE, key, TEXT)

    def touch(self, key, *keys):
        """Marks keys as used; how many exist. O(1) per key."""
        return self.run_list(TOUCH, [key, *keys], ANY)

    def copy(self, source, destination, db=None, bint replace=False):
        """Copies a value with its expiry; whether it was done. `db`: into another database. O(size of the value)."""
        cdef list arguments = [source, destination]
        if db is not None:
            arguments += ["DB", db]
        if replace:
            arguments.append("REPLACE")
        return self.run_list(COPY, arguments, BOOL)

    def move(self, key, db):
        """Moves a key to another database; whether it was done. O(1)."""
        return self.run2(MOVE, key, db, BOOL)

    def rename(self, key, newkey):
        """Gives a key another name, over whatever has it. CommandError when there is no such key. O(1)."""
        return self.run2(RENAME, key, newkey, NOTHING)

    def renamenx(self, key, newkey):
        """Gives a key another name unless that is taken; whether it was done. O(1)."""
        return self.run2(RENAMENX, key, newkey, BOOL)

    def keys(self, pattern="*"):
        """A list of the keys that match a glob pattern. O(keys in the database); see scan_iter."""
        return self.run1(KEYS, pattern, ANY)

    def randomkey(self):
        """Any key, or None in an empty database. O(1)."""
        return self.run0(RANDOMKEY, ANY)

    def scan(self, cursor=0, match=None, count=None, type=None):
        """One step of a scan: (next cursor, keys); a scan ends with cursor 0. O(count), 10 where none is given.

        Args:
            cursor: 0, or what the step before answered.
            match: a glob pattern that keys must match.
            count: about how many keys a step looks at.
            type: only keys of this type, as type() says it.
        """
        cdef list arguments = [cursor]
        if match is not None:
            arguments += ["MATCH", match]
        if count is not None:
            arguments += ["COUNT", count]
        if type is not None:
            arguments += ["TYPE", type]
        return self.run_list(SCAN, arguments, PAGE)

    # -- sorting --

    def sort(self, key, start=None, num=None, by=None, get=None, bint desc=False, bint alpha=False, store=None):
        """The elements of a list, a set or a sorted set in order, or what they stand for. O(n + m log m).

        Args:
            start, num: leave only `num` of them from `start` on.
            by: sort by the values of these keys: "weight_*", "user_*->age"; a pattern without "*" sorts nothing.
            get: answer these values instead, "#" being the element; one pattern or several.
            alpha: sort by bytes, not by numbers.
            store: make a list of the result here and answer its length.
        """
        cdef list arguments = sort_words(key, start, num, by, get, desc, alpha)
        if store is not None:
            arguments += ["STORE", store]
        return self.run_list(SORT, arguments, ANY)

    def sort_ro(self, key, start=None, num=None, by=None, get=None, bint desc=False, bint alpha=False):
        """sort without `store`."""
        return self.run_list(SORT_RO, sort_words(key, start, num, by, get, desc, alpha), ANY)

    # -- expiry --

    def expire(self, key, seconds, bint nx=False, bint xx=False, bint gt=False, bint lt=False):
        """Lets a key live for so long from now; whether it was done. O(1).

        Args:
            seconds: int or timedelta; a key with 0 or less goes at once.
            nx, xx: only if the key has no expiry, or only if it has one.
            gt, lt: only if the new moment is later, or earlier, than the one it has.
        """
        if nx or xx or gt or lt:
            return self.expire_if(EXPIRE, key, duration(seconds, 1), nx, xx, gt, lt)
        return self.run2(EXPIRE, key, duration(seconds, 1), BOOL)

    def pexpire(self, key, milliseconds, bint nx=False, bint xx=False, bint gt=False, bint lt=False):
        """expire in milliseconds."""
        return self.expire_if(PEXPIRE, key, duration(milliseconds, 1000), nx, xx, gt, lt)

    def expireat(self, key, when, bint nx=False, bint xx=False, bint gt=False, bint lt=False):
        """Lets a key live until a moment, Unix seconds or datetime; whether it was done. Options as expire. O(1)."""
        return self.expire_if(EXPIREAT, key, moment(when, 1), nx, xx, gt, lt)

    def pexpireat(self, key, when, bint nx=False, bint xx=False, bint gt=False, bint lt=False):
        """expireat in milliseconds."""
        return self.expire_if(PEXPIREAT, key, moment(when, 1000), nx, xx, gt, lt)

    cdef object expire_if(self, const Command* command, key, when, bint nx, bint xx, bint gt, bint lt):
        cdef list arguments = [key, when]
        if nx:
            arguments.append("NX")
        if xx:
            arguments.append("XX")
        if gt:
            arguments.append("GT")
        if lt:
            arguments.append("LT")
        return self.run_list(command, arguments, BOOL)

    def ttl(self, key):
        """Seconds until the key expires, rounded; -1 if it never does, -2 if there is no such key. O(1)."""
        return self.run1(TTL, key, ANY)

    def pttl(self, key):
        """ttl in milliseconds."""
        return self.run1(PTTL, key, ANY)

    def expiretime(self, key):
        """The moment at which the key expires in Unix seconds; -1 and -2 as ttl. O(1)."""
        return self.run1(EXPIRETIME, key, ANY)

    def pexpiretime(self, key):
        """expiretime in milliseconds."""
        return self.run1(PEXPIRETIME, key, ANY)

    def persist(self, key):
        """Takes the expiry away; whether there was one. O(1)."""
        return self.run1(PERSIST, key, BOOL)

    # -- about values and databases --

    def object_encoding(self, key):
        """How the value is kept ("int", "embstr", "listpack", ...) as str, None for a missing key. O(1)."""
        return self.run2(OBJECT_ENCODING, "ENCODING", key, TEXT)

    def object_freq(self, key):
        """The access counter of a key, under an LFU policy. O(1)."""
        return self.run2(OBJECT_FREQ, "FREQ", key, ANY)

    def object_idletime(self, key):
        """Seconds since the key was used. O(1)."""
        return self.run2(OBJECT_IDLETIME, "IDLETIME", key, ANY)

    def object_refcount(self, key):
        """How often the value is shared: 1 for every value. O(1)."""
        return self.run2(OBJECT_REFCOUNT, "REFCOUNT", key, ANY)

    def memory_usage(self, key, samples=None):
        """Bytes that key and value take, or None. `samples`: elements to look at, 0 for all. O(samples)."""
        if samples is None:
            return self.run2(MEMORY_USAGE, "USAGE", key, ANY)
        return self.run_list(MEMORY_USAGE, ["USAGE", key, "SAMPLES", samples], ANY)

    def dump(self, key):
        """The value as bytes that restore takes, here or at a Redis or Valkey server; None for a missing key."""
        return self.run1(DUMP, key, BYTES)

    def restore(self, key, ttl, payload, bint replace=False, bint absttl=False, idletime=None, freq=None):
        """Creates a key from what dump answered. CommandError if it exists, or if `payload` is damaged. O(size).

        Args:
            ttl: int milliseconds or timedelta that the key shall live, 0 for ever; with absttl the moment at which it
                expires, in Unix milliseconds or as datetime.
            payload: bytes. They may come from anywhere: only what could be a value is taken.
            replace: whatever the key holds now.
            idletime: seconds since it was used, int or timedelta.
            freq: its access counter, 0 to 255, under an LFU policy.
        """
        cdef list arguments = [key, moment(ttl, 1000) if absttl else duration(ttl, 1000), payload]
        if replace:
            arguments.append("REPLACE")
        if absttl:
            arguments.append("ABSTTL")
        if idletime is not None:
            arguments += ["IDLETIME", duration(idletime, 1)]
        if freq is not None:
            arguments += ["FREQ", freq]
        return self.run_list(RESTORE, arguments, NOTHING)

    def migrate(self, host, port, keys, db=0, timeout=1000, bint copy=False, bint replace=False, password=None,
                username=None):
        """Moves keys to another server; whether any of them was there. A key goes once the other has said OK to it.

        Other threads run meanwhile, but not in this Store: it waits for the other server. O(size of the values).

        Args:
            host, port: of a server of cydis, Valkey or Redis.
            keys: one key, or a list, tuple, set or generator of keys.
            db: the database there.
            timeout: int milliseconds or timedelta that connecting, and then each step, may take; 0 or less: a second.
            copy: keep the keys here.
            replace: whatever the keys hold there.
            password, username: to log in with there.

        Raises:
            CommandError: nobody answered in time (IOERR), or the other server refused; some keys may have been moved.
        """
        cdef list arguments = [host, port, "", db, duration(timeout, 1000)]
        if copy:
            arguments.append("COPY")
        if replace:
            arguments.append("REPLACE")
        if username is not None:
            arguments += ["AUTH2", username, "" if password is None else password]
        elif password is not None:
            arguments += ["AUTH", password]
        arguments.append("KEYS")
        arguments += words((keys,))
        return self.run_list(MIGRATE, arguments, IS_OK)

    def dbsize(self):
        """How many keys the selected database has. O(1)."""
        return self.run0(DBSIZE, ANY)

    def flushdb(self, bint asynchronous=True):
        """Removes all keys of the selected database. `asynchronous`: their memory is freed later, in slices."""
        return self.run1(FLUSHDB, "ASYNC" if asynchronous else "SYNC", NOTHING)

    def flushall(self, bint asynchronous=True):
        """Removes all keys of all databases. `asynchronous`: their memory is freed later, in slices."""
        return self.run1(FLUSHALL, "ASYNC" if asynchronous else "SYNC", NOTHING)

    def swapdb(self, first, second):
        """Exchanges two databases. O(1)."""
        return self.run2(SWAPDB, first, second, NOTHING)

    def wait(self, num_replicas, timeout):
        """How many replicas have all writes so far; waits for `num_replicas` of them, `timeout` ms at most. O(1)."""
        return self.run2(WAIT, num_replicas, timeout, ANY)

    def waitaof(self, num_local, num_replicas, timeout):
        """[here, at replicas]: where all writes so far are on disk; waits for so many, `timeout` ms at most. O(1)."""
        return self.run3(WAITAOF, num_local, num_replicas, timeout, ANY)
