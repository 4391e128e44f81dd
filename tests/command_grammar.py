"""Requests made from the published grammar of every command (tests/data/commands.json).

An example is a list of `Word`s, each with the kind of its argument ("key", "integer", "string", "token" ...), so that
a test can put something else in the place of one of them. `examples(name)` gives the shortest form of a command and,
for each optional argument and each alternative, the shortest form that has it.
"""
import json
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

FACTS = {row["name"]: row for row in json.loads(
    (Path(__file__).parent / "data" / "commands.json").read_text(encoding="utf-8"))}

KEYS = (b"key", b"second", b"third")
"""The keys of a request, in their order."""

VALUES = {
    "key": KEYS[0], "string": b"text", "integer": b"1", "double": b"1.5", "unix-time": b"33000000000", "pattern": b"*",
}
"""An argument of each kind. A time lies behind the year 3000, in seconds; in milliseconds it is past."""

BY_NAME = {
    "encoding": b"u8", "numkeys": b"1", "numfields": b"1", "min": b"1", "max": b"2", "start": b"0", "stop": b"1",
    "cursor": b"0", "unit": b"m", "longitude": b"13.3", "latitude": b"38.1", "score": b"1", "index": b"0",
    "timeout": b"0.01",
}
"""Arguments whose name says more than their kind."""


@dataclass(frozen=True)
class Word:
    """One argument: its bytes, and what the grammar calls its kind; its name."""

    text: bytes
    kind: str
    name: str


def within(path, wanted):
    """Whether one of the wanted paths leads to this one or through it."""
    return any(one[:len(path)] == path for one in wanted)


def plain(argument, wanted, path):
    """The words of an argument; `wanted` holds the paths of optional ones and alternatives to take."""
    words = [Word(argument["token"].encode(), "token", argument["name"])] if argument.get("token") else []
    kind = argument["type"]
    if kind == "pure-token":
        return words
    if kind == "oneof":
        taken = [one for one in argument["args"] if within((*path, one["name"]), wanted)]
        one = (taken or argument["args"])[0]
        return words + plain(one, wanted, (*path, one["name"]))
    if kind == "block":
        return words + sequence(argument["args"], wanted, path)
    text = BY_NAME.get(argument["name"], VALUES[kind])
    return [*words, Word(text, kind, argument["name"])]


def sequence(arguments, wanted, path=()):
    """The words of several arguments in their order, optional ones only where they are wanted."""
    words = []
    for argument in arguments:
        inside = (*path, argument["name"])
        if not argument.get("optional") or within(inside, wanted):
            words += plain(argument, wanted, inside)
    return words


def ways(arguments, path=()):
    """The paths of all optional arguments and of all alternatives."""
    for argument in arguments:
        inside = (*path, argument["name"])
        if argument.get("optional"):
            yield inside
        if argument["type"] == "oneof":
            yield from ((*inside, one["name"]) for one in argument["args"][1:])
        yield from ways(argument.get("args", ()), inside)


WITHOUT_GRAMMAR = """
VADD key VALUES 2 1 0.5 text
VADD key REDUCE 2 VALUES 2 1 0.5 text CAS NOQUANT EF 10 SETATTR {} M 8
VSIM key ELE text
VSIM key VALUES 2 1 0.5 WITHSCORES WITHATTRIBS COUNT 3 EPSILON 0.5 EF 10 FILTER .year FILTER-EF 10 TRUTH NOTHREAD
VREM key text
VCARD key
VDIM key
VEMB key text
VEMB key text RAW
VINFO key
VLINKS key text
VLINKS key text WITHSCORES
VRANDMEMBER key
VRANDMEMBER key 3
VISMEMBER key text
VSETATTR key text {}
VGETATTR key text
"""
"""The reference documents no grammar for the commands of its modules."""


def written(line):
    """The words of a line as above."""
    kinds = {True: "token", False: "string"}
    return tuple(Word(text.encode(), "key" if text == "key" else "name" if place == 0 else "integer" if text.isdigit()
                      else kinds[text.isupper()], text) for place, text in enumerate(line.split()))


def examples(name, together=1):
    """Return the distinct examples of a command, with up to `together` (1 or 2) optional arguments in one.

    Several optional arguments together where the reference documents no grammar.
    """
    row = FACTS[name]
    lines = [line for line in WITHOUT_GRAMMAR.splitlines() if line.split()[:1] == [name.upper()]]
    if lines:
        return list(map(written, lines))
    arguments = row.get("args", [])
    begin = [Word(word.encode(), "name", "name") for word in name.upper().split("|")]
    single = list(dict.fromkeys(ways(arguments)))
    chosen = [(), *((one,) for one in single), *(combinations(single, 2) if together == 2 else ())]
    found = {}
    for wanted in chosen:
        words = begin + sequence(arguments, wanted)
        keys = [place for place, word in enumerate(words) if word.kind == "key"]
        for number, place in enumerate(keys):
            words[place] = replace(words[place], text=KEYS[min(number, len(KEYS) - 1)])
        found[tuple(words)] = None
    return list(found)
