"""The same conversation with a platform that others wrote: lti1p3platform."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization

import needs
from grader.lti.claims import SCOPES, Platform
from grader.lti.deep_linking import Choice, response
from grader.lti.errors import LaunchRefused
from grader.lti.http import Answer, Http
from grader.lti.keys import PlatformKeys, ToolKey, generate_key, key_set
from grader.lti.launch import validate
from grader.lti.login import Login, begin, read_initiation
from grader.lti.tokens import ASSERTION_TYPE, assertion

needs.need("lti1p3platform")

from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration

TOOL_ORIGIN = "https://grader.example"
LAUNCH = f"{TOOL_ORIGIN}/lti/launch"
PLATFORM = Platform(
    "https://lms.example", "client", "https://lms.example/auth", "https://lms.example/token", "jwks"
)
LMS_KEY, TOOL_KEY = generate_key(), generate_key()


def public_pem(key: ToolKey) -> str:
    private = serialization.load_pem_private_key(key.pem.encode(), password=None)
    return (
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


class Configuration(LTI1P3PlatformConfAbstract):  # type: ignore[misc]
    def init_platform_config(self, **kwargs: Any) -> None:
        pass

    def get_registration_by_params(self, **kwargs: Any) -> Registration:
        made = Registration()
        made.set_iss(PLATFORM.issuer).set_client_id(PLATFORM.client_id).set_deployment_id("1")
        made.set_launch_url(LAUNCH).set_deeplink_launch_url(LAUNCH)
        made.set_oidc_login_url(f"{TOOL_ORIGIN}/lti/login")
        made.set_platform_public_key(public_pem(LMS_KEY))
        made.set_platform_private_key(LMS_KEY.pem)
        made.set_tool_key_set(key_set([TOOL_KEY]))
        return made


class OidcLogin(OIDCLoginAbstract):  # type: ignore[misc]
    def set_lti_message_hint(self, **kwargs: Any) -> None:
        self._lti_message_hint = "hint"

    def get_redirect(self, url: str) -> str:
        return url


class MessageLaunch(LTIAdvantageMessageLaunchAbstract):  # type: ignore[misc]
    deep = False

    def get_preflight_response(self) -> dict[str, Any]:
        return dict(self._request)

    def prepare_launch(self, preflight_response: dict[str, Any]) -> None:
        self.set_user_data("user-1", ["Learner"])
        self.set_resource_link_claim("link-1")
        if self.deep:
            self.set_dl("https://lms.example/back", accept_types={"ltiResourceLink"})

    def render_launch_form(self, launch_data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return launch_data


class TheirKeys(Http):
    def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        registration = Configuration().get_registration()
        return Answer(200, {}, json.dumps({"keys": registration.get_jwks()}).encode())


def login() -> Login:
    asked = OidcLogin({}, Configuration()).set_launch_url(LAUNCH)
    asked.set_lti_message_hint()
    url = asked.initiate_login("user-1")
    initiation = read_initiation(dict(parse_qsl(urlsplit(url).query)), TOOL_ORIGIN)
    return begin(initiation, PLATFORM, LAUNCH)


def launch(begun: Login, deep: bool = False) -> dict[str, Any]:
    query = dict(parse_qsl(urlsplit(begun.redirect).query))
    message = MessageLaunch(query, Configuration())
    message.deep = deep
    posted: dict[str, Any] = message.lti_launch()
    return posted


@pytest.mark.parametrize("deep", [False, True])
def test_its_launches_are_valid(deep: bool) -> None:
    begun = login()
    posted = launch(begun, deep)
    assert posted["state"] == begun.state
    assert posted["launch_url"] == LAUNCH
    found = validate(
        posted["id_token"],
        PLATFORM,
        PlatformKeys(TheirKeys()),
        nonce=begun.nonce,
        tool_origin=TOOL_ORIGIN,
        now=time.time(),
    )
    assert found.subject == "user-1"
    assert bool(found.deep_linking) is deep
    with pytest.raises(LaunchRefused):
        validate(
            posted["id_token"],
            PLATFORM,
            PlatformKeys(TheirKeys()),
            nonce=login().nonce,
            tool_origin=TOOL_ORIGIN,
            now=time.time(),
        )


def test_it_gives_us_a_token_for_our_assertion() -> None:
    configuration = Configuration()
    configuration.get_registration()
    given = configuration.get_access_token(
        {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(PLATFORM, TOOL_KEY, time.time()),
            "scope": " ".join(SCOPES),
        }
    )
    assert given["access_token"]
    assert set(given["scope"].split()) <= set(SCOPES)


def test_it_accepts_our_choice_of_a_link() -> None:
    begun = login()
    found = validate(
        launch(begun, deep=True)["id_token"],
        PLATFORM,
        PlatformKeys(TheirKeys()),
        nonce=begun.nonce,
        tool_origin=TOOL_ORIGIN,
        now=time.time(),
    )
    choice = Choice("assignment4", "Assignment 4", "", LAUNCH, 120)
    configuration = Configuration()
    configuration.get_registration()
    token = response(found, [choice], TOOL_KEY, time.time())
    (item,) = configuration.validate_deeplinking_resp({"JWT": token})
    assert item["type"] == "ltiResourceLink"
