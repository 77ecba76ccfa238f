"""Key sets: kept, read again once for an unknown key, and not as often as a stranger likes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from grader.lti.errors import LaunchRefused, PlatformUnreachable
from grader.lti.http import Answer, Http
from grader.lti.keys import (
    FRESH_SECONDS,
    REFETCHES_PER_MINUTE,
    PlatformKeys,
    ToolKey,
    generate_key,
    key_set,
    usable_keys,
)
from lti_platform import LtiPlatform


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Server(Http):
    """A key set whose keys, and whose health, a test changes."""

    def __init__(self, keys: list[ToolKey]) -> None:
        self.keys, self.requests, self.up = keys, 0, True

    def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        self.requests += 1
        return Answer(200 if self.up else 503, {}, json.dumps(key_set(self.keys)).encode())


FIRST, SECOND = generate_key(), generate_key()
Setting = tuple[Server, Clock, Callable[[str], object]]


@pytest.fixture
def setting() -> Setting:
    server, clock = Server([FIRST]), Clock()
    keys = PlatformKeys(server, clock)
    return server, clock, lambda kid: keys.find("https://lms/jwks", kid)


def test_a_key_set_is_read_once(setting: Setting) -> None:
    server, _, find = setting
    assert find(FIRST.kid) is find(FIRST.kid)
    assert server.requests == 1


def test_a_rotated_key_is_found_at_once(setting: Setting) -> None:
    server, _, find = setting
    find(FIRST.kid)
    server.keys = [SECOND, FIRST]
    find(SECOND.kid)
    assert server.requests == 2


def test_a_withdrawn_key_is_trusted_no_longer_than_the_cache(setting: Setting) -> None:
    server, clock, find = setting
    find(FIRST.kid)
    server.keys = [SECOND]
    clock.now += FRESH_SECONDS + 1
    with pytest.raises(LaunchRefused):
        find(FIRST.kid)


def test_invented_keys_cause_few_requests(setting: Setting) -> None:
    server, clock, find = setting
    for number in range(50):
        with pytest.raises(LaunchRefused):
            find(f"invented-{number}")
    assert server.requests <= 1 + REFETCHES_PER_MINUTE
    clock.now += 61
    server.keys = [SECOND]
    find(SECOND.kid)


def test_the_old_set_serves_while_the_platform_is_down(setting: Setting) -> None:
    server, clock, find = setting
    find(FIRST.kid)
    server.up = False
    clock.now += FRESH_SECONDS + 1
    find(FIRST.kid)


def test_without_any_set_a_platform_that_is_down_is_said_so(setting: Setting) -> None:
    server, _, find = setting
    server.up = False
    with pytest.raises(PlatformUnreachable):
        find(FIRST.kid)


def test_only_long_rsa_keys_for_signing_are_used() -> None:
    good = FIRST.public_jwk()
    bad = [
        {**good, "kid": "1", "use": "enc"},
        {**good, "kid": "2", "alg": "RS512"},
        {**good, "kid": "3", "kty": "oct", "k": "c2VjcmV0"},
        {**good, "kid": "4", "n": "AQAB"},
        {k: v for k, v in good.items() if k != "kid"},
        "not an object",
    ]
    assert set(usable_keys({"keys": [*bad, good]})) == {FIRST.kid}


@pytest.mark.parametrize("document", [None, [], {}, {"keys": 3}, "keys"])
def test_what_is_no_key_set_is_said_so(document: object) -> None:
    with pytest.raises(PlatformUnreachable):
        usable_keys(document)


def test_our_key_set_tells_nothing_private() -> None:
    listed = key_set([FIRST, SECOND])["keys"]
    assert [key["kid"] for key in listed] == [FIRST.kid, SECOND.kid]
    assert all(set(key) == {"kty", "n", "e", "kid", "alg", "use"} for key in listed)


def test_over_the_network(platform: LtiPlatform, http: Http) -> None:
    keys = PlatformKeys(http)
    keys.find(f"{platform.origin}/jwks", platform.key.kid)
    keys.find(f"{platform.origin}/jwks", platform.key.kid)
    assert platform.jwks_requests == 1


@pytest.mark.parametrize("url", ["http://lms.example/jwks", "ftp://127.0.0.1/x", "jwks"])
def test_nothing_is_asked_for_without_tls(http: Http, url: str) -> None:
    with pytest.raises(PlatformUnreachable, match="did not answer"):
        http.get(url)
