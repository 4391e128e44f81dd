"""The server: an engine, its configuration, its listening sockets, and the loop between them."""
from __future__ import annotations

import threading
import time

import cydis.commands                     # noqa: F401  registers the families
from cydis.engine.door import EngineObject
from cydis.server import commands, sockets
from cydis.server.background import Service
from cydis.server.config import Config
from cydis.server.info import Samples
from cydis.server.log import Log
from cydis.server.process import StartError

SAMPLE_SECONDS = 0.1


class Server:
    """One server process's worth of state; `cydis.server.cli` starts and stops it.

    Args:
        config: read and checked.
        log: where it tells what happens.
    """

    def __init__(self, config: Config, log: Log) -> None:
        self.config = config
        self.log = log
        self.shutdown_flags: tuple[str, ...] = ()
        self.engine = EngineObject(config["databases"], shell=self)
        self.samples = Samples(self.engine)
        self.service: Service | None = None
        self._stopped = threading.Event()
        commands.bind_engine(config, self.engine)

    def start(self) -> None:
        """Opens the sockets and begins to serve. Raises StartError."""
        config = self.config
        listeners = []
        try:
            if config["port"]:
                listeners += sockets.tcp(config["bind"], config["port"], config["tcp-backlog"])
            if config["unixsocket"]:
                listeners.append(sockets.unix(config["unixsocket"], config["unixsocketperm"], config["tcp-backlog"]))
            if not listeners:
                raise StartError("Configured to not listen anywhere, exiting.")
        except StartError:
            sockets.close(listeners)
            raise
        self.service = Service(self.engine, listeners, config["protected-mode"])
        config.on_change("protected-mode", self._protect)
        threading.Thread(target=self._sample, name="cydis-samples", daemon=True).start()

    def wait(self) -> None:
        """Blocks until a client asked for SHUTDOWN."""
        assert self.service is not None
        while not self.service.wait(3600):
            continue

    def stop(self) -> None:
        """Closes connections and sockets."""
        self._stopped.set()
        if self.service is not None:
            self.service.close()

    @property
    def multiplexing_api(self) -> str:
        return self.service.loop.multiplexing_api if self.service else ""

    def _protect(self, on: bool) -> None:
        if self.service is not None:
            self.service.loop.set_protected_mode(on)

    def _sample(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            self.samples.sample(time.monotonic())
