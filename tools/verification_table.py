"""Writes the table of results into ``docs/verify.md``, from ``docs/verification.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "verify.md"
BEGIN, END = "<!-- verification: begin -->\n", "<!-- verification: end -->\n"


def table(found: dict[str, Any]) -> str:
    """The figures of each part, then of each mutation operator."""
    correct, mistakes, mutants = found["correct"], found["misconceptions"], found["mutants"]
    pairs = found["pairs"]
    rows = [
        ("gradings of correct submissions", correct["gradings"]),
        ("correct submissions", correct["submissions"]),
        ("false alarms", correct["false_alarms"]),
        ("misconceptions tried", mistakes["tried"]),
        ("misconceptions caught, and named", f"{mistakes['lost']}, {mistakes['named']}"),
        ("pairs of misconceptions tried", pairs["tried"]),
        ("pairs named, and named wrongly", f"{pairs['named']}, {len(pairs['wrong'])}"),
        ("mutants made", mutants["made"]),
        ("of these equivalent", mutants["equivalent"]),
        ("of the others caught", f"{mutants['caught']} ({mutants['score']:.2%})"),
    ]
    lines = [f"| {name} | {figure} |\n" for name, figure in rows]
    each = [
        f"| {name} | {counts['made']} | {counts['caught']} |\n"
        for name, counts in mutants["operators"].items()
    ]
    head = "\n| Operator | Mutants | Caught |\n|---|--:|--:|\n"
    return "\n| | |\n|---|--:|\n" + "".join(lines) + head + "".join(each) + "\n"


def with_table(page: str) -> str:
    """The page with its table as it should be."""
    before, _, rest = page.partition(BEGIN)
    found = json.loads((DOCS / "verification.json").read_text("utf-8"))
    return before + BEGIN + table(found) + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
