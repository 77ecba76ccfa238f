"""Fills in the teacher's own file: headers, encoding, order and other cells stay as they are.

Moodle's offline grading worksheet and WebClass's table speak the teacher's language, and Canvas
makes a new assignment of a column whose number it does not find; so no header is ever made up.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from grader.batch.roll import Line
from grader.errors import GraderError
from grader.export.comments import comment
from grader.export.tables import number
from grader.i18n import text
from grader.sheet import Row, Sheet, inert

IDENTITY = {
    "moodle": ("Identifier", "ID", "識別子"),
    "canvas": ("ID",),
    "webclass": ("ユーザID", "ユーザーID", "学籍番号", "user id", "userid", "id", "氏名"),
}
GRADE = {
    "moodle": ("Grade", "評点", "評定"),
    "canvas": (),
    "webclass": ("点数", "得点", "評点", "採点", "score", "grade"),
}
COMMENT = {
    "moodle": ("Feedback comments", "フィードバックコメント", "フィードバック コメント"),
    "canvas": (),
    "webclass": ("コメント", "講評", "comment", "feedback"),
}
MOST = ("Maximum grade", "最大評点", "最大評定", "評点の最大値")
POINTS_POSSIBLE = "Points Possible"
EMAIL = ("Email address", "メールアドレス", "email")


class ExportError(GraderError):
    """The file lacks a column. Give its name, or download the file anew from your LMS."""


@dataclass(frozen=True)
class Columns:
    """Names of columns that the teacher gave; what is None is looked for."""

    identity: str | None = None
    grade: str | None = None
    comment: str | None = None


@dataclass
class Filled:
    """What was filled in, who is not in the file, and whose line had nothing to fill in."""

    data: bytes
    filled: int = 0
    absent: list[Line] = field(default_factory=list)
    scaled_to: float | None = None


def fill(sheet: Sheet, kind: str, lines: Sequence[Line], columns: Columns, language: str) -> Filled:
    """The sheet with points and comments; ``kind`` is moodle, canvas or webclass."""
    identity = _column(sheet, columns.identity, IDENTITY[kind], "identity")
    grade = _column(sheet, columns.grade, GRADE[kind], "grade")
    note = sheet.find((columns.comment,) if columns.comment else COMMENT[kind])
    by_key = {key: line for line in lines for key in _keys(kind, line)}
    email = sheet.find(EMAIL)
    done, result = set(), Filled(b"")
    most = _points_possible(sheet, grade) if kind == "canvas" else None
    most_column = sheet.find(MOST) if kind == "moodle" else None
    for row in sheet.rows:
        key = _key(kind, sheet.cell(row, identity))
        line = by_key.get(key) if key else None
        if line is None and email is not None:
            line = by_key.get(sheet.cell(row, email).casefold() or "\0")
        if line is None or line.grade.points is None:
            continue
        if most_column is not None:
            most = _as_number(sheet.cell(row, most_column))
        sheet.set(row, grade, number(_scaled(line, most, result)))
        if note is not None:
            _set_comment(sheet, row, note, comment(line, language), kind)
        done.add(line.grade.submission.id)
    result.data, result.filled = sheet.to_bytes(), len(done)
    result.absent = [x for x in lines if x.grade.submission.id not in done]
    return result


def _column(sheet: Sheet, named: str | None, usual: Sequence[str], what: str) -> int:
    found = sheet.find((named,) if named else usual)
    if found is None:
        raise ExportError(
            text(
                "Which column is the {what}? Say it with --{option}-column. There are: {columns}.",
                what=_WHAT[what](),
                option=what,
                columns=", ".join(sheet.header),
            )
        )
    return found


_WHAT: dict[str, Callable[[], dict[str, str]]] = {
    "identity": lambda: text("student's number"),
    "grade": lambda: text("grade"),
}


def _keys(kind: str, line: Line) -> list[str]:
    """Everything a row may name a student by."""
    mine = [s for provider, s in line.identities.items() if provider.partition(":")[0] == kind]
    more = [line.student_number, line.username, line.email and line.email.casefold()]
    names = [line.name] if kind == "webclass" else []
    return [key for key in (*mine, *more, *names) if key]


def _key(kind: str, cell: str) -> str | None:
    """A row's identity; Moodle writes ``Participant 12`` in the teacher's language."""
    if kind != "moodle":
        return cell.strip() or None
    digits = re.search(r"(\d+)\s*$", cell)
    return digits[1] if digits else None


def _scaled(line: Line, most: float | None, result: Filled) -> float:
    """Points out of what the gradebook gives at most."""
    points = line.grade.points or 0.0
    available = line.document["max_score"] if line.document else None
    if not most or not available or most == available:
        return points
    result.scaled_to = most
    return points * most / float(available)


def _points_possible(sheet: Sheet, grade: int) -> float | None:
    for row in sheet.rows:
        if sheet.cell(row, 0).strip() == POINTS_POSSIBLE:
            return _as_number(sheet.cell(row, grade))
    return None


def _as_number(words: str) -> float | None:
    try:
        return float(words)
    except ValueError:
        return None


def _set_comment(sheet: Sheet, row: Row, column: int, words: str, kind: str) -> None:
    """Moodle reads comments as HTML; what an old encoding lacks becomes a question mark."""
    if kind == "moodle":
        words = html.escape(words, quote=False)
    words = "".join(c if sheet.can_hold(c) else "?" for c in words)
    sheet.set(row, column, inert(words))
