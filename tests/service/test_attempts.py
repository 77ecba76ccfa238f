"""What the page of an assignment says about the attempt that counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

import needs

needs.need("starlette", "uvicorn", "httpx", "jwt", "sqlalchemy", "alembic", "python_multipart")

from grader.assignment import Assignment
from grader.policy import Attempts
from grader.service.context import Context
from web_service import Service

LAST, BEST = "The newest attempt that was graded counts.", "The best attempt counts."


@pytest.mark.parametrize(
    ("rules", "said", "unsaid"),
    [
        (None, [LAST], [BEST, "You may hand in"]),
        (Attempts(), [BEST], [LAST, "You may hand in"]),
        (Attempts(limit=3, counts="last"), [LAST, "You may hand in 3 times."], [BEST]),
    ],
)
def test_the_page_says_which_attempt_counts(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    rules: Attempts | None,
    said: list[str],
    unsaid: list[str],
) -> None:
    known = Context.assignment

    def with_rules(context: Context, slug: str) -> Assignment:
        return replace(known(context, slug), attempts=rules)

    monkeypatch.setattr(Context, "assignment", with_rules)
    student = service.roles["student"]
    service.submission(student)
    page = student.client.get(f"/assignment/{service.assignment(student.course_id)}?lang=en").text
    for words in said:
        assert words in page
    for words in unsaid:
        assert words not in page
