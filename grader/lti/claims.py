"""The names in LTI messages, and what a valid launch says, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

RESOURCE_LINK = "LtiResourceLinkRequest"
DEEP_LINKING = "LtiDeepLinkingRequest"
VERSION = "1.3.0"

SCOPE_LINEITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINEITEM_READONLY = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_MEMBERS = (
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"  # NRPS §3.6.1.2
)
SCOPES = (SCOPE_LINEITEM, SCOPE_LINEITEM_READONLY, SCOPE_RESULT, SCOPE_SCORE, SCOPE_MEMBERS)

Role = Literal["teacher", "student"]
_TEACHING = frozenset({"instructor", "teachingassistant", "administrator", "sysadmin"})


def course_role(roles: Iterable[str]) -> Role:
    """``teacher`` for whoever teaches or administers, ``student`` for everyone else.

    A role is a URI whose fragment names it, or the short name alone (Core §5.3.7, appendix A.2).
    A role that is not known gives no rights.
    """
    names = {role.replace("#", "/").rpartition("/")[2].lower() for role in roles}
    return "teacher" if names & _TEACHING else "student"


@dataclass(frozen=True)
class Platform:
    """A learning platform as the tool's operator registered it."""

    issuer: str
    client_id: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_server: str | None = None  # the audience of our assertions, when it differs
    id: int = 0


@dataclass(frozen=True)
class Launch:
    """A valid launch (Core §5.3, §5.4). What the platform did not say is empty."""

    issuer: str
    client_id: str
    deployment_id: str
    message_type: str
    subject: str
    roles: tuple[str, ...]
    target_link_uri: str
    resource_link_id: str = ""
    resource_link_title: str = ""
    context_id: str = ""
    context_title: str = ""
    name: str = ""
    email: str = ""
    person_sourcedid: str = ""
    locale: str = ""
    return_url: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    ags: Mapping[str, Any] = field(default_factory=dict)
    nrps_url: str = ""
    deep_linking: Mapping[str, Any] = field(default_factory=dict)

    @property
    def role(self) -> Role:
        """What the person may do in this course."""
        return course_role(self.roles)


def read_launch(claims: Mapping[str, Any], client_id: str) -> Launch:
    """The launch that validated ``claims`` describe."""
    link, context = _section(claims, LTI + "resource_link"), _section(claims, LTI + "context")
    presentation = _section(claims, LTI + "launch_presentation")
    return Launch(
        issuer=claims["iss"],
        client_id=client_id,
        deployment_id=claims[LTI + "deployment_id"],
        message_type=claims[LTI + "message_type"],
        subject=claims["sub"],
        roles=tuple(claims[LTI + "roles"]),
        target_link_uri=claims[LTI + "target_link_uri"],
        resource_link_id=_word(link, "id"),
        resource_link_title=_word(link, "title"),
        context_id=_word(context, "id"),
        context_title=_word(context, "title") or _word(context, "label"),
        name=full_name(claims),
        email=_word(claims, "email"),
        person_sourcedid=_word(_section(claims, LTI + "lis"), "person_sourcedid"),
        locale=_word(presentation, "locale") or _word(claims, "locale"),
        return_url=_word(presentation, "return_url"),
        custom=custom_values(_section(claims, LTI + "custom")),
        ags=_section(claims, AGS_CLAIM),
        nrps_url=_word(_section(claims, NRPS_CLAIM), "context_memberships_url"),
        deep_linking=_section(claims, DL + "deep_linking_settings"),
    )


def full_name(person: Mapping[str, Any]) -> str:
    """``name``, else the given and family names; empty when nothing is told."""
    parts = (_word(person, "given_name"), _word(person, "family_name"))
    return _word(person, "name") or " ".join(part for part in parts if part)


def custom_values(custom: Mapping[str, Any]) -> dict[str, str]:
    """Custom properties (Core §5.4.6); a ``$Variable`` that was not expanded means absent."""
    return {
        str(name): value
        for name, value in custom.items()
        if isinstance(value, str) and value and not value.startswith("$")
    }


def _section(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = claims.get(name)
    return found if isinstance(found, dict) else {}


def _word(section: Mapping[str, Any], name: str) -> str:
    found = section.get(name)
    return found if isinstance(found, str) else ""
