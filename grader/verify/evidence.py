"""What an assignment brings along to be verified with: its solution, and ``verify.toml``.

``verify.toml`` may hold ``correct``, folders whose entries are correct submissions in other styles
(without it the folder ``correct`` beside it, if there is one), and ``[[equivalent]]`` tables: the
mutants of the solution that are no mistakes, each with ``function``, ``before``, ``after`` and the
``reason``. An entry is checked like everything else: one that names no mutant, or one that is
caught, is reported. ``depends_on_seed = true`` is for those that some draws show and others do not,
such as weights that start far too large: being caught is right, and not being caught is, too.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.i18n import text

FILE = "verify.toml"
SOLUTION = "solution.py"
CORRECT = "correct"
KEYS = ("correct", "equivalent")


@dataclass(frozen=True)
class Equivalent:
    """A mutant that is no mistake, and why."""

    function: str
    before: str
    after: str
    reason: str
    depends_on_seed: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What names the mutant."""
        return self.function, self.before, self.after


@dataclass(frozen=True)
class Evidence:
    """The correct submissions, the first of them the solution, and the mutants that are none."""

    correct: tuple[Path, ...]
    equivalent: tuple[Equivalent, ...]

    @property
    def solution(self) -> Path:
        """The file whose mutants must be caught."""
        return self.correct[0]


def read_evidence(assignment: Assignment) -> Evidence:
    """The evidence of an assignment; its files must be there and well formed."""
    solution = assignment.folder / SOLUTION
    if not solution.is_file():
        raise AssignmentError(
            text(
                "{file} is missing: `grader verify` begins with a correct solution, which stays "
                "with the teacher. An installed package holds none; give the assignment's folder.",
                file=str(solution),
            )
        )
    path = assignment.folder / FILE
    table = _table(path) if path.is_file() else {}
    return Evidence(
        (solution, *_variants(path, table)), tuple(_equivalents(path, table.get("equivalent", [])))
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise AssignmentError(
            text("{file} is not valid TOML: {raised}.", file=str(path), raised=str(error))
        ) from error
    for key in table:
        if key not in KEYS:
            raise AssignmentError(
                text(
                    "{where}: unknown key {key}. Allowed are: {allowed}.",
                    where=str(path),
                    key=key,
                    allowed=", ".join(KEYS),
                )
            )
    return table


def _variants(path: Path, table: dict[str, Any]) -> list[Path]:
    """Every entry of the folders of correct submissions, in order."""
    wanted = table.get("correct", [])
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        _refuse(path, "correct", text("a list of folders"), wanted)
    folders = [path.parent / name for name in wanted]
    for folder in folders:
        if not folder.is_dir():
            raise AssignmentError(
                text("{file}: there is no folder {folder}.", file=str(path), folder=str(folder))
            )
    if not wanted and (path.parent / CORRECT).is_dir():
        folders = [path.parent / CORRECT]
    entries = [entry.resolve() for folder in folders for entry in sorted(folder.iterdir())]
    return [entry for entry in entries if not entry.name.startswith(("_", "."))]


def _equivalents(path: Path, entries: Any) -> list[Equivalent]:
    flag = "depends_on_seed"
    names = {field.name for field in fields(Equivalent)} - {flag}
    if not isinstance(entries, list):
        _refuse(path, "equivalent", text("[[equivalent]] tables"), entries)
    for entry in entries:
        words = {k: v for k, v in entry.items() if k != flag} if isinstance(entry, dict) else {}
        spelt = set(words) == names and all(isinstance(v, str) for v in words.values())
        if not spelt or not words["reason"].strip():
            _refuse(path, "equivalent", text("a table with function, before, after, reason"), entry)
        if not isinstance(entry.get(flag, False), bool):
            _refuse(path, flag, text("true or false"), entry[flag])
    return [Equivalent(**entry) for entry in entries]


def _refuse(path: Path, key: str, allowed: Any, got: Any) -> None:
    raise AssignmentError(
        text(
            "{where}: {key} must be {allowed}, not {got}.",
            where=str(path),
            key=key,
            allowed=allowed,
            got=repr(got),
        )
    )
