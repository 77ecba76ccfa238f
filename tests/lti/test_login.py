"""The first two steps: what the platform announces, and where the browser is sent."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from grader.lti.claims import Platform
from grader.lti.errors import LaunchRefused
from grader.lti.http import origin
from grader.lti.login import begin, read_initiation, same_origin

ORIGIN = "https://grader.example"
PARAMETERS = {
    "iss": "https://lms.example",
    "login_hint": "h+i n/t=&",
    "target_link_uri": f"{ORIGIN}/lti/launch",
    "lti_message_hint": "%7Bmessage",
    "client_id": "c",
    "lti_deployment_id": "1",
    "lti_storage_target": "_parent",
}


def test_the_authentication_request_is_exactly_what_moodle_wants() -> None:
    platform = Platform("https://lms.example", "c", "https://lms.example/auth?a=1", "t", "j")
    login = begin(read_initiation(PARAMETERS, ORIGIN), platform, f"{ORIGIN}/lti/launch")
    query = parse_qs(urlsplit(login.redirect).query, strict_parsing=True)
    assert query == {
        "a": ["1"],
        "scope": ["openid"],
        "response_type": ["id_token"],
        "response_mode": ["form_post"],
        "prompt": ["none"],
        "client_id": ["c"],
        "redirect_uri": [f"{ORIGIN}/lti/launch"],
        "login_hint": ["h+i n/t=&"],  # verbatim
        "lti_message_hint": ["%7Bmessage"],
        "state": [login.state],
        "nonce": [login.nonce],
    }


def test_without_a_hint_none_is_sent_and_every_login_is_its_own() -> None:
    platform = Platform("https://lms.example", "c", "https://lms.example/auth", "t", "j")
    parameters = {k: v for k, v in PARAMETERS.items() if k != "lti_message_hint"}
    logins = [begin(read_initiation(parameters, ORIGIN), platform, "r") for _ in range(20)]
    assert all("lti_message_hint" not in login.redirect for login in logins)
    assert len({login.state for login in logins} | {login.nonce for login in logins}) == 40


@pytest.mark.parametrize("name", ["iss", "login_hint", "target_link_uri"])
def test_an_incomplete_announcement_is_refused(name: str) -> None:
    for parameters in (PARAMETERS | {name: ""}, {k: v for k, v in PARAMETERS.items() if k != name}):
        with pytest.raises(LaunchRefused):
            read_initiation(parameters, ORIGIN)


def test_it_cannot_send_browsers_elsewhere() -> None:
    with pytest.raises(LaunchRefused) as refused:
        read_initiation(PARAMETERS | {"target_link_uri": "https://evil.example/"}, ORIGIN)
    assert refused.value.code == "target-elsewhere"


def test_starting_over_says_the_same_again() -> None:
    again = read_initiation(PARAMETERS, ORIGIN).parameters()
    assert again == {k: v for k, v in PARAMETERS.items() if k != "lti_storage_target"}


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://grader.example/x", True),
        ("https://grader.example:443/x", True),
        ("https://GRADER.example/x", True),
        ("https://grader.example.evil/x", False),
        ("https://grader.example@evil/x", False),
        ("https://grader.example:99999/x", False),
        ("http://grader.example/x", False),
        ("/relative", False),
        ("javascript:alert(1)", False),
    ],
)
def test_origins(url: str, same: bool) -> None:
    assert same_origin(url, ORIGIN) is same


def test_an_ipv6_origin() -> None:
    assert origin("http://[::1]:8000/x") == "http://[::1]:8000"
