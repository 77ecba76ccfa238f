"""Pastes the files that ``grader new`` makes into the documentation, between its markers.

In Markdown, ``<!-- scaffold: checks.py -->`` is followed by a code block, which is replaced by that
file, as ``grader new sigmoid`` writes it.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from grader.new import make

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").glob("authoring*.md"))
PASTED = re.compile(r"(<!-- scaffold: (?P<name>\S+) -->\n```\w+\n)(?P<body>.*?)(```\n)", re.DOTALL)


@cache
def scaffold() -> dict[str, str]:
    """Every file of a new assignment, by name."""
    with tempfile.TemporaryDirectory() as folder:
        made = make("sigmoid", Path(folder), "The sigmoid function", "シグモイド関数")
        return {
            path.relative_to(made).as_posix(): path.read_text("utf-8") for path in made.rglob("*.*")
        }


def pasted(markdown: str) -> str:
    """``markdown`` with the current file in every marked block."""
    return PASTED.sub(lambda m: f"{m[1]}{scaffold()[m['name']]}{m[4]}", markdown)


def main() -> None:
    """Paste into every page."""
    for page in PAGES:
        page.write_text(pasted(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
