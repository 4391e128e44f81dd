"""The one table of differences that have a reason.

cydis follows Valkey 9.1. A row names the peers (labels such as "redis-7.0", or "redis" for all of them)
that differ from it, the command, what to do, and why. With AVOID the command is not sent, since the data
of the two servers would part; with REPLY it is sent and a difference of its replies is expected.
A row is in force when either of the two servers compared is one of its peers.
"""
import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from wire.values import KEYS
from wire_client import Error, Null, Text

AVOID, REPLY = "avoid", "reply"


@dataclass(frozen=True)
class Row:
    """`when(words, left, right)` narrows a REPLY row, `when(words)` an AVOID row.

    The name of the command, words[0], is given in upper case.
    """

    peers: str
    commands: str
    action: str
    reason: str
    when: Callable = lambda *_: True

    def concerns(self, words):
        return self.commands == "*" or words[0].decode("latin-1") in self.commands.split()


def has(*options):
    """A condition: one of these words stands among the options."""
    return lambda words, *_: any(word.upper() in options for word in words[1:])


def both_errors(words, left, right):
    """A condition: the texts of two errors differ."""
    return isinstance(left, Error) and isinstance(right, Error)


def one_is(kind):
    """A condition: the replies are of different types, one of them this one."""
    return lambda words, left, right: type(left) is not type(right) and kind in (type(left), type(right))


def an_error(words, left, right):
    """A condition: at least one reply is an error."""
    return isinstance(left, Error) or isinstance(right, Error)


def encodings(*names):
    """A condition: OBJECT ENCODING answered two of these."""
    return lambda words, left, right: has(b"ENCODING")(words) and left in names and right in names


def cut_short(words, left, right):
    """A condition: two errors repeat a long argument, one of them only its beginning."""
    texts = sorted((bytes(one).rstrip(b"'") for one in (left, right) if isinstance(one, Error)), key=len)
    return len(texts) == 2 and len(texts[0]) > 100 and texts[1].startswith(texts[0])


def equal_numbers(words, left, right, error=0.0):
    """A condition: the replies differ only in how they print numbers."""
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)) and len(left) == len(right):
        return all(equal_numbers(words, one, other, error) for one, other in zip(left, right, strict=True))
    if left == right:
        return True
    try:
        return type(left) is type(right) and abs(float(left) - float(right)) <= error
    except (TypeError, ValueError):
        return False


def equal_places(words, left, right):
    """The same where one of them prints 17 places after the point."""
    return equal_numbers(words, left, right, 1e-17)


SORTED_SETS = (
    "ZADD ZINCRBY ZSCORE ZMSCORE ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZPOPMIN ZPOPMAX ZMPOP "
    "ZUNION ZINTER ZDIFF ZSCAN ZRANDMEMBER ZRANK ZREVRANK"
)
FIELD_EXPIRY = (
    "HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT HTTL HPTTL HEXPIRETIME HPEXPIRETIME HPERSIST HGETEX HSETEX HGETDEL"
)
RANGES = "ZRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANGEBYLEX ZREVRANGEBYLEX"
SCORED = (
    "ZADD ZINCRBY ZCOUNT ZRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZREMRANGEBYSCORE ZRANGESTORE ZUNION ZINTER "
    "ZUNIONSTORE ZINTERSTORE GEOADD GEORADIUS GEORADIUS_RO GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEOSEARCH "
    "GEOSEARCHSTORE"
)


def beyond_32_bits(words, *_):
    """A condition: the index of LSET is outside of 32 bits."""
    return len(words) > 2 and words[2].lstrip(b"-").isdigit() and not -1 << 31 <= int(words[2]) < 1 << 31


def negative_offset(words, *_):
    """A condition: LIMIT has a negative offset."""
    return any(word.upper() == b"LIMIT" and after.startswith(b"-") for word, after in pairwise(words))


def waits_long(words, *_):
    """A condition: the command may wait longer than a moment."""
    timeout = words[1] if words[0] == b"BZMPOP" else words[-1]
    try:
        seconds = float.fromhex(timeout.decode()) if b"x" in timeout.lower() else float(timeout)
    except ValueError:
        return False
    return seconds == 0 or -0.01 < seconds < 0 or 0.01 < seconds < 1e16


def lenient_count(words, left, right):
    """A condition: GETKEYS found keys on one side only, by a count that is no integer to the command itself."""
    if not has(b"GETKEYS", b"GETKEYSANDFLAGS")(words) or isinstance(left, Error) == isinstance(right, Error):
        return False
    place = 4 if words[2].upper().startswith(b"B") or words[2].upper().endswith(b"STORE") else 3
    return not any(re.fullmatch(rb"[1-9][0-9]{0,8}", word) for word in words[place:place + 1])


def beyond_the_map(words, *_):
    """A condition: the centre of a polygon lies nearer to a pole than any place can."""
    at = [word.upper() for word in words].index(b"BYPOLYGON") if has(b"BYPOLYGON")(words) else len(words)
    try:
        degrees = [math.radians(float(word)) for word in words[at + 2:at + 2 + 2 * int(words[at + 1])]]
        points = list(zip(degrees[::2], degrees[1::2], strict=False))
        x = sum(math.cos(latitude) * math.cos(longitude) for longitude, latitude in points)
        y = sum(math.cos(latitude) * math.sin(longitude) for longitude, latitude in points)
        z = sum(math.sin(latitude) for _, latitude in points)
    except (ValueError, IndexError):
        return False
    return abs(math.degrees(math.atan2(z, math.hypot(x, y)))) > 85.05


def leading_space(words, *_):
    """A condition: a number begins with a space."""
    return any(word.lstrip(b"(").startswith(b" ") for word in words[2:])


def before_fields(words):
    """The options of a command of field expiry: those before the word FIELDS."""
    names = [word.upper() for word in words]
    first = 2 if names[0] in (b"HGETEX", b"HSETEX") else 3
    return names[first:names.index(b"FIELDS", first) if b"FIELDS" in names[first:] else len(names)]


def several_conditions(words, *_):
    """A condition: the same option twice, or two conditions together."""
    options = before_fields(words)
    return len(options) != len(set(options)) or len({b"NX", b"XX", b"GT", b"LT"} & set(options)) > 1


def wrapping_count(words, *_):
    """A condition: FIELDS is followed by a number whose double leaves 64 bits."""
    counts = [after for word, after in pairwise(words) if word.upper() == b"FIELDS"]
    return any(count.lstrip(b"-").isdigit() and abs(int(count)) >= 1 << 62 for count in counts)


def soon(words, *_):
    """A condition: a moment that counts from now, and not for long."""
    options = [word.upper() for word in words]
    counts = [after for word, after in pairwise(options) if word in (b"EX", b"PX")]
    counts += words[2:3] if options[0] in (b"HEXPIRE", b"HPEXPIRE") else []
    return any(word.isdigit() and 0 < int(word) < 100_000 and len(word) < 10 for word in counts)


def beyond_48_bits(words, *_):
    """A condition: some moment may lie beyond 48 bits of milliseconds."""
    return any(word.isdigit() and int(word) >= 1 << 47 for word in (*words[2:3], *before_fields(words)))


def with_nul(words, *_):
    """A condition: some argument of a naming command holds a NUL."""
    naming = has(b"SETNAME", b"SETINFO")(words)
    return naming and any(b"\0" in word for word in words)


def filter_after_id(words, *_):
    """A condition: the ID of CLIENT LIST is followed by another filter's name, not by a number."""
    return any(word.upper() == b"ID" and not after.lstrip(b"-").isdigit() for word, after in pairwise(words))


def huge_place(words, *_):
    """A condition: an offset with # is so large that the bits before it cannot be counted in 64 bits."""
    return any(word[:1] == b"#" and word[1:].isdigit() and int(word[1:]) >= 1 << 57 for word in words[2:])


def far_enough(word, least):
    """Whether this is an integer and not less."""
    return word.isdigit() and int(word) >= least


def on_hyperloglog(words, *_):
    """A condition: some key is one of those that hold HyperLogLogs."""
    return any(word in KEYS["hll"] for word in words[1:])


def far_below(words, *_):
    """A condition: a number is so small that a field's largest, less that number, leaves 64 bits."""
    return has(b"SAT")(words) and any(word[:1] == b"-" and word[1:].isdigit() and int(word) < -(1 << 62)
                                      for word in words[3:])


def one_is_null(words, left, right):
    """A condition: USAGE found the key on one side only."""
    return has(b"USAGE")(words) and Null in (type(left), type(right))


def over_already(words, *_):
    """A condition: the moment at which keys expire is over."""
    return any(word.upper() == unit and after.isdigit() and int(after) < over
               for word, after in pairwise(words) for unit, over in ((b"EXAT", 2 * 10**9), (b"PXAT",
                                                                                            2 * 10**12)))


def sort_by(words, starred):
    """Whether a SORT is BY a pattern with a '*' (starred), or without one: then nothing is sorted."""
    patterns = [after for word, after in pairwise(words[2:]) if word.upper() == b"BY"]
    return bool(patterns) and (b"*" in patterns[-1]) == starred


def unordered_set(words, *_):
    """A condition: SORT of what may be a set, in the order in which it lies there."""
    return sort_by(words, False)


def stored_in_store(words, *_):
    """A condition: COMMAND GETKEYS of a SORT with a destination that is called STORE."""
    return has(b"SORT")(words) and sum(word.upper() == b"STORE" for word in words) > 1


def equal_weights(words, *_):
    """A condition: SORT by texts of which several may be equal."""
    return sort_by(words, True) and has(b"ALPHA")(words)


def equal_weights_stored(words, *_):
    """A condition: the same, and the result is kept."""
    return equal_weights(words) and has(b"STORE")(words)


def texts_with_nul(words, left, right):
    """A condition: SORT by texts, of which some hold a NUL, or may (GET shows others)."""
    return has(b"ALPHA")(words) and ("\\x00" in repr((left, right)) or has(b"GET")(words))


def both_bytes(words, left, right):
    """A condition: both found a value."""
    return isinstance(left, bytes) and isinstance(right, bytes) and not isinstance(left, Text) \
        and not isinstance(right, Text)


def tables_inside(words, left, right):
    """A condition: both said something of a hash table."""
    return has(b"HTSTATS", b"HTSTATS-KEY")(words) and not isinstance(left, Error) and not isinstance(right, Error)


def beyond_time(words, *_):
    """A condition: the time to live of RESTORE leads beyond what a moment can be."""
    return len(words) > 2 and words[2].isdigit() and int(words[2]) > (1 << 63) - (1 << 42) and b"ABSTTL" not in [
        word.upper() for word in words]


VECTORS = "VADD VSIM VREM VCARD VDIM VEMB VINFO VLINKS VRANDMEMBER VISMEMBER VSETATTR VGETATTR"


def beyond_a_vector(words, *_):
    """A condition: some number is infinite, or so large that the peer ends of it."""
    for word, after in pairwise((*words[2:], b"")):
        text, packed = word.lower().lstrip(b"+-"), after if word.upper() == b"FP32" and len(after) % 4 == 0 else b""
        if text.startswith((b"inf", b"nan")) or (word.isdigit() and int(word) >= 1 << 31):
            return True
        if not all(abs(number) < 1e18 for number in struct.unpack(f"<{len(packed) // 4}f", packed)):
            return True
    return False


def of_vectors(words, *_):
    """A condition: the source may be a vector set."""
    return len(words) > 1 and words[1] in (b"v0", b"v1", b"v2", b"projected")


TABLE = [
    Row("valkey redis-6.2 redis-7.0 redis-7.2 redis-7.4", VECTORS, AVOID, "Redis 8 only"),
    Row("redis-8.0", "VADD VSIM", AVOID, "a flaw of the peer: stores what is not finite, and ends of large counts",
        beyond_a_vector),
    Row("redis-8.0", "VADD", AVOID, "a flaw of the peer: attributes set along with CAS are not counted",
        lambda words, *_: has(b"CAS")(words) and has(b"SETATTR")(words)),
    Row("redis-8.0", "VRANDMEMBER", AVOID, "a flaw of the peer: ends of the least integer",
        has(b"-9223372036854775808")),
    Row("redis-8.0", "COPY", AVOID, "vector sets cannot be copied there", of_vectors),
    Row("redis-8.0", "RENAME RENAMENX", AVOID, "the same, once they have another name", of_vectors),
    Row("valkey", "SCAN", REPLY, "vector sets are no type there", has(b"VECTORSET")),
    Row("valkey redis", "DUMP", REPLY, "version and compression of the bytes are each server's own", both_bytes),
    Row("redis", "RESTORE RESTORE-ASKING", AVOID, "a moment beyond all that can be said is far, not over", beyond_time),
    Row("valkey redis", "*", REPLY, "our errors repeat no more than 200 bytes of what was wrong", cut_short),
    Row("valkey redis", "SORT", AVOID, "equal weights are in no order, and the list would keep it",
        equal_weights_stored),
    Row("valkey redis", "SORT SORT_RO", REPLY, "equal weights are in no order", equal_weights),
    Row("valkey redis", "SORT SORT_RO", REPLY, "a set that is not sorted is in no order", unordered_set),
    Row("valkey redis", "SORT SORT_RO", REPLY, "texts are compared up to a NUL, what follows is in no order",
        texts_with_nul),
    Row("valkey redis", "COMMAND", REPLY, "a flaw of the peers: SORT's destination STORE is taken for the option",
        stored_in_store),
    Row("valkey redis", "DEBUG", AVOID, "a size that is taken stays, and SORT's lists have another encoding there then",
        lambda words: has(b"QUICKLIST-PACKED-THRESHOLD")(words) and not has(b"JUNK")(words)),
    Row("redis", "DEBUG", REPLY, "OBJECT takes no second word", has(b"OBJECT")),
    Row("redis", "DEBUG", REPLY, "a small hash whose fields expire is a listpack there",
        has(b"LISTPACK", b"HTSTATS-KEY")),
    Row("valkey redis", "DEBUG", REPLY, "what tables look like inside is each server's own", tables_inside),
    Row("redis-8.0", "DEBUG", AVOID, "the same, and of vector sets the very graph: compared at the end of each epoch",
        lambda words: words[1:2] and words[1].upper() == b"DIGEST"),
    Row("redis-8.0", "DEBUG", REPLY, "when fields expire is in the digests",
        lambda words, *_: has(b"DIGEST-VALUE")(words) and not {*words[2:]} <= {b"v0", b"v1", b"v2"}),
    Row("redis", "SORT", AVOID, "an empty text is the number 0, and 1e400 is infinite", has(b"STORE")),
    Row("redis", "SORT SORT_RO", REPLY, "an empty text is the number 0, and 1e400 is infinite", an_error),
    Row("valkey", "MSETEX", AVOID,
        "stores keys whose time is over; DBSIZE counts them until the expiry cycle comes by",
        over_already),
    Row("valkey redis", "BITFIELD BITFIELD_RO", AVOID,
        "a flaw of the peers: the place behind # is multiplied beyond 64 bits, and wraps around", huge_place),
    Row("valkey redis", "PFDEBUG", AVOID, "a flaw of the peers: SIMD with neither ON nor OFF is answered twice",
        lambda words: has(b"SIMD")(words) and not has(b"ON", b"OFF")(words)),
    Row("valkey redis", "PFDEBUG", REPLY,
        "a flaw of the peers: of half an opcode at the end, the other half is read behind the string", has(b"DECODE")),
    Row("valkey redis", "CONFIG", AVOID,
        "a flaw of the peers: they end at an opcode replaced by one as long, in a HyperLogLog below 32 bytes and not "
        "below the limit", lambda words: has(b"HLL-SPARSE-MAX-BYTES")(words) and not far_enough(words[-1], 32)),
    Row("valkey redis", "SETBIT BITFIELD BITOP SETRANGE APPEND", AVOID,
        "a flaw of the peers: damaged HyperLogLogs are read behind their end, and may end the server", on_hyperloglog),
    Row("valkey redis", "BITFIELD", AVOID,
        "a flaw of the peers: SAT makes the largest number of one near the smallest of 64 bits", far_below),
    Row("valkey redis", "CONFIG", REPLY, "names of directives are shown up to a NUL", both_errors),
    Row("valkey redis", "CONFIG", AVOID, "a flaw of the peers: numbers are read up to a NUL",
        lambda words: has(b"SET")(words) and any(b"\0" in word for word in words)),
    Row("redis", "BITCOUNT", REPLY, "a start needs an end, and the end is read before the unit",
        lambda words, left, right: len(words) == 3 or both_errors(words, left, right)),
    Row("valkey", "MEMORY", REPLY, "USAGE sees a key whose time is over until it is removed", one_is_null),
    Row("valkey redis-8.0", "CLIENT HELLO", AVOID,
        "a flaw of the peers: names are checked up to a NUL, spaces and lines may follow it", with_nul),
    Row("valkey", "CLIENT", REPLY, "a flaw: LIST ID takes no ids at all before the name of another filter",
        filter_after_id),
    Row("valkey redis-8.0", "LSET", AVOID, "a flaw of the peers: indexes are cut to 32 bits", beyond_32_bits),
    Row("valkey", "COMMAND", REPLY, "a flaw: a count of keys is read up to what is no digit", lenient_count),
    Row("valkey", "GEOSEARCHSTORE", AVOID, "as below, with a destination", beyond_the_map),
    Row("valkey", "GEOSEARCH", REPLY, "a flaw: a polygon whose centre is beyond the map finds nothing", beyond_the_map),
    Row("redis", "GEOSEARCHSTORE", AVOID, "BYPOLYGON is Valkey's", has(b"BYPOLYGON")),
    Row("redis", "GEOSEARCH", REPLY, "BYPOLYGON is Valkey's", has(b"BYPOLYGON")),
    Row("redis", "GEOSEARCH GEOSEARCHSTORE GEORADIUS GEORADIUS_RO GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO", REPLY,
        "errors name neither a missing member nor BYPOLYGON", both_errors),
    Row("redis", "GEOPOS GEOSEARCH GEORADIUS GEORADIUS_RO GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO", REPLY,
        "coordinates have the fewest digits that tell them apart", equal_places),
    Row("valkey redis", "BZPOPMIN BZPOPMAX BZMPOP", AVOID, "nobody comes to end their wait", waits_long),
    Row("valkey redis", "ZRANGESTORE", AVOID, "as below, with a destination", negative_offset),
    Row("valkey redis-8.0", RANGES, REPLY,
        "a flaw of the peers: a negative LIMIT offset counts from the end in a skiplist, and only there",
        negative_offset),
    Row("redis", "DELIFEQ MSETEX", AVOID, "Valkey only"),
    Row("redis", "SET", AVOID, "IFEQ is Valkey's", has(b"IFEQ")),
    Row("redis", "GETEX", REPLY, "the key is looked up before the options are checked"),
    Row("valkey", "HGETEX HSETEX", AVOID, "a flaw of the peer: a key called FIELDS is taken for the word",
        lambda words: words[1:2] and words[1].upper() == b"FIELDS"),
    Row("valkey", "HSETEX", AVOID, "a flaw of the peer: twice the number of pairs wraps around", wrapping_count),
    Row("valkey redis", "HEXPIRE HPEXPIRE HGETEX HSETEX", AVOID,
        "what expires soon is gone on one server while the other is asked", soon),
    Row("redis-7.0", FIELD_EXPIRY, AVOID, "field expiry came with 7.4, the rest with 8.0"),
    Row("redis", "HSETEX", AVOID, "NX and XX, conditions on the key, are Valkey's", has(b"NX", b"XX")),
    Row("redis", "HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT HGETEX HSETEX", AVOID,
        "one condition at most, and no option twice", several_conditions),
    Row("redis", "HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT HGETEX HSETEX", AVOID,
        "moments of fields end at 48 bits", beyond_48_bits),
    Row("redis", FIELD_EXPIRY, REPLY, "other errors, looked for in another order, the type of the key first",
        both_errors),
    Row("redis", "OBJECT", REPLY, "a small hash whose fields expire is a listpack of its own kind",
        encodings(b"listpackex", b"hashtable", b"listpack")),
    Row("redis", "SCAN", REPLY, "an unknown TYPE matches nothing, and is no error", has(b"TYPE")),
    Row("redis", "OBJECT", REPLY, "embstr ends at 44 bytes whatever the key", encodings(b"embstr", b"raw")),
    Row("redis", "OBJECT", REPLY, "small integers are shared, so their count and idle time mean nothing",
        has(b"REFCOUNT", b"IDLETIME")),
    Row("redis", "DBSIZE", REPLY, "a key stored with a time in the past counts until somebody looks for it"),
    Row("redis", "CLIENT", REPLY, "LIST ID takes any integer", has(b"LIST")),
    Row("redis", SCORED, AVOID, "hexadecimal numbers are scores",
        lambda words: any(word[:3].lstrip(b"(-+").lower().startswith(b"0x") for word in words[2:])),
    Row("redis", "MEMORY", REPLY, "a key stored with a time in the past is there until somebody looks for it",
        has(b"USAGE")),
    Row("redis", SORTED_SETS, REPLY,
        "minus zero is printed as 0; before 7.2 doubles have 17 digits", equal_numbers),
    Row("redis-7.0", "DEBUG", REPLY, "digests are made of doubles of 17 digits before 7.2", has(b"DIGEST")),
    Row("redis-7.0", "ZRANK ZREVRANK", REPLY, "WITHSCORE came with 7.2", lambda words, *_: len(words) > 3),
    Row("redis-7.0", "CLIENT", REPLY, "came with 7.2", has(b"NO-TOUCH", b"SETINFO")),
    Row("redis-7.0", "SCAN SSCAN HSCAN ZSCAN", REPLY,
        "cursors are read leniently, and after the key, before 7.2", an_error),
    Row("redis-7.0", "OBJECT", REPLY, "sets and lists have listpacks since 7.2",
        encodings(b"listpack", b"hashtable", b"quicklist", b"intset")),
    Row("redis", "OBJECT", REPLY, "members that ZADD does not add do not convert the sorted set",
        encodings(b"listpack", b"skiplist")),
    Row("redis-8.0", "OBJECT|ENCODING", REPLY,
        "the name with a bar is a command once the plain one was called"),
    Row("redis-7.0", "LREM LPOS", AVOID, "the lowest integer is a valid count and rank before 7.2",
        has(b"-9223372036854775808")),
    Row("redis-7.0", "HSCAN", REPLY, "NOVALUES came with 7.4"),
    Row("redis", "SCAN SSCAN HSCAN ZSCAN", REPLY, "NOSCORES is Valkey's", has(b"NOSCORES")),
    Row("redis-7.0", "HELLO", AVOID, "an option is executed although a later one is wrong", has(b"SETNAME")),
    Row("redis-7.0", "HELLO AUTH", REPLY, "the options are executed while they are read", both_errors),
    Row("redis-7.0", SCORED, AVOID, "a number may begin with a space before 7.2", leading_space),
    Row("redis", "COMMAND", REPLY, "facts of the command table differ between products and versions"),
    Row("redis-8.0", "AUTH HELLO", AVOID,
        "a wrong password that is not the first command of a pipeline is never answered",
        lambda words: len(words) > 2 and (words[0] == b"AUTH" or has(b"AUTH")(words))),
]


def rows_between(left, right):
    """Return the rows in force between two servers, given by their labels."""
    return [row for row in TABLE if any(
        label == peer or label.startswith(f"{peer}-") for peer in row.peers.split() for label in (left, right)
    )]


def upper(words):
    return (words[0].upper(), *words[1:])


def avoider(left, right):
    """Return the function that tells whether a command must not be sent."""
    rows = [row for row in rows_between(left, right) if row.action == AVOID]

    def avoid(words):
        words = upper(words)
        return any(row.concerns(words) and row.when(words) for row in rows)
    return avoid


def explainer(left, right):
    """Return the function that gives the reason for a difference, or None."""
    rows = [row for row in rows_between(left, right) if row.action == REPLY]

    def explain(words, left_reply, right_reply):
        words = upper(words)
        for row in rows:
            if row.concerns(words) and row.when(words, left_reply, right_reply):
                return row.reason
        return None
    return explain
