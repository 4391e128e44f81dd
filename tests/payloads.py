"""Serialised values made by hand: what old servers wrote, what other servers write, and what nobody would.

The builder knows the published byte form from its description alone and uses nothing of cydis. A value is
(kind byte + body); `frame` adds version and checksum. VALUES are good ones in every form, with what they mean, and
WRONG are those that look right to the checksum and are no values. data/payloads.txt keeps all of them as bytes.
"""
import struct

(STRING, LIST, SET, ZSET, HASH, ZSET_2, MODULE, MODULE_2) = range(8)
(HASH_ZIPMAP, LIST_ZIPLIST, SET_INTSET, ZSET_ZIPLIST, HASH_ZIPLIST, LIST_QUICKLIST, STREAM_LISTPACKS,
 HASH_LISTPACK, ZSET_LISTPACK, LIST_QUICKLIST_2, STREAM_LISTPACKS_2, SET_LISTPACK, STREAM_LISTPACKS_3,
 HASH_2, HASH_LISTPACK_EX_EARLY, HASH_METADATA, HASH_LISTPACK_EX) = range(9, 26)
HASH_METADATA_EARLY = HASH_2
PLAIN, PACKED = 1, 2
VERSION, REDIS_VERSION, VALKEY_VERSION = 11, 12, 80

REFLECTED = 0x95AC9329AC4BC9B5


def crc_table():
    table = []
    for crc in range(256):
        for _ in range(8):
            crc = crc >> 1 ^ (REFLECTED if crc & 1 else 0)
        table.append(crc)
    return table


CRC_TABLE = crc_table()


def crc64(data):
    crc = 0
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc


def frame(value, version=VERSION):
    """A payload as RESTORE takes it."""
    framed = value + struct.pack("<H", version)
    return framed + struct.pack("<Q", crc64(framed))


# ---- lengths and texts

def length(n):
    if n < 1 << 6:
        return bytes([n])
    if n < 1 << 14:
        return bytes([0x40 | n >> 8, n & 255])
    return b"\x80" + struct.pack(">I", n) if n < 1 << 32 else long_length(n)


def long_length(n):
    return b"\x81" + struct.pack(">Q", n)


def text(data):
    return length(len(data)) + data


def integer(n):
    for form, size in ((0, 1), (1, 2), (2, 4)):
        if -1 << 8 * size - 1 <= n < 1 << 8 * size - 1:
            return bytes([0xC0 | form]) + n.to_bytes(size, "little", signed=True)
    raise ValueError(n)


def compressed(packed, size):
    return b"\xc3" + length(len(packed)) + length(size) + packed


def repeated(byte, times):
    """The text of one byte so many times, compressed."""
    packed, left = b"\x00" + byte, times - 1
    while left:
        run = min(left, 264)
        if run < 3:
            packed += bytes([run - 1]) + byte * run
        elif run < 9:
            packed += bytes([run - 2 << 5, 0])
        else:
            packed += bytes([7 << 5, run - 9, 0])
        left -= run
    return compressed(packed, times)


def score(number):
    return struct.pack("<d", number)


def moment(ms):
    return struct.pack("<q", ms)


# ---- packed sequences

def back_length(n):
    groups = []
    while True:
        groups.append(n & 127)
        n >>= 7
        if not n:
            break
    return bytes([groups[-1], *(group | 128 for group in reversed(groups[:-1]))])


def pack_entry(item):
    """An element of a listpack as today's servers write it."""
    if isinstance(item, bytes):
        size = len(item)
        if size < 64:
            return bytes([0x80 | size]) + item
        return (bytes([0xE0 | size >> 8, size & 255]) if size < 4096 else b"\xf0" + struct.pack("<I", size)) + item
    if 0 <= item < 128:
        return bytes([item])
    if -4096 <= item < 4096:
        return bytes([0xC0 | item >> 8 & 31, item & 255])
    for code, size in ((0xF1, 2), (0xF2, 3), (0xF3, 4), (0xF4, 8)):
        if -1 << 8 * size - 1 <= item < 1 << 8 * size - 1:
            return bytes([code]) + item.to_bytes(size, "little", signed=True)
    raise ValueError(item)


def listpack_of(entries, count=None):
    """A listpack of entries without their back-lengths."""
    body = b"".join(entry + back_length(len(entry)) for entry in entries)
    count = min(len(entries), 65535) if count is None else count
    return struct.pack("<IH", len(body) + 7, count) + body + b"\xff"


def listpack(*items, count=None):
    return listpack_of([pack_entry(item) for item in items], count)


def ziplist_entry(item):
    if isinstance(item, bytes):
        size = len(item)
        head = bytes([size]) if size < 64 else bytes([0x40 | size >> 8, size & 255]) if size < 1 << 14 else (
            b"\x80" + struct.pack(">I", size))
        return head + item
    if 0 <= item <= 12:
        return bytes([0xF1 + item])
    for code, size in ((0xFE, 1), (0xC0, 2), (0xF0, 3), (0xD0, 4), (0xE0, 8)):
        if -1 << 8 * size - 1 <= item < 1 << 8 * size - 1:
            return bytes([code]) + item.to_bytes(size, "little", signed=True)
    raise ValueError(item)


def ziplist(*items, count=None):
    body, before, last = b"", 0, 10
    for item in items:
        entry = (bytes([before]) if before < 254 else b"\xfe" + struct.pack("<I", before)) + ziplist_entry(item)
        last = 10 + len(body)
        body += entry
        before = len(entry)
    count = min(len(items), 65535) if count is None else count
    return struct.pack("<IIH", len(body) + 11, last, count) + body + b"\xff"


def zipmap(*pairs, count=None, unused=0):
    def size(n):
        return bytes([n]) if n < 254 else b"\xfe" + struct.pack("<I", n)

    made = bytes([min(len(pairs), 254) if count is None else count])
    for key, value in pairs:
        made += size(len(key)) + key + size(len(value)) + bytes([unused]) + value + b"-" * unused
    return made + b"\xff"


def intset(width, *numbers, count=None):
    count = len(numbers) if count is None else count
    return struct.pack("<II", width, count) + b"".join(n.to_bytes(width, "little", signed=True) for n in numbers)


# ---- values

def value(kind, *parts):
    return bytes([kind]) + b"".join(parts)


def many(kind, *parts, count=None):
    """A kind that begins with a count; every part is one element."""
    return value(kind, length(len(parts) if count is None else count), *parts)


LONG = b"x" * 300

# name: (value, encoding that it gets, what it means: bytes, a list, a set, a dict, or a list of (member, score))
VALUES = {
    "a string": (value(STRING, text(b"hello")), "embstr", b"hello"),
    "an empty string": (value(STRING, text(b"")), "embstr", b""),
    "an integer in one byte": (value(STRING, integer(-128)), "int", b"-128"),
    "an integer in two": (value(STRING, integer(32767)), "int", b"32767"),
    "an integer in four": (value(STRING, integer(-(1 << 31))), "int", b"-2147483648"),
    "an integer as text": (value(STRING, text(b"9223372036854775807")), "int", b"9223372036854775807"),
    "a string with a long length": (value(STRING, b"\x80\0\0\0\3abc"), "embstr", b"abc"),
    "a string with the longest length": (value(STRING, long_length(3), b"abc"), "embstr", b"abc"),
    "a compressed string": (value(STRING, repeated(b"x", 300)), "raw", LONG),
    "a long compressed string": (value(STRING, repeated(b"y", 5000)), "raw", b"y" * 5000),
    "a compressed empty string": (value(STRING, compressed(b"", 0)), "embstr", b""),
    "a compressed integer": (value(STRING, compressed(b"\x0212\x33", 3)), "int", b"123"),
    "a list of single elements": (many(LIST, text(b"a"), integer(7), text(b"a")), "listpack", [b"a", b"7", b"a"]),
    "a list with a large element": (many(LIST, text(b"z" * 9000), text(b"b")), "quicklist", [b"z" * 9000, b"b"]),
    "a list in a ziplist": (value(LIST_ZIPLIST, text(ziplist(b"a", 5, -1, 300, 1 << 40, LONG, b"007"))), "quicklist",
                            [b"a", b"5", b"-1", b"300", b"%d" % (1 << 40), LONG, b"007"]),
    "a quicklist of ziplists": (many(LIST_QUICKLIST, text(ziplist(b"a", 1)), text(ziplist()), text(ziplist(b"b"))),
                                "quicklist", [b"a", b"1", b"b"]),
    "a quicklist of one ziplist": (many(LIST_QUICKLIST, text(ziplist(b"a", 1))), "listpack", [b"a", b"1"]),
    "a quicklist": (many(LIST_QUICKLIST_2, length(PACKED) + text(listpack(b"a", 1)), length(PLAIN) + text(b"p"),
                         length(PACKED) + text(listpack(b"b", LONG))), "quicklist", [b"a", b"1", b"p", b"b", LONG]),
    "a quicklist with an empty node": (many(LIST_QUICKLIST_2, length(PACKED) + text(listpack()),
                                            length(PACKED) + text(listpack(b"a"))), "listpack", [b"a"]),
    "a set of texts": (many(SET, text(b"a"), text(b"b"), integer(5)), "listpack", {b"a", b"b", b"5"}),
    "a set of integers": (many(SET, integer(1), text(b"70000")), "intset", {b"1", b"70000"}),
    "a set with a long member": (many(SET, text(LONG), integer(5)), "hashtable", {LONG, b"5"}),
    "an intset": (value(SET_INTSET, text(intset(4, -70000, 1, 2))), "intset", {b"-70000", b"1", b"2"}),
    "an intset wider than needed": (value(SET_INTSET, text(intset(8, 1, 2))), "intset", {b"1", b"2"}),
    "a set in a listpack": (value(SET_LISTPACK, text(listpack(b"a", 1, LONG))), "listpack", {b"a", b"1", LONG}),
    "a listpack that does not know its count": (value(SET_LISTPACK, text(listpack(b"a", 1, count=65535))), "listpack",
                                                {b"a", b"1"}),
    "scores as digits": (many(ZSET, text(b"a") + b"\x031.5", text(b"b") + b"\xfe", text(b"c") + b"\xff"), "listpack",
                         [(b"c", -float("inf")), (b"a", 1.5), (b"b", float("inf"))]),
    "scores as doubles, falling": (many(ZSET_2, text(b"b") + score(2.5), text(b"a") + score(2.5),
                                        text(b"c") + score(-1)), "listpack", [(b"c", -1.0), (b"a", 2.5), (b"b", 2.5)]),
    "scores as doubles, in no order": (many(ZSET_2, text(b"b") + score(1), text(b"c") + score(3),
                                            text(b"a") + score(2)), "listpack",
                                       [(b"b", 1.0), (b"a", 2.0), (b"c", 3.0)]),
    "a sorted set with a long member": (many(ZSET_2, text(LONG) + score(0.1)), "skiplist", [(LONG, 0.1)]),
    "a sorted set in a ziplist": (value(ZSET_ZIPLIST, text(ziplist(b"a", 1, b"b", b"1.5"))), "listpack",
                                  [(b"a", 1.0), (b"b", 1.5)]),
    "a sorted set in a listpack": (value(ZSET_LISTPACK, text(listpack(b"a", b"-inf", 12, 1, b"b", 1, LONG, b"2.5"))),
                                   "listpack", [(b"a", -float("inf")), (b"12", 1.0), (b"b", 1.0), (LONG, 2.5)]),
    "a hash of single pairs": (many(HASH, text(b"a") + integer(1), text(b"b") + text(b"x")), "listpack",
                               {b"a": b"1", b"b": b"x"}),
    "a hash with a long value": (many(HASH, text(b"a") + text(LONG)), "hashtable", {b"a": LONG}),
    "a zipmap": (value(HASH_ZIPMAP, text(zipmap((b"a", b"1"), (b"", b""), (b"b", b"xyz"), unused=3))), "listpack",
                 {b"a": b"1", b"": b"", b"b": b"xyz"}),
    "a zipmap with a long value": (value(HASH_ZIPMAP, text(zipmap((b"a", LONG)))), "hashtable", {b"a": LONG}),
    "a hash in a ziplist": (value(HASH_ZIPLIST, text(ziplist(b"a", 1, b"b", LONG))), "listpack",
                            {b"a": b"1", b"b": LONG}),
    "a hash in a listpack": (value(HASH_LISTPACK, text(listpack(b"a", 1, 5, LONG))), "listpack",
                             {b"a": b"1", b"5": LONG}),
    "a compressed listpack": (value(HASH_LISTPACK, compressed(b"\x11" + listpack(b"a", 1, b"b", b"x"), 18)), "listpack",
                              {b"a": b"1", b"b": b"x"}),
    "numbers spelt as texts": (value(SET_LISTPACK, text(listpack_of([b"\x8212", b"\xf1\x05\0"]))), "listpack",
                               {b"12", b"5"}),
}

NAN = float("nan")
HUGE = 1 << 60

# Values that are none, by what is wrong with them. The reference refuses them too, where not said otherwise.
WRONG = {
    "nothing": b"",
    "a kind alone": value(STRING),
    "an unknown kind": value(8, text(b"a")),
    "a kind of the future": value(255, text(b"a")),
    "a module": value(MODULE, text(b"a")),
    "a module of the second form": value(MODULE_2, length(1), length(0)),
    "a text as long as 2^60": value(STRING, long_length(HUGE), b"abc"),
    "an unknown form of text": value(STRING, b"\xc4abc"),
    "compressed bytes from before the start": value(STRING, compressed(b"\x20\0", 3)),
    "compressed bytes that make more": value(STRING, compressed(b"\x02abc", 2)),
    "compressed bytes that make less": value(STRING, compressed(b"\x02abc", 4)),
    "compressed bytes that promise 2^60": value(STRING, b"\xc3\x04", long_length(HUGE), b"\x02abc"),
    "a long text from nothing": value(STRING, compressed(b"", 5000)),
    "an empty list": many(LIST),
    "a list of 2^60": value(LIST, long_length(HUGE), text(b"a")),
    "a list with a form as its count": value(LIST, b"\xc0\x01", text(b"a")),
    "a list that is cut": many(LIST, text(b"a"), count=2),
    "an empty ziplist": value(LIST_ZIPLIST, text(ziplist())),
    "a ziplist with a wrong count": value(LIST_ZIPLIST, text(ziplist(b"a", count=2))),
    "a quicklist of no node": many(LIST_QUICKLIST_2),
    "a quicklist of empty nodes": many(LIST_QUICKLIST_2, length(PACKED) + text(listpack())),
    "a quicklist of an empty ziplist": many(LIST_QUICKLIST, text(ziplist())),
    "a quicklist with an unknown node": many(LIST_QUICKLIST_2, length(3) + text(listpack(b"a"))),
    "an empty plain node": many(LIST_QUICKLIST_2, length(PLAIN) + text(b"")),
    "an empty set": many(SET),
    "a member twice": many(SET, text(b"a"), text(b"b"), text(b"a")),
    "an integer twice": many(SET, integer(1), text(b"1")),
    "a long member twice": many(SET, text(LONG), text(LONG)),
    "an empty intset": value(SET_INTSET, text(intset(2))),
    "an intset out of order": value(SET_INTSET, text(intset(2, 2, 1))),
    "an intset with a number twice": value(SET_INTSET, text(intset(2, 1, 1))),
    "an intset of width 3": value(SET_INTSET, text(struct.pack("<II", 3, 1) + b"abc")),
    "an intset of width 0": value(SET_INTSET, text(struct.pack("<II", 0, 100))),
    "an intset with a wrong count": value(SET_INTSET, text(intset(2, 1, 2, count=3))),
    "an intset whose size overflows": value(SET_INTSET, text(intset(8, 1, count=0x20000001))),
    "an empty listpack of a set": value(SET_LISTPACK, text(listpack())),
    "a listpack with a member twice": value(SET_LISTPACK, text(listpack(b"a", 1, b"a"))),
    "a member as number and as text": value(SET_LISTPACK, text(listpack_of([b"\x01", b"\x811"]))),
    "an empty sorted set": many(ZSET_2),
    "a score that is no number": many(ZSET_2, text(b"a") + score(NAN)),
    "digits that are no number": many(ZSET, text(b"a") + b"\xfd"),
    "a member with two scores": many(ZSET_2, text(b"a") + score(2), text(b"a") + score(1)),
    "a sorted set of 2^60": value(ZSET_2, long_length(HUGE), text(b"a"), score(1)),
    "an empty listpack of a sorted set": value(ZSET_LISTPACK, text(listpack())),
    "a listpack with a member without score": value(ZSET_LISTPACK, text(listpack(b"a", 1, b"b"))),
    "a ziplist with a member without score": value(ZSET_ZIPLIST, text(ziplist(b"a", 1, b"b"))),
    "a listpack with a member of two scores": value(ZSET_LISTPACK, text(listpack(b"a", 1, b"a", 2))),
    "an empty hash": many(HASH),
    "a field twice": many(HASH, text(b"a") + integer(1), text(b"a") + integer(2)),
    "a long field twice": many(HASH, text(LONG) + integer(1), text(LONG) + integer(2)),
    "a field without value": many(HASH, text(b"a") + integer(1), text(b"b"), count=2),
    "a hash of 2^63": value(HASH, long_length(1 << 63), text(b"a"), text(b"b")),
    "an empty zipmap": value(HASH_ZIPMAP, text(zipmap())),
    "a zipmap with a field twice": value(HASH_ZIPMAP, text(zipmap((b"a", b"1"), (b"a", b"2")))),
    "a zipmap with a wrong count": value(HASH_ZIPMAP, text(zipmap((b"a", b"1"), count=2))),
    "a zipmap with a size near 2^32": value(HASH_ZIPMAP, text(b"\x01\xfe\xfc\xff\xff\xffabc\x01\x00x\xff")),
    "an empty ziplist of a hash": value(HASH_ZIPLIST, text(ziplist())),
    "a ziplist with a field twice": value(HASH_ZIPLIST, text(ziplist(b"a", 1, b"a", 2))),
    "a ziplist with a field without value": value(HASH_ZIPLIST, text(ziplist(b"a", 1, b"b"))),
    "an empty listpack of a hash": value(HASH_LISTPACK, text(listpack())),
    "a listpack with a field twice": value(HASH_LISTPACK, text(listpack(b"a", 1, b"a", 2))),
    "a listpack with a field without value": value(HASH_LISTPACK, text(listpack(b"a", 1, b"b"))),
    "a listpack with a wrong count": value(HASH_LISTPACK, text(listpack(b"a", 1, count=4))),
    "a listpack with a wrong size": value(HASH_LISTPACK, text(b"\x40" + listpack(b"a", 1)[1:])),
    "a listpack of 65535 that are not there": value(HASH_LISTPACK, text(struct.pack("<IH", 7, 65535) + b"\xff")),
}

# The same, but the reference takes them: it does not look at the order of a sorted set, nor at all of a score, and
# reads on into version and checksum where the value is cut.
WRONG_TO_US = {
    "a sorted set out of order": value(ZSET_LISTPACK, text(listpack(b"a", 2, b"b", 1))),
    "equal scores out of order": value(ZSET_LISTPACK, text(listpack(b"b", 1, b"a", 1))),
    "a ziplist out of order": value(ZSET_ZIPLIST, text(ziplist(b"a", 2, b"b", b"1.5"))),
    "a score of letters": value(ZSET_LISTPACK, text(listpack(b"a", b"xx"))),
    "an empty score": value(ZSET_LISTPACK, text(listpack(b"a", b""))),
    "a hexadecimal score": value(ZSET_LISTPACK, text(listpack(b"a", b"0x10"))),
    "a text that is cut": value(STRING, b"\x05abc"),
    "an integer that is cut": value(STRING, b"\xc2\0\0"),
    "a sorted set that is cut": many(ZSET_2, text(b"a") + score(1)[:7]),
    "digits and more": many(ZSET, text(b"a") + b"\x031x5"),
}
# Valkey 9.1 refuses it, Redis 8.0 does not.
NAN_IN_A_LISTPACK = value(ZSET_LISTPACK, text(listpack(b"a", b"nan")))


def kept():
    """All of them, as data/payloads.txt keeps them."""
    groups = (("good", {name: good for name, (good, _, _) in VALUES.items()}), ("wrong", WRONG),
              ("strict", WRONG_TO_US))
    return [f"{group}: {name}: {frame(made).hex()}" for group, values in groups for name, made in values.items()]
