"""Names and Role Provisioning Services 2.0: who is in the course."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from grader.lti.claims import SCOPE_MEMBERS, Platform, Role, course_role, full_name
from grader.lti.errors import PlatformUnreachable
from grader.lti.http import Answer, Http, origin
from grader.lti.tokens import AccessTokens

MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MAX_PAGES = 200
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?', re.IGNORECASE)


@dataclass(frozen=True)
class Member:
    """One person of a course, as far as the platform tells."""

    subject: str
    role: Role
    name: str
    email: str
    person_sourcedid: str
    active: bool


def members(http: Http, tokens: AccessTokens, platform: Platform, url: str) -> list[Member]:
    """Everyone in the course, page by page (NRPS §2.4.2: the header ``Link: rel=next``)."""
    found: list[Member] = []
    home = origin(url)
    for _ in range(MAX_PAGES):
        token = tokens.get(platform, [SCOPE_MEMBERS])
        answer = http.get(url, {"Accept": MEMBERS, "Authorization": f"Bearer {token}"})
        found += _page(answer)
        following = _NEXT.search(answer.headers.get("link", ""))
        if following is None:
            return found
        url = urljoin(url, following[1])
        if origin(url) != home:  # our token would go there
            raise PlatformUnreachable("the next page of members is on another server")
    raise PlatformUnreachable(f"more than {MAX_PAGES} pages of members")


def _page(answer: Answer) -> list[Member]:
    if not answer.ok:
        raise PlatformUnreachable(f"members were answered {answer.status}", answer.status)
    data = answer.json()
    listed = data.get("members") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise PlatformUnreachable("the list of members has no members")
    return [_member(one) for one in listed if isinstance(one, dict) and one.get("user_id")]


def _member(data: dict[str, object]) -> Member:
    """One entry; roles may be short names or URIs, and a missing status is Active (NRPS §2.2)."""
    roles = data.get("roles")
    return Member(
        subject=str(data["user_id"]),
        role=course_role(map(str, roles if isinstance(roles, list) else [])),
        name=full_name(data),
        email=str(data.get("email") or ""),
        person_sourcedid=str(data.get("lis_person_sourcedid") or ""),
        active=data.get("status", "Active") == "Active",
    )
