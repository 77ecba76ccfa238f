"""The JSON addresses, called as their description allows and as it forbids (schemathesis)."""

from __future__ import annotations

import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "schemathesis")

import schemathesis
from hypothesis import settings

from grader.service.openapi import description
from grader.service.routes import ENTRIES
from web_service import Service

pytestmark = pytest.mark.slow

EXAMPLES = 25
schema = schemathesis.openapi.from_dict(description("http://localhost"))


@pytest.fixture(scope="module")
def filled(service: Service) -> Service:
    """A course with attempts that are graded, waiting, and somebody else's."""
    for name in ("student", "other student", "foreign student"):
        service.submission(service.roles[name])
    service.submission(service.roles["student"], "y = 2\n", graded=False)
    return service


@pytest.mark.parametrize("role", ["teacher", "student", "foreign teacher"])
@schema.parametrize()
@settings(max_examples=EXAMPLES)
def test_every_answer_is_as_described(case: schemathesis.Case, filled: Service, role: str) -> None:
    token = {"Authorization": f"Bearer {filled.roles[role].token}"}
    case.call_and_validate(base_url=filled.settings.origin, headers=token)


@schema.parametrize()
@settings(max_examples=5)
def test_without_a_token_nobody_is_answered(case: schemathesis.Case, filled: Service) -> None:
    answer = case.call(base_url=filled.settings.origin)
    case.validate_response(answer)
    assert answer.status_code in (401, 405)


def test_the_description_has_every_address() -> None:
    listed = {entry.path for entry in ENTRIES if entry.path.startswith("/api/")}
    assert listed == {*description("")["paths"], "/api/openapi.json"}
