# cython: binding=False, embedsignature.format=clinic
"""Methods of HyperLogLogs: how many different elements were seen, about, in at most 12 KiB."""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport words
from cydis.store.bitmaps cimport BitmapMethods
from cydis.store.door cimport row
from cydis.store.replies cimport ANY, BOOL, NOTHING

cdef const Command* PFADD = row(b"PFADD")
cdef const Command* PFCOUNT = row(b"PFCOUNT")
cdef const Command* PFDEBUG = row(b"PFDEBUG")
cdef const Command* PFMERGE = row(b"PFMERGE")
cdef const Command* PFSELFTEST = row(b"PFSELFTEST")


cdef class HyperloglogMethods(BitmapMethods):
    """Methods of HyperLogLogs."""

    def pfadd(self, key, *elements):
        """Counts elements, which may come as one iterable; whether the estimate may have changed. O(elements)."""
        return self.run_list(PFADD, [key, *words(elements)], BOOL)

    def pfcount(self, *keys):
        """How many different elements one key has seen, or all keys together. O(1) while remembered, O(keys)."""
        return self.run_list(PFCOUNT, words(keys), ANY)

    def pfmerge(self, dest, *sources):
        """Lets `dest` count what it and all sources have seen. O(sources)."""
        return self.run_list(PFMERGE, [dest, *words(sources)], NOTHING)

    def pfdebug(self, subcommand, key):
        """For tests: "GETREG", "DECODE", "ENCODING" or "TODENSE" and a key; "SIMD" and "ON" or "OFF"."""
        return self.run2(PFDEBUG, subcommand, key, ANY)

    def pfselftest(self):
        """For tests: counts a million elements and raises CommandError if the estimate is wrong."""
        return self.run0(PFSELFTEST, NOTHING)
