"""The client by which servers are judged: types are kept, replies may arrive in any pieces."""
import socket

import pytest
from wire_client import (
    NULL,
    NULL_ARRAY,
    NULL_BULK,
    Array,
    BigNumber,
    Boolean,
    Double,
    Error,
    Incomplete,
    Map,
    ProtocolViolation,
    Push,
    Set,
    Status,
    Verbatim,
    WireClient,
    encode,
    parse,
    plain,
    skip,
)

REPLIES = [
    (b"+OK\r\n", Status(b"OK")),
    (b"-ERR no\r\n", Error(b"ERR no")),
    (b":-12\r\n", -12),
    (b"$5\r\na\r\nb\x00\r\n", b"a\r\nb\x00"),
    (b"$0\r\n\r\n", b""),
    (b"$-1\r\n", NULL_BULK),
    (b"*-1\r\n", NULL_ARRAY),
    (b"_\r\n", NULL),
    (b",0.1\r\n", Double(b"0.1")),
    (b"#t\r\n", Boolean(b"t")),
    (b"(123\r\n", BigNumber(b"123")),
    (b"=7\r\ntxt:abc\r\n", Verbatim(b"txt:abc")),
    (b"*0\r\n", Array()),
    (b"*2\r\n:1\r\n*1\r\n$1\r\nx\r\n", Array([1, Array([b"x"])])),
    (b"~2\r\n+a\r\n_\r\n", Set([Status(b"a"), NULL])),
    (b"%1\r\n$1\r\nk\r\n*1\r\n:1\r\n", Map([(b"k", Array([1]))])),
    (b">1\r\n$1\r\nm\r\n", Push([b"m"])),
]


@pytest.mark.parametrize(("wire", "reply"), REPLIES, ids=lambda value: repr(value)[:30])
def test_a_reply_is_read_whole_or_not_at_all(wire, reply):
    assert parse(wire) == (reply, len(wire))
    assert skip(wire, 0) == len(wire)
    assert type(parse(wire)[0]) is type(reply)
    for end in range(len(wire)):
        assert skip(wire[:end], 0) == -1
        with pytest.raises(Incomplete):
            parse(wire[:end])


def test_types_are_not_mixed_up():
    alike = [Status(b"1"), Error(b"1"), b"1", 1, Double(b"1"), Boolean(b"1"), Array(), Set(), Map(), Push(),
             NULL, NULL_BULK, NULL_ARRAY, Verbatim(b"1"), BigNumber(b"1")]
    for place, one in enumerate(alike):
        assert [one == other for other in alike].index(True) == place
        assert sum(one == other for other in alike) == 1


def test_bytes_in_pieces_and_back_to_back_become_the_same_replies():
    ours, theirs = socket.socketpair()
    client = WireClient.__new__(WireClient)
    client.socket, client.timeout, client.buffer, client.position = ours, 5.0, bytearray(), 0
    ours.settimeout(5.0)
    wire = b"".join(wire for wire, _ in REPLIES)
    for piece in (1, 3, len(wire)):
        replies = []
        for start in range(0, len(wire), piece):
            theirs.sendall(wire[start:start + piece])
        replies = [client.read() for _ in REPLIES]
        assert replies == [reply for _, reply in REPLIES]
    theirs.close()
    assert client.closed_by_server() == b""
    client.close()


def test_what_is_not_resp_is_said():
    for wrong in (b"?\r\n", b"$x\r\n", b"*1x\r\n", b"$1\r\nabc\r\n"):
        with pytest.raises(ProtocolViolation):
            parse(wrong)


def test_requests_and_plain_values():
    assert encode(["SET", b"\x00", 1, 1.5]) == b"*4\r\n$3\r\nSET\r\n$1\r\n\x00\r\n$1\r\n1\r\n$3\r\n1.5\r\n"
    assert plain(Map([(b"a", Array([Double(b"1.5"), NULL, Boolean(b"t")]))])) == {b"a": [1.5, None, True]}
