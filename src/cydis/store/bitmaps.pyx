# cython: binding=False, embedsignature.format=clinic
"""Methods of bitmaps: strings read and written bit by bit.

Bit 0 is the highest of the first byte. What lies behind a string's end, or under a missing key, reads as zeros.
"""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport words
from cydis.store.door cimport row
from cydis.store.replies cimport ANY

cdef const Command* BITCOUNT = row(b"BITCOUNT")
cdef const Command* BITFIELD = row(b"BITFIELD")
cdef const Command* BITFIELD_RO = row(b"BITFIELD_RO")
cdef const Command* BITOP = row(b"BITOP")
cdef const Command* BITPOS = row(b"BITPOS")
cdef const Command* GETBIT = row(b"GETBIT")
cdef const Command* SETBIT = row(b"SETBIT")


cdef class BitmapMethods(SortedSetMethods):
    """Methods of bitmaps."""

    def setbit(self, key, offset, value):
        """Writes one bit (0 or 1); the bit that was there. O(1), O(offset) where the string grows."""
        return self.run3(SETBIT, key, offset, value, ANY)

    def getbit(self, key, offset):
        """One bit: 0 or 1. O(1)."""
        return self.run2(GETBIT, key, offset, ANY)

    def bitcount(self, key, start=None, end=None, mode=None):
        """How many bits are set. O(bytes).

        Args:
            start, end: count from here to here, both included; negative ones from the end.
            mode: "BYTE" (if None) or "BIT", what start and end count.
        """
        return self.run_list(BITCOUNT, add_range([key], start, end, mode), ANY)

    def bitpos(self, key, bit, start=None, end=None, mode=None):
        """The place of the first bit that is 1, or 0, or -1; arguments as bitcount. O(bytes).

        Looking for 0 without an `end`, the zeros behind the string count.
        """
        return self.run_list(BITPOS, add_range([key, bit], start, end, mode), ANY)

    def bitop(self, operation, dest, *keys):
        """Stores strings combined by "AND", "OR", "XOR", or one by "NOT", at `dest`; the length. O(bytes of all)."""
        return self.run_list(BITOP, [operation, dest, *words(keys)], ANY)

    def bitfield(self, key, overflow=None):
        """Begins a row of operations on numbers in a string, done by its run().

            store.bitfield("stats").set("u8", "#0", 200).incrby("i5", 100, 1).get("u4", 0).run()

        Args:
            overflow: what becomes of numbers too large: "WRAP" (if None), "SAT" or "FAIL".
        """
        made = BitField(self, key)
        if overflow is not None:
            made.overflow(overflow)
        return made

    def bitfield_ro(self, key, field, offset, *more):
        """A list of numbers in a string: of `field` ("u8", "i64") at `offset`, and of more such pairs. O(fields)."""
        cdef list arguments = [key, "GET", field, offset]
        if len(more) % 2:
            raise TypeError("fields and offsets come in pairs")
        for i in range(0, len(more), 2):
            arguments += ["GET", more[i], more[i + 1]]
        return self.run_list(BITFIELD_RO, arguments, ANY)

    cdef object run_fields(self, list arguments):
        return self.run_list(BITFIELD, arguments, ANY)


cdef list add_range(list arguments, start, end, mode):
    if start is None and (end is not None or mode is not None):
        start = 0
    if end is None and mode is not None:
        end = -1
    if start is not None:
        arguments.append(start)
    if end is not None:
        arguments.append(end)
    if mode is not None:
        arguments.append(mode)
    return arguments


cdef class BitField:
    """Operations on numbers in one string, collected to be done in one step: made by Store.bitfield.

    A field is "i1" to "i64" or "u1" to "u63". An offset is a place in bits, or "#n": after n fields of this width.

    Args:
        door: the Store or Pipeline in which they are run.
        key: of the string.
    """
    cdef BitmapMethods door
    cdef list arguments

    def __cinit__(self, BitmapMethods door not None, key):
        self.door = door
        self.arguments = [key]

    def __init__(self, door, key):
        """The arguments are read by __cinit__, so that there is none without a door."""

    def get(self, field, offset):
        """Read a number."""
        self.arguments += ["GET", field, offset]
        return self

    def set(self, field, offset, value):
        """Write a number; its place in the answer holds the number that was there."""
        self.arguments += ["SET", field, offset, value]
        return self

    def incrby(self, field, offset, increment=1, overflow=None):
        """Add to a number; the new number. `overflow` as the method of this name."""
        if overflow is not None:
            self.overflow(overflow)
        self.arguments += ["INCRBY", field, offset, increment]
        return self

    def overflow(self, mode):
        """Says for what comes behind: "WRAP" cuts high bits, "SAT" takes the nearest number that fits, "FAIL" does
        nothing and answers None."""
        self.arguments += ["OVERFLOW", mode]
        return self

    def run(self):
        """Does all of them in one step: a list with a number for each operation. O(operations)."""
        return self.door.run_fields(self.arguments)
