"""Listening sockets: TCP over IPv4 and IPv6, and the unix socket with its permissions."""
from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterable

from cydis.server.errors import StartError

#: What `bind` means by "every address": IPv4, and IPv6 where the machine has it.
ANY = ("*", "-::*")


def tcp(addresses: Iterable[str], port: int, backlog: int = 511) -> list[socket.socket]:
    """Sockets that listen on `port` of each address.

    Args:
        addresses: as in the `bind` directive: names or numbers; "*" is all of IPv4, "::*" all of IPv6; one
            that begins with "-" may be missing on this machine.
        port: 0 lets the system choose; the other addresses then get the same number.
        backlog: connections that may wait to be accepted.

    Raises:
        StartError: an address cannot be had; the text names it and says why.
    """
    found: list[socket.socket] = []
    try:
        for address in addresses:
            optional, host = address.startswith("-"), address.removeprefix("-")
            try:
                listener = _listen(host, found[0].getsockname()[1] if found and not port else port, backlog)
            except OSError as error:
                if optional:
                    continue
                raise StartError(f"Could not create server TCP listening socket {host}:{port}: "
                                 f"{error.strerror or error}") from None
            found.append(listener)
    except StartError:
        close(found)
        raise
    if not found:
        raise StartError(f"Failed listening on port {port} (tcp): none of the addresses could be bound")
    return found


def _listen(host: str, port: int, backlog: int) -> socket.socket:
    numeric = {"*": "0.0.0.0", "::*": "::"}.get(host, host)
    family, kind, protocol, _, address = socket.getaddrinfo(
        numeric, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(backlog)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def unix(path: str, mode: int = 0, backlog: int = 511) -> socket.socket:
    """A socket that listens at a path of the file system.

    Args:
        path: where; a socket left behind by an earlier server is replaced, one that somebody listens at is not,
            and no other file.
        mode: permissions; 0 leaves them to the umask. They hold from the first moment: at no time may more
            people connect than in the end.
        backlog: connections that may wait to be accepted.

    Raises:
        StartError: the path cannot be had; the text says why.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if _left_behind(path):
            os.unlink(path)
        if mode:
            _restrict(listener, mode)
        listener.bind(path)
        if mode:
            os.chmod(path, mode)
        listener.listen(backlog)
        listener.setblocking(False)
    except (OSError, ValueError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or error
        raise StartError(f"Failed opening Unix socket: bind: {path}: {reason}") from None
    return listener


def _left_behind(path: str) -> bool:
    """True for a socket at which nobody listens any more."""
    if not (os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode)):
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.setblocking(False)                         # a full backlog says «try again», and so that somebody is in
        return knock.connect_ex(path) == errno.ECONNREFUSED


def _restrict(listener: socket.socket, mode: int) -> None:
    """Gives the coming file its permissions before it exists (Linux); elsewhere the umask stands until chmod.
    """
    try:
        os.fchmod(listener.fileno(), mode)
    except OSError:
        return


def close(listeners: Iterable[socket.socket]) -> None:
    """Closes listening sockets; the file of a unix socket goes with it."""
    for listener in listeners:
        path = listener.getsockname() if listener.family == socket.AF_UNIX else ""
        listener.close()
        if path and os.path.exists(path):
            os.unlink(path)
