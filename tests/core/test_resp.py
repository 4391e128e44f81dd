"""The wire protocol: requests cut at every point, replies there and back, hiredis as the second opinion."""
import contextlib
import math
import re
from pathlib import Path

import hiredis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cydis.core.resp import ProtocolError, ReplyError, RequestParser, decode_reply, encode_command

DATA = Path(__file__).parents[1] / "data" / "resp"
LETTERS = {b"r": b"\r", b"n": b"\n", b"t": b"\t"}


def unescape(text):
    def one(match):
        sign = match[1]
        return bytes.fromhex(sign[1:].decode()) if len(sign) == 3 else LETTERS.get(sign, sign)

    return re.sub(rb"\\(x[0-9a-fA-F]{2}|.)", one, text)


def rows(name):
    """The two columns of a corpus file, as they stand there."""
    for line in (DATA / name).read_bytes().split(b"\n"):
        if line and not line.startswith(b"#"):
            yield tuple(line.split(b"\t"))


REQUESTS = [(unescape(given_), outcome) for given_, outcome in rows("requests.txt")]
REPLIES = [(unescape(reply), verdict) for verdict, reply in rows("replies.txt")]


def expected(outcome):
    """(requests, error text or None) of a corpus outcome."""
    requests, error = outcome, None
    if b"!" in outcome:
        requests, error = outcome.split(b"!", 1)
        error = unescape(error).decode("latin-1")
    found = re.findall(rb"\[([^\]]*)\]", requests)
    return [[unescape(word) for word in each.split(b",")] for each in found], error


def read(pieces, **limits):
    """(requests, error text or None) of a message that arrives in pieces."""
    parser, requests = RequestParser(**limits), []
    for piece in pieces:
        try:
            requests += parser.feed(piece)
        except ProtocolError as error:
            return requests + error.requests, str(error)
    return requests, None


@pytest.mark.parametrize(("message", "outcome"), REQUESTS, ids=[repr(each)[:60] for each, _ in REQUESTS])
def test_corpus_at_every_cut(message, outcome):
    assert read([message]) == expected(outcome)
    for cut in range(len(message) + 1):
        assert read([message[:cut], message[cut:]]) == expected(outcome), cut
    assert read([message[i:i + 1] for i in range(len(message))]) == expected(outcome)


EMPTIES = [b"*0\r\n", b"*-1\r\n", b"\r\n", b"\n", b"  \r\n"]
WHOLE = [b"PING\r\n", b"*1\r\n$4\r\nPING\r\n", b"*2\r\n$4\r\nECHO\r\n$300\r\n" + b"x" * 300 + b"\r\n"]


@pytest.mark.parametrize("first", EMPTIES + WHOLE)
@pytest.mark.parametrize("second", EMPTIES + WHOLE)
def test_pairs_of_kinds_leave_no_state_behind(first, second):
    message = first + second + b"PING\r\n"
    whole = read([message])
    assert whole[1] is None
    assert len(whole[0]) == (first in WHOLE) + (second in WHOLE) + 1
    for cut in range(len(message)):
        assert read([message[:cut], message[cut:]]) == whole


@given(st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=80), max_size=6), st.data())
def test_encoded_commands_come_back(commands, data):
    message = b"".join(encode_command(*command) for command in commands)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(message)), max_size=5)))
    pieces = [message[a:b] for a, b in zip([0, *cuts], [*cuts, len(message)], strict=True)]
    assert read(pieces) == (commands, None)
    assert b"".join(hiredis.pack_command(tuple(command)) for command in commands) == message


@given(st.binary(max_size=200), st.integers(0, 200))
def test_garbage_is_read_alike_however_it_is_cut(message, cut):
    assert read([message[:cut], message[cut:]]) == read([message])


def test_a_million_arguments_in_pieces():
    words = [b"%d" % i for i in range(1_000_000)]
    message = encode_command(*words)
    parser, requests = RequestParser(), []
    for at in range(0, len(message), 65536):
        requests += parser.feed(message[at:at + 65536])
    assert requests == [words]


def test_need_tells_what_is_missing_of_a_long_string():
    parser = RequestParser()
    assert parser.feed(b"*2\r\n$4\r\nECHO\r\n$1000\r\nabc") == []
    assert parser.need == 999
    assert parser.feed(b"x" * 997 + b"\r\n") == [[b"ECHO", b"abc" + b"x" * 997]]
    assert parser.need == 0


def test_limits():
    assert read([b"*11\r\n"], authenticated=False) == ([], "Protocol error: unauthenticated multibulk length")
    assert read([b"*1\r\n$16385\r\n"], authenticated=False) == (
        [], "Protocol error: unauthenticated bulk length")
    assert read([b"*1\r\n$5\r\n"], max_bulk=4) == ([], "Protocol error: invalid bulk length")
    assert read([b"x" * 21], max_inline=20) == ([], "Protocol error: too big inline request")
    with pytest.raises(ValueError, match="limit"):
        RequestParser(max_inline=3)


def test_an_error_is_final():
    parser = RequestParser()
    with pytest.raises(ProtocolError) as caught:
        parser.feed(b"PING\r\n*a\r\nPING\r\n")
    assert caught.value.requests == [[b"PING"]]
    with pytest.raises(ProtocolError, match="invalid multibulk length"):
        parser.feed(b"PING\r\n")


# ---- replies

@pytest.mark.parametrize(("reply", "verdict"), REPLIES, ids=[repr(reply)[:40] for reply, _ in REPLIES])
def test_reply_corpus(reply, verdict):
    if verdict == b"ok":
        decode_reply(reply)
        for cut in range(len(reply)):
            with pytest.raises(ValueError, match="not complete"):
                decode_reply(reply[:cut])
    else:
        with pytest.raises(ValueError, match="not a reply"):
            decode_reply(reply)


@pytest.mark.parametrize(("reply", "value"), [
    (b"+OK\r\n", b"OK"), (b":-5\r\n", -5), (b"$-1\r\n", None), (b"*-1\r\n", None), (b"_\r\n", None),
    (b"#t\r\n", True),
    (b",1.5\r\n", 1.5), (b",-inf\r\n", -math.inf), (b"(12345678901234567890\r\n", 12345678901234567890),
    (b"=7\r\ntxt:abc\r\n", b"abc"), (b"-ERR no\r\n", ReplyError("ERR no")),
    (b"!3\r\nERR\r\n", ReplyError("ERR")),
    (b"%1\r\n+a\r\n*1\r\n:1\r\n", {b"a": [1]}), (b"~2\r\n:1\r\n*1\r\n:2\r\n", {1, (2,)}),
    (b"|1\r\n+x\r\n+y\r\n:3\r\n", 3), (b"*2\r\n|1\r\n+x\r\n+y\r\n:3\r\n:4\r\n", [3, 4]),
    (b">2\r\n+a\r\n+b\r\n", [b"a", b"b"]), (b"%1\r\n%1\r\n:1\r\n:2\r\n:3\r\n", {frozenset({(1, 2)}): 3}),
])
def test_replies_become_objects(reply, value):
    assert decode_reply(reply) == value


def test_bytes_behind_a_reply_are_refused():
    with pytest.raises(ValueError, match="2 bytes behind"):
        decode_reply(b"+OK\r\n\r\n")


def test_attributes_in_a_row_need_no_stack():
    assert decode_reply(b"|0\r\n" * 200_000 + b":1\r\n") == 1


SCALARS = (st.none() | st.booleans() | st.integers(-2**63, 2**63 - 1) | st.binary(max_size=30)
           | st.floats(allow_nan=False))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
    st.binary(max_size=8), inner, max_size=3), max_leaves=15)


def spell(value):
    """A RESP3 reply of a value, by hand."""
    if value is None:
        return b"_\r\n"
    if isinstance(value, bool):
        return b"#t\r\n" if value else b"#f\r\n"
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, float):
        return b",%s\r\n" % repr(value).encode()
    if isinstance(value, bytes):
        return b"$%d\r\n%s\r\n" % (len(value), value)
    if isinstance(value, list):
        return b"*%d\r\n" % len(value) + b"".join(map(spell, value))
    return b"%%%d\r\n" % len(value) + b"".join(spell(key) + spell(each) for key, each in value.items())


@given(VALUES)
def test_replies_agree_with_hiredis(value):
    reply = spell(value)
    reader = hiredis.Reader()
    reader.feed(reply)
    assert decode_reply(reply) == value == reader.gets()


@given(st.sampled_from([reply for reply, _ in REPLIES]), st.data())
def test_damaged_replies_are_errors_not_crashes(reply, data):
    damaged = bytearray(reply)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ValueError):
        decode_reply(bytes(damaged))


def test_arguments_of_a_command():
    assert encode_command("SET", b"k", 5, 0.5) == b"*4\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n5\r\n$3\r\n0.5\r\n"
    for wrong in (None, True, [1]):
        with pytest.raises(TypeError, match="an argument is"):
            encode_command("SET", wrong)
