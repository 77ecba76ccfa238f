"""What every report says alike: verdict, status, points, remarks on how the score came about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.diagnosis_titles import subject_title
from grader.i18n import Text, text
from grader.result import CheckResult, Counterexample, Result

DIAGNOSIS = "diagnosis"
_SEVERITY = ("passed", "skipped", "failed", "error")


def verdict(result: Result) -> Text:
    """The result in a sentence; never full marks while something is hidden or was not handed in."""
    if result.passed:
        return text("Every check passed.")
    if result.failed:
        lost = sum(check.status in ("failed", "error") for check in result.checks)
        return text("{lost} of {all} checks failed.", lost=lost, all=len(result.checks))
    held_back = sum(check.max_points for check in withheld(result))
    if held_back:
        return text(
            "Every public check passed. Hidden checks, worth {points:g} points, follow after "
            "handing in.",
            points=held_back,
        )
    return text("What was handed in passed; the rest was not handed in.")


def withheld(result: Result) -> list[CheckResult]:
    """Hidden checks whose results are not shown."""
    return [check for check in result.checks if check.hidden and check.status == "skipped"]


def status(check: CheckResult) -> Text:
    """One or two words for what became of a check."""
    if check.status == "passed":
        return text("passed")
    if check.status == "failed":
        return text("failed")
    if check.status == "error":
        return _kind(check)
    if check.hidden:
        return text("hidden")
    return text("not handed in") if check.function == DIAGNOSIS else text("not reached")


def _kind(check: CheckResult) -> Text:
    kinds = {
        "timed out": text("timed out"),
        "crashed": text("crashed"),
        "out of memory": text("out of memory"),
        "tampered": text("tampered"),
        "missing": text("missing"),
        "syntax error": text("syntax error"),
        "printed too much": text("printed too much"),
    }
    return kinds.get(check.kind or "", text("error"))


def remarks(result: Result) -> Iterator[Text]:
    """How the score came about, where that is not the points of the checks alone."""
    if result.late is not None and result.late.days:
        yield text(
            "{days} days late: {percent:g} % of {points} points are taken off.",
            days=result.late.days,
            percent=result.late.percent,
            points=number(result.raw_score),
        )
    for check in result.checks:
        if check.override is not None:
            yield text(
                "{function}, {title}: points set by the teacher. {reason}",
                function=check.function,
                title=check.title,
                reason=check.override,
            )


def row_title(checks: Sequence[CheckResult]) -> Text:
    """What a row of the table is called: a check, or the curve whose parts it sums up."""
    return checks[0].title if len(checks) == 1 else subject_title(checks[0].name)


def worst(checks: Sequence[CheckResult]) -> CheckResult:
    """The check of the gravest status."""
    return max(checks, key=lambda check: _SEVERITY.index(check.status))


def row(check: CheckResult) -> tuple[str, str]:
    """What stands together in a row: a check, or the parts ``curve_1.verdict``, ``curve_1…``."""
    return check.function, check.name.partition(".")[0]


def element(example: Counterexample) -> str:
    """The first wrong element as it is written in Python: ``dw[0, 2]``."""
    index = "[" + ", ".join(map(str, example.index)) + "]" if example.index else ""
    return (example.output or "") + index


def points(got: float, most: float) -> str:
    """Points reached of points there are; never rounded up to the full number."""
    shown, full = number(got), number(most)
    if got < most and shown == full:
        shown = f"{got:.6g}"
    return f"{shown} / {full}"


def number(value: float) -> str:
    """At most two decimals, none that are zero."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
