"""Programs of other projects that talk to a server: found on PATH, or beside the peers in CYDIS_PEERS.

`find("cli")` knows valkey-cli and redis-cli, `find("benchmark")` the two load generators. A program called
redis8-server in CYDIS_PEERS brings redis8-cli and redis8-benchmark along, if they lie beside it.
"""
import contextlib
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest
from peers import find_peers

PRODUCTS = ("valkey", "redis")
SECONDS = 30.0


def find(kind):
    """Paths of all programs of this kind, the newest product first; each product at most once per folder."""
    beside = [Path(peer.path).with_name(Path(peer.path).name.replace("-server", f"-{kind}"))
              for peer in find_peers()]
    on_path = [Path(path) for product in PRODUCTS if (path := shutil.which(f"{product}-{kind}"))]
    found = dict.fromkeys(str(path) for path in beside + on_path if path.exists())
    return list(found)


def each(kind):
    """What to parametrize a test with: every program found, or one skipped case that says what is missing."""
    missing = pytest.param(None, marks=pytest.mark.skip(reason=f"no redis-{kind} or valkey-{kind} installed"))
    names = find(kind) or [missing]
    return pytest.mark.parametrize("program", names, ids=lambda path: Path(path or kind).name)


def run(program, port, *arguments, stdin=b"", seconds=SECONDS):
    """The finished process: `returncode`, and `stdout` with `stderr` as text."""
    done = subprocess.run([program, "-p", str(port), *map(str, arguments)], input=stdin, timeout=seconds,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    done.stdout = done.stdout.decode()
    return done


class Terminal:
    """A program at a terminal of its own: what a person sees and types."""

    def __init__(self, *command, folder):
        self.seen = ""
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.environ |= {"TERM": "xterm", "HOME": str(folder)}     # its history file goes to the folder
            os.execv(command[0], command)
        fcntl.ioctl(self.screen, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))

    def type(self, keys):
        """Press these keys."""
        os.write(self.screen, keys.encode())

    def until(self, text):
        """Read the screen until the text has come; return all that came since the last call."""
        deadline = time.monotonic() + SECONDS
        while text not in self.seen:
            ready, _, _ = select.select([self.screen], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"{text!r} never came: {self.seen!r}"
            try:
                self.seen += os.read(self.screen, 1 << 16).decode(errors="replace")
            except OSError:
                raise AssertionError(f"{text!r} never came, the program ended: {self.seen!r}") from None
        at = self.seen.index(text) + len(text)
        found, self.seen = self.seen[:at], self.seen[at:]
        return found

    def interrupt(self):
        """Press Ctrl-C."""
        self.type("\x03")

    def wait(self):
        """Read to the end; return the exit status."""
        with contextlib.suppress(OSError):
            while data := os.read(self.screen, 1 << 16):
                self.seen += data.decode(errors="replace")
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        self.process = 0
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        os.close(self.screen)
