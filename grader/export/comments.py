"""The sentence or two that go with the points into a gradebook."""

from __future__ import annotations

from typing import Any

from grader.batch.roll import Line
from grader.i18n import Text, text
from grader.render.words import points
from grader.sanitise import clean

LIMIT = 1000


def comment(line: Line, language: str) -> str:
    """What was reached, why other points count than the checks gave, and what was wrong."""
    if line.document is None:
        error = line.error or text("It could not be checked.")
        return error[language] if line.grade.points is None else line.grade.reason or ""
    reached = points(line.grade.points or 0.0, line.document["max_score"])
    reasons = (reason[language] for reason in line.reasons)
    parts = [reached, *reasons, *_mistakes(line.document, language)]
    return clean(" ".join("; ".join(parts).split()), LIMIT)


def _mistakes(document: dict[str, Any], language: str) -> list[str]:
    """One for each function that lost points; nothing of what is hidden from students."""
    found: dict[str, str] = {}
    for check in document["checks"]:
        if check["status"] in ("failed", "error") and not check.get("hidden"):
            found.setdefault(check["function"], _why(check)[language])
    return [f"{function}: {why}" for function, why in found.items()]


def _why(check: dict[str, Any]) -> Text:
    named = check["misconception"]
    why: Text = named["title"] if named else check["message"] or check["title"]
    return why
