"""Finding peer servers (Valkey, Redis), and running them and cydis on loopback for tests and benchmarks.

Peers come from CYDIS_PEERS (paths or name=path, separated by the system's path separator or by commas)
and from PATH (valkey-server, redis-server). Each runs on a free port, in a temporary folder of its own
and without persistence; the end of the `with` block, or of the interpreter, ends the process.
"""
import atexit
import contextlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from wire_client import Status, WireClient

ROOT = Path(__file__).resolve().parent.parent
NO_PERSISTENCE = ("--save", "", "--appendonly", "no")
DEBUGGED = ("--enable-debug-command", "yes")
START_SECONDS = 15.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Peer:
    """An installed peer server: `label` is for example "valkey-9.1", `name` what to call it in tables."""

    name: str
    path: str
    product: str
    version: str

    @property
    def release(self):
        return tuple(int(part) for part in self.version.split(".")[:2])

    @property
    def is_reference(self):
        """Whether this is one of the servers that cydis follows: Valkey 9 or Redis 8."""
        return self.release >= ((9, 0) if self.product == "valkey" else (8, 0))

    @property
    def label(self):
        return f"{self.product}-{'.'.join(self.version.split('.')[:2])}"

    def start(self, *arguments, **options):
        """Return a running ServerProcess of this peer; `arguments` are directives of its own grammar.

        It looks at what it is to RESTORE as closely as it can.
        """
        careful = ("--sanitize-dump-payload", "yes") if self.release >= (6, 2) else ()
        return ServerProcess([self.path], (*careful, *arguments), label=self.label, **options)


def identify(path, name=None):
    """Return the Peer at `path`, or None when it is not a server whose version can be read."""
    try:
        out = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"(Valkey|Redis) server v=(\d+\.\d+\.\d+)", out)
    if not match:
        return None
    product, version = match[1].lower(), match[2]
    return Peer(name or f"{product}-{version}", path, product, version)


def find_peers():
    """Return all peers found, best oracle first: Valkey before Redis, newer before older."""
    candidates = []
    for entry in re.split(f"[,{os.pathsep}]", os.environ.get("CYDIS_PEERS", "")):
        name, _, path = entry.rpartition("=")
        if path:
            candidates.append((path, name or None))
    for program in ("valkey-server", "redis-server"):
        if path := shutil.which(program):
            candidates.append((path, None))
    peers = {}
    for path, name in candidates:
        if peer := identify(path, name):
            peers.setdefault((peer.product, peer.version), peer)
    return sorted(peers.values(), key=lambda peer: (peer.product == "valkey", peer.release), reverse=True)


def free_port():
    """Return a loopback TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerFailed(Exception):
    """The server ended or stayed silent instead of serving; the text holds its log."""


class ServerProcess:
    """A server process that answers PING.

    Public: `label`, `port`, `folder`, `unixsocket` (or None), `process`, `log`.
    `command` is the program with its fixed arguments; `prefix` is put before it (taskset for benchmarks).
    The port is chosen free; should another process take it in between, a new one is chosen.
    """

    def __init__(self, command, arguments=(), *, label="server", prefix=(), unixsocket=False, env=None):
        self.label = label
        self.line, self.arguments, self.env = [*prefix, *command], arguments, env
        self.folder = Path(tempfile.mkdtemp(prefix=f"{label}-"))
        self.log = self.folder / "log"
        self.unixsocket = self.folder / "socket" if unixsocket else None
        atexit.register(self.stop)
        try:
            self.start_again()
        except BaseException:
            self.stop()
            raise

    def start_again(self):
        """Start the process, which has not run before or has ended; the port may be another then."""
        for attempt in range(5):
            self.port = free_port()
            self.launch(self.line, self.arguments, self.env)
            if self.serves():
                return
            if "in use" not in self.read_log() or attempt == 4:
                raise ServerFailed(f"{self.label} did not start:\n{self.read_log()}")

    def has_ended(self, seconds=5.0):
        """Wait a moment for the process to end; return whether it has."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.poll() is not None

    def launch(self, command, arguments, env):
        line = [*command, "--port", str(self.port), "--bind", "127.0.0.1", *NO_PERSISTENCE]
        line += ["--dir", str(self.folder)]
        if self.unixsocket:
            line += ["--unixsocket", str(self.unixsocket), "--unixsocketperm", "700"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*line, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env=env,
            )

    def serves(self):
        """Wait until PING is answered. False: the process ended; raises ServerFailed after the deadline."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, EOFError), self.client(timeout=1.0) as client:
                if client.call("PING") == Status(b"PONG"):
                    return self.process.poll() is None
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.01)
                return False
        raise ServerFailed(f"{self.label} did not answer within {START_SECONDS:g} s:\n{self.read_log()}")

    def client(self, **options):
        """Return a new WireClient to this server."""
        return WireClient(self.port, **options)

    def read_log(self):
        """Return what the process has written so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self):
        """End the process and remove its folder; stopping twice is allowed."""
        atexit.unregister(self.stop)
        process = getattr(self, "process", None)
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def start_cydis(*arguments, **options):
    """Return a running ServerProcess of the cydis this interpreter imports: a checkout's or an installed one."""
    found = importlib.util.find_spec("cydis")
    source = Path(found.origin).parents[1] if found else ROOT / "src"
    paths = [str(source), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return ServerProcess([sys.executable, "-m", "cydis"], arguments, label="cydis", env=env, **options)
