"""New files: plain CSV and JSON, and what Moodle's gradebook imports."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from grader.batch.roll import Line
from grader.export.comments import comment
from grader.sheet import write_table

JSON_SCHEMA = "densefit.grader.grades/1"


def number(value: float | None, digits: int = 2) -> str:
    """A number as gradebooks read it; never rounded up to a whole one, empty for None."""
    if value is None:
        return ""
    short = f"{value:.{digits}f}"
    if float(short) > value and float(short).is_integer():
        short = f"{value:.6f}"
    return short.rstrip("0").rstrip(".") if "." in short else short


def plain_csv(lines: Sequence[Line], language: str) -> bytes:
    """Everything a spreadsheet wants to know: a column for each function at the end."""
    functions = list(dict.fromkeys(f for line in lines for f in _by_function(line)))
    header = [
        *("number", "name", "email", "username", "attempt", "late", "status", "points"),
        *("max_points", "raw_points", "late_days", "reason", "changed_by_hand", "comment"),
        *functions,
    ]
    return write_table(header, (_row(line, functions, language) for line in lines))


def _row(line: Line, functions: Iterable[str], language: str) -> list[str]:
    submission, document = line.grade.submission, line.document
    reached = _by_function(line)
    return [
        line.key,
        line.name,
        line.email or "",
        line.username or "",
        str(submission.number),
        "late" if submission.late else "",
        "graded" if document else "not checked",
        number(line.grade.points),
        number(document["max_score"]) if document else "",
        number(line.raw_points),
        str(line.late_days) if document else "",
        " ".join(reason[language] for reason in line.reasons),
        line.grade.reason or "",
        comment(line, language),
        *(number(reached[f]) if f in reached else "" for f in functions),
    ]


def _by_function(line: Line) -> dict[str, float]:
    found: dict[str, float] = {}
    for check in (line.document or {}).get("checks", ()):
        found[check["function"]] = found.get(check["function"], 0) + check["points"]
    return found


def as_json(lines: Sequence[Line], assignment: str, course: str) -> bytes:
    """Everything that is known, the full results included; points are what counts."""
    students = [
        {
            "name": line.name,
            "identities": line.identities,
            "email": line.email,
            "username": line.username,
            "student_number": line.student_number,
            "attempt": line.grade.submission.number,
            "late": line.grade.submission.late,
            "digest": line.grade.submission.digest,
            "points": line.grade.points,
            "raw_points": line.raw_points,
            "reasons": line.reasons,
            "submitted": line.grade.submission.source.get("submitted"),
            "changed_by_hand": line.grade.reason,
            "error": line.error,
            "result": line.document,
        }
        for line in lines
    ]
    head = {"schema": JSON_SCHEMA, "course": course, "assignment": assignment}
    return json.dumps(head | {"students": students}, ensure_ascii=False, indent=2).encode()


def moodle_gradebook(lines: Sequence[Line], language: str) -> bytes:
    """CSV for Grades, Import, CSV file: map ``username``, ``idnumber`` or ``email``."""
    rows = (
        (
            line.username or "",
            line.student_number or "",
            line.email or "",
            number(line.grade.points),
            comment(line, language),
        )
        for line in lines
        if line.grade.points is not None
    )
    return write_table(("username", "idnumber", "email", "grade", "feedback"), rows, bom=False)
