from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.lti.http import Http
from lti_platform import LtiPlatform, Person, running_platform


@pytest.fixture(params=["moodle", "canvas"])
def platform(request: pytest.FixtureRequest) -> Iterator[LtiPlatform]:
    with running_platform(request.param) as platform:
        platform.add(Person("s-1", "山田 太郎", number="24A001"))
        yield platform


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(insecure=True)
    yield http
    http.close()
