"""The server's log: one line per event, in the three forms that log readers already understand.

    legacy    4242:M 22 Nov 2026 20:55:38.278 * Server initialized
    logfmt    pid=4242 role=primary timestamp="22 Nov 2026 20:55:38.278" level=notice message="Server ..."
    json      {"pid":4242,"role":"primary","timestamp":"...","level":"notice","message":"Server ..."}

Times are local. Each line is one write, so lines of several threads do not mix; a log file is opened anew
for each line, so that it can be rotated by renaming it, without a signal.
"""
from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cydis.server.config import Config

LEVELS = {"debug": 0, "verbose": 1, "notice": 2, "warning": 3, "nothing": 4}
LETTERS = {"debug": ".", "verbose": "-", "notice": "*", "warning": "#"}
ROLES = {"M": "primary", "S": "replica", "C": "RDB/AOF", "X": "sentinel"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Log:
    """Where events are told. `role` is M for a primary, S for a replica; `clock` gives seconds since 1970."""

    def __init__(self, level: str = "notice", path: str = "", form: str = "legacy", stamp: str = "legacy",
                 clock: Callable[[], float] = time.time) -> None:
        self.level = level
        self.path = path                     # "": standard output
        self.form = form
        self.stamp = stamp
        self.role = "M"
        self._clock = clock

    @classmethod
    def of(cls, config: Config) -> Log:
        """A log as the configuration wants it, now and later. Raises OSError for a bad logfile."""
        log = cls(config["loglevel"], config["logfile"], config["log-format"], config["log-timestamp-format"])
        if log.path:
            log.path = os.path.abspath(log.path)
            with open(log.path, "ab"):
                pass
        config.on_change("loglevel", lambda value: setattr(log, "level", value))
        config.on_change("log-format", lambda value: setattr(log, "form", value))
        config.on_change("log-timestamp-format", lambda value: setattr(log, "stamp", value))
        return log

    def debug(self, text: str) -> None:
        """What only a developer of this program wants to know."""
        self.write("debug", text)

    def verbose(self, text: str) -> None:
        """What is rarely useful."""
        self.write("verbose", text)

    def notice(self, text: str) -> None:
        """What an operator wants to see."""
        self.write("notice", text)

    def warning(self, text: str) -> None:
        """What an operator must see."""
        self.write("warning", text)

    def write(self, level: str, text: str) -> None:
        """One event. A line that cannot be written is lost: a log never stops the server."""
        if LEVELS[level] < LEVELS[self.level]:
            return
        line = (self._line(level, text) + "\n").encode("utf-8", "surrogateescape")
        try:
            if not self.path:
                sys.stdout.flush()
                os.write(1, line)
                return
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(file, line)
            finally:
                os.close(file)
        except (OSError, ValueError, RuntimeError):      # the last: a signal's line amid a flush of the same stream
            pass

    def _line(self, level: str, text: str) -> str:
        pid, when = os.getpid(), timestamp(self._clock(), self.stamp)
        if self.form == "legacy":
            return f"{pid}:{self.role} {when} {LETTERS[level]} {text}"
        role = ROLES.get(self.role, self.role)
        if self.form == "json":
            return json.dumps({"pid": pid, "role": role, "timestamp": when, "level": level, "message": text},
                              separators=(",", ":"), ensure_ascii=False)
        message = json.dumps(text, ensure_ascii=False)
        return f'pid={pid} role={role} timestamp="{when}" level={level} message={message}'


def timestamp(seconds: float, form: str) -> str:
    """A moment as legacy `22 Nov 2026 20:55:38.278`, `iso8601` with offset, or `milliseconds` since 1970."""
    total = int(seconds * 1000)
    if form == "milliseconds":
        return str(total)
    local = time.localtime(total // 1000)
    clock = f"{local.tm_hour:02d}:{local.tm_min:02d}:{local.tm_sec:02d}.{total % 1000:03d}"
    if form == "iso8601":
        sign, minutes = ("-", -local.tm_gmtoff // 60) if local.tm_gmtoff < 0 else ("+", local.tm_gmtoff // 60)
        date = f"{local.tm_year:04d}-{local.tm_mon:02d}-{local.tm_mday:02d}"
        return f"{date}T{clock}{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{local.tm_mday:02d} {MONTHS[local.tm_mon - 1]} {local.tm_year:04d} {clock}"
