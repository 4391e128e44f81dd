"""The data and the commands of server_families.py: per family the collections, and what is asked of them.

A cell's commands are sent in turn, and leave the collection as large as it was. Words in braces are drawn anew for
every turn, and are the same in all commands of the turn:

    {k} {k2}   two keys of the size         {m} {m10}   a member that is there, ten of them (those that start it)
    {i}        an index                     {near}      a member among the first thousand
    {s} {s9}   a score, one a little above  {new}       a member that is not there
    {r}        a random number              {lon} {lat} a place, {here} the member's; {km}: a radius of some twenty
    {i9}       nine further; {last}: the last  {bit}    a bit's offset; {x}: a value of the size
    {k10} {kv10}  ten keys, ten keys with values
    {dump}     a collection of the size as DUMP serialises it; a word of its own, of any bytes
"""

import random
from dataclasses import dataclass

SMALL, MEDIUM, LARGE = 10, 1_000, 1_000_000
ALL = (SMALL, MEDIUM, LARGE)
NOT_LARGE = (SMALL, MEDIUM)


@dataclass(frozen=True)
class Cell:
    """`commands` go round in turn; `sizes` are those at which they are asked."""

    name: str
    commands: tuple
    sizes: tuple = ALL


@dataclass(frozen=True)
class Family:
    """`fill(size, key)` yields the requests (tuples of words) that make the collection `key`.

    `member(i)` is its i-th member. With `databases`, each size has a database of its own, and the keys are the
    collection. `keys` overrides how many collections of a size there are.
    """

    name: str
    fill: object
    cells: tuple
    member: object = "mem:{:012d}".format
    databases: bool = False
    keys: tuple = ()


def chunks(size, step=100):
    """Yield ranges of at most `step` that make up range(size)."""
    for start in range(0, size, step):
        yield range(start, min(start + step, size))


def member(i):
    return f"mem:{i:012d}"


def adding(command, words):
    """Return a fill that adds members by `command`, `words(i)` being the arguments of one."""

    def fill(size, key):
        for chunk in chunks(size):
            yield (command, key, *(word for i in chunk for word in words(i)))

    return fill


def place_of(i):
    """Return the longitude and latitude of the i-th place, spread evenly without a pattern."""
    return -10 + (i * 0.7548776662466927) % 1 * 20, 40 + (i * 0.5698402909980532) % 1 * 10


def place_words(i):
    longitude, latitude = place_of(i)
    return f"{longitude:.6f}", f"{latitude:.6f}", member(i)


def score_of(i):
    """Return the score of the i-th member: a permutation of sorts, so that ranks and names do not agree."""
    return i * 7_919 % 1_000_003


class Turn(dict):
    """The words of one turn, drawn when a command asks for them."""

    def __init__(self, draw):
        super().__init__()
        self.draw = draw

    def __missing__(self, word):
        value = self[word] = WORDS[word](self, self.draw)
        return value


class Draw:
    """What the words in braces stand for."""

    def __init__(self, family, size, keys, dump=b"", seed=1):
        self.chance = random.Random(seed)
        self.dump = dump
        self.family, self.size, self.keys = family, size, keys
        self.fresh = 0

    def turn(self):
        """Return the words of one turn, a mapping."""
        return Turn(self)

    def key(self, number=None):
        """Return the key of this number, or of a random one."""
        if number is None:
            number = self.chance.randrange(self.keys)
        return member(number) if self.family.databases else f"{self.family.name}:{self.size}:{number}"

    def value(self):
        return "x" * self.size if self.size < LARGE else ""

    def new(self):
        self.fresh += 1
        return self.family.member(10_000_000 + self.fresh)

    def ten(self):
        start = self.chance.randrange(max(1, self.size - 10))
        return " ".join([self.family.member(n) for n in range(start, start + 10)])

    def place(self):
        longitude, latitude = place_of(self.chance.randrange(10_000_000))
        return f"{longitude:.4f}", f"{latitude:.4f}"


WORDS = {
    "k": lambda turn, draw: draw.key(),
    "k2": lambda turn, draw: draw.key(),
    "k10": lambda turn, draw: " ".join([draw.key() for _ in range(10)]),
    "kv10": lambda turn, draw: " ".join([f"{draw.key()} {draw.value()}" for _ in range(10)]),
    "x": lambda turn, draw: draw.value(),
    "i": lambda turn, draw: draw.chance.randrange(draw.size),
    "i9": lambda turn, draw: turn["i"] + 9,
    "last": lambda turn, draw: draw.size - 1,
    "bit": lambda turn, draw: draw.chance.randrange(8 * draw.size),
    "m": lambda turn, draw: draw.family.member(turn["i"]),
    "m10": lambda turn, draw: draw.ten(),
    "near": lambda turn, draw: draw.family.member(draw.chance.randrange(min(draw.size, 1000))),
    "s": lambda turn, draw: score_of(turn["i"]),
    "s9": lambda turn, draw: score_of(turn["i"]) + 20 * 1_000_000 // draw.size,
    "new": lambda turn, draw: draw.new(),
    "r": lambda turn, draw: draw.chance.randrange(1_000_000),
    "place": lambda turn, draw: draw.place(),
    "dump": lambda turn, draw: draw.dump,
    "lon": lambda turn, draw: turn["place"][0],
    "lat": lambda turn, draw: turn["place"][1],
    "km": lambda turn, draw: {SMALL: 1000, MEDIUM: 100}.get(draw.size, 3),
    "here": lambda turn, draw: " ".join(place_words(turn["i"])[:2]),
}


SAVING = (
    Cell("DUMP", ("DUMP {k}",), NOT_LARGE),
    Cell("RESTORE REPLACE", ("RESTORE restored 0 {dump} REPLACE",), NOT_LARGE),
)


def fill_string(size, key):
    yield "SET", key, "x" * size
    if size == SMALL:
        yield "SET", f"n:{key}", "1234567"


STRINGS = Family(
    "strings",
    fill_string,
    (
        Cell("GET", ("GET {k}",), NOT_LARGE),
        Cell("SET", ("SET {k} {x}",), NOT_LARGE),
        Cell("SET EX", ("SET {k} {x} EX 1000",), NOT_LARGE),
        Cell("INCR", ("INCR n:{k}",), (SMALL,)),
        Cell("INCRBYFLOAT", ("INCRBYFLOAT n:{k} 1",), (SMALL,)),
        Cell("MGET 10", ("MGET {k10}",), NOT_LARGE),
        Cell("MSET 10", ("MSET {kv10}",), NOT_LARGE),
        Cell("SETNX", ("SETNX {k} {x}",), NOT_LARGE),
        Cell("GETSET", ("GETSET {k} {x}",), NOT_LARGE),
        Cell("GETEX", ("GETEX {k} PERSIST",), NOT_LARGE),
        Cell("GETDEL + SET", ("GETDEL {k}", "SET {k} {x}"), NOT_LARGE),
        Cell("STRLEN", ("STRLEN {k}",)),
        Cell("GETRANGE 10", ("GETRANGE {k} {i} {i9}",)),
        Cell("SETRANGE", ("SETRANGE {k} {i} y",)),
        Cell("APPEND + SET", ("APPEND {k} 12345678", "SET {k} {x}"), NOT_LARGE),
        *SAVING,
    ),
)

KEYS = Family(
    "keys",
    lambda size, key: iter([("SET", key, "value")]),
    (
        Cell("EXISTS", ("EXISTS {k}",)),
        Cell("TYPE", ("TYPE {k}",)),
        Cell("TTL", ("TTL {k}",)),
        Cell("TOUCH", ("TOUCH {k}",)),
        Cell("DEL + SET", ("DEL {k}", "SET {k} value")),
        Cell("UNLINK + SET", ("UNLINK {k}", "SET {k} value")),
        Cell("EXPIRE + PERSIST", ("EXPIRE {k} 1000", "PERSIST {k}")),
        Cell("RENAME and back", ("RENAME {k} other", "RENAME other {k}")),
        Cell("COPY REPLACE", ("COPY {k} copied REPLACE",)),
        Cell("OBJECT ENCODING", ("OBJECT ENCODING {k}",)),
        Cell("RANDOMKEY", ("RANDOMKEY",)),
        Cell("SCAN 0", ("SCAN 0 COUNT 10",)),
        Cell("SCAN MATCH", ("SCAN {r} MATCH mem:*1 COUNT 100",)),
        Cell("DBSIZE", ("DBSIZE",), (SMALL,)),
    ),
    databases=True,
)

LISTS = Family(
    "lists",
    adding("RPUSH", lambda i: (f"item:{i:06d}",)),
    (
        Cell("LINDEX", ("LINDEX {k} {i}",)),
        Cell("LRANGE 0 9", ("LRANGE {k} 0 9",)),
        Cell("LRANGE 0 99", ("LRANGE {k} 0 99",), (MEDIUM, LARGE)),
        Cell("LRANGE -10 -1", ("LRANGE {k} -10 -1",)),
        Cell("LRANGE middle 10", ("LRANGE {k} {i} {i9}",)),
        Cell("LLEN", ("LLEN {k}",)),
        Cell("LPOS near", ("LPOS {k} {near}",)),
        Cell("LINSERT + LREM", ("LINSERT {k} BEFORE {near} new", "LREM {k} 1 new")),
        Cell("LREM from the tail", ("RPUSH {k} last", "LREM {k} -1 last")),
        Cell("LSET", ("LSET {k} {i} item:{r}",)),
        Cell("LMOVE", ("LMOVE {k} {k} LEFT RIGHT",)),
        Cell("RPOPLPUSH", ("RPOPLPUSH {k} {k}",)),
        Cell("LPUSH + RPOP", ("LPUSH {k} item:000001", "RPOP {k}")),
        Cell("RPUSH + LPOP", ("RPUSH {k} item:000001", "LPOP {k}")),
        Cell("LPUSH + LPOP", ("LPUSH {k} item:000001", "LPOP {k}")),
        Cell("RPUSH 10 + LPOP 10", ("RPUSH {k} {m10}", "LPOP {k} 10")),
        Cell("LPUSH + LTRIM", ("LPUSH {k} item:000001", "LTRIM {k} 0 {last}")),
        *SAVING,
    ),
    member="item:{:06d}".format,
)


def set_cells(*more):
    return (
        Cell("SISMEMBER", ("SISMEMBER {k} {m}",)),
        Cell("SISMEMBER absent", ("SISMEMBER {k} {new}",)),
        Cell("SMISMEMBER 10", ("SMISMEMBER {k} {m10}",)),
        Cell("SCARD", ("SCARD {k}",)),
        Cell("SRANDMEMBER", ("SRANDMEMBER {k}",)),
        Cell("SRANDMEMBER 10", ("SRANDMEMBER {k} 10",)),
        Cell("SRANDMEMBER -10", ("SRANDMEMBER {k} -10",)),
        Cell("SMEMBERS", ("SMEMBERS {k}",), NOT_LARGE),
        Cell("SSCAN", ("SSCAN {k} 0 COUNT 10",)),
        Cell("SADD there", ("SADD {k} {m}",)),
        Cell("SREM + SADD", ("SREM {k} {m}", "SADD {k} {m}")),
        *more,
        *SAVING,
        Cell("SPOP + SADD", ("SPOP {k}", "SADD {k} {new}")),
    )


SETS = Family(
    "sets",
    adding("SADD", lambda i: (member(i),)),
    set_cells(
        Cell("SINTER", ("SINTER {k} {k2}",), NOT_LARGE),
        Cell("SINTER with small", ("SINTER {k} sets:10:0",), (MEDIUM, LARGE)),
        Cell("SINTERCARD LIMIT 10", ("SINTERCARD 2 {k} {k2} LIMIT 10",)),
        Cell("SUNION", ("SUNION {k} {k2}",), NOT_LARGE),
        Cell("SDIFF", ("SDIFF {k} {k2}",), NOT_LARGE),
        Cell("SDIFF small", ("SDIFF sets:10:0 {k}",), (MEDIUM, LARGE)),
        Cell("SINTERSTORE", ("SINTERSTORE stored {k} {k2}",), NOT_LARGE),
        Cell("SUNIONSTORE", ("SUNIONSTORE stored {k} {k2}",), NOT_LARGE),
        Cell("SMOVE and back", ("SMOVE {k} moved {m}", "SMOVE moved {k} {m}")),
    ),
)

INTSETS = Family(
    "intsets",
    adding("SADD", lambda i: (str(3 * i),)),
    set_cells(
        Cell("SINTER", ("SINTER {k} {k2}",), NOT_LARGE),
        Cell("SUNION", ("SUNION {k} {k2}",), NOT_LARGE),
        Cell("SDIFF", ("SDIFF {k} {k2}",), NOT_LARGE),
    ),
    member=lambda i: str(3 * i),
)

HASHES = Family(
    "hashes",
    adding("HSET", lambda i: (member(i), str(1_000_000_000 + i))),
    (
        Cell("HGET", ("HGET {k} {m}",)),
        Cell("HGET absent", ("HGET {k} {new}",)),
        Cell("HSET there", ("HSET {k} {m} {r}",)),
        Cell("HMGET 10", ("HMGET {k} {m10}",)),
        Cell("HGETALL", ("HGETALL {k}",), NOT_LARGE),
        Cell("HKEYS", ("HKEYS {k}",), NOT_LARGE),
        Cell("HVALS", ("HVALS {k}",), NOT_LARGE),
        Cell("HEXISTS", ("HEXISTS {k} {m}",)),
        Cell("HLEN", ("HLEN {k}",)),
        Cell("HSTRLEN", ("HSTRLEN {k} {m}",)),
        Cell("HINCRBY", ("HINCRBY {k} {m} 1",)),
        Cell("HSETNX", ("HSETNX {k} {m} 1",)),
        Cell("HSCAN", ("HSCAN {k} 0 COUNT 10",)),
        Cell("HRANDFIELD", ("HRANDFIELD {k}",)),
        Cell("HRANDFIELD 10", ("HRANDFIELD {k} 10 WITHVALUES",)),
        Cell("HDEL + HSET", ("HDEL {k} {m}", "HSET {k} {m} 1000000001")),
        *SAVING,
        Cell("HEXPIRE", ("HEXPIRE {k} 10000 FIELDS 1 {m}",)),
        Cell("HTTL", ("HTTL {k} FIELDS 1 {m}",)),
        Cell("HGET after HEXPIRE", ("HGET {k} {m}",)),
    ),
)

ZSETS = Family(
    "zsets",
    adding("ZADD", lambda i: (str(score_of(i)), member(i))),
    (
        Cell("ZSCORE", ("ZSCORE {k} {m}",)),
        Cell("ZMSCORE 10", ("ZMSCORE {k} {m10}",)),
        Cell("ZRANK", ("ZRANK {k} {m}",)),
        Cell("ZREVRANK", ("ZREVRANK {k} {m}",)),
        Cell("ZRANGE 0 9", ("ZRANGE {k} 0 9",)),
        Cell("ZREVRANGE 0 9 WITHSCORES", ("ZREVRANGE {k} 0 9 WITHSCORES",)),
        Cell("ZRANGE middle 10", ("ZRANGE {k} {i} {i9}",)),
        Cell("ZRANGEBYSCORE LIMIT 10", ("ZRANGEBYSCORE {k} {s} +inf LIMIT 0 10",)),
        Cell("ZRANGEBYSCORE about 20", ("ZRANGEBYSCORE {k} {s} {s9} WITHSCORES",)),
        Cell("ZCOUNT", ("ZCOUNT {k} {s} +inf",)),
        Cell("ZCARD", ("ZCARD {k}",)),
        Cell("ZRANDMEMBER", ("ZRANDMEMBER {k}",)),
        Cell("ZSCAN", ("ZSCAN {k} 0 COUNT 10",)),
        Cell("ZADD same score", ("ZADD {k} {s} {m}",)),
        Cell("ZREM + ZADD", ("ZREM {k} {m}", "ZADD {k} {s} {m}")),
        Cell("ZINTER with small", ("ZINTER 2 {k} zsets:10:0 WITHSCORES",), (MEDIUM, LARGE)),
        Cell("ZINTER", ("ZINTER 2 {k} {k2}",), NOT_LARGE),
        Cell("ZUNION", ("ZUNION 2 {k} {k2} WITHSCORES",), NOT_LARGE),
        Cell("ZUNIONSTORE", ("ZUNIONSTORE stored 2 {k} {k2}",), NOT_LARGE),
        Cell("ZINTERSTORE", ("ZINTERSTORE stored 2 {k} {k2}",), NOT_LARGE),
        Cell("ZDIFF small", ("ZDIFF 2 zsets:10:0 {k}",)),
        Cell("ZRANGESTORE 10", ("ZRANGESTORE stored {k} {i} {i9}",)),
        Cell("ZINCRBY", ("ZINCRBY {k} 1 {m}",)),
        Cell("ZADD elsewhere", ("ZADD {k} {r} {m}",)),
        Cell("ZPOPMIN + ZADD", ("ZPOPMIN {k}", "ZADD {k} {r} {new}")),
        *SAVING,
    ),
)

BITMAPS = Family(
    "bitmaps",
    lambda size, key: iter([("SET", key, ("\x5a\x00\x0f" * size)[:size])]),
    (
        Cell("GETBIT", ("GETBIT {k} {bit}",)),
        Cell("SETBIT", ("SETBIT {k} {bit} 1",)),
        Cell("BITCOUNT", ("BITCOUNT {k}",)),
        Cell("BITCOUNT 10 bytes", ("BITCOUNT {k} {i} {i9}",)),
        Cell("BITPOS", ("BITPOS {k} 1 {i}",)),
        Cell("BITFIELD GET", ("BITFIELD {k} GET u8 {i}",)),
        Cell("BITFIELD SET", ("BITFIELD {k} SET u8 {i} 7",)),
        Cell("BITFIELD INCRBY", ("BITFIELD {k} OVERFLOW SAT INCRBY i16 {i} 1",)),
        Cell("BITFIELD_RO", ("BITFIELD_RO {k} GET u4 0",)),
        Cell("BITOP AND", ("BITOP AND combined {k} {k2}",)),
        Cell("BITOP XOR", ("BITOP XOR combined {k} {k2}",)),
        Cell("BITOP NOT", ("BITOP NOT combined {k}",)),
    ),
    keys=(10_000, 100, 2),
)

HYPERLOGLOGS = Family(
    "hyperloglogs",
    adding("PFADD", lambda i: (member(i),)),
    (
        Cell("PFADD there", ("PFADD {k} {m}",)),
        Cell("PFADD 10", ("PFADD {k} {m10}",)),
        Cell("PFCOUNT", ("PFCOUNT {k}",)),
        Cell("PFCOUNT 2", ("PFCOUNT {k} {k2}",)),
        Cell("PFADD new, PFCOUNT", ("PFADD {k} {r}", "PFCOUNT {k}")),
        Cell("PFMERGE", ("PFMERGE merged {k} {k2}",)),
        Cell("PFMERGE new", ("PFMERGE fresh {k} {k2}", "DEL fresh")),
    ),
    keys=(1_000, 100, 2),
)

GEO = Family(
    "geo",
    adding("GEOADD", place_words),
    (
        Cell("GEOPOS", ("GEOPOS {k} {m}",)),
        Cell("GEOHASH", ("GEOHASH {k} {m}",)),
        Cell("GEODIST", ("GEODIST {k} {m} {near} km",)),
        Cell("GEOSEARCH radius", ("GEOSEARCH {k} FROMLONLAT {lon} {lat} BYRADIUS {km} km ASC COUNT 10",)),
        Cell("GEOSEARCH member", ("GEOSEARCH {k} FROMMEMBER {m} BYRADIUS {km} km WITHDIST",)),
        Cell("GEOSEARCH box", ("GEOSEARCH {k} FROMLONLAT {lon} {lat} BYBOX {km} {km} km WITHCOORD",)),
        Cell("GEORADIUS", ("GEORADIUS {k} {lon} {lat} {km} km WITHDIST COUNT 10",)),
        Cell("GEOSEARCHSTORE", ("GEOSEARCHSTORE stored {k} FROMLONLAT {lon} {lat} BYRADIUS {km} km",)),
        Cell("GEOADD same", ("GEOADD {k} {here} {m}",)),
        Cell("GEOADD elsewhere", ("GEOADD {k} {lon} {lat} {m}",)),
    ),
)

SORTING = Family(
    "sorting",
    adding("RPUSH", lambda i: (str(score_of(i)),)),
    (
        Cell("SORT", ("SORT {k}",), NOT_LARGE),
        Cell("SORT LIMIT 10", ("SORT {k} LIMIT 0 10",), NOT_LARGE),
        Cell("SORT DESC LIMIT 10", ("SORT {k} DESC LIMIT 0 10",), NOT_LARGE),
        Cell("SORT ALPHA", ("SORT {k} ALPHA",), NOT_LARGE),
        Cell("SORT BY nosort GET", ("SORT {k} BY nosort GET w:* LIMIT 0 10",)),
        Cell("SORT BY weights", ("SORT {k} BY w:* LIMIT 0 10",), NOT_LARGE),
        Cell("SORT STORE", ("SORT {k} STORE stored",), NOT_LARGE),
        Cell("SORT_RO", ("SORT_RO {k}",), NOT_LARGE),
    ),
    member=lambda i: str(score_of(i)),
)

FAMILIES = {
    family.name: family
    for family in (
        STRINGS, KEYS, LISTS, SETS, INTSETS, HASHES, ZSETS, BITMAPS, HYPERLOGLOGS, GEO, SORTING,
    )
}
