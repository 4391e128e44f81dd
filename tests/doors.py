"""The doors into an engine, made alike: one example of a command runs through each of them."""
from dataclasses import dataclass

from wire_client import Aggregate, Error, Map, plain

import cydis

WRONGTYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
SYNTAX = "ERR syntax error"
NOT_AN_INTEGER = "ERR value is not an integer or out of range"


@dataclass(frozen=True)
class Failed:
    """An error reply, by its text."""

    text: str


def told(reply):
    """A reply of the wire as the embedded door has it: bytes, numbers, None, lists, dicts; or a Failed."""
    if isinstance(reply, Error):
        return Failed(bytes(reply).decode(errors="surrogateescape"))
    if isinstance(reply, Map):
        return {told(key): told(value) for key, value in reply}
    if isinstance(reply, Aggregate):
        return [told(item) for item in reply]
    return plain(reply)


class Door:
    """A way into an engine of its own: the methods of a Store, or a socket when there is a `client`."""

    def __init__(self, kind, store, client=None):
        self.kind, self.store, self.client = kind, store, client

    def do(self, *arguments):
        """Run one command given as bytes, str, int or float; return its reply as `told` has it."""
        if self.client is not None:
            return told(self.client.call(*arguments))
        try:
            return self.store.execute(*arguments)
        except cydis.CommandError as error:
            return Failed(str(error))

    def refused(self, *arguments):
        """Run a command that must fail; return the text of its error."""
        reply = self.do(*arguments)
        assert isinstance(reply, Failed), reply
        return reply.text

    @staticmethod
    def pairs(reply):
        """A map, which RESP2 writes as a flat array, as a dict."""
        return dict(zip(reply[::2], reply[1::2], strict=True)) if isinstance(reply, list) else reply

    def freeze(self, ms):
        """Stop the engine's clock at this many milliseconds since 1970."""
        self.store.engine.lock()
        try:
            self.store.engine.freeze_clock(ms)
        finally:
            self.store.engine.unlock()

    def stats(self):
        """The engine's counters."""
        return self.store.engine.stats()

    def scan_all(self, *options, command=("SCAN",)):
        """What a whole walk returns, call after call, in one list."""
        cursor, found = b"0", []
        while True:
            cursor, part = self.do(*command, cursor, *options)
            found += part
            if cursor == b"0":
                return found
