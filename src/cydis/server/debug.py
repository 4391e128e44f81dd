"""DEBUG: for those who test a server, or look into one.

Off unless `enable-debug-command` says otherwise; a program may always look into the engine that it holds.

DEBUG subcommand [argument ...]
    DIGEST, DIGEST-VALUE key ...: what is equal where data are. OBJECT key [FAST], LISTPACK key, QUICKLIST key: how a
    value is held. HTSTATS database [FULL], HTSTATS-KEY key [FULL]: what a hash table looks like. POPULATE count
    [prefix] [size]: makes keys. PROTOCOL type, ERROR text: replies of every kind. SLEEP seconds: everything stands
    still for so long. SET-ACTIVE-EXPIRE, PAUSE-CRON 0|1: what happens without being asked for. LOG text. HELP.
    O(1), and what the subcommand looks at. Since 1.0.0.
"""
from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from cydis.engine import inspect
from cydis.engine.door import CommandError, Members, Raw, Request, Verbatim, command
from cydis.server.kinds import parse_memory
from cydis.server.shell import shell_of

NOT_ALLOWED = (
    'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it '
    "from a local connection, otherwise you need to set this option in the configuration file, and then "
    "restart the server."
)
NUMBER = re.compile(rb"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
INTEGER = re.compile(rb"0|-?[1-9]\d{0,18}")
LARGEST = (1 << 63) - 1
NOT_AN_INTEGER = "ERR value is not an integer or out of range"
NOT_POSITIVE = "ERR value is out of range, must be positive"
PACKED_MOST = (1 << 32) - (1 << 20)
WRONG_SIZE = "ERR argument must be a memory value bigger than 1 and smaller than 4gb"

NOT_UNDERSTOOD = object()                # what a handler returns that does not know its arguments

Handler = Callable[..., object]
SUBCOMMANDS: dict[bytes, tuple[int, int, Handler]] = {}      # name -> fewest and most arguments, handler


def subcommand(name: str, fewest: int, most: int) -> Callable[[Handler], Handler]:
    """A decorator: the handler of a DEBUG subcommand with so many arguments."""
    def keep(handler: Handler) -> Handler:
        SUBCOMMANDS[name.lower().encode()] = fewest, most, handler
        return handler
    return keep


@command("DEBUG", -2, "admin noscript loading stale")
def debug(request: Request, name: bytes, *arguments: bytes) -> object:
    allowed = shell_of(request.engine).config["enable-debug-command"]
    if not request.embedded and (allowed == "no" or (allowed == "local" and not request.local)):
        raise CommandError(NOT_ALLOWED)
    fewest, most, handler = SUBCOMMANDS.get(name.lower(), (1, 0, debug))
    answer = handler(request, *arguments) if fewest <= len(arguments) <= most else NOT_UNDERSTOOD
    return unknown(name) if answer is NOT_UNDERSTOOD else answer


def unknown(name: bytes) -> object:
    shown = name[:128].split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
    raise CommandError(f"ERR unknown subcommand or wrong number of arguments for '{shown}'. Try DEBUG HELP.")


# ---- arguments ----

def leading_number(text: bytes) -> float:
    """The number that a text begins with; 0 when it begins with none."""
    found = NUMBER.match(text)
    return float(found.group()) if found else 0.0


def switch(text: bytes) -> bool:
    return int(leading_number(text)) != 0


def whole(text: bytes, error: str, least: int = -LARGEST - 1) -> int:
    """A strict integer of 64 bits."""
    number = int(text) if INTEGER.fullmatch(text) else None
    if number is None or not least <= number <= LARGEST:
        raise CommandError(error)
    return number


def inside(look: Callable[..., Any], request: Request, key: bytes, other_encoding: str) -> Any:
    """What `look` tells of the value at a key."""
    try:
        return look(request.engine, request.db, key)
    except KeyError as error:
        raise CommandError("ERR no such key" if error.args[0] == inspect.NO_KEY else other_encoding) from None


# ---- data ----

@subcommand("DIGEST", 0, 0)
def digest(request: Request) -> str:
    return inspect.digest(request.engine)


@subcommand("DIGEST-VALUE", 0, LARGEST)
def digest_value(request: Request, *keys: bytes) -> list[str]:
    return [inspect.digest_value(request.engine, request.db, key) for key in keys]


@subcommand("POPULATE", 1, 3)
def populate(request: Request, count: bytes, prefix: bytes = b"key", size: bytes = b"0") -> str:
    number = whole(count, NOT_POSITIVE, 0)
    try:
        inspect.populate(request.engine, request.db, number, prefix, whole(size, NOT_POSITIVE, 0))
    except MemoryError as error:
        raise CommandError(f"OOM {error}") from None
    return "OK"


# ---- how values are held ----

@subcommand("OBJECT", 1, 2)
def describe(request: Request, key: bytes, fast: bytes = b"") -> str:
    known = request.object(key)
    if known is None:
        raise CommandError("ERR no such key")
    size = known["size"] + (known["encoding"] in ("embstr", "raw"))       # a string's length goes before it
    length = "" if fast.lower() == b"fast" else f"serializedlength:{size} "
    return (f"Value at:{known['address']:#x} refcount:1 encoding:{known['encoding']} "
            f"{length}lru:{known['clock']} lru_seconds_idle:{known['idle']}"
            f"{chunks(request, key) if known['encoding'] == 'quicklist' and length else ''}")


def chunks(request: Request, key: bytes) -> str:
    """What OBJECT tells of a long list beyond that."""
    held = inspect.quicklist(request.engine, request.db, key)
    fill = shell_of(request.engine).config["list-max-listpack-size"]
    return (f" ql_nodes:{len(held)} ql_avg_node:{sum(count for count, _, _ in held) / len(held):.2f} "
            f"ql_listpack_max:{fill} ql_compressed:0 ql_uncompressed_size:{sum(size for _, size, _ in held)}")


@subcommand("LISTPACK", 1, 1)
def listpack(request: Request, key: bytes) -> str:
    size, entries = inside(inspect.listpack, request, key, "ERR Not a listpack encoded object.")
    print(f"{len(entries)} entries in {size} bytes", *(f"{at:6d}  {entry!r}" for at, entry in entries), sep="\n")
    return "Listpack structure printed on stdout"


@subcommand("QUICKLIST", 1, 2)
def quicklist(request: Request, key: bytes, detail: bytes = b"0") -> str:
    held = inside(inspect.quicklist, request, key, "ERR Not a quicklist encoded object.")
    print(f"{len(held)} chunks", *(f"{number:6d}  {count} elements in {size} bytes{', plain' if plain else ''}"
                                   for number, (count, size, plain) in enumerate(held)), sep="\n")
    return "Quicklist structure printed on stdout"


@subcommand("QUICKLIST-PACKED-THRESHOLD", 1, 1)
def packed_threshold(request: Request, size: bytes) -> str:
    """Nothing changes: a chunk leaves out by itself what it cannot hold."""
    try:
        if parse_memory(size.decode("latin-1")) <= PACKED_MOST:
            return "OK"
    except ValueError:
        pass
    raise CommandError(WRONG_SIZE)


# ---- hash tables ----

def table_text(table: dict[str, Any], full: bool) -> str:
    """What a hash table looks like, for people."""
    text = (f"Hash table 0 stats (main hash table):\n table size: {7 * (table['buckets'] + table['chained'])}\n"
            f" number of entries: {table['entries']}\n rehashing index: -1\n")
    if not full:
        return text
    shares = [(number, count) for number, count in enumerate(table["filled"]) if count]
    return text + (
        f" top-level buckets: {table['buckets']}\n child buckets: {table['chained']}\n"
        f" most entries of a bucket: {table['longest']}\n bytes: {table['bytes']}\n entries per bucket:\n"
        + "".join(f"   {number}: {count} ({100 * count / table['buckets']:.2f}%)\n" for number, count in shares))


@subcommand("HTSTATS", 1, LARGEST)
def tables(request: Request, number: bytes, full: bytes = b"", *more: bytes) -> Verbatim:
    db = whole(number, NOT_AN_INTEGER)
    if not 0 <= db < request.engine.stats()["databases"]:
        raise CommandError("ERR Out of range database")
    table = inspect.table_of_keys(request.engine, db)
    shown = table_text(table, full.lower() == b"full") if table["entries"] else ""
    expire = inspect.expiring(request.engine, db)
    return Verbatim(f"[Dictionary HT]\n{shown}[Expires HT]\n"
                    f"{f' number of entries: {expire}, in the table above' + chr(10) if expire else ''}".encode())


@subcommand("HTSTATS-KEY", 1, LARGEST)
def table_of_key(request: Request, key: bytes, full: bytes = b"", *more: bytes) -> Verbatim:
    table = inside(inspect.table_of_value, request, key,
                   "ERR The value stored at the specified key is not represented using an hash table")
    return Verbatim(table_text(table, full.lower() == b"full").encode())


# ---- what happens without being asked for ----

@subcommand("SLEEP", 1, 1)
def sleep(request: Request, seconds: bytes) -> str:
    time.sleep(max(0.0, leading_number(seconds)))
    return "OK"


@subcommand("SET-ACTIVE-EXPIRE", 1, 1)
def set_active_expire(request: Request, yes: bytes) -> str:
    request.engine.set_setting("active-expire", switch(yes))
    return "OK"


@subcommand("PAUSE-CRON", 1, 1)
def pause_cron(request: Request, yes: bytes) -> str:
    request.engine.set_setting("cron-paused", switch(yes))
    return "OK"


@subcommand("DICT-RESIZING", 1, 1)
@subcommand("SET-DISABLE-DENY-SCRIPTS", 1, 1)
def accept(request: Request, yes: bytes) -> str:
    """Tables grow a line at a time, so nothing is gained by holding that back; and there are no scripts."""
    return "OK"


@subcommand("REPLYBUFFER", 2, 2)
def reply_buffer(request: Request, what: bytes, value: bytes) -> object:
    """Accepted without effect: reply buffers shrink as they empty."""
    if what.lower() == b"peak-reset-time":
        if value.lower() not in (b"never", b"reset"):
            whole(value, NOT_AN_INTEGER)
    elif what.lower() != b"resizing":
        return NOT_UNDERSTOOD
    return "OK"


@subcommand("LOG", 1, 1)
def log(request: Request, text: bytes) -> str:
    writer = shell_of(request.engine).log
    if writer is not None:
        writer.warning(f"DEBUG LOG: {text.decode('utf-8', 'backslashreplace')}")
    return "OK"


# ---- replies ----

@subcommand("ERROR", 1, 1)
def error(request: Request, text: bytes) -> object:
    raise CommandError(text.decode("utf-8", "surrogateescape"))


PLAIN: dict[bytes, object] = {
    b"string": b"Hello World", b"integer": 12345, b"double": 3.141, b"null": None, b"array": [0, 1, 2],
    b"set": Members([0, 1, 2]), b"map": {0: False, 1: True, 2: False}, b"true": True, b"false": False,
    b"verbatim": Verbatim(b"This is a verbatim\nstring"),
}
LARGE = b"1234567999999999999999999999999999999"
ATTRIBUTE = b"|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n"
AFTER_ATTRIBUTE = b"Some real reply following the attribute"
BEFORE_PUSH = b"Some real reply following the push reply"
PUSH = b">2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n"


@subcommand("PROTOCOL", 1, 1)
def protocol(request: Request, kind: bytes) -> object:
    kind, raw = kind.lower(), request.resp == 3 and not request.embedded
    if kind in PLAIN:
        return PLAIN[kind]
    if kind == b"bignum":
        return Raw(b"(" + LARGE + b"\r\n") if request.resp == 3 else LARGE
    if kind == b"attrib":
        return Raw(ATTRIBUTE + bulk(AFTER_ATTRIBUTE)) if raw else AFTER_ATTRIBUTE
    if kind == b"push":
        if request.resp == 2:
            raise CommandError("ERR RESP2 is not supported by this command")
        return Raw(bulk(BEFORE_PUSH) + PUSH) if raw else BEFORE_PUSH
    raise CommandError("ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|"
                       "null|array|set|map|attrib|push|verbatim|true|false")


def bulk(text: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(text), text)


@subcommand("HELP", 0, 0)
def usage(request: Request) -> list[str]:
    return HELP


HELP = [
    "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "DICT-RESIZING <0|1>",
    "    Accepted; tables always grow a line at a time.",
    "DIGEST",
    "    40 hexadecimal digits that are the same where all data are.",
    "DIGEST-VALUE <key> [<key> ...]",
    "    The same for single values.",
    "ERROR <string>",
    "    Reply this text as an error.",
    "HTSTATS <dbid> [full]",
    "    What the table of keys of a database looks like.",
    "HTSTATS-KEY <key> [full]",
    "    What the hash table looks like that holds a value.",
    "LISTPACK <key>",
    "    Print the entries of a value that is a listpack.",
    "LOG <message>",
    "    Write a line into the server's log.",
    "OBJECT <key> [fast]",
    "    How the value at this key is held; fast leaves out its length.",
    "PAUSE-CRON <0|1>",
    "    Whether periodic work rests: nothing expires or is freed without being asked for.",
    "POPULATE <count> [<prefix>] [<size>]",
    "    Make keys <prefix>:0, <prefix>:1, ... where they are missing, values of <size> bytes.",
    "PROTOCOL <type>",
    "    Reply a value of this type: string, integer, double, bignum, null, array, set, map, attrib, push,",
    "    verbatim, true, false.",
    "QUICKLIST <key> [<0|1>]",
    "    Print the chunks of a long list.",
    "QUICKLIST-PACKED-THRESHOLD <size>",
    "    Accepted; a chunk leaves out by itself what it cannot hold.",
    "REPLYBUFFER (PEAK-RESET-TIME <NEVER|RESET|time>|RESIZING <0|1>)",
    "    Accepted; reply buffers shrink as they empty.",
    "SET-ACTIVE-EXPIRE <0|1>",
    "    Whether keys whose time is over go without being asked for.",
    "SET-DISABLE-DENY-SCRIPTS <0|1>",
    "    Accepted; there are no scripts yet.",
    "SLEEP <seconds>",
    "    Stand still, with everybody, for so long.",
    "HELP",
    "    This text.",
]
