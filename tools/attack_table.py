"""Writes the table of attacks into ``docs/security.md``, from the attacks' own ``attack.toml``.

Between the two marks of the page everything is generated; ``make docs`` runs this, and a test
fails when the page does not say what the attacks say.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- attacks: begin -->\n", "<!-- attacks: end -->\n"
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from submissions.attack import Attack, attacks  # noqa: E402

HEAD = """| # | Attack | Stopped by | How | Outcome |
|--:|---|---|---|---|
"""


def table() -> str:
    """The rows in the order of the catalogue, then what remains by nature."""
    rows = "".join(map(_row, attacks()))
    return f"\n{HEAD}{rows}\nWhat remains:\n\n{''.join(_remaining())}\n"


def _row(attack: Attack) -> str:
    how = attack.why
    if attack.remains:
        how += " See below."
    words = (attack.title, ", ".join(attack.stopped_by), how)
    cells = [str(attack.number), *map(_plain, words), _outcome(attack)]
    return "| " + " | ".join(cells) + " |\n"


def _plain(words: str) -> str:
    """Words that Markdown shall show as they are."""
    return re.sub(r"([_*<|`\\])", r"\\\1", words)


def _outcome(attack: Attack) -> str:
    if attack.refused:
        return "refused, not graded"
    lost = [f"`{name}` {kind.replace('|', ' or ')}" for name, kind in attack.fails.items()]
    return "; ".join(lost) or "graded as if it did not try"


def _remaining() -> Iterator[str]:
    for attack in attacks():
        if attack.remains:
            yield f"- **{attack.number}, {_plain(attack.title)}.** {_plain(attack.remains)}\n"


def with_table(page: str) -> str:
    """The page with its table as it should be."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
