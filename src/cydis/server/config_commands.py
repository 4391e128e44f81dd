"""CONFIG: looking at the configuration and changing it while the server runs.

CONFIG GET parameter [parameter ...]
    Names and values of the parameters that match; an argument may be a glob. O(parameters) for each argument.
    Since 2.0.0.
CONFIG SET parameter value [parameter value ...]
    Changes parameters: all of them, or none when one cannot be. O(arguments). Since 2.0.0.
CONFIG RESETSTAT
    Sets the counters that INFO shows back to zero. O(commands). Since 2.0.0.
CONFIG HELP
    Lists the subcommands. O(1). Since 5.0.0.
"""
from __future__ import annotations

from cydis.engine.door import CommandError, Request, add_container, command
from cydis.server.config import ConfigError, as_bytes
from cydis.server.shell import shell_of

ADMIN = "admin noscript loading stale"

add_container("CONFIG")


@command("CONFIG|GET", -3, ADMIN)
def config_get(request: Request, subcommand: bytes, *patterns: bytes) -> dict[bytes, bytes]:
    found = shell_of(request.engine).config.match(patterns)
    return {as_bytes(name): as_bytes(value) for name, value in found}


@command("CONFIG|SET", -4, ADMIN)
def config_set(request: Request, subcommand: bytes, *pairs: bytes) -> str:
    if len(pairs) % 2:
        raise CommandError("ERR syntax error")
    config = shell_of(request.engine).config
    try:
        config.set_many(zip(pairs[::2], pairs[1::2], strict=True), local=request.local)
    except ConfigError as error:
        raise CommandError(f"ERR {error}") from None
    return "OK"


@command("CONFIG|RESETSTAT", 2, ADMIN)
def config_resetstat(request: Request, subcommand: bytes) -> str:
    request.engine.reset_stats()
    return "OK"


@command("CONFIG|HELP", 2, "loading stale")
def config_help(request: Request, subcommand: bytes) -> list[str]:
    return [
        "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GET <pattern> [<pattern> ...]",
        "    Names and values of the parameters that match.",
        "SET <parameter> <value> [<parameter> <value> ...]",
        "    Change parameters: all, or none when one cannot be.",
        "RESETSTAT",
        "    Set the counters that INFO shows back to zero.",
        "HELP",
        "    This text.",
    ]
