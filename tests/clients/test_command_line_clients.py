"""redis-cli and valkey-cli: single commands, every mode that needs commands we have, and a person typing."""
import json
import re

import pytest
from clients.programs import Terminal, each, run
from wire_client import encode

PIPED = 20_000


@pytest.fixture
def typing(cydis_server, wire, tmp_path):
    """Start the program at a terminal; it is ended with the test."""
    started = []

    def start(program, *arguments):
        started.append(Terminal(program, "-p", str(cydis_server.port), *arguments, folder=tmp_path))
        return started[-1].__enter__()

    yield start
    for terminal in started:
        terminal.__exit__()


@each("cli")
def test_single_commands(program, cydis_server, wire):
    def say(*arguments, stdin=b""):
        done = run(program, cydis_server.port, *arguments, stdin=stdin)
        assert done.returncode == 0, done.stdout
        return done.stdout

    assert say("ping") == "PONG\n"
    assert say("set", "k", "a b\n") == "OK\n"
    assert say("get", "k") == "a b\n\n"
    assert say("--no-raw", "get", "k") == '"a b\\n"\n'
    assert say("-x", "set", "from stdin", stdin=b"\x00\xff") == "OK\n"
    assert wire.call("GET", "from stdin") == b"\x00\xff"
    assert say("-n", 5, "dbsize") == "0\n"
    assert say("-r", 3, "incr", "n") == "1\n2\n3\n"
    assert say("-u", f"redis://127.0.0.1:{cydis_server.port}/0", "get", "n") == "3\n"
    assert say("--csv", "mget", "n", "missing") == '"3",NULL\n'
    assert say("mget", "n", "missing") == "3\n\n"
    assert "proto" in say("-3", "hello") and "3" in say("-3", "hello")
    assert say(stdin=b"set typed 1\nincr typed\n") == "OK\n2\n"


@each("cli")
def test_resp3_shapes(program, cydis_server, wire):
    wire.pipeline([("HSET", "h", "f", "v"), ("ZADD", "z", 1.5, "m"), ("SADD", "s", "m")])

    def say(*arguments):
        return run(program, cydis_server.port, "-3", "--no-raw", *arguments).stdout

    assert say("hgetall", "h") == '1# "f" => "v"\n'
    assert say("zscore", "z", "m") == "(double) 1.5\n"
    assert say("smembers", "s") == '1~ "m"\n'
    assert say("get", "nokey") == "(nil)\n"


@each("cli")
def test_errors_and_exit_status(program, cydis_server, wire):
    done = run(program, cydis_server.port, "-e", "incr")
    assert (done.returncode, done.stdout.strip()) == (1, "ERR wrong number of arguments for 'incr' command")
    assert run(program, cydis_server.port, "-e", "ping").returncode == 0
    assert run(program, cydis_server.port, "nosuch").stdout.startswith("ERR unknown command 'nosuch'")


@each("cli")
def test_mass_insert(program, cydis_server, wire):
    commands = b"".join(encode(("SET", f"key:{number}", f"value {number}")) for number in range(PIPED))
    done = run(program, cydis_server.port, "--pipe", stdin=commands)
    assert done.returncode == 0, done.stdout
    assert f"errors: 0, replies: {PIPED}" in done.stdout
    assert wire.call("DBSIZE") == PIPED
    assert wire.call("GET", f"key:{PIPED - 1}") == b"value %d" % (PIPED - 1)


@each("cli")
def test_mass_insert_counts_errors(program, cydis_server, wire):
    commands = encode(("SET", "k", 1)) + encode(("LLEN", "k")) * 2
    done = run(program, cydis_server.port, "--pipe", stdin=commands)
    assert done.returncode == 1
    assert "WRONGTYPE" in done.stdout and "errors: 2, replies: 3" in done.stdout


@each("cli")
def test_mass_insert_as_lines(program, cydis_server, wire):
    lines = b"".join(b'SET key:%d "a b"\r\n' % number for number in range(1000))
    assert "errors: 0, replies: 1000" in run(program, cydis_server.port, "--pipe", stdin=lines).stdout
    assert wire.call("GET", "key:999") == b"a b"


@pytest.fixture
def sample(wire):
    """A few keys of every type."""
    wire.pipeline([("SET", f"key:{number}", "x" * number) for number in range(1, 200)])
    wire.pipeline([
        ("RPUSH", "a list", *range(30)), ("SADD", "a set", *range(20)),
        ("HSET", "a hash", *range(20)), ("ZADD", "a zset", *range(20)),
    ])
    return 203


@each("cli")
def test_scan(program, cydis_server, sample):
    assert len(run(program, cydis_server.port, "--scan").stdout.splitlines()) == sample
    assert run(program, cydis_server.port, "--scan", "--pattern", "a l*").stdout.strip('\n"') == "a list"


@each("cli")
def test_big_keys(program, cydis_server, sample):
    done = run(program, cydis_server.port, "--bigkeys")
    assert done.returncode == 0, done.stdout
    assert f"Sampled {sample} keys in the keyspace!" in done.stdout
    for what in ("string found .*key:199.* has 199 bytes", "list found .*a list.* has 30 items",
                 "set found .*a set.* has 20 members", "hash found .*a hash.* has 10 fields",
                 "zset found .*a zset.* has 10 members"):
        assert re.search("Biggest +" + what, done.stdout), what


@each("cli")
def test_memory_of_keys(program, cydis_server, sample):
    done = run(program, cydis_server.port, "--memkeys")
    assert done.returncode == 0, done.stdout
    assert f"Sampled {sample} keys in the keyspace!" in done.stdout
    assert re.search(r"Biggest +string found .*key:19\d.* has \d{3} bytes", done.stdout)


@each("cli")
def test_hot_keys_need_a_policy(program, cydis_with):
    server = cydis_with("--maxmemory-policy", "allkeys-lfu")
    with server.client() as client:
        client.pipeline([("SET", "hot", 1), ("SET", "cold", 1)] + [("GET", "hot")] * 1000)
    done = run(program, server.port, "--hotkeys")
    assert done.returncode == 0, done.stdout
    assert re.search(r"hot key found with counter: \d+\s+keyname: \"?hot\"?", done.stdout), done.stdout


@each("cli")
def test_latency(program, cydis_server, wire):
    done = run(program, cydis_server.port, "--latency", "-i", 1)     # no terminal: one line, after a second
    least, most, average, samples = map(float, done.stdout.split())
    assert least <= average <= most and samples > 10


@each("cli")
def test_stat(program, typing, sample):
    terminal = typing(program, "--stat", "-i", "0.1")
    terminal.until("connections")
    terminal.until("\n")
    row = terminal.until("\n").split()
    assert row[0] == str(sample)
    terminal.interrupt()


@each("cli")
def test_a_person_at_the_terminal(program, typing, cydis_server):
    terminal = typing(program)
    prompt = f"127.0.0.1:{cydis_server.port}> "
    terminal.until(prompt)

    def enter(line, expected, prompt=prompt):
        """A line, what must be seen, and the prompt: what is typed before the prompt gets lost."""
        terminal.type(line + "\r")
        terminal.until("\r\n")
        seen = terminal.until(prompt)
        assert expected in seen, seen

    enter("set greeting hello", "OK\r\n")
    terminal.type("getrange ")
    terminal.until("key start end")                                  # the hint, in grey
    enter("greeting 0 2", '"hel"\r\n')
    enter("help incrby", "group:")
    enter("lpush greeting x", "(error) WRONGTYPE Operation against a key holding the wrong kind of value")
    enter("hello 3", '"modules" => (empty array)')
    in_three = f"127.0.0.1:{cydis_server.port}[3]> "
    enter("select 3", "OK", in_three)
    enter('set "a\\x00b" "\\xff"', "OK\r\n", in_three)
    enter("keys *", '1) "a\\x00b"', in_three)
    terminal.type("exit\r")
    assert terminal.wait() == 0


@each("cli")
def test_hints_come_from_the_server(program, cydis_server):
    """What redis-cli asks for when it starts; it shows what it has got, and nothing of what it has not."""
    done = run(program, cydis_server.port, "--json", "command", "docs", "getex")
    if done.returncode:
        done = run(program, cydis_server.port, "command", "docs", "getex")
        assert "summary" in done.stdout and "arguments" in done.stdout
        return
    docs = json.loads(done.stdout)["getex"]
    assert docs["group"] == "string" and docs["arguments"][0]["name"] == "key"


@each("cli")
def test_password(program, cydis_with, tmp_path):
    server = cydis_with()
    assert run(program, server.port, "config", "set", "requirepass", "secret").stdout == "OK\n"
    assert run(program, server.port, "ping").stdout.startswith("NOAUTH Authentication required.")
    assert run(program, server.port, "-a", "secret", "--no-auth-warning", "ping").stdout == "PONG\n"
    assert "PONG" in run(program, server.port, "--user", "default", "--pass", "secret", "ping").stdout
    assert "WRONGPASS" in run(program, server.port, "-a", "wrong", "ping").stdout
    url = f"redis://default:secret@127.0.0.1:{server.port}"
    assert "PONG" in run(program, server.port, "-u", url, "ping").stdout


@each("cli")
def test_unix_socket(program, cydis_with):
    server = cydis_with(unixsocket=True)
    assert run(program, 1, "-s", server.unixsocket, "ping").stdout == "PONG\n"


@each("cli")
def test_shutdown(program, cydis_with):
    server = cydis_with()
    assert run(program, server.port, "shutdown", "nosave").returncode == 0
    assert server.process.wait(20) == 0
    assert "refused" in run(program, server.port, "ping").stdout
