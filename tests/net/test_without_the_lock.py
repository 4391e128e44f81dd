"""The loop serves while another thread of its process holds the interpreter's lock and does not give it back.

The process that embeds the store waits in C, lock in hand, for a byte that its client sends only after all of
its commands were answered: a single step of the loop that wanted the lock would stop both for ever. The client's
own time limit then ends the wait and fails the test.
"""
import ctypes
import os
import subprocess
import sys

import pytest
from peers import ROOT

import cydis

CLIENT = """
import os, sys
from wire_client import Error, WireClient

port, report = int(sys.argv[1]), int(sys.argv[2])
verdict = b"f"
try:
    COMMANDS = [line.split() for line in sys.stdin.read().splitlines()]
    for protocol in (2, 3):
        with WireClient(port, protocol=protocol, timeout=20) as client:      # accepted without the lock, too
            for command in COMMANDS:
                reply = client.call(*command)
                assert not isinstance(reply, Error), (command, reply)
            replies = client.pipeline(COMMANDS * 20)
            assert not [reply for reply in replies if isinstance(reply, Error)]
            assert b"unknown command" in client.call("NOSUCH")
            assert b"WRONGTYPE" in client.call("LPUSH", "text", 1)
            client.send_raw(b"*1\\r\\n$1\\r\\n" if protocol == 2 else b"*1\\r\\n$-7\\r\\n")    # and hangs up
    verdict = b"y"
finally:
    os.write(report, verdict)
"""

COMMANDS = """\
FLUSHALL ASYNC
PING
SELECT 0
CLIENT SETNAME worker
CLIENT LIST
CLIENT INFO
SET text abc EX 100
SET brief x PX 1
GET text
GET brief
APPEND text def
INCRBYFLOAT number 1.5
MSET a 1 b 2 c 3
MGET a b c nokey
RPUSH list 1 2 3
LRANGE list 0 -1
LPOP list 2
SADD set 1 2 three
SMEMBERS set
SPOP set
HSET hash f v g w
HGETALL hash
ZADD zset 1 one 2.5 two
ZRANGE zset 0 -1 WITHSCORES
ZINCRBY zset 1 one
SCAN 0 COUNT 100
KEYS *
EXPIRE list 100
TTL list
TYPE zset
OBJECT ENCODING zset
COPY zset other REPLACE
RENAME other another
DBSIZE
SWAPDB 1 2
FLUSHDB ASYNC
SET text abc
"""


@pytest.mark.skipif(not hasattr(ctypes, "PyDLL"), reason="this interpreter calls C without a lock to hold")
def test_commands_are_answered_while_the_lock_is_held():
    store = cydis.Store()
    read_end, write_end = os.pipe()
    wait_with_the_lock = ctypes.PyDLL(None).read
    answer = ctypes.create_string_buffer(1)
    with store.serve(port=0) as service:
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(service.port), str(write_end)], pass_fds=[write_end],
            stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT / "tests")})
        os.close(write_end)
        client.stdin.write(COMMANDS.encode())
        client.stdin.close()
        assert wait_with_the_lock(read_end, answer, 1) == 1      # nothing else in this process runs Python now
        assert client.wait(60) == 0
    os.close(read_end)
    assert answer.raw == b"y"
    assert store.get("text") == b"abc"
