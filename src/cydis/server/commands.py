"""The commands written in Python: the table of contents. Importing this module registers their rows.

The handlers are in `info`, `config_commands`, `command_docs`, `debug` and here.

SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [SAFE] [FAILOVER] | ABORT
    Ends the server; the connection closes without a reply. O(1). Since 1.0.0.
MODULE LIST
    Lists loaded modules: there are none. O(1). Since 4.0.0.
MODULE HELP
    Lists the subcommands. O(1). Since 5.0.0.
LOLWUT [VERSION version]
    A small picture, and the version. O(1). Since 5.0.0.
"""
from __future__ import annotations

from cydis.engine.door import NO_REPLY, CommandError, Request, Verbatim, add_container, command
from cydis.server import command_docs, config_commands, debug, info  # noqa: F401  they register rows
from cydis.server.shell import shell_of
from cydis.version import VERSION

SHUTDOWN_WORDS = frozenset((b"nosave", b"save", b"now", b"force", b"safe", b"failover"))


@command("SHUTDOWN", -1, "admin noscript loading stale no_multi allow_busy")
def shutdown(request: Request, *words: bytes) -> object:
    """Nothing is kept on disk yet, so every way to shut down is the same."""
    asked = [word.lower() for word in words]
    if asked == [b"abort"]:
        raise CommandError("ERR No shutdown in progress.")
    if not SHUTDOWN_WORDS.issuperset(asked) or {b"save", b"nosave"}.issubset(asked):
        raise CommandError("ERR syntax error")
    shell = shell_of(request.engine)
    if shell.log is None:
        raise CommandError("ERR this engine belongs to a program, which alone can end it")
    request.engine.request_shutdown()
    request.close_after_reply()
    return NO_REPLY


add_container("MODULE")


@command("MODULE|LIST", 2, "admin noscript")
def module_list(request: Request, subcommand: bytes) -> list[object]:
    return []


@command("MODULE|HELP", 2, "loading stale")
def module_help(request: Request, subcommand: bytes) -> list[str]:
    return [
        "MODULE <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "LIST",
        "    The modules that are loaded: none can be.",
        "HELP",
        "    This text.",
    ]


PICTURE = """\
        .--.        .--.
   .---(    )------(    )---.
  /     '--'        '--'     \\
 (    one engine, two doors   )
  \\     .--.        .--.     /
   '---(    )------(    )---'
        '--'        '--'
"""


@command("LOLWUT", -1, "readonly fast")
def lolwut(request: Request, *options: bytes) -> Verbatim:
    return Verbatim(f"{PICTURE}\ncydis ver. {VERSION}\n".encode())
