"""The shell around the server: start, messages, signals, pid file, background, supervisors.

A stand-in takes the server's place: the shell must behave whatever runs inside it.
"""
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import cydis
from cydis.version import VERSION

pytestmark = pytest.mark.wheel

SOURCE = str(Path(cydis.__file__).parents[1])

STAND_IN = """
import os, sys, threading
from cydis.server import cli
from cydis.server.errors import StartError

class Service:
    def __init__(self, config, log):
        self.config, self.log, self.asked = config, log, threading.Event()
    def start(self):
        if self.config["port"] == 1:
            raise StartError("Failed listening on port 1 (tcp), aborting.")
    def wait(self):
        if self.config["port"] != 2:              # port 2: a client has asked for shutdown already
            self.asked.wait()
    def stop(self):
        self.log.notice("stopping with " + repr(self.shutdown_flags))
        if self.config["port"] == 3:              # port 3: never comes to an end
            self.asked.wait()

sys.exit(cli.run(sys.argv[1:], Service))
"""


class Running:
    """A process whose log lines are read one by one."""

    def __init__(self, *args, **env):
        self.process = subprocess.Popen(
            [sys.executable, "-c", STAND_IN, *args], env={**os.environ, "PYTHONPATH": SOURCE, **env},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.lines = []

    def until(self, text):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return self.lines[-1]
        raise AssertionError(f"{text!r} never came: {self.lines} {self.process.stderr.read()}")

    def end(self, number=signal.SIGTERM):
        if number:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        self.lines += out.splitlines()
        return self.process.returncode, err

    def texts(self):
        return [line.split(" ", 6)[-1] for line in self.lines]


@pytest.fixture
def start(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    running = []

    def begin(*args, **env):
        running.append(Running(*args, **env))
        return running[-1]
    yield begin
    for each in running:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def cydis_server(*args, stdin=""):
    return subprocess.run([sys.executable, "-m", "cydis", *args], env={**os.environ, "PYTHONPATH": SOURCE},
                          input=stdin, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("flag", ["-v", "--version"])
def test_version(flag):
    done = cydis_server(flag)
    assert done.returncode == 0
    assert re.fullmatch(
        rf"cydis-server v={re.escape(VERSION)} bits=\d\d python=3\.\d+\.\d+\S*\n", done.stdout)


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help(flag):
    done = cydis_server(flag)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: cydis-server ")


@pytest.mark.parametrize(("args", "stdin", "last"), [
    (["--nosuch", "1"], "", "Bad directive or wrong number of arguments"),
    (["-"], "port 1\nport x", "argument couldn't be parsed into an integer"),
    (["gone.conf"], "", "gone.conf': No such file or directory"),
    (["--logfile", "/nonexistent/x"], "", "Can't open the log file: No such file or directory"),
])
def test_bad_configuration_is_said_on_standard_error(args, stdin, last):
    done = cydis_server(*args, stdin=stdin)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith(last + "\n")
    assert "Traceback" not in done.stderr


def test_messages_of_a_life_in_order(start):
    server = start("--port", "7000", "--unixsocket", "x.sock")
    server.until("Ready to accept connections unix")
    assert server.end() == (0, "")
    assert server.texts() == [
        "cydis is starting",
        f"cydis version={VERSION}, bits=64, pid={server.process.pid}, just started",
        "Configuration loaded",
        "Running mode=standalone, port=7000.",
        "Server initialized",
        "Ready to accept connections tcp",
        "Ready to accept connections unix",
        "Received SIGTERM scheduling shutdown...",
        "User requested shutdown...",
        "stopping with ()",
        "cydis is now ready to exit, bye bye...",
    ]


def test_shutdown_asked_for_by_a_client(start):
    assert start("--port", "2").end(None) == (0, "")


def test_no_configuration_is_mentioned(start):
    server = start()
    server.until("Ready")
    assert any(text.startswith("No configuration given") for text in server.texts())


def test_directives_without_effect_are_named_once(start):
    server = start("--always-show-logo", "yes", "--rename-command", "A", "B", "--port", "5")
    server.until("Ready")
    named = [text for text in server.texts() if "without effect" in text]
    assert named == ["Accepted, but without effect in this version: always-show-logo, rename-command"]


def test_start_that_fails_is_one_line_and_status_1(start):
    assert start("--port", "1").end(None) == (1, "Failed listening on port 1 (tcp), aborting.\n")


def test_start_that_fails_is_in_the_log_file_too(start, tmp_path):
    assert start("--port", "1", "--logfile", "a.log").end(None)[0] == 1
    assert (tmp_path / "a.log").read_text().endswith("# Failed listening on port 1 (tcp), aborting.\n")


@pytest.mark.parametrize(("number", "name", "flags"), [
    (signal.SIGTERM, "sigterm", "('nosave', 'now')"), (signal.SIGINT, "sigint", "('save',)")])
def test_signals_carry_their_flags(start, number, name, flags):
    server = start("--shutdown-on-sigterm", "nosave now", "--shutdown-on-sigint", "save")
    server.until("Ready")
    assert server.end(number) == (0, "")
    assert f"stopping with {flags}" in server.texts()


def test_second_sigint_ends_at_once(start):
    server = start("--port", "3")
    server.until("Ready")
    server.process.send_signal(signal.SIGINT)
    server.until("stopping")
    assert server.end(signal.SIGINT)[0] == 1


def test_hangup_and_broken_pipe_mean_nothing(start):
    server = start()
    server.until("Ready")
    server.process.send_signal(signal.SIGHUP)
    server.process.send_signal(signal.SIGPIPE)
    assert server.end() == (0, "")


def test_pid_file_lives_as_long_as_the_server(start, tmp_path):
    server = start("--pidfile", "s.pid")
    server.until("Ready")
    assert (tmp_path / "s.pid").read_text() == f"{server.process.pid}\n"
    assert (tmp_path / "s.pid").stat().st_mode & 0o022 == 0
    assert server.end() == (0, "")
    assert not (tmp_path / "s.pid").exists()
    assert "Removing the pid file." in server.texts()


def test_pid_file_that_cannot_be_written_is_no_reason_to_stop(start):
    server = start("--pidfile", "/nonexistent/s.pid")
    server.until("Failed to write PID file: /nonexistent/s.pid: No such file or directory")
    server.until("Ready")
    assert server.end() == (0, "")


def test_background(start, tmp_path):
    starter = start("--daemonize", "yes", "--pidfile", "s.pid", "--logfile", "s.log", "--port", "7000")
    assert starter.end(None) == (0, "")                 # returns when the server is up: nothing to wait for
    pid = int((tmp_path / "s.pid").read_text())
    assert pid != starter.process.pid
    assert os.getsid(pid) not in (pid, os.getsid(0))    # a session of its own, and not its leader
    gone = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    os.kill(pid, signal.SIGTERM)
    if gone is not None:
        import select
        assert select.select([gone], [], [], 30)[0]
        assert not (tmp_path / "s.pid").exists()
        assert "bye bye" in (tmp_path / "s.log").read_text()


def test_background_start_that_fails_is_seen_by_the_starter(start):
    status, error = start("--daemonize", "yes", "--port", "1", "--pidfile", "s.pid").end(None)
    assert (status, error) == (1, "Failed listening on port 1 (tcp), aborting.\n")


@pytest.mark.parametrize("mode", ["systemd", "auto"])
@pytest.mark.parametrize("abstract", [False, pytest.param(True, marks=pytest.mark.skipif(
    sys.platform != "linux", reason="abstract sockets are Linux's"))])
def test_systemd_is_told(start, tmp_path, mode, abstract):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.settimeout(30)
        address = f"@cydis-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
        inbox.bind("\0" + address[1:] if abstract else address)
        server = start("--supervised", mode, "--daemonize", "yes", NOTIFY_SOCKET=address)
        assert b"READY=1" in inbox.recv(1000).splitlines()
        assert server.end() == (0, "")                  # supervised: it stays in the foreground
        assert inbox.recv(1000) == b"STOPPING=1\n"


def test_upstart_is_told(start):
    server = start("--supervised", "upstart", UPSTART_JOB="cydis")
    assert os.WIFSTOPPED(os.waitpid(server.process.pid, os.WUNTRACED)[1])
    server.process.send_signal(signal.SIGCONT)
    assert server.end() == (0, "")
