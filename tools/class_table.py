"""Writes the table of the simulated class into ``docs/learning-curves.md``.

The rows are what ``tests/grader/test_simulated_class.py`` grades and demands. ``make docs`` runs
this, and a test fails when the page says anything else.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "learning-curves.md"
BEGIN, END = "<!-- class: begin -->\n", "<!-- class: end -->\n"
sys.path.insert(0, str(ROOT / "tests" / "helpers"))


def table() -> str:
    """One row for each kind of student."""
    from simulated_class import KINDS, Kind

    def row(kind: Kind) -> str:
        lost = [f"{part} {status}" for part, status in kind.expected.items() if status != "passed"]
        cells = (
            str(kind.count),
            kind.title,
            f"{kind.points:g} / 9",
            ", ".join(lost) or "-",
            f"{kind.part}: … {kind.reason} …",
        )
        return "| " + " | ".join(cells) + " |\n"

    head = "| students | what they hand in | points | not passed | the report says |\n"
    return f"{head}|--:|---|--:|---|---|\n" + "".join(map(row, KINDS))


def page() -> str:
    """The page with the table as it should be."""
    old = PAGE.read_text(encoding="utf-8")
    pattern = re.escape(BEGIN) + ".*?" + re.escape(END)
    return re.sub(pattern, lambda _: BEGIN + table() + END, old, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
