"""A small table of results: plain where it is printed, set in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

__all__ = ["Table"]


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header; the first column is on the left, numbers on the right."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        """Columns aligned, Japanese characters counted as the two places they take."""
        lines = [self.header, *self.rows]
        widths = [max(_width(line[i]) for line in lines) for i in range(len(self.header))]
        return "\n".join(
            "  ".join(_pad(cell, width, i > 0) for i, (cell, width) in enumerate(zip(
                line, widths, strict=True)))
            for line in lines
        )  # fmt: skip

    def _repr_markdown_(self) -> str:
        rule = ["---", *["---:"] * (len(self.header) - 1)]
        return "\n".join(f"| {' | '.join(line)} |" for line in [self.header, rule, *self.rows])


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
