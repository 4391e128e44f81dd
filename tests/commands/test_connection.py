"""The connection's commands and CLIENT, over real sockets."""
import pytest
from wire_client import NULL, NULL_BULK, OK, Error, Map, Status, Verbatim, plain

SYNTAX = Error(b"ERR syntax error")
NOT_AN_INTEGER = Error(b"ERR value is not an integer or out of range")
WRONGPASS = Error(b"WRONGPASS invalid username-password pair or user is disabled.")
NOAUTH = Error(b"NOAUTH Authentication required.")
BAD_NAME = Error(b"ERR Client names cannot contain spaces, newlines or special characters.")


def fields(line):
    """The name=value pairs of one client's line."""
    return dict(pair.split(b"=", 1) for pair in line.strip().split(b" "))


def listed(client, *filters):
    """The clients that CLIENT LIST shows, by number."""
    reply = client.call("CLIENT", "LIST", *filters)
    assert isinstance(reply, bytes), reply
    return {int(fields(line)[b"id"]): fields(line) for line in bytes(reply).splitlines()}


def info(client):
    return fields(bytes(client.call("CLIENT", "INFO")))


@pytest.fixture
def other(cydis_server):
    with cydis_server.client() as client:
        yield client


def test_ping_and_echo(wire):
    assert wire.call("PING") == Status(b"PONG")
    assert wire.call("ping", b"\x00\r\n") == b"\x00\r\n"
    assert wire.call("PING", "a", "b") == Error(b"ERR wrong number of arguments for 'ping' command")
    assert wire.call("ECHO", "") == b""


def test_select(wire):
    assert wire.call("SELECT", 3) == OK
    assert info(wire)[b"db"] == b"3"
    for index, error in ((16, b"ERR DB index is out of range"), (-1, b"ERR DB index is out of range"),
                         ("x", bytes(NOT_AN_INTEGER)), (2**64, bytes(NOT_AN_INTEGER))):
        assert wire.call("SELECT", index) == Error(error)
    assert info(wire)[b"db"] == b"3"


def test_quit_answers_and_closes(cydis_server):
    with cydis_server.client() as client:
        client.send("PING")
        client.send("QUIT")
        client.send("PING")
        assert client.read() == Status(b"PONG")
        assert client.read() == OK
        assert client.closed_by_server() == b""


# ---- HELLO ----

def test_hello_tells_what_the_server_is(wire):
    reply = wire.call("HELLO", 3)
    assert isinstance(reply, Map)
    told = plain(reply)
    assert [name for name, _ in reply] == b"server version proto id mode role modules".split()
    assert told[b"server"] == b"redis" and told[b"version"].startswith(b"7.4.")
    assert (told[b"proto"], told[b"mode"], told[b"role"]) == (3, b"standalone", b"master")
    assert told[b"modules"] == []
    assert told[b"id"] == wire.call("CLIENT", "ID")
    assert wire.call("CLIENT", "GETNAME") == NULL
    assert plain(wire.call("HELLO", 2))[5] == 2
    assert wire.call("CLIENT", "GETNAME") == NULL_BULK


@pytest.mark.parametrize(("arguments", "error"), [
    (["x"], b"ERR Protocol version is not an integer or out of range"),
    (["1"], b"NOPROTO unsupported protocol version"),
    (["4"], b"NOPROTO unsupported protocol version"),
    (["3", "AUTH"], b"ERR Syntax error in HELLO option 'AUTH'"),
    (["3", "AUTH", "default"], b"ERR Syntax error in HELLO option 'AUTH'"),
    (["3", "SETNAME"], b"ERR Syntax error in HELLO option 'SETNAME'"),
    (["3", "NO\r\nPE"], b"ERR Syntax error in HELLO option 'NO  PE'"),
    (["3", "SETNAME", "a b"], bytes(BAD_NAME)),
    (["3", "SETNAME", "kept", "AUTH", "nobody", "x"], bytes(WRONGPASS)),
])
def test_hello_refuses_and_changes_nothing(wire, arguments, error):
    wire.call("CLIENT", "SETNAME", "before")
    assert wire.call("HELLO", *arguments) == Error(error)
    assert wire.call("CLIENT", "GETNAME") == b"before"
    assert info(wire)[b"resp"] == b"2"


def test_hello_names_the_connection(wire):
    wire.call("HELLO", 3, "SETNAME", "me", "AUTH", "default", "any")
    assert wire.call("CLIENT", "GETNAME") == b"me"


# ---- passwords ----

def test_a_password_keeps_strangers_out(cydis_with):
    server = cydis_with()
    with server.client() as owner, server.client() as stranger:
        assert owner.call("CONFIG", "SET", "requirepass", "secret") == OK
        assert owner.call("PING") == Status(b"PONG")
        assert stranger.call("PING") == Status(b"PONG")          # who is in stays in
    with server.client() as stranger:
        assert stranger.call("PING") == NOAUTH
        assert stranger.call("NOSUCH") == NOAUTH
        assert stranger.call("HELLO", 3).code == b"NOAUTH"
        for words in (["secre"], ["secrets"], [""], ["default", "x"], ["other", "secret"]):
            assert stranger.call("AUTH", *words) == WRONGPASS
        assert stranger.call("AUTH", "default", "secret", "x") == SYNTAX
        assert stranger.call("PING") == NOAUTH
        assert stranger.call("AUTH", "secret") == OK
        assert stranger.call("AUTH", "wrong") == WRONGPASS
        assert stranger.call("PING") == Status(b"PONG")
        assert stranger.call("RESET") == Status(b"RESET")
        assert stranger.call("PING") == NOAUTH
        assert plain(stranger.call("HELLO", 3, "AUTH", "default", "secret"))[b"proto"] == 3
        assert stranger.call("CONFIG", "SET", "requirepass", "") == OK
    with server.client() as anybody:
        assert anybody.call("PING") == Status(b"PONG")
        assert b"without any password configured" in anybody.call("AUTH", "x")
        assert anybody.call("AUTH", "default", "x") == OK


# ---- what a client says about itself ----

def test_names(wire):
    assert wire.call("CLIENT", "SETNAME", "worker-1") == OK
    assert wire.call("CLIENT", "GETNAME") == b"worker-1"
    for name in ("a b", "a\n", "é", "\x7f"):
        assert wire.call("CLIENT", "SETNAME", name) == BAD_NAME
    assert wire.call("CLIENT", "SETNAME", "") == OK
    assert wire.call("CLIENT", "GETNAME") == NULL_BULK


def test_setinfo(wire):
    assert wire.call("CLIENT", "SETINFO", "lib-name", "lib(x_1)") == OK
    assert wire.call("CLIENT", "SETINFO", "LIB-VER", "1.2") == OK
    assert wire.call("CLIENT", "SETINFO", "LIB-AGE", "1") == Error(b"ERR Unrecognized option 'LIB-AGE'")
    assert wire.call("CLIENT", "SETINFO", "lib-ver", "a b") == Error(
        b"ERR lib-ver cannot contain spaces, newlines or special characters.")
    said = info(wire)
    assert (said[b"lib-name"], said[b"lib-ver"]) == (b"lib(x_1)", b"1.2")


def test_flags(wire):
    assert info(wire)[b"flags"] == b"N"
    assert wire.call("CLIENT", "NO-EVICT", "on") == wire.call("CLIENT", "NO-TOUCH", "ON") == OK
    assert info(wire)[b"flags"] == b"eT"
    assert wire.call("CLIENT", "NO-EVICT", "off") == wire.call("CLIENT", "NO-TOUCH", "OFF") == OK
    assert wire.call("CLIENT", "NO-EVICT", "maybe") == wire.call("CLIENT", "NO-TOUCH", "maybe") == SYNTAX
    assert wire.call("CLIENT", "CAPA", "redirect", "telepathy") == OK
    assert info(wire)[b"capa"] == b"r"


def test_reset_brings_back_the_beginning(wire):
    wire.call("HELLO", 3, "SETNAME", "me")
    wire.call("SELECT", 4)
    wire.call("CLIENT", "NO-TOUCH", "ON")
    wire.call("CLIENT", "NO-EVICT", "ON")
    wire.send("CLIENT", "REPLY", "OFF")
    assert wire.call("RESET") == Status(b"RESET")
    said = info(wire)
    assert (said[b"name"], said[b"db"], said[b"flags"], said[b"resp"]) == (b"", b"0", b"N", b"2")


def test_reply_off_and_skip(wire):
    wire.send_raw(
        b"CLIENT REPLY SKIP\r\nPING\r\nECHO 1\r\n"
        b"CLIENT REPLY OFF\r\nPING\r\nNOSUCH\r\nCLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\nECHO 2\r\n"
        b"CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nECHO 3\r\nECHO 4\r\nCLIENT REPLY what\r\n")
    assert [wire.read() for _ in range(5)] == [b"1", OK, b"2", b"4", SYNTAX]


# ---- CLIENT LIST ----

FIELDS = (
    b"id addr laddr fd name age idle flags capa db sub psub ssub multi watch qbuf qbuf-free argv-mem "
    b"multi-mem rbs rbp obl oll omem tot-mem events cmd user redir resp lib-name lib-ver tot-net-in "
    b"tot-net-out tot-cmds")


def test_a_line_has_the_fields_of_the_reference(wire, wire3):
    said = info(wire)
    assert list(said) == FIELDS.split()
    assert int(said[b"id"]) == wire.call("CLIENT", "ID")
    assert said[b"addr"] == b"%s:%d" % (wire.socket.getsockname()[0].encode(), wire.socket.getsockname()[1])
    assert said[b"laddr"] == b"%s:%d" % (wire.socket.getpeername()[0].encode(), wire.socket.getpeername()[1])
    assert (said[b"cmd"], said[b"user"], said[b"resp"]) == (b"client|info", b"default", b"2")
    assert isinstance(wire3.call("CLIENT", "LIST"), Verbatim)
    assert isinstance(wire3.call("CLIENT", "INFO"), Verbatim)


def test_filters(wire, other):
    mine, theirs = wire.call("CLIENT", "ID"), other.call("CLIENT", "ID")
    wire.call("CLIENT", "SETNAME", "first")
    wire.call("CLIENT", "SETINFO", "LIB-NAME", "mylib")
    wire.call("CLIENT", "SETINFO", "LIB-VER", "9")
    wire.call("CLIENT", "CAPA", "redirect")
    wire.call("CLIENT", "NO-TOUCH", "ON")
    wire.call("SELECT", 5)
    said = info(wire)
    ours = ("ID", mine, theirs)
    assert list(listed(wire, *ours)) == [mine, theirs]
    for name, value in (("ADDR", said[b"addr"]), ("NAME", "first"), ("LIB-NAME", "mylib"), ("LIB-VER", "9"),
                        ("FLAGS", "T"), ("CAPA", "r"), ("DB", 5), ("ID", mine)):
        assert list(listed(wire, name, value, *(ours if name != "ID" else ()))) == [mine], name
        assert list(listed(wire, f"NOT-{name}", value, *ours)) == [theirs], name
    for name, value in (("LADDR", said[b"laddr"]), ("IP", "127.0.0.1"), ("TYPE", "normal"),
                        ("USER", "default"), ("SKIPME", "no")):
        assert list(listed(wire, name, value, *ours)) == [mine, theirs], name
        if name != "SKIPME":
            assert listed(wire, f"NOT-{name}", value, *ours) == {}, name
    assert list(listed(wire, "SKIPME", "yes", *ours)) == [theirs]
    for name, value in (("TYPE", "pubsub"), ("TYPE", "replica"), ("MAXAGE", 9999), ("IDLE", 9999),
                        ("NAME", ""), ("FLAGS", "TU")):
        assert listed(wire, name, value, *ours) == {}, name
    assert list(listed(wire, "NAME", "x", "name", "first", "id", mine, "ID", theirs)) == [mine]


@pytest.mark.parametrize(("filters", "error"), [
    (["ID"], b"ERR syntax error"),
    (["ID", "x"], b"ERR syntax error"),
    (["ID", "1", "x"], b"ERR syntax error"),
    (["ID", "0"], b"ERR client-id should be greater than 0"),
    (["NOT-ID", "-1"], b"ERR client-id should be greater than 0"),
    (["WHO", "x"], b"ERR syntax error"),
    (["NOT-SKIPME", "yes"], b"ERR syntax error"),
    (["NOT-", "yes"], b"ERR syntax error"),
    (["SKIPME", "perhaps"], b"ERR syntax error"),
    (["TYPE", "odd"], b"ERR Unknown client type 'odd'"),
    (["USER", "nobody"], b"ERR No such user 'nobody'"),
    (["FLAGS", "Q"], b"ERR Unknown flags found in the provided filter: Q"),
    (["NOT-FLAGS", "Q"], b"ERR Unknown flags found in the NOT-FLAGS filter: Q"),
    (["CAPA", "x"], b"ERR Unknown capa found in the provided filter: x"),
    (["NOT-CAPA", "x"], b"ERR Unknown capa found in the NOT-CAPA filter: x"),
    (["MAXAGE", "x"], b"ERR maxage is not an integer or out of range"),
    (["IDLE", "0"], b"ERR idle should be greater than 0"),
    (["DB", "x"], b"ERR DB is not an integer or out of range"),
    (["NOT-DB", "16"], b"ERR NOT-DB number should be between 0 and 15"),
])
def test_bad_filters(wire, filters, error):
    assert wire.call("CLIENT", "LIST", *filters) == Error(error)
    assert wire.call("CLIENT", "KILL", *filters, "SKIPME", "yes") == Error(error)


# ---- CLIENT KILL ----

def test_kill_by_address(wire, other):
    address = info(other)[b"addr"]
    assert wire.call("CLIENT", "KILL", address) == OK
    assert other.closed_by_server() == b""
    assert wire.call("CLIENT", "KILL", address) == Error(b"ERR No such client")


def test_kill_by_filter_spares_oneself(wire, other):
    mine, theirs = wire.call("CLIENT", "ID"), other.call("CLIENT", "ID")
    assert wire.call("CLIENT", "KILL", "ID", mine, theirs) == 1
    assert other.closed_by_server() == b""
    assert wire.call("CLIENT", "KILL", "ID", mine, theirs) == 0
    assert theirs not in listed(wire)


def test_kill_oneself(wire):
    mine = wire.call("CLIENT", "ID")
    wire.send("CLIENT", "KILL", "ID", mine, "SKIPME", "no")
    wire.send("PING")
    assert wire.read() == 1
    assert wire.closed_by_server() == b""


def test_a_killed_client_runs_nothing_more(cydis_server, wire, other):
    victim = other.call("CLIENT", "ID")
    other.call("SET", "counter", "0")
    wire.send_raw(b"CLIENT KILL ID %d\r\nPING\r\n" % victim)
    assert (wire.read(), wire.read()) == (1, Status(b"PONG"))
    assert other.closed_by_server() == b""


def test_many_die_at_once(cydis_server, wire):
    crowd = [cydis_server.client() for _ in range(50)]
    for member in crowd:
        member.call("CLIENT", "SETNAME", "crowd")
    assert wire.call("CLIENT", "KILL", "NAME", "crowd") == 50
    for member in crowd:
        assert member.closed_by_server() == b""
        member.close()
    assert listed(wire, "NAME", "crowd") == {}


# ---- names of subcommands ----

def test_unknown_subcommands(wire):
    assert wire.call("CLIENT") == Error(b"ERR wrong number of arguments for 'client' command")
    assert wire.call("CLIENT", "MAINT_NOTIFICATIONS", "ON") == Error(
        b"ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP.")
    assert isinstance(wire.call("CLIENT", "ID"), int)
    assert wire.call("client|id") == Error(b"ERR unknown command 'client|id', with args beginning with: ")
