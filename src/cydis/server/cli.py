"""`cydis-server` and `python -m cydis`: from the arguments to a running server, and its end.

    cydis-server [config-file|-] [--directive value ...] [-]

Exit status: 0 after an orderly shutdown, 1 if the configuration or the start failed (one message on standard
error says why) or if a second SIGINT cut the shutdown short.
"""
from __future__ import annotations

import faulthandler
import os
import platform
import struct
import sys
from collections.abc import Callable
from typing import Protocol

from cydis.server.config import Config, ConfigError, fatal
from cydis.server.errors import StartError
from cydis.server.log import Log
from cydis.server.process import DEFAULT_PID_FILE, Launcher, PidFile, Signals, Supervisor, detach
from cydis.version import VERSION

BITS = 8 * struct.calcsize("P")
HELP = """\
Usage: cydis-server [config-file] [--directive value ...] [-]

A Redis-compatible server. Directives are those of redis.conf; what stands on the
command line comes last and wins. "-" reads directives from standard input.

  cydis-server                                     port 6379, no file
  cydis-server /etc/redis/redis.conf               as this file says
  cydis-server cache.conf --maxmemory 2gb          a file, and one thing different
  cydis-server --port 0 --unixsocket /run/c.sock   only a unix socket
  echo "port 7000" | cydis-server -                directives from a pipe

  -v, --version   what this is
  -h, --help      this text
"""


class Service(Protocol):
    """What is run: `cydis.server.app.Server`, or a stand-in. Made with (config, log)."""

    shutdown_flags: tuple[str, ...]       # set before `stop`: what shutdown-on-sigterm or -sigint asks for

    def start(self) -> None:
        """Opens the doors. Raises StartError."""

    def wait(self) -> None:
        """Blocks until a client asks for shutdown. It runs beside the main thread, and may be left blocking."""

    def stop(self) -> None:
        """Closes the doors and ends all threads."""


def main(argv: list[str] | None = None) -> int:
    """Runs the server until it is told to stop; the arguments are those behind the program's name."""
    args = sys.argv[1:] if argv is None else argv
    if args[:1] in (["-v"], ["--version"]):
        print(f"cydis-server v={VERSION} bits={BITS} python={platform.python_version()}")
        return 0
    if args[:1] in (["-h"], ["--help"]):
        print(HELP, end="")
        return 0
    return run(args, _service)


def _service(config: Config, log: Log) -> Service:
    from cydis.server.app import Server
    return Server(config, log)


def run(args: list[str], make: Callable[[Config, Log], Service]) -> int:
    """`main` for a service of one's own; returns the exit status."""
    config = Config()
    try:
        config.load(args)
        log = Log.of(config)
    except ConfigError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(fatal(f"Can't open the log file: {error.strerror}"))
    os.umask(os.umask(0o077) | 0o022)                    # what the server makes is never writable by others
    supervisor = Supervisor(config["supervised"])
    launcher = detach() if config["daemonize"] and supervisor.mode == "no" else None
    if config["crash-log-enabled"] and launcher is None:
        faulthandler.enable()
    _greet(config, log)
    signals = Signals(config, log)
    signals.install()
    try:
        service = make(config, log)
        log.notice("Server initialized")
        service.start()
    except StartError as error:
        return _give_up(str(error), log, launcher)
    return _serve(config, log, service, signals, supervisor, launcher)


def _serve(config: Config, log: Log, service: Service, signals: Signals, supervisor: Supervisor,
           launcher: Launcher | None) -> int:
    pid_file = PidFile(config["pidfile"] or DEFAULT_PID_FILE)
    if config["pidfile"] or launcher:
        pid_file.write(log)
    if config["port"]:
        log.notice("Ready to accept connections tcp")
    if config["unixsocket"]:
        log.notice("Ready to accept connections unix")
    supervisor.ready("Ready to accept connections")
    if launcher:
        launcher.succeeded()
    service.shutdown_flags = signals.wait(service.wait)
    log.notice("User requested shutdown...")
    supervisor.stopping()
    signals.finish(service.stop)
    pid_file.remove(log)
    log.warning("cydis is now ready to exit, bye bye...")
    return 0


def _greet(config: Config, log: Log) -> None:
    log.notice("cydis is starting")
    log.notice(f"cydis version={VERSION}, bits={BITS}, pid={os.getpid()}, just started")
    if config.given():
        log.notice("Configuration loaded")
    else:
        log.notice("No configuration given, using the defaults. cydis-server --help says how to give one")
    idle = config.given("kept") + [name for name, lines in (
        ("loadmodule", config.modules), ("rename-command", config.renamed), ("user", config.users)) if lines]
    if idle:
        log.warning("Accepted, but without effect in this version: " + ", ".join(idle))
    log.notice(f"Running mode=standalone, port={config['port']}.")


def _refuse(text: str) -> int:
    sys.stdout.flush()
    print(text, file=sys.stderr)
    return 1


def _give_up(text: str, log: Log, launcher: Launcher | None) -> int:
    if log.path:
        log.warning(text)
    if launcher:
        launcher.failed(text)
        return 1
    return _refuse(text)
