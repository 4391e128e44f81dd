"""Which directives reach native code, and how: the one place where a configuration meets an engine."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cydis.server.config import Config

if TYPE_CHECKING:
    from cydis.server.shell import Shell

LARGEST = (1 << 63) - 1          # that native code reads; a limit beyond it is none

# Numbers and switches that EngineObject.set_setting knows by the directive's own name.
NUMBERS = (
    "active-expire-effort", "client-query-buffer-limit", "hash-max-listpack-entries",
    "hash-max-listpack-value", "hll-sparse-max-bytes", "hz", "lazyfree-lazy-expire", "lazyfree-lazy-server-del",
    "lazyfree-lazy-user-del", "lazyfree-lazy-user-flush", "lfu-decay-time", "lfu-log-factor",
    "list-max-listpack-size", "maxclients", "proto-max-bulk-len", "rdbcompression", "set-max-intset-entries",
    "set-max-listpack-entries", "set-max-listpack-value", "tcp-keepalive", "timeout",
    "zset-max-listpack-entries", "zset-max-listpack-value",
)


def bind_engine(config: Config, shell: Shell) -> None:
    """Applies the values now in force to the shell's engine, and every later CONFIG SET of them."""
    engine = shell.engine

    def number(name: str) -> Callable[[Any], None]:
        return lambda value: engine.set_setting(name, min(int(value), LARGEST))

    def policy(value: str) -> None:
        engine.set_setting("lfu", value.endswith("-lfu"))

    def password(value: str) -> None:
        engine.set_password(value.encode("utf-8", "surrogateescape"))

    def protect(value: bool) -> None:
        if shell.service is not None:
            shell.service.loop.set_protected_mode(value)

    hooks: dict[str, Callable[[Any], None]] = {name: number(name) for name in NUMBERS}
    hooks |= {"maxmemory-policy": policy, "requirepass": password, "protected-mode": protect}
    for name, hook in hooks.items():
        hook(config[name])
        config.on_change(name, hook)
