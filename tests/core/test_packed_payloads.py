"""The bytes of ListPack and IntSet are those which a real server puts into a DUMP payload."""
import pytest
from peers import Peer

from cydis.core.intset import IntSet
from cydis.core.listpack import ListPack

BORDERS = [0, 1, 127, 128, 4095, 4096, 32767, 32768, 2**23 - 1, 2**23, 2**31 - 1, 2**31, 2**63 - 1]
TEXTS = [b"", b"-0", b"9223372036854775808"] + [b"x" * n for n in (62, 63, 64, 126, 4095, 4096, 16377, 16379)]
TWO_WIDTHS = b"x" * 16378      # an entry of 2^14 - 1 bytes: Redis writes a longer back-length than Valkey
LISTPACK_HASH, INTSET = 16, 11


@pytest.fixture(scope="module")
def peer(best_peer: Peer):
    if best_peer.product == "redis" and best_peer.release < (7, 0):
        pytest.skip(f"{best_peer.label} writes ziplists, not listpacks")
    options = ("--rdbcompression", "no", "--hash-max-listpack-value", "100000")
    with best_peer.start(*options) as server, server.client() as client:
        yield client


def packed(peer, key, kind):
    """The one string inside the payload: type, length, string, version, checksum."""
    payload = peer.call("DUMP", key)
    assert payload[0] == kind
    first = payload[1]
    if first < 0x40:
        start, size = 2, first
    elif first < 0x80:
        start, size = 3, (first & 0x3F) << 8 | payload[2]
    else:
        start, size = 6, int.from_bytes(payload[2:6], "big")
    assert len(payload) == start + size + 10
    return bytes(payload[start : start + size])


def test_listpack(peer):
    values = [b"%d" % n for border in BORDERS for n in (border, -border, -border - 1)] + TEXTS
    items = [item for i, value in enumerate(values) for item in (b"field:%d" % i, value)]
    peer.call("DEL", "hash")
    peer.call("HSET", "hash", *items)
    assert packed(peer, "hash", LISTPACK_HASH) == bytes(ListPack(items))


def test_listpack_with_either_back_length(peer, best_peer):
    items = [b"field", TWO_WIDTHS, b"after", b"1"]
    peer.call("DEL", "hash")
    peer.call("HSET", "hash", *items)
    data = packed(peer, "hash", LISTPACK_HASH)
    pack = ListPack.from_bytes(data)
    assert list(pack) == items
    assert list(reversed(pack)) == items[::-1]
    assert pack.find(b"after", skip=1) == 2
    if best_peer.product == "valkey" and best_peer.release >= (9, 1):
        assert data == bytes(ListPack(items))


@pytest.mark.parametrize(
    "numbers", [[5, -1], [32767, -32768], [1, 32768], [-(2**31), 7], [2**31, -3], [2**63 - 1, -(2**63)]]
)
def test_intset(peer, numbers):
    peer.call("DEL", "set")
    peer.call("SADD", "set", *numbers)
    assert packed(peer, "set", INTSET) == bytes(IntSet(numbers))
