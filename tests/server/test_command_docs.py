"""COMMAND, as shells, cluster clients and proxies read it."""
import pytest
from wire_client import NULL, Array, Error, Map, Set, Status, plain

NO_KEYS = Error(b"ERR The command has no key arguments")


def test_count_and_list(wire):
    names = plain(wire.call("COMMAND", "LIST"))
    tops = [name for name in names if b"|" not in name]
    assert wire.call("COMMAND", "COUNT") == len(tops) == len(wire.call("COMMAND"))
    assert len(wire.call("COMMAND", "INFO")) == len(tops)
    assert {b"get", b"client", b"client|kill"} <= set(names)
    assert len(wire.call("COMMAND", "DOCS")) == 2 * len(tops)


def test_list_filters(wire):
    def listed(*filters):
        return set(plain(wire.call("COMMAND", "LIST", "FILTERBY", *filters)))
    assert listed("PATTERN", "client|no*") == {b"client|no-evict", b"client|no-touch"}
    assert {b"ping", b"command|info", b"client|id"} <= listed("aclcat", "Connection")
    assert listed("ACLCAT", "nosuch") == listed("MODULE", "nosuch") == set()
    for words in (["FILTERBY"], ["FILTERBY", "NOSUCH", "x"], ["NOSUCH"], ["FILTERBY", "MODULE", "a", "b"]):
        assert wire.call("COMMAND", "LIST", *words) == Error(b"ERR syntax error")


@pytest.mark.parametrize(
    "name", ["get", "client|list", "ping", "config|get", "hello", "command|docs", "shutdown"])
def test_info_is_that_of_the_reference(wire, wire3, peer_server, name):
    with peer_server.client() as peer:
        expected, = peer.call("COMMAND", "INFO", name)
    reply, = wire3.call("COMMAND", "INFO", name.upper())
    assert [type(part) for part in reply] == [bytes, int, Set, int, int, int, Set, Set, Set, Array]
    reply, = wire.call("COMMAND", "INFO", name)
    for mine, theirs in zip(reply, expected, strict=True):
        if isinstance(mine, list):
            assert sorted(mine, key=repr) == sorted(theirs, key=repr)
        else:
            assert mine == theirs


def test_info_of_what_is_not_there(wire, wire3):
    assert plain(wire.call("COMMAND", "INFO", "nosuch", "client|nosuch", "")) == [None, None, None]
    assert wire3.call("COMMAND", "INFO", "nosuch") == Array([NULL])
    subcommands = wire.call("COMMAND", "INFO", "client")[0][9]
    assert b"client|kill" in [row[0] for row in subcommands]


def test_docs(wire3):
    pages = wire3.call("COMMAND", "DOCS", "GET", "nosuch", "client|kill", "config")
    assert isinstance(pages, Map)
    pages = plain(pages)
    assert list(pages) == [b"get", b"client|kill", b"config"]
    page = pages[b"get"]
    assert (page[b"since"], page[b"group"]) == (b"1.0.0", b"string")
    assert page[b"summary"] and page[b"complexity"].startswith(b"O(")
    assert page[b"arguments"] == [
        {b"name": b"key", b"type": b"key", b"display_text": b"key", b"key_spec_index": 0}]
    assert list(pages[b"config"][b"subcommands"]) == [
        b"config|get", b"config|set", b"config|resetstat", b"config|help"]
    assert pages[b"config"][b"subcommands"][b"config|get"][b"arguments"][0][b"flags"] == [b"multiple"]


def test_getkeys(wire):
    def keys(*words):
        reply = wire.call("COMMAND", "GETKEYS", *words)
        return list(reply) if isinstance(reply, Array) else reply
    assert keys("get", "a") == [b"a"]
    for words in (["GET"], ["GET", "a", "b"]):
        assert keys(*words) == Error(b"ERR Invalid number of arguments specified for command")
    for words in (["NOSUCH", "a"], ["CLIENT", "NOSUCH", "a"]):
        assert keys(*words) == Error(b"ERR Invalid command specified")
    assert keys("PING") == keys("CONFIG", "GET", "a") == NO_KEYS
    assert keys("SET", b"\r\n\x00", "v") == [b"\r\n\x00"]


def test_getkeysandflags(wire3):
    def flags(*words):
        reply = wire3.call("COMMAND", "GETKEYSANDFLAGS", *words)
        return [(key, set(map(bytes, marks))) for key, marks in reply]
    assert flags("GET", "a") == [(b"a", {b"RO", b"access"})]
    assert flags("SET", "a", "b") == [(b"a", {b"OW", b"update"})]
    assert flags("SET", "a", "b", "GET") == [(b"a", {b"RW", b"access", b"update"})]
    assert wire3.call("COMMAND", "GETKEYSANDFLAGS", "PING", "x") == NO_KEYS


def test_unknown_subcommand(wire):
    assert wire.call("COMMAND", "NO\nSUCH") == Error(b"ERR unknown subcommand 'NO SUCH'. Try COMMAND HELP.")
    assert wire.call("COMMAND", "HELP")[-1] == Status(b"    This text.")
