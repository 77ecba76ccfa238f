"""What a browser does between a platform and us, without one."""

from __future__ import annotations

import html
import re

import httpx

from lti_platform import LtiPlatform

FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')


def fields(page: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in FIELD.findall(page)}


def launch(client: httpx.Client, platform: LtiPlatform, who: str, link: str) -> httpx.Response:
    started = client.get("/lti/login", params=platform.initiation(who, link))
    assert started.status_code == 302
    vouched = httpx.get(started.headers["location"], verify=False)
    sent = fields(vouched.text)
    answer = client.post("/lti/launch", data=sent)
    assert client.post("/lti/launch", data=sent).status_code == 400  # spent
    return answer
