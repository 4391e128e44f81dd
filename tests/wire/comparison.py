"""When are the replies of two servers to the same command the same reply?

Exactly, byte for byte and type for type, except where the protocol promises less:

    UNORDERED   sets, keys, fields: the same elements in any order
    PAIRS       the same, the elements being flat pairs
    SCAN        [cursor, elements] of a call that covers everything; else only its shape
    WHOLE       UNORDERED when the command asks for at least the whole collection, else the shape
    SHAPE       random or private content: type and, for aggregates, the number of elements
    KIND        the type alone; so for HELP, which is prose
    TIME        numbers that count time
    DEEP        everything unordered at every depth (COMMAND INFO)
    IDENTITY    HELLO: which fields a server has beyond the common ones, and who it is, is its own matter

Errors are always compared exactly.
"""
from wire_client import Aggregate, Array, Error, Map, Null, parse

WHOLE_COUNT = 100_000
TIME_TOLERANCE = {b"TTL": 2, b"PTTL": 2500, b"EXPIRETIME": 2, b"PEXPIRETIME": 2500, b"IDLETIME": 10}
FIELD_TIMES = {b"HTTL", b"HPTTL", b"HEXPIRETIME", b"HPEXPIRETIME"}
UNORDERED = {b"SMEMBERS", b"KEYS", b"HKEYS", b"HVALS", b"SUNION", b"SINTER", b"SDIFF"}
KIND = {b"VLINKS", b"RANDOMKEY", b"INFO", b"TIME"}
KIND_OF_SUBCOMMAND = {
    (b"CLIENT", b"ID"), (b"CLIENT", b"INFO"), (b"CLIENT", b"LIST"),
    (b"MEMORY", b"USAGE"), (b"COMMAND", b"COUNT"), (b"DEBUG", b"OBJECT"),
}
CONTAINERS = {b"CLIENT", b"DEBUG", b"OBJECT", b"COMMAND", b"MEMORY"}
RANDOM = {b"VRANDMEMBER", b"SRANDMEMBER", b"HRANDFIELD", b"ZRANDMEMBER", b"SPOP"}
HELLO_FIELDS = {b"proto", b"mode", b"role"}


def order(reply):
    """A key by which any replies can be sorted."""
    return repr(reply)


def unordered(reply):
    return type(reply)(sorted(reply, key=order)) if isinstance(reply, Aggregate) else reply


def pairs(reply):
    flat = type(reply) is Array and not any(isinstance(item, Aggregate) for item in reply)
    if flat and len(reply) % 2 == 0:
        return Array(sorted(zip(reply[::2], reply[1::2], strict=True), key=order))
    return unordered(reply)


def deep(reply):
    """Everything sorted; remarks in prose ("notes" of a key specification) are left out."""
    if isinstance(reply, Map):
        kept = [(deep(key), deep(value)) for key, value in reply if key != b"notes"]
        return Map(sorted(kept, key=order))
    if type(reply) is Array and reply[:1] == [b"notes"]:
        reply = Array(reply[2:])
    if isinstance(reply, Aggregate):
        return type(reply)(sorted(map(deep, reply), key=order))
    return reply


def kind(reply):
    return reply if isinstance(reply, (Error, Null)) else type(reply).__name__


def shape(reply):
    return (kind(reply), len(reply)) if isinstance(reply, Aggregate) else kind(reply)


def all_whole(words):
    """Do all counts of a scan ask for everything?"""
    counts = [words[place + 1] for place in range(len(words) - 1) if words[place].upper() == b"COUNT"]
    return bool(counts) and all(WHOLE_COUNT <= int(count) < 1 << 31 for count in counts if count.isdigit())


def scan(words, reply, cursor_place):
    if type(reply) is not Array or len(reply) != 2:
        return reply
    if words[cursor_place] != b"0" or not all_whole(words):
        return [kind(item) for item in reply]
    with_values = words[0].upper() in (b"HSCAN", b"ZSCAN") and not {b"NOVALUES", b"NOSCORES"} & {
        word.upper() for word in words[3:]}
    return [reply[0], pairs(reply[1]) if with_values else unordered(reply[1])]


def drawn(words, reply):
    """The reply of a command that draws at random, unless it draws everything."""
    if len(words) > 2 and words[2].isdigit() and WHOLE_COUNT <= int(words[2]) < 1 << 62:
        flat_pairs = len(words) > 3 and type(reply) is Array
        return pairs(reply) if flat_pairs else unordered(reply)
    return shape(reply)


def identity(reply):
    """What of a HELLO is common to all servers."""
    fields = reply if type(reply) is Map else list(zip(reply[::2], reply[1::2], strict=False))
    return type(reply).__name__, [(name, value) for name, value in fields if name in HELLO_FIELDS]


def kind_alone(words):
    """Does only the type of this command's reply count?"""
    name = words[0].upper()
    if len(words) == 2 and words[1].upper() == b"HELP" and name in CONTAINERS:
        return True
    return name in KIND or (len(words) > 1 and (name, words[1].upper()) in KIND_OF_SUBCOMMAND)


def canonical(words, reply):
    """Return what of the reply to this command has to be equal."""
    if isinstance(reply, Error):
        return reply
    name = words[0].upper()
    if name in UNORDERED:
        return unordered(reply)
    if name == b"HGETALL":
        return pairs(reply)
    if name == b"SCAN" and len(words) > 1:
        return scan(words, reply, 1)
    if name in (b"SSCAN", b"HSCAN", b"ZSCAN") and len(words) > 2:
        return scan(words, reply, 2)
    if name in RANDOM:
        return drawn(words, reply)
    if name == b"VINFO" and isinstance(reply, Aggregate):
        return vector_info(reply)
    if kind_alone(words):
        return kind(reply)
    if name == b"HELLO" and isinstance(reply, Aggregate):
        return identity(reply)
    if name == b"COMMAND" and (len(words) == 1 or (len(words) == 2 and words[1].upper() == b"INFO")):
        return kind(reply)
    if name == b"COMMAND":
        return deep(reply) if len(words) > 1 and words[1].upper() in (b"INFO", b"GETKEYSANDFLAGS") else reply
    return reply


def tolerance(words):
    """How far two numbers may be apart in the reply to this command."""
    name = words[0].upper()
    if name == b"OBJECT" and len(words) > 1:
        name = words[1].upper()
    return TIME_TOLERANCE.get(name[1:] if name in FIELD_TIMES else name, 0)


def near(left, right):
    """Are these replies the same but for the last digits of doubles?"""
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return type(left) is type(right) and len(left) == len(right) and all(map(near, left, right))
    if left == right:
        return True
    try:
        return type(left) is type(right) and abs(float(left) - float(right)) <= 1e-5 * max(1, abs(float(left)))
    except (TypeError, ValueError):
        return False


def scored(words, reply):
    """A whole search: [(element, what is said of it)] by name, and the similarities in their order."""
    said = [word.upper() for word in words[4:]]
    per = 1 + (b"WITHSCORES" in said) + (b"WITHATTRIBS" in said)
    if type(reply) is Map:
        rows = [(name, *value) if isinstance(value, Aggregate) else (name, value) for name, value in reply]
    else:
        rows = list(zip(*(reply[place::per] for place in range(per)), strict=True))
    order_of = [row[1] for row in rows] if b"WITHSCORES" in said else []
    return [type(reply).__name__, sorted(rows, key=lambda row: bytes(row[0])), order_of]


def same_search(words, left, right):
    """Are two replies to VSIM the same? Only a search of everything is determined; equal similarities in any order."""
    if isinstance(left, Error) or isinstance(right, Error):
        return type(left) is type(right) and left == right
    said = [word.upper() for word in words]
    bounds = [said[place + 1:place + 2] for place, word in enumerate(said) if word in (b"COUNT", b"EF", b"FILTER-EF")]
    whole = len(bounds) == 3 and all(bound and bound[0].isdigit() and int(bound[0]) >= WHOLE_COUNT for bound in bounds)
    if not whole or not isinstance(left, Aggregate) or not isinstance(right, Aggregate):
        return type(left) is type(right)
    return near(scored(words, left), scored(words, right))


def vector_info(reply):
    """VINFO without what is drawn, and what counts sets."""
    own = (b"max-level", b"vset-uid")
    pairs_of = reply if type(reply) is Map else list(zip(reply[::2], reply[1::2], strict=False))
    return type(reply).__name__, [(name, value) for name, value in pairs_of if bytes(name) not in own]


def same(words, left, right):
    """Are these the same reply to the command `words`?"""
    if words[0].upper() == b"VSIM":
        return same_search(words, left, right)
    if words[0].upper() == b"VEMB":
        return near(left, right)
    if type(left) is int and type(right) is int and left >= 0 and right >= 0:
        return kind_alone(words) or abs(left - right) <= tolerance(words)
    if words[0].upper() in FIELD_TIMES and type(left) is type(right) is Array and len(left) == len(right):
        return all(same(words, one, other) for one, other in zip(left, right, strict=True))
    left, right = canonical(words, left), canonical(words, right)
    return type(left) is type(right) and left == right


def show(reply, limit=300):
    """The reply as one short line."""
    text = repr(reply)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def read(raw):
    """Return the reply whose bytes these are."""
    return parse(raw)[0]
