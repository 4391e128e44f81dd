"""What stands above an engine: its configuration, its log, the service that clients reach it by.

Commands written in Python find it as ``request.shell``. The server makes one at its start; a Store gets a
default one when it is first needed.
"""
from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from cydis.engine.door import EngineObject
from cydis.server.binding import bind_engine
from cydis.server.config import Config

if TYPE_CHECKING:
    from cydis.server.background import Service
    from cydis.server.log import Log


class Shell:
    """An engine's surroundings.

    Args:
        engine: whose they are; its ``.shell`` is set to this one.
        config: as loaded; None for the defaults.
        log: None where there is none (embedded).
    """

    def __init__(self, engine: EngineObject, config: Config | None = None, log: Log | None = None) -> None:
        self.engine = engine
        self.config = Config() if config is None else config
        self.log = log
        self.service: Service | None = None
        self.replication_id = secrets.token_hex(20)      # names the history of this engine's data
        self.peak = 0                                    # the most bytes in use that INFO has seen
        bind_engine(self.config, self)
        engine.set_shell(self)

    @property
    def multiplexing_api(self) -> str:
        """What waits for sockets, or "" when nothing is served."""
        return self.service.loop.multiplexing_api if self.service else ""


def shell_of(engine: EngineObject) -> Shell:
    """The engine's shell, made when there is none."""
    return engine.shell or Shell(engine)
