"""Histories in files: JSON as written by ``json.dump(history.history, file)``, CSV logs."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

from densefit.learning_curves.history import HistoryError

__all__ = ["read_log"]

#: What loggers write for a figure that an epoch lacks.
MISSING = {"", "na", "n/a", "none", "null"}


def read_log(path: str | os.PathLike[str]) -> dict[str, list[Any]]:
    """The history in a JSON file or a CSV log (of ``CSVLogger``, Keras's or densefit's).

    The file's beginning decides which of the two it is, not its name. Raises
    :class:`HistoryError` naming the line and the value, or ``OSError``.
    """
    data = Path(path).read_bytes()
    name = Path(path).name
    try:
        words = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise _neither(name) from None
    if not words.strip():
        raise HistoryError(f"{name} is empty", f"{name} は空です。")
    if words.lstrip()[0] in "{[":
        return _from_json(words, name)
    return _from_csv(words, name)


def _neither(name: str) -> HistoryError:
    return HistoryError(
        f"{name} is neither JSON nor a CSV log. Write it with json.dump(history.history, file) or "
        "with callbacks.CSVLogger",
        f"{name} は JSON でも CSV ログでもありません。json.dump(history.history, file) または "
        "callbacks.CSVLogger で書き出してください。",
    )


def _from_json(words: str, name: str) -> dict[str, list[Any]]:
    try:
        table = json.loads(words)
    except json.JSONDecodeError as error:
        raise HistoryError(
            f"{name} is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}",
            f"{name} は正しい JSON ではありません ({error.lineno} 行 {error.colno} 文字目: "
            f"{error.msg})。",
        ) from None
    except RecursionError:
        raise _neither(name) from None
    if isinstance(table, dict) and isinstance(table.get("history"), dict):
        table = table["history"]
    if isinstance(table, list) and table and all(isinstance(row, dict) for row in table):
        table = {key: [row.get(key) for row in table] for key in table[0]}
    if not isinstance(table, dict):
        raise HistoryError(
            f"{name} must hold a table of lists, got {type(table).__name__}",
            f"{name} はリストを持つ表でなければなりません (現在は {type(table).__name__})。",
        )
    return table


def _from_csv(words: str, name: str) -> dict[str, list[Any]]:
    first = words.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(words.lstrip()), delimiter=delimiter) if row]
    header = [column.strip() for column in rows[0]]
    if len(header) < 2 and not any("loss" in column or "acc" in column for column in header):
        raise _neither(name)
    if len(rows) < 2:
        raise HistoryError(
            f"{name} has a header but no epochs", f"{name} には見出しだけで、エポックがありません。"
        )
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise HistoryError(
                f"{name}, line {line}: {len(row)} values for {len(header)} columns",
                f"{name} の {line} 行目: 列は {len(header)} 個ですが、値が {len(row)} 個あります。",
            )
    return {key: [_number(row[i]) for row in rows[1:]] for i, key in enumerate(header)}


def _number(cell: str) -> Any:
    """The number, NaN for a missing one; what is neither stays a string and is refused later."""
    if cell.strip().lower() in MISSING:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        return cell
