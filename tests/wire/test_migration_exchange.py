"""MIGRATE between servers: cydis to each peer that is installed, each peer to cydis, and cydis to cydis."""
import pytest
from peers import DEBUGGED, find_peers, start_cydis
from wire_client import Error, Status

WRITES_VERSION_11 = {"redis": (7, 2), "valkey": (7, 2)}
DATA = [("SET", "number", "17"), ("SET", "text", "x" * 300), ("RPUSH", "list", *map(str, range(600))),
        ("SADD", "set", "a", "b", "1"), ("SADD", "integers", "1", "70000"), ("HSET", "hash", "f", "v", "1", "2"),
        ("ZADD", "zset", "1.5", "a", "inf", "b"), ("SET", "brief", "v", "PX", "3600000"), ("PFADD", "seen", "a", "b")]
KEYS = [words[1] for words in DATA]


def peers():
    return [peer for peer in find_peers() if peer.release >= WRITES_VERSION_11[peer.product]]


@pytest.fixture(scope="module")
def ours():
    with start_cydis(*DEBUGGED) as server:
        yield server


@pytest.fixture(scope="module", params=[*peers(), None], ids=lambda peer: peer.label if peer else "cydis")
def other(request):
    with request.param.start(*DEBUGGED) if request.param else start_cydis(*DEBUGGED) as server:
        yield server


@pytest.mark.parametrize("database", ["0", "3"])
@pytest.mark.parametrize("way", ["to them", "to us"])
def test_every_type_goes_there_and_leaves_nothing(ours, other, way, database):
    source, target = (ours, other) if way == "to them" else (other, ours)
    with source.client() as here, target.client() as there:
        here.call("FLUSHALL")
        there.call("FLUSHALL")
        there.call("SELECT", database)
        for words in DATA:
            here.call(*words)
        digests = here.call("DEBUG", "DIGEST-VALUE", *KEYS)
        to = ("MIGRATE", "127.0.0.1", str(target.port), "", database, "20000")
        assert here.call(*to, "COPY", "KEYS", *KEYS[:3]) == Status(b"OK")
        refused = here.call(*to, "KEYS", *KEYS)
        assert isinstance(refused, Error)
        assert bytes(refused).endswith(b"BUSYKEY Target key name already exists.")
        assert here.call("EXISTS", *KEYS) == 3
        assert here.call(*to, "REPLACE", "KEYS", *KEYS) == Status(b"OK")
        assert here.call("DBSIZE") == 0
        assert here.call(*to, "KEYS", *KEYS) == Status(b"NOKEY")
        assert there.call("DEBUG", "DIGEST-VALUE", *KEYS) == digests
        assert 3_500_000 < there.call("PTTL", "brief") <= 3_600_000
