"""A network loop on a thread of its own: what both the server and Store.serve run."""
from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Any

from cydis.engine.door import EngineObject
from cydis.net.loop import Loop
from cydis.server import sockets
from cydis.server.errors import StartError
from cydis.server.shell import shell_of
from cydis.store import Store


class Service:
    """RESP clients are served from an engine until close().

    Args:
        engine: the engine whose data is served.
        listeners: listening, non-blocking sockets; they belong to the service from here on.
        protected: refuse clients from other machines while no password is set.
    """

    def __init__(self, engine: EngineObject, listeners: list[socket.socket], protected: bool = False) -> None:
        self.engine = engine
        self.loop = Loop(engine)
        self.loop.set_protected_mode(protected)
        self._listeners = listeners
        self._address = _first_address(listeners)
        for listener in listeners:
            self.loop.listen(listener.fileno(), listener.family == socket.AF_UNIX)
        self._thread = threading.Thread(target=self.loop.run, name="cydis-loop", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The TCP port, or 0 when only a unix socket is served. It stays known after close()."""
        return 0 if isinstance(self._address, str) else self._address[1]

    @property
    def address(self) -> str | tuple[str, int]:
        """(host, port) of the first TCP socket, or the path of the unix socket."""
        return self._address

    @property
    def url(self) -> str:
        """What redis-py's from_url takes."""
        address = self.address
        if isinstance(address, str):
            return f"unix://{address}"
        host, port = address
        return f"redis://[{host}]:{port}/0" if ":" in host else f"redis://{host}:{port}/0"

    def wait(self, timeout: float | None = None) -> bool:
        """Blocks until the loop ends (a client's SHUTDOWN, or close); False after `timeout` seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Ends all connections and stops listening. A second call does nothing."""
        self.loop.stop()
        self._thread.join()
        listeners, self._listeners = self._listeners, []
        sockets.close(listeners)

    def __enter__(self) -> Service:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def _first_address(listeners: list[socket.socket]) -> str | tuple[str, int]:
    """TCP before unix: the path of a unix socket is only an address when there is no port."""
    for listener in listeners:
        if listener.family != socket.AF_UNIX:
            host, port = listener.getsockname()[:2]
            return host, port
    return str(listeners[0].getsockname())


def serve_store(store: Store[Any], hosts: list[str], port: int, unixsocket: str | None, unixsocketperm: int,
                password: str | None) -> Service:
    """What `Store.serve` does; see there."""
    shell = shell_of(store.engine)
    listeners = sockets.tcp(hosts, port) if port >= 0 else []
    try:
        if unixsocket:
            listeners.append(sockets.unix(unixsocket, unixsocketperm))
        if not listeners:
            raise StartError("nothing to serve: neither a port nor a unix socket was given")
    except StartError:
        sockets.close(listeners)
        raise
    if password:
        shell.config.set_many([("requirepass", password)])
    shell.service = Service(store.engine, listeners, protected=True)
    return shell.service
