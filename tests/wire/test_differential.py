"""Random commands to cydis and to the best installed peer: no unexplained difference.

CYDIS_DIFFERENTIAL_COMMANDS changes the number of commands (default 200,000). Seeds and sequences that
ever failed stay here as cases. A failure prints the shortest replay found; to work on one by hand:

    python tests/wire/differential.py --left cydis --right "$(command -v valkey-server)" --epoch 1:7
"""
import os
import random

import pytest
from wire.differential import EPOCH, Differential
from wire.explained import avoider
from wire.families import FAMILIES

COMMANDS = int(os.environ.get("CYDIS_DIFFERENTIAL_COMMANDS", 200_000))
FIXED_SEEDS = ["1", "2", "3"]
FRESH_SEED = str(random.SystemRandom().randrange(10**9))

NOT_YET: dict[str, str] = {}
"""Families that cydis does not serve yet, with the reason."""

FAILED_EPOCHS: list[str] = []
"""Epochs («seed:number») in which a difference was found once."""

FAILED_SEQUENCES: dict[str, list[tuple]] = {}
"""Shortest replays of differences found once: name to list of (protocol, words)."""


@pytest.fixture(scope="module")
def differential(cydis_server, peer_server):
    families = [family for family in FAMILIES if family not in NOT_YET]
    ours, theirs = ((server.label, server.port) for server in (cydis_server, peer_server))
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


@pytest.mark.parametrize("epoch", FAILED_EPOCHS)
def test_epochs_that_failed_once_stay_repaired(differential, epoch):
    differential.run_epoch(epoch, EPOCH)
    assert not differential.differences, differential.report()


@pytest.mark.parametrize("name", FAILED_SEQUENCES)
def test_sequences_that_failed_once_stay_repaired(differential, name, cydis_server, peer_server):
    avoid = avoider(cydis_server.label, peer_server.label)
    differential.begin(name)
    for protocol, words in FAILED_SEQUENCES[name]:
        if not avoid(words) and (found := differential.exchange(protocol, [words])):
            pytest.fail(str(found))
