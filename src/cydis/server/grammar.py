"""The grammar of a configuration: lines, words, the command line, standard input.

One grammar serves a file, `cydis-server --directive value ...` and `cydis-server -`: all three become a
list of `Line`, and only the label of a line remembers where it came from.

    line   = blank | "#" anything | word { space word }
    word   = { piece }                             pieces stand side by side: "7000"x is the word 7000x
    piece  = bare bytes | "..." with \\xHH \\n \\r \\t \\b \\a \\" \\\\ | '...' with \\'

Nothing here knows a directive, `include` excepted, which pulls other files in at its place.
"""
from __future__ import annotations

import glob as globbing
import re
from collections.abc import Iterator
from dataclasses import dataclass

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "a": "\a"}
HEX = re.compile(r"[0-9a-fA-F]{2}")
DEEPEST_INCLUDE = 32


class GrammarError(Exception):
    """A source that cannot be read at all: `text` is the one line to show."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Line:
    """One line of a source: `where` says which for people, `text` is the line as written."""

    where: str
    text: str


def split_words(text: str) -> list[str] | None:
    """The words of a line, quotes and escapes resolved; None if a quote is left open. O(n)."""
    words: list[str] = []
    at, end = 0, len(text)
    while True:
        while at < end and text[at].isspace():
            at += 1
        if at >= end:
            return words
        word: list[str] = []
        while at < end and not text[at].isspace():
            if text[at] in "\"'":
                at = _quoted(text, at, word)
                if at < 0:
                    return None
            else:
                word.append(text[at])
                at += 1
        words.append("".join(word).encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape"))


def _quoted(text: str, at: int, word: list[str]) -> int:
    """Reads the quoted piece that opens at `at` into `word`; the place behind it, or -1 if left open."""
    quote = text[at]
    at += 1
    while at < len(text):
        char = text[at]
        if char == quote:
            return at + 1
        following = text[at + 1: at + 2]
        if char == "\\" and quote == "'" and following == "'":
            word.append("'")
            at += 2
        elif char == "\\" and quote == '"' and following:
            hexadecimal = HEX.match(text, at + 2) if following == "x" else None
            if hexadecimal:
                word.append(_byte(int(hexadecimal[0], 16)))
                at += 4
            else:
                word.append(ESCAPES.get(following, following))
                at += 2
        else:
            word.append(char)
            at += 1
    return -1


def _byte(value: int) -> str:
    """One byte as text; a part of something longer stands as a surrogate until the word is complete."""
    return chr(value) if value < 128 else chr(0xDC00 + value)


def quote(word: str) -> str:
    """The word in double quotes, so that `split_words` gives it back."""
    out = []
    back = {value: key for key, value in ESCAPES.items()}
    for char in word:
        if char in '"\\':
            out.append("\\" + char)
        elif char in back:
            out.append("\\" + back[char])
        elif ord(char) < 32 or ord(char) == 127:
            out.append(f"\\x{ord(char):02x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def file_lines(path: str, depth: int = 0) -> Iterator[Line]:
    """The lines of a file, included files in their place. Raises GrammarError if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            texts = file.read().split("\n")
    except OSError as error:
        raise GrammarError(f"Fatal error, can't open config file '{path}': {error.strerror}") from None
    if depth > DEEPEST_INCLUDE:
        raise GrammarError(f"Fatal error, config file '{path}' includes itself")
    yield from text_lines(texts, f"Reading the configuration file, at line {{number}} of {path}", depth)


def text_lines(texts: list[str], where: str, depth: int = 0) -> Iterator[Line]:
    """Lines that mean something, numbered from 1; `include pattern` is replaced by what it names."""
    for number, text in enumerate(texts, 1):
        text = text.strip(" \t\r\n")
        if not text or text.startswith("#"):
            continue
        words = split_words(text)
        if words and words[0].lower() == "include" and len(words) == 2:
            yield from _included(words[1], depth)
        else:
            yield Line(where.replace("{number}", str(number)), text)


def _included(pattern: str, depth: int) -> Iterator[Line]:
    """A pattern may match nothing; a plain name must exist."""
    paths = sorted(globbing.glob(pattern)) if any(char in pattern for char in "*?[") else [pattern]
    for path in paths:
        yield from file_lines(path, depth + 1)


@dataclass
class CommandLine:
    """What the arguments ask for: a file, standard input, directives, or only to be told something."""

    file: str | None = None
    stdin: bool = False
    lines: list[Line] | None = None


def command_line(argv: list[str]) -> CommandLine:
    """Reads `[config-file] [-] [--directive value ...] [-]`.

    A directive takes the arguments up to the next `--directive`; the first argument behind its name is
    always a value, whatever it looks like (`--requirepass --secret`). `--save` alone is `--save ""`.
    `-` as the first or the last argument asks for standard input. Costs O(arguments).
    """
    asked = CommandLine(lines=[])
    args = list(argv)
    if args and not args[0].startswith("-"):
        asked.file = args.pop(0)
    texts: list[str] = []
    want_value = False
    for at, arg in enumerate(args):
        if arg == "-" and (at == len(args) - 1 or (at == 0 and asked.file is None)):
            asked.stdin = True
        elif arg.startswith("--") and not want_value:
            texts.append(arg[2:])
            want_value = " " not in arg.strip()
            following = args[at + 1: at + 2]
            if arg.lower() == "--save" and (not following or following[0].startswith("--")):
                texts[-1] += ' ""'
                want_value = False
        else:
            texts.append((texts.pop() + " " if texts else "") + quote(arg))
            want_value = False
    assert asked.lines is not None
    asked.lines += text_lines(texts, "Reading the command line, at directive {number}")
    return asked
