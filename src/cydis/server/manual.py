"""The manual of the commands: what the docstrings of the families say, and the facts that ship as data.

A family's docstring holds paragraphs of this form; several heads may share one text:

    GETRANGE key start end
    SUBSTR key start end
        A part of a string. O(length of the part). Since 2.4.0.

The text ends with the cost and the version; what stands before is the summary. `data/commands.json` adds what
the table of commands does not need for its own work: versions, key specifications, tips, argument grammar.
"""
from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cydis.engine import table

HEAD = re.compile(r"[A-Z][A-Z0-9_-]*(?= |$)")
TEXT = re.compile(r"(?P<summary>.*?)\s*(?:(?P<complexity>O\(.*?)\.)?(?:\s*Since (?P<since>[\d.]+)\.)?$")
RINGS = ("cydis.commands.", "cydis.server.")


class Entry(NamedTuple):
    """What the manual says of one command."""

    summary: str
    complexity: str
    since: str


@cache
def facts() -> dict[str, dict[str, Any]]:
    """The facts that ship as data, by lower-case name."""
    path = Path(__file__).parent / "data" / "commands.json"
    loaded: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def fact(name: str) -> dict[str, Any]:
    """The facts about one command; empty when there are none."""
    return facts().get(name.lower(), {})


@cache
def entries() -> dict[str, Entry]:
    """What the docstrings of all families say, by lower-case name. Read once, when first asked for."""
    found: dict[str, Entry] = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith(RINGS) and module.__doc__:
            found |= read_manual(module.__doc__)
    return found


def entry(name: str) -> Entry:
    """What the manual says of one command; empty texts when it says nothing."""
    return entries().get(name.lower()) or Entry("", "", "")


def read_manual(docstring: str) -> dict[str, Entry]:
    """The entries of one docstring, for commands that are registered."""
    found: dict[str, Entry] = {}
    heads: list[str] = []
    text: list[str] = []

    def finish() -> None:
        if text:
            said = read_text(" ".join(text))
            found.update((head, said) for head in heads)
            heads.clear()
            text.clear()

    for line in docstring.splitlines():
        if line.startswith("    "):
            if heads:
                text.append(line.strip())
            continue
        finish()
        name = command_named(line)
        if name:
            heads.append(name)
        else:
            heads.clear()
    finish()
    return found


def command_named(line: str) -> str | None:
    """The command that a head names, or None when the line is no head."""
    if not HEAD.match(line):
        return None
    words = line.split(" ")
    for name in ("|".join(words[:2]), words[0]):
        if table.describe(name) is not None:
            return name.lower()
    return None


def read_text(text: str) -> Entry:
    """Divides a paragraph into summary, cost and version."""
    parts = TEXT.match(text)
    assert parts is not None              # the pattern takes any text
    return Entry(parts["summary"].rstrip(), parts["complexity"] or "", parts["since"] or "")
