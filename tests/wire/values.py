"""Keys, values, numbers and times for random commands. Few keys, so that commands meet often."""
import struct

import payloads

NASTY = [
    b"", b" 1", b"1 ", b"1\x00",
    *b"0 1 -1 2147483647 2147483648 2147483649 -2147483647 -2147483648 -2147483649".split(),
    *b"4294967295 4294967296 4294967297 9007199254740991 9007199254740992 9007199254740993".split(),
    *b"9223372036854775807 9223372036854775808 -9223372036854775807 -9223372036854775808".split(),
    *b"-9223372036854775809 18446744073709551615 18446744073709551616 18446744073709551617".split(),
    *b"+1 -0 01 0x1 1e3 1.5 nan inf -inf abc * (1".split(),
]
NASTY_FLOATS = [
    b"", b" 1", b"1 ", b"1\x00",
    *b"nan -nan inf -inf +inf infinity 1e400 -1e400 1e-400 1e308 -1e308 1e17 +1.5 .5 5. 1.5.5 1e".split(),
    *b"0x1p3 0x10 1,5 abc -0 -0.0 3.0000000000000000000000001 0.1 9007199254740993".split(),
    b"123456789012345678901234567890",
]
JUNK = [
    b"", b"\r\n",
    *b"NX XX GT LT GET CH INCR EX PX KEEPTTL PERSIST REPLACE COUNT MATCH WITHSCORES LIMIT".split(),
    *b"REV BYSCORE ASYNC junk 0 -1 nx HELP".split(),
]
WAITS = [
    b"", b" 1", *b"-1 -1.5 -1e400 nan -inf inf 1e300 1e400 9223372036854775 9e15 0x0.001 abc 1e-400 +0.001".split(),
]
PATTERNS = [b"", b"*\xff*", *rb"* s* ?0 [sl]* [^s]* [z-a]0 s\0 *0 [ [ab **a** h? \ s[0-9]".split()]
ENTRIES = [
    b"", b"\x00\x01", b"\xff\xfe", b"with space", b"x\r\ny", b"Z" * 20,
    *b"a b c d e ab abc hello field 1 2 3 10 -5 007 1.5 12345678901234567890 9223372036854775807".split(),
]
LONG_ENTRIES = [b"L" * 63, b"M" * 64, b"N" * 65, b"P" * 200]
LENGTHS = [1, 10, 39, 40, 43, 44, 45, 50, 63, 64, 65, 100, 110, 120, 127, 128, 129, 150, 192, 256, 1000]
KEYS = {
    "string": [b"s0", b"s1", b"s2", b"string:with:a:rather:long:name:" + b"n" * 60, b"s\r\n\x00\xff"],
    "list": [b"l0", b"l1", b"l2"],
    "set": [b"t0", b"t1", b"t2"],
    "hash": [b"h0", b"h1", b"h2"],
    "zset": [b"z0", b"z1", b"z2"],
    "map": [b"g0", b"g1"],
    "vectors": [b"v0", b"v1", b"v2"],
    "bitmap": [b"b0", b"b1", b"b2", b"b3"],
    "hll": [b"p0", b"p1", b"p2", b"p3"],
}
FAR_FUTURE = 4_000_000_000
ATTRIBUTES = [
    b"", b"{}", b"no json", b'{"year":1980,"tags":["a","b"],"name":"x"}',
    b'{"year": 1990.5, "seen": true, "name": "y z"}', b'{"year":"1985","tags":[],"n":null}',
    b'{"tags":[1,[2],"a"],"o":{"year":5}}', b'{"year":-3,"name":"q\\"q"}', b'{"year":',
]
FILTERS = [
    b"", b"1", b"0", b".year > 1980", b".year", b"not .year", b"!.seen", b".year == 1985 or .name == \"x\"",
    b"'a' in .tags", b".year in [1980, 'x', -3]", b"(.year - 1980) * 2 >= 10 and .name != 'x'", b".year % 7 == 1",
    b"2 ** 3 ** 2 == 512", b".o", b".n or 1", b".tags and .tags == 0", b"1 + !!1 == 0", b".missing or 1", b"(",
    b".a )", b".a @ 1", b"foo", b"1 foo 2", b"[1, 2", b"1 in [1,]", b".year = 5", b"\"open", b".", b"1 ===1",
    b"1.2.3", b"null", b".n == null",
]
ODD_COMPONENTS = [b"x", b"", b" 1", b"1 ", b"nan", b"0x1p1", b"1e400", b"1e-400", b"+1", b".5", b"5."]
CLIENT_NAMES = [b"worker", b"a", b"", b"with space", b"line\n", b"t\xc3\xa9", b"~", b"!", b"x" * 70]
NO_COMMANDS = [b"NOSUCH", b"nosuch", b"GETT", b"\r\n", b"", b"x" * 200, b"SE\x00T", b"object|encoding", b"'"]
COMMANDS = (b"get set mget mset del copy expire lpush sadd hset zadd zrange object|encoding client|setname "
            b"config|get nosuch getex lcs command msetex delifeq ping hello").split()
SORT_PATTERNS = [b"", *b"*0 h*-> *->a h*->a->b s*->1 ->* s* s* s* h*->a h*->1 # # nosort l* *".split()]
REPLIES = b"string integer double null array set map bignum verbatim true false junk".split()
TYPES = b"string list set hash zset stream vectorset STRING nosuch".split()


# Of a set the peers pass numbers that are spelt as texts on as texts, but only to some of what is made of it.
GOOD_VALUES = [value for name, (value, _, _) in payloads.VALUES.items() if name != "numbers spelt as texts"]
WRONG_VALUES = list(payloads.WRONG.values())


class Values:
    """Makes what templates name. Methods return one argument, or a list of arguments."""

    ALL_KEYS = tuple(key for keys in KEYS.values() for key in keys)

    def __init__(self, random):
        self.random = random
        self.last_key = b"s0"

    def of_kind(self, kind):
        keys = KEYS[kind] if self.random.random() < 0.9 else self.ALL_KEYS
        self.last_key = self.random.choice(keys)
        return self.last_key

    def string(self):
        return self.of_kind("string")

    def list(self):
        return self.of_kind("list")

    def set(self):
        return self.of_kind("set")

    def hash(self):
        return self.of_kind("hash")

    def zset(self):
        return self.of_kind("zset")

    def bitmap(self):
        return self.of_kind("bitmap")

    def bitmap_bytes(self):
        """A bitmap set whole: zeros, ones or noise, near the edges of words and of what stands in a record."""
        size = self.random.choice((0, 1, 2, 7, 8, 9, 31, 32, 33, 100, 255, 256, 257, 4095, 4096, 4097, 9000))
        kind = self.random.randrange(3)
        return self.random.randbytes(size) if kind == 2 else (b"\0", b"\xff")[kind] * size

    def hll(self):
        return self.of_kind("hll")

    def element(self):
        return b"e%d" % self.random.randrange(20_000) if self.random.random() < 0.8 else self.random.choice(ENTRIES)

    def few(self):
        return b"%d" % self.random.randrange(30)

    def hll_opcodes(self):
        """Some runs of registers as a sparse HyperLogLog holds them."""
        opcodes = []
        for _ in range(self.random.choice((1, 2, 5, 60))):
            run = self.random.randrange(0x4000)
            opcodes.append(self.random.choice((bytes([run & 63]), bytes([0x40 | run >> 8, run & 255]),
                                               bytes([0x80 | run & 127]), bytes([0x80 | run & 15]))))
        return b"".join(opcodes)

    def hll_bytes(self):
        """A HyperLogLog as somebody may have made it: its opcodes need not be the shortest."""
        return self.made_hll(b"\1", self.hll_runs())

    def hll_damaged(self):
        """The same with wrong opcodes, another encoding, or cut off."""
        opcodes = self.hll_runs()
        dice = self.random.random()
        if dice < 0.6:
            opcodes[self.random.randrange(len(opcodes))] = self.hll_opcodes()
        made = self.made_hll(b"\1" if dice < 0.8 else self.random.choice((b"\0", b"\2")), opcodes)
        return (made if dice < 0.8 else made[:self.random.randrange(len(made))]) + self.zero_byte()

    def made_hll(self, encoding, opcodes):
        count = self.random.choice((b"\0" * 8, b"\x07" + b"\0" * 7, b"\0" * 7 + b"\x80"))
        return b"HYLL" + encoding + b"\0\0\0" + count + b"".join(opcodes)

    def hll_runs(self):
        """Opcodes for all registers."""
        opcodes, left = [], 1 << 14
        while left:
            run = min(left, self.random.choice((1, 2, 3, 4, 60, 64, 65, 300, 5000, 1 << 14)))
            value = self.random.choice((0, 0, 1, 2, 3, 32))
            if value and run <= 4:
                opcodes.append(bytes([0x80 | value - 1 << 2 | run - 1]))
            elif run <= 64 and self.random.random() < 0.9:
                opcodes.append(bytes([run - 1]))
            else:
                opcodes.append(bytes([0x40 | run - 1 >> 8, run - 1 & 255]))
            left -= run
        return opcodes

    def sparse_bytes(self):
        return [b"hll-sparse-max-bytes", self.random.choice((b"32", b"100", b"300", b"3000", b"3000", b"20000"))]

    def zero_byte(self):
        """Behind damaged opcodes: the peers read half an opcode at the end with the byte behind the string."""
        return b"\0"

    def bit(self):
        return self.random.choice((b"0", b"1")) if self.random.random() < 0.95 else self.random.choice(NASTY)

    def vectors(self):
        """Never a key of another kind: a vector set there would be copied, which one of the peers cannot."""
        self.last_key = self.random.choice(KEYS["vectors"])
        return self.last_key

    def projected(self):
        return b"projected"

    def vector(self):
        """A vector of whole numbers, of three dimensions as a rule, as numbers or as bytes."""
        dimensions = 3 if self.random.random() < 0.95 else self.random.randint(0, 4)
        numbers = [self.random.randint(-4, 4) for _ in range(dimensions)]
        if self.random.random() < 0.5:
            return [b"FP32", struct.pack(f"<{dimensions}f", *numbers)]
        words = [b"%d" % number for number in numbers]
        if words and self.random.random() < 0.05:
            words[0] = self.random.choice(ODD_COMPONENTS)
        announced = b"%d" % dimensions if self.random.random() < 0.97 else self.count()
        return [b"VALUES", announced, *words]

    def node(self):
        """An element of a vector set."""
        return b"e%d" % self.random.randrange(25)

    def quantization(self):
        """What fits the last key, as a rule."""
        if self.random.random() < 0.04:
            return [self.random.choice((b"Q8", b"NOQUANT", b"BIN", b"q8"))]
        return {b"v1": [b"NOQUANT"], b"v2": [b"BIN"]}.get(self.last_key, [])

    def links(self):
        return b"16" if self.random.random() < 0.9 else self.random.choice((b"8", b"3", b"x", b"4097"))

    def reduced(self):
        return b"2" if self.random.random() < 0.9 else self.random.choice((b"3", b"0", b"-1", b"x"))

    def epsilon(self):
        """Never the distance of two vectors of small whole numbers."""
        return b"0.3137" if self.random.random() < 0.8 else self.random.choice((b"0.61", b"0", b"x", b"-1", b"2"))

    def attributes(self):
        return self.random.choice(ATTRIBUTES)

    def filter(self):
        return self.random.choice(FILTERS)

    def place(self):
        """A bit of a bitmap, or an end of a range of bits."""
        if self.random.random() < 0.05:
            return b"%d" % self.random.choice((-1, -9, 4095 * 8, 4096 * 8, 1 << 32, (1 << 32) + 1, 1 << 63))
        return b"%d" % self.random.choice((0, 1, 7, 8, 63, 64, self.random.randrange(400),
                                           self.random.randrange(40_000)))

    def bit_place(self):
        return b"%d" % self.random.randrange(64)

    def field_place(self):
        """BITFIELD: a field and an offset, either of them wrong now and then."""
        width = self.random.choice((1, 2, 7, 8, 9, 16, 31, 32, 33, 57, 63, 64, self.random.randint(1, 64)))
        field = (b"i%d" if width == 64 or self.random.random() < 0.5 else b"u%d") % width
        if self.random.random() < 0.05:
            field = self.random.choice((b"u64", b"i65", b"u0", b"i0", b"u", b"8", b"U8", b"u08", b"i-1", b"u8 "))
        offset = b"%d" % self.random.choice((0, 1, 7, 8, 9, 63, self.random.randrange(600)))
        if self.random.random() < 0.05:
            offset = self.random.choice((b"-1", b"#", b"#-1", b"x", b"##1", b"#01", b"4294967296", b"+1"))
        elif self.random.random() < 0.3:
            offset = b"#%d" % self.random.randrange(40)
        return [field, offset]

    def key(self):
        self.last_key = self.random.choice(self.ALL_KEYS)
        return self.last_key

    def same(self):
        return self.last_key

    def one(self):
        return b"1"

    def missing(self):
        return b"missing"

    def value(self):
        dice = self.random.random()
        if dice < 0.3:
            return b"%d" % self.random.randint(-20, 20000)
        if dice < 0.4:
            return self.random.choice(NASTY)
        if dice < 0.45:
            return b"%.6g" % self.random.uniform(-1000, 1000)
        if dice < 0.85:
            return self.random.choice(ENTRIES)
        return bytes([self.random.randrange(97, 123)]) * self.random.choice(LENGTHS)

    def text(self):
        """A value for LCS: words over few letters."""
        return bytes(self.random.choices(b"abcx", k=self.random.randrange(0, 40)))

    def large(self):
        return bytes([self.random.randrange(97, 123)]) * self.random.choice((3000, 8191, 8192, 9000, 20000))

    def integer(self):
        if self.random.random() < 0.12:
            return self.random.choice(NASTY)
        return b"%d" % self.random.randint(-100, 100)

    def count(self):
        if self.random.random() < 0.1:
            return self.random.choice(NASTY)
        return b"%d" % self.random.randint(0, 12)

    def digit(self):
        return b"%d" % self.random.randint(0, 4)

    def patience(self):
        """How long to wait; what a peer would wait for is made short by the generator."""
        if self.random.random() < 0.15:
            return self.random.choice((*NASTY_FLOATS, b"-1", b"-0.5", b"1e16", b"9223372036854775807"))
        return b"0.001"

    def patience_ms(self):
        return self.random.choice(NASTY) if self.random.random() < 0.15 else b"1"

    def unsorted(self):
        return b"nosort"

    def sort_field(self):
        return self.random.choice((b"a", b"1", b"a->b"))

    def reply_type(self):
        return self.random.choice(REPLIES)

    def sort_pattern(self):
        return self.random.choice(SORT_PATTERNS)

    def small_count(self):
        return b"%d" % self.random.randint(-6, 8)

    def whole(self):
        return self.random.choice((b"100000", b"200000"))

    def index(self):
        if self.random.random() < 0.05:
            return self.random.choice(NASTY)
        return b"%d" % self.random.randint(-12, 12)

    def offset(self):
        if self.random.random() < 0.1:
            return self.random.choice(NASTY)
        return b"%d" % self.random.choice((0, 1, 5, 40, 100, 300))

    def floating(self):
        dice = self.random.random()
        if dice < 0.15:
            return self.random.choice(NASTY_FLOATS)
        if dice < 0.5:
            return b"%d" % self.random.randint(-1000, 1000)
        numbers = (0.1, 0.2, 1.5, -2.25, 3e-20, 1e17, 5.0e3, self.random.uniform(-1e3, 1e3),
                   10 ** self.random.uniform(-30, 30))
        return repr(self.random.choice(numbers)).encode()

    def score(self):
        dice = self.random.random()
        if dice < 0.06:
            return self.random.choice(NASTY_FLOATS)
        if dice < 0.75:
            return b"%d" % self.random.randint(-10, 10)
        return self.floating()

    def bound(self):
        sign = b"(" if self.random.random() < 0.3 else b""
        small = b"%d" % self.random.randint(-10, 10)
        return self.random.choice((b"-inf", b"+inf", sign + small, sign + self.score()))

    def lex_bound(self):
        dice = self.random.random()
        if dice < 0.3:
            return self.random.choice((b"-", b"+"))
        if dice < 0.35:
            return self.member()
        return self.random.choice((b"[", b"(")) + self.member()

    def field(self):
        if self.random.random() < 0.02:
            return self.random.choice(LONG_ENTRIES)
        return self.random.choice(ENTRIES)

    def member(self):
        dice = self.random.random()
        if dice < 0.02:
            return self.random.choice(LONG_ENTRIES)
        return b"%d" % self.random.randint(-5, 40) if dice < 0.3 else self.random.choice(ENTRIES)

    def small_integer(self):
        return b"%d" % self.random.randint(-300, 300)

    def any_integer(self):
        if self.random.random() < 0.5:
            return b"%d" % self.random.choice((32767, 32768, -32769, 1 << 31, (1 << 31) - 1, (1 << 63) - 1))
        half = 1 << self.random.choice((6, 7, 15, 31, 40, 63))
        return b"%d" % self.random.randint(-half, half - 1)

    def name(self):
        """One of several hundred fields or members."""
        return b"n%d" % self.random.randrange(700)

    def field_value(self):
        return [self.field(), self.value()]

    def name_value(self):
        return [self.name(), b"%d" % self.random.randrange(1000)]

    def score_member(self):
        return [self.score(), self.member()]

    def equal_scores(self):
        """Pairs of one score; now and then more than a compact sorted set holds."""
        members = self.random.choice((3, 6, 6, 12, 12, 150))
        make = self.name if members > 100 else self.member
        return [word for _ in range(members) for word in (b"0", make())]

    def score_name(self):
        return [b"%d" % self.random.randrange(50), self.name()]

    def key_value(self):
        return [self.of_kind("string"), self.value()]

    def counted_pairs(self):
        """MSETEX: the count, and as many keys with values; now and then the wrong count."""
        pairs = self.random.randint(1, 4)
        announced = b"%d" % pairs if self.random.random() < 0.9 else self.count()
        return [announced, *(word for _ in range(pairs) for word in self.key_value())]

    def counted_fields(self):
        """What follows FIELDS: the count, and as many fields; now and then the wrong count."""
        return self.announced([[self.field()] for _ in range(self.random.randint(1, 4))])

    def counted_field_values(self):
        return self.announced([self.field_value() for _ in range(self.random.randint(1, 4))])

    def announced(self, groups):
        announced = b"%d" % len(groups) if self.random.random() < 0.95 else self.count()
        return [announced, *(word for group in groups for word in group)]

    def counted_sets(self):
        return self.counted("set")

    def counted_zsets(self):
        return self.counted("zset")

    def weighted_zsets(self):
        return self.weighted(self.counted_zsets())

    def counted_mixed(self):
        """Sorted sets and plain ones; now and then very many, so that the smaller ones come often."""
        number = self.random.randint(1, 4) if self.random.random() < 0.95 else self.random.randint(10, 40)
        announced = b"%d" % number if self.random.random() < 0.95 else self.count()
        return [announced, *(self.of_kind(self.random.choice(("zset", "zset", "set"))) for _ in range(number))]

    def weighted_mixed(self):
        return self.weighted(self.counted_mixed())

    def weighted(self, counted):
        number = len(counted) - 1 if self.random.random() < 0.9 else self.random.randrange(3)
        return [*counted, b"WEIGHTS", *(self.floating() for _ in range(number))]

    def map(self):
        return self.of_kind("map")

    def degrees(self, limit):
        """Somewhere; often at the ends, and on borders of the grid's larger squares; seldom beyond."""
        dice = self.random.random()
        if dice < 0.02:
            return self.random.choice(NASTY_FLOATS)
        if dice < 0.06:
            return b"%r" % (limit * self.random.choice((1.0000001, -1.0000001, 1.5)))
        if dice < 0.2:
            edge = limit * self.random.choice((-1, 1)) * self.random.choice((1, 1, 1 - 1e-9, 1 - 1e-4, 0.99))
            return b"%r" % edge
        if dice < 0.4:
            border = limit * self.random.randint(-8, 8) / 8
            return b"%r" % max(-limit, min(limit, border + self.random.choice((0, 0, 1e-7, -1e-7, 1e-3, -1e-3))))
        if dice < 0.6:
            return b"%.4f" % self.random.uniform(10, 14)
        return b"%r" % self.random.uniform(-limit, limit)

    def point(self):
        return [self.degrees(180.0), self.degrees(85.05112878)]

    def here(self):
        """A few places that come again and again."""
        return self.random.choice(([b"13.361389", b"38.115556"], [b"0", b"0"], [b"179.9", b"0"], [b"-179.9", b"10"],
                                   [b"12", b"85.05"], [b"-100", b"-85"], [b"11.25", b"42.5"]))

    def point_member(self):
        return [*self.point(), self.member()]

    def point_name(self):
        return [*self.point(), self.name()]

    def radius(self):
        dice = self.random.random()
        if dice < 0.05:
            return self.random.choice(NASTY_FLOATS)
        return b"%d" % self.random.choice((0, 1, 5, 50, 300, 1000, 5000, 20000, 10**6, 10**7, 3 * 10**7)) \
            if dice < 0.5 else b"%r" % 10 ** self.random.uniform(-3, 8)

    def unit(self):
        return self.random.choice((b"m", b"km", b"km", b"KM", b"ft", b"Mi", b"mi")) \
            if self.random.random() < 0.97 else self.junk()

    def geo_from(self):
        if self.random.random() < 0.5:
            return [b"FROMMEMBER", self.member()]
        return [b"FROMLONLAT", *(self.here() if self.random.random() < 0.4 else self.point())]

    def geo_by(self):
        if self.random.random() < 0.5:
            return [b"BYRADIUS", self.radius(), self.unit()]
        return [b"BYBOX", self.radius(), self.radius(), self.unit()]

    def polygon(self):
        """Now and then with the wrong count; often small ones around one place."""
        count = self.random.randint(3, 6)
        announced = b"%d" % count if self.random.random() < 0.93 else self.count()
        if self.random.random() < 0.5:
            points = [[b"%.3f" % self.random.uniform(9, 15) for _ in "xy"] for _ in range(count)]
        else:
            points = [self.point() for _ in range(count)]
        return [b"BYPOLYGON", announced, *(word for point in points for word in point)]

    def geo_with(self):
        """How many, and in which order."""
        words = []
        if self.random.random() < 0.5:
            words.append(self.random.choice((b"ASC", b"DESC")))
        if self.random.random() < 0.4:
            words += [b"COUNT", self.count()]
            if self.random.random() < 0.3:
                words.append(b"ANY")
        elif self.random.random() < 0.03:
            words.append(b"ANY")
        return words

    def geo_options(self):
        words = [[word] for word in (b"WITHDIST", b"WITHCOORD", b"WITHHASH") if self.random.random() < 0.4]
        words.append(self.geo_with())
        if self.random.random() < 0.02:
            words.append([self.junk()])
        self.random.shuffle(words)
        return [word for part in words for word in part]

    def weights(self):
        return [b"WEIGHTS", *(self.floating() for _ in range(self.random.randint(1, 3)))]

    def wait(self):
        """A time to wait which is short, or over, or none."""
        return b"0.001" if self.random.random() < 0.7 else self.random.choice(WAITS)

    def integer_edge(self):
        return self.random.choice((b"-9223372036854775808", b"-9223372036854775807", b"4611686018427387904",
                                   b"-4611686018427387904", b"9223372036854775807", b"9223372036854775808", b"0"))

    def counted_lists(self):
        return self.counted("list")

    def counted(self, kind):
        number = self.random.randint(1, 3)
        announced = b"%d" % number if self.random.random() < 0.9 else self.count()
        return [announced, *(self.of_kind(kind) for _ in range(number))]

    def payload(self):
        """Serialised values in every form; some that are none, some damaged or of a version that nobody reads."""
        dice = self.random.random()
        if dice < 0.15:                   # where a value is cut the peers read on, in some versions something good
            return payloads.frame(self.random.choice(WRONG_VALUES), 11)
        value = self.random.choice(GOOD_VALUES)
        framed = payloads.frame(value, self.random.choice((11, 11, 11, 10, 9, 6, 1)))
        if dice > 0.97:
            return payloads.frame(value, self.random.choice((13, 79, 81, 65535)))
        if dice > 0.95:
            place = self.random.randrange(len(framed))
            return framed[:place] + b"x" + framed[place + 1:] if dice > 0.96 else framed[:place]
        return framed

    def no_time(self):
        return b"0"

    def nowhere(self):
        return b"127.0.0.1"

    def closed_port(self):
        return b"0"

    def no_key(self):
        return b""

    def pattern(self):
        return self.random.choice(PATTERNS)

    def cursor(self):
        return b"0" if self.random.random() < 0.8 else self.random.choice(NASTY)

    def database(self):
        dice = self.random.random()
        if dice < 0.1:
            return self.random.choice((b"15", b"16", *NASTY))
        return b"0" if dice < 0.7 else b"%d" % self.random.randint(1, 3)

    def type(self):
        return self.random.choice(TYPES)

    def seconds(self):
        if self.random.random() < 0.12:
            return self.random.choice(NASTY)
        return b"%d" % self.random.randint(10_000, 100_000_000)

    def millis(self):
        if self.random.random() < 0.12:
            return self.random.choice(NASTY)
        return b"%d" % self.random.randint(10_000_000, 100_000_000_000)

    def seconds_at(self):
        return self.at(1)

    def millis_at(self):
        return self.at(1000)

    def at(self, unit):
        dice = self.random.random()
        if dice < 0.12:
            return self.random.choice(NASTY)
        if dice < 0.25:
            return b"%d" % self.random.randint(1, 1_000_000_000)
        return b"%d" % (unit * (FAR_FUTURE + self.random.randint(0, 50)))

    def protocol(self):
        return self.random.choice((b"2", b"3", b"2", b"3", b"1", b"4", *NASTY))

    def client_name(self):
        return self.random.choice(CLIENT_NAMES)

    def command_name(self):
        return self.random.choice(COMMANDS)

    def nosuch(self):
        return self.random.choice(NO_COMMANDS)

    def junk(self):
        return self.random.choice(JUNK)
