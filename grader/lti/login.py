"""Steps 1 and 2: the platform announces somebody, and we send them back to be vouched for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from grader.lti.claims import Platform
from grader.lti.errors import LaunchRefused
from grader.lti.http import origin

STEP_1 = "Security §5.1.1.1"
LIFETIME_SECONDS = 600


@dataclass(frozen=True)
class Initiation:
    """What a platform says when it starts a login (Security §5.1.1.1, Core §4.1)."""

    issuer: str
    login_hint: str
    target_link_uri: str
    lti_message_hint: str | None = None
    client_id: str | None = None
    deployment_id: str | None = None
    storage_target: str | None = None

    def parameters(self) -> dict[str, str]:
        """The same again, to start over in a window of its own."""
        named = {
            "iss": self.issuer,
            "login_hint": self.login_hint,
            "target_link_uri": self.target_link_uri,
            "lti_message_hint": self.lti_message_hint,
            "client_id": self.client_id,
            "lti_deployment_id": self.deployment_id,
        }
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Login:
    """A login under way: kept until the launch, and then used exactly once."""

    state: str
    nonce: str
    redirect: str


def read_initiation(parameters: Mapping[str, str], tool_origin: str) -> Initiation:
    """The announcement in a query or form; ``tool_origin`` is where launches may lead."""
    for name in ("iss", "login_hint", "target_link_uri"):
        if not parameters.get(name):
            raise LaunchRefused("login-incomplete", STEP_1, f"{name} is missing")
    if not same_origin(parameters["target_link_uri"], tool_origin):
        raise LaunchRefused("target-elsewhere", STEP_1, "target_link_uri is not on this server")
    return Initiation(
        issuer=parameters["iss"],
        login_hint=parameters["login_hint"],
        target_link_uri=parameters["target_link_uri"],
        lti_message_hint=parameters.get("lti_message_hint"),
        client_id=parameters.get("client_id") or None,
        deployment_id=parameters.get("lti_deployment_id") or None,
        storage_target=parameters.get("lti_storage_target") or None,
    )


def begin(initiation: Initiation, platform: Platform, redirect_uri: str) -> Login:
    """A fresh state and nonce, and the authentication request (Security §5.1.1.2)."""
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": platform.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "nonce": nonce,
        "login_hint": initiation.login_hint,
    }
    if initiation.lti_message_hint is not None:
        query["lti_message_hint"] = initiation.lti_message_hint
    joint = "&" if urlsplit(platform.authorization_endpoint).query else "?"
    return Login(state, nonce, platform.authorization_endpoint + joint + urlencode(query))


def same_origin(url: str, expected_origin: str) -> bool:
    """Whether ``url`` is an absolute address of that origin; what cannot be read is not."""
    try:
        return origin(url) == expected_origin
    except ValueError:
        return False
