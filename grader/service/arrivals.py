"""Where a launch leads: the person, the course and the activity, found or added."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import GraderError
from grader.i18n import text
from grader.lti.claims import DEEP_LINKING, Launch
from grader.lti.http import origin
from grader.service.context import Context
from grader.service.delivery import as_platform, provider
from grader.store.models import Course, User
from grader.store.people import Person, assignment, course, enrol, user
from grader.store.service import Link, PlatformRow

PICK = "/lti/pick"


class NoAssignment(GraderError):
    """The activity does not say which assignment it stands for; its teacher chooses one."""


@dataclass(frozen=True)
class Arrival:
    """Who came, and where they go."""

    user: User
    course: Course
    path: str


def arrive(session: Session, context: Context, launch: Launch, platform: PlatformRow) -> Arrival:
    """Bring the database up to a launch: what the platform says about a person is kept."""
    person = user(session, _person(launch, platform))
    if launch.locale:
        person.language = launch.locale[:2].lower()
    within = course(session, _course_slug(launch, platform), launch.context_title)
    enrolment = enrol(session, within, person, launch.role)
    enrolment.role = launch.role  # the platform decides: a student may become an assistant
    if launch.message_type == DEEP_LINKING:
        return Arrival(person, within, PICK)
    link = _link(session, launch, platform) or _made(session, context, launch, platform, within)
    if link is None:
        return Arrival(person, within, _chooser(launch))
    _note_services(link, launch, platform)
    page = "dashboard" if launch.role == "teacher" else "assignment"
    return Arrival(person, within, f"/{page}/{link.assignment_id}")


def _person(launch: Launch, platform: PlatformRow) -> Person:
    return Person(
        provider(platform.id),
        launch.subject,
        launch.name,
        launch.email or None,
        student_number=launch.person_sourcedid or None,
    )


def _course_slug(launch: Launch, platform: PlatformRow) -> str:
    """One course for each context of a deployment; without a context, for each activity."""
    where = launch.context_id or f"link:{launch.resource_link_id}"
    words = f"{launch.deployment_id}\0{where}".encode()
    return f"lti-{platform.id}-{hashlib.sha256(words).hexdigest()[:16]}"


def choose(session: Session, context: Context, launch: Launch, within: Course, slug: str) -> Link:
    """What an activity stands for, as its teacher chose; what was chosen before stays."""
    wanted = select(PlatformRow).where(
        PlatformRow.issuer == launch.issuer, PlatformRow.client_id == launch.client_id
    )
    platform = session.scalars(wanted).one()
    link = _link(session, launch, platform) or _add(
        session, context, launch, platform, within, slug
    )
    _note_services(link, launch, platform)
    return link


def _link(session: Session, launch: Launch, platform: PlatformRow) -> Link | None:
    wanted = select(Link).where(
        Link.platform_id == platform.id,
        Link.deployment_id == launch.deployment_id,
        Link.resource_link_id == launch.resource_link_id,
    )
    return session.scalar(wanted)


def _made(
    session: Session, context: Context, launch: Launch, platform: PlatformRow, within: Course
) -> Link | None:
    """For the assignment that deep linking put into the activity, or the only one there is."""
    known = [one.slug for one in context.assignments()]
    wanted = launch.custom.get("assignment")
    if wanted in known:
        return _add(session, context, launch, platform, within, str(wanted))
    if len(known) == 1 and not wanted:
        return _add(session, context, launch, platform, within, known[0])
    return None


def _add(
    session: Session,
    context: Context,
    launch: Launch,
    platform: PlatformRow,
    within: Course,
    slug: str,
) -> Link:
    title = launch.resource_link_title or context.assignment(slug).title["en"]
    link = Link(
        platform_id=platform.id,
        deployment_id=launch.deployment_id,
        resource_link_id=launch.resource_link_id,
        assignment_id=assignment(session, within, slug, title).id,
    )
    session.add(link)
    session.flush()
    return link


def _chooser(launch: Launch) -> str:
    """The teacher chooses; a student is told to ask them."""
    if launch.role == "teacher":
        return PICK
    raise NoAssignment(
        text(
            "This activity does not say yet which assignment it is. Ask your teacher to open it "
            "once and choose; then open it again."
        )
    )


def _note_services(link: Link, launch: Launch, platform: PlatformRow) -> None:
    link.line_item = _ours(platform, launch.ags.get("lineitem")) or link.line_item
    link.line_items = _ours(platform, launch.ags.get("lineitems")) or link.line_items
    link.members_url = _ours(platform, launch.nrps_url) or link.members_url


def _ours(platform: PlatformRow, url: object) -> str | None:
    """A service address on the platform's own server: our access tokens go there."""
    here = as_platform(platform)
    home = {origin(here.token_endpoint), origin(here.issuer)}
    return url if isinstance(url, str) and url and origin(url) in home else None
