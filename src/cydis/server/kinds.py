"""The kinds of values a directive can have: how each is read, checked and written back.

A kind has two functions. `read(words, old)` takes the words behind the directive's name (and the value so
far, for the few that merge) and returns the value, or raises ValueError with the text a client of the
reference knows. `write(value)` gives the canonical text that CONFIG GET shows. Values are plain Python:
bool, int, str, tuples and dicts of those; a share of the memory, where one may be given, is negative.
"""
from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

INT = 2**31 - 1
UINT = 2**32 - 1
LONG = 2**63 - 1
ULONG = 2**64 - 1

WRONG_NUMBER = "wrong number of arguments"
NOT_MEMORY = "argument must be a memory value"

Words = list[str]


@dataclass(frozen=True)
class Kind:
    """How to read and to write a value. `many` kinds take any number of words, the others exactly one."""

    read: Callable[[Words, Any], Any]
    write: Callable[[Any], str] = str
    many: bool = False


def one(read: Callable[[str], Any], write: Callable[[Any], str] = str) -> Kind:
    """A kind of a single word."""
    def read_words(words: Words, old: Any) -> Any:
        if len(words) != 1:
            raise ValueError(WRONG_NUMBER)
        return read(words[0])
    return Kind(read_words, write)


def several(read: Callable[[Words, Any], Any], write: Callable[[Any], str]) -> Kind:
    """A kind of several words; they may also come as one word with blanks in it."""
    def read_words(words: Words, old: Any) -> Any:
        return read(words[0].split(" ") if len(words) == 1 else words, old)
    return Kind(read_words, write, many=True)


def _within(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise ValueError(f"argument must be between {low} and {high} inclusive")
    return value


# ---- numbers

DECIMAL = re.compile(r"0|-?[1-9][0-9]*")
MEMORY = re.compile(r"(-?[0-9]+|)([a-z]*)", re.IGNORECASE)
UNITS = {"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1000**2, "mb": 1 << 20, "g": 1000**3, "gb": 1 << 30}


def parse_integer(word: str) -> int:
    """A decimal as the protocol writes it: no sign but a minus, no leading zero, 64 bits."""
    if not DECIMAL.fullmatch(word) or not -LONG - 1 <= int(word) <= LONG:
        raise ValueError("argument couldn't be parsed into an integer")
    return int(word)


def parse_memory(word: str, low: int = 0) -> int:
    """Bytes with an optional unit: 100, 1k (1000), 1kb (1024), 1mb, 1gb ... Raises ValueError."""
    match = MEMORY.fullmatch(word)
    if not match or match[2].lower() not in UNITS or (match[1].startswith("-") and low >= 0):
        raise ValueError(NOT_MEMORY)
    value = int(match[1] or 0) * UNITS[match[2].lower()]
    if value > ULONG:
        raise ValueError(NOT_MEMORY)
    return value


def integer(low: int, high: int) -> Kind:
    """A whole number within bounds."""
    return one(lambda word: _within(parse_integer(word), low, high))


def clamped(low: int, high: int, least: int, most: int) -> Kind:
    """A whole number that is quietly kept within [least, most]."""
    return one(lambda word: min(max(_within(parse_integer(word), low, high), least), most))


def memory(low: int, high: int, least: int = 0) -> Kind:
    """An amount of memory; smaller ones than `least` are quietly raised to it."""
    return one(lambda word: max(_within(parse_memory(word, low), low, high), least if low >= 0 else low))


def _memory_or_percent(word: str) -> int:
    try:
        if word.endswith("%") and word[:-1].isdigit():
            percent = int(word[:-1])
        else:
            return _within(parse_memory(word), 0, LONG)
    except ValueError as error:
        text = "argument must be a memory or percent value" if str(error) == NOT_MEMORY else str(error)
        raise ValueError(text) from None
    if percent > 100:
        raise ValueError("percentage argument must be less or equal to 100")
    return -percent


def _octal(word: str) -> int:
    sign, digits = (-1, word[1:]) if word.startswith("-") else (1, word)
    if digits.strip("01234567"):
        raise ValueError("argument couldn't be parsed as an octal number")
    value = sign * int(digits or "0", 8)
    if not 0 <= value <= 0o777:
        raise ValueError("argument must be between 0 and 777 inclusive")
    return value


MEMORY_OR_PERCENT = one(_memory_or_percent, lambda value: str(value) if value >= 0 else f"{-value}%")
OCTAL = one(_octal, lambda value: f"{value:o}")


# ---- words

def _bool(word: str) -> bool:
    if word.lower() not in ("yes", "no"):
        raise ValueError("argument must be 'yes' or 'no'")
    return word.lower() == "yes"


BOOL = one(_bool, lambda value: "yes" if value else "no")
STRING = one(str)


def enum(names: str, **same: str) -> Kind:
    """One of the names (any case); `same` says which are only other spellings."""
    table = {name.lower(): name for name in names.split()}

    def read(word: str) -> str:
        if word.lower() not in table:
            raise ValueError("argument(s) must be one of the following: " + ", ".join(names.split()))
        name = table[word.lower()]
        return same.get(name, name)
    return one(read)


def checked(accept: Callable[[str], bool], text: str, longest: int = 0, too_long: str = "") -> Kind:
    """A string that `accept` likes; the empty one is always fine."""
    def read(word: str) -> str:
        if longest and len(word) > longest:
            raise ValueError(too_long)
        if word and not accept(word):
            raise ValueError(text)
        return word
    return one(read)


def file_name(name: str, noun: str) -> Kind:
    """A name without a directory."""
    def read(word: str) -> str:
        if not word:
            raise ValueError(f"{name} can't be empty")
        if "/" in word:
            raise ValueError(f"{name} can't be a path, just a {noun}")
        return word
    return one(read)


def not_empty(name: str) -> Kind:
    """Any string but the empty one."""
    def read(word: str) -> str:
        if not word:
            raise ValueError(f"{name} can't be empty")
        return word
    return one(read)


def address(version: type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address], text: str) -> Kind:
    """An IP address of one version, or nothing."""
    def accept(word: str) -> bool:
        try:
            version(word)
        except ValueError:
            return False
        return True
    return checked(accept, text)


TITLE_FIELDS = {"title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file"}


def _title(word: str) -> str:
    fields = re.findall(r"\{([^}]*)(\}?)", word)
    if not word or not all(field in TITLE_FIELDS and closed for field, closed in fields):
        raise ValueError("template format is invalid or contains unknown variables")
    return word


def _directory(word: str) -> str:
    if not word:
        raise ValueError("dir can't be empty")
    try:
        with os.scandir(word):
            return os.path.realpath(word)
    except OSError as error:
        raise ValueError(error.strerror) from None


TITLE = one(_title)
DIRECTORY = one(_directory)
HOST_NAME = checked(
    lambda word: re.fullmatch(r"[a-zA-Z0-9.-]*", word) is not None,
    "Hostnames may only contain alphanumeric characters, hyphens or dots",
    255, "Hostnames must be less than 256 characters")


def plain(text: str) -> Kind:
    """What can stand in a line of the cluster's file without being mistaken for something else."""
    return checked(lambda word: re.fullmatch(r"[a-zA-Z0-9:/`_.-]*", word) is not None, text)


# ---- several words

def _flags(names: str, text_twice: str) -> Kind:
    known = names.split()

    def read(words: Words, old: Any) -> tuple[str, ...]:
        chosen = {word.lower() for word in words}
        if not words or not chosen <= set(known):
            raise ValueError("argument(s) must be one of the following: " + ", ".join(known))
        if {"save", "nosave"} <= chosen:
            raise ValueError(text_twice)
        return tuple(name for name in known if name in chosen and name != "default")
    return several(read, lambda value: " ".join(value) or "default")


def _save(words: Words, old: Any) -> tuple[tuple[int, int], ...]:
    if words in ([], [""]):
        return ()
    try:
        numbers = [int(word) if re.fullmatch(r"-?[0-9]+", word) else -1 for word in words]
        pairs = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    except ValueError:
        pairs = ((0, 0),)
    if any(seconds < 1 or changes < 0 for seconds, changes in pairs):
        raise ValueError("Invalid save parameters")
    return pairs


CLASSES = {"normal": "normal", "slave": "slave", "replica": "slave", "pubsub": "pubsub"}


def _buffer_limits(words: Words, old: Any) -> dict[str, tuple[int, int, int]]:
    words = [] if words == [""] else words
    if len(words) % 4:
        raise ValueError("Wrong number of arguments in buffer limit configuration.")
    limits = dict(old or {})
    for at in range(0, len(words), 4):
        name, *sizes = words[at:at + 4]
        if name.lower() not in CLASSES:
            raise ValueError("Invalid client class specified in buffer limit configuration.")
        try:
            limit = parse_memory(sizes[0]), parse_memory(sizes[1]), int(sizes[2])
        except ValueError:
            limit = (0, 0, -1)
        if limit[2] < 0:
            raise ValueError("Error in hard, soft or soft_seconds setting in buffer limit configuration.")
        limits[CLASSES[name.lower()]] = limit
    return limits


def _oom_scores(words: Words, old: Any) -> tuple[int, ...]:
    if len(words) != 3:
        raise ValueError(WRONG_NUMBER)
    if not all(re.fullmatch(r"-?[0-9]+", word) and -2000 <= int(word) <= 2000 for word in words):
        raise ValueError("Invalid oom-score-adj-values, elements must be between -2000 and 2000.")
    return tuple(int(word) for word in words)


def _percentiles(words: Words, old: Any) -> tuple[float, ...]:
    words = [] if words == [""] else words
    try:
        values = tuple(float(word) for word in words)
    except ValueError:
        values = (math.nan,)
    if any(math.isnan(value) for value in values):
        raise ValueError("Invalid latency-tracking-info-percentiles parameters")
    if any(not 0 <= value <= 100 for value in values):
        raise ValueError("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
    return values


def _bind(words: Words, old: Any) -> tuple[str, ...]:
    if len(words) > 16:
        raise ValueError("Too many bind addresses specified.")
    return () if words in ([], [""]) else tuple(words)


def _replicaof(words: Words, old: Any) -> tuple[str, int] | None:
    if len(words) != 2:
        raise ValueError(WRONG_NUMBER)
    if [word.lower() for word in words] == ["no", "one"]:
        return None
    if not words[1].isdecimal() or int(words[1]) > 65535:
        raise ValueError("Invalid primary port")
    return words[0], int(words[1])


EVENT_CLASSES = "g$lshzxetd"          # all that A stands for; n, K, E and m must be asked for by name


def _events(word: str) -> frozenset[str]:
    if set(word) - set("A" + EVENT_CLASSES + "KEmn"):
        raise ValueError("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
    return frozenset(word.replace("A", EVENT_CLASSES))


def _events_text(chosen: frozenset[str]) -> str:
    classes = "A" if chosen >= set(EVENT_CLASSES) else "".join(c for c in EVENT_CLASSES + "n" if c in chosen)
    return classes + "".join(char for char in "KEm" if char in chosen)


SHUTDOWN = _flags("default save nosave now force safe failover",
                  "shutdown options SAVE and NOSAVE can't be used simultaneously")
SAVE = several(_save, lambda pairs: " ".join(f"{seconds} {changes}" for seconds, changes in pairs))
BUFFER_LIMITS = several(_buffer_limits, lambda limits: " ".join(
    f"{name} {hard} {soft} {seconds}" for name, (hard, soft, seconds) in limits.items()))
OOM_SCORES = several(_oom_scores, lambda values: " ".join(map(str, values)))
PERCENTILES = several(_percentiles, lambda values: " ".join(f"{value:g}" for value in values))
BIND = several(_bind, " ".join)
REPLICAOF = several(_replicaof, lambda value: f"{value[0]} {value[1]}" if value else "")
EVENTS = one(_events, _events_text)
