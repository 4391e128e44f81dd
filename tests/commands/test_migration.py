"""Examples of MIGRATE, through every door: to a server of our own, and to targets that do not behave.

The replies are those of Valkey 9.1; where they differ on purpose, docs/decisions/0018 says why.
"""
import contextlib
import datetime
import socket
import threading

import pytest
from doors import NOT_AN_INTEGER, SYNTAX, Door, Failed
from wire_client import Error, WireClient

import cydis
from cydis.engine.inspect import digest_value

CONNECTING = "IOERR error or timeout connecting to the client"
WRITING = "IOERR error or timeout writing to target instance"
READING = "IOERR error or timeout reading to target instance"
TARGET = "ERR Target instance replied with error: "
BUSY = "BUSYKEY Target key name already exists."
HOST = "127.0.0.1"
PATIENT, HASTY = 20_000, 50
NOW = 1_800_000_000_000


@pytest.fixture
def there():
    """A store with a server: the port is `there.port`, and `there.store` sees what arrives."""
    store = cydis.Store()
    with store.serve(port=0) as service:
        service.store = store
        yield service


class Target:
    """A target with a will of its own: to each connection in turn it says some bytes, whatever it is asked.

    `asked` holds what each connection heard. It says the first of several texts at once, the others after it has
    heard more. With `silent` it then keeps the connection, and closes it when the other does.
    """

    def __init__(self, *texts, silent=False, reads=True):
        self.texts, self.silent, self.reads, self.asked = texts, silent, reads, b""
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        connection, _ = self.listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(20)
            if not self.reads:
                self.listener.settimeout(20)
                self.listener.accept()
                return
            for text in self.texts:
                self.asked += connection.recv(1 << 20)
                connection.sendall(text)
            while self.silent and (more := connection.recv(1 << 20)):
                self.asked += more

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            socket.create_connection((HOST, self.port)).close()         # whoever came or not, it goes on
        self.thread.join()
        self.listener.close()


def digest(store, key):
    """What tells one value from another, whatever the encoding."""
    store.engine.lock()
    try:
        return digest_value(store.engine, 0, key.encode())
    finally:
        store.engine.unlock()


def closed_port():
    with socket.create_server((HOST, 0)) as probe:
        return probe.getsockname()[1]


def test_one_key_moves(door, there):
    door.do("SET", "k", "v")
    assert door.do("MIGRATE", HOST, there.port, "k", 0, PATIENT) == b"OK"
    assert door.do("EXISTS", "k") == 0
    assert there.store.get("k") == b"v"
    assert there.store.pttl("k") == -1
    assert door.do("MIGRATE", HOST, there.port, "k", 0, PATIENT) == b"NOKEY"


def test_into_another_database(door, there):
    door.do("SET", "k", "v")
    assert door.do("MIGRATE", HOST, there.port, "k", 3, PATIENT) == b"OK"
    assert there.store.dbsize() == 0
    there.store.select(3)
    assert there.store.get("k") == b"v"


def test_copy_and_replace(door, there):
    there.store.set("k", "theirs")
    door.do("SET", "k", "ours")
    assert door.refused("MIGRATE", HOST, there.port, "k", 0, PATIENT, "copy") == TARGET + BUSY
    assert there.store.get("k") == b"theirs"
    assert door.do("MIGRATE", HOST, there.port, "k", 0, PATIENT, "COPY", "replace") == b"OK"
    assert there.store.get("k") == b"ours"
    assert door.do("GET", "k") == b"ours"


def test_several_keys(door, there):
    door.do("MSET", "a", 1, "b", 2, "", "empty")
    there.store.set("b", "theirs")
    everything = ("MIGRATE", HOST, there.port, "", 0, PATIENT)
    assert door.refused(*everything, "KEYS", "a", "gone", "b", "") == TARGET + BUSY
    assert door.do("EXISTS", "a", "b", "") == 1
    assert door.do("MIGRATE", HOST, there.port, "", 0, PATIENT, "REPLACE", "KEYS", "a", "b") == b"OK"
    assert there.store.mget("a", "b", "") == [b"1", b"2", b"empty"]
    assert door.do("DBSIZE") == 0
    assert door.do(*everything, "KEYS") == b"NOKEY"
    assert door.do(*everything, "KEYS", "a", "b") == b"NOKEY"


def test_a_key_twice(door, there):
    door.do("SET", "a", 1)
    assert door.refused("MIGRATE", HOST, there.port, "", 0, PATIENT, "KEYS", "a", "a") == TARGET + BUSY
    assert door.do("EXISTS", "a") == 0
    assert there.store.get("a") == b"1"


def test_the_empty_key(door, there):
    door.do("SET", "", "v")
    assert door.do("MIGRATE", HOST, there.port, "", 0, PATIENT) == b"OK"
    assert there.store.get("") == b"v"


def test_every_type_arrives(door, there):
    door.do("SET", "string", "x" * 100_000)
    door.do("RPUSH", "list", *range(1000))
    door.do("SADD", "set", *range(1000), "x")
    door.do("HSET", "hash", *range(1000))
    door.do("ZADD", "zset", *range(1000))
    keys = ["string", "list", "set", "hash", "zset"]
    digests = [digest(door.store, key) for key in keys]
    assert door.do("MIGRATE", HOST, there.port, "", 0, PATIENT, "KEYS", *keys) == b"OK"
    assert [digest(there.store, key) for key in keys] == digests


def test_more_keys_than_go_at_once(door, there):
    keys = [f"k{n}" for n in range(3000)]
    door.do("MSET", *(word for key in keys for word in (key, key)))
    assert door.do("MIGRATE", HOST, there.port, "", 0, PATIENT, "KEYS", *keys, "big") == b"OK"
    assert there.store.mget(*keys) == [key.encode() for key in keys]
    assert door.do("DBSIZE") == 0


def test_more_bytes_than_go_at_once(door, there):
    door.do("MSET", *(word for n in range(5) for word in (f"k{n}", f"{n}" * 999_999)))
    there.store.engine.set_setting("rdbcompression", 0)
    door.store.engine.set_setting("rdbcompression", 0)
    assert door.do("MIGRATE", HOST, there.port, "", 0, PATIENT, "KEYS", *(f"k{n}" for n in range(5))) == b"OK"
    assert [there.store.strlen(f"k{n}") for n in range(5)] == [999_999] * 5


def test_expiry_goes_along(door, there):
    door.freeze(NOW)
    Door("there", there.store).freeze(NOW + 10**9)          # what goes is the time that is left, not a moment
    door.do("SET", "k", "v", "PX", 3_600_000)
    door.do("SET", "brief", "v", "PX", 1)
    assert door.do("MIGRATE", HOST, there.port, "", 0, PATIENT, "KEYS", "k", "brief") == b"OK"
    assert there.store.pttl("k") == 3_600_000
    assert there.store.pttl("brief") == 1


def test_a_key_whose_time_is_over_is_none(door, there):
    door.freeze(NOW)
    door.do("SET", "k", "v", "PX", 10)
    door.freeze(NOW + 10)
    assert door.do("MIGRATE", HOST, there.port, "k", 0, PATIENT) == b"NOKEY"
    assert there.store.dbsize() == 0


def test_hits_and_misses(door, there):
    door.do("SET", "k", "v")
    before = door.stats()
    door.do("MIGRATE", HOST, there.port, "", 0, PATIENT, "KEYS", "k", "gone", "gone")
    after = door.stats()
    assert (after["hits"] - before["hits"], after["misses"] - before["misses"]) == (1, 2)
    assert after["changes"] - before["changes"] == 1


def test_passwords(door):
    target = cydis.Store()
    door.do("SET", "k", "v")
    with target.serve(port=0) as service:
        target.execute("CONFIG", "SET", "requirepass", "secret")
        to = ("MIGRATE", HOST, service.port, "k", 0, PATIENT)
        assert door.refused(*to) == TARGET + "NOAUTH Authentication required."
        wrong = TARGET + "WRONGPASS invalid username-password pair or user is disabled."
        assert door.refused(*to, "AUTH", "guess") == wrong
        assert door.refused(*to, "AUTH2", "nobody", "secret") == wrong
        assert door.do("GET", "k") == b"v"
        assert door.do(*to, "COPY", "AUTH", "secret") == b"OK"
        assert door.do(*to, "REPLACE", "AUTH2", "default", "secret") == b"OK"
        assert target.get("k") == b"v"


def test_what_is_refused_at_once(door):
    port = closed_port()
    door.do("SET", "k", "v")
    to = ("MIGRATE", HOST, port, "k", 0, PATIENT)
    assert door.refused(*to[:5]) == "ERR wrong number of arguments for 'migrate' command"
    for junk in (("FOO",), ("AUTH",), ("AUTH2", "u"), ("COPY", "COPIES"), ("AUTH2",)):
        assert door.refused(*to, *junk) == SYNTAX
    assert door.refused(*to, "KEYS", "k") == (
        "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string")
    assert door.refused("MIGRATE", HOST, port, "gone", "x", 10) == NOT_AN_INTEGER
    assert door.refused("MIGRATE", HOST, port, "gone", 0, "x") == NOT_AN_INTEGER
    assert door.do("MIGRATE", "", "no port", "gone", 0, 0, "COPY") == b"NOKEY"
    assert door.do("GET", "k") == b"v"


@pytest.mark.parametrize(("host", "port", "error"), [
    (HOST, None, WRITING), (HOST, 0, WRITING), (HOST, "junk", WRITING), (HOST, -1, CONNECTING),
    (HOST, 65_536, CONNECTING), (HOST, 2**64 + 1, CONNECTING), ("", 1, CONNECTING), ("a\0b", 1, CONNECTING),
    ("1" * 2000, 1, CONNECTING), ("256.256.256.256.", 0, CONNECTING),
])
def test_nobody_there(door, host, port, error):
    door.do("SET", "k", "v")
    assert door.refused("MIGRATE", host, closed_port() if port is None else port, "k", 0, PATIENT) == error
    assert door.do("GET", "k") == b"v"


def test_a_database_that_is_not_there_stores_nothing(door, there):
    there.store.set("k", "theirs")
    door.do("SET", "k", "v")
    for db in (16, -1, 2**40):
        assert door.refused("MIGRATE", HOST, there.port, "k", db, PATIENT, "REPLACE").startswith(TARGET + "ERR ")
    assert there.store.get("k") == b"theirs"
    assert door.do("GET", "k") == b"v"


# ---- targets that do not behave ----

KEYS = ("KEYS", "a", "b", "c")
NOT_AN_OK = [b"", b"garbage\r\n", b":1\r\n", b"$2\r\nOK\r\n", b"*1\r\n+OK\r\n", b"+OK\n", b"+QUEUED\r\n", b"+OKAY\r\n",
             b"+OK", b"\r\n", b"+\r\n", b"_\r\n", b"-" + b"x" * 5000, b"-" + b"x" * 5000 + b"\r\n", b"\0\0\r\n"]


@pytest.mark.parametrize("reply", NOT_AN_OK)
def test_what_is_no_ok_deletes_nothing(door, reply):
    door.do("SET", "k", "v")
    with Target(reply) as target:
        assert door.refused("MIGRATE", HOST, target.port, "k", 0, PATIENT) == READING
    assert target.asked.startswith(b"*4\r\n$7\r\nRESTORE\r\n$1\r\nk\r\n$1\r\n0\r\n$13\r\n")
    assert door.do("GET", "k") == b"v"


@pytest.mark.parametrize(("replies", "error", "left"), [
    (b"+OK\r\n+OK\r\n+OK\r\n", None, []),
    (b"+OK\r\n-ERR one\r\n+OK\r\n", TARGET + "ERR one", ["b"]),
    (b"-ERR one\r\n-ERR two\r\n+OK\r\n", TARGET + "ERR one", ["a", "b"]),
    (b"+OK\r\n-ERR one\r\n", TARGET + "ERR one", ["b", "c"]),
    (b"+OK\r\n", READING, ["b", "c"]),
    (b"+OK\r\n+OK\r\n+O", READING, ["c"]),
    (b"+OK\r\n:1\r\n+OK\r\n", READING, ["b", "c"]),
    (b"-\r\n-\0-\r\n+OK\r\n", TARGET.rstrip(" "), ["a", "b"]),
    (b"+OK\r\n" * 100, None, []),
])
def test_each_key_goes_by_its_own_answer(door, replies, error, left):
    door.do("MSET", "a", 1, "b", 2, "c", 3)
    with Target(replies) as target:
        reply = door.do("MIGRATE", HOST, target.port, "", 0, PATIENT, *KEYS)
    if isinstance(reply, Failed):
        assert reply.text.rstrip(" ") == error
    else:
        assert (reply, error) == (b"OK", None)
    assert sorted(door.do("KEYS", "*")) == [key.encode() for key in left]


def test_nothing_is_sent_before_the_login_is_done(door):
    door.do("SET", "k", "v")
    for reply, error in ((b"+OK\r\n-ERR no such database\r\n", TARGET + "ERR no such database"), (b"+OK\r\n", READING),
                         (b"-NOPERM you\r\n-NOAUTH\r\n", TARGET + "NOPERM you"), (b"hello\r\n+OK\r\n", READING)):
        with Target(reply) as target:
            assert door.refused("MIGRATE", HOST, target.port, "k", 3, PATIENT, "AUTH2", "me", "pass") == error
        assert target.asked == b"*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$4\r\npass\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"
    assert door.do("GET", "k") == b"v"


def test_the_last_password_counts(door):
    door.do("SET", "k", "v")
    with Target(b"-ERR\r\n") as target:
        door.do("MIGRATE", HOST, target.port, "k", 0, PATIENT, "AUTH", "a", "AUTH2", "me", "b", "AUTH", "c")
    assert target.asked == b"*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$1\r\nc\r\n"


def test_who_says_nothing_is_not_waited_for(door):
    door.do("MSET", "a", 1, "b", 2, "c", 3)
    with Target(silent=True) as target:
        assert door.refused("MIGRATE", HOST, target.port, "", 0, HASTY, *KEYS) == READING
    with Target(b"+OK\r\n+O", silent=True) as target:
        assert door.refused("MIGRATE", HOST, target.port, "", 0, HASTY, *KEYS) == READING
    assert sorted(door.do("KEYS", "*")) == [b"b", b"c"]


def test_who_does_not_listen_is_not_waited_for(door):
    door.store.engine.set_setting("rdbcompression", 0)
    door.do("SETRANGE", "k", 30_000_000, "x")
    with Target(reads=False) as target:
        assert door.refused("MIGRATE", HOST, target.port, "k", 0, HASTY) == WRITING
    assert door.do("STRLEN", "k") == 30_000_001


def test_errors_are_one_line(door):
    door.do("SET", "k", "v")
    with Target(b"-ERR a\rb\x1b%s%n\r\n") as target:
        assert door.refused("MIGRATE", HOST, target.port, "k", 0, PATIENT) == TARGET + "ERR a b\x1b%s%n"


def test_refused_memory_loses_nothing(door, there):
    """What MIGRATE needs of the engine's memory it needs for nothing that could be lost."""
    door.do("RPUSH", "k", *range(1000))
    door.store.engine.fail_allocations(1)
    reply = door.do("MIGRATE", HOST, there.port, "k", 0, PATIENT)
    door.store.engine.fail_allocations(0)
    assert reply == b"OK"
    assert there.store.llen("k") == 1000


# ---- the rest ----

def test_keys_of_the_command(door):
    keys = ("COMMAND", "GETKEYS", "MIGRATE", "host", "port")
    assert door.do(*keys, "k", 0, 10, "COPY") == [b"k"]
    assert door.do(*keys, "", 0, 10, "AUTH", "KEYS", "KEYS", "a", "b") == [b"a", b"b"]
    assert door.do(*keys, "", 0, 10, "AUTH2", "KEYS", "KEYS", "KEYS", "a") == [b"a"]
    assert door.do(*keys, "", 0, 10, "keys", "a", "KEYS", "b") == [b"a", b"KEYS", b"b"]
    assert door.do(*keys, "", 0, 10, "KEYS") == [b""]
    assert door.do(*keys, "", 0, 10, "FOO", "KEYS", "a") == [b"a"]
    assert door.do(*keys, "k", 0, 10, "AUTH", "KEYS") == [b"k"]
    assert door.refused(*keys, "k", 0, 10, "KEYS", "a") == "ERR Invalid arguments specified for command"


def test_the_method(there):
    store = cydis.Store(decode=True)
    store.update({"a": 1, "b": 2, "c": 3, "d": 4})
    assert store.migrate(HOST, there.port, "gone") is False
    assert store.migrate(HOST, there.port, "a") is True
    assert store.migrate(HOST, there.port, ["b", b"gone"], db=2, timeout=datetime.timedelta(seconds=20)) is True
    assert store.migrate(HOST, there.port, (key for key in "cd"), copy=True) is True
    assert sorted(store) == ["c", "d"]
    with pytest.raises(cydis.CommandError, match="BUSYKEY"):
        store.migrate(HOST, there.port, "c")
    with pytest.raises(cydis.CommandError, match="WRONGPASS"):
        store.migrate(HOST, there.port, "c", password="x", username="y")
    assert store.migrate(HOST, there.port, [], replace=True) is False
    with store.pipeline() as pipeline:
        assert pipeline.get("c").migrate(HOST, there.port, ["c"], replace=True).get("c").run() == ["3", True, None]
    assert sorted(there.store) == [b"a", b"c", b"d"]
    there.store.select(2)
    assert list(there.store) == [b"b"]


def test_python_runs_while_a_store_waits():
    """The target is a thread of this very interpreter."""
    store = cydis.Store()
    store.set("k", "v")
    with Target(b"+OK\r\n") as target:
        assert store.migrate(HOST, target.port, "k", timeout=PATIENT) is True


def test_a_server_to_itself_gives_up():
    """Nobody serves the connection while the command waits for it: an end after the timeout, and nothing is lost."""
    store = cydis.Store()
    with store.serve(port=0) as service, WireClient(service.port) as client:
        client.call("SET", "k", "v")
        reply = client.call("MIGRATE", HOST, str(service.port), "k", "1", str(HASTY))
        assert isinstance(reply, Error) and bytes(reply).decode() == READING
        assert client.call("GET", "k") == b"v"
