"""Every form of every command, and every argument at its edges, to cydis and to the best installed peer."""
import pytest
from peers import start_cydis
from wire.grammar import Walk, commands


@pytest.fixture(scope="module")
def walk(best_peer):
    if not best_peer.is_reference:
        pytest.skip(f"{best_peer.label} is older than the servers that cydis follows, and checks in other orders")
    with start_cydis() as ours, best_peer.start() as theirs:
        found = Walk((ours.label, ours.port), (theirs.label, theirs.port, theirs))
        yield found
        found.close()


@pytest.mark.parametrize("name", commands())
def test_every_form_of_a_command_gets_the_replies_of_the_peer(walk, name):
    if name.split("|")[0] not in walk.known:
        pytest.skip("one of the two servers does not know the command")
    before = len(walk.found)
    walk.command(name)
    assert len(walk.found) == before, "\n".join(str(found)[:2000] for found in walk.found[before:before + 5])
