"""The door without an LMS: invitation links.

The secret is in the fragment of the link (``/join#secret``), which browsers keep to themselves;
the page's script posts it. So it is in no log, no history of a proxy, no Referer.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from grader.service import sessions
from grader.service.routing import Call
from grader.store.audit import record
from grader.store.models import Course, Enrolment, User, utc_now
from grader.store.people import Person, enrol, user
from grader.store.service import Invitation

VALID = timedelta(days=180)
LOCAL = "local"


def invite(
    session: Session,
    kind: str,
    *,
    course_id: int | None = None,
    user_id: int | None = None,
    role: str = "student",
    author: str = "operator",
    valid: timedelta = VALID,
) -> str:
    """A fresh secret: ``course`` for a class, ``person`` for one of them, ``platform`` for LTI."""
    secret = secrets.token_urlsafe(24)
    session.add(
        Invitation(
            token_hash=sessions.hashed(secret),
            kind=kind,
            course_id=course_id,
            user_id=user_id,
            role=role,
            author=author,
            expires_at=utc_now() + valid,
        )
    )
    return secret


def join(call: Call) -> Response:
    """The page that an invitation opens."""
    return call.page("join.html", ask_name=False, secret="")


def joined(call: Call) -> Response:
    """Let the holder of an invitation in."""
    settings, secret = call.context.settings, call.field("secret")
    with call.context.store.writing() as session:
        found = session.get(Invitation, sessions.hashed(secret))
        if found is None or found.kind == "platform" or utc_now() > found.expires_at:
            return call.page("join.html", 404, ask_name=False, secret=None)
        course = session.get(Course, found.course_id)
        if course is None:
            raise HTTPException(404)
        name = " ".join(call.field("name").split())[:100]
        if found.kind == "course" and not name:
            return call.page("join.html", ask_name=True, secret=secret)
        person, own = _person(session, found, course, name)
        role = enrol(session, course, person, found.role).role
        token = sessions.start(session, person, course, role, settings.session)
        record(session, f"user:{person.id}", "join", course, course_id=course.id)
    if own:
        answer = call.page("welcome.html", link=f"{settings.url('/join')}#{own}", name=name)
    else:
        answer = RedirectResponse("/", 303)
    sessions.set_cookie(answer, settings, token)
    return answer


def _person(
    session: Session, found: Invitation, course: Course, name: str
) -> tuple[User, str | None]:
    """The person of a link of their own, or a new one, with such a link to come back."""
    if found.kind == "person":
        known = session.get(User, found.user_id)
        if known is None or known.deleted_at is not None:
            raise HTTPException(404)
        return known, None
    made = user(session, Person(LOCAL, secrets.token_hex(12), name))
    session.add(Enrolment(course_id=course.id, user_id=made.id, role=found.role))
    session.flush()
    own = invite(session, "person", course_id=course.id, user_id=made.id, role=found.role)
    return made, own


def class_link(call: Call) -> Response:
    """A teacher's fresh invitation for their class."""
    with call.context.store.writing() as session:
        course = call.visit.course
        secret = invite(session, "course", course_id=course.id, author=call.visit.actor)
        record(session, call.visit.actor, "invite", course, course_id=course.id)
    link = f"{call.context.settings.url('/join')}#{secret}"
    return call.page("invitation.html", link=link, days=VALID.days)


def leave(call: Call) -> Response:
    """End the session."""
    sessions.finish(call.context.store, call.context.settings, call.request)
    return RedirectResponse("/join", 303)
