"""The class as the store knows it: everybody's attempt that counts, its result, and why so."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import GraderError, SubmissionNotFound
from grader.i18n import Text, text
from grader.policy import Attempts
from grader.render.words import remarks
from grader.result import CheckResult, Result
from grader.store import Store
from grader.store.grades import Grade, counting, grades
from grader.store.models import DONE, FAILED, Assignment, Course, Identity, Job, Submission, User
from grader.stored import restore
from grader.submission import read_submission


@dataclass(frozen=True)
class Line:
    """One student's line; ``error`` says why there is no result, None while it is awaited too.

    ``attempts`` is how many there are; the one that counts may be an earlier one.
    """

    grade: Grade
    name: str
    identities: dict[str, str]
    email: str | None
    username: str | None
    student_number: str | None
    state: str
    error: Text | None
    attempts: int = 1

    @property
    def document(self) -> dict[str, Any] | None:
        """The newest result, as ``result_schema.json`` describes it."""
        return None if self.grade.grading is None else self.grade.grading.document

    @property
    def key(self) -> str:
        """What a teacher knows the student by."""
        return self.student_number or next(iter(self.identities.values()), "")

    @cached_property
    def result(self) -> Result | None:
        """The newest result, under the rules."""
        return None if self.document is None else restore(self.document)

    @property
    def raw_points(self) -> float | None:
        """What the checks gave, before late days and whatever the teacher set."""
        if self.result is None:
            return None
        return round(sum(_graded(check) for check in self.result.checks), 6)

    @property
    def late_days(self) -> int:
        """Days begun after the deadline, as far as the time is known."""
        return self.result.late.days if self.result and self.result.late else 0

    @property
    def reasons(self) -> list[Text]:
        """Why other points count than the checks gave."""
        return list(self._reasons())

    def _reasons(self) -> Iterator[Text]:
        if self.grade.reason is not None:
            yield text("Points given by hand: {reason}", reason=self.grade.reason)
        if self.result is not None:
            yield from remarks(self.result)
            if self.grade.submission.late and self.result.late is None:
                yield text("Late, but it is not known when it was handed in: nothing is taken off.")
        if self.grade.submission.number != self.attempts:
            yield text(
                "Attempt {number} of {attempts} counts.",
                number=self.grade.submission.number,
                attempts=self.attempts,
            )


def _graded(check: CheckResult) -> float:
    return check.points if check.graded_points is None else check.graded_points


def find(session: Session, course: str, slug: str) -> Assignment:
    """The assignment of a course that something was handed in for."""
    wanted = select(Assignment).join(Course).where(Course.slug == course, Assignment.slug == slug)
    found = session.scalar(wanted)
    if found is None:
        raise GraderError(
            text(
                "The database has nothing of {assignment} in the course {course}.",
                assignment=slug,
                course=course,
            )
        )
    return found


def call(store: Store, course: str, slug: str, rules: Attempts | None = None) -> list[Line]:
    """Everybody who handed in, by name; ``rules`` say which attempt counts, or else the last."""
    with store.reading() as session:
        everybody = _attempts(session, find(session, course, slug))
        jobs = _jobs(session, [own.submission.id for mine in everybody for own in mine])
        counted = [(counting(rules, mine), len(mine)) for mine in everybody]
        lines = [
            _line(session, grade, jobs.get(grade.submission.id), attempts)
            for grade, attempts in counted
        ]
    return sorted(lines, key=lambda line: (line.name, line.grade.submission.id))


def _attempts(session: Session, assignment: Assignment) -> list[list[Grade]]:
    """The attempts of each person, in the order they were handed in."""
    wanted = select(Submission).where(Submission.assignment_id == assignment.id)
    found: dict[int, list[Grade]] = {}
    for grade in grades(session, session.scalars(wanted.order_by(Submission.number)).all()):
        found.setdefault(grade.submission.user_id, []).append(grade)
    return list(found.values())


def _jobs(session: Session, ids: Sequence[int]) -> dict[int, Job]:
    found = select(Job).where(Job.submission_id.in_(ids)).order_by(Job.id)
    return {job.submission_id: job for job in session.scalars(found)}


def _line(session: Session, grade: Grade, job: Job | None, attempts: int) -> Line:
    who = session.get_one(User, grade.submission.user_id)
    named = select(Identity).where(Identity.user_id == who.id).order_by(Identity.id)
    state = job.state if job else (DONE if grade.grading else FAILED)
    return Line(
        grade,
        who.name,
        {identity.provider: identity.subject for identity in session.scalars(named)},
        who.email,
        who.username,
        who.student_number,
        state,
        dict(job.error) if job and job.error else None,
        attempts,
    )


def source_of(store: Store, digest: str, functions: tuple[str, ...]) -> str:
    """The source text that was handed in; empty when there is none that can be read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "submission.zip")
        try:
            path.write_bytes(store.files.read(digest))
            cells = read_submission(path, functions).cells
        except (SubmissionNotFound, OSError):
            return ""
    return "\n".join(cell.source for cell in cells)
