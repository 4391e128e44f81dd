"""The log: forms, levels, the file."""
import json
import os
import re
import time

import pytest

from cydis.server.config import Config
from cydis.server.log import Log, timestamp

pytestmark = pytest.mark.wheel

MOMENT = 1795380938.278          # 22 Nov 2026, 20:55:38.278 UTC


@pytest.fixture
def zone(monkeypatch):
    """A function that sets the time zone until the end of the test."""
    def choose(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()
    yield choose
    monkeypatch.undo()
    time.tzset()


def test_legacy_line(zone, capfd):
    zone("UTC")
    Log(clock=lambda: MOMENT).notice("Server initialized")
    assert capfd.readouterr().out == f"{os.getpid()}:M 22 Nov 2026 20:55:38.278 * Server initialized\n"


@pytest.mark.parametrize(("level", "letter"), [
    ("debug", "."), ("verbose", "-"), ("notice", "*"), ("warning", "#")])
def test_level_letters(level, letter, capfd):
    log = Log("debug")
    getattr(log, level)("x")
    line = rf"\d+:M \d\d [A-Z][a-z]{{2}} \d{{4}} \d\d:\d\d:\d\d\.\d{{3}} {re.escape(letter)} x\n"
    assert re.fullmatch(line, capfd.readouterr().out)


@pytest.mark.parametrize(("limit", "seen"), [("debug", "dvnw"), ("verbose", "vnw"), ("notice", "nw"),
                                             ("warning", "w"), ("nothing", "")])
def test_levels_filter(limit, seen, capfd):
    log = Log(limit)
    for level in ("debug", "verbose", "notice", "warning"):
        log.write(level, level[0])
    assert "".join(line[-1] for line in capfd.readouterr().out.splitlines()) == seen


def test_timestamps(zone):
    zone("Asia/Kolkata")
    assert timestamp(MOMENT, "legacy") == "23 Nov 2026 02:25:38.278"
    assert timestamp(MOMENT, "iso8601") == "2026-11-23T02:25:38.278+05:30"
    assert timestamp(MOMENT, "milliseconds") == "1795380938278"
    zone("America/St_Johns")
    assert timestamp(MOMENT, "iso8601") == "2026-11-22T17:25:38.278-03:30"


def test_logfmt_and_json(capfd):
    log = Log(form="logfmt", stamp="milliseconds", clock=lambda: MOMENT)
    log.warning('a "quoted"\nline')
    log.form = "json"
    log.role = "S"
    log.warning('a "quoted"\nline')
    logfmt, as_json = capfd.readouterr().out.splitlines()
    assert logfmt == (f'pid={os.getpid()} role=primary timestamp="1795380938278" level=warning '
                      r'message="a \"quoted\"\nline"')
    assert json.loads(as_json) == {"pid": os.getpid(), "role": "replica", "timestamp": "1795380938278",
                                   "level": "warning", "message": 'a "quoted"\nline'}


def test_file_survives_rotation(tmp_path, monkeypatch):
    path = tmp_path / "server.log"
    config = Config()
    config.load(["--logfile", str(path)])
    log = Log.of(config)
    log.notice("one")
    path.rename(tmp_path / "server.log.1")
    log.notice("two")
    assert path.read_text().endswith("* two\n")
    assert (tmp_path / "server.log.1").read_text().count("\n") == 1


def test_file_keeps_its_place_when_the_directory_changes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = Config()
    config.load(["--logfile", "here.log"])
    log = Log.of(config)
    (tmp_path / "elsewhere").mkdir()
    os.chdir(tmp_path / "elsewhere")
    log.notice("x")
    assert (tmp_path / "here.log").read_text().endswith("* x\n")


def test_unwritable_file_is_an_error_at_start_and_never_later(tmp_path):
    config = Config()
    config.load(["--logfile", str(tmp_path / "no" / "x.log")])
    with pytest.raises(FileNotFoundError):
        Log.of(config)
    Log(path=str(tmp_path / "no" / "x.log")).warning("lost")


def test_obeys_config_set(capfd):
    config = Config()
    log = Log.of(config)
    config.set_many([("loglevel", "warning"), ("log-format", "json"),
                     ("log-timestamp-format", "milliseconds")])
    log.notice("no")
    log.warning("yes")
    assert json.loads(capfd.readouterr().out)["message"] == "yes"
