"""Writing results: tables for people, JSON for programs, and under what conditions they were made."""

import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def machine():
    """Return the kind of machine in a few words; nothing that names this one."""
    model = platform.machine()
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{os.cpu_count()} x {model}, {memory} GiB, {system}, Python {platform.python_version()}"


def command_line():
    """Return the command that runs this, without the folders of this machine."""
    program = f"benchmarks/{Path(sys.argv[0]).name}"
    words = [Path(word).name if word.startswith("/") else word for word in sys.argv[1:]]
    return " ".join(["python", program, *words])


def table(head, rows):
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)


def write(name, title, versions, text, data, keep=True):
    """Print the report and, if `keep`, write results/<name>-<date>.md and .json; return the first path."""
    now = datetime.now(UTC)
    conditions = {
        "command": command_line(),
        "date": now.isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": versions,
    }
    head = "\n".join(
        [
            f"# {title}",
            "",
            f"    {conditions['command']}",
            "",
            f"{now:%Y-%m-%d %H:%M} UTC. {machine()}.  ",
            "; ".join(f"{who}: {version}" for who, version in versions.items()) + ".",
            "",
        ]
    )
    report = f"{head}\n{text}\n"
    print(report)
    if not keep:
        return None
    path = RESULTS / f"{name}-{now:%Y%m%d-%H%M%S}.md"
    path.write_text(report)
    path.with_suffix(".json").write_text(json.dumps({**conditions, **data}, indent=1) + "\n")
    print(f"written: {path.relative_to(RESULTS.parent.parent)}")
    return path
