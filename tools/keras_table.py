"""Write what agrees with Keras into docs/keras.md, from the record of the parity tests.

``DENSEFIT_PARITY=build/parity.json pytest tests/parity -p no:xdist`` makes the record;
``make parity`` does both.
"""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "keras.md"
BEGIN, END = "<!-- parity: begin -->", "<!-- parity: end -->"


def escape(text: str) -> str:
    """Text for a cell of a Markdown table."""
    return text.replace("|", "\\|")


def table(record: dict[str, object]) -> str:
    """One table per group: feature, Keras, here, how closely they agree."""
    rows: list[dict[str, str]] = record["rows"]  # type: ignore[assignment]
    lines = [f"{len(rows)} comparisons with Keras {record['keras']} (JAX, CPU), in float64.", ""]
    for group, members in groupby(sorted(rows, key=lambda row: row["group"]), lambda r: r["group"]):
        lines += [f"### {group}", "", "| feature | Keras | here | within |", "|---|---|---|---|"]
        for row in members:
            cells = (escape(row[key]) for key in ("feature", "keras", "here", "within"))
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def main(path: str) -> None:
    """Put the table of the record at ``path`` between the marks of the page."""
    record = json.loads(Path(path).read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{table(record)}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/keras_table.py RECORD.json (from `make parity`)")
    main(sys.argv[1])
