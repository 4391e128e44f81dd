"""Vector sets as RESTORE takes them, made by hand; beside payloads.py, whose builders they stand on.

NAMES, as it were: a value is (kind, module, head, elements, end), each number and each text with its kind before it.
VECTORS are good ones with the command that asks for an element's vector, BAD those that no server makes.
"""
import struct

from payloads import MODULE_2, length, long_length, text, value

MODULE = long_length(0xBDE72DA2BB1EB400)
FLOATS, BYTES, BITS = range(3)
PROJECTED, ATTRIBUTES = 1, 2
ONE = 0x3F800000                          # the bits of 1.0
END = length(0)


def number(n):
    return length(2) + length(n)


def piece(data):
    return length(5) + text(data)


def head(dim, count, kind=BYTES, m=16, flags=0):
    return number(dim) + number(count) + number(m << 8 | kind) + number(flags)


def level(*links, most=32, farthest=0):
    return [len(links), most, *links, farthest]


def element(name, vector, own, *levels, attribute=None, form=1, high=None, measures=ONE << 32 | ONE, more=0):
    """`own`: its number. `levels`: one list of level() for each."""
    levels = levels or (level(),)
    high = len(levels) - 1 if high is None else high
    numbers = [own, form << 24 | high, *(n for each in levels for n in each), measures]
    attributes = [] if attribute is None else [piece(attribute)]
    parts = [piece(name), *attributes, piece(vector), number(len(numbers) + more)]
    return b"".join(parts + [number(n) for n in numbers])


def vectors(*parts, module=MODULE, end=END):
    return value(MODULE_2, module, *parts, end)


def floats(*numbers):
    return struct.pack(f"<{len(numbers)}f", *numbers)


def measured(reach, size=1.0):
    return struct.unpack("<I", floats(reach))[0] << 32 | struct.unpack("<I", floats(size))[0]


X, Y, Z = (bytes([127, 0]), bytes([0, 127]), bytes([129, 0]))
PAIR = (element(b"y", Y, 2, level(1)), element(b"x", X, 1, level(2)))

VECTORS = {
    "one": vectors(head(2, 1), element(b"x", X, 1)),
    "two": vectors(head(2, 2), *PAIR),
    "two that rise": vectors(head(2, 2), *PAIR[::-1]),
    "numbers far apart": vectors(head(2, 2), element(b"y", Y, 2**63, level(7)), element(b"x", X, 7, level(2**63))),
    "an integer as name": vectors(head(2, 1), b"\x05\xc0\x11", piece(X), number(6),
                                  *map(number, (1, 1 << 24, 0, 32, 0, ONE << 32 | ONE))),
    "the empty name": vectors(head(2, 1), element(b"", X, 1)),
    "attributes": vectors(head(2, 2, flags=ATTRIBUTES), element(b"y", Y, 2, level(1), attribute=b'{"a":1}'),
                          element(b"x", X, 1, level(2), attribute=b"")),
    "floats": vectors(head(2, 1, FLOATS), element(b"x", floats(0.6, -0.8), 1, measures=measured(9e9, 2.5))),
    "bits": vectors(head(66, 1, BITS), element(b"x", bytes([255] * 8 + [3] + [0] * 7), 1, measures=measured(0, 3))),
    "zeros": vectors(head(2, 1), element(b"x", bytes(2), 1, measures=measured(0))),
    "a higher level": vectors(head(2, 2), element(b"y", Y, 2, level(1)), element(b"x", X, 1, level(2), level(most=16))),
    "a projection": vectors(head(2, 1, FLOATS, flags=PROJECTED), number(3), piece(floats(0.5, 0, 0, 0, 0.5, 0)),
                            element(b"x", floats(1, 0), 1)),
}

# Links that are none, or leave the set in pieces: they are found anew.
MENDED = {
    "in pieces": vectors(head(2, 2), element(b"y", Y, 2), element(b"x", X, 1)),
    "a link of one side": vectors(head(2, 2), element(b"y", Y, 2, level(1)), element(b"x", X, 1)),
    "a link to itself": vectors(head(2, 1), element(b"x", X, 1, level(1))),
    "a link to nobody": vectors(head(2, 1), element(b"x", X, 1, level(9))),
    "a link twice": vectors(head(2, 2), element(b"y", Y, 2, level(1, 1)), element(b"x", X, 1, level(2, 2))),
    "a number twice": vectors(head(2, 2), element(b"y", Y, 1, level(1)), element(b"x", X, 1, level(1))),
    "more links than fit": vectors(head(2, 1, m=4), element(b"x", X, 1, level(*[1] * 9))),
    "links above the other's level": vectors(head(2, 2), element(b"y", Y, 2, level(1), level(1)),
                                             element(b"x", X, 1, level(2))),
    "two on a level that do not know each other": vectors(
        head(2, 2), element(b"y", Y, 2, level(1), level()), element(b"x", X, 1, level(2), level())),
}

BAD = {
    "another module": vectors(head(2, 1), element(b"x", X, 1), module=long_length(0xBDE72DA2BB1EB800)),
    "another version": vectors(head(2, 1), element(b"x", X, 1), module=long_length(0xBDE72DA2BB1EB401)),
    "no elements": vectors(head(2, 0)),
    "no dimensions": vectors(head(0, 1), element(b"x", b"", 1)),
    "dimensions that no vector has": vectors(head(2**40, 1), element(b"x", X, 1)),
    "fewer elements than are said": vectors(head(2, 2), element(b"x", X, 1)),
    "more elements than fit": vectors(head(2, 2**40), element(b"x", X, 1)),
    "elements behind the last": vectors(head(2, 1), *PAIR),
    "no end": vectors(head(2, 1), element(b"x", X, 1), end=b""),
    "another quantisation": vectors(head(2, 1, 3), element(b"x", X, 1)),
    "an M too small": vectors(head(2, 1, m=3), element(b"x", X, 1)),
    "an M too large": vectors(head(2, 1, m=4097), element(b"x", X, 1)),
    "unknown parts": vectors(head(2, 1, flags=4), element(b"x", X, 1)),
    "a name twice": vectors(head(2, 2), element(b"x", Y, 2, level(1)), element(b"x", X, 1, level(2))),
    "a vector too short": vectors(head(2, 1), element(b"x", X[:1], 1)),
    "a vector too long": vectors(head(2, 1), element(b"x", X + b"\0", 1)),
    "no number in a float": vectors(head(2, 1, FLOATS), element(b"x", floats(float("nan"), 0), 1)),
    "an infinite float": vectors(head(2, 1, FLOATS), element(b"x", floats(float("inf"), 0), 1)),
    "a vector that is too long": vectors(head(2, 1, FLOATS), element(b"x", floats(1, 1), 1)),
    "a huge float": vectors(head(2, 1, FLOATS), element(b"x", floats(3e38, 3e38), 1)),
    "no length": vectors(head(2, 1), element(b"x", X, 1, measures=measured(1, 0))),
    "a length below 0": vectors(head(2, 1), element(b"x", X, 1, measures=measured(1, -1))),
    "an infinite length": vectors(head(2, 1), element(b"x", X, 1, measures=measured(1, float("inf")))),
    "a length that is no number": vectors(head(2, 1), element(b"x", X, 1, measures=measured(1, float("nan")))),
    "a range that is no number": vectors(head(2, 1), element(b"x", X, 1, measures=measured(float("nan")))),
    "a range below 0": vectors(head(2, 1), element(b"x", X, 1, measures=measured(-1))),
    "a range beyond 1": vectors(head(2, 1), element(b"x", X, 1, measures=measured(1e9))),
    "a range of nothing": vectors(head(2, 1), element(b"x", bytes(2), 1)),
    "bytes without a range": vectors(head(2, 1), element(b"x", X, 1, measures=measured(0))),
    "bytes that do not reach 127": vectors(head(2, 1), element(b"x", b"\1\2", 1)),
    "the least byte": vectors(head(2, 1), element(b"x", b"\x80\x7f", 1)),
    "bits behind the last": vectors(head(2, 1, BITS), element(b"x", b"\7" + bytes(7), 1)),
    "another form of links": vectors(head(2, 1), element(b"x", X, 1, form=2)),
    "no form of links": vectors(head(2, 1), element(b"x", X, 1, form=0)),
    "a level too high": vectors(head(2, 1), element(b"x", X, 1, *[level()] * 17)),
    "a level that is not there": vectors(head(2, 1), element(b"x", X, 1, high=1)),
    "fewer numbers than are said": vectors(head(2, 1), element(b"x", X, 1, more=1)),
    "more numbers than are said": vectors(head(2, 1), element(b"x", X, 1, more=-1)),
    "everybody on high levels": vectors(head(2, 6), *(element(b"%d" % n, X, n, *[level()] * 16) for n in range(1, 7))),
    "a projection without dimensions": vectors(head(2, 1, FLOATS, flags=PROJECTED), number(0), piece(b""),
                                               element(b"x", floats(1, 0), 1)),
    "a projection too short": vectors(head(2, 1, FLOATS, flags=PROJECTED), number(3), piece(floats(1, 0, 0, 0, 1)),
                                      element(b"x", floats(1, 0), 1)),
    "a projection that is no number": vectors(
        head(2, 1, FLOATS, flags=PROJECTED), number(1), piece(floats(1, float("nan"))), element(b"x", floats(1, 0), 1)),
    "a projection of huge numbers": vectors(
        head(2, 1, FLOATS, flags=PROJECTED), number(1), piece(floats(1, 1e30)), element(b"x", floats(1, 0), 1)),
    "a projection beyond all memory": vectors(head(2**31, 1, FLOATS, flags=PROJECTED), number(2**31), piece(b"")),
}
