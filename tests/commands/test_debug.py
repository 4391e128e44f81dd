"""Examples of DEBUG, through every door. Digests are those of Valkey 9.1; an installed peer is asked, too."""
import random

import pytest
from doors import NOT_AN_INTEGER, Door, Failed
from peers import DEBUGGED
from wire_client import Error, Status, WireClient

import cydis
from cydis.server.shell import shell_of

NOWHERE = "0" * 40
NOT_POSITIVE = "ERR value is out of range, must be positive"
NO_KEY = "ERR no such key"


@pytest.fixture(params=["resp2", "resp3", "execute"])
def door(request):
    """Each door in turn, onto an engine which lets everybody look into it."""
    store = cydis.Store()
    if request.param == "execute":
        yield Door("execute", store)
        return
    shell_of(store.engine).config.load(list(DEBUGGED))
    with store.serve(port=0) as service, WireClient(service.port, protocol=int(request.param[-1])) as client:
        yield Door(request.param, store, client)


def wrong(name):
    return f"ERR unknown subcommand or wrong number of arguments for '{name}'. Try DEBUG HELP."


# ---- digests ----

def digest(door):
    return door.do("DEBUG", "DIGEST")


def of(door, *keys):
    return door.do("DEBUG", "DIGEST-VALUE", *keys)


def test_digest_of_nothing_and_of_one_key(door):
    assert digest(door) == NOWHERE.encode()
    door.do("SET", "a", 1)
    assert digest(door) == b"943d800368fb9c0e951138f1bc0e313ac769d91f"
    assert of(door, "a", "b") == [b"b4fc66738120fba0b5aa500ab5c2bf89cea1c5da", NOWHERE.encode()]
    assert of(door) == []
    assert door.refused("DEBUG", "DIGEST", "x") == wrong("DIGEST")


def test_digests_of_all_types(door):
    door.do("HSET", "h", "f", "v")
    door.do("ZADD", "whole", 1, "a")
    door.do("ZADD", "part", "1.1", "b")
    door.do("ZADD", "zero", "-0", "a")
    assert of(door, "h", "whole", "part", "zero") == [
        b"90c76e9e9f4c62d642a34fc97c7dad503b51f906", b"430190c6ed5abafff87d97b4f51a92796ed05895",
        b"626318f05feea4a99615cb94822395b9a07330d5", b"8d8d88c2cfb8d9411b8d9973c96538bd6378d446"]


def test_encodings_and_orders_make_no_difference(door):
    members = [f"m{i}" for i in range(20)]
    for key, order in (("a", members), ("b", members[::-1])):
        door.do("SADD", f"s{key}", *order)
        door.do("HSET", f"h{key}", *[word for member in order for word in (member, "1")])
        door.do("ZADD", f"z{key}", *[word for member in order for word in ("2.5", member)])
        for name in ("set-max-listpack-entries", "hash-max-listpack-entries", "zset-max-listpack-entries"):
            door.store.execute("CONFIG", "SET", name, 4)
    for kind in "shz":
        one, other = of(door, f"{kind}a", f"{kind}b")
        assert one == other != NOWHERE.encode()
        assert door.do("OBJECT", "ENCODING", f"{kind}a") != door.do("OBJECT", "ENCODING", f"{kind}b")


def test_an_expiry_and_the_database_make_a_difference(door):
    door.do("SET", "a", "x")
    before, value = digest(door), of(door, "a")
    door.do("EXPIRE", "a", 1000)
    timed = digest(door)
    assert len({before, timed}) == 2 and of(door, "a") != value
    door.do("EXPIRE", "a", 2000)
    assert digest(door) == timed                                    # when it expires is not in it
    door.do("PERSIST", "a")
    door.do("MOVE", "a", 1)
    assert digest(door) != before
    door.do("SWAPDB", 0, 1)
    assert digest(door) == before


def fill(client, chance):
    """Random data of all types in three databases."""
    for database in range(3):
        client.call("SELECT", database)
        for number in range(40):
            words = [bytes(chance.choices(range(256), k=chance.randrange(12))) for _ in range(chance.choice((3, 200)))]
            words += [b"%d" % chance.randrange(-1000, 1000) for _ in range(5)]
            scores = [repr(chance.choice((chance.uniform(-1e3, 1e3), chance.randrange(10**18), 10.0 ** chance.uniform(
                -20, 20)))) for _ in words]
            client.call("SET", f"s{number}", words[0])
            client.call("SET", f"n{number}", words[-1])
            client.call("RPUSH", f"l{number}", *words)
            client.call("SADD", f"t{number}", *words)
            client.call("SADD", f"i{number}", *words[-5:])
            client.call("HSET", f"h{number}", *(word for word in words for word in (word, words[0])))
            client.call("ZADD", f"z{number}", *(word for pair in zip(scores, words, strict=True) for word in pair))
            client.call("EXPIRE", f"{chance.choice('snltihz')}{number}", 1000)


def test_a_peer_has_the_same_digests(best_peer, cydis_with):
    if not best_peer.is_reference:
        pytest.skip(f"{best_peer.label} makes digests of doubles with 17 digits, and lacks field expiry")
    ours = cydis_with(*DEBUGGED)
    with best_peer.start(*DEBUGGED) as theirs, ours.client() as one, theirs.client() as other:
        fill(one, random.Random(3))
        fill(other, random.Random(3))
        keys = sorted(map(bytes, one.call("KEYS", "*")))
        ours_by_key = dict(zip(keys, one.call("DEBUG", "DIGEST-VALUE", *keys), strict=True))
        theirs_by_key = dict(zip(keys, other.call("DEBUG", "DIGEST-VALUE", *keys), strict=True))
        assert ours_by_key == theirs_by_key
        assert one.call("DEBUG", "DIGEST") == other.call("DEBUG", "DIGEST") != Status(NOWHERE.encode())


# ---- keys in numbers ----

def test_populate(door):
    door.do("SET", "key:1", "kept", "EX", 100)
    assert door.do("DEBUG", "POPULATE", 3) == b"OK"
    assert door.do("MGET", "key:0", "key:1", "key:2", "key:3") == [b"value:0", b"kept", b"value:2", None]
    assert door.do("TTL", "key:1") == 100
    door.do("DEBUG", "POPULATE", 2, "p", 4)
    door.do("DEBUG", "POPULATE", 2, "q", 20)
    door.do("DEBUG", "POPULATE", 1, "r", 5000)
    assert door.do("MGET", "p:1", "q:1", "r:0") == [b"valu", b"value:1" + b"\0" * 13, b"value:0" + b"\0" * 4993]
    assert door.do("DEBUG", "POPULATE", 0) == b"OK"
    assert door.do("DBSIZE") == 8
    for count in ("x", "-1", "1.5", 2**63):
        assert door.refused("DEBUG", "POPULATE", count) == NOT_POSITIVE
    assert door.refused("DEBUG", "POPULATE", 1, "p", "x") == NOT_POSITIVE
    assert door.refused("DEBUG", "POPULATE", 1, "p", 1, 1) == wrong("POPULATE")


def test_populate_when_memory_is_refused():
    store = cydis.Store()
    store.engine.fail_allocations(50)
    with pytest.raises(cydis.CommandError, match=r"^OOM "):
        store.execute("DEBUG", "POPULATE", 1000)
    store.engine.fail_allocations(0)
    assert store.engine.check()
    assert 0 < store.dbsize() < 1000


# ---- how values are held ----

def test_object(door):
    door.do("SET", "s", "text")
    door.do("RPUSH", "l", *["x" * 100] * 200)
    shown = door.do("DEBUG", "OBJECT", "s").decode()
    assert shown.startswith("Value at:0x") and " refcount:1 encoding:embstr serializedlength:5 lru:" in shown
    assert "serializedlength" not in door.do("DEBUG", "OBJECT", "s", "FAST").decode()
    shown = door.do("DEBUG", "OBJECT", "l").decode()
    assert " ql_nodes:3 ql_avg_node:66.67 ql_listpack_max:-2 ql_compressed:0" in shown
    assert door.refused("DEBUG", "OBJECT", "none") == NO_KEY
    assert door.refused("DEBUG", "OBJECT") == door.refused("DEBUG", "OBJECT", "s", "fast", "x") == wrong("OBJECT")


def test_printed_structures(door, capfd):
    door.do("RPUSH", "l", "a", 7)
    door.do("RPUSH", "q", *["x" * 100] * 200)
    door.do("SET", "s", "text")
    assert door.do("DEBUG", "LISTPACK", "l") == b"Listpack structure printed on stdout"
    assert "b'a'" in capfd.readouterr().out
    assert door.do("DEBUG", "QUICKLIST", "q", 1) == b"Quicklist structure printed on stdout"
    assert "3 chunks" in capfd.readouterr().out
    assert door.refused("DEBUG", "LISTPACK", "q") == "ERR Not a listpack encoded object."
    assert door.refused("DEBUG", "QUICKLIST", "l") == "ERR Not a quicklist encoded object."
    assert door.refused("DEBUG", "LISTPACK", "none") == door.refused("DEBUG", "QUICKLIST", "none") == NO_KEY
    for size in ("100", "100b", "1gb", "0"):
        assert door.do("DEBUG", "QUICKLIST-PACKED-THRESHOLD", size) == b"OK"
    for size in ("4gb", "5gb", "x", "-1"):
        assert door.refused("DEBUG", "QUICKLIST-PACKED-THRESHOLD", size) == (
            "ERR argument must be a memory value bigger than 1 and smaller than 4gb")


def test_hash_tables(door):
    assert door.do("DEBUG", "HTSTATS", 0).removeprefix(b"txt:") == b"[Dictionary HT]\n[Expires HT]\n"
    door.do("DEBUG", "POPULATE", 1000)
    door.do("EXPIRE", "key:1", 100)
    shown = door.do("DEBUG", "HTSTATS", 0, "full").decode()
    assert "number of entries: 1000\n" in shown and "top-level buckets: " in shown
    assert shown.endswith("[Expires HT]\n number of entries: 1, in the table above\n")
    door.do("SADD", "s", *(f"m{i}" for i in range(300)))
    door.do("ZADD", "z", *(word for i in range(300) for word in (i, f"m{i}")))
    door.do("HSET", "h", *(word for i in range(300) for word in (f"m{i}" * 30, i)))
    for key in "szh":
        assert b" number of entries: 300\n" in door.do("DEBUG", "HTSTATS-KEY", key)
        assert b" entries per bucket:\n" in door.do("DEBUG", "HTSTATS-KEY", key, "FULL")
    assert door.refused("DEBUG", "HTSTATS", "x") == NOT_AN_INTEGER
    assert door.refused("DEBUG", "HTSTATS", 99) == "ERR Out of range database"
    assert door.refused("DEBUG", "HTSTATS-KEY", "none") == NO_KEY
    assert door.refused("DEBUG", "HTSTATS-KEY", "key:1") == (
        "ERR The value stored at the specified key is not represented using an hash table")


# ---- replies ----

@pytest.mark.parametrize("kind, resp2, resp3", [
    ("string", b"$11\r\nHello World\r\n", None), ("integer", b":12345\r\n", None),
    ("double", b"$5\r\n3.141\r\n", b",3.141\r\n"), ("null", b"$-1\r\n", b"_\r\n"),
    ("array", b"*3\r\n:0\r\n:1\r\n:2\r\n", None), ("set", b"*3\r\n:0\r\n:1\r\n:2\r\n", b"~3\r\n:0\r\n:1\r\n:2\r\n"),
    ("map", b"*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n", b"%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n"),
    ("verbatim", b"$25\r\nThis is a verbatim\nstring\r\n", b"=29\r\ntxt:This is a verbatim\nstring\r\n"),
    ("true", b":1\r\n", b"#t\r\n"), ("false", b":0\r\n", b"#f\r\n"),
    ("bignum", b"$37\r\n1234567999999999999999999999999999999\r\n",
     b"(1234567999999999999999999999999999999\r\n"),
    ("attrib", b"$39\r\nSome real reply following the attribute\r\n",
     b"|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n"
     b"$39\r\nSome real reply following the attribute\r\n"),
    ("push", b"-ERR RESP2 is not supported by this command\r\n",
     b"$40\r\nSome real reply following the push reply\r\n>2\r\n$16\r\nserver-cpu-usage\r\n:42\r\n"),
    ("x", b"-ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|"
          b"set|map|attrib|push|verbatim|true|false\r\n", None),
])
def test_protocol(door, kind, resp2, resp3):
    if door.client is None:
        reply = door.do("DEBUG", "PROTOCOL", kind)
        assert isinstance(reply, Failed) == (kind == "x")
        return
    door.client.send("DEBUG", "PROTOCOL", kind.upper() if kind == "map" else kind)
    door.client.send("PING")
    wanted = (resp3 or resp2 if door.kind == "resp3" else resp2) + b"+PONG\r\n"
    got = b""
    while len(got) < len(wanted):
        got += door.client.socket.recv(4096)
    assert got == wanted


def test_errors(door):
    assert door.refused("DEBUG", "ERROR", "ERR x") == "ERR x"
    assert door.refused("DEBUG", "ERROR", "foo bar") == "foo bar"
    assert door.refused("DEBUG", "ERROR", "one\r\ntwo") == "one  two"
    assert door.refused("DEBUG", "ERROR") == wrong("ERROR")
    assert door.refused("DEBUG", "FOO") == wrong("FOO")
    assert door.refused("DEBUG", "HELP", "x") == wrong("HELP")
    assert door.refused("DEBUG") == "ERR wrong number of arguments for 'debug' command"
    assert door.do("DEBUG", "HELP")[-1] == b"    This text."


# ---- switches ----

def test_switches_are_accepted(door):
    for words in ("PAUSE-CRON 0", "PAUSE-CRON x", "DICT-RESIZING 1", "SET-DISABLE-DENY-SCRIPTS 1", "LOG hello",
                  "REPLYBUFFER RESIZING 0", "REPLYBUFFER PEAK-RESET-TIME never", "REPLYBUFFER PEAK-RESET-TIME -1",
                  "SET-ACTIVE-EXPIRE 1", "SLEEP 0", "SLEEP x"):
        assert door.do("DEBUG", *words.split()) == b"OK"
    assert door.refused("DEBUG", "REPLYBUFFER", "PEAK-RESET-TIME", "x") == NOT_AN_INTEGER
    for words in ("REPLYBUFFER", "REPLYBUFFER FOO 1", "REPLYBUFFER RESIZING", "PAUSE-CRON", "DICT-RESIZING", "LOG",
                  "SLEEP", "SLEEP 0 0", "SET-ACTIVE-EXPIRE", "SET-DISABLE-DENY-SCRIPTS", "RELOAD", "LOADAOF", "JMAP"):
        assert door.refused("DEBUG", *words.split()) == wrong(words.split()[0])


@pytest.mark.parametrize("words", ["SET-ACTIVE-EXPIRE 0", "PAUSE-CRON 1"])
def test_nothing_expires_by_itself_while_it_is_off(words):
    store = cydis.Store()
    store.engine.freeze_clock(1_000_000_000_000)
    store.execute("SET", "k", "v", "PX", 10)
    store.execute("DEBUG", *words.split())
    store.engine.freeze_clock(1_000_000_001_000)
    store.engine.cron(100_000)
    assert store.dbsize() == 1
    store.execute("DEBUG", words.split()[0], "10"[int(words[-1])])
    store.engine.cron(100_000)
    assert store.dbsize() == 0


def test_closed_unless_it_is_opened(wire):
    assert isinstance(wire.call("DEBUG", "DIGEST"), Error)
