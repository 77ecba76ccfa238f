"""What must be rejected is rejected, under the name of its rule; what must be accepted is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from grader.lti.claims import DL, LTI, Launch, Platform
from grader.lti.errors import LaunchRefused
from grader.lti.http import Answer, Http
from grader.lti.keys import PlatformKeys, generate_key, key_set
from grader.lti.launch import LEEWAY, MAX_AGE, MAX_LIFE, validate

NOW = 1_800_000_000
ORIGIN = "https://grader.example.ac.jp"
KEY, OTHER = generate_key(), generate_key()
PLATFORM = Platform(
    "https://lms.example.ac.jp", "client-1", "https://lms/auth", "https://lms/token", "https://jwks"
)
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


class KeysAt(Http):
    """Answers every GET with the key set of ``KEY``."""

    def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        return Answer(200, {}, json.dumps(key_set([KEY])).encode())


def good() -> dict[str, Any]:
    return {
        "iss": PLATFORM.issuer,
        "aud": PLATFORM.client_id,
        "sub": "user-9",
        "iat": NOW - 1,
        "exp": NOW + 59,
        "nonce": "n-1",
        "name": "Zoë O'Neil-Smith",
        "email": "zoe@example.ac.jp",
        LTI + "message_type": "LtiResourceLinkRequest",
        LTI + "version": "1.3.0",
        LTI + "deployment_id": "1",
        LTI + "target_link_uri": f"{ORIGIN}/lti/launch",
        LTI + "resource_link": {"id": "42", "title": "Assignment 4"},
        LTI + "roles": [MEMBERSHIP + "Learner"],
        LTI + "context": {"id": "7", "label": "NN", "title": "Neural networks"},
        LTI + "custom": {"assignment": "assignment4", "number": "$User.username"},
    }


KEYS = PlatformKeys(KeysAt())


def check(token: str, now: float = NOW) -> Launch:
    return validate(token, PLATFORM, KEYS, nonce="n-1", tool_origin=ORIGIN, now=now)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in good().items() if key != name}


def test_a_good_launch_is_read() -> None:
    launch = check(KEY.sign(good()))
    assert launch.role == "student"
    assert (launch.subject, launch.deployment_id, launch.resource_link_id) == ("user-9", "1", "42")
    assert launch.custom == {"assignment": "assignment4"}  # the variable was not expanded


REJECTED: list[tuple[str, dict[str, Any]]] = [
    ("version", without(LTI + "version")),
    ("version", good() | {LTI + "version": "1.1.0"}),
    ("message-type", without(LTI + "message_type")),
    ("message-type", good() | {LTI + "message_type": "LtiSubmissionReviewRequest"}),
    ("message-type", good() | {LTI + "message_type": ["LtiResourceLinkRequest"]}),
    ("roles", without(LTI + "roles")),
    ("roles", good() | {LTI + "roles": "Learner"}),
    ("roles", good() | {LTI + "roles": [7]}),
    ("deployment", without(LTI + "deployment_id")),
    ("deployment", good() | {LTI + "deployment_id": "  "}),
    ("deployment", good() | {LTI + "deployment_id": "x" * 256}),
    ("resource-link", without(LTI + "resource_link")),
    ("resource-link", good() | {LTI + "resource_link": {"title": "no id"}}),
    ("resource-link", good() | {LTI + "resource_link": {"id": ""}}),
    ("subject", without("sub")),
    ("subject", good() | {"sub": ""}),
    ("subject", good() | {"sub": "x" * 256}),
    ("no-exp", without("exp")),
    ("no-iat", without("iat")),
    ("no-exp", good() | {"exp": "tomorrow"}),
    ("no-exp", good() | {"exp": float("nan")}),
    ("no-iat", good() | {"iat": True}),
    ("expired", good() | {"iat": NOW - 200, "exp": NOW - LEEWAY - 1}),
    ("issued-ahead", good() | {"iat": NOW + LEEWAY + 1, "exp": NOW + 200}),
    ("issued-long-ago", good() | {"iat": NOW - MAX_AGE - LEEWAY - 1}),
    ("lives-too-long", good() | {"exp": NOW + 5 * 365 * 86400}),
    ("target", without(LTI + "target_link_uri")),
    ("target", good() | {LTI + "target_link_uri": "https://elsewhere.example/lti/launch"}),
    ("target", good() | {LTI + "target_link_uri": "http://grader.example.ac.jp/lti/launch"}),
    ("target", good() | {LTI + "target_link_uri": "https://grader.example.ac.jp:8443/"}),
    ("target", good() | {LTI + "target_link_uri": "//[oops"}),
    ("audience", without("aud")),
    ("audience", good() | {"aud": "client-2"}),
    ("audience", good() | {"aud": [PLATFORM.client_id, "somebody-else"]}),
    ("audience", good() | {"aud": []}),
    ("authorized-party", good() | {"azp": "client-2"}),
    ("issuer", without("iss")),
    ("issuer", good() | {"iss": PLATFORM.issuer + "/"}),
    ("nonce", without("nonce")),
    ("nonce", good() | {"nonce": "spent"}),
    ("deep-linking", good() | {LTI + "message_type": "LtiDeepLinkingRequest"}),
    (
        "deep-linking",
        good()
        | {
            LTI + "message_type": "LtiDeepLinkingRequest",
            DL + "deep_linking_settings": {
                "deep_link_return_url": "https://lms/back",
                "accept_types": ["link"],
            },
        },
    ),
]


@pytest.mark.parametrize(("code", "claims"), REJECTED)
def test_what_breaks_a_rule_is_refused_by_its_name(code: str, claims: dict[str, Any]) -> None:
    with pytest.raises(LaunchRefused) as refused:
        check(KEY.sign(claims))
    assert refused.value.code == code
    assert refused.value.section
    assert code in refused.value.text["ja"]


@pytest.mark.parametrize("name", sorted(set(good()) - {"name", "email", LTI + "context"}))
def test_no_required_claim_may_be_missing(name: str) -> None:
    if name == LTI + "custom":
        assert check(KEY.sign(without(name))).custom == {}
        return
    with pytest.raises(LaunchRefused):
        check(KEY.sign(without(name)))


def forged(header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    def part(data: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()

    body = f"{part(header)}.{part(good())}"
    return f"{body}.{base64.urlsafe_b64encode(sign(body.encode())).rstrip(b'=').decode()}"


PUBLIC_PEM = jwt.PyJWK(KEY.public_jwk()).key.public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
FORGED = [
    ("algorithm", forged({"alg": "none", "kid": KEY.kid}, lambda _: b"")),
    (
        "algorithm",  # our public key as the secret of a symmetric algorithm
        forged(
            {"alg": "HS256", "kid": KEY.kid},
            lambda body: hmac.new(PUBLIC_PEM, body, hashlib.sha256).digest(),
        ),
    ),
    ("signature", forged({"alg": "RS256", "kid": KEY.kid}, lambda _: b"x" * 256)),
    ("signature", replace(OTHER, kid=KEY.kid).sign(good())),  # another key under the same name
    ("unknown-kid", OTHER.sign(good())),
    ("no-kid", jwt.encode(good(), KEY.pem, algorithm="RS256")),
    ("no-kid", jwt.encode(good(), KEY.pem, algorithm="RS256", headers={"kid": ""})),
    ("not-a-jwt", "anything"),
    ("not-a-jwt", ""),
    ("not-a-jwt", "a.b.c"),
]


@pytest.mark.parametrize(("code", "token"), FORGED)
def test_forgeries_are_refused(code: str, token: str) -> None:
    with pytest.raises(LaunchRefused) as refused:
        check(token)
    assert refused.value.code == code


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_with_one_changed_letter_is_refused(part: int) -> None:
    parts = KEY.sign(good()).split(".")
    middle = len(parts[part]) // 2
    letter = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + letter + parts[part][middle + 1 :]
    with pytest.raises(LaunchRefused):
        check(".".join(parts))


ACCEPTED: list[tuple[dict[str, Any], str]] = [
    (good() | {LTI + "roles": [MEMBERSHIP + "Instructor", MEMBERSHIP + "Learner"]}, "teacher"),
    (good() | {LTI + "roles": ["Instructor"]}, "teacher"),
    (good() | {LTI + "roles": ["Learner"]}, "student"),
    (
        good()
        | {
            LTI + "roles": [
                "http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"
            ]
        },
        "teacher",
    ),
    (good() | {LTI + "roles": ["urn:unknown/role#Wizard"]}, "student"),
    (good() | {LTI + "roles": []}, "student"),
    (without("name"), "student"),  # e-mail only
    (without("email"), "student"),  # names only
    (without("name") | {"given_name": "太郎", "family_name": "山田"}, "student"),
    ({k: v for k, v in good().items() if k not in ("name", "email")}, "student"),
    (without(LTI + "context"), "student"),
    (good() | {"aud": [PLATFORM.client_id], "azp": PLATFORM.client_id}, "student"),
    (good() | {"iat": NOW + LEEWAY - 1, "exp": NOW + 100}, "student"),  # a clock that is ahead
    (good() | {"iat": NOW - 70, "exp": NOW - 10}, "student"),  # a clock that is behind
    (good() | {"exp": NOW + MAX_LIFE - 2}, "student"),
    (good() | {"https://example.org/unknown": {"claim": True}}, "student"),
]


@pytest.mark.parametrize(("claims", "role"), ACCEPTED)
def test_what_must_be_accepted_is(claims: dict[str, Any], role: str) -> None:
    assert check(KEY.sign(claims)).role == role


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted(good())), value=JSON)
def test_no_value_of_a_claim_causes_anything_but_a_refusal(name: str, value: Any) -> None:
    claims = json.dumps(good() | {name: value}).encode()
    token = jwt.PyJWS().encode(claims, KEY.pem, algorithm="RS256", headers={"kid": KEY.kid})
    try:
        launch = check(token)
    except LaunchRefused:
        return
    assert launch.subject
    assert launch.role == "student" or name == LTI + "roles"


@given(st.text(max_size=200))
def test_no_text_is_a_token(words: str) -> None:
    with pytest.raises(LaunchRefused):
        check(words)
