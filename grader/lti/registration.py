"""Dynamic registration: the platform's administrator pastes one address, the rest is this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from grader.lti.claims import DEEP_LINKING, RESOURCE_LINK, SCOPES, Platform
from grader.lti.errors import PlatformUnreachable, RegistrationFailed
from grader.lti.http import Http, origin

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
CLAIMS = ["iss", "sub", "name", "given_name", "family_name", "email"]
ADDRESSES = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "registration_endpoint",
)


@dataclass(frozen=True)
class Tool:
    """Our own addresses, and the name that teachers see."""

    name: str
    origin: str
    login: str
    launch: str
    jwks: str


@dataclass(frozen=True)
class Registered:
    """What came of it. Without a ``deployment_id`` the first launch tells it."""

    platform: Platform
    deployment_id: str | None
    product: str


def register(http: Http, tool: Tool, configuration_url: str, token: str | None) -> Registered:
    """Read the platform's configuration, introduce ourselves, and keep its answer (DR §3.3-3.6)."""
    try:
        configuration = read_configuration(http, configuration_url)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = http.post_json(
            configuration["registration_endpoint"],
            request(tool, configuration),
            "application/json",
            headers,
        )
        data = answer.json() if answer.ok else None
    except PlatformUnreachable as error:
        raise RegistrationFailed(error.detail) from error
    if not isinstance(data, dict) or not isinstance(data.get("client_id"), str):
        raise RegistrationFailed(f"registration was answered {answer.status} without a client_id")
    return _registered(configuration, data)


def read_configuration(http: Http, url: str) -> dict[str, Any]:
    """The OpenID configuration (DR §3.4); it must belong to the server it came from (DR §3.5.1)."""
    answer = http.get(url, {"Accept": "application/json"})
    data = answer.json() if answer.ok else None
    if not isinstance(data, dict):
        raise RegistrationFailed(f"the OpenID configuration was answered {answer.status}")
    for name in ("issuer", *ADDRESSES):
        if not isinstance(data.get(name), str):
            raise RegistrationFailed(f"the OpenID configuration lacks {name}")
    if urlsplit(data["issuer"]).hostname != urlsplit(url).hostname:
        raise RegistrationFailed("the issuer is not the server of the OpenID configuration")
    if origin(data["registration_endpoint"]) != origin(url):
        raise RegistrationFailed("the registration address is on another server")
    return data


def request(tool: Tool, configuration: dict[str, Any]) -> dict[str, Any]:
    """Who we are and what we ask for (DR §3.5.2); only the scopes that the platform offers."""
    offered = configuration.get("scopes_supported")
    scopes = [s for s in SCOPES if not isinstance(offered, list) or s in offered]
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.login,
        "redirect_uris": [tool.launch],
        "client_name": tool.name,
        "jwks_uri": tool.jwks,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scopes),
        TOOL: {
            "domain": urlsplit(tool.origin).netloc,
            "target_link_uri": tool.launch,
            "custom_parameters": {},
            "claims": CLAIMS,
            "messages": [
                {"type": RESOURCE_LINK, "target_link_uri": tool.launch, "label": tool.name},
                {"type": DEEP_LINKING, "target_link_uri": tool.launch, "label": tool.name},
            ],
        },
    }


def _registered(configuration: dict[str, Any], answer: dict[str, Any]) -> Registered:
    platform = Platform(
        issuer=configuration["issuer"],
        client_id=answer["client_id"],
        authorization_endpoint=configuration["authorization_endpoint"],
        token_endpoint=configuration["token_endpoint"],
        jwks_uri=configuration["jwks_uri"],
        authorization_server=configuration.get("authorization_server"),
    )
    ours, theirs = answer.get(TOOL), configuration.get(PLATFORM)
    deployment = ours.get("deployment_id") if isinstance(ours, dict) else None
    family = theirs.get("product_family_code") if isinstance(theirs, dict) else None
    return Registered(platform, str(deployment) if deployment else None, str(family or ""))
