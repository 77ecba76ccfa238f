"""Real submissions in real processes; short limits, so that what hangs does not hold us up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.assignment import Assignment, find_assignment
from grader.sandbox.isolation import Mode
from grader.sandbox.limits import Limits
from grader.sandbox.process import StudentProcess
from grader.submission import Submission, read_submission

ROOT = Path(__file__).parents[2]
SOLUTION = ROOT / "assignments" / "assignment4" / "solution.py"
LIMITS = Limits(call_seconds=2.0, load_seconds=3.0, submission_seconds=30.0)


@pytest.fixture(scope="session")
def assignment4() -> Assignment:
    return find_assignment("assignment4")


@pytest.fixture
def submission(tmp_path: Path) -> Callable[[str], Submission]:
    """A submission from its source text."""

    def make(source: str) -> Submission:
        path = tmp_path / "submission.py"
        path.write_text(source, encoding="utf-8")
        return read_submission(path)

    return make


@pytest.fixture
def student(
    submission: Callable[[str], Submission],
) -> Iterator[Callable[..., StudentProcess]]:
    """A running worker for a source text; closed at the end."""
    running: list[StudentProcess] = []

    def start(source: str, limits: Limits = LIMITS, isolation: Mode = "auto") -> StudentProcess:
        running.append(StudentProcess(submission(source), limits, isolation))
        return running[-1]

    yield start
    for process in running:
        process.close()
