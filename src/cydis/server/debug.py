"""DEBUG: for those who test a server, or look into one.

Off unless `enable-debug-command` says otherwise; a program may always look into the engine that it holds.

DEBUG subcommand [argument ...]
    SLEEP seconds: everything stands still for so long. OBJECT key: how a value is held.
    SET-ACTIVE-EXPIRE 0|1: whether keys expire without being asked for. HELP. O(1), and the time slept.
    Since 1.0.0.
"""
from __future__ import annotations

import re
import time

from cydis.engine.door import CommandError, Request, command
from cydis.server.shell import shell_of

NOT_ALLOWED = (
    'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it '
    "from a local connection, otherwise you need to set this option in the configuration file, and then "
    "restart the server."
)
NUMBER = re.compile(rb"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def leading_number(text: bytes) -> float:
    """The number that a text begins with; 0 when it begins with none."""
    found = NUMBER.match(text)
    return float(found.group()) if found else 0.0


@command("DEBUG", -2, "admin noscript loading stale")
def debug(request: Request, subcommand: bytes, *arguments: bytes) -> object:
    allowed = shell_of(request.engine).config["enable-debug-command"]
    if not request.embedded and (allowed == "no" or (allowed == "local" and not request.local)):
        raise CommandError(NOT_ALLOWED)
    match subcommand.lower(), arguments:
        case b"sleep", (seconds,):
            time.sleep(max(0.0, leading_number(seconds)))
            return "OK"
        case b"object", (key, *_):
            return describe(request, key)
        case b"set-active-expire", (switch,):
            request.engine.set_setting("active-expire", int(leading_number(switch)) != 0)
            return "OK"
        case b"help", ():
            return HELP
    name = subcommand[:128].decode("utf-8", "replace")
    raise CommandError(f"ERR unknown subcommand or wrong number of arguments for '{name}'. Try DEBUG HELP.")


def describe(request: Request, key: bytes) -> str:
    known = request.object(key)
    if known is None:
        raise CommandError("ERR no such key")
    size = known["size"] + (known["encoding"] in ("embstr", "raw"))       # a string's length goes before it
    return (f"Value at:{known['address']:#x} refcount:1 encoding:{known['encoding']} "
            f"serializedlength:{size} lru:{known['clock']} lru_seconds_idle:{known['idle']}")


HELP = [
    "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "OBJECT <key>",
    "    How the value at this key is held.",
    "SET-ACTIVE-EXPIRE (0|1)",
    "    Whether keys whose time is over go without being asked for.",
    "SLEEP <seconds>",
    "    Stand still, with everybody, for so long.",
    "HELP",
    "    This text.",
]
