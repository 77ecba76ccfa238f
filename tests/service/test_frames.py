"""Who may show which page in a frame: the registered platforms, and those of LTI sessions only."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "alembic", "python_multipart")

from grader.service import frames, operating
from grader.service.settings import Settings, WrongAddress
from grader.store import Store, open_store
from lti_browser import fields, launch
from lti_platform import MEMBERSHIP, LtiPlatform, Person, running_platform
from web_service import Service

NOBODY = "'none'"


def ancestors(answer: httpx.Response) -> str:
    directives = answer.headers["content-security-policy"].split("; ")
    (found,) = [d for d in directives if d.startswith("frame-ancestors ")]
    return found.partition(" ")[2]


def register(service: Service, platform: LtiPlatform) -> httpx.Response:
    query = {
        "openid_configuration": f"{platform.origin}/.well-known/openid-configuration",
        "registration_token": platform.registration_token,
    }
    address = f"/lti/register/{operating.registration_link(service.store)}"
    return service.client().get(address, params=query)


def test_local_accounts_are_shown_in_no_frame(service: Service) -> None:
    anybody = service.client()
    secret = operating.add_course(service.store, "Local", "assignment4")
    joined = anybody.post("/join", data={"secret": secret})
    assert joined.status_code == 303
    page = anybody.get("/", follow_redirects=True)
    assert page.status_code == 200
    for answer in (service.client().get("/join"), joined, page):
        assert ancestors(answer) == NOBODY


def test_a_platform_shows_its_own_people(service: Service) -> None:
    with running_platform("moodle") as platform:
        platform.add(Person("t-9", "先生", [MEMBERSHIP + "Instructor"]))
        registered = register(service, platform)
        assert registered.status_code == 200
        assert platform.origin in ancestors(registered).split()
        teacher = service.client()
        launched = launch(teacher, platform, "t-9", "deep-link")
        page = teacher.get("/lti/pick")
        assert fields(page.text)["csrf"]
        ended = service.client().get("/lti/pick")
        assert ended.status_code == 401
        for answer in (launched, page, ended):
            allowed = ancestors(answer).split()
            assert platform.origin in allowed
            assert NOBODY not in allowed
            assert "*" not in allowed
            assert "https://evil.example" not in allowed
        local = service.roles["student"].client.get("/", follow_redirects=True)
        assert ancestors(local) == NOBODY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "grader.db", tmp_path / "files")


def add(store: Store, issuer: str, authorization: str) -> None:
    rest = {"token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/jwks"}
    operating.add_platform(
        store, issuer=issuer, client_id="1", authorization_endpoint=authorization, **rest
    )


def test_without_platforms_nobody(store: Store) -> None:
    assert frames.platforms(store) == NOBODY
    store.close()


def test_origins_and_nothing_else(store: Store) -> None:
    add(store, "https://moodle.example.ac.jp/path", "https://moodle.example.ac.jp/auth.php?a=1")
    found = frames.platforms(store, ["https://lms.example:8443"])
    assert found == "https://lms.example:8443 https://moodle.example.ac.jp"
    add(store, "https://x.example; script-src *", "https://evilinstructure.com/a")
    found = frames.platforms(store)
    assert found == "https://evilinstructure.com https://moodle.example.ac.jp"
    store.close()


def test_canvas_in_the_cloud_has_a_host_for_each_institution(store: Store) -> None:
    add(store, "https://canvas.instructure.com", "https://sso.canvaslms.com/authorize")
    found = frames.platforms(store).split()
    assert "https://*.instructure.com" in found
    assert "https://sso.canvaslms.com" in found
    store.close()


@pytest.mark.parametrize("address", ["*", "https://a.example/path", "canvas", "https://a.b; x"])
def test_a_further_origin_must_be_one(address: str) -> None:
    with pytest.raises(WrongAddress, match="origin"):
        Settings("http://localhost:8000", "x", framed_by=(address,))
