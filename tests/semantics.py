"""What the tests of the hundred points share: a door into cydis or into a Valkey, and time that passes in both."""
import time

import pytest
from doors import Door
from wire_client import WireClient

import cydis

LIFE = 5                                   # ms that a short-lived key has
GONE_BY = 50                               # ms after which it is over everywhere
NOW = 1_900_000_000_000


def valkey_or_own_door(request):
    """A door as tests/commands/conftest.py makes it, or one to an installed Valkey 9.1."""
    if request.param.startswith("valkey"):
        peer = request.getfixturevalue("best_peer")
        if (peer.product, peer.release) < ("valkey", (9, 1)):
            pytest.skip("what is expected is what Valkey 9.1 answers, and none is installed")
        server = request.getfixturevalue("peer_server")
        with WireClient(server.port, protocol=int(request.param[-1])) as client:
            client.call("FLUSHALL")
            yield Door(request.param, None, client)
        return
    store = cydis.Store()
    if request.param == "execute":
        yield Door("execute", store)
        return
    with store.serve(port=0) as service, WireClient(service.port, protocol=int(request.param[-1])) as client:
        yield Door(request.param, store, client)


def later(door, ms):
    """So many milliseconds pass: by the engine's clock where we hold it, else by ours."""
    if door.store is None:
        time.sleep(ms / 1000)
        return
    door.store.engine.lock()
    try:
        door.store.engine.freeze_clock(door.store.engine.now_ms() + ms)
    finally:
        door.store.engine.unlock()


def has_expired(door, string, list_key):
    """A string and a list whose time is over; nobody has looked for them since."""
    door.do("SET", string, "v", "PX", LIFE)
    door.do("RPUSH", list_key, "a")
    door.do("PEXPIRE", list_key, LIFE)
    later(door, GONE_BY)
