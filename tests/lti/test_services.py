"""Registration, members and deep linking against a real server."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from grader.lti.claims import DL, LTI, Launch, Platform
from grader.lti.deep_linking import Choice, response
from grader.lti.errors import PlatformUnreachable, RegistrationFailed
from grader.lti.http import Http
from grader.lti.keys import generate_key
from grader.lti.nrps import members
from grader.lti.registration import Tool, register
from grader.lti.tokens import AccessTokens
from lti_platform import MEMBERSHIP, LtiPlatform, Person

KEY = generate_key()
TOOL = Tool("densefit", "https://g", "https://g/lti/login", "https://g/lti/launch", "https://g/j")


def test_a_platform_registers(platform: LtiPlatform, http: Http) -> None:
    url = f"{platform.origin}/.well-known/openid-configuration"
    made = register(http, TOOL, url, platform.registration_token)
    assert made.platform.client_id == platform.client_id
    assert made.platform.jwks_uri == f"{platform.origin}/jwks"
    assert made.deployment_id == platform.deployment_id
    assert made.product == platform.behaviour
    assert platform.tool["redirect_uris"] == [TOOL.launch]


def test_a_wrong_registration_token_is_said_so(platform: LtiPlatform, http: Http) -> None:
    with pytest.raises(RegistrationFailed, match="401"):
        register(http, TOOL, f"{platform.origin}/.well-known/openid-configuration", "wrong")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"issuer": "https://bank.example"}, "issuer"),
        ({"registration_endpoint": "https://evil.example/register"}, "another server"),
        ({"token_endpoint": None}, "token_endpoint"),
    ],
)
def test_a_configuration_that_speaks_for_others_is_refused(
    platform: LtiPlatform,
    http: Http,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    why: str,
) -> None:
    changed = platform.configuration() | change
    monkeypatch.setattr(platform, "configuration", lambda: changed)
    with pytest.raises(RegistrationFailed, match=why):
        register(http, TOOL, f"{platform.origin}/.well-known/openid-configuration", "x")


def registered(platform: LtiPlatform) -> Platform:
    platform.tool = {"jwks_uri": f"{platform.origin}/jwks", "redirect_uris": ["x"]}
    platform.key = KEY
    return Platform(
        platform.issuer,
        platform.client_id,
        f"{platform.origin}/auth",
        f"{platform.origin}/token",
        f"{platform.origin}/jwks",
    )


def test_every_page_of_the_roster_is_read(platform: LtiPlatform, http: Http) -> None:
    for number in range(2, 46):
        platform.add(Person(f"s-{number}", f"Student {number}", number=f"24A{number:03}"))
    platform.add(Person("t-1", "髙﨑 先生", [MEMBERSHIP + "Instructor"]))
    tokens = AccessTokens(http, lambda: KEY)
    found = members(http, tokens, registered(platform), f"{platform.origin}/members")
    assert [member.subject for member in found] == list(platform.people)
    assert [m.name for m in found if m.role == "teacher"] == ["髙﨑 先生"]
    assert found[1].person_sourcedid == "24A002"


def test_a_roster_without_a_token_is_said_so(platform: LtiPlatform, http: Http) -> None:
    here, tokens = registered(platform), AccessTokens(http, lambda: KEY)
    with pytest.raises(PlatformUnreachable, match="did not answer") as raised:
        members(http, tokens, here, f"{platform.origin}/members-of-nobody")
    assert raised.value.status == 404


def test_a_token_is_asked_for_once_until_it_expires(platform: LtiPlatform, http: Http) -> None:
    here, now = registered(platform), [time.time()]
    tokens = AccessTokens(http, lambda: KEY, clock=lambda: now[0])
    scopes = ["https://purl.imsglobal.org/spec/lti-ags/scope/score"]
    first = tokens.get(here, scopes)
    assert tokens.get(here, scopes) == first
    tokens.forget(here)
    assert tokens.get(here, scopes) != first


CHOICE = Choice("assignment4", "課題4", "NumPy", "https://g/lti/launch", 120)


def deep_linking(settings: dict[str, Any]) -> dict[str, Any]:
    launch = Launch("https://lms", "c", "1", "LtiDeepLinkingRequest", "t-1", (), "https://g")
    launch = Launch(**{**launch.__dict__, "deep_linking": settings})
    token = response(launch, [CHOICE], KEY, time.time())
    public = jwt.PyJWK(KEY.public_jwk()).key
    claims: dict[str, Any] = jwt.decode(
        token, public, algorithms=["RS256"], audience="https://lms", issuer="c"
    )
    return claims


def test_the_answer_of_deep_linking() -> None:
    claims = deep_linking({"data": "opaque"})
    assert claims[LTI + "message_type"] == "LtiDeepLinkingResponse"
    assert claims[DL + "data"] == "opaque"
    (item,) = claims[DL + "content_items"]
    assert item["custom"] == {"assignment": "assignment4"}
    assert item["lineItem"]["scoreMaximum"] == 120


def test_data_goes_back_only_if_it_came() -> None:
    assert DL + "data" not in deep_linking({})
