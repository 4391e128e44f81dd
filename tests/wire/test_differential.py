"""Random commands to cydis and to the best installed peer: no unexplained difference.

CYDIS_DIFFERENTIAL_COMMANDS changes the number of commands (default 200,000). Seeds and sequences that
ever failed stay here as cases. A failure prints the shortest replay found; to work on one by hand:

    python tests/wire/differential.py --left cydis --right "$(command -v valkey-server)" --epoch 1:7
"""
import os
import random

import pytest
from peers import DEBUGGED, start_cydis
from wire.differential import EPOCH, Differential
from wire.explained import avoider
from wire.families import FAMILIES
from wire_client import Null

COMMANDS = int(os.environ.get("CYDIS_DIFFERENTIAL_COMMANDS", 200_000))
FIXED_SEEDS = ["1", "2", "3"]
FRESH_SEED = str(random.SystemRandom().randrange(10**9))

OLDER_PEERS = {"strings", "keys", "databases", "lists", "lists-more", "sets", "sets-more", "hashes", "sorted-sets",
               "connection", "commands"}
"""What a peer before Redis 8 and Valkey 9 is asked: of the other families it knows less, or other rules."""
NEEDED = ("FLUSHALL", "KEYS", "DBSIZE", "SELECT", "TYPE", "PTTL", "OBJECT")
"""Commands without which nothing can be compared."""

FAILED_EPOCHS: list[str] = []
"""Epochs («seed:number») in which a difference was found once."""

FAILED_SEQUENCES = {
    "options of GETEX are checked before the key": "GETEX missing EX 0",
    "an unknown type is an error": "SCAN 0 TYPE nosuch COUNT 9",
    "a time in the past stores nothing": "SET s 1 GET PXAT 1 / DBSIZE / MEMORY USAGE s",
    "client ids are positive": "CLIENT LIST ID -9223372036854775808",
    "no hexadecimal scores": "ZADD z INCR 0x10 a / ZADD z 1 a 2 b 0x1p3 c / ZCARD z",
    "no shared integers": "INCRBY s 6 / OBJECT REFCOUNT s",
    "a condition looks at other types": "RPUSH l a / SET l 1 NX GET / SET l 1 IFEQ a / DELIFEQ l a",
    "ZADD converts for what it does not add": f"ZADD z 0 a / ZADD z XX 1 {'P' * 200} / OBJECT ENCODING z",
    "minus zero": f"ZADD z -0 a / ZRANGE z 0 -1 WITHSCORES / ZADD z 1 {'P' * 200} -0 b / ZPOPMIN z 2",
    "a bar is no space": "SET s 1 / OBJECT ENCODING s / OBJECT|ENCODING s",
    "all of HELLO or nothing": "HELLO 3 SETNAME one two / CLIENT GETNAME / HELLO 2 AUTH a b junk",
    "the lowest integer": "RPUSH l a / LREM l -9223372036854775808 a / LPOS l a RANK -9223372036854775808",
    "names of directives are those that were typed": "CONFIG SET timeout 0 TIMEOUT 0 / CONFIG SET DaTabases 1",
    "globs of directives": "CONFIG GET time[z-o]ut / CONFIG GET [ / CONFIG GET [Tt]imeou[^a] / CONFIG GET *max-z[]i]*",
    "a count of keys that is none": "COMMAND GETKEYS BZMPOP 1 01 z b MIN / COMMAND GETKEYS ZUNIONSTORE 1 01 z b",
    "none of what is no vector set": "SET v 1 / VRANDMEMBER v 0 / VRANDMEMBER v 1 / VRANDMEMBER none 0",
    "lists of sorted sets are packed": "SADD p 1 3 4 2 0 / SORT p STORE l / OBJECT ENCODING l / DEL p",
    "fields with an expiry in a listpack":
        "HSET h 1.5 01 / HEXPIREAT h 4000000000 FIELDS 1 1.5 / DEBUG HTSTATS-KEY h / DEBUG LISTPACK h / DEL h",
    "scores begin with no space": "ZADD z 1 a / ZRANGE z (\\x201 5 BYSCORE / ZCOUNT z \\x201 5",
}
"""Shortest replays of differences that were found once, also between peers; commands end at « / »."""


@pytest.fixture(scope="module")
def cydis_server():
    """A cydis whose digests can be asked for."""
    with start_cydis(*DEBUGGED) as server:
        yield server


@pytest.fixture(scope="module")
def peer_server(best_peer):
    """Such a server of the best peer."""
    with best_peer.start(*DEBUGGED) as server:
        yield server


@pytest.fixture(scope="module")
def differential(cydis_server, peer_server, best_peer):
    families = [family for family in FAMILIES if best_peer.is_reference or family in OLDER_PEERS]
    ours, theirs = ((server.label, server.port, server) for server in (cydis_server, peer_server))
    with cydis_server.client() as client:
        known = client.call("COMMAND", "INFO", *NEEDED)
    if missing := [name for name, row in zip(NEEDED, known, strict=True) if isinstance(row, Null)]:
        pytest.skip(f"cydis does not serve yet what every comparison needs: {', '.join(missing)}")
    compared = Differential(ours, theirs, families)
    yield compared
    compared.close()


@pytest.fixture(autouse=True)
def from_nothing_found(differential):
    differential.differences.clear()


@pytest.mark.parametrize("seed", [*FIXED_SEEDS, pytest.param(FRESH_SEED, id="fresh")])
def test_random_commands_get_the_replies_of_the_peer(differential, seed):
    print(f"seed {seed}")
    differential.run(COMMANDS // (len(FIXED_SEEDS) + 1), seed)
    assert not differential.differences, differential.report()


def test_epochs_that_failed_once_stay_repaired(differential):
    for epoch in FAILED_EPOCHS:
        differential.run_epoch(epoch, EPOCH)
    assert not differential.differences, differential.report()


@pytest.mark.parametrize("name", FAILED_SEQUENCES)
def test_sequences_that_failed_once_stay_repaired(differential, name, cydis_server, peer_server):
    avoid = avoider(cydis_server.label, peer_server.label)
    for protocol in (2, 3):
        differential.begin(name)
        mentioned = set()
        for line in FAILED_SEQUENCES[name].split(" / "):
            words = tuple(word.replace("\\x20", " ").encode() for word in line.split())
            mentioned |= set(words)
            found = None if avoid(words) else differential.exchange(protocol, [words])
            assert found is None, str(found)
        gone = (b"EXISTS", *sorted(mentioned))                          # then nobody keeps what has expired
        found = differential.exchange(2, [gone]) or differential.compare_data() or differential.compare_digests()
        assert found is None, str(found)


def test_a_peer_that_ends_is_started_again_and_cydis_is_not(best_peer):
    """The one is told of and the run goes on, the other is a difference and the end of the run."""
    with start_cydis(*DEBUGGED) as ours, best_peer.start(*DEBUGGED) as theirs:
        compared = Differential((ours.label, ours.port, ours), (theirs.label, theirs.port, theirs), ["sets"])
        for server in (theirs, ours):
            compared.begin("ends")
            assert compared.exchange(3, [(b"SADD", b"s", b"a")]) is None
            server.process.kill()
            found = compared.exchange(3, [(b"SCARD", b"s"), (b"PING",)])
            assert found.words == (b"SCARD", b"s")
            assert compared.keep(found) is (server is theirs)
            if server is theirs:
                assert compared.run_epoch("ends:1", 400) and len(compared.ended) == 1
                assert "a peer ended" in compared.report()
        assert compared.lost and compared.differences == [found] and len(compared.ended) == 1
        compared.close()
