"""The class as the store knows it: everybody's last attempt, its result and what counts."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import GraderError, SubmissionNotFound
from grader.i18n import Text, text
from grader.store import Store
from grader.store.grades import Grade, grades, latest_submissions
from grader.store.models import DONE, FAILED, Assignment, Course, Identity, Job, User
from grader.submission import read_submission


@dataclass(frozen=True)
class Line:
    """One student's line; ``error`` says why there is no result, None while it is awaited too."""

    grade: Grade
    name: str
    identities: dict[str, str]
    email: str | None
    username: str | None
    student_number: str | None
    state: str
    error: Text | None

    @property
    def document(self) -> dict[str, Any] | None:
        """The newest result, as ``result_schema.json`` describes it."""
        return None if self.grade.grading is None else self.grade.grading.document

    @property
    def key(self) -> str:
        """What a teacher knows the student by."""
        return self.student_number or next(iter(self.identities.values()), "")


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


def call(store: Store, course: str, slug: str) -> list[Line]:
    """Everybody who handed in, by name."""
    with store.reading() as session:
        submissions = latest_submissions(session, find(session, course, slug).id)
        jobs = _jobs(session, [submission.id for submission in submissions])
        lines = [
            _line(session, grade, jobs.get(grade.submission.id))
            for grade in grades(session, submissions)
        ]
    return sorted(lines, key=lambda line: (line.name, line.grade.submission.id))


def _jobs(session: Session, ids: list[int]) -> dict[int, Job]:
    found = select(Job).where(Job.submission_id.in_(ids)).order_by(Job.id)
    return {job.submission_id: job for job in session.scalars(found)}


def _line(session: Session, grade: Grade, job: Job | None) -> Line:
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
