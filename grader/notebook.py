"""The Python in a Jupyter notebook: code cells in order, without IPython's own syntax."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from grader.errors import SubmissionNotFound
from grader.i18n import text

# Cell magics whose body is still this notebook's Python.
TRANSPARENT = frozenset({"time", "timeit", "capture", "prun"})

_MAGIC_LINE = re.compile(r"^(\s*)([%!].*|\?+\s*[\w.]+.*|[\w.]+\?+\s*)$")
_ASSIGNED_MAGIC = re.compile(r"^(\s*[\w, ]+=\s*)[%!](?!=).*$")


def code_cells(name: str, source: str) -> list[tuple[str, str]]:
    """(name, source) of each code cell; the names count all code cells from 1."""
    try:
        notebook = json.loads(source)
        cells = [cell for cell in _cells(notebook) if cell.get("cell_type") == "code"]
        return [(f"cell {i}", strip_magics(_source(cell))) for i, cell in enumerate(cells, 1)]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise SubmissionNotFound(
            text("{name} is not a Jupyter notebook that can be read.", name=name)
        ) from error


def strip_magics(source: str) -> str:
    """``source`` with magics and shell commands replaced, so that line numbers stay."""
    if _parses(source):
        return source
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        words = lines[first][2:].split()
        if not words or words[0] not in TRANSPARENT:
            return ""
        lines[first] = ""
    return "\n".join(
        _ASSIGNED_MAGIC.sub(r"\1None", _MAGIC_LINE.sub(r"\1pass", line)) for line in lines
    )


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    if "worksheets" in notebook:  # format 3
        return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
    return list(notebook["cells"])


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    return "".join(source) if isinstance(source, list) else str(source)
