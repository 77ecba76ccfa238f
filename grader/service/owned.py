"""Finds rows for a visitor; what is not theirs does not exist (404, never 403)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from grader.service.sessions import Visit
from grader.store.models import Assignment, Enrolment, Submission, User


def assignment(session: Session, visit: Visit, assignment_id: int) -> Assignment:
    """An assignment of the visitor's course."""
    found = session.get(Assignment, assignment_id)
    if found is None or found.course_id != visit.course.id:
        raise HTTPException(404)
    return found


def assignments(session: Session, visit: Visit) -> list[Assignment]:
    """Every assignment of the visitor's course."""
    wanted = select(Assignment).where(Assignment.course_id == visit.course.id)
    return list(session.scalars(wanted.order_by(Assignment.id)))


def submission(session: Session, visit: Visit, submission_id: int) -> Submission:
    """A submission of the visitor's own, or for teachers any of their course."""
    found = session.get(Submission, submission_id)
    if found is None or found.assignment.course_id != visit.course.id:
        raise HTTPException(404)
    if found.user_id != visit.user.id and not visit.teaches:
        raise HTTPException(404)
    return found


def member(session: Session, visit: Visit, user_id: int) -> User:
    """Somebody of the visitor's course."""
    wanted = (
        select(User)
        .join(Enrolment)
        .where(Enrolment.course_id == visit.course.id, User.id == user_id)
    )
    found = session.scalar(wanted)
    if found is None:
        raise HTTPException(404)
    return found
