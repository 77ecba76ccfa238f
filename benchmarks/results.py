"""The JSON files of the results, ``benchmarks/results/<benchmark>.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["FOLDER", "SCHEMA", "read", "write"]

FOLDER = Path(__file__).with_name("results")
#: Changes whenever older files would be misread.
SCHEMA = 1


def write(path: Path, benchmark: str, result: dict[str, Any]) -> None:
    """Write ``result`` with its kind and schema."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {"benchmark": benchmark, "schema": SCHEMA}
    text = json.dumps(head | result, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def read(path: Path, benchmark: str) -> dict[str, Any]:
    """The result in ``path``; ValueError where it is of another kind or schema."""
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    found = (result.get("benchmark"), result.get("schema"))
    if found != (benchmark, SCHEMA):
        raise ValueError(
            f"{path} is not a result of benchmarks.{benchmark} in schema {SCHEMA} but {found}:"
            f" run `python -m benchmarks.{benchmark}` again"
        )
    return result
