# cython: binding=False, embedsignature.format=clinic
"""Methods of sets."""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport scan_words, words
from cydis.store.door cimport row
from cydis.store.lists cimport ListMethods
from cydis.store.replies cimport ANY, BOOL, BOOLS, MEMBERS, PAGE_SET

cdef const Command* SADD = row(b"SADD")
cdef const Command* SREM = row(b"SREM")
cdef const Command* SPOP = row(b"SPOP")
cdef const Command* SRANDMEMBER = row(b"SRANDMEMBER")
cdef const Command* SISMEMBER = row(b"SISMEMBER")
cdef const Command* SMISMEMBER = row(b"SMISMEMBER")
cdef const Command* SMEMBERS = row(b"SMEMBERS")
cdef const Command* SCARD = row(b"SCARD")
cdef const Command* SMOVE = row(b"SMOVE")
cdef const Command* SINTER = row(b"SINTER")
cdef const Command* SUNION = row(b"SUNION")
cdef const Command* SDIFF = row(b"SDIFF")
cdef const Command* SINTERSTORE = row(b"SINTERSTORE")
cdef const Command* SUNIONSTORE = row(b"SUNIONSTORE")
cdef const Command* SDIFFSTORE = row(b"SDIFFSTORE")
cdef const Command* SINTERCARD = row(b"SINTERCARD")
cdef const Command* SSCAN = row(b"SSCAN")


cdef class SetMethods(ListMethods):
    """Methods of sets."""

    def sadd(self, key, member, *members):
        """Adds members; how many are new. O(1) per member."""
        if not members:
            return self.run2(SADD, key, member, ANY)
        return self.run_list(SADD, [key, member, *members], ANY)

    def srem(self, key, member, *members):
        """Removes members; how many there were. O(1) per member."""
        if not members:
            return self.run2(SREM, key, member, ANY)
        return self.run_list(SREM, [key, member, *members], ANY)

    def spop(self, key, count=None):
        """Removes a random member and answers it, or None; with `count` a set of up to so many. O(count)."""
        if count is None:
            return self.run1(SPOP, key, ANY)
        return self.run2(SPOP, key, count, MEMBERS)

    def srandmember(self, key, count=None):
        """A random member, or None; with `count` a list of up to so many, or of -`count` with repetitions. O(count)."""
        if count is None:
            return self.run1(SRANDMEMBER, key, ANY)
        return self.run2(SRANDMEMBER, key, count, ANY)

    def sismember(self, key, member):
        """Whether a member is in the set. O(1)."""
        return self.run2(SISMEMBER, key, member, BOOL)

    def smismember(self, key, *members):
        """A list that says of each member whether it is in the set; members may come as one iterable. O(members)."""
        return self.run_list(SMISMEMBER, [key, *words(members)], BOOLS)

    def smembers(self, key):
        """All members as a set. O(members)."""
        return self.run1(SMEMBERS, key, MEMBERS)

    def scard(self, key):
        """How many members, 0 for a missing key. O(1)."""
        return self.run1(SCARD, key, ANY)

    def smove(self, src, dst, member):
        """Moves a member to another set; whether it was there. O(1)."""
        return self.run3(SMOVE, src, dst, member, BOOL)

    def sinter(self, *keys):
        """The members that all the sets have, as a set; keys may come as one iterable. O(smallest set * sets)."""
        return self.run_list(SINTER, words(keys), MEMBERS)

    def sunion(self, *keys):
        """The members that any of the sets has, as a set. O(members of all)."""
        return self.run_list(SUNION, words(keys), MEMBERS)

    def sdiff(self, *keys):
        """The members of the first set that no other one has, as a set. O(members of all)."""
        return self.run_list(SDIFF, words(keys), MEMBERS)

    def sinterstore(self, dest, *keys):
        """Stores sinter at `dest`; how many members. O(smallest set * sets)."""
        return self.run_list(SINTERSTORE, [dest, *words(keys)], ANY)

    def sunionstore(self, dest, *keys):
        """Stores sunion at `dest`; how many members. O(members of all)."""
        return self.run_list(SUNIONSTORE, [dest, *words(keys)], ANY)

    def sdiffstore(self, dest, *keys):
        """Stores sdiff at `dest`; how many members. O(members of all)."""
        return self.run_list(SDIFFSTORE, [dest, *words(keys)], ANY)

    def sintercard(self, *keys, limit=0):
        """How many members all the sets have, counting up to `limit` (0: all). O(smallest set * sets)."""
        cdef list names = words(keys)
        return self.run_list(SINTERCARD, [len(names), *names, "LIMIT", limit], ANY)

    def sscan(self, key, cursor=0, match=None, count=None):
        """One step of a scan: (next cursor, set of members); a scan ends with cursor 0. O(count)."""
        return self.run_list(SSCAN, scan_words(key, cursor, match, count), PAGE_SET)
