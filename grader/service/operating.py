"""What the operator does on the command line."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from grader.assignment import find_assignment
from grader.lti.keys import generate_key
from grader.service.pages.local import invite
from grader.store import Store
from grader.store.audit import record
from grader.store.models import AuditEntry, Course, Enrolment, User
from grader.store.people import Person, assignment, course, enrol, user
from grader.store.service import PlatformRow, SigningKey

_NAMES = (User.name, User.student_number, User.email, User.username)
PUBLISHED = 2  # the newest key signs, the one before may still have signed what is under way
REGISTRATION = timedelta(days=1)


def add_course(store: Store, title: str, slug: str) -> str:
    """A course with one assignment and a teacher; the secret of the teacher's link."""
    found = find_assignment(slug)
    with store.writing() as session:
        made = course(session, f"local-{secrets.token_hex(6)}", title)
        assignment(session, made, found.slug, found.title["en"])
        teacher = user(session, Person("local", secrets.token_hex(12), "Teacher"))
        enrol(session, made, teacher, "teacher")
        record(session, "operator", "add course", made, course_id=made.id)
        return invite(session, "person", course_id=made.id, user_id=teacher.id, role="teacher")


def registration_link(store: Store) -> str:
    """The secret of an address that registers one platform, once, within a day."""
    with store.writing() as session:
        record(session, "operator", "registration link", "platforms")
        return invite(session, "platform", valid=REGISTRATION)


def add_platform(store: Store, **fields: str) -> None:
    """Register a platform by its addresses."""
    with store.writing() as session:
        row = PlatformRow(**fields)
        session.add(row)
        session.flush()
        record(session, "operator", "register platform", row, issuer=row.issuer)


def platforms(store: Store) -> list[str]:
    """Every platform, a line each."""
    with store.reading() as session:
        rows = session.scalars(select(PlatformRow).order_by(PlatformRow.id)).all()
    return [f"{row.id}  {row.issuer}  {row.client_id}  {row.product}" for row in rows]


def people(store: Store, words: str) -> list[str]:
    """Whoever's name, student number or e-mail contains the words, a line each."""
    named = or_(*(column.icontains(words, autoescape=True) for column in _NAMES))
    wanted = select(User, Course.title).join(Enrolment, Enrolment.user_id == User.id).join(Course)
    with store.reading() as session:
        found = session.execute(wanted.where(named).order_by(User.id, Course.id)).all()
    return [
        "  ".join([str(user.id), user.name or "-", user.student_number or "-", title])
        for user, title in found
    ]


def audit(store: Store, last: int) -> list[str]:
    """The newest entries of the audit log, the oldest of them first, a line of JSON each."""
    newest = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(last)
    with store.reading() as session:
        entries = session.scalars(newest).all()
    return [json.dumps(_plain(entry), ensure_ascii=False) for entry in reversed(entries)]


def _plain(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at.isoformat(timespec="seconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "course": entry.course_id,
        **entry.details,
    }


def rotate_key(store: Store) -> str:
    """A fresh signing key; its name. Every key but this one and the one before it is deleted."""
    fresh = generate_key()
    newest = select(SigningKey).order_by(SigningKey.created_at.desc())
    with store.writing() as session:
        for old in session.scalars(newest).all()[PUBLISHED - 1 :]:
            session.delete(old)
        session.add(SigningKey(kid=fresh.kid, pem=fresh.pem))
        record(session, "operator", "rotate key", fresh.kid)
    return fresh.kid
