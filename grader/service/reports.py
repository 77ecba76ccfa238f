"""A stored result in the order in which a student reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.i18n import Text, text
from grader.render.words import remarks
from grader.stored import restore

Check = Mapping[str, Any]


@dataclass(frozen=True)
class Group:
    """The checks of one function, and its points."""

    function: str
    checks: Sequence[Check]

    @property
    def points(self) -> float:
        """Points reached."""
        return float(sum(check["points"] for check in self.checks))

    @property
    def most(self) -> float:
        """Points there are."""
        return float(sum(check["max_points"] for check in self.checks))


_NOTHING: dict[str, Any] = {
    "law": None,
    "kind": None,
    "trace": [],
    "counterexample": None,
    "misconception": None,
}


def public(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a student may see: hidden checks without their results, nor points for them."""
    hidden = [check for check in document["checks"] if check.get("hidden")]
    if not hidden:
        return document
    checks = [_redacted(c) if c.get("hidden") else c for c in document["checks"]]
    raw = sum(check["points"] for check in checks)
    percent = (document.get("late") or {}).get("percent", 0)
    score = round(raw * (100 - percent) / 100, 6)
    return {**document, "checks": checks, "score": score, "raw_score": raw}


def _redacted(check: Check) -> Check:
    message = text("Hidden: checked after handing in.")
    return {**check, **_NOTHING, "status": "skipped", "points": 0, "message": message}


@dataclass(frozen=True)
class Report:
    """A result's document, grouped."""

    document: Mapping[str, Any]
    groups: Sequence[Group]
    failures: Sequence[Check]
    reasons: Sequence[Text]
    remarks: Sequence[Text]

    @classmethod
    def of(cls, stored: Mapping[str, Any], *, teacher: bool) -> Report:
        """The report of a document of ``result_schema.json``, as students or teachers see it."""
        document = stored if teacher else public(stored)
        checks = document["checks"]
        functions = list(dict.fromkeys(check["function"] for check in checks))
        groups = [Group(f, [c for c in checks if c["function"] == f]) for f in functions]
        failures = [check for check in checks if check["status"] in ("failed", "error")]
        skipped = [check["message"] for check in checks if check["status"] == "skipped"]
        reasons = list({one["en"]: one for one in skipped if one}.values())
        return cls(document, groups, failures, reasons, list(remarks(restore(dict(document)))))
