"""COMMAND: the table of commands, as clients ask for it.

COMMAND
    Everything the table knows of every command. O(commands). Since 2.8.13.
COMMAND COUNT
    How many commands there are, subcommands not counted. O(commands). Since 2.8.13.
COMMAND INFO [command-name ...]
    What the table knows of these commands, or of all; null for a name that is none. O(names). Since 2.8.13.
COMMAND DOCS [command-name ...]
    What the manual says of these commands, or of all. O(names). Since 7.0.0.
COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]
    Names of commands and subcommands. O(commands). Since 7.0.0.
COMMAND GETKEYS command [arg ...]
    The keys in a full command. O(arguments). Since 2.8.13.
COMMAND GETKEYSANDFLAGS command [arg ...]
    The keys in a full command, each with what the command does to it. O(arguments). Since 7.0.0.
COMMAND HELP
    Lists the subcommands. O(1). Since 5.0.0.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cydis.core.glob import glob_match
from cydis.engine import table
from cydis.engine.door import CommandError, Members, Request, command
from cydis.server.manual import entry, fact

ASK = "loading stale connection"
Known = dict[str, Any]


def decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def described(name: str) -> Known:
    """What the table knows of a command that is in it."""
    known = table.describe(name)
    assert known is not None
    return known


def top_level() -> Iterator[Known]:
    """All commands that are no subcommands, in the order of the table."""
    for name in table.names():
        if "|" not in name:
            yield described(name)


def subcommands(name: str) -> Iterator[Known]:
    for other in table.names():
        if other.startswith(name + "|"):
            yield described(other)


@command("COMMAND", -1, ASK, container=True)
def command_(request: Request, *arguments: bytes) -> object:
    if arguments:
        name = decoded(arguments[0][:128].split(b"\0", 1)[0]).replace("\r", " ").replace("\n", " ")
        raise CommandError(f"ERR unknown subcommand '{name}'. Try COMMAND HELP.")
    return [row(known) for known in top_level()]


@command("COMMAND|COUNT", 2, ASK)
def command_count(request: Request, subcommand: bytes) -> int:
    return sum(1 for _ in top_level())


@command("COMMAND|INFO", -2, ASK)
def command_info(request: Request, subcommand: bytes, *names: bytes) -> object:
    asked = [table.describe(name) for name in names] if names else list(top_level())
    return [None if known is None else row(known) for known in asked]


@command("COMMAND|DOCS", -2, ASK)
def command_docs(request: Request, subcommand: bytes, *names: bytes) -> object:
    asked = [table.describe(name) for name in names] if names else list(top_level())
    return {known["name"].encode(): manual_page(known) for known in asked if known is not None}


@command("COMMAND|LIST", -2, ASK)
def command_list(request: Request, subcommand: bytes, *filters: bytes) -> list[bytes]:
    names = table.names()
    if filters:
        names = list(filtered(names, *filters))
    return [described(name)["name"].encode() for name in names]


def filtered(names: list[str], *filters: bytes) -> Iterator[str]:
    """The names that pass COMMAND LIST's filter."""
    words = [word.lower() for word in filters[:2]]
    if len(filters) != 3 or words[0] != b"filterby" or words[1] not in (b"module", b"aclcat", b"pattern"):
        raise CommandError("ERR syntax error")
    wanted = decoded(filters[2])
    if words[1] == b"aclcat":
        return (name for name in names if wanted.lower() in described(name)["categories"])
    if words[1] == b"pattern":
        glob = filters[2]
        return (name for name in names if any(
            glob_match(glob, each.encode(), nocase=True) for each in (name, described(name)["name"])))
    if wanted == "vectorset":
        return (name for name in names if "module" in described(name)["flags"])
    return iter(())


# ---- COMMAND INFO ----

def row(known: Known) -> list[object]:
    """A command as COMMAND INFO shows it."""
    name = known["name"]
    about = fact(name)
    return [
        name.encode(), known["arity"], Members(known["flags"]), *shown_keys(known),
        Members(f"@{category}" for category in known["categories"]),
        Members(tip.encode() for tip in about.get("tips", ())),
        Members(specification(spec) for spec in about.get("key_specs", ())),
        [row(sub) for sub in subcommands(name)] if known["subcommands"] else [],
    ]


def shown_keys(known: Known) -> tuple[int, int, int]:
    """First key, last key, step: as far as three numbers can say it."""
    if known["count_at"]:
        return (known["also"], known["also"], 1) if known["also"] else (0, 0, 0)
    return known["first_key"], known["last_key"], known["step"]


def specification(spec: dict[str, Any]) -> dict[bytes, object]:
    return {
        b"flags": Members(spec["flags"]),
        b"begin_search": typed(spec["begin"]),
        b"find_keys": typed(spec["find"]),
    }


def typed(part: dict[str, Any]) -> dict[bytes, object]:
    fields = {name.encode(): value if isinstance(value, int) else value.encode()
              for name, value in part.items() if name != "type"}
    return {b"type": part["type"].encode(), b"spec": fields}


# ---- COMMAND DOCS ----

def manual_page(known: Known) -> dict[bytes, object]:
    """A command as COMMAND DOCS shows it."""
    name = known["name"]
    about, said = fact(name), entry(name)
    page: dict[bytes, object] = {
        b"summary": said.summary.encode(),
        b"since": (about.get("since") or said.since).encode(),
        b"group": (about.get("group") or known["family"]).encode(),
    }
    if said.complexity:
        page[b"complexity"] = said.complexity.encode()
    if about.get("doc_flags"):
        page[b"doc_flags"] = Members(about["doc_flags"])
    if about.get("deprecated_since"):
        page[b"deprecated_since"] = about["deprecated_since"].encode()
    if about.get("replaced_by"):
        page[b"replaced_by"] = " or ".join(f"`{other}`" for other in about["replaced_by"]).encode()
    if about.get("args"):
        page[b"arguments"] = [argument(part) for part in about["args"]]
    if known["subcommands"]:
        page[b"subcommands"] = {sub["name"].encode(): manual_page(sub) for sub in subcommands(name)}
    return page


def argument(part: dict[str, Any]) -> dict[bytes, object]:
    """One argument of a command's grammar."""
    shown: dict[bytes, object] = {b"name": part["name"].encode(), b"type": part["type"].encode()}
    if part["type"] not in ("oneof", "block"):
        shown[b"display_text"] = part["name"].encode()
    if "key_spec" in part:
        shown[b"key_spec_index"] = part["key_spec"]
    for field in ("token", "since", "deprecated_since"):
        if field in part:
            shown[field.encode()] = part[field].encode()
    flags = [flag for flag in ("optional", "multiple", "multiple_token") if part.get(flag)]
    if flags:
        shown[b"flags"] = Members(flags)
    if "args" in part:
        shown[b"arguments"] = [argument(inner) for inner in part["args"]]
    return shown


# ---- COMMAND GETKEYS ----

def keys_of(words: tuple[bytes, ...]) -> tuple[Known, list[int]]:
    """The command that a full command names, and the positions of its keys. Raises CommandError."""
    known = table.describe(words[0]) if b"|" not in words[0] else None    # here a subcommand is two words
    if known is not None and known["subcommands"] and len(words) > 1:
        known = table.describe(b"|".join(words[:2]))
    if known is None:
        raise CommandError("ERR Invalid command specified")
    if not (known["first_key"] or known["also"]):
        raise CommandError("ERR The command has no key arguments")
    arity = known["arity"]
    if len(words) < -arity or (arity > 0 and len(words) != arity):
        raise CommandError("ERR Invalid number of arguments specified for command")
    positions = table.positions_of_keys(list(words))
    if not positions and "no_mandatory_keys" not in known["flags"]:
        raise CommandError("ERR Invalid arguments specified for command")
    return known, positions or []


@command("COMMAND|GETKEYS", -3, ASK)
def command_getkeys(request: Request, subcommand: bytes, *words: bytes) -> list[bytes]:
    return [words[position] for position in keys_of(words)[1]]


@command("COMMAND|GETKEYSANDFLAGS", -3, ASK)
def command_getkeysandflags(request: Request, subcommand: bytes, *words: bytes) -> list[object]:
    known, positions = keys_of(words)
    specs = fact(known["name"]).get("key_specs", ())
    name = known["name"]
    return [[words[position], Members(flags_at(name, specs, position, words))] for position in positions]


def flags_at(name: str, specs: list[dict[str, Any]], position: int, words: tuple[bytes, ...]) -> list[str]:
    """What a command does to the key at a position."""
    options = {word.lower() for word in words[2:]}
    if name == "set":
        return ["RW", "access", "update"] if b"get" in options else ["OW", "update"]
    if name == "bitfield":
        return ["RW", "access", "update"] if options & {b"set", b"incrby"} else ["RO", "access"]
    best: dict[str, Any] = {}
    for spec in specs:                    # the one that begins nearest before the position covers it
        begin = spec["begin"].get("index", 0)
        if begin and begin <= position and begin >= best.get("begin", {}).get("index", 0):
            best = spec
    return [flag for flag in best.get("flags", ()) if flag != "variable_flags"]


@command("COMMAND|HELP", 2, ASK)
def command_help(request: Request, subcommand: bytes) -> list[str]:
    return [
        "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "(no subcommand)",
        "    What the table knows of every command.",
        "COUNT",
        "    How many commands there are.",
        "DOCS [<command> ...]",
        "    What the manual says of these commands, or of all.",
        "GETKEYS <command> [<arg> ...]",
        "    The keys in a full command.",
        "GETKEYSANDFLAGS <command> [<arg> ...]",
        "    The keys in a full command, and what it does to each.",
        "INFO [<command> ...]",
        "    What the table knows of these commands, or of all.",
        "LIST [FILTERBY (MODULE <name>|ACLCAT <category>|PATTERN <glob>)]",
        "    Names of commands and subcommands.",
        "HELP",
        "    This text.",
    ]
