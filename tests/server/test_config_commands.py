"""CONFIG, DEBUG, SHUTDOWN and their neighbours, over real sockets."""
import pytest
from wire_client import OK, Array, Error, Map, Status, plain

FAILED = b"ERR CONFIG SET failed (possibly related to argument '%s') - %s"


def pairs(reply):
    flat = plain(reply)
    return dict(zip(flat[::2], flat[1::2], strict=True))


def test_get(wire, wire3):
    assert pairs(wire.call("CONFIG", "GET", "maxmemory", "nosuch")) == {b"maxmemory": b"0"}
    assert wire.call("CONFIG", "GET", "nosuch") == Array()
    assert isinstance(wire3.call("CONFIG", "GET", "maxmemory"), Map)
    assert b"maxmemory-policy" in pairs(wire.call("CONFIG", "GET", "*emory-p*", "save"))


GONE_SINCE_7_0 = {b"aof-disable-auto-gc", b"io-threads-do-reads"}        # neither Redis 8.0 nor Valkey 9.1 has them


def test_get_star_names_what_the_reference_names(wire, peer_server):
    with peer_server.client() as peer:
        expected = set(pairs(peer.call("CONFIG", "GET", "*"))) - GONE_SINCE_7_0
    assert expected - set(pairs(wire.call("CONFIG", "GET", "*"))) == set()


def test_set_is_all_or_nothing(wire):
    assert wire.call("CONFIG", "SET", "timeout", "7", "slowlog-max-len", "9") == OK
    got = pairs(wire.call("CONFIG", "GET", "timeout", "slowlog-max-len"))
    assert got == {b"timeout": b"7", b"slowlog-max-len": b"9"}
    assert wire.call("CONFIG", "SET", "timeout", "8", "maxclients", "many") == Error(
        FAILED % (b"maxclients", b"argument couldn't be parsed into an integer"))
    assert pairs(wire.call("CONFIG", "GET", "timeout")) == {b"timeout": b"7"}
    assert wire.call("CONFIG", "SET", "timeout", "0") == OK


@pytest.mark.parametrize(("words", "error"), [
    (["nosuch", "1"], b"ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'"),
    (["timeout"], b"ERR wrong number of arguments for 'config|set' command"),
    (["timeout", "1", "hz"], b"ERR syntax error"),
    (["timeout", "1", "timeout", "2"], FAILED % (b"timeout", b"duplicate parameter")),
    (["timeout", "1", "TimeOut", "2x"], FAILED % (b"TimeOut", b"duplicate parameter")),
    (["Daemonize", "yes"], FAILED % (b"Daemonize", b"can't set immutable config")),
    (["TimeOut", "2x"], FAILED % (b"timeout", b"argument couldn't be parsed into an integer")),
    (["daemonize", "yes"], FAILED % (b"daemonize", b"can't set immutable config")),
    (["dir", "/"], FAILED % (b"dir", b"can't set protected config")),
    (["no\r\nsuch", b"\xff"], b"ERR Unknown option or number of arguments for CONFIG SET - 'no  such'"),
    ([b"\xff\xfe", "1"], b"ERR Unknown option or number of arguments for CONFIG SET - '\xff\xfe'"),
])
def test_refused_changes(wire, words, error):
    assert wire.call("CONFIG", "SET", *words) == Error(error)


def test_changes_reach_the_engine(cydis_with):
    server = cydis_with()
    with server.client() as first:
        assert first.call("CONFIG", "SET", "maxclients", "1") == OK
        with server.client() as second:
            assert second.closed_by_server() == b"-ERR max number of clients reached\r\n"
        assert first.call("CONFIG", "SET", "proto-max-bulk-len", "1mb", "maxclients", "10") == OK
        with server.client() as third:
            third.send_raw(b"*2\r\n$4\r\nECHO\r\n$1048577\r\n")
            assert third.read() == Error(b"ERR Protocol error: invalid bulk length")


def test_help_is_for_containers(wire):
    for name in ("CONFIG", "COMMAND", "MODULE", "CLIENT"):
        first = wire.call(name, "HELP")[0]
        assert first == Status(b"%s <subcommand> [<arg> [value] [opt] ...]. Subcommands are:" % name.encode())
    assert wire.call("CONFIG", "NOSUCH") == Error(b"ERR unknown subcommand 'NOSUCH'. Try CONFIG HELP.")
    assert wire.call("CONFIG") == Error(b"ERR wrong number of arguments for 'config' command")


def test_debug_is_off_by_default(wire, cydis_with):
    assert wire.call("DEBUG", "SLEEP", "0") == wire.call("DEBUG", "HELP")
    assert wire.call("DEBUG", "HELP").startswith(b"ERR DEBUG command not allowed. ")
    with cydis_with("--enable-debug-command", "local").client() as client:
        assert client.call("DEBUG", "SLEEP", "0") == OK
        assert client.call("DEBUG", "SET-ACTIVE-EXPIRE", "1") == OK
        assert client.call("DEBUG", "NOSUCH") == client.call("DEBUG", "NOSUCH", "x") == Error(
            b"ERR unknown subcommand or wrong number of arguments for 'NOSUCH'. Try DEBUG HELP.")
        assert client.call("DEBUG", "OBJECT", "nosuch") == Error(b"ERR no such key")
        client.call("SET", "k", "bar")
        assert b"refcount:1 encoding:embstr serializedlength:4 " in client.call("DEBUG", "OBJECT", "k")


def test_time_and_small_ones(wire):
    seconds, micros = wire.call("TIME")
    assert int(seconds) > 1_600_000_000 and 0 <= int(micros) < 1_000_000
    assert wire.call("MODULE", "LIST") == Array()
    assert wire.call("LOLWUT").rstrip().split(b"\n")[-1].startswith(b"cydis ver. ")


def test_shutdown(cydis_with):
    server = cydis_with()
    with server.client() as client:
        assert client.call("SHUTDOWN", "ABORT") == Error(b"ERR No shutdown in progress.")
        for words in (["NOSUCH"], ["SAVE", "NOSAVE"], ["ABORT", "NOW"], ["NOSAVE", "NOSUCH"]):
            assert client.call("SHUTDOWN", *words) == Error(b"ERR syntax error")
        client.send("SHUTDOWN", "NOSAVE")
        assert client.closed_by_server() == b""
    assert server.process.wait(10) == 0
