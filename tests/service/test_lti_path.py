"""The whole path without a browser: register, deep-link, launch, hand in, score delivered."""

from __future__ import annotations

import httpx
import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy")

from grader.lti.http import Http
from grader.service import operating
from grader.service.delivery import Delivery
from lti_browser import fields, launch
from lti_platform import MEMBERSHIP, Person, running_platform
from web_service import Service


@pytest.mark.parametrize("behaviour", ["moodle", "canvas"])
def test_from_registration_to_the_gradebook(service: Service, behaviour: str) -> None:
    with running_platform(behaviour) as platform:
        platform.add(Person("t-1", "先生", [MEMBERSHIP + "Instructor"]))
        platform.add(Person("s-1", "山田 太郎", number="26A001"))
        address = f"/lti/register/{operating.registration_link(service.store)}"
        query = {
            "openid_configuration": f"{platform.origin}/.well-known/openid-configuration",
            "registration_token": platform.registration_token,
        }
        anybody = service.client()
        assert anybody.get(address, params=query).status_code == 200
        assert anybody.get(address, params=query).status_code == 404  # once only

        teacher = service.client()
        assert launch(teacher, platform, "t-1", "deep-link").headers["location"] == "/lti/pick"
        csrf = fields(teacher.get("/lti/pick").text)["csrf"]
        picked = teacher.post("/lti/pick", data={"csrf": csrf, "assignment": "assignment4"})
        token = fields(picked.text)["JWT"]
        httpx.post(f"{platform.origin}/deep-link-return", data={"JWT": token}, verify=False)
        assert platform.links["link-1"]["custom"] == {"assignment": "assignment4"}

        student = service.client()
        there = launch(student, platform, "s-1", "link-1").headers["location"]
        sent = fields(student.get(there).text)
        handed_in = student.post(there, data={**sent, "pasted": "import numpy as np\n"})
        assert handed_in.status_code == 303
        service.grade()
        http = Http(insecure=True)
        delivery = Delivery(service.store, http)
        delivery.sweep()
        while delivery.send_due():
            pass
        http.close()
        assert platform.grade("s-1") == 0.75
        assert student.get(handed_in.headers["location"]).status_code == 200

        stranger = service.client()  # another browser with somebody's token and state
        begun = service.client().get("/lti/login", params=platform.initiation("s-1", "link-1"))
        stolen = fields(httpx.get(begun.headers["location"], verify=False).text)
        refused = stranger.post("/lti/launch", data=stolen)
        assert refused.status_code == 200
        assert "/lti/login?" in refused.text  # a window of its own, and nobody is in
        assert stranger.get("/").status_code == 401
