"""The entries of the security checklist that concern the expiry of hash fields."""
import time

import pytest

import cydis

NOW = 1_800_000_000_000
EDGES = [0, 1, -1, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1, 2**32, 2**32 + 1, 2**53 + 1, 2**63 - 1, -(2**63), 2**63,
         2**64, "", " 1", "1 ", "+1", "0x1", "1e3", "nan", "inf"]


@pytest.fixture
def store():
    store = cydis.Store()
    store.engine.freeze_clock(NOW)
    store.execute("DEBUG", "SET-ACTIVE-EXPIRE", 0)
    return store


@pytest.mark.parametrize("live", [0, 1, 3, 700])
def test_4047_hrandfield_ends_while_expired_fields_remain(store, live):
    """A positive count above the number of live fields must not draw for ever."""
    for at in range(0, 1000, 100):
        store.hsetex("h", mapping={f"gone{n}": n for n in range(at, at + 100)}, px=1)
    if live:
        store.hset("h", mapping={f"live{n}": n for n in range(live)})
    store.engine.freeze_clock(NOW + 1)
    assert store.hlen("h") == 1000 + live
    deadline = time.monotonic() + 10
    for count in (1, 2, 3, live, live + 1, 999, 1000, 1001, 5000, 2**62, -1, -10, -5000):
        for values in ((), ("WITHVALUES",)):
            if abs(count) == 2**62 and values:
                continue
            found = store.execute("HRANDFIELD", "h", count, *values)
            names = [pair[0] for pair in found] if values else found
            assert len(names) == (min(count, live) if count > 0 else -count if live else 0)
            assert all(name.startswith(b"live") for name in names)
            assert count < 0 or len(set(names)) == len(names)
    assert (store.hrandfield("h") is None) == (live == 0)
    assert time.monotonic() < deadline


@pytest.mark.parametrize("command", [
    ("HEXPIRE", "h", 10, "FIELDS"), ("HPEXPIRE", "h", 10, "FIELDS"), ("HEXPIREAT", "h", 10, "FIELDS"),
    ("HPEXPIREAT", "h", 10, "FIELDS"), ("HTTL", "h", "FIELDS"), ("HPTTL", "h", "FIELDS"), ("HPERSIST", "h", "FIELDS"),
    ("HEXPIRETIME", "h", "FIELDS"), ("HPEXPIRETIME", "h", "FIELDS"), ("HGETEX", "h", "EX", 10, "FIELDS"),
    ("HGETDEL", "h", "FIELDS"), ("HSETEX", "h", "EX", 10, "FIELDS"),
], ids=lambda command: command[0])
def test_14982_15021_the_count_of_fields_does_not_overflow(store, command):
    for count in EDGES:
        for fields in (("a",), ("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d")):
            store.hset("h", mapping={"a": 1, "b": 2, "c": 3, "d": 4, "e": 5})
            if str(count) == str(len(fields) // (2 if command[0] == "HSETEX" else 1)):
                continue
            with pytest.raises(cydis.CommandError):
                store.execute(*command, count, *fields)
            assert store.hlen("h") == 5 and store.httl("h", "a") == [-1]
    assert store.engine.check()


@pytest.mark.parametrize(("command", "options"), [
    ("HEXPIRE", ()), ("HPEXPIRE", ()), ("HEXPIREAT", ()), ("HPEXPIREAT", ()), ("HGETEX", ("EX",)), ("HGETEX", ("PX",)),
    ("HGETEX", ("EXAT",)), ("HGETEX", ("PXAT",)), ("HSETEX", ("EX",)), ("HSETEX", ("PX",)), ("HSETEX", ("EXAT",)),
    ("HSETEX", ("PXAT",)),
], ids=str)
def test_4312_a_moment_does_not_overflow(store, command, options):
    """A moment is refused, or it is set to what was asked for, or the field is gone; never some other time."""
    pairs = ("a", 1) if command == "HSETEX" else ("a",)
    unit = 1000 if command in ("HEXPIRE", "HEXPIREAT") or "EX" in options or "EXAT" in options else 1
    start = 0 if command.endswith("AT") or options and options[0].endswith("AT") else NOW
    for moment in EDGES:
        store.hset("h", mapping={"a": 1, "b": 2})
        try:
            store.execute(command, "h", *options, moment, "FIELDS", 1, *pairs)
        except cydis.CommandError:
            assert store.hpexpiretime("h", "a") == [-1]
            continue
        at = start + int(moment) * unit
        assert 0 <= at < 2**63
        assert store.hpexpiretime("h", "a") == [at if at > NOW else -2]
    assert store.engine.check()


def test_4576_what_may_remove_fields_asks_for_write_permission():
    from cydis.engine import table
    for name in ("hgetex", "hgetdel", "hsetex", "hexpire", "hpersist"):
        assert "write" in table.describe(name)["flags"]
