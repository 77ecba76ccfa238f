"""Who is in the course, as the LMS says (NRPS): so that a teacher sees who has not handed in."""

from __future__ import annotations

from sqlalchemy import select

from grader.lti.nrps import Member, members
from grader.lti.tokens import AccessTokens
from grader.service.context import Context
from grader.service.delivery import as_platform, provider
from grader.store.audit import record
from grader.store.models import Assignment
from grader.store.people import Person, enrol, user
from grader.store.service import Link


def refresh(context: Context, assignment_id: int, actor: str) -> int:
    """Enrol everybody the platform lists; how many those are. Nobody is ever removed."""
    with context.store.reading() as session:
        wanted = select(Link).where(
            Link.assignment_id == assignment_id, Link.members_url.is_not(None)
        )
        links = [(link.members_url, as_platform(link.platform)) for link in session.scalars(wanted)]
    tokens = AccessTokens(context.http, context.signing_key)
    found: list[tuple[int, Member]] = []
    for url, platform in {url: platform for url, platform in links if url}.items():
        listed = members(context.http, tokens, platform, url)
        found += [(platform.id, member) for member in listed if member.active]
    with context.store.writing() as session:
        assignment = session.get(Assignment, assignment_id)
        assert assignment is not None
        for platform_id, member in found:
            person = user(session, _person(platform_id, member))
            enrol(session, assignment.course, person, member.role)
        details = {"course_id": assignment.course_id, "members": len(found)}
        record(session, actor, "read roster", assignment, **details)
    return len(found)


def _person(platform_id: int, member: Member) -> Person:
    return Person(
        provider(platform_id),
        member.subject,
        member.name,
        member.email or None,
        student_number=member.person_sourcedid or None,
    )
