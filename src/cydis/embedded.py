"""`cydis.Store`: the embedded door, which can also open the socket door to the same data."""
from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import cydis.commands  # registers the families
import cydis.server.commands  # and the commands written in Python
import cydis.store
from cydis.store.door import own_methods
from cydis.store.kinds import Argument, T
from cydis.store.views import BitmapView, HashView, HyperLogLogView, ListView, SetView, ZSetView

if TYPE_CHECKING:
    from cydis.server.background import Service


@own_methods
class Store(cydis.store.Store[T]):
    __doc__ = cydis.store.Store.__doc__
    __slots__ = ()

    def serve(self, host: str | Iterable[str] = "127.0.0.1", port: int = 6379, *,
              unixsocket: str | None = None, unixsocketperm: int = 0o700,
              password: str | None = None) -> Service:
        """Opens this Store's live data to RESP clients, from a thread that never takes the GIL for data.

        Args:
            host: address or addresses to listen on. Other machines are refused while there is no password.
            port: TCP port; 0 lets the system choose (see ``.port`` of what is returned), -1 serves no TCP.
            unixsocket: path of a unix socket to serve as well, or instead.
            unixsocketperm: its permissions.
            password: what clients must give in AUTH; None asks for none.

        Returns:
            A service with ``.port``, ``.address``, ``.url``, ``.wait()`` and ``.close()``, usable in a
            ``with`` statement.

        Raises:
            StartError: an address or path cannot be had; the text says why. (An OSError.)
        """
        from cydis.server.background import serve_store
        hosts = [host] if isinstance(host, str) else list(host)
        return serve_store(self, hosts, port, unixsocket, unixsocketperm, password)

    def hash(self, key: Argument) -> HashView[T]:
        """The hash under a key as a dict, live; see cydis.store.views. O(1), like the others."""
        return HashView(self, key)

    def list(self, key: Argument) -> ListView[T]:
        """The list under a key as a list, live."""
        return ListView(self, key)

    def members(self, key: Argument) -> SetView[T]:
        """The set under a key as a set, live. (`set` is the command that stores a string.)"""
        return SetView(self, key)

    def zset(self, key: Argument) -> ZSetView[T]:
        """The sorted set under a key as a mapping of members to scores in their order, live."""
        return ZSetView(self, key)

    def bitmap(self, key: Argument) -> BitmapView[T]:
        """The string under a key as a row of bits, live."""
        return BitmapView(self, key)

    def hll(self, key: Argument) -> HyperLogLogView[T]:
        """The HyperLogLog under a key as a set of which only the size is known, live."""
        return HyperLogLogView(self, key)
