# cython: binding=False, embedsignature.format=clinic
"""Methods of sorted sets: members kept in order of (score, member).

A score is an int or float. A border of scores is one of these or text: "-inf", "+inf", "(5" to leave 5 out. A border
of members (bylex, where all scores are the same) is "-", "+", "[text" or "(text". Members with scores are a list of
(member, float).
"""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport scan_words, words
from cydis.store.door cimport row
from cydis.store.hashes cimport HashMethods
from cydis.store.replies cimport ANY, PAGE_SCORES, PAGE_SET, POPPED, TUPLE, TUPLES

cdef const Command* ZADD = row(b"ZADD")
cdef const Command* ZINCRBY = row(b"ZINCRBY")
cdef const Command* ZREM = row(b"ZREM")
cdef const Command* ZSCORE = row(b"ZSCORE")
cdef const Command* ZMSCORE = row(b"ZMSCORE")
cdef const Command* ZCARD = row(b"ZCARD")
cdef const Command* ZCOUNT = row(b"ZCOUNT")
cdef const Command* ZLEXCOUNT = row(b"ZLEXCOUNT")
cdef const Command* ZRANK = row(b"ZRANK")
cdef const Command* ZREVRANK = row(b"ZREVRANK")
cdef const Command* ZRANGE = row(b"ZRANGE")
cdef const Command* ZREVRANGE = row(b"ZREVRANGE")
cdef const Command* ZRANGEBYSCORE = row(b"ZRANGEBYSCORE")
cdef const Command* ZREVRANGEBYSCORE = row(b"ZREVRANGEBYSCORE")
cdef const Command* ZRANGEBYLEX = row(b"ZRANGEBYLEX")
cdef const Command* ZREVRANGEBYLEX = row(b"ZREVRANGEBYLEX")
cdef const Command* ZPOPMIN = row(b"ZPOPMIN")
cdef const Command* ZPOPMAX = row(b"ZPOPMAX")
cdef const Command* ZREMRANGEBYRANK = row(b"ZREMRANGEBYRANK")
cdef const Command* ZREMRANGEBYSCORE = row(b"ZREMRANGEBYSCORE")
cdef const Command* ZREMRANGEBYLEX = row(b"ZREMRANGEBYLEX")
cdef const Command* ZSCAN = row(b"ZSCAN")
cdef const Command* ZRANDMEMBER = row(b"ZRANDMEMBER")
cdef const Command* ZRANGESTORE = row(b"ZRANGESTORE")
cdef const Command* ZUNION = row(b"ZUNION")
cdef const Command* ZUNIONSTORE = row(b"ZUNIONSTORE")
cdef const Command* ZINTER = row(b"ZINTER")
cdef const Command* ZINTERSTORE = row(b"ZINTERSTORE")
cdef const Command* ZINTERCARD = row(b"ZINTERCARD")
cdef const Command* ZDIFF = row(b"ZDIFF")
cdef const Command* ZDIFFSTORE = row(b"ZDIFFSTORE")
cdef const Command* BZMPOP = row(b"BZMPOP")
cdef const Command* BZPOPMAX = row(b"BZPOPMAX")
cdef const Command* BZPOPMIN = row(b"BZPOPMIN")
cdef const Command* ZMPOP = row(b"ZMPOP")


cdef list with_weights(list arguments, tuple keys, weights, aggregate):
    """The sets of a union, with what counts their scores."""
    cdef list names = words(keys)
    arguments.append(len(names))
    arguments += names
    if weights is not None:
        arguments.append("WEIGHTS")
        arguments += weights
    if aggregate is not None:
        arguments += ["AGGREGATE", aggregate]
    return arguments


cdef class SortedSetMethods(HashMethods):
    """Methods of sorted sets."""

    def zadd(self, key, mapping, bint nx=False, bint xx=False, bint gt=False, bint lt=False, bint ch=False,
             bint incr=False):
        """Adds members or changes their scores; how many are new. O(log n) per member.

        Args:
            mapping: member -> score, or an iterable of (member, score).
            nx, xx: only add, or only change.
            gt, lt: change a score only if the new one is greater, or less.
            ch: count changed members as well.
            incr: add to the score of the one member instead; answers the new score, or None when not done.
        """
        cdef list arguments
        if not (nx or xx or gt or lt or ch or incr) and type(mapping) is dict and len(mapping) == 1:
            for member, score in (<dict>mapping).items():
                return self.run3(ZADD, key, score, member, ANY)
        arguments = [key]
        if nx:
            arguments.append("NX")
        if xx:
            arguments.append("XX")
        if gt:
            arguments.append("GT")
        if lt:
            arguments.append("LT")
        if ch:
            arguments.append("CH")
        if incr:
            arguments.append("INCR")
        for member, score in (mapping.items() if hasattr(mapping, "items") else mapping):
            arguments.append(score)
            arguments.append(member)
        return self.run_list(ZADD, arguments, ANY)

    def zincrby(self, key, amount, member):
        """Adds to the score of a member, 0 if it is new; the new score. O(log n)."""
        return self.run3(ZINCRBY, key, amount, member, ANY)

    def zrem(self, key, member, *members):
        """Removes members; how many there were. O(log n) per member."""
        return self.run_list(ZREM, [key, member, *members], ANY)

    def zscore(self, key, member):
        """The score of a member, or None. O(1)."""
        return self.run2(ZSCORE, key, member, ANY)

    def zmscore(self, key, *members):
        """A list of scores, None where there is none; members may come as one iterable. O(members)."""
        return self.run_list(ZMSCORE, [key, *words(members)], ANY)

    def zcard(self, key):
        """How many members, 0 for a missing key. O(1)."""
        return self.run1(ZCARD, key, ANY)

    def zcount(self, key, min, max):
        """How many members have a score between the borders. O(log n)."""
        return self.run3(ZCOUNT, key, min, max, ANY)

    def zlexcount(self, key, min, max):
        """How many members stand between two borders of members. O(log n)."""
        return self.run3(ZLEXCOUNT, key, min, max, ANY)

    def zrank(self, key, member, bint withscore=False):
        """The position of a member from the lowest score, or None; with `withscore` (position, score). O(log n)."""
        if withscore:
            return self.run3(ZRANK, key, member, "WITHSCORE", TUPLE)
        return self.run2(ZRANK, key, member, ANY)

    def zrevrank(self, key, member, bint withscore=False):
        """zrank from the highest score."""
        if withscore:
            return self.run3(ZREVRANK, key, member, "WITHSCORE", TUPLE)
        return self.run2(ZREVRANK, key, member, ANY)

    def zrange(self, key, start, end, bint desc=False, bint withscores=False, bint byscore=False, bint bylex=False,
               offset=None, num=None):
        """Members from `start` to `end`, both included. O(log n + members).

        Args:
            start, end: positions, negative ones from the end; borders of scores or members with byscore or bylex.
            desc: highest first; with byscore or bylex `start` is then the higher border.
            withscores: a list of (member, score).
            offset, num: of those between the borders leave out so many, and answer at most so many (-1: all).
        """
        cdef list arguments = [key, start, end]
        if byscore:
            arguments.append("BYSCORE")
        if bylex:
            arguments.append("BYLEX")
        if desc:
            arguments.append("REV")
        return self.run_range(ZRANGE, arguments, offset, num, withscores)

    def zrevrange(self, key, start, end, bint withscores=False):
        """zrange from the highest score, by position."""
        return self.run_range(ZREVRANGE, [key, start, end], None, None, withscores)

    def zrangebyscore(self, key, min, max, start=None, num=None, bint withscores=False):
        """Members with a score between the borders; `start`, `num`: zrange's `offset`, `num`. O(log n + members)."""
        return self.run_range(ZRANGEBYSCORE, [key, min, max], start, num, withscores)

    def zrevrangebyscore(self, key, max, min, start=None, num=None, bint withscores=False):
        """zrangebyscore, highest first."""
        return self.run_range(ZREVRANGEBYSCORE, [key, max, min], start, num, withscores)

    def zrangebylex(self, key, min, max, start=None, num=None):
        """Members between two borders of members. O(log n + members)."""
        return self.run_range(ZRANGEBYLEX, [key, min, max], start, num, False)

    def zrevrangebylex(self, key, max, min, start=None, num=None):
        """zrangebylex, last first."""
        return self.run_range(ZREVRANGEBYLEX, [key, max, min], start, num, False)

    cdef object run_range(self, const Command* command, list arguments, offset, num, bint withscores):
        if offset is not None or num is not None:
            arguments += ["LIMIT", 0 if offset is None else offset, -1 if num is None else num]
        if withscores:
            arguments.append("WITHSCORES")
        return self.run_list(command, arguments, TUPLES if withscores else ANY)

    def zpopmin(self, key, count=1):
        """Removes up to `count` members of the lowest scores; a list of (member, score). O(count * log n)."""
        return self.run2(ZPOPMIN, key, count, TUPLES)

    def zpopmax(self, key, count=1):
        """Removes up to `count` members of the highest scores; a list of (member, score). O(count * log n)."""
        return self.run2(ZPOPMAX, key, count, TUPLES)

    def zremrangebyrank(self, key, start, end):
        """Removes the members from position `start` to `end`; how many. O(log n + members)."""
        return self.run3(ZREMRANGEBYRANK, key, start, end, ANY)

    def zremrangebyscore(self, key, min, max):
        """Removes the members with a score between the borders; how many. O(log n + members)."""
        return self.run3(ZREMRANGEBYSCORE, key, min, max, ANY)

    def zremrangebylex(self, key, min, max):
        """Removes the members between two borders of members; how many. O(log n + members)."""
        return self.run3(ZREMRANGEBYLEX, key, min, max, ANY)

    def zscan(self, key, cursor=0, match=None, count=None, noscores=False):
        """One step of a scan: (next cursor, list of (member, score)); a scan ends with cursor 0. O(count).

        With `noscores` a set of members.
        """
        if noscores:
            return self.run_list(ZSCAN, [*scan_words(key, cursor, match, count), "NOSCORES"], PAGE_SET)
        return self.run_list(ZSCAN, scan_words(key, cursor, match, count), PAGE_SCORES)

    def zrandmember(self, key, count=None, bint withscores=False):
        """A random member, or None; with `count` a list of up to so many, or of -`count` with repetitions. O(count).

        Args:
            withscores: a list of (member, score).
        """
        if count is None:
            return self.run1(ZRANDMEMBER, key, ANY)
        if withscores:
            return self.run3(ZRANDMEMBER, key, count, "WITHSCORES", TUPLES)
        return self.run2(ZRANDMEMBER, key, count, ANY)

    def zrangestore(self, dest, src, start, end, bint desc=False, bint byscore=False, bint bylex=False, offset=None,
                    num=None):
        """Stores what zrange finds in `src` at `dest`; how many members. O(log n + members)."""
        cdef list arguments = [dest, src, start, end]
        if byscore:
            arguments.append("BYSCORE")
        if bylex:
            arguments.append("BYLEX")
        if desc:
            arguments.append("REV")
        return self.run_range(ZRANGESTORE, arguments, offset, num, False)

    cdef object run_algebra(self, const Command* command, list arguments, bint withscores):
        if withscores:
            arguments.append("WITHSCORES")
        return self.run_list(command, arguments, TUPLES if withscores else ANY)

    def zunion(self, *keys, weights=None, aggregate=None, bint withscores=False):
        """The members that any of the sets has, in order; keys may come as one iterable. O(members of all).

        Args:
            keys: sorted sets, and sets, whose scores are 1.
            weights: what the scores of each set are multiplied with.
            aggregate: "SUM", "MIN" or "MAX" of a member's scores.
            withscores: a list of (member, score).
        """
        return self.run_algebra(ZUNION, with_weights([], keys, weights, aggregate), withscores)

    def zunionstore(self, dest, *keys, weights=None, aggregate=None):
        """Stores zunion at `dest`; how many members. O(members of all)."""
        return self.run_list(ZUNIONSTORE, with_weights([dest], keys, weights, aggregate), ANY)

    def zinter(self, *keys, weights=None, aggregate=None, bint withscores=False):
        """The members that all the sets have, in order; arguments as of zunion. O(smallest set * sets)."""
        return self.run_algebra(ZINTER, with_weights([], keys, weights, aggregate), withscores)

    def zinterstore(self, dest, *keys, weights=None, aggregate=None):
        """Stores zinter at `dest`; how many members. O(smallest set * sets)."""
        return self.run_list(ZINTERSTORE, with_weights([dest], keys, weights, aggregate), ANY)

    def zintercard(self, *keys, limit=0):
        """How many members all the sets have, counting up to `limit` (0: all). O(smallest set * sets)."""
        cdef list names = words(keys)
        return self.run_list(ZINTERCARD, [len(names), *names, "LIMIT", limit], ANY)

    def zdiff(self, *keys, bint withscores=False):
        """The members of the first set that no other one has, in order. O(members of all)."""
        return self.run_algebra(ZDIFF, with_weights([], keys, None, None), withscores)

    def zdiffstore(self, dest, *keys):
        """Stores zdiff at `dest`; how many members. O(members of all)."""
        return self.run_list(ZDIFFSTORE, with_weights([dest], keys, None, None), ANY)

    def zmpop(self, *keys, bint max=False, count=1):
        """Removes up to `count` members of the lowest (highest) scores of the first set that is there.

        Returns:
            (key, list of (member, score)), or None. O(keys + count * log n).
        """
        cdef list names = words(keys)
        return self.run_list(ZMPOP, [len(names), *names, "MAX" if max else "MIN", "COUNT", count], POPPED)

    def bzpopmin(self, *keys, timeout=0):
        """Removes the lowest score of the first of the sets that is there; (key, member, score), or None. O(log n)."""
        return self.run_list(BZPOPMIN, [*words(keys), timeout], TUPLE)

    def bzpopmax(self, *keys, timeout=0):
        """Removes the highest score of the first of the sets that is there; (key, member, score), or None. O(log n)."""
        return self.run_list(BZPOPMAX, [*words(keys), timeout], TUPLE)

    def bzmpop(self, *keys, timeout=0, bint max=False, count=1):
        """zmpop that waits for any of the sets to be there. O(keys + count * log n)."""
        cdef list names = words(keys)
        return self.run_list(BZMPOP, [timeout, len(names), *names, "MAX" if max else "MIN", "COUNT", count], POPPED)
