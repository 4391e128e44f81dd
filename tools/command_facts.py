"""Writes src/cydis/server/data/commands.json: what COMMAND INFO and DOCS add to the table's knowledge.

    python tools/command_facts.py tests/data/commands.json

The argument is the list of facts about all commands of the reference (names, groups, versions, key
specifications, tips and argument grammar; no prose). Where the two servers differ, the values are Valkey's.
Run it when that list changes, and commit the result.
"""
import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "cydis" / "server" / "data" / "commands.json"
KEPT = ("group", "since", "tips", "key_specs", "doc_flags", "deprecated_since", "replaced_by", "args")


def main(source: str) -> None:
    facts = {}
    for command in json.loads(Path(source).read_text(encoding="utf-8")):
        if command.get("mode") == "sentinel":
            continue
        facts[command["name"]] = {name: command[name] for name in KEPT if command.get(name)}
    rows = [f"{json.dumps(name)}:{json.dumps(row, separators=(',', ':'))}" for name, row in facts.items()]
    TARGET.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
