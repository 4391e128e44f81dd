"""ioredis and node-redis, installed from npm into a temporary folder, through their own handshakes."""
import json
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "node"
UNKNOWN = "ERR unknown command 'nosuch', with args beginning with: 'a' "
HASH = {"a": "1", "b": "two"}


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A folder with both packages installed."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    try:
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "ioredis", "redis"],
            cwd=folder, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        pytest.skip("the npm registry does not answer")
    if done.returncode:
        pytest.skip(f"npm cannot install: {done.stderr.strip().splitlines()[-1:]}")
    for script in SCRIPTS.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


def steps(packages, script, port):
    """What the script said, in order, once for each protocol."""
    done = subprocess.run(["node", script, str(port)], cwd=packages, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    said = [tuple(json.loads(line)) for line in done.stdout.splitlines()]
    half = len(said) // 2
    return dict(said[:half]), dict(said[half:])


def test_ioredis(packages, cydis_server, wire):
    two, three = steps(packages, "ioredis.mjs", cydis_server.port)
    for said in (two, three):
        scores = said.pop("zset")
        assert scores in (["one", "1", "two", "2.5"], [["one", 1], ["two", 2.5]], ["one", 1, "two", 2.5])
        assert said == {
            "ready": True, "set": "OK", "get": "value", "missing": None, "binary": [0, 255, 13, 10], "hash": HASH,
            "set of three": ["1", "2", "3"], "pipeline": [1001, [None, 1000], "WRONGTYPE"], "parallel": True,
            "scan": 500, "wrong type": ["ReplyError", "WRONGTYPE"], "unknown": UNKNOWN, "name": "node", "quit": "OK",
        }


def test_node_redis(packages, cydis_server, wire):
    for said in steps(packages, "node-redis.mjs", cydis_server.port):
        assert said == {
            "ready": True, "set": "OK", "get": "value", "missing": None, "hash": HASH,
            "zset": [{"value": "one", "score": 1}, {"value": "two", "score": 2.5}],
            "set of three": ["1", "2", "3"], "parallel": True, "scan": 500, "wrong type": "WRONGTYPE",
            "unknown": UNKNOWN, "name": "node", "closed": True,
        }
