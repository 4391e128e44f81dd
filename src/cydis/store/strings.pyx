# cython: binding=False, embedsignature.format=clinic
"""Methods of strings.

A time to live may be an int or a timedelta, a moment an int (Unix time) or a datetime.
"""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport add_expiry, duration, flat, words
from cydis.store.door cimport row
from cydis.store.keys cimport KeyMethods
from cydis.store.replies cimport ANY, BOOL, FLOAT, NOTHING, RANGES

cdef extern from *:
    """
    /* set(key, value) does without looking for nine options: 10 ns. */
    typedef PyObject *(*FastMethod)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
    static FastMethod set_any;
    static PyObject *(*set_plain)(PyObject *, PyObject *, PyObject *);

    static PyObject *set_shortcut(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *names)
    {
        if (n == 2 && names == NULL) return set_plain(self, args[0], args[1]);
        return set_any(self, args, n, names);
    }

    static void set_shorten(PyObject *method, void *plain)
    {
        PyMethodDef *definition = ((PyMethodDescrObject *)method)->d_method;
        if (definition->ml_flags != (METH_FASTCALL | METH_KEYWORDS)) return;
        set_plain = plain;
        set_any = (FastMethod)(void (*)(void))definition->ml_meth;
        definition->ml_meth = (PyCFunction)(void (*)(void))set_shortcut;
    }
    """
    void set_shorten(object method, void* plain)

cdef const Command* APPEND = row(b"APPEND")
cdef const Command* DECR = row(b"DECR")
cdef const Command* DECRBY = row(b"DECRBY")
cdef const Command* DELIFEQ = row(b"DELIFEQ")
cdef const Command* GET = row(b"GET")
cdef const Command* GETDEL = row(b"GETDEL")
cdef const Command* GETEX = row(b"GETEX")
cdef const Command* GETRANGE = row(b"GETRANGE")
cdef const Command* GETSET = row(b"GETSET")
cdef const Command* INCR = row(b"INCR")
cdef const Command* INCRBY = row(b"INCRBY")
cdef const Command* INCRBYFLOAT = row(b"INCRBYFLOAT")
cdef const Command* LCS = row(b"LCS")
cdef const Command* MGET = row(b"MGET")
cdef const Command* MSET = row(b"MSET")
cdef const Command* MSETEX = row(b"MSETEX")
cdef const Command* MSETNX = row(b"MSETNX")
cdef const Command* PSETEX = row(b"PSETEX")
cdef const Command* SET = row(b"SET")
cdef const Command* SETEX = row(b"SETEX")
cdef const Command* SETNX = row(b"SETNX")
cdef const Command* SETRANGE = row(b"SETRANGE")
cdef const Command* STRLEN = row(b"STRLEN")
cdef const Command* SUBSTR = row(b"SUBSTR")


cdef class StringMethods(KeyMethods):
    """Methods of strings."""

    def get(self, key):
        """The string at `key`, or None. O(1)."""
        return self.run1(GET, key, ANY)

    def set(self, key, value, ex=None, px=None, exat=None, pxat=None, bint nx=False, bint xx=False, bint keepttl=False,
            bint get=False, ifeq=None):
        """Stores a string; whether it was done, or with `get` the string that was there (None: no such key). O(1).

        Args:
            ex, px: time to live in seconds or milliseconds, int or timedelta.
            exat, pxat: the moment at which it expires, in Unix seconds or milliseconds, or a datetime.
            nx, xx: only if the key does not exist, or only if it does.
            keepttl: the expiry that the key has stays.
            get: answers the old value, done or not.
            ifeq: only if the old value is equal to this.
        """
        if (ex is None and px is None and exat is None and pxat is None and ifeq is None
                and not (nx or xx or keepttl or get)):
            return self.run2(SET, key, value, BOOL)
        cdef list arguments = [key, value]
        if nx:
            arguments.append("NX")
        if xx:
            arguments.append("XX")
        if ifeq is not None:
            arguments += ["IFEQ", ifeq]
        if get:
            arguments.append("GET")
        add_expiry(arguments, ex, px, exat, pxat, keepttl, False)
        return self.run_list(SET, arguments, ANY if get else BOOL)

    def setnx(self, key, value):
        """Stores a string if there is no such key; whether it was done. O(1)."""
        return self.run2(SETNX, key, value, BOOL)

    def setex(self, key, seconds, value):
        """Stores a string that lives for so many seconds (int or timedelta). O(1)."""
        return self.run3(SETEX, key, duration(seconds, 1), value, NOTHING)

    def psetex(self, key, milliseconds, value):
        """setex in milliseconds."""
        return self.run3(PSETEX, key, duration(milliseconds, 1000), value, NOTHING)

    def getset(self, key, value):
        """Stores a string and answers the one that was there, or None. O(1)."""
        return self.run2(GETSET, key, value, ANY)

    def getdel(self, key):
        """Removes a string and answers it, or None. O(1)."""
        return self.run1(GETDEL, key, ANY)

    def getex(self, key, ex=None, px=None, exat=None, pxat=None, bint persist=False):
        """The string, or None, giving it another expiry (arguments as set) or, with `persist`, none. O(1)."""
        cdef list arguments = [key]
        add_expiry(arguments, ex, px, exat, pxat, False, persist)
        return self.run_list(GETEX, arguments, ANY)

    def delifeq(self, key, value):
        """Removes a string if it is equal to `value`; whether it was done. O(1)."""
        return self.run2(DELIFEQ, key, value, BOOL)

    def mget(self, *keys):
        """A list of the strings at keys, None where there is none; keys may come as one iterable. O(keys)."""
        return self.run_list(MGET, words(keys), ANY)

    def mset(self, mapping):
        """Stores many strings at once. O(keys)."""
        return self.run_list(MSET, flat(mapping), NOTHING)

    def msetnx(self, mapping):
        """Stores many strings if none of the keys exists; whether it was done. O(keys)."""
        return self.run_list(MSETNX, flat(mapping), BOOL)

    def msetex(self, mapping, ex=None, px=None, exat=None, pxat=None, bint nx=False, bint xx=False, bint keepttl=False):
        """Stores many strings with one expiry; whether it was done. Arguments as set. O(keys)."""
        cdef list arguments = [len(mapping), *flat(mapping)]
        if nx:
            arguments.append("NX")
        if xx:
            arguments.append("XX")
        add_expiry(arguments, ex, px, exat, pxat, keepttl, False)
        return self.run_list(MSETEX, arguments, BOOL)

    def incr(self, key, amount=None):
        """Adds `amount` (1) to the integer at `key`, 0 if there is none; the new value. O(1)."""
        if amount is None:
            return self.run1(INCR, key, ANY)
        return self.run2(INCRBY, key, amount, ANY)

    def incrby(self, key, amount=1):
        """Adds `amount` to the integer at `key`; the new value. O(1)."""
        return self.run2(INCRBY, key, amount, ANY)

    def incrbyfloat(self, key, amount=1.0):
        """Adds `amount` to the number at `key`; the new value as float. O(1)."""
        return self.run2(INCRBYFLOAT, key, amount, FLOAT)

    def decr(self, key, amount=None):
        """Subtracts `amount` (1) from the integer at `key`; the new value. O(1)."""
        if amount is None:
            return self.run1(DECR, key, ANY)
        return self.run2(DECRBY, key, amount, ANY)

    def decrby(self, key, amount=1):
        """Subtracts `amount` from the integer at `key`; the new value. O(1)."""
        return self.run2(DECRBY, key, amount, ANY)

    def append(self, key, value):
        """Adds bytes to the end of a string; its new length. O(length of `value`), amortized."""
        return self.run2(APPEND, key, value, ANY)

    def strlen(self, key):
        """Length of a string in bytes, 0 for a missing key. O(1)."""
        return self.run1(STRLEN, key, ANY)

    def getrange(self, key, start, end):
        """The bytes from `start` to `end`, both included; negative ones count from the end. O(length of the answer)."""
        return self.run3(GETRANGE, key, start, end, ANY)

    def substr(self, key, start, end):
        """getrange under its first name."""
        return self.run3(SUBSTR, key, start, end, ANY)

    def setrange(self, key, offset, value):
        """Overwrites bytes from `offset` on, after zeros if need be; the new length. O(length of `value`)."""
        return self.run3(SETRANGE, key, offset, value, ANY)

    def lcs(self, key1, key2, bint len=False, bint idx=False, minmatchlen=None, bint withmatchlen=False):
        """The longest common subsequence of two strings. O(length * length).

        Args:
            len: answer its length only.
            idx: answer ([((start, end) in key1, (start, end) in key2), ...], length), last match first.
            minmatchlen: with idx, matches of at least so many bytes.
            withmatchlen: with idx, each match has its length as a third element.
        """
        cdef list arguments = [key1, key2]
        if len:
            arguments.append("LEN")
        if idx:
            arguments.append("IDX")
        if minmatchlen is not None:
            arguments += ["MINMATCHLEN", minmatchlen]
        if withmatchlen:
            arguments.append("WITHMATCHLEN")
        return self.run_list(LCS, arguments, RANGES if idx and not len else ANY)


cdef object plain_set(StringMethods self, key, value):
    return self.run2(SET, key, value, BOOL)


set_shorten(StringMethods.set, <void*>plain_set)
