"""The configuration: every directive with its value, where it came from, and who must hear of a change.

    config = Config()
    config.load(["/etc/redis.conf", "--port", "7000"])     file, command line and standard input: one grammar
    config["port"]                                         a typed value: int, bool, str, tuple, dict
    config.match(["maxmemory*"])                           CONFIG GET
    config.on_change("maxclients", loop.limit)             a hook, called with the new typed value
    config.set_many([("maxclients", "50")])                CONFIG SET: all or nothing, hooks included

Rows are in `directives`, the reading of values in `kinds`, the reading of lines in `grammar`.
Text that is not UTF-8 is carried as surrogate escapes and comes out as the same bytes.
"""
from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from typing import IO, Any

from cydis.core.glob import glob_match
from cydis.server.directives import DIRECTIVES, FIXED, OBSOLETE, PROTECTED, Directive
from cydis.server.grammar import GrammarError, Line, command_line, file_lines, split_words, text_lines
from cydis.server.kinds import WRONG_NUMBER
from cydis.version import VERSION

UNKNOWN = "Bad directive or wrong number of arguments"
Hook = Callable[[Any], None]


class ConfigError(Exception):
    """A refused change or an unreadable start: `str()` is the text to show, as the reference words it.

    From `set_many` it goes behind `ERR `; from `load` it is the whole message for standard error.
    A hook raises it (with its reason only) to refuse a value.
    """


class Config:
    """All directives and their values. Reading is free-threaded; changes take a lock."""

    def __init__(self) -> None:
        self.file = ""                                   # absolute path of the file read, or ""
        self.users: list[tuple[str, ...]] = []           # `user` lines: name and rules
        self.renamed: list[tuple[str, str]] = []         # `rename-command` lines
        self.modules: list[tuple[str, ...]] = []         # `loadmodule` lines: path and arguments
        self._rows: dict[str, Directive] = {}            # aliases too
        self._values: dict[str, Any] = {}
        self._hooks: dict[str, list[Hook]] = {}
        self._given: set[str] = set()                    # canonical names the user set at start
        self._lock = threading.RLock()
        for row in DIRECTIVES:
            for name in (row.name, *row.aliases):
                self._rows[name] = row
            self._values[row.name] = row.kind.read([row.default], None)

    # ---- reading

    def __getitem__(self, name: str) -> Any:
        """The typed value of a directive (or alias). KeyError if there is none. O(1)."""
        return self._values[self._rows[name].name]

    get = __getitem__

    def text(self, name: str) -> str:
        """The value as CONFIG GET writes it."""
        row = self._rows[name]
        return row.kind.write(self._values[row.name])

    def match(self, patterns: Iterable[str | bytes]) -> list[tuple[str, str]]:
        """CONFIG GET: (name, text) of everything the patterns name, each once.

        A plain name is answered as it was spelt; a glob never shows hidden directives. O(rows) per glob.
        """
        found: dict[str, tuple[str, str]] = {}
        for pattern in map(as_text, patterns):
            if not any(char in pattern for char in "*?["):
                names = [pattern] if pattern.lower() in self._rows else []
            else:
                glob = as_bytes(pattern)
                names = [name for name, row in self._rows.items()
                         if not row.hidden and glob_match(glob, name.encode(), nocase=True)]
            for name in names:
                found.setdefault(name.lower(), (name, self.text(name.lower())))
        return list(found.values())

    def given(self, effect: str | None = None) -> list[str]:
        """Names of the directives set at start by file or command line, of one effect or of all, sorted."""
        return sorted(name for name in self._given if effect in (None, self._rows[name].effect))

    # ---- changing

    def on_change(self, name: str, hook: Hook) -> None:
        """Calls `hook(value)` after each change of a directive; it refuses by raising ConfigError(reason).

        Not called for the value now in force: read that yourself when you register.
        """
        self._hooks.setdefault(self._rows[name].name, []).append(hook)

    def set_many(self, pairs: Iterable[tuple[str | bytes, str | bytes]], local: bool = True) -> None:
        """CONFIG SET: all pairs or none.

        `local`: the caller sits on this machine, which counts for `enable-protected-configs local`.
        Raises ConfigError with the reference's text; values and whoever heard of them are then as before.
        """
        changes = [(as_text(name), as_text(value)) for name, value in pairs]
        with self._lock:
            rows = self._changeable(changes, local)
            before, after = self._values, dict(self._values)
            changed: dict[str, str] = {}                 # canonical name: as the caller spelt it
            for row, (name, value) in zip(rows, changes, strict=True):
                try:
                    after[row.name] = row.kind.read([value], after[row.name])
                except ValueError as error:
                    raise _refused(name.lower(), str(error)) from None
                if after[row.name] != before[row.name]:
                    changed.setdefault(row.name, name)
            self._values = after
            self._announce(before, changed)

    def _changeable(self, changes: list[tuple[str, str]], local: bool) -> list[Directive]:
        """The rows to change. What is refused here is called as the caller spelt it, what fails later is not."""
        rows = []
        seen = set()
        for name, _ in changes:
            row = self._rows.get(name.lower())
            if row is None:
                raise ConfigError(f"Unknown option or number of arguments for CONFIG SET - '{name}'")
            if row.when == FIXED:
                raise _refused(name, "can't set immutable config")
            if row.when == PROTECTED and not self._allowed(self["enable-protected-configs"], local):
                raise _refused(name, "can't set protected config")
            if name.lower() in seen:
                raise _refused(name, "duplicate parameter")
            seen.add(name.lower())
            rows.append(row)
        return rows

    @staticmethod
    def _allowed(policy: str, local: bool) -> bool:
        return policy == "yes" or (policy == "local" and local)

    def _announce(self, before: dict[str, Any], changed: dict[str, str]) -> None:
        """Calls the hooks; if one refuses, puts everything back and tells those who heard."""
        told: list[tuple[str, Hook]] = []
        for canonical, name in changed.items():
            for hook in (*self._built_in(canonical), *self._hooks.get(canonical, ())):
                try:
                    hook(self._values[canonical])
                except ConfigError as error:
                    self._values = before
                    for other, undo in reversed(told):
                        undo(before[other])
                    raise _refused(name.lower(), str(error)) from None
                told.append((canonical, hook))

    @staticmethod
    def _built_in(name: str) -> tuple[Hook, ...]:
        return (_change_directory,) if name == "dir" else ()

    # ---- start

    def load(self, argv: list[str], stdin: IO[str] | None = None) -> None:
        """Reads `[config-file] [-] [--directive value ...]`: file, then stdin, then directives.

        Raises ConfigError whose text is ready for standard error. Hooks are not called.
        """
        asked = command_line(argv)
        first_save = [True]
        try:
            if asked.file is not None:
                self.file = os.path.abspath(asked.file)
                self._take(file_lines(self.file), first_save)
            if asked.stdin:
                texts = (stdin or sys.stdin).read().split("\n")
                self._take(text_lines(texts, "Reading standard input, at line {number}"), first_save)
            self._take(asked.lines or (), first_save)
        except GrammarError as error:
            raise ConfigError(error.text) from None

    def _take(self, lines: Iterable[Line], first_save: list[bool]) -> None:
        for line in lines:
            try:
                self._line(line.text, first_save)
            except ValueError as error:
                raise ConfigError(fatal(f"{line.where}\n>>> '{line.text}'\n{error}")) from None

    def _line(self, text: str, first_save: list[bool]) -> None:
        words = split_words(text)
        if words is None:
            raise ValueError("Unbalanced quotes in configuration line")
        name, *values = [words[0].lower(), *words[1:]]
        row = self._rows.get(name)
        if row is None:
            self._other(name, values)
            return
        if not values and not row.kind.many:
            raise ValueError(WRONG_NUMBER)
        value = row.kind.read(values or [""], self._values[row.name])
        if row.name == "save":                           # lines add up; the first replaces the default
            value = () if not value else value if first_save[0] else self._values["save"] + value
            first_save[0] = False
        elif row.name == "dir":
            try:
                _change_directory(value)
            except ConfigError as error:
                raise ValueError(str(error)) from None
        self._values[row.name] = value
        self._given.add(row.name)

    def _other(self, name: str, values: list[str]) -> None:
        """The lines that are no directives with a value."""
        if name == "user" and values:
            self.users.append(tuple(values))
        elif name == "rename-command" and len(values) == 2:
            self.renamed.append((values[0], values[1]))
        elif name == "loadmodule" and values:
            self.modules.append(tuple(values))
        elif not (name in OBSOLETE and len(values) == 1):
            raise ValueError(UNKNOWN)


def fatal(text: str) -> str:
    """The block that announces a start that cannot be."""
    return f"\n*** FATAL CONFIG FILE ERROR (Version {VERSION}) ***\n{text}"


def as_text(value: str | bytes) -> str:
    """str as it is; bytes as UTF-8 with surrogate escapes."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")


def as_bytes(text: str) -> bytes:
    """The way back."""
    return text.encode("utf-8", "surrogateescape")


def _refused(spelt: str, reason: str) -> ConfigError:
    return ConfigError(f"CONFIG SET failed (possibly related to argument '{spelt}') - {reason}")


def _change_directory(path: str) -> None:
    try:
        os.chdir(path)
    except OSError as error:
        raise ConfigError(error.strerror) from None
