"""Writes the laws that assignment4's checks ask of each function into ``docs/verify.md``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.assignment import find_assignment
from grader.checks.model import FunctionChecks

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "verify.md"
BEGIN, END = "<!-- laws: begin -->\n", "<!-- laws: end -->\n"


def rows(spec: FunctionChecks) -> Iterator[str]:
    """A row for each law of a function: it "…"."""
    for check in spec.checks:
        for law in check.laws:
            says = f"{law.title['en']} ({law.title['ja']})"
            yield f"| `{spec.function}` | {check.title['en']} | `{law.name}` | {says} |\n"


def table() -> str:
    """Every law of every check."""
    specs = find_assignment(str(ROOT / "assignments" / "assignment4")).checks
    head = "\n| Function | Check | Law | It … |\n|---|---|---|---|\n"
    return head + "".join(row for spec in specs for row in rows(spec)) + "\n"


def with_table(page: str) -> str:
    """The page with its table as it should be."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
