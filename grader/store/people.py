"""Finds or adds courses, assignments, people and their attempts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.store.models import Assignment, Course, Enrolment, Identity, Submission, User, utc_now

Row = TypeVar("Row")


@dataclass(frozen=True)
class Person:
    """A person as one provider knows them."""

    provider: str
    subject: str
    name: str = ""
    email: str | None = None
    username: str | None = None
    student_number: str | None = None


@dataclass(frozen=True)
class Upload:
    """What was handed in: its bytes are in the file store already; received now if not told."""

    digest: str
    filename: str
    size: int = 0
    late: bool = False
    source: dict[str, Any] = field(default_factory=dict)
    received_at: datetime | None = None


def course(session: Session, slug: str, title: str = "") -> Course:
    """The course of this slug, added when there is none."""
    found = session.scalar(select(Course).where(Course.slug == slug))
    return found or _added(session, Course(slug=slug, title=title or slug))


def assignment(session: Session, within: Course, slug: str, title: str = "") -> Assignment:
    """The assignment of this slug in a course, added when there is none."""
    wanted = select(Assignment).where(Assignment.course_id == within.id, Assignment.slug == slug)
    found = session.scalar(wanted)
    return found or _added(session, Assignment(course_id=within.id, slug=slug, title=title or slug))


def user(session: Session, person: Person) -> User:
    """The person whom the provider names so; what it newly says about them is kept."""
    wanted = select(Identity).where(
        Identity.provider == person.provider, Identity.subject == person.subject
    )
    identity = session.scalar(wanted)
    if identity is None:
        identity = Identity(provider=person.provider, subject=person.subject, user=User())
        _added(session, identity)
    known = identity.user
    for name in ("name", "email", "username", "student_number"):
        if getattr(person, name):
            setattr(known, name, getattr(person, name))
    return known


def enrol(session: Session, within: Course, who: User, role: str = "student") -> Enrolment:
    """Make a person a member of a course; a role they have already stays."""
    wanted = select(Enrolment).where(Enrolment.course_id == within.id, Enrolment.user_id == who.id)
    found = session.scalar(wanted)
    return found or _added(session, Enrolment(course_id=within.id, user_id=who.id, role=role))


def submit(session: Session, to: Assignment, who: User, upload: Upload) -> Submission:
    """A further attempt of a person."""
    counted = select(func.max(Submission.number)).where(
        Submission.assignment_id == to.id, Submission.user_id == who.id
    )
    number = (session.scalar(counted) or 0) + 1
    made = Submission(
        assignment_id=to.id,
        user_id=who.id,
        number=number,
        digest=upload.digest,
        filename=upload.filename,
        size=upload.size,
        late=upload.late,
        source=upload.source,
        received_at=upload.received_at or utc_now(),
    )
    return _added(session, made)


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
