"""Grades one submission: the order of events, from the file to the result."""

from __future__ import annotations

import hashlib
import hmac
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.assignment import Assignment
from grader.errors import NotChecked, OutOfMemory
from grader.i18n import Text, join, plain, text
from grader.result import CheckResult, Figure, NamedMisconception, Result, Status
from grader.sandbox.isolation import IsolationUnavailable, Mode, title
from grader.sandbox.limits import Limits
from grader.sandbox.process import StudentProcess
from grader.sanitise import clean
from grader.submission import Submission

if TYPE_CHECKING:
    from grader.checks.engine import CheckOutcome, FunctionRun
    from grader.misconception import Misconception
    from grader.settings import Points

_STATUS: dict[str, Status] = {
    "passed": "passed",
    "failed": "failed",
    "error": "error",
    "skipped": "skipped",
}
OUTPUT_CHARACTERS = 2000


def grade(
    assignment: Assignment,
    submission: Submission,
    *,
    seed: int | None = None,
    isolation: Mode = "auto",
    limits: Limits | None = None,
    warm: bool = False,
    variant: int | None = None,
) -> Result:
    """Check every function; the same seed gives the same result.

    Without a seed it is derived from the assignment and the submission, so that grading the same
    files again says the same. ``warm`` is for many submissions: workers are forked from a process
    that has NumPy loaded, each into a fresh sandbox of its own. ``variant`` is the personal
    experiment that the student was given.
    """
    start = time.perf_counter()
    if seed is None:
        seed = derived_seed(assignment, submission)
    try:
        student = StudentProcess(submission, limits or assignment.limits, isolation, warm)
    except IsolationUnavailable as error:
        raise NotChecked(
            text(
                "This machine lacks layers that --isolation required asks for: {missing}.",
                missing=join([title(layer) for layer in error.missing], ", "),
            )
        ) from error
    with student:
        checks = tuple(_check_functions(assignment, student, seed))
        notes = [*submission.notes, *_load_notes(student, checks)]
        walls = student.isolation
    output = clean(student.output.decode("utf-8", "replace"), OUTPUT_CHARACTERS)  # all of it
    diagnosed, figures = _check_diagnosis(assignment, submission, variant)
    checks += diagnosed
    return Result(
        assignment=assignment.slug,
        title=assignment.title,
        submission=submission.name,
        digest=submission.digest,
        seed=seed,
        checks=checks,
        isolation={
            "mode": walls.mode,
            "layers": list(walls.layers),
            "missing": list(walls.missing),
        },
        versions=versions(),
        notes=tuple(notes),
        output=output,
        seconds=round(time.perf_counter() - start, 6),
        figures=figures,
    )


def derived_seed(
    assignment: Assignment, submission: Submission, secret: bytes | None = None
) -> int:
    """A seed that only a change of the submission changes.

    With a course's ``secret`` nobody else can work it out, and so draw the examples beforehand.
    """
    words = f"{assignment.slug}\0{submission.digest}".encode()
    if secret is None:
        return int.from_bytes(hashlib.sha256(words).digest()[:4], "big")
    return int.from_bytes(hmac.digest(secret, words, "sha256")[:7], "big")


def versions() -> dict[str, str]:
    """The versions of everything that a result depends on."""
    import numpy

    import densefit

    return {
        "densefit": densefit.__version__,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _check_functions(
    assignment: Assignment, student: StudentProcess, seed: int
) -> Iterator[CheckResult]:
    from grader.checks.engine import FunctionRun

    worth = {(p.function, p.name): p for p in assignment.points}
    wrong: set[str] = set()
    runs = [FunctionRun(spec, student, seed) for spec in assignment.checks]
    for run in runs:  # while the worker starts
        run.prepare()
    for run in runs:  # the worker computes while the first answers are judged
        student.ask(run.calls)
    for run in runs:
        spec, failed = run.spec, False
        bank = [m for m in assignment.misconceptions if not wrong & m.relies_on]
        for outcome in run.run():
            points = worth.pop((spec.function, outcome.check.name))
            result = _as_result(bank, run, outcome, points)
            yield result
            failed = failed or result.status != "passed"
        wrong |= {spec.function} if failed else set()
    for points in worth.values():  # hidden, and not in what students have of the assignment
        title = plain(points.name)
        absent = CheckResult(points.name, points.function, title, "skipped", 0, points.points)
        yield replace(absent, hidden=True).redacted()


def _as_result(
    bank: Sequence[Misconception], run: FunctionRun, outcome: CheckOutcome, points: Points
) -> CheckResult:
    from grader.checks import counterexample

    check, failure = outcome.check, outcome.failure
    passed = outcome.status == "passed"
    result = CheckResult(
        name=check.name,
        function=run.spec.function,
        title=check.title,
        status=_STATUS[outcome.status],
        points=points.points if passed else 0,
        max_points=points.points,
        seconds=outcome.seconds,
        hidden=points.hidden,
    )
    if outcome.status == "skipped":
        return replace(result, message=text("Checked once the function gives the right values."))
    if failure is None:
        return result
    return replace(
        result,
        message=failure.message,
        law=failure.law,
        kind=failure.error.kind if failure.error else None,
        trace=tuple(failure.error.trace) if failure.error else (),
        counterexample=counterexample.build(run.spec, failure),
        misconception=_misconception(bank, run, outcome),
    )


def _misconception(
    bank: Sequence[Misconception], run: FunctionRun, outcome: CheckOutcome
) -> NamedMisconception | None:
    from grader.checks.matching import find_misconception

    failure = outcome.failure
    if failure is None:
        return None
    law = next((law for law in outcome.check.laws if law.name == failure.law), None)
    found = find_misconception(run, failure, law, bank)
    if found is None:
        return None
    return NamedMisconception(found.id, found.title, found.explanation, found.hint)


def _load_notes(student: StudentProcess, checks: tuple[CheckResult, ...]) -> list[Text]:
    """What failed while the file was loaded, unless every check says so already."""
    notes = []
    for error in student.load_errors:
        if error.fatal and not isinstance(error, OutOfMemory):
            continue
        where = f"{error.trace[-1]['file']}:{error.trace[-1]['line']}" if error.trace else ""
        notes.append(text("While loading ({where}): {error}", where=where, error=error.text))
    return notes


def _check_diagnosis(
    assignment: Assignment, submission: Submission, variant: int | None
) -> tuple[tuple[CheckResult, ...], tuple[Figure, ...]]:
    if assignment.diagnosis_points is None:
        return (), ()
    from grader.diagnosis import check_diagnosis
    from grader.diagnosis_titles import part_title

    items = check_diagnosis(
        submission.diagnosis, assignment.folder, submission.attachments.get, variant
    )
    checks = tuple(
        CheckResult(
            name=item.name,
            function="diagnosis",
            title=part_title(item.name),
            status=_STATUS[item.status],
            points=item.points,
            max_points=item.max_points,
            message=item.message,
        )
        for item in items
    )
    return checks, tuple(figure for item in items for figure in item.figures)
