"""Published holes in the protocol of other servers and clients, each as a test by its number."""
import socket

import pytest
from plain_sockets import connect, read_until

import cydis
from cydis.core.resp import ProtocolError, RequestParser, decode_reply

EDGES = [2**20 + 1, 2**29 + 1, 2**31 - 1, 2**31, 2**32, 2**32 + 1, 2**60, 2**61, 2**62, 2**63 - 1, 2**63, 2**64,
         2**64 + 1]
EMPTIES = [b"*0\r\n", b"*-1\r\n", b"\r\n", b"\n"]
WHOLE = [b"PING\r\n", b"*1\r\n$4\r\nPING\r\n", b"*2\r\n$4\r\nPING\r\n$40000\r\n" + b"x" * 40_000 + b"\r\n"]
PONGS = [b"+PONG\r\n", b"+PONG\r\n", b"$40000\r\n" + b"x" * 40_000 + b"\r\n"]


@pytest.fixture
def store():
    return cydis.Store()


@pytest.fixture
def service(store):
    with store.serve(port=0) as service:
        yield service


def read_to_end(sock):
    data = b""
    while piece := sock.recv(1 << 16):
        data += piece
    return data


def answers(sock, message):
    """What comes before the reply to a last ECHO."""
    sock.sendall(message + b"ECHO end\r\n")
    data = b""
    while not data.endswith(b"$3\r\nend\r\n"):
        data += sock.recv(1 << 16)
    return data[:-9]


def request(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


@pytest.mark.parametrize("announced", [b"*1048576\r\n", b"*11\r\n", b"*2\r\n$16385\r\n", b"*1\r\n$536870912\r\n"])
def test_cve_2021_32675_strangers_announce_little(store, announced):
    with store.serve(port=0, password="secret") as service, connect(service) as sock:
        sock.sendall(announced)
        assert read_to_end(sock).startswith(b"-ERR Protocol error: unauthenticated ")


def test_cve_2021_32675_what_is_announced_costs_nothing_before_it_comes(store, service):
    """Neither the count of arguments nor the length of one is memory before there are bytes."""
    before = store.engine.stats()["heap_used"]
    for announced in (b"*1048576\r\n", b"*2\r\n$3\r\nSET\r\n$536870912\r\n"):
        socks = [connect(service) for _ in range(50)]
        for sock in socks:
            sock.sendall(announced)
        with connect(service) as other:
            other.sendall(b"PING\r\n")
            assert read_until(other, 7) == b"+PONG\r\n"
        held = [int(line.split(b" tot-mem=")[1].split()[0]) for line in store.execute("CLIENT", "LIST").splitlines()]
        assert all(each < 1 << 16 for each in held), held
        for sock in socks:
            sock.close()
    assert store.engine.stats()["heap_used"] < before + (1 << 20)


@pytest.mark.parametrize("first", range(len(EMPTIES) + len(WHOLE)))
@pytest.mark.parametrize("second", range(len(EMPTIES) + len(WHOLE)))
def test_cve_2026_27623_nothing_stays_of_an_empty_request(service, first, second):
    """Each pair of kinds of requests, cut at every byte near an end, over a socket."""
    kinds, replies = EMPTIES + WHOLE, [b""] * len(EMPTIES) + PONGS
    message = kinds[first] + kinds[second] + b"ECHO end\r\n"
    expected = replies[first] + replies[second] + b"$3\r\nend\r\n"
    with connect(service) as sock:
        for cut in (*range(1, min(60, len(message))), *range(max(60, len(message) - 40), len(message))):
            sock.sendall(message[:cut])
            sock.sendall(message[cut:])
            assert read_until(sock, len(expected)) == expected, cut


@pytest.mark.parametrize("word", [b"POST / HTTP/1.1\r\n", b"post / HTTP/1.1\r\n", b"Host: localhost\r\n",
                                  b"HOST: x\r\n",
                                  b"*1\r\n$4\r\nPOST\r\n", b"*2\r\n$5\r\nHost:\r\n$1\r\nx\r\n"])
def test_cve_2016_10517_a_browser_is_hung_up_on(service, store, word):
    with connect(service) as sock:
        sock.sendall(word + b"SET stolen 1\r\n")
        assert read_to_end(sock) == b""
    assert store.execute("EXISTS", "stolen") == 0


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("form", [b"*%d\r\n", b"*1\r\n$%d\r\n", b"*-%d\r\n", b"*1\r\n$-%d\r\n"])
def test_cve_2021_41099_and_21309_sizes_at_the_ends_of_the_integers(form, size):
    """Whatever is announced is refused, or awaited without being believed."""
    parser = RequestParser()
    try:
        assert parser.feed(form % size) == []
    except ProtocolError as error:
        assert str(error).startswith("Protocol error: invalid ")
    else:
        assert b"-" in form or size < 2**31


@pytest.mark.parametrize("limit", [2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1])
def test_cve_2021_41099_and_21309_a_raised_limit_makes_no_size_wrap(store, service, limit):
    store.execute("CONFIG", "SET", "proto-max-bulk-len", limit)
    for size in (limit, limit + 1, 2**63, 2**64 - 1):
        with connect(service) as sock:
            sock.sendall(b"*2\r\n$4\r\nECHO\r\n$%d\r\nabc" % size)
            sock.shutdown(socket.SHUT_WR)
            assert read_to_end(sock) in (b"", b"-ERR Protocol error: invalid bulk length\r\n")
    store.set("k", "text")
    for command in (("SETRANGE", "k", limit - 1, "xy"), ("SETRANGE", "k", limit, "x"),
                    ("SETRANGE", "k", 2**63 - 1, "xy")):
        with pytest.raises(cydis.CommandError, match="exceeds maximum allowed size"):
            store.execute(*command)
    assert store.get("k") == b"text"


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("kind", [b"*", b"%", b"~", b">", b"|", b"$", b"=", b"!"])
def test_cve_2020_7105_and_2021_32765_sizes_of_replies_are_not_believed(kind, size):
    """Also hiredis 1323: of a map, twice the count."""
    for inner in (b"", b"*1\r\n", b"*2\r\n:1\r\n"):
        with pytest.raises(ValueError, match=r"not complete|not a reply"):
            decode_reply(inner + kind + b"%d\r\n" % size + b":1\r\n")


@pytest.mark.parametrize("kind", [b"*1\r\n", b"%1\r\n:1\r\n", b"~1\r\n", b">1\r\n"])
def test_hiredis_maxdepth_replies_nest_as_deep_as_they_may(kind):
    assert decode_reply(kind * 7 + b":1\r\n")
    for depth in (1_000, 1_000_000):
        with pytest.raises(ValueError, match="not a reply"):
            decode_reply(kind * depth + b":1\r\n")


@pytest.mark.parametrize("protocol", [2, 3])
def test_cve_2025_49112_and_2023_41056_counts_written_later_at_all_edges_of_blocks(service, store, protocol):
    """Replies whose count is known at their end stand where a block of the output ends, and around it."""
    store.sadd("s", *range(40))
    store.zadd("z", {f"m{n}": n for n in range(40)})
    store.hset("h", mapping={f"f{n}": n for n in range(40)})
    commands = [(b"SCAN", b"0", b"COUNT", b"1000"), (b"KEYS", b"*"), (b"ZRANGEBYSCORE", b"z", b"3", b"30"),
                (b"HGETALL", b"h"), (b"SINTER", b"s", b"s"),
                (b"GEOSEARCH", b"z", b"FROMLONLAT", b"0", b"0", b"BYRADIUS", b"1", b"m")]
    with connect(service) as sock:
        answers(sock, b"HELLO %d\r\n" % protocol)
        alone = [answers(sock, request(*command)) for command in commands]
        for edge in (1 << 10, 1 << 12, 1 << 14, 1 << 15, 1 << 16, 1 << 17):
            for place in range(edge - 40, edge + 9):
                fill = b"x" * place
                sock.sendall(request(b"ECHO", fill) + b"".join(request(*command) for command in commands))
                expected = b"$%d\r\n%s\r\n" % (place, fill) + b"".join(alone)
                assert read_until(sock, len(expected)) == expected, place


@pytest.mark.parametrize("waiting", [
    (b"BLPOP", b"none", b"0.01"), (b"BRPOP", b"none", b"0.01"), (b"BLMOVE", b"none", b"d", b"LEFT", b"LEFT", b"0.01"),
    (b"BRPOPLPUSH", b"none", b"d", b"0.01"), (b"BLMPOP", b"0.01", b"1", b"none", b"LEFT"),
    (b"BZPOPMIN", b"none", b"0.01"), (b"BZPOPMAX", b"none", b"0.01"), (b"BZMPOP", b"0.01", b"1", b"none", b"MIN"),
], ids=lambda words: words[0].decode())
def test_no_id_4531_half_a_command_behind_one_that_waits(service, waiting):
    """What comes after a command that waits is answered, however it was cut."""
    after = request(b"ECHO", b"after")
    expected = b"*-1\r\n" + b"$5\r\nafter\r\n"
    with connect(service) as sock:
        for cut in range(len(after) + 1):
            sock.sendall(request(*waiting) + after[:cut])
            sock.sendall(after[cut:])
            assert read_until(sock, len(expected)) == expected, cut


def test_no_id_wrong_arity_in_a_pipeline_reaches_no_key(service, store):
    """Of a command that is too short, no position of a key is looked at, wherever in a pipeline it stands."""
    store.set("k", "1")
    short = [(name,) for name in (b"GET", b"SET", b"MSET", b"ZUNIONSTORE", b"BLMPOP", b"SORT", b"EVAL", b"ZMPOP",
                                  b"PFCOUNT", b"BITOP", b"COPY", b"GEOSEARCHSTORE", b"HEXPIRE", b"RESTORE", b"VADD")]
    short += [(b"SET", b"k"), (b"MSET", b"k"), (b"ZUNIONSTORE", b"d", b"1"), (b"BLMPOP", b"0", b"1"),
              (b"BITOP", b"AND")]
    with connect(service) as sock:
        for words in short:
            data = answers(sock, request(b"GET", b"k") + request(*words) + request(b"GET", b"k"))
            first, error, rest = data[:7], *data[7:].split(b"\r\n", 1)
            assert (first, rest) == (b"$1\r\n1\r\n", b"$1\r\n1\r\n"), words
            assert error.startswith((b"-ERR wrong number of arguments", b"-ERR unknown command")), words


def test_no_id_4_3_a_reset_connection_is_like_a_new_one(service):
    """RESET compared field by field with a connection that is new."""
    def fields(sock):
        text = answers(sock, b"CLIENT INFO\r\n").decode().split("\r\n", 1)[1]
        found = dict(field.split("=", 1) for field in text.split())
        own = ("id", "addr", "laddr", "fd", "age", "idle", "tot-net-in", "tot-net-out", "tot-cmds")
        return {name: value for name, value in found.items() if name not in own}

    with connect(service) as fresh, connect(service) as used:
        expected = fields(fresh)
        for line in (b"HELLO 3", b"SELECT 5", b"CLIENT SETNAME name", b"CLIENT NO-TOUCH ON", b"CLIENT NO-EVICT ON",
                     b"CLIENT REPLY ON", b"GET k"):
            used.sendall(line + b"\r\n")
        answers(used, b"RESET\r\n")
        assert fields(used) == expected
