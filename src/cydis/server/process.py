"""The server as a process: into the background, under a supervisor, its pid file, its signals.

All of it happens in the main thread; `detach` forks, so it comes before any other thread exists.
"""
from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from cydis.server.config import Config
from cydis.server.log import Log

ENDING: dict[int, str] = {signal.SIGTERM: "sigterm", signal.SIGINT: "sigint"}
DEFAULT_PID_FILE = "/var/run/cydis.pid"


class Launcher:
    """The parent's end of `detach`: the child reports through a pipe whether it came up."""

    def __init__(self, report: int) -> None:
        self._report = report

    def succeeded(self) -> None:
        """Lets the parent exit with status 0."""
        os.close(self._report)

    def failed(self, text: str) -> None:
        """Lets the parent print the text and exit with status 1."""
        os.write(self._report, text.encode("utf-8", "surrogateescape"))
        os.close(self._report)


def detach() -> Launcher:
    """Forks twice, so that the process has no terminal and can get none; its standard streams go nowhere.

    Only the grandchild returns. The first process stays until the grandchild reports, prints what it says and
    exits with its verdict: whoever started a background server learns at once that it could not start.
    """
    read_end, write_end = os.pipe()
    if os.fork():
        os.close(write_end)
        _await_verdict(read_end)
    os.close(read_end)
    os.setsid()
    if os.fork():
        os._exit(0)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    if null > 2:
        os.close(null)
    return Launcher(write_end)


def _await_verdict(report: int) -> NoReturn:
    with os.fdopen(report, "rb") as pipe:
        text = pipe.read()
    if text:
        sys.stderr.buffer.write(text + b"\n")
        sys.stderr.flush()
    os._exit(1 if text else 0)


class Supervisor:
    """systemd (a datagram per state, to $NOTIFY_SOCKET) or upstart (a stop signal when ready), or nobody."""

    def __init__(self, mode: str) -> None:
        self.mode = "no"
        self._socket = os.environ.get("NOTIFY_SOCKET", "")
        if mode in ("systemd", "auto") and self._socket:
            self.mode = "systemd"
        elif mode in ("upstart", "auto") and os.environ.get("UPSTART_JOB"):
            self.mode = "upstart"

    def ready(self, status: str) -> None:
        """The server accepts connections."""
        if self.mode == "upstart":
            del os.environ["UPSTART_JOB"]
            signal.raise_signal(signal.SIGSTOP)
        self.notify(f"STATUS={status}\nREADY=1\n")

    def stopping(self) -> None:
        """The server is on its way out."""
        self.notify("STOPPING=1\n")

    def notify(self, state: str) -> bool:
        """One datagram in systemd's format; True if it left. Does nothing without systemd."""
        if self.mode != "systemd" or self._socket[0] not in "/@":
            return False
        address = "\0" + self._socket[1:] if self._socket.startswith("@") else self._socket
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as outlet:
                outlet.sendto(state.encode(), address)
        except OSError:
            return False
        return True


class PidFile:
    """The file that names the process; it exists from `write` until `remove`."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self.written = False

    def write(self, log: Log) -> None:
        """Writes the pid; a file that cannot be written is logged and no reason to stop."""
        try:
            with open(self.path, "w") as file:
                file.write(f"{os.getpid()}\n")
            self.written = True
        except OSError as error:
            log.warning(f"Failed to write PID file: {self.path}: {error.strerror}")

    def remove(self, log: Log) -> None:
        """Removes it if this process wrote it."""
        if self.written:
            log.notice("Removing the pid file.")
            try:
                os.unlink(self.path)
            except OSError as error:
                log.warning(f"Failed to remove PID file: {self.path}: {error.strerror}")


class Signals:
    """SIGTERM and SIGINT end the server in good order, SIGHUP and SIGPIPE mean nothing.

    `wait` gives what `shutdown-on-sigterm` or `-sigint` says for the signal that came, or () without one.
    A SIGINT while the server is already stopping ends the process at once, with status 1.

    A handler written in Python runs when the main thread is back in Python. A thread that was about to wait for a
    lock when the signal came would sleep on it, so the main thread only ever waits for a pipe: the signal
    itself writes to it (`set_wakeup_fd`), and what is read before the wait began is as good as what comes later.
    What really blocks runs in a thread beside.
    """

    def __init__(self, config: Config, log: Log) -> None:
        self._config = config
        self._log = log
        self._caught: int | None = None
        self._news, self._bell = os.pipe()               # a byte: look whether something has happened
        os.set_blocking(self._bell, False)

    def install(self) -> None:
        """Takes the signals over. Call it in the main thread."""
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)
        for number in ENDING:
            signal.signal(number, self._handle)
        for number in (signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)

    def wait(self, block: Callable[[], None]) -> tuple[str, ...]:
        """Waits until `block` returns, which it does when a client asks for shutdown, or for a signal."""
        done = self._beside(block)
        while self._caught is None and not done.is_set():
            os.read(self._news, 64)
        if self._caught is None:
            return ()
        self._log.notice(f"Received {signal.Signals(self._caught).name} scheduling shutdown...")
        flags: tuple[str, ...] = self._config[f"shutdown-on-{ENDING[self._caught]}"]
        return flags

    def finish(self, block: Callable[[], None]) -> None:
        """Waits until `block` returns; only a second SIGINT can cut this short."""
        done = self._beside(block)
        while not done.is_set():
            os.read(self._news, 64)

    def _beside(self, block: Callable[[], None]) -> threading.Event:
        """Runs `block` in a thread of its own; the event is set, and the bell rung, when it has returned."""
        done = threading.Event()

        def run() -> None:
            try:
                block()
            finally:
                done.set()
                self._ring()

        threading.Thread(target=run, name="cydis-wait", daemon=True).start()
        return done

    def _ring(self) -> None:
        with contextlib.suppress(BlockingIOError):       # full: it rings already
            os.write(self._bell, b"!")

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._caught is not None and number == signal.SIGINT:
            self._log.warning("Received SIGINT again, exiting without waiting for anything.")
            os._exit(1)
        if self._caught is None:
            self._caught = number
        self._ring()                                     # the byte of the signal itself may have been read too early
