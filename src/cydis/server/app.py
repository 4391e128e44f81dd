"""The server: an engine, its configuration, its listening sockets, and the loop between them."""
from __future__ import annotations

import cydis.commands  # registers the families
import cydis.server.commands  # noqa: F401  and the commands written in Python
from cydis.engine.door import EngineObject
from cydis.server import sockets
from cydis.server.background import Service
from cydis.server.config import Config
from cydis.server.errors import StartError
from cydis.server.log import Log
from cydis.server.shell import Shell


class Server:
    """One server process's worth of state; `cydis.server.cli` starts and stops it.

    Args:
        config: read and checked.
        log: where it tells what happens.
    """

    def __init__(self, config: Config, log: Log) -> None:
        self.config = config
        self.shutdown_flags: tuple[str, ...] = ()
        self.engine = EngineObject(config["databases"])
        self.shell = Shell(self.engine, config, log)
        self.service: Service | None = None

    def start(self) -> None:
        """Opens the sockets and begins to serve. Raises StartError."""
        config = self.config
        listeners = []
        try:
            if config["port"]:
                listeners += sockets.tcp(config["bind"], config["port"], config["tcp-backlog"])
            if config["unixsocket"]:
                listeners.append(
                    sockets.unix(config["unixsocket"], config["unixsocketperm"], config["tcp-backlog"]))
            if not listeners:
                raise StartError("Configured to not listen anywhere, exiting.")
        except StartError:
            sockets.close(listeners)
            raise
        self.service = self.shell.service = Service(self.engine, listeners, config["protected-mode"])

    def wait(self) -> None:
        """Blocks until a client asked for SHUTDOWN."""
        assert self.service is not None
        while not self.service.wait(3600):
            continue

    def stop(self) -> None:
        """Closes connections and sockets."""
        if self.service is not None:
            self.service.close()
