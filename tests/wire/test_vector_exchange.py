"""Vector sets exchanged with Redis 8: what one dumps the other restores, searches and goes on with."""
import random
import struct

import payloads
import pytest
import vector_payloads
from peers import DEBUGGED, find_peers, start_cydis
from wire_client import Status

SETS = {
    "one": (1, 3, ()), "bytes": (60, 7, ()), "floats": (60, 7, ("NOQUANT",)), "bits": (60, 70, ("BIN",)),
    "few links": (700, 16, ("M", "5")), "many links": (200, 16, ("M", "300", "NOQUANT")),
    "reduced": (100, 32, ("NOQUANT",)), "reduced bytes": (100, 32, ()),
}


def peers():
    return [peer for peer in find_peers() if peer.product == "redis" and peer.release >= (8, 0)]


@pytest.fixture(scope="module")
def ours():
    with start_cydis(*DEBUGGED) as server, server.client() as client:
        yield client


@pytest.fixture(scope="module", params=peers() or [None], ids=lambda peer: peer.label if peer else "none")
def theirs(request):
    if request.param is None:
        pytest.skip("no peer server that has vector sets: Redis from 8.0 on")
    with request.param.start(*DEBUGGED) as server, server.client() as client:
        yield client


def vector(chance, dim):
    return struct.pack(f"<{dim}f", *(chance.gauss(0, 1) for _ in range(dim)))


def add(ask, name, *words, reduced=False):
    return ask("VADD", "k", *(("REDUCE", "5") if reduced else ()), "FP32", *words, *SETS[name][2])


def fill(ask, name):
    count, dim, _ = SETS[name]
    chance = random.Random(count)
    ask("DEL", "k")
    for n in range(count):
        add(ask, name, vector(chance, dim), str(n) if n % 5 else f"e{n}", reduced=name.startswith("reduced"))
        if n % 3 == 0:
            ask("VSETATTR", "k", f"e{n}", f'{{"n": {n}}}')
    for n in range(1, count, 9):
        ask("VREM", "k", str(n))
    return chance


def told(ask, name):
    """All that does not depend on links."""
    names = [f"e{n}" if n % 5 == 0 else str(n) for n in range(SETS[name][0])]
    return [ask("VCARD", "k"), ask("VDIM", "k"), ask("DEBUG", "DIGEST-VALUE", "k"),
            *((ask("VEMB", "k", each), ask("VGETATTR", "k", each)) for each in names)]


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("way", ["to them", "to us"])
def test_a_set_goes_there_and_back(ours, theirs, way, name):
    here, there = (ours.call, theirs.call) if way == "to them" else (theirs.call, ours.call)
    chance, dim = fill(here, name), SETS[name][1]
    before = told(here, name)
    assert there("RESTORE", "k", "0", here("DUMP", "k"), "REPLACE") == Status(b"OK")
    assert told(there, name) == before
    scores = [sorted(map(float, ask("VSIM", "k", "FP32", query, "COUNT", "5", "WITHSCORES", "EF", "500")[1::2]))
              for query in [vector(chance, dim)] for ask in (here, there)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)
    for n in range(30):                   # it lives on
        assert add(there, name, vector(chance, dim), f"new{n}", reduced=name.startswith("reduced")) == 1
        there("VREM", "k", str(n))
    after = told(there, name)
    assert here("RESTORE", "k", "0", there("DUMP", "k"), "REPLACE") == Status(b"OK")
    assert told(here, name) == after


def test_a_set_migrates(ours, theirs):
    fill(ours.call, "floats")
    before = told(ours.call, "floats")
    theirs.call("FLUSHALL")
    port = str(theirs.call("CONFIG", "GET", "port")[1], "ascii")
    assert ours.call("MIGRATE", "127.0.0.1", port, "k", "0", "20000") == Status(b"OK")
    assert told(theirs.call, "floats") == before
    assert ours.call("EXISTS", "k") == 0


@pytest.mark.parametrize("name", vector_payloads.VECTORS)
def test_hand_made_sets_mean_the_same_there(ours, theirs, name):
    frame = payloads.frame(vector_payloads.VECTORS[name])
    replies = []
    for ask in (ours.call, theirs.call):
        assert ask("RESTORE", "k", "0", frame, "REPLACE") == Status(b"OK")
        names = sorted(bytes(each) for each in ask("VRANDMEMBER", "k", "10"))
        replies.append([names, ask("DEBUG", "DIGEST-VALUE", "k"), *(ask("VEMB", "k", each) for each in names)])
    assert replies[0] == replies[1]

