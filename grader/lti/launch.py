"""Step 3: is what the platform vouches for valid? Every rule is a function that cites its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jwt

from grader.lti.claims import (
    DEEP_LINKING,
    DL,
    LTI,
    RESOURCE_LINK,
    VERSION,
    Launch,
    Platform,
    read_launch,
)
from grader.lti.errors import LaunchRefused
from grader.lti.keys import PlatformKeys
from grader.lti.login import same_origin

LEEWAY = 60  # seconds that the clocks may differ: Moodle's tokens live for 60 s
MAX_AGE = 600  # since iat
MAX_LIFE = 86400  # from iat to exp: a token that is valid for years could be used for years
MAX_SUBJECT = 255
Claims = Mapping[str, Any]


def validate(
    token: str,
    platform: Platform,
    keys: PlatformKeys,
    *,
    nonce: str,
    tool_origin: str,
    now: float,
) -> Launch:
    """The launch in ``token``, or :class:`LaunchRefused` naming the rule that it breaks.

    ``nonce`` is that of the login whose state came with the token; the caller has consumed it.
    """
    claims = verified_claims(token, platform, keys)
    _issuer(claims, platform)
    _audience(claims, platform)
    _times(claims, now)
    _nonce(claims, nonce)
    _message(claims)
    _deployment(claims)
    _target(claims, tool_origin)
    _subject(claims)
    _roles(claims)
    return read_launch(claims, platform.client_id)


def verified_claims(token: str, platform: Platform, keys: PlatformKeys) -> dict[str, Any]:
    """The signed claims (Security §5.1.3, rules 1 and 6: RS256, by a key of the platform)."""
    header = read_header(token)
    key = keys.find(platform.jwks_uri, header["kid"])
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=["RS256"], options=_ONLY_THE_SIGNATURE
        )
    except jwt.PyJWTError as error:
        raise LaunchRefused("signature", "Security §5.1.3.1", str(error)) from error
    return claims


# The claims are checked here, rule by rule, and not by what a version of PyJWT happens to check.
_ONLY_THE_SIGNATURE: Any = {
    "verify_signature": True,
    **dict.fromkeys(
        [f"verify_{name}" for name in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")], False
    ),
}


def read_header(token: str) -> dict[str, Any]:
    """The header, for its ``kid`` only; any algorithm but RS256 is refused (Security §5.1.3.6)."""
    try:
        header: dict[str, Any] = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise LaunchRefused("not-a-jwt", "Security §5.1.2", "id_token cannot be read") from error
    if header.get("alg") != "RS256":
        raise LaunchRefused("algorithm", "Security §5.1.3.6", f"alg is {header.get('alg')!r}")
    if not isinstance(header.get("kid"), str) or not header["kid"]:
        raise LaunchRefused("no-kid", "Security §6.3", "the header has no kid")
    return header


def _issuer(claims: Claims, platform: Platform) -> None:
    """``iss`` is exactly the platform's (Security §5.1.3.2)."""
    if claims.get("iss") != platform.issuer:
        raise LaunchRefused("issuer", "Security §5.1.3.2", f"iss is {claims.get('iss')!r}")


def _audience(claims: Claims, platform: Platform) -> None:
    """We are the audience, nobody else is, and ``azp`` is us (Security §5.1.3.3 to 5.1.3.5)."""
    audience = claims.get("aud")
    listed = [audience] if isinstance(audience, str) else audience
    if not isinstance(listed, list) or platform.client_id not in listed:
        raise LaunchRefused("audience", "Security §5.1.3.3", "aud is not our client_id")
    if any(one != platform.client_id for one in listed):
        raise LaunchRefused("audience", "Security §5.1.3.3", "aud names somebody else as well")
    if claims.get("azp", platform.client_id) != platform.client_id:
        raise LaunchRefused("authorized-party", "Security §5.1.3.5", "azp is not our client_id")


def _times(claims: Claims, now: float) -> None:
    """``exp`` and ``iat`` are there and near the present (Security §5.1.3.7, 5.1.3.8)."""
    expires = _number(claims, "exp", "Security §5.1.3.7")
    issued = _number(claims, "iat", "Security §5.1.3.8")
    if now > expires + LEEWAY:
        raise LaunchRefused("expired", "Security §5.1.3.7", f"exp was {now - expires:.0f} s ago")
    if issued > now + LEEWAY:
        raise LaunchRefused("issued-ahead", "Security §5.1.3.8", "iat is in the future")
    if now - issued > MAX_AGE + LEEWAY:
        raise LaunchRefused("issued-long-ago", "Security §5.1.3.8", f"iat is {now - issued:.0f} s")
    if expires - issued > MAX_LIFE:
        raise LaunchRefused("lives-too-long", "Security §5.1.3.7", f"for {expires - issued:.0f} s")


def _number(claims: Claims, name: str, section: str) -> float:
    value = claims.get(name)
    finite = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53
    if not finite:
        raise LaunchRefused(f"no-{name}", section, f"{name} is {value!r}"[:80])
    return float(value)  # type: ignore[arg-type]


def _nonce(claims: Claims, expected: str) -> None:
    """The nonce is the one of this login (Security §5.1.3.9); a spent one belongs to another."""
    if claims.get("nonce") != expected:
        raise LaunchRefused("nonce", "Security §5.1.3.9", "the nonce is not of this login")


def _message(claims: Claims) -> None:
    """Type and version (Core §5.3.1, §5.3.2), and what the type asks for (Core §5.3.5, DL §4.4)."""
    version, kind = claims.get(LTI + "version"), claims.get(LTI + "message_type")
    if version != VERSION:
        raise LaunchRefused("version", "Core §5.3.2", f"version is {version!r}")
    demand = _DEMANDS.get(kind) if isinstance(kind, str) else None
    if demand is None:
        raise LaunchRefused("message-type", "Core §5.3.1", f"message_type is {kind!r}"[:80])
    demand(claims)


def _resource_link(claims: Claims) -> None:
    """``resource_link.id`` (Core §5.3.5)."""
    link = claims.get(LTI + "resource_link")
    if not isinstance(link, dict) or not _is_word(link.get("id")):
        raise LaunchRefused("resource-link", "Core §5.3.5", "resource_link.id is missing")


def _deep_linking_settings(claims: Claims) -> None:
    """``deep_link_return_url`` and what it accepts (DL §4.4.1)."""
    settings = claims.get(DL + "deep_linking_settings")
    if not isinstance(settings, dict) or not _is_word(settings.get("deep_link_return_url")):
        raise LaunchRefused("deep-linking", "DL §4.4.1", "deep_link_return_url is missing")
    if "ltiResourceLink" not in (settings.get("accept_types") or ()):
        raise LaunchRefused("deep-linking", "DL §4.4.1", "it accepts no ltiResourceLink")


_DEMANDS: dict[str, Callable[[Claims], None]] = {
    RESOURCE_LINK: _resource_link,
    DEEP_LINKING: _deep_linking_settings,
}


def _deployment(claims: Claims) -> None:
    """``deployment_id`` (Core §5.3.3): at most 255 characters."""
    deployment = claims.get(LTI + "deployment_id")
    if not _is_word(deployment) or len(str(deployment)) > MAX_SUBJECT:
        raise LaunchRefused("deployment", "Core §5.3.3", "deployment_id is missing or too long")


def _target(claims: Claims, tool_origin: str) -> None:
    """``target_link_uri`` (Core §5.3.4) is an address of this server, or we would be a relay."""
    target = claims.get(LTI + "target_link_uri")
    if not isinstance(target, str) or not same_origin(target, tool_origin):
        raise LaunchRefused("target", "Core §5.3.4", "target_link_uri is missing or elsewhere")


def _subject(claims: Claims) -> None:
    """``sub`` (Core §5.3.6): nobody is let in without a name, not even a made-up one."""
    subject = claims.get("sub")
    if not _is_word(subject) or len(str(subject)) > MAX_SUBJECT:
        raise LaunchRefused("subject", "Core §5.3.6", "sub is missing or too long")


def _roles(claims: Claims) -> None:
    """``roles`` (Core §5.3.7): the list must be there, and may be empty."""
    roles = claims.get(LTI + "roles")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise LaunchRefused("roles", "Core §5.3.7", "roles is not a list of words")


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
