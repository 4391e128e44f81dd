"""Servers and connections for all tests: cydis itself and, where one is installed, the best peer."""
import pytest
from peers import find_peers, start_cydis


@pytest.fixture(scope="session")
def cydis_server():
    """One cydis server for the whole session; tests share its data and clean up what they use."""
    with start_cydis() as server:
        yield server


@pytest.fixture
def cydis_with():
    """Start a cydis of its own for the test: `server = cydis_with("--maxclients", 10)`."""
    servers = []

    def start(*arguments, **options):
        servers.append(start_cydis(*arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def wire(cydis_server):
    """A RESP2 connection to the session's cydis, on an empty keyspace."""
    with cydis_server.client() as client:
        client.call("FLUSHALL")
        yield client


@pytest.fixture
def wire3(cydis_server):
    """A RESP3 connection to the session's cydis, on an empty keyspace."""
    with cydis_server.client(protocol=3) as client:
        client.call("FLUSHALL")
        yield client


@pytest.fixture(scope="session")
def best_peer():
    """The best peer installed."""
    peers = find_peers()
    if not peers:
        pytest.skip("no peer server: neither on PATH (valkey-server, redis-server) nor in CYDIS_PEERS")
    return peers[0]


@pytest.fixture(scope="session")
def peer_server(best_peer):
    """A running server of the best peer."""
    with best_peer.start() as server:
        yield server
