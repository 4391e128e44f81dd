"""What is installed is whole: it embeds, it serves, and nothing of the checkout is needed.

These tests run against a wheel in an environment of its own (`make dist-check`, cibuildwheel), and in the suite.
"""
import importlib
import importlib.metadata
import os
import pkgutil
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from peers import ServerProcess, start_cydis
from wire_client import OK, Status, WireClient

import cydis

pytestmark = pytest.mark.wheel

PACKAGE = Path(cydis.__file__).parent


def test_every_module_can_be_imported():
    names = [module.name for module in pkgutil.walk_packages([str(PACKAGE)], "cydis.") if "__main__" not in module.name]
    assert len(names) > 50
    for name in names:
        importlib.import_module(name)


def test_what_type_checkers_and_cython_need_is_there():
    assert (PACKAGE / "py.typed").exists()
    assert (PACKAGE / "engine" / "call.pxd").exists()
    assert (PACKAGE / "server" / "data" / "commands.json").exists()


def test_importing_loads_no_server():
    unwanted = ("asyncio", "redis", "cydis.server.app")
    code = f"import sys, cydis; print([name for name in {unwanted} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)})
    assert done.stdout == "[]\n"


def test_embeds():
    store = cydis.Store()
    store.set("k", "v", ex=100)
    assert store.get("k") == b"v"
    store["n"] = 41
    assert store.incr("n") == 42
    assert store.execute("RPUSH", "l", 1, 2.5, "three") == 3
    assert store.execute("LRANGE", "l", 0, -1) == [b"1", b"2.5", b"three"]
    assert store.execute("ZADD", "z", 1.5, "m") == 1
    assert store.execute("ZSCORE", "z", "m") == 1.5
    with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
        store.incr("l")
    assert sorted(store.execute("KEYS", "*")) == [b"k", b"l", b"n", b"z"]


def test_serves_what_it_embeds():
    store = cydis.Store()
    with store.serve(port=0) as service, WireClient(service.port, protocol=3) as client:
        assert client.call("SET", "k", "from outside") == OK
        assert store.get("k") == b"from outside"
        assert client.call("COMMAND", "DOCS", "GET")[0][0] == b"get"


def test_serves_as_a_module():
    with start_cydis() as server, server.client() as client:
        assert client.call("PING") == Status(b"PONG")
        assert b"redis_version:7.4" in client.call("INFO", "server")


def test_serves_as_a_program():
    program = shutil.which("cydis-server", path=sysconfig.get_path("scripts"))
    if program is None:
        pytest.skip("cydis is used from its checkout, not installed")
    with ServerProcess([program], label="cydis-server") as server, server.client() as client:
        assert client.call("PING") == Status(b"PONG")
    assert importlib.metadata.version("cydis") == cydis.__version__
