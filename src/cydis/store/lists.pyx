# cython: binding=False, embedsignature.format=clinic
"""Methods of lists: sequences that are cheap at both ends.

Positions count from 0, negative ones from the end (-1 is the last).
"""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport words
from cydis.store.door cimport row
from cydis.store.replies cimport ANY, NOTHING
from cydis.store.strings cimport StringMethods

cdef const Command* LPUSH = row(b"LPUSH")
cdef const Command* RPUSH = row(b"RPUSH")
cdef const Command* LPUSHX = row(b"LPUSHX")
cdef const Command* RPUSHX = row(b"RPUSHX")
cdef const Command* LPOP = row(b"LPOP")
cdef const Command* RPOP = row(b"RPOP")
cdef const Command* LLEN = row(b"LLEN")
cdef const Command* LINDEX = row(b"LINDEX")
cdef const Command* LRANGE = row(b"LRANGE")
cdef const Command* LSET = row(b"LSET")
cdef const Command* LTRIM = row(b"LTRIM")
cdef const Command* LREM = row(b"LREM")
cdef const Command* LINSERT = row(b"LINSERT")
cdef const Command* LPOS = row(b"LPOS")
cdef const Command* LMOVE = row(b"LMOVE")
cdef const Command* LMPOP = row(b"LMPOP")
cdef const Command* RPOPLPUSH = row(b"RPOPLPUSH")
cdef const Command* BLPOP = row(b"BLPOP")
cdef const Command* BRPOP = row(b"BRPOP")
cdef const Command* BLMOVE = row(b"BLMOVE")
cdef const Command* BRPOPLPUSH = row(b"BRPOPLPUSH")
cdef const Command* BLMPOP = row(b"BLMPOP")


cdef class ListMethods(StringMethods):
    """Methods of lists."""

    def lpush(self, key, value, *values):
        """Adds elements at the front, one after the other; the new length. O(1) per element."""
        if not values:
            return self.run2(LPUSH, key, value, ANY)
        return self.run_list(LPUSH, [key, value, *values], ANY)

    def rpush(self, key, value, *values):
        """Adds elements at the end; the new length. O(1) per element."""
        if not values:
            return self.run2(RPUSH, key, value, ANY)
        return self.run_list(RPUSH, [key, value, *values], ANY)

    def lpushx(self, key, value, *values):
        """lpush, but only if there is such a list; the new length, or 0."""
        return self.run_list(LPUSHX, [key, value, *values], ANY)

    def rpushx(self, key, value, *values):
        """rpush, but only if there is such a list; the new length, or 0."""
        return self.run_list(RPUSHX, [key, value, *values], ANY)

    def lpop(self, key, count=None):
        """Removes the first element and answers it, or None; with `count` a list of up to so many. O(count)."""
        if count is None:
            return self.run1(LPOP, key, ANY)
        return self.run2(LPOP, key, count, ANY)

    def rpop(self, key, count=None):
        """Removes the last element and answers it, or None; with `count` a list of up to so many. O(count)."""
        if count is None:
            return self.run1(RPOP, key, ANY)
        return self.run2(RPOP, key, count, ANY)

    def llen(self, key):
        """How many elements, 0 for a missing key. O(1)."""
        return self.run1(LLEN, key, ANY)

    def lindex(self, key, index):
        """The element at a position, or None. O(distance from the nearer end)."""
        return self.run2(LINDEX, key, index, ANY)

    def lrange(self, key, start, end):
        """A list of the elements from `start` to `end`, both included. O(distance of `start` + elements)."""
        return self.run3(LRANGE, key, start, end, ANY)

    def lset(self, key, index, value):
        """Replaces the element at a position; CommandError if there is none. O(distance from the nearer end)."""
        return self.run3(LSET, key, index, value, NOTHING)

    def ltrim(self, key, start, end):
        """Keeps the elements from `start` to `end`, both included. O(elements removed)."""
        return self.run3(LTRIM, key, start, end, NOTHING)

    def lrem(self, key, count, value):
        """Removes elements equal to `value`: the first `count`, the last -`count`, all for 0; how many. O(length)."""
        return self.run3(LREM, key, count, value, ANY)

    def linsert(self, key, where, refvalue, value):
        """Adds an element "BEFORE" or "AFTER" the first one equal to `refvalue`. O(distance).

        Returns:
            The new length; -1 when there is no such element, 0 when there is no such key.
        """
        return self.run_list(LINSERT, [key, where, refvalue, value], ANY)

    def lpos(self, key, value, rank=None, count=None, maxlen=None):
        """The position of an element, or None. O(length), or O(maxlen).

        Args:
            rank: the how manyth match, negative from the end.
            count: answer a list of up to so many positions, 0 for all.
            maxlen: look at this many elements at most.
        """
        cdef list arguments = [key, value]
        if rank is not None:
            arguments += ["RANK", rank]
        if count is not None:
            arguments += ["COUNT", count]
        if maxlen is not None:
            arguments += ["MAXLEN", maxlen]
        return self.run_list(LPOS, arguments, ANY)

    def lmove(self, first_list, second_list, src="LEFT", dest="RIGHT"):
        """Moves an element from an end ("LEFT", "RIGHT") of a list to an end of another; it, or None. O(1)."""
        return self.run_list(LMOVE, [first_list, second_list, src, dest], ANY)

    def rpoplpush(self, src, dst):
        """Moves the last element of a list to the front of another; it, or None. O(1)."""
        return self.run2(RPOPLPUSH, src, dst, ANY)

    def lmpop(self, *keys, direction="LEFT", count=1):
        """Removes up to `count` elements from the first of the lists that has any; [key, elements], or None."""
        cdef list names = words(keys)
        return self.run_list(LMPOP, [len(names), *names, direction, "COUNT", count], ANY)

    # -- with patience: seconds to wait for an element, 0 for ever; so far nobody waits, and nothing there is None --

    def blpop(self, *keys, timeout=0):
        """Removes the first element of the first of the lists that has any; [key, element], or None. O(keys)."""
        return self.run_list(BLPOP, [*words(keys), timeout], ANY)

    def brpop(self, *keys, timeout=0):
        """Removes the last element of the first of the lists that has any; [key, element], or None. O(keys)."""
        return self.run_list(BRPOP, [*words(keys), timeout], ANY)

    def blmove(self, first_list, second_list, timeout=0, src="LEFT", dest="RIGHT"):
        """lmove that waits for the first list to have an element. O(1)."""
        return self.run_list(BLMOVE, [first_list, second_list, src, dest, timeout], ANY)

    def brpoplpush(self, src, dst, timeout=0):
        """rpoplpush that waits for the first list to have an element. O(1)."""
        return self.run3(BRPOPLPUSH, src, dst, timeout, ANY)

    def blmpop(self, *keys, timeout=0, direction="LEFT", count=1):
        """lmpop that waits for any of the lists to have an element. O(keys + count)."""
        cdef list names = words(keys)
        return self.run_list(BLMPOP, [timeout, len(names), *names, direction, "COUNT", count], ANY)
