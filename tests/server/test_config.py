"""The configuration: grammar, every directive, CONFIG GET and SET, hooks.

Expected texts are what valkey-server 9.1 answers to the same input.
"""
import io
import os
import re
from pathlib import Path

import pytest

from cydis.server.config import Config, ConfigError
from cydis.server.directives import DIRECTIVES
from cydis.server.grammar import quote, split_words

pytestmark = pytest.mark.wheel


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test has a directory of its own to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(*argv, stdin=""):
    config = Config()
    config.load(list(argv), io.StringIO(stdin))
    return config


def refused(*argv, stdin=""):
    with pytest.raises(ConfigError) as caught:
        loaded(*argv, stdin=stdin)
    return str(caught.value)


def reason(line):
    """Why a line is refused, or None."""
    try:
        loaded("-", stdin=line)
    except ConfigError as error:
        return str(error).splitlines()[-1]
    return None


# ---- words

@pytest.mark.parametrize(("text", "words"), [
    ("", []),
    ("   ", []),
    ("save 900  1", ["save", "900", "1"]),
    ("\tport\t7000 \r", ["port", "7000"]),
    ('requirepass "a b"', ["requirepass", "a b"]),
    (r'x "\x41\n\r\t\b\a\"\\\q"', ["x", 'A\n\r\t\b\a"\\q']),
    (r"x 'it\'s' 'a\n'", ["x", "it's", r"a\n"]),
    ('x ""', ["x", ""]),
    ('x "70"00', ["x", "7000"]),
    (r'x "\xc3\xa9"', ["x", "é"]),
    (r'x "\xff"', ["x", "\udcff"]),
    ('x "open', None),
    ("x 'open", None),
])
def test_words(text, words):
    assert split_words(text) == words


@pytest.mark.parametrize("word", ["", "plain", 'a"b', "a\\b", "\x00\x1f\x7f", "two words", "é\n"])
def test_quoted_words_come_back(word):
    assert split_words(quote(word)) == [word]


# ---- sources

def test_file_then_stdin_then_directives(here):
    (here / "a.conf").write_text("# a comment\n\nport 1\ntimeout 1\nmaxclients 1\n")
    config = loaded("a.conf", "--maxclients", "3", "-", stdin="timeout 2\nmaxclients 2")
    assert (config["port"], config["timeout"], config["maxclients"]) == (1, 2, 3)
    assert config.file == str(here / "a.conf")
    assert config.given() == ["maxclients", "port", "timeout"]
    assert config.given("server") == ["port"]


def test_names_in_any_case_and_values_quoted():
    config = loaded("-", stdin="PORT '7000'\nLogLevel \"DEBUG\"\n")
    assert (config["port"], config["loglevel"]) == (7000, "debug")


@pytest.mark.parametrize(("argv", "name", "value"), [
    (["--port", "7000"], "port", 7000),
    (["--port 7000"], "port", 7000),
    (["--requirepass", "--secret"], "requirepass", "--secret"),
    (["--requirepass", "a b"], "requirepass", "a b"),
    (["--save", "", "--port", "1"], "save", ()),
    (["--save", "--port", "1"], "save", ()),
    (["--save"], "save", ()),
    (["--save", "60", "1", "--save", "5", "2"], "save", ((60, 1), (5, 2))),
    (["--save", "60 1 5 2"], "save", ((60, 1), (5, 2))),
    (["--bind", "127.0.0.1", "-::1"], "bind", ("127.0.0.1", "-::1")),
    (["--replicaof", "h", "6380"], "replicaof", ("h", 6380)),
    (["--slaveof", "no", "one"], "replicaof", None),
    (["--shutdown-on-sigterm", "nosave", "now"], "shutdown-on-sigterm", ("nosave", "now")),
])
def test_command_line(argv, name, value):
    assert loaded(*argv)[name] == value


def test_include(here):
    (here / "main.conf").write_text("port 1\ninclude parts/*.conf\ninclude none/*.conf\n")
    (here / "parts").mkdir()
    (here / "parts" / "1.conf").write_text("timeout 1\n")
    (here / "parts" / "2.conf").write_text("timeout 2\nport 2\n")
    config = loaded("main.conf")
    assert (config["port"], config["timeout"]) == (2, 2)


def test_include_of_a_missing_file_or_of_itself(here):
    (here / "a.conf").write_text("include gone.conf\n")
    assert refused("a.conf") == "Fatal error, can't open config file 'gone.conf': No such file or directory"
    (here / "a.conf").write_text("include a.conf\n")
    assert "includes itself" in refused("a.conf")


def test_missing_file(here):
    assert refused("gone.conf") == (
        f"Fatal error, can't open config file '{here}/gone.conf': No such file or directory")


def test_bad_line_is_named_with_file_and_number(here):
    (here / "a.conf").write_text("# one\n\n  port abc  \n")
    lines = refused("a.conf").split("\n")
    assert re.fullmatch(r"\*\*\* FATAL CONFIG FILE ERROR \(Version .+\) \*\*\*", lines[1])
    assert lines[2:] == [f"Reading the configuration file, at line 3 of {here}/a.conf", ">>> 'port abc'",
                         "argument couldn't be parsed into an integer"]


def test_bad_argument_is_shown_as_understood():
    assert refused("--timeout", "1", "--port", "1 2", "3").split("\n")[2:] == [
        "Reading the command line, at directive 2", """>>> 'port "1 2" "3"'""", "wrong number of arguments"]


@pytest.mark.parametrize("argv", [["--port=7000"], ["-x"], ["--nosuch", "1"]])
def test_unknown_directive(argv):
    assert refused(*argv).endswith("\nBad directive or wrong number of arguments")


def test_users_renames_and_modules_are_collected():
    config = loaded("-", stdin="user a on >p ~* +@all\nuser b off\nrename-command DEBUG ''\n"
                              "loadmodule m.so x\n")
    assert config.users == [("a", "on", ">p", "~*", "+@all"), ("b", "off")]
    assert config.renamed == [("DEBUG", "")]
    assert config.modules == [("m.so", "x")]


def test_directory_is_entered_when_its_line_is_read(here):
    (here / "data").mkdir()
    (here / "data" / "more.conf").write_text("port 7\n")
    config = loaded("-", stdin="dir data\ninclude more.conf")
    assert os.getcwd() == str(here / "data") == config["dir"]
    assert config["port"] == 7


# ---- values

INTEGER = "argument couldn't be parsed into an integer"
MEMORY = "argument must be a memory value"


@pytest.mark.parametrize(("line", "text"), [
    ("port", "wrong number of arguments"),
    ("port 1 2", "wrong number of arguments"),
    ("port 99999", "argument must be between 0 and 65535 inclusive"),
    ("port 007", INTEGER),
    ("port +1", INTEGER),
    ("port -0", INTEGER),
    ("port 5.0", INTEGER),
    ("acllog-max-len 9223372036854775808", INTEGER),
    ('port "12', "Unbalanced quotes in configuration line"),
    ("maxmemory 1zz", MEMORY),
    ("maxmemory -1", MEMORY),
    ("maxmemory 1.5gb", MEMORY),
    ("maxmemory 10%", MEMORY),
    ("maxmemory 18446744073709551616", MEMORY),
    ("maxmemory-clients 101%", "percentage argument must be less or equal to 100"),
    ("maxmemory-clients -1%", "argument must be a memory or percent value"),
    ("proto-max-bulk-len 1", "argument must be between 1048576 and 9223372036854775807 inclusive"),
    ("appendonly maybe", "argument must be 'yes' or 'no'"),
    ("loglevel wat", "argument(s) must be one of the following: debug, verbose, notice, warning, nothing"),
    ("save 1", "Invalid save parameters"),
    ("save 0 5", "Invalid save parameters"),
    ("save 1 -2", "Invalid save parameters"),
    ("save a b", "Invalid save parameters"),
    ("client-output-buffer-limit normal 0 0", "Wrong number of arguments in buffer limit configuration."),
    ("client-output-buffer-limit x 0 0 0", "Invalid client class specified in buffer limit configuration."),
    ("client-output-buffer-limit normal 0 0 x",
     "Error in hard, soft or soft_seconds setting in buffer limit configuration."),
    ("unixsocketperm 999", "argument couldn't be parsed as an octal number"),
    ("unixsocketperm 1777", "argument must be between 0 and 777 inclusive"),
    ("dir /nonexistent", "No such file or directory"),
    ("dbfilename a/b", "dbfilename can't be a path, just a filename"),
    ("appenddirname ''", "appenddirname can't be empty"),
    ("notify-keyspace-events Q", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."),
    ("oom-score-adj-values 1 2", "wrong number of arguments"),
    ("oom-score-adj-values 0 0 3000",
     "Invalid oom-score-adj-values, elements must be between -2000 and 2000."),
    ("shutdown-on-sigterm save nosave", "shutdown options SAVE and NOSAVE can't be used simultaneously"),
    ("latency-tracking-info-percentiles 101",
     "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]"),
    ("latency-tracking-info-percentiles x", "Invalid latency-tracking-info-percentiles parameters"),
    ("proc-title-template {x}", "template format is invalid or contains unknown variables"),
    ("slaveof h 99999999", "Invalid primary port"),
    ("replicaof x", "wrong number of arguments"),
    ("bind " + "a " * 17, "Too many bind addresses specified."),
    ("cluster-announce-client-ipv4 1.2.3", "Invalid IPv4 address"),
    ("cluster-announce-hostname a_b", "Hostnames may only contain alphanumeric characters, hyphens or dots"),
    ("cluster-announce-ip a@b", "cluster-announce-ip contains invalid character"),
    ("user", "Bad directive or wrong number of arguments"),
    ("rename-command GET", "Bad directive or wrong number of arguments"),
    ("list-max-ziplist-entries 5", None),
    ("maxmemory 1Kb", None),
    ("save 5 0", None),
    ("bind", None),
])
def test_refusals(line, text):
    assert reason(line) == text


@pytest.mark.parametrize(("line", "name", "text"), [
    ("maxmemory 10mb", "maxmemory", "10485760"),
    ("maxmemory 10m", "maxmemory", "10000000"),
    ("maxmemory 00012", "maxmemory", "12"),
    ("maxmemory-clients 10%", "maxmemory-clients", "10%"),
    ("appendfsync ALWAYS", "appendfsync", "always"),
    ("appendonly YES", "appendonly", "yes"),
    ("oom-score-adj relative", "oom-score-adj", "yes"),
    ("unixsocketperm 0755", "unixsocketperm", "755"),
    ("notify-keyspace-events KEA", "notify-keyspace-events", "AKE"),
    ("notify-keyspace-events Kg$lshzxetdmn", "notify-keyspace-events", "AKm"),
    ("notify-keyspace-events EKxn$gdt", "notify-keyspace-events", "g$xtdnKE"),
    ("client-output-buffer-limit replica 1mb 2mb 3 pubsub 1 1 1", "client-output-buffer-limit",
     "normal 0 0 0 slave 1048576 2097152 3 pubsub 1 1 1"),
    ("latency-tracking-info-percentiles 50.0 99.50 100", "latency-tracking-info-percentiles", "50 99.5 100"),
    ("shutdown-on-sigterm now nosave default", "shutdown-on-sigterm", "nosave now"),
    ("shutdown-on-sigint default", "shutdown-on-sigint", "default"),
    ("hz 1000", "hz", "500"),
    ("hz 0", "hz", "1"),
    ("repl-backlog-size 1", "repl-backlog-size", "16384"),
    ("list-max-ziplist-size 5", "list-max-listpack-size", "5"),
    ("slaveof h 5", "replicaof", "h 5"),
])
def test_canonical_text(line, name, text):
    assert loaded("-", stdin=line).text(name) == text


def test_every_default_reads_back_as_itself():
    config = Config()
    for row in DIRECTIVES:
        text = config.text(row.name)
        if row.name not in ("dir", "replicaof"):
            assert row.kind.write(row.kind.read([text], config[row.name])) == text


# ---- CONFIG GET

def test_get_answers_each_name_once_and_as_it_was_spelt():
    config = Config()
    assert config.match(["PORT"]) == [("PORT", "6379")]
    assert config.match(["port", "Port", b"port", "po[rR]t"]) == [("port", "6379")]
    assert config.match(["nosuch", "nosuch*"]) == []
    assert config.match([]) == []


def test_get_knows_aliases_apart():
    config = loaded("--slave-priority", "7")
    assert config.match(["*-priority"]) == [("replica-priority", "7"), ("slave-priority", "7")]


@pytest.mark.parametrize(("pattern", "names"), [
    ("TIME*", {"timeout"}),
    ("time?ut", {"timeout"}),
    ("[st]imeout", {"timeout"}),
    ("[^s]imeout", {"timeout"}),
    ("[s-u]imeout", {"timeout"}),
    ("[a-s]imeout", set()),
    (r"t\imeout*", {"timeout"}),
    ("[z-a]imeout*", {"timeout"}),
    ("[imeout", set()),
    ("*max-listpack-size", {"list-max-listpack-size"}),
])
def test_get_globs(pattern, names):
    assert {name for name, _ in Config().match([pattern])} == names


def test_hidden_directives_must_be_named():
    config = Config()
    assert config.match(["key-load-delay"]) == [("key-load-delay", "0")]
    assert config.match(["key-load-del*"]) == []


def test_get_star_has_the_names_clients_and_exporters_ask_for():
    names = {name for name, _ in Config().match(["*"])}
    assert len(names) > 230
    assert {"maxmemory", "maxclients", "save", "appendonly", "databases", "slowlog-max-len",
            "slave-read-only", "hash-max-ziplist-entries", "lua-time-limit", "maxmemory-policy",
            "dynamic-hz"} <= names


# ---- CONFIG SET

def failed(config, *pairs, **how):
    with pytest.raises(ConfigError) as caught:
        config.set_many(list(pairs), **how)
    return str(caught.value)


def test_set_changes_and_tells():
    config = Config()
    heard = []
    config.on_change("timeout", heard.append)
    config.on_change("slowlog-max-len", heard.append)
    config.set_many([(b"Timeout", b"5"), ("slowlog-max-len", "9")])
    config.set_many([("timeout", "5")])
    assert heard == [5, 9]
    assert config["commandlog-slow-execution-max-len"] == 9


@pytest.mark.parametrize(("pairs", "text"), [
    ([("nosuch", "1")], "Unknown option or number of arguments for CONFIG SET - 'nosuch'"),
    ([("user", "x")], "Unknown option or number of arguments for CONFIG SET - 'user'"),
    ([("databases", "3")],
     "CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config"),
    ([("dir", "/")], "CONFIG SET failed (possibly related to argument 'dir') - can't set protected config"),
    ([("port", "1"), ("port", "2")],
     "CONFIG SET failed (possibly related to argument 'port') - duplicate parameter"),
    ([("TIMEOUT", "x")], f"CONFIG SET failed (possibly related to argument 'timeout') - {INTEGER}"),
    ([("slave-priority", "x")],
     f"CONFIG SET failed (possibly related to argument 'slave-priority') - {INTEGER}"),
    ([("save", " 5  6 ")],
     "CONFIG SET failed (possibly related to argument 'save') - Invalid save parameters"),
    ([("maxmemory", " 5")], f"CONFIG SET failed (possibly related to argument 'maxmemory') - {MEMORY}"),
])
def test_set_refusals(pairs, text):
    assert failed(Config(), *pairs) == text


def test_alias_and_name_together_are_no_duplicate():
    config = Config()
    config.set_many([("slave-priority", "5"), ("replica-priority", "6")])
    assert config["replica-priority"] == 6


def test_set_is_all_or_nothing():
    config = Config()
    heard = []
    config.on_change("timeout", heard.append)
    failed(config, ("timeout", "99"), ("maxmemory-policy", "foo"))
    failed(config, ("timeout", "99"), ("databases", "3"))
    assert config["timeout"] == 0
    assert heard == []


def test_refusing_hook_rolls_everything_back():
    config = Config()
    heard = []

    def refuse(value):
        raise ConfigError("Unable to listen on this port. Check server logs.")

    config.on_change("timeout", heard.append)
    config.on_change("port", refuse)
    assert failed(config, ("timeout", "99"), ("port", "1")) == (
        "CONFIG SET failed (possibly related to argument 'port') - "
        "Unable to listen on this port. Check server logs.")
    assert (config["timeout"], config["port"]) == (0, 6379)
    assert heard == [99, 0]


@pytest.mark.parametrize(("policy", "local", "allowed"), [
    ("no", True, False), ("local", True, True), ("local", False, False), ("yes", False, True)])
def test_protected_directives(here, policy, local, allowed):
    config = loaded("--enable-protected-configs", policy)
    if allowed:
        config.set_many([("dir", "/")], local=local)
        assert os.getcwd() == config["dir"] == "/"
    else:
        assert failed(config, ("dir", "/"), local=local).endswith("can't set protected config")
        assert os.getcwd() == str(here)


def test_directory_returns_when_a_later_change_is_refused(here):
    config = loaded("--enable-protected-configs", "yes")

    def refuse(value):
        raise ConfigError("no")

    config.on_change("timeout", refuse)
    failed(config, ("dir", "/"), ("timeout", "1"))
    assert os.getcwd() == str(here) == config["dir"]


def test_save_and_buffer_limits_by_set():
    config = Config()
    config.set_many([("save", "900 1 300 10"), ("client-output-buffer-limit", "normal 1 2 3")])
    assert config.text("save") == "900 1 300 10"
    assert config.text("client-output-buffer-limit").startswith("normal 1 2 3 slave 268435456 ")
    config.set_many([("save", "")])
    assert config["save"] == ()


def test_bytes_that_are_no_text_survive():
    config = Config()
    config.set_many([("requirepass", b"\xff\x00")])
    assert config["requirepass"].encode("utf-8", "surrogateescape") == b"\xff\x00"


# ---- a real file

DEBIAN = "/etc/redis/redis.conf"


@pytest.mark.skipif(not os.access(DEBIAN, os.R_OK), reason="Debian's redis-server package is not installed")
def test_debian_file_loads(here):
    text = Path(DEBIAN).read_text().replace("/var/lib/redis", str(here))
    (here / "redis.conf").write_text(text)
    config = loaded("redis.conf")
    assert config["port"] == 6379
    assert config["bind"] == ("127.0.0.1", "-::1")
    assert len(config.given()) > 30
