"""The assignment's rules, applied to a class as ``grader check`` applies them to one submission.

What is stored of a grading is its result under the rules, so that pages and exports agree. The
points that the checks themselves gave stay in it: when the rules change (a later deadline, points
set for somebody) the next call applies them anew, and grades nothing again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader import policy
from grader.assignment import Assignment
from grader.errors import GraderError
from grader.experiment.family import Family, assigned, load_family
from grader.pool import Job
from grader.result import Result
from grader.runner import derived_seed
from grader.store import Store
from grader.store.audit import record
from grader.store.grades import grades
from grader.store.models import Identity, Submission
from grader.stored import restore
from grader.submission import read_submission

ACTOR = "grader batch"


@dataclass(frozen=True)
class Author:
    """Whose a submission is, and when it was handed in, as far as that is known."""

    number: str | None
    key: str
    submitted: datetime | None


@dataclass(frozen=True)
class Rules:
    """What the assignment and the call say; ``secret`` is the course's."""

    assignment: Assignment
    secret: bytes | None = None
    seed: int | None = None
    submitted: datetime | None = None

    @property
    def family(self) -> Family | None:
        """The personal experiments that there are to be assigned."""
        return load_family(self.assignment.folder) if self.secret else None

    def job(self, path: Path, key: str, seed: int | None, author: Author) -> Job:
        """How a submission is to be graded: its seed and its author's personal experiment."""
        chosen = next((s for s in (seed, self.seed) if s is not None), None)
        if chosen is None and self.secret is not None:
            chosen = self._secret_seed(path, self.secret)
        return Job(path, chosen, key, self.variant(author))

    def _secret_seed(self, path: Path, secret: bytes) -> int | None:
        """Worked out here, so that the secret leaves this process for no judge and no cluster."""
        try:
            submission = read_submission(path, self.assignment.functions)
        except GraderError:
            return None  # the judge says what is wrong with it
        return derived_seed(self.assignment, submission, secret)

    def variant(self, author: Author) -> int | None:
        """The number of the author's experiment; None without a secret or a student number."""
        family = self.family
        if family is None or self.secret is None or author.number is None:
            return None
        return assigned(family, self.secret, author.number)

    def ruled(self, result: Result, author: Author) -> Result:
        """The result with late days and the points that the teacher set."""
        return policy.apply(
            result,
            self.assignment,
            submitted=author.submitted or self.submitted,
            student=author.key or None,
        )


def with_deadline(assignment: Assignment, due: datetime | None) -> Assignment:
    """The assignment with another deadline; it costs what ``[late]`` says, or else nothing."""
    if due is None:
        return assignment
    late = assignment.late or policy.Late(due)
    return replace(assignment, late=replace(late, deadline=due))


def author_of(session: Session, submission: Submission) -> Author:
    """What the store knows of who handed in, and when."""
    user = submission.user
    number = user.student_number
    named = select(Identity.subject).where(Identity.user_id == user.id).order_by(Identity.id)
    key = number or session.scalar(named) or ""
    told = submission.source.get("submitted")
    if submission.source.get("via") == "web":  # the service received it itself
        return Author(number, key, submission.received_at)
    return Author(number, key, datetime.fromisoformat(told) if told else None)


def apply_anew(store: Store, rules: Rules, submissions: list[int]) -> int:
    """Apply the rules to what was graded before, under perhaps others; how much that changed."""
    changed = 0
    with store.writing() as session:
        found = select(Submission).where(Submission.id.in_(submissions)).order_by(Submission.id)
        for grade in grades(session, session.scalars(found).all()):
            grading = grade.grading
            if grading is None or not _concerned(rules, grading.document):
                continue
            result = rules.ruled(restore(grading.document), author_of(session, grade.submission))
            document = json.loads(result.to_json())
            if document == json.loads(json.dumps(grading.document)):
                continue
            before, grading.document, grading.score = grading.score, document, document["score"]
            course = grade.submission.assignment.course_id
            points = {"before": before, "points": grading.score}
            record(session, ACTOR, "apply rules", grade.submission, course_id=course, **points)
            changed += 1
    return changed


def _concerned(rules: Rules, document: dict[str, Any]) -> bool:
    """Whether rules were or are to be applied to a document at all."""
    own = rules.assignment
    overridden = any(check.get("override") for check in document.get("checks", ()))
    return bool(own.late or own.overrides or document.get("late") or overridden)
