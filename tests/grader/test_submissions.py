"""Every example submission loses marks on what is wrong in it, and on nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.assignment import Assignment
from grader.result import Result
from grader.runner import grade
from grader.sandbox.limits import Limits
from grader.submission import read_submission

sys.path.insert(0, str(Path(__file__).parents[1] / "submissions"))
import build

# Room for explicit Python loops on a busy machine; only what hangs uses it up.
LIMITS = Limits(call_seconds=30.0, submission_seconds=300.0)
HANGING = Limits(call_seconds=3.0, load_seconds=3.0, submission_seconds=120.0)


def graded(folder: Path, target: Path, assignment: Assignment, limits: Limits = LIMITS) -> Result:
    path = build.build(folder, target)
    return grade(assignment, read_submission(path, assignment.functions), limits=limits)


def lost(result: Result) -> set[str]:
    """The functions with marks lost for a reason of their own, diagnosis aside."""
    return {
        check.function
        for check in result.checks
        if check.status in ("failed", "error") and check.function != "diagnosis"
    }


def reasons(result: Result) -> str:
    return "\n".join(
        f"{check.function}/{check.name}: {check.status} {check.law} {check.message}"
        for check in result.checks
        if check.status != "passed"
    )


@pytest.mark.parametrize("folder", build.folders("correct"), ids=lambda f: f.name)
def test_correct_submissions_get_full_marks(
    folder: Path, tmp_path: Path, assignment4: Assignment
) -> None:
    result = graded(folder, tmp_path, assignment4)
    assert lost(result) == set(), reasons(result)


@pytest.mark.parametrize("folder", build.folders("wrong"), ids=lambda f: f.name)
def test_wrong_submissions_lose_marks_on_what_is_wrong(
    folder: Path, tmp_path: Path, assignment4: Assignment
) -> None:
    expected = build.expected(folder)
    result = graded(folder, tmp_path, assignment4)
    assert lost(result) - {"train"} == set(expected.fails) - {"train"}, reasons(result)
    assert "train" not in expected.fails or "train" in lost(result), reasons(result)
    named = {check.misconception.id for check in result.checks if check.misconception}
    assert named == ({expected.misconception} if expected.misconception else set())


@pytest.mark.parametrize("folder", build.folders("broken"), ids=lambda f: f.name)
def test_broken_submissions_keep_the_marks_of_what_works(
    folder: Path, tmp_path: Path, assignment4: Assignment
) -> None:
    expected = build.expected(folder)
    result = graded(folder, tmp_path, assignment4, HANGING)
    assert lost(result) - {"train"} == set(expected.fails) - {"train"}, reasons(result)
    statuses = {c.status for c in result.checks if c.function in expected.fails} - {"skipped"}
    assert statuses <= {expected.status, "failed"}
    assert not expected.fails or expected.status in statuses, reasons(result)
    for check in result.checks:
        if check.status in ("failed", "error"):
            assert check.message is not None
            assert all(check.message[language] for language in ("en", "ja"))
