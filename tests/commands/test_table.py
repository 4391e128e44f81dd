"""The table of commands beside the facts about the reference: whatever is registered must agree with them."""
import json
from pathlib import Path

import pytest

import cydis.commands
import cydis.server.commands  # noqa: F401  registers the rows written in Python
from cydis.engine import table
from cydis.server.command_docs import shown_keys
from cydis.server.manual import entry, fact

SOURCE = Path(__file__).parents[1] / "data" / "commands.json"
FACTS = {row["name"]: row for row in json.loads(SOURCE.read_text(encoding="utf-8"))}
NAMES = table.names()


@pytest.mark.parametrize("name", NAMES)
def test_a_row_agrees_with_the_reference(name):
    known, expected = table.describe(name), FACTS[name]
    assert known["arity"] == expected["arity"]
    assert set(known["flags"]) == set(expected["flags"])
    assert list(shown_keys(known)) == expected["keys"]
    assert set(known["categories"]) == set(expected["acl"])
    assert known["family"] == expected["group"]


@pytest.mark.parametrize("name", NAMES)
def test_the_manual_describes_every_command(name):
    if "subcommands" in FACTS[name]:
        pytest.skip("a container is described by its subcommands")
    said = entry(name)
    assert said.summary and said.summary.endswith((".", ")"))
    assert said.complexity.startswith("O(")
    assert said.since == (FACTS[name]["since"] or "8.0.0")          # Redis 8 does not say it of its modules


def test_the_shipped_facts_are_those_of_the_reference():
    for name, row in FACTS.items():
        for field, value in fact(name).items():
            assert row[field] == value, name


def test_what_is_still_missing_is_listed(record_property):
    """Not a failure: the list goes into the report, and to standard output with -s."""
    missing = sorted(set(FACTS) - set(NAMES))
    record_property("missing", missing)
    print(f"\n{len(NAMES)} commands and subcommands registered, {len(missing)} not yet: {' '.join(missing)}")
    assert not set(NAMES) - set(FACTS)
