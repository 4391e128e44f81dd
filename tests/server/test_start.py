"""The real server's start and end as an operator sees them: what it needs, what it refuses, what it leaves behind."""
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from peers import free_port
from wire_client import Status, WireClient, plain

import cydis

pytestmark = pytest.mark.wheel

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(cydis.__file__).parents[1])}
COMMAND = [sys.executable, "-m", "cydis"]
PONG = Status(b"PONG")


def refused(*args, stdin="", cwd=None):
    """What a server that cannot start says on standard error; there is nothing but that and status 1."""
    done = subprocess.run([*COMMAND, *map(str, args)], env=ENVIRONMENT, input=stdin, capture_output=True,
                          text=True, timeout=30, cwd=cwd)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def start(tmp_path):
    """Start a server in a folder of its own and wait until it is ready."""
    running = []

    def begin(*args, stdin=""):
        process = subprocess.Popen([*COMMAND, *map(str, args)], env=ENVIRONMENT, cwd=tmp_path, text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        running.append(process)
        process.stdin.write(stdin)
        process.stdin.close()
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ready to accept connections" in line:
                return process
        raise AssertionError("".join(said))

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


# ---- what it refuses ----

def test_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused("--bind", "127.0.0.1", "--port", port) == (
            f"Could not create server TCP listening socket 127.0.0.1:{port}: Address already in use\n")


def test_port_in_use_by_another_cydis(start):
    port = free_port()
    first = start("--bind", "127.0.0.1", "--port", port)
    assert f"127.0.0.1:{port}: Address already in use" in refused("--bind", "127.0.0.1", "--port", port)
    with WireClient(port) as client:
        assert client.call("PING") == PONG
    assert first.poll() is None


@pytest.mark.parametrize(("path", "reason"), [
    ("gone/socket", "No such file or directory"),
    (".", "Address already in use"),
    ("file", "Address already in use"),
    ("x" * 200, "AF_UNIX path too long"),
])
def test_unix_socket_that_cannot_be_had(tmp_path, path, reason):
    (tmp_path / "file").write_text("precious")
    said = refused("--port", 0, "--unixsocket", path, cwd=tmp_path)
    assert said == f"Failed opening Unix socket: bind: {path}: {reason}\n"
    assert (tmp_path / "file").read_text() == "precious"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_unix_socket_in_a_folder_of_others(tmp_path):
    tmp_path.chmod(0o500)
    assert refused("--port", 0, "--unixsocket", "s", cwd=tmp_path).endswith(": Permission denied\n")


def test_unix_socket_of_a_living_server_is_not_taken_away(start, tmp_path):
    start("--port", 0, "--unixsocket", "s")
    said = refused("--port", 0, "--unixsocket", "s", cwd=tmp_path)
    assert said == "Failed opening Unix socket: bind: s: Address already in use\n"
    with WireClient(unixsocket=tmp_path / "s") as client:
        assert client.call("PING") == PONG


def test_second_socket_that_fails_gives_the_first_back(tmp_path):
    port = free_port()
    refused("--bind", "127.0.0.1", "--port", port, "--unixsocket", "gone/s", cwd=tmp_path)
    socket.create_server(("127.0.0.1", port)).close()


def test_nowhere_to_listen():
    assert refused("--port", 0) == "Configured to not listen anywhere, exiting.\n"


@pytest.mark.parametrize(("text", "line", "shown", "reason"), [
    ("port 7000\n\n# a remark\nmaxmemory 12x\n", 4, "maxmemory 12x", "argument must be a memory value"),
    ("nosuch yes\n", 1, "nosuch yes", "Bad directive or wrong number of arguments"),
    ('port 7000\nrequirepass "abc\n', 2, 'requirepass "abc', "Unbalanced quotes in configuration line"),
    ("port\n", 1, "port", "wrong number of arguments"),
])
def test_bad_line_is_named(tmp_path, text, line, shown, reason):
    (tmp_path / "c.conf").write_text(text)
    said = refused("c.conf", cwd=tmp_path).splitlines()
    assert said[-3:] == [
        f"Reading the configuration file, at line {line} of {tmp_path / 'c.conf'}", f">>> '{shown}'", reason]


def test_bad_line_of_an_included_file_is_named(tmp_path):
    (tmp_path / "inner.conf").write_text("\nport x\n")
    (tmp_path / "c.conf").write_text(f"include {tmp_path / 'inner.conf'}\n")
    assert f"at line 2 of {tmp_path / 'inner.conf'}\n" in refused("c.conf", cwd=tmp_path)


def test_bad_line_of_standard_input_is_named():
    assert "Reading standard input, at line 2\n>>> 'timeout'" in refused("-", stdin="port 0\ntimeout\n")


# ---- what it does ----

def test_directives_from_a_file_standard_input_and_the_command_line(start, tmp_path):
    port = free_port()
    (tmp_path / "c.conf").write_text("maxclients 77\nport 1\ntimeout 5\n")
    start("c.conf", "--port", port, "--bind", "127.0.0.1", "-", stdin="timeout 9\n")
    with WireClient(port) as client:
        found = plain(client.call("CONFIG", "GET", "maxclients", "timeout", "port"))
        assert dict(zip(found[::2], found[1::2], strict=True)) == {
            b"maxclients": b"77", b"timeout": b"9", b"port": b"%d" % port}
        assert f"config_file:{tmp_path / 'c.conf'}\r\n".encode() in client.call("INFO", "server")


def test_only_a_unix_socket(start, tmp_path):
    process = start("--port", 0, "--unixsocket", "s", "--unixsocketperm", "700")
    path = tmp_path / "s"
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    with WireClient(unixsocket=path) as client:
        assert client.call("PING") == PONG
        assert b"tcp_port:0\r\n" in client.call("INFO", "server")
    process.terminate()
    assert process.wait(30) == 0
    assert not path.exists()


def test_socket_left_behind_by_a_killed_server_is_replaced(start, tmp_path):
    process = start("--port", 0, "--unixsocket", "s")
    process.kill()
    process.wait(30)
    assert (tmp_path / "s").exists()
    start("--port", 0, "--unixsocket", "s")
    with WireClient(unixsocket=tmp_path / "s") as client:
        assert client.call("PING") == PONG


def test_one_process_whose_number_everybody_knows(start, tmp_path):
    process = start("--port", 0, "--unixsocket", "s", "--pidfile", "p")
    assert (tmp_path / "p").read_text() == f"{process.pid}\n"
    with WireClient(unixsocket=tmp_path / "s") as client:
        assert f"process_id:{process.pid}\r\n".encode() in client.call("INFO", "server")


def test_log_file(start, tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, "--port", str(port), "--bind", "127.0.0.1", "--logfile", "log"], env=ENVIRONMENT, cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        while not (tmp_path / "log").exists() or "Ready" not in (tmp_path / "log").read_text():
            assert process.poll() is None
        process.terminate()
        assert process.communicate(timeout=30) == (b"", None)
    finally:
        process.kill()
        process.wait()
    lines = (tmp_path / "log").read_text().splitlines()
    assert all(line.startswith(f"{process.pid}:M ") for line in lines)
    assert lines[-1].endswith("bye bye...")


# ---- how it ends ----

@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_in_good_order_with_clients_connected(start, tmp_path, how):
    process = start("--port", 0, "--unixsocket", "s", "--pidfile", "p")
    with WireClient(unixsocket=tmp_path / "s") as idle, WireClient(unixsocket=tmp_path / "s") as busy:
        assert busy.call("SET", "k", "v") == Status(b"OK")
        idle.call("PING")
        busy.send_raw(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1000\r\nhalf a")
        process.send_signal(how)
        assert idle.closed_by_server() == b""
        assert busy.closed_by_server() == b""
    assert process.wait(30) == 0
    assert process.stdout.read().splitlines()[-1].endswith("cydis is now ready to exit, bye bye...")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["SHUTDOWN"], ["shutdown", "nosave"], ["SHUTDOWN", "NOW", "FORCE"]])
def test_shutdown_over_the_wire(start, tmp_path, words):
    process = start("--port", 0, "--unixsocket", "s")
    with WireClient(unixsocket=tmp_path / "s") as client:
        client.send(*words)
        assert client.closed_by_server() == b""
    assert process.wait(30) == 0
    assert list(tmp_path.iterdir()) == []


def test_background(tmp_path):
    port = free_port()
    done = subprocess.run(
        [*COMMAND, "--port", str(port), "--bind", "127.0.0.1", "--daemonize", "yes", "--pidfile", "p", "--dir",
         str(tmp_path), "--logfile", str(tmp_path / "log")],
        env=ENVIRONMENT, cwd=tmp_path, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    with WireClient(port) as client:                    # it serves as soon as the starter is back
        process = plain(client.call("INFO", "server")).split(b"process_id:")[1].split(b"\r\n")[0]
        assert (tmp_path / "p").read_text() == process.decode() + "\n"
        client.send("SHUTDOWN")
        assert client.closed_by_server() == b""
