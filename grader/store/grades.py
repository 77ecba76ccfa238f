"""What a submission counts: the newest grading, unless a teacher decided otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import GraderError
from grader.i18n import text
from grader.policy import Attempts
from grader.store.audit import record
from grader.store.models import Grading, Override, Submission, utc_now


class OverrideRefused(GraderError):
    """An override needs a reason and points of 0 or more."""


@dataclass(frozen=True)
class Grade:
    """The points of one submission; ``reason`` is the teacher's, if they decided."""

    submission: Submission
    grading: Grading | None
    override: Override | None

    @property
    def points(self) -> float | None:
        """What counts; None while nothing was graded."""
        if self.override is not None:
            return self.override.points
        return None if self.grading is None else self.grading.score

    @property
    def reason(self) -> str | None:
        """Why a teacher changed the points."""
        return None if self.override is None else self.override.reason


def counting(rules: Attempts | None, own: Sequence[Grade]) -> Grade:
    """Of one person's attempts the one that counts: points given by hand before all others.

    Without rules the last one; otherwise the best or the last one that was graded, among as many
    as there may be.
    """
    by_hand = [grade for grade in own if grade.override is not None]
    if by_hand:
        return by_hand[-1]
    allowed = own if rules is None else own[: rules.limit]
    graded = [grade for grade in allowed if grade.points is not None]
    if rules is None or not graded:
        return allowed[-1]
    return graded[rules.counted([grade.points or 0.0 for grade in graded])]


def grades(session: Session, submissions: Sequence[Submission]) -> list[Grade]:
    """The grade of each submission, in their order."""
    ids = [submission.id for submission in submissions]
    if not ids:
        return []
    gradings = _newest_grading(session, ids)
    overrides = _newest_override(session, ids)
    return [Grade(s, gradings.get(s.id), overrides.get(s.id)) for s in submissions]


def latest_submissions(session: Session, assignment_id: int) -> list[Submission]:
    """The last attempt of every person at an assignment, in the order they first came."""
    last = (
        select(Submission.user_id, func.max(Submission.number).label("number"))
        .where(Submission.assignment_id == assignment_id)
        .group_by(Submission.user_id)
        .subquery()
    )
    chosen = (
        select(Submission)
        .join(last, (Submission.user_id == last.c.user_id) & (Submission.number == last.c.number))
        .where(Submission.assignment_id == assignment_id)
        .order_by(Submission.user_id)
    )
    return list(session.scalars(chosen))


def override(
    session: Session, submission: Submission, points: float, reason: str, author: str
) -> Override:
    """Let ``points`` count for a submission, and say why; recorded in the audit log."""
    if not reason.strip() or not points >= 0:
        raise OverrideRefused(
            text(
                "Points given by hand must be 0 or more, with a reason; got {points} and {reason}.",
                points=points,
                reason=repr(reason),
            )
        )
    made = Override(submission_id=submission.id, points=points, reason=reason, author=author)
    session.add(made)
    session.flush()
    course = submission.assignment.course_id
    record(session, author, "override", submission, course_id=course, points=points, reason=reason)
    return made


def withdraw(session: Session, submission: Submission, author: str) -> bool:
    """Let the graded points count again; False when nothing was overridden."""
    in_force = select(Override).where(
        Override.submission_id == submission.id, Override.withdrawn_at.is_(None)
    )
    rows = session.scalars(in_force).all()
    for row in rows:
        row.withdrawn_at = utc_now()
    if rows:
        course = submission.assignment.course_id
        record(session, author, "withdraw override", submission, course_id=course)
    return bool(rows)


def _newest_grading(session: Session, ids: list[int]) -> dict[int, Grading]:
    found = select(Grading).where(Grading.submission_id.in_(ids)).order_by(Grading.id)
    return {grading.submission_id: grading for grading in session.scalars(found)}


def _newest_override(session: Session, ids: list[int]) -> dict[int, Override]:
    in_force = select(Override).where(
        Override.submission_id.in_(ids), Override.withdrawn_at.is_(None)
    )
    found = session.scalars(in_force.order_by(Override.id))
    return {made.submission_id: made for made in found}
